//! Finding the entry that changed a verdict.

use proptest::prelude::*;
use stella_attest_verify::bisect::{Bisection, Effort, Event, Method, agreement, find, find_within, verified_until};
use stella_attest_verify::preview::Outcome;
use stella_attest_verify::{Binding, Code, Verdict, Verifier};
use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::*;

use crate::world::*;

#[test]
fn an_anchor_of_trust_removed_by_request_is_found_with_person_reason_and_approvals() {
    let mut ledger = three();
    agreed(&mut ledger, add_key("release"), 10);
    agreed(&mut ledger, add_key("other"), 20);
    let narrow = Change::Changed(key_within("release", None, Some(15)));
    let asked_by = signer("carol");
    let expires = at(30 + REQUEST_LIFETIME);
    let (request, _) = ledger.request(narrow, &occasion("carol", 30), expires, Some(&asked_by)).unwrap();
    ledger.approve(&request, &signer("bob"), &occasion("bob", 31)).unwrap();
    ledger.execute(&request, &occasion("robot", 32)).unwrap();
    agreed(&mut ledger, add_key("third"), 40);

    let asked = Asked::about("release");
    let found = find(&ledger, &asked.as_of(100)).unwrap();
    assert_eq!(found.method, Method::EveryMoment);
    assert_eq!(found.present.code(), Some(Code::KeyExpired));
    let outcomes: Vec<_> = found.changes.iter().map(|change| (change.before.code(), change.after.code())).collect();
    assert_eq!(outcomes, [(Some(Code::DsseKeyUnknown), None), (None, Some(Code::KeyExpired))]);

    let decisive = found.decisive().unwrap();
    assert_eq!((decisive.entry.sequence, decisive.moment.at), (9, at(32)));
    assert_eq!((decisive.entry.action_name().as_str(), decisive.entry.mode), ("key.change", Mode::Quorum));
    assert_eq!(decisive.entry.actor.person, person("robot"));
    let agreement = decisive.agreement.as_ref().unwrap();
    assert_eq!((&agreement.request, agreement.executed), (&request, Some(9)));
    assert_eq!((&agreement.requested.person, agreement.reason.as_str()), (&person("carol"), "as carol said at 30"));
    assert_eq!(agreement.signed.iter().map(|signed| &signed.person).collect::<Vec<_>>(), [&person("bob")]);
}

#[test]
fn an_emergency_that_ended_by_itself_is_named_though_there_is_no_entry_for_its_end() {
    let mut ledger = three();
    let (emergency, begun) = ledger.emergency(add_key("release"), at(DAY), &occasion("alice", 5)).unwrap();
    agreed(&mut ledger, add_key("other"), 10);
    let asked = Asked::about("release");

    let during = find(&ledger, &asked.as_of(DAY - 1)).unwrap();
    assert!(during.present.is_verified());
    assert_eq!(during.decisive().unwrap().moment.event, Event::Appended);

    let found = find(&ledger, &asked.as_of(DAY)).unwrap();
    let decisive = found.decisive().unwrap();
    assert_eq!(decisive.moment.event, Event::EmergencyOver { began: begun.sequence(), emergency });
    assert_eq!((decisive.moment.at, decisive.entry.sequence), (at(DAY), begun.sequence()));
    assert_eq!(decisive.entry.actor.person, person("alice"));
    assert_eq!((decisive.before.verdict(), decisive.after.verdict()), (Verdict::Verified, Verdict::Rejected));
    assert!(decisive.agreement.is_none());
}

#[test]
fn a_verdict_that_no_trust_gives_otherwise_has_no_decisive_entry() {
    let mut ledger = solo();
    ledger.change(add_key("other"), &occasion("dave", 1)).unwrap();
    let asked = Asked::about("release");
    let found = find(&ledger, &asked.as_of(10)).unwrap();
    // Only the reason did: with no key at all, nothing could have fitted.
    assert!(found.changes.iter().all(|change| !change.changes_verdict()));
    assert_eq!(found.present.code(), Some(Code::DsseKeyUnknown));
    assert!(find(&solo(), &asked.as_of(10)).unwrap().decisive().is_none());
}

#[test]
fn what_ended_by_the_clock_is_told_apart_from_what_somebody_changed() {
    let mut ledger = solo();
    ledger.change(Change::Added(key_within("release", None, Some(50))), &occasion("dave", 1)).unwrap();
    ledger.change(Change::Added(key_within("other", None, Some(70))), &occasion("dave", 2)).unwrap();
    let asked = Asked::about("release");
    let until = |seconds| verified_until(&ledger, &asked.as_of(seconds)).unwrap();
    assert_eq!((until(49), until(50), until(100)), (None, Some(at(50)), Some(at(50))));
    // As of an instant after its end, no trust that the store had gives another verdict.
    assert!(find(&ledger, &asked.as_of(100)).unwrap().changes.iter().all(|change| !change.changes_verdict()));
    let unknown = Asked::about("third");
    assert_eq!(verified_until(&ledger, &unknown.as_of(100)).unwrap(), None);
}

#[test]
fn an_unknown_request_has_no_story() {
    assert_eq!(agreement(&solo(), &id("r-7")).unwrap(), None);
}

/// One step of a random history; steps that the rules refuse leave no trace.
#[derive(Clone, Debug)]
enum Step {
    Add(u8),
    Emergency(u8, i64),
    Narrow(u8, i64),
    Reinstate(u8),
    Remove(u8),
    Revoke(u8, bool),
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let name = || 0u8..3;
    let step = prop_oneof![
        2 => name().prop_map(Step::Add),
        1 => (name(), 0i64..4).prop_map(|(name, thirds)| Step::Emergency(name, 3 * thirds + 1)),
        1 => (name(), 0i64..90).prop_map(|(name, until)| Step::Narrow(name, until)),
        2 => name().prop_map(Step::Reinstate),
        2 => name().prop_map(Step::Remove),
        1 => (name(), any::<bool>()).prop_map(|(name, bad)| Step::Revoke(name, bad)),
    ];
    proptest::collection::vec(step, 0..most)
}

fn name(number: u8) -> &'static str {
    ["release", "other", "third"][usize::from(number)]
}

/// Gives the ledger and the instant that is the present.
fn play(steps: &[Step]) -> (Ledger<MemoryLog>, i64) {
    let mut ledger = solo();
    let mut now = 1;
    for step in steps {
        let change = match step {
            Step::Add(number) => add_key(name(*number)),
            Step::Emergency(number, seconds) => {
                let _ = ledger.emergency(add_key(name(*number)), at(now + seconds), &occasion("dave", now));
                now += 3;
                continue;
            }
            Step::Narrow(number, until) => Change::Changed(key_within(name(*number), None, Some(*until + 1))),
            Step::Reinstate(number) => Change::Reinstated(key_ref(name(*number))),
            Step::Remove(number) => Change::Removed(key_ref(name(*number))),
            Step::Revoke(number, bad) => {
                let cause = if *bad { RevocationCause::Compromised } else { RevocationCause::Superseded };
                let revocation = Revocation { cause, invalid_since: None, revoked_at: at(now) };
                Change::Revoked { object: key_ref(name(*number)), revocation }
            }
        };
        let _ = ledger.change(change, &occasion("dave", now));
        now += 3;
    }
    (ledger, now)
}

/// The outcome of every second from the founding to the present, each judged by itself. No two things happen in one second.
fn replay(ledger: &Ledger<MemoryLog>, asked: &Asked, now: i64) -> Vec<(i64, Outcome)> {
    let mut changes = Vec::new();
    let mut known: Option<Outcome> = None;
    for second in 0..=now {
        let trust = ledger.snapshot_at(Point::Time(at(second))).unwrap();
        let verifier = Verifier::new(&asked.registry, &trust, asked.policy.clone());
        let outcome = Outcome::from(&verifier.verify(&asked.attestation, Binding::SubjectsAsListed, at(now)));
        if known.as_ref() != Some(&outcome) {
            changes.push((second, outcome.clone()));
            known = Some(outcome);
        }
    }
    changes
}

fn seconds(found: &Bisection) -> Vec<(i64, Outcome)> {
    let seconds = |at: stella_attest_verify::UnixTime| at.seconds() - START;
    found.changes.iter().map(|change| (seconds(change.moment.at), change.after.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_changes_found_are_those_of_a_replay_second_by_second(steps in steps(20)) {
        let (ledger, now) = play(&steps);
        let asked = Asked::about("release");
        let replayed = replay(&ledger, &asked, now);
        let found = find(&ledger, &asked.as_of(now)).unwrap();
        prop_assert_eq!(&found.present, &replayed.last().unwrap().1);
        prop_assert_eq!(seconds(&found), replayed[1..].to_vec());
    }

    #[test]
    fn a_search_by_halves_finds_a_change_to_the_present_verdict_wherever_the_replay_has_one(
        steps in steps(20),
        every in 2usize..6,
    ) {
        let (ledger, now) = play(&steps);
        let asked = Asked::about("release");
        let replayed = replay(&ledger, &asked, now);
        let found = find_within(&ledger, &asked.as_of(now), Effort { every, older: 1000 }).unwrap();
        prop_assert_eq!(&found.present, &replayed.last().unwrap().1);
        let verdicts: Vec<_> = replayed.iter().map(|(second, outcome)| (*second, outcome.verdict())).collect();
        let changes: Vec<_> = verdicts.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1]).collect();
        let decisive = found.decisive().filter(|change| change.changes_verdict());
        if let Some(decisive) = decisive {
            let second = decisive.moment.at.seconds() - START;
            // One that the replay has, and to the present verdict.
            prop_assert!(changes.contains(&(second, found.present.verdict())), "{changes:?} {second}");
        }
        prop_assert_eq!(decisive.is_some(), !changes.is_empty());
        if let [only] = changes.as_slice() {
            prop_assert_eq!(decisive.map(|change| change.moment.at.seconds() - START), Some(only.0));
        }
        if let (Method::EveryMoment | Method::Latest { .. }, Some(latest)) = (found.method, changes.last()) {
            prop_assert_eq!(decisive.map(|change| change.moment.at.seconds() - START), Some(latest.0));
        }
    }
}

#[test]
fn a_long_history_is_searched_by_halves_and_says_so() {
    let mut ledger = solo();
    ledger.change(add_key("release"), &occasion("dave", 1)).unwrap();
    ledger.change(add_key("other"), &occasion("dave", 2)).unwrap();
    ledger.change(Change::Removed(key_ref("release")), &occasion("dave", 3)).unwrap();
    for second in 4..60 {
        let change =
            if second % 2 == 0 { Change::Removed(key_ref("other")) } else { Change::Reinstated(key_ref("other")) };
        ledger.change(change, &occasion("dave", second)).unwrap();
    }
    let asked = Asked::about("release");
    for every in [2, 8, 1000] {
        let found = find_within(&ledger, &asked.as_of(100), Effort { every, older: 1000 }).unwrap();
        let decisive = found.decisive().unwrap();
        assert!(decisive.changes_verdict() && decisive.entry.sequence == 3, "{every}: {decisive:?}");
        assert_eq!(found.method == Method::EveryMoment, every == 1000);
        assert_eq!(found.moments, 60);
    }
    // The two moments at which the key counted lie between those that are looked at, and the answer says so.
    let hasty = find_within(&ledger, &asked.as_of(100), Effort { every: 2, older: 4 }).unwrap();
    assert!(matches!(hasty.method, Method::Sampled { one_in: 16, .. }), "{:?}", hasty.method);
    assert!(hasty.changes.iter().all(|change| !change.changes_verdict()));
}
