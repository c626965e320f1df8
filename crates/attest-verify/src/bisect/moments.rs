//! The moments at which trust may have changed.

use alloc::vec::Vec;

use stella_trust_store::LogStore;
use stella_trust_store::ledger::{Action, Change, Entry, Id, Ledger, LedgerError, More, ObjectKind, TrustState};
use stella_vocabulary::UnixTime;

/// A moment at which trust may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: UnixTime,
    /// What happened.
    pub event: Event,
    /// The sequence number of the latest entry at that moment.
    pub sequence: u64,
}

/// What happened at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The entry was appended.
    Appended,
    /// An emergency change ended by itself. There is no entry for that.
    EmergencyOver {
        /// The entry that had begun it.
        began: u64,
        /// Which.
        emergency: Id,
    },
}

impl Moment {
    /// The sequence number of the entry that is behind it: the one that was appended, or the one that began the emergency change.
    #[must_use]
    pub const fn entry(&self) -> u64 {
        match &self.event {
            Event::Appended => self.sequence,
            Event::EmergencyOver { began, .. } => *began,
        }
    }
}

/// Every moment up to the instant `as_of`, in order; all entries count as past.
pub(super) fn moments<L: LogStore>(ledger: &Ledger<L>, as_of: UnixTime) -> Result<Vec<Moment>, LedgerError> {
    let mut moments = Vec::new();
    let mut state = TrustState::new();
    ledger.entries(0, |entry| {
        end_emergencies(&state, entry.at, &mut moments);
        state.apply(entry)?;
        if concerns_trust(entry) {
            moments.push(Moment { at: entry.at, event: Event::Appended, sequence: entry.sequence });
        }
        Ok(More::Next)
    })?;
    end_emergencies(&state, as_of, &mut moments);
    Ok(moments)
}

/// The emergency changes that end after the latest entry and not after `until`.
fn end_emergencies(state: &TrustState, until: UnixTime, moments: &mut Vec<Moment>) {
    let (Some(last), Some(sequence)) = (state.last_time(), state.size().checked_sub(1)) else { return };
    let mut over: Vec<_> = state.emergencies(last).filter(|emergency| emergency.until <= until).collect();
    over.sort_by(|left, right| (left.until, &left.id).cmp(&(right.until, &right.id)));
    moments.extend(over.into_iter().map(|emergency| Moment {
        at: emergency.until,
        // `e-` and the sequence number of the entry that began it.
        event: Event::EmergencyOver {
            began: emergency.id.as_str().strip_prefix("e-").and_then(|text| text.parse().ok()).unwrap_or(sequence),
            emergency: emergency.id.clone(),
        },
        sequence,
    }));
}

/// Whether an entry can change what a verification finds. Requests and approvals wait for an execution, and approvers sign nothing else.
fn concerns_trust(entry: &Entry) -> bool {
    let approvers = |change: &Change| {
        matches!(change, Change::QuorumChanged(_))
            || change.object().is_some_and(|object| object.kind == ObjectKind::Approver)
    };
    match &entry.action {
        Action::Approved(_) | Action::Rejected | Action::Requested { .. } => false,
        Action::Changed(change) => !approvers(change),
        _ => true,
    }
}
