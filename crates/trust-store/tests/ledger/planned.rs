//! What changes would do, and that they then do just that.

use std::sync::Arc;

use stella_trust_store::ledger::*;
use stella_vocabulary::Code;

use crate::world::*;

fn hash(state: &TrustState) -> [u8; 32] {
    state.clone().hash()
}

#[test]
fn a_plan_is_what_the_changes_then_do_and_appends_nothing() {
    let mut ledger = solo();
    ledger.make(add_key("old"), 1).unwrap();
    let changes = vec![
        add_key("new"),
        Change::Revoked { object: key_ref("old"), revocation: compromised(2) },
        // Makes sense only after the first.
        Change::Removed(key_ref("new")),
    ];
    let before = (ledger.head(), hash(ledger.state()));
    let planned = ledger.state().planned(&changes, at(2)).unwrap();
    assert_eq!((ledger.head(), hash(ledger.state())), before);
    let effects: Vec<_> = planned.steps.iter().map(|step| (step.effect, step.authority)).collect();
    let one = Authority::OnePerson;
    assert_eq!(effects, [(Effect::Loosening, one), (Effect::Tightening, one), (Effect::Tightening, one)]);
    assert_eq!(planned.steps[1].objects, [key_ref("old")]);
    assert!(planned.state.snapshot(at(2)).unwrap().is_empty());

    ledger.change_all(changes, &occasion("dave", 2)).unwrap();
    assert_eq!(hash(ledger.state()), hash(&planned.state));
    assert_eq!(ledger.state().size(), planned.state.size());
}

#[test]
fn a_plan_needs_nobody_to_agree_and_says_who_will_have_to() {
    let mut ledger = three();
    let planned = ledger.state().planned(&[add_key("key"), Change::QuorumChanged(3)], at(1)).unwrap();
    let authorities: Vec<_> = planned.steps.iter().map(|step| step.authority).collect();
    assert_eq!(authorities, [Authority::Quorum, Authority::BothQuorums]);
    assert_eq!(planned.state.snapshot(at(1)).unwrap().keys().len(), 1);
    assert_eq!(code(ledger.make(add_key("key"), 1)), Code::ApprovalRequired);

    ledger.agreed(add_key("key"), 2);
    // The same but for the request in it.
    let keys = |state: &TrustState| state.objects_of(ObjectKind::Key).cloned().collect::<Vec<_>>();
    assert_eq!(keys(ledger.state()), keys(&planned.state));
}

#[test]
fn a_change_that_makes_no_sense_cannot_be_planned_either() {
    let mut ledger = solo();
    ledger.make(add_key("key"), 1).unwrap();
    let plan = |changes: &[Change]| ledger.state().planned(changes, at(2)).map(|planned| planned.steps);
    assert_eq!(code(plan(&[Change::Removed(key_ref("other"))])), Code::StoreNotFound);
    assert_eq!(code(plan(&[add_key("key")])), Code::StoreDuplicateKey);
    assert_eq!(code(plan(&[add_key("new"), add_key("new")])), Code::StoreDuplicateKey);
    let short = Change::Added(Record::Key(KeyRecord { key: vec![1, 2, 3], ..key_record("short") }));
    assert!(plan(&[short]).is_err());
}

#[test]
fn a_stolen_key_is_not_washed_within_one_group_either() {
    let mut ledger = solo();
    ledger.make(Change::Added(Record::Approver(approver("alice", "alice"))), 1).unwrap();
    let alice = ObjectRef::new(ObjectKind::Approver, id("alice"));
    // The same key material, as a signing key under another name.
    let again = Change::Added(Record::Key(KeyRecord { key: spki("alice"), ..key_record("again") }));
    let group = vec![Change::Revoked { object: alice, revocation: compromised(2) }, again];
    assert_eq!(code(ledger.state().planned(&group, at(2)).map(|planned| planned.steps)), Code::StoreDuplicateKey);
    assert_eq!(code(ledger.change_all(group, &occasion("dave", 2))), Code::StoreDuplicateKey);
}

#[test]
fn whoever_stops_an_emergency_waits_for_nobody_and_the_plan_knows_it() {
    let mut ledger = three();
    ledger.emergency(add_key("new"), at(100), &occasion("alice", 1)).unwrap();
    let stop = Change::Removed(key_ref("new"));
    assert_eq!(ledger.state().authority_needed(&stop, at(2)), Authority::OnePerson);
    let planned = ledger.state().planned(std::slice::from_ref(&stop), at(2)).unwrap();
    assert!(planned.state.snapshot(at(2)).unwrap().is_empty());
    ledger.make(stop, 2).unwrap();
    assert_eq!(hash(ledger.state()), hash(&planned.state));
}

#[test]
fn an_emergency_is_planned_by_the_rules_of_emergencies() {
    let mut ledger = three();
    let change = Arc::new(add_key("new"));
    let plan = |until, seconds| ledger.state().planned_emergency(&change, at(until), &occasion("alice", seconds));
    assert_eq!(code(plan(EMERGENCY_LIFETIME + 2, 1)), Code::UsageDateInvalid);
    let planned = plan(100, 1).unwrap();
    let keys = |seconds| planned.snapshot(at(seconds)).unwrap().keys().len();
    assert_eq!((keys(99), keys(100)), (1, 0));
    ledger.emergency((*change).clone(), at(100), &occasion("alice", 1)).unwrap();
    assert_eq!(hash(ledger.state()), hash(&planned));
}
