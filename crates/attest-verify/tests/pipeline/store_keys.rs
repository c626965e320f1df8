//! Keys that a store knows: whose they are, and what is said of those that do not count.

use stella_attest_verify::{CheckId, Code, Policy, Report};
use stella_testkit::bundle::{Bundle, Content, Signer, Version};
use stella_testkit::key::TestKey;
use stella_trust_store::ledger::{AnchorRecord, Change, KeyRecord, Record, Terms};

use crate::store::*;
use crate::world::*;

fn key() -> TestKey {
    TestKey::p256("a key of acme")
}

fn acme() -> Store {
    Store::new().issuer("acme", &[], Terms::default())
}

fn of(issuer: &str, name: &str, key: &TestKey) -> Record {
    Record::Key(KeyRecord { issuer: Some(id(issuer)), ..key_record(name, key) })
}

/// Judges a bare envelope and a bundle, which must agree.
#[track_caller]
fn judge(store: &Store) -> Report {
    let envelope = unsigned().signed_by(&key());
    let bundle = Bundle {
        version: Version::V03,
        content: Content::Dsse(unsigned().signed_by(&key())),
        signer: Signer::KeyHint("whatever".to_owned()),
        entries: Vec::new(),
        timestamps: Vec::new(),
    };
    let report = store.case().judge_envelope(&envelope);
    assert_eq!(store.case().judge(&bundle).code(), report.code());
    report
}

#[track_caller]
fn assert_not_approved(report: Report, status: &str, command: &[&str]) {
    assert_eq!(report.cause().unwrap().found(), Some(format!("status {status}").as_str()), "{report}");
    let commands = report.remedy().unwrap().commands().to_vec();
    assert!(commands.iter().any(|words| words == command), "{commands:?}");
    assert_refused(report, CheckId::EnvelopeSignature, Code::KeyNotApproved);
}

#[test]
fn an_unknown_key_is_unknown() {
    let report = acme().case().judge_envelope(&unsigned().signed_by(&key()));
    assert_refused(report, CheckId::EnvelopeSignature, Code::DsseKeyUnknown);
}

#[test]
fn a_key_that_was_only_fetched_is_not_approved_b233() {
    let report = judge(&acme().stage("acme", &key()));
    assert_not_approved(report, "staged for issuer acme", &["stella", "issuer", "show", "acme"]);
    assert_verified(judge(&acme().stage("acme", &key()).key("release", &key(), Terms::default())));
}

#[test]
fn a_key_of_an_issuer_that_is_not_trusted_is_not_approved() {
    let store = || acme().add(of("acme", "release", &key()));
    let trust = ["stella", "issuer", "trust", "acme", "--reason", "TEXT"];
    assert_not_approved(judge(&store()), "issuer acme is not trusted", &trust);
    assert_verified(judge(&store().trust("acme")));
    let distrusted = store().trust("acme").change(Change::IssuerDistrusted(id("acme")));
    assert_not_approved(judge(&distrusted), "issuer acme is not trusted", &trust);
}

#[test]
fn a_key_that_was_taken_out_or_only_asked_for_is_not_approved() {
    let removed = acme().key("release", &key(), Terms::default()).change(Change::Removed(key_ref("release")));
    assert_not_approved(judge(&removed), "removed", &["stella", "trust-anchors", "show", "release"]);
    let asked = acme().request(Change::Added(Record::Key(key_record("release", &key()))));
    assert_not_approved(judge(&asked), "requested in r-2, not approved", &["stella", "approvals", "show", "r-2"]);
}

#[test]
fn the_window_and_scope_of_an_issuer_bound_its_keys() {
    let with =
        |terms: Terms| judge(&Store::new().issuer("acme", &[], terms).add(of("acme", "release", &key())).trust("acme"));
    let until = |end| Terms::default().with_window(stella_attest_verify::Window::half_open(None, Some(end)));
    assert_verified(with(until(after(signed_at(), DAY + 1))));
    assert_refused(with(until(after(signed_at(), DAY))), CheckId::KeyWindow, Code::KeyExpired);
    let report = with(terms(only(|scope| scope.predicate_types = vec!["https://spdx.dev/Document".to_owned()])));
    assert_eq!(report.cause().unwrap().place(), Some("issuer acme"));
    assert_refused(report, CheckId::PolicyScope, Code::PolicyAnchorScope);
}

#[test]
fn keys_are_looked_up_per_issuer_and_never_by_name_alone_b231() {
    let (ours, theirs) = (key(), TestKey::p256("a key of umbrella"));
    let hinted = |issuer: &str, name: &str, key: &TestKey| {
        Record::Key(KeyRecord { hint: Some("2026-01".into()), issuer: Some(id(issuer)), ..key_record(name, key) })
    };
    let store = acme()
        .issuer("umbrella", &[], Terms::default())
        .add(hinted("acme", "acme-key", &ours))
        .add(hinted("umbrella", "umbrella-key", &theirs))
        .trust("acme")
        .trust("umbrella");
    let judge = |issuer: &str, key: &TestKey| {
        let policy = Policy::require_issuer(issuer);
        store.case().policy(policy).judge_envelope(&unsigned().signed_with_hint(key, "2026-01"))
    };
    assert_verified(judge("acme", &ours));
    assert_verified(judge("umbrella", &theirs));
    assert_refused(judge("acme", &theirs), CheckId::EnvelopeSignature, Code::DsseSignatureInvalid);
    assert_refused(judge("umbrella", &ours), CheckId::EnvelopeSignature, Code::DsseSignatureInvalid);
    // By whichever of the two, without such a policy.
    assert_verified(store.case().judge_envelope(&unsigned().signed_with_hint(&theirs, "2026-01")));
}

#[test]
fn the_report_names_the_entry_of_the_store() {
    let report = judge(&Store::new().key("release", &key(), Terms::labelled("the release key")));
    assert_eq!(report.signer().label(), Some("the release key"));
    let evidence: Vec<_> = check(&report, CheckId::EnvelopeSignature).evidence().collect();
    assert!(evidence.contains(&("entry", "key release".to_owned())), "{evidence:?}");
}

#[test]
fn a_verdict_that_rests_on_an_emergency_says_whose_and_until_when() {
    let until = after(signed_at(), DAY + 1);
    let note = |id: &str| format!("trusted by emergency {id} of dave until {until}, approved by nobody");
    let hasty = || Store::new().emergency(Change::Added(Record::Key(key_record("release", &key()))));
    let report = judge(&hasty());
    assert!(report.notes().contains(&note("e-1")), "{report}");
    assert!(report.to_json().contains(&note("e-1")), "{}", report.to_json());
    assert_verified(report);

    let pki = PrivatePki::new();
    let middle = Store::new().intermediate("private-middle", pki.intermediate.certificate());
    let root =
        AnchorRecord { id: id("private-root"), certificate: pki.root.certificate().to_vec(), terms: Terms::default() };
    let report = middle.emergency(Change::Added(Record::Anchor(root))).case().judge_envelope(&pki.sign(&pki.leaf()));
    assert!(report.notes().contains(&note("e-2")), "{report}");
    assert_verified(report);

    // Approved, or of another key: nothing of it.
    let other = TestKey::p256("another key");
    let calm = Store::new().key("release", &key(), Terms::default());
    for store in [
        hasty().key("release", &key(), Terms::default()),
        calm.emergency(Change::Added(Record::Key(key_record("other", &other)))),
    ] {
        let report = judge(&store);
        assert!(report.notes().iter().all(|note| !note.contains("emergency")), "{report}");
        assert_verified(report);
    }
}
