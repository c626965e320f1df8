//! Where in a document something is.

use alloc::string::String;
use core::fmt::{self, Write as _};

use stella_vocabulary::text::Bounded;

/// Where in a document something is: JSON path, line and column.
///
/// Prints as `$.signatures[0].sig (line 3, column 14)`. Member names that are not plain words are quoted, shortened and
/// freed of control characters; a path of more than 12 steps is shortened in the middle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    path: String,
    line: usize,
    column: usize,
    offset: usize,
}

impl Place {
    /// The place of the byte `offset` of `source`, reached by `steps` from the root.
    pub(super) fn new(source: &[u8], offset: usize, steps: &[Step<'_>]) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line = before.iter().filter(|byte| **byte == b'\n').count();
        let tail = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let column = tail.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        Self { path: path_of(steps), line: line.saturating_add(1), column: column.saturating_add(1), offset }
    }

    /// The whole document.
    pub(crate) fn root() -> Self {
        Self { path: String::from("$"), line: 1, column: 1, offset: 0 }
    }

    /// The JSON path: `$` is the document, `.name` a member, `[0]` an element.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The offset in bytes, from 0.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The same place when `lines` lines and `bytes` bytes precede the document.
    pub(crate) fn after(&mut self, lines: usize, bytes: usize) {
        self.line = self.line.saturating_add(lines);
        self.offset = self.offset.saturating_add(bytes);
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {})", self.path, self.line, self.column)
    }
}

/// One step of a JSON path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Element(usize),
    Member(&'a str),
}

/// Steps shown at either end of a long path.
const SHOWN: usize = 6;
/// Characters shown of a member name.
const NAME: usize = 48;

fn path_of(steps: &[Step<'_>]) -> String {
    let mut path = String::from("$");
    let hidden = SHOWN..steps.len().saturating_sub(SHOWN);
    for (depth, step) in steps.iter().enumerate() {
        if hidden.contains(&depth) {
            if depth == SHOWN {
                path.push('…');
            }
            continue;
        }
        // Writing to a String does not fail.
        let _ = match step {
            Step::Element(index) => write!(path, "[{index}]"),
            Step::Member(name) if is_plain(name) => write!(path, ".{name}"),
            Step::Member(name) => write!(path, "[\"{}\"]", Bounded(name, NAME)),
        };
    }
    path
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
