//! Writes, syncs and reads that fail.

use std::process::Command;

use stella_trust_store::fs::{Directory, FileError, FileLog, Place};
use stella_trust_store::{LogStore as _, StoreError};
use stella_vocabulary::{Code, Reason as _};

use crate::layer::{Fault, Steps};
use crate::process::{place, temporary};
use crate::workload::{ID, Tally, answers, append_groups, append_next, clock, expected};

const EIO: FileError = FileError::Os(5);

/// Makes a store, appends, and lets one thing go wrong on the way; then space is freed and the work goes on.
fn run_with(fault: Fault, code: Code, tally: &mut Tally) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(fault);
    let open = || FileLog::open(place(directory.path(), &steps), clock());
    let mut acknowledged = 0;
    let mut failure = None;
    match FileLog::create(place(directory.path(), &steps), ID, clock()) {
        Ok(mut log) => {
            for _ in 0..9 {
                match append_next(&mut log) {
                    Ok(head) => acknowledged = head.size,
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                }
            }
            if matches!(fault, Fault::SyncAt(..)) && failure.is_some() && matches!(failure, Some(StoreError::Io { .. }))
            {
                // Nobody knows what the disk holds: no second try that then looks like a success.
                steps.fault.set(Fault::None);
                let path = failure.as_ref().and_then(|error| error.place());
                let refused = append_next(&mut log).unwrap_err();
                assert!(matches!(refused, StoreError::Failed { .. }), "{refused:?}");
                assert_eq!((refused.code(), refused.place()), (Code::StoreIo, path));
            }
        }
        Err(error) => failure = Some(error),
    }
    steps.fault.set(Fault::None);
    if let Some(failure) = &failure {
        assert_eq!(failure.code(), code, "{failure:?} for {fault:?}");
        assert!(tally.judge(acknowledged, open()), "{fault:?}: {tally:?}");
    }
    let mut log = match open() {
        Err(StoreError::NotFound { .. }) => FileLog::create(place(directory.path(), &steps), ID, clock()).unwrap(),
        other => other.unwrap(),
    };
    let head = append_next(&mut log).unwrap();
    assert_eq!(answers(&log).unwrap(), expected(head.size));
    assert_eq!(temporary(directory.path()), [""; 0], "{fault:?}");
    failure.is_some()
}

/// How many changes, syncs and reads a run without faults has.
fn counts() -> [u64; 3] {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(Fault::None);
    let mut log = FileLog::create(place(directory.path(), &steps), ID, clock()).unwrap();
    append_groups(&mut log, 9);
    [steps.changes.get(), steps.syncs.get(), steps.reads.get()]
}

#[test]
fn every_write_may_find_the_disk_full_or_fail() {
    let mut tally = Tally::default();
    let [changes, ..] = counts();
    let mut unnoticed = 0;
    for at in 0..changes {
        unnoticed += u64::from(!run_with(Fault::ChangeAt(at, FileError::NoSpace), Code::StoreNoSpace, &mut tally));
        unnoticed += u64::from(!run_with(Fault::ChangeAt(at, EIO), Code::StoreIo, &mut tally));
    }
    // Sealing a full segment is tried again by the next writer, and what could not be remembered is by whoever comes next.
    assert!(unnoticed <= 2 * 4 + 9 + 1, "{unnoticed}");
    tally.finish("writes that fail");
}

#[test]
fn every_sync_may_fail() {
    let mut tally = Tally::default();
    let [_, syncs, _] = counts();
    let noticed = |at: &u64| run_with(Fault::SyncAt(*at, EIO), Code::StoreIo, &mut tally);
    // Sealing and remembering, when the last change is made, have none behind them that could be refused.
    assert!((0..syncs).filter(noticed).count() as u64 >= syncs - 2);
    tally.finish("syncs that fail");
}

/// A store with one group, and what its next append does, step by step.
fn one_group() -> (tempfile::TempDir, std::rc::Rc<Steps>, FileLog<crate::layer::Layer<Directory>>) {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(Fault::None);
    let mut log = FileLog::create(place(directory.path(), &steps), ID, clock()).unwrap();
    append_groups(&mut log, 2);
    steps.restart(Fault::None);
    append_next(&mut log).unwrap();
    (directory, steps, log)
}

#[test]
fn a_sync_that_finds_the_disk_full_is_no_smaller_failure_than_any_other() {
    for at in 0..2 {
        let (_directory, steps, mut log) = one_group();
        steps.restart(Fault::SyncAt(at, FileError::NoSpace));
        assert_eq!(append_next(&mut log).unwrap_err().code(), Code::StoreNoSpace);
        steps.restart(Fault::None);
        let refused = append_next(&mut log).unwrap_err();
        assert!(matches!(refused, StoreError::Failed { .. }), "{refused:?}");
    }
}

#[test]
fn a_change_that_was_made_is_no_error_because_it_could_not_be_remembered() {
    let (_directory, steps, _log) = one_group();
    let (last_change, last_sync) = (steps.changes.get() - 1, steps.syncs.get() - 1);
    for (error, goes_on) in [(FileError::NoSpace, true), (FileError::ReadOnly, true), (EIO, false)] {
        for fault in [Fault::ChangeAt(last_change, error), Fault::SyncAt(last_sync, error)] {
            let (directory, steps, mut log) = one_group();
            let before = log.head().unwrap().size;
            steps.restart(fault);
            let head = append_next(&mut log).unwrap();
            assert!(head.size > before, "{fault:?}");
            steps.restart(Fault::None);
            assert_eq!(append_next(&mut log).is_ok(), goes_on, "{fault:?}");
            let mut log = FileLog::open(place(directory.path(), &steps), clock()).unwrap();
            let head = append_next(&mut log).unwrap();
            assert_eq!(answers(&log).unwrap(), expected(head.size));
        }
    }
}

#[test]
fn every_read_may_fail_and_nothing_is_answered_from_a_part() {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(Fault::None);
    let mut log = FileLog::create(place(directory.path(), &steps), ID, clock()).unwrap();
    append_groups(&mut log, 12);
    let mut failed = 0;
    for at in 0.. {
        steps.restart(Fault::ReadAt(at, EIO));
        let read =
            FileLog::open(place(directory.path(), &steps), clock()).and_then(|log| Ok((answers(&log)?, log.verify()?)));
        match read {
            Err(error) => assert_eq!(error.code(), Code::StoreIo, "{error:?}"),
            Ok(_) if steps.reads.get() > at => panic!("read {at} failed and nobody noticed"),
            Ok((answers, _)) => {
                assert_eq!(answers, expected(answers.head.size));
                break;
            }
        }
        failed += 1;
    }
    assert!(failed > 20, "{failed}");
    println!("reads that fail: {failed} points tested");
}

#[test]
fn a_store_that_can_only_be_read_is_read_and_not_written() {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(Fault::None);
    let mut log = FileLog::create(place(directory.path(), &steps), ID, clock()).unwrap();
    let head = append_next(&mut log).unwrap();
    // One more that the memory does not know of.
    let alone = Place::in_directory(Directory::open(directory.path()).unwrap(), "trust");
    append_next(&mut FileLog::open(alone, clock()).unwrap()).unwrap();
    steps.restart(Fault::Changes(FileError::ReadOnly));
    let mut log = FileLog::open(place(directory.path(), &steps), clock()).unwrap();
    assert_eq!(answers(&log).unwrap(), expected(3));
    assert_ne!(log.head().unwrap(), head);
    let refusal = append_next(&mut log).unwrap_err();
    assert_eq!(refusal.code(), Code::StoreReadOnly);
    assert_eq!(steps.changes.get(), 0, "refused before any work");
    steps.restart(Fault::None);
    append_next(&mut log).unwrap();
}

#[test]
fn a_file_system_without_locks_is_not_written() {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(Fault::Locks(FileError::NoLocks));
    let refusal = FileLog::create(place(directory.path(), &steps), ID, clock()).err().unwrap();
    assert_eq!(refusal.code(), Code::StoreUnsupportedFilesystem);
}

/// A disk of 256 KiB that goes away with the value.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let disk = Self(directory);
        disk.mount(&["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs"]);
        disk
    }

    fn mount(&self, arguments: &[&str]) {
        assert!(Command::new("mount").args(arguments).arg(self.0.path()).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
#[ignore = "mounts a file system, which only root may"]
fn a_disk_that_is_really_full_and_one_that_is_really_read_only_are_named_and_lose_nothing() {
    let disk = SmallDisk::new();
    let steps = Steps::new(Fault::None);
    let open = || FileLog::open(place(disk.0.path(), &steps), clock());
    let filling = disk.0.path().join("filling");
    std::fs::write(&filling, [0; 100_000]).unwrap();
    let mut log = FileLog::create(place(disk.0.path(), &steps), ID, clock()).unwrap();
    let mut acknowledged = 0;
    let refusal = loop {
        match append_next(&mut log) {
            Ok(head) => acknowledged = head.size,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal.code(), Code::StoreNoSpace, "{refusal:?}");
    assert_eq!(answers(&open().unwrap()).unwrap(), expected(acknowledged));
    std::fs::remove_file(&filling).unwrap();
    let head = append_next(&mut log).unwrap();
    assert_eq!(answers(&open().unwrap()).unwrap(), expected(head.size));
    disk.mount(&["-o", "remount,ro"]);
    let mut log = open().unwrap();
    assert_eq!(append_next(&mut log).unwrap_err().code(), Code::StoreReadOnly);
    assert_eq!(answers(&log).unwrap(), expected(head.size));
    disk.mount(&["-o", "remount,rw"]);
    append_next(&mut log).unwrap();
    println!("a full disk: {acknowledged} acknowledged entries, none lost");
}
