//! Object identifiers as they lie in the certificate, and as people write them.

use alloc::string::String;
use core::fmt::{self, Write as _};

use der::asn1::ObjectIdentifier;

use crate::tlv::{Element, Fault, FaultKind};

/// The contents of an OBJECT IDENTIFIER, minimal and complete; arcs may be larger than any integer type of ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Oid<'a>(&'a [u8]);

impl<'a> Oid<'a> {
    /// Checks the encoding (X.690 §8.19).
    pub(crate) fn from_element(element: &Element<'a>, field: &'static str) -> Result<Self, Fault> {
        let fault = element.fault(FaultKind::Malformed, field);
        let mut at_arc_start = true;
        for byte in element.contents {
            // An arc must not start with 80: that would be a leading zero.
            if at_arc_start && *byte == 0x80 {
                return Err(fault);
            }
            at_arc_start = byte & 0x80 == 0;
        }
        if element.contents.is_empty() || !at_arc_start { Err(fault) } else { Ok(Self(element.contents)) }
    }

    /// Takes bytes that [`Oid::from_element`] has accepted before.
    pub(crate) fn from_checked(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is(&self, known: &ObjectIdentifier) -> bool {
        self.0 == known.as_bytes()
    }

    /// Whether `text` is this identifier in dotted decimal. One that is too long to be written is never meant.
    pub(crate) fn is_written(&self, text: &str) -> bool {
        let mut rest = Rest(text);
        !text.contains(CUT) && write!(rest, "{self}").is_ok() && rest.0.is_empty()
    }

    /// Dotted decimal, bounded.
    pub(crate) fn dotted(&self) -> String {
        let mut text = String::with_capacity(self.0.len().saturating_mul(2));
        // Writing to a String cannot fail.
        let _ = write!(text, "{self}");
        text
    }
}

/// Stands for what is left out of an identifier.
const CUT: char = '…';

/// What of a text has not been written yet; writing anything else fails.
struct Rest<'t>(&'t str);

impl fmt::Write for Rest<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(piece).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// Dotted decimal; arcs beyond 128 bits and what follows them print as `…`.
impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut arc: u128 = 0;
        for (at, byte) in self.0.iter().enumerate() {
            // A hostile identifier of 60 KiB is not shown whole.
            let Some(shifted) = arc.checked_mul(128).filter(|_| at < 64) else { return f.write_char(CUT) };
            arc = shifted | u128::from(byte & 0x7f);
            if byte & 0x80 != 0 {
                continue;
            }
            if first {
                let root = (arc / 40).min(2);
                write!(f, "{root}.{}", arc - root * 40)?;
                first = false;
            } else {
                write!(f, ".{arc}")?;
            }
            arc = 0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn identifiers_print_as_dotted_decimals() {
        assert_eq!(Oid(&[0x55, 0x1d, 0x11]).to_string(), "2.5.29.17");
        assert_eq!(
            Oid(&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01, 0x01]).to_string(),
            "1.3.6.1.4.1.57264.1.1"
        );
        assert_eq!(Oid(&[0x88, 0x37]).to_string(), "2.999");
    }

    #[test]
    fn an_identifier_is_the_one_that_is_written_and_no_other() {
        let rare = Oid(&[0xb2, 0x1d, 0x0f]);
        assert!(rare.is_written("2.6349.15"));
        for other in ["", "2", "2.6349", "2.6349.1", "2.6349.150", "2.6349.15.", "2.06349.15", "2.5.29.15"] {
            assert!(!rare.is_written(other), "{other}");
        }
        let cut = Oid(&[[0x55].as_slice(), &[0x81; 70], &[0x01]].concat());
        assert!(!cut.is_written(&cut.to_string()));
    }

    #[test]
    fn an_enormous_arc_is_cut_and_does_not_overflow() {
        assert_eq!(
            Oid(&[
                0x55, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0x7f
            ])
            .to_string(),
            "2.5…"
        );
    }
}
