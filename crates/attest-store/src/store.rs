//! What a place for attestations must be able to do.

use stella_attest_model::{AttestationId, IdPrefix};

use crate::arrival::{Added, Arrival, ArrivalsHead, Incoming};
use crate::error::StoreError;
use crate::event::{Event, EventFilter, NewEvent, Retention};
use crate::filter::Filter;
use crate::report_record::{Link, ReportRecord};
use crate::work::{Finished, RunId, RunPlan, RunState, Share};

/// The name of one change: 16 random bytes of the caller. A change that is repeated under the same name, because its answer was lost, is
/// made once and answered as the first time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct OperationId(pub [u8; 16]);

/// What a store says about itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct About {
    /// `sqlite` or `postgres`.
    pub kind: &'static str,
    /// Where it is, without secrets.
    pub place: String,
    /// Drawn when it was made; a copy has the same.
    pub id: [u8; 16],
    /// The version of its tables.
    pub schema: u64,
    /// Where its arrivals end.
    pub head: ArrivalsHead,
    /// How many attestations there are: arrivals that are the first of theirs.
    pub attestations: u64,
    /// How many bytes the documents have, as they arrived.
    pub bytes: u64,
    /// How many events the journal has.
    pub events: u64,
}

/// Something that a check of the whole store found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flaw {
    /// The arrival concerned.
    pub arrival: Option<u64>,
    /// The table, index or file.
    pub place: String,
    /// What is wrong, one sentence.
    pub what: String,
}

/// How far long work is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Done so far.
    pub done: u64,
    /// Of so many.
    pub of: u64,
}

/// A place for attestations and what became of them.
///
/// What a method has returned `Ok` for is durable. After an error of the disk or the connection, a change is there in whole or not at all;
/// asking again under the same [`OperationId`] finds out. Methods take `&mut self` because a handle is one connection; for threads, open one each.
pub trait AttestationStore: Send {
    /// What the store says about itself.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    fn about(&mut self) -> Result<About, StoreError>;

    // Arrivals.

    /// Takes documents in, all or none, and says what became of each, in the same order. A document that is twice in `batch` is a duplicate
    /// the second time.
    ///
    /// # Errors
    /// Nothing was taken in, or nobody knows; see [`AttestationStore`].
    fn add(&mut self, batch: &[Incoming<'_>], operation: OperationId) -> Result<Vec<Added>, StoreError>;

    /// Takes over arrivals of another store as they are, all or none, behind the latest. Used for moving.
    ///
    /// # Errors
    /// [`StoreError::NotAContinuation`] if the first of them does not continue the chain; the others as for [`AttestationStore::add`].
    fn take_over(&mut self, arrivals: &[(Arrival, Vec<u8>)]) -> Result<(), StoreError>;

    /// The arrivals of one attestation, in their order; none if it is not known.
    ///
    /// # Errors
    /// The store cannot be read, or is damaged.
    fn arrivals(&mut self, attestation: &AttestationId) -> Result<Vec<Arrival>, StoreError>;

    /// The arrival with this sequence number.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn arrival(&mut self, sequence: u64) -> Result<Option<Arrival>, StoreError>;

    /// The attestations whose id begins like this, sorted, at most `most`.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn resolve(&mut self, prefix: &IdPrefix, most: usize) -> Result<Vec<AttestationId>, StoreError>;

    /// The arrivals that fit and have a sequence number above `after`, in order of arrival, at most `most`.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn find(&mut self, filter: &Filter, after: u64, most: usize) -> Result<Vec<Arrival>, StoreError>;

    /// The bytes of a document, checked against their SHA-256.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if they are others; [`StoreError::NotFound`] for an arrival of another store.
    fn document(&mut self, arrival: &Arrival) -> Result<Vec<u8>, StoreError>;

    // What became of them.

    /// Keeps reports, all or none; each takes the place of the one before of the same attestation, also within `reports`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the attestation has no such arrival; as for [`AttestationStore::add`].
    fn keep_reports(&mut self, reports: &[ReportRecord]) -> Result<(), StoreError>;

    /// The latest report of an attestation.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn report(&mut self, attestation: &AttestationId) -> Result<Option<ReportRecord>, StoreError>;

    /// The latest reports, in the order of the arrivals they judge, from the arrival after `after`, at most `most`; those that depended on
    /// `dependency`, if one is named.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn reports(&mut self, dependency: Option<&str>, after: u64, most: usize) -> Result<Vec<ReportRecord>, StoreError>;

    /// Keeps that two attestations belong together. Once is enough.
    ///
    /// # Errors
    /// As for [`AttestationStore::add`].
    fn keep_link(&mut self, link: &Link) -> Result<(), StoreError>;

    /// What belongs to an attestation, as the earlier or the later one, oldest first.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn links(&mut self, attestation: &AttestationId) -> Result<Vec<Link>, StoreError>;

    // The journal.

    /// Writes events into the journal, all or none.
    ///
    /// # Errors
    /// As for [`AttestationStore::add`].
    fn journal(&mut self, events: &[NewEvent]) -> Result<(), StoreError>;

    /// The events that fit and have a sequence number above `after`, in the order of the journal, at most `most`.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn events(&mut self, filter: &EventFilter, after: u64, most: usize) -> Result<Vec<Event>, StoreError>;

    /// Removes events that need not be kept, and says how many.
    ///
    /// # Errors
    /// As for [`AttestationStore::add`].
    fn forget_events(&mut self, retention: &Retention) -> Result<u64, StoreError>;

    // Remembered results.

    /// Which of these marks are remembered, in the same order. A mark says that one signature is good; only who holds the secret can make one.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn remembered(&mut self, marks: &[[u8; 32]]) -> Result<Vec<bool>, StoreError>;

    /// Remembers marks. Once is enough.
    ///
    /// # Errors
    /// As for [`AttestationStore::add`].
    fn remember(&mut self, marks: &[[u8; 32]]) -> Result<(), StoreError>;

    /// Forgets every mark, and says how many there were.
    ///
    /// # Errors
    /// As for [`AttestationStore::add`].
    fn forget_marks(&mut self) -> Result<u64, StoreError>;

    // Shared work.

    /// Starts a run, or finds it started. Runs that were started more than a week ago are forgotten.
    ///
    /// # Errors
    /// As for [`AttestationStore::add`].
    fn start_run(&mut self, run: RunId, plan: &RunPlan) -> Result<RunState, StoreError>;

    /// Takes a share that nobody has taken, or whose holder was not heard of for as long as it promised. `None` if there is none: look at
    /// [`AttestationStore::run`] whether others are still at it.
    ///
    /// `worker` is a name unlike those of all others at work; `lease` is how long this worker may be silent, in seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a run that was never started; as for [`AttestationStore::add`].
    fn take_share(&mut self, run: RunId, worker: &str, lease: u32) -> Result<Option<Share>, StoreError>;

    /// Hands in the results of a share, one for each of its arrivals that can be read: they are kept as reports, count in the run, and the share is
    /// done. An arrival that is damaged counts as `store.corrupt`; whether it is, the store looks up itself.
    ///
    /// # Errors
    /// As for [`AttestationStore::add`].
    fn finish_share(
        &mut self,
        run: RunId,
        worker: &str,
        share: u64,
        results: &[ReportRecord],
    ) -> Result<Finished, StoreError>;

    /// How far a run is; `None` if it was never started.
    ///
    /// # Errors
    /// As [`AttestationStore::arrivals`].
    fn run(&mut self, run: RunId) -> Result<Option<RunState>, StoreError>;

    // The whole.

    /// Looks at everything: every document against its id, every arrival against the chain, every index against what it points at. Memory
    /// does not grow with the store.
    ///
    /// # Errors
    /// The store cannot be read. Damage is no error here but a [`Flaw`], up to `most` of them.
    fn check(&mut self, most: usize, progress: &mut dyn FnMut(Progress)) -> Result<Vec<Flaw>, StoreError>;
}
