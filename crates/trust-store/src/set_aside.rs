//! What a store knows and does not count: kept, so that a refusal can say why.

use stella_crypto_providers::KeyId;

use crate::ledger::{Id, ObjectRef, Revocation};
use crate::{AnchorEntry, KeyEntry};

/// Why something that a store knows gives no trust.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyAside {
    /// Its issuer is not trusted, or not any more.
    IssuerNotTrusted,
    /// It was taken out.
    Removed,
    /// Somebody asks for it in the change request with this id, and it has not been approved.
    Requested(Id),
    /// It was revoked in a way that taints the past.
    Revoked,
    /// It was fetched, and nobody has approved it.
    Staged,
}

impl WhyAside {
    /// In one word or two: `issuer not trusted`, `removed`, `requested`, `revoked`, `staged`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::IssuerNotTrusted => "issuer not trusted",
            Self::Removed => "removed",
            Self::Requested(_) => "requested",
            Self::Revoked => "revoked",
            Self::Staged => "staged",
        }
    }
}

/// A key that gives no trust.
#[derive(Clone, Debug)]
pub struct AsideKey {
    pub(crate) entry: KeyEntry,
    pub(crate) why: WhyAside,
}

impl AsideKey {
    /// A key that is known and does not count.
    #[must_use]
    pub fn new(entry: KeyEntry, why: WhyAside) -> Self {
        Self { entry, why }
    }

    /// The key.
    #[must_use]
    pub fn entry(&self) -> &KeyEntry {
        &self.entry
    }

    /// Why it does not count.
    #[must_use]
    pub fn why(&self) -> &WhyAside {
        &self.why
    }
}

/// An anchor that gives no trust.
#[derive(Clone, Debug)]
pub struct AsideAnchor {
    pub(crate) entry: AnchorEntry,
    pub(crate) why: WhyAside,
}

impl AsideAnchor {
    /// An anchor that is known and does not count.
    #[must_use]
    pub fn new(entry: AnchorEntry, why: WhyAside) -> Self {
        Self { entry, why }
    }

    /// The anchor.
    #[must_use]
    pub fn entry(&self) -> &AnchorEntry {
        &self.entry
    }

    /// Why it does not count.
    #[must_use]
    pub fn why(&self) -> &WhyAside {
        &self.why
    }
}

/// A public key that no certificate of a path may have any more, wherever it stands: the owner of the store has revoked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub(crate) key: KeyId,
    pub(crate) object: ObjectRef,
    pub(crate) revocation: Revocation,
}

impl Block {
    /// That `object`, which has the key with this id, was revoked.
    #[must_use]
    pub fn new(key: KeyId, object: ObjectRef, revocation: Revocation) -> Self {
        Self { key, object, revocation }
    }

    /// The key. An altered copy of a certificate, or a new certificate over an old key, has the same.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// What was revoked.
    #[must_use]
    pub fn object(&self) -> &ObjectRef {
        &self.object
    }

    /// Why, and since when.
    #[must_use]
    pub fn revocation(&self) -> &Revocation {
        &self.revocation
    }
}
