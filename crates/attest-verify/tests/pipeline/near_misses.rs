//! A signature that does not verify is said to be something else, where it is; and is refused all the same.

use stella_attest_verify::{CheckId, Code, Policy};
use stella_testkit::dsse::Envelope;
use stella_testkit::key::TestKey;

use crate::world::*;

fn summary(case: &Case, envelope: &Envelope) -> String {
    let report = case.judge_envelope(envelope);
    let summary = check(&report, CheckId::EnvelopeSignature).summary().unwrap().to_owned();
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseSignatureInvalid);
    summary
}

fn bare_payload(key: &TestKey, mut envelope: Envelope) -> Envelope {
    for signature in &mut envelope.signatures {
        signature.sig = key.sign(&envelope.payload);
    }
    envelope
}

#[test]
fn a_signature_over_the_bare_payload_is_named_and_refused() {
    let key = TestKey::p256("hasty");
    let said = summary(&Case::keys(&[&key]), &bare_payload(&key, unsigned().signed_by(&key)));
    assert!(said.contains("bare payload"), "{said}");

    let pki = PrivatePki::new();
    let said = summary(&pki.case(), &bare_payload(&pki.key, pki.sign(&pki.leaf())));
    assert!(said.contains("bare payload"), "{said}");
}

#[test]
fn a_signature_under_another_payload_type_is_named_and_refused() {
    let key = TestKey::p256("mistyped");
    let signed = Envelope { payload_type: "application/json".to_owned(), ..unsigned() }.signed_by(&key);
    let retyped = Envelope { payload_type: unsigned().payload_type, ..signed };
    let said = summary(&Case::keys(&[&key]), &retyped);
    assert!(said.contains("payload type application/json"), "{said}");
}

#[test]
fn a_signature_by_another_trusted_key_is_named_and_refused() {
    let (wanted, other) = (TestKey::p256("wanted"), TestKey::p256("other"));
    let case = Case::keys(&[&wanted, &other]).policy(Policy::require_key(wanted.public_key().key_id()));
    let said = summary(&case, &unsigned().signed_by(&other));
    assert!(said.contains(&other.public_key().key_id().to_string()), "{said}");
}

#[test]
fn a_changed_payload_is_no_near_miss() {
    let key = TestKey::p256("honest");
    let mut envelope = unsigned().signed_by(&key);
    flip(&mut envelope.payload, 20);
    let case = || Case::keys(&[&key]);
    let said = summary(&case().policy(Policy::require_key(key.public_key().key_id())), &envelope);
    assert!(said.contains("changed after signing"), "{said}");
    // Where nothing names the key, another one may have signed as well.
    let report = case().judge_envelope(&envelope);
    let said = check(&report, CheckId::EnvelopeSignature).summary().unwrap().to_owned();
    assert!(said.contains("by a trusted key, or the envelope was changed after signing"), "{said}");
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
}

#[test]
fn a_near_miss_is_found_for_any_of_the_first_keys_where_none_is_named() {
    let keys = ["first", "second", "hasty"].map(TestKey::p256);
    let hasty = &keys[2];
    let report = Case::keys(&keys.each_ref()).judge_envelope(&bare_payload(hasty, unsigned().signed_by(hasty)));
    let expected = check(&report, CheckId::EnvelopeSignature).expected().unwrap().to_owned();
    assert!(expected.contains(&hasty.public_key().key_id().to_string()), "{expected}");
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseSignatureInvalid);
}
