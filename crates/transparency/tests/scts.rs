//! SCTs embedded in a certificate.
#![allow(clippy::unwrap_used)]

mod common;

use stella_crypto_providers::{PublicKey, Registry, Scheme};
use stella_transparency::{CtLogSet, Log, SctError};
use stella_vocabulary::{Code, Reason, UnixTime, Window};

/// 2013-04-05T17:04:16.275Z, the time in the SCT, without its milliseconds.
const SCT_TIME: i64 = 1_365_181_456;

fn leaf() -> Vec<u8> {
    common::certificates("sct/cert-ct-embedded.pem").remove(0)
}

fn issuer_spki() -> Vec<u8> {
    common::spki(&common::certificates("sct/ca-cert.pem")[0])
}

fn log(window: Window) -> Log {
    let key = PublicKey::from_pem(&common::testdata("sct/ct-server-key-public.pem")).unwrap();
    Log::new("test log".into(), key.key_id().as_bytes().to_vec(), key, Scheme::EcdsaP256Sha256, window)
}

fn set(logs: Vec<Log>) -> CtLogSet {
    CtLogSet::new(&Registry::rustcrypto(), logs)
}

fn only(logs: Vec<Log>, leaf: &[u8], issuer: &[u8]) -> Result<i64, SctError> {
    let mut results = set(logs).verify_embedded(leaf, issuer)?;
    assert_eq!(results.len(), 1);
    results.remove(0).map(|sct| sct.time.seconds())
}

#[test]
fn an_sct_over_the_rebuilt_precertificate_verifies() {
    assert_eq!(only(vec![log(Window::always())], &leaf(), &issuer_spki()).unwrap(), SCT_TIME);
}

#[test]
fn an_sct_under_another_issuer_key_is_refused() {
    let refusal = only(vec![log(Window::always())], &leaf(), &common::spki(&leaf())).unwrap_err();
    assert!(matches!(refusal, SctError::SignatureInvalid { .. }));
    assert_eq!(refusal.code(), Code::X509SctInvalid);
}

#[test]
fn an_sct_of_an_unknown_log_is_refused() {
    let refusal = only(vec![], &leaf(), &issuer_spki()).unwrap_err();
    assert!(matches!(refusal, SctError::LogUnknown { .. }));
}

#[test]
fn the_window_of_a_log_holds_its_first_and_last_second_and_no_other() {
    let judge = |from, until| {
        let window = Window::closed(Some(UnixTime::from_seconds(from)), Some(UnixTime::from_seconds(until)));
        only(vec![log(window)], &leaf(), &issuer_spki())
    };
    assert!(judge(SCT_TIME, SCT_TIME).is_ok());
    assert!(matches!(judge(SCT_TIME + 1, SCT_TIME + 9).unwrap_err(), SctError::LogOutsideWindow { .. }));
    assert!(matches!(judge(SCT_TIME - 9, SCT_TIME - 1).unwrap_err(), SctError::LogOutsideWindow { .. }));
}

#[test]
fn a_second_window_of_the_same_log_is_found() {
    let past = Window::closed(None, Some(UnixTime::from_seconds(SCT_TIME - 1)));
    assert!(only(vec![log(past), log(Window::always())], &leaf(), &issuer_spki()).is_ok());
}

#[test]
fn a_certificate_without_scts_says_so() {
    let certificate = common::certificates("sct/cert.pem").remove(0);
    let refusal = set(vec![log(Window::always())]).verify_embedded(&certificate, &issuer_spki()).unwrap_err();
    assert!(matches!(refusal, SctError::Missing));
}

#[test]
fn no_flipped_bit_of_the_signed_body_keeps_the_sct_valid() {
    let (leaf, issuer) = (leaf(), issuer_spki());
    let set = set(vec![log(Window::always())]);
    let signature_algorithm_and_signature = 15 + 3 + 129;
    for position in 0..leaf.len() {
        let mut changed = leaf.clone();
        changed[position] ^= 1 << (position % 8);
        let accepted = set.verify_embedded(&changed, &issuer).is_ok_and(|results| results.iter().any(Result::is_ok));
        // The issuer's signature is not part of what the log signed, nor is the criticality of the list itself.
        let outside = position >= leaf.len() - signature_algorithm_and_signature;
        assert!(!accepted || outside, "byte {position}");
    }
}
