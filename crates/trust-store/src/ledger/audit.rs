//! Looking at every entry of a log again.

use alloc::boxed::Box;

use stella_crypto_providers::Registry;
use stella_transparency::Checkpoint;
use stella_transparency::merkle::{Frontier, Hash, leaf_hash};

use super::checkpoint;
use super::entry::Entry;
use super::error::{AuditFlaw, LedgerError};
use super::ledger::Ledger;
use super::plan;
use super::signatures;
use super::state::TrustState;
use crate::{Head, LogStore, StoreError, Visit};

/// Against what a log was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A checkpoint that was kept elsewhere, of this size: nobody has cut or rewritten the log before it.
    Outside {
        /// Entries that it covers.
        size: u64,
    },
    /// Only the store's own checkpoint: who holds the key of the store could have cut off the tail or written it anew.
    StoreOnly,
}

/// A log that holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Where it ends.
    pub head: Head,
    /// The hash of everything in the store.
    pub state: Hash,
    /// Against what it was compared.
    pub witness: Witness,
}

impl<L: LogStore> Ledger<L> {
    /// Looks at every entry again: canonical bytes, order, the chain of leaf hashes, the rules of the store, every signature over a
    /// request, the state after it, and the store's checkpoint over all of them. With an outside checkpoint, also that the log
    /// continues it.
    ///
    /// Memory grows with the objects in the store, not with the entries.
    ///
    /// # Errors
    /// [`LedgerError::AuditBroken`] with the first entry that is not what was logged, [`LedgerError::AuditStateMismatch`],
    /// [`LedgerError::AuditTruncated`], and those of checkpoints that are none.
    ///
    /// # Left to the caller
    /// Keeping a checkpoint elsewhere. Without one, see [`Witness::StoreOnly`].
    pub fn verify(&self, checkpoint: Option<&str>) -> Result<Audit, LedgerError> {
        verify(&self.log, &self.registry, checkpoint)
    }
}

/// As [`Ledger::verify`], for a log that cannot be opened.
///
/// # Errors
/// As [`Ledger::verify`].
pub fn verify<L: LogStore + ?Sized>(
    log: &L,
    registry: &Registry,
    checkpoint: Option<&str>,
) -> Result<Audit, LedgerError> {
    // The store's own checkpoint first: entries that are appended meanwhile are beyond it.
    let own = log.checkpoint()?;
    let mut auditor = Auditor {
        registry,
        state: TrustState::new(),
        frontier: Frontier::default(),
        shorter: Frontier::default(),
        previous: None,
        suspect: None,
        end: None,
        beyond: None,
        marks: [None, None],
    };
    for (mark, note) in auditor.marks.iter_mut().zip([own.as_deref(), checkpoint]) {
        *mark = stated_size(note)?.map(|size| Mark { size, root: None });
    }
    auditor.end = auditor.marks.first().and_then(|mark| mark.as_ref()).map(|mark| mark.size);
    let mut failure = None;
    log.read(0, &mut |index, bytes| match auditor.take(index, bytes) {
        Ok(visit) => Ok(visit),
        Err(error) => {
            failure = Some(error);
            Ok(Visit::Stop)
        }
    })
    .map_err(|error: StoreError| LedgerError::Store(error))?;
    if let Some(error) = failure {
        return Err(error);
    }
    if let Some(index) = auditor.beyond {
        // Appended meanwhile, and then with a checkpoint of its own; or slipped in.
        if stated_size(log.checkpoint()?.as_deref())?.is_none_or(|size| size <= index) {
            return Err(LedgerError::AuditBroken { index, flaw: AuditFlaw::NotCovered });
        }
    }
    auditor.finish(own.as_deref(), checkpoint)
}

/// How many entries a note speaks of. Unverified: the key is in the first entry.
fn stated_size(note: Option<&str>) -> Result<Option<u64>, LedgerError> {
    Ok(note.map(|note| Checkpoint::parse(note).map(|parsed| parsed.tree_size())).transpose()?)
}

/// The root of the log where a checkpoint states one.
struct Mark {
    size: u64,
    root: Option<Hash>,
}

/// Doubt about an entry that the next one settles.
#[derive(Clone, Copy)]
enum Suspect {
    /// What this entry names as the one before is not that: one of the two was changed.
    /// `repaired` is the root if it was the other one.
    Link { index: u64, repaired: Hash },
    /// The state after this entry is another: it was changed, or wrong from the start.
    State { index: u64 },
}

struct Auditor<'r> {
    registry: &'r Registry,
    state: TrustState,
    frontier: Frontier,
    /// Without the latest entry.
    shorter: Frontier,
    previous: Option<Hash>,
    suspect: Option<Suspect>,
    /// How many entries the store's own checkpoint covers.
    end: Option<u64>,
    /// The first entry that it does not cover.
    beyond: Option<u64>,
    marks: [Option<Mark>; 2],
}

impl Auditor<'_> {
    fn take(&mut self, index: u64, bytes: &[u8]) -> Result<Visit, LedgerError> {
        if self.end.is_none_or(|end| index >= end) {
            self.beyond = Some(index);
            return Ok(Visit::Stop);
        }
        let entry = Entry::from_bytes(bytes).map_err(|error| contradiction(index, error))?;
        if entry.sequence != index {
            let what = "its sequence number is not the next one";
            return Err(contradiction(index, LedgerError::OutOfPlace { what }));
        }
        let links = entry.previous == self.previous;
        if let Some(suspect) = self.suspect.take() {
            return Err(settle(suspect, links));
        }
        let leaf = leaf_hash(bytes);
        if !links {
            let mut repaired = self.shorter.clone();
            entry.previous.into_iter().chain([leaf]).for_each(|leaf| repaired.push(leaf));
            self.suspect = Some(Suspect::Link { index, repaired: repaired.root() });
        }
        let allowed = signatures::check_base(&entry, &self.frontier)
            .and_then(|()| signatures::check(self.registry, &self.state, &entry))
            .and_then(|()| self.state.apply(&entry));
        allowed.map_err(|error| match self.suspect {
            Some(_) => broken(index.saturating_sub(1)),
            None => contradiction(index, error),
        })?;
        if self.suspect.is_none() && self.state.hash() != entry.state {
            self.suspect = Some(Suspect::State { index });
        }
        self.shorter = self.frontier.clone();
        self.frontier.push(leaf);
        self.previous = Some(leaf);
        let size = self.frontier.size();
        for mark in self.marks.iter_mut().flatten().filter(|mark| mark.size == size) {
            mark.root = Some(self.frontier.root());
        }
        Ok(Visit::Continue)
    }

    fn finish(mut self, own: Option<&str>, outside: Option<&str>) -> Result<Audit, LedgerError> {
        let head = Head { size: self.frontier.size(), root: self.frontier.root() };
        let last = head.size.saturating_sub(1);
        // An outside checkpoint that speaks of more says best what happened.
        for mark in self.marks.iter().rev().flatten() {
            if mark.size > head.size {
                return Err(LedgerError::AuditTruncated { expected: mark.size, found: head.size });
            }
        }
        let store = plan::store(&self.state)?;
        let Some(own) = own else { return Err(broken(last)) };
        // That the store's own note is none says something about the store, and nothing about evidence.
        let stated = checkpoint::verify(self.registry, &store.id, &store.key, own)
            .map_err(|error| contradiction(last, error))?;
        let genuine = stated.root == head.root;
        match self.suspect {
            // Nothing follows that could tell which of the two was changed, but the checkpoint does.
            Some(suspect @ Suspect::Link { repaired, .. }) => return Err(settle(suspect, repaired == stated.root)),
            Some(suspect) => return Err(settle(suspect, genuine)),
            None if !genuine => return Err(broken(last)),
            None => {}
        }
        let witness = match outside {
            None => Witness::StoreOnly,
            Some(note) => {
                let stated = checkpoint::verify(self.registry, &store.id, &store.key, note)?;
                let [_, mark] = &self.marks;
                let found = mark.as_ref().and_then(|mark| mark.root);
                if stated.size > 0 && found != Some(stated.root) {
                    let index = stated.size.saturating_sub(1);
                    return Err(LedgerError::AuditBroken { index, flaw: AuditFlaw::Rewritten });
                }
                Witness::Outside { size: stated.size }
            }
        };
        Ok(Audit { head, state: self.state.hash(), witness })
    }
}

/// What the entry after a suspect says: whether it was built on the suspect as it is.
fn settle(suspect: Suspect, confirmed: bool) -> LedgerError {
    match (suspect, confirmed) {
        (Suspect::Link { index, .. }, true) => broken(index.saturating_sub(1)),
        (Suspect::Link { index, .. }, false) => broken(index),
        (Suspect::State { index }, true) => LedgerError::AuditStateMismatch { index },
        (Suspect::State { index }, false) => broken(index),
    }
}

fn broken(index: u64) -> LedgerError {
    LedgerError::AuditBroken { index, flaw: AuditFlaw::Changed }
}

pub(super) fn contradiction(index: u64, error: LedgerError) -> LedgerError {
    match error {
        // Nothing is wrong with it: this version is too old to tell.
        LedgerError::SchemaTooNew { .. } => error,
        error => LedgerError::AuditBroken { index, flaw: AuditFlaw::Contradiction(Box::new(error)) },
    }
}
