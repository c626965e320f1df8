//! Files and directories that others could have put there or can change.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use stella_trust_store::fs::{Directory, FileLog, Place};
use stella_trust_store::{LinkKind, LogStore as _, StoreError};
use stella_vocabulary::{Code, Reason as _};

use crate::disk::Disk;
use crate::process::start;
use crate::workload::{self, ID, answers, append_next, clock, expected};

struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    fn with_store() -> Self {
        let home = Self { directory: tempfile::tempdir().unwrap() };
        let mut log = FileLog::create(home.place(), ID, clock()).unwrap();
        append_next(&mut log).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn place(&self) -> Place {
        Place::at(&self.path("trust")).unwrap().remembered_at(&self.path("seen")).unwrap()
    }

    /// What opening and appending say.
    fn refusal(&self) -> StoreError {
        let opened = Place::at(&self.path("trust")).and_then(|place| place.remembered_at(&self.path("seen")));
        opened.and_then(|place| FileLog::open(place, clock())).and_then(|mut log| append_next(&mut log)).unwrap_err()
    }
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const FILES: [&str; 4] = ["trust/store", "trust/lock", "trust/0000000000000000.log", "seen"];

#[test]
fn a_symbolic_link_in_the_place_of_any_file_or_directory_is_refused() {
    for name in FILES.into_iter().chain(["trust"]) {
        let home = Home::with_store();
        fs::rename(home.path(name), home.path("elsewhere")).unwrap();
        symlink(home.path("elsewhere"), home.path(name)).unwrap();
        let refusal = home.refusal();
        assert!(matches!(refusal, StoreError::SymlinkRefused { kind: LinkKind::Symlink, .. }), "{name}: {refusal:?}");
        assert_eq!(refusal.code(), Code::StoreSymlinkRefused);
        assert!(refusal.place().unwrap().ends_with(name), "{refusal:?}");
    }
    let home = Home::with_store();
    symlink(home.directory.path(), home.path("way")).unwrap();
    let refusal = Place::at(&home.path("way/trust")).err().unwrap();
    assert_eq!(refusal.code(), Code::StoreSymlinkRefused);
}

#[test]
fn a_hard_link_and_what_is_no_file_are_refused() {
    for name in FILES {
        let home = Home::with_store();
        fs::hard_link(home.path(name), home.path("other name")).unwrap();
        let refusal = home.refusal();
        let linked = matches!(refusal, StoreError::SymlinkRefused { kind: LinkKind::HardLinked, .. });
        assert!(linked, "{name}: {refusal:?}");
        fs::remove_file(home.path("other name")).unwrap();
        fs::remove_file(home.path(name)).unwrap();
        fs::create_dir(home.path(name)).unwrap();
        assert_eq!(home.refusal().code(), Code::StoreSymlinkRefused, "{name}");
        fs::remove_dir(home.path(name)).unwrap();
        let pipe = rustix::fs::mknodat(
            rustix::fs::CWD,
            home.path(name),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        );
        pipe.unwrap();
        assert_eq!(home.refusal().code(), Code::StoreSymlinkRefused, "{name} as a pipe, which nobody waits for");
    }
    let home = Home::with_store();
    fs::rename(home.path("trust"), home.path("old")).unwrap();
    fs::write(home.path("trust"), "").unwrap();
    assert!(matches!(home.refusal(), StoreError::SymlinkRefused { kind: LinkKind::Special, .. }));
}

#[test]
fn what_others_can_write_is_refused_with_its_mode_and_the_mode_required() {
    for (name, found, wanted) in FILES.map(|name| (name, "0620", "0600")).into_iter().chain([("trust", "0770", "0700")])
    {
        let home = Home::with_store();
        set_mode(&home.path(name), u32::from_str_radix(found, 8).unwrap());
        let refusal = home.refusal();
        assert_eq!(refusal.code(), Code::StorePermissions, "{name}: {refusal:?}");
        assert!(refusal.found().unwrap().contains(found) && refusal.expected().unwrap().contains(wanted));
        assert!(refusal.place().unwrap().ends_with(name), "{refusal:?}");
        set_mode(&home.path(name), u32::from_str_radix(wanted, 8).unwrap());
        append_next(&mut FileLog::open(home.place(), clock()).unwrap()).unwrap();
    }
}

#[test]
fn a_directory_above_that_others_can_write_is_refused_unless_it_is_sticky() {
    let home = Home { directory: tempfile::tempdir().unwrap() };
    fs::create_dir_all(home.path("a/b")).unwrap();
    let open = || Directory::open(&home.path("a/b"));
    for above in ["a", "a/b"] {
        for (mode, refused) in [(0o777, true), (0o775, true), (0o1777, false), (0o755, false)] {
            set_mode(&home.path(above), mode);
            let code = open().err().map(|error| error.code());
            assert_eq!(code, refused.then_some(Code::StorePermissions), "{above} with {mode:o}");
        }
    }
}

#[test]
fn a_mode_that_is_loosened_while_the_store_is_open_is_noticed_by_the_next_use() {
    let home = Home::with_store();
    let mut log = FileLog::open(home.place(), clock()).unwrap();
    set_mode(&home.path("trust/0000000000000000.log"), 0o666);
    assert_eq!(append_next(&mut log).unwrap_err().code(), Code::StorePermissions);
    assert_eq!(log.verify().unwrap_err().code(), Code::StorePermissions);
}

#[test]
fn files_of_somebody_else_are_refused_and_those_of_root_are_not() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    append_next(&mut log).unwrap();
    let dir = disk.store_dir();
    for name in ["store", "lock", "0000000000000000.log"] {
        let node = disk.world.borrow().find(dir, name).unwrap();
        disk.world.borrow_mut().owners.insert(node, 1001);
        let refusal = FileLog::open(disk.place(), clock()).and_then(|mut log| append_next(&mut log)).unwrap_err();
        assert_eq!(refusal.code(), Code::StorePermissions, "{name}");
        assert!(refusal.found().unwrap().contains("user 1001"));
        disk.world.borrow_mut().owners.insert(node, 0);
        FileLog::open(disk.place(), clock()).and_then(|mut log| append_next(&mut log)).unwrap();
    }
    disk.world.borrow_mut().owners.insert(dir, 1001);
    assert_eq!(FileLog::open(disk.place(), clock()).err().unwrap().code(), Code::StorePermissions);
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    for umask in [0o000, 0o022, 0o077, 0o277] {
        let home = Home { directory: tempfile::tempdir().unwrap() };
        let output = start("under a umask", home.directory.path(), umask).wait_with_output().unwrap();
        assert!(output.status.success(), "{umask:o}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(mode(&home.path("trust")) & 0o077, 0, "{umask:o}");
        let made = fs::read_dir(home.path("trust")).unwrap().chain(fs::read_dir(home.directory.path()).unwrap());
        let mut files = 0;
        for path in made.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            assert_eq!(mode(&path), 0o600, "{path:?} under {umask:o}");
            files += 1;
        }
        assert!(files >= 6, "{files}");
    }
}

#[test]
fn a_link_swapped_in_while_the_store_is_used_leads_nowhere() {
    let home = Home::with_store();
    let outside = home.path("outside");
    fs::write(&outside, "not of the store").unwrap();
    let rounds = workload::size("STELLA_RACE_ROUNDS", 3_000);
    let done = AtomicBool::new(false);
    let (mut refused, mut used) = (0_u64, 0_u64);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for name in FILES {
                    let (path, kept) = (home.path(name), home.path("kept"));
                    fs::rename(&path, &kept).unwrap();
                    let _ = symlink(&outside, &path);
                    std::thread::yield_now();
                    fs::rename(&kept, &path).unwrap();
                    std::thread::sleep(std::time::Duration::from_micros(300));
                }
            }
        });
        for _ in 0..rounds {
            match FileLog::open(home.place(), clock()).and_then(|mut log| append_next(&mut log)) {
                Ok(_) => used += 1,
                Err(_) => refused += 1,
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(fs::read_to_string(&outside).unwrap(), "not of the store");
    println!("links swapped in: {rounds} points tested, {refused} refused, {used} went on with the real files");
    assert!(refused > 0 && used > 0, "{refused} refused, {used} used");
    let log = FileLog::open(home.place(), clock()).unwrap();
    let size = log.head().unwrap().size;
    assert_eq!(answers(&log).unwrap(), expected(size));
}
