//! Programs that are checks: run with a time limit, and stopped with all they have started.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use stella_doctor::{Program, ProgramOutcome};

use crate::context::{Ticks, secret_variables};

/// How often it is looked at whether it has ended, in milliseconds.
const PAUSE: u64 = 10;

/// A program in a file.
pub(super) struct ChildProgram {
    path: PathBuf,
    limit: Duration,
}

impl ChildProgram {
    pub(super) const fn new(path: PathBuf, limit: Duration) -> Self {
        Self { path, limit }
    }
}

impl Program for ChildProgram {
    fn run(&self, input: &[u8], most: usize) -> ProgramOutcome {
        let mut command = Command::new(&self.path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        for name in secret_variables() {
            command.env_remove(name);
        }
        own_group(&mut command);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return ProgramOutcome::Failed(format!("the program could not be started: {error}")),
        };
        if let Some(mut stdin) = child.stdin.take() {
            // It may end without reading.
            let _ = stdin.write_all(input);
        }
        let stdout = child.stdout.take();
        let reader = std::thread::spawn(move || {
            let mut answer = Vec::new();
            let read = stdout.map(|stdout| stdout.take(most as u64).read_to_end(&mut answer));
            (answer, read.is_none_or(|read| read.is_ok()))
        });
        let ended = wait(&mut child, self.limit, || reader.is_finished());
        stop(&mut child);
        match (ended, reader.join()) {
            (None, _) => ProgramOutcome::Failed(format!(
                "the program did not end within {:.1} s, and was stopped",
                self.limit.as_secs_f64()
            )),
            (Some(_), Err(_) | Ok((_, false))) => {
                ProgramOutcome::Failed("what the program wrote could not be read".to_string())
            }
            (Some(None), Ok((answer, _))) if answer.len() >= most => ProgramOutcome::Answered(answer),
            (Some(Some(status)), Ok((answer, _))) if status.success() => ProgramOutcome::Answered(answer),
            (Some(status), Ok(_)) => {
                let how = status.map_or_else(|| "without an end".to_string(), |status| status.to_string());
                ProgramOutcome::Failed(format!("the program ended badly: {how}"))
            }
        }
    }
}

/// `None` if it has not ended in time; `Some(None)` if it has written all that is read, and goes on.
fn wait(child: &mut Child, limit: Duration, is_read: impl Fn() -> bool) -> Option<Option<ExitStatus>> {
    let ticks = Ticks::new();
    let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let mut read_since = None;
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(Some(status));
        }
        if is_read() {
            // It has a moment to end after its last word.
            let since = *read_since.get_or_insert_with(|| ticks.milliseconds());
            if ticks.milliseconds() > since + 1000 {
                return Some(None);
            }
        }
        if ticks.milliseconds() > limit {
            return None;
        }
        ticks.pause(PAUSE);
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

/// Stops it and what it has started, so that nobody holds the pipe open.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};

        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}
