//! A trust snapshot made ready for one registry: keys prepared when first used, paths between known certificates checked once.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use once_cell::race::OnceBox;
use stella_crypto_providers::{CryptoError, KeyId, PublicKey, Registry, Scheme, SignatureEncoding, VerifyingKey};
use stella_transparency::{CtLogSet, LogSet};
use stella_trust_store::{DomainKind, KeyEntry, TrustDomain, TrustSnapshot};
use stella_vocabulary::Window;

use crate::authority::{PreparedAuthority, PreparedTimestampAuthority};

/// Everything of a snapshot that verification looks things up in.
pub(crate) struct PreparedTrust {
    pub(crate) domains: Vec<PreparedDomain>,
    pub(crate) keys: Vec<PreparedKeyEntry>,
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
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

/// One key of the snapshot.
pub(crate) struct PreparedKeyEntry {
    pub(crate) id: KeyId,
    pub(crate) label: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) window: Window,
    pub(crate) encoding: SignatureEncoding,
    pub(crate) public: PublicKey,
    prepared: OnceBox<Result<VerifyingKey, CryptoError>>,
}

impl PreparedKeyEntry {
    fn new(entry: &KeyEntry) -> Self {
        Self {
            id: entry.key().key_id(),
            label: entry.label().map(ToString::to_string),
            hint: entry.hint().map(ToString::to_string),
            window: entry.window(),
            encoding: entry.encoding(),
            public: entry.key().clone(),
            prepared: OnceBox::new(),
        }
    }

    pub(crate) fn verifying_key(&self, registry: &Registry) -> Result<&VerifyingKey, &CryptoError> {
        self.prepared.get_or_init(|| Box::new(registry.prepare(Scheme::for_key(&self.public), &self.public))).as_ref()
    }

    /// Whether a signature's hint names this key: by its id, its label, or the hint that was registered with it.
    pub(crate) fn is_named_by(&self, hint: &str) -> bool {
        self.label.as_deref() == Some(hint) || self.hint.as_deref() == Some(hint) || names_key(hint, self.id.as_bytes())
    }
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
        Self {
            domains: snapshot.domains().iter().map(|domain| PreparedDomain::new(registry, domain)).collect(),
            keys: snapshot.keys().iter().map(PreparedKeyEntry::new).collect(),
            size: snapshot.size(),
            root: snapshot.root(),
        }
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
