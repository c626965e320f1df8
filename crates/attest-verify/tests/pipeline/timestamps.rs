//! RFC 3161 tokens, and the times that count.

use stella_attest_verify::{CheckId, Code, Policy, Report, TimeSource, UnixTime};
use stella_testkit::authority::{AUTHORITY_FROM, Authority};
use stella_testkit::bundle::Bundle;
use stella_testkit::certificate::Extension;
use stella_testkit::oid;
use stella_testkit::sigstore::Evidence;
use stella_testkit::trusted_root::{self, TrustedRoot, ValidFor};
use stella_testkit::tsa::{Certificates, TimestampAuthority, Token};

use crate::world::*;

/// Without promise, so that the token alone tells the time; logs are waived.
fn timed(token: impl FnOnce(&[u8]) -> Vec<u8>) -> Bundle {
    let mut bundle = sigstore().ceremony().evidence(&[Evidence::Sct]).sign_statement(&statement());
    bundle.timestamps.push(token(bundle.signature()));
    bundle
}

fn policy() -> Policy {
    sigstore_policy().danger_without_log()
}

fn always() -> ValidFor {
    ValidFor { start: Some(UnixTime::from_seconds(0)), end: None }
}

/// The trusted root with these time-stamping authorities alone.
fn root_with(authorities: &[(&str, Vec<Vec<u8>>, ValidFor)]) -> TrustedRoot {
    let mut root = sigstore().trusted_root();
    root.timestamp_authorities =
        authorities.iter().map(|(uri, chain, window)| trusted_root::authority(uri, chain, *window)).collect();
    root
}

fn judge(root: &TrustedRoot, bundle: &Bundle) -> Report {
    Case::root(root).policy(policy()).judge(bundle)
}

#[test]
fn a_token_over_the_signature_tells_the_time_with_or_without_its_certificate() {
    for certificates in [Certificates::Embedded, Certificates::Omitted] {
        let bundle =
            timed(|signature| sigstore().tsa().respond(&Token { certificates, ..Token::new(signature, signed_at()) }));
        let report = judge(&sigstore().trusted_root(), &bundle);
        let times: Vec<_> = report.trusted_times().iter().map(|time| (time.time(), time.source())).collect();
        assert_eq!(times, [(signed_at(), TimeSource::Timestamp)]);
        assert_verified(report);
    }
}

#[test]
fn a_bare_token_is_as_good_as_a_response() {
    let bundle = timed(|signature| sigstore().tsa().token(&Token::new(signature, signed_at())));
    assert_verified(judge(&sigstore().trusted_root(), &bundle));
}

#[test]
fn a_token_over_the_payload_is_refused() {
    let payload = statement().to_string();
    let bundle = timed(|_| sigstore().tsa().respond(&Token::new(payload.as_bytes(), signed_at())));
    assert_refused(judge(&sigstore().trusted_root(), &bundle), CheckId::TimeTimestamp, Code::TimeImprintMismatch);
}

#[test]
fn a_token_of_an_unknown_authority_is_refused_with_and_without_its_certificate() {
    for certificates in [Certificates::Embedded, Certificates::Omitted] {
        let bundle = timed(|signature| {
            other_sigstore().tsa().respond(&Token { certificates, ..Token::new(signature, signed_at()) })
        });
        assert_refused(judge(&sigstore().trusted_root(), &bundle), CheckId::TimeTimestamp, Code::TimeTsaUntrusted);
    }
    let bundle = timed(|signature| sigstore().tsa().respond(&Token::new(signature, signed_at())));
    assert_refused(judge(&root_with(&[]), &bundle), CheckId::TimeTimestamp, Code::TimeTsaUntrusted);
}

#[test]
fn an_unknown_token_is_refused_although_another_time_is_known() {
    let mut bundle = bundle();
    bundle.timestamps.push(other_sigstore().tsa().respond(&Token::new(bundle.signature(), signed_at())));
    assert_refused(Case::sigstore().judge(&bundle), CheckId::TimeTimestamp, Code::TimeTsaUntrusted);
}

#[test]
fn the_window_of_an_authority_includes_both_its_ends() {
    let bundle = timed(|signature| sigstore().tsa().respond(&Token::new(signature, signed_at())));
    let judge_in = |from: i64, until: i64| {
        let window = ValidFor { start: Some(after(signed_at(), from)), end: Some(after(signed_at(), until)) };
        judge(&root_with(&[("https://tsa.example", sigstore().tsa().chain(), window)]), &bundle)
    };
    assert_verified(judge_in(0, 0));
    assert_verified(judge_in(-5, 0));
    assert_verified(judge_in(0, 5));
    assert_refused(judge_in(-5, -1), CheckId::TimeTimestamp, Code::TimeTsaOutsideValidity);
    assert_refused(judge_in(1, 5), CheckId::TimeTimestamp, Code::TimeTsaOutsideValidity);
}

/// Two authorities below one root, the first trusted until before the signature, the second still.
fn below_one_root() -> (Authority, Authority, Authority) {
    let root = Authority::root("shared tsa root");
    let (old, new) = (root.intermediate("old tsa"), root.intermediate("new tsa"));
    (root, old, new)
}

#[test]
fn an_authority_does_not_borrow_the_window_of_another_below_the_same_root() {
    let (root, old, new) = below_one_root();
    let ended = ValidFor { start: Some(AUTHORITY_FROM), end: Some(after(signed_at(), -1)) };
    let chain = |one: &Authority| vec![one.certificate().to_vec(), root.certificate().to_vec()];
    let old_entry = ("https://old.example", chain(&old), ended);
    let new_entry = ("https://new.example", chain(&new), always());
    let luggage = vec![old.certificate().to_vec()];
    let by_new = TimestampAuthority::issued_by(new, "new", |leaf| leaf);
    let by_old = TimestampAuthority::issued_by(old, "old", |leaf| leaf);

    let both = root_with(&[old_entry, new_entry.clone()]);
    let good = timed(|signature| by_new.respond(&Token::new(signature, signed_at())));
    assert_verified(judge(&both, &good));
    let bad = timed(|signature| by_old.respond(&Token { luggage, ..Token::new(signature, signed_at()) }));
    assert_refused(judge(&both, &bad), CheckId::TimeTimestamp, Code::TimeTsaOutsideValidity);
    // Nor once the first is taken out: that may not help.
    assert_refused(judge(&root_with(&[new_entry]), &bad), CheckId::TimeTimestamp, Code::TimeTsaUntrusted);
}

#[test]
fn an_authority_known_by_its_root_alone_may_bring_its_intermediate() {
    let (root, old, _) = below_one_root();
    let root = root_with(&[("https://tsa.example", vec![root.certificate().to_vec()], always())]);
    let luggage = vec![old.certificate().to_vec()];
    let by_old = TimestampAuthority::issued_by(old, "old", |leaf| leaf);
    let with = timed(|signature| by_old.respond(&Token { luggage, ..Token::new(signature, signed_at()) }));
    assert_verified(judge(&root, &with));
    let without = timed(|signature| by_old.respond(&Token::new(signature, signed_at())));
    assert_refused(judge(&root, &without), CheckId::TimeTimestamp, Code::TimeTsaUntrusted);
}

#[test]
fn a_time_outside_the_validity_of_the_authoritys_certificate_is_refused() {
    let judge_until = |until: i64| {
        let tsa = TimestampAuthority::issued_by(Authority::root("short tsa root"), "short tsa", |leaf| {
            leaf.validity(AUTHORITY_FROM, after(signed_at(), until))
        });
        let bundle = timed(|signature| tsa.respond(&Token::new(signature, signed_at())));
        judge(&root_with(&[("https://tsa.example", tsa.chain(), always())]), &bundle)
    };
    assert_refused(judge_until(-1), CheckId::TimeTimestamp, Code::TimeTsaCertExpired);
    // A15: expired now, valid at the time it states.
    assert_verified(judge_until(0));
}

#[test]
fn an_authority_without_the_one_critical_purpose_is_not_trusted_with_the_time() {
    let usage = |critical: bool, usages: &[&str]| Extension { critical, ..Extension::extended_key_usage(usages) };
    let judge_with = |extension: Extension| {
        let root = Authority::root("purposeful tsa root");
        let tsa = TimestampAuthority::issued_by(root, "purposeful tsa", |leaf| leaf.extension(extension));
        let bundle = timed(|signature| tsa.respond(&Token::new(signature, signed_at())));
        judge(&root_with(&[("https://tsa.example", tsa.chain(), always())]), &bundle)
    };
    assert_verified(judge_with(usage(true, &[oid::TIME_STAMPING])));
    for wrong in [
        usage(false, &[oid::TIME_STAMPING]),
        usage(true, &[oid::TIME_STAMPING, oid::CODE_SIGNING]),
        usage(true, &[oid::CODE_SIGNING]),
    ] {
        assert_refused(judge_with(wrong), CheckId::TimeTimestamp, Code::TimeTsaUntrusted);
    }
}

#[test]
fn a_token_is_refused_if_its_signature_or_an_attribute_is_not_its_own() {
    let refused = |edit: fn(&mut Token)| {
        let bundle = timed(|signature| {
            let mut token = Token::new(signature, signed_at());
            edit(&mut token);
            sigstore().tsa().respond(&token)
        });
        let report = judge(&sigstore().trusted_root(), &bundle);
        assert_eq!(report.cause().unwrap().id(), CheckId::TimeTimestamp, "{report}");
    };
    refused(|token| token.raw_signature = Some(sigstore().tsa().key().sign(b"something else")));
    refused(|token| token.raw_message_digest = Some(vec![0; 32]));
    refused(|token| token.raw_certificate_hash = Some([0; 32]));
}

#[test]
fn every_trusted_time_has_to_lie_within_the_certificate() {
    let judge_with = |token: i64| {
        let mut bundle = bundle();
        let token = Token::new(bundle.signature(), after(signed_at(), token));
        bundle.timestamps.push(sigstore().tsa().respond(&token));
        Case::sigstore().judge(&bundle)
    };
    assert_verified(judge_with(-300));
    assert_verified(judge_with(300));
    assert_refused(judge_with(301), CheckId::ChainValidity, Code::TimeOutsideCertificateValidity);
    assert_refused(judge_with(-301), CheckId::ChainValidity, Code::TimeOutsideCertificateValidity);
}

#[test]
fn a_time_one_second_in_the_future_is_refused() {
    for bundle in [bundle(), timed(|signature| sigstore().tsa().respond(&Token::new(signature, signed_at())))] {
        let case = |at| Case::sigstore().policy(policy()).at(at);
        assert_verified(case(signed_at()).judge(&bundle));
        assert_refused(case(after(signed_at(), -1)).judge(&bundle), CheckId::TimeTrusted, Code::TimeInFuture);
    }
}

#[test]
fn a_threshold_counts_authorities_and_not_tokens() {
    let token = |offset: i64| {
        move |signature: &[u8]| sigstore().tsa().respond(&Token::new(signature, after(signed_at(), offset)))
    };
    let mut bundle = timed(token(0));
    let case = || Case::sigstore().policy(policy().trusted_times(2));
    assert_refused(case().judge(&bundle), CheckId::TimeTrusted, Code::TimeThresholdNotMet);
    bundle.timestamps.push(token(5)(bundle.signature()));
    assert_refused(case().judge(&bundle), CheckId::TimeTrusted, Code::TimeThresholdNotMet);

    let other = other_sigstore().tsa();
    bundle.timestamps.push(other.respond(&Token::new(bundle.signature(), signed_at())));
    let both = root_with(&[
        ("https://tsa.example", sigstore().tsa().chain(), always()),
        ("https://other.example", other.chain(), always()),
    ]);
    assert_verified(Case::root(&both).policy(policy().trusted_times(2)).judge(&bundle));
}

#[test]
fn an_authority_under_two_names_counts_once() {
    let chain = sigstore().tsa().chain();
    let until = ValidFor { start: Some(AUTHORITY_FROM), end: Some(signed_at()) };
    let from = ValidFor { start: Some(after(signed_at(), 1)), end: None };
    let root = root_with(&[("https://tsa.example", chain.clone(), until), ("https://renamed.example", chain, from)]);
    let mut bundle = timed(|signature| sigstore().tsa().respond(&Token::new(signature, signed_at())));
    let second = Token::new(bundle.signature(), after(signed_at(), 5));
    bundle.timestamps.push(sigstore().tsa().respond(&second));
    assert_verified(judge(&root, &bundle));
    let report = Case::root(&root).policy(policy().trusted_times(2)).judge(&bundle);
    assert_refused(report, CheckId::TimeTrusted, Code::TimeThresholdNotMet);
}

#[test]
fn promise_and_token_are_two_sources() {
    let all = [Evidence::Sct, Evidence::Promise, Evidence::InclusionProof, Evidence::Timestamp];
    let bundle = sigstore().ceremony().evidence(&all).sign_statement(&statement());
    let case = |count| Case::sigstore().policy(sigstore_policy().trusted_times(count));
    assert_verified(case(2).judge(&bundle));
    assert_refused(case(3).judge(&bundle), CheckId::TimeTrusted, Code::TimeThresholdNotMet);
}

#[test]
fn a_time_that_only_the_log_entry_claims_is_no_trusted_time() {
    // Proof without promise: the integrated time is there, and nobody signed it.
    let bundle =
        sigstore().ceremony().evidence(&[Evidence::Sct, Evidence::InclusionProof]).sign_statement(&statement());
    assert!(bundle.entries[0].integrated_time.is_some());
    for at in [signed_at(), after(signed_at(), DAY)] {
        let report = Case::sigstore().at(at).judge(&bundle);
        assert!(report.trusted_times().is_empty());
        assert_refused(report, CheckId::TimeTrusted, Code::TimeNoTrustedTime);
    }
}
