//! Documents of files, directories and standard input, as a stream: a file with one a line may be longer than memory.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::input::{Inputs, is_standard_input, name_of};

/// The longest document, in bytes: that of the documents themselves.
pub(super) const LONGEST: usize = 16 << 20;

/// How deep directories are searched; deeper ones are no place for attestations, and may be a loop of mounts.
const DEEPEST: usize = 32;

/// What the names of documents end with, where a directory is searched.
const ENDINGS: [&str; 7] = ["json", "jsonl", "ndjson", "sigstore", "dsse", "intoto", "att"];

/// A document on its way in.
#[derive(Debug)]
pub(super) struct Raw {
    /// Which of the sources.
    pub(super) source: usize,
    /// The line it is on, from 1, if there is one a line.
    pub(super) line: Option<u64>,
    pub(super) bytes: Vec<u8>,
}

/// Something of a source that is no document at all.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) source: usize,
    pub(super) line: Option<u64>,
    pub(super) complaint: Complaint,
}

/// Files to read, in their order.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) paths: Vec<PathBuf>,
    /// How long they are together, as far as that is known.
    pub(super) bytes: u64,
    /// Files in directories that have another name.
    pub(super) left_out: u64,
}

impl Sources {
    /// The files that `said` names, and those in directories.
    ///
    /// # Errors
    /// A name that is said on the command line and cannot be read.
    pub(super) fn gather(said: &[PathBuf]) -> Result<Self, Complaint> {
        let mut sources = Self::default();
        for path in said {
            if is_standard_input(path) {
                sources.paths.push(path.clone());
                continue;
            }
            let metadata = fs::metadata(path).map_err(|error| crate::input::unreadable(path, &error))?;
            if metadata.is_dir() {
                sources.search(path, 0)?;
            } else {
                sources.bytes = sources.bytes.saturating_add(metadata.len());
                sources.paths.push(path.clone());
            }
        }
        Ok(sources)
    }

    fn search(&mut self, directory: &Path, depth: usize) -> Result<(), Complaint> {
        let failed = |error: io::Error| crate::input::unreadable(directory, &error);
        let mut entries = fs::read_dir(directory)
            .map_err(failed)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        entries.sort();
        for path in entries {
            // A link is not followed: what is beside the directory was not said.
            let metadata = fs::symlink_metadata(&path).map_err(failed)?;
            if metadata.is_dir() && depth < DEEPEST {
                self.search(&path, depth + 1)?;
            } else if metadata.is_file() && is_document(&path) {
                self.bytes = self.bytes.saturating_add(metadata.len());
                self.paths.push(path);
            } else {
                self.left_out += 1;
            }
        }
        Ok(())
    }

    pub(super) fn name(&self, source: usize) -> String {
        self.paths.get(source).map_or_else(String::new, |path| name_of(path))
    }

    /// Reads one source, and shows each of its documents; `show` says whether to go on.
    pub(super) fn read(
        &self,
        source: usize,
        inputs: &Inputs,
        show: &mut dyn FnMut(Result<Raw, Unread>, usize) -> Flow,
    ) -> Flow {
        let Some(path) = self.paths.get(source) else { return Flow::GoOn };
        let unread = |complaint, line| Unread { source, line, complaint };
        let mut lines = match inputs.stream(path) {
            Ok(stream) => {
                Lines { reader: BufReader::with_capacity(256 << 10, stream), path, number: 0, read: Some(Vec::new()) }
            }
            Err(complaint) => return show(Err(unread(complaint, None)), 0),
        };
        let by_name = ending(path).is_some_and(|ending| ending == "jsonl" || ending == "ndjson");
        let begun = match lines.begin(by_name) {
            Ok(begun) => begun,
            Err(complaint) => return show(Err(unread(complaint, None)), 0),
        };
        let first = match begun {
            Begun::Whole(bytes) => {
                let length = bytes.len();
                return show(Ok(Raw { source, line: None, bytes }), length);
            }
            Begun::Lines(first) => first,
        };
        for line in first {
            if let Flow::Stop = lines.show(line, source, show) {
                return Flow::Stop;
            }
        }
        loop {
            match lines.next() {
                Ok(None) => return Flow::GoOn,
                Ok(Some(line)) => {
                    if let Flow::Stop = lines.show(line, source, show) {
                        return Flow::Stop;
                    }
                }
                Err(complaint) => return show(Err(unread(complaint, Some(lines.number))), 0),
            }
        }
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flow {
    GoOn,
    Stop,
}

/// What the beginning of a file says about the rest.
enum Begun {
    /// It is one document, and this is all of it.
    Whole(Vec<u8>),
    /// It has one document a line; these are the first lines.
    Lines(Vec<Line>),
}

/// A line with its line feed, if it has one.
struct Line {
    number: u64,
    bytes: Vec<u8>,
    /// How long it is; more than `bytes` if it was too long to be kept.
    length: usize,
}

struct Lines<'p, R> {
    reader: BufReader<R>,
    path: &'p Path,
    number: u64,
    /// Everything that was read, as long as nobody knows whether it is one document.
    read: Option<Vec<u8>>,
}

impl<R: Read> Lines<'_, R> {
    /// Reads as much as is needed to know whether there is one document a line: a first line that is a whole object, and something after it; or
    /// a second line that is one, where the first is spoilt.
    fn begin(&mut self, by_name: bool) -> Result<Begun, Complaint> {
        let mut first = Vec::new();
        while first.len() < 2 {
            match self.next()? {
                Some(line) => first.push(line),
                None => break,
            }
            if by_name {
                self.read = None;
                return Ok(Begun::Lines(first));
            }
        }
        let several = first.len() == 2;
        let mut whole = self.read.take().unwrap_or_default();
        if several && first.iter().any(|line| is_object(&line.bytes)) {
            return Ok(Begun::Lines(first));
        }
        let room = (LONGEST + 1).saturating_sub(whole.len()) as u64;
        self.reader.by_ref().take(room).read_to_end(&mut whole).map_err(|error| self.failed(&error))?;
        if whole.len() > LONGEST || first.iter().any(|line| line.length > LONGEST) {
            return Err(too_long().place(name_of(self.path)));
        }
        Ok(Begun::Whole(whole))
    }

    /// The next line that is more than white space.
    fn next(&mut self) -> Result<Option<Line>, Complaint> {
        loop {
            let mut bytes = Vec::new();
            let room = LONGEST as u64 + 2;
            let read = self.reader.by_ref().take(room).read_until(b'\n', &mut bytes);
            read.map_err(|error| self.failed(&error))?;
            if bytes.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            if let Some(read) = self.read.as_mut().filter(|read| read.len() <= LONGEST) {
                read.extend_from_slice(&bytes);
            }
            let mut length = bytes.len();
            if length as u64 == room && !bytes.ends_with(b"\n") {
                bytes = Vec::new();
                length = length.saturating_add(self.skip()?);
            }
            if length > bytes.len() || !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(Line { number: self.number, bytes, length }));
            }
        }
    }

    /// Passes over the rest of a line.
    fn skip(&mut self) -> Result<usize, Complaint> {
        let mut skipped = 0_usize;
        loop {
            let buffer = self.reader.fill_buf();
            let buffer = match buffer {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(&error)),
            };
            if buffer.is_empty() {
                return Ok(skipped);
            }
            let (count, found) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), false),
            };
            self.reader.consume(count);
            skipped = skipped.saturating_add(count);
            if found {
                return Ok(skipped);
            }
        }
    }

    fn show(&self, line: Line, source: usize, show: &mut dyn FnMut(Result<Raw, Unread>, usize) -> Flow) -> Flow {
        let Line { number, mut bytes, length } = line;
        if bytes.ends_with(b"\n") {
            bytes.pop();
        }
        if length > bytes.len() + 1 || bytes.len() > LONGEST {
            let complaint = too_long().place(format!("{}, line {number}", name_of(self.path)));
            return show(Err(Unread { source, line: Some(number), complaint }), length);
        }
        show(Ok(Raw { source, line: Some(number), bytes }), length)
    }

    fn failed(&self, error: &io::Error) -> Complaint {
        crate::input::unreadable(self.path, error)
    }
}

fn too_long() -> Complaint {
    Complaint::new(Code::InputTooLarge, "this is too large for an attestation")
        .found(format!("more than {LONGEST} bytes"))
        .expected(format!("at most {LONGEST} bytes"))
}

/// Whether a line is one JSON object from its first to its last character, as far as braces tell.
fn is_object(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    if !line.starts_with(b"{") {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (index, byte) in line.iter().enumerate() {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'{') => depth += 1,
            (false, b'}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1 == line.len();
                }
            }
            _ => {}
        }
    }
    false
}

fn ending(path: &Path) -> Option<&str> {
    path.extension().and_then(OsStr::to_str)
}

fn is_document(path: &Path) -> bool {
    ending(path).is_some_and(|ending| ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(name: &str, text: &str) -> Vec<(Option<u64>, String)> {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join(name);
        fs::write(&path, text).unwrap();
        let sources = Sources::gather(&[path]).unwrap();
        let mut found = Vec::new();
        sources.read(0, &Inputs::default(), &mut |raw, _| {
            let raw = raw.unwrap();
            found.push((raw.line, String::from_utf8(raw.bytes).unwrap()));
            Flow::GoOn
        });
        found
    }

    #[test]
    fn a_file_is_one_document_or_one_a_line_as_its_beginning_says() {
        assert_eq!(documents("a.json", "{\"a\":1}\n"), [(None, "{\"a\":1}\n".to_string())]);
        assert_eq!(documents("a.json", "{\n\"a\": {}\n}\n"), [(None, "{\n\"a\": {}\n}\n".to_string())]);
        let two = [(Some(1), "{\"a\":\"}\"}".to_string()), (Some(3), "{}".to_string())];
        assert_eq!(documents("a.json", "{\"a\":\"}\"}\n\n{}"), two);
        let spoilt = [(Some(1), "{\"a".to_string()), (Some(2), "{}".to_string()), (Some(3), "x".to_string())];
        assert_eq!(documents("a.json", "{\"a\n{}\nx\n"), spoilt);
        assert_eq!(documents("a.jsonl", "{}\n"), [(Some(1), "{}".to_string())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("a.jsonl");
        let mut text = b"{}\n".to_vec();
        text.resize(text.len() + LONGEST + 3, b' ');
        text.extend_from_slice(b"x\n{\"b\":1}\n");
        fs::write(&path, text).unwrap();
        let sources = Sources::gather(&[path]).unwrap();
        let mut found = Vec::new();
        sources.read(0, &Inputs::default(), &mut |raw, _| {
            found.push(raw.map(|raw| raw.line).map_err(|unread| (unread.line, unread.complaint.code())));
            Flow::GoOn
        });
        assert_eq!(found, [Ok(Some(1)), Err((Some(2), Code::InputTooLarge)), Ok(Some(3))]);
    }
}
