//! One pass over the input, without recursion.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::error::{Error, ErrorKind};
use super::place::{Place, Step};
use super::scan;
use super::tape::{self, Document, Shape, Slot, Unescaped};
use crate::Limits;

/// Parses `input`, whose length is at most [`tape::LARGEST`]. What is in the outermost member `folded` is judged like
/// the rest, but not kept: it has no children to walk to.
pub(super) fn document<'a>(
    input: &'a [u8],
    limits: &Limits,
    folded: Option<&'static str>,
) -> Result<Document<'a>, Error> {
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
        // Real bundles hold one value in about 60 bytes of text; growth takes care of the rest.
        slots: Vec::with_capacity(16 + input.len() / 64),
        escaped: Vec::new(),
        arena: String::new(),
        frames: Vec::with_capacity(limits.json_depth.min(16)),
        names: Vec::with_capacity(32),
        depth_limit: limits.json_depth,
        member_limit: limits.json_members,
        folded,
        is_folding: false,
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

/// Walks over the input. Steps take the offset they start at and return the one they end at; offsets stay below
/// [`tape::LARGEST`], so adding to them does not overflow. The steps that every value takes are inlined into one loop,
/// which keeps the offset and the ends of the lists in registers: a third of the time of small objects.
struct Parser<'a> {
    source: &'a str,
    bytes: &'a [u8],
    slots: Vec<Slot>,
    escaped: Vec<Unescaped>,
    arena: String,
    frames: Vec<Frame>,
    /// The member names of all open objects, outermost first.
    names: Vec<Name>,
    depth_limit: usize,
    member_limit: usize,
    /// The member of the outermost object whose value is judged but not kept.
    folded: Option<&'static str>,
    is_folding: bool,
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

/// A member name.
#[derive(Clone, Copy)]
struct Name {
    /// Differs only if the texts do.
    fingerprint: u64,
    slot: u32,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), Error> {
        let mut at = scan::white_space(self.bytes, 0);
        loop {
            at = match self.peek(at) {
                Some(b'"') => self.string(at)?,
                Some(b'{') => {
                    at = self.open(Shape::Object, at)?;
                    if self.peek(at) != Some(b'}') {
                        at = self.name(at)?;
                        continue;
                    }
                    self.close(at)?
                }
                Some(b'[') => {
                    at = self.open(Shape::Array, at)?;
                    if self.peek(at) != Some(b']') {
                        self.child(at)?;
                        continue;
                    }
                    self.close(at)?
                }
                Some(b'-' | b'0'..=b'9') => self.number(at)?,
                Some(b't') => self.literal("true", at)?,
                Some(b'f') => self.literal("false", at)?,
                Some(b'n') => self.literal("null", at)?,
                _ => return Err(self.syntax("a value", at)),
            };
            match self.after(at)? {
                Some(next) => at = next,
                None => return Ok(()),
            }
        }
    }

    /// Past a value: on to the next value, out of containers that end here; `None` is the end of the document.
    #[inline(always)]
    fn after(&mut self, at: usize) -> Result<Option<usize>, Error> {
        let mut at = scan::white_space(self.bytes, at);
        while let Some(frame) = self.frames.last() {
            at = match (self.peek(at), frame.shape) {
                (Some(b','), Shape::Object) => {
                    let name = scan::white_space(self.bytes, at + 1);
                    return self.name(name).map(Some);
                }
                (Some(b','), _) => {
                    let element = scan::white_space(self.bytes, at + 1);
                    return self.child(element).map(|()| Some(element));
                }
                (Some(b'}'), Shape::Object) | (Some(b']'), Shape::Array) => self.close(at)?,
                (_, Shape::Object) => return Err(self.syntax("a comma or a closing brace", at)),
                _ => return Err(self.syntax("a comma or a closing bracket", at)),
            };
            at = scan::white_space(self.bytes, at);
        }
        if at < self.bytes.len() {
            return Err(self.error(ErrorKind::TrailingData { found: self.found(at) }, at));
        }
        Ok(None)
    }

    /// Past an opening bracket or brace and the white space after it.
    #[inline(always)]
    fn open(&mut self, shape: Shape, at: usize) -> Result<usize, Error> {
        if self.frames.len() >= self.depth_limit {
            return Err(self.error(ErrorKind::DepthExceeded { limit: self.depth_limit }, at));
        }
        let slot = self.next_slot();
        self.slots.extend([Slot::new(shape, at as u32, 0), Slot::new(Shape::Literal, 0, 0)]);
        self.frames.push(Frame { shape, slot, children: 0, names: self.names.len() });
        Ok(scan::white_space(self.bytes, at + 1))
    }

    /// From a member name to its value.
    #[inline(always)]
    fn name(&mut self, at: usize) -> Result<usize, Error> {
        if self.peek(at) != Some(b'"') {
            return Err(self.syntax("a member name in double quotes", at));
        }
        self.child(at)?;
        let slot = self.next_slot();
        let (start, at) = (at + 1, self.string(at)?);
        let fingerprint = match self.slots.last().map(|slot| slot.shape()) {
            Some(Shape::Text) => fingerprint(self.bytes.get(start..at - 1).unwrap_or_default()),
            _ => fingerprint(self.text(slot).as_bytes()),
        };
        if self.frames.len() == 1 {
            self.is_folding = self.folded == Some(self.text(slot));
        }
        self.names.push(Name { fingerprint, slot });
        let at = scan::white_space(self.bytes, at);
        if self.peek(at) != Some(b':') {
            return Err(self.syntax("a colon", at));
        }
        Ok(scan::white_space(self.bytes, at + 1))
    }

    /// Counts a child of the innermost container.
    fn child(&mut self, at: usize) -> Result<(), Error> {
        let limit = self.member_limit;
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        if frame.shape == Shape::Object && frame.children as usize >= limit {
            return Err(self.error(ErrorKind::TooManyMembers { limit }, at));
        }
        frame.children = frame.children.saturating_add(1);
        Ok(())
    }

    /// Past the closing bracket or brace of the innermost container.
    #[inline(always)]
    fn close(&mut self, at: usize) -> Result<usize, Error> {
        let end = at + 1;
        let Some(frame) = self.frames.last() else { return Ok(end) };
        let names = frame.names;
        // One name cannot occur twice.
        if self.names.len() > names + 1 {
            self.check_names(names)?;
        }
        let Some(mut frame) = self.frames.pop() else { return Ok(end) };
        self.names.truncate(names);
        if self.is_folding && !self.frames.is_empty() {
            self.forget(frame.slot + 2);
            frame.children = 0;
        }
        let next = self.next_slot();
        if let Some([header, footer]) =
            self.slots.get_mut(frame.slot as usize..).and_then(|rest| rest.first_chunk_mut())
        {
            *header = Slot::new(frame.shape, header.at, frame.children);
            *footer = Slot { at: end as u32, tag: next };
        }
        Ok(end)
    }

    /// Takes back everything from slot `from` on.
    #[inline(never)]
    fn forget(&mut self, from: u32) {
        self.slots.truncate(from as usize);
        while let Some(last) = self.escaped.pop_if(|last| last.slot >= from) {
            self.arena.truncate(last.start as usize);
        }
    }

    /// Refuses two equal names among `names[from..]`, naming the earliest second occurrence. Leaves them in any order.
    #[inline(never)]
    fn check_names(&mut self, from: usize) -> Result<(), Error> {
        let mut names = core::mem::take(&mut self.names);
        let own = names.get_mut(from..).unwrap_or_default();
        let is_same = |left: &Name, right: &Name| {
            left.fingerprint == right.fingerprint && self.text(left.slot) == self.text(right.slot)
        };
        let twice = if own.len() <= FEW {
            let mut sorted = own.iter().enumerate();
            sorted.find_map(|(position, name)| {
                own.iter().take(position).any(|earlier| is_same(earlier, name)).then_some(name.slot)
            })
        } else {
            // By text too, lest somebody make up thousands of names with one fingerprint.
            let text = |name: &Name| self.text(name.slot);
            own.sort_unstable_by(|left, right| {
                let by_text = || text(left).cmp(text(right)).then(left.slot.cmp(&right.slot));
                left.fingerprint.cmp(&right.fingerprint).then_with(by_text)
            });
            let pairs = own.iter().zip(own.iter().skip(1));
            pairs.filter(|(left, right)| is_same(left, right)).map(|(_, right)| right.slot).min()
        };
        self.names = names;
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

    fn literal(&mut self, word: &'static str, at: usize) -> Result<usize, Error> {
        if !self.bytes.get(at..).unwrap_or_default().starts_with(word.as_bytes()) {
            return Err(self.syntax("a value", at));
        }
        self.slots.push(Slot::new(Shape::Literal, at as u32, word.len() as u32));
        Ok(at + word.len())
    }

    fn number(&mut self, start: usize) -> Result<usize, Error> {
        let mut at = start;
        if self.peek(at) == Some(b'-') {
            at += 1;
        }
        at = match self.peek(at) {
            Some(b'0') => at + 1,
            _ => self.digits(at)?,
        };
        if self.peek(at) == Some(b'.') {
            at = self.digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.peek(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.peek(at) {
                at += 1;
            }
            at = self.digits(at)?;
        }
        self.slots.push(Slot::new(Shape::Number, start as u32, (at - start) as u32));
        Ok(at)
    }

    /// One digit or more.
    fn digits(&self, start: usize) -> Result<usize, Error> {
        let mut at = start;
        while self.peek(at).is_some_and(|byte| byte.is_ascii_digit()) {
            at += 1;
        }
        if at == start { Err(self.syntax("a digit", at)) } else { Ok(at) }
    }

    /// A string, from its opening quote to past its closing one.
    #[inline(always)]
    fn string(&mut self, quote: usize) -> Result<usize, Error> {
        let start = quote + 1;
        let plain = scan::plain(self.bytes, start);
        let (shape, end) = match self.peek(plain) {
            Some(b'"') => (Shape::Text, plain),
            _ => (Shape::Escaped, self.unescape(start, plain)?),
        };
        self.slots.push(Slot::new(shape, start as u32, (end - start) as u32));
        Ok(end + 1)
    }

    /// Unescapes into the arena the string that starts at `start` and has nothing special before `at`; ends at its
    /// closing quote.
    #[inline(never)]
    fn unescape(&mut self, start: usize, mut at: usize) -> Result<usize, Error> {
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
            self.arena.push_str(self.source.get(plain..at).unwrap_or_default());
            match self.peek(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let (character, end) = self.escape(at)?;
                    match character {
                        Some(character) => self.arena.push(character),
                        None => lone = lone.or(Some(at)),
                    }
                    plain = end;
                }
                Some(_) => return Err(self.syntax("no unescaped control character in a string", at)),
                None => return Err(self.syntax("a closing quote", at)),
            }
            at = scan::plain(self.bytes, plain);
        }
        if let Some(escape) = lone {
            return Err(self.error(ErrorKind::InvalidUnicode { found: "half a surrogate pair" }, escape));
        }
        let (slot, end) = (self.next_slot(), self.arena.len() as u32);
        self.escaped.push(Unescaped { slot, start: arena_start as u32, end });
        Ok(at)
    }

    /// One escape sequence and where it ends; `None` is a lone surrogate.
    fn escape(&self, backslash: usize) -> Result<(Option<char>, usize), Error> {
        let at = backslash + 1;
        let simple = match self.peek(at) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(at + 1),
            _ => return Err(self.syntax("an escape sequence", at)),
        };
        Ok((Some(simple), at + 1))
    }

    /// Four digits, and a second escape if they are the high half of a surrogate pair.
    fn unicode_escape(&self, at: usize) -> Result<(Option<char>, usize), Error> {
        let (high, second) = self.four_digits(at)?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok((char::from_u32(high), second));
        }
        if !self.bytes.get(second..).unwrap_or_default().starts_with(b"\\u") {
            return Ok((None, second));
        }
        let (low, end) = self.four_digits(second + 2)?;
        if !(0xdc00..0xe000).contains(&low) {
            // It stands for itself, and may be the first half of a pair.
            return Ok((None, second));
        }
        Ok((char::from_u32(0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff)), end))
    }

    fn four_digits(&self, start: usize) -> Result<(u32, usize), Error> {
        let mut value = 0;
        for at in start..start + 4 {
            let digit = self.peek(at).and_then(|byte| char::from(byte).to_digit(16));
            value = value << 4 | digit.ok_or_else(|| self.syntax("a hexadecimal digit", at))?;
        }
        Ok((value, start + 4))
    }

    fn peek(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn next_slot(&self) -> u32 {
        self.slots.len() as u32
    }

    #[cold]
    fn syntax(&self, expected: &'static str, at: usize) -> Error {
        self.error(ErrorKind::Syntax { found: self.found(at), expected }, at)
    }

    #[cold]
    fn error(&self, kind: ErrorKind, at: usize) -> Error {
        Error::new(kind, Place::new(self.bytes, at, &self.steps()))
    }

    /// What is there, for people.
    fn found(&self, at: usize) -> String {
        match self.source.get(at..).and_then(|rest| rest.chars().next()) {
            None if at >= self.bytes.len() => "the end of the document".to_string(),
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
                own.last().map(|name| Step::Member(self.text(name.slot)))
            }
            _ => frame.children.checked_sub(1).map(|index| Step::Element(index as usize)),
        };
        self.frames.iter().zip(ends).filter_map(step).collect()
    }
}

/// Up to this many names are compared pair by pair; more are sorted.
const FEW: usize = 16;

/// Equal for equal names, and seldom for others: from their first and last eight bytes and their length.
fn fingerprint(name: &[u8]) -> u64 {
    let ends = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first).rotate_left(29) ^ u64::from_le_bytes(*last),
        _ => name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    ends ^ (name.len() as u64) << 56
}
