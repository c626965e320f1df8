//! Paths of certificates as a report shows them.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use stella_chain_verify::{ChainError, Diagnosis, Reach, Search, VerifiedChain};
use stella_vocabulary::Reason;

use crate::authority::PreparedAuthority;
use crate::report::{PathCertificate, PathFinding, PathPurpose, TriedPath};

/// A search that found no path: the error that explains it best, and how far the best path got, for comparison with other searches.
pub(crate) struct NoPath {
    pub(crate) error: ChainError,
    pub(crate) diagnosis: Box<Diagnosis>,
    merit: Merit,
}

impl NoPath {
    /// The path that was described last, which holds and is refused all the same.
    pub(crate) fn found(chain: &VerifiedChain, error: ChainError, paths: &mut [TriedPath]) -> Self {
        if let Some(path) = paths.last_mut() {
            path.findings.push(PathFinding(error.clone()));
        }
        Self {
            error,
            diagnosis: Box::new(Diagnosis::Other),
            merit: (Some(Reach::Anchored), chain.certificates().len()),
        }
    }
}

/// Whether an anchor was reached, and how many signatures held on the way.
type Merit = (Option<Reach>, usize);

/// The searches that found no path, over all authorities asked.
#[derive(Default)]
pub(crate) struct Refusals {
    closest: Option<NoPath>,
    /// A path that could not be judged to its end might have held: no other authority's refusal settles that.
    unjudged: Option<NoPath>,
}

impl Refusals {
    pub(crate) fn add(&mut self, refused: NoPath) {
        if refused.error.code().is_indeterminate() {
            self.unjudged.get_or_insert(refused);
        } else if self.closest.as_ref().is_none_or(|closest| closest.merit < refused.merit) {
            self.closest = Some(refused);
        }
    }

    /// The error that explains best why there is no path; `None` if no authority was asked.
    pub(crate) fn best(self) -> Option<ChainError> {
        self.closest().map(|closest| closest.error)
    }

    /// As [`best`](Self::best), with what kind of refusal it is.
    pub(crate) fn closest(self) -> Option<NoPath> {
        self.unjudged.or(self.closest)
    }
}

/// Adds every path of `search`, which was one of `authority`, to `paths`, and tells how it ended.
pub(crate) fn describe(
    mut search: Search,
    purpose: PathPurpose,
    authority: &PreparedAuthority,
    paths: &mut Vec<TriedPath>,
) -> Result<VerifiedChain, NoPath> {
    let tried = mem::take(&mut search.tried);
    let merit = tried.iter().map(|path| (Some(path.reach), path.links)).max().unwrap_or((None, 0));
    paths.extend(tried.into_iter().map(|tried| TriedPath {
        purpose,
        certificates: tried.certificates.into_iter().map(PathCertificate).collect(),
        anchor: None,
        findings: tried.findings.into_iter().map(PathFinding).collect(),
    }));
    match search.into_result() {
        Ok(chain) => {
            paths.push(TriedPath {
                purpose,
                certificates: chain.certificates().iter().cloned().map(PathCertificate).collect(),
                anchor: authority.label(chain.anchor_index()),
                findings: Vec::new(),
            });
            Ok(chain)
        }
        Err(refused) => Err(NoPath { error: refused.best, diagnosis: refused.diagnosis, merit }),
    }
}
