//! What of the items only somebody who embeds the library can ask for.

use stella_attest_model::EnvelopeSignature;
use stella_attest_verify::{
    Artifact, Attestation, Code, Digest, DigestAlgorithm, Limits, Policy, PublicKey, Reason, TrustSnapshot,
};
use stella_testkit::catalogue;
use stella_trust_store::KeyEntry;

use crate::item::Item;

fn code(outcome: Result<impl Sized, impl Reason>) -> Option<Code> {
    outcome.err().map(|reason| reason.code())
}

fn key(item: &str, name: &str) -> PublicKey {
    PublicKey::from_pem(&std::fs::read(Item::root().join(item).join(name)).unwrap()).unwrap()
}

/// B003. With the default limits the document is too large before its payload is.
#[test]
fn a_payload_of_one_byte_too_many_is_refused_where_documents_may_be_larger() {
    let limits = Limits { document_bytes: 32 << 20, ..Limits::default() };
    let read = |recipe: &str| Attestation::from_json_with(&catalogue::generate(recipe).unwrap(), &limits);
    assert_eq!(code(read("predicate of MiB 11")), None);
    assert_eq!(code(read("payload of the limit and 0")), None);
    let refused = read("payload of the limit and 1").unwrap_err();
    assert_eq!(refused.code(), Code::InputTooLarge);
    assert!(refused.place().unwrap().contains("$.payload"), "{refused}");
}

/// B042. Two names for one key are no two keys, and are refused as soon as the store is put together.
#[test]
fn one_key_under_two_names_is_refused_by_the_store() {
    let entry = |name: &str, file: &str| KeyEntry::new(key("B042", file)).with_hint(name.to_owned());
    for second in ["a.pub", "a-compressed.pub"] {
        let built = TrustSnapshot::builder().key_with(entry("one", "a.pub")).key_with(entry("two", second)).build();
        assert_eq!(code(built), Some(Code::StoreDuplicateKey), "{second}");
    }
    assert_eq!(key("B042", "a.pub").key_id(), key("B042", "a-compressed.pub").key_id());
}

/// B044. Refused when the policy is made, before anything is verified.
#[test]
fn a_threshold_that_nothing_or_anything_meets_is_no_policy() {
    let [a, b] = ["a.pub", "b.pub"].map(|name| key("B044", name).key_id());
    assert_eq!(code(Policy::require_keys(0, [])), Some(Code::PolicyThresholdInvalid));
    assert_eq!(code(Policy::require_keys(0, [a, b])), Some(Code::PolicyThresholdInvalid));
    assert_eq!(code(Policy::require_keys(3, [a, b])), Some(Code::PolicyThresholdInvalid));
    assert_eq!(code(Policy::require_keys(3, [a, b, a])), Some(Code::PolicyThresholdInvalid));
    assert_eq!(code(Policy::require_keys(usize::MAX, [a, b])), Some(Code::PolicyThresholdInvalid));
    assert_eq!(code(Policy::require_keys(2, [a, b])), None);
}

/// B058. An empty handle is an error of its own and never "no check asked".
#[test]
fn an_empty_artifact_is_none() {
    for algorithm in DigestAlgorithm::ALL {
        assert_eq!(code(Digest::from_bytes(*algorithm, &[])), Some(Code::IntotoArtifactMissing), "{algorithm}");
    }
    assert_eq!(code("".parse::<Digest>()), Some(Code::IntotoArtifactMissing));
    assert_eq!(code(Artifact::from_digests([])), Some(Code::IntotoArtifactMissing));
    // An artifact of no bytes is one, and has a digest.
    assert_eq!(Artifact::of_bytes(b"").digests()[0], Digest::sha256(b""));
}

/// B032. Nor can an envelope without a signature be put together.
#[test]
fn an_envelope_without_a_signature_cannot_be_made() {
    let made = |signatures| stella_attest_model::Envelope::new("text/plain".to_owned(), Vec::new(), signatures);
    assert_eq!(code(made(Vec::new())), Some(Code::DsseNoSignatures));
    assert_eq!(code(made(vec![EnvelopeSignature::new(Vec::new(), None)])), Some(Code::DsseMissingField));
}
