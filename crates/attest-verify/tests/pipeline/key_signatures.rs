//! Signatures by keys of the snapshot: hints prove nothing, and a threshold counts keys.

use stella_attest_verify::{CheckId, Code, Policy, PublicKey, Report, TrustSnapshot};
use stella_crypto_providers::SignatureEncoding;
use stella_testkit::bundle::{Bundle, Content, Signer, Version};
use stella_testkit::certificate::to_pem;
use stella_testkit::der;
use stella_testkit::dsse::{self, Envelope, Signature};
use stella_testkit::key::TestKey;
use stella_trust_store::ledger::Terms;

use crate::store::*;
use crate::world::*;

fn keys() -> [TestKey; 3] {
    [TestKey::p256("first"), TestKey::ed25519("second"), TestKey::p384("third")]
}

fn require(threshold: usize, keys: &[&TestKey]) -> Case {
    let ids = keys.iter().map(|key| key.public_key().key_id());
    Case::keys(keys).policy(Policy::require_keys(threshold, ids).unwrap())
}

fn id(key: &TestKey) -> String {
    key.public_key().key_id().to_string()
}

#[test]
fn a_key_of_each_type_signs_with_a_right_wrong_or_no_hint() {
    for key in keys() {
        let case = Case::keys(&[&keys()[0], &keys()[1], &keys()[2]]);
        for envelope in [
            unsigned().signed_by(&key),
            unsigned().signed_with_hint(&key, &id(&key)),
            unsigned().signed_with_hint(&key, &id(&keys()[0])),
            unsigned().signed_with_hint(&key, "misleading"),
            unsigned().signed_with_hint(&key, ""),
        ] {
            let report = case.judge_envelope(&envelope);
            assert_eq!(report.signer().key(), Some(id(&key).as_str()));
            assert_verified(report);
        }
    }
}

#[test]
fn an_unknown_key_is_refused_whatever_its_hint_says() {
    let [first, second, _] = keys();
    let case = Case::keys(&[&first]);
    let named = case.judge_envelope(&unsigned().signed_with_hint(&second, &id(&second)));
    assert_refused(named, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
    let claims_to_be_the_first = case.judge_envelope(&unsigned().signed_with_hint(&second, &id(&first)));
    assert!(claims_to_be_the_first.code().is_some());
    assert!(claims_to_be_the_first.into_verified().is_err());
}

#[test]
fn without_a_hint_a_signature_is_held_against_a_key_only_if_the_policy_names_it() {
    let [first, second, _] = keys();
    let stranger = TestKey::p256("stranger");
    let judge = |policy| Case::keys(&[&first, &second]).policy(policy).judge_envelope(&unsigned().signed_by(&stranger));
    let report = judge(Policy::require_trusted_signer());
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
    let report = judge(Policy::require_key(first.public_key().key_id()));
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseSignatureInvalid);
    // Nor by a signature that the first key cannot even have made.
    let other = TestKey::ed25519("of another type");
    let report = Case::keys(&[&other]).judge_envelope(&unsigned().signed_by(&stranger));
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
}

#[test]
fn a_signature_by_an_unknown_key_does_not_spoil_that_of_a_known_one() {
    let [first, second, _] = keys();
    let case = Case::keys(&[&first]);
    assert_verified(case.judge_envelope(&unsigned().signed_by(&second).signed_by(&first)));
    assert_verified(case.judge_envelope(&unsigned().signed_by(&first).signed_by(&second)));
}

#[test]
fn a_signature_with_an_unknown_certificate_does_not_spoil_that_of_a_known_key() {
    let pki = PrivatePki::new();
    let pem = to_pem(&pki.leaf().sign(pki.intermediate.key()));
    let [first, ..] = keys();
    let both = [
        unsigned().signed_with_certificate(&pki.key, &pem).signed_by(&first),
        unsigned().signed_by(&first).signed_with_certificate(&pki.key, &pem),
    ];
    for envelope in both {
        assert_verified(Case::keys(&[&first]).judge_envelope(&envelope));
        assert_verified(require(1, &[&first]).judge_envelope(&envelope));
        assert_verified(Case::keys(&[&first]).policy(Policy::danger_any_signer()).judge_envelope(&envelope));
        // A key says nothing about an identity.
        let named = Case::keys(&[&first]).policy(Policy::require_signer(BUILDER)).judge_envelope(&envelope);
        assert_refused(named, CheckId::ChainPath, Code::X509UnknownIssuer);
    }
}

#[test]
fn a_threshold_is_met_by_so_many_distinct_keys_and_no_fewer() {
    let [a, b, c] = &keys();
    let case = |threshold| require(threshold, &[a, b, c]);
    let two = unsigned().signed_by(a).signed_by(c);
    assert_verified(case(1).judge_envelope(&two));
    assert_verified(case(2).judge_envelope(&two));
    assert_refused(case(3).judge_envelope(&two), CheckId::EnvelopeSignature, Code::DsseThresholdNotMet);
    assert_verified(case(3).judge_envelope(&two.signed_by(b)));
}

#[test]
fn a_threshold_that_cannot_be_meant_is_no_policy() {
    let [a, b, _] = &keys();
    let ids = || [a.public_key().key_id(), b.public_key().key_id()];
    assert!(Policy::require_keys(0, ids()).is_err());
    assert!(Policy::require_keys(2, ids()).is_ok());
    assert!(Policy::require_keys(3, ids()).is_err());
    assert!(Policy::require_keys(2, [ids()[0], ids()[0]]).is_err());
    assert!(Policy::require_keys(1, []).is_err());
}

#[test]
fn a_key_outside_the_policy_does_not_count_although_it_is_trusted() {
    let [a, b, c] = &keys();
    let ids = [a.public_key().key_id(), b.public_key().key_id()];
    let case = Case::keys(&[a, b, c]).policy(Policy::require_keys(2, ids).unwrap());
    let envelope = unsigned().signed_by(a).signed_by(c);
    assert_refused(case.judge_envelope(&envelope), CheckId::EnvelopeSignature, Code::DsseThresholdNotMet);
}

#[test]
fn a_key_of_the_policy_does_not_count_unless_it_is_in_the_snapshot() {
    let [a, b, _] = &keys();
    let case = Case::keys(&[a]).policy(Policy::require_key(b.public_key().key_id()));
    let report = case.judge_envelope(&unsigned().signed_by(b));
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
}

/// The other signature that verifies with the same key: r and n − s.
fn malleated(key: &TestKey, envelope: &Envelope) -> Signature {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let fixed = key.sign_as(&dsse::pae(&envelope.payload_type, &envelope.payload), SignatureEncoding::Fixed);
    let (r, s) = fixed.split_at(32);
    let mut difference = [0; 32];
    let mut borrow = 0;
    for index in (0..32).rev() {
        let digit = i16::from(ORDER[index]) - i16::from(s[index]) - borrow;
        borrow = i16::from(digit < 0);
        difference[index] = digit.rem_euclid(256) as u8;
    }
    let sig = der::sequence([der::integer_from_bytes(r), der::integer_from_bytes(&difference)]);
    Signature { keyid: None, sig, certificate_pem: None }
}

#[test]
fn one_key_that_signs_twice_counts_once_however_the_signatures_look() {
    let (a, b) = (TestKey::p256("first"), TestKey::p256("other"));
    let case = require(2, &[&a, &b]);
    let once = unsigned().signed_by(&a);
    let same_twice = once.clone().signed_by(&a);
    let hinted_twice = once.clone().signed_with_hint(&a, &id(&b));
    let mut twin = once.clone();
    twin.signatures.push(malleated(&a, &once));
    // The twin is a signature in its own right.
    let alone = Envelope { signatures: vec![malleated(&a, &once)], ..once };
    assert_verified(require(1, &[&a]).judge_envelope(&alone));
    for envelope in [same_twice, hinted_twice, twin] {
        let report = case.judge_envelope(&envelope);
        assert_refused(report, CheckId::EnvelopeSignature, Code::DsseThresholdNotMet);
    }
}

#[test]
fn one_key_in_two_encodings_is_one_key() {
    let key = TestKey::p256("first");
    let point = key.public_key().raw();
    let sign = if point[64] & 1 == 0 { 2 } else { 3 };
    let compressed: Vec<u8> = [&[sign], &point[1..33]].concat();
    let algorithm =
        der::sequence([der::object_identifier("1.2.840.10045.2.1"), der::object_identifier("1.2.840.10045.3.1.7")]);
    let twin = PublicKey::from_spki_der(&der::sequence([algorithm, der::bit_string(&compressed)])).unwrap();
    assert_eq!(twin.key_id(), key.public_key().key_id());
    assert!(Policy::require_keys(2, [twin.key_id(), key.public_key().key_id()]).is_err());
    let trust = TrustSnapshot::builder().key(public(&key)).key(twin.clone()).build().unwrap();
    assert_eq!(trust.keys().len(), 1);
    let case = Case::trusting(trust).policy(Policy::require_key(twin.key_id()));
    assert_verified(case.judge_envelope(&unsigned().signed_by(&key)));
}

fn by_hint(key: &TestKey, hint: &str) -> Bundle {
    Bundle {
        version: Version::V03,
        content: Content::Dsse(unsigned().signed_by(key)),
        signer: Signer::KeyHint(hint.to_owned()),
        entries: Vec::new(),
        timestamps: Vec::new(),
    }
}

#[test]
fn a_bundle_that_only_names_a_key_needs_that_key_given() {
    let key = TestKey::p256("first");
    let other = TestKey::p256("other");
    let bundle = by_hint(&key, &id(&key));
    assert_verified(Case::keys(&[&key]).judge(&bundle));
    let without = |policy| Case::keys(&[]).policy(policy).judge(&bundle);
    let report = without(Policy::require_trusted_signer());
    assert_refused(report, CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);
    let report = without(Policy::require_key(key.public_key().key_id()));
    assert_refused(report, CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);
    let report = Case::keys(&[&other]).judge(&bundle);
    assert_refused(report, CheckId::EnvelopeSignature, Code::BundleKeyMaterialMismatch);
    // The hint proves nothing: it helps no other key.
    let lying = by_hint(&other, &id(&key));
    let report = Case::keys(&[&key]).judge(&lying);
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseSignatureInvalid);
}

#[test]
fn a_bundle_whose_key_a_store_does_not_hold_is_by_an_unknown_key() {
    let (key, other) = (TestKey::p256("first"), TestKey::p256("other"));
    let by = |hint: &str| by_hint(&key, hint);
    let empty = Store::new().issuer("acme", &[], Terms::default());
    let store = Store::new().key("other", &other, Terms::default());
    for (store, wanted) in [(&empty, "of which there is none"), (&store, "the one trusted key")] {
        for hint in [&*id(&key), "release"] {
            let report = store.case().judge(&by(hint));
            let expected = report.cause().unwrap().expected().unwrap();
            assert!(expected.contains(wanted), "{expected}");
            assert_refused(report, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
        }
    }
    // A key that the policy names has to be given.
    let policy = Policy::require_key(key.public_key().key_id());
    let report = empty.case().policy(policy).judge(&by("release"));
    assert_refused(report, CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);
}

#[test]
fn key_material_of_the_other_kind_than_the_policy_asks_for_is_refused() {
    let key = TestKey::p256("first");
    let report = Case::keys(&[&key]).policy(Policy::require_signer(BUILDER)).judge(&by_hint(&key, "release"));
    assert_refused(report, CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);

    let root = sigstore().trusted_root();
    let trust = TrustSnapshot::builder().key(public(&key)).trusted_root(root.to_json().as_bytes()).unwrap();
    let case = Case::trusting(trust.build().unwrap()).policy(Policy::require_key(key.public_key().key_id()));
    assert_refused(case.judge(&bundle()), CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);
}

#[test]
fn too_many_signatures_for_too_many_keys_are_given_up() {
    let all: Vec<TestKey> = (0..33).map(|number| TestKey::ed25519(&format!("key {number}"))).collect();
    let stranger = TestKey::ed25519("stranger");
    let many = |count: usize| (0..count).fold(unsigned(), |envelope, _| envelope.signed_by(&stranger));
    let judge =
        |keys: usize| -> Report { Case::keys(&all.iter().take(keys).collect::<Vec<_>>()).judge_envelope(&many(32)) };
    assert_eq!(judge(32).code(), Some(Code::DsseKeyUnknown));
    assert_eq!(judge(33).cause().unwrap().id(), CheckId::EnvelopeSignature);
    assert_ne!(judge(33).code(), Some(Code::DsseKeyUnknown));
}

#[test]
fn signatures_are_tried_with_every_key_within_limits() {
    let keys: Vec<TestKey> = (0..33).map(|number| TestKey::ed25519(&format!("key {number}"))).collect();
    let case = |count: usize| Case::keys(&keys.iter().take(count).collect::<Vec<_>>());
    let stranger = TestKey::ed25519("stranger");
    let unknown = (0..32).fold(unsigned(), |envelope, _| envelope.signed_by(&stranger));
    assert_refused(case(32).judge_envelope(&unknown), CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
    assert_refused(case(33).judge_envelope(&unknown), CheckId::EnvelopeSignature, Code::DsseTooManySignatures);
    // Hints find the right key at the first try.
    let named = keys.iter().take(32).fold(unsigned(), |envelope, key| envelope.signed_with_hint(key, &id(key)));
    assert_verified(case(33).judge_envelope(&named));
}

#[test]
fn a_bare_key_does_not_slip_past_a_demand_for_certificate_timestamps() {
    let [key, ..] = &keys();
    let envelope = unsigned().signed_by(key);
    for policy in [Policy::require_trusted_signer(), Policy::require_key(key.public_key().key_id())] {
        let judge = |policy| Case::keys(&[key]).policy(policy).judge_envelope(&envelope);
        assert_verified(judge(policy.clone()));
        assert_verified(judge(policy.clone().certificate_timestamps(0)));
        let refused = judge(policy.certificate_timestamps(1));
        assert_refused(refused, CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);
    }
}
