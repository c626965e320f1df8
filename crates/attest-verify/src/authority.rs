//! One authority whose certificates lead to an anchor, and what a search under it may use and cost.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::{
    Anchor, Budget, Certificate, ChainError, ChainPolicy, Pool, Purpose, Revocation, Role, Search, Spent,
    VerifiedChain, Wanted,
};
use stella_crypto_providers::Registry;
use stella_trust_store::{AnchorEntry, CertificateAuthority, DomainKind, TimestampAuthority};
use stella_vocabulary::{UnixTime, Window};

use crate::report::PathPurpose;

/// Most signatures of certificates that one verification checks, over all authorities, tokens and signing certificates. Each search has a
/// limit of its own (100), but there may be as many searches as a hostile document likes: 32 signatures with 32 certificates each cost 15 seconds
/// under eight authorities. 512 are half a second, and what is genuine needs some ten.
const PATH_SIGNATURES: usize = 512;

/// Likewise for what they cost together, in the unit of [`Budget::signature_effort`]: with the slowest key, a few signatures are as much as
/// hundreds with another.
const PATH_EFFORT: usize = 16_000;

/// Signatures of certificates that may still be verified.
#[derive(Clone, Copy)]
pub(crate) struct PathBudget {
    left: usize,
    effort_left: usize,
    share: usize,
}

impl PathBudget {
    /// The share of one of `claims` that are judged in one call.
    pub(crate) fn share(claims: usize) -> Self {
        let share = PATH_SIGNATURES / claims.max(1);
        Self { left: share, effort_left: PATH_EFFORT / claims.max(1), share }
    }

    /// The share of the one question of a call, which may be about a bag of a thousand certificates: as much as one search may do by itself.
    pub(crate) fn alone() -> Self {
        let usual = Budget::default();
        Self { left: usual.signature_checks, effort_left: PATH_EFFORT, share: usual.signature_checks }
    }

    /// Puts down what was spent on signatures.
    pub(crate) fn spend(&mut self, spent: Spent) {
        self.left = self.left.saturating_sub(spent.signature_checks);
        self.effort_left = self.effort_left.saturating_sub(spent.signature_effort);
    }

    /// Whether more than a quarter is gone.
    pub(crate) fn is_used(&self) -> bool {
        self.share.saturating_sub(self.left).saturating_mul(4) > self.share
    }
}

/// One authority. Paths stay within it, so that none borrows the window or a certificate of another.
pub(crate) struct PreparedAuthority {
    pool: Pool,
    luggage: Luggage,
    /// Its anchors, in their order.
    entries: Vec<AnchorEntry>,
    /// Whether what an anchor is trusted for, or that it was revoked, has a say in which path will do.
    pub(crate) limited: bool,
}

/// Which of the certificates that a bundle or token brings may help a path.
enum Luggage {
    /// All: the owner of a private domain trusts whatever an anchor certifies.
    Any,
    /// All but rivals of the certificates that the authority names below its anchors.
    ///
    /// Authorities may share a root and differ in their windows, each known by its own intermediate. What is brought must not reach the root
    /// through an intermediate of another authority, be it one that is listed with another window or one that was taken off the list.
    WithoutRivals,
}

impl PreparedAuthority {
    /// An authority for signing certificates, of a domain of this kind.
    pub(crate) fn for_signers(registry: &Registry, authority: &CertificateAuthority, kind: DomainKind) -> Self {
        let luggage = if kind == DomainKind::Public { Luggage::WithoutRivals } else { Luggage::Any };
        Self::of(registry, authority.anchors().to_vec(), authority.intermediates().to_vec(), luggage)
    }

    /// Private anchors that were compromised.
    pub(crate) fn of_compromised(registry: &Registry, anchors: Vec<AnchorEntry>, known: Vec<Certificate>) -> Self {
        Self::of(registry, anchors, known, Luggage::Any)
    }

    fn of(registry: &Registry, entries: Vec<AnchorEntry>, known: Vec<Certificate>, luggage: Luggage) -> Self {
        let anchors = entries.iter().map(|entry| entry.anchor().clone()).collect();
        let limited = entries.iter().any(|entry| entry.scope().is_some() || entry.revocation().is_some());
        Self { pool: Pool::new(registry, anchors, known), luggage, entries, limited }
    }

    /// An authority for time-stamping certificates: anchor last, at most the first certificate no authority itself.
    fn for_timestamps(registry: &Registry, authority: &TimestampAuthority) -> Self {
        let (anchors, known) = match authority.chain().split_last() {
            Some((root, rest)) => {
                let anchor = Anchor::new(root.clone()).with_window(authority.window());
                (alloc::vec![anchor.with_label(authority.name().to_string()).into()], rest.to_vec())
            }
            None => (Vec::new(), Vec::new()),
        };
        Self::of(registry, anchors, known, Luggage::WithoutRivals)
    }

    /// Nobody. A search for a path to it says so in the words of any other.
    pub(crate) fn nobody(registry: &Registry) -> Self {
        Self::of(registry, Vec::new(), Vec::new(), Luggage::Any)
    }

    pub(crate) fn anchors(&self) -> &[Anchor] {
        self.pool.anchors()
    }

    /// The anchor that a path of this authority leads to.
    pub(crate) fn entry(&self, chain: &VerifiedChain) -> Option<&AnchorEntry> {
        self.entries.get(chain.anchor_index())
    }

    /// What the anchor with this index is called.
    pub(crate) fn label(&self, anchor: usize) -> Option<String> {
        let entry = self.entries.get(anchor)?;
        Some(entry.label().map_or_else(|| entry.certificate().subject().to_string(), ToString::to_string))
    }

    /// Looks for a path from `leaf` that holds at each instant of `at`, over what the authority knows and what may help of `extra`.
    pub(crate) fn search(
        &self,
        leaf: &Certificate,
        extra: &[Certificate],
        purpose: PathPurpose,
        at: &[UnixTime],
        budget: &mut PathBudget,
    ) -> Search {
        self.search_wanted(leaf, extra, purpose, at, budget, None)
    }

    /// As [`search`](Self::search), and goes on behind a path that is not wanted.
    pub(crate) fn search_wanted(
        &self,
        leaf: &Certificate,
        extra: &[Certificate],
        purpose: PathPurpose,
        at: &[UnixTime],
        budget: &mut PathBudget,
        wanted: Option<&mut dyn FnMut(&VerifiedChain) -> Wanted>,
    ) -> Search {
        self.search_by(leaf, extra, ChainPolicy::new(usual_purpose(purpose)), at, budget, wanted)
    }

    /// As [`search_wanted`](Self::search_wanted), by another policy.
    pub(crate) fn search_by(
        &self,
        leaf: &Certificate,
        extra: &[Certificate],
        policy: ChainPolicy,
        at: &[UnixTime],
        budget: &mut PathBudget,
        wanted: Option<&mut dyn FnMut(&VerifiedChain) -> Wanted>,
    ) -> Search {
        let usual = Budget::default();
        let signature_checks = usual.signature_checks.min(budget.left);
        let signature_effort = usual.signature_effort.min(budget.effort_left);
        let policy = policy.with_budget(Budget { signature_checks, signature_effort, ..usual });
        let extra = self.helpful(extra);
        let search = match wanted {
            Some(wanted) => self.pool.search_wanted(leaf, &extra, at, &policy, wanted),
            None => self.pool.search(leaf, &extra, at, &policy),
        };
        budget.spend(search.spent);
        search
    }

    /// Whether a certificate of `chain`, which is a path of this authority, is revoked at one of `at`, as far as `revocation` knows.
    pub(crate) fn check_revocation(
        &self,
        revocation: &Revocation,
        chain: &VerifiedChain,
        beside: &[Certificate],
        at: &[UnixTime],
        policy: &ChainPolicy,
    ) -> Result<(), ChainError> {
        at.iter().try_for_each(|at| revocation.check(&self.pool, chain, beside, *at, policy))
    }

    /// The certificates it knows: what each is called if it is an anchor, and its window.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&Certificate, Option<&AnchorEntry>)> {
        let anchors = self.entries.iter().map(|entry| (entry.certificate(), Some(entry)));
        anchors.chain(self.pool.intermediates().map(|certificate| (certificate, None)))
    }

    fn helpful<'c>(&self, extra: &'c [Certificate]) -> Cow<'c, [Certificate]> {
        let below_anchor = |one: &Certificate| {
            self.pool.anchors().iter().any(|anchor| one.issuer().matches(anchor.certificate().subject()))
        };
        match self.luggage {
            Luggage::WithoutRivals if self.pool.intermediates().next().is_some() && extra.iter().any(below_anchor) => {
                Cow::Owned(extra.iter().filter(|one| !below_anchor(one)).cloned().collect())
            }
            Luggage::Any | Luggage::WithoutRivals => Cow::Borrowed(extra),
        }
    }
}

/// What the leaf of a path must be good for.
pub(crate) fn usual_purpose(purpose: PathPurpose) -> Purpose {
    match purpose {
        PathPurpose::Signer => Purpose::code_signing(),
        PathPurpose::Timestamp => Purpose::time_stamping(),
    }
}

/// One time-stamping authority.
pub(crate) struct PreparedTimestampAuthority {
    pub(crate) name: String,
    pub(crate) window: Window,
    pub(crate) authority: PreparedAuthority,
    /// Certificates that the snapshot knows of it, for tokens that embed none.
    pub(crate) known: Vec<Certificate>,
    /// SHA-256 of the SPKI of its anchor.
    pub(crate) key: [u8; 32],
    /// The time-stamping certificate itself, if the snapshot pins it: then no other signs for this authority.
    pinned: Option<Certificate>,
}

impl PreparedTimestampAuthority {
    pub(crate) fn new(registry: &Registry, authority: &TimestampAuthority) -> Self {
        let chain = authority.chain();
        let pinned = chain.first().filter(|first| chain.len() > 1 && !is_authority(first)).cloned();
        let key =
            chain.last().and_then(|anchor| anchor.public_key().ok()).map_or([0; 32], |key| *key.key_id().as_bytes());
        Self {
            name: authority.name().to_string(),
            window: authority.window(),
            authority: PreparedAuthority::for_timestamps(registry, authority),
            known: chain.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default(),
            key,
            pinned,
        }
    }

    /// Whether `certificate` may sign for this authority, as far as the snapshot pins it.
    pub(crate) fn admits(&self, certificate: &Certificate) -> bool {
        self.pinned.as_ref().is_none_or(|pinned| pinned.der() == certificate.der())
    }
}

fn is_authority(certificate: &Certificate) -> bool {
    certificate.basic_constraints().is_some_and(|constraints| constraints.role == Role::Authority)
}
