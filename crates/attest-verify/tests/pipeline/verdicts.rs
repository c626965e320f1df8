//! Three verdicts: what could not be judged is neither accepted nor refused.

use std::sync::Arc;

use stella_attest_verify::{Binding, CheckId, Code, Policy, Registry, TrustSnapshot, UnixTime, Verdict};
use stella_crypto_providers::{PreparedKey, Provider, ProviderError, PublicKey, RustCrypto, Scheme};
use stella_testkit::authority::Authority;
use stella_testkit::bundle::{Bundle, Content, Signer, Version};
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::Evidence;
use stella_testkit::trusted_root::{self, ValidFor};

use crate::world::*;

fn without_providers(mut case: Case) -> Case {
    case.registry = Registry::empty();
    case
}

#[test]
fn without_a_provider_nothing_is_decided() {
    let case = without_providers(Case::sigstore());
    assert_indeterminate(case.judge(&bundle()), CheckId::MaterialKey, Code::CryptoAlgorithmUnavailable);

    let key = TestKey::p256("alone");
    let case = without_providers(Case::keys(&[&key]));
    let report = case.judge_envelope(&unsigned().signed_by(&key));
    assert_indeterminate(report, CheckId::EnvelopeSignature, Code::CryptoAlgorithmUnavailable);
}

#[test]
fn without_a_provider_a_message_signature_by_a_key_is_not_decided_either() {
    let key = TestKey::p256("alone");
    let bundle = Bundle {
        version: Version::V03,
        content: Content::message(ARTIFACT, key.sign(ARTIFACT)),
        signer: Signer::KeyHint(key.public_key().key_id().to_string()),
        entries: Vec::new(),
        timestamps: Vec::new(),
    };
    assert_verified(Case::keys(&[&key]).judge(&bundle));
    let report = without_providers(Case::keys(&[&key])).judge(&bundle);
    assert_indeterminate(report, CheckId::MessageSignature, Code::CryptoAlgorithmUnavailable);
}

/// The built-in provider for one scheme only.
struct Only(&'static [Scheme]);

impl Provider for Only {
    fn name(&self) -> &str {
        "only"
    }
    fn version(&self) -> &str {
        "1"
    }
    fn schemes(&self) -> &[Scheme] {
        self.0
    }
    fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        RustCrypto.prepare(scheme, key)
    }
}

fn only(schemes: &'static [Scheme]) -> Registry {
    let mut registry = Registry::empty();
    registry.register(Arc::new(Only(schemes))).unwrap();
    registry
}

#[test]
fn a_path_whose_signatures_nothing_computes_is_not_decided() {
    // Leaf, log and CT log sign with P-256; the authorities with P-384.
    let case = Case { registry: only(&[Scheme::EcdsaP256Sha256]), ..Case::sigstore() };
    assert_indeterminate(case.judge(&bundle()), CheckId::ChainPath, Code::CryptoAlgorithmUnavailable);
}

#[test]
fn a_token_whose_path_nothing_computes_is_not_decided() {
    let case = Case { registry: only(&[Scheme::EcdsaP256Sha256]), ..Case::sigstore() };
    let bundle = sigstore().ceremony().evidence(&[Evidence::Sct, Evidence::Timestamp]).sign_statement(&statement());
    assert_indeterminate(case.judge(&bundle), CheckId::TimeTimestamp, Code::CryptoAlgorithmUnavailable);
}

#[test]
fn a_signature_that_an_unavailable_algorithm_may_have_made_is_not_decided() {
    let (p256, ed25519) = (TestKey::p256("one"), TestKey::ed25519("two"));
    let case = Case::keys(&[&p256, &ed25519]);
    let envelope = unsigned().signed_by(&ed25519);
    assert_verified(case.judge_envelope(&envelope));
    let case = Case { registry: only(&[Scheme::EcdsaP256Sha256]), ..case };
    assert_indeterminate(case.judge_envelope(&envelope), CheckId::EnvelopeSignature, Code::CryptoAlgorithmUnavailable);
}

#[test]
fn the_name_of_the_provider_changes_no_report() {
    let wrapped = Case { registry: only(RustCrypto.schemes()), ..Case::sigstore() };
    let mut broken = bundle();
    flip(broken.entries[0].promise.as_mut().unwrap(), 20);
    for bundle in [bundle(), broken] {
        assert_eq!(wrapped.judge(&bundle).to_json(), Case::sigstore().judge(&bundle).to_json());
    }
}

/// A hundred and more intermediates of one name, so that each could have issued the leaf.
#[test]
fn a_search_that_ends_for_want_of_budget_is_not_decided() {
    // Who signed with ECDSA would be computed; with Ed25519 each has to be tried.
    let root = Authority::root("crowded root");
    let name = root.intermediate("crowd 0").name().to_vec();
    let crowd: Vec<Authority> = (0..600)
        .map(|number| {
            root.intermediate_with(TestKey::ed25519(&format!("crowd {number}")), |builder| {
                stella_testkit::certificate::CertificateBuilder { subject: name.clone(), ..builder }
                    .without_extension(stella_testkit::oid::SUBJECT_KEY_IDENTIFIER)
            })
        })
        .collect();
    let key = TestKey::p256("crowd signer");
    let stranger = TestKey::ed25519("nobody of the crowd");
    let leaf = crowd[0].signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned()));
    let leaf = leaf.issuer(name.clone()).without_extension(stella_testkit::oid::AUTHORITY_KEY_IDENTIFIER);
    let pem = stella_testkit::certificate::to_pem(&leaf.sign(&stranger));
    let envelope = unsigned().signed_with_certificate(&key, &pem);
    let trust = crowd.iter().fold(TrustSnapshot::builder().anchor(certificate(root.certificate())), |builder, one| {
        builder.intermediate(certificate(one.certificate()))
    });
    let case = Case::trusting(trust.build().unwrap()).policy(Policy::require_signer(BUILDER));
    assert_indeterminate(case.judge_envelope(&envelope), CheckId::ChainPath, Code::X509PathBudgetExceeded);
}

/// 32 signatures, each with a crowd of its own, under eight authorities that share a root.
#[test]
fn all_signatures_and_authorities_together_share_one_budget() {
    let root = Authority::root("crowded root");
    let name = root.intermediate("crowd 0").name().to_vec();
    let key = TestKey::p256("crowd signer");
    let mut pems = String::new();
    for number in 0..31 {
        let one = root.intermediate_with(TestKey::ed25519(&format!("crowd {number}")), |builder| {
            stella_testkit::certificate::CertificateBuilder { subject: name.clone(), ..builder }
                .without_extension(stella_testkit::oid::SUBJECT_KEY_IDENTIFIER)
        });
        pems.push_str(&one.pem());
    }
    let leaf = root.signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned())).issuer(name);
    let leaf = leaf.without_extension(stella_testkit::oid::AUTHORITY_KEY_IDENTIFIER);
    let pem = stella_testkit::certificate::to_pem(&leaf.sign(&TestKey::ed25519("nobody of the crowd"))) + &pems;
    let envelope = (0..32).fold(unsigned(), |envelope, _| envelope.signed_with_certificate(&key, &pem));

    let chain = [root.certificate().to_vec()];
    let always = ValidFor { start: Some(UnixTime::from_seconds(0)), end: None };
    let mut trusted = sigstore().trusted_root();
    trusted.certificate_authorities =
        (0..8).map(|number| trusted_root::authority(&format!("https://{number}.example"), &chain, always)).collect();
    let case = Case::root(&trusted).policy(Policy::require_signer(BUILDER));
    assert_indeterminate(case.judge_envelope(&envelope), CheckId::ChainPath, Code::X509PathBudgetExceeded);

    // A single genuine signature among as many strangers still has enough.
    let pki = PrivatePki::new();
    let honest = pki.sign(&pki.leaf());
    let mut crowded = envelope;
    crowded.signatures.pop();
    crowded.signatures.extend(honest.signatures);
    assert_verified(pki.case().judge_envelope(&crowded));
}

#[test]
fn nothing_compared_is_said_aloud_and_still_a_verdict() {
    let report = Case::sigstore().binding(Binding::SubjectsAsListed).judge(&bundle());
    assert_eq!(report.verdict(), Verdict::Verified);
    assert!(report.notes().iter().any(|note| note == "nothing was compared with an artifact"), "{:?}", report.notes());
    assert!(report.inputs().subject.is_none());
    assert!(report.checks().iter().all(|check| check.id() != CheckId::SubjectMatch));
}

#[test]
fn an_empty_trust_snapshot_trusts_nobody() {
    let nobody = || Case::trusting(TrustSnapshot::builder().build().unwrap());
    let report = nobody().judge(&bundle());
    assert_eq!(report.also(), [Code::TlogLogUnknown]);
    assert_refused(report, CheckId::ChainPath, Code::X509UnknownIssuer);
    let pki = PrivatePki::new();
    let report = nobody().policy(Policy::danger_any_signer()).judge_envelope(&pki.sign(&pki.leaf()));
    assert_refused(report, CheckId::ChainPath, Code::X509UnknownIssuer);
    let key = TestKey::p256("alone");
    let report = nobody().policy(Policy::danger_any_signer()).judge_envelope(&unsigned().signed_by(&key));
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
}
