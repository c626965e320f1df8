//! A trust snapshot made ready for one registry: keys prepared when first used, paths between known certificates checked once.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use once_cell::race::OnceBox;
use stella_crypto_providers::{CryptoError, KeyError, KeyId, Registry, Scheme, VerifyingKey};
use stella_transparency::{CtLogSet, LogSet};
use stella_trust_store::{AnchorEntry, DomainKind, KeyEntry, TrustDomain, TrustSnapshot, WhyAside};
use stella_vocabulary::{Code, Reason};

use crate::authority::{PreparedAuthority, PreparedTimestampAuthority};

/// Everything of a snapshot that verification looks things up in.
pub(crate) struct PreparedTrust {
    pub(crate) snapshot: TrustSnapshot,
    pub(crate) domains: Vec<PreparedDomain>,
    /// Keys that were compromised: known, so that a signature by one is refused for that reason. Positions among the keys set aside.
    compromised: Vec<usize>,
    /// For each key of the snapshot and then each compromised one, what becomes of it when it is first used.
    prepared: Box<[Prepared]>,
    /// Whether some anchor is trusted for certain statements or artifacts only, so that the statement has a say in which path will do.
    pub(crate) statement_matters: bool,
}

/// Index of the store's own domain.
pub(crate) const PRIVATE: usize = 0;

/// A log or time-stamping authority that vouched for something. It is one and the same by its key, however often and under whatever names it
/// is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    /// SHA-256 of the SPKI: of a log, or of the anchor of an authority.
    pub(crate) key: [u8; 32],
    /// The domains that list it so that what it said holds.
    pub(crate) domains: Vec<usize>,
}

/// One domain of the snapshot.
pub(crate) struct PreparedDomain {
    pub(crate) kind: DomainKind,
    /// Its authorities for signing certificates.
    pub(crate) signers: Vec<PreparedAuthority>,
    pub(crate) logs: LogSet,
    pub(crate) ct_logs: CtLogSet,
    /// Its time-stamping authorities.
    pub(crate) clocks: Vec<PreparedTimestampAuthority>,
}

type Prepared = OnceBox<Result<VerifyingKey, Unusable>>;

/// Why nothing can be verified with a key of the snapshot.
#[derive(Clone, Debug)]
pub(crate) enum Unusable {
    /// No provider computes with it.
    Crypto(CryptoError),
    /// It is none that may be used.
    Key(KeyError),
}

impl Unusable {
    fn reason(&self) -> &dyn Reason {
        match self {
            Self::Crypto(error) => error,
            Self::Key(error) => error,
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.reason(), f)
    }
}

impl core::error::Error for Unusable {}

impl Reason for Unusable {
    fn code(&self) -> Code {
        self.reason().code()
    }

    fn place(&self) -> Option<String> {
        self.reason().place()
    }

    fn found(&self) -> Option<String> {
        self.reason().found()
    }

    fn expected(&self) -> Option<String> {
        self.reason().expected()
    }

    fn clause(&self) -> Option<&'static str> {
        self.reason().clause()
    }
}

/// One key of the snapshot.
#[derive(Clone, Copy)]
pub(crate) struct TrustedKey<'t> {
    pub(crate) entry: &'t KeyEntry,
    prepared: &'t Prepared,
}

impl<'t> TrustedKey<'t> {
    pub(crate) fn id(self) -> KeyId {
        self.entry.key_id()
    }

    pub(crate) fn verifying_key(self, registry: &Registry) -> Result<&'t VerifyingKey, &'t Unusable> {
        self.prepared.get_or_init(|| Box::new(prepare(registry, self.entry))).as_ref()
    }

    /// Whether a signature's hint names this key: by its id, its label, or the hint that was registered with it.
    pub(crate) fn is_named_by(self, hint: &str) -> bool {
        is_named_by(self.entry, hint)
    }
}

pub(crate) fn prepare(registry: &Registry, entry: &KeyEntry) -> Result<VerifyingKey, Unusable> {
    let key = entry.public_key().map_err(|error| Unusable::Key(error.clone()))?;
    registry.prepare(Scheme::for_key(key), key).map_err(Unusable::Crypto)
}

pub(crate) fn is_named_by(entry: &KeyEntry, hint: &str) -> bool {
    entry.label() == Some(hint) || entry.hint() == Some(hint) || names_key(hint, entry.key_id().as_bytes())
}

/// Whether `hint` is one of the spellings in use for the SHA-256 of a canonical public key: `sha256:` and hex, bare hex, base64.
///
/// `SHA256:` and base64, as the npm registry writes it, is none of them: what it hashes is not the SPKI.
pub(crate) fn names_key(hint: &str, id: &[u8; 32]) -> bool {
    hint_digest(hint).is_some_and(|digest| digest == id.as_slice())
}

/// The 32 bytes that a hint in one of the spellings in use stands for; `None` for a hint of another form.
pub(crate) fn hint_digest(hint: &str) -> Option<Vec<u8>> {
    let bare = hint.strip_prefix("sha256:").unwrap_or(hint);
    let bytes = match bare.len() {
        64 => stella_vocabulary::hex::decode(bare)?,
        43 | 44 => stella_vocabulary::base64::decode(bare).ok()?,
        _ => return None,
    };
    (bytes.len() == 32).then_some(bytes)
}

impl PreparedTrust {
    pub(crate) fn new(registry: &Registry, snapshot: &TrustSnapshot) -> Self {
        let aside = snapshot.aside_keys().iter().enumerate();
        let compromised: Vec<usize> =
            aside.filter(|(_, key)| *key.why() == WhyAside::Revoked).map(|(position, _)| position).collect();
        let mut domains: Vec<PreparedDomain> =
            snapshot.domains().iter().map(|domain| PreparedDomain::new(registry, domain)).collect();
        // A path to a compromised anchor is found, so that it is refused for that reason.
        let anchors: Vec<AnchorEntry> = snapshot
            .aside_anchors()
            .iter()
            .filter(|anchor| *anchor.why() == WhyAside::Revoked)
            .map(|anchor| anchor.entry().clone())
            .collect();
        if let (false, Some(private), Some(domain)) =
            (anchors.is_empty(), domains.get_mut(PRIVATE), snapshot.domains().get(PRIVATE))
        {
            let known = domain.authorities().iter().flat_map(|authority| authority.intermediates()).cloned().collect();
            private.signers.push(PreparedAuthority::of_compromised(registry, anchors, known));
        }
        let statement_matters = snapshot
            .domains()
            .iter()
            .flat_map(|domain| domain.authorities())
            .flat_map(|authority| authority.anchors())
            .filter_map(AnchorEntry::scope)
            .any(|scope| !scope.predicate_types.is_empty() || !scope.purl_patterns.is_empty());
        let slots = snapshot.keys().len().saturating_add(compromised.len());
        Self {
            snapshot: snapshot.clone(),
            domains,
            compromised,
            prepared: (0..slots).map(|_| OnceBox::new()).collect(),
            statement_matters,
        }
    }

    /// How many keys are trusted.
    pub(crate) fn key_count(&self) -> usize {
        self.snapshot.keys().len()
    }

    /// How many keys a signature may be by: the trusted ones, and behind them the compromised ones.
    pub(crate) fn known_keys(&self) -> usize {
        self.prepared.len()
    }

    pub(crate) fn key(&self, index: usize) -> Option<TrustedKey<'_>> {
        let entry = match self.snapshot.keys().get(index) {
            Some(entry) => entry,
            None => {
                let position = self.compromised.get(index.checked_sub(self.key_count())?)?;
                self.snapshot.aside_keys().get(*position)?.entry()
            }
        };
        Some(TrustedKey { entry, prepared: self.prepared.get(index)? })
    }

    /// The position of the key with this id.
    pub(crate) fn position(&self, id: &KeyId) -> Option<usize> {
        self.snapshot.position_of_key(id).or_else(|| self.compromised_where(|entry| entry.key_id() == *id).next())
    }

    /// The positions of the keys that a hint names, in order, each once. Looked up and not searched: a store may hold a hundred thousand.
    pub(crate) fn named(&self, hint: &str) -> Vec<usize> {
        let digest = hint_digest(hint).and_then(|digest| <[u8; 32]>::try_from(digest).ok());
        let by_id = digest.and_then(|digest| self.snapshot.position_of_key(&KeyId::from_bytes(digest)));
        let by_name = self.snapshot.positions_of_keys_named(hint);
        let compromised = self.compromised_where(|entry| is_named_by(entry, hint));
        let mut named: Vec<usize> = by_id.into_iter().chain(by_name).chain(compromised).collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// The positions of the keys of an issuer.
    pub(crate) fn keys_of(&self, issuer: &str) -> Vec<usize> {
        let of_issuer = |entry: &KeyEntry| entry.issuer().is_some_and(|own| own.as_str() == issuer);
        self.snapshot.positions_of_keys_of(issuer).chain(self.compromised_where(of_issuer)).collect()
    }

    fn compromised_where(&self, wanted: impl Fn(&KeyEntry) -> bool) -> impl Iterator<Item = usize> {
        let keys = self.snapshot.aside_keys();
        let count = self.key_count();
        let fits = move |position: &usize| keys.get(*position).is_some_and(|key| wanted(key.entry()));
        self.compromised
            .iter()
            .enumerate()
            .filter(move |(_, position)| fits(position))
            .map(move |(index, _)| count + index)
    }
}

impl PreparedDomain {
    fn new(registry: &Registry, domain: &TrustDomain) -> Self {
        Self {
            kind: domain.kind(),
            signers: domain
                .authorities()
                .iter()
                .map(|authority| PreparedAuthority::for_signers(registry, authority, domain.kind()))
                .collect(),
            logs: LogSet::new(registry, domain.logs().to_vec()),
            ct_logs: CtLogSet::new(registry, domain.ct_logs().to_vec()),
            clocks: domain
                .timestamp_authorities()
                .iter()
                .map(|authority| PreparedTimestampAuthority::new(registry, authority))
                .collect(),
        }
    }

    pub(crate) fn is_public(&self) -> bool {
        self.kind == DomainKind::Public
    }
}
