//! Folds, points in time, and differences.

use proptest::prelude::*;
use stella_crypto_providers::Registry;
use stella_trust_store::ledger::*;
use stella_trust_store::{LogStore, MemoryLog, Visit};
use stella_vocabulary::Code;

use crate::world::*;

/// One step of a random history; steps that the rules refuse leave no trace.
#[derive(Clone, Debug)]
enum Step {
    Add(u8),
    Emergency(u8),
    Narrow(u8, i64),
    Reinstate(u8),
    Remove(u8),
    Revoke(u8, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = 0u8..6;
    let step = prop_oneof![
        3 => name.clone().prop_map(Step::Add),
        1 => name.clone().prop_map(Step::Emergency),
        1 => (name.clone(), 1i64..50).prop_map(|(name, until)| Step::Narrow(name, until)),
        1 => name.clone().prop_map(Step::Reinstate),
        1 => name.clone().prop_map(Step::Remove),
        1 => (name, any::<bool>()).prop_map(|(name, bad)| Step::Revoke(name, bad)),
    ];
    proptest::collection::vec(step, 0..25)
}

fn play(ledger: &mut Ledger<MemoryLog>, steps: &[Step]) {
    for (seconds, step) in (1..).zip(steps) {
        let name = |number: &u8| format!("key-{number}");
        let change = match step {
            Step::Add(number) => add_key(&name(number)),
            Step::Emergency(number) => {
                let until = at(seconds + 5);
                let _ = ledger.emergency(add_key(&name(number)), until, &occasion("dave", seconds));
                continue;
            }
            Step::Narrow(number, until) => {
                let terms = Terms::default().with_window(window(None, Some(*until)));
                Change::Changed(Record::Key(KeyRecord { terms, ..key_record(&name(number)) }))
            }
            Step::Reinstate(number) => Change::Reinstated(key_ref(&name(number))),
            Step::Remove(number) => Change::Removed(key_ref(&name(number))),
            Step::Revoke(number, bad) => {
                let cause = if *bad { RevocationCause::Compromised } else { RevocationCause::Superseded };
                let revocation = Revocation { cause, invalid_since: None, revoked_at: at(seconds) };
                Change::Revoked { object: key_ref(&name(number)), revocation }
            }
        };
        let _ = ledger.make(change, seconds);
    }
}

fn entries(log: &impl LogStore) -> Vec<Entry> {
    let mut entries = Vec::new();
    log.read(0, &mut |_, bytes| {
        entries.push(Entry::from_bytes(bytes).unwrap());
        Ok(Visit::Continue)
    })
    .unwrap();
    entries
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_trust_at_a_point_is_the_fold_of_the_entries_up_to_it(steps in steps()) {
        let mut ledger = solo();
        play(&mut ledger, &steps);
        let mut fold = TrustState::new();
        for entry in entries(ledger.log()) {
            fold.apply(&entry).unwrap();
            prop_assert_eq!(fold.hash(), entry.state);
            let point = Point::Sequence(entry.sequence);
            prop_assert_eq!(ledger.state_at(point).unwrap().hash(), fold.hash());
            let snapshot = ledger.snapshot_at(point).unwrap();
            prop_assert_eq!(snapshot.root(), fold.snapshot(entry.at).unwrap().root());
        }
        let reopened = Ledger::open(ledger.log().clone(), &Registry::rustcrypto()).unwrap();
        prop_assert_eq!(reopened.state().clone().hash(), fold.hash());
        prop_assert_eq!(reopened.head(), ledger.head());
        ledger.verify(ledger.checkpoint().unwrap().as_deref()).unwrap();
    }

    #[test]
    fn what_differs_is_what_was_changed_in_between(steps in steps(), cut in 0u64..25) {
        let mut ledger = solo();
        play(&mut ledger, &steps);
        let last = ledger.head().size - 1;
        let first = cut.min(last);
        let (before, after) = (ledger.state_at(Point::Sequence(first)).unwrap(), ledger.state());
        for difference in ledger.diff(Point::Sequence(first), Point::Sequence(last)).unwrap() {
            prop_assert_ne!(&difference.before, &difference.after);
            prop_assert_eq!(difference.before.as_deref(), before.object(&difference.object));
            prop_assert_eq!(difference.after.as_deref(), after.object(&difference.object));
        }
        prop_assert!(ledger.diff(Point::Sequence(last), Point::Sequence(last)).unwrap().is_empty());
    }
}

#[test]
fn the_order_of_entries_matters() {
    let mut ledger = solo();
    ledger.make(add_key("one"), 1).unwrap();
    ledger.make(Change::Removed(key_ref("one")), 2).unwrap();
    let mut entries = entries(ledger.log());
    entries.swap(1, 2);
    for (sequence, entry) in (0..).zip(&mut entries) {
        entry.sequence = sequence;
        entry.at = at(5);
    }
    let mut fold = TrustState::new();
    fold.apply(&entries[0]).unwrap();
    assert_eq!(code(fold.apply(&entries[1])), Code::StoreNotFound);
    assert_eq!(fold.size(), 1, "what is refused leaves no trace");
}

#[test]
fn trust_is_known_as_of_any_instant() {
    let mut ledger = solo();
    ledger.make(add_key("one"), 10).unwrap();
    ledger.make(Change::Removed(key_ref("one")), 20).unwrap();
    let keys = |seconds| ledger.snapshot_at(Point::Time(at(seconds))).map(|snapshot| snapshot.keys().len());
    assert_eq!([0, 9, 10, 19, 20, 1000].map(|seconds| keys(seconds).unwrap()), [0, 0, 1, 1, 0, 0]);
    assert_eq!(code(keys(-1)), Code::StoreNotFound);
    assert_eq!(code(ledger.snapshot_at(Point::Sequence(3)).map(|_| ())), Code::StoreNotFound);
    let difference = ledger.diff(Point::Time(at(9)), Point::Time(at(20))).unwrap();
    assert_eq!(difference[0].object.to_string(), "key one");
    assert!(difference[0].before.is_none() && difference[0].after.is_some());
}

#[test]
fn every_older_log_is_provably_the_beginning_of_every_newer_one() {
    use stella_transparency::merkle::{leaf_hash, root_of, verify_consistency};
    let mut ledger = solo();
    for number in 1..12 {
        ledger.make(add_key(&format!("key-{number}")), number).unwrap();
    }
    let leaves: Vec<_> = entries(ledger.log()).iter().map(|entry| leaf_hash(&entry.to_bytes())).collect();
    let root = |size: u64| root_of(leaves[..size as usize].iter().copied());
    for newer in 1..=12 {
        for older in 1..=newer {
            let proof = ledger.consistency_proof(older, newer).unwrap();
            verify_consistency(older, newer, &root(older), &root(newer), &proof).unwrap();
        }
    }
    assert_eq!(code(ledger.consistency_proof(3, 13)), Code::StoreNotFound);
}
