//! The program as a user runs it, in a limit of memory.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread::sleep;
use std::time::Duration;

use crate::item::Run;
use crate::made::{Made, Meanwhile};

/// 256 MiB, in the KiB that `ulimit` counts.
const MEMORY: u32 = 256 << 10;
/// A guard against hanging, and no measure of speed.
const PATIENCE: Duration = Duration::from_secs(60);
const NAP: Duration = Duration::from_millis(2);

/// What a command left.
pub(crate) struct Output {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `stella attest show --details` on a file.
pub(crate) fn show(attestation: &Path) -> Output {
    let mut command = limited(None);
    command.arg(env!("CARGO_BIN_EXE_stella")).args(["attest", "show", "--details"]).arg(attestation);
    command.stdin(Stdio::null());
    finish(command, None, &attestation.to_string_lossy())
}

/// Runs `run` with the output in `format`.
pub(crate) fn stella(run: &Run, made: Option<&Made>, format: &str) -> Output {
    let mut command = limited(run.number("stack"));
    command.arg(env!("CARGO_BIN_EXE_stella")).args(arguments(run, made.map(|made| made.path.as_path())));
    command.args(["--output", format]).current_dir(&run.directory);
    let stdin = run.file("stdin", made.map(|made| made.path.as_path()));
    command.stdin(stdin.map_or_else(Stdio::null, |path| File::open(path).unwrap().into()));
    finish(command, made, &run.name)
}

/// Runs the program with `words` in a room of its own.
pub(crate) fn in_room(room: &Path, environment: &[(&str, std::path::PathBuf)], words: &[String]) -> Output {
    let mut command = limited(None);
    command.arg(env!("CARGO_BIN_EXE_stella")).args(words).current_dir(room).stdin(Stdio::null());
    finish_with(command, None, &words.join(" "), environment)
}

impl Output {
    /// What it left, for people.
    pub(crate) fn told(&self) -> String {
        let cut = |text: &str| text.chars().take(900).collect::<String>();
        format!("exit {:?}, stdout {:?}, stderr {:?}", self.status, cut(&self.stdout), cut(&self.stderr))
    }

    /// Refuses what moves a cursor or turns text around.
    pub(crate) fn is_printable(&self) -> Result<(), String> {
        let is_harmful = |text: &str| crate::refusal::has_control(&text.replace('\n', ""));
        let harmful = is_harmful(&self.stdout) || is_harmful(&self.stderr);
        if harmful { Err(format!("control characters: {}", self.told())) } else { Ok(()) }
    }
}

fn finish(command: Command, made: Option<&Made>, name: &str) -> Output {
    finish_with(command, made, name, &[])
}

fn finish_with(
    mut command: Command,
    made: Option<&Made>,
    name: &str,
    environment: &[(&str, std::path::PathBuf)],
) -> Output {
    say_which_limits_hold();
    let directory = tempfile::tempdir().unwrap();
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| directory.path().join(name));
    command.env_clear().env("LC_ALL", "C.UTF-8").envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdout(File::create(&stdout).unwrap()).stderr(File::create(&stderr).unwrap());
    let mut child = command.spawn().unwrap();
    let status = wait(&mut child, made, name);
    let [stdout, stderr] = [stdout, stderr].map(|path| String::from_utf8(fs::read(path).unwrap()).unwrap());
    Output { status, stdout, stderr }
}

fn wait(child: &mut Child, made: Option<&Made>, name: &str) -> Option<i32> {
    let mut pending = made.filter(|made| made.meanwhile != Meanwhile::Nothing);
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(pending.is_none(), "{name}: the input was not seen open");
            return status.code();
        }
        if waited > PATIENCE {
            child.kill().unwrap();
            panic!("{name}: still running after {PATIENCE:?}");
        }
        pending = pending.filter(|made| !made.happen(child.id()));
        sleep(NAP);
        waited += NAP;
    }
}

/// The arguments that `run` comes to. Files of the item are named as they are, so that messages name them that way.
fn arguments(run: &Run, generated: Option<&Path>) -> Vec<String> {
    let command = run.text("command").unwrap_or("attestation");
    let mut arguments = vec!["verify".to_owned(), command.to_owned()];
    for name in ["attestation", "artifact", "key", "anchor", "intermediate", "trusted_root"] {
        if let Some(file) = run.text(name) {
            let file = if file == "generated" { generated.unwrap().to_str().unwrap() } else { file };
            arguments.extend([format!("--{}", name.replace('_', "-")), file.to_owned()]);
        }
    }
    for name in ["digest", "identity", "issuer", "predicate_type", "at"] {
        if let Some(value) = run.text(name) {
            arguments.extend([format!("--{}", name.replace('_', "-")), value.to_owned()]);
        }
    }
    arguments
}

/// A shell that takes on the limits and then becomes the program.
fn limited(stack: Option<i64>) -> Command {
    let mut limits = String::new();
    if can_limit("-v", i64::from(MEMORY)) {
        limits.push_str(&format!("ulimit -v {MEMORY} && "));
    }
    if let Some(stack) = stack.filter(|stack| can_limit("-s", *stack)) {
        limits.push_str(&format!("ulimit -s {stack} && "));
    }
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits}exec \"$0\" \"$@\"")]);
    command
}

fn can_limit(what: &str, value: i64) -> bool {
    let outcome = Command::new("sh").args(["-c", &format!("ulimit {what} {value}")]).stderr(Stdio::null()).status();
    outcome.is_ok_and(|status| status.success())
}

fn say_which_limits_hold() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if !can_limit("-v", i64::from(MEMORY)) {
            println!("NOTE: the limit of 256 MiB could not be applied: this shell has no `ulimit -v`");
        }
    });
}
