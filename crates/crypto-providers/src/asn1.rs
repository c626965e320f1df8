//! Just enough DER to read keys, signatures and algorithm identifiers: strict, borrowed, without allocation.

use alloc::vec::Vec;

pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
#[cfg(any(test, feature = "pkcs11", feature = "rustcrypto"))]
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const SEQUENCE: u8 = 0x30;

/// Reads one DER element after the other. Anything BER allows and DER does not is `None`.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// One element: its tag, its contents, and the bytes of both together with the header.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    pub(crate) whole: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes not read yet.
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The contents of the next element, which must have this tag.
    pub(crate) fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        let element = self.next()?;
        (element.tag == tag).then_some(element.contents)
    }

    /// The contents of the next element if it has this tag; otherwise nothing is consumed.
    pub(crate) fn read_optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.rest.first() == Some(&tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    pub(crate) fn next(&mut self) -> Option<Element<'a>> {
        let start = self.rest;
        let (&tag, after_tag) = start.split_first()?;
        // Tag numbers of 31 and more take further bytes; nothing we read has one.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, after_length) = read_length(after_tag)?;
        let contents = after_length.get(..length)?;
        self.rest = after_length.get(length..)?;
        let whole = start.get(..start.len().checked_sub(self.rest.len())?)?;
        Some(Element { tag, contents, whole })
    }
}

/// X.690 §10.1: definite form, in the fewest octets.
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 3 {
        return None;
    }
    let (octets, rest) = rest.split_at_checked(count)?;
    let length = octets.iter().fold(0usize, |length, &octet| (length << 8) | usize::from(octet));
    let minimal = length >= 0x80 && octets.first() != Some(&0);
    minimal.then_some((length, rest))
}

/// Reads `bytes` as exactly one element of this tag, with nothing after it.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    let contents = reader.read(tag)?;
    reader.is_empty().then_some(contents)
}

/// Why the contents of an INTEGER are not a number from zero up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotUnsigned {
    /// X.690 §8.3.2: no octets, or more than needed.
    Encoding,
    Negative,
}

/// The magnitude of an INTEGER, big-endian without leading zeros; zero is the empty slice.
pub(crate) fn unsigned(contents: &[u8]) -> Result<&[u8], NotUnsigned> {
    match contents {
        [] => Err(NotUnsigned::Encoding),
        [0x00] => Ok(&[]),
        [0x00, second, ..] if *second < 0x80 => Err(NotUnsigned::Encoding),
        [0x00, rest @ ..] => Ok(rest),
        [0xff, second, ..] if *second >= 0x80 => Err(NotUnsigned::Encoding),
        [first, ..] if *first >= 0x80 => Err(NotUnsigned::Negative),
        all => Ok(all),
    }
}

/// Appends one element.
pub(crate) fn write(out: &mut Vec<u8>, tag: u8, contents: &[&[u8]]) {
    out.push(tag);
    let length: usize = contents.iter().map(|part| part.len()).sum();
    if length < 0x80 {
        out.push(length.to_le_bytes()[0]);
    } else {
        let octets = length.to_be_bytes();
        let used = octets.iter().position(|&octet| octet != 0).map_or(&octets[..0], |first| &octets[first..]);
        out.push(0x80 | used.len().to_le_bytes()[0]);
        out.extend_from_slice(used);
    }
    for part in contents {
        out.extend_from_slice(part);
    }
}

/// Appends an INTEGER from a big-endian magnitude, which may have leading zeros.
#[cfg(any(feature = "pkcs11", feature = "rustcrypto"))]
pub(crate) fn write_unsigned(out: &mut Vec<u8>, magnitude: &[u8]) {
    let first = magnitude.iter().position(|&octet| octet != 0).unwrap_or(magnitude.len());
    let digits = magnitude.get(first..).unwrap_or(&[]);
    match digits.first() {
        Some(&top) if top < 0x80 => write(out, INTEGER, &[digits]),
        _ => write(out, INTEGER, &[&[0], digits]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn lengths_are_read_only_in_their_shortest_form() {
        assert_eq!(only(&[0x04, 0x01, 0xaa], OCTET_STRING), Some(&[0xaa][..]));
        assert_eq!(only(&[0x04, 0x81, 0x01, 0xaa], OCTET_STRING), None);
        assert_eq!(only(&[0x04, 0x82, 0x00, 0x01, 0xaa], OCTET_STRING), None);
        assert_eq!(only(&[0x24, 0x80, 0x04, 0x01, 0xaa, 0x00, 0x00], 0x24), None);
        assert_eq!(only(&[0x04, 0x01, 0xaa, 0x00], OCTET_STRING), None);
        assert_eq!(only(&[0x04, 0x02, 0xaa], OCTET_STRING), None);
        assert_eq!(only(&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff], OCTET_STRING), None);
    }

    #[test]
    fn what_is_written_is_read_back_at_every_length_boundary() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let contents = vec![7; length];
            let mut out = Vec::new();
            write(&mut out, OCTET_STRING, &[&contents]);
            assert_eq!(only(&out, OCTET_STRING), Some(&contents[..]));
        }
    }

    #[test]
    fn integers_are_read_only_in_their_shortest_form() {
        assert_eq!(unsigned(&[0]), Ok(&[][..]));
        assert_eq!(unsigned(&[0x7f]), Ok(&[0x7f][..]));
        assert_eq!(unsigned(&[0, 0x80]), Ok(&[0x80][..]));
        assert_eq!(unsigned(&[0, 0x7f]), Err(NotUnsigned::Encoding));
        assert_eq!(unsigned(&[]), Err(NotUnsigned::Encoding));
        assert_eq!(unsigned(&[0x80]), Err(NotUnsigned::Negative));
        assert_eq!(unsigned(&[0xff, 0x80]), Err(NotUnsigned::Encoding));
    }
}
