//! A trust snapshot made ready for one registry: keys prepared when first used, paths between known certificates checked once.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use once_cell::race::OnceBox;
use stella_chain_verify::{Anchor, Certificate, Pool, Role};
use stella_crypto_providers::{CryptoError, KeyId, PublicKey, Registry, Scheme, SignatureEncoding, VerifyingKey};
use stella_transparency::{CtLogSet, LogSet};
use stella_trust_store::{DomainKind, KeyEntry, TimestampAuthority, TrustDomain, TrustSnapshot};
use stella_vocabulary::Window;

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
    pub(crate) pools: Vec<SignerPool>,
    pub(crate) logs: LogSet,
    pub(crate) ct_logs: CtLogSet,
    pub(crate) authorities: Vec<PreparedAuthority>,
}

/// One authority for signing certificates. Its paths stay within it, so that none borrows the window of another.
pub(crate) struct SignerPool {
    pub(crate) pool: Pool,
    /// What its anchors are called, in their order.
    pub(crate) anchors: Vec<String>,
}

/// One time-stamping authority. It has a pool of its own, so that no path to it borrows a window or a certificate of another.
pub(crate) struct PreparedAuthority {
    pub(crate) name: String,
    pub(crate) window: Window,
    pub(crate) pool: Pool,
    /// Certificates that the snapshot knows of it, for tokens that embed none.
    pub(crate) known: Vec<Certificate>,
    /// SHA-256 of the SPKI of its anchor.
    pub(crate) key: [u8; 32],
    /// The time-stamping certificate itself, if the snapshot pins it: then no other signs for this authority.
    pub(crate) pinned: Option<Certificate>,
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
            pools: domain
                .authorities()
                .iter()
                .map(|authority| SignerPool {
                    pool: Pool::new(registry, authority.anchors().to_vec(), authority.intermediates().to_vec()),
                    anchors: authority.anchors().iter().map(anchor_label).collect(),
                })
                .collect(),
            logs: LogSet::new(registry, domain.logs().to_vec()),
            ct_logs: CtLogSet::new(registry, domain.ct_logs().to_vec()),
            authorities: domain
                .timestamp_authorities()
                .iter()
                .map(|authority| PreparedAuthority::new(registry, authority))
                .collect(),
        }
    }

    pub(crate) fn is_public(&self) -> bool {
        self.kind == DomainKind::Public
    }
}

impl PreparedAuthority {
    fn new(registry: &Registry, authority: &TimestampAuthority) -> Self {
        let chain = authority.chain();
        let pinned = chain.first().filter(|first| chain.len() > 1 && !is_authority(first)).cloned();
        let key =
            chain.last().and_then(|anchor| anchor.public_key().ok()).map_or([0; 32], |key| *key.key_id().as_bytes());
        let (anchors, known) = match chain.split_last() {
            Some((root, rest)) => (alloc::vec![Anchor::new(root.clone())], rest.to_vec()),
            None => (Vec::new(), Vec::new()),
        };
        Self {
            name: authority.name().to_string(),
            window: authority.window(),
            pool: Pool::new(registry, anchors, known.clone()),
            known,
            key,
            pinned,
        }
    }
}

/// `extra` without the certificates that come directly below an anchor of `authority`, if the authority names such certificates itself.
///
/// Authorities may share a root and differ in their windows, each known by its own intermediate. What a bundle or token brings must not reach
/// the root through an intermediate of another authority, be it one that is listed with another window or one that was taken off the list.
pub(crate) fn without_rivals<'c>(authority: &Pool, extra: &'c [Certificate]) -> Cow<'c, [Certificate]> {
    let below_anchor = |one: &Certificate| {
        authority.anchors().iter().any(|anchor| one.issuer().matches(anchor.certificate().subject()))
    };
    if authority.intermediates().next().is_none() || !extra.iter().any(below_anchor) {
        return Cow::Borrowed(extra);
    }
    Cow::Owned(extra.iter().filter(|one| !below_anchor(one)).cloned().collect())
}

fn is_authority(certificate: &Certificate) -> bool {
    certificate.basic_constraints().is_some_and(|constraints| constraints.role == Role::Authority)
}

fn anchor_label(anchor: &Anchor) -> String {
    anchor.label().map_or_else(|| anchor.certificate().subject().to_string(), ToString::to_string)
}
