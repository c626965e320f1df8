//! Writes, syncs, reads and locks that fail under a ledger.

use std::rc::Rc;

use stella_trust_store::LogStore as _;
use stella_trust_store::fs::{FileError, Place};
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _};

use crate::disk::{Disk, World};
use crate::layer::{Fault, Layer, Steps};
use crate::run::{self, SEGMENT_BYTES, Tally};
use crate::script::{kind, length, next, open, perform, reference, start};
use crate::world::at;

const EIO: FileError = FileError::Os(5);

/// The disk after each number of acts.
fn prepared() -> Vec<World> {
    let disk = Disk::new();
    let mut worlds = vec![disk.world.borrow().clone()];
    for act in 1..=length() {
        assert_eq!(next(|| disk.place()).unwrap(), act);
        worlds.push(disk.world.borrow().clone());
    }
    worlds
}

/// A disk between which and the log things go wrong.
fn place(disk: &Disk, steps: &Rc<Steps>) -> Place<Layer<Disk>> {
    let [trust, seen] = disk.directories().map(|directory| Layer::over(directory, steps));
    Place::in_directory(trust, "trust").remembered_in(seen, "seen").segment_bytes(SEGMENT_BYTES)
}

/// One act on a copy of the disk while one thing goes wrong. Gives what was said.
fn act_with(fault: Fault, world: &World, act: usize, tally: &mut Tally) -> Option<LedgerError> {
    let disk = Disk::of(world.clone());
    let steps = Steps::new(Fault::None);
    let place = || place(&disk, &steps);
    let mut failure = None;
    if act == 0 {
        steps.restart(fault);
        failure = start(place).err();
    } else {
        let mut ledger = open(place()).unwrap();
        steps.restart(fault);
        if let Err(error) = perform(&mut ledger, act) {
            // Whoever goes on with this ledger goes on with what the log says, not with what was to be written.
            assert_eq!(ledger.head().size, reference().size(act), "{}", kind(act));
            assert_eq!(ledger.state().clone().hash(), reference().state(act), "{}", kind(act));
            steps.restart(Fault::None);
            if matches!(fault, Fault::SyncAt(..)) {
                // Nobody knows what the disk holds: no second try that then looks like a success.
                let again = perform(&mut ledger, act);
                let made = ledger.head().size == reference().size(act + 1);
                assert!(again.is_err(), "{}: {again:?}", kind(act));
                assert!(made || again.unwrap_err().code() == Code::StoreIo, "{}", kind(act));
            }
            failure = Some(error);
        }
    }
    steps.restart(Fault::None);
    let acknowledged = if failure.is_none() { act + 1 } else { act };
    assert!(tally.judge(acknowledged, place), "{} with {fault:?}: {tally:?}", kind(act));
    // Space is freed, and the work goes on.
    let done = next(place).unwrap_or_else(|error| panic!("{} after {fault:?}: {error:?}", kind(act)));
    assert!(done > act, "{}", kind(act));
    if done <= act + 2 && done < length() {
        next(place).unwrap();
        let files = disk.world.borrow().files_of(disk.store_dir());
        assert!(!files.keys().any(|name| name.ends_with(".new")), "{files:?}");
    }
    failure
}

/// How many changes, syncs and reads an act takes.
fn counts(world: &World, act: usize) -> [u64; 3] {
    let disk = Disk::of(world.clone());
    let steps = Steps::new(Fault::None);
    let place = || place(&disk, &steps);
    if act == 0 {
        start(place).unwrap();
    } else {
        let mut ledger = open(place()).unwrap();
        steps.restart(Fault::None);
        perform(&mut ledger, act).unwrap();
    }
    [steps.changes.get(), steps.syncs.get(), steps.reads.get()]
}

/// Which of all the points of failure are tried in a small run.
fn tried(number: &mut u64) -> bool {
    *number += 1;
    number.is_multiple_of(run::size("STELLA_FAULT_STRIDE", 5))
}

#[test]
fn every_write_of_every_change_may_find_the_disk_full_or_fail_f05_f06() {
    let mut tally = Tally::default();
    let (mut number, mut unnoticed) = (0, 0);
    for (act, world) in prepared().iter().enumerate().take(length()) {
        let [changes, ..] = counts(world, act);
        assert!(changes >= 5, "{}: {changes} writes", kind(act));
        for step in 0..changes {
            for (error, code) in [(FileError::NoSpace, Code::StoreNoSpace), (EIO, Code::StoreIo)] {
                if tried(&mut number) {
                    match act_with(Fault::ChangeAt(step, error), world, act, &mut tally) {
                        Some(error) => assert_eq!(error.code(), code, "{}: {error:?}", kind(act)),
                        // Sealing a full segment is tried again by the next writer, and whoever comes next remembers what this
                        // one could not.
                        None => unnoticed += 1,
                    }
                }
            }
        }
    }
    println!("{unnoticed} of {} failures were no harm to the change", tally.points);
    assert!(unnoticed * 4 < tally.points, "{unnoticed}");
    tally.finish("writes of the ledger that fail");
}

#[test]
fn every_sync_of_every_change_may_fail_f03() {
    let mut tally = Tally::default();
    let (mut number, mut unnoticed) = (0, 0);
    for (act, world) in prepared().iter().enumerate().take(length()) {
        let [_, syncs, _] = counts(world, act);
        assert!(syncs >= 3, "{}: {syncs} syncs", kind(act));
        for step in 0..syncs {
            if tried(&mut number) {
                match act_with(Fault::SyncAt(step, EIO), world, act, &mut tally) {
                    Some(error) => assert_eq!(error.code(), Code::StoreIo, "{}: {error:?}", kind(act)),
                    // The change was made, and is no failure because it could not be remembered.
                    None => unnoticed += 1,
                }
            }
        }
    }
    assert!(unnoticed * 2 < tally.points, "{unnoticed}");
    tally.finish("syncs of the ledger that fail");
}

#[test]
fn every_read_of_a_change_may_fail_and_nothing_is_changed_on_the_strength_of_a_part_f04() {
    let mut tally = Tally::default();
    let mut number = 0;
    for (act, world) in prepared().iter().enumerate().take(length()) {
        let [.., reads] = counts(world, act);
        for step in 0..reads {
            if tried(&mut number) {
                match act_with(Fault::ReadAt(step, EIO), world, act, &mut tally) {
                    Some(error) => assert_eq!(error.code(), Code::StoreIo, "{}: {error:?}", kind(act)),
                    // What is read to clear up after others may fail without harm.
                    None => println!("{}: read {step} of {reads} is not needed", kind(act)),
                }
            }
        }
    }
    tally.finish("reads of the ledger that fail");
}

#[test]
fn no_verdict_rests_on_a_part_of_the_log_f04() {
    let disk = Disk::of(prepared().pop().unwrap());
    let steps = Steps::new(Fault::None);
    let mut failed = 0;
    for step in 0.. {
        steps.restart(Fault::ReadAt(step, EIO));
        let read = open(place(&disk, &steps)).and_then(|ledger| {
            Ok((ledger.snapshot(at(0))?.root(), ledger.verify(None)?, ledger.state_at(Point::Sequence(3))?))
        });
        match read {
            Err(error) => assert_eq!(error.code(), Code::StoreIo, "{error:?}"),
            Ok(_) if steps.reads.get() > step => panic!("read {step} failed and nobody noticed"),
            Ok((_, audit, _)) => {
                assert_eq!(audit.state, reference().state(length()));
                break;
            }
        }
        failed += 1;
    }
    assert!(failed > 20, "{failed}");
    println!("reads of an open, a snapshot, an audit and the past that fail: {failed} points tested");
}

#[test]
fn a_store_that_can_only_be_read_gives_snapshots_and_takes_no_change_f07() {
    for (act, world) in prepared().iter().enumerate().take(length()).skip(1) {
        let disk = Disk::of(world.clone());
        let steps = Steps::new(Fault::Changes(FileError::ReadOnly));
        let mut ledger = open(place(&disk, &steps)).unwrap();
        ledger.snapshot(at(0)).unwrap();
        ledger.verify(reference().checkpoint(act)).unwrap();
        let refusal = perform(&mut ledger, act).unwrap_err();
        assert_eq!(refusal.code(), Code::StoreReadOnly, "{}: {refusal:?}", kind(act));
        assert_eq!(steps.changes.get(), 0, "refused before any work");
        assert_eq!(ledger.state().clone().hash(), reference().state(act));
        // The same ledger goes on when it may.
        steps.restart(Fault::None);
        perform(&mut ledger, act).unwrap();
        assert_eq!(ledger.log().head().unwrap().size, reference().size(act + 1));
    }
}

#[test]
fn a_file_system_without_locks_takes_no_change_f20() {
    let disk = Disk::of(prepared().swap_remove(2));
    let steps = Steps::new(Fault::Locks(FileError::NoLocks));
    let mut ledger = open(place(&disk, &steps)).unwrap();
    assert_eq!(perform(&mut ledger, 2).unwrap_err().code(), Code::StoreUnsupportedFilesystem);
    assert_eq!(ledger.log().head().unwrap().size, reference().size(2));
}
