//! Two snapshots, and which verdicts move between them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::Attestation;
use stella_crypto_providers::Registry;
use stella_trust_store::TrustSnapshot;
use stella_vocabulary::UnixTime;

use super::outcome::Outcome;
use crate::binding::Binding;
use crate::policy::Policy;
use crate::verifier::Verifier;

/// An attestation and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The attestation.
    pub attestation: &'a Attestation,
    /// The artifact, or the admission that there is none.
    pub binding: &'a Binding,
}

/// Two trusts under one policy, made ready to judge any number of attestations.
pub struct Preview {
    before: Verifier,
    /// `None` where both snapshots have the same root, so that everything is judged once.
    after: Option<Verifier>,
}

impl Preview {
    /// Prepares two snapshots for use with one registry and one policy: what moves is moved by the trust alone.
    #[must_use]
    pub fn new(registry: &Registry, before: &TrustSnapshot, after: &TrustSnapshot, policy: Policy) -> Self {
        let differs = before.root() != after.root();
        Self {
            after: differs.then(|| Verifier::new(registry, after, policy.clone())),
            before: Verifier::new(registry, before, policy),
        }
    }

    /// Judges each attestation twice, as of the instant `at`.
    ///
    /// The order of the evidence has no say in the result apart from [`Moved::index`]: what moved is sorted by attestation id, and
    /// attestations with one id by their place among the evidence.
    #[must_use]
    pub fn compare<'a>(&self, evidence: impl IntoIterator<Item = Evidence<'a>>, at: UnixTime) -> Comparison {
        let mut comparison = Comparison::default();
        for (index, Evidence { attestation, binding }) in evidence.into_iter().enumerate() {
            let judged = |verifier: &Verifier| Outcome::from(&verifier.verify(attestation, binding, at));
            let before = judged(&self.before);
            let after = self.after.as_ref().map_or_else(|| before.clone(), judged);
            let movement = match (before.is_verified(), after.is_verified()) {
                (true, false) => Movement::NewlyRefused,
                (false, true) => Movement::NewlyVerified,
                _ if before != after => Movement::OtherwiseRefused,
                _ => {
                    comparison.unmoved.count(&after);
                    continue;
                }
            };
            comparison.moved.push(Moved { after, attestation: attestation.id().to_string(), before, index, movement });
        }
        comparison.moved.sort_by(|left, right| (&left.attestation, left.index).cmp(&(&right.attestation, right.index)));
        comparison
    }
}

/// What moves between two snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Attestations with another outcome, by id.
    pub moved: Vec<Moved>,
    /// How many keep theirs.
    pub unmoved: Unmoved,
}

impl Comparison {
    /// Those that moved in one way, by id.
    pub fn moved_in(&self, movement: Movement) -> impl Iterator<Item = &Moved> {
        self.moved.iter().filter(move |moved| moved.movement == movement)
    }

    /// How many attestations were judged.
    #[must_use]
    pub fn judged(&self) -> usize {
        let Unmoved { indeterminate, rejected, verified } = self.unmoved;
        [self.moved.len(), indeterminate, rejected, verified].into_iter().fold(0, usize::saturating_add)
    }
}

/// An attestation with another outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The outcome under the second snapshot.
    pub after: Outcome,
    /// Its id.
    pub attestation: String,
    /// The outcome under the first snapshot.
    pub before: Outcome,
    /// Its place among the evidence, from 0.
    pub index: usize,
    /// Where to.
    pub movement: Movement,
}

/// How an outcome moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Movement {
    /// Verified before, rejected or indeterminate after.
    NewlyRefused,
    /// Rejected or indeterminate before, verified after.
    NewlyVerified,
    /// Not verified before and not after, and for another reason.
    OtherwiseRefused,
}

impl Movement {
    /// Its name: `newly-refused`, `newly-verified`, `otherwise-refused`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewlyRefused => "newly-refused",
            Self::NewlyVerified => "newly-verified",
            Self::OtherwiseRefused => "otherwise-refused",
        }
    }
}

/// How many attestations keep their outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unmoved {
    /// Undecided both times.
    pub indeterminate: usize,
    /// Rejected both times.
    pub rejected: usize,
    /// Verified both times.
    pub verified: usize,
}

impl Unmoved {
    fn count(&mut self, outcome: &Outcome) {
        use crate::report::Verdict;

        let counter = match outcome.verdict() {
            Verdict::Indeterminate => &mut self.indeterminate,
            Verdict::Rejected => &mut self.rejected,
            Verdict::Verified => &mut self.verified,
        };
        *counter = counter.saturating_add(1);
    }
}
