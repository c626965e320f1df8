//! What a change newly accepts in principle.

use stella_trust_store::lint::{Grant, grants};

use super::*;

fn granted(ledger: &Ledger<MemoryLog>, changes: &[Change]) -> Vec<Grant> {
    let after = ledger.state().planned(changes, at(10)).unwrap().state;
    grants(ledger.state(), &after, at(10), &Surroundings::default())
}

#[test]
fn an_anchor_without_scope_accepts_whoever_it_certifies_and_that_is_too_much() {
    let ledger = solo();
    let granted = granted(&ledger, &[Change::Added(Record::Anchor(anchor_record("root")))]);
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0].object.to_string(), "anchor root");
    assert!(granted[0].who.starts_with("whoever the authority \"") && granted[0].limits.is_empty());
    assert_eq!(granted[0].over.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::OverBroad]);
}

#[test]
fn limits_are_named_and_what_was_too_broad_before_is_not_new() {
    let mut ledger = solo();
    ledger.make(Change::Added(Record::Anchor(anchor_record("root"))), 1).unwrap();
    let scope = Scope { predicate_types: vec!["https://slsa.dev/provenance/v1".into()], ..Scope::default() };
    let terms = Terms::default().with_scope(scope).with_window(window(None, Some(DAY)));
    let granted = granted(&ledger, &[Change::Added(Record::Key(KeyRecord { terms, ..key_record("release") }))]);
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0].limits[0], "predicate types: https://slsa.dev/provenance/v1");
    assert!(granted[0].limits[1].starts_with("signed within ") && granted[0].over.is_empty());
}

#[test]
fn tightening_grants_nothing_and_its_undo_grants_it_back() {
    let mut ledger = solo();
    ledger.make(add_key("release"), 1).unwrap();
    let narrow = Terms::default().with_window(window(None, Some(DAY)));
    let narrow = Change::Changed(Record::Key(KeyRecord { terms: narrow, ..key_record("release") }));
    assert_eq!(granted(&ledger, std::slice::from_ref(&narrow)), []);
    assert_eq!(granted(&ledger, &[Change::Removed(key_ref("release"))]), []);
    ledger.make(narrow, 2).unwrap();
    let back = Change::Changed(Record::Key(key_record("release")));
    assert_eq!(granted(&ledger, &[back])[0].object, key_ref("release"));
    ledger.make(Change::Removed(key_ref("release")), 3).unwrap();
    assert_eq!(granted(&ledger, &[Change::Reinstated(key_ref("release"))])[0].object, key_ref("release"));
}

#[test]
fn to_trust_an_issuer_is_to_trust_its_keys_and_identities() {
    let mut ledger = three();
    ledger.agreed(Change::Added(Record::Issuer(issuer_record("acme"))), 1);
    let key = KeyRecord { issuer: Some(id("acme")), ..key_record("release") };
    assert_eq!(granted(&ledger, &[Change::Added(Record::Key(key.clone()))]), []);
    ledger.agreed(Change::Added(Record::Key(key)), 2);
    let granted = granted(&ledger, &[Change::IssuerTrusted(id("acme"))]);
    let objects: Vec<_> = granted.iter().map(|grant| grant.object.to_string()).collect();
    assert_eq!(objects, ["issuer acme", "key release"]);
    assert!(granted[0].who.contains("https://ci.example/*"));
}

#[test]
fn an_intermediate_grants_nothing() {
    let root = stella_testkit::authority::Authority::root("lint root");
    let certificate = root.intermediate("lint below").certificate().to_vec();
    let record = IntermediateRecord { id: id("below"), certificate, label: None };
    assert_eq!(granted(&solo(), &[Change::Added(Record::Intermediate(record))]), []);
}
