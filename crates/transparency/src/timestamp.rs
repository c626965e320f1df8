//! RFC 3161 timestamp tokens.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use sha1::Sha1;
use sha2::Digest as _;
use stella_crypto_providers::{
    HashAlgorithm, KeyType, Message, PublicKey, Registry, Scheme, SignatureEncoding, VerifiedBy, VerifyingKey,
};
use stella_vocabulary::{Code, Reason, UnixTime};

use crate::asn1::{
    BOOLEAN, Cursor, DerError, Element, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, context,
};
use crate::certificate::CertificateFields;
use crate::cms::{self, EssCertId, EssHash, SignerIdentifier, SignerInfo};
use crate::timestamp_error::TimestampError;

/// Largest token that is read, in bytes; the largest of our test collections has 9 KiB.
const MAX_TOKEN_BYTES: usize = 1 << 20;
/// Content octets of 1.2.840.113549.1.1.1, rsaEncryption, which CMS allows as a signature algorithm (RFC 3370 §3.2).
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// A timestamp token, taken apart: somebody states that some hash existed at some time. RFC 3161 §2.4.2.
///
/// Parsing checks the shape. Whether the statement deserves trust takes four steps: find the signer's certificate
/// ([`signer_matches`](Self::signer_matches)), verify its chain at [`gen_time`](Self::gen_time) for time stamping, then
/// [`verify_signature`](Self::verify_signature) with it, and [`verify_imprint`](Self::verify_imprint) with the message.
#[derive(Clone, Debug)]
pub struct TimestampToken {
    /// The bytes as they came; every range below lies in them.
    der: Vec<u8>,
    content: Range<usize>,
    info: TstInfo,
    certificates: Vec<Range<usize>>,
    signer: SignerInfo,
}

#[derive(Clone, Debug)]
struct TstInfo {
    policy: String,
    hash: HashAlgorithm,
    imprint: Range<usize>,
    serial: Range<usize>,
    gen_time: UnixTime,
    nonce: Option<Range<usize>>,
}

impl TimestampToken {
    /// Parses a `TimeStampResp`, or the token in it alone (a CMS `ContentInfo`), from DER.
    ///
    /// # Errors
    /// [`TimestampError`] for anything but one granted token with one signer, the signed attributes contentType, messageDigest and
    /// signingCertificate or its second version, and a TSTInfo of version 1 whose imprint is a SHA-2 hash.
    pub fn parse(der: &[u8]) -> Result<Self, TimestampError> {
        if der.len() > MAX_TOKEN_BYTES {
            return Err(TimestampError::TooLarge { bytes: der.len() });
        }
        let document = Cursor::document(der, SEQUENCE)?;
        let content_info = match document.inside().peek() {
            Some(OID) => document,
            _ => cms::parse_response(document.inside())?,
        };
        let signed_data = cms::parse_content_info(content_info)?;
        let info = parse_tst_info(signed_data.content)?;
        Ok(Self {
            content: signed_data.content.content_range(),
            info,
            certificates: signed_data.certificates,
            signer: signed_data.signer,
            der: der.to_vec(),
        })
    }

    /// When the token was made, as its signer states, cut to the second.
    #[must_use]
    pub fn gen_time(&self) -> UnixTime {
        self.info.gen_time
    }

    /// The hash that is timestamped.
    #[must_use]
    pub fn imprint(&self) -> &[u8] {
        self.slice(&self.info.imprint)
    }

    /// The algorithm of [`imprint`](Self::imprint).
    #[must_use]
    pub fn imprint_algorithm(&self) -> HashAlgorithm {
        self.info.hash
    }

    /// The policy under which the token was made, in dotted notation.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.info.policy
    }

    /// The serial number of the token: content octets of the INTEGER.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.slice(&self.info.serial)
    }

    /// The nonce of the request: content octets of the INTEGER.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.info.nonce.as_ref().map(|range| self.slice(range))
    }

    /// Certificates that travel with the token, DER, in the order of the token. Nobody has verified them, and anybody can add some.
    #[must_use]
    pub fn embedded_certificates(&self) -> Vec<&[u8]> {
        self.certificates.iter().map(|range| self.slice(range)).collect()
    }

    /// Whether the token names a certificate with this issuer (Name DER), serial number (content octets) and subject key identifier as
    /// its signer. RFC 5652 §5.3.
    #[must_use]
    pub fn signer_matches(&self, issuer_der: &[u8], serial: &[u8], subject_key_id: Option<&[u8]>) -> bool {
        match &self.signer.identifier {
            SignerIdentifier::IssuerAndSerial(issuer, number) => {
                self.slice(issuer) == issuer_der && self.slice(number) == serial
            }
            SignerIdentifier::SubjectKeyIdentifier(identifier) => subject_key_id == Some(self.slice(identifier)),
        }
    }

    /// Compares the imprint with the hash of `message`. An imprint that is not as long as its hash is about nothing.
    ///
    /// # Errors
    /// [`TimestampError::ImprintMismatch`] when the token is about something else.
    pub fn verify_imprint(&self, message: &[u8]) -> Result<(), TimestampError> {
        let computed = self.info.hash.hash(&[message]);
        if computed.as_ref() == self.imprint() {
            Ok(())
        } else {
            Err(TimestampError::ImprintMismatch {
                hash: self.info.hash,
                expected: computed.as_ref().to_vec(),
                found: self.imprint().to_vec(),
            })
        }
    }

    /// Verifies that the holder of `signer_key` made this token, and that the token names the certificate `signer_der` as its signer's.
    ///
    /// # Errors
    /// [`TimestampError::SignerMismatch`] and [`TimestampError::SigningCertificateMismatch`] when the token names another certificate;
    /// [`TimestampError::MessageDigestMismatch`] and [`TimestampError::SignatureInvalid`] when contents or attributes are not what was
    /// signed; [`TimestampError::Scheme`], [`TimestampError::HashMismatch`] and [`TimestampError::Crypto`] for algorithms that do not
    /// fit the key or that no provider has.
    ///
    /// # Left to the caller
    /// That `signer_key` is the key in `signer_der`; that certificate's chain, its extended key usage and its validity at
    /// [`gen_time`](Self::gen_time); and [`verify_imprint`](Self::verify_imprint).
    pub fn verify_signature(
        &self,
        registry: &Registry,
        signer_der: &[u8],
        signer_key: &PublicKey,
    ) -> Result<VerifiedBy, TimestampError> {
        let scheme = self.signature_scheme(signer_key.key_type())?;
        let key = registry.prepare(scheme, signer_key).map_err(TimestampError::Crypto)?;
        self.verify_signature_prepared(signer_der, &key)
    }

    /// Verifies as [`verify_signature`](Self::verify_signature) does, with a key that was prepared for
    /// [`signature_scheme`](Self::signature_scheme) before.
    ///
    /// # Errors
    /// Those of [`verify_signature`](Self::verify_signature), and [`TimestampError::SchemeMismatch`] for a key prepared for another scheme.
    pub fn verify_signature_prepared(
        &self,
        signer_der: &[u8],
        key: &VerifyingKey,
    ) -> Result<VerifiedBy, TimestampError> {
        self.check_certificate(signer_der)?;
        let scheme = self.signature_scheme(key.scheme().key_type())?;
        if key.scheme() != scheme {
            return Err(TimestampError::SchemeMismatch { expected: scheme, found: key.scheme() });
        }
        let content_digest = self.signer.digest.hash(&[self.slice(&self.content)]);
        if content_digest.as_ref() != self.slice(&self.signer.message_digest) {
            return Err(TimestampError::MessageDigestMismatch);
        }
        // RFC 5652 §5.4: "the DER encoding of the SET OF tag is used" in place of the implicit tag.
        let attributes = self.slice(&self.signer.signed_attributes).get(1..).unwrap_or_default();
        let signature = self.slice(&self.signer.signature);
        let message: [&[u8]; 2] = [&[crate::asn1::SET], attributes];
        match key.verify_saying_how(Message::Parts(&message), signature, SignatureEncoding::Der) {
            Ok(by) => Ok(by),
            Err(error) if error.code() == Code::CryptoProviderFailed => Err(TimestampError::Provider(error)),
            Err(_) => Err(TimestampError::SignatureInvalid),
        }
    }

    /// The signer identifier and every ESSCertID must mean this certificate.
    fn check_certificate(&self, der: &[u8]) -> Result<(), TimestampError> {
        let certificate = CertificateFields::parse(der).map_err(TimestampError::SignerCertificate)?;
        if !self.signer_matches(certificate.issuer, certificate.serial, certificate.subject_key_identifier()) {
            return Err(TimestampError::SignerMismatch);
        }
        if self.signer.signing_certificates.iter().all(|named| self.names(named, der, &certificate)) {
            Ok(())
        } else {
            Err(TimestampError::SigningCertificateMismatch)
        }
    }

    fn names(&self, named: &EssCertId, der: &[u8], certificate: &CertificateFields<'_>) -> bool {
        let digest = self.slice(&named.digest);
        let same_certificate = match named.hash {
            EssHash::Sha1 => Sha1::digest(der).as_slice() == digest,
            EssHash::Sha2(hash) => hash.hash(&[der]).as_ref() == digest,
        };
        let same_issuer = named.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
            self.slice(issuer) == certificate.issuer && self.slice(serial) == certificate.serial
        });
        same_certificate && same_issuer
    }

    /// The scheme the token says it was signed with, by a key of this type.
    ///
    /// # Errors
    /// [`TimestampError::Scheme`] when the algorithm is unknown, weak, or not one of such a key; [`TimestampError::HashMismatch`] when it
    /// hashes the attributes otherwise than the content.
    pub fn signature_scheme(&self, key: KeyType) -> Result<Scheme, TimestampError> {
        let identifier = self.slice(&self.signer.signature_algorithm);
        let digest = self.signer.digest;
        let oid = Cursor::document(identifier, SEQUENCE)?.inside().expect(OID)?;
        if oid.content() == RSA_ENCRYPTION {
            // The hash is then the one of digestAlgorithm.
            let scheme = if key == KeyType::Rsa { Scheme::with_hash(key, digest) } else { None };
            return scheme.ok_or(TimestampError::SignatureInvalid);
        }
        let scheme = Scheme::from_algorithm_identifier(identifier, key).map_err(TimestampError::Scheme)?;
        match scheme.hash() {
            Some(hash) if hash != digest => Err(TimestampError::HashMismatch { content: digest, signature: hash }),
            _ => Ok(scheme),
        }
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
    }
}

/// TSTInfo of RFC 3161 §2.4.2.
fn parse_tst_info(content: Element<'_>) -> Result<TstInfo, TimestampError> {
    let mut inside = content.inside();
    let sequence = inside.expect(SEQUENCE)?;
    inside.finish()?;
    let mut fields = sequence.inside();
    let version = fields.expect(INTEGER)?.small_integer()?;
    if version != 1 {
        return Err(TimestampError::VersionUnsupported { version });
    }
    let policy = cms::dotted(fields.expect(OID)?)?;
    let mut message_imprint = fields.expect(SEQUENCE)?.inside();
    let hash = cms::parse_hash_algorithm(message_imprint.expect(SEQUENCE)?)?;
    let imprint = message_imprint.expect(OCTET_STRING)?;
    message_imprint.finish()?;
    let serial = fields.expect(INTEGER)?;
    serial.integer()?;
    let gen_time = parse_gen_time(fields.expect(GENERALIZED_TIME)?)?;
    fields.optional(SEQUENCE)?; // accuracy: no time is moved by it
    if let Some(ordering) = fields.optional(BOOLEAN)?
        && !matches!(ordering.content(), [0x00 | 0xff])
    {
        return Err(ordering.value_error().into());
    }
    let nonce = match fields.optional(INTEGER)? {
        None => None,
        Some(nonce) => {
            nonce.integer()?;
            Some(nonce.content_range())
        }
    };
    fields.optional(context(0))?; // tsa: a hint, the certificate tells
    if let Some(extensions) = fields.optional(context(1))? {
        refuse_critical(extensions)?;
    }
    fields.finish()?;
    Ok(TstInfo { policy, hash, imprint: imprint.content_range(), serial: serial.content_range(), gen_time, nonce })
}

/// No extension is understood here, so a critical one cannot be honoured.
fn refuse_critical(extensions: Element<'_>) -> Result<(), TimestampError> {
    let mut list = extensions.inside();
    while !list.is_empty() {
        let mut extension = list.expect(SEQUENCE)?.inside();
        let oid = extension.expect(OID)?;
        if let Some(critical) = extension.optional(BOOLEAN)?
            && critical.content() != [0x00]
        {
            return Err(TimestampError::ExtensionCritical { oid: cms::dotted(oid)? });
        }
        extension.expect(OCTET_STRING)?;
        extension.finish()?;
    }
    Ok(())
}

/// `YYYYMMDDhhmmss[.s…]Z`, the fraction without trailing zero. RFC 3161 §2.4.2, X.690 §11.7.
fn parse_gen_time(element: Element<'_>) -> Result<UnixTime, TimestampError> {
    parse_generalized_time(element.content()).ok_or(TimestampError::GenTimeMalformed)
}

fn parse_generalized_time(text: &[u8]) -> Option<UnixTime> {
    let (digits, rest) = text.split_at_checked(14)?;
    let fraction = rest.strip_suffix(b"Z")?;
    match fraction {
        [] => {}
        [b'.', decimals @ .., last] if decimals.iter().chain([last]).all(u8::is_ascii_digit) && *last != b'0' => {}
        _ => return None,
    }
    let number = |range: Range<usize>| {
        digits
            .get(range)?
            .iter()
            .try_fold(0_u16, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u16::from(*digit - b'0')))
    };
    let small = |range| number(range).and_then(|value| u8::try_from(value).ok());
    UnixTime::from_civil(
        i32::from(number(0..4)?),
        small(4..6)?,
        small(6..8)?,
        small(8..10)?,
        small(10..12)?,
        small(12..14)?,
    )
}

impl From<DerError> for TimestampError {
    fn from(error: DerError) -> Self {
        Self::Der(error)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn times_are_utc_with_seconds_and_perhaps_a_fraction() {
        let read = |text: &str| parse_generalized_time(text.as_bytes()).map(|time| time.to_string());
        assert_eq!(read("20250509115855Z").as_deref(), Some("2025-05-09T11:58:55Z"));
        assert_eq!(read("20250509115855.5Z").as_deref(), Some("2025-05-09T11:58:55Z"));
        assert_eq!(read("20250509115855.005Z").as_deref(), Some("2025-05-09T11:58:55Z"));
        assert_eq!(read("20240229235959Z").as_deref(), Some("2024-02-29T23:59:59Z"));
        for bad in [
            "",
            "Z",
            "20250509115855",
            "20250509115855z",
            "20250509115855.Z",
            "20250509115855.0Z",
            "20250509115855.50Z",
            "20250509115855,5Z",
            "20250509115855.5aZ",
            "20250509115855+0000",
            "202505091158Z",
            "2025050911585Z",
            "250509115855Z",
            "20250229000000Z",
            "20251301000000Z",
            "20250500000000Z",
            "20250509240000Z",
            "20250509116000Z",
            "20250509115860Z",
            "2025050911585 Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
