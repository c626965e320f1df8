//! Work over many attestations that is shared.

use stella_attest_store::sqlite::Embedded;
use stella_attest_store::{Arrival, AttestationStore, Filter, Finished, ReportRecord, RunId, RunPlan, StoreError};
use stella_attest_verify::Verdict;
use stella_vocabulary::{Code, Reason as _};

use crate::world::{AT, add, place};

const RUN: RunId = RunId([5; 16]);

fn plan(share: u32) -> RunPlan {
    RunPlan { filter: Filter::default(), at: AT, trust: "sha256:00".to_owned(), policy: "sha256:11".to_owned(), share }
}

fn report(arrival: &Arrival, code: Option<Code>) -> ReportRecord {
    ReportRecord {
        attestation: arrival.attestation,
        arrival: arrival.sequence,
        at: AT,
        made: AT,
        verdict: if code.is_some() { Verdict::Rejected } else { Verdict::Verified },
        code,
        trust: String::new(),
        trust_entry: None,
        policy: String::new(),
        dependencies: Vec::new(),
        json: None,
    }
}

#[test]
fn results_of_a_share_that_took_longer_than_its_lease_count_if_nobody_was_faster() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Embedded::create(place(home.path()), [7; 16]).unwrap();
    add(&mut store, 4);
    store.start_run(RUN, &plan(2)).unwrap();
    // A lease of no seconds is over at once.
    let share = store.take_share(RUN, "slow", 0).unwrap().unwrap();
    assert_eq!(store.take_share(RUN, "other", 600).unwrap().as_ref(), Some(&share));
    let results: Vec<ReportRecord> = share.arrivals.iter().map(|arrival| report(arrival, None)).collect();
    assert_eq!(store.finish_share(RUN, "slow", share.number, &results).unwrap(), Finished::Counted);
    assert_eq!(store.finish_share(RUN, "slow", share.number, &results).unwrap(), Finished::Counted, "said again");
    let late: Vec<ReportRecord> = share.arrivals.iter().map(|one| report(one, Some(Code::SigInvalid))).collect();
    assert_eq!(store.finish_share(RUN, "other", share.number, &late).unwrap(), Finished::TakenOver);
    let state = store.run(RUN).unwrap().unwrap();
    assert_eq!((state.judged, state.held, state.by_code), (2, 0, vec![(None, 2)]));
    // Nobody has taken the other share.
    let all = store.find(&Filter::default(), 2, 2).unwrap();
    let results: Vec<ReportRecord> = all.iter().map(|arrival| report(arrival, None)).collect();
    assert_eq!(store.finish_share(RUN, "stranger", 1, &results).unwrap(), Finished::TakenOver);
}

#[test]
fn a_damaged_arrival_counts_as_that_and_keeps_nobody_from_judging_the_others() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Embedded::create(place(home.path()), [7; 16]).unwrap();
    add(&mut store, 4);
    store.start_run(RUN, &plan(4)).unwrap();
    let other = rusqlite::Connection::open(home.path().join("attest.db")).unwrap();
    other.execute("UPDATE arrival SET sum = zeroblob(32) WHERE sequence = 2", []).unwrap();
    other.execute("DELETE FROM arrival WHERE sequence = 3", []).unwrap();
    let share = store.take_share(RUN, "one", 600).unwrap().unwrap();
    assert_eq!(share.arrivals.iter().map(|arrival| arrival.sequence).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(share.damaged.iter().filter_map(|flaw| flaw.arrival).collect::<Vec<_>>(), [2, 3]);
    let results: Vec<ReportRecord> = share.arrivals.iter().map(|arrival| report(arrival, None)).collect();
    // One that is not damaged cannot be passed over.
    let fewer = store.finish_share(RUN, "one", 0, &results[..1]).unwrap_err();
    assert_eq!(fewer.code(), Code::StoreNotFound);
    assert_eq!(store.finish_share(RUN, "one", 0, &results).unwrap(), Finished::Counted);
    let state = store.run(RUN).unwrap().unwrap();
    assert_eq!((state.judged, state.by_code), (4, vec![(None, 2), (Some(Code::StoreCorrupt), 2)]));
}

/// The counts of an outcome decide about an exit status.
#[test]
fn an_outcome_with_a_changed_count_is_damage() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Embedded::create(place(home.path()), [7; 16]).unwrap();
    add(&mut store, 4);
    store.start_run(RUN, &plan(4)).unwrap();
    let share = store.take_share(RUN, "one", 600).unwrap().unwrap();
    let results: Vec<ReportRecord> = (0..)
        .zip(&share.arrivals)
        .map(|(number, arrival)| report(arrival, (number == 0).then_some(Code::SigInvalid)))
        .collect();
    store.finish_share(RUN, "one", 0, &results).unwrap();
    let sound = store.run(RUN).unwrap().unwrap();
    assert_eq!(sound.by_code, [(None, 3), (Some(Code::SigInvalid), 1)]);
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
    let other = rusqlite::Connection::open(home.path().join("attest.db")).unwrap();
    let outcome: Vec<u8> = other.query_row("SELECT outcome FROM share", [], |row| row.get(0)).unwrap();
    let mut points = 0;
    for byte in 0..outcome.len() {
        for bit in 0..8 {
            let mut changed = outcome.clone();
            changed[byte] ^= 1 << bit;
            other.execute("UPDATE share SET outcome = ?1", [&changed]).unwrap();
            match store.run(RUN) {
                Err(refused @ StoreError::Corrupt { .. }) => assert_eq!(refused.code(), Code::StoreCorrupt),
                other => panic!("byte {byte}, bit {bit}: {other:?}"),
            }
            points += 1;
        }
    }
    assert!(points > 100);
    assert!(store.check(9, &mut |_| ()).unwrap().iter().any(|flaw| flaw.place == "table share"));
    other.execute("UPDATE share SET outcome = ?1", [&outcome]).unwrap();
    assert_eq!(store.run(RUN).unwrap().unwrap(), sound);
}
