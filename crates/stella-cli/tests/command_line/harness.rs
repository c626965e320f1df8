//! Runs the program and keeps what it said.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use stella_testkit::authority::Authority;
use stella_testkit::key::TestKey;

/// What one run left behind.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        let said = Self {
            status: output.status.code().expect("no signal"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        said.holds_no_raw_control_character();
        said
    }

    /// Catalogue B235, asserted of every run of every test.
    fn holds_no_raw_control_character(&self) {
        let unsafe_to_show = |c: char| {
            c != '\n'
                && (c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c) || ('\u{202a}'..='\u{202e}').contains(&c))
        };
        assert!(!self.out.contains(unsafe_to_show), "raw control character on standard output: {self:?}");
        assert!(!self.err.contains(unsafe_to_show), "raw control character on standard error: {self:?}");
    }

    #[track_caller]
    pub(crate) fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    /// An error that is no verdict: nothing on standard output, one line with this code on standard error.
    #[track_caller]
    pub(crate) fn complained(self, code: &str, status: i32) -> Self {
        let said = self.ended(status);
        assert_eq!(said.out, "", "standard output");
        assert!(said.err.starts_with(&format!("error[{code}]: ")), "{}", said.err);
        assert!(said.err.contains("; try: "), "{}", said.err);
        assert_eq!(said.err.matches('\n').count(), 1, "{}", said.err);
        assert!(said.err.len() <= 2048);
        said
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.matches('\n').count(), 1, "one document on one line: {}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// The value of the first `name: value` line.
    #[track_caller]
    pub(crate) fn field<'a>(&'a self, name: &'a str) -> &'a str {
        self.lines(name).next().unwrap_or_else(|| panic!("no line {name} in\n{}", self.out))
    }

    pub(crate) fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.out.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn first_line(&self) -> &str {
        self.out.lines().next().unwrap_or_default()
    }
}

/// The program with a fixed environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stella"));
    command.env_clear().env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Runs it with `arguments`, separated by white space.
pub(crate) fn stella(arguments: &str) -> Said {
    stella_with(&arguments.split_whitespace().collect::<Vec<_>>())
}

pub(crate) fn stella_with(arguments: &[&str]) -> Said {
    Said::from(program().args(arguments).output().expect("the program runs"))
}

/// Runs it with `input` on standard input.
pub(crate) fn stella_reading(arguments: &str, input: &[u8]) -> Said {
    let mut child = program()
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // It may stop reading early, and close the pipe.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    Said::from(child.wait_with_output().expect("the program ends"))
}

/// A file of the real and made attestations.
pub(crate) fn example(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path).to_str().expect("UTF-8").to_string()
}

/// A directory that goes away.
pub(crate) struct Room(tempfile::TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_string()
    }
}

/// The members of `expect.toml` that stand before the first table.
pub(crate) fn expected(example_name: &str, member: &str) -> String {
    let text = fs::read_to_string(example(&format!("{example_name}/expect.toml"))).expect("expect.toml");
    let head = text.split("\n[").next().unwrap_or_default();
    let prefix = format!("{member} = \"");
    head.lines()
        .find_map(|line| line.strip_prefix(&prefix)?.strip_suffix('"'))
        .unwrap_or_else(|| panic!("no {member} in {example_name}"))
        .to_string()
}

/// A room with a home in it, for tests of the trust store.
pub(crate) struct Home {
    pub(crate) room: Room,
}

impl Home {
    /// A home where nobody has run `stella init`.
    pub(crate) fn bare() -> Self {
        Self { room: Room::new() }
    }

    /// A home with an empty store called `test`, in which one person decides.
    pub(crate) fn solo() -> Self {
        let home = Self::bare();
        home.run("init --empty --name test").ended(0);
        home
    }

    /// A home with an empty store called `team`, in which two of alice, bob and carol decide about more trust.
    pub(crate) fn quorum() -> Self {
        let home = Self::bare();
        let mut arguments = vec!["init".to_string(), "--empty".into(), "--name".into(), "team".into()];
        for person in ["alice", "bob", "carol"] {
            let (_, public) = home.approver(person);
            arguments.extend(["--approver".to_string(), format!("{person}={public}")]);
        }
        home.run_with(&arguments).ended(0);
        home
    }

    /// The files with the private and the public key of a person.
    pub(crate) fn approver(&self, person: &str) -> (String, String) {
        let key = TestKey::ed25519(&format!("approver {person}"));
        let private = stella_vocabulary::pem::encode("PRIVATE KEY", &key.signing_key().to_pkcs8_der());
        let private = self.room.file(&format!("{person}.key"), private);
        fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).expect("a mode");
        (private, self.room.file(&format!("{person}.pub"), key.public_pem()))
    }

    /// The program, acting as alice.
    pub(crate) fn program(&self) -> Command {
        let mut command = program();
        command
            .env("STELLA_HOME", self.directory())
            .env("XDG_STATE_HOME", self.room.path("state"))
            .env("STELLA_PERSON", "alice")
            .current_dir(self.room.path("."));
        command
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.room.path("home")
    }

    /// Runs it with `arguments`, separated by white space.
    pub(crate) fn run(&self, arguments: &str) -> Said {
        self.run_with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    pub(crate) fn run_with(&self, arguments: &[impl AsRef<OsStr>]) -> Said {
        Said::from(self.program().args(arguments).output().expect("the program runs"))
    }

    /// Runs it as somebody else.
    pub(crate) fn run_as(&self, person: &str, arguments: &str) -> Said {
        let output = self.program().env("STELLA_PERSON", person).args(arguments.split_whitespace()).output();
        Said::from(output.expect("the program runs"))
    }

    /// A file with the root of an authority.
    pub(crate) fn root(&self, label: &str) -> String {
        self.room.file(&format!("{label}.pem"), Authority::root(label).pem())
    }

    /// A file with a public key.
    pub(crate) fn key(&self, label: &str) -> String {
        self.room.file(&format!("{label}.pub"), TestKey::p256(label).public_pem())
    }
}
