//! What the suites of envelopes and bundles share: trust, verdict, published facts, and the ways to spoil a good one.

use serde_json::Value;
use stella_attest_verify::{Artifact, Attestation, Binding, Digest, Policy, TrustSnapshot, Verifier};
use stella_trust_store::KeyEntry;
use stella_vocabulary::{Code, UnixTime, base64};

use crate::case::{Observed, Reasons};
use crate::suite::Input;

/// What to trust in one case: a trusted root, and the key of a signer who has no certificate.
///
/// # Errors
/// The refusal that bad trust material amounts to.
pub(crate) fn snapshot(trusted_root: &[u8], key: Option<KeyEntry>) -> Result<TrustSnapshot, Observed> {
    let mut builder = TrustSnapshot::builder().trusted_root(trusted_root).map_err(|error| Observed::refused(&error))?;
    if let Some(key) = key {
        builder = builder.key_with(key);
    }
    builder.build().map_err(|error| Observed::refused(&error))
}

/// Reads `document` and verifies it, as an embedder would.
pub(crate) fn verify(
    input: &Input<'_>,
    trust: &TrustSnapshot,
    policy: &Policy,
    document: &[u8],
    binding: impl Into<Binding>,
    at: UnixTime,
) -> Observed {
    let attestation = match Attestation::from_json(document) {
        Ok(attestation) => attestation,
        Err(error) => return Observed::refused(&error),
    };
    let report = Verifier::new(input.registry, trust, policy.clone()).verify(&attestation, binding, at);
    match report.into_verified() {
        Ok(_) => Observed::Accepted,
        Err(refusal) => Observed::Refused(refusal.code(), refusal.to_string()),
    }
}

/// Facts that anybody can read off a bundle or envelope: its form, content, predicate type, log entries and number of time-stamps.
pub(crate) fn facts(document: &[u8]) -> Vec<String> {
    let Ok(document) = serde_json::from_slice::<Value>(document) else { return Vec::new() };
    let mut facts = Vec::new();
    if let Some(media_type) = document["mediaType"].as_str() {
        facts.push(format!("media-type:{media_type}"));
    }
    let contents = [("messageSignature", "message"), ("dsseEnvelope", "dsse"), ("payloadType", "dsse")];
    facts.extend(
        contents.iter().filter(|(name, _)| document.get(name).is_some()).map(|(_, kind)| format!("content:{kind}")),
    );
    if let Some(statement) = unverified_statement(&document) {
        let predicate_type = statement["predicateType"].as_str().unwrap_or_default();
        facts.push(format!("predicate-type:{}", if predicate_type.is_empty() { "none" } else { predicate_type }));
    }
    let material = &document["verificationMaterial"];
    for entry in material["tlogEntries"].as_array().into_iter().flatten() {
        let kind = |name: &str| entry["kindVersion"][name].as_str().unwrap_or_default().to_owned();
        facts.push(format!("entry:{}:{}", kind("kind"), kind("version")));
    }
    let timestamps =
        material["timestampVerificationData"]["rfc3161Timestamps"].as_array().map_or(&[][..], Vec::as_slice);
    facts.push(format!("timestamps:{}", timestamps.len()));
    let broken =
        |timestamp: &Value| timestamp["signedTimestamp"].as_str().is_some_and(|text| text.contains(['\n', '\r']));
    if timestamps.iter().any(broken) {
        facts.push("base64:line-breaks".to_owned());
    }
    facts
}

/// The digests of the first subject of an envelope, with or without a bundle around it, standing for an artifact that is not at hand.
pub(crate) fn first_subject(document: &[u8]) -> Option<Artifact> {
    let statement = unverified_statement(&serde_json::from_slice(document).ok()?)?;
    let digests = statement["subject"][0]["digest"].as_object()?;
    let known =
        digests.iter().filter_map(|(algorithm, hex)| format!("{algorithm}:{}", hex.as_str()?).parse::<Digest>().ok());
    Artifact::from_digests(known).ok()
}

/// The payload of an envelope, with or without a bundle around it.
fn unverified_statement(document: &Value) -> Option<Value> {
    let envelope = document.get("dsseEnvelope").unwrap_or(document);
    let payload = base64::decode(envelope["payload"].as_str()?).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// The codes that fit an attestation held against another artifact.
pub(crate) fn other_artifact_reasons() -> Reasons {
    Reasons::OneOf(vec![
        Code::BundleMessageDigestMismatch,
        Code::DsseSignatureInvalid,
        Code::IntotoSubjectMismatch,
        Code::SigInvalid,
    ])
}

/// The codes that fit a signature which is not one over this content.
pub(crate) fn other_content_reasons() -> Reasons {
    Reasons::OneOf(vec![Code::DsseSignatureInvalid, Code::SigInvalid])
}

/// The same text with its last character replaced by another one.
pub(crate) fn with_other_character(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let last = characters.pop();
    characters.push(if last == Some('x') { 'y' } else { 'x' });
    characters.into_iter().collect()
}

/// A part of an envelope or bundle that its signature covers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// Of an envelope.
    Payload,
    /// Of an envelope.
    PayloadType,
    /// The first one of an envelope, or that of a message.
    Signature,
}

/// The same document with one bit of `part` changed; `None` if it has no such part.
pub(crate) fn spoiled(document: &[u8], part: Part) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(document).ok()?;
    let place = match part {
        Part::Payload => &["/dsseEnvelope/payload", "/payload"][..],
        Part::PayloadType => &["/dsseEnvelope/payloadType", "/payloadType"],
        Part::Signature => &["/dsseEnvelope/signatures/0/sig", "/signatures/0/sig", "/messageSignature/signature"],
    };
    let place = place.iter().find(|place| document.pointer(place).is_some())?;
    let value = document.pointer_mut(place)?;
    let text = value.as_str()?;
    let changed = if let Part::PayloadType = part {
        with_other_character(text)
    } else {
        let mut bytes = base64::decode(text).ok()?;
        // The last byte is free of structure: end of a text, low bits of a number.
        *bytes.last_mut()? ^= 1;
        base64::encode(&bytes)
    };
    *value = Value::String(changed);
    serde_json::to_vec(&document).ok()
}

#[cfg(test)]
mod tests {
    use super::{Part, facts, first_subject, spoiled, with_other_character};

    const ENVELOPE: &str = r#"{"payloadType":"t","payload":"e30=","signatures":[{"sig":"AAAA"}]}"#;

    #[test]
    fn one_part_is_changed_and_the_others_stay() {
        for (part, expected) in [
            (Part::Payload, ENVELOPE.replace("e30=", "e3w=")),
            (Part::PayloadType, ENVELOPE.replace("\"t\"", "\"x\"")),
            (Part::Signature, ENVELOPE.replace("AAAA", "AAAB")),
        ] {
            let changed: serde_json::Value =
                serde_json::from_slice(&spoiled(ENVELOPE.as_bytes(), part).unwrap()).unwrap();
            assert_eq!(changed, serde_json::from_str::<serde_json::Value>(&expected).unwrap(), "{part:?}");
        }
    }

    #[test]
    fn another_character_is_never_the_same_one() {
        assert_eq!((with_other_character("ab").as_str(), with_other_character("ax").as_str()), ("ax", "ay"));
    }

    #[test]
    fn a_document_that_is_none_has_no_facts_and_no_subject() {
        assert!(facts(b"{").is_empty());
        assert!(first_subject(b"{}").is_none());
    }
}
