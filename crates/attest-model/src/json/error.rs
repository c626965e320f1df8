//! Why a document, or a value in it, was refused.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use super::place::Place;
use super::value::Kind;

/// Why a document, or a value in it, was refused, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Inner {
    kind: ErrorKind,
    place: Place,
}

/// What was wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input starts with a byte order mark, or is UTF-16 or UTF-32. RFC 8259 §8.1.
    Bom {
        /// The encoding that the first bytes speak of.
        encoding: &'static str,
    },
    /// An identifier holds a C0 or C1 control character, or DEL.
    ControlCharacter {
        /// The first such character.
        found: char,
    },
    /// Arrays and objects nest deeper than allowed.
    DepthExceeded {
        /// Levels allowed.
        limit: usize,
    },
    /// Two members of one object have the same name after unescaping. RFC 8259 §4.
    DuplicateKey {
        /// The name.
        name: String,
    },
    /// An identifier is longer than allowed.
    IdentifierTooLong {
        /// Its length in bytes.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The input is not UTF-8, or a string escapes half a surrogate pair.
    InvalidUnicode {
        /// What was found.
        found: &'static str,
    },
    /// A required member is missing.
    Missing {
        /// Its name.
        name: &'static str,
        /// What its absence means, as told by the caller.
        code: Code,
    },
    /// A number is not one of the integers expected.
    NumberOutOfRange {
        /// The number as written.
        found: String,
        /// Which integers are.
        expected: &'static str,
    },
    /// The text is not JSON. RFC 8259.
    Syntax {
        /// What was found.
        found: String,
        /// What the grammar allows here.
        expected: &'static str,
    },
    /// The document is larger than allowed.
    TooLarge {
        /// Its size in bytes.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// An object has more members than allowed.
    TooManyMembers {
        /// Members allowed.
        limit: usize,
    },
    /// Something other than white space follows the document.
    TrailingData {
        /// What follows.
        found: String,
    },
    /// A value has another type than the one required.
    WrongType {
        /// Its type.
        found: Kind,
        /// The type required.
        expected: &'static str,
    },
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, place: Place) -> Self {
        Self(Box::new(Inner { kind, place }))
    }

    /// What was wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where: path, line, column and offset.
    pub fn location(&self) -> &Place {
        &self.0.place
    }

    pub(crate) fn location_mut(&mut self) -> &mut Place {
        &mut self.0.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            ErrorKind::Bom { encoding } => {
                write!(f, "the document is {encoding}, JSON is UTF-8 without byte order mark")
            }
            ErrorKind::ControlCharacter { found } => {
                write!(f, "an identifier holds the control character U+{:04X}", u32::from(*found))
            }
            ErrorKind::DepthExceeded { limit } => write!(f, "arrays and objects nest deeper than {limit} levels"),
            ErrorKind::DuplicateKey { name } => {
                write!(f, "the member \"{}\" occurs twice in one object", Bounded(name, 100))
            }
            ErrorKind::IdentifierTooLong { found, limit } => {
                write!(f, "an identifier of {found} bytes is longer than {limit} bytes")
            }
            ErrorKind::InvalidUnicode { found } => write!(f, "{found} is not Unicode text"),
            ErrorKind::Missing { name, .. } => write!(f, "the member \"{name}\" is missing"),
            ErrorKind::NumberOutOfRange { found, expected } => write!(f, "{} is not {expected}", Bounded(found, 100)),
            // What was found and expected has its own place beside the sentence.
            ErrorKind::Syntax { .. } => f.write_str("the text is not JSON"),
            ErrorKind::TooLarge { found, limit } => {
                write!(f, "a document of {found} bytes is larger than {limit} bytes")
            }
            ErrorKind::TooManyMembers { limit } => write!(f, "an object has more than {limit} members"),
            ErrorKind::TrailingData { found } => write!(f, "{} follows the end of the document", Bounded(found, 100)),
            ErrorKind::WrongType { .. } => f.write_str("a value has the wrong type"),
        }
    }
}

impl core::error::Error for Error {}

impl Reason for Error {
    fn code(&self) -> Code {
        match &self.0.kind {
            ErrorKind::Bom { .. } => Code::JsonBom,
            ErrorKind::ControlCharacter { .. } => Code::JsonControlCharacter,
            ErrorKind::DepthExceeded { .. } => Code::JsonDepthExceeded,
            ErrorKind::DuplicateKey { .. } => Code::JsonDuplicateKey,
            ErrorKind::InvalidUnicode { .. } => Code::JsonInvalidUnicode,
            ErrorKind::Missing { code, .. } => *code,
            ErrorKind::NumberOutOfRange { .. } => Code::JsonNumberOutOfRange,
            ErrorKind::Syntax { .. } => Code::JsonSyntax,
            ErrorKind::IdentifierTooLong { .. } | ErrorKind::TooLarge { .. } => Code::InputTooLarge,
            ErrorKind::TooManyMembers { .. } => Code::JsonTooManyMembers,
            ErrorKind::TrailingData { .. } => Code::JsonTrailingData,
            ErrorKind::WrongType { .. } => Code::JsonWrongType,
        }
    }

    fn place(&self) -> Option<String> {
        Some(self.0.place.to_string())
    }

    fn found(&self) -> Option<String> {
        Some(match &self.0.kind {
            ErrorKind::Bom { encoding } => (*encoding).to_string(),
            ErrorKind::ControlCharacter { found } => format!("U+{:04X}", u32::from(*found)),
            ErrorKind::DepthExceeded { limit } => format!("more than {limit} levels"),
            ErrorKind::DuplicateKey { name } => format!("\"{}\" twice", Bounded(name, 100)),
            ErrorKind::IdentifierTooLong { found, .. } | ErrorKind::TooLarge { found, .. } => format!("{found} bytes"),
            ErrorKind::InvalidUnicode { found } => (*found).to_string(),
            ErrorKind::Missing { name, .. } => format!("no member \"{name}\""),
            ErrorKind::NumberOutOfRange { found, .. }
            | ErrorKind::Syntax { found, .. }
            | ErrorKind::TrailingData { found } => Bounded(found, 100).to_string(),
            ErrorKind::TooManyMembers { limit } => format!("more than {limit} members"),
            ErrorKind::WrongType { found, .. } => found.to_string(),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match &self.0.kind {
            ErrorKind::Bom { .. } => "UTF-8 without byte order mark".to_string(),
            ErrorKind::ControlCharacter { .. } => "no control characters".to_string(),
            ErrorKind::DepthExceeded { limit } => format!("at most {limit} levels"),
            ErrorKind::DuplicateKey { .. } => "each member once".to_string(),
            ErrorKind::IdentifierTooLong { limit, .. } | ErrorKind::TooLarge { limit, .. } => {
                format!("at most {limit} bytes")
            }
            ErrorKind::InvalidUnicode { .. } => "UTF-8 and whole surrogate pairs".to_string(),
            ErrorKind::Missing { name, .. } => format!("a member \"{name}\""),
            ErrorKind::NumberOutOfRange { expected, .. }
            | ErrorKind::Syntax { expected, .. }
            | ErrorKind::WrongType { expected, .. } => (*expected).to_string(),
            ErrorKind::TooManyMembers { limit } => format!("at most {limit} members"),
            ErrorKind::TrailingData { .. } => "the end of the document".to_string(),
        })
    }

    fn clause(&self) -> Option<&'static str> {
        match &self.0.kind {
            ErrorKind::Bom { .. } => Some("RFC 8259 §8.1"),
            ErrorKind::DuplicateKey { .. } => Some("RFC 8259 §4"),
            ErrorKind::InvalidUnicode { .. } => Some("RFC 8259 §8"),
            ErrorKind::Syntax { .. } | ErrorKind::TrailingData { .. } => Some("RFC 8259 §2"),
            _ => None,
        }
    }
}
