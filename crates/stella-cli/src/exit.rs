//! How the program ends: what is written, whether it arrived, and the one exit status.

use std::fs::File;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;

use stella_vocabulary::Code;

use crate::complaint::Complaint;

/// What a command has to say, and the exit status that goes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// For standard output.
    pub(crate) text: String,
    /// For standard error.
    pub(crate) diagnostics: String,
    pub(crate) status: u8,
    /// The last entry that was written to the trust log.
    pub(crate) entry: Option<u64>,
}

impl Answer {
    /// Done, with `text` to show for it.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The same, of a command that has changed the trust log up to this entry.
    pub(crate) fn made(self, entry: Option<u64>) -> Self {
        Self { entry, ..self }
    }

    /// A verdict: `code` is why it is not a good one.
    pub(crate) fn judged(text: impl Into<String>, code: Option<Code>) -> Self {
        Self { status: code.map_or(0, Code::exit_status), ..Self::done(text) }
    }

    /// An error that is no verdict. With `json`, standard output holds one document also now.
    pub(crate) fn complain(complaint: &Complaint, json: bool) -> Self {
        Self {
            text: if json { complaint.json().line() } else { String::new() },
            diagnostics: complaint.line(),
            status: complaint.code().exit_status(),
            entry: None,
        }
    }
}

/// What the last panic said, and where.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// Runs `work`, turning a panic into `internal.panic`: one line, exit status 70.
pub(crate) fn guarded(json: bool, work: impl FnOnce() -> Answer) -> Answer {
    panic::set_hook(Box::new(|panic| {
        let message = panic
            .payload()
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.payload().downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let place = panic.location().map_or_else(String::new, |place| {
            // Only the file's name: the directories above it are those of whoever built the program.
            let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!(" ({file}:{})", place.line())
        });
        if let Ok(mut words) = LAST_WORDS.lock() {
            *words = Some(format!("{message}{place}"));
        }
    }));
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let words = LAST_WORDS.lock().ok().and_then(|mut words| words.take()).unwrap_or_default();
        let complaint =
            Complaint::new(Code::InternalPanic, format!("a defect of stella stopped this command: {words}"))
                .remedy("report it with the command line and, if it may be shared, the input");
        Answer::complain(&complaint, json)
    })
}

/// Writes everything out and gives the exit status: that of the answer only if all of it was delivered.
pub(crate) fn conclude(answer: Answer) -> ExitCode {
    let delivered = deliver(answer.text.as_bytes());
    // A diagnostic that cannot be delivered changes nothing: the exit status says as much. What is told of a success waits for it.
    if delivered.is_ok() || answer.status != 0 {
        let _ = io::stderr().write_all(answer.diagnostics.as_bytes());
    }
    match delivered {
        Ok(()) => ExitCode::from(answer.status),
        Err(error) => {
            let (what, remedy) = match answer.entry {
                None => (
                    "the result could not be written".to_string(),
                    "redirect it, for instance with > /dev/null if only the exit status matters".to_string(),
                ),
                Some(entry) => (
                    format!("the change was made (entry {entry}), and the result could not be written"),
                    format!("do not run the command again; look: stella trust log --from {entry}"),
                ),
            };
            let complaint = Complaint::new(Code::OutputWriteFailed, what)
                .place("standard output")
                .found(error.to_string())
                .expected("an open file, pipe or terminal with room")
                .remedy(remedy);
            let _ = io::stderr().write_all(complaint.line().as_bytes());
            ExitCode::from(complaint.code().exit_status())
        }
    }
}

/// Writes to the descriptor itself: the standard library's handle takes a closed one for a success.
#[cfg(unix)]
pub(crate) fn deliver(text: &[u8]) -> io::Result<()> {
    use std::os::fd::AsFd;

    if text.is_empty() {
        return Ok(());
    }
    if was_closed(io::stdout().as_fd()) {
        return Err(io::Error::new(io::ErrorKind::BrokenPipe, "a closed descriptor"));
    }
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    output.write_all(text)?;
    output.flush()
}

#[cfg(not(unix))]
pub(crate) fn deliver(text: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text)?;
    output.flush()
}

/// Whether the caller closed standard output. Before `main`, the standard library opens `/dev/null` for reading and writing in place of a
/// closed standard descriptor; shells and service managers open it for writing only when they mean it. (Some launchers open it for both,
/// too. They are told, which is better than a verdict that nobody sees.)
#[cfg(unix)]
fn was_closed(output: std::os::fd::BorrowedFd<'_>) -> bool {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};

    let Ok(flags) = fcntl_getfl(output) else { return true };
    let Ok(own) = fstat(output) else { return true };
    FileType::from_raw_mode(own.st_mode) == FileType::CharacterDevice
        && flags.contains(OFlags::RDWR)
        && stat("/dev/null").is_ok_and(|null| null.st_rdev == own.st_rdev)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_line_and_status_70() {
        let answer = guarded(false, || panic!("index\nout of \u{1b}[2J range"));
        assert_eq!(answer.status, 70);
        assert!(answer.text.is_empty());
        assert!(answer.diagnostics.starts_with("error[internal.panic]: "), "{}", answer.diagnostics);
        assert!(answer.diagnostics.contains(r"index\u{a}out of \u{1b}[2J range (exit.rs:"), "{}", answer.diagnostics);
        assert_eq!(answer.diagnostics.matches('\n').count(), 1);

        let answer = guarded(true, || panic!("again"));
        assert!(answer.text.starts_with(r#"{"schema":"stella.error/1","code":"internal.panic""#), "{}", answer.text);
        let _ = panic::take_hook();
    }

    #[test]
    fn no_code_ends_in_success() {
        for code in Code::ALL {
            assert_ne!(Answer::judged("", Some(*code)).status, 0);
        }
        assert_eq!(Answer::judged("", None).status, 0);
    }
}
