//! The body of a Rekor entry, as far as it ties the entry to a signed document.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::json::{Document, Object};
use stella_attest_model::{Digest, DigestAlgorithm, Limits, LogEntry};
use stella_vocabulary::{Code, base64, hex, pem};

use crate::log_error::{EntryMismatch, EntryPart, LogError};

/// The body of an entry. Whether a log holds it is [`LogSet`](crate::LogSet)'s question.
#[derive(Clone, Debug)]
pub struct EntryBody {
    kind: EntryKind,
    pub(super) content: BodyContent,
    pub(super) signatures: Vec<BodySignature>,
}

/// Kinds of entries that are understood, each with its version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EntryKind {
    /// `dsse` 0.0.1 of Rekor v1.
    DsseV001,
    /// `dsse` 0.0.2 of Rekor v2.
    DsseV002,
    /// `hashedrekord` 0.0.1 of Rekor v1.
    HashedRekordV001,
    /// `hashedrekord` 0.0.2 of Rekor v2.
    HashedRekordV002,
    /// `intoto` 0.0.1 of Rekor v1.
    IntotoV001,
    /// `intoto` 0.0.2 of Rekor v1.
    IntotoV002,
}

#[derive(Clone, Debug)]
pub(super) enum BodyContent {
    /// The digest of the JSON text in which the envelope was sent to the log.
    EnvelopeText { envelope: Digest, payload: Option<Digest> },
    /// The digest of the payload of an envelope.
    Payload { payload: Digest, payload_type: Option<String> },
    /// The digest of the very bytes that were signed.
    SignedBytes(Digest),
}

#[derive(Clone, Debug)]
pub(super) struct BodySignature {
    /// `intoto` 0.0.1 has no signature beside the key.
    pub(super) signature: Option<Vec<u8>>,
    pub(super) verifier: BodyVerifier,
}

#[derive(Clone, Debug)]
pub(super) enum BodyVerifier {
    Certificate(Vec<u8>),
    PublicKey(Vec<u8>),
}

impl EntryBody {
    /// Reads the canonicalized body of `entry`.
    ///
    /// # Errors
    /// [`LogError::KindUnsupported`] for a kind or version that is not one of [`EntryKind`]; [`LogError::EntryMismatch`] when kind and
    /// version beside the body are not those inside; [`LogError::BodyNotJson`] and [`LogError::BodyMalformed`] for a body of
    /// another shape.
    pub fn parse(entry: &LogEntry) -> Result<Self, LogError> {
        let document =
            Document::parse(entry.canonicalized_body(), &Limits::default()).map_err(LogError::BodyNotJson)?;
        let root = document.root().as_object().map_err(LogError::BodyNotJson)?;
        let unsupported = Code::TlogKindUnsupported;
        let kind =
            root.required("kind", unsupported).and_then(|value| value.as_str()).map_err(LogError::BodyNotJson)?;
        let version =
            root.required("apiVersion", unsupported).and_then(|value| value.as_str()).map_err(LogError::BodyNotJson)?;
        if (kind, version) != (entry.kind(), entry.version()) {
            return Err(LogError::EntryMismatch(EntryMismatch {
                part: EntryPart::Kind,
                expected: [entry.kind(), entry.version()].join(" "),
                found: [kind, version].join(" "),
            }));
        }
        let spec = object(root, "spec")?;
        match (kind, version) {
            ("dsse", "0.0.1") => dsse_v001(spec),
            ("dsse", "0.0.2") => dsse_v002(object(spec, "dsseV002")?),
            ("hashedrekord", "0.0.1") => hashedrekord_v001(spec),
            ("hashedrekord", "0.0.2") => hashedrekord_v002(object(spec, "hashedRekordV002")?),
            ("intoto", "0.0.1") => intoto_v001(spec),
            ("intoto", "0.0.2") => intoto_v002(spec),
            _ => Err(LogError::KindUnsupported { kind: kind.to_string(), version: version.to_string() }),
        }
    }

    /// The kind and version.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        self.kind
    }
}

fn dsse_v001(spec: Object<'_, '_>) -> Result<EntryBody, LogError> {
    let content = BodyContent::Payload { payload: hash(object(spec, "payloadHash")?)?, payload_type: None };
    let signatures = array(spec, "signatures", |signature| {
        Ok(BodySignature {
            signature: Some(bytes(signature, "signature")?),
            verifier: pem_verifier(&bytes(signature, "verifier")?)?,
        })
    })?;
    Ok(EntryBody { kind: EntryKind::DsseV001, content, signatures })
}

fn dsse_v002(spec: Object<'_, '_>) -> Result<EntryBody, LogError> {
    let content = BodyContent::Payload { payload: hash_v002(object(spec, "payloadHash")?)?, payload_type: None };
    let signatures = array(spec, "signatures", signature_v002)?;
    Ok(EntryBody { kind: EntryKind::DsseV002, content, signatures })
}

fn hashedrekord_v001(spec: Object<'_, '_>) -> Result<EntryBody, LogError> {
    let content = BodyContent::SignedBytes(hash(object(object(spec, "data")?, "hash")?)?);
    let signature = object(spec, "signature")?;
    let key = bytes(object(signature, "publicKey")?, "content")?;
    let signature = BodySignature { signature: Some(bytes(signature, "content")?), verifier: pem_verifier(&key)? };
    Ok(EntryBody { kind: EntryKind::HashedRekordV001, content, signatures: alloc::vec![signature] })
}

fn hashedrekord_v002(spec: Object<'_, '_>) -> Result<EntryBody, LogError> {
    let content = BodyContent::SignedBytes(hash_v002(object(spec, "data")?)?);
    let signature = signature_v002(object(spec, "signature")?)?;
    Ok(EntryBody { kind: EntryKind::HashedRekordV002, content, signatures: alloc::vec![signature] })
}

fn intoto_v001(spec: Object<'_, '_>) -> Result<EntryBody, LogError> {
    let body = object(spec, "content")?;
    let payload = match body.optional("payloadHash") {
        None => None,
        Some(value) => Some(hash(value.as_object().map_err(LogError::BodyNotJson)?)?),
    };
    let content = BodyContent::EnvelopeText { envelope: hash(object(body, "hash")?)?, payload };
    let verifier = pem_verifier(&bytes(spec, "publicKey")?)?;
    let signatures = alloc::vec![BodySignature { signature: None, verifier }];
    Ok(EntryBody { kind: EntryKind::IntotoV001, content, signatures })
}

fn intoto_v002(spec: Object<'_, '_>) -> Result<EntryBody, LogError> {
    let body = object(spec, "content")?;
    let envelope = object(body, "envelope")?;
    let content = BodyContent::Payload {
        payload: hash(object(body, "payloadHash")?)?,
        payload_type: Some(text(envelope, "payloadType")?.to_string()),
    };
    let signatures = array(envelope, "signatures", |signature| {
        // The log base64-encodes the envelope's member `sig`, which is base64 already.
        let once = bytes(signature, "sig")?;
        let twice = core::str::from_utf8(&once).ok().and_then(|text| base64::decode(text).ok());
        let verifier = pem_verifier(&bytes(signature, "publicKey")?)?;
        Ok(BodySignature { signature: Some(twice.unwrap_or(once)), verifier })
    })?;
    Ok(EntryBody { kind: EntryKind::IntotoV002, content, signatures })
}

/// `{content, verifier}` of Rekor v2, the verifier one of `{x509Certificate}` and `{publicKey}`, both `{rawBytes}`.
fn signature_v002(signature: Object<'_, '_>) -> Result<BodySignature, LogError> {
    let verifier = object(signature, "verifier")?;
    let verifier = match (verifier.optional("x509Certificate"), verifier.optional("publicKey")) {
        (Some(_), None) => BodyVerifier::Certificate(bytes(object(verifier, "x509Certificate")?, "rawBytes")?),
        (None, Some(_)) => BodyVerifier::PublicKey(bytes(object(verifier, "publicKey")?, "rawBytes")?),
        _ => return Err(LogError::BodyMalformed { member: "verifier" }),
    };
    Ok(BodySignature { signature: Some(bytes(signature, "content")?), verifier })
}

/// `{algorithm, value}` of Rekor v1, the value in hex.
fn hash(hash: Object<'_, '_>) -> Result<Digest, LogError> {
    let algorithm = DigestAlgorithm::from_name(text(hash, "algorithm")?);
    let value = hex::decode(text(hash, "value")?);
    let digest = algorithm.zip(value).and_then(|(algorithm, value)| Digest::from_bytes(algorithm, &value).ok());
    digest.ok_or(LogError::BodyMalformed { member: "hash" })
}

/// `{algorithm, digest}` of Rekor v2, the digest in base64.
fn hash_v002(hash: Object<'_, '_>) -> Result<Digest, LogError> {
    let malformed = LogError::BodyMalformed { member: "digest" };
    let algorithm = match text(hash, "algorithm")? {
        "SHA2_256" => DigestAlgorithm::Sha256,
        "SHA2_384" => DigestAlgorithm::Sha384,
        "SHA2_512" => DigestAlgorithm::Sha512,
        _ => return Err(malformed),
    };
    Digest::from_bytes(algorithm, &bytes(hash, "digest")?).map_err(|_| malformed)
}

/// A certificate or a public key in PEM; of a chain the first, which is the leaf.
fn pem_verifier(text: &[u8]) -> Result<BodyVerifier, LogError> {
    let malformed = LogError::BodyMalformed { member: "public key" };
    let Ok(blocks) = pem::parse_all(text, &["CERTIFICATE", "PUBLIC KEY"]) else { return Err(malformed) };
    let Some(block) = blocks.into_iter().next() else { return Err(malformed) };
    Ok(match block.label() {
        "CERTIFICATE" => BodyVerifier::Certificate(block.into_der()),
        _ => BodyVerifier::PublicKey(block.into_der()),
    })
}

fn object<'d, 'a>(parent: Object<'d, 'a>, name: &'static str) -> Result<Object<'d, 'a>, LogError> {
    let value = parent.required(name, Code::TlogEntryMismatch).map_err(LogError::BodyNotJson)?;
    value.as_object().map_err(LogError::BodyNotJson)
}

fn text<'d>(parent: Object<'d, '_>, name: &'static str) -> Result<&'d str, LogError> {
    let value = parent.required(name, Code::TlogEntryMismatch).map_err(LogError::BodyNotJson)?;
    value.as_str().map_err(LogError::BodyNotJson)
}

fn bytes(parent: Object<'_, '_>, name: &'static str) -> Result<Vec<u8>, LogError> {
    base64::decode(text(parent, name)?).map_err(|_| LogError::BodyMalformed { member: name })
}

/// A list of at least one and at most [`Limits::signatures`] objects.
fn array(
    parent: Object<'_, '_>,
    name: &'static str,
    read: impl Fn(Object<'_, '_>) -> Result<BodySignature, LogError>,
) -> Result<Vec<BodySignature>, LogError> {
    let value = parent.required(name, Code::TlogEntryMismatch).map_err(LogError::BodyNotJson)?;
    let list = value.as_array().map_err(LogError::BodyNotJson)?;
    if list.is_empty() || list.len() > Limits::default().signatures {
        return Err(LogError::BodyMalformed { member: name });
    }
    list.iter().map(|value| read(value.as_object().map_err(LogError::BodyNotJson)?)).collect()
}
