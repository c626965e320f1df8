//! Disks that are full or cannot be written, permissions, umasks and links.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Home, Said};
use crate::scene::{LENGTH, Scene, Tally, command, files};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Every file and directory that commands have made.
fn made(home: &Home) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut open = vec![home.directory(), home.room.path("state/stella")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        all.push(path);
    }
    all
}

#[test]
fn what_commands_make_belongs_to_one_user_whatever_the_umask_f22() {
    for umask in ["000", "022", "077"] {
        let home = Home::bare();
        let program = env!("CARGO_BIN_EXE_stella");
        let root = home.root("umask");
        for arguments in ["init --empty --name test", &format!("trust-anchors add --cert {root} --name root")] {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("umask {umask}; exec {program} {arguments}")).env_clear();
            shell.env("STELLA_HOME", home.directory()).env("XDG_STATE_HOME", home.room.path("state"));
            shell.env("STELLA_PERSON", "alice").current_dir(home.room.path("."));
            Said::from(shell.output().unwrap()).ended(0);
        }
        let made = made(&home);
        assert!(made.len() >= 12, "{made:?}");
        for path in made {
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path) & 0o7077, wanted & 0o7077, "{path:?} is {:o} under {umask}", mode(&path));
            assert_eq!(mode(&path) & 0o077, 0, "{path:?}");
        }
    }
}

/// The files of a store with one anchor, relative to the home.
fn store_files(home: &Home) -> Vec<PathBuf> {
    let mut all = files(&home.directory().join("trust"));
    all.push(home.directory().join("keys/checkpoint.pem"));
    all.extend(files(&home.room.path("state")).into_iter().filter(|path| path.extension().is_none()));
    all
}

fn with_anchor() -> Home {
    let home = Home::solo();
    let root = home.root("hindered");
    home.run(&format!("trust-anchors add --cert {root} --name root")).ended(0);
    home
}

/// A change that can be made again and again.
fn relabel(home: &Home, label: &str) -> Said {
    home.run(&format!("trust-anchors change root --label {label}"))
}

#[test]
fn what_others_can_write_is_not_believed_f21() {
    let home = with_anchor();
    let directories = [home.directory().join("trust"), home.directory().join("keys"), home.directory()];
    for path in store_files(&home).into_iter().chain(directories) {
        let before = mode(&path);
        set_mode(&path, before | 0o022);
        let said = relabel(&home, "no").complained("store.permissions", 6);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(said.err.contains(name) || said.err.contains("keys"), "{path:?}: {}", said.err);
        set_mode(&path, before);
    }
    relabel(&home, "yes").ended(0);
}

#[test]
fn a_key_that_others_can_read_is_not_used_f21() {
    let home = with_anchor();
    let key = home.directory().join("keys/checkpoint.pem");
    set_mode(&key, 0o644);
    let said = relabel(&home, "no").complained("store.permissions", 6);
    assert!(said.err.contains("checkpoint.pem"), "{}", said.err);
    set_mode(&key, 0o600);
    relabel(&home, "yes").ended(0);
}

#[test]
fn a_store_that_is_not_there_is_named_f21() {
    let home = with_anchor();
    fs::rename(home.directory().join("trust"), home.directory().join("elsewhere")).unwrap();
    let said = relabel(&home, "no").complained("store.not_found", 4);
    assert!(said.err.contains("trust"), "{}", said.err);
}

#[test]
fn links_in_the_place_of_files_and_directories_are_refused_f23() {
    let home = with_anchor();
    let outside = home.room.path("outside");
    for path in store_files(&home).into_iter().chain([home.directory().join("trust"), home.directory().join("keys")]) {
        fs::rename(&path, &outside).unwrap();
        let content =
            |path: &Path| files(path).into_iter().chain([path.to_owned()]).filter_map(|path| fs::read(path).ok());
        let before: Vec<Vec<u8>> = content(&outside).collect();
        symlink(&outside, &path).unwrap();
        let said = relabel(&home, "no");
        assert!(said.err.starts_with("error[store.symlink_refused]"), "{path:?}: {}{}", said.out, said.err);
        assert_eq!(content(&outside).collect::<Vec<_>>(), before, "{path:?} was written through");
        fs::remove_file(&path).unwrap();
        fs::rename(&outside, &path).unwrap();
    }
    relabel(&home, "yes").ended(0);
}

/// A file system in memory that goes away with the value. Only root may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: PathBuf, size: &str) -> Self {
        fs::create_dir_all(&path).unwrap();
        let disk = Self(path);
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=0700"), "tmpfs"]);
        disk
    }

    fn mount(&self, arguments: &[&str]) {
        assert!(Command::new("mount").args(arguments).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
#[ignore = "mounts a file system, which only root may"]
fn a_full_disk_costs_no_change_that_was_told_and_a_read_only_one_is_still_read_f05_f07() {
    let home = Home::bare();
    let disk = SmallDisk::at(home.directory(), "128k");
    home.run("init --empty --name test").ended(0);
    let root = home.root("full");
    home.run(&format!("trust-anchors add --cert {root} --name root")).ended(0);
    let (mut made, mut tally) = (2, Tally::default());
    let refusal = loop {
        let said = relabel(&home, &format!("label-{made}"));
        match said.status {
            0 => made += 1,
            _ => break said,
        }
    };
    refusal.complained("store.no_space", 6);
    let size = || home.run("trust log --verify -o json").ended(0).json()["audit"]["entries"].as_u64().unwrap();
    tally.points = 1;
    tally.acknowledged = made;
    tally.lost = made.saturating_sub(size());
    tally.half_applied = size().saturating_sub(made);
    // It grows, and the work goes on.
    disk.mount(&["-o", "remount,size=1m"]);
    relabel(&home, "room").ended(0);
    assert_eq!(size(), made + 1);
    assert!(files(&home.directory()).iter().all(|path| path.extension().is_none_or(|extension| extension != "new")));
    disk.mount(&["-o", "remount,ro"]);
    relabel(&home, "no").complained("store.read_only", 6);
    assert_eq!(size(), made + 1);
    home.run("trust-anchors list").ended(0);
    disk.mount(&["-o", "remount,rw"]);
    relabel(&home, "again").ended(0);
    tally.finish("a full disk under the program");
}

#[test]
fn a_file_may_not_grow_and_nothing_is_lost_by_it_f05() {
    // A limit on the size of files ends the program in the middle of a write, at a chosen byte.
    let scene = Scene::new();
    let mut tally = Tally::default();
    let limits = [0_u64, 1, 9, 512, 1030, 4095, 4096, 4097, 5000, 6100, 8192, 9000];
    for number in 0..LENGTH {
        for (turn, kibibytes) in limits.iter().enumerate() {
            if (turn + number) % 6 != 0 {
                continue;
            }
            scene.after(number);
            let mut program = Command::new("prlimit");
            program.arg(format!("--fsize={kibibytes}")).arg(env!("CARGO_BIN_EXE_stella")).args(scene.arguments(number));
            program.env_clear().env("STELLA_HOME", scene.home.directory());
            program.env("XDG_STATE_HOME", scene.home.room.path("state")).env("STELLA_PERSON", "alice");
            let Ok(output) =
                program.env("PATH", std::env::var("PATH").unwrap()).current_dir(scene.home.room.path(".")).output()
            else {
                println!("NOT RUN: there is no prlimit");
                return;
            };
            let done = output.status.code() == Some(scene.status(number));
            scene.judge(number, done, &mut tally);
            tally.is_clean(&format!("{} within {kibibytes} bytes", command(number)));
        }
    }
    tally.finish("writes of the program cut short");
}
