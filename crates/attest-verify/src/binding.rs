//! What a verified statement must be about.

use stella_attest_model::{Artifact, Digest};

/// The artifact an attestation is held against, or the open admission that there is none.
#[derive(Clone, Debug)]
pub enum Binding {
    /// One of the statement's subjects must be this artifact, compared by digest and never by name.
    Artifact(Artifact),
    /// No artifact is at hand: the subjects are reported as the statement lists them, and nothing is compared.
    ///
    /// A message signature cannot be judged this way, since it is made over the artifact itself.
    SubjectsAsListed,
}

impl From<Artifact> for Binding {
    fn from(artifact: Artifact) -> Self {
        Self::Artifact(artifact)
    }
}

impl From<&Artifact> for Binding {
    fn from(artifact: &Artifact) -> Self {
        Self::Artifact(artifact.clone())
    }
}

impl From<Digest> for Binding {
    fn from(digest: Digest) -> Self {
        Self::Artifact(Artifact::from_digest(digest))
    }
}

impl From<&Digest> for Binding {
    fn from(digest: &Digest) -> Self {
        Self::from(*digest)
    }
}

impl From<&Binding> for Binding {
    fn from(binding: &Binding) -> Self {
        binding.clone()
    }
}
