//! Several at the same moment.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use stella_trust_store::fs::{FileLog, Place};
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _};

use crate::run;
use crate::script;
use crate::world::*;

/// Rounds in one store; then a new one is made, because every decided request stays in it.
const ROUNDS_OF_A_STORE: u64 = 100;

fn place(directory: &Path) -> Place {
    let place = Place::at(&directory.join("trust")).unwrap().remembered_at(&directory.join("seen")).unwrap();
    place.lock_wait(120_000)
}

fn store(directory: &Path) -> Ledger<FileLog> {
    let mut ledger = script::start(|| place(directory)).unwrap();
    for name in ["alice", "bob", "carol"] {
        let change = Change::Added(Record::Approver(approver(name, name)));
        match ledger.change(change.clone(), &occasion("founder", 0)) {
            Ok(_) => {}
            // The third one needs the agreement of the two.
            Err(error) => {
                assert_eq!(error.code(), Code::ApprovalRequired);
                ledger.agreed(change, 0);
            }
        }
    }
    ledger
}

/// Where files cost no sync, if there is such a place: the race is between threads, not with the disk.
fn quick_directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

#[test]
fn approvals_and_executions_at_the_same_moment_apply_a_change_exactly_once_f18() {
    let rounds = run::size("STELLA_RACE_ROUNDS", 60);
    let (mut done, mut executed, mut too_early) = (0, 0, 0);
    while done < rounds {
        let directory = quick_directory();
        let here = ROUNDS_OF_A_STORE.min(rounds - done);
        let (once, early) = race(directory.path(), here);
        done += here;
        executed += once;
        too_early += early;
    }
    println!(
        "approvals and executions at once: {rounds} points tested, {executed} executed once, {too_early} tries came too early"
    );
    assert_eq!(executed, rounds);
}

/// Lets two approve and two execute each request; gives how many were executed, and how many tries came before the quorum.
fn race(directory: &Path, rounds: u64) -> (u64, u64) {
    let mut asking = store(directory);
    let barrier = Barrier::new(5);
    let (successes, early) = (AtomicU64::new(0), AtomicU64::new(0));
    let requests = Mutex::new(Vec::<Id>::new());
    thread::scope(|scope| {
        for who in ["bob", "carol"] {
            let (barrier, requests) = (&barrier, &requests);
            scope.spawn(move || {
                let mut ledger = script::open(place(directory)).unwrap();
                for round in 0..rounds as usize {
                    barrier.wait();
                    let request = requests.lock().unwrap()[round].clone();
                    match ledger.agree(&request, who, 10) {
                        Ok(_) => {}
                        // The other one was enough, and it is executed.
                        Err(error) => assert_eq!(error.code(), Code::ApprovalReplayed, "{error:?}"),
                    }
                    barrier.wait();
                }
            });
        }
        for _ in 0..2 {
            let (barrier, requests, successes, early) = (&barrier, &requests, &successes, &early);
            scope.spawn(move || {
                let mut ledger = script::open(place(directory)).unwrap();
                for round in 0..rounds as usize {
                    barrier.wait();
                    let request = requests.lock().unwrap()[round].clone();
                    loop {
                        match ledger.carry_out(&request, 10) {
                            Ok(_) => {
                                successes.fetch_add(1, Ordering::Relaxed);
                                break;
                            }
                            Err(error) if error.code() == Code::ApprovalRequired => {
                                early.fetch_add(1, Ordering::Relaxed);
                                thread::yield_now();
                            }
                            Err(error) => {
                                assert_eq!(error.code(), Code::ApprovalReplayed, "{error:?}");
                                break;
                            }
                        }
                    }
                    barrier.wait();
                }
            });
        }
        for round in 0..rounds {
            let change = add_key(&format!("key-{round}"));
            requests.lock().unwrap().push(asking.ask(change, "alice", 10).unwrap());
            barrier.wait();
            barrier.wait();
        }
    });
    let requests = requests.into_inner().unwrap();
    let ledger = script::open(place(directory)).unwrap();
    ledger.verify(None).unwrap();
    let mut executions: Vec<Id> = Vec::new();
    ledger
        .entries(0, |entry| {
            if matches!(entry.action, Action::Changed(_)) {
                executions.extend(entry.request.clone().filter(|request| requests.contains(request)));
            }
            Ok(More::Next)
        })
        .unwrap();
    assert_eq!(executions, requests, "each exactly once, in order");
    assert_eq!(successes.into_inner(), rounds, "exactly one was told so");
    assert_eq!(ledger.snapshot(at(10)).unwrap().keys().len() as u64, rounds);
    (executions.len() as u64, early.into_inner())
}
