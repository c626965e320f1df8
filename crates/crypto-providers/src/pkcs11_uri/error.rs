//! Why a text is not a PKCS#11 URI that is used.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

/// Why a text is not a PKCS#11 URI that is used. Values are never repeated: somebody may have put a PIN there.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Pkcs11UriError {
    /// A character that has to be written as `%` and two hex digits is not, or `%` is followed by something else.
    Escape {
        /// The name of the attribute.
        attribute: String,
    },
    /// Something between two separators that is not `name=value`.
    NotAnAttribute {
        /// Bytes there are between the separators.
        length: usize,
    },
    /// `pin-value`: the PIN itself.
    PinInUri,
    /// An attribute is there twice.
    Repeated {
        /// The name of the attribute.
        attribute: String,
    },
    /// It does not begin with `pkcs11:`.
    Scheme,
    /// More bytes than a URI may have.
    TooLong {
        /// Bytes there are.
        found: usize,
        /// Bytes there may be.
        limit: usize,
    },
    /// No attribute of this name, or not in this component. One that is passed over could have been the one that matters.
    Unknown {
        /// Its name.
        attribute: String,
    },
    /// The value is none of this attribute: not UTF-8, a control character, no number, or no such type.
    Value {
        /// The name of the attribute.
        attribute: String,
    },
}

impl fmt::Display for Pkcs11UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Escape { attribute } => {
                write!(f, "the PKCS#11 URI has a character in {} that is not escaped rightly", Bounded(attribute, 64))
            }
            Self::NotAnAttribute { .. } => f.write_str("the PKCS#11 URI has a part that is no attribute"),
            Self::PinInUri => f.write_str(
                "the PKCS#11 URI has a PIN in it, where process lists, histories of shells and logs show it to others",
            ),
            Self::Repeated { attribute } => write!(f, "the PKCS#11 URI says {} twice", Bounded(attribute, 64)),
            Self::Scheme => f.write_str("this is no PKCS#11 URI"),
            Self::TooLong { .. } => f.write_str("the PKCS#11 URI is too long"),
            Self::Unknown { attribute } => {
                write!(f, "the PKCS#11 URI has an attribute {} that is not known there", Bounded(attribute, 64))
            }
            Self::Value { attribute } => {
                write!(f, "the PKCS#11 URI has a value that {} cannot have", Bounded(attribute, 64))
            }
        }
    }
}

impl core::error::Error for Pkcs11UriError {}

impl Reason for Pkcs11UriError {
    fn code(&self) -> Code {
        Code::ConfigInvalid
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::NotAnAttribute { length } => Some(format!("{length} bytes without =")),
            Self::PinInUri => Some("pin-value".to_string()),
            Self::TooLong { found, .. } => Some(format!("{found} bytes")),
            Self::Unknown { attribute } => Some(Bounded(attribute, 64).to_string()),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::Escape { .. } => "% and two hex digits in place of the character".to_string(),
            Self::NotAnAttribute { .. } => "name=value, with ; between in the path and & in the query".to_string(),
            Self::PinInUri => "pin-source, naming a file that only you can read; or a prompt".to_string(),
            Self::Repeated { .. } => "each attribute once".to_string(),
            Self::Scheme => "pkcs11:token=…;object=…?module-path=…".to_string(),
            Self::TooLong { limit, .. } => format!("at most {limit} bytes"),
            Self::Unknown { .. } => "token, manufacturer, model, serial, object, id, type, slot-id, slot-description, \
                 slot-manufacturer, library-description, library-manufacturer or library-version; behind the ?: \
                 module-path, module-name or pin-source"
                .to_string(),
            Self::Value { attribute } => match attribute.as_str() {
                "type" => "private, public, cert, secret-key or data".to_string(),
                "slot-id" => "a number".to_string(),
                "library-version" => "one or two numbers with a dot between".to_string(),
                "id" => "at most 255 bytes".to_string(),
                _ => "text in UTF-8 without control characters".to_string(),
            },
        })
    }

    fn clause(&self) -> Option<&'static str> {
        Some(match self {
            Self::PinInUri => "RFC 7512 §7",
            _ => "RFC 7512 §2.3",
        })
    }
}
