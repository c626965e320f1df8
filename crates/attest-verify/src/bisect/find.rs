//! The search.

use alloc::vec::Vec;

use stella_attest_model::Attestation;
use stella_crypto_providers::Registry;
use stella_trust_store::ledger::{Entry, Ledger, LedgerError, More, Point, TrustState};
use stella_trust_store::{LogStore, TrustSnapshot};
use stella_vocabulary::UnixTime;

use super::agreement::{Agreement, agreement};
use super::moments::{Moment, moments};
use crate::binding::Binding;
use crate::policy::Policy;
use crate::preview::Outcome;
use crate::verifier::Verifier;

/// How much is looked at. Judging a moment costs the making of its snapshot, which grows with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// So many of the latest moments are each judged; at least two.
    pub every: usize,
    /// So many of the older ones at most, where the latest show no change.
    pub older: usize,
}

impl Effort {
    /// What takes seconds and not minutes, whatever the size of the store: a snapshot is taken to cost about a microsecond an object.
    #[must_use]
    pub fn of(state: &TrustState) -> Self {
        let objects = state.objects().count().max(1);
        Self { every: (5_000_000 / objects).clamp(16, 1024), older: (20_000_000 / objects).clamp(64, 65_536) }
    }
}

/// What is asked about every moment of the history.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The instant whose trust is the present one: emergency changes that end by then are over.
    pub as_of: UnixTime,
    /// The instant that is judged, the same under every trust.
    pub at: UnixTime,
    /// The attestation.
    pub attestation: &'a Attestation,
    /// What it is held against.
    pub binding: &'a Binding,
    /// The policy.
    pub policy: &'a Policy,
    /// Who computes.
    pub registry: &'a Registry,
}

/// How an answer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every moment was judged: the list of changes is complete.
    EveryMoment,
    /// Every moment from this entry on was judged and none of them changed the verdict; those before were searched by halves. The change found
    /// led to the present verdict, and between it and that entry the verdict may have gone away and come back. If none was found, every moment
    /// was judged.
    Halves {
        /// From here on every moment was judged.
        from: u64,
    },
    /// Every moment from this entry on was judged, and one of them changed the verdict: there is no later one. Those before were not looked at.
    Latest {
        /// From here on every moment was judged.
        from: u64,
    },
    /// Every moment from this entry on was judged, and of those before one in so many: a change that was taken back in between was not seen.
    Sampled {
        /// From here on every moment was judged.
        from: u64,
        /// One in so many.
        one_in: usize,
    },
}

impl Method {
    /// Its name: `every-moment`, `halves`, `latest`, `sampled`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EveryMoment => "every-moment",
            Self::Halves { .. } => "halves",
            Self::Latest { .. } => "latest",
            Self::Sampled { .. } => "sampled",
        }
    }
}

/// A moment after which the outcome was another.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictChange {
    /// The outcome from then on.
    pub after: Outcome,
    /// The outcome before.
    pub before: Outcome,
    /// The entry behind it: who did what, when and why. Of an emergency change that ended, the entry that began it.
    pub entry: Entry,
    /// When, and how.
    pub moment: Moment,
    /// Who asked for it and who agreed; `None` where no request was needed.
    pub agreement: Option<Agreement>,
}

impl VerdictChange {
    /// Whether the verdict changed, and not only its reason.
    #[must_use]
    pub fn changes_verdict(&self) -> bool {
        self.before.verdict() != self.after.verdict()
    }
}

/// What was found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Bisection {
    /// The changes of outcome that were found, oldest first.
    pub changes: Vec<VerdictChange>,
    /// How many moments there are at which trust may have changed.
    pub moments: usize,
    /// How they were looked at.
    pub method: Method,
    /// The outcome under the present trust.
    pub present: Outcome,
}

impl Bisection {
    /// The latest change to the present verdict; if the verdict was never another, the latest change of its reason. `None` if the trust of no
    /// moment looked at gives another outcome: it is not the store that has changed.
    #[must_use]
    pub fn decisive(&self) -> Option<&VerdictChange> {
        let mut latest = self.changes.iter().rev();
        latest.clone().find(|change| change.changes_verdict()).or_else(|| latest.next())
    }
}

/// Finds what changed the verdict on an attestation.
///
/// # Errors
/// Those of [`Ledger::entries`]; [`LedgerError::Trust`] if the trust of a moment cannot be built.
pub fn find<L: LogStore>(ledger: &Ledger<L>, question: &Question<'_>) -> Result<Bisection, LedgerError> {
    find_within(ledger, question, Effort::of(ledger.state()))
}

/// As [`find`], with another effort.
///
/// # Errors
/// As [`find`].
pub fn find_within<L: LogStore>(
    ledger: &Ledger<L>,
    question: &Question<'_>,
    effort: Effort,
) -> Result<Bisection, LedgerError> {
    let moments = moments(ledger, question.as_of)?;
    let start = moments.len().saturating_sub(effort.every.max(2));
    let (older, latest) = moments.split_at(start.min(moments.len()));
    let mut search = Search { ledger, question, known: None };
    let outcomes = search.judge_each(latest)?;
    let mut found = Vec::new();
    for (pair, moments) in outcomes.windows(2).zip(latest.windows(2)) {
        if let ([before, after], [_, moment]) = (pair, moments)
            && before != after
        {
            found.push((before.clone(), after.clone(), moment.clone()));
        }
    }
    // There is always the entry that made the store.
    let missing = || LedgerError::NotFound { what: "entry 0 in the trust log".into() };
    let first = latest.first().ok_or_else(missing)?;
    let present = outcomes.last().ok_or_else(missing)?.clone();
    let changed = found.iter().any(|(before, after, _)| before.verdict() != after.verdict());
    let method = match (older.is_empty(), changed) {
        (true, _) => Method::EveryMoment,
        (false, true) => Method::Latest { from: first.sequence },
        (false, false) => match search.halves(older, first, &present, effort.older)? {
            Ok(change) => {
                found.splice(0..0, change);
                Method::Halves { from: first.sequence }
            }
            Err(one_in) => Method::Sampled { from: first.sequence, one_in },
        },
    };
    let told = |(before, after, moment): Found| {
        let entry = ledger.entry(moment.entry())?;
        let agreement = entry.request.as_ref().map(|request| agreement(ledger, request)).transpose()?.flatten();
        Ok(VerdictChange { after, agreement, before, entry, moment })
    };
    let changes = found.into_iter().map(told).collect::<Result<_, LedgerError>>()?;
    Ok(Bisection { changes, method, moments: moments.len(), present })
}

/// The outcome before and after a moment.
type Found = (Outcome, Outcome, Moment);

/// Judges the attestation under the trust of moments.
struct Search<'s, 'q, L> {
    ledger: &'s Ledger<L>,
    question: &'s Question<'q>,
    /// The trust judged last, by its root: entries about something else leave it as it is.
    known: Option<([u8; 32], Outcome)>,
}

impl<L: LogStore> Search<'_, '_, L> {
    /// Judges moments, in their order, in one reading of the log.
    fn judge_each<'m>(&mut self, moments: impl IntoIterator<Item = &'m Moment>) -> Result<Vec<Outcome>, LedgerError> {
        let mut outcomes = Vec::new();
        let mut waiting = moments.into_iter().peekable();
        let Some(first) = waiting.peek().copied() else { return Ok(outcomes) };
        let mut state = self.ledger.state_at(Point::Sequence(first.sequence))?;
        while let Some(moment) = waiting.next_if(|moment| moment.sequence == first.sequence) {
            outcomes.push(self.judge(&state, moment)?);
        }
        let ledger = self.ledger;
        ledger.entries(first.sequence.saturating_add(1), |entry| {
            state.apply(entry)?;
            while let Some(moment) = waiting.next_if(|moment| moment.sequence == entry.sequence) {
                outcomes.push(self.judge(&state, moment)?);
            }
            Ok(if waiting.peek().is_some() { More::Next } else { More::Enough })
        })?;
        Ok(outcomes)
    }

    fn judge_alone(&mut self, moment: &Moment) -> Result<Outcome, LedgerError> {
        let state = self.ledger.state_at(Point::Sequence(moment.sequence))?;
        self.judge(&state, moment)
    }

    fn judge(&mut self, state: &TrustState, moment: &Moment) -> Result<Outcome, LedgerError> {
        let trust: TrustSnapshot = state.snapshot(moment.at)?;
        if let Some((root, outcome)) = &self.known
            && *root == trust.root()
        {
            return Ok(outcome.clone());
        }
        let Question { at, attestation, binding, policy, registry, .. } = *self.question;
        let report = Verifier::new(registry, &trust, policy.clone()).verify(attestation, binding, at);
        let outcome = Outcome::from(&report);
        self.known = Some((trust.root(), outcome.clone()));
        Ok(outcome)
    }

    /// Finds a change to the verdict `present`, that of the moment `next`, among the moments before. Looks at ever smaller distances until the verdict
    /// differs somewhere, so that only a history without a change is judged in whole, and then by halves for the entry. Gives the distance if it would
    /// take more than `limit` moments to look closer.
    fn halves(
        &mut self,
        older: &[Moment],
        next: &Moment,
        present: &Outcome,
        limit: usize,
    ) -> Result<Result<Option<Found>, usize>, LedgerError> {
        let differs = |outcome: &Outcome| outcome.verdict() != present.verdict();
        let mut distance = older.len().next_power_of_two();
        let (mut other, mut before) = loop {
            // Even multiples of the distance were judged in the rounds before, and had the present verdict.
            let probes: Vec<(usize, &Moment)> = older
                .iter()
                .enumerate()
                .filter(|(index, _)| match index {
                    0 => distance >= older.len(),
                    _ => index % distance == 0 && index % distance.saturating_mul(2) != 0,
                })
                .collect();
            let outcomes = self.judge_each(probes.iter().map(|(_, moment)| *moment))?;
            let differing = probes.iter().zip(outcomes).rev().find(|(_, outcome)| differs(outcome));
            match differing {
                Some(((index, _), outcome)) => break (*index, outcome),
                None if distance <= 1 => return Ok(Ok(None)),
                None if older.len() / (distance / 2) > limit => return Ok(Err(distance)),
                None => distance /= 2,
            }
        };
        let mut same = other.saturating_add(distance).min(older.len());
        let mut after = None;
        while same.saturating_sub(other) > 1 {
            let probe = other.midpoint(same);
            let Some(moment) = older.get(probe) else { break };
            let outcome = self.judge_alone(moment)?;
            if differs(&outcome) {
                (other, before) = (probe, outcome);
            } else {
                (same, after) = (probe, Some(outcome));
            }
        }
        let moment = older.get(same).unwrap_or(next);
        let after = match after {
            Some(after) => after,
            None => self.judge_alone(moment)?,
        };
        Ok(Ok(Some((before, after, moment.clone()))))
    }
}
