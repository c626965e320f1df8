//! What waits for somebody.

use stella_trust_store::lint::Rule;

use super::*;

#[test]
fn a_store_where_one_person_decides_says_so() {
    assert_eq!(found(&look(&solo(), 1), Rule::Solo), one(Severity::Info, "store example"));
    assert_eq!(found(&look(&three(), 1), Rule::Solo), []);
}

#[test]
fn a_quorum_of_all_approvers_is_tight() {
    let two = crate::world::found(&[approver("alice", "alice"), approver("bob", "bob")]);
    assert_eq!(found(&look(&two, 1), Rule::QuorumTight), one(Severity::Warn, "store example"));
    assert_eq!(found(&look(&three(), 1), Rule::QuorumTight), []);
}

#[test]
fn an_emergency_in_force_is_named_until_it_ends() {
    let mut ledger = three();
    ledger.emergency(add_key("new"), at(DAY), &occasion("alice", 0)).unwrap();
    assert_eq!(found(&look(&ledger, DAY - 1), Rule::Emergency), one(Severity::Warn, "emergency e-1"));
    assert_eq!(found(&look(&ledger, DAY), Rule::Emergency), []);
}

#[test]
fn a_request_is_named_when_it_is_about_to_expire_or_waits_for_its_execution() {
    let mut ledger = three();
    let request = ledger.ask(add_key("new"), "alice", 0).unwrap();
    let waiting = |ledger: &Ledger<MemoryLog>, seconds| found(&look(ledger, seconds), Rule::RequestWaiting);
    assert_eq!(waiting(&ledger, 5 * DAY - 1), []);
    assert_eq!(waiting(&ledger, 5 * DAY), one(Severity::Warn, "request r-1"));
    assert_eq!(waiting(&ledger, 7 * DAY), []);
    ledger.agree(&request, "bob", 1).unwrap();
    assert_eq!(waiting(&ledger, 2), one(Severity::Warn, "request r-1"));
    ledger.carry_out(&request, 3).unwrap();
    assert_eq!(waiting(&ledger, 4), []);
}

#[test]
fn fetched_keys_are_named_until_somebody_decides_about_them() {
    let mut ledger = three();
    ledger.agreed(Change::Added(Record::Issuer(issuer_record("acme"))), 1);
    let staged =
        StagedKeys { issuer: id("acme"), keys: vec![spki("fetched")], url: "https://keys.example/jwks".into() };
    ledger.stage(staged, &occasion("dave", 2)).unwrap();
    assert_eq!(found(&look(&ledger, 3), Rule::Staged), one(Severity::Warn, "staged acme"));
    ledger.discard(&id("acme"), &occasion("dave", 4)).unwrap();
    assert_eq!(found(&look(&ledger, 5), Rule::Staged), []);
}

#[test]
fn a_key_of_an_issuer_that_is_not_trusted_counts_for_nothing() {
    let mut ledger = three();
    ledger.agreed(Change::Added(Record::Issuer(issuer_record("acme"))), 1);
    let key = KeyRecord { issuer: Some(id("acme")), ..key_record("release") };
    ledger.agreed(Change::Added(Record::Key(key)), 2);
    assert_eq!(found(&look(&ledger, 3), Rule::Vacuous), one(Severity::Warn, "key release"));
    ledger.agreed(Change::IssuerTrusted(id("acme")), 4);
    assert_eq!(found(&look(&ledger, 5), Rule::Vacuous), []);
    ledger.make(Change::IssuerDistrusted(id("acme")), 6).unwrap();
    assert_eq!(found(&look(&ledger, 7), Rule::Vacuous), one(Severity::Warn, "key release"));
}

#[test]
fn an_issuer_that_anybody_can_be_fails_once_it_is_trusted() {
    let mut ledger = three();
    let identities = vec![CertificateIdentity { identity: "https://*".into(), oidc_issuer: None }];
    ledger.agreed(Change::Added(Record::Issuer(IssuerRecord { identities, ..issuer_record("acme") })), 1);
    assert_eq!(found(&look(&ledger, 3), Rule::OverBroad), one(Severity::Warn, "issuer acme"));
    ledger.agreed(Change::IssuerTrusted(id("acme")), 4);
    assert_eq!(found(&look(&ledger, 5), Rule::OverBroad), one(Severity::Fail, "issuer acme"));
}
