//! What changes would do, before anybody makes them.

use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use super::change::Change;
use super::effect::{Authority, Effect};
use super::entry::{Action, Actor, Entry};
use super::error::LedgerError;
use super::ledger::Occasion;
use super::material;
use super::object::{Object, ObjectRef};
use super::rules;
use super::state::TrustState;

/// What changes would do, one after the other.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The state after all of them, as if whoever has to agree had agreed. Nothing of it is logged.
    pub state: TrustState,
    /// One for each change, in order.
    pub steps: Vec<PlannedStep>,
}

/// What one change would do to the state before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// Whose agreement it needs.
    pub authority: Authority,
    /// What it does to the amount of trust.
    pub effect: Effect,
    /// The objects that it replaces or makes, the one it is about first.
    pub objects: Vec<ObjectRef>,
}

impl TrustState {
    /// Whose agreement `change` needs at an instant. Unlike [`Authority::needed`], this knows that whoever stops what only an
    /// emergency change made waits for nobody.
    #[must_use]
    pub fn authority_needed(&self, change: &Change, at: UnixTime) -> Authority {
        match rules::stops_emergency(self, change, at) {
            Some(_) => Authority::OnePerson,
            None => Authority::needed(change, self),
        }
    }

    /// What `changes` would do one after the other, all at the instant `at`, as if everybody had agreed. Costs a copy of the
    /// state, which shares its objects with this one, and appends nothing.
    ///
    /// # Errors
    /// Those of [`Ledger::change_all`](super::Ledger::change_all) apart from [`LedgerError::ApprovalRequired`].
    ///
    /// # Left to the caller
    /// Whether `at` is before the latest entry of the log.
    pub fn planned(&self, changes: &[Change], at: UnixTime) -> Result<Planned, LedgerError> {
        let mut state = self.clone();
        let mut steps = Vec::with_capacity(changes.len());
        for change in changes {
            // As for an appended group, what comes first may be what the next one needs.
            material::check(&state, change, at)?;
            let objects = rules::outcome(&state, change, at)?;
            steps.push(PlannedStep {
                authority: state.authority_needed(change, at),
                effect: Effect::of(change, &state),
                objects: objects.iter().map(Object::object).collect(),
            });
            state.take_in(objects, at);
        }
        Ok(Planned { state, steps })
    }

    /// The state after [`Ledger::emergency`](super::Ledger::emergency), of which nothing is logged: ask it for a snapshot within
    /// the time of the emergency.
    ///
    /// # Errors
    /// As that.
    pub fn planned_emergency(
        &self,
        change: &Arc<Change>,
        until: UnixTime,
        occasion: &Occasion,
    ) -> Result<Self, LedgerError> {
        material::check(self, change, occasion.at)?;
        let mut state = self.clone();
        state.apply(&Entry {
            action: Action::EmergencyBegan { change: Arc::clone(change), until },
            actor: Actor::unsigned(occasion.actor.person.clone()),
            at: occasion.at,
            mode: self.mode(),
            previous: None,
            reason: occasion.reason.clone(),
            request: None,
            sequence: self.size(),
            state: [0; 32],
        })?;
        Ok(state)
    }
}
