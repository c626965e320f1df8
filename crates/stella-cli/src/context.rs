//! The surroundings of one run: the clock, the environment, the terminal. Nothing else in this workspace looks at them.

use std::io::{self, IsTerminal};
use std::time::{SystemTime, UNIX_EPOCH};

use stella_vocabulary::{Code, UnixTime};

use crate::arguments::{Everywhere, Format};
use crate::complaint::Complaint;

/// Everything a command takes from its surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// The instant to judge at.
    pub(crate) at: UnixTime,
    pub(crate) format: Format,
    pub(crate) detail: Detail,
    pub(crate) colour: Colour,
    pub(crate) marks: Marks,
}

/// How much to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd, Ord)]
pub(crate) enum Detail {
    Quiet,
    Usual,
    Verbose,
}

/// Whether the output may hold colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Colour {
    Ansi,
    Plain,
}

/// The characters that marks and trees are drawn with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Marks {
    Ascii,
    Unicode,
}

impl Context {
    pub(crate) fn of(everywhere: &Everywhere) -> Result<Self, Complaint> {
        Ok(Self {
            at: match &everywhere.at {
                Some(text) => instant(text)?,
                None => now(),
            },
            format: everywhere.output,
            detail: match (everywhere.quiet, everywhere.verbose) {
                (true, _) => Detail::Quiet,
                (false, true) => Detail::Verbose,
                (false, false) => Detail::Usual,
            },
            colour: if everywhere.no_color { Colour::Plain } else { colour() },
            marks: marks(),
        })
    }
}

/// The argument of `--at`.
fn instant(text: &str) -> Result<UnixTime, Complaint> {
    UnixTime::parse_rfc3339(text).map_err(|error| {
        Complaint::new(Code::UsageDateInvalid, error.to_string())
            .place("--at")
            .found(text)
            .expected("a time with its zone, such as 2026-01-17T09:00:00Z")
            .remedy("stella help")
    })
}

#[expect(clippy::disallowed_methods, reason = "the only clock: everything below takes time as an argument")]
fn now() -> UnixTime {
    UnixTime::from_seconds(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    })
}

#[expect(clippy::disallowed_methods, reason = "the only reader of the environment, besides what clap declares")]
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

fn is_dumb_terminal() -> bool {
    variable("TERM").is_some_and(|term| term == "dumb")
}

/// Colour belongs on terminals only. See <https://no-color.org>.
pub(crate) fn colour() -> Colour {
    if io::stdout().is_terminal() && variable("NO_COLOR").is_none() && !is_dumb_terminal() {
        Colour::Ansi
    } else {
        Colour::Plain
    }
}

/// The first of the three variables that is set says which characters the reader can see (POSIX, "Internationalization Variables").
fn marks() -> Marks {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default().to_ascii_lowercase();
    if !is_dumb_terminal() && (locale.contains("utf-8") || locale.contains("utf8")) {
        Marks::Unicode
    } else {
        Marks::Ascii
    }
}
