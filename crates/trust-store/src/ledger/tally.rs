//! Who has agreed to a request, counted by person, as of now.

use alloc::collections::BTreeSet;

use stella_vocabulary::UnixTime;

use super::effect::Authority;
use super::error::LedgerError;
use super::id::Person;
use super::object::Object;
use super::plan::{approvers_after, plan, store};
use super::record::{ApproverRecord, sha256};
use super::request::{ChangeRequest, Decision, OpenRequest, Vote};
use super::state::TrustState;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestStatus {
    /// Enough persons have signed; it can be executed.
    Approved,
    /// It was carried out.
    Executed {
        /// By this entry.
        sequence: u64,
    },
    /// Its time is over.
    Expired,
    /// Somebody has signed, and more have to.
    PartiallyApproved {
        /// Distinct persons who have signed and count now.
        have: usize,
        /// Distinct persons needed.
        need: usize,
    },
    /// Nobody has signed yet apart from the requester.
    Pending {
        /// Distinct persons needed.
        need: usize,
    },
    /// Somebody said no, or the requester took it back.
    Rejected {
        /// By this entry.
        sequence: u64,
    },
    /// What it is about has changed since.
    Stale,
}

/// Votes that count now, against what is needed.
pub(super) struct Tally {
    pub(super) have: usize,
    pub(super) need: usize,
    /// Signatures whose key does not count any more.
    pub(super) withdrawn: usize,
}

impl Tally {
    /// Counts for an open request that is not stale.
    pub(super) fn of(state: &TrustState, open: &OpenRequest, request: &ChangeRequest) -> Result<Self, LedgerError> {
        let quorum = usize::from(store(state)?.quorum);
        let now = alloc::vec::Vec::from_iter(state.approvers().cloned());
        let old = Self::among(open.votes(), &now, quorum);
        if Authority::of_request(&request.change) != Authority::BothQuorums {
            return Ok(old);
        }
        let objects = plan(state, &request.change)?;
        let then = objects.iter().find_map(|object| match object {
            Object::Store(store) => Some(usize::from(store.quorum)),
            _ => None,
        });
        let new = Self::among(open.votes(), &approvers_after(state, &objects), then.unwrap_or(quorum));
        // Whoever counts on one side only has not lost anything; the side that is farther from its goal decides.
        let withdrawn = old.withdrawn.min(new.withdrawn);
        let farther = if new.missing() > old.missing() { new } else { old };
        Ok(Self { withdrawn, ..farther })
    }

    fn among(votes: &[Vote], approvers: &[ApproverRecord], need: usize) -> Self {
        let counts = |vote: &&Vote| {
            approvers.iter().any(|approver| approver.person == vote.person && sha256(&[&approver.key]) == vote.key)
        };
        let persons: BTreeSet<&Person> = votes.iter().filter(counts).map(|vote| &vote.person).collect();
        let withdrawn = votes.iter().filter(|vote| !counts(vote)).count();
        Self { have: persons.len(), need, withdrawn }
    }

    pub(super) fn missing(&self) -> usize {
        self.need.saturating_sub(self.have)
    }
}

/// The hash of what a request is about, as it is now: an object, or the store and all approvers.
pub(super) fn before(state: &TrustState, request: &super::change::Change) -> Option<[u8; 32]> {
    if !request.concerns_approvers() {
        return state.object(&request.object()?).map(Object::hash);
    }
    // Who may approve is one thing: a request judged against other approvers would be another request.
    let approvers = state.objects_of(super::object::ObjectKind::Approver);
    let mut all = alloc::vec::Vec::new();
    for object in state.objects_of(super::object::ObjectKind::Store).chain(approvers) {
        all.extend(object.hash());
    }
    Some(sha256(&[&all]))
}

impl TrustState {
    /// Where a request stands at an instant; `None` if there is no such request.
    #[must_use]
    pub fn request_status(&self, id: &super::id::Id, at: UnixTime) -> Option<RequestStatus> {
        let open = self.request(id)?;
        let request = match (open.decision(), open.request()) {
            (Decision::Executed(sequence), _) => return Some(RequestStatus::Executed { sequence }),
            (Decision::Rejected(sequence), _) => return Some(RequestStatus::Rejected { sequence }),
            (Decision::Open, None) => return Some(RequestStatus::Expired),
            (Decision::Open, Some(request)) => request,
        };
        if at >= open.expires() {
            return Some(RequestStatus::Expired);
        }
        if before(self, &request.change) != request.before {
            return Some(RequestStatus::Stale);
        }
        let Ok(tally) = Tally::of(self, open, request) else { return Some(RequestStatus::Stale) };
        let by_others = open.votes().iter().any(|vote| vote.person != *open.requester());
        Some(match (tally.missing(), by_others) {
            (0, _) => RequestStatus::Approved,
            (_, true) => RequestStatus::PartiallyApproved { have: tally.have, need: tally.need },
            (_, false) => RequestStatus::Pending { need: tally.need },
        })
    }
}
