//! The log and its fold in one: what is logged has effect, and what has effect is logged.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_crypto_providers::{Registry, Signer};
use stella_transparency::merkle::{Frontier, Hash, leaf_hash};
use stella_vocabulary::UnixTime;

use super::checkpoint;
use super::entry::{Action, Actor, Entry};
use super::error::LedgerError;
use super::id::Id;
use super::material;
use super::object::{Mode, StoreRecord};
use super::plan;
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

    /// Opens a store for reading: folds its log and compares the result with the latest checkpoint, whose signature is verified.
    ///
    /// # Errors
    /// [`LedgerError::AuditBroken`], [`LedgerError::AuditStateMismatch`] or [`LedgerError::AuditTruncated`] if the log is not what
    /// the checkpoint says; [`LedgerError::NotFound`] for an empty log.
    ///
    /// # Left to the caller
    /// [`Ledger::verify`], which looks at every entry by itself and at every signature.
    pub fn open(log: L, registry: &Registry) -> Result<Self, LedgerError> {
        let mut ledger = Self::empty(log, registry);
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
        }
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
        let head = self.log.head()?;
        if head == known {
            return Ok(());
        }
        if head.size < known.size {
            return Err(LedgerError::AuditTruncated { expected: known.size, found: head.size });
        }
        let mut undo = Vec::new();
        let taken = self.take_in(&head, &mut undo);
        if taken.is_err() {
            if known.size == 0 {
                self.state = TrustState::new();
            } else {
                undo.into_iter().rev().for_each(|undo| self.state.undo(undo));
            }
        }
        (self.frontier, self.previous) = taken?;
        Ok(())
    }

    /// Takes in the entries up to `head`, and compares what comes out with what the log and its checkpoint say. What takes them
    /// back is kept unless they are all there are.
    fn take_in(&mut self, head: &Head, undo: &mut Vec<Undo>) -> Result<(Frontier, Option<Hash>), LedgerError> {
        let (state, mut frontier) = (&mut self.state, self.frontier.clone());
        let known = frontier.size();
        let mut latest = None;
        let mut failure = None;
        // Others may append while this is read: stop at the head that was seen, and compare the states with it.
        self.log.read(known, &mut |index, bytes| {
            if index >= head.size {
                return Ok(Visit::Stop);
            }
            let leaf = leaf_hash(bytes);
            frontier.push(leaf);
            // The root over all of these bytes is compared with a signed checkpoint below, before any of it counts.
            let applied = Entry::from_covered_bytes(bytes).and_then(|entry| {
                let back = state.apply_revocably(&entry)?;
                if known > 0 {
                    undo.push(back);
                }
                Ok(entry.state)
            });
            match applied {
                Ok(stated) => latest = Some((stated, leaf)),
                Err(error) => {
                    failure = Some(super::audit::contradiction(index, error));
                    return Ok(Visit::Stop);
                }
            }
            Ok(Visit::Continue)
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if frontier.size() != head.size {
            return Err(LedgerError::AuditTruncated { expected: head.size, found: frontier.size() });
        }
        let index = head.size.saturating_sub(1);
        let changed = LedgerError::AuditBroken { index, flaw: super::error::AuditFlaw::Changed };
        if frontier.root() != head.root {
            return Err(changed);
        }
        let Some((stated, previous)) = latest else { return Err(changed) };
        if state.hash() != stated {
            return Err(LedgerError::AuditStateMismatch { index });
        }
        self.compare_with_checkpoint(&self.state, head)?;
        Ok((frontier, Some(previous)))
    }

    /// The latest checkpoint must be genuine and of this head, unless the log has moved on meanwhile.
    fn compare_with_checkpoint(&self, state: &TrustState, head: &Head) -> Result<(), LedgerError> {
        let index = head.size.saturating_sub(1);
        let not_covered = LedgerError::AuditBroken { index, flaw: super::error::AuditFlaw::NotCovered };
        let Some(note) = self.log.checkpoint()? else { return Err(not_covered) };
        let store = plan::store(state)?;
        let stated = checkpoint::verify(&self.registry, &store.id, &store.key, &note)?;
        match stated.size.cmp(&head.size) {
            core::cmp::Ordering::Less => Err(not_covered),
            core::cmp::Ordering::Equal if stated.root != head.root => {
                Err(LedgerError::AuditBroken { index, flaw: super::error::AuditFlaw::Changed })
            }
            core::cmp::Ordering::Greater if self.log.head()?.size < stated.size => {
                Err(LedgerError::AuditTruncated { expected: stated.size, found: head.size })
            }
            _ => Ok(()),
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
            signatures::check(&self.registry, &self.state, &entry)?;
            undo.push(self.state.apply_revocably(&entry)?);
            entry.state = self.state.hash();
            let bytes = entry.to_bytes();
            // An entry that nobody can read would make the store unusable for good.
            if Entry::from_bytes(&bytes).ok().as_ref() != Some(&entry) {
                return Err(LedgerError::Unrepeatable);
            }
            let leaf = leaf_hash(&bytes);
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
        (self.frontier, self.previous) = (frontier, previous);
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
