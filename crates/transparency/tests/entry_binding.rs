//! The binding of an entry to one signed document: every part counts.
#![allow(clippy::unwrap_used)]

mod common;

use common::entries::*;
use serde_json::{Value, json};
use stella_attest_model::{Attestation, Digest, Envelope, EnvelopeSignature};
use stella_transparency::rekor::{EntryBody, EntryKind, Signed, SignedContent, Verifier};
use stella_transparency::{EntryPart, LogError};
use stella_vocabulary::{Code, Reason, base64, hex, pem};

#[test]
fn a_genuine_entry_of_another_document_does_not_belong_to_this_one() {
    let names =
        [V1, "happy-path-v0.1", "happy-path-intoto-in-dsse-v3", "managed-key-happy-path", "rekor2-dsse-happy-path", V2];
    for first in names {
        for second in names.into_iter().filter(|second| *second != first) {
            let error = bind_to(&read(&bundle(first)), &read(&bundle(second))).unwrap_err();
            assert_eq!(error.code(), Code::TlogEntryMismatch, "{first} in {second}");
        }
    }
}

/// The bundle with its entry's body changed, as if the log had recorded that.
fn with_body(name: &str, change: impl FnOnce(&mut Value)) -> Attestation {
    with(name, |entry| {
        let body = base64::decode(entry["canonicalizedBody"].as_str().unwrap()).unwrap();
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        change(&mut body);
        entry["kindVersion"] = json!({"kind": body["kind"], "version": body["apiVersion"]});
        entry["canonicalizedBody"] = json!(base64::encode(body.to_string().as_bytes()));
    })
}

#[test]
fn kinds_and_versions_that_are_not_known_are_refused() {
    for (kind, version) in [("hashedrekord", "0.0.3"), ("rpm", "0.0.1"), ("intoto", "0.0.10"), ("dsse", "")] {
        let attestation = with_body(V1, |body| {
            body["kind"] = json!(kind);
            body["apiVersion"] = json!(version);
        });
        // An empty version may be refused by the reader of bundles already.
        assert_eq!(bind(&attestation).unwrap_err().code(), Code::TlogKindUnsupported, "{kind} {version}");
    }
    let attestation = with(V1, |entry| entry["kindVersion"]["kind"] = json!("dsse"));
    assert_eq!(part(bind(&attestation).unwrap_err()), EntryPart::Kind);
}

#[test]
fn every_part_of_a_dsse_entry_has_to_agree() {
    let name = "happy-path-intoto-in-dsse-v3";
    let differs =
        |change: &dyn Fn(&mut Value)| part(bind(&with_body(name, |body| change(&mut body["spec"]))).unwrap_err());
    assert_eq!(bind(&with_body(name, |_| {})).unwrap(), EntryKind::DsseV001);
    assert_eq!(differs(&|spec| spec["payloadHash"]["value"] = json!("0".repeat(64))), EntryPart::Digest);
    assert_eq!(differs(&|spec| spec["signatures"][0]["signature"] = json!("AAAA")), EntryPart::Signature);
    let other_key = json!(base64::encode(managed_key().to_pem().as_bytes()));
    assert_eq!(differs(&|spec| spec["signatures"][0]["verifier"] = other_key.clone()), EntryPart::Key);
    // A second signature, which the envelope does not have.
    let extra = |spec: &mut Value| {
        let mut second = spec["signatures"][0].clone();
        second["signature"] = json!("AAAA");
        spec["signatures"].as_array_mut().unwrap().push(second);
    };
    assert_eq!(differs(&extra), EntryPart::Signature);
    for malformed in [json!([]), json!(null), json!("x")] {
        let attestation = with_body(name, |body| body["spec"]["signatures"] = malformed);
        assert!(bind(&attestation).is_err());
    }
}

#[test]
fn an_entry_may_not_leave_out_one_of_several_signatures() {
    let attestation = read(&bundle("happy-path-intoto-in-dsse-v3"));
    let envelope = attestation.envelope().unwrap();
    let first = envelope.signatures()[0].sig().to_vec();
    let signatures = vec![EnvelopeSignature::new(first, None), EnvelopeSignature::new(vec![1, 2, 3], None)];
    let two =
        Envelope::new(envelope.payload_type().into(), envelope.unverified_payload().to_vec(), signatures).unwrap();
    let verifier = Verifier::Certificate(&attestation.certificates()[0]);
    let body = EntryBody::parse(entry(&attestation)).unwrap();
    let error = body.bind(&Signed { content: SignedContent::Envelope(&two), verifier }).unwrap_err();
    assert_eq!(part(error), EntryPart::Signature);
}

#[test]
fn every_part_of_an_intoto_entry_has_to_agree() {
    let name = "intoto-set-outside-signing-cert-validity_fail";
    let differs = |change: &dyn Fn(&mut Value)| {
        part(bind(&with_body(name, |body| change(&mut body["spec"]["content"]))).unwrap_err())
    };
    assert_eq!(differs(&|content| content["payloadHash"]["value"] = json!("0".repeat(64))), EntryPart::Digest);
    assert_eq!(differs(&|content| content["envelope"]["payloadType"] = json!("text/plain")), EntryPart::PayloadType);
    let other = json!(base64::encode(b"AAAA"));
    assert_eq!(differs(&|content| content["envelope"]["signatures"][0]["sig"] = other.clone()), EntryPart::Signature);
    let other_key = json!(base64::encode(managed_key().to_pem().as_bytes()));
    assert_eq!(
        differs(&|content| content["envelope"]["signatures"][0]["publicKey"] = other_key.clone()),
        EntryPart::Key
    );
}

#[test]
fn an_intoto_entry_of_the_first_version_holds_the_envelope_text_as_go_writes_it() {
    let name = "happy-path-intoto-in-dsse-v3";
    let attestation = read(&bundle(name));
    let envelope = attestation.envelope().unwrap();
    let payload = base64::encode(envelope.unverified_payload());
    let sig = base64::encode(envelope.signatures()[0].sig());
    let text = format!(
        r#"{{"payloadType":"{}","payload":"{payload}","signatures":[{{"keyid":"","sig":"{sig}"}}]}}"#,
        envelope.payload_type()
    );
    let certificate = pem::encode("CERTIFICATE", &attestation.certificates()[0]);
    let bound = |text: &str, payload: &[u8]| {
        let sha256 =
            |bytes: &[u8]| json!({"algorithm": "sha256", "value": hex::encode(Digest::sha256(bytes).as_bytes())});
        bind(&with_body(name, |body| {
            *body = json!({"kind": "intoto", "apiVersion": "0.0.1", "spec": {
                "content": {"hash": sha256(text.as_bytes()), "payloadHash": sha256(payload)},
                "publicKey": base64::encode(certificate.as_bytes())}});
        }))
    };
    assert_eq!(bound(&text, envelope.unverified_payload()).unwrap(), EntryKind::IntotoV001);
    assert!(bound(&text.replacen(r#""keyid":"","#, "", 1), envelope.unverified_payload()).is_ok());
    assert_eq!(part(bound(&text, b"other").unwrap_err()), EntryPart::Digest);
    let other = text.replacen(&sig, "AAAA", 1);
    assert_eq!(part(bound(&other, envelope.unverified_payload()).unwrap_err()), EntryPart::Digest);
}

#[test]
fn a_dsse_entry_of_the_second_version_has_to_agree() {
    let name = "happy-path-intoto-in-dsse-v3";
    let attestation = read(&bundle(name));
    let envelope = attestation.envelope().unwrap();
    let signature = json!({
        "content": base64::encode(envelope.signatures()[0].sig()),
        "verifier": {"keyDetails": "PKIX_ECDSA_P256_SHA_256",
                     "x509Certificate": {"rawBytes": base64::encode(&attestation.certificates()[0])}}});
    let digest = base64::encode(Digest::sha256(envelope.unverified_payload()).as_bytes());
    let bound = |algorithm: &str, signature: Value| {
        bind(&with_body(name, |body| {
            *body = json!({"kind": "dsse", "apiVersion": "0.0.2", "spec": {"dsseV002": {
                "payloadHash": {"algorithm": algorithm, "digest": digest}, "signatures": [signature]}}});
        }))
    };
    assert_eq!(bound("SHA2_256", signature.clone()).unwrap(), EntryKind::DsseV002);
    assert!(bound("SHA2_512", signature.clone()).is_err());
    assert!(bound("MD5", signature.clone()).is_err());
    let mut both = signature.clone();
    both["verifier"]["publicKey"] = json!({"rawBytes": base64::encode(managed_key().spki_der())});
    assert!(matches!(bound("SHA2_256", both).unwrap_err(), LogError::BodyMalformed { member: "verifier" }));
    let mut other = signature;
    other["content"] = json!("AAAA");
    assert_eq!(part(bound("SHA2_256", other).unwrap_err()), EntryPart::Signature);
}

#[test]
fn a_body_that_is_not_the_json_of_its_kind_is_refused() {
    for body in ["x", "[]", "{}", r#"{"kind":"hashedrekord","apiVersion":"0.0.1"}"#, r#"{"kind":1,"kind":2}"#] {
        let attestation = with(V1, |entry| entry["canonicalizedBody"] = json!(base64::encode(body.as_bytes())));
        assert!(EntryBody::parse(entry(&attestation)).is_err(), "{body}");
    }
    let private = base64::encode(pem::encode("PRIVATE KEY", &[1, 2, 3]).as_bytes());
    let attestation = with_body(V1, |body| body["spec"]["signature"]["publicKey"]["content"] = json!(private));
    assert!(matches!(bind(&attestation).unwrap_err(), LogError::BodyMalformed { member: "public key" }));
}
