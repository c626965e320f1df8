//! Many failures, told by their causes.

use std::collections::BTreeMap;

use stella_attest_store::{AttestationStore, Filter, LinkKind, StoreError};
use stella_attest_verify::{Attestation, AttestationId, Code, UnixTime, Verdict};

use crate::cause::{Cause, Confidence, Mending};
use crate::diagnosis::{Diagnosis, Judge, NearMiss, diagnose, root_cause};
use crate::history::{Health, OpenFailure, history};
use crate::trouble::{Facility, Trouble};
use crate::world::{TurningPoint, World};

/// The longest window of the journal's counts, in seconds.
const WEEK: i64 = 604_800;
/// How many failures of one class are judged anew before the others of it are taken to be like them.
const SAMPLES: usize = 4;
/// How many are judged anew of a class in which they differ.
const JUDGED: usize = 1000;
/// How many are judged anew of all classes together.
const ALL_JUDGED: usize = 4000;
/// How many causes are diagnosed; the rest is only counted.
const DIAGNOSED: usize = 16;
/// How many attestations are named for a cause.
const EXAMPLES: usize = 5;
/// How many are looked up whether something newer has taken their place.
const SUPERSEDED: usize = 200;

/// Failures that have one cause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// The cause.
    pub cause: Cause,
    /// How many attestations fail for it.
    pub attestations: u64,
    /// How many verifications failed for it.
    pub failures: u64,
    /// Since when.
    pub first: UnixTime,
    /// The latest failure.
    pub last: UnixTime,
    /// When one of these verified last, before it failed.
    pub verified: Option<UnixTime>,
    /// Some of them, the latest first.
    pub examples: Vec<AttestationId>,
    /// What changed the verdict.
    pub since: Option<TurningPoint>,
    /// What else was found out.
    pub near_misses: Vec<NearMiss>,
    /// What mends it.
    pub mending: Mending,
}

/// What failed in some time, by cause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fleet {
    /// From when on.
    pub since: UnixTime,
    /// What the journal tells.
    pub health: Health,
    /// The causes, the one of most failures first.
    pub groups: Vec<Group>,
    /// How many failed and would verify now.
    pub mended: u64,
    /// How many failed, and something newer about the same verifies.
    pub superseded: u64,
}

impl Fleet {
    /// How many attestations fail now.
    #[must_use]
    pub fn failing(&self) -> u64 {
        self.groups.iter().fold(0, |sum, group| sum.saturating_add(group.attestations))
    }
}

/// Looks at what failed from an instant on, and tells it by causes. `None` if there is no store of attestations.
///
/// What is kept is judged anew, so that what was mended meanwhile does not count; what is not kept counts as the journal tells it.
///
/// # Errors
/// Those of the world.
pub fn fleet(world: &dyn World, since: UnixTime) -> Result<Option<Fleet>, Trouble> {
    let Some(mut store) = world.attestations()? else { return Ok(None) };
    let broken = |error: StoreError| Trouble::of(Facility::Store, &error);
    let week = world.now().checked_add(-WEEK).unwrap_or(since);
    let mut health = history(store.as_mut(), since.min(week), world.now()).map_err(broken)?;
    let mut open = std::mem::take(&mut health.open);
    open.retain(|failure| failure.last >= since);
    let mut work =
        Work { world, store: store.as_mut(), judge: None, left: ALL_JUDGED, superseded: 0, mended: 0, looked_up: 0 };
    let mut causes: BTreeMap<(Option<Code>, String), Group> = BTreeMap::new();
    for class in classes(&open) {
        for (cause, mending, failure) in work.causes(&class)? {
            let key = (cause.code, cause.subject.clone());
            causes.entry(key).or_insert_with(|| empty(cause, mending, failure)).add(failure);
        }
    }
    let mut groups: Vec<Group> = causes.into_values().collect();
    groups.sort_by(|one, other| {
        (other.attestations, other.failures).cmp(&(one.attestations, one.failures)).then(one.first.cmp(&other.first))
    });
    for group in groups.iter_mut().take(DIAGNOSED) {
        work.explain(group)?;
    }
    let (mended, superseded) = (work.mended, work.superseded);
    health.open = open;
    Ok(Some(Fleet { since, health, groups, mended, superseded }))
}

/// `mending` where it is known before an example is diagnosed.
fn empty(cause: Cause, mending: Option<Mending>, failure: &OpenFailure) -> Group {
    let command = ["stella", "explain", failure.code.as_str()];
    let look_up = || Mending::new("look up what the code means").command(&command);
    Group {
        cause,
        attestations: 0,
        failures: 0,
        first: failure.first,
        last: failure.last,
        verified: None,
        examples: Vec::new(),
        since: None,
        near_misses: Vec::new(),
        mending: mending.unwrap_or_else(look_up),
    }
}

impl Group {
    fn add(&mut self, failure: &OpenFailure) {
        self.attestations = self.attestations.saturating_add(1);
        self.failures = self.failures.saturating_add(failure.failures);
        self.first = self.first.min(failure.first);
        self.last = self.last.max(failure.last);
        self.verified = self.verified.max(failure.verified);
        if self.examples.len() < EXAMPLES {
            self.examples.push(failure.attestation);
        }
    }
}

/// Failures that look alike in the journal, the largest class first.
fn classes(open: &[OpenFailure]) -> Vec<Vec<&OpenFailure>> {
    type Looks<'f> = (Code, Option<&'f str>, Option<&'f str>, Option<&'f str>, Option<&'f str>);
    let mut classes: BTreeMap<Looks<'_>, Vec<&OpenFailure>> = BTreeMap::new();
    for failure in open {
        let OpenFailure { code, check, signer, issuer, key, .. } = failure;
        // Of certificates, each signature has a key of its own.
        let key = if signer.is_some() { None } else { key.as_deref() };
        classes.entry((*code, check.as_deref(), signer.as_deref(), issuer.as_deref(), key)).or_default().push(failure);
    }
    let mut classes: Vec<Vec<&OpenFailure>> = classes.into_values().collect();
    classes.sort_by_key(|class| std::cmp::Reverse(class.len()));
    classes
}

/// What became of one failure when it was judged anew.
enum Anew {
    /// It fails, for this.
    Fails(Cause),
    /// It is not kept.
    NotKept,
    /// It verifies.
    Verifies,
}

/// A failure with its cause; and what mends it, where that is known before one of its kind is diagnosed.
type Told<'f> = (Cause, Option<Mending>, &'f OpenFailure);

struct Work<'w> {
    world: &'w dyn World,
    store: &'w mut dyn AttestationStore,
    judge: Option<Judge>,
    left: usize,
    mended: u64,
    superseded: u64,
    looked_up: usize,
}

impl Work<'_> {
    /// Makes the judge when it is first needed: a store without failures needs no trust.
    fn appoint(&mut self) -> Result<(), Trouble> {
        if self.judge.is_none() {
            self.judge = Some(Judge::new(self.world)?);
        }
        Ok(())
    }

    fn anew(&mut self, failure: &OpenFailure) -> Result<Anew, Trouble> {
        self.left = self.left.saturating_sub(1);
        self.appoint()?;
        let (Some(judge), store) = (&self.judge, &mut *self.store) else { return Ok(Anew::NotKept) };
        Ok(match judge.kept(store, &failure.attestation)? {
            None => Anew::NotKept,
            Some((report, ..)) if report.verdict() == Verdict::Verified => Anew::Verifies,
            Some((report, ..)) => root_cause(&report).map_or(Anew::NotKept, Anew::Fails),
        })
    }

    /// The causes of a class of failures, as they are now. Those behind the limits are like the others only where all of these fail for one cause; where some
    /// of them verify, nothing is known of the rest, and that is said.
    fn causes<'f>(&mut self, class: &[&'f OpenFailure]) -> Result<Vec<Told<'f>>, Trouble> {
        let mut causes: Vec<Told<'_>> = Vec::new();
        let mut alike = true;
        for (position, failure) in class.iter().enumerate() {
            let first = causes.first().filter(|_| alike).map(|(cause, ..)| cause.clone());
            let is_over = position >= JUDGED || self.left == 0;
            if let Some(cause) = first.filter(|_| position >= SAMPLES || is_over) {
                causes.push((cause, None, failure));
                continue;
            }
            if is_over {
                let (cause, mending) = unjudged(failure);
                causes.push((cause, Some(mending), failure));
                continue;
            }
            match self.anew(failure)? {
                Anew::Verifies => {
                    self.mended = self.mended.saturating_add(1);
                    alike = false;
                }
                Anew::Fails(_) if self.is_superseded(failure)? => {
                    self.superseded = self.superseded.saturating_add(1);
                    alike = false;
                }
                Anew::Fails(cause) => {
                    alike &= causes.first().is_none_or(|(first, ..)| first.is_that_of(&cause));
                    causes.push((cause, None, failure));
                }
                Anew::NotKept => causes.push((as_told(failure), None, failure)),
            }
        }
        Ok(causes)
    }

    /// Whether something verifies that says the same under a new signature, or that came in after the failure and says the same kind of thing about the same
    /// artifact. What was there before is another signature beside it, and no answer to its failure.
    fn is_superseded(&mut self, failure: &OpenFailure) -> Result<bool, Trouble> {
        if self.looked_up >= SUPERSEDED {
            return Ok(false);
        }
        self.looked_up += 1;
        let broken = |error: StoreError| Trouble::of(Facility::Store, &error);
        let verified = |store: &mut dyn AttestationStore, id: &AttestationId| -> Result<bool, Trouble> {
            Ok(store.report(id).map_err(broken)?.is_some_and(|report| report.verdict == Verdict::Verified))
        };
        for link in self.store.links(&failure.attestation).map_err(broken)? {
            if link.kind == LinkKind::Resigned && link.from == failure.attestation && verified(self.store, &link.to)? {
                return Ok(true);
            }
        }
        let arrivals = self.store.arrivals(&failure.attestation).map_err(broken)?;
        let Some(arrival) = arrivals.first() else { return Ok(false) };
        let document = self.store.document(arrival).map_err(broken)?;
        let limits = stella_attest_model::Limits::default();
        let Ok((_, facts)) = stella_attest_store::Facts::read(&document, &limits) else { return Ok(false) };
        let Some(subject) = facts.subjects.first() else { return Ok(false) };
        let filter =
            Filter { subject: Some(*subject), predicate_type: facts.predicate_type.clone(), ..Filter::default() };
        for newer in self.store.find(&filter, arrival.sequence, 32).map_err(broken)? {
            let is_answer = newer.attestation != failure.attestation && newer.at > failure.first;
            if is_answer && verified(self.store, &newer.attestation)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Diagnoses one of a group, and lets it speak for the others.
    fn explain(&mut self, group: &mut Group) -> Result<(), Trouble> {
        self.appoint()?;
        for example in group.examples.clone() {
            let (Some(judge), store) = (&self.judge, &mut *self.store) else { return Ok(()) };
            let Some((report, attestation, _)) = judge.kept(store, &example)? else { continue };
            if root_cause(&report).is_none_or(|cause| !cause.is_that_of(&group.cause)) {
                continue;
            }
            let Diagnosis { near_misses, since, mending, .. } = self.diagnose(&report, &attestation)?;
            group.near_misses = near_misses;
            group.since = since;
            if let Some(mending) = mending {
                group.mending = mending;
            }
            return Ok(());
        }
        Ok(())
    }

    fn diagnose(&self, report: &stella_attest_verify::Report, attestation: &Attestation) -> Result<Diagnosis, Trouble> {
        let binding = crate::diagnosis::binding(attestation);
        diagnose(self.world, report, attestation, &binding, None)
    }
}

/// A failure that is one too many to be judged anew: whether it still fails is not known.
fn unjudged(failure: &OpenFailure) -> (Cause, Mending) {
    let cause = Cause {
        code: Some(failure.code),
        subject: "attestations that were not judged anew".to_owned(),
        summary: "they failed when they were verified last, and are too many to be judged anew by the doctor"
            .to_owned(),
        confidence: Confidence::Possible,
    };
    (cause, Mending::new("verify them again").command(&["stella", "verify", "all"]))
}

/// What the journal says of a failure that cannot be judged anew.
fn as_told(failure: &OpenFailure) -> Cause {
    let who = failure.signer.as_ref().map(|signer| format!("signer {signer}"));
    let key = failure.key.as_ref().map(|key| format!("key {key}"));
    Cause {
        code: Some(failure.code),
        subject: who.or(key).unwrap_or_else(|| format!("attestation {}", failure.attestation)),
        summary: failure.summary.clone(),
        confidence: Confidence::Likely,
    }
}
