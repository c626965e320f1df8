//! The files of the database: locks that hold between processes, and a database that went missing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use stella_attest_store::sqlite::Embedded;
use stella_attest_store::{AttestationStore, StoreError};
use stella_vocabulary::{Code, Reason as _};

use crate::world::{add, messages, open, place, write};

const HOME: &str = "STELLA_TEST_HOME";
const WRITES: &str = "STELLA_TEST_WRITES";

/// A process of its own: it opens the store, writes what it was told to, says what is there, and closes it. Only the tests below start it.
#[test]
#[ignore = "another test starts it"]
fn another_process() {
    let home = std::env::var(HOME).unwrap();
    let mut store = open(Path::new(&home)).unwrap();
    if let Ok(text) = std::env::var(WRITES) {
        write(&mut store, &text);
    }
    fs::write(Path::new(&home).join("said"), messages(&mut store).join("\n")).unwrap();
}

/// What another process finds that opens the store, and closes it.
fn in_another_process(home: &Path, writes: Option<&str>) -> Vec<String> {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "files::another_process", "--ignored", "--test-threads=1"]);
    program.env(HOME, home).envs(writes.map(|text| (WRITES, text))).stdout(Stdio::null());
    assert!(program.status().unwrap().success());
    fs::read_to_string(home.join("said")).unwrap().lines().map(str::to_owned).collect()
}

/// Closing any descriptor of the database drops the locks of all handles of a process; the other process then believes that it is the last one, and
/// takes the log of the database away under the handles that write into it. They go on seeing what they write, and bring it into the database if they
/// are closed in peace, so that only a third process sees what a kill would leave.
#[test]
fn what_a_handle_acknowledges_is_there_after_a_second_handle_was_opened_and_another_process_has_closed_the_store() {
    let home = tempfile::tempdir().unwrap();
    let mut first = Embedded::create(place(home.path()), [7; 16]).unwrap();
    write(&mut first, "first");
    let second = open(home.path()).unwrap();
    assert_eq!(in_another_process(home.path(), Some("by another process")), ["first", "by another process"]);
    write(&mut first, "after it");
    let expected = ["first", "by another process", "after it"];
    assert_eq!(in_another_process(home.path(), None), expected);
    drop(second);
    assert_eq!(messages(&mut first), expected);
}

#[test]
fn a_store_that_is_not_made_because_there_is_one_leaves_the_locks_of_an_open_handle() {
    let home = tempfile::tempdir().unwrap();
    let mut first = Embedded::create(place(home.path()), [7; 16]).unwrap();
    assert!(matches!(Embedded::create(place(home.path()), [8; 16]), Err(StoreError::AlreadyExists { .. })));
    in_another_process(home.path(), Some("by another process"));
    write(&mut first, "after it");
    assert_eq!(in_another_process(home.path(), None), ["by another process", "after it"]);
}

/// A store with one attestation; and a copy of its files from while it was open, when its log was not yet in the database.
fn left_by_a_kill() -> tempfile::TempDir {
    let (home, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut store = Embedded::create(place(home.path()), [7; 16]).unwrap();
    add(&mut store, 1);
    fs::create_dir(copy.path().join("attest")).unwrap();
    for name in ["attest.db", "attest.db-wal", "attest.db-shm", "attest/00000001.seg", "attest/latest"] {
        fs::copy(home.path().join(name), copy.path().join(name)).unwrap();
    }
    assert_eq!(open(copy.path()).unwrap().about().unwrap().attestations, 1);
    for name in ["attest.db-wal", "attest.db-shm"] {
        fs::copy(home.path().join(name), copy.path().join(name)).unwrap();
    }
    copy
}

#[test]
fn a_database_that_is_missing_is_not_made_anew_over_what_is_left_of_it() {
    let left = ["attest/00000001.seg", "attest/latest", "attest.db-wal", "attest.db-shm", "attest.db-journal"];
    for name in left {
        let home = left_by_a_kill();
        fs::write(home.path().join("attest.db-journal"), "").unwrap();
        fs::remove_file(home.path().join("attest.db")).unwrap();
        for other in left.iter().filter(|other| **other != name) {
            fs::remove_file(home.path().join(other)).unwrap();
        }
        let before = fs::read(home.path().join(name)).unwrap();
        let made = Embedded::create(place(home.path()), [8; 16]).err();
        for refused in [made, open(home.path()).err()] {
            let Some(StoreError::DatabaseMissing { place, beside }) = &refused else { panic!("{name}: {refused:?}") };
            assert!(place.ends_with("attest.db"), "{place}");
            assert!(home.path().join(name).display().to_string().starts_with(beside.trim_end_matches('/')), "{beside}");
            assert_eq!(refused.unwrap().code(), Code::StoreCorrupt);
        }
        assert_eq!(fs::read(home.path().join(name)).unwrap(), before);
        fs::remove_file(home.path().join(name)).unwrap();
        assert_eq!(open(home.path()).err().unwrap().code(), Code::StoreNotFound);
        let mut begun = Embedded::create(place(home.path()), [8; 16]).unwrap();
        assert_eq!(begun.about().unwrap().attestations, 0);
    }
}

#[test]
fn a_database_that_is_a_link_or_that_others_can_change_is_refused_without_being_opened() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let home = left_by_a_kill();
    let database = home.path().join("attest.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(open(home.path()).err().unwrap().code(), Code::StorePermissions);
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    fs::hard_link(&database, home.path().join("another name")).unwrap();
    assert_eq!(open(home.path()).err().unwrap().code(), Code::StoreSymlinkRefused);
    fs::rename(home.path().join("another name"), home.path().join("moved")).unwrap();
    fs::remove_file(&database).unwrap();
    symlink(home.path().join("moved"), &database).unwrap();
    assert_eq!(open(home.path()).err().unwrap().code(), Code::StoreSymlinkRefused);
    fs::remove_file(&database).unwrap();
    fs::rename(home.path().join("moved"), &database).unwrap();
    let log = home.path().join("attest.db-wal");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o622)).unwrap();
    assert_eq!(open(home.path()).err().unwrap().code(), Code::StorePermissions);
}
