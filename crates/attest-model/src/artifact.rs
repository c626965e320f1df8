//! The artifact that a statement is compared with.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256, Sha384, Sha512};
use stella_vocabulary::{Code, Reason};

use crate::{Digest, DigestAlgorithm};

/// The artifact that a statement is compared with: one or more digests of the same bytes, by distinct algorithms.
///
/// There is no empty artifact: a caller who has nothing to compare with cannot ask for a comparison.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Artifact {
    digests: Vec<Digest>,
}

impl Artifact {
    /// An artifact known by one digest.
    pub fn from_digest(digest: Digest) -> Self {
        Self { digests: alloc::vec![digest] }
    }

    /// An artifact known by several digests.
    ///
    /// # Errors
    /// `intoto.artifact_missing` if there are none, `usage.digest_invalid` if two are by one algorithm.
    pub fn from_digests(digests: impl IntoIterator<Item = Digest>) -> Result<Self, ArtifactError> {
        let digests: Vec<Digest> = digests.into_iter().collect();
        if digests.is_empty() {
            return Err(ArtifactError::Missing);
        }
        for (position, digest) in digests.iter().enumerate() {
            if digests.iter().take(position).any(|earlier| earlier.algorithm() == digest.algorithm()) {
                return Err(ArtifactError::TwoDigests { algorithm: digest.algorithm() });
            }
        }
        Ok(Self { digests })
    }

    /// The artifact that consists of `bytes`, by its SHA-256, SHA-384 and SHA-512.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut hasher = ArtifactHasher::new();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Its digests; at least one.
    pub fn digests(&self) -> &[Digest] {
        &self.digests
    }

    /// Its digest by `algorithm`, if known.
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Option<&Digest> {
        self.digests.iter().find(|digest| digest.algorithm() == algorithm)
    }
}

/// Computes the digests of an artifact that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct ArtifactHasher {
    sha256: Sha256,
    sha384: Sha384,
    sha512: Sha512,
}

impl ArtifactHasher {
    /// A hasher that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.sha256.update(piece);
        self.sha384.update(piece);
        self.sha512.update(piece);
    }

    /// The artifact, by SHA-256, SHA-384 and SHA-512.
    pub fn finish(self) -> Artifact {
        let digests = alloc::vec![
            Digest::of_known_length(DigestAlgorithm::Sha256, &self.sha256.finalize()),
            Digest::of_known_length(DigestAlgorithm::Sha384, &self.sha384.finalize()),
            Digest::of_known_length(DigestAlgorithm::Sha512, &self.sha512.finalize()),
        ];
        Artifact { digests }
    }
}

/// Why there is no artifact to compare with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ArtifactError {
    /// No digest was given.
    Missing,
    /// Two digests by one algorithm were given.
    TwoDigests {
        /// The algorithm.
        algorithm: DigestAlgorithm,
    },
}

impl fmt::Display for ArtifactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no digest of the artifact was given"),
            Self::TwoDigests { algorithm } => write!(f, "two {algorithm} digests were given for one artifact"),
        }
    }
}

impl core::error::Error for ArtifactError {}

impl Reason for ArtifactError {
    fn code(&self) -> Code {
        match self {
            Self::Missing => Code::IntotoArtifactMissing,
            Self::TwoDigests { .. } => Code::UsageDigestInvalid,
        }
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::Missing => "no digest".to_string(),
            Self::TwoDigests { algorithm } => alloc::format!("two {algorithm} digests"),
        })
    }

    fn expected(&self) -> Option<String> {
        Some("one digest or more, by distinct algorithms".to_string())
    }
}
