//! Strict DER elements with their offsets in the certificate.
//!
//! Headers are read by the `der` crate (minimal definite lengths only); positions are ours, so that every error names a
//! byte of the certificate and every signed span is a range of the original bytes.

use core::ops::Range;

use der::{Decode, Header, Reader, SliceReader, Tag, TagNumber};

use crate::oid::Oid;

/// What is wrong with a piece of DER, and at which byte of the whole input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) offset: usize,
    pub(crate) field: &'static str,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FaultKind {
    /// Elements nested deeper than [`MAX_DEPTH`].
    Depth,
    /// Not DER, or not the element that belongs here.
    Malformed,
    /// Characters a name must not have.
    Name,
    /// A name longer than it may be.
    NameTooLarge,
    /// A date that does not exist or is written in a form RFC 5280 forbids.
    Time,
    /// Bytes left over.
    Trailing,
}

/// Deepest nesting in a real certificate is 9 (a qualifier in a policy, outside its OCTET STRING 5); 32 leaves room.
const MAX_DEPTH: usize = 32;

/// One element: its contents and where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: Tag,
    pub(crate) contents: &'a [u8],
    /// Offset of the header.
    pub(crate) start: usize,
    /// Offset of the contents.
    pub(crate) contents_start: usize,
}

impl<'a> Element<'a> {
    /// Offset after the last byte.
    pub(crate) fn end(&self) -> usize {
        self.contents_start.saturating_add(self.contents.len())
    }

    /// Header and contents.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end()
    }

    /// Contents without header.
    pub(crate) fn contents_range(&self) -> Range<usize> {
        self.contents_start..self.end()
    }

    /// A reader over the contents.
    pub(crate) fn open(&self, field: &'static str) -> Result<Elements<'a>, Fault> {
        Elements::new(self.contents, self.contents_start, field)
    }

    pub(crate) fn fault(&self, kind: FaultKind, field: &'static str) -> Fault {
        Fault { kind, offset: self.start, field }
    }
}

/// Reads one element after the other.
#[derive(Clone)]
pub(crate) struct Elements<'a> {
    reader: SliceReader<'a>,
    base: usize,
    field: &'static str,
}

impl<'a> Elements<'a> {
    /// `base` is the offset of `bytes` in the whole input, `field` what they are.
    pub(crate) fn new(bytes: &'a [u8], base: usize, field: &'static str) -> Result<Self, Fault> {
        let reader = SliceReader::new(bytes).map_err(|_| Fault { kind: FaultKind::Malformed, offset: base, field })?;
        Ok(Self { reader, base, field })
    }

    pub(crate) fn offset(&self) -> usize {
        let position = usize::try_from(self.reader.position()).unwrap_or(usize::MAX);
        self.base.saturating_add(position)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.reader.is_finished()
    }

    pub(crate) fn fault(&self, kind: FaultKind) -> Fault {
        Fault { kind, offset: self.offset(), field: self.field }
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self, field: &'static str) -> Result<Element<'a>, Fault> {
        let start = self.offset();
        let fault = |offset| Fault { kind: FaultKind::Malformed, offset, field };
        let header = Header::decode(&mut self.reader).map_err(|_| fault(start))?;
        let contents_start = self.offset();
        // The length is only compared with what is there; nothing is allocated from it.
        let contents = self.reader.read_slice(header.length()).map_err(|_| fault(start))?;
        Ok(Element { tag: header.tag(), contents, start, contents_start })
    }

    /// The next element, whatever it is, all of which is strict DER though nobody here reads it.
    pub(crate) fn opaque(&mut self, field: &'static str) -> Result<Element<'a>, Fault> {
        let element = self.any(field)?;
        if element.tag.is_constructed() {
            check_nesting(element.contents, element.contents_start, field)?;
        }
        Ok(element)
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: Tag, field: &'static str) -> Result<Element<'a>, Fault> {
        let element = self.any(field)?;
        if element.tag != tag {
            return Err(element.fault(FaultKind::Malformed, field));
        }
        Ok(element)
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: Tag, field: &'static str) -> Result<Option<Element<'a>>, Fault> {
        if self.is_finished() || Tag::peek(&self.reader).ok() != Some(tag) {
            return Ok(None);
        }
        self.any(field).map(Some)
    }

    /// A SEQUENCE, opened.
    pub(crate) fn sequence(&mut self, field: &'static str) -> Result<Elements<'a>, Fault> {
        self.expect(Tag::Sequence, field)?.open(field)
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        if self.is_finished() { Ok(()) } else { Err(self.fault(FaultKind::Trailing)) }
    }
}

/// `[number]`, constructed.
pub(crate) const fn constructed(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// `[number]`, primitive.
pub(crate) const fn primitive(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: TagNumber(number) }
}

/// A DER BOOLEAN: `00` or `FF` and nothing else (X.690 §11.1).
pub(crate) fn boolean(element: &Element<'_>, field: &'static str) -> Result<bool, Fault> {
    match element.contents {
        [0x00] => Ok(false),
        [0xff] => Ok(true),
        _ => Err(element.fault(FaultKind::Malformed, field)),
    }
}

/// The contents of a DER INTEGER, checked to be minimal (X.690 §8.3.2).
pub(crate) fn integer<'a>(element: &Element<'a>, field: &'static str) -> Result<&'a [u8], Fault> {
    match element.contents {
        [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(element.fault(FaultKind::Malformed, field)),
        contents => Ok(contents),
    }
}

/// A DER INTEGER from 0 to 2³¹-1.
pub(crate) fn small_integer(element: &Element<'_>, field: &'static str) -> Result<u32, Fault> {
    let contents = integer(element, field)?;
    let fault = element.fault(FaultKind::Malformed, field);
    if contents.len() > 4 || contents.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(fault);
    }
    Ok(contents.iter().fold(0, |value, byte| (value << 8) | u32::from(*byte)))
}

/// A DER BIT STRING: the number of unused bits and the bytes; unused bits are zero (X.690 §11.2.1).
pub(crate) fn bit_string<'a>(element: &Element<'a>, field: &'static str) -> Result<(u8, &'a [u8]), Fault> {
    let fault = element.fault(FaultKind::Malformed, field);
    let Some((&unused, bytes)) = element.contents.split_first() else { return Err(fault) };
    let last = bytes.last().copied();
    let padding = match (unused, last) {
        (0, _) => 0,
        (1..=7, Some(last)) => last & ((1u8 << unused) - 1),
        _ => return Err(fault),
    };
    if padding == 0 { Ok((unused, bytes)) } else { Err(fault) }
}

/// An AlgorithmIdentifier: where it lies, header included.
pub(crate) fn algorithm(elements: &mut Elements<'_>, field: &'static str) -> Result<Range<usize>, Fault> {
    let element = elements.expect(Tag::Sequence, field)?;
    let mut algorithm = element.open(field)?;
    Oid::from_element(&algorithm.expect(Tag::ObjectIdentifier, field)?, field)?;
    if !algorithm.is_finished() {
        algorithm.opaque(field)?;
    }
    algorithm.finish()?;
    Ok(element.range())
}

/// Walks every constructed element down to [`MAX_DEPTH`] without recursion, so that what no typed reader opens (parameters
/// of algorithms, keys, unusual values of name attributes) is strict DER as well. `base` is the offset of `bytes`.
///
/// Primitive contents, extension values among them, are left to those who read them.
pub(crate) fn check_nesting(bytes: &[u8], base: usize, field: &'static str) -> Result<(), Fault> {
    let fault = |kind, at: usize| Fault { kind, offset: base.saturating_add(at), field };
    let mut reader = SliceReader::new(bytes).map_err(|_| fault(FaultKind::Malformed, 0))?;
    let mut ends = [0usize; MAX_DEPTH];
    let mut depth = 0usize;
    let mut end = bytes.len();
    loop {
        let at = position(&reader);
        if at == end {
            let Some(outer) = depth.checked_sub(1) else { return Ok(()) };
            depth = outer;
            end = ends.get(depth).copied().unwrap_or(0);
            continue;
        }
        let header = Header::decode(&mut reader).map_err(|_| fault(FaultKind::Malformed, at))?;
        let length = usize::try_from(header.length()).unwrap_or(usize::MAX);
        let stop = position(&reader).checked_add(length).filter(|stop| *stop <= end);
        let Some(stop) = stop else { return Err(fault(FaultKind::Malformed, at)) };
        if header.tag().is_constructed() {
            let Some(slot) = ends.get_mut(depth) else { return Err(fault(FaultKind::Depth, at)) };
            *slot = end;
            depth += 1;
            end = stop;
        } else {
            reader.read_slice(header.length()).map_err(|_| fault(FaultKind::Malformed, at))?;
        }
    }
}

fn position(reader: &SliceReader<'_>) -> usize {
    usize::try_from(reader.position()).unwrap_or(usize::MAX)
}
