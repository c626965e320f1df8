//! How a snapshot is put together.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_crypto_providers::{KeyId, PublicKey};
use stella_transparency::{Log, merkle};

use crate::entry::{self, LogKind};
use crate::error::TrustError;
use crate::ledger::{Id, ObjectKind, ObjectRef, Scope};
use crate::snapshot::Content;
use crate::soundness::{check_anchor, check_authority, check_window};
use crate::{
    AnchorEntry, AsideAnchor, AsideKey, Block, CertificateAuthority, DomainKind, IssuerEntry, KeyEntry,
    TimestampAuthority, TrustDomain, TrustSnapshot, TrustedRoot,
};

/// Collects what is to be trusted. The same entry twice counts once.
///
/// # Piece by piece, or as a trusted root
/// What is added piece by piece makes one private domain, and a private domain *demands* nothing: whoever one of its authorities certifies is
/// trusted, with or without log entry, certificate timestamp and trusted time, even if logs and time-stamping authorities stand beside the
/// authority. Evidence that is there must still hold. So a Sigstore instance of one's own that is added as anchor, [`log`](Self::log) and
/// [`ct_log`](Self::ct_log) asks for less than the same instance imported as a [`trusted_root`](Self::trusted_root). Import it, or let the policy
/// name the evidence.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TrustSnapshotBuilder {
    added: Vec<Added>,
}

#[derive(Clone, Debug)]
enum Added {
    Anchor(AnchorEntry),
    AsideAnchor(AsideAnchor),
    AsideKey(AsideKey),
    Block(Block),
    CertificateAuthority(CertificateAuthority),
    CtLog(Log),
    Intermediate(Certificate),
    Issuer(IssuerEntry),
    Key(KeyEntry),
    Log(Log),
    Snapshot(TrustSnapshot),
    TimestampAuthority(TimestampAuthority),
    TrustedRoot(TrustedRoot),
}

impl TrustSnapshotBuilder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn add(mut self, entry: Added) -> Self {
        self.added.push(entry);
        self
    }

    /// Trusts whoever `certificate` certifies, as long as it is valid itself.
    ///
    /// # Left to the caller
    /// That the authority certifies only who is meant. The root of a public authority is sound as an anchor, but trusted that way it vouches for
    /// everybody: no issuer, log entry or time is asked for. Import such an instance as a [`trusted_root`](Self::trusted_root).
    pub fn anchor(self, certificate: Certificate) -> Self {
        self.anchor_with(AnchorEntry::new(certificate))
    }

    /// Trusts an anchor with a window, a label and a scope of its own.
    pub fn anchor_with(self, anchor: impl Into<AnchorEntry>) -> Self {
        self.add(Added::Anchor(anchor.into()))
    }

    /// Remembers an anchor that does not count, so that a refusal can say why.
    pub fn aside_anchor(self, anchor: AsideAnchor) -> Self {
        self.add(Added::AsideAnchor(anchor))
    }

    /// Remembers a key that does not count, so that a refusal can say why.
    pub fn aside_key(self, key: AsideKey) -> Self {
        self.add(Added::AsideKey(key))
    }

    /// Refuses every path that has a certificate with this key, as far as the revocation reaches.
    pub fn block(self, block: Block) -> Self {
        self.add(Added::Block(block))
    }

    /// Adds an issuer: whom its certificates under a public authority name, and what it is trusted for. Of the same id the first one counts.
    pub fn issuer(self, issuer: IssuerEntry) -> Self {
        self.add(Added::Issuer(issuer))
    }

    /// Trusts the 1 to 32 certificates of a PEM file as anchors.
    ///
    /// # Errors
    /// [`TrustError::Certificate`].
    pub fn anchors_from_pem(self, pem: &[u8]) -> Result<Self, TrustError> {
        Ok(certificates_from_pem(pem)?.into_iter().fold(self, Self::anchor))
    }

    /// Adds an authority of the store's own whose intermediates serve no other.
    ///
    /// Its window bounds its anchor and not what an attestation brings along: where two authorities share a root, a signer below the intermediate
    /// of one still reaches the root in the window of the other. In the domain of a trusted root that way is closed.
    pub fn certificate_authority(self, authority: CertificateAuthority) -> Self {
        self.add(Added::CertificateAuthority(authority))
    }

    /// Adds a certificate that helps to find paths to anchors added one by one. It gives no trust.
    pub fn intermediate(self, certificate: Certificate) -> Self {
        self.add(Added::Intermediate(certificate))
    }

    /// Adds the 1 to 32 certificates of a PEM file as intermediates.
    ///
    /// # Errors
    /// [`TrustError::Certificate`].
    pub fn intermediates_from_pem(self, pem: &[u8]) -> Result<Self, TrustError> {
        Ok(certificates_from_pem(pem)?.into_iter().fold(self, Self::intermediate))
    }

    /// Trusts a public key at any time.
    pub fn key(self, key: PublicKey) -> Self {
        self.key_with(KeyEntry::new(key))
    }

    /// Trusts a public key with a window, names, and an encoding of its own.
    pub fn key_with(self, entry: KeyEntry) -> Self {
        self.add(Added::Key(entry))
    }

    /// Trusts the one public key of a PEM file at any time; label `PUBLIC KEY`.
    ///
    /// # Errors
    /// [`TrustError::Key`].
    pub fn key_from_pem(self, pem: &[u8]) -> Result<Self, TrustError> {
        match PublicKey::from_pem(pem) {
            Ok(key) => Ok(self.key(key)),
            Err(error) => Err(TrustError::Key { entry: None, error }),
        }
    }

    /// Trusts a transparency log for attestations of the store's own domain. That an entry of it must be there is for the policy to say.
    pub fn log(self, log: Log) -> Self {
        self.add(Added::Log(log))
    }

    /// Trusts a certificate transparency log for certificates of the store's own domain. That a timestamp of it must be there is for the
    /// policy to say.
    pub fn ct_log(self, log: Log) -> Self {
        self.add(Added::CtLog(log))
    }

    /// Trusts a time-stamping authority, for attestations of every domain: who adds it answers for its clock. Where sources of time are counted,
    /// authorities below one anchor key are one. That a time must be there is for the policy to say.
    pub fn timestamp_authority(self, authority: TimestampAuthority) -> Self {
        self.add(Added::TimestampAuthority(authority))
    }

    /// Imports a Sigstore trusted root, media type version 0.1 or 0.2, as a public domain of its own, named after its first
    /// certificate authority.
    ///
    /// # Errors
    /// As [`TrustedRoot::from_json`].
    pub fn trusted_root(self, json: &[u8]) -> Result<Self, TrustError> {
        Ok(self.trusted_root_with(TrustedRoot::from_json(json)?))
    }

    /// Imports a trusted root that was read before.
    pub fn trusted_root_with(self, root: TrustedRoot) -> Self {
        self.add(Added::TrustedRoot(root))
    }

    /// Adds everything of a snapshot: what it trusts, what it knows and does not count, and what it blocks. Its origin is not taken over.
    ///
    /// What the snapshot knows comes first to be asked: a key or anchor that is in it stays as it is there, with its limits.
    pub fn snapshot(self, snapshot: TrustSnapshot) -> Self {
        self.add(Added::Snapshot(snapshot))
    }

    /// Looks at everything and closes the snapshot.
    ///
    /// # Errors
    /// The first entry, in the order added, that could never be relied on ([`TrustError::AuthorityInvalid`],
    /// [`TrustError::WindowInvalid`]) or contradicts an earlier one ([`TrustError::DuplicateKey`]). Nothing is passed over: a
    /// snapshot with fewer entries than were given would decide by other rules than its owner meant.
    ///
    /// # Left to the caller
    /// Whether certificates are valid and windows open: that needs an instant.
    pub fn build(self) -> Result<TrustSnapshot, TrustError> {
        let mut assembly = Assembly::new();
        for entry in self.added {
            assembly.add(entry)?;
        }
        assembly.finish()
    }
}

fn certificates_from_pem(pem: &[u8]) -> Result<Vec<Certificate>, TrustError> {
    Certificate::from_pem_all(pem).map_err(|error| TrustError::Certificate { entry: None, error })
}

/// What the store's own domain is called, and the authority of all that was added to it one by one.
const PRIVATE_NAME: &str = "private";

/// Index of the store's own domain.
const PRIVATE: usize = 0;

/// A snapshot in the making.
pub(crate) struct Assembly {
    content: Content,
    private: TrustDomain,
    public: Vec<TrustDomain>,
    loose: CertificateAuthority,
    /// Position in `loose.anchors` by digest: 10,000 anchors must not take 10,000 squared steps.
    anchor_positions: BTreeMap<[u8; 32], usize>,
    /// Likewise of the keys that were added one by one; those of a store are compared with each other at the end.
    key_positions: BTreeMap<KeyId, usize>,
    leaves: Vec<merkle::Hash>,
    /// The hashes in `leaves`, and one for each trusted root as a whole.
    seen: BTreeSet<merkle::Hash>,
}

impl Assembly {
    pub(crate) fn new() -> Self {
        Self {
            content: Content::default(),
            private: TrustDomain::new(DomainKind::Private, String::from(PRIVATE_NAME)),
            public: Vec::new(),
            loose: CertificateAuthority {
                name: String::from(PRIVATE_NAME),
                anchors: Vec::new(),
                intermediates: Vec::new(),
            },
            anchor_positions: BTreeMap::new(),
            key_positions: BTreeMap::new(),
            leaves: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    fn add(&mut self, added: Added) -> Result<(), TrustError> {
        match added {
            Added::Anchor(anchor) => self.add_anchor(anchor),
            Added::AsideAnchor(anchor) => {
                self.add_aside_anchor(anchor);
                Ok(())
            }
            Added::AsideKey(key) => {
                self.add_aside_key(key);
                Ok(())
            }
            Added::Block(block) => {
                self.add_block(block);
                Ok(())
            }
            Added::CertificateAuthority(authority) => {
                check_certificate_authority(&authority)?;
                if self.record(&entry::certificate_authority(PRIVATE, &authority)) {
                    self.private.authorities.push(authority);
                }
                Ok(())
            }
            Added::CtLog(log) => {
                check_log(&log)?;
                if self.record(&entry::log(PRIVATE, LogKind::CertificateTransparency, &log)) {
                    self.private.ct_logs.push(log);
                }
                Ok(())
            }
            Added::Intermediate(certificate) => self.add_intermediate(certificate),
            Added::Issuer(issuer) => {
                self.add_issuer(issuer);
                Ok(())
            }
            Added::Key(key) => self.add_key(key),
            Added::Log(log) => {
                check_log(&log)?;
                if self.record(&entry::log(PRIVATE, LogKind::Signatures, &log)) {
                    self.private.logs.push(log);
                }
                Ok(())
            }
            Added::Snapshot(snapshot) => self.add_snapshot(&snapshot),
            Added::TimestampAuthority(authority) => {
                check_timestamp_authority(&authority)?;
                if self.record(&entry::timestamp_authority(PRIVATE, &authority)) {
                    self.private.timestamp_authorities.push(authority);
                }
                Ok(())
            }
            Added::TrustedRoot(root) => {
                self.add_trusted_root(root);
                Ok(())
            }
        }
    }

    pub(crate) fn add_anchor(&mut self, anchor: AnchorEntry) -> Result<(), TrustError> {
        let name = || format!("anchor \"{}\"", anchor.certificate().subject());
        check_anchor(anchor.certificate()).map_err(|flaw| TrustError::AuthorityInvalid { entry: name(), flaw })?;
        check_window(anchor.window()).map_err(|flaw| TrustError::WindowInvalid { entry: name(), flaw })?;
        let known = self.anchor_positions.get(&anchor.certificate().fingerprint());
        if let Some(known) = known.and_then(|position| self.loose.anchors.get(*position)) {
            let same_terms = |known: &AnchorEntry| {
                (known.window(), &known.scope, known.revocation) == (anchor.window(), &anchor.scope, anchor.revocation)
            };
            return if same_terms(known) {
                Ok(())
            } else {
                Err(TrustError::DuplicateKey {
                    entry: name(),
                    existing: format!("it with the window {}", known.window()),
                })
            };
        }
        self.anchor_positions.insert(anchor.certificate().fingerprint(), self.loose.anchors.len());
        self.record(&entry::anchor(PRIVATE, &anchor));
        self.claim(anchor.scope(), ObjectKind::Anchor, anchor.store_id());
        self.loose.anchors.push(anchor);
        Ok(())
    }

    fn add_snapshot(&mut self, snapshot: &TrustSnapshot) -> Result<(), TrustError> {
        for key in snapshot.keys() {
            self.add_key(key.clone())?;
        }
        for domain in snapshot.domains() {
            if domain.kind == DomainKind::Public {
                self.add_trusted_root(TrustedRoot { domain: domain.clone() });
                continue;
            }
            for authority in &domain.authorities {
                // All that was added one by one is one authority of that name.
                if authority.name == PRIVATE_NAME {
                    authority.anchors.iter().try_for_each(|anchor| self.add_anchor(anchor.clone()))?;
                    authority.intermediates.iter().try_for_each(|one| self.add_intermediate(one.clone()))?;
                } else {
                    self.add(Added::CertificateAuthority(authority.clone()))?;
                }
            }
            let logs = domain.logs.iter().cloned().map(Added::Log);
            let ct_logs = domain.ct_logs.iter().cloned().map(Added::CtLog);
            let clocks = domain.timestamp_authorities.iter().cloned().map(Added::TimestampAuthority);
            logs.chain(ct_logs).chain(clocks).try_for_each(|added| self.add(added))?;
        }
        snapshot.issuers().iter().for_each(|issuer| self.add_issuer(issuer.clone()));
        snapshot.aside_anchors().iter().for_each(|anchor| self.add_aside_anchor(anchor.clone()));
        snapshot.aside_keys().iter().for_each(|key| self.add_aside_key(key.clone()));
        snapshot.blocks().iter().for_each(|block| self.add_block(block.clone()));
        Ok(())
    }

    pub(crate) fn add_aside_anchor(&mut self, anchor: AsideAnchor) {
        if self.record(&entry::aside_anchor(&anchor)) {
            self.claim(anchor.entry.scope(), ObjectKind::Anchor, anchor.entry.store_id());
            self.content.aside_anchors.push(anchor);
        }
    }

    pub(crate) fn add_aside_key(&mut self, key: AsideKey) {
        if self.record(&entry::aside_key(&key)) {
            self.claim(key.entry.scope(), ObjectKind::Key, key.entry.store_id());
            self.content.aside_keys.push(key);
        }
    }

    pub(crate) fn add_block(&mut self, block: Block) {
        if self.record(&entry::block(&block)) {
            self.content.blocks.push(block);
        }
    }

    pub(crate) fn add_issuer(&mut self, issuer: IssuerEntry) {
        if self.content.issuers.iter().any(|known| known.id == issuer.id) {
            return;
        }
        self.record(&entry::issuer(&issuer));
        // Nobody was ever promised anything for an issuer that waits.
        if issuer.standing != crate::IssuerStanding::Pending {
            self.claim(Some(&issuer.scope), ObjectKind::Issuer, Some(&issuer.id));
        }
        self.content.issuers.push(issuer);
    }

    fn claim(&mut self, scope: Option<&Scope>, kind: ObjectKind, id: Option<&Id>) {
        self.content.claims.add(scope, || id.map(|id| ObjectRef::new(kind, id.clone())));
    }

    pub(crate) fn add_intermediate(&mut self, certificate: Certificate) -> Result<(), TrustError> {
        check_authority(&certificate).map_err(|flaw| TrustError::IntermediateInvalid {
            entry: format!("intermediate \"{}\"", certificate.subject()),
            flaw,
        })?;
        if self.record(&entry::intermediate(PRIVATE, &certificate)) {
            self.loose.intermediates.push(certificate);
        }
        Ok(())
    }

    pub(crate) fn add_key(&mut self, key: KeyEntry) -> Result<(), TrustError> {
        let id = key.key_id();
        let name = || match key.label() {
            Some(label) => format!("key \"{label}\" ({id})"),
            None => format!("key {id}"),
        };
        check_window(key.window).map_err(|flaw| TrustError::WindowInvalid { entry: name(), flaw })?;
        let canonical = entry::key(&key);
        let known = self.key_positions.get(&id).and_then(|position| self.content.keys.get(*position));
        if let Some(known) = known {
            return if entry::key(known) == canonical {
                Ok(())
            } else {
                let existing = known.label().map_or_else(|| known.key_id().to_string(), ToString::to_string);
                Err(TrustError::DuplicateKey { entry: name(), existing })
            };
        }
        self.key_positions.insert(id, self.content.keys.len());
        self.push_key(key, &canonical);
        Ok(())
    }

    /// Adds a key of a store, which has looked at it before. Not to be mixed with [`add_key`](Self::add_key): whether two of them are the same key is
    /// found out by [`finish`](Self::finish).
    pub(crate) fn add_key_of_store(&mut self, key: KeyEntry) {
        let canonical = entry::key(&key);
        self.push_key(key, &canonical);
    }

    fn push_key(&mut self, key: KeyEntry, canonical: &[u8]) {
        self.leaves.push(merkle::leaf_hash(canonical));
        self.claim(key.scope(), ObjectKind::Key, key.store_id());
        self.content.keys.push(key);
    }

    /// Makes room for so many more keys.
    pub(crate) fn expect_keys(&mut self, count: usize) {
        self.content.keys.reserve(count);
        self.leaves.reserve(count);
    }

    /// A [`TrustedRoot`] exists only if each of its entries has been looked at.
    pub(crate) fn add_trusted_root(&mut self, root: TrustedRoot) {
        let domain = root.domain;
        let hashes = |index| trusted_root_entries(index, &domain).into_iter().map(|entry| merkle::leaf_hash(&entry));
        if !self.seen.insert(merkle::root_of(hashes(PRIVATE))) {
            return;
        }
        self.leaves.extend(hashes(self.public.len().saturating_add(1)));
        self.public.push(domain);
    }

    /// Takes an entry into the digest; `false` if it is there already.
    fn record(&mut self, canonical: &[u8]) -> bool {
        let hash = merkle::leaf_hash(canonical);
        let new = self.seen.insert(hash);
        if new {
            self.leaves.push(hash);
        }
        new
    }

    /// # Errors
    /// [`TrustError::DuplicateKey`] for a key that is there twice: it would count twice where distinct keys are counted.
    pub(crate) fn finish(mut self) -> Result<TrustSnapshot, TrustError> {
        if !self.loose.anchors.is_empty() || !self.loose.intermediates.is_empty() {
            self.private.authorities.insert(0, self.loose);
        }
        let mut content = self.content;
        content.domains = Vec::from([self.private]);
        content.domains.extend(self.public);
        content.issuers.sort_by(|left, right| left.id.cmp(&right.id));
        content.blocks.sort_by_key(|block| (block.key, block.revocation.revoked_at));
        content.by_id = content.keys.iter().enumerate().map(|(position, key)| (key.key_id(), position)).collect();
        content.by_id.sort_unstable();
        if let Some([(id, first), (_, second)]) =
            content.by_id.windows(2).find(|pair| matches!(pair, [left, right] if left.0 == right.0))
        {
            let name = |position: &usize| content.keys.get(*position).and_then(KeyEntry::label).unwrap_or_default();
            return Err(TrustError::DuplicateKey {
                entry: format!("key \"{}\" ({id})", name(second)),
                existing: name(first).to_string(),
            });
        }
        content.size = self.leaves.len() as u64;
        content.root = merkle::root_of(self.leaves);
        Ok(TrustSnapshot::of(content))
    }
}

/// The canonical entries of a trusted root that is the domain `index`.
fn trusted_root_entries(index: usize, domain: &TrustDomain) -> Vec<Vec<u8>> {
    let mut entries = Vec::from([entry::trusted_root(index, &domain.label)]);
    entries.extend(domain.logs.iter().map(|log| entry::log(index, LogKind::Signatures, log)));
    entries.extend(domain.authorities.iter().map(|authority| entry::certificate_authority(index, authority)));
    entries.extend(domain.ct_logs.iter().map(|log| entry::log(index, LogKind::CertificateTransparency, log)));
    entries.extend(domain.timestamp_authorities.iter().map(|authority| entry::timestamp_authority(index, authority)));
    entries
}

fn check_log(log: &Log) -> Result<(), TrustError> {
    check_window(log.window())
        .map_err(|flaw| TrustError::WindowInvalid { entry: format!("log \"{}\"", log.name()), flaw })
}

fn check_certificate_authority(authority: &CertificateAuthority) -> Result<(), TrustError> {
    let name = || format!("certificate authority \"{}\"", authority.name);
    for anchor in &authority.anchors {
        check_anchor(anchor.certificate()).map_err(|flaw| TrustError::AuthorityInvalid { entry: name(), flaw })?;
        check_window(anchor.window()).map_err(|flaw| TrustError::WindowInvalid { entry: name(), flaw })?;
    }
    for certificate in &authority.intermediates {
        check_authority(certificate).map_err(|flaw| TrustError::IntermediateInvalid { entry: name(), flaw })?;
    }
    Ok(())
}

fn check_timestamp_authority(authority: &TimestampAuthority) -> Result<(), TrustError> {
    let name = || format!("time-stamping authority \"{}\"", authority.name);
    let Some((anchor, below)) = authority.chain.split_last() else {
        return Err(TrustError::AuthorityInvalid { entry: name(), flaw: crate::AuthorityFlaw::NoCertificate });
    };
    check_anchor(anchor).map_err(|flaw| TrustError::AuthorityInvalid { entry: name(), flaw })?;
    // The first may be the time-stamping certificate itself.
    for certificate in below.iter().skip(1) {
        check_authority(certificate).map_err(|flaw| TrustError::IntermediateInvalid { entry: name(), flaw })?;
    }
    check_window(authority.window).map_err(|flaw| TrustError::WindowInvalid { entry: name(), flaw })
}
