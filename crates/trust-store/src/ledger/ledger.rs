//! The log and its fold in one: what is logged has effect, and what has effect is logged.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_crypto_providers::{Registry, Signer};
use stella_transparency::Checkpoint;
use stella_transparency::merkle::{Frontier, Hash, leaf_hash};
use stella_vocabulary::UnixTime;

use super::audit::contradiction;
use super::checkpoint;
use super::entry::{Action, Actor, Entry};
use super::error::{AuditFlaw, LedgerError};
use super::id::Id;
use super::material;
use super::object::{Mode, StoreRecord};
use super::plan;
use super::reading::{self, Read};
use super::record::ApproverRecord;
use super::rules;
use super::signatures;
use super::state::{TrustState, Undo};
use crate::{Head, LogStore, StoreError, TrustError, TrustSnapshot, Visit};

/// How far the clock may be behind the log, in seconds: 5 minutes (catalogue B174). Entries then take the time of the latest.
const CLOCK_TOLERANCE: i64 = 300;
/// How often a change is tried again when others were faster. Each time somebody else has succeeded.
const ATTEMPTS: usize = 1000;

/// Who acts, why, and when.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: UnixTime,
    /// Why: one line of plain text.
    pub reason: String,
}

/// How a store begins.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The first approvers: none for a store where one person decides, or enough for the quorum.
    pub approvers: Vec<ApproverRecord>,
    /// How many distinct persons a loosening change needs, the requester included; at least 2.
    pub quorum: u8,
    /// Its id.
    pub store: Id,
}

/// What is expected of a log that is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Who founded it.
    pub founding: Founder,
    /// What to do if it is older than what was seen of it.
    pub rollback: Rollback,
}

/// Which store a log is expected to be of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Founder {
    /// Any: its key, name and first approvers are taken from the log itself. Whoever can write there can put a store of their own in
    /// its place, where it was never seen before.
    #[default]
    AsFound,
    /// The one whose first entry has this leaf hash, [`Ledger::fingerprint`], which was compared out of band.
    Expected(Hash),
}

/// What to do with a log that does not continue what was seen of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rollback {
    /// Open it, so that [`Change::RollbackAccepted`](super::Change::RollbackAccepted) can be made or asked for; changes of trust that
    /// came later, such as revocations, are gone. What was seen stays known until that is done.
    DangerOpen,
    /// Refuse it, unless its entries say that it was accepted.
    #[default]
    Refuse,
}

/// A change that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The signed checkpoint over the log after it.
    pub checkpoint: String,
    /// Sequence number of the first of its entries.
    pub first: u64,
    /// The head of the log after it.
    pub head: Head,
}

impl Committed {
    /// Sequence number of the last of its entries.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.head.size.saturating_sub(1)
    }
}

/// The trust log with its state.
///
/// Every change goes through the rules of the store, is appended to the log on the head that it was built on, and only then
/// counts. If somebody else was faster, their entries are taken in and the change is judged again.
pub struct Ledger<L> {
    pub(super) log: L,
    pub(super) registry: Registry,
    pub(super) state: TrustState,
    frontier: Frontier,
    previous: Option<Hash>,
    signer: Option<Arc<dyn Signer>>,
    opening: Opening,
    /// The leaf hash of the first entry.
    founding: Option<Hash>,
    /// The head that was seen, where the log is not its continuation and nobody has accepted that.
    departs_from: Option<Head>,
}

/// What entries brought that were taken in.
struct TakenIn {
    departs_from: Option<Head>,
    first: Hash,
    frontier: Frontier,
    last: Hash,
}

/// What entries do, and the requests that they are about.
pub(super) type Steps = Vec<(Action, Option<Id>)>;

impl<L: LogStore> Ledger<L> {
    /// Makes a store in an empty log. `signer` holds its Ed25519 key, which checkpoints are signed with.
    ///
    /// # Errors
    /// [`LedgerError::QuorumInvalid`], [`LedgerError::StoreKeyUnsuitable`], those of texts and material, and
    /// [`LedgerError::Founded`] if the log has entries.
    pub fn create(
        log: L,
        registry: &Registry,
        signer: Arc<dyn Signer>,
        founding: Founding,
        occasion: &Occasion,
    ) -> Result<Self, LedgerError> {
        checkpoint::check_key(signer.public_key())?;
        let mut ledger = Self::empty(log, registry);
        let head = ledger.log.head()?;
        if head.size != 0 {
            return Err(LedgerError::Founded { entries: head.size });
        }
        let mode = if founding.approvers.is_empty() { Mode::Solo } else { Mode::Quorum };
        let key = signer.public_key().spki_der().to_vec();
        let store = StoreRecord { id: founding.store, key, mode, quorum: founding.quorum };
        ledger.signer = Some(signer);
        let created = Action::Created { approvers: founding.approvers, store };
        ledger.commit(occasion, |_| Ok(Vec::from([(created.clone(), None)])))?;
        Ok(ledger)
    }

    /// Opens a store for reading, whoever founded it: as [`Ledger::open_with`].
    ///
    /// # Errors
    /// As that.
    pub fn open(log: L, registry: &Registry) -> Result<Self, LedgerError> {
        Self::open_with(log, registry, Opening::default())
    }

    /// Opens a store for reading: folds its log, with every signature of a request or approval, and compares the result with the
    /// latest checkpoint, whose signature is verified, and with what was seen before.
    ///
    /// # Errors
    /// [`LedgerError::AuditBroken`], [`LedgerError::AuditStateMismatch`] or [`LedgerError::AuditTruncated`] if the log is not what
    /// the checkpoint says, or not that of the founder; [`StoreError::RollbackDetected`] if it does not continue what was seen;
    /// [`LedgerError::NotFound`] for an empty log.
    ///
    /// # Left to the caller
    /// [`Ledger::verify`], which also looks at the form and the state of every entry by itself.
    pub fn open_with(log: L, registry: &Registry, opening: Opening) -> Result<Self, LedgerError> {
        let mut ledger = Self { opening, ..Self::empty(log, registry) };
        ledger.refresh()?;
        plan::store(&ledger.state)?;
        Ok(ledger)
    }

    /// Gives the key of the store to an open ledger, so that it can be changed.
    ///
    /// # Errors
    /// [`LedgerError::StoreKeyUnsuitable`] if it is another key.
    pub fn with_signer(mut self, signer: Arc<dyn Signer>) -> Result<Self, LedgerError> {
        if signer.public_key().spki_der() != plan::store(&self.state)?.key {
            return Err(LedgerError::StoreKeyUnsuitable);
        }
        self.signer = Some(signer);
        Ok(self)
    }

    fn empty(log: L, registry: &Registry) -> Self {
        Self {
            log,
            registry: registry.clone(),
            state: TrustState::new(),
            frontier: Frontier::default(),
            previous: None,
            signer: None,
            opening: Opening::default(),
            founding: None,
            departs_from: None,
        }
    }

    /// The leaf hash of the first entry, which holds the store's id, key and first approvers: what a person compares out of band before
    /// they trust a store. [`Founder::Expected`].
    #[must_use]
    pub fn fingerprint(&self) -> Option<Hash> {
        self.founding
    }

    /// The head that was seen before, where this log does not continue it and no entry has accepted that.
    #[must_use]
    pub fn departs_from(&self) -> Option<Head> {
        self.departs_from
    }

    /// The state after the latest entry that was taken in.
    #[must_use]
    pub fn state(&self) -> &TrustState {
        &self.state
    }

    /// The head of the log after the latest entry that was taken in.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { size: self.frontier.size(), root: self.frontier.root() }
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &L {
        &self.log
    }

    /// Gives the log back.
    #[must_use]
    pub fn into_log(self) -> L {
        self.log
    }

    /// What counts at an instant, by the latest entry.
    ///
    /// # Errors
    /// As [`TrustState::snapshot`].
    pub fn snapshot(&self, at: UnixTime) -> Result<TrustSnapshot, TrustError> {
        self.state.snapshot(at)
    }

    /// Takes in what others have appended since.
    ///
    /// # Errors
    /// As [`Ledger::open`]; [`LedgerError::AuditTruncated`] also when the log has become shorter.
    pub fn refresh(&mut self) -> Result<(), LedgerError> {
        let known = self.head();
        // In this order: whoever appends meanwhile is beyond the checkpoint, which is beyond what was seen.
        let seen = self.log.seen()?;
        let note = self.log.checkpoint()?;
        let found = self.log.head()?;
        let stated = match &note {
            Some(note) => stated_head(note, found.size)?,
            None if found.size == 0 => Head::empty(),
            None => return Err(not_covered(found.size.saturating_sub(1))),
        };
        let longest = stated.size.max(known.size);
        if found.size < longest || stated.size < known.size {
            let found = found.size.min(stated.size);
            return Err(LedgerError::AuditTruncated { expected: longest, found });
        }
        if let (Some(note), true) = (&note, stated != known) {
            let mut undo = Vec::new();
            match self.take_in(&stated, note, seen, &mut undo) {
                Ok(taken) => {
                    (self.frontier, self.previous) = (taken.frontier, Some(taken.last));
                    (self.founding, self.departs_from) = (Some(taken.first), taken.departs_from);
                }
                Err(error) => {
                    if known.size == 0 {
                        self.state = TrustState::new();
                    } else {
                        undo.into_iter().rev().for_each(|undo| self.state.undo(undo));
                    }
                    return Err(error);
                }
            }
        }
        if found.size > stated.size {
            // Appended meanwhile, and then with a checkpoint of its own; or slipped in.
            let covered = self.log.checkpoint()?.map(|note| stated_head(&note, found.size)).transpose()?;
            if covered.is_none_or(|covered| covered.size < found.size) {
                return Err(not_covered(stated.size));
            }
        }
        if stated.size > 0 && self.departs_from.is_none() {
            self.log.accepted(&stated)?;
        }
        Ok(())
    }

    /// Takes in the entries that a checkpoint states, and compares what comes out with it and with what was seen before. What takes
    /// them back is kept unless they are all there are.
    fn take_in(
        &mut self,
        stated: &Head,
        note: &str,
        seen: Option<Head>,
        undo: &mut Vec<Undo>,
    ) -> Result<TakenIn, LedgerError> {
        let (state, mut frontier, registry) = (&mut self.state, self.frontier.clone(), &self.registry);
        let (known, expected) = (frontier.size(), self.opening.founding);
        let mut first = self.founding;
        let mut latest = None;
        // On the way, the root must once be the one that was seen.
        let mut departs_from = self.departs_from.or(seen.filter(|seen| seen.size > known));
        let mut failure = None;
        reading::read(&self.log, known..stated.size, &mut |Read { sequence: index, leaf, entry }| {
            let index = *index;
            if index == 0 {
                first = Some(*leaf);
                if matches!(expected, Founder::Expected(expected) if expected != *leaf) {
                    failure = Some(LedgerError::AuditBroken { index, flaw: AuditFlaw::OtherFounding });
                    return Visit::Stop;
                }
            }
            // The root over all of these bytes is compared with a signed checkpoint below, before any of it counts. That whoever
            // signed it also had the approvals which the entries speak of, their signatures say and nothing else.
            let applied = entry.as_ref().map_err(Clone::clone).and_then(|entry| {
                signatures::check_base(entry, &frontier)?;
                signatures::check(registry, state, entry)?;
                let back = state.apply_revocably(entry)?;
                if known > 0 {
                    undo.push(back);
                }
                departs_from = departs_from.filter(|seen| entry.accepted_rollback().as_ref() != Some(seen));
                Ok(entry.state)
            });
            match applied {
                Ok(stated) => latest = Some((stated, *leaf)),
                Err(error) => {
                    failure = Some(contradiction(index, error));
                    return Visit::Stop;
                }
            }
            frontier.push(*leaf);
            departs_from = departs_from.filter(|seen| seen.size != frontier.size() || seen.root != frontier.root());
            Visit::Continue
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if frontier.size() != stated.size {
            return Err(LedgerError::AuditTruncated { expected: stated.size, found: frontier.size() });
        }
        let index = stated.size.saturating_sub(1);
        let changed = LedgerError::AuditBroken { index, flaw: AuditFlaw::Changed };
        if frontier.root() != stated.root {
            return Err(changed);
        }
        let (Some((state_stated, last)), Some(first)) = (latest, first) else { return Err(changed) };
        if state.hash() != state_stated {
            return Err(LedgerError::AuditStateMismatch { index });
        }
        let store = plan::store(state)?;
        checkpoint::verify(registry, &store.id, &store.key, note).map_err(|error| contradiction(index, error))?;
        match (departs_from, self.opening.rollback) {
            (Some(seen), Rollback::Refuse) => Err(StoreError::RollbackDetected { seen, found: *stated }.into()),
            _ => Ok(TakenIn { departs_from, first, frontier, last }),
        }
    }

    /// Appends what `steps` says about the state as it then is, as one group.
    pub(super) fn commit(
        &mut self,
        occasion: &Occasion,
        mut steps: impl FnMut(&Self) -> Result<Steps, LedgerError>,
    ) -> Result<Committed, LedgerError> {
        for _ in 0..ATTEMPTS {
            if self.frontier.size() > 0 {
                self.refresh()?;
            }
            let steps = steps(self)?;
            let mut undo = Vec::with_capacity(steps.len());
            let outcome = self.write(occasion, steps, &mut undo);
            if outcome.is_ok() {
                return outcome;
            }
            undo.into_iter().rev().for_each(|undo| self.state.undo(undo));
            match outcome {
                Err(LedgerError::Store(StoreError::HeadMoved { .. })) if self.frontier.size() > 0 => {}
                other => return other,
            }
        }
        let (expected, found) = (self.head(), self.log.head()?);
        Err(StoreError::HeadMoved { expected, found }.into())
    }

    fn write(&mut self, occasion: &Occasion, steps: Steps, undo: &mut Vec<Undo>) -> Result<Committed, LedgerError> {
        let signer = self.signer.clone().ok_or(LedgerError::SignerMissing)?;
        if steps.is_empty() {
            return Err(LedgerError::NothingToLog);
        }
        let base = self.head();
        let at = self.time(occasion.at, &steps)?;
        let (mut frontier, mut previous) = (self.frontier.clone(), self.previous);
        let mut entries = Vec::with_capacity(steps.len());
        let (mut first, mut accepted) = (None, Vec::new());
        for (action, request) in steps {
            let mode = match &action {
                Action::Created { store, .. } => store.mode,
                _ => self.state.mode(),
            };
            let mut entry = Entry {
                actor: self.actor(occasion, &action, request.as_ref()),
                action,
                at,
                mode,
                previous,
                reason: occasion.reason.clone(),
                request,
                sequence: frontier.size(),
                state: [0; 32],
            };
            // In order: a key that was stolen by one change of a group is not washed by the next.
            if let Action::Changed(change) | Action::EmergencyBegan { change, .. } = &entry.action {
                material::check(&self.state, change, entry.at)?;
            }
            signatures::check_base(&entry, &frontier)?;
            signatures::check(&self.registry, &self.state, &entry)?;
            undo.push(self.state.apply_revocably(&entry)?);
            entry.state = self.state.hash();
            let bytes = entry.to_bytes();
            // An entry that nobody can read would make the store unusable for good.
            if Entry::from_bytes(&bytes).ok().as_ref() != Some(&entry) {
                return Err(LedgerError::Unrepeatable);
            }
            let leaf = leaf_hash(&bytes);
            first = first.or(Some(leaf));
            accepted.extend(entry.accepted_rollback());
            frontier.push(leaf);
            previous = Some(leaf);
            entries.push(bytes);
        }
        let head = Head { size: frontier.size(), root: frontier.root() };
        let checkpoint = checkpoint::sign(&plan::store(&self.state)?.id, &head, signer.as_ref())?;
        let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let appended = self.log.append(&base, &slices, &checkpoint)?;
        if appended != head {
            // The log has these entries and some other head: whoever opens it next finds out why.
            let index = head.size.saturating_sub(1);
            return Err(LedgerError::AuditBroken { index, flaw: super::error::AuditFlaw::Changed });
        }
        (self.frontier, self.previous, self.founding) = (frontier, previous, self.founding.or(first));
        if let Some(seen) = self.departs_from
            && accepted.contains(&seen)
        {
            self.departs_from = None;
            // The entry is there; if this fails, whoever opens the log next takes note of it.
            let _ = self.log.accepted(&head);
        }
        Ok(Committed { checkpoint, first: base.size, head })
    }

    /// Signatures say who acted; a name that was only given does not.
    fn actor(&self, occasion: &Occasion, action: &Action, request: Option<&Id>) -> Actor {
        let person = occasion.actor.person.clone();
        match action {
            Action::Approved(signature) => {
                let open = request.and_then(|id| self.state.request(id));
                let approver = open.and_then(|open| rules::approver_of(&self.state, open, signature).ok());
                Actor { key: Some(signature.key), person: approver.map_or(person, |approver| approver.person) }
            }
            Action::Requested { signature, .. } => {
                Actor { key: signature.as_ref().map(|signature| signature.key), person }
            }
            _ => Actor::unsigned(person),
        }
    }

    /// The time of the next entries. One clock that was ahead must not keep everybody from taking trust away: that takes the time of the
    /// latest entry, however far it is.
    fn time(&self, at: UnixTime, steps: &Steps) -> Result<UnixTime, LedgerError> {
        let Some(last) = self.state.last_time().filter(|last| at < *last) else { return Ok(at) };
        let tolerated = at.checked_add(CLOCK_TOLERANCE).is_some_and(|latest| latest >= last);
        let tightens = || steps.iter().all(|(action, request)| rules::tightens(&self.state, action, request.as_ref()));
        if tolerated || tightens() { Ok(last) } else { Err(LedgerError::ClockRollback { at, last }) }
    }
}

/// The head that a note of the store speaks of. Unverified: the key is in the first entry.
fn stated_head(note: &str, entries: u64) -> Result<Head, LedgerError> {
    let parsed = Checkpoint::parse(note).map_err(|error| contradiction(entries.saturating_sub(1), error.into()))?;
    Ok(Head { size: parsed.tree_size(), root: *parsed.root_hash() })
}

fn not_covered(index: u64) -> LedgerError {
    LedgerError::AuditBroken { index, flaw: AuditFlaw::NotCovered }
}
