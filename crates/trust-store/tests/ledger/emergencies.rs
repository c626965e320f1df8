//! Changes that one person makes for some hours.

use stella_trust_store::Head;
use stella_trust_store::ledger::*;
use stella_vocabulary::Code;

use crate::world::*;

const DAY: i64 = EMERGENCY_LIFETIME;

#[test]
fn an_emergency_change_counts_until_its_end_and_ends_by_itself() {
    let mut ledger = three();
    ledger.emergency(add_key("new"), at(DAY), &occasion("dave", 0)).unwrap();
    let keys = |seconds| ledger.snapshot(at(seconds)).unwrap().keys().len();
    assert_eq!((keys(0), keys(DAY - 1), keys(DAY)), (1, 1, 0));
    assert_eq!(ledger.state().emergencies(at(1)).count(), 1);
    ledger.verify(None).unwrap();
}

#[test]
fn an_emergency_lasts_a_day_at_most_and_is_not_renewed_within_a_week() {
    let mut ledger = three();
    let mut begin = |name: &str, until, seconds| ledger.emergency(add_key(name), at(until), &occasion("dave", seconds));
    assert_eq!(code(begin("new", DAY + 1, 0)), Code::UsageDateInvalid);
    assert_eq!(code(begin("new", 0, 0)), Code::UsageDateInvalid);
    begin("new", DAY, 0).unwrap();
    assert_eq!(code(begin("new", DAY + 10, DAY + 1)), Code::ApprovalRequired);
    begin("new", 8 * DAY, 7 * DAY).unwrap();
    let again = KeyRecord { id: id("same-key-again"), ..key_record("new") };
    let refused = ledger.emergency(Change::Added(Record::Key(again)), at(9 * DAY), &occasion("dave", 8 * DAY));
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
        assert_eq!(code(ledger.emergency(change, at(100), &occasion("dave", 3))), Code::ApprovalRequired);
    }
}

#[test]
fn whatever_comes_later_for_the_same_object_ends_the_emergency() {
    let mut ledger = three();
    // Approved: it stays for good.
    ledger.emergency(add_key("new"), at(DAY), &occasion("dave", 0)).unwrap();
    ledger.agreed(add_key("new"), 10);
    assert_eq!(ledger.state().emergencies(at(10)).count(), 0);
    assert_eq!(ledger.snapshot(at(2 * DAY)).unwrap().keys().len(), 1);

    // Revoked by somebody: it does not come back, neither now nor as a new key.
    ledger.emergency(add_key("bad"), at(DAY), &occasion("dave", 20)).unwrap();
    assert_eq!(ledger.snapshot(at(20)).unwrap().keys().len(), 2);
    ledger.make(Change::Revoked { object: key_ref("bad"), revocation: compromised(21) }, 21).unwrap();
    assert_eq!(ledger.snapshot(at(21)).unwrap().keys().len(), 1);
    assert!(matches!(ledger.state().record(&key_ref("bad")), Some((_, Standing::Revoked(_)))));

    // Taken back.
    let (emergency, _) = ledger.emergency(add_key("third"), at(DAY), &occasion("dave", 30)).unwrap();
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
    ledger.emergency(Change::Changed(Record::Key(key_record("key"))), at(DAY), &occasion("dave", 2)).unwrap();
    ledger.make(Change::Revoked { object: key_ref("key"), revocation: compromised(3) }, 3).unwrap();
    assert!(ledger.snapshot(at(4)).unwrap().is_empty());
}

#[test]
fn tightening_needs_no_emergency() {
    let mut ledger = three();
    ledger.agreed(add_key("key"), 1);
    let refused = ledger.emergency(Change::Removed(key_ref("key")), at(100), &occasion("dave", 2));
    assert_eq!(code(refused), Code::UsageConflict);
}

#[test]
fn emergencies_are_few_at_a_time_and_many_over_the_years_cost_nothing() {
    let mut ledger = three();
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
