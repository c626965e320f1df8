//! What one person, with a name and no signature, must not be able to do where a quorum decides; and what they must.

use std::sync::Arc;

use stella_crypto_providers::Registry;
use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, UnixTime};

use crate::world::*;

const DAY: i64 = EMERGENCY_LIFETIME;
const YEAR: i64 = 366 * DAY;
/// 9999-12-31T23:59:59Z
const LAST: i64 = 253_402_300_799;

fn superseded(seconds: i64) -> Revocation {
    Revocation { cause: RevocationCause::Superseded, invalid_since: None, revoked_at: at(seconds) }
}

fn for_ever() -> Revocation {
    Revocation { revoked_at: UnixTime::from_seconds(LAST), ..superseded(0) }
}

fn revoke(name: &str, revocation: Revocation) -> Change {
    Change::Revoked { object: key_ref(name), revocation }
}

fn keys(ledger: &Ledger<MemoryLog>, seconds: i64) -> usize {
    ledger.snapshot(at(seconds)).unwrap().keys().len()
}

#[test]
fn an_emergency_is_not_made_permanent_by_superseding_it_some_day() {
    let mut ledger = three();
    ledger.emergency(add_key("evil"), at(100), &occasion("alice", 1)).unwrap();
    let refused = ledger.make(revoke("evil", for_ever()), 2);
    assert_eq!(code(refused), Code::StoreNotFound);
    assert_eq!((keys(&ledger, 3), keys(&ledger, YEAR)), (1, 0));
}

#[test]
fn what_stops_an_emergency_leaves_nothing_that_counted_before_some_day() {
    let mut ledger = three();
    ledger.emergency(add_key("evil"), at(100), &occasion("alice", 1)).unwrap();
    let until_some_day = Revocation { invalid_since: Some(at(2)), ..compromised(2) };
    ledger.make(revoke("evil", until_some_day), 2).unwrap();
    let Some((_, Standing::Revoked(revocation))) = ledger.state().record(&key_ref("evil")) else { panic!("no key") };
    let evidence = TimeEvidence::Trusted(&[UnixTime::from_seconds(0)]);
    let judged = judge(window(None, None), Some(&revocation), evidence, ProvenBefore::Accept);
    assert_eq!(judged, Err(Code::KeyRevoked));
    assert_eq!(keys(&ledger, 3), 0);
}

#[test]
fn a_clock_that_is_ahead_makes_no_emergency_of_today_and_stops_nobody_from_stopping_it() {
    let ahead = 70 * YEAR;
    let begin = || {
        let mut ledger = three();
        ledger.agreed(add_key("good"), 1);
        ledger.emergency(add_key("evil"), at(ahead + DAY), &occasion("alice", ahead)).unwrap();
        ledger
    };
    let mut ledger = begin();
    assert_eq!((keys(&ledger, 10), keys(&ledger, 50 * YEAR), keys(&ledger, ahead)), (1, 1, 2));
    // With a clock that is right: whatever only takes away.
    ledger.make(revoke("evil", compromised(10)), 10).unwrap();
    ledger.make(revoke("good", compromised(11)), 11).unwrap();
    assert_eq!((keys(&ledger, 12), keys(&ledger, ahead)), (0, 0));
    ledger.verify(None).unwrap();

    let mut ledger = begin();
    let emergency = ledger.state().emergencies(at(ahead)).next().unwrap().id.clone();
    ledger.end_emergency(&emergency, &occasion("dave", 10)).unwrap();
    ledger.make(Change::Removed(key_ref("good")), 11).unwrap();
    assert_eq!(keys(&ledger, ahead), 0);

    // And nothing else: who gives trust needs a clock that is right.
    let mut ledger = begin();
    assert_eq!(code(ledger.ask(add_key("new"), "alice", 10)), Code::TimeClockRollback);
    assert_eq!(
        code(
            ledger.make(revoke("good", superseded(5)), 10).and_then(|_| ledger.make(revoke("good", superseded(9)), 10))
        ),
        Code::TimeClockRollback
    );
    let several = vec![Change::Removed(key_ref("good")), Change::Reinstated(key_ref("good"))];
    assert!(ledger.change_all(several, &occasion("dave", 10)).is_err());
}

#[test]
fn an_emergency_that_is_over_by_the_clock_of_the_log_does_not_begin_later() {
    let mut ledger = three();
    ledger.agreed(add_key("good"), 1);
    ledger.emergency(add_key("evil"), at(4 * DAY), &occasion("alice", 3 * DAY)).unwrap();
    // A clock still farther ahead: by now nobody could end it.
    ledger.make(Change::Removed(key_ref("good")), 5 * DAY).unwrap();
    assert_eq!(keys(&ledger, 3 * DAY + 1), 0);
}

#[test]
fn an_emergency_brings_nothing_back_that_was_revoked_removed_or_distrusted() {
    let mut ledger = three();
    ledger.agreed(add_key("stolen"), 1);
    ledger.agreed(add_key("gone"), 1);
    ledger.agreed(Change::Added(Record::Issuer(issuer_record("vendor"))), 1);
    ledger.agreed(Change::IssuerTrusted(id("vendor")), 1);
    let vendors = KeyRecord { issuer: Some(id("vendor")), ..key_record("vendors") };
    ledger.agreed(Change::Added(Record::Key(vendors)), 1);
    ledger.make(revoke("stolen", compromised(2)), 2).unwrap();
    ledger.make(Change::Removed(key_ref("gone")), 2).unwrap();
    ledger.make(Change::IssuerDistrusted(id("vendor")), 2).unwrap();
    let wider = |name: &str| Change::Changed(Record::Key(KeyRecord { issuer: None, ..key_record(name) }));
    for change in [
        revoke("stolen", for_ever()),
        revoke("gone", for_ever()),
        add_key("gone"),
        // The same key under another id.
        Change::Added(Record::Key(KeyRecord { id: id("back"), ..key_record("gone") })),
        Change::IssuerTrusted(id("vendor")),
        // The key of a distrusted issuer becomes nobody's.
        wider("vendors"),
    ] {
        let action = change.action();
        let refused = ledger.emergency(change, at(100), &occasion("alice", 3));
        assert_eq!(
            refused.map(|_| ()).map_err(|error| stella_vocabulary::Reason::code(&error)),
            Err(Code::ApprovalRequired),
            "{action}"
        );
    }
    assert_eq!(keys(&ledger, 4), 0);
}

#[test]
fn distrust_in_an_issuer_ends_what_emergencies_made_of_its_keys() {
    let mut ledger = three();
    ledger.agreed(Change::Added(Record::Issuer(issuer_record("vendor"))), 1);
    ledger.agreed(Change::IssuerTrusted(id("vendor")), 2);
    ledger.agreed(Change::Added(Record::Key(KeyRecord { issuer: Some(id("vendor")), ..key_record("key") })), 3);
    let nobodys = Change::Changed(Record::Key(key_record("key")));
    ledger.emergency(nobodys, at(1000), &occasion("alice", 4)).unwrap();
    ledger.make(Change::IssuerDistrusted(id("vendor")), 5).unwrap();
    assert_eq!(keys(&ledger, 6), 0);
    assert_eq!(ledger.state().emergencies(at(6)).count(), 0);
}

#[test]
fn an_emergency_at_the_end_of_the_calendar_leaves_a_log_that_can_be_read() {
    let mut ledger = three();
    let late = Occasion { at: UnixTime::from_seconds(LAST - 10), ..occasion("alice", 0) };
    let mut begin = |until| ledger.emergency(add_key("evil"), UnixTime::from_seconds(until), &late);
    assert_eq!(code(begin(LAST + 1)), Code::UsageDateInvalid);
    begin(LAST).unwrap();
    Ledger::open(ledger.into_log(), &Registry::rustcrypto()).unwrap();
}

#[test]
fn a_superseded_key_that_turns_out_to_be_stolen_is_stopped_by_one_person() {
    let mut ledger = three();
    ledger.agreed(add_key("key"), 1);
    ledger.make(revoke("key", superseded(5)), 5).unwrap();
    let stolen = |since: Option<i64>| Revocation { invalid_since: since.map(at), ..compromised(100) };
    assert_eq!(code(ledger.make(revoke("key", stolen(Some(6))), 100)), Code::ApprovalRequired);
    ledger.make(revoke("key", stolen(Some(3))), 100).unwrap();
    ledger.make(revoke("key", stolen(None)), 101).unwrap();
    assert_eq!(code(ledger.make(revoke("key", superseded(5)), 102)), Code::ApprovalRequired);
}

/// What would ever be accepted on the word of a key, with every kind of evidence, a year later; emergencies are over by then.
fn accepted(state: &TrustState, names: &[&str]) -> Vec<String> {
    let times = [-YEAR, 0, 4, 6, 20, 400_000, 600_000, YEAR, 50 * YEAR].map(at);
    let mut accepted = Vec::new();
    for name in names {
        let Some((Record::Key(key), standing)) = state.record(&key_ref(name)) else { continue };
        let trusts = |issuer: &Id| {
            let issuer = ObjectRef::new(ObjectKind::Issuer, issuer.clone());
            matches!(state.record(&issuer), Some((_, Standing::Active)))
        };
        let revocation = match standing {
            Standing::Active => None,
            Standing::Revoked(revocation) => Some(revocation),
            _ => continue,
        };
        if !key.issuer.as_ref().is_none_or(trusts) {
            continue;
        }
        for time in &times {
            let trusted = [*time];
            for (what, evidence) in
                [("signed", TimeEvidence::Trusted(&trusted)), ("judged", TimeEvidence::JudgedAt(*time))]
            {
                for policy in [ProvenBefore::Accept, ProvenBefore::Refuse] {
                    if judge(key.terms.window, revocation.as_ref(), evidence, policy).is_ok() {
                        accepted.push(format!("{name} {what} at {time} under {policy:?}"));
                    }
                }
            }
        }
    }
    // And what a snapshot takes for good, whatever the records say.
    let snapshot = state.snapshot(at(YEAR)).unwrap();
    accepted.extend(snapshot.keys().iter().map(|key| format!("{} counts", key.key_id())));
    accepted
}

#[test]
fn no_pair_of_acts_of_one_person_gives_trust_for_good() {
    let names = ["act", "rem", "com", "sup", "iss", "new"];
    let mut ledger = three();
    for name in ["act", "rem", "com", "sup"] {
        ledger.agreed(add_key(name), 1);
    }
    ledger.agreed(Change::Added(Record::Issuer(issuer_record("acme"))), 5);
    ledger.agreed(Change::Added(Record::Key(KeyRecord { issuer: Some(id("acme")), ..key_record("iss") })), 6);
    ledger.make(Change::Removed(key_ref("rem")), 7).unwrap();
    ledger.make(revoke("com", compromised(8)), 8).unwrap();
    ledger.make(revoke("sup", superseded(9)), 9).unwrap();

    let until_some_day = Revocation { invalid_since: Some(at(5)), ..compromised(5) };
    let revocations = [compromised(5), compromised(50), until_some_day, superseded(5), superseded(YEAR * 2)];
    let mut changes = vec![Change::IssuerTrusted(id("acme")), Change::IssuerDistrusted(id("acme"))];
    for name in names {
        let terms = Terms::default().with_window(window(Some(0), Some(500_000)));
        changes.push(add_key(name));
        changes.push(Change::Changed(Record::Key(KeyRecord { hint: Some("h".into()), ..key_record(name) })));
        changes.push(Change::Changed(Record::Key(KeyRecord { terms, ..key_record(name) })));
        changes.push(Change::Removed(key_ref(name)));
        changes.push(Change::Reinstated(key_ref(name)));
        changes.extend(revocations.iter().map(|revocation| revoke(name, *revocation)));
    }
    let acts = |seconds: i64| {
        changes.iter().flat_map(move |change| {
            let (change, at, until) = (Arc::new(change.clone()), at(seconds), at(100));
            let in_haste = Action::EmergencyBegan { change: Arc::clone(&change), until };
            [Action::Changed(change), in_haste].map(|action| (action, at))
        })
    };
    let perform = |state: &TrustState, (action, at): (Action, UnixTime)| {
        let mut state = state.clone();
        let entry = Entry {
            action,
            actor: Actor::unsigned(person("alice")),
            at,
            mode: state.mode(),
            previous: None,
            reason: "because".into(),
            request: None,
            sequence: state.size(),
            state: [0; 32],
        };
        state.apply(&entry).ok().map(|()| state)
    };
    let start = ledger.state();
    let before = accepted(start, &names);
    let (mut tried, mut found) = (0, Vec::new());
    for first in acts(10) {
        let Some(middle) = perform(start, first.clone()) else { continue };
        for second in acts(11) {
            tried += 1;
            let Some(end) = perform(&middle, second.clone()) else { continue };
            if let Some(more) = accepted(&end, &names).into_iter().find(|what| !before.contains(what)) {
                found.push(format!("{:?} and {:?}: {more}", first.0, second.0));
            }
        }
    }
    assert!(tried > 1000, "{tried}");
    assert!(found.is_empty(), "{found:#?}");
}
