//! Signatures over the artifact itself.

use stella_attest_verify::{Artifact, Binding, CheckId, Code, Digest, Policy, Verdict};
use stella_crypto_providers::Scheme;
use stella_testkit::bundle::{Bundle, Content, Signer, Version};
use stella_testkit::key::TestKey;

use crate::world::*;

fn case() -> Case {
    Case::sigstore().policy(sigstore_policy())
}

fn by_key(key: &TestKey) -> Bundle {
    Bundle {
        version: Version::V03,
        content: Content::message(ARTIFACT, key.sign(ARTIFACT)),
        signer: Signer::KeyHint(key.public_key().key_id().to_string()),
        entries: Vec::new(),
        timestamps: Vec::new(),
    }
}

#[test]
fn a_message_signature_is_accepted_for_its_artifact_and_its_digest() {
    let bundle = sigstore().ceremony().sign_artifact(ARTIFACT);
    let report = case().judge(&bundle);
    assert!(report.verified_statement().is_none());
    assert_verified(report);
    assert_verified(case().binding(Digest::sha256(ARTIFACT)).judge(&bundle));
}

#[test]
fn a_message_signature_is_refused_for_another_artifact() {
    let bundle = sigstore().ceremony().sign_artifact(ARTIFACT);
    let report = case().binding(Artifact::of_bytes(b"another artifact")).judge(&bundle);
    assert_refused(report, CheckId::MessageDigest, Code::BundleMessageDigestMismatch);
}

#[test]
fn a_message_signature_is_refused_although_its_digest_was_made_to_fit() {
    let mut bundle = sigstore().ceremony().sign_artifact(b"another artifact");
    let signature = bundle.signature().to_vec();
    bundle.content = Content::message(ARTIFACT, signature);
    let report = case().judge(&bundle);
    assert_eq!(report.also(), [Code::TlogEntryMismatch]);
    assert_refused(report, CheckId::MessageSignature, Code::SigInvalid);
}

#[test]
fn a_message_signature_cannot_be_judged_without_the_artifact() {
    let bundle = sigstore().ceremony().sign_artifact(ARTIFACT);
    let report = case().binding(Binding::SubjectsAsListed).judge(&bundle);
    assert_refused(report, CheckId::MessageSignature, Code::IntotoArtifactMissing);
    let report = case().binding(Digest::sha512(ARTIFACT)).judge(&bundle);
    assert_refused(report, CheckId::MessageSignature, Code::IntotoArtifactMissing);
}

#[test]
fn a_message_signature_has_no_predicate_type() {
    let bundle = sigstore().ceremony().sign_artifact(ARTIFACT);
    let report = Case::sigstore().judge(&bundle);
    assert_refused(report, CheckId::PolicyPredicateType, Code::PolicyPredicateTypeMismatch);
}

#[test]
fn a_certificate_with_a_p384_key_may_sign_with_sha_384_or_sha_256() {
    for scheme in [Scheme::EcdsaP384Sha384, Scheme::EcdsaP384Sha256] {
        let ceremony = || sigstore().ceremony().key(TestKey::new(scheme, "p384 leaf"));
        let report = case().judge(&ceremony().sign_artifact(ARTIFACT));
        assert_eq!(report.signer().algorithm(), Some(scheme.name()));
        assert_verified(report);
        let report = case().judge(&ceremony().sign_statement(&statement()));
        assert_eq!(report.signer().algorithm(), Some(scheme.name()));
        assert_verified(report);
    }
}

#[test]
fn a_p384_signature_with_sha_256_needs_the_sha_256_of_the_artifact() {
    let leaf = || TestKey::new(Scheme::EcdsaP384Sha256, "p384 leaf");
    let bundle = sigstore().ceremony().key(leaf()).sign_artifact(ARTIFACT);
    assert_verified(case().binding(Digest::sha256(ARTIFACT)).judge(&bundle));
    let report = case().binding(Digest::sha384(ARTIFACT)).judge(&bundle);
    assert!(report.into_verified().is_err());
}

#[test]
fn a_trusted_key_that_is_not_a_certificates_keeps_to_its_usual_hash() {
    let usual = TestKey::p384("a key");
    assert_verified(Case::keys(&[&usual]).judge(&by_key(&usual)));
    let unusual = TestKey::new(Scheme::EcdsaP384Sha256, "a key");
    assert_eq!(usual.public_key().key_id(), unusual.public_key().key_id());
    let report = Case::keys(&[&usual]).judge(&by_key(&unusual));
    assert_refused(report, CheckId::MessageSignature, Code::SigInvalid);
}

#[test]
fn a_message_signature_by_a_key_is_accepted_only_with_that_key() {
    let (key, other) = (TestKey::p256("a key"), TestKey::p256("another key"));
    let bundle = by_key(&key);
    assert_verified(Case::keys(&[&other, &key]).judge(&bundle));
    let report = Case::keys(&[&other]).judge(&bundle);
    assert_refused(report, CheckId::MessageSignature, Code::BundleKeyMaterialMismatch);
    let report = Case::keys(&[]).judge(&bundle);
    assert_refused(report, CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);
    let both = Case::keys(&[&other, &key]).policy(Policy::require_key(other.public_key().key_id()));
    assert!(both.judge(&bundle).into_verified().is_err());
}

#[test]
fn one_message_signature_meets_no_threshold_of_two_keys() {
    let (key, other) = (TestKey::p256("a key"), TestKey::p256("another key"));
    let ids = || [key.public_key().key_id(), other.public_key().key_id()];
    let case = |threshold| Case::keys(&[&key, &other]).policy(Policy::require_keys(threshold, ids()).unwrap());
    assert_verified(case(1).judge(&by_key(&key)));
    assert_refused(case(2).judge(&by_key(&key)), CheckId::MessageSignature, Code::DsseThresholdNotMet);
}

#[test]
fn an_ed25519_key_signs_the_artifact_and_not_its_digest_so_its_signature_is_not_judged() {
    let key = TestKey::ed25519("a key");
    let report = Case::keys(&[&key]).judge(&by_key(&key));
    assert_eq!(report.verdict(), Verdict::Indeterminate);
    let cause = report.cause().unwrap();
    assert_eq!((cause.id(), cause.code()), (CheckId::MessageSignature, Some(Code::CryptoAlgorithmUnavailable)));
    assert!(report.into_verified().is_err());
}

#[test]
fn an_entry_of_another_artifact_is_refused_for_a_message_signature_too() {
    let mut bundle = sigstore().ceremony().sign_artifact(ARTIFACT);
    bundle.entries = sigstore().ceremony().sign_artifact(b"another artifact").entries;
    assert_refused(case().judge(&bundle), CheckId::LogEntry, Code::TlogEntryMismatch);
}
