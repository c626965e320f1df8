//! Several processes change one store.

use std::collections::BTreeMap;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use stella_trust_store::StoreError;
use stella_trust_store::fs::Place;
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _};

use crate::layer::{Fault, Steps};
use crate::process::{lines, place, start};
use crate::run::{self, Tally};
use crate::script::{self, next, open, perform, reference};

const PROCESSES: u64 = 16;

/// What the entries say, as far as these tests write them: the label that a key was given.
fn label(entry: &Entry) -> Option<String> {
    let Action::Changed(change) = &entry.action else { return None };
    match change.as_ref() {
        Change::Added(Record::Key(key)) | Change::Changed(Record::Key(key)) => key.terms.label.clone(),
        _ => None,
    }
}

#[test]
fn changes_of_many_processes_are_one_history_and_each_is_in_it_once_f15_f16() {
    let directory = tempfile::tempdir().unwrap();
    let place = || {
        let place = Place::at(&directory.path().join("trust")).unwrap();
        place.remembered_at(&directory.path().join("seen")).unwrap()
    };
    script::start(place).unwrap();
    let appends = run::size("STELLA_APPENDS", 12);
    let mut children: Vec<Child> =
        (0..PROCESSES).map(|number| start("change as one of many", directory.path(), number)).collect();
    // Readers see one version each, and later ones no older one; a ledger that stays open keeps up.
    let (mut reads, mut slowest, mut before) = (0_u64, Duration::ZERO, 0);
    let mut staying = open(place()).unwrap();
    while !children.iter_mut().all(|child| child.try_wait().unwrap().is_some()) {
        let begun = Instant::now();
        let ledger = open(Place::at(&directory.path().join("trust")).unwrap()).unwrap();
        slowest = slowest.max(begun.elapsed());
        let size = ledger.head().size;
        assert!(size >= before, "{size} after {before}");
        before = size;
        staying.refresh().unwrap();
        assert!(staying.head().size >= size);
        let then = staying.state_at(Point::Sequence(size - 1)).unwrap().hash();
        assert_eq!(then, ledger.state().clone().hash());
        reads += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut tally = Tally::default();
    let mut told: BTreeMap<u64, String> = BTreeMap::new();
    for (number, child) in children.into_iter().enumerate() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let sizes = lines(&output, "acknowledged ");
        assert_eq!(sizes.len() as u64, appends);
        assert!(sizes.is_sorted(), "each process sees its own changes in order");
        for (count, size) in sizes.into_iter().enumerate() {
            tally.acknowledged += 1;
            let twice = told.insert(size - 1, format!("{number} {count}"));
            assert_eq!(twice, None, "two processes were told the same place");
        }
    }
    let ledger = open(place()).unwrap();
    let mut history: BTreeMap<u64, String> = BTreeMap::new();
    ledger
        .entries(0, |entry| {
            history.extend(label(entry).map(|label| (entry.sequence, label)));
            Ok(More::Next)
        })
        .unwrap();
    tally.points = PROCESSES * appends;
    tally.lost = told.iter().filter(|(at, label)| history.get(at) != Some(label)).count() as u64;
    tally.half_applied = history.iter().filter(|(at, label)| told.get(at) != Some(label)).count() as u64;
    // The founding entry, and one for each change.
    let audit = ledger.verify(None).unwrap();
    tally.audit_failures += u64::from(audit.head.size != 1 + tally.points || audit.head != ledger.head());
    let mut checkpoints = 0;
    for entry in std::fs::read_dir(directory.path()).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("checkpoint ") {
            let kept = std::fs::read_to_string(entry.path()).unwrap();
            tally.audit_failures += u64::from(ledger.verify(Some(&kept)).is_err());
            checkpoints += 1;
            // All of them in a small run, some in a large one: each audit reads all of the log.
            if checkpoints >= 32 {
                break;
            }
        }
    }
    assert!(checkpoints > 0 || appends < 8);
    println!("{reads} reads, slowest opening {slowest:?}; {checkpoints} kept checkpoints continued");
    tally.finish(&format!("{PROCESSES} processes with ledgers"));
}

#[test]
fn a_stopped_holder_is_named_and_trust_is_read_meanwhile_f17() {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(Fault::None);
    let place = || place(directory.path(), &steps).lock_wait(300);
    while next(place).unwrap() < 4 {}
    let mut ledger = open(place()).unwrap();
    let child = start("next act until stopped", directory.path(), 0);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
    assert!(status.stopped());
    let refusal = perform(&mut ledger, 4).unwrap_err();
    let LedgerError::Store(StoreError::Locked { holder, waited, .. }) = &refusal else { panic!("{refusal:?}") };
    assert_eq!((refusal.code(), *holder), (Code::StoreLocked, Some(child.id())));
    assert!(*waited >= 300);
    assert_eq!(ledger.state().clone().hash(), reference().state(4), "nothing of it counts");
    assert_eq!(open(place()).unwrap().state().clone().hash(), reference().state(4));
    ledger.verify(reference().checkpoint(4)).unwrap();
    kill_process(pid, Signal::CONT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines(&output, "acknowledged "), [5]);
    perform(&mut ledger, 5).unwrap();
    assert_eq!(ledger.head().size, reference().size(6));
}
