//! Certificate authorities: a key, a name, and the certificates they issue.

use stella_vocabulary::UnixTime;

use crate::{
    certificate::{CertificateBuilder, Extension, SubjectAltName, empty_name, name, to_pem},
    der,
    key::TestKey,
    oid,
};

/// First instant of every authority: 2020-01-01T00:00:00Z.
pub const AUTHORITY_FROM: UnixTime = UnixTime::from_seconds(1_577_836_800);
/// Last instant of every authority: 2060-01-01T00:00:00Z.
pub const AUTHORITY_UNTIL: UnixTime = UnixTime::from_seconds(2_840_140_800);

/// An authority of a test.
pub struct Authority {
    key: TestKey,
    name: Vec<u8>,
    certificate: Vec<u8>,
}

impl Authority {
    /// A self-signed root called `label`, on P-384 like the public ones.
    pub fn root(label: &str) -> Self {
        Self::root_with(TestKey::p384(label), |builder| builder)
    }

    /// A self-signed root with this key, after `edit` has changed its certificate.
    pub fn root_with(key: TestKey, edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Self {
        let name = name(key.label());
        let builder = edit(authority_certificate(name.clone(), &key, None));
        let certificate = builder.sign(&key);
        Self { key, name, certificate }
    }

    /// An intermediate below `self` called `label`.
    pub fn intermediate(&self, label: &str) -> Self {
        self.intermediate_with(TestKey::p384(label), |builder| builder)
    }

    /// An intermediate below `self` with this key, after `edit` has changed its certificate.
    pub fn intermediate_with(&self, key: TestKey, edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Self {
        let name = name(key.label());
        let builder = authority_certificate(name.clone(), &key, Some(0));
        let certificate = edit(self.issued(builder)).sign(&self.key);
        Self { key, name, certificate }
    }

    /// A short-lived code-signing leaf like Fulcio's: empty subject, critical name, OIDC issuer in both forms.
    pub fn fulcio_leaf(
        &self,
        key: &TestKey,
        identity: &SubjectAltName,
        oidc_issuer: &str,
        from: UnixTime,
        until: UnixTime,
    ) -> CertificateBuilder {
        let builder = CertificateBuilder::new(empty_name(), key, from, until)
            .extension(Extension::signer_key_usage())
            .extension(Extension::extended_key_usage(&[oid::CODE_SIGNING]))
            .extension(Extension::subject_key_identifier(key));
        self.issued(builder)
            .extension(Extension::critical_subject_alt_names(core::slice::from_ref(identity)))
            .extension(Extension::plain(oid::FULCIO_ISSUER_V1, oidc_issuer.as_bytes().to_vec()))
            .extension(Extension::plain(oid::FULCIO_ISSUER_V2, der::utf8_string(oidc_issuer)))
    }

    /// A long-lived code-signing leaf of a private authority, named by its subject and by `identity`.
    pub fn signer_leaf(&self, key: &TestKey, identity: &SubjectAltName) -> CertificateBuilder {
        let builder = CertificateBuilder::new(name(key.label()), key, AUTHORITY_FROM, AUTHORITY_UNTIL)
            .extension(Extension::signer_key_usage())
            .extension(Extension::extended_key_usage(&[oid::CODE_SIGNING]))
            .extension(Extension::subject_key_identifier(key))
            .extension(Extension::subject_alt_names(core::slice::from_ref(identity)));
        self.issued(builder)
    }

    /// A time-stamping leaf: critical extended key usage with that single purpose (RFC 3161 §2.3).
    pub fn time_stamping_leaf(&self, key: &TestKey) -> CertificateBuilder {
        let usage = Extension { critical: true, ..Extension::extended_key_usage(&[oid::TIME_STAMPING]) };
        let builder = CertificateBuilder::new(name(key.label()), key, AUTHORITY_FROM, AUTHORITY_UNTIL)
            .extension(Extension::signer_key_usage())
            .extension(usage)
            .extension(Extension::subject_key_identifier(key));
        self.issued(builder)
    }

    /// Names this authority as issuer and gives the certificate a serial number derived from its public key.
    pub fn issued(&self, mut builder: CertificateBuilder) -> CertificateBuilder {
        use sha2::Digest as _;
        let mut serial = sha2::Sha256::digest(&builder.spki)[..16].to_vec();
        serial[0] = serial[0] & 0x3f | 0x40;
        builder.serial = der::integer_from_bytes(&serial);
        builder.issuer(self.name.clone()).extension(Extension::authority_key_identifier(&self.key))
    }

    /// The authority's key.
    pub fn key(&self) -> &TestKey {
        &self.key
    }

    /// The authority's subject, a DER `Name`.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The authority's own certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The authority's own certificate, PEM.
    pub fn pem(&self) -> String {
        to_pem(&self.certificate)
    }
}

fn authority_certificate(name: Vec<u8>, key: &TestKey, path_length: Option<u64>) -> CertificateBuilder {
    CertificateBuilder::new(name, key, AUTHORITY_FROM, AUTHORITY_UNTIL)
        .extension(Extension::authority(path_length))
        .extension(Extension::authority_key_usage())
        .extension(Extension::subject_key_identifier(key))
}
