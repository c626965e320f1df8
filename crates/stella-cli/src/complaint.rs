//! An error that is no verdict: one clear line, or `stella.error/1`.

use std::fmt::Write as _;
use std::path::Path;

use stella_doctor::{Facility, Mending, Trouble};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::json::Value;

/// The longest line, in bytes (catalogue rule 6).
const LONGEST: usize = 2048;

/// The longest part of a line that comes from outside, in characters.
const QUOTED: usize = 300;

/// What kept a command from doing its work.
#[derive(Clone, Debug)]
pub(crate) struct Complaint(Box<Parts>);

/// In a box, so that results stay small on their way up.
#[derive(Clone, Debug)]
struct Parts {
    code: Code,
    what: String,
    place: Option<String>,
    found: Option<String>,
    expected: Option<String>,
    remedy: String,
}

impl Complaint {
    pub(crate) fn new(code: Code, what: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            what: what.into(),
            place: None,
            found: None,
            expected: None,
            remedy: format!("stella explain {code}"),
        }))
    }

    /// What a library refused, in `place` (usually a file).
    pub(crate) fn of(reason: &dyn Reason, place: &str) -> Self {
        let what = without_place(reason.to_string(), reason.place().as_deref());
        let mut complaint = Self::new(reason.code(), what);
        complaint.0.place = Some(match reason.place() {
            Some(inner) => format!("{place}, {inner}"),
            None => place.to_string(),
        });
        complaint.0.found = reason.found();
        complaint.0.expected = reason.expected();
        complaint
    }

    /// What a library refused, which knows the place, if there is one.
    pub(crate) fn reported(reason: &dyn Reason) -> Self {
        let what = without_place(reason.to_string(), reason.place().as_deref());
        let mut complaint = Self::new(reason.code(), what);
        complaint.0.place = reason.place();
        complaint.0.found = reason.found();
        complaint.0.expected = reason.expected();
        complaint
    }

    pub(crate) fn place(mut self, place: impl Into<String>) -> Self {
        self.0.place = Some(place.into());
        self
    }

    pub(crate) fn in_file(self, path: &Path) -> Self {
        self.place(path.display().to_string())
    }

    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.0.found = Some(found.into());
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = remedy.into();
        self
    }

    pub(crate) const fn code(&self) -> Code {
        self.0.code
    }

    /// The same, as what keeps a check from looking.
    pub(crate) fn into_trouble(self, facility: Facility) -> Trouble {
        let Parts { code, what, place, found, expected, remedy } = *self.0;
        // A remedy is a sentence, or a command, or a command with words around it.
        let is_command = ["stella ", "chmod "].iter().any(|first| remedy.starts_with(first))
            && !remedy.contains([';', ',', '\'', '"', '(']);
        let mending = match is_command {
            true => Mending::new("run this").command(&remedy.split_whitespace().collect::<Vec<_>>()),
            false => Mending::new(remedy),
        };
        Trouble { facility, code, summary: what, place, found, expected, mending: Box::new(mending) }
    }

    /// `error[<code>]: <what is wrong> in <where>: found <x>, expected <y>; try: <command or reference>`, escaped, with a line break at the end.
    pub(crate) fn line(&self) -> String {
        self.line_of("error")
    }

    /// The same line for what keeps nobody from anything: `warning[<code>]: …`.
    pub(crate) fn warning(&self) -> String {
        self.line_of("warning")
    }

    fn line_of(&self, severity: &str) -> String {
        let place = self.0.place.as_deref().filter(|place| !says(&self.0.what, place));
        let mut line = format!("{severity}[{}]: {}", self.0.code, Bounded(&self.0.what, QUOTED * 2));
        // Writing to a string cannot fail.
        if let Some(place) = place {
            let _ = write!(line, " in {}", Bounded(place, QUOTED));
        }
        match (&self.0.found, &self.0.expected) {
            (Some(found), Some(expected)) => {
                let _ = write!(line, ": found {}, expected {}", Bounded(found, QUOTED), Bounded(expected, QUOTED));
            }
            (Some(found), None) => {
                let _ = write!(line, ": found {}", Bounded(found, QUOTED));
            }
            (None, Some(expected)) => {
                let _ = write!(line, ": expected {}", Bounded(expected, QUOTED));
            }
            (None, None) => {}
        }
        let _ = write!(line, "; try: {}", Bounded(&self.0.remedy, QUOTED));
        shorten(&mut line, LONGEST - 1);
        line.push('\n');
        line
    }

    /// The line without severity, code and remedy, for what has these in members of their own.
    pub(crate) fn sentence(&self) -> String {
        let line = self.line();
        let line = line.trim_end().split_once("]: ").map_or(line.trim_end(), |(_, rest)| rest).to_string();
        line.rsplit_once("; try: ").map_or(line.clone(), |(sentence, _)| sentence.to_string())
    }

    /// `stella.error/1`.
    pub(crate) fn json(&self) -> Value {
        let maybe = |text: &Option<String>| Value::maybe(text.as_deref().map(|text| Bounded(text, QUOTED).to_string()));
        Value::object([
            ("schema", Value::text("stella.error/1")),
            ("code", Value::text(self.0.code.as_str())),
            ("summary", Value::text(Bounded(&self.0.what, QUOTED * 2).to_string())),
            ("where", maybe(&self.0.place)),
            ("found", maybe(&self.0.found)),
            ("expected", maybe(&self.0.expected)),
            ("remedy", Value::text(Bounded(&self.0.remedy, QUOTED).to_string())),
        ])
    }
}

/// Whether a message says a place already, so that a line need not say it twice.
fn says(what: &str, place: &str) -> bool {
    let is_word =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || "-_./".contains(letter));
    what.match_indices(place).any(|(at, _)| {
        let (before, after) = (&what[..at], &what[at + place.len()..]);
        !is_word(before.chars().next_back()) && !is_word(after.chars().next())
    })
}

/// What a library says without the end or beginning that its place says too, such as ` at byte 394`.
fn without_place(what: String, inner: Option<&str>) -> String {
    let Some(last) = inner.and_then(|inner| inner.rsplit(", ").next()) else { return what };
    for between in [" at ", " in "] {
        if let Some(rest) = what.strip_suffix(last).and_then(|rest| rest.strip_suffix(between)) {
            return rest.to_string();
        }
    }
    for before in ["PEM ", ""] {
        let rest = what.strip_prefix(before).and_then(|rest| rest.strip_prefix(last));
        if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(": ")) {
            return rest.to_string();
        }
    }
    what
}

/// Cuts `line` to at most `limit` bytes, with `…` in place of what was left out.
fn shorten(line: &mut String, limit: usize) {
    if line.len() <= limit {
        return;
    }
    let mut end = limit.saturating_sub('…'.len_utf8());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.truncate(end);
    line.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_everything_in_one_order() {
        let line = Complaint::new(Code::InputEmpty, "nothing in it")
            .place("a.json")
            .found("0 bytes")
            .expected("an attestation")
            .line();
        assert_eq!(
            line,
            "error[input.empty]: nothing in it in a.json: found 0 bytes, expected an attestation; try: stella explain input.empty\n"
        );
    }

    #[test]
    fn a_line_is_one_line_of_at_most_two_kibibytes_whatever_is_quoted() {
        let hostile = "\u{1b}[2J\n\u{202e}日".repeat(5000);
        let line = Complaint::new(Code::InputEmpty, hostile.clone())
            .place(hostile.clone())
            .found(hostile.clone())
            .expected(hostile.clone())
            .remedy(hostile)
            .line();
        assert!(line.len() <= LONGEST);
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains('\u{1b}') && !line.contains('\u{202e}'));
    }
}
