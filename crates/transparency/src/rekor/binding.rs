//! The comparison of an entry's body with what was signed.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::{Digest, DigestAlgorithm, Envelope};
use stella_crypto_providers::{HashAlgorithm, PublicKey};
use stella_vocabulary::{base64, hex};

use super::body::{BodyContent, BodySignature, BodyVerifier, EntryBody};
use crate::log_error::{EntryMismatch, EntryPart, LogError};

/// A signed document and the certificate or key that verifies it: what an entry must be about.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// What was signed.
    pub content: SignedContent<'a>,
    /// Who signed.
    pub verifier: Verifier<'a>,
}

/// What was signed, with its signatures.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SignedContent<'a> {
    /// A DSSE envelope.
    Envelope(&'a Envelope),
    /// Some bytes that are known by their digests.
    Message {
        /// Digests of the bytes, each with another algorithm.
        digests: &'a [Digest],
        /// The signature over the bytes.
        signature: &'a [u8],
    },
}

/// The certificate or key that verifies a document.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Verifier<'a> {
    /// A certificate, DER.
    Certificate(&'a [u8]),
    /// A key without certificate.
    PublicKey(&'a PublicKey),
}

impl EntryBody {
    /// Compares the entry with a signed document: digest, signature and key must all be the same.
    ///
    /// For an envelope, `dsse` and `intoto` entries must record exactly the envelope's signatures; a `hashedrekord` entry is about one of them
    /// and the digest of the pre-authentication encoding. `intoto` 0.0.1 records the hash of the JSON text that was sent to the log:
    /// it counts only if that text can be made again, which it can for envelopes written the way Go writes them.
    ///
    /// This needs no trusted log, so it is worth doing whatever a policy says about logs.
    ///
    /// # Errors
    /// [`LogError::EntryMismatch`] with the first part that differs.
    pub fn bind(&self, signed: &Signed<'_>) -> Result<(), LogError> {
        match signed.content {
            SignedContent::Envelope(envelope) => self.bind_envelope(envelope)?,
            SignedContent::Message { digests, signature } => self.bind_message(digests, signature)?,
        }
        if self.signatures.iter().any(|recorded| recorded.verifier.is(&signed.verifier)) {
            return Ok(());
        }
        let found = self.signatures.first().map(|recorded| recorded.verifier.describe()).unwrap_or_default();
        Err(mismatch(EntryPart::Key, signed.verifier.describe(), found))
    }

    fn bind_message(&self, digests: &[Digest], signature: &[u8]) -> Result<(), LogError> {
        let BodyContent::SignedBytes(recorded) = &self.content else {
            return Err(mismatch(EntryPart::Kind, "hashedrekord".to_string(), "an envelope".to_string()));
        };
        if !digests.contains(recorded) {
            let same = digests.iter().find(|digest| digest.algorithm() == recorded.algorithm());
            let expected = same.or(digests.first()).map(Digest::to_string).unwrap_or_default();
            return Err(mismatch(EntryPart::Digest, expected, recorded.to_string()));
        }
        self.compare_signatures(&[signature])
    }

    fn bind_envelope(&self, envelope: &Envelope) -> Result<(), LogError> {
        let signatures: Vec<&[u8]> = envelope.signatures().iter().map(|signature| signature.sig()).collect();
        match &self.content {
            BodyContent::EnvelopeText { envelope: recorded, payload } => {
                if let Some(payload) = payload {
                    compare_digest(payload, &[envelope.unverified_payload()])?;
                }
                // The text holds the signatures, so nothing is left to compare.
                bind_text(recorded, envelope)
            }
            BodyContent::Payload { payload, payload_type } => {
                compare_digest(payload, &[envelope.unverified_payload()])?;
                if let Some(recorded) = payload_type
                    && recorded != envelope.payload_type()
                {
                    let expected = envelope.payload_type().to_string();
                    return Err(mismatch(EntryPart::PayloadType, expected, recorded.clone()));
                }
                self.compare_signatures(&signatures)?;
                // The other way round: the entry may not leave out one of several signatures.
                self.find_all(&signatures)
            }
            BodyContent::SignedBytes(digest) => {
                compare_digest(digest, &envelope.pae().parts())?;
                self.compare_signatures(&signatures)
            }
        }
    }

    /// Every signature of the entry is one of `signatures`.
    fn compare_signatures(&self, signatures: &[&[u8]]) -> Result<(), LogError> {
        for recorded in self.signatures.iter().filter_map(|recorded| recorded.signature.as_deref()) {
            if !signatures.contains(&recorded) {
                let expected = signatures.first().map(|signature| base64::encode(signature)).unwrap_or_default();
                return Err(mismatch(EntryPart::Signature, expected, base64::encode(recorded)));
            }
        }
        Ok(())
    }

    /// Each of `signatures` is in the entry.
    fn find_all(&self, signatures: &[&[u8]]) -> Result<(), LogError> {
        let is = |recorded: &BodySignature, signature: &[u8]| recorded.signature.as_deref() == Some(signature);
        match signatures.iter().find(|signature| !self.signatures.iter().any(|recorded| is(recorded, signature))) {
            None => Ok(()),
            Some(missing) => Err(mismatch(EntryPart::Signature, base64::encode(missing), String::new())),
        }
    }
}

impl BodyVerifier {
    fn is(&self, verifier: &Verifier<'_>) -> bool {
        match (self, verifier) {
            (Self::Certificate(recorded), Verifier::Certificate(der)) => recorded == der,
            (Self::PublicKey(recorded), Verifier::PublicKey(key)) => {
                // The same key may be written in more than one way (compressed points), and only one is canonical.
                recorded == key.spki_der()
                    || PublicKey::from_spki_der(recorded).is_ok_and(|recorded| recorded.key_id() == key.key_id())
            }
            _ => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Certificate(der) => describe("certificate", der),
            Self::PublicKey(spki) => describe("key", spki),
        }
    }
}

impl Verifier<'_> {
    fn describe(&self) -> String {
        match self {
            Self::Certificate(der) => describe("certificate", der),
            Self::PublicKey(key) => describe("key", key.spki_der()),
        }
    }
}

fn describe(what: &str, der: &[u8]) -> String {
    [what, &hex::encode(HashAlgorithm::Sha256.hash(&[der]).as_ref())].join(" sha256:")
}

/// Compares a recorded digest with that of `parts`, one after the other.
fn compare_digest(recorded: &Digest, parts: &[&[u8]]) -> Result<(), LogError> {
    let hash = match recorded.algorithm() {
        DigestAlgorithm::Sha256 => HashAlgorithm::Sha256,
        DigestAlgorithm::Sha384 => HashAlgorithm::Sha384,
        DigestAlgorithm::Sha512 => HashAlgorithm::Sha512,
        _ => return Err(mismatch(EntryPart::Digest, "a SHA-2 digest".to_string(), recorded.to_string())),
    };
    let computed = hash.hash(parts);
    if computed.as_ref() == recorded.as_bytes() {
        return Ok(());
    }
    let expected = [hash.name(), &hex::encode(computed.as_ref())].join(":");
    Err(mismatch(EntryPart::Digest, expected, recorded.to_string()))
}

/// Makes the JSON text again that Go's encoder writes for an envelope, with an empty `keyid` and without one.
fn bind_text(recorded: &Digest, envelope: &Envelope) -> Result<(), LogError> {
    let mut outcome = Ok(());
    for absent in [Some(""), None] {
        let Some(text) = go_json(envelope, absent) else { continue };
        outcome = compare_digest(recorded, &[text.as_bytes()]);
        if outcome.is_ok() {
            return Ok(());
        }
    }
    // Nothing to compare with is not equality.
    outcome.and_then(|()| Err(mismatch(EntryPart::Digest, String::new(), recorded.to_string())))
}

/// `None` for text that would need escapes, which no payload type or key id in use has.
fn go_json(envelope: &Envelope, absent_keyid: Option<&str>) -> Option<String> {
    let plain = |text: &str| {
        text.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && !matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&'))
    };
    let mut text = String::new();
    let payload_type = Some(envelope.payload_type()).filter(|text| plain(text))?;
    for piece in [
        r#"{"payloadType":""#,
        payload_type,
        r#"","payload":""#,
        &base64::encode(envelope.unverified_payload()),
        r#"","signatures":["#,
    ] {
        text.push_str(piece);
    }
    for (index, signature) in envelope.signatures().iter().enumerate() {
        text.push_str(if index == 0 { "{" } else { ",{" });
        if let Some(keyid) = signature.keyid_hint().or(absent_keyid) {
            for piece in [r#""keyid":""#, Some(keyid).filter(|text| plain(text))?, r#"","#] {
                text.push_str(piece);
            }
        }
        for piece in [r#""sig":""#, &base64::encode(signature.sig()), r#""}"#] {
            text.push_str(piece);
        }
    }
    text.push_str("]}");
    Some(text)
}

fn mismatch(part: EntryPart, expected: String, found: String) -> LogError {
    LogError::EntryMismatch(EntryMismatch { part, expected, found })
}
