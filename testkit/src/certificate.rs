//! X.509 version 3 certificates, right by default and breakable at every joint.

use stella_vocabulary::{UnixTime, pem};

use crate::{der, key::TestKey, oid};

/// `Name` with an organisation and a common name, both `UTF8String`.
pub fn name(common_name: &str) -> Vec<u8> {
    let attribute =
        |oid: &str, text: &str| der::set_of([der::sequence([der::object_identifier(oid), der::utf8_string(text)])]);
    der::sequence([
        attribute(oid::ORGANIZATION, "stella TEST KEY, never trust"),
        attribute(oid::COMMON_NAME, common_name),
    ])
}

/// The empty `Name`, which Fulcio gives its leaves.
pub fn empty_name() -> Vec<u8> {
    der::sequence::<&[u8]>([])
}

/// One extension: identifier, criticality, and the DER inside its `OCTET STRING`.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Dotted object identifier.
    pub oid: String,
    /// Whether a verifier that does not know it must refuse the certificate.
    pub critical: bool,
    /// Contents of the `OCTET STRING`; need not be DER.
    pub value: Vec<u8>,
}

impl Extension {
    /// An extension a verifier has to understand.
    pub fn critical(oid: &str, value: Vec<u8>) -> Self {
        Self { oid: oid.to_owned(), critical: true, value }
    }

    /// An extension a verifier may pass over.
    pub fn plain(oid: &str, value: Vec<u8>) -> Self {
        Self { oid: oid.to_owned(), critical: false, value }
    }

    /// Critical basic constraints of an authority, with or without a path length.
    pub fn authority(path_length: Option<u64>) -> Self {
        let mut parts = vec![der::boolean(true)];
        parts.extend(path_length.map(der::integer));
        Self::critical(oid::BASIC_CONSTRAINTS, der::sequence(parts))
    }

    /// Critical key usage of an authority: keyCertSign and cRLSign.
    pub fn authority_key_usage() -> Self {
        Self::critical(oid::KEY_USAGE, der::named_bits(&[0b0000_0110], 1))
    }

    /// Critical key usage of a signer: digitalSignature.
    pub fn signer_key_usage() -> Self {
        Self::critical(oid::KEY_USAGE, der::named_bits(&[0b1000_0000], 7))
    }

    /// Extended key usage, not critical.
    pub fn extended_key_usage(usages: &[&str]) -> Self {
        Self::plain(oid::EXTENDED_KEY_USAGE, der::sequence(usages.iter().map(|usage| der::object_identifier(usage))))
    }

    /// Subject alternative names, not critical; give `critical_subject_alt_names` for an empty subject.
    pub fn subject_alt_names(names: &[SubjectAltName]) -> Self {
        Self::plain(oid::SUBJECT_ALT_NAME, der::sequence(names.iter().map(SubjectAltName::to_der)))
    }

    /// Subject alternative names, critical as RFC 5280 §4.2.1.6 asks where the subject is empty.
    pub fn critical_subject_alt_names(names: &[SubjectAltName]) -> Self {
        Self { critical: true, ..Self::subject_alt_names(names) }
    }

    /// Subject key identifier.
    pub fn subject_key_identifier(key: &TestKey) -> Self {
        Self::plain(oid::SUBJECT_KEY_IDENTIFIER, der::octet_string(&key.key_identifier()))
    }

    /// Authority key identifier with the identifier of the issuer's key.
    pub fn authority_key_identifier(key: &TestKey) -> Self {
        Self::plain(oid::AUTHORITY_KEY_IDENTIFIER, der::sequence([der::context_primitive(0, &key.key_identifier())]))
    }

    fn to_der(&self) -> Vec<u8> {
        let mut parts = vec![der::object_identifier(&self.oid)];
        if self.critical {
            parts.push(der::boolean(true));
        }
        parts.push(der::octet_string(&self.value));
        der::sequence(parts)
    }
}

/// One `GeneralName`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SubjectAltName {
    /// `dNSName`.
    Dns(String),
    /// `rfc822Name`.
    Email(String),
    /// `uniformResourceIdentifier`.
    Uri(String),
    /// `otherName` of Fulcio's user-name type.
    Username(String),
}

impl SubjectAltName {
    fn to_der(&self) -> Vec<u8> {
        match self {
            Self::Dns(text) => der::context_primitive(2, text.as_bytes()),
            Self::Email(text) => der::context_primitive(1, text.as_bytes()),
            Self::Uri(text) => der::context_primitive(6, text.as_bytes()),
            Self::Username(text) => der::context(
                0,
                [der::object_identifier(oid::FULCIO_USERNAME), der::context(0, [der::utf8_string(text)])],
            ),
        }
    }
}

/// A certificate before its signature. Every part is public and raw: a test that wants one of them wrong writes it wrong.
#[derive(Clone, Debug)]
pub struct CertificateBuilder {
    /// `version`, numbered as in DER: 2 is version 3. `None` leaves it out, which means version 1.
    pub version: Option<u64>,
    /// `serialNumber`, a whole DER element.
    pub serial: Vec<u8>,
    /// `issuer`, a whole DER element.
    pub issuer: Vec<u8>,
    /// `notBefore`, a whole DER element.
    pub not_before: Vec<u8>,
    /// `notAfter`, a whole DER element.
    pub not_after: Vec<u8>,
    /// `subject`, a whole DER element.
    pub subject: Vec<u8>,
    /// `subjectPublicKeyInfo`, a whole DER element.
    pub spki: Vec<u8>,
    /// Extensions in the order they are written; none leaves the field out.
    pub extensions: Vec<Extension>,
    /// DER between `subjectPublicKeyInfo` and `extensions`: unique identifiers belong here.
    pub after_spki: Vec<u8>,
    /// Replaces the whole `[3]` element of the extensions.
    pub raw_extensions: Option<Vec<u8>>,
    /// Replaces the `AlgorithmIdentifier` inside `tbsCertificate`.
    pub raw_inner_algorithm: Option<Vec<u8>>,
    /// Replaces the `AlgorithmIdentifier` beside the signature.
    pub raw_outer_algorithm: Option<Vec<u8>>,
    /// Replaces the signature: the contents of the `BIT STRING`.
    pub raw_signature: Option<Vec<u8>>,
    /// DER appended inside the outermost `SEQUENCE`.
    pub trailing: Vec<u8>,
}

impl CertificateBuilder {
    /// A certificate for `key` with the issuer equal to the subject, serial 1, and no extension.
    ///
    /// `from` and `until` are `notBefore` and `notAfter`, both inclusive.
    pub fn new(subject: Vec<u8>, key: &TestKey, from: UnixTime, until: UnixTime) -> Self {
        Self {
            version: Some(2),
            serial: der::integer(1),
            issuer: subject.clone(),
            not_before: der::time(from),
            not_after: der::time(until),
            subject,
            spki: key.spki().to_vec(),
            extensions: Vec::new(),
            after_spki: Vec::new(),
            raw_extensions: None,
            raw_inner_algorithm: None,
            raw_outer_algorithm: None,
            raw_signature: None,
            trailing: Vec::new(),
        }
    }

    /// Adds an extension, or replaces the one of the same identifier in its place.
    #[must_use]
    pub fn extension(mut self, extension: Extension) -> Self {
        match self.extensions.iter_mut().find(|present| present.oid == extension.oid) {
            Some(present) => *present = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    /// Takes an extension out.
    #[must_use]
    pub fn without_extension(mut self, oid: &str) -> Self {
        self.extensions.retain(|extension| extension.oid != oid);
        self
    }

    /// Sets `issuer`, a whole DER `Name`.
    #[must_use]
    pub fn issuer(mut self, name: Vec<u8>) -> Self {
        self.issuer = name;
        self
    }

    /// Sets `serialNumber`.
    #[must_use]
    pub fn serial(mut self, number: u64) -> Self {
        self.serial = der::integer(number);
        self
    }

    /// Sets `notBefore` and `notAfter`.
    #[must_use]
    pub fn validity(mut self, from: UnixTime, until: UnixTime) -> Self {
        self.not_before = der::time(from);
        self.not_after = der::time(until);
        self
    }

    /// `tbsCertificate` as `issuer` would sign it.
    pub fn tbs(&self, issuer: &TestKey) -> Vec<u8> {
        let mut parts = Vec::new();
        parts.extend(self.version.map(|version| der::context(0, [der::integer(version)])));
        parts.push(self.serial.clone());
        parts.push(self.raw_inner_algorithm.clone().unwrap_or_else(|| issuer.signature_algorithm()));
        parts.push(self.issuer.clone());
        parts.push(der::sequence([&self.not_before, &self.not_after]));
        parts.push(self.subject.clone());
        parts.push(self.spki.clone());
        parts.push(self.after_spki.clone());
        match &self.raw_extensions {
            Some(raw) => parts.push(raw.clone()),
            None if self.extensions.is_empty() => {}
            None => parts.push(der::context(3, [der::sequence(self.extensions.iter().map(Extension::to_der))])),
        }
        der::sequence(parts)
    }

    /// The certificate, signed by `issuer`: DER.
    pub fn sign(&self, issuer: &TestKey) -> Vec<u8> {
        let tbs = self.tbs(issuer);
        let signature = self.raw_signature.clone().unwrap_or_else(|| issuer.sign(&tbs));
        der::sequence([
            tbs,
            self.raw_outer_algorithm.clone().unwrap_or_else(|| issuer.signature_algorithm()),
            der::bit_string(&signature),
            self.trailing.clone(),
        ])
    }
}

/// `CERTIFICATE` PEM.
pub fn to_pem(der: &[u8]) -> String {
    pem::encode("CERTIFICATE", der)
}
