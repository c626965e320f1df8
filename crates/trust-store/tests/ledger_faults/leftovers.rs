//! What others leave behind: dead processes, backups, and newer versions.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use stella_crypto_providers::Registry;
use stella_trust_store::LogStore as _;
use stella_trust_store::fs::{FileLog, Place};
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _};

use crate::process::temporary;
use crate::run::clock;
use crate::script::{length, next, open, perform, reference};
use crate::world::{OpenLog, at, occasion, store_key};

fn place(directory: &Path) -> Place {
    Place::at(&directory.join("trust")).unwrap().remembered_at(&directory.join("seen")).unwrap()
}

fn until(directory: &Path, acts: usize) {
    while next(|| place(directory)).unwrap() < acts {}
}

fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn files_of_dead_processes_are_cleared_away_by_the_next_change_f11() {
    let directory = tempfile::tempdir().unwrap();
    until(directory.path(), 5);
    let path = |name: &str| directory.path().join(name);
    put(&path("trust/0000000000000005.log.new"), b"half a segment");
    put(&path("trust/store.new"), b"");
    put(&path("trust/lock"), b"0000999999\n");
    // Behind the mark lies what was never acknowledged.
    let segment = fs::read_dir(path("trust")).unwrap().map(|entry| entry.unwrap().path());
    let segment = segment.filter(|path| path.extension().is_some_and(|extension| extension == "log")).max().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes.extend([7; 3000]);
    put(&segment, &bytes);
    let readable = open(place(directory.path())).unwrap();
    assert_eq!(readable.state().clone().hash(), reference().state(5));
    assert_eq!(next(|| place(directory.path())).unwrap(), 6);
    assert_eq!(temporary(directory.path()), [""; 0]);
    let ledger = open(place(directory.path())).unwrap();
    assert_eq!(ledger.verify(reference().checkpoint(6)).unwrap().state, reference().state(6));
}

#[test]
fn a_backup_is_one_version_and_putting_it_back_must_be_said_f13() {
    let directory = tempfile::tempdir().unwrap();
    let mut copies = Vec::new();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| until(directory.path(), length()));
        while !writer.is_finished() {
            // Before the store is made there is nothing to copy.
            let Ok(log) = FileLog::open(place(directory.path()), clock()) else { continue };
            let copy = directory.path().join(format!("copy {}", copies.len()));
            log.back_up(Place::at(&copy).unwrap()).unwrap();
            copies.push(copy);
            std::thread::sleep(std::time::Duration::from_millis(3));
        }
    });
    assert!(!copies.is_empty());
    let registry = Registry::rustcrypto();
    for copy in &copies {
        let log = FileLog::open(Place::at(copy).unwrap(), clock()).unwrap();
        let acts = reference().acts(log.head().unwrap().size).expect("a copy ends where a change ends");
        if acts > 0 {
            let ledger = Ledger::open(log, &registry).unwrap();
            assert_eq!(ledger.verify(reference().checkpoint(acts)).unwrap().state, reference().state(acts));
        }
    }
    // An older one in the place of the store brings back what was revoked since.
    let older = directory.path().join("older");
    fs::create_dir(&older).unwrap();
    until(&older, 3);
    fs::remove_dir_all(directory.path().join("trust")).unwrap();
    fs::rename(older.join("trust"), directory.path().join("trust")).unwrap();
    let refusal = open(place(directory.path())).err().unwrap();
    assert_eq!(refusal.code(), Code::StoreRollbackDetected);
    assert!(open(place(directory.path()).danger_accept_rollback()).is_err(), "nobody has said so in the log");
    let log = FileLog::open(place(directory.path()).danger_accept_rollback(), clock()).unwrap();
    let opening = Opening { rollback: Rollback::DangerOpen, ..Opening::default() };
    let accepted = Ledger::open_with(log, &Registry::rustcrypto(), opening).unwrap();
    let mut accepted = accepted.with_signer(store_key()).unwrap();
    let seen = accepted.departs_from().unwrap();
    assert_eq!(accepted.snapshot(at(0)).unwrap().keys().len(), 1);
    perform(&mut accepted, 3).unwrap();
    assert_eq!(open(place(directory.path())).err().unwrap().code(), Code::StoreRollbackDetected, "still");
    accepted.change(Change::RollbackAccepted(seen), &occasion("dave", 1000)).unwrap();
    // Whoever kept a checkpoint elsewhere sees it for good.
    let kept = reference().checkpoint(length());
    assert_eq!(accepted.verify(kept).unwrap_err().code(), Code::AuditTruncated);
    open(place(directory.path())).unwrap();
}

#[test]
fn an_entry_of_a_newer_version_is_named_as_such_and_nothing_is_built_on_it_f14() {
    let directory = tempfile::tempdir().unwrap();
    until(directory.path(), 3);
    let mut newer = OpenLog::of(open(place(directory.path())).unwrap().log());
    newer.edit(2, "key.add", "key.bless");
    newer.sign();
    let other = tempfile::tempdir().unwrap();
    let mut log = FileLog::create(place(other.path()), crate::script::ID, clock()).unwrap();
    let entries: Vec<&[u8]> = newer.entries.iter().map(Vec::as_slice).collect();
    log.append(&stella_trust_store::Head::empty(), &entries, newer.note.as_deref().unwrap()).unwrap();
    let refusal = open(place(other.path())).err().unwrap();
    assert_eq!(refusal.code(), Code::StoreSchemaTooNew, "{refusal:?}");
    let log = FileLog::open(place(other.path()), clock()).unwrap();
    assert_eq!(verify(&log, &Registry::rustcrypto(), None).unwrap_err().code(), Code::StoreSchemaTooNew);
}
