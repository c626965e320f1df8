//! The question about a path by itself: the same rules as in a verification.

use stella_attest_verify::{Certificate, Code, FoundPaths, PathFinder, PathPurpose, Reason, Registry, TrustSnapshot};
use stella_testkit::authority::{AUTHORITY_FROM, Authority};
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::key::TestKey;
use stella_testkit::trusted_root::{self, TrustedRoot, ValidFor};
use stella_testkit::tsa::TimestampAuthority;

use crate::world::*;

fn certificate(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

fn find(root: &TrustedRoot, leaf: &[u8], extra: &[&[u8]], purpose: PathPurpose) -> FoundPaths {
    let trust = TrustSnapshot::builder().trusted_root(root.to_json().as_bytes()).unwrap().build().unwrap();
    let extra: Vec<Certificate> = extra.iter().map(|der| certificate(der)).collect();
    PathFinder::new(&Registry::rustcrypto(), &trust).find(&certificate(leaf), &extra, purpose, &[signed_at()])
}

fn code(found: &FoundPaths) -> Option<Code> {
    found.refusal.as_ref().map(Reason::code)
}

fn ended() -> ValidFor {
    ValidFor { start: Some(AUTHORITY_FROM), end: Some(after(signed_at(), -1)) }
}

fn open() -> ValidFor {
    ValidFor { start: Some(AUTHORITY_FROM), end: None }
}

#[test]
fn a_path_is_found_and_the_accepted_one_is_last() {
    let leaf = sigstore().ceremony().leaf();
    let found = find(&sigstore().trusted_root(), &leaf, &[], PathPurpose::Signer);
    assert_eq!(code(&found), None);
    assert!(found.tried.last().unwrap().findings.is_empty());
}

#[test]
fn without_an_instant_there_is_no_path() {
    let json = sigstore().trusted_root().to_json();
    let trust = TrustSnapshot::builder().trusted_root(json.as_bytes()).unwrap().build().unwrap();
    let leaf = certificate(&sigstore().ceremony().leaf());
    let found = PathFinder::new(&Registry::rustcrypto(), &trust).find(&leaf, &[], PathPurpose::Signer, &[]);
    assert!(found.refusal.is_some());
}

#[test]
fn under_nobody_the_issuer_is_unknown() {
    let trust = TrustSnapshot::builder().build().unwrap();
    let leaf = certificate(&sigstore().ceremony().leaf());
    let found = PathFinder::new(&Registry::rustcrypto(), &trust).find(&leaf, &[], PathPurpose::Signer, &[signed_at()]);
    assert_eq!(code(&found), Some(Code::X509UnknownIssuer));
    assert_eq!(found.tried.len(), 1);
}

#[test]
fn an_intermediate_that_was_brought_along_borrows_no_window() {
    let root = Authority::root("shared root");
    let (old, new) = (root.intermediate("old"), root.intermediate("new"));
    let key = TestKey::p256("signer");
    let leaf = old.signer_leaf(&key, &SubjectAltName::Uri("https://ci.example/builder".into())).sign(old.key());
    let entry = |one: &Authority, window| {
        let chain = [one.certificate().to_vec(), root.certificate().to_vec()];
        trusted_root::authority("https://ca.example", &chain, window)
    };
    let mut trusted = sigstore().trusted_root();
    trusted.certificate_authorities = vec![entry(&old, ended()), entry(&new, open())];
    assert_eq!(
        code(&find(&trusted, &leaf, &[old.certificate()], PathPurpose::Signer)),
        Some(Code::TrustAnchorNotValid)
    );
    // Nor once the first is taken out: that may not help.
    trusted.certificate_authorities = vec![entry(&new, open())];
    let found = find(&trusted, &leaf, &[old.certificate()], PathPurpose::Signer);
    assert_eq!(code(&found), Some(Code::X509UnknownIssuer));
    trusted.certificate_authorities = vec![entry(&old, open())];
    assert_eq!(code(&find(&trusted, &leaf, &[], PathPurpose::Signer)), None);
}

#[test]
fn a_time_stamping_authority_has_its_window_and_no_certificate_but_the_pinned_one() {
    let tsa = TimestampAuthority::new("paths");
    let root_with = |chain: &[Vec<u8>], window| {
        let mut root = sigstore().trusted_root();
        root.timestamp_authorities = vec![trusted_root::authority("https://tsa.example", chain, window)];
        root
    };
    let leaf = tsa.certificate();
    assert_eq!(code(&find(&root_with(&tsa.chain(), open()), leaf, &[], PathPurpose::Timestamp)), None);
    let late = find(&root_with(&tsa.chain(), ended()), leaf, &[], PathPurpose::Timestamp);
    assert_eq!(code(&late), Some(Code::TrustAnchorNotValid));
    let other = tsa.root().time_stamping_leaf(&TestKey::p256("another clock")).sign(tsa.root().key());
    let found = find(&root_with(&tsa.chain(), open()), &other, &[], PathPurpose::Timestamp);
    assert_eq!(code(&found), Some(Code::X509UnknownIssuer));
}

#[test]
fn a_public_authority_for_signing_certificates_certifies_no_clock() {
    let fulcio = sigstore().root();
    let clock = fulcio.time_stamping_leaf(&TestKey::p256("clock")).sign(fulcio.key());
    let found = find(&sigstore().trusted_root(), &clock, &[], PathPurpose::Timestamp);
    assert_eq!(code(&found), Some(Code::X509UnknownIssuer));
}
