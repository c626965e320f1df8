//! One change in a process of its own, which can be killed, stopped, or lied to by the operating system.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use stella_attest_store::StoreError;
use stella_attest_store::sqlite::Embedded;
use stella_vocabulary::Reason as _;

use crate::suite::changes::CHANGES;
use crate::world::{open, place};

/// The system calls that change something, make it durable, or take a lock.
const CALLS: &str =
    "pwrite64,write,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,ftruncate,flock,fchmod";

/// What the other process said before its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Said {
    /// The change is made.
    Acknowledged,
    /// This code.
    Refused(String),
    /// Nothing.
    Nothing,
}

/// Makes a store, or a change, and says what came of it. Only other tests run it.
#[test]
#[ignore = "other tests run it in a process of its own"]
fn one_change() {
    let (Ok(home), Ok(name)) = (std::env::var("STELLA_TEST_HOME"), std::env::var("STELLA_TEST_CHANGE")) else { return };
    let done = made(Path::new(&home), &name);
    match &done {
        Ok(_) => println!("acknowledged"),
        Err(error) => println!("refused {}", error.code().as_str()),
    }
    // Closing it is part of what can be interrupted.
    drop(done);
}

fn made(home: &Path, name: &str) -> Result<Embedded, StoreError> {
    if name == "create" {
        return Embedded::create(place(home), [7; 16]);
    }
    let mut store = open(home)?;
    if name == "open" {
        return Ok(store);
    }
    let (_, change, _) = CHANGES.iter().find(|(known, ..)| *known == name).unwrap();
    change(&mut store).map(|()| store)
}

/// The program that makes this change.
pub(crate) fn program(home: &Path, name: &str) -> Command {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "child::one_change", "--ignored", "--nocapture", "--test-threads=1"]);
    program.env("STELLA_TEST_HOME", home).env("STELLA_TEST_CHANGE", name);
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    program
}

/// Whether system calls can be counted and changed here.
pub(crate) fn can_trace() -> bool {
    let works = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let works = works.is_ok_and(|status| status.success());
    if !works {
        eprintln!("LEFT OUT: this test needs strace, and there is none that may trace");
    }
    works
}

fn traced(home: &Path, name: &str, options: &[&str]) -> Command {
    let program = program(home, name);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq"]).args(options).arg("--").arg(program.get_program()).args(program.get_args());
    strace.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    strace
}

pub(crate) fn said(mut program: Command) -> Said {
    let output = program.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // The runner of tests may have begun the line.
    if text.contains("acknowledged") {
        return Said::Acknowledged;
    }
    match text.split_once("refused ") {
        Some((_, rest)) => Said::Refused(rest.split_whitespace().next().unwrap_or_default().to_owned()),
        None => Said::Nothing,
    }
}

/// All numbered system calls of a change, found by making it in `home`.
pub(crate) fn steps(home: &Path, name: &str) -> Vec<(String, usize)> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let calls = format!("trace={CALLS}");
    assert_eq!(said(traced(home, name, &["-e", &calls, "-o", trace.path().to_str().unwrap()])), Said::Acknowledged);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let text = std::fs::read_to_string(trace.path()).unwrap();
    let names = text.lines().filter_map(|line| line.split_whitespace().nth(1)?.split_once('(').map(|(name, _)| name));
    names
        .filter(|name| CALLS.split(',').any(|call| call == *name))
        .map(|name| {
            let number = seen.entry(name.to_owned()).or_default();
            *number += 1;
            (name.to_owned(), *number)
        })
        .collect()
}

/// Makes a change with something happening at a system call: `signal=KILL:when=3`, `error=ENOSPC:when=3+`.
pub(crate) fn with_injected(home: &Path, name: &str, call: &str, what: &str) -> Said {
    let (calls, inject) = (format!("trace={call}"), format!("inject={call}:{what}"));
    said(traced(home, name, &["-e", &calls, "-e", &inject, "-o", "/dev/null"]))
}
