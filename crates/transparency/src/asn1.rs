//! A cursor over DER that remembers where in the document each element lies.

use core::ops::Range;

use der::{Decode, Reader, SliceReader};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The identifier octet of a constructed context-specific element, `[number]`, for numbers below 31.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// The identifier octet of a primitive context-specific element.
pub(crate) const fn context_primitive(number: u8) -> u8 {
    0x80 | number
}

/// What is wrong with an ASN.1 document, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DerError {
    /// Byte offset in the document.
    pub offset: usize,
    /// What is wrong there.
    pub problem: DerProblem,
}

/// What can be wrong with an ASN.1 document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DerProblem {
    /// A header that DER does not allow, or an element longer than what surrounds it.
    Encoding,
    /// Another element than the one the structure has here; the first octets of both.
    Tag {
        /// The identifier octet the structure has here.
        expected: u8,
        /// The one found, `None` at the end of the surrounding element.
        found: Option<u8>,
    },
    /// Bytes after the end.
    TrailingData,
    /// A value outside its type's or its field's range.
    Value,
}

impl core::fmt::Display for DerError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.problem {
            DerProblem::Encoding => write!(f, "byte {} starts an element that is not DER", self.offset),
            DerProblem::Tag { expected, found: Some(found) } => {
                write!(f, "byte {} has tag 0x{found:02x} where 0x{expected:02x} belongs", self.offset)
            }
            DerProblem::Tag { expected, found: None } => {
                write!(f, "an element with tag 0x{expected:02x} is missing at byte {}", self.offset)
            }
            DerProblem::TrailingData => write!(f, "unexpected data follows at byte {}", self.offset),
            DerProblem::Value => write!(f, "the element at byte {} has a value that is not allowed", self.offset),
        }
    }
}

/// One element: its identifier octet and where it lies in `input`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    input: &'a [u8],
    pub(crate) tag: u8,
    start: usize,
    content: usize,
    end: usize,
}

impl<'a> Element<'a> {
    /// The element with its header.
    pub(crate) fn whole(&self) -> &'a [u8] {
        self.input.get(self.start..self.end).unwrap_or_default()
    }

    /// The element without its header.
    pub(crate) fn content(&self) -> &'a [u8] {
        self.input.get(self.content..self.end).unwrap_or_default()
    }

    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(crate) fn content_range(&self) -> Range<usize> {
        self.content..self.end
    }

    /// A cursor over the elements inside.
    pub(crate) fn inside(&self) -> Cursor<'a> {
        Cursor { input: self.input, position: self.content, end: self.end }
    }

    pub(crate) fn value_error(&self) -> DerError {
        DerError { offset: self.start, problem: DerProblem::Value }
    }

    pub(crate) fn tag_error(&self, expected: u8) -> DerError {
        DerError { offset: self.start, problem: DerProblem::Tag { expected, found: Some(self.tag) } }
    }

    /// The octets of an INTEGER, in the shortest form as DER demands.
    pub(crate) fn integer(&self) -> Result<&'a [u8], DerError> {
        match self.content() {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(self.value_error()),
            octets => Ok(octets),
        }
    }

    /// A small INTEGER that is not negative.
    pub(crate) fn small_integer(&self) -> Result<u8, DerError> {
        match self.integer()? {
            [value @ 0x00..=0x7f] => Ok(*value),
            _ => Err(self.value_error()),
        }
    }
}

/// Reads elements one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    input: &'a [u8],
    position: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self { input, position: 0, end: input.len() }
    }

    /// The one element that `input` holds.
    pub(crate) fn document(input: &'a [u8], tag: u8) -> Result<Element<'a>, DerError> {
        let mut cursor = Self::new(input);
        let element = cursor.expect(tag)?;
        cursor.finish()?;
        Ok(element)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.position >= self.end
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        if self.is_empty() { None } else { self.input.get(self.position).copied() }
    }

    /// The next element, whatever it is.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, DerError> {
        let malformed = DerError { offset: self.position, problem: DerProblem::Encoding };
        let rest = self.input.get(self.position..self.end).ok_or(malformed)?;
        let tag = *rest.first().ok_or(malformed)?;
        let mut reader = SliceReader::new(rest).map_err(|_| malformed)?;
        let header = der::Header::decode(&mut reader).map_err(|_| malformed)?;
        let header_length = usize::try_from(reader.position()).map_err(|_| malformed)?;
        let length = usize::try_from(header.length()).map_err(|_| malformed)?;
        let content = self.position.checked_add(header_length).ok_or(malformed)?;
        let end = content.checked_add(length).filter(|end| *end <= self.end).ok_or(malformed)?;
        let element = Element { input: self.input, tag, start: self.position, content, end };
        self.position = end;
        Ok(element)
    }

    /// The next element, which has this identifier octet.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, DerError> {
        match self.peek() {
            Some(found) if found == tag => self.next(),
            found => Err(DerError { offset: self.position, problem: DerProblem::Tag { expected: tag, found } }),
        }
    }

    /// The next element if it has this identifier octet.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, DerError> {
        if self.peek() == Some(tag) { self.next().map(Some) } else { Ok(None) }
    }

    /// Nothing may follow.
    pub(crate) fn finish(&self) -> Result<(), DerError> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(DerError { offset: self.position, problem: DerProblem::TrailingData })
        }
    }
}
