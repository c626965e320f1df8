//! Transparency logs: entries are of this signature, promised and included by trusted logs, and logs are counted, not entries.

use stella_attest_verify::{CheckId, Code, Policy, TrustSnapshot, UnixTime};
use stella_testkit::bundle::Bundle;
use stella_testkit::key::TestKey;
use stella_testkit::rekor::{self, Entry, Rekor};
use stella_testkit::sigstore::{EntryKind, Evidence};
use stella_testkit::trusted_root::{self, TrustedRoot, ValidFor};

use crate::world::*;

fn second_log() -> Rekor {
    Rekor::new("a second rekor", "second.example")
}

fn always() -> ValidFor {
    ValidFor { start: Some(UnixTime::from_seconds(0)), end: None }
}

/// The trusted root with this log besides its own.
fn root_with(logs: &[(&str, &Rekor, ValidFor)]) -> TrustedRoot {
    let mut root = sigstore().trusted_root();
    root.logs.extend(logs.iter().map(|(url, log, window)| trusted_root::log(url, log.key(), *window)));
    root
}

/// An entry of `log` for the envelope of `bundle`.
fn entry(log: &Rekor, bundle: &Bundle, at: UnixTime) -> Entry {
    log.log("dsse", "0.0.1", rekor::dsse_body(envelope_of(bundle), &leaf_pem(bundle)), at)
}

fn edited(edit: impl FnOnce(&mut Entry)) -> Bundle {
    let mut bundle = bundle();
    edit(&mut bundle.entries[0]);
    bundle
}

#[test]
fn every_kind_of_entry_is_accepted_with_promise_proof_or_both() {
    for kind in [EntryKind::Dsse, EntryKind::Intoto] {
        let bundle = sigstore().ceremony().entry_kind(kind).sign_statement(&statement());
        assert_verified(Case::sigstore().judge(&bundle));
    }
    for evidence in [
        &[Evidence::Sct, Evidence::Timestamp, Evidence::InclusionProof][..],
        &[Evidence::Sct, Evidence::Promise, Evidence::InclusionProof],
    ] {
        assert_verified(Case::sigstore().judge(&sigstore().ceremony().evidence(evidence).sign_statement(&statement())));
    }
    let promised = sigstore()
        .ceremony()
        .version(stella_testkit::bundle::Version::V01)
        .evidence(&[Evidence::Sct, Evidence::Promise])
        .sign_statement(&statement());
    assert_verified(Case::sigstore().judge(&promised));
}

#[test]
fn a_promise_over_another_time_or_index_is_refused_even_if_logs_are_waived() {
    let case = || Case::sigstore().policy(sigstore_policy().danger_without_log());
    let time = edited(|entry| entry.integrated_time = Some(signed_at().seconds() - 1));
    assert_refused(case().judge(&time), CheckId::LogPromise, Code::TlogSetInvalid);
    let index = edited(|entry| entry.log_index += 1);
    assert_refused(case().judge(&index), CheckId::LogPromise, Code::TlogSetInvalid);
    let untimed = edited(|entry| entry.integrated_time = None);
    assert_refused(case().judge(&untimed), CheckId::LogPromise, Code::TlogSetInvalid);
}

#[test]
fn a_proof_is_refused_if_a_hash_is_changed_added_or_removed() {
    let changed = edited(|entry| flip(&mut entry.proof.as_mut().unwrap().hashes[1], 31));
    let added = edited(|entry| entry.proof.as_mut().unwrap().hashes.push([0; 32]));
    let removed = edited(|entry| entry.proof.as_mut().unwrap().hashes.truncate(2));
    let elsewhere = edited(|entry| entry.proof.as_mut().unwrap().log_index = 4);
    let beyond = edited(|entry| entry.proof.as_mut().unwrap().log_index = 11);
    let far_beyond = edited(|entry| entry.proof.as_mut().unwrap().log_index = i64::MAX as u64);
    for bundle in [changed, added, removed, elsewhere, beyond, far_beyond] {
        assert_refused(Case::sigstore().judge(&bundle), CheckId::LogInclusion, Code::TlogInclusionProofInvalid);
    }
}

#[test]
fn a_checkpoint_of_another_tree_size_root_key_or_name_is_refused() {
    let log = sigstore().rekor();
    let with = |note: String| edited(|entry| entry.proof.as_mut().unwrap().checkpoint = Some(note));
    let (size, root) = bundle().entries[0].proof.as_ref().map(|proof| (proof.tree_size, proof.root)).unwrap();
    assert_verified(Case::sigstore().judge(&with(log.checkpoint(size, &root))));
    for (note, code) in [
        (log.checkpoint(size + 1, &root), Code::TlogRootMismatch),
        (log.checkpoint(size, &[7; 32]), Code::TlogRootMismatch),
        (second_log().checkpoint(size, &root), Code::TlogCheckpointSignatureInvalid),
        (
            log.checkpoint(size, &root).replacen("rekor.example", "other.example", 1),
            Code::TlogCheckpointSignatureInvalid,
        ),
        (log.checkpoint(size, &root).replacen("11\n", "011\n", 1), Code::TlogCheckpointMalformed),
        ("nonsense".to_owned(), Code::TlogCheckpointMalformed),
    ] {
        assert_refused(Case::sigstore().judge(&with(note)), CheckId::LogInclusion, code);
    }
}

#[test]
fn a_proof_of_another_entry_is_refused() {
    let other = sigstore().ceremony().sign_artifact(b"another artifact");
    let bundle = edited(|entry| entry.proof = other.entries[0].proof.clone());
    assert_refused(Case::sigstore().judge(&bundle), CheckId::LogInclusion, Code::TlogInclusionProofInvalid);
}

#[test]
fn an_entry_of_another_signature_or_certificate_over_the_same_payload_is_refused() {
    let again = sigstore().ceremony().key(TestKey::p256("another leaf")).sign_statement(&statement());
    let mut spliced = bundle();
    spliced.entries = again.entries;
    for policy in [sigstore_policy(), sigstore_policy().danger_without_log()] {
        assert_refused(Case::sigstore().policy(policy).judge(&spliced), CheckId::LogEntry, Code::TlogEntryMismatch);
    }
}

#[test]
fn an_entry_of_an_unknown_kind_is_refused() {
    let mut unknown = bundle();
    let body = String::from_utf8(unknown.entries[0].body.clone()).unwrap().replace(r#""0.0.1""#, r#""0.0.9""#);
    unknown.entries = vec![sigstore().rekor().log("dsse", "0.0.9", body.into_bytes(), signed_at())];
    assert_refused(Case::sigstore().judge(&unknown), CheckId::LogEntry, Code::TlogKindUnsupported);
}

#[test]
fn an_entry_of_an_unknown_log_is_refused_even_beside_one_of_a_known_log() {
    let mut bundle = bundle();
    bundle.entries.push(entry(&second_log(), &bundle, signed_at()));
    assert_refused(Case::sigstore().judge(&bundle), CheckId::LogPromise, Code::TlogLogUnknown);
    let both = root_with(&[("https://second.example", &second_log(), always())]);
    assert_verified(Case::root(&both).judge(&bundle));
}

#[test]
fn the_window_of_a_log_includes_both_its_ends() {
    let judge = |from: i64, until: i64| {
        let mut root = sigstore().trusted_root();
        let window = ValidFor { start: Some(after(signed_at(), from)), end: Some(after(signed_at(), until)) };
        root.logs = vec![trusted_root::log("https://rekor.example", sigstore().rekor().key(), window)];
        Case::root(&root).judge(&bundle())
    };
    assert_verified(judge(0, 0));
    assert_verified(judge(-1, 0));
    assert_verified(judge(0, 1));
    assert_refused(judge(-2, -1), CheckId::LogPromise, Code::TlogLogUnknown);
    assert_refused(judge(1, 2), CheckId::LogPromise, Code::TlogLogUnknown);
}

#[test]
fn without_a_promise_the_window_of_the_log_is_held_against_the_tokens() {
    let bundle = sigstore()
        .ceremony()
        .evidence(&[Evidence::Sct, Evidence::Timestamp, Evidence::InclusionProof])
        .sign_statement(&statement());
    let judge = |until: i64| {
        let mut root = sigstore().trusted_root();
        let window = ValidFor { start: Some(UnixTime::from_seconds(0)), end: Some(after(signed_at(), until)) };
        root.logs = vec![trusted_root::log("https://rekor.example", sigstore().rekor().key(), window)];
        let mut bundle = bundle.clone();
        bundle.entries[0].integrated_time = None;
        Case::root(&root).judge(&bundle)
    };
    assert_verified(judge(0));
    assert_refused(judge(-1), CheckId::LogInclusion, Code::TlogLogUnknown);
}

#[test]
fn without_any_time_the_window_of_the_log_is_held_against_the_instant_judged() {
    let key = TestKey::p256("logged key");
    let envelope = unsigned().signed_by(&key);
    let mut logged = second_log().log("dsse", "0.0.1", rekor::dsse_body(&envelope, &key.public_pem()), signed_at());
    logged.promise = None;
    logged.integrated_time = None;
    let bundle = Bundle {
        version: stella_testkit::bundle::Version::V03,
        content: stella_testkit::bundle::Content::Dsse(envelope),
        signer: stella_testkit::bundle::Signer::KeyHint("release".to_owned()),
        entries: vec![logged],
        timestamps: Vec::new(),
    };
    let judge = |until: UnixTime| {
        let mut root = TrustedRoot::default();
        let window = ValidFor { start: Some(UnixTime::from_seconds(0)), end: Some(until) };
        root.logs = vec![trusted_root::log("https://second.example", second_log().key(), window)];
        let trust = TrustSnapshot::builder().key(public(&key)).trusted_root(root.to_json().as_bytes()).unwrap();
        let policy = Policy::require_key(key.public_key().key_id()).logs(1);
        Case::trusting(trust.build().unwrap()).policy(policy).judge(&bundle)
    };
    let at = Case::sigstore().at;
    assert_verified(judge(at));
    assert_refused(judge(after(at, -1)), CheckId::LogInclusion, Code::TlogLogUnknown);
}

#[test]
fn a_threshold_counts_logs_and_not_entries() {
    let case = |root: &TrustedRoot| Case::root(root).policy(sigstore_policy().logs(2));
    let root = root_with(&[("https://second.example", &second_log(), always())]);
    let one = bundle();
    assert_refused(case(&root).judge(&one), CheckId::LogThreshold, Code::TlogThresholdNotMet);

    let mut same_twice = one.clone();
    same_twice.entries.push(one.entries[0].clone());
    assert_refused(case(&root).judge(&same_twice), CheckId::LogThreshold, Code::TlogThresholdNotMet);

    let mut one_log_twice = one.clone();
    one_log_twice.entries.push(entry(sigstore().rekor(), &one, after(signed_at(), 10)));
    assert_refused(case(&root).judge(&one_log_twice), CheckId::LogThreshold, Code::TlogThresholdNotMet);

    let mut two_logs = one.clone();
    two_logs.entries.push(entry(&second_log(), &one, signed_at()));
    assert_verified(case(&root).judge(&two_logs));
}

#[test]
fn a_log_that_is_listed_twice_with_two_windows_or_two_names_counts_once() {
    let log = sigstore().rekor();
    let mut root = sigstore().trusted_root();
    let until = |end| ValidFor { start: Some(UnixTime::from_seconds(0)), end: Some(end) };
    let from = |start| ValidFor { start: Some(start), end: None };
    root.logs = vec![
        trusted_root::log("https://rekor.example", log.key(), until(signed_at())),
        trusted_root::log("https://renamed.example", log.key(), from(after(signed_at(), 1))),
    ];
    let mut twice = bundle();
    twice.entries.push(entry(log, &twice, after(signed_at(), 10)));
    assert_verified(Case::root(&root).judge(&twice));
    let logs = Case::root(&root).policy(sigstore_policy().logs(2)).judge(&twice);
    assert_refused(logs, CheckId::LogThreshold, Code::TlogThresholdNotMet);
    let times = Case::root(&root).policy(sigstore_policy().trusted_times(2)).judge(&twice);
    assert_refused(times, CheckId::TimeTrusted, Code::TimeThresholdNotMet);
}

#[test]
fn a_threshold_of_none_does_not_waive_what_the_authority_publishes() {
    let unlogged = sigstore().ceremony().evidence(&[Evidence::Sct, Evidence::Timestamp]).sign_statement(&statement());
    let report = Case::sigstore().policy(sigstore_policy().logs(0)).judge(&unlogged);
    assert_refused(report, CheckId::LogThreshold, Code::TlogThresholdNotMet);
    let waived = Case::sigstore().policy(sigstore_policy().danger_without_log()).judge(&unlogged);
    assert!(waived.notes().iter().any(|note| note == "the policy waives: log entry"));
    assert_verified(waived);

    let unseen = [Evidence::Promise, Evidence::InclusionProof];
    let unseen = sigstore().ceremony().evidence(&unseen).sign_statement(&statement());
    let report = Case::sigstore().policy(sigstore_policy().certificate_timestamps(0)).judge(&unseen);
    assert_refused(report, CheckId::ChainSct, Code::X509SctInvalid);

    let untimed = [Evidence::Sct, Evidence::InclusionProof];
    let untimed = sigstore().ceremony().evidence(&untimed).sign_statement(&statement());
    let report = Case::sigstore().policy(sigstore_policy().trusted_times(0)).at(signed_at()).judge(&untimed);
    assert_refused(report, CheckId::TimeTrusted, Code::TimeNoTrustedTime);
}
