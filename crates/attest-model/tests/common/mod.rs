//! Documents for tests, each right in every part, to be made wrong in one.
#![allow(dead_code, reason = "each test program uses a part of this")]

use serde_json::{Value, json};
use stella_attest_model::{Attestation, DocumentError, Limits, Statement, StatementError, json as strict};
use stella_vocabulary::{Code, Reason, base64};

/// The SHA-256 of `hello`.
pub(crate) const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

pub(crate) fn statement() -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "hello", "digest": {"sha256": HELLO}}],
        "predicateType": "https://example.com/test/v1",
        "predicate": {"note": "شكرا 🎉 \u{7f}"}
    })
}

pub(crate) fn envelope() -> Value {
    json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64::encode(statement().to_string().as_bytes()),
        "signatures": [{"keyid": "key-1", "sig": base64::encode(b"signature")}]
    })
}

pub(crate) fn log_entry() -> Value {
    let hash = base64::encode(&[7; 32]);
    json!({
        "logIndex": "25", "logId": {"keyId": hash}, "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": "1700000000", "inclusionPromise": {"signedEntryTimestamp": base64::encode(b"promise")},
        "inclusionProof": {"logIndex": "25", "rootHash": hash, "treeSize": "26", "hashes": [hash, hash],
            "checkpoint": {"envelope": "log\n26\nroot\n\n— log c2ln\n"}},
        "canonicalizedBody": base64::encode(b"{}")
    })
}

pub(crate) fn bundle() -> Value {
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": base64::encode(b"der")},
            "tlogEntries": [log_entry()],
            "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": base64::encode(b"token")}]}
        },
        "dsseEnvelope": envelope()
    })
}

pub(crate) fn message_bundle() -> Value {
    let mut bundle = with(
        bundle(),
        "",
        "messageSignature",
        json!({
            "messageDigest": {"algorithm": "SHA2_256", "digest": base64::encode(&[9; 32])},
            "signature": base64::encode(b"signature")
        }),
    );
    bundle.as_object_mut().unwrap().remove("dsseEnvelope");
    bundle
}

/// An older bundle: a chain instead of one certificate.
pub(crate) fn old_bundle(version: &str) -> Value {
    let chain = json!({"certificates": [{"rawBytes": base64::encode(b"leaf")}, {"rawBytes": base64::encode(b"ca")}]});
    let media_type = format!("application/vnd.dev.sigstore.bundle+json;version={version}");
    let bundle = with(bundle(), "", "mediaType", json!(media_type));
    without(
        with(bundle, "/verificationMaterial", "x509CertificateChain", chain),
        "/verificationMaterial",
        "certificate",
    )
}

/// `document` with the member `name` of the object at `pointer` set.
pub(crate) fn with(mut document: Value, pointer: &str, name: &str, value: Value) -> Value {
    document.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert(name.into(), value);
    document
}

/// `document` with what is at `pointer` replaced.
pub(crate) fn set(mut document: Value, pointer: &str, value: Value) -> Value {
    *document.pointer_mut(pointer).unwrap() = value;
    document
}

/// `document` without the member `name` of the object at `pointer`.
pub(crate) fn without(mut document: Value, pointer: &str, name: &str) -> Value {
    document.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    document
}

pub(crate) fn read(document: &Value) -> Result<Attestation, DocumentError> {
    Attestation::from_json(document.to_string().as_bytes())
}

pub(crate) fn read_statement(document: &Value) -> Result<Statement, StatementError> {
    Statement::from_payload(document.to_string().as_bytes(), &Limits::default())
}

/// Expects `document` to be refused with `code` at `path`, and the error to be fit to be shown.
#[track_caller]
pub(crate) fn refused(document: &Value, code: Code, path: &str) {
    let error = read(document).expect_err("it is wrong");
    shown(&error, code);
    assert_eq!(error.location().expect("it is somewhere").path(), path, "{error}");
}

#[track_caller]
pub(crate) fn statement_refused(document: &Value, code: Code, path: &str) {
    let error = read_statement(document).expect_err("it is wrong");
    shown(&error, code);
    assert_eq!(error.location().expect("it is somewhere").path(), path, "{error}");
}

#[track_caller]
pub(crate) fn shown(error: &dyn Reason, code: Code) {
    assert_eq!(error.code(), code, "{error} at {:?}", error.place());
    let parts = [Some(error.to_string()), error.place(), error.found(), error.expected()];
    for part in parts.iter().flatten() {
        assert!(!part.is_empty() && part.chars().count() < 1500 && !part.chars().any(char::is_control), "{part:?}");
    }
    assert!(error.found().is_some() && error.expected().is_some(), "{error}");
}

/// Whether `value` says what another reader has read.
pub(crate) fn same(value: strict::Value<'_, '_>, oracle: &serde_json::Value) -> bool {
    use serde_json::Value as Oracle;
    match oracle {
        Oracle::Null => value.is_null(),
        Oracle::Bool(expected) => value.as_bool().as_ref() == Ok(expected),
        Oracle::Number(expected) => value.raw_text().parse::<f64>().ok() == expected.as_f64(),
        Oracle::String(expected) => value.as_str() == Ok(expected),
        Oracle::Array(expected) => {
            let Ok(array) = value.as_array() else { return false };
            array.len() == expected.len() && array.iter().zip(expected).all(|(value, expected)| same(value, expected))
        }
        Oracle::Object(expected) => {
            let Ok(object) = value.as_object() else { return false };
            let found = |name: &String| object.member(name);
            object.len() == expected.len()
                && expected.iter().all(|(name, expected)| found(name).is_some_and(|value| same(value, expected)))
        }
    }
}
