//! One pass over the input, without recursion.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::error::{Error, ErrorKind};
use super::place::{Place, Step};
use super::tape::{self, Document, Shape, Slot, Unescaped};
use crate::Limits;

/// Parses `input`, whose length is at most [`tape::LARGEST`].
pub(super) fn document<'a>(input: &'a [u8], limits: &Limits) -> Result<Document<'a>, Error> {
    if let Some(encoding) = foreign_encoding(input) {
        return Err(Error::new(ErrorKind::Bom { encoding }, Place::root()));
    }
    let source = core::str::from_utf8(input).map_err(|error| {
        let place = Place::new(input, error.valid_up_to(), &[]);
        Error::new(ErrorKind::InvalidUnicode { found: "a byte sequence that is not UTF-8" }, place)
    })?;
    let mut parser = Parser {
        source,
        bytes: input,
        at: 0,
        // Real bundles hold one value in about 60 bytes of text; growth takes care of the rest.
        slots: Vec::with_capacity(16 + input.len() / 64),
        escaped: Vec::new(),
        arena: String::new(),
        frames: Vec::with_capacity(limits.json_depth.min(16)),
        names: Vec::with_capacity(32),
        depth_limit: limits.json_depth,
        member_limit: limits.json_members,
    };
    parser.run()?;
    Ok(Document { source, slots: parser.slots, escaped: parser.escaped, arena: parser.arena })
}

/// The encoding of `input`, if its first bytes tell one that is not plain UTF-8.
fn foreign_encoding(input: &[u8]) -> Option<&'static str> {
    match input {
        [0xef, 0xbb, 0xbf, ..] => Some("UTF-8 with a byte order mark"),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32 with a byte order mark"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16 with a byte order mark"),
        // JSON starts with an ASCII character; how it is padded tells the encoding.
        [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => Some("UTF-32"),
        [0, 1..=255, 0, _, ..] | [1..=255, 0, _, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

struct Parser<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    slots: Vec<Slot>,
    escaped: Vec<Unescaped>,
    arena: String,
    frames: Vec<Frame>,
    /// Slots of the member names of all open objects, outermost first.
    names: Vec<u32>,
    depth_limit: usize,
    member_limit: usize,
}

/// An array or object that is still open.
struct Frame {
    shape: Shape,
    /// Its first slot.
    slot: u32,
    /// Children begun so far.
    children: u32,
    /// Where in `names` its member names start.
    names: usize,
}

enum State {
    /// A value must come.
    Value,
    /// The first child of a container, or its end.
    First,
    /// A member name must come.
    Name,
    /// A comma or the end of the container.
    After,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), Error> {
        self.skip_white_space();
        let mut state = State::Value;
        loop {
            state = match state {
                State::Value => self.value()?,
                State::First => self.first()?,
                State::Name => self.name()?,
                State::After if self.frames.is_empty() => break,
                State::After => self.after()?,
            };
        }
        self.skip_white_space();
        if self.at < self.bytes.len() {
            return Err(self.error(ErrorKind::TrailingData { found: self.found() }));
        }
        Ok(())
    }

    fn value(&mut self) -> Result<State, Error> {
        match self.peek() {
            Some(b'"') => self.string().map(|()| State::After),
            Some(b'{') => self.open(Shape::Object),
            Some(b'[') => self.open(Shape::Array),
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| State::After),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.syntax("a value")),
        }
    }

    fn open(&mut self, shape: Shape) -> Result<State, Error> {
        if self.frames.len() >= self.depth_limit {
            return Err(self.error(ErrorKind::DepthExceeded { limit: self.depth_limit }));
        }
        let slot = self.next_slot();
        self.slots.extend([Slot::new(shape, self.at as u32, 0), Slot::new(Shape::Literal, 0, 0)]);
        self.frames.push(Frame { shape, slot, children: 0, names: self.names.len() });
        self.advance();
        self.skip_white_space();
        Ok(State::First)
    }

    fn first(&mut self) -> Result<State, Error> {
        match (self.peek(), self.frames.last().map(|frame| frame.shape)) {
            (Some(b'}'), Some(Shape::Object)) | (Some(b']'), Some(Shape::Array)) => self.close(),
            (_, Some(Shape::Object)) => Ok(State::Name),
            _ => self.child().map(|()| State::Value),
        }
    }

    fn name(&mut self) -> Result<State, Error> {
        if self.peek() != Some(b'"') {
            return Err(self.syntax("a member name in double quotes"));
        }
        self.child()?;
        let slot = self.next_slot();
        self.string()?;
        self.names.push(slot);
        self.skip_white_space();
        if self.peek() != Some(b':') {
            return Err(self.syntax("a colon"));
        }
        self.advance();
        self.skip_white_space();
        Ok(State::Value)
    }

    fn after(&mut self) -> Result<State, Error> {
        self.skip_white_space();
        let shape = self.frames.last().map(|frame| frame.shape);
        match (self.peek(), shape) {
            (Some(b','), _) => {
                self.advance();
                self.skip_white_space();
                if shape == Some(Shape::Object) { Ok(State::Name) } else { self.child().map(|()| State::Value) }
            }
            (Some(b'}'), Some(Shape::Object)) | (Some(b']'), Some(Shape::Array)) => self.close(),
            (_, Some(Shape::Object)) => Err(self.syntax("a comma or a closing brace")),
            _ => Err(self.syntax("a comma or a closing bracket")),
        }
    }

    /// Counts a child of the innermost container.
    fn child(&mut self) -> Result<(), Error> {
        let limit = self.member_limit;
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        if frame.shape == Shape::Object && frame.children as usize >= limit {
            return Err(self.error(ErrorKind::TooManyMembers { limit }));
        }
        frame.children = frame.children.saturating_add(1);
        Ok(())
    }

    fn close(&mut self) -> Result<State, Error> {
        self.advance();
        let Some(frame) = self.frames.last() else { return Ok(State::After) };
        if frame.shape == Shape::Object {
            self.check_names(frame.names)?;
        }
        let Some(frame) = self.frames.pop() else { return Ok(State::After) };
        self.names.truncate(frame.names);
        let next = self.next_slot();
        if let Some([header, footer]) =
            self.slots.get_mut(frame.slot as usize..).and_then(|rest| rest.first_chunk_mut())
        {
            *header = Slot::new(frame.shape, header.at, frame.children);
            *footer = Slot { at: self.at as u32, tag: next };
        }
        Ok(State::After)
    }

    /// Refuses two equal names among `names[from..]`, naming the earliest second occurrence.
    fn check_names(&self, from: usize) -> Result<(), Error> {
        let names = self.names.get(from..).unwrap_or_default();
        let twice = if names.len() <= FEW {
            names.iter().enumerate().find_map(|(position, name)| {
                let text = self.text(*name);
                names.iter().take(position).any(|earlier| self.text(*earlier) == text).then_some(*name)
            })
        } else {
            let mut sorted: Vec<(&str, u32)> = names.iter().map(|name| (self.text(*name), *name)).collect();
            sorted.sort_unstable();
            let pairs = sorted.iter().zip(sorted.iter().skip(1));
            pairs.filter(|(left, right)| left.0 == right.0).map(|(_, right)| right.1).min()
        };
        let Some(name) = twice else { return Ok(()) };
        let text = self.text(name);
        let mut steps = self.steps();
        steps.pop();
        steps.push(Step::Member(text));
        let offset = self.slots.get(name as usize).map_or(0, |slot| (slot.at as usize).saturating_sub(1));
        let name = text.chars().take(100).collect();
        Err(Error::new(ErrorKind::DuplicateKey { name }, Place::new(self.bytes, offset, &steps)))
    }

    fn text(&self, slot: u32) -> &str {
        tape::string(self.source, &self.slots, &self.escaped, &self.arena, slot)
    }

    fn literal(&mut self, word: &'static str) -> Result<State, Error> {
        if !self.bytes.get(self.at..).unwrap_or_default().starts_with(word.as_bytes()) {
            return Err(self.syntax("a value"));
        }
        self.slots.push(Slot::new(Shape::Literal, self.at as u32, word.len() as u32));
        self.at = self.at.saturating_add(word.len());
        Ok(State::After)
    }

    fn number(&mut self) -> Result<(), Error> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.advance();
        }
        match self.peek() {
            Some(b'0') => self.advance(),
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.advance();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.advance();
            if let Some(b'+' | b'-') = self.peek() {
                self.advance();
            }
            self.digits()?;
        }
        self.slots.push(Slot::new(Shape::Number, start as u32, self.at.saturating_sub(start) as u32));
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Error> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.syntax("a digit"));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.advance();
        }
        Ok(())
    }

    /// A string, from its opening quote to past its closing one.
    fn string(&mut self) -> Result<(), Error> {
        self.advance();
        let start = self.at;
        self.skip_plain();
        let shape = match self.peek() {
            Some(b'"') => Shape::Text,
            _ => {
                self.unescape(start)?;
                Shape::Escaped
            }
        };
        self.slots.push(Slot::new(shape, start as u32, self.at.saturating_sub(start) as u32));
        self.advance();
        Ok(())
    }

    /// Unescapes into the arena the string that starts at `start`, up to its closing quote; nothing up to here was
    /// special.
    fn unescape(&mut self, start: usize) -> Result<(), Error> {
        if self.escaped.is_empty() {
            // The checkpoint of a bundle's log entry, usually the only text with escapes.
            self.escaped.reserve(8);
            self.arena.reserve(512);
        }
        let arena_start = self.arena.len();
        let mut plain = start;
        // A lone surrogate is reported when the string ends: if it does not, that is the error.
        let mut lone = None;
        loop {
            self.arena.push_str(self.source.get(plain..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let escape = self.at;
                    match self.escape()? {
                        Some(character) => self.arena.push(character),
                        None => lone = lone.or(Some(escape)),
                    }
                }
                Some(_) => return Err(self.syntax("no unescaped control character in a string")),
                None => return Err(self.syntax("a closing quote")),
            }
            plain = self.at;
            self.skip_plain();
        }
        if let Some(escape) = lone {
            self.at = escape;
            return Err(self.error(ErrorKind::InvalidUnicode { found: "half a surrogate pair" }));
        }
        let (slot, end) = (self.next_slot(), self.arena.len() as u32);
        self.escaped.push(Unescaped { slot, start: arena_start as u32, end });
        Ok(())
    }

    /// One escape sequence; `None` is a lone surrogate.
    fn escape(&mut self) -> Result<Option<char>, Error> {
        self.advance();
        let simple = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.advance();
                return self.unicode_escape();
            }
            _ => return Err(self.syntax("an escape sequence")),
        };
        self.advance();
        Ok(Some(simple))
    }

    /// Four digits, and a second escape if they are the high half of a surrogate pair.
    fn unicode_escape(&mut self) -> Result<Option<char>, Error> {
        let high = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high));
        }
        if !self.bytes.get(self.at..).unwrap_or_default().starts_with(b"\\u") {
            return Ok(None);
        }
        let second = self.at;
        self.at = self.at.saturating_add(2);
        let low = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&low) {
            // It stands for itself, and may be the first half of a pair.
            self.at = second;
            return Ok(None);
        }
        Ok(char::from_u32(0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff)))
    }

    fn four_digits(&mut self) -> Result<u32, Error> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value << 4 | digit.ok_or_else(|| self.syntax("a hexadecimal digit"))?;
            self.advance();
        }
        Ok(value)
    }

    /// Moves to the next quote, backslash or control character, or to the end.
    fn skip_plain(&mut self) {
        // Eight bytes at a time: a byte has its high bit set in `special` if it, or a lower byte, is one of the three.
        while let Some(chunk) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_le_bytes(*chunk);
            let special = (zero_bytes(word ^ QUOTES) | zero_bytes(word ^ BACKSLASHES) | controls(word)) & HIGH;
            if special != 0 {
                self.at = self.at.saturating_add((special.trailing_zeros() / 8) as usize);
                return;
            }
            self.at = self.at.saturating_add(8);
        }
        while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
            self.advance();
        }
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.advance();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn next_slot(&self) -> u32 {
        self.slots.len() as u32
    }

    fn syntax(&self, expected: &'static str) -> Error {
        self.error(ErrorKind::Syntax { found: self.found(), expected })
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, Place::new(self.bytes, self.at, &self.steps()))
    }

    /// What is at the current place, for people.
    fn found(&self) -> String {
        match self.source.get(self.at..).and_then(|rest| rest.chars().next()) {
            None if self.at >= self.bytes.len() => "the end of the document".to_string(),
            None => "the middle of a character".to_string(),
            Some(character) if character.is_control() => format!("U+{:04X}", u32::from(character)),
            Some(character) => format!("'{character}'"),
        }
    }

    /// The path to the value that is being parsed.
    fn steps(&self) -> Vec<Step<'_>> {
        let ends = self.frames.iter().skip(1).map(|frame| frame.names).chain([self.names.len()]);
        let step = |(frame, end): (&Frame, usize)| match frame.shape {
            Shape::Object => {
                let own = self.names.get(frame.names..end).unwrap_or_default();
                own.last().map(|name| Step::Member(self.text(*name)))
            }
            _ => frame.children.checked_sub(1).map(|index| Step::Element(index as usize)),
        };
        self.frames.iter().zip(ends).filter_map(step).collect()
    }
}

/// Up to this many names are compared pair by pair; more are sorted.
const FEW: usize = 8;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;
const QUOTES: u64 = LOW * b'"' as u64;
const BACKSLASHES: u64 = LOW * b'\\' as u64;

/// The high bit of the lowest zero byte of `word` is set, none below it is.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word
}

/// The high bit of the lowest byte below 0x20 is set, none below it is.
fn controls(word: u64) -> u64 {
    word.wrapping_sub(LOW * 0x20) & !word
}
