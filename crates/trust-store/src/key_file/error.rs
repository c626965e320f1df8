//! Why a file is not the public keys it should be.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_attest_model::json;
use stella_crypto_providers::KeyError;
use stella_vocabulary::pem::PemError;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use super::{MAX_BYTES, MAX_KEYS};

/// Why a file is not the public keys it should be. No variant holds anything of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Members of a JWK contradict each other.
    Contradiction {
        /// Which key.
        place: String,
        /// What does not fit.
        found: String,
        /// What would.
        expected: String,
    },
    /// Two keys of a set have one `kid`.
    DuplicateKid {
        /// The `kid`.
        kid: String,
    },
    /// Nothing but white space.
    Empty,
    /// Not JSON, or a member of a wrong type.
    Json(json::Error),
    /// The numbers can be read, but are no key that may be used.
    Key {
        /// Which key.
        place: String,
        /// Why.
        error: KeyError,
    },
    /// The form of a key is not kept to.
    Malformed {
        /// Which key or member.
        place: String,
        /// What is wrong, as a sentence without a stop.
        flaw: &'static str,
    },
    /// A set without a key to verify signatures with.
    NoKey {
        /// How many elements there are that are for something else.
        left_out: usize,
    },
    /// A key, but for something else than signatures, or of a type that this library does not know.
    NotUsable {
        /// Which key.
        place: String,
        /// What it is.
        what: String,
    },
    /// Not the PEM that is expected.
    Pem(PemError),
    /// A private key. Nothing of it was kept.
    PrivateKey {
        /// Where.
        place: String,
    },
    /// More than one key where one is expected.
    SeveralKeys {
        /// How many there are.
        found: usize,
    },
    /// A symmetric key: who can verify with it can sign with it.
    SymmetricKey {
        /// Where.
        place: String,
    },
    /// More than [`MAX_BYTES`] bytes.
    TooLarge {
        /// How many there are.
        found: usize,
    },
    /// More than [`MAX_KEYS`] keys.
    TooMany {
        /// How many there are, at least.
        found: usize,
    },
    /// None of the forms that are read, such as a web page.
    UnknownFormat,
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contradiction { found, expected, .. } => {
                write!(f, "the key contradicts itself: {} where {} fits", Bounded(found, 200), Bounded(expected, 200))
            }
            Self::DuplicateKid { kid } => write!(f, "two different keys have the kid `{}`", Bounded(kid, 200)),
            Self::Empty => f.write_str("the input is empty"),
            Self::Json(error) => error.fmt(f),
            Self::Key { error, .. } => error.fmt(f),
            Self::Malformed { flaw, .. } => write!(f, "the key is malformed: {flaw}"),
            Self::NoKey { left_out: 0 } => f.write_str("there is no key"),
            Self::NoKey { left_out } => {
                write!(f, "there is no key to verify signatures with, only {left_out} for something else")
            }
            Self::NotUsable { what, .. } => write!(f, "{} verifies no signatures here", Bounded(what, 200)),
            Self::Pem(error) => error.fmt(f),
            Self::PrivateKey { .. } => f.write_str("a private key was given where a public key is expected"),
            Self::SeveralKeys { found } => write!(f, "{found} keys where one is expected"),
            Self::SymmetricKey { .. } => f.write_str("a symmetric key was given where a public key is expected"),
            Self::TooLarge { found } => write!(f, "keys of {found} bytes, of which {MAX_BYTES} are allowed"),
            Self::TooMany { found } => write!(f, "{found} keys, of which {MAX_KEYS} are allowed"),
            Self::UnknownFormat => f.write_str("the input is no public key in a form that is known"),
        }
    }
}

impl core::error::Error for KeyFileError {}

impl From<json::Error> for KeyFileError {
    fn from(error: json::Error) -> Self {
        Self::Json(error)
    }
}

impl Reason for KeyFileError {
    fn code(&self) -> Code {
        match self {
            Self::Contradiction { .. } | Self::NotUsable { .. } => Code::KeyAlgorithmMismatch,
            Self::DuplicateKid { .. } | Self::Malformed { .. } | Self::NoKey { .. } => Code::KeyMalformed,
            Self::Empty => Code::InputEmpty,
            Self::Json(error) => error.code(),
            Self::Key { error, .. } => error.code(),
            Self::Pem(error) => error.code(),
            Self::PrivateKey { .. } | Self::SymmetricKey { .. } => Code::KeyPrivateKeySupplied,
            Self::SeveralKeys { .. } => Code::PemMultipleObjects,
            Self::TooLarge { .. } | Self::TooMany { .. } => Code::InputTooLarge,
            Self::UnknownFormat => Code::InputUnknownFormat,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Contradiction { place, .. }
            | Self::Key { place, .. }
            | Self::Malformed { place, .. }
            | Self::NotUsable { place, .. }
            | Self::PrivateKey { place }
            | Self::SymmetricKey { place } => Some(Bounded(place, 400).to_string()),
            Self::Json(error) => error.place(),
            Self::Pem(error) => error.place(),
            _ => None,
        }
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::Contradiction { found, .. } => Bounded(found, 200).to_string(),
            Self::DuplicateKid { kid } => format!("`{}` twice", Bounded(kid, 200)),
            Self::Empty => "nothing".to_string(),
            Self::Json(error) => return error.found(),
            Self::Key { error, .. } => return error.found(),
            Self::Malformed { flaw, .. } => (*flaw).to_string(),
            Self::NoKey { left_out } => format!("{left_out} keys for something else"),
            Self::NotUsable { what, .. } => Bounded(what, 200).to_string(),
            Self::Pem(error) => return error.found(),
            Self::PrivateKey { .. } => "a private key".to_string(),
            Self::SeveralKeys { found } | Self::TooMany { found } => format!("{found} keys"),
            Self::SymmetricKey { .. } => "a symmetric key".to_string(),
            Self::TooLarge { found } => format!("{found} bytes"),
            Self::UnknownFormat => return None,
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::Contradiction { expected, .. } => Bounded(expected, 200).to_string(),
            Self::DuplicateKid { .. } => "one kid for one key".to_string(),
            Self::Json(error) => return error.expected(),
            Self::Key { error, .. } => return error.expected(),
            Self::Pem(error) => return error.expected(),
            Self::Malformed { .. } => return None,
            Self::NoKey { .. } | Self::NotUsable { .. } => "an ECDSA, Ed25519 or RSA key for signatures".to_string(),
            Self::PrivateKey { .. } | Self::SymmetricKey { .. } => "the public key alone".to_string(),
            Self::SeveralKeys { .. } => "exactly one key".to_string(),
            Self::TooLarge { .. } => format!("at most {MAX_BYTES} bytes"),
            Self::TooMany { .. } => format!("at most {MAX_KEYS} keys"),
            Self::Empty | Self::UnknownFormat => {
                "PEM labelled PUBLIC KEY, a JWK or a set of them, or a line of OpenSSH".to_string()
            }
        })
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Contradiction { .. } => Some("RFC 7517 §4"),
            Self::DuplicateKid { .. } => Some("RFC 7517 §4.5"),
            Self::Json(error) => error.clause(),
            Self::Key { error, .. } => error.clause(),
            Self::Pem(error) => error.clause(),
            _ => None,
        }
    }
}
