//! The immutable snapshot.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use once_cell::race::OnceBox;
use stella_crypto_providers::KeyId;

use crate::claims::Claims;
use crate::ledger::{Id, ObjectRef, PurlPattern};
use crate::{AsideAnchor, AsideKey, Block, IssuerEntry, KeyEntry, TrustDomain, TrustSnapshotBuilder};

/// Everything a verification may rely on, as of one moment. Immutable; `Send` and `Sync`; cloning is cheap.
#[derive(Clone, Debug)]
pub struct TrustSnapshot {
    content: Arc<Content>,
    origin: Option<SnapshotOrigin>,
}

/// What a snapshot is made of.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) keys: Vec<KeyEntry>,
    pub(crate) domains: Vec<TrustDomain>,
    pub(crate) issuers: Vec<IssuerEntry>,
    pub(crate) aside_keys: Vec<AsideKey>,
    pub(crate) aside_anchors: Vec<AsideAnchor>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) claims: Claims,
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
    /// Positions in `keys`, sorted by key.
    pub(crate) by_id: Vec<(KeyId, usize)>,
    pub(crate) by_name: OnceBox<ByName>,
}

/// Positions of keys that have a name, sorted by it.
#[derive(Debug)]
pub(crate) struct ByName {
    hints: Vec<usize>,
    issuers: Vec<usize>,
    labels: Vec<usize>,
}

/// Which store a snapshot was taken of, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotOrigin {
    store: Id,
    size: u64,
}

impl SnapshotOrigin {
    /// After so many entries of the log of this store.
    #[must_use]
    pub fn new(store: Id, size: u64) -> Self {
        Self { store, size }
    }

    /// The id of the store.
    #[must_use]
    pub fn store(&self) -> &Id {
        &self.store
    }

    /// How many entries its log had.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The sequence number of the latest of them.
    #[must_use]
    pub fn entry(&self) -> u64 {
        self.size.saturating_sub(1)
    }
}

impl TrustSnapshot {
    /// Starts an empty snapshot: nothing is trusted by default.
    pub fn builder() -> TrustSnapshotBuilder {
        TrustSnapshotBuilder::new()
    }

    pub(crate) fn of(content: Content) -> Self {
        Self { content: Arc::new(content), origin: None }
    }

    /// Says where it was taken. Not part of [`TrustSnapshot::root`]: the same trust at another time is the same trust.
    #[must_use]
    pub fn with_origin(mut self, origin: SnapshotOrigin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The store it was taken of, if it was.
    #[must_use]
    pub fn origin(&self) -> Option<&SnapshotOrigin> {
        self.origin.as_ref()
    }

    /// Public keys trusted without a certificate; no two are the same key. Among them are keys that were superseded or whose owner has ceased:
    /// [`KeyEntry::revocation`] says so, and [`judge`](crate::ledger::judge) what of theirs still counts.
    #[must_use]
    pub fn keys(&self) -> &[KeyEntry] {
        &self.content.keys
    }

    /// The position of a key among [`keys`](Self::keys).
    #[must_use]
    pub fn position_of_key(&self, id: &KeyId) -> Option<usize> {
        let by_id = &self.content.by_id;
        let found = by_id.binary_search_by(|(known, _)| known.cmp(id)).ok()?;
        by_id.get(found).map(|(_, position)| *position)
    }

    /// The positions of keys with this hint or label, in no particular order. One may come twice, if both are the same.
    pub fn positions_of_keys_named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = usize> + 's {
        let (names, keys) = (self.names(), &self.content.keys);
        run_of(&names.hints, keys, KeyEntry::hint, name).chain(run_of(&names.labels, keys, KeyEntry::label, name))
    }

    /// The positions of the keys of an issuer.
    pub fn positions_of_keys_of<'s>(&'s self, issuer: &'s str) -> impl Iterator<Item = usize> + 's {
        run_of(&self.names().issuers, &self.content.keys, issuer_of, issuer)
    }

    fn names(&self) -> &ByName {
        self.content.by_name.get_or_init(|| Box::new(ByName::new(&self.content.keys)))
    }

    /// The store's own domain, always first and possibly empty, then one for each imported trusted root in the order of import.
    #[must_use]
    pub fn domains(&self) -> &[TrustDomain] {
        &self.content.domains
    }

    /// The issuers of the store, trusted or not, by id.
    #[must_use]
    pub fn issuers(&self) -> &[IssuerEntry] {
        &self.content.issuers
    }

    /// An issuer of the store.
    #[must_use]
    pub fn issuer(&self, id: &Id) -> Option<&IssuerEntry> {
        let issuers = &self.content.issuers;
        issuers.binary_search_by(|issuer| issuer.id.cmp(id)).ok().and_then(|position| issuers.get(position))
    }

    /// Keys that are known and do not count, and why.
    #[must_use]
    pub fn aside_keys(&self) -> &[AsideKey] {
        &self.content.aside_keys
    }

    /// Anchors that are known and do not count, and why.
    #[must_use]
    pub fn aside_anchors(&self) -> &[AsideAnchor] {
        &self.content.aside_anchors
    }

    /// Keys that no certificate of a path may have any more, sorted by key; of the same key the first one was revoked first.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.content.blocks
    }

    /// Which of all patterns in the store that fit the package URL `purl` is the most specific, and whose it is: whoever holds no pattern of that rank does
    /// not speak about that artifact (see [`Scope::purl_patterns`](crate::ledger::Scope::purl_patterns)).
    #[must_use]
    pub fn claim_on(&self, purl: &str) -> Option<(&PurlPattern, Option<&ObjectRef>)> {
        self.content.claims.strongest(purl)
    }

    /// Every pattern of package URLs that somebody in the store lays claim to, in order, each once.
    pub fn claimed(&self) -> impl Iterator<Item = &PurlPattern> {
        self.content.claims.patterns()
    }

    /// Number of entries: anchors, intermediates, keys, logs, authorities, issuers, what is known and does not count, and one for each trusted
    /// root itself.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.content.size
    }

    /// RFC 6962 §2.1 root over the canonical bytes of the entries, in the order they were added. Of an empty snapshot it is the
    /// SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.content.root
    }

    /// Whether nothing at all is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.content.keys.is_empty() && self.content.domains.iter().all(TrustDomain::is_empty)
    }
}

impl ByName {
    fn new(keys: &[KeyEntry]) -> Self {
        Self {
            hints: sorted(keys, KeyEntry::hint),
            issuers: sorted(keys, issuer_of),
            labels: sorted(keys, KeyEntry::label),
        }
    }
}

fn issuer_of(key: &KeyEntry) -> Option<&str> {
    key.issuer().map(Id::as_str)
}

/// The positions of keys that have such a name, sorted by it. Keys of a store come sorted by id, which takes next to no time.
fn sorted(keys: &[KeyEntry], name: fn(&KeyEntry) -> Option<&str>) -> Vec<usize> {
    let mut positions: Vec<usize> =
        keys.iter().enumerate().filter(|(_, key)| name(key).is_some()).map(|(position, _)| position).collect();
    positions.sort_by_key(|position| keys.get(*position).and_then(name));
    positions
}

fn run_of<'k>(
    positions: &'k [usize],
    keys: &'k [KeyEntry],
    name: fn(&KeyEntry) -> Option<&str>,
    wanted: &'k str,
) -> impl Iterator<Item = usize> + 'k {
    let name_at = move |position: &usize| keys.get(*position).and_then(name);
    let start = positions.partition_point(|position| name_at(position) < Some(wanted));
    let rest = positions.get(start..).unwrap_or(&[]);
    rest.iter().copied().take_while(move |position| name_at(position) == Some(wanted))
}
