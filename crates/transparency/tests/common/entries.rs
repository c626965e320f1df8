//! Bundles of the test data, their entries, and the logs that hold them.

use serde_json::Value;
use stella_attest_model::{Attestation, Digest, LogEntry};
use stella_crypto_providers::{PublicKey, Registry, Scheme};
use stella_transparency::rekor::{EntryBody, EntryKind, Signed, SignedContent, Verifier};
use stella_transparency::{EntryMismatch, EntryPart, Log, LogError, LogSet};
use stella_vocabulary::{Code, Reason, UnixTime, Window, base64};

use super::{json, testdata};

pub const V1: &str = "happy-path-v0.3";
pub const V2: &str = "rekor2-checkpoint-multiple-cosigs";

pub fn bundle(name: &str) -> Value {
    json(&format!("entries/{name}.json"))
}

/// A bundle with one member of its log entry changed.
pub fn with(name: &str, change: impl FnOnce(&mut Value)) -> Attestation {
    let mut bundle = bundle(name);
    change(&mut bundle["verificationMaterial"]["tlogEntries"][0]);
    read(&bundle)
}

pub fn read(bundle: &Value) -> Attestation {
    Attestation::from_json(bundle.to_string().as_bytes()).unwrap()
}

pub fn entry(attestation: &Attestation) -> &LogEntry {
    &attestation.log_entries()[0]
}

/// The trusted logs, each in the window that `window` makes of the published one.
pub fn logs(window: impl Fn(Window) -> Window) -> Vec<Log> {
    let time = |value: &Value| value.as_str().map(|text| UnixTime::parse_rfc3339(text).unwrap());
    let bytes = |value: &Value| base64::decode(value.as_str().unwrap()).unwrap();
    let log = |log: &Value| {
        let key = PublicKey::from_spki_der(&bytes(&log["publicKey"]["rawBytes"])).unwrap();
        let valid = &log["publicKey"]["validFor"];
        let valid = Window::closed(time(&valid["start"]), time(&valid["end"]));
        let url = log["baseUrl"].as_str().unwrap();
        let (_, host) = url.split_once("://").unwrap();
        let scheme = Scheme::for_key(&key);
        Log::new(url.into(), bytes(&log["logId"]["keyId"]), key, scheme, window(valid)).with_origin(host.into())
    };
    json("entries/logs.json").as_array().unwrap().iter().map(log).collect()
}

pub fn trusted() -> LogSet {
    LogSet::new(&Registry::rustcrypto(), logs(|window| window))
}

pub fn promise(attestation: &Attestation) -> Option<Code> {
    trusted().verify_promise(entry(attestation)).err().map(|error| error.code())
}

pub fn inclusion(attestation: &Attestation) -> Option<Code> {
    trusted().verify_inclusion(entry(attestation)).err().map(|error| error.code())
}

pub fn managed_key() -> PublicKey {
    PublicKey::from_pem(&testdata("entries/managed-key.pub")).unwrap()
}

/// Binds the entry to the rest of its own bundle.
pub fn bind(attestation: &Attestation) -> Result<EntryKind, LogError> {
    bind_to(attestation, attestation)
}

pub fn bind_to(entry_of: &Attestation, document: &Attestation) -> Result<EntryKind, LogError> {
    let key = managed_key();
    let verifier = match document.certificates().first() {
        Some(certificate) => Verifier::Certificate(certificate),
        None => Verifier::PublicKey(&key),
    };
    let digests = [Digest::sha256(&testdata("entries/a.txt"))];
    let content = match (document.envelope(), document.message_signature()) {
        (Some(envelope), _) => SignedContent::Envelope(envelope),
        (None, Some(message)) => SignedContent::Message { digests: &digests, signature: message.signature() },
        _ => panic!("no content"),
    };
    let body = EntryBody::parse(entry(entry_of))?;
    body.bind(&Signed { content, verifier }).map(|()| body.kind())
}

pub fn part(error: LogError) -> EntryPart {
    match error {
        LogError::EntryMismatch(EntryMismatch { part, .. }) => part,
        other => panic!("{other:?}"),
    }
}
