//! What the journal tells: how many verifications failed, which failures are still open, and what happened beside them.

use std::collections::{BTreeMap, HashMap};

use stella_attest_store::{AttestationStore, Event, EventFilter, EventKind, Level, NewEvent, StoreError};
use stella_attest_verify::{AttestationId, Code, UnixTime, Verdict};

/// How many events are read at once. A store in SQLite reads whole parts of 1024 and begins the last one of each page anew, so that small pages cost half as
/// much again; these take about 16 MiB.
const PAGE: usize = 16 << 10;

/// The windows in which failures are counted: a name, and seconds. The longest is last.
pub(crate) const WINDOWS: [(&str, i64); 3] = [("1h", 3600), ("24h", 86_400), ("7d", 604_800)];

/// How long a step of the timeline is, in seconds.
const STEP: i64 = 3600;

/// Most changes of trust and arrivals that are kept, the latest.
const BESIDE: usize = 256;

/// Most open failures that are held against the reports that are kept.
const LOOKED_UP: usize = 20_000;

/// How many there were.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// In whole.
    pub judged: u64,
    /// Of these, how many failed.
    pub failed: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.judged = self.judged.saturating_add(other.judged);
        self.failed = self.failed.saturating_add(other.failed);
    }

    /// The share of failures in tenths of a percent, rounded up: a failure is never shown as none.
    #[must_use]
    pub fn tenths_of_a_percent(self) -> u64 {
        if self.judged == 0 {
            return 0;
        }
        let tenths = (u128::from(self.failed) * 1000).div_ceil(u128::from(self.judged));
        u64::try_from(tenths).unwrap_or(u64::MAX)
    }
}

/// Verifications in a time that ends now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// `1h`, `24h`, `7d`.
    pub name: &'static str,
    /// Its length in seconds.
    pub seconds: i64,
    /// How many there were.
    pub counts: Counts,
}

/// An attestation whose latest verification failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenFailure {
    /// Which.
    pub attestation: AttestationId,
    /// What for.
    pub code: Code,
    /// The check that failed, such as `chain.path`.
    pub check: Option<String>,
    /// Since when it has failed without a break, as far as the journal tells.
    pub first: UnixTime,
    /// The latest failure.
    pub last: UnixTime,
    /// How often it failed.
    pub failures: u64,
    /// When it verified last.
    pub verified: Option<UnixTime>,
    /// Whose signature it would be, as the verification said.
    pub signer: Option<String>,
    /// Who vouched for the signer.
    pub issuer: Option<String>,
    /// Which key.
    pub key: Option<String>,
    /// The line of the journal.
    pub summary: String,
}

/// Something beside the verifications.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustEvent {
    /// When.
    pub at: UnixTime,
    /// The entry of the trust log, of a change of trust.
    pub entry: Option<u64>,
    /// One line.
    pub what: String,
}

/// What the journal tells of some days.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Health {
    /// Verifications in the windows that end now.
    pub windows: Vec<Window>,
    /// Verifications in each hour in which there were some, oldest first: the beginning of the hour.
    pub timeline: Vec<(UnixTime, Counts)>,
    /// How often each code came, the most frequent first.
    pub codes: Vec<(Code, u64)>,
    /// Attestations whose latest verification failed, the latest failure first.
    pub open: Vec<OpenFailure>,
    /// Signatures made, and failed.
    pub signing: Counts,
    /// The latest failure of signing.
    pub signing_failure: Option<(UnixTime, Option<Code>, String)>,
    /// The latest changes of trust, oldest first.
    pub trust: Vec<TrustEvent>,
    /// The latest arrivals and signatures, oldest first: what a deploy leaves behind.
    pub arrivals: Vec<TrustEvent>,
    /// How many events were read.
    pub events: u64,
}

impl Health {
    /// The change of trust and the arrival that came last before an instant, or at it.
    #[must_use]
    pub fn before(&self, at: UnixTime) -> (Option<&TrustEvent>, Option<&TrustEvent>) {
        let last = |events: &'_ [TrustEvent]| events.iter().rposition(|event| event.at <= at);
        (
            last(&self.trust).and_then(|position| self.trust.get(position)),
            last(&self.arrivals).and_then(|position| self.arrivals.get(position)),
        )
    }
}

/// Reads the journal from an instant on. Memory grows with the attestations that were judged, not with the events.
///
/// # Errors
/// The store cannot be read.
pub fn history(store: &mut dyn AttestationStore, since: UnixTime, now: UnixTime) -> Result<Health, StoreError> {
    let mut tally = Tally::default();
    let filter = EventFilter { since: Some(since), ..EventFilter::default() };
    let mut after = 0;
    loop {
        let page = store.events(&filter, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.sequence;
        tally.health.events = tally.health.events.saturating_add(page.len() as u64);
        for Event { event, .. } in page {
            tally.take(event, now);
        }
    }
    tally.finish(store)
}

#[derive(Default)]
struct Tally {
    health: Health,
    counts: [Counts; 3],
    hours: BTreeMap<i64, Counts>,
    codes: BTreeMap<Code, u64>,
    latest: HashMap<AttestationId, Latest>,
    /// When the latest run over many verified some, of which there is no event.
    silent: Option<UnixTime>,
}

enum Latest {
    Failed(Box<OpenFailure>),
    Verified(UnixTime),
}

impl Tally {
    fn take(&mut self, event: NewEvent, now: UnixTime) {
        match event.kind {
            EventKind::Verification => self.verification(event, now),
            EventKind::Signing => {
                let failed = event.level == Level::Error;
                self.health.signing.add(Counts { judged: 1, failed: u64::from(failed) });
                if failed {
                    self.health.signing_failure = Some((event.at, event.code, event.summary));
                } else {
                    keep(&mut self.health.arrivals, event);
                }
            }
            EventKind::TrustChange => keep(&mut self.health.trust, event),
            EventKind::Import => keep(&mut self.health.arrivals, event),
            _ => {}
        }
    }

    fn verification(&mut self, mut event: NewEvent, now: UnixTime) {
        let counts = counted(&event);
        for (counter, (_, seconds)) in self.counts.iter_mut().zip(WINDOWS) {
            if now.checked_add(-seconds).is_none_or(|since| event.at >= since) {
                counter.add(counts);
            }
        }
        if counts.judged > 0 {
            self.hours.entry(event.at.seconds().div_euclid(STEP)).or_default().add(counts);
        }
        let Some(attestation) = event.attestation else {
            if counts.judged > counts.failed {
                self.silent = self.silent.max(Some(event.at));
            }
            return;
        };
        if event.level != Level::Error {
            self.latest.insert(attestation, Latest::Verified(event.at));
            return;
        }
        let code = event.code.unwrap_or(Code::InternalPanic);
        let times = self.codes.entry(code).or_default();
        *times = times.saturating_add(1);
        let (first, failures, verified) = match self.latest.get(&attestation) {
            Some(Latest::Failed(before)) => (before.first, before.failures.saturating_add(1), before.verified),
            Some(Latest::Verified(at)) => (event.at, 1, Some(*at)),
            None => (event.at, 1, None),
        };
        let mut detail = |name: &str| {
            let position = event.details.iter().position(|(known, _)| known == name)?;
            Some(event.details.swap_remove(position).1)
        };
        let failure = OpenFailure {
            attestation,
            code,
            check: detail("check"),
            first,
            last: event.at,
            failures,
            verified,
            signer: detail("signer"),
            issuer: detail("issuer"),
            key: detail("key"),
            summary: event.summary,
        };
        self.latest.insert(attestation, Latest::Failed(Box::new(failure)));
    }

    /// A run over many writes no event for what it verified, but a report: where there is a later one, it is that which counts.
    fn finish(mut self, store: &mut dyn AttestationStore) -> Result<Health, StoreError> {
        let failed = |latest: Latest| match latest {
            Latest::Failed(failure) => Some(*failure),
            Latest::Verified(_) => None,
        };
        let mut open: Vec<OpenFailure> = self.latest.into_values().filter_map(failed).collect();
        open.sort_by(|one, other| {
            other.last.cmp(&one.last).then_with(|| one.attestation.as_bytes().cmp(other.attestation.as_bytes()))
        });
        for (position, failure) in open.into_iter().enumerate() {
            let may_be_mended = self.silent.is_some_and(|at| at >= failure.last) && position < LOOKED_UP;
            let report = if may_be_mended { store.report(&failure.attestation)? } else { None };
            if report.is_none_or(|report| report.verdict != Verdict::Verified || report.made < failure.last) {
                self.health.open.push(failure);
            }
        }
        self.health.codes = self.codes.into_iter().collect();
        self.health.codes.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        self.health.timeline = self
            .hours
            .into_iter()
            .map(|(hour, counts)| (UnixTime::from_seconds(hour.saturating_mul(STEP)), counts))
            .collect();
        self.health.windows = WINDOWS
            .iter()
            .zip(self.counts)
            .map(|((name, seconds), counts)| Window { name, seconds: *seconds, counts })
            .collect();
        Ok(self.health)
    }
}

fn keep(events: &mut Vec<TrustEvent>, event: NewEvent) {
    let entry = event.details.iter().find(|(name, _)| name == "entry").and_then(|(_, value)| value.parse().ok());
    if events.len() >= BESIDE {
        events.remove(0);
    }
    events.push(TrustEvent { at: event.at, entry, what: event.summary });
}

/// What an event tells of verifications. A run over many tells of all of them at its end; its events of single ones count nothing more.
fn counted(event: &NewEvent) -> Counts {
    let detail = |name: &str| event.details.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let number = |name: &str| detail(name).and_then(|value| value.parse().ok()).unwrap_or(0);
    match (detail("run"), event.attestation) {
        (Some(_), Some(_)) => Counts::default(),
        (Some(_), None) => Counts { judged: number("judged"), failed: number("failed") },
        (None, _) => Counts { judged: 1, failed: u64::from(event.level == Level::Error) },
    }
}
