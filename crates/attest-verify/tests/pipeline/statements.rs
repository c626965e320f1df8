//! What the payload says, and about what.

use stella_attest_verify::{Artifact, Binding, CheckId, Code, Digest, Report};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement::{STATEMENT_V01, STATEMENT_V1, slsa_predicate, statement as statement_of};

use crate::world::*;

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Digest::sha256(bytes).as_bytes().to_vec()
}

fn judge_payload(payload_type: &str, payload: &str, binding: impl Into<Binding>) -> Report {
    let key = TestKey::p256("author");
    let envelope = Envelope::new(payload_type, payload.as_bytes()).signed_by(&key);
    Case::keys(&[&key]).binding(binding).judge_envelope(&envelope)
}

fn artifact() -> Artifact {
    Artifact::of_bytes(ARTIFACT)
}

#[test]
fn any_of_several_subjects_may_be_the_artifact_in_both_versions() {
    let (one, two) = (sha256(b"one"), sha256(b"two"));
    let own = sha256(ARTIFACT);
    for version in [STATEMENT_V1, STATEMENT_V01] {
        let subjects: [(&str, &[u8]); 3] = [("one", &one), ("release.txt", &own), ("two", &two)];
        let with = statement_of(version, &subjects, PREDICATE_TYPE, slsa_predicate(CANARY));
        assert_verified(judge_payload(IN_TOTO, &with.to_string(), artifact()));
        let without = statement_of(version, &[subjects[0], subjects[2]], PREDICATE_TYPE, slsa_predicate(CANARY));
        let report = judge_payload(IN_TOTO, &without.to_string(), artifact());
        assert_refused(report, CheckId::SubjectMatch, Code::IntotoSubjectMismatch);
    }
}

#[test]
fn the_name_of_a_subject_proves_nothing() {
    let other = sha256(b"another artifact");
    let named = statement_of(STATEMENT_V1, &[("release.txt", &other)], PREDICATE_TYPE, slsa_predicate(CANARY));
    let report = judge_payload(IN_TOTO, &named.to_string(), artifact());
    assert_refused(report, CheckId::SubjectMatch, Code::IntotoSubjectMismatch);
}

#[test]
fn a_digest_by_an_algorithm_the_statement_lacks_does_not_match() {
    assert_verified(judge_payload(IN_TOTO, &statement().to_string(), Digest::sha256(ARTIFACT)));
    let report = judge_payload(IN_TOTO, &statement().to_string(), Digest::sha512(ARTIFACT));
    assert_eq!(report.cause().unwrap().id(), CheckId::SubjectMatch);
}

#[test]
fn only_the_payload_type_of_a_statement_is_one() {
    for other in ["application/vnd.in-toto+JSON", "application/vnd.in-toto+json; charset=utf-8", "application/json"] {
        let report = judge_payload(other, &statement().to_string(), artifact());
        assert_refused(report, CheckId::StatementStructure, Code::DssePayloadTypeUnsupported);
    }
}

#[test]
fn a_predicate_type_is_compared_byte_by_byte() {
    let judge = |wanted: &str| Case::sigstore().policy(sigstore_policy().predicate_type(wanted)).judge(&bundle());
    assert_verified(judge(PREDICATE_TYPE));
    for wanted in [
        "https://slsa.dev/provenance/v1/",
        "https://slsa.dev/provenance/v",
        "https://slsa.dev/Provenance/v1",
        "http://slsa.dev/provenance/v1",
        "",
    ] {
        assert_refused(judge(wanted), CheckId::PolicyPredicateType, Code::PolicyPredicateTypeMismatch);
    }
    let any_of = sigstore_policy().predicate_type("https://other.example").predicate_type(PREDICATE_TYPE);
    assert_verified(Case::sigstore().policy(any_of).judge(&bundle()));
}

#[test]
fn a_statement_is_not_looked_into_before_its_signature_holds() {
    let key = TestKey::p256("author");
    let stranger = TestKey::p256("stranger");
    for payload in ["{}", "no JSON at all", "{\"_type\":1,\"_type\":2}"] {
        let envelope = Envelope::new(IN_TOTO, payload.as_bytes()).signed_by(&stranger);
        let report = Case::keys(&[&key]).judge_envelope(&envelope);
        assert!(report.also().is_empty(), "{:?}", report.also());
        assert_eq!(report.cause().unwrap().id(), CheckId::EnvelopeSignature);
        assert!(report.into_verified().is_err());
    }
}

#[test]
fn a_policy_that_asks_for_an_artifact_is_not_met_without_one() {
    let policy = || sigstore_policy().require_artifact();
    assert_verified(Case::sigstore().policy(policy()).judge(&bundle()));
    let open = Case::sigstore().binding(Binding::SubjectsAsListed);
    assert_verified(open.judge(&bundle()));
    let open = Case::sigstore().policy(policy()).binding(Binding::SubjectsAsListed);
    assert_refused(open.judge(&bundle()), CheckId::SubjectMatch, Code::IntotoArtifactMissing);
    assert_ne!(policy().digest(), sigstore_policy().digest());
}
