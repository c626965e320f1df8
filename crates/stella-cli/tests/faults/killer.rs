//! Ends the program at a chosen moment.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The system calls that change something, make it durable, or take a lock. Each is a step.
const CALLS: &str = "openat,pwrite64,write,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,ftruncate,flock,fchmod,fchmodat,close";

/// How moments are chosen.
pub(crate) enum Killer {
    /// By the number of a system call.
    Numbered,
    /// By time.
    Delayed,
}

/// A moment in the run of a program.
#[derive(Clone, Debug)]
pub(crate) enum Moment {
    /// Before the n-th of these system calls.
    Call(String, usize),
    /// So long after its start.
    Delay(Duration),
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With this status.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

impl Killer {
    pub(crate) fn here() -> Self {
        let works = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).status();
        if works.is_ok_and(|status| status.success()) { Self::Numbered } else { Self::Delayed }
    }

    /// All moments of a program, found by running it to its end.
    pub(crate) fn moments(&self, program: &Command, scratch: &Path) -> Vec<Moment> {
        match self {
            Self::Numbered => {
                let trace = scratch.join("trace");
                let options =
                    ["-f", "-qq", "-e", &format!("trace={CALLS}"), "-o", trace.to_str().unwrap()].map(String::from);
                traced(program, &options).status().unwrap();
                // `strace` counts the calls of each thread by themselves.
                let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
                let text = std::fs::read_to_string(trace).unwrap();
                let mut moments = Vec::new();
                for line in text.lines() {
                    let mut words = line.split_whitespace();
                    let (Some(thread), Some(call)) = (words.next(), words.next()) else { continue };
                    let name = call.split('(').next().unwrap_or(call);
                    if CALLS.split(',').any(|call| call == name) {
                        let number = seen.entry((thread, name)).or_default();
                        *number += 1;
                        moments.push(Moment::Call(name.to_owned(), *number));
                    }
                }
                moments
            }
            Self::Delayed => {
                let begun = Instant::now();
                quiet(program).status().unwrap();
                let whole = begun.elapsed();
                (0..40).map(|part| Moment::Delay(whole * part / 36)).collect()
            }
        }
    }
}

/// Runs a program and sends it a signal at that moment.
pub(crate) fn run(program: &Command, moment: &Moment, signal: i32) -> End {
    run_telling(program, moment, signal, Stdio::null())
}

/// As [`run`], with a place for what it says on standard error.
pub(crate) fn run_telling(program: &Command, moment: &Moment, signal: i32, told: impl Into<Stdio>) -> End {
    let status = match moment {
        Moment::Call(name, number) => {
            let inject = format!("inject={name}:signal={signal}:when={number}");
            // strace ends as what it traced did.
            traced(
                program,
                &["-f", "-qq", "-e", &format!("trace={name}"), "-e", &inject, "-o", "/dev/null"].map(String::from),
            )
            .stderr(told)
            .status()
            .unwrap()
        }
        Moment::Delay(delay) => {
            let mut child = quiet(program).stderr(told).spawn().unwrap();
            std::thread::sleep(*delay);
            let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
            let signal = rustix::process::Signal::from_named_raw(signal).unwrap();
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, signal);
            child.wait().unwrap()
        }
    };
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exit(code),
        (None, Some(signal)) => End::Signal(signal),
        (None, None) => panic!("{status:?}"),
    }
}

fn quiet(program: &Command) -> Command {
    let mut again = Command::new(program.get_program());
    again.args(program.get_args());
    like(&mut again, program);
    again
}

fn traced(program: &Command, options: &[String]) -> Command {
    let mut strace = Command::new("strace");
    strace.args(options).arg("--").arg(program.get_program()).args(program.get_args());
    like(&mut strace, program);
    // It is looked up along the path, and the program does not read that.
    strace.env("PATH", std::env::var("PATH").unwrap());
    strace
}

/// The same surroundings.
fn like(again: &mut Command, program: &Command) {
    again.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    again.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    again.current_dir(program.get_current_dir().unwrap());
}
