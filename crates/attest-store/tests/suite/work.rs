//! Work that is shared.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use stella_attest_store::{Filter, Finished, RunPlan, Share};
use stella_vocabulary::{Code, Reason};

use super::Place;
use super::made::{add, documents, of_bytes, plan, report, run_id, various};

fn sequences(share: &Share) -> Vec<u64> {
    share.arrivals.iter().map(|arrival| arrival.sequence).collect()
}

pub(crate) fn a_run_covers_each_attestation_that_fits_once(place: &dyn Place) {
    let mut store = place.fresh();
    let mut kept = various(20);
    kept.push(of_bytes([b" ".as_slice(), &kept[3].bytes].concat()));
    add(store.as_mut(), &kept).unwrap();
    let kind = "https://spdx.dev/Document".to_owned();
    for (filter, expected) in [
        (Filter::default(), (1..=20).collect::<Vec<u64>>()),
        (Filter { predicate_type: Some(kind), ..Filter::default() }, vec![2, 5, 8, 11, 14, 17, 20]),
        (Filter { subject: kept[3].facts.subjects.first().copied(), ..Filter::default() }, vec![3, 4]),
    ] {
        for share in [1, 3, 1_000] {
            let run = run_id();
            let plan = RunPlan { filter: filter.clone(), ..plan(share) };
            let started = store.start_run(run, &plan).unwrap();
            assert_eq!((started.planned, started.judged, started.held), (expected.len() as u64, 0, 0));
            assert_eq!(started.plan, plan);
            assert_eq!(store.start_run(run, &plan).unwrap(), started, "it is started already");
            let mut judged = Vec::new();
            for number in 0.. {
                let Some(part) = store.take_share(run, "one", 600).unwrap() else { break };
                assert_eq!(part.number, number);
                assert!((1..=share as usize).contains(&part.arrivals.len()));
                assert_eq!(store.run(run).unwrap().unwrap().held, part.arrivals.len() as u64);
                judged.extend(sequences(&part));
                let code = (number % 2 == 0).then_some(Code::X509Expired);
                let results: Vec<_> = part.arrivals.iter().map(|arrival| report(arrival, code, &[])).collect();
                assert_eq!(store.finish_share(run, "one", number, &results).unwrap(), Finished::Counted);
                // The answer was lost, and they are handed in again.
                assert_eq!(store.finish_share(run, "one", number, &results).unwrap(), Finished::Counted);
            }
            assert_eq!(judged, expected);
            let state = store.run(run).unwrap().unwrap();
            assert_eq!((state.planned, state.judged, state.held), (judged.len() as u64, judged.len() as u64, 0));
            assert_eq!(state.by_code.iter().map(|(_, count)| count).sum::<u64>(), state.judged);
            let in_one = expected.len() <= share as usize;
            assert_eq!(state.by_code.contains(&(Some(Code::X509Expired), state.judged)), in_one);
        }
    }
}

pub(crate) fn a_run_of_nothing_is_over_at_once(place: &dyn Place) {
    let mut store = place.fresh();
    let run = run_id();
    assert_eq!(store.run(run).unwrap(), None);
    assert_eq!(store.take_share(run, "one", 600).unwrap_err().code(), Code::StoreNotFound);
    let state = store.start_run(run, &plan(5)).unwrap();
    assert_eq!((state.planned, state.judged, state.held, state.by_code.len()), (0, 0, 0, 0));
    assert_eq!(store.take_share(run, "one", 600).unwrap(), None);
    assert_eq!(store.finish_share(run, "one", 0, &[]).unwrap_err().code(), Code::StoreNotFound);
}

pub(crate) fn a_share_is_taken_over_when_its_lease_is_over_and_late_results_are_dropped(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &documents("one", 4)).unwrap();
    let run = run_id();
    store.start_run(run, &plan(4)).unwrap();
    let share = store.take_share(run, "slow", 1).unwrap().unwrap();
    let mut other = place.open().unwrap();
    assert_eq!(other.take_share(run, "quick", 600).unwrap(), None, "somebody holds it");
    thread::sleep(Duration::from_millis(1_200));
    assert_eq!(store.run(run).unwrap().unwrap().held, 0);
    assert_eq!(other.take_share(run, "quick", 600).unwrap().as_ref(), Some(&share));
    let results = |code| share.arrivals.iter().map(|arrival| report(arrival, code, &[])).collect::<Vec<_>>();
    let late = results(Some(Code::SigInvalid));
    assert_eq!(other.finish_share(run, "quick", 0, &results(None)).unwrap(), Finished::Counted);
    assert_eq!(store.finish_share(run, "slow", 0, &late).unwrap(), Finished::TakenOver);
    let kept = store.reports(None, 0, 9).unwrap();
    assert!(kept.len() == 4 && kept.iter().all(|report| report.code.is_none()), "what is dropped is not kept either");
    let state = store.run(run).unwrap().unwrap();
    assert_eq!((state.judged, state.by_code), (4, vec![(None, 4)]));
    assert_eq!(store.take_share(run, "slow", 1).unwrap(), None);
}

/// A share that takes longer than its lease would otherwise never be done.
pub(crate) fn the_first_results_of_a_share_count_whoever_hands_them_in(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &documents("one", 3)).unwrap();
    let run = run_id();
    store.start_run(run, &plan(3)).unwrap();
    let share = store.take_share(run, "slow", 1).unwrap().unwrap();
    thread::sleep(Duration::from_millis(1_200));
    store.take_share(run, "second", 600).unwrap().unwrap();
    let results = |code| share.arrivals.iter().map(|arrival| report(arrival, code, &[])).collect::<Vec<_>>();
    assert_eq!(store.finish_share(run, "slow", 0, &results(None)).unwrap(), Finished::Counted);
    let second = results(Some(Code::SigInvalid));
    assert_eq!(store.finish_share(run, "second", 0, &second).unwrap(), Finished::TakenOver);
    assert_eq!(store.finish_share(run, "slow", 0, &results(None)).unwrap(), Finished::Counted);
    assert_eq!(store.run(run).unwrap().unwrap().by_code, [(None, 3)]);
}

pub(crate) fn results_that_are_not_those_of_the_share_are_refused(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &documents("one", 5)).unwrap();
    let run = run_id();
    store.start_run(run, &plan(2)).unwrap();
    let share = store.take_share(run, "one", 600).unwrap().unwrap();
    let all = store.find(&Filter::default(), 0, 9).unwrap();
    let results = |numbers: &[usize]| numbers.iter().map(|number| report(&all[*number], None, &[])).collect::<Vec<_>>();
    for wrong in [results(&[]), results(&[0]), results(&[0, 2]), results(&[0, 1, 2]), results(&[0, 0])] {
        let refused = store.finish_share(run, "one", share.number, &wrong).unwrap_err();
        assert_eq!(refused.code(), Code::StoreNotFound, "{refused:?}");
    }
    for number in [1, 7, u64::MAX] {
        let refused = store.finish_share(run, "one", number, &results(&[0, 1]));
        assert!(refused.is_err() || refused == Ok(Finished::TakenOver), "{number}: {refused:?}");
    }
    assert_eq!(store.reports(None, 0, 9).unwrap(), []);
    assert_eq!(store.run(run).unwrap().unwrap().judged, 0);
    assert_eq!(store.finish_share(run, "one", share.number, &results(&[0, 1])).unwrap(), Finished::Counted);
}

pub(crate) fn workers_judge_each_attestation_once_also_when_one_of_them_ends(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &documents("work", 120)).unwrap();
    let run = run_id();
    store.start_run(run, &plan(7)).unwrap();
    // One takes two shares and is not heard of again.
    for _ in 0..2 {
        store.take_share(run, "lost", 1).unwrap().unwrap();
    }
    assert_eq!(store.run(run).unwrap().unwrap().held, 14);
    let judged: Vec<u64> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                scope.spawn(move || {
                    let mut store = place.open().unwrap();
                    let name = format!("worker {worker}");
                    let mut judged = vec![];
                    for _ in 0..2_000 {
                        let Some(share) = store.take_share(run, &name, 60).unwrap() else {
                            let state = store.run(run).unwrap().unwrap();
                            if state.judged == state.planned {
                                break;
                            }
                            thread::sleep(Duration::from_millis(20));
                            continue;
                        };
                        let results: Vec<_> =
                            share.arrivals.iter().map(|arrival| report(arrival, None, &["key/1"])).collect();
                        assert_eq!(store.finish_share(run, &name, share.number, &results).unwrap(), Finished::Counted);
                        judged.extend(sequences(&share));
                    }
                    judged
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(judged.len(), 120);
    assert_eq!(judged.iter().copied().collect::<BTreeSet<_>>().len(), 120);
    let state = store.run(run).unwrap().unwrap();
    assert_eq!((state.judged, state.held, state.by_code), (120, 0, vec![(None, 120)]));
    assert_eq!(store.reports(Some("key/1"), 0, 1_000).unwrap().len(), 120);
}
