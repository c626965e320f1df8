//! A sequence of commands that change trust in every way, and the judgement of what is left of the store.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use stella_testkit::authority::Authority;
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::Sigstore;

use crate::harness::{Home, Said};

/// The commands, in an order in which each is allowed, with the status that each ends with.
const COMMANDS: [(&str, i32); 24] = [
    ("init --empty --name test", 0),
    ("trust-anchors add --cert root.pem --name root", 0),
    ("trust-anchors add-intermediate --cert below.pem --name below", 0),
    ("trust-anchors add-key --key one.pub --name one --expires 2050-01-01T00:00:00Z", 0),
    ("trust-anchors change root --label another", 0),
    ("trust-anchors import --trusted-root trusted_root.json --name sigstore", 0),
    ("trust-anchors remove root", 0),
    ("trust-anchors reinstate root", 0),
    ("trust-anchors revoke one --compromised-since 2026-01-01T00:00:00Z", 0),
    ("issuer add acme --name ACME", 0),
    ("issuer trust acme", 3),
    ("issuer distrust acme", 0),
    ("approvers add alice --key alice.pub", 0),
    ("approvers add bob --key bob.pub", 0),
    ("trust-anchors add-key --key two.pub --name two --expires 2050-01-01T00:00:00Z --approver-key alice.key", 3),
    ("approvals approve REQUEST --key bob.key", 0),
    ("approvers add carol --key carol.pub --approver-key alice.key", 3),
    ("approvals approve REQUEST --key bob.key", 0),
    ("trust-anchors add-key --key three.pub --name three --expires 2050-01-01T00:00:00Z --approver-key alice.key", 3),
    ("approvals reject REQUEST --key bob.key", 0),
    (
        "trust-anchors add-key --key four.pub --name four --expires 2050-01-01T00:00:00Z --emergency 2h --approver-key alice.key",
        0,
    ),
    ("approvers quorum 3 --approver-key alice.key", 3),
    ("approvers revoke carol", 0),
    ("trust-anchors remove sigstore", 0),
];

pub(crate) const LENGTH: usize = COMMANDS.len();

/// What a command is.
pub(crate) fn command(number: usize) -> &'static str {
    COMMANDS[number].0
}

/// A home that can be put back to how it was after each of the commands, in its place, because a store is remembered by its place.
pub(crate) struct Scene {
    pub(crate) home: Home,
    /// How many entries there are after so many commands.
    pub(crate) sizes: Vec<u64>,
}

/// The parts of the room that commands write to.
const PARTS: [&str; 2] = ["home", "state"];

impl Scene {
    pub(crate) fn new() -> Self {
        let home = Home::bare();
        let file = |name: &str, content: String| drop(home.room.file(name, content));
        let root = Authority::root("faults");
        file("root.pem", root.pem());
        file("below.pem", root.intermediate_with(TestKey::ed25519("below"), |builder| builder).pem());
        file("trusted_root.json", Sigstore::new("faults").trusted_root().to_json());
        for key in ["one", "two", "three", "four"] {
            home.key(key);
        }
        for person in ["alice", "bob", "carol"] {
            home.approver(person);
        }
        let mut scene = Self { home, sizes: vec![0] };
        scene.keep(0);
        for (number, (text, status)) in COMMANDS.iter().enumerate() {
            let said = Said::from(scene.program(number).output().unwrap());
            assert_eq!(said.status, *status, "{text}\n{}\n{}", said.out, said.err);
            let size = scene.size().unwrap_or_else(|said| panic!("{text}: {said:?}"));
            assert!(size > scene.sizes[number], "{text} has changed nothing");
            scene.sizes.push(size);
            let checkpoint = scene.home.run("trust log --verify -o json").ended(0).json()["checkpoint"].clone();
            scene.home.room.file(&format!("checkpoint-{}", number + 1), checkpoint.as_str().unwrap());
            scene.keep(number + 1);
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.room.path(name)
    }

    fn keep(&self, number: usize) {
        for part in PARTS {
            copy(&self.path(part), &self.path(&format!("kept-{number}")).join(part));
        }
    }

    /// Puts everything back to how it was after so many commands.
    pub(crate) fn after(&self, number: usize) -> &Self {
        for part in PARTS {
            let _ = fs::remove_dir_all(self.path(part));
            copy(&self.path(&format!("kept-{number}")).join(part), &self.path(part));
        }
        self
    }

    /// One of the commands, ready to run.
    pub(crate) fn program(&self, number: usize) -> Command {
        let mut program = self.home.program();
        program.args(self.arguments(number));
        program
    }

    pub(crate) fn arguments(&self, number: usize) -> Vec<String> {
        // A request has the number of the entry that it became.
        let request = self.sizes[..=number].last().map_or(0, |size| size - size.min(&1));
        let words = command(number).split_whitespace().chain(["--reason", "test"]);
        words.map(|word| if word == "REQUEST" { format!("r-{request}") } else { word.to_owned() }).collect()
    }

    pub(crate) fn status(&self, number: usize) -> i32 {
        COMMANDS[number].1
    }

    /// How many entries there are, after looking at every one of them. `Err` if that cannot be said.
    pub(crate) fn size(&self) -> Result<u64, Said> {
        let said = self.home.run("trust log --verify -o json");
        match said.status {
            0 => Ok(said.json()["audit"]["entries"].as_u64().unwrap()),
            _ => Err(said),
        }
    }

    /// Looks at what is left when the command of that number was run and did not come to its end.
    pub(crate) fn judge(&self, number: usize, acknowledged: bool, tally: &mut Tally) {
        tally.points += 1;
        tally.acknowledged += number as u64 + u64::from(acknowledged);
        let (before, after) = (self.sizes[number], self.sizes[number + 1]);
        let found = match self.size() {
            Ok(size) => size,
            Err(said) if number == 0 && said.out.contains("store.not_found") => 0,
            Err(said) => {
                println!("{}: {}{}", command(number), said.out, said.err);
                tally.audit_failures += 1;
                return;
            }
        };
        tally.lost += u64::from(found < before || (acknowledged && found < after));
        // The last agreement and what it makes are two entries, the first of which may be there alone.
        let two = command(number).starts_with("approvals approve");
        tally.half_applied += u64::from(found > after || (found != before && found != after && !two));
        if number > 0 {
            let file = self.path(&format!("checkpoint-{number}"));
            let said = self.home.run_with(&["trust", "log", "--verify", "--checkpoint", file.to_str().unwrap()]);
            tally.audit_failures += u64::from(said.status != 0);
        }
        self.go_on(number, found, tally);
    }

    /// The next command needs no help, and leaves nothing behind.
    fn go_on(&self, number: usize, found: u64, tally: &mut Tally) {
        if found == self.sizes[number] {
            let said = Said::from(self.program(number).output().unwrap());
            assert_eq!(said.status, self.status(number), "{}: {said:?}", command(number));
            assert_eq!(self.size().unwrap(), self.sizes[number + 1]);
        } else if number == 0 {
            // It may have been killed between the log and the settings; then it goes on where it was.
            let said = Said::from(self.program(number).output().unwrap());
            assert!(said.status == 0 || said.err.contains("usage.conflict"), "{said:?}");
        } else if found < self.sizes[number + 1] {
            let request = self.arguments(number)[2].clone();
            self.home.run(&format!("approvals execute {request}")).ended(0);
            assert_eq!(self.size().unwrap(), self.sizes[number + 1]);
        }
        let other = self.home.room.file("other.pem", Authority::root("other").intermediate("below other").pem());
        self.home.run(&format!("trust-anchors add-intermediate --cert {other} --name other")).ended(0);
        let left: Vec<PathBuf> =
            PARTS.into_iter().flat_map(|part| files(&self.path(part))).filter(|path| is_temporary(path)).collect();
        if !left.is_empty() {
            println!("{}: {left:?}", command(number));
            tally.audit_failures += 1;
        }
    }

    /// All files of the room that commands have no business with.
    pub(crate) fn outside(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.path(".")).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

fn is_temporary(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "new" || extension == "tmp")
}

/// All files below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Copies a directory with all its modes; nothing if it is not there.
pub(crate) fn copy(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    fs::create_dir_all(to).unwrap();
    for entry in entries.map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
    fs::set_permissions(to, fs::Permissions::from_mode(fs::metadata(from).unwrap().permissions().mode() & 0o7777))
        .unwrap();
}

/// What a run has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) points: u64,
    pub(crate) acknowledged: u64,
    pub(crate) lost: u64,
    pub(crate) half_applied: u64,
    pub(crate) audit_failures: u64,
}

impl Tally {
    #[track_caller]
    pub(crate) fn is_clean(&self, context: &str) {
        assert_eq!((self.lost, self.half_applied, self.audit_failures), (0, 0, 0), "{context}: {self:?}");
    }

    pub(crate) fn finish(self, run: &str) {
        println!(
            "{run}: {} points tested / {} acknowledged changes / {} lost / {} half-applied / {} audit failures",
            self.points, self.acknowledged, self.lost, self.half_applied, self.audit_failures
        );
        self.is_clean(run);
    }
}
