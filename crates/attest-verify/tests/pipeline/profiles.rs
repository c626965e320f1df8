//! What a crypto profile leaves out: the keys that sign, and the links of the path.

use stella_attest_verify::{CheckId, Code, Policy, Profile, Report, TrustSnapshot};
use stella_crypto_providers::Scheme;
use stella_testkit::authority::Authority;
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::key::TestKey;

use crate::world::*;

/// Signed with a P-256 key, certified by an authority that signs by this scheme.
fn below(scheme: Scheme, profile: Profile) -> Report {
    let root = Authority::root_with(TestKey::new(scheme, "profile root"), |builder| builder);
    let key = TestKey::p256("profile leaf");
    let leaf = root.signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned())).sign(root.key());
    let trust = TrustSnapshot::builder().anchor(certificate(root.certificate())).build().unwrap();
    let policy = Policy::require_signer(BUILDER).within_profile(profile);
    Case::trusting(trust).policy(policy).judge_envelope(&unsigned().signed_with_certificate(&key, &to_pem(&leaf)))
}

#[test]
fn a_link_of_the_path_is_held_to_the_profile_as_the_signature_is() {
    assert_verified(below(Scheme::EcdsaP384Sha384, Profile::Fips));
    assert_verified(below(Scheme::EcdsaP384Sha256, Profile::International));
    assert_verified(below(Scheme::EcdsaP384Sha256, Profile::Eidas));
    let refused = below(Scheme::EcdsaP384Sha256, Profile::Fips);
    let check = refused.checks().iter().find(|check| check.id() == CheckId::PolicyAlgorithm).unwrap();
    assert_eq!(check.found(), Some("ecdsa-p384-sha256 in the signature on certificate 0"));
    assert_refused(refused, CheckId::PolicyAlgorithm, Code::SigAlgorithmUnsupported);
}

#[test]
fn a_profile_without_any_scheme_of_this_library_accepts_nothing() {
    let key = TestKey::ed25519("profile key");
    let judge = |profile| {
        let policy = Policy::require_trusted_signer().within_profile(profile);
        Case::keys(&[&key]).policy(policy).judge_envelope(&unsigned().signed_by(&key))
    };
    assert_verified(judge(Profile::Eidas));
    for profile in [Profile::Gost, Profile::Sm] {
        assert_refused(judge(profile), CheckId::PolicyAlgorithm, Code::SigAlgorithmUnsupported);
    }
}

#[test]
fn what_a_policy_asks_for_does_not_widen_its_profile() {
    let key = TestKey::new(Scheme::EcdsaP384Sha384, "profile key");
    let judge = |policy: Policy| Case::keys(&[&key]).policy(policy).judge_envelope(&unsigned().signed_by(&key));
    let asked = || Policy::require_trusted_signer().algorithm("ecdsa-p384-sha384").unwrap();
    assert_verified(judge(asked().within_profile(Profile::Fips)));
    assert_refused(
        judge(asked().within_profile(Profile::Gost)),
        CheckId::PolicyAlgorithm,
        Code::SigAlgorithmUnsupported,
    );
    let other = Policy::require_trusted_signer().algorithm("ed25519").unwrap().within_profile(Profile::Fips);
    assert_refused(judge(other), CheckId::PolicyAlgorithm, Code::SigAlgorithmUnsupported);
}

#[test]
fn policies_of_different_profiles_have_different_digests() {
    let policy = Policy::require_trusted_signer;
    assert_eq!(policy().digest(), policy().within_profile(Profile::International).digest());
    assert_ne!(policy().digest(), policy().within_profile(Profile::Fips).digest());
    assert_ne!(policy().within_profile(Profile::Eidas).digest(), policy().within_profile(Profile::Fips).digest());
}
