//! When a key of the snapshot may have signed: `[from, until)`, at every time that counts.

use stella_attest_verify::{CheckId, Code, Policy, Report, TrustSnapshot, UnixTime, Window};
use stella_testkit::bundle::{Bundle, Content, Signer, Version};
use stella_testkit::key::TestKey;
use stella_testkit::tsa::Token;
use stella_trust_store::KeyEntry;

use crate::world::*;

fn key() -> TestKey {
    TestKey::ed25519("a key with a window")
}

fn window(from: Option<UnixTime>, until: Option<UnixTime>) -> TrustSnapshot {
    let entry = KeyEntry::new(public(&key())).with_window(Window::half_open(from, until));
    let root = sigstore().trusted_root();
    let builder = TrustSnapshot::builder().key_with(entry).trusted_root(root.to_json().as_bytes()).unwrap();
    builder.build().unwrap()
}

/// Signed by the key, with or without a token.
fn judge(trust: TrustSnapshot, token: Option<UnixTime>, at: UnixTime) -> Report {
    let mut bundle = Bundle {
        version: Version::V03,
        content: Content::Dsse(unsigned().signed_by(&key())),
        signer: Signer::KeyHint("whatever".to_owned()),
        entries: Vec::new(),
        timestamps: Vec::new(),
    };
    bundle.timestamps.extend(token.map(|time| sigstore().tsa().respond(&Token::new(bundle.signature(), time))));
    Case::trusting(trust).policy(Policy::require_key(key().public_key().key_id())).at(at).judge(&bundle)
}

fn now() -> UnixTime {
    after(signed_at(), DAY)
}

#[test]
fn a_trusted_time_from_the_first_to_the_last_but_one_second_of_the_window_is_accepted() {
    let (from, until) = (signed_at(), after(signed_at(), 100));
    let judge_token = |token| judge(window(Some(from), Some(until)), Some(token), now());
    assert_refused(judge_token(after(from, -1)), CheckId::KeyWindow, Code::KeyNotYetTrusted);
    assert_verified(judge_token(from));
    assert_verified(judge_token(after(until, -1)));
    assert_refused(judge_token(until), CheckId::KeyWindow, Code::KeyExpiredAtSigning);
    assert_refused(judge_token(after(until, 1)), CheckId::KeyWindow, Code::KeyExpiredAtSigning);
}

#[test]
fn without_a_trusted_time_the_instant_judged_has_to_lie_in_the_window() {
    let (from, until) = (signed_at(), after(signed_at(), 100));
    let judge_at = |at| judge(window(Some(from), Some(until)), None, at);
    assert_refused(judge_at(after(from, -1)), CheckId::KeyWindow, Code::KeyNotYetTrusted);
    let report = judge_at(from);
    assert!(report.notes().iter().any(|note| note.starts_with("no trusted time")), "{:?}", report.notes());
    assert_verified(report);
    assert_verified(judge_at(after(until, -1)));
    assert_refused(judge_at(until), CheckId::KeyWindow, Code::KeyExpired);
}

#[test]
fn an_expired_key_verifies_what_is_proven_to_be_older() {
    let trust = || window(None, Some(after(signed_at(), 100)));
    assert_refused(judge(trust(), None, now()), CheckId::KeyWindow, Code::KeyExpired);
    assert_verified(judge(trust(), Some(signed_at()), now()));
}

#[test]
fn a_key_that_is_trusted_only_later_verifies_nothing_older() {
    let trust = || window(Some(after(signed_at(), 1)), None);
    assert_verified(judge(trust(), None, now()));
    assert_refused(judge(trust(), Some(signed_at()), now()), CheckId::KeyWindow, Code::KeyNotYetTrusted);
}

#[test]
fn a_refusal_shows_window_and_time() {
    let report = judge(window(None, Some(signed_at())), Some(signed_at()), now());
    let check = check(&report, CheckId::KeyWindow);
    assert_eq!(check.found(), Some("2026-01-17T09:00:00Z"));
    assert_eq!(check.expected(), Some("within (…, 2026-01-17T09:00:00Z)"));
}

#[test]
fn of_several_keys_that_signed_enough_have_to_be_within_their_windows() {
    let (old, new) = (TestKey::p256("old key"), TestKey::p256("new key"));
    let ended = KeyEntry::new(public(&old)).with_window(Window::half_open(None, Some(signed_at())));
    let trust = TrustSnapshot::builder().key_with(ended).key(public(&new)).build().unwrap();
    let ids = || [old.public_key().key_id(), new.public_key().key_id()];
    let envelope = unsigned().signed_by(&old).signed_by(&new);
    let judge = |threshold| {
        let policy = Policy::require_keys(threshold, ids()).unwrap();
        Case::trusting(trust.clone()).policy(policy).judge_envelope(&envelope)
    };
    assert_verified(judge(1));
    assert_refused(judge(2), CheckId::KeyWindow, Code::KeyExpired);
}

#[test]
fn the_signer_shown_is_a_key_that_counts() {
    let (old, new) = (TestKey::p256("old key"), TestKey::p256("new key"));
    let ended = KeyEntry::new(public(&old)).with_window(Window::half_open(None, Some(signed_at())));
    let trust = TrustSnapshot::builder().key_with(ended).key(public(&new)).build().unwrap();
    let case = Case::trusting(trust).policy(Policy::require_trusted_signer());
    let report = case.judge_envelope(&unsigned().signed_by(&old).signed_by(&new));
    assert_eq!(report.signer().key(), Some(new.public_key().key_id().to_string().as_str()));
    assert_verified(report);
}
