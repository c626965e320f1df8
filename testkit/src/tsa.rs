//! An RFC 3161 time-stamp authority: tokens as CMS signed data.

use sha2::{Digest as _, Sha256};
use stella_vocabulary::UnixTime;

use crate::{authority::Authority, certificate::CertificateBuilder, der, key::TestKey, oid};

const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// A fake time-stamp authority: a root, and a signer whose certificate serves for time stamping alone.
pub struct TimestampAuthority {
    root: Authority,
    key: TestKey,
    certificate: Vec<u8>,
    serial: Vec<u8>,
}

/// Whether a token carries the certificate of its signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// As a request with `certReq` gets it.
    Embedded,
    /// The verifier has to know the certificate.
    Omitted,
}

/// A token before it is made. Every part can be set wrong.
#[derive(Clone, Debug)]
pub struct Token {
    /// `genTime`.
    pub at: UnixTime,
    /// `messageImprint`: SHA-256.
    pub imprint: [u8; 32],
    /// `serialNumber`.
    pub serial: u64,
    /// `policy`, dotted.
    pub policy: String,
    /// `nonce`; `None` leaves it out.
    pub nonce: Option<u64>,
    /// Whether the signer's certificate is inside.
    pub certificates: Certificates,
    /// Further certificates inside, DER.
    pub luggage: Vec<Vec<u8>>,
    /// Replaces the value of the message-digest attribute.
    pub raw_message_digest: Option<Vec<u8>>,
    /// Replaces the hash in the signing-certificate attribute.
    pub raw_certificate_hash: Option<[u8; 32]>,
    /// Replaces the signature.
    pub raw_signature: Option<Vec<u8>>,
}

impl Token {
    /// A token over `message`, made at `at`.
    pub fn new(message: &[u8], at: UnixTime) -> Self {
        Self {
            at,
            imprint: Sha256::digest(message).into(),
            serial: 7,
            policy: "1.3.6.1.4.1.57264.2".to_owned(),
            nonce: None,
            certificates: Certificates::Embedded,
            luggage: Vec::new(),
            raw_message_digest: None,
            raw_certificate_hash: None,
            raw_signature: None,
        }
    }

    fn tst_info(&self) -> Vec<u8> {
        let mut parts = vec![
            der::integer(1),
            der::object_identifier(&self.policy),
            der::sequence([sha256_identifier(), der::octet_string(&self.imprint)]),
            der::integer(self.serial),
            der::generalized_time(self.at),
        ];
        parts.extend(self.nonce.map(der::integer));
        der::sequence(parts)
    }
}

impl TimestampAuthority {
    /// The authority called `label`: a P-384 root, a P-256 signer.
    pub fn new(label: &str) -> Self {
        Self::issued_by(Authority::root(&format!("{label} root")), label, |builder| builder)
    }

    /// The authority called `label` whose signer is certified by `issuer`, after `edit` has changed the certificate.
    pub fn issued_by(
        issuer: Authority,
        label: &str,
        edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
    ) -> Self {
        let key = TestKey::p256(&format!("{label} signer"));
        let builder = edit(issuer.time_stamping_leaf(&key));
        let serial = builder.serial.clone();
        let certificate = builder.sign(issuer.key());
        Self { root: issuer, key, certificate, serial }
    }

    /// The authority's root, or whoever else certifies its signer.
    pub fn root(&self) -> &Authority {
        &self.root
    }

    /// The signer's key.
    pub fn key(&self) -> &TestKey {
        &self.key
    }

    /// The signer's certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Signer, then root: DER.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        vec![self.certificate.clone(), self.root.certificate().to_vec()]
    }

    /// A granted `TimeStampResp` around the token: DER, what a bundle carries.
    pub fn respond(&self, token: &Token) -> Vec<u8> {
        der::sequence([der::sequence([der::integer(0)]), self.token(token)])
    }

    /// The bare token, a CMS `ContentInfo`: DER.
    pub fn token(&self, token: &Token) -> Vec<u8> {
        let content = token.tst_info();
        let encapsulated =
            der::sequence([der::object_identifier(TST_INFO), der::context(0, [der::octet_string(&content)])]);
        let mut parts = vec![der::integer(3), der::set_of([sha256_identifier()]), encapsulated];
        let own = (token.certificates == Certificates::Embedded).then_some(&self.certificate);
        let mut certificates: Vec<&Vec<u8>> = own.into_iter().chain(&token.luggage).collect();
        certificates.sort();
        if !certificates.is_empty() {
            parts.push(der::context(0, certificates));
        }
        parts.push(der::set_of([self.signer_info(token, &content)]));
        der::sequence([der::object_identifier(SIGNED_DATA), der::context(0, [der::sequence(parts)])])
    }

    fn signer_info(&self, token: &Token, content: &[u8]) -> Vec<u8> {
        let digest = token.raw_message_digest.clone().unwrap_or_else(|| Sha256::digest(content).to_vec());
        let certificate_hash = token.raw_certificate_hash.unwrap_or_else(|| Sha256::digest(&self.certificate).into());
        // RFC 5035: ESSCertIDv2 with its default hash, SHA-256, left out as DER demands.
        let signing_certificate =
            der::sequence([der::sequence([der::sequence([der::octet_string(&certificate_hash)])])]);
        let attributes = der::set_of([
            attribute(CONTENT_TYPE, &der::object_identifier(TST_INFO)),
            attribute(MESSAGE_DIGEST, &der::octet_string(&digest)),
            attribute(SIGNING_CERTIFICATE_V2, &signing_certificate),
        ]);
        let signature = token.raw_signature.clone().unwrap_or_else(|| self.key.sign(&attributes));
        der::sequence([
            der::integer(1),
            der::sequence([self.root.name().to_vec(), self.serial.clone()]),
            sha256_identifier(),
            der::retag(0xa0, &attributes),
            self.key.signature_algorithm(),
            der::octet_string(&signature),
        ])
    }
}

fn attribute(oid: &str, value: &[u8]) -> Vec<u8> {
    der::sequence([der::object_identifier(oid), der::set_of([value])])
}

fn sha256_identifier() -> Vec<u8> {
    der::algorithm(oid::SHA256)
}
