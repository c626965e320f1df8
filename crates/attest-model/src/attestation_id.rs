//! The name of an attestation.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use sha2::{Digest as _, Sha256};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, hex};

use crate::shown;

/// The name of an attestation: the SHA-256 of the RFC 8785 form of what was signed and its signatures.
///
/// For a DSSE envelope: of `{"payload", "payloadType", "signatures": [{"keyid", "sig"}]}`, base64 in the standard
/// alphabet with padding, only the members DSSE names, an empty `keyid` left out. So it is the same in a bundle and
/// bare, pretty-printed or not. For a message signature: of `{"messageDigest": {"algorithm", "digest"}, "signature"}`.
/// Prints and parses as `sha256:<64 lower-case hexadecimal digits>`.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AttestationId([u8; 32]);

impl AttestationId {
    /// The id with that digest.
    pub const fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The id of what `write` writes piece by piece.
    pub(crate) fn of(write: impl FnOnce(&mut dyn FnMut(&str))) -> Self {
        let mut hasher = Sha256::new();
        write(&mut |piece| hasher.update(piece.as_bytes()));
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for AttestationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::Hex(&self.0))
    }
}

impl fmt::Debug for AttestationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttestationId({self})")
    }
}

impl FromStr for AttestationId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let malformed = || IdError::Malformed { found: Bounded(text, 100).to_string() };
        let digits = text.strip_prefix("sha256:").ok_or_else(malformed)?;
        if digits.len() != FULL || !is_lower_hex(digits) {
            return Err(malformed());
        }
        hex::decode(digits).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or_else(malformed)
    }
}

/// The start of an attestation id: 8 to 64 lower-case hexadecimal digits, with or without `sha256:` before them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdPrefix(String);

const SHORTEST: usize = 8;
const FULL: usize = 64;

impl IdPrefix {
    /// Whether `id` starts with it.
    pub fn matches(&self, id: &AttestationId) -> bool {
        hex::encode(&id.0).starts_with(&self.0)
    }

    /// The digits, without `sha256:`.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for IdPrefix {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        if !(SHORTEST..=FULL).contains(&digits.len()) || !is_lower_hex(digits) {
            return Err(IdError::PrefixMalformed { found: Bounded(text, 100).to_string() });
        }
        Ok(Self(digits.to_string()))
    }
}

fn is_lower_hex(digits: &str) -> bool {
    digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Why a text names no attestation.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum IdError {
    /// Not a whole id.
    Malformed {
        /// The text, bounded and escaped.
        found: String,
    },
    /// Not the start of an id.
    PrefixMalformed {
        /// The text, bounded and escaped.
        found: String,
    },
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { found } => write!(f, "\"{found}\" is not an attestation id"),
            Self::PrefixMalformed { found } => write!(f, "\"{found}\" is not the start of an attestation id"),
        }
    }
}

impl core::error::Error for IdError {}

impl Reason for IdError {
    fn code(&self) -> Code {
        Code::StoreIdInvalid
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Malformed { found } | Self::PrefixMalformed { found } => Some(shown::found(found)),
        }
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::Malformed { .. } => "sha256: and 64 lower-case hexadecimal digits".to_string(),
            Self::PrefixMalformed { .. } => "8 to 64 lower-case hexadecimal digits".to_string(),
        })
    }
}
