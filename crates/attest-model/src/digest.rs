//! Digests of artifacts, by the names in-toto gives their algorithms.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use sha2::{Digest as _, Sha256, Sha384, Sha512};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, hex};

use crate::shown;

/// An algorithm whose digests can be compared. in-toto DigestSet v1.1 "Supported algorithms".
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it; `name` gives in-toto's spelling")]
pub enum DigestAlgorithm {
    Blake2b,
    Blake2s,
    DirHash,
    GitBlob,
    GitCommit,
    GitTag,
    GitTree,
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Sha512,
    Sha512_224,
    Sha512_256,
}

/// Whether a digest by an algorithm binds to its artifact.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Strength {
    /// Nobody is known to be able to make two artifacts with one digest.
    Strong,
    /// Collisions have been made (MD5, SHA-1), or the digest may be a SHA-1 (Git objects).
    Weak,
}

impl DigestAlgorithm {
    /// Every algorithm, in alphabetical order of the variants.
    pub const ALL: &[Self] = &[
        Self::Blake2b,
        Self::Blake2s,
        Self::DirHash,
        Self::GitBlob,
        Self::GitCommit,
        Self::GitTag,
        Self::GitTree,
        Self::Md5,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha3_224,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Sha512,
        Self::Sha512_224,
        Self::Sha512_256,
    ];

    /// Its name in a digest set, such as `sha256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blake2b => "blake2b",
            Self::Blake2s => "blake2s",
            Self::DirHash => "dirHash",
            Self::GitBlob => "gitBlob",
            Self::GitCommit => "gitCommit",
            Self::GitTag => "gitTag",
            Self::GitTree => "gitTree",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha3_224 => "sha3_224",
            Self::Sha3_256 => "sha3_256",
            Self::Sha3_384 => "sha3_384",
            Self::Sha3_512 => "sha3_512",
            Self::Sha512 => "sha512",
            Self::Sha512_224 => "sha512_224",
            Self::Sha512_256 => "sha512_256",
        }
    }

    /// The algorithm of that exact name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// How many bytes a digest may have: one length, or two for Git objects, which are SHA-1 or SHA-256.
    pub const fn lengths(self) -> &'static [usize] {
        match self {
            Self::GitBlob | Self::GitCommit | Self::GitTag | Self::GitTree => &[20, 32],
            Self::Md5 => &[16],
            Self::Sha1 => &[20],
            Self::Sha224 | Self::Sha3_224 | Self::Sha512_224 => &[28],
            Self::Blake2s | Self::DirHash | Self::Sha256 | Self::Sha3_256 | Self::Sha512_256 => &[32],
            Self::Sha384 | Self::Sha3_384 => &[48],
            Self::Blake2b | Self::Sha3_512 | Self::Sha512 => &[64],
        }
    }

    /// Whether a digest binds to its artifact.
    pub const fn strength(self) -> Strength {
        match self {
            Self::GitBlob | Self::GitCommit | Self::GitTag | Self::GitTree | Self::Md5 | Self::Sha1 => Strength::Weak,
            _ => Strength::Strong,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A digest of an artifact: an algorithm, and bytes of a length that it produces.
///
/// Prints and parses as `sha256:<hex>`; the hexadecimal digits of either case, the name exactly as in-toto spells it.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    length: u8,
    bytes: [u8; LONGEST],
}

const LONGEST: usize = 64;

impl Digest {
    /// The SHA-256 of `artifact`.
    pub fn sha256(artifact: &[u8]) -> Self {
        Self::of_known_length(DigestAlgorithm::Sha256, &Sha256::digest(artifact))
    }

    /// The SHA-384 of `artifact`.
    pub fn sha384(artifact: &[u8]) -> Self {
        Self::of_known_length(DigestAlgorithm::Sha384, &Sha384::digest(artifact))
    }

    /// The SHA-512 of `artifact`.
    pub fn sha512(artifact: &[u8]) -> Self {
        Self::of_known_length(DigestAlgorithm::Sha512, &Sha512::digest(artifact))
    }

    /// A digest that has been computed elsewhere.
    ///
    /// # Errors
    /// `intoto.artifact_missing` if there are no bytes at all, `usage.digest_invalid` if there are too many or too few.
    pub fn from_bytes(algorithm: DigestAlgorithm, bytes: &[u8]) -> Result<Self, DigestError> {
        if bytes.is_empty() {
            return Err(DigestError::Empty);
        }
        if !algorithm.lengths().contains(&bytes.len()) {
            return Err(DigestError::WrongLength { algorithm, found: bytes.len() });
        }
        Ok(Self::of_known_length(algorithm, bytes))
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// A digest in hexadecimal of either case; `None` if it is not hexadecimal or not of a length `algorithm` produces.
    pub(crate) fn from_hex(algorithm: DigestAlgorithm, text: &str) -> Option<Self> {
        let plausible = algorithm.lengths().iter().any(|length| length.checked_mul(2) == Some(text.len()));
        let bytes = plausible.then(|| hex::decode(text)).flatten()?;
        Self::from_bytes(algorithm, &bytes).ok()
    }

    pub(crate) fn of_known_length(algorithm: DigestAlgorithm, digest: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        let length = digest.len().min(LONGEST);
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = *from;
        }
        Self { algorithm, length: length as u8, bytes }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, hex::Hex(self.as_bytes()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        if text.is_empty() {
            return Err(DigestError::Empty);
        }
        let shown = || Bounded(text, 150).to_string();
        let (name, digits) = text.split_once(':').ok_or_else(|| DigestError::Malformed { found: shown() })?;
        let algorithm = DigestAlgorithm::from_name(name)
            .ok_or_else(|| DigestError::UnknownAlgorithm { found: Bounded(name, 150).to_string() })?;
        let bytes = hex::decode(digits).ok_or_else(|| DigestError::Malformed { found: shown() })?;
        if !algorithm.lengths().contains(&bytes.len()) {
            return Err(DigestError::WrongLength { algorithm, found: bytes.len() });
        }
        Ok(Self::of_known_length(algorithm, &bytes))
    }
}

/// Why something is not a digest.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DigestError {
    /// There is nothing. It is never read as "no check asked".
    Empty,
    /// Not `algorithm:hexadecimal`.
    Malformed {
        /// The text, bounded and escaped.
        found: String,
    },
    /// An algorithm of an unknown name; names are case sensitive.
    UnknownAlgorithm {
        /// The name, bounded and escaped.
        found: String,
    },
    /// Cut, or too long.
    WrongLength {
        /// The algorithm named.
        algorithm: DigestAlgorithm,
        /// How many bytes there are.
        found: usize,
    },
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the digest of the artifact is empty"),
            Self::Malformed { found } => write!(f, "\"{found}\" is not a digest of the form sha256:<hexadecimal>"),
            Self::UnknownAlgorithm { found } => write!(f, "\"{found}\" is not the name of a digest algorithm"),
            Self::WrongLength { algorithm, found } => {
                write!(f, "a {algorithm} digest has {} bytes, not {found}", lengths(*algorithm))
            }
        }
    }
}

fn lengths(algorithm: DigestAlgorithm) -> String {
    match algorithm.lengths() {
        [one] => one.to_string(),
        [one, two] => format!("{one} or {two}"),
        _ => String::new(),
    }
}

impl core::error::Error for DigestError {}

impl Reason for DigestError {
    fn code(&self) -> Code {
        match self {
            Self::Empty => Code::IntotoArtifactMissing,
            Self::Malformed { .. } | Self::UnknownAlgorithm { .. } | Self::WrongLength { .. } => {
                Code::UsageDigestInvalid
            }
        }
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "an empty digest".to_string(),
            Self::Malformed { found } | Self::UnknownAlgorithm { found } => shown::found(found),
            Self::WrongLength { found, .. } => format!("{found} bytes"),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::Empty | Self::Malformed { .. } => "a digest such as sha256:<64 hexadecimal digits>".to_string(),
            Self::UnknownAlgorithm { .. } => "sha256, sha384, sha512 or another name of the in-toto list".to_string(),
            Self::WrongLength { algorithm, .. } => format!("{} bytes", lengths(*algorithm)),
        })
    }
}
