//! What was revoked, by the table of catalogue section 9: keys, anchors, intermediates, and certificates over the keys of either.

use stella_attest_verify::{CheckId, Code, Policy, Report, UnixTime};
use stella_testkit::bundle::{Bundle, Content, Signer, Version};
use stella_testkit::key::TestKey;
use stella_testkit::tsa::Token;
use stella_trust_store::ledger::{Change, ObjectKind, ObjectRef, Revocation, RevocationCause, Terms};

use crate::store::*;
use crate::world::*;

fn key() -> TestKey {
    TestKey::ed25519("a key that was revoked")
}

fn now() -> UnixTime {
    after(signed_at(), DAY)
}

fn superseded(at: UnixTime) -> Revocation {
    revoked(RevocationCause::Superseded, None, at)
}

fn store(revocation: Revocation) -> Store {
    Store::new()
        .key("release", &key(), Terms::default())
        .trusted_root("public", &sigstore().trusted_root().to_json())
        .change(Change::Revoked { object: key_ref("release"), revocation })
}

/// Signed by the key, with or without a token.
fn judge(revocation: Revocation, token: Option<UnixTime>, policy: Policy) -> Report {
    let mut bundle = Bundle {
        version: Version::V03,
        content: Content::Dsse(unsigned().signed_by(&key())),
        signer: Signer::KeyHint("release".to_owned()),
        entries: Vec::new(),
        timestamps: Vec::new(),
    };
    bundle.timestamps.extend(token.map(|time| sigstore().tsa().respond(&Token::new(bundle.signature(), time))));
    store(revocation).case().policy(policy).at(now()).judge(&bundle)
}

fn any() -> Policy {
    Policy::require_trusted_signer()
}

#[test]
fn a_superseded_key_counts_for_what_is_proven_to_be_older_b171() {
    let end = after(signed_at(), 100);
    let judge = |token| judge(superseded(end), token, any());
    assert_verified(judge(Some(after(end, -1))));
    assert_refused(judge(Some(end)), CheckId::KeyWindow, Code::KeyRevoked);
    assert_refused(judge(None), CheckId::KeyWindow, Code::KeyRevoked);
}

#[test]
fn without_proof_a_superseded_key_counts_until_it_is() {
    assert_verified(judge(superseded(after(now(), 1)), None, any()));
    assert_refused(judge(superseded(now()), None, any()), CheckId::KeyWindow, Code::KeyRevoked);
}

#[test]
fn a_compromised_key_counts_for_nothing_unless_the_policy_says_so_b170() {
    let since = signed_at();
    for cause in [RevocationCause::Compromised, RevocationCause::Unspecified] {
        let judge = |token, policy| judge(revoked(cause, Some(since), after(since, 50)), token, policy);
        let accepting = || any().danger_accept_proven_before_compromise();
        let report = judge(Some(after(since, -1)), any());
        assert_eq!(report.cause().unwrap().place(), Some("key release"));
        let commands = report.remedy().unwrap().commands().to_vec();
        assert_eq!(commands, [["stella", "trust-anchors", "show", "release"].map(str::to_owned).to_vec()]);
        assert_refused(report, CheckId::KeyWindow, Code::KeyRevoked);
        let report = judge(Some(after(since, -1)), accepting());
        assert!(report.notes().iter().any(|note| note.contains("compromise")), "{:?}", report.notes());
        assert_verified(report);
        assert_refused(judge(Some(since), accepting()), CheckId::KeyWindow, Code::KeyRevoked);
        assert_refused(judge(None, accepting()), CheckId::KeyWindow, Code::KeyRevoked);
    }
}

#[test]
fn nobody_knows_since_when_so_nothing_is_proven_to_be_older() {
    let unknown = revoked(RevocationCause::Compromised, None, after(signed_at(), 100));
    let report = judge(unknown, Some(signed_at()), any().danger_accept_proven_before_compromise());
    assert_refused(report, CheckId::KeyWindow, Code::KeyRevoked);
}

fn with_pki(pki: &PrivatePki) -> Store {
    Store::new()
        .anchor("root", pki.root.certificate(), Terms::default())
        .intermediate("middle", pki.intermediate.certificate())
        .trusted_root("public", &sigstore().trusted_root().to_json())
}

fn middle() -> ObjectRef {
    ObjectRef::new(ObjectKind::Intermediate, id("middle"))
}

#[test]
fn a_path_to_a_revoked_anchor_or_over_a_revoked_intermediate_is_refused() {
    let pki = PrivatePki::new();
    let envelope = pki.sign(&pki.leaf());
    let judge = |object: ObjectRef, revocation| {
        with_pki(&pki).change(Change::Revoked { object, revocation }).case().at(now()).judge_envelope(&envelope)
    };
    assert_verified(with_pki(&pki).case().judge_envelope(&envelope));
    let compromised = || revoked(RevocationCause::Compromised, Some(signed_at()), signed_at());
    for object in [anchor_ref("root"), middle()] {
        let report = judge(object.clone(), compromised());
        assert!(report.cause().unwrap().summary().unwrap().contains(&object.to_string()), "{report}");
        assert!(report.paths().iter().all(|path| !path.findings.is_empty()), "a refused path is shown as accepted");
        assert_refused(report, CheckId::ChainValidity, Code::X509Revoked);
        assert_refused(judge(object.clone(), superseded(now())), CheckId::ChainValidity, Code::X509Revoked);
        assert_verified(judge(object, superseded(after(now(), 1))));
    }
}

#[test]
fn a_new_certificate_does_not_wash_a_compromised_key() {
    let pki = PrivatePki::new();
    let other = pki.root.intermediate_with(TestKey::p384("private intermediate"), |builder| builder.serial(4711));
    let compromised = revoked(RevocationCause::Compromised, None, signed_at());
    let store = with_pki(&pki).change(Change::Revoked { object: middle(), revocation: compromised });
    // The same authority under another certificate, brought by the attestation.
    let pem = |der: &[u8]| stella_testkit::certificate::to_pem(der);
    let chain = pem(&pki.leaf().sign(pki.intermediate.key())) + &pem(other.certificate());
    let report = store.case().judge_envelope(&unsigned().signed_with_certificate(&pki.key, &chain));
    assert_refused(report, CheckId::ChainValidity, Code::X509Revoked);
    // Nor does a certificate wash a key that was trusted by itself.
    let store = with_pki(&pki)
        .key("builder", &pki.key, Terms::default())
        .change(Change::Revoked { object: key_ref("builder"), revocation: compromised });
    let report = store.case().judge_envelope(&pki.sign(&pki.leaf()));
    assert_refused(report, CheckId::ChainValidity, Code::X509Revoked);
}

#[test]
fn a_removed_anchor_is_unknown_and_its_removal_is_mentioned() {
    let pki = PrivatePki::new();
    let store = with_pki(&pki).change(Change::Removed(anchor_ref("root")));
    let report = store.case().judge_envelope(&pki.sign(&pki.leaf()));
    assert!(report.notes().iter().any(|note| note.contains("anchor root")), "{:?}", report.notes());
    assert_refused(report, CheckId::ChainPath, Code::X509UnknownIssuer);
}
