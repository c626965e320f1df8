//! Statements: limits hold, the parts are those that serde_json sees, and an artifact matches a subject by its digest alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stella_attest_model::{Artifact, Digest, Limits, Statement, StatementVersion, Strength};
use stella_fuzz::check_reason;
use stella_vocabulary::{Code, Reason as _, hex};

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let statement = match Statement::from_payload(data, &limits) {
        Ok(statement) => statement,
        Err(error) => return check_reason(&error),
    };
    assert!((1..=limits.subjects).contains(&statement.subjects().len()));
    for subject in statement.subjects() {
        let digests = subject.digests().len() + subject.other_digests().len();
        assert!((1..=limits.digests_per_subject).contains(&digests));
    }
    // A number beyond a double is all that serde_json may mind.
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        agree(&statement, &value);
    }
    for (index, subject) in statement.subjects().iter().enumerate() {
        for digest in subject.digests() {
            check_match(&statement, index, *digest);
        }
    }
    let error = statement.match_subject(&Artifact::from_digest(Digest::sha256(b"none of them"))).unwrap_err();
    check_reason(&error);
});

fn agree(statement: &Statement, value: &Value) {
    let kind = match statement.version() {
        StatementVersion::V01 => "https://in-toto.io/Statement/v0.1",
        _ => "https://in-toto.io/Statement/v1",
    };
    assert_eq!(value["_type"], kind);
    assert_eq!(value["predicateType"], statement.predicate_type());
    match statement.predicate_json() {
        Some(text) => assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value["predicate"]),
        None => assert!(value["predicate"].is_null()),
    }
    let subjects = value["subject"].as_array().unwrap();
    assert_eq!(subjects.len(), statement.subjects().len());
    for (subject, expected) in statement.subjects().iter().zip(subjects) {
        assert_eq!(subject.name().unwrap_or_default(), expected["name"].as_str().unwrap_or_default());
        let digests = expected["digest"].as_object().unwrap();
        assert_eq!(subject.digests().len() + subject.other_digests().len(), digests.len());
        for digest in subject.digests() {
            let text = digests[digest.algorithm().name()].as_str().unwrap();
            assert_eq!(hex::decode(text).as_deref(), Some(digest.as_bytes()));
        }
        for (name, text) in subject.other_digests() {
            assert_eq!(digests[name], **text);
        }
    }
}

fn check_match(statement: &Statement, index: usize, digest: Digest) {
    let artifact = Artifact::from_digest(digest);
    match statement.match_subject(&artifact) {
        Ok(found) => {
            assert!(found <= index, "an earlier one or this one");
            assert_eq!(statement.subjects()[found].digest(digest.algorithm()), Some(&digest));
            assert_eq!(digest.algorithm().strength(), Strength::Strong);
        }
        Err(error) => {
            check_reason(&error);
            assert_ne!(digest.algorithm().strength(), Strength::Strong, "{error}");
            assert_eq!(error.code(), Code::IntotoDigestAlgorithmWeak);
        }
    }
    // One bit less of agreement is none.
    let mut bytes = digest.as_bytes().to_vec();
    bytes[0] ^= 1;
    let other = Digest::from_bytes(digest.algorithm(), &bytes).unwrap();
    if let Ok(found) = statement.match_subject(&Artifact::from_digest(other)) {
        assert_eq!(statement.subjects()[found].digest(digest.algorithm()), Some(&other));
    }
}
