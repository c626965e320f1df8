//! `stella verify all --changed`: only what the trust can have made otherwise since the latest reports is judged again, each as of the instant of its
//! latest report.

use std::collections::{BTreeMap, HashMap};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use stella_attest_model::AttestationId;
use stella_attest_store::{Arrival, AttestationStore, Documents, EventKind, Level, NewEvent, ReportRecord};
use stella_attest_verify::preview::Affected;
use stella_attest_verify::{Attestation, Code, Report, UnixTime, Verdict, Verifier};
use stella_trust_store::ledger::Point;
use stella_vocabulary::hex;

use super::attest::{pool, progress};
use super::verify_all::{binding, worst_of};
use crate::arguments::VerifyAllArguments;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::memo;
use crate::question::Question;
use crate::render::Page;
use crate::render::page::Tone;
use crate::store::Store;
use crate::{kept, record, selector, which};

/// How many attestations are looked at, judged and written at once.
const PAGE: usize = 1000;

/// Of so many former trusts is worked out what has changed since; who was judged under another one is judged again.
const TRUSTS: usize = 64;

/// What came of it.
#[derive(Default)]
struct Counts {
    judged: u64,
    stands: u64,
    otherwise: u64,
    by_code: BTreeMap<Option<Code>, u64>,
}

impl Counts {
    /// Why not all are verified. As without `--changed`, nothing at all is no success.
    fn worst(&self) -> Option<Code> {
        let nothing = self.by_code.is_empty().then_some(Code::PolicyNoAttestations);
        worst_of(&self.by_code).or(nothing)
    }
}

pub(super) fn run(said: &VerifyAllArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    let inputs = Inputs::default();
    let mut store = Attestations::require(context)?;
    let question = Question::of(&said.signer, &said.trust, &inputs, context)?;
    let filter = which::filter(&said.which, Documents::First, &inputs)?;
    let pool = pool(said.jobs)?;
    let memo = memo::for_store(Some(store.source()), pool.current_num_threads(), &said.memo, context);
    let verifier = Verifier::new(&memo.registry(), &question.trust.snapshot, question.policy.clone());
    let mut standing = Standing {
        trust: root(&question.trust.snapshot),
        policy: question.policy.digest().to_string(),
        at: (context.at != context.now).then_some(context.at),
        now: context.now,
        log: if question.trust.has_store() { Store::find(context)? } else { None },
        after: question.trust.snapshot.clone(),
        former: HashMap::new(),
    };
    let of = store.store().about()?.head.size;
    let now = context.now;
    let bar = progress(of, "{bar:30} {pos}/{len} {per_sec} {eta}", context);
    let (mut counts, mut last) = (Counts::default(), 0);
    loop {
        let arrivals = store.store().find(&filter, last, PAGE)?;
        let (Some(first), Some(latest)) = (arrivals.first(), arrivals.last()) else { break };
        let known = reports(store.store(), first.sequence, latest.sequence)?;
        last = latest.sequence;
        let mut work = Vec::new();
        for arrival in arrivals {
            let record = match known.get(&arrival.attestation) {
                Some(record) => Some(record.clone()),
                None => store.store().report(&arrival.attestation)?,
            };
            match record {
                Some(record) if standing.stands(&record, store.store())? => {
                    counts.stands += 1;
                    *counts.by_code.entry(record.code).or_default() += 1;
                }
                record => work.push(Task::read(arrival, record, &standing, store.store())?),
            }
        }
        let done: Vec<(ReportRecord, Option<NewEvent>)> =
            pool.install(|| work.par_iter().map(|task| task.judge(&verifier, now)).collect());
        memo.flush();
        let mut events = Vec::new();
        for (task, (record, event)) in work.iter().zip(&done) {
            counts.judged += 1;
            counts.otherwise += u64::from(task.before.is_none_or(|before| before != record.code));
            *counts.by_code.entry(record.code).or_default() += 1;
            events.extend(event.clone());
        }
        let records: Vec<ReportRecord> = done.into_iter().map(|(record, _)| record).collect();
        store.store().keep_reports(&records)?;
        store.journal_all(&events, context);
        bar.set_position(last);
    }
    bar.finish_and_clear();
    memo.end(context);
    let took = since.microseconds();
    if counts.judged > 0 {
        store.journal(summary_event(&counts, took, context), context);
    }
    let text = match context.format.is_json() {
        true => document(&counts, &standing, took).line(),
        false => page(&counts, took, context),
    };
    Ok(Answer::judged(text, counts.worst()))
}

fn root(snapshot: &stella_attest_verify::TrustSnapshot) -> String {
    format!("sha256:{}", hex::encode(&snapshot.root()))
}

/// The latest reports that judge one of these arrivals.
fn reports(
    store: &mut dyn AttestationStore,
    from: u64,
    until: u64,
) -> Result<HashMap<AttestationId, ReportRecord>, Complaint> {
    let mut found = HashMap::new();
    // Where few fit, most reports in between are of others.
    if until.saturating_sub(from) > 4 * PAGE as u64 {
        return Ok(found);
    }
    let mut after = from.saturating_sub(1);
    loop {
        let page = store.reports(None, after, PAGE)?;
        let Some(last) = page.last().map(|record| record.arrival) else { return Ok(found) };
        after = last;
        found.extend(page.into_iter().filter(|one| one.arrival <= until).map(|one| (one.attestation, one)));
        if last >= until {
            return Ok(found);
        }
    }
}

/// Which reports stand as they are.
struct Standing {
    trust: String,
    policy: String,
    /// The instant that was said.
    at: Option<UnixTime>,
    now: UnixTime,
    log: Option<Store>,
    after: stella_attest_verify::TrustSnapshot,
    /// What has changed since a trust that reports were made under, by its root; `None` where nobody knows.
    former: HashMap<String, Option<Affected>>,
}

impl Standing {
    /// Whether the outcome is the same now, as of the instant of the report.
    fn stands(&mut self, record: &ReportRecord, store: &mut dyn AttestationStore) -> Result<bool, Complaint> {
        let as_asked = record.policy == self.policy
            && self.at.is_none_or(|at| record.at == at)
            && kept::is_about_subjects_as_listed(record);
        if !as_asked {
            return Ok(false);
        }
        // Of several documents, another one may come further now, or have come later than the report.
        if record.code.is_some() && store.arrivals(&record.attestation)?.len() > 1 {
            return Ok(false);
        }
        if record.trust == self.trust {
            return Ok(true);
        }
        Ok(match self.since(record) {
            Some(affected) => !affected.may_change(&record.dependencies, record.code),
            None => false,
        })
    }

    /// What has changed since the trust of this report.
    fn since(&mut self, record: &ReportRecord) -> Option<&Affected> {
        if !self.former.contains_key(&record.trust) {
            if self.former.len() >= TRUSTS {
                return None;
            }
            let affected = self.compare(record);
            self.former.insert(record.trust.clone(), affected);
        }
        self.former.get(&record.trust)?.as_ref()
    }

    /// The trust of back then is in the log, and is the one that was meant if it has the same root.
    fn compare(&self, record: &ReportRecord) -> Option<Affected> {
        let point = Point::Sequence(record.trust_entry?);
        let before = self.log.as_ref()?.ledger().snapshot_at(point).ok()?;
        (root(&before) == record.trust).then(|| Affected::between(&before, &self.after))
    }
}

/// An attestation to judge again.
struct Task {
    first: Arrival,
    documents: Vec<(Arrival, Result<Attestation, Complaint>)>,
    at: UnixTime,
    /// How it came out before; `None` if it was never judged.
    before: Option<Option<Code>>,
}

impl Task {
    fn read(
        first: Arrival,
        record: Option<ReportRecord>,
        standing: &Standing,
        store: &mut dyn AttestationStore,
    ) -> Result<Self, Complaint> {
        let mut documents = Vec::new();
        for arrival in store.arrivals(&first.attestation)? {
            let read = store.document(&arrival).map_err(Complaint::from);
            let attestation = match read.and_then(|bytes| selector::parse(&bytes, &arrival)) {
                // What is kept of it is damaged: that is a result, and keeps nobody from judging the others.
                Err(complaint) if complaint.code() != Code::StoreCorrupt => return Err(complaint),
                read => read,
            };
            documents.push((arrival, attestation));
        }
        let at = standing.at.or(record.as_ref().map(|record| record.at)).unwrap_or(standing.now);
        Ok(Self { first, documents, at, before: record.map(|record| record.code) })
    }

    /// The report that came furthest of all documents, and what to say of it in the journal.
    fn judge(&self, verifier: &Verifier, now: UnixTime) -> (ReportRecord, Option<NewEvent>) {
        let ticks = Ticks::new();
        let mut best: Option<(Report, &Arrival)> = None;
        let mut damaged = None;
        for (arrival, attestation) in &self.documents {
            match attestation {
                Ok(attestation) => {
                    let report = verifier.verify(attestation, binding(attestation), self.at);
                    if best.as_ref().is_none_or(|(best, _)| selector::came(&report) > selector::came(best)) {
                        best = Some((report, arrival));
                    }
                }
                Err(complaint) => damaged = Some(complaint),
            }
        }
        let complaint = match (best, damaged) {
            (Some((report, arrival)), None) => return judged(&report, arrival, ticks, now),
            (Some((report, arrival)), Some(_)) if report.verdict() == Verdict::Verified => {
                return judged(&report, arrival, ticks, now);
            }
            (_, Some(complaint)) => Some(complaint),
            (None, None) => None,
        };
        super::verify_all::damaged(&self.first, self.at, now, complaint)
    }
}

fn judged(report: &Report, arrival: &Arrival, ticks: Ticks, now: UnixTime) -> (ReportRecord, Option<NewEvent>) {
    let event = (report.verdict() != Verdict::Verified).then(|| journal::of_report(report, ticks.microseconds(), now));
    (record::of_report(report, arrival, None, now), event)
}

fn summary_event(counts: &Counts, took: u64, context: &Context) -> NewEvent {
    let failed: u64 = counts.by_code.iter().filter(|(code, _)| code.is_some()).map(|(_, count)| count).sum();
    let Counts { judged, stands, otherwise, .. } = counts;
    let summary = format!("verified what changed: {judged} judged, {otherwise} otherwise than before, {stands} stand");
    let event = journal::event(EventKind::Verification, summary, context.now)
        .took(took)
        .detail("failed", failed.to_string())
        .detail("judged", judged.to_string())
        .detail("otherwise", otherwise.to_string())
        .detail("stand", stands.to_string());
    if *otherwise > 0 && failed > 0 { NewEvent { level: Level::Warning, ..event } } else { event }
}

fn page(counts: &Counts, took: u64, context: &Context) -> String {
    let mut page = Page::new(context);
    let verified = counts.by_code.get(&None).copied().unwrap_or(0);
    let all = format!(" {verified} of {} attestations", counts.judged + counts.stands);
    match counts.worst() {
        None => {
            page.start(Tone::Good, "VERIFIED");
            page.start(Tone::Plain, all);
        }
        Some(code) => {
            page.start(Tone::Bad, "REJECTED");
            page.start(Tone::Plain, format!("{all} verified  error[{code}]: not all are verified"));
        }
    }
    page.end();
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field(
        "stand",
        format!("{} by their latest reports: no change of trust since then can touch them", counts.stands),
    );
    page.field("judged", format!("{} in {}.{:03} s", counts.judged, took / 1_000_000, took / 1000 % 1000));
    page.field("otherwise", format!("{} than before", counts.otherwise));
    for (code, count) in &counts.by_code {
        page.field(code.map_or("verified", Code::as_str), count);
    }
    page.finish()
}

fn document(counts: &Counts, standing: &Standing, took: u64) -> Value {
    let by_code = counts.by_code.iter().map(|(code, count)| {
        Value::object([("code", Value::maybe(code.map(Code::as_str))), ("attestations", Value::number(*count))])
    });
    Value::object([
        ("schema", Value::text("stella.verify-changed/1")),
        ("trust", Value::text(&standing.trust)),
        ("policy", Value::text(&standing.policy)),
        ("stand", Value::number(counts.stands)),
        ("judged", Value::number(counts.judged)),
        ("otherwise", Value::number(counts.otherwise)),
        ("verified", Value::number(counts.by_code.get(&None).copied().unwrap_or(0))),
        ("code", Value::maybe(counts.worst().map(Code::as_str))),
        ("by_code", Value::list(by_code)),
        ("microseconds", Value::number(took)),
    ])
}
