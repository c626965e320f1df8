//! The immutable snapshot.

use alloc::vec::Vec;

use crate::{KeyEntry, TrustDomain, TrustSnapshotBuilder};

/// Everything a verification may rely on, as of one moment. Immutable; `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct TrustSnapshot {
    pub(crate) keys: Vec<KeyEntry>,
    pub(crate) domains: Vec<TrustDomain>,
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
}

impl TrustSnapshot {
    /// Starts an empty snapshot: nothing is trusted by default.
    pub fn builder() -> TrustSnapshotBuilder {
        TrustSnapshotBuilder::new()
    }

    /// Public keys trusted without a certificate; no two are the same key.
    #[must_use]
    pub fn keys(&self) -> &[KeyEntry] {
        &self.keys
    }

    /// The store's own domain, always first and possibly empty, then one for each imported trusted root in the order of import.
    #[must_use]
    pub fn domains(&self) -> &[TrustDomain] {
        &self.domains
    }

    /// Number of entries: anchors, intermediates, keys, logs, authorities, and one for each trusted root itself.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// RFC 6962 §2.1 root over the canonical bytes of the entries, in the order they were added. Of an empty snapshot it is the
    /// SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.root
    }

    /// Whether nothing at all is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.domains.iter().all(TrustDomain::is_empty)
    }
}
