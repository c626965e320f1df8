//! Changes that one person makes for some hours.

use stella_trust_store::Head;
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _};

use crate::world::*;

const DAY: i64 = EMERGENCY_LIFETIME;

#[test]
fn an_emergency_change_counts_until_its_end_and_ends_by_itself() {
    let mut ledger = three();
    ledger.emergency(add_key("new"), at(DAY), &occasion("alice", 0)).unwrap();
    let keys = |seconds| ledger.snapshot(at(seconds)).unwrap().keys().len();
    assert_eq!((keys(0), keys(DAY - 1), keys(DAY)), (1, 1, 0));
    assert_eq!(ledger.state().emergencies(at(1)).count(), 1);
    ledger.verify(None).unwrap();
}

#[test]
fn an_emergency_lasts_a_day_at_most_and_is_not_renewed_within_a_week() {
    let mut ledger = three();
    let mut begin =
        |name: &str, until, seconds| ledger.emergency(add_key(name), at(until), &occasion("alice", seconds));
    assert_eq!(code(begin("new", DAY + 1, 0)), Code::UsageDateInvalid);
    assert_eq!(code(begin("new", 0, 0)), Code::UsageDateInvalid);
    begin("new", DAY, 0).unwrap();
    assert_eq!(code(begin("new", DAY + 10, DAY + 1)), Code::ApprovalRequired);
    begin("new", 8 * DAY, 7 * DAY).unwrap();
    let again = KeyRecord { id: id("same-key-again"), ..key_record("new") };
    let refused = ledger.emergency(Change::Added(Record::Key(again)), at(9 * DAY), &occasion("alice", 8 * DAY));
    assert_eq!(code(refused), Code::ApprovalRequired);
}

#[test]
fn an_emergency_is_no_way_to_approvers_quorums_or_what_was_revoked() {
    let mut ledger = three();
    ledger.agreed(add_key("old"), 1);
    ledger.make(Change::Revoked { object: key_ref("old"), revocation: compromised(2) }, 2).unwrap();
    for change in [
        Change::Added(Record::Approver(approver("erin", "erin"))),
        Change::QuorumChanged(3),
        Change::Reinstated(key_ref("old")),
        Change::RollbackAccepted(Head { size: 9, root: [1; 32] }),
    ] {
        assert_eq!(code(ledger.emergency(change, at(100), &occasion("alice", 3))), Code::ApprovalRequired);
    }
}

#[test]
fn whatever_comes_later_for_the_same_object_ends_the_emergency() {
    let mut ledger = three();
    // Approved: it stays for good.
    ledger.emergency(add_key("new"), at(DAY), &occasion("alice", 0)).unwrap();
    ledger.agreed(add_key("new"), 10);
    assert_eq!(ledger.state().emergencies(at(10)).count(), 0);
    assert_eq!(ledger.snapshot(at(2 * DAY)).unwrap().keys().len(), 1);

    // Revoked by somebody: it does not come back, neither now nor as a new key.
    ledger.emergency(add_key("bad"), at(DAY), &occasion("alice", 20)).unwrap();
    assert_eq!(ledger.snapshot(at(20)).unwrap().keys().len(), 2);
    ledger.make(Change::Revoked { object: key_ref("bad"), revocation: compromised(21) }, 21).unwrap();
    assert_eq!(ledger.snapshot(at(21)).unwrap().keys().len(), 1);
    assert!(matches!(ledger.state().record(&key_ref("bad")), Some((_, Standing::Revoked(_)))));

    // Taken back.
    let (emergency, _) = ledger.emergency(add_key("third"), at(DAY), &occasion("alice", 30)).unwrap();
    ledger.end_emergency(&emergency, &occasion("erin", 31)).unwrap();
    assert_eq!(ledger.snapshot(at(31)).unwrap().keys().len(), 1);
    assert_eq!(code(ledger.end_emergency(&emergency, &occasion("erin", 32))), Code::StoreNotFound);
    ledger.verify(None).unwrap();
}

#[test]
fn a_revocation_is_not_undone_by_an_emergency_from_before() {
    let mut ledger = three();
    let narrow = KeyRecord { terms: Terms::default().with_window(window(Some(0), Some(10))), ..key_record("key") };
    ledger.agreed(Change::Added(Record::Key(narrow)), 1);
    ledger.emergency(Change::Changed(Record::Key(key_record("key"))), at(DAY), &occasion("alice", 2)).unwrap();
    ledger.make(Change::Revoked { object: key_ref("key"), revocation: compromised(3) }, 3).unwrap();
    assert!(ledger.snapshot(at(4)).unwrap().is_empty());
}

#[test]
fn tightening_needs_no_emergency() {
    let mut ledger = three();
    ledger.agreed(add_key("key"), 1);
    let refused = ledger.emergency(Change::Removed(key_ref("key")), at(100), &occasion("alice", 2));
    assert_eq!(code(refused), Code::UsageConflict);
}

#[test]
fn where_others_decide_an_emergency_is_for_approvers_and_of_each_for_three_at_a_time() {
    let mut ledger = three();
    let mut begin = |name: &str, who, seconds| ledger.emergency(add_key(name), at(100), &occasion(who, seconds));
    assert_eq!(code(begin("new", "dave", 1)), Code::ApprovalNotAuthorized);
    for name in ["one", "two", "three"] {
        begin(name, "alice", 1).unwrap();
    }
    let refused = begin("four", "alice", 2).unwrap_err();
    assert_eq!(refused.code(), Code::ApprovalRequired);
    assert!(refused.to_string().contains("3 of alice are in force"), "{refused}");
    begin("four", "bob", 2).unwrap();
    // Once they are over, or ended by somebody, there is room again.
    ledger.end_emergency(&id("e-1"), &occasion("dave", 3)).unwrap();
    ledger.emergency(add_key("five"), at(200), &occasion("alice", 4)).unwrap();
    assert_eq!(code(ledger.emergency(add_key("six"), at(200), &occasion("alice", 5))), Code::ApprovalRequired);
    ledger.emergency(add_key("six"), at(200), &occasion("alice", 100)).unwrap();
    // Whoever is an approver no more has no emergencies either.
    ledger
        .make(
            Change::Revoked { object: ObjectRef::new(ObjectKind::Approver, id("carol")), revocation: compromised(101) },
            101,
        )
        .unwrap();
    let refused = ledger.emergency(add_key("seven"), at(200), &occasion("carol", 102));
    assert_eq!(code(refused), Code::ApprovalNotAuthorized);
    ledger.verify(None).unwrap();
}

#[test]
fn a_refused_emergency_says_why_and_when_the_next_may_be() {
    let mut ledger = three();
    ledger.agreed(add_key("old"), 1);
    ledger.make(Change::Revoked { object: key_ref("old"), revocation: compromised(2) }, 2).unwrap();
    ledger.emergency(add_key("new"), at(100), &occasion("alice", 3)).unwrap();
    ledger.agreed(add_key("gone"), 4);
    ledger.make(Change::Removed(key_ref("gone")), 5).unwrap();
    for (change, why) in [
        (
            add_key("new"),
            format!("emergency e-5 was for the same, until {}; the next may be at {}", at(100), at(7 * DAY + 3)),
        ),
        (add_key("gone"), "key gone is removed".to_string()),
        (Change::Reinstated(key_ref("old")), "it brings key old back".to_string()),
        (Change::QuorumChanged(3), "it is about who decides".to_string()),
    ] {
        let action = change.action();
        let refused = ledger.emergency(change, at(200), &occasion("alice", 101)).unwrap_err();
        assert_eq!(refused.code(), Code::ApprovalRequired, "{action}");
        let said = format!("the emergency is refused: {why}; {action} needs the agreement of 2 persons");
        assert_eq!(refused.to_string(), said);
    }
}

#[test]
fn an_emergency_does_nothing_for_issuers_and_is_refused() {
    let mut ledger = three();
    let add = || Change::Added(Record::Issuer(issuer_record("vendor")));
    assert_eq!(code(ledger.emergency(add(), at(100), &occasion("alice", 1))), Code::UsageConflict);
    ledger.agreed(add(), 2);
    let trust = Change::IssuerTrusted(id("vendor"));
    assert_eq!(code(ledger.emergency(trust, at(100), &occasion("alice", 3))), Code::UsageConflict);
}

#[test]
fn a_snapshot_says_what_is_in_force_by_an_emergency_alone() {
    let mut ledger = three();
    ledger.agreed(add_key("approved"), 1);
    ledger.emergency(add_key("hasty"), at(100), &occasion("alice", 2)).unwrap();
    let anchor = Change::Added(Record::Anchor(anchor_record("root")));
    ledger.emergency(anchor, at(100), &occasion("bob", 2)).unwrap();
    let snapshot = ledger.snapshot(at(3)).unwrap();
    let said = |emergency: &Emergency| (emergency.id.to_string(), emergency.person.to_string(), emergency.until);
    let keys = snapshot.keys().iter();
    let mut keys: Vec<_> = keys.map(|key| (key.label().unwrap(), key.emergency().map(said))).collect();
    keys.sort();
    assert_eq!(keys, [("approved", None), ("hasty", Some(("e-4".into(), "alice".into(), at(100))))]);
    let authorities = snapshot.domains().iter().flat_map(|domain| domain.authorities());
    let anchors = authorities.flat_map(|authority| authority.anchors());
    let anchors: Vec<_> = anchors.map(|anchor| anchor.emergency().map(said)).collect();
    assert_eq!(anchors, [Some(("e-5".into(), "bob".into(), at(100)))]);

    ledger.agreed(add_key("hasty"), 4);
    let snapshot = ledger.snapshot(at(5)).unwrap();
    assert!(snapshot.keys().iter().all(|key| key.emergency().is_none()));
}

#[test]
fn the_anchors_of_a_trusted_root_by_an_emergency_say_so() {
    let document = include_bytes!("../../testdata/trusted_root.scaffolding.json").to_vec();
    let root = Record::TrustedRoot(TrustedRootRecord { id: id("sigstore"), document, label: None });
    let mut ledger = three();
    ledger.emergency(Change::Added(root), at(100), &occasion("alice", 1)).unwrap();
    let snapshot = ledger.snapshot(at(2)).unwrap();
    let authorities = snapshot.domains().iter().flat_map(|domain| domain.authorities());
    let anchors: Vec<_> = authorities.flat_map(|authority| authority.anchors()).collect();
    assert!(!anchors.is_empty());
    assert!(anchors.iter().all(|anchor| anchor.emergency().is_some_and(|emergency| emergency.id == id("e-1"))));
}

#[test]
fn emergencies_are_few_at_a_time_and_many_over_the_years_cost_nothing() {
    let mut ledger = solo();
    let mut begin = |number: i64, seconds: i64| {
        let name = format!("key-{number}");
        ledger.emergency(add_key(&name), at(seconds + DAY), &occasion("dave", seconds)).map(|_| ())
    };
    for number in 0..64 {
        begin(number, 1).unwrap();
    }
    assert_eq!(code(begin(64, 2)), Code::ApprovalRequired);
    // When they are over there is room again.
    for number in 64..size("STELLA_EMERGENCIES", 300) as i64 {
        begin(number, (number - 63) * DAY / 40 + DAY).unwrap();
    }
    let log = OpenLog::of(ledger.log());
    let opened = Ledger::open(log, &stella_crypto_providers::Registry::rustcrypto()).unwrap();
    assert_eq!(opened.state().clone().hash(), ledger.state().clone().hash());
}
