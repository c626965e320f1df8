//! A parsed document: the input, and a flat tape of what is where in it.

use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, ErrorKind};
use super::parse;
use super::place::{Place, Step};
use super::value::{Kind, Value};
use crate::Limits;

/// A parsed document that borrows its input.
///
/// RFC 8259, with the choices it leaves open made strictly: see the [module documentation](crate::json).
#[derive(Clone, Debug)]
pub struct Document<'a> {
    pub(super) source: &'a str,
    pub(super) slots: Vec<Slot>,
    pub(super) escaped: Vec<Unescaped>,
    pub(super) arena: String,
}

impl<'a> Document<'a> {
    /// Parses one document of at most `limits.document_bytes` bytes.
    ///
    /// # Errors
    /// `input.too_large`, or a code of the family `json` with path, line and column.
    pub fn parse(input: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        Self::parse_within(input, limits.document_bytes, limits)
    }

    /// Parses one document of at most `bytes` bytes, whatever `limits` says about the size of documents.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_within(input: &'a [u8], bytes: usize, limits: &Limits) -> Result<Self, Error> {
        parse::document(bounded(input, bytes)?, limits, None)
    }

    /// Like [`Document::parse_within`], for a reader who wants no more than the text of the value of one member of the
    /// outermost object, `folded`. That value is judged like the rest, but the tape ends at its brackets, as if it were
    /// empty: a predicate of megabytes costs no memory.
    pub(crate) fn parse_folded(
        input: &'a [u8],
        bytes: usize,
        limits: &Limits,
        folded: &'static str,
    ) -> Result<Self, Error> {
        parse::document(bounded(input, bytes)?, limits, Some(folded))
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_, 'a> {
        Value { document: self, slot: 0 }
    }

    /// The text that was parsed, white space around the document included.
    pub fn source(&self) -> &'a str {
        self.source
    }

    pub(super) fn slot(&self, index: u32) -> Slot {
        self.slots.get(index as usize).copied().unwrap_or(Slot::NULL)
    }

    /// The slot after the value at `index` and everything inside it.
    pub(super) fn after(&self, index: u32) -> u32 {
        match self.slot(index).shape() {
            Shape::Array | Shape::Object => self.slot(index.saturating_add(1)).tag,
            _ => index.saturating_add(1),
        }
    }

    /// The text of the string at `index`, unescaped.
    pub(super) fn string(&self, index: u32) -> &str {
        string(self.source, &self.slots, &self.escaped, &self.arena, index)
    }

    /// The source text of the value at `index`, quotes and brackets included.
    pub(super) fn raw(&self, index: u32) -> &'a str {
        let slot = self.slot(index);
        let (start, end) = match slot.shape() {
            Shape::Literal | Shape::Number => (slot.at, slot.at.saturating_add(slot.size())),
            Shape::Text | Shape::Escaped => {
                (slot.at.saturating_sub(1), slot.at.saturating_add(slot.size()).saturating_add(1))
            }
            Shape::Array | Shape::Object => (slot.at, self.slot(index.saturating_add(1)).at),
        };
        self.source.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Where the value at `index` is. Walks down from the root: for errors only.
    pub(super) fn place(&self, index: u32) -> Place {
        let mut steps = Vec::new();
        let mut at = 0_u32;
        while at < index {
            let slot = self.slot(at);
            let is_object = slot.shape() == Shape::Object;
            let mut child = at.saturating_add(2);
            for position in 0..slot.size() as usize {
                let value = if is_object { child.saturating_add(1) } else { child };
                let next = self.after(value);
                if index < next {
                    steps.push(if is_object { Step::Member(self.string(child)) } else { Step::Element(position) });
                    child = value;
                    break;
                }
                child = next;
            }
            if child <= at || child > index {
                break;
            }
            at = child;
        }
        let slot = self.slot(index);
        let quote = u32::from(matches!(slot.shape(), Shape::Text | Shape::Escaped));
        Place::new(self.source.as_bytes(), slot.at.saturating_sub(quote) as usize, &steps)
    }

    pub(super) fn kind(&self, index: u32) -> Kind {
        match self.slot(index).shape() {
            Shape::Array => Kind::Array,
            Shape::Object => Kind::Object,
            Shape::Number => Kind::Number,
            Shape::Text | Shape::Escaped => Kind::String,
            Shape::Literal if self.raw(index) == "null" => Kind::Null,
            Shape::Literal => Kind::Bool,
        }
    }
}

fn bounded(input: &[u8], bytes: usize) -> Result<&[u8], Error> {
    let limit = bytes.min(LARGEST);
    if input.len() > limit {
        return Err(Error::new(ErrorKind::TooLarge { found: input.len(), limit }, Place::root()));
    }
    Ok(input)
}

/// The text of the string in slot `index`.
pub(super) fn string<'d>(
    source: &'d str,
    slots: &[Slot],
    escaped: &[Unescaped],
    arena: &'d str,
    index: u32,
) -> &'d str {
    let slot = slots.get(index as usize).copied().unwrap_or(Slot::NULL);
    let text = match slot.shape() {
        Shape::Text => source.get(slot.at as usize..slot.at.saturating_add(slot.size()) as usize),
        Shape::Escaped => escaped
            .binary_search_by_key(&index, |entry| entry.slot)
            .ok()
            .and_then(|found| escaped.get(found))
            .and_then(|entry| arena.get(entry.start as usize..entry.end as usize)),
        _ => None,
    };
    text.unwrap_or_default()
}

/// Offsets and sizes share a word with the shape, which takes three bits.
pub(super) const LARGEST: usize = (1 << SIZE_BITS) - 1;
const SIZE_BITS: u32 = 29;

/// Eight bytes for each scalar and member name. An array or object takes two slots: its start and number of children,
/// then its end and the slot that follows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) at: u32,
    pub(super) tag: u32,
}

impl Slot {
    const NULL: Self = Self { at: 0, tag: 0 };

    /// `size` is below 2^29: it counts bytes or children of an input whose length was checked.
    pub(super) fn new(shape: Shape, at: u32, size: u32) -> Self {
        Self { at, tag: (shape as u32) << SIZE_BITS | size & LARGEST as u32 }
    }

    pub(super) fn shape(self) -> Shape {
        match self.tag >> SIZE_BITS {
            1 => Shape::Number,
            2 => Shape::Text,
            3 => Shape::Escaped,
            4 => Shape::Array,
            5 => Shape::Object,
            _ => Shape::Literal,
        }
    }

    /// Bytes of a scalar (of a string: between its quotes), children of an array, members of an object.
    pub(super) fn size(self) -> u32 {
        self.tag & LARGEST as u32
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u32)]
pub(super) enum Shape {
    Literal = 0,
    Number = 1,
    Text = 2,
    Escaped = 3,
    Array = 4,
    Object = 5,
}

/// Where the unescaped text of the string in `slot` is in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unescaped {
    pub(super) slot: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}
