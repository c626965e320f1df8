//! The store as it was.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use stella_transparency::merkle::{self, Hash};
use stella_vocabulary::UnixTime;

use super::audit::contradiction;
use super::entry::Entry;
use super::error::LedgerError;
use super::ledger::Ledger;
use super::object::{Object, ObjectRef};
use super::state::TrustState;
use crate::{LogStore, TrustSnapshot, Visit};

/// A point in the history of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// After the entry with this sequence number.
    Sequence(u64),
    /// After the latest entry that is not younger than this instant.
    Time(UnixTime),
}

/// An object that is not the same at two points.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Which object.
    pub object: ObjectRef,
    /// What it is at the first point.
    pub before: Option<Box<Object>>,
    /// What it is at the second point.
    pub after: Option<Box<Object>>,
}

/// Whether a reader wants more entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// No.
    Enough,
    /// Yes.
    Next,
}

impl<L: LogStore> Ledger<L> {
    /// Reads the entries from a sequence number on, in order and in constant memory.
    ///
    /// # Errors
    /// [`LedgerError::AuditBroken`] for an entry that cannot be read, [`LedgerError::Store`], and those of `visit`.
    ///
    /// # Left to the caller
    /// Whether they are still those that were verified while the log was opened: they are read again. Only [`Ledger::state`] is
    /// what was verified; for all the rest, [`Ledger::verify`] as well.
    pub fn entries(
        &self,
        from: u64,
        mut visit: impl FnMut(&Entry) -> Result<More, LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut failure = None;
        self.log.read(from, &mut |index, bytes| {
            let seen = Entry::from_bytes(bytes).map_err(|error| contradiction(index, error));
            match seen.and_then(|entry| visit(&entry)) {
                Ok(More::Next) => Ok(Visit::Continue),
                Ok(More::Enough) => Ok(Visit::Stop),
                Err(error) => {
                    failure = Some(error);
                    Ok(Visit::Stop)
                }
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// One entry.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`], and those of [`Ledger::entries`].
    pub fn entry(&self, sequence: u64) -> Result<Entry, LedgerError> {
        let mut found = None;
        self.entries(sequence, |entry| {
            found = Some(entry.clone());
            Ok(More::Enough)
        })?;
        let missing = || LedgerError::NotFound { what: alloc::format!("entry {sequence} in the trust log") };
        found.filter(|entry| entry.sequence == sequence).ok_or_else(missing)
    }

    /// The state at a point: the fold of the log up to it.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] for a point before the store was made or after its latest entry, and those of
    /// [`Ledger::entries`].
    pub fn state_at(&self, point: Point) -> Result<TrustState, LedgerError> {
        if let Point::Sequence(sequence) = point
            && self.state.size().checked_sub(1) == Some(sequence)
        {
            return Ok(self.state.clone());
        }
        let mut state = TrustState::new();
        self.entries(0, |entry| {
            let within = match point {
                Point::Sequence(sequence) => entry.sequence <= sequence,
                Point::Time(at) => entry.at <= at,
            };
            if !within {
                return Ok(More::Enough);
            }
            state.apply(entry).map_err(|error| contradiction(entry.sequence, error))?;
            Ok(More::Next)
        })?;
        let missing = match point {
            Point::Sequence(sequence) if state.size() <= sequence => {
                alloc::format!("entry {sequence} in the trust log")
            }
            Point::Time(at) if state.size() == 0 => alloc::format!("trust as early as {at}"),
            _ => return Ok(state),
        };
        Err(LedgerError::NotFound { what: missing })
    }

    /// What counted at a point: emergency changes as of that instant, or of the time of that entry.
    ///
    /// # Errors
    /// As [`Ledger::state_at`] and [`TrustState::snapshot`].
    pub fn snapshot_at(&self, point: Point) -> Result<TrustSnapshot, LedgerError> {
        let state = self.state_at(point)?;
        let at = match point {
            Point::Time(at) => Some(at),
            Point::Sequence(_) => state.last_time(),
        };
        Ok(state.snapshot(at.unwrap_or(UnixTime::from_seconds(0)))?)
    }

    /// The objects that are not the same at two points, by kind and id.
    ///
    /// # Errors
    /// As [`Ledger::state_at`].
    pub fn diff(&self, first: Point, second: Point) -> Result<Vec<Difference>, LedgerError> {
        Ok(differences(&self.state_at(first)?, &self.state_at(second)?))
    }

    /// The latest checkpoint that was signed; `None` for a log that lost it.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn checkpoint(&self) -> Result<Option<String>, LedgerError> {
        Ok(self.log.checkpoint()?)
    }

    /// The proof that the log of `older` entries is the beginning of the log of `newer` entries. RFC 6962 §2.1.2. Holds the leaf
    /// hashes in memory: 32 bytes an entry.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] for sizes that the log has not had.
    pub fn consistency_proof(&self, older: u64, newer: u64) -> Result<Vec<Hash>, LedgerError> {
        let missing = || LedgerError::NotFound { what: alloc::format!("proof from {older} to {newer} entries") };
        let mut leaves = Vec::new();
        self.log.read(0, &mut |index, bytes| {
            if index >= newer {
                return Ok(Visit::Stop);
            }
            leaves.push(merkle::leaf_hash(bytes));
            Ok(Visit::Continue)
        })?;
        let complete = u64::try_from(leaves.len()) == Ok(newer);
        let older = usize::try_from(older).map_err(|_| missing())?;
        merkle::consistency_proof(older, &leaves).filter(|_| complete).ok_or_else(missing)
    }
}

/// The objects that are not the same in two states, by kind and id.
#[must_use]
pub fn differences(before: &TrustState, after: &TrustState) -> Vec<Difference> {
    let mut changed: BTreeMap<&ObjectRef, (Option<&Object>, Option<&Object>)> = BTreeMap::new();
    for (name, object) in before.objects() {
        let other = after.object(name);
        if other != Some(object) {
            changed.insert(name, (Some(object), other));
        }
    }
    for (name, object) in after.objects() {
        if before.object(name).is_none() {
            changed.insert(name, (None, Some(object)));
        }
    }
    let own = |object: Option<&Object>| object.cloned().map(Box::new);
    changed
        .into_iter()
        .map(|(name, (before, after))| Difference { object: name.clone(), before: own(before), after: own(after) })
        .collect()
}
