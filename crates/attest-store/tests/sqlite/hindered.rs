//! Disks that are full or fail, and files that others could have changed. Faults F03, F05, F07, F21 and F23 on the embedded store.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use stella_attest_store::{AttestationStore, StoreError};
use stella_vocabulary::{Code, Reason};

use crate::child::{Said, can_trace, steps, with_injected};
use crate::interrupted::look;
use crate::suite::changes::{CHANGES, Tally, state};
use crate::suite::made::{documents, size};
use crate::world::{Home, open};

/// Lets every system call from the n-th on fail, and only the n-th.
fn failing(error: &str, calls: &[&str], code: &str) {
    if !can_trace() {
        return;
    }
    let stride = usize::try_from(size("STELLA_KILL_STRIDE", 4)).unwrap();
    let original = Home::prepared();
    let before = look(&original).unwrap();
    let mut tally = Tally::default();
    let mut refused = 0;
    let mut all = 0;
    for (name, change, _) in CHANGES {
        let twin = original.copy();
        let steps = steps(twin.path(), name);
        let after = look(&twin).unwrap();
        for (call, number) in steps.into_iter().filter(|(call, _)| calls.contains(&call.as_str())) {
            for when in [format!("{number}"), format!("{number}+")] {
                all += 1;
                if all % stride != 0 {
                    continue;
                }
                let home = original.copy();
                let said = with_injected(home.path(), name, &call, &format!("error={error}:when={when}"));
                let point = format!("{name}, {error} at {call} {when}");
                tally.points += 1;
                let found = look(&home).unwrap_or_else(|error| panic!("{point}: {error:?}"));
                match said {
                    Said::Acknowledged => {
                        tally.acknowledged += 1;
                        tally.lost += u64::from(found != after);
                    }
                    Said::Refused(said) => {
                        refused += 1;
                        assert_eq!(said, code, "{point}");
                        tally.half_applied += u64::from(found != before && found != after);
                    }
                    // The runner of tests could not write either.
                    Said::Nothing => tally.half_applied += u64::from(found != before && found != after),
                }
                // There is room again.
                let mut store = open(home.path()).unwrap();
                if found == before {
                    change(&mut store).unwrap_or_else(|error| panic!("{point}, again: {error:?}"));
                    tally.half_applied += u64::from(state(&mut store).unwrap() != after);
                }
                crate::suite::made::add(&mut store, &documents("behind", 2)).unwrap();
                tally.audit_failures += store.check(9, &mut |_| ()).unwrap().len() as u64;
            }
        }
    }
    assert!(refused > 0);
    tally.print(&format!("embedded store, {error}: {refused} refused"));
}

#[test]
fn a_full_disk_changes_nothing_and_what_was_acknowledged_stays() {
    failing("ENOSPC", &["pwrite64"], "store.no_space");
}

#[test]
fn a_failed_sync_is_never_a_success_and_nothing_is_half_there() {
    failing("EIO", &["fsync", "fdatasync"], "store.io");
}

#[test]
fn what_others_can_write_is_not_believed() {
    let home = Home::prepared();
    drop(open(home.path()).unwrap());
    let names = ["attest.db", "attest", "attest/00000001.seg", ""];
    for name in names {
        let path = home.file(name);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode | 0o022)).unwrap();
        let refused = look(&home).unwrap_err();
        assert!(matches!(refused, StoreError::Permissions { .. }), "{name}: {refused:?}");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    look(&home).unwrap();
}

#[test]
fn links_in_the_place_of_files_are_refused_and_nothing_is_written_through_them() {
    let home = Home::prepared();
    for name in ["attest.db", "attest/00000001.seg", "attest.db-wal", "attest.db-shm", "attest/lock"] {
        let (path, aside) = (home.file(name), home.file("aside"));
        let was_there = fs::rename(&path, &aside).is_ok();
        if !was_there {
            fs::write(&aside, b"").unwrap();
        }
        let content = fs::read(&aside).unwrap();
        symlink(&aside, &path).unwrap();
        let refused = open(home.path())
            .and_then(|mut store| crate::suite::made::add(&mut store, &documents("through", 1)).map(|_| ()))
            .unwrap_err();
        assert_eq!(refused.code(), Code::StoreSymlinkRefused, "{name}: {refused:?}");
        assert_eq!(fs::read(&aside).unwrap(), content, "{name}");
        fs::remove_file(&path).unwrap();
        if was_there {
            fs::rename(&aside, &path).unwrap();
        } else {
            fs::remove_file(&aside).unwrap();
        }
    }
    look(&home).unwrap();
}

#[test]
fn files_are_for_their_owner_alone_whatever_is_written() {
    let home = Home::prepared();
    let mut store = open(home.path()).unwrap();
    crate::suite::made::add(&mut store, &documents("more", 1)).unwrap();
    let names = ["attest.db", "attest.db-wal", "attest.db-shm", "attest/00000001.seg", "attest/lock", "attest/latest"];
    for name in names {
        let mode = fs::metadata(home.file(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(home.file("attest")).unwrap().permissions().mode() & 0o777, 0o700);
}
