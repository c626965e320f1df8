//! Snapshots that are kept are those that would be made.

use std::sync::Arc;

use stella_trust_store::ledger::*;

use crate::world::*;

#[test]
fn a_snapshot_is_made_once_and_anew_when_something_has_changed() {
    let mut ledger = solo();
    ledger.make(add_key("one"), 1).unwrap();
    let mut snapshots = Snapshots::keeping(4);
    let first = snapshots.now(&ledger, at(2)).unwrap();
    assert!(Arc::ptr_eq(&first, &snapshots.now(&ledger, at(1_000_000)).unwrap()), "time alone changes nothing");
    ledger.make(Change::Removed(key_ref("one")), 3).unwrap();
    let second = snapshots.now(&ledger, at(4)).unwrap();
    assert_eq!((first.keys().len(), second.keys().len()), (1, 0));
    assert_eq!(second.root(), ledger.snapshot(at(4)).unwrap().root());
}

#[test]
fn an_emergency_counts_in_what_is_kept_while_it_is_in_force_and_not_after() {
    let mut ledger = three();
    ledger.emergency(add_key("stopgap"), at(3_600), &occasion("alice", 1)).unwrap();
    let mut snapshots = Snapshots::keeping(4);
    let counts = |snapshots: &mut Snapshots, seconds: i64| snapshots.now(&ledger, at(seconds)).unwrap().keys().len();
    assert_eq!([3_599, 3_600, 2].map(|seconds| counts(&mut snapshots, seconds)), [1, 0, 1]);
}

#[test]
fn yesterday_is_asked_again_after_more_entries_and_stays_what_it_was() {
    let mut ledger = solo();
    ledger.make(add_key("one"), 1).unwrap();
    let mut snapshots = Snapshots::keeping(4);
    let entry = snapshots.at(&ledger, Point::Sequence(1)).unwrap();
    let instant = snapshots.at(&ledger, Point::Time(at(1))).unwrap();
    // Another entry of the very same instant.
    ledger.make(add_key("two"), 1).unwrap();
    assert_eq!(entry.root(), snapshots.at(&ledger, Point::Sequence(1)).unwrap().root());
    let again = snapshots.at(&ledger, Point::Time(at(1))).unwrap();
    assert_eq!((instant.keys().len(), again.keys().len()), (1, 2));
    assert_eq!(again.root(), ledger.snapshot_at(Point::Time(at(1))).unwrap().root());
    snapshots.at(&ledger, Point::Sequence(99)).unwrap_err();
}

#[test]
fn the_one_asked_for_longest_ago_is_forgotten_first_and_stores_are_kept_apart() {
    let mut ledger = solo();
    (1..5).for_each(|number| drop(ledger.make(add_key(&format!("key-{number}")), number).unwrap()));
    let mut snapshots = Snapshots::keeping(2);
    let one = snapshots.at(&ledger, Point::Sequence(1)).unwrap();
    snapshots.at(&ledger, Point::Sequence(2)).unwrap();
    assert!(Arc::ptr_eq(&one, &snapshots.at(&ledger, Point::Sequence(1)).unwrap()));
    snapshots.at(&ledger, Point::Sequence(3)).unwrap();
    assert!(Arc::ptr_eq(&one, &snapshots.at(&ledger, Point::Sequence(1)).unwrap()));
    let mut other = found_as("other", &[]);
    other.make(Change::Added(Record::Anchor(anchor_record("root"))), 1).unwrap();
    assert_eq!(snapshots.at(&other, Point::Sequence(1)).unwrap().keys().len(), 0);
}
