//! What a log in files does when nothing goes wrong.

use std::path::Path;

use stella_trust_store::fs::{FileLog, Place, StoreId};
use stella_trust_store::{Head, LogStore, MemoryLog, StoreError, Visit};
use stella_vocabulary::{Code, Reason};

use crate::disk::Disk;
use crate::workload::{self, ID, SEGMENT_BYTES, answers, append_next, clock, expected};

fn place(directory: &Path) -> Place {
    let place = Place::at(&directory.join("trust")).unwrap().segment_bytes(SEGMENT_BYTES);
    place.remembered_at(&directory.join("seen")).unwrap()
}

#[test]
fn a_log_in_files_gives_the_same_answers_as_one_in_memory() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = FileLog::create(place(directory.path()), ID, clock()).unwrap();
    let mut memory = MemoryLog::new();
    assert_eq!(log.checkpoint().unwrap(), None);
    for group in 0..40 {
        let head = memory.head().unwrap();
        assert_eq!(log.head().unwrap(), head);
        let end = workload::group_begin(group + 1);
        let entries: Vec<Vec<u8>> = (head.size..end).map(workload::entry).collect();
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let appended = memory.append(&head, &entries, &workload::note(end)).unwrap();
        assert_eq!(append_next(&mut log).unwrap(), appended);
        assert_eq!(log.checkpoint().unwrap(), memory.checkpoint().unwrap());
    }
    let again = FileLog::open(place(directory.path()), clock()).unwrap();
    let size = memory.head().unwrap().size;
    assert_eq!(answers(&again).unwrap(), expected(size));
    let verified = again.verify().unwrap();
    assert_eq!((verified.head, verified.groups), (memory.head().unwrap(), 40));
    assert_eq!(again.id(), ID);
    let segments = std::fs::read_dir(directory.path().join("trust")).unwrap().count() - 2;
    assert!(segments > 4, "{segments} segments");
    for from in 0..=size + 1 {
        let mut shown = vec![];
        again
            .read(from, &mut |sequence, entry| {
                assert_eq!(entry, workload::entry(sequence));
                shown.push(sequence);
                Ok(if shown.len() == 3 { Visit::Stop } else { Visit::Continue })
            })
            .unwrap();
        assert_eq!(shown, (from..size).take(3).collect::<Vec<_>>());
    }
}

#[test]
fn an_error_of_the_visitor_ends_reading_and_comes_back() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    append_next(&mut log).unwrap();
    let error = StoreError::NotFound { path: "elsewhere".into() };
    assert_eq!(log.read(0, &mut |_, _| Err(error.clone())), Err(error));
}

#[test]
fn who_builds_on_an_older_head_is_told_where_the_log_ends_and_changes_nothing() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    let head = append_next(&mut log).unwrap();
    let mut other = FileLog::open(disk.place(), clock()).unwrap();
    let refusal = other.append(&Head::empty(), &[b"late"], "").unwrap_err();
    assert_eq!(refusal, StoreError::HeadMoved { expected: Head::empty(), found: head });
    assert_eq!(refusal.code(), Code::StoreBusy);
    let same_size = Head { root: [0; 32], ..head };
    assert!(matches!(other.append(&same_size, &[b"late"], ""), Err(StoreError::HeadMoved { .. })));
    assert_eq!(answers(&log).unwrap(), expected(head.size));
}

#[test]
fn a_group_may_be_a_note_alone_and_a_note_may_be_missing() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    assert_eq!(log.append(&Head::empty(), &[], "a note over nothing").unwrap(), Head::empty());
    assert_eq!(log.checkpoint().unwrap().as_deref(), Some("a note over nothing"));
    let head = log.append(&Head::empty(), &[b""], "").unwrap();
    assert_eq!((head.size, log.checkpoint().unwrap()), (1, None));
    assert_eq!(log.verify().unwrap().head, head);
}

#[test]
fn what_is_too_long_is_refused_before_anything_is_written() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    let operations = disk.world.borrow().operations.len();
    let long = vec![0; (1 << 20) + 1];
    let note = "n".repeat((64 << 10) + 1);
    let just = &long[1..];
    for refused in [
        log.append(&Head::empty(), &[&long], ""),
        log.append(&Head::empty(), &[], &note),
        log.append(&Head::empty(), &[just; 9], ""),
    ] {
        assert_eq!(refused.unwrap_err().code(), Code::InputTooLarge);
    }
    assert_eq!(disk.world.borrow().operations.len(), operations);
    let head = log.append(&Head::empty(), &[just; 7], &note[1..]).unwrap();
    assert_eq!(log.verify().unwrap().head, head);
}

#[test]
fn a_store_is_made_once() {
    let disk = Disk::new();
    FileLog::create(disk.place(), ID, clock()).unwrap();
    let refusal = FileLog::create(disk.place(), ID, clock()).err().unwrap();
    assert!(matches!(refusal, StoreError::AlreadyExists { .. }), "{refusal:?}");
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("trust")).unwrap();
    std::fs::write(directory.path().join("trust/letter.txt"), "dear").unwrap();
    let refusal = FileLog::create(place(directory.path()), ID, clock()).err().unwrap();
    assert!(matches!(refusal, StoreError::AlreadyExists { .. }), "{refusal:?}");
}

#[test]
fn where_there_is_no_store_none_is_found() {
    let directory = tempfile::tempdir().unwrap();
    for present in [false, true] {
        if present {
            std::fs::create_dir(directory.path().join("trust")).unwrap();
        }
        let refusal = FileLog::open(place(directory.path()), clock()).err().unwrap();
        assert_eq!(refusal.code(), Code::StoreNotFound);
        assert!(refusal.place().unwrap().contains("trust"));
    }
    assert_eq!(Place::at(&directory.path().join("no/trust")).err().unwrap().code(), Code::StoreNotFound);
}

#[test]
fn an_older_copy_put_back_is_noticed_until_it_is_accepted() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    append_next(&mut log).unwrap();
    let copy = disk.world.borrow().files_of(disk.store_dir());
    let seen = append_next(&mut log).unwrap();
    let dir = disk.store_dir();
    disk.world.borrow_mut().replace_files(dir, &copy);
    let refusal = FileLog::open(disk.place(), clock()).err().unwrap();
    assert_eq!(refusal, StoreError::RollbackDetected { seen, found: expected(1).head });
    assert_eq!(refusal.code(), Code::StoreRollbackDetected);
    // Also by whoever had it open, before anything is written.
    assert_eq!(append_next(&mut log), Err(refusal));
    let mut accepted = FileLog::open(disk.place().danger_accept_rollback(), clock()).unwrap();
    assert_eq!(accepted.head().unwrap().size, 1);
    append_next(&mut accepted).unwrap();
    assert_eq!(answers(&FileLog::open(disk.place(), clock()).unwrap()).unwrap(), expected(3));
}

#[test]
fn another_branch_and_another_store_are_noticed_whatever_their_length() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    let young = disk.world.borrow().files_of(disk.store_dir());
    for _ in 0..6 {
        append_next(&mut log).unwrap();
    }
    for groups in 5..40 {
        let dir = disk.store_dir();
        disk.world.borrow_mut().replace_files(dir, &young);
        let mut branch = FileLog::open(disk.place_alone(), clock()).unwrap();
        for _ in 0..groups {
            let head = branch.head().unwrap();
            branch.append(&head, &[b"another history", b"of two", &[7; 900]], "").unwrap();
        }
        let refusal = FileLog::open(disk.place(), clock()).err().unwrap();
        assert_eq!(refusal.code(), Code::StoreRollbackDetected, "{groups}");
    }
    let dir = disk.store_dir();
    disk.world.borrow_mut().replace_files(dir, &Default::default());
    let made_again = FileLog::create(disk.place(), ID, clock()).err().unwrap();
    assert_eq!(made_again.code(), Code::StoreRollbackDetected);
    let mut other = FileLog::create(disk.place_alone(), StoreId::from_bytes([8; 32]), clock()).unwrap();
    for _ in 0..6 {
        append_next(&mut other).unwrap();
    }
    assert_eq!(FileLog::open(disk.place(), clock()).err().unwrap().code(), Code::StoreRollbackDetected);
}

#[test]
fn a_store_that_grew_elsewhere_is_taken_as_the_continuation_that_it_is() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    let mut elsewhere = FileLog::open(disk.place_alone(), clock()).unwrap();
    for groups in 1..30 {
        for _ in 0..groups % 7 {
            append_next(&mut elsewhere).unwrap();
        }
        FileLog::open(disk.place(), clock()).unwrap();
        append_next(&mut log).unwrap();
    }
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    FileLog::create(place(directory.path()), ID, clock()).unwrap();
    // The first two lines of a version to come, with their checksum.
    let newer = "stella-trust-log 2\nwhatever it says then\n";
    let crc = crc32c(newer.as_bytes());
    std::fs::write(directory.path().join("trust/store"), format!("{newer}{crc:08x}\n")).unwrap();
    let refusal = FileLog::open(place(directory.path()), clock()).err().unwrap();
    assert_eq!(refusal, StoreError::SchemaTooNew { found: 2, supported: 1 });
    assert_eq!(refusal.code(), Code::StoreSchemaTooNew);
    let refusal = FileLog::create(place(directory.path()), ID, clock()).err().unwrap();
    assert_eq!(refusal.code(), Code::StoreSchemaTooNew);
}

/// Bit by bit, as the standard describes it.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |state, byte| {
        (0..8).fold(state ^ u32::from(*byte), |state, _| (state >> 1) ^ if state & 1 == 1 { 0x82F6_3B78 } else { 0 })
    })
}

#[test]
fn a_backup_is_the_store_as_of_one_moment() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = FileLog::create(place(directory.path()), ID, clock()).unwrap();
    for copy in 0..8 {
        for _ in 0..5 {
            append_next(&mut log).unwrap();
        }
        let to = || Place::at(&directory.path().join(format!("copy {copy}"))).unwrap().segment_bytes(SEGMENT_BYTES);
        let head = log.back_up(to()).unwrap();
        let mut restored = FileLog::open(to(), clock()).unwrap();
        assert_eq!(answers(&restored).unwrap(), expected(head.size));
        assert_eq!(restored.verify().unwrap().head, head);
        append_next(&mut restored).unwrap();
        assert!(matches!(log.back_up(to()), Err(StoreError::AlreadyExists { .. })));
    }
}
