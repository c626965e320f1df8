//! What a search found: a verified path, or every path tried and what is wrong with each.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use stella_crypto_providers::PublicKey;
use stella_vocabulary::{Code, Reason};

use crate::budget::Spent;
use crate::certificate::Certificate;
use crate::chain_error::ChainError;
use crate::explanation::Diagnosis;
use crate::policies::ValidPolicies;

/// What a search found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Search {
    /// The path, if there is one.
    pub verified: Option<VerifiedChain>,
    /// The paths that do not do, at most 32 of them, in the order tried.
    pub tried: Vec<TriedPath>,
    /// How many paths do not do, whether kept in `tried` or not.
    pub tried_in_all: usize,
    /// The work done.
    pub spent: Spent,
    pub(crate) best: Option<ChainError>,
    pub(crate) diagnosis: Option<Diagnosis>,
}

impl Search {
    /// What kind of refusal it is; `None` if a path was found.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.diagnosis.as_ref()
    }

    /// The path, or why there is none.
    ///
    /// # Errors
    /// [`Refused`] with the error that explains it best and all paths tried.
    pub fn into_result(self) -> Result<VerifiedChain, Refused> {
        let diagnosis = Box::new(self.diagnosis.unwrap_or(Diagnosis::Other));
        match (self.verified, self.best) {
            (Some(verified), None) => Ok(verified),
            (_, Some(best)) => Err(Refused { best, diagnosis, tried: self.tried }),
            // A search ends with one or the other; if it did not, it did not judge.
            (None, None) => Err(Refused { best: ChainError::NothingJudged, diagnosis, tried: self.tried }),
        }
    }
}

/// Whether a path that holds is what its searcher was looking for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Not as long as there is another one that is.
    IfNoOther,
    /// It is.
    Yes,
}

/// A path that satisfies everything asked for. Only a search makes one.
#[derive(Clone, Debug)]
pub struct VerifiedChain {
    certificates: Vec<Certificate>,
    anchor_index: usize,
    computed_links: usize,
    policies: ValidPolicies,
}

impl VerifiedChain {
    /// `certificates` from the leaf to the anchor, at least two.
    pub(crate) fn new(
        certificates: Vec<Certificate>,
        anchor_index: usize,
        computed_links: usize,
        policies: ValidPolicies,
    ) -> Self {
        Self { certificates, anchor_index, computed_links, policies }
    }

    /// How many signatures of the path the search had computed. The others were known: to the pool from an earlier search, or to a memo.
    pub fn computed_links(&self) -> usize {
        self.computed_links
    }

    /// The path, leaf first, anchor last.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Index of the anchor among the anchors of the pool.
    pub fn anchor_index(&self) -> usize {
        self.anchor_index
    }

    /// The certificate policies that the path is valid for and that are acceptable. RFC 5280 §6.1.5(g).
    pub fn policies(&self) -> &ValidPolicies {
        &self.policies
    }

    /// The leaf.
    pub fn leaf(&self) -> &Certificate {
        self.certificates.first().expect("a path starts with its leaf")
    }

    /// The certificate that issued the leaf.
    pub fn issuer_of_leaf(&self) -> &Certificate {
        self.certificates.get(1).expect("a path has a leaf and an anchor at least")
    }

    /// The anchor.
    pub fn anchor(&self) -> &Certificate {
        self.certificates.last().expect("a path ends with its anchor")
    }

    /// The key of the leaf.
    pub fn leaf_public_key(&self) -> &PublicKey {
        self.leaf().key().as_ref().expect("a path with an unusable key is refused")
    }
}

/// A path that does not do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TriedPath {
    /// The certificates, leaf first. Whether the last one issued the one before it says `findings`.
    pub certificates: Vec<Certificate>,
    /// What is wrong with it, with the index of each certificate; at least one.
    pub findings: Vec<ChainError>,
    /// How far it got.
    pub reach: Reach,
    /// How many signatures between its certificates hold, counted from the leaf.
    pub links: usize,
}

/// How far a path got.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Reach {
    /// It breaks before an anchor.
    Broken,
    /// It ends in an anchor.
    Anchored,
}

impl TriedPath {
    /// The finding that explains best why this path does not do: by a fixed rank of the kinds, then nearest to the leaf.
    pub fn best(&self) -> Option<&ChainError> {
        self.findings.iter().min_by_key(|finding| (finding.rank(), finding.certificate()))
    }

    /// How well this path explains a refusal; higher is better. A path that ends in an anchor explains more than one that
    /// breaks, then the one with more signatures that hold, then the one with fewer findings.
    pub(crate) fn merit(&self) -> (Reach, usize, Reverse<usize>, Reverse<u8>) {
        merit(self.reach, self.links, self.findings.iter())
    }
}

/// [`TriedPath::merit`] of a path that is not put together yet.
pub(crate) fn merit<'a>(
    reach: Reach,
    links: usize,
    findings: impl Iterator<Item = &'a ChainError>,
) -> (Reach, usize, Reverse<usize>, Reverse<u8>) {
    let count_and_rank = |(count, rank): (usize, u8), finding: &ChainError| (count + 1, rank.min(finding.rank()));
    let (count, rank) = findings.fold((0, u8::MAX), count_and_rank);
    (reach, links, Reverse(count), Reverse(rank))
}

/// No path does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refused {
    /// The error that explains it best.
    pub best: ChainError,
    /// What kind of refusal it is.
    pub diagnosis: Box<Diagnosis>,
    /// The paths tried, at most 32.
    pub tried: Vec<TriedPath>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.best.fmt(f)
    }
}

impl core::error::Error for Refused {}

impl Reason for Refused {
    fn code(&self) -> Code {
        self.best.code()
    }

    fn place(&self) -> Option<String> {
        self.best.place()
    }

    fn found(&self) -> Option<String> {
        self.best.found()
    }

    fn expected(&self) -> Option<String> {
        self.best.expected()
    }

    fn clause(&self) -> Option<&'static str> {
        self.best.clause()
    }

    fn certificate(&self) -> Option<usize> {
        self.best.certificate()
    }
}
