//! Base64 with exactly one text per value: strict where decoders usually guess.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ::base64::Engine as _;
use ::base64::alphabet::{STANDARD, URL_SAFE};
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::{Code, Reason};

/// Why a text is not base64 of one value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Base64Error {
    /// The text ends with a single symbol of a group; two are the least that carry a byte.
    Incomplete {
        /// Offset of that symbol, in bytes.
        offset: usize,
    },
    /// A character of no alphabet (white space and line breaks too), or `=` before the end.
    InvalidCharacter {
        /// Offset of the character, in bytes.
        offset: usize,
        /// The character.
        found: char,
    },
    /// Neither fully padded nor fully unpadded; or unpadded where padding is required.
    InvalidPadding {
        /// Offset of the first `=`, or of the end of the text.
        offset: usize,
        /// How many `=` there are.
        found: usize,
        /// How many `=` a fully padded text has here.
        expected: usize,
    },
    /// A symbol of the URL-safe alphabet after one of the standard alphabet, or the reverse.
    MixedAlphabets {
        /// Offset of the first symbol of the second alphabet, in bytes.
        offset: usize,
        /// That symbol.
        found: char,
    },
    /// The last symbol has bits that decode to nothing, so several texts would decode to one value.
    NonCanonical {
        /// Offset of that symbol, in bytes.
        offset: usize,
        /// That symbol.
        found: char,
    },
    /// The text would decode to more bytes than the caller allows. Nothing was allocated.
    TooLong {
        /// How many bytes it would be.
        decoded: usize,
        /// How many bytes are allowed.
        limit: usize,
    },
}

const UNPADDED: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireNone)
    .with_decode_allow_trailing_bits(false);
const STANDARD_UNPADDED: GeneralPurpose = GeneralPurpose::new(&STANDARD, UNPADDED);
const URL_SAFE_UNPADDED: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, UNPADDED);

/// Decodes the standard or the URL-safe alphabet, fully padded or fully unpadded; RFC 4648 §§3.2, 3.3, 3.5, 4, 5.
///
/// # Errors
/// Everything else, by [`Base64Error`]: white space, mixed alphabets, wrong padding, bits left over.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64Error> {
    decode_bounded(text, usize::MAX)
}

/// Like [`decode`], of at most `max_decoded` bytes; a longer text is refused before anything is allocated or read.
///
/// # Errors
/// As for [`decode`], and [`Base64Error::TooLong`].
pub fn decode_bounded(text: &str, max_decoded: usize) -> Result<Vec<u8>, Base64Error> {
    let symbols = symbols_of(text, Padding::FullOrNone, max_decoded)?;
    match STANDARD_UNPADDED.decode(symbols) {
        Ok(decoded) => Ok(decoded),
        // Either alphabet alone is fine; which one is known from its own two symbols.
        Err(_) if symbols.contains(['-', '_']) => {
            URL_SAFE_UNPADDED.decode(symbols).map_err(|_| diagnose(symbols, Alphabets::Either))
        }
        Err(_) => Err(diagnose(symbols, Alphabets::Either)),
    }
}

/// Decodes the standard alphabet with full padding only; RFC 4648 §4.
///
/// # Errors
/// Everything else, by [`Base64Error`].
pub fn decode_standard(text: &str) -> Result<Vec<u8>, Base64Error> {
    let symbols = symbols_of(text, Padding::Full, usize::MAX)?;
    STANDARD_UNPADDED.decode(symbols).map_err(|_| diagnose(symbols, Alphabets::Standard))
}

/// The standard alphabet, padded; RFC 4648 §4.
pub fn encode(bytes: &[u8]) -> String {
    ::base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Appends the standard alphabet, padded, to a text; RFC 4648 §4.
pub fn encode_onto(text: &mut String, bytes: &[u8]) {
    ::base64::engine::general_purpose::STANDARD.encode_string(bytes, text);
}

/// The URL-safe alphabet, unpadded; RFC 4648 §5.
pub fn encode_url_unpadded(bytes: &[u8]) -> String {
    URL_SAFE_UNPADDED.encode(bytes)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Alphabets {
    Either,
    Standard,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Padding {
    Full,
    FullOrNone,
}

/// The text without its padding, once the length and the padding are right.
fn symbols_of(text: &str, accepted: Padding, max_decoded: usize) -> Result<&str, Base64Error> {
    let symbols = text.trim_end_matches('=');
    let last_group = symbols.len() % 4;
    // Three bytes per four symbols; of a last group of n symbols, n - 1 bytes.
    let decoded = symbols.len() / 4 * 3 + last_group.saturating_sub(1);
    if decoded > max_decoded {
        return Err(Base64Error::TooLong { decoded, limit: max_decoded });
    }
    let found = text.len() - symbols.len();
    let expected = match last_group {
        2 => 2,
        3 => 1,
        _ => 0,
    };
    if last_group != 1 && (found == expected || (found == 0 && accepted == Padding::FullOrNone)) {
        return Ok(symbols);
    }
    // A line break or a foreign character usually explains a wrong length better than the length does.
    let alphabets = if accepted == Padding::Full { Alphabets::Standard } else { Alphabets::Either };
    if let Some(foreign) = foreign_symbol(symbols, alphabets) {
        return Err(foreign);
    }
    Err(match last_group {
        1 => Base64Error::Incomplete { offset: symbols.len() - 1 },
        _ => Base64Error::InvalidPadding { offset: symbols.len(), found, expected },
    })
}

/// What is wrong with unpadded symbols of a right length that do not decode: a foreign symbol, or else bits left over.
#[cold]
fn diagnose(symbols: &str, alphabets: Alphabets) -> Base64Error {
    foreign_symbol(symbols, alphabets).unwrap_or_else(|| {
        let (offset, found) = symbols.char_indices().next_back().unwrap_or((0, '='));
        Base64Error::NonCanonical { offset, found }
    })
}

/// The first character that cannot be there, whatever the length and padding are.
fn foreign_symbol(symbols: &str, alphabets: Alphabets) -> Option<Base64Error> {
    let mut seen = None;
    for (offset, found) in symbols.char_indices() {
        let alphabet = match found {
            'A'..='Z' | 'a'..='z' | '0'..='9' => continue,
            '+' | '/' => Alphabets::Standard,
            '-' | '_' if alphabets == Alphabets::Either => Alphabets::Either,
            _ => return Some(Base64Error::InvalidCharacter { offset, found }),
        };
        if seen.is_some_and(|seen| seen != alphabet) {
            return Some(Base64Error::MixedAlphabets { offset, found });
        }
        seen = Some(alphabet);
    }
    None
}

impl Base64Error {
    /// Offset of the first byte that is wrong; for a text too long, the end of what is allowed cannot be named.
    fn offset(&self) -> Option<usize> {
        match *self {
            Self::Incomplete { offset }
            | Self::InvalidCharacter { offset, .. }
            | Self::InvalidPadding { offset, .. }
            | Self::MixedAlphabets { offset, .. }
            | Self::NonCanonical { offset, .. } => Some(offset),
            Self::TooLong { .. } => None,
        }
    }
}

impl fmt::Display for Base64Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Incomplete { offset } => write!(f, "base64 ends with a single symbol of a group at offset {offset}"),
            Self::InvalidCharacter { offset, found } => {
                write!(f, "base64 holds {} at offset {offset}", Quoted(found))
            }
            Self::InvalidPadding { offset, found, expected } => {
                write!(f, "base64 has {found} padding characters at offset {offset} instead of {expected}")
            }
            Self::MixedAlphabets { offset, found } => {
                write!(f, "base64 mixes the standard and the URL-safe alphabet: {} at offset {offset}", Quoted(found))
            }
            Self::NonCanonical { offset, found } => {
                write!(f, "base64 has bits left over in its last symbol {} at offset {offset}", Quoted(found))
            }
            Self::TooLong { decoded, limit } => write!(f, "base64 of {decoded} bytes, of which {limit} are allowed"),
        }
    }
}

/// A character between quotes, readable whatever it is.
struct Quoted(char);

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ' '..='~' => write!(f, "`{}`", self.0),
            other => write!(f, "`{}`", other.escape_unicode()),
        }
    }
}

impl core::error::Error for Base64Error {}

impl Reason for Base64Error {
    fn code(&self) -> Code {
        match self {
            Self::NonCanonical { .. } => Code::Base64Noncanonical,
            Self::TooLong { .. } => Code::InputTooLarge,
            _ => Code::Base64Invalid,
        }
    }

    fn place(&self) -> Option<String> {
        self.offset().map(|offset| format!("base64 offset {offset}"))
    }

    fn found(&self) -> Option<String> {
        Some(match *self {
            Self::Incomplete { .. } => "a single symbol in the last group".to_owned(),
            Self::InvalidCharacter { found, .. }
            | Self::MixedAlphabets { found, .. }
            | Self::NonCanonical { found, .. } => {
                format!("{}", Quoted(found))
            }
            Self::InvalidPadding { found, .. } => format!("{found} padding characters"),
            Self::TooLong { decoded, .. } => format!("{decoded} bytes"),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match *self {
            Self::Incomplete { .. } => "two to four symbols in the last group".to_owned(),
            Self::InvalidCharacter { .. } => {
                "letters, digits, and `+/` or `-_`, padded with `=` at the end only".to_owned()
            }
            Self::InvalidPadding { expected, .. } => format!("{expected} padding characters"),
            Self::MixedAlphabets { .. } => "one alphabet throughout".to_owned(),
            Self::NonCanonical { .. } => "a last symbol whose unused bits are zero".to_owned(),
            Self::TooLong { limit, .. } => format!("at most {limit} bytes"),
        })
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Incomplete { .. } | Self::MixedAlphabets { .. } => Some("RFC 4648 §4, §5"),
            Self::InvalidCharacter { .. } => Some("RFC 4648 §3.3"),
            Self::InvalidPadding { .. } => Some("RFC 4648 §3.2"),
            Self::NonCanonical { .. } => Some("RFC 4648 §3.5"),
            Self::TooLong { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn both_alphabets_padded_or_not_are_read() {
        for text in ["+/+/YQ==", "+/+/YQ", "-_-_YQ==", "-_-_YQ"] {
            assert_eq!(decode(text).unwrap(), [0xfb, 0xff, 0xbf, b'a'], "{text}");
        }
        for (text, bytes) in [("", &b""[..]), ("YWI=", b"ab"), ("YWI", b"ab"), ("YWJj", b"abc")] {
            assert_eq!(decode(text).as_deref(), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn mixed_alphabets_are_refused_at_the_first_symbol_of_the_second() {
        assert_eq!(decode("+a_a"), Err(Base64Error::MixedAlphabets { offset: 2, found: '_' }));
        assert_eq!(decode("-a+a_a//"), Err(Base64Error::MixedAlphabets { offset: 2, found: '+' }));
        assert_eq!(decode("+a_a").unwrap_err().code(), Code::Base64Invalid);
    }

    #[test]
    fn white_space_is_refused_at_its_offset() {
        for (text, offset, found) in
            [(" YQ==", 0, ' '), ("YQ==\n", 4, '\n'), ("YWJj\r\nYWJj", 4, '\r'), ("YW Jj", 2, ' '), ("YWJj ", 4, ' ')]
        {
            let expected = match text {
                // What comes before it is then padding in the middle.
                "YQ==\n" => Base64Error::InvalidCharacter { offset: 2, found: '=' },
                _ => Base64Error::InvalidCharacter { offset, found },
            };
            assert_eq!(decode(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn partial_and_surplus_padding_are_refused() {
        for (text, offset, found, expected) in [
            ("YQ=", 2, 1, 2),
            ("YQ===", 2, 3, 2),
            ("YWI==", 3, 2, 1),
            ("YWJj=", 4, 1, 0),
            ("YWJj====", 4, 4, 0),
            ("====", 0, 4, 0),
        ] {
            assert_eq!(decode(text), Err(Base64Error::InvalidPadding { offset, found, expected }), "{text}");
        }
        assert_eq!(decode("YQ==YQ=="), Err(Base64Error::InvalidCharacter { offset: 2, found: '=' }));
    }

    #[test]
    fn a_single_symbol_is_refused() {
        for (text, offset) in [("Y", 0), ("Y===", 0), ("YWJjY", 4)] {
            assert_eq!(decode(text), Err(Base64Error::Incomplete { offset }), "{text}");
        }
    }

    #[test]
    fn bits_left_over_are_refused_as_noncanonical() {
        for (text, offset, found) in [("YR==", 1, 'R'), ("YR", 1, 'R'), ("YWJ=", 2, 'J'), ("-_-_YR", 5, 'R')] {
            let error = decode(text).unwrap_err();
            assert_eq!(error, Base64Error::NonCanonical { offset, found }, "{text}");
            assert_eq!(error.code(), Code::Base64Noncanonical);
        }
    }

    #[test]
    fn characters_beyond_ascii_are_refused_and_escaped() {
        let error = decode("YQ\u{202e}=").unwrap_err();
        assert_eq!(error, Base64Error::InvalidCharacter { offset: 2, found: '\u{202e}' });
        assert_eq!(error.to_string(), r"base64 holds `\u{202e}` at offset 2");
    }

    #[test]
    fn the_bound_is_on_decoded_bytes_and_is_exact() {
        for (text, decoded) in [("YQ", 1), ("YQ==", 1), ("YWI=", 2), ("YWJj", 3), ("YWJjYQ==", 4)] {
            assert_eq!(decode_bounded(text, decoded).unwrap().len(), decoded);
            let error = decode_bounded(text, decoded - 1).unwrap_err();
            assert_eq!(error, Base64Error::TooLong { decoded, limit: decoded - 1 });
            assert_eq!(error.code(), Code::InputTooLarge);
        }
    }

    #[test]
    fn standard_means_the_standard_alphabet_with_padding() {
        assert_eq!(decode_standard("+/+/YQ==").unwrap(), [0xfb, 0xff, 0xbf, b'a']);
        assert_eq!(decode_standard("YQ"), Err(Base64Error::InvalidPadding { offset: 2, found: 0, expected: 2 }));
        assert_eq!(decode_standard("-_-_"), Err(Base64Error::InvalidCharacter { offset: 0, found: '-' }));
        assert_eq!(decode_standard("YR=="), Err(Base64Error::NonCanonical { offset: 1, found: 'R' }));
    }
}
