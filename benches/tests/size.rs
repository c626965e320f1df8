//! Sizes at which verdicts have to be the same. Fault F28; how long it takes is measured by the bench `trust_log`.
#![allow(missing_docs, clippy::unwrap_used)]

use stella_attest_verify::{Attestation, Binding, Policy, Registry, Verdict, Verifier};
use stella_benches::trust_log::{at, objects, open, root, signing_key};
use stella_crypto_providers::{Message, SignatureEncoding, Signer as _};
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO, Signature, pae};
use stella_testkit::examples::BUILDER;
use stella_testkit::key::TestKey;
use stella_testkit::statement::provenance;
use stella_vocabulary::{Code, Reason as _};

const ANCHORS: usize = 10_000;
const KEYS: usize = 100_000;

fn envelope() -> Envelope {
    Envelope::new(IN_TOTO, provenance("artifact", b"an artifact", BUILDER).to_string().as_bytes())
}

/// An envelope by the key of that number, which says whose it is: among so many, nobody tries them all.
fn by_key(number: usize) -> String {
    let mut envelope = envelope();
    let message = pae(&envelope.payload_type, &envelope.payload);
    let key = signing_key(number);
    let sig = key.sign(Message::Parts(&[&message]), SignatureEncoding::Der).unwrap();
    let keyid = Some(key.public_key().key_id().to_string());
    envelope.signatures.push(Signature { keyid, sig, certificate_pem: None });
    envelope.to_json()
}

/// An envelope by somebody who has a certificate of the root of that number.
fn by_anchor(number: usize) -> String {
    let key = TestKey::p256("a signer among many TEST KEY");
    let root = root(number);
    let leaf = root.signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned())).sign(root.key());
    envelope().signed_with_certificate(&key, &to_pem(&leaf)).to_json()
}

#[test]
fn ten_thousand_anchors_and_a_hundred_thousand_keys_give_the_right_verdict_f28() {
    let ledger = open(&objects(ANCHORS, KEYS));
    let trust = ledger.snapshot(at(60)).unwrap();
    let registry = Registry::rustcrypto();
    let verifier = Verifier::new(&registry, &trust, Policy::require_trusted_signer());
    let judged = |json: &str| {
        let attestation = Attestation::from_json(json.as_bytes()).unwrap();
        let report = verifier.verify(&attestation, Binding::SubjectsAsListed, at(60));
        (report.verdict(), report.code())
    };
    for number in [0, KEYS / 2, KEYS - 1] {
        assert_eq!(judged(&by_key(number)), (Verdict::Verified, None), "key {number}");
    }
    for number in [0, ANCHORS / 2, ANCHORS - 1] {
        assert_eq!(judged(&by_anchor(number)), (Verdict::Verified, None), "anchor {number}");
    }
    // A hint is no more than that, so the others would have to be tried; that ends at the limit.
    assert_eq!(judged(&by_key(KEYS)), (Verdict::Rejected, Some(Code::DsseTooManySignatures)));
    assert_eq!(judged(&by_anchor(ANCHORS)), (Verdict::Rejected, Some(Code::X509UnknownIssuer)));
}

#[test]
fn ten_thousand_certificates_in_a_bundle_are_too_many_f28() {
    let certificates = vec![r#"{"rawBytes":"AAAA"}"#; 10_000].join(",");
    let json = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.2","verificationMaterial":{{"x509CertificateChain":{{"certificates":[{certificates}]}}}},"dsseEnvelope":{}}}"#,
        by_key(0)
    );
    let refused = Attestation::from_json(json.as_bytes()).unwrap_err();
    assert_eq!(refused.code(), Code::BundleTooManyEntries, "{refused}");
}
