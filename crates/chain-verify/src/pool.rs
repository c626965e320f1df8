//! Anchors and known intermediates, prepared once for many searches.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use stella_crypto_providers::Registry;
use stella_vocabulary::UnixTime;

use crate::anchor::Anchor;
use crate::certificate::Certificate;
use crate::link::{PreparedKeys, Remembered};
use crate::outcome::{Search, VerifiedChain, Wanted};
use crate::purpose::ChainPolicy;
use crate::search::Searcher;
use crate::search::reach::Reach;

/// Anchors and known intermediates, prepared once for many searches: found by subject, their keys prepared at first use, and a link
/// between two of them verified at most once in the life of the pool.
pub struct Pool {
    registry: Registry,
    anchors: Vec<Anchor>,
    members: Vec<Member>,
    by_subject: BTreeMap<usize, Vec<usize>>,
    /// Subjects of the intermediates, by their issuer; both as buckets of names.
    subjects_by_issuer: BTreeMap<usize, Vec<usize>>,
    reach: Reach,
}

/// One certificate of a pool.
pub(crate) struct Member {
    pub(crate) certificate: Certificate,
    /// Index into the anchors, if it is one.
    pub(crate) anchor: Option<usize>,
    pub(crate) keys: PreparedKeys,
    /// The members that may have issued this intermediate, by name, and what is known about each.
    links: Vec<(usize, Remembered)>,
}

/// Links are remembered up to this many members of one name; beyond, memory would grow with the square of their number.
const MAX_REMEMBERED_ISSUERS: usize = 64;

impl Pool {
    /// Prepares `anchors` and `intermediates`, each in any order. An intermediate that is also an anchor is the anchor.
    ///
    /// Nothing is judged here: a certificate that cannot be in any path is found out when a path through it is tried.
    pub fn new(registry: &Registry, anchors: Vec<Anchor>, intermediates: Vec<Certificate>) -> Self {
        let mut pool = Self {
            registry: registry.clone(),
            anchors: Vec::new(),
            members: Vec::with_capacity(anchors.len().saturating_add(intermediates.len())),
            by_subject: BTreeMap::new(),
            subjects_by_issuer: BTreeMap::new(),
            reach: Reach::default(),
        };
        for (index, anchor) in anchors.iter().enumerate() {
            pool.add(anchor.certificate().clone(), Some(index));
        }
        // By their bytes and not within their names, which all of them may share.
        let mut known: BTreeSet<_> = anchors.iter().map(|anchor| anchor.certificate().shared_der()).collect();
        for intermediate in intermediates {
            if known.insert(intermediate.shared_der()) {
                pool.add(intermediate, None);
            }
        }
        pool.anchors = anchors;
        pool.lay_links();
        let anchor_names = pool.anchors.iter().map(|anchor| anchor.certificate().subject().bucket());
        pool.reach = Reach::of(anchor_names, &pool.subjects_by_issuer);
        pool
    }

    /// The anchors, in the order given.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The known intermediates that are not anchors, in the order given, each once.
    pub fn intermediates(&self) -> impl Iterator<Item = &Certificate> {
        self.members.iter().filter(|member| member.anchor.is_none()).map(|member| &member.certificate)
    }

    /// Looks for a path from `leaf` over `extra` and the certificates of the pool to an anchor, every certificate of which satisfies
    /// the rules of RFC 5280 and `policy` at every instant of `at`.
    ///
    /// `extra` is what came with the signature, in any order; nothing in it can become an anchor. The verdict depends neither on its
    /// order nor on that of the pool.
    ///
    /// # Left to the caller
    /// Comparing the names of the leaf with whom it expects, revocation, and where the instants come from. Without any instant
    /// the search refuses.
    pub fn search(&self, leaf: &Certificate, extra: &[Certificate], at: &[UnixTime], policy: &ChainPolicy) -> Search {
        Searcher::new(self, leaf, extra, at, policy).run()
    }

    /// As [`Pool::search`], for callers with rules of their own about whole paths: goes on behind a path that holds and is not `wanted`, be it to
    /// another anchor or by another way. Without one that is, the first one found is the result, so a caller asks its rules about that once more.
    ///
    /// At most 64 paths are shown to `wanted`.
    pub fn search_wanted(
        &self,
        leaf: &Certificate,
        extra: &[Certificate],
        at: &[UnixTime],
        policy: &ChainPolicy,
        wanted: &mut dyn FnMut(&VerifiedChain) -> Wanted,
    ) -> Search {
        Searcher::new(self, leaf, extra, at, policy).asking(wanted).run()
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn member(&self, index: usize) -> Option<&Member> {
        self.members.get(index)
    }

    /// Members whose subject may be the name with this bucket.
    pub(crate) fn bucket(&self, bucket: usize) -> &[usize] {
        self.by_subject.get(&bucket).map_or(&[], Vec::as_slice)
    }

    /// Buckets of the subjects of intermediates whose issuer may be the name with this bucket.
    pub(crate) fn subjects_below(&self, issuer: usize) -> &[usize] {
        self.subjects_by_issuer.get(&issuer).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    fn add(&mut self, certificate: Certificate, anchor: Option<usize>) {
        let index = self.members.len();
        let subject = certificate.subject().bucket();
        self.by_subject.entry(subject).or_default().push(index);
        if anchor.is_none() {
            self.subjects_by_issuer.entry(certificate.issuer().bucket()).or_default().push(subject);
        }
        self.members.push(Member { certificate, anchor, keys: PreparedKeys::default(), links: Vec::new() });
    }

    /// Gives every intermediate a place to remember each possible issuer within the pool.
    fn lay_links(&mut self) {
        let by_subject = &self.by_subject;
        for member in self.members.iter_mut().filter(|member| member.anchor.is_none()) {
            let issuers = by_subject.get(&member.certificate.issuer().bucket()).map_or(&[][..], Vec::as_slice);
            if issuers.len() <= MAX_REMEMBERED_ISSUERS {
                member.links = issuers.iter().map(|issuer| (*issuer, Remembered::default())).collect();
            }
        }
    }
}

impl Member {
    /// Where the link to the member with index `issuer` is remembered.
    pub(crate) fn link_to(&self, issuer: usize) -> Option<&Remembered> {
        self.links.iter().find(|(index, _)| *index == issuer).map(|(_, remembered)| remembered)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let intermediates = self.members.len().saturating_sub(self.anchors.len());
        write!(f, "Pool({} anchors, {intermediates} intermediates)", self.anchors.len())
    }
}
