//! `stella verify all`: every attestation of the store, in shares that threads, processes and machines take as they get to it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use stella_attest_store::{
    Arrival, AttestationStore, Documents, EventKind, Finished, Level, NewEvent, ReportRecord, RunId, RunPlan, RunState,
    Share,
};
use stella_attest_verify::{Attestation, Binding, Code, Report, UnixTime, Verdict, Verifier};
use stella_vocabulary::hex;

use super::attest::progress;
use crate::arguments::VerifyAllArguments;
use crate::attestations::{Attestations, Source};
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::memo::{self, Remembering};
use crate::question::Question;
use crate::render::page::Tone;
use crate::render::{Page, Table};
use crate::{duration, private_file, record, selector, which};

/// How long somebody waits who finds no share, before looking again, in milliseconds.
const PAUSE: u64 = 100;

/// How long a lease can be, in seconds.
const LONGEST_LEASE: i64 = 86_400;

pub(super) fn run(said: &VerifyAllArguments, context: &Context) -> Result<Answer, Complaint> {
    if said.changed {
        return super::verify_changed::run(said, context);
    }
    let since = Ticks::new();
    let inputs = Inputs::default();
    let lease = lease(&said.lease)?;
    let mut store = Attestations::require(context)?;
    let question = Question::of(&said.signer, &said.trust, &inputs, context)?;
    let plan = RunPlan {
        filter: which::filter(&said.which, Documents::First, &inputs)?,
        at: context.at,
        trust: format!("sha256:{}", hex::encode(&question.trust.snapshot.root())),
        policy: question.policy.digest().to_string(),
        share: said.share,
    };
    let (run, state) = match &said.join {
        Some(text) => join(&mut store, text, &plan)?,
        None => {
            let mut bytes = [0; 16];
            private_file::random(&mut bytes)?;
            let run = RunId(bytes);
            (run, store.store().start_run(run, &plan)?)
        }
    };
    // Nobody said an instant if it is that of the clock.
    if said.join.is_some() && context.at != context.now && context.at != state.plan.at {
        return Err(Complaint::new(Code::UsageConflict, "this run judges at another instant")
            .place("--at")
            .found(context.at.to_string())
            .expected(state.plan.at.to_string())
            .remedy(format!("stella verify all --join {run}")));
    }
    announce(run, &state, context);
    let jobs = said.jobs.map(usize::from).or_else(|| std::thread::available_parallelism().map(usize::from).ok());
    let jobs = jobs.unwrap_or(1);
    let memo = memo::for_store(Some(store.source()), jobs, &said.memo, context);
    let verifier = Verifier::new(&memo.registry(), &question.trust.snapshot, question.policy);
    let work = Work {
        run,
        lease,
        at: state.plan.at,
        verifier: &verifier,
        memo: &memo,
        source: store.source().clone(),
        context: Told { now: context.now },
        stop: AtomicBool::new(false),
        own: Mutex::new(Own::default()),
    };
    let ended = at_it(&work, jobs, store.store(), state.planned, context);
    memo.end(context);
    let own = work.own.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let took = since.microseconds();
    if own.judged > 0 {
        store.journal(summary_event(run, &own, took, context), context);
    }
    ended?;
    let state = store.store().run(run)?.unwrap_or(state);
    let text = match context.format.is_json() {
        true => document(run, &state, &own, took).line(),
        false => page(run, &state, &own, took, context),
    };
    Ok(Answer::judged(text, worst(&state)))
}

fn lease(text: &str) -> Result<u32, Complaint> {
    let seconds = duration::parse(text).map_err(|complaint| complaint.place("--lease"))?;
    u32::try_from(seconds).ok().filter(|_| seconds <= LONGEST_LEASE).ok_or_else(|| {
        Complaint::new(Code::UsageDateInvalid, "this is too long for a lease")
            .place("--lease")
            .found(text)
            .expected(format!("at most {}", duration::exact(LONGEST_LEASE)))
            .remedy("say --lease 60s")
    })
}

/// The run that somebody else started, if trust and policy are the same here.
fn join(store: &mut Attestations, text: &str, plan: &RunPlan) -> Result<(RunId, RunState), Complaint> {
    let unknown = |what: &str| {
        Complaint::new(Code::StoreNotFound, what)
            .place("--join")
            .found(text)
            .expected("the 32 hex digits that stella verify all prints at its beginning")
            .remedy("stella verify all, which starts a run of its own")
    };
    let run = RunId(hex::decode_exact(text).ok_or_else(|| unknown("this is no id of a run"))?);
    let state = store.store().run(run)?.ok_or_else(|| unknown("the store has no run with this id"))?;
    for (what, found, expected, remedy) in [
        (
            "trust",
            &plan.trust,
            &state.plan.trust,
            "use the same trust store, and say the same --anchor, --key and so on",
        ),
        ("policy", &plan.policy, &state.plan.policy, "say the same --policy, --identity, --issuer and so on"),
    ] {
        if found != expected {
            return Err(Complaint::new(Code::UsageConflict, format!("the {what} of this run is another one"))
                .place("--join")
                .found(found)
                .expected(expected)
                .remedy(remedy));
        }
    }
    Ok((run, state))
}

/// Whoever wants to help has to know the name of the run while it goes on.
fn announce(run: RunId, state: &RunState, context: &Context) {
    if context.detail != Detail::Quiet && !context.format.is_json() {
        let line = format!("run {run}: {} attestations; to help: stella verify all --join {run}\n", state.planned);
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// What workers need to know.
struct Work<'w> {
    run: RunId,
    lease: u32,
    at: UnixTime,
    verifier: &'w Verifier,
    memo: &'w Remembering,
    source: Source,
    context: Told,
    stop: AtomicBool,
    own: Mutex<Own>,
}

/// What of the surroundings threads may see.
#[derive(Clone, Copy)]
struct Told {
    now: UnixTime,
}

/// What this process has done.
#[derive(Default)]
struct Own {
    judged: u64,
    failed: u64,
    taken_over: u64,
}

/// Lets `jobs` threads work until nothing is left to judge, and shows how far they are.
fn at_it(
    work: &Work<'_>,
    jobs: usize,
    store: &mut dyn AttestationStore,
    planned: u64,
    context: &Context,
) -> Result<(), Complaint> {
    let bar = progress(planned, "{bar:30} {pos}/{len} {per_sec} {eta}", context);
    let ticks = Ticks::new();
    let running = AtomicUsize::new(jobs);
    let first = Mutex::new(None);
    std::thread::scope(|scope| {
        for job in 0..jobs {
            let (running, first) = (&running, &first);
            scope.spawn(move || {
                // A panic of one thread must not leave the others waiting for it.
                let _leaving = Leaving(running);
                if let Err(complaint) = worker(work, job) {
                    work.stop.store(true, Ordering::Relaxed);
                    if let Ok(mut first) = first.lock() {
                        first.get_or_insert(complaint);
                    }
                }
            });
        }
        let mut looked = 0;
        while running.load(Ordering::Relaxed) > 0 {
            ticks.pause(20);
            if !bar.is_hidden() && ticks.milliseconds() > looked + 500 {
                looked = ticks.milliseconds();
                if let Ok(Some(state)) = store.run(work.run) {
                    bar.set_position(state.judged);
                }
            }
        }
    });
    bar.finish_and_clear();
    match first.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(complaint) => {
            Err(complaint.remedy(format!("what is judged stays so; go on: stella verify all --join {}", work.run)))
        }
        None => Ok(()),
    }
}

/// Counts a thread out when it ends, however it does.
struct Leaving<'c>(&'c AtomicUsize);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn worker(work: &Work<'_>, job: usize) -> Result<(), Complaint> {
    let ticks = Ticks::new();
    let mut store = work.source.open()?;
    let mut name = [0; 8];
    private_file::random(&mut name)?;
    let name = format!("{}-{job}", hex::encode(&name));
    while !work.stop.load(Ordering::Relaxed) {
        let Some(share) = store.take_share(work.run, &name, work.lease)? else {
            let state = store.run(work.run)?;
            if state.is_none_or(|state| state.judged >= state.planned) {
                return Ok(());
            }
            // Somebody else holds what is left, and may not come back.
            ticks.pause(PAUSE);
            continue;
        };
        let (results, events) = judge(work, store.as_mut(), &share)?;
        work.memo.flush();
        let finished = store.finish_share(work.run, &name, share.number, &results)?;
        let mut own = work.own.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match finished {
            Finished::TakenOver => own.taken_over += 1,
            Finished::Counted => {
                own.judged += (results.len() + share.damaged.len()) as u64;
                own.failed += events.len() as u64;
                drop(own);
                // The results stand; a journal that cannot be written is said once, at the end.
                let _ = store.journal(&events);
            }
        }
    }
    Ok(())
}

/// Judges a share: a result for each of its attestations, and an event for each that is not verified.
fn judge(
    work: &Work<'_>,
    store: &mut dyn AttestationStore,
    share: &Share,
) -> Result<(Vec<ReportRecord>, Vec<NewEvent>), Complaint> {
    let mut results = Vec::with_capacity(share.arrivals.len());
    let mut events = Vec::new();
    for arrival in &share.arrivals {
        let ticks = Ticks::new();
        let (record, event) = match judge_one(work, store, arrival) {
            Ok((report, judged)) => {
                let record = record::of_report(&report, &judged, None, work.context.now);
                let event = (report.verdict() != Verdict::Verified)
                    .then(|| journal::of_report(&report, ticks.microseconds(), work.context.now));
                (record, event)
            }
            // What is kept of it is damaged: that is a result, and keeps nobody from judging the others.
            Err(complaint) if complaint.code() == Code::StoreCorrupt => {
                damaged(arrival, work.at, work.context.now, Some(&complaint))
            }
            Err(complaint) => return Err(complaint),
        };
        results.push(record);
        events.extend(event.map(|event| event.detail("run", work.run.to_string())));
    }
    for flaw in &share.damaged {
        let summary = format!("{} {}: {}", Verdict::Indeterminate.as_str(), flaw.place, flaw.what);
        let event = journal::event(EventKind::Verification, summary, work.context.now)
            .because(Level::Error, Code::StoreCorrupt)
            .detail("run", work.run.to_string())
            .detail("verdict", Verdict::Indeterminate.as_str());
        events.push(match flaw.arrival {
            Some(arrival) => event.detail("arrival", arrival.to_string()),
            None => event,
        });
    }
    Ok((results, events))
}

/// The report that came furthest of all documents of an attestation, and the arrival it is about. Further documents are looked at only if
/// the first does not verify.
fn judge_one(
    work: &Work<'_>,
    store: &mut dyn AttestationStore,
    arrival: &Arrival,
) -> Result<(Report, Arrival), Complaint> {
    let verify = |store: &mut dyn AttestationStore, arrival: &Arrival| -> Result<Report, Complaint> {
        let attestation = selector::parse(&store.document(arrival)?, arrival)?;
        Ok(work.verifier.verify(&attestation, binding(&attestation), work.at))
    };
    let mut best = (verify(store, arrival)?, arrival.clone());
    if best.0.verdict() == Verdict::Verified {
        return Ok(best);
    }
    for other in store.arrivals(&arrival.attestation)? {
        if other.sequence == arrival.sequence {
            continue;
        }
        let report = verify(store, &other)?;
        if selector::came(&report) > selector::came(&best.0) {
            best = (report, other);
        }
        if best.0.verdict() == Verdict::Verified {
            break;
        }
    }
    Ok(best)
}

/// Artifacts are not at hand: a message signature is held against the digest that it claims.
pub(super) fn binding(attestation: &Attestation) -> Binding {
    let claimed = attestation.message_signature().and_then(|message| message.claimed_digest());
    claimed.map_or(Binding::SubjectsAsListed, Binding::from)
}

/// What is written down of an attestation whose documents are damaged: a result, which keeps nobody from judging the others.
pub(super) fn damaged(
    arrival: &Arrival,
    at: UnixTime,
    now: UnixTime,
    complaint: Option<&Complaint>,
) -> (ReportRecord, Option<NewEvent>) {
    let code = complaint.map_or(Code::StoreCorrupt, Complaint::code);
    let record = ReportRecord {
        attestation: arrival.attestation,
        arrival: arrival.sequence,
        at,
        made: now,
        verdict: Verdict::Indeterminate,
        code: Some(code),
        trust: String::new(),
        trust_entry: None,
        policy: String::new(),
        dependencies: Vec::new(),
        json: None,
    };
    let line = complaint.map(Complaint::line).unwrap_or_default();
    let event = journal::event(EventKind::Verification, line.trim_end(), now)
        .because(Level::Error, code)
        .about(arrival.attestation)
        .detail("verdict", Verdict::Indeterminate.as_str());
    (record, Some(event))
}

/// What this process did of a run.
fn summary_event(run: RunId, own: &Own, took: u64, context: &Context) -> NewEvent {
    let event = journal::event(
        EventKind::Verification,
        format!("verified all: {} judged, {} failed", own.judged, own.failed),
        context.now,
    );
    let event = event
        .took(took)
        .detail("failed", own.failed.to_string())
        .detail("judged", own.judged.to_string())
        .detail("run", run.to_string());
    if own.failed > 0 { NewEvent { level: Level::Error, ..event } } else { event }
}

/// Why not all are verified: a refusal, if there is one, else why something could not be judged.
fn worst(state: &RunState) -> Option<Code> {
    // As for an artifact: nothing that was judged is no success.
    let nothing = (state.planned == 0).then_some(Code::PolicyNoAttestations);
    let all = state.judged == state.planned && verified(state) == state.planned;
    let unfinished = (!all).then_some(Code::StoreBusy);
    worst_of(&state.by_code.iter().copied().collect()).or(nothing).or(unfinished)
}

pub(super) fn worst_of(by_code: &BTreeMap<Option<Code>, u64>) -> Option<Code> {
    let codes = || by_code.iter().filter(|(_, count)| **count > 0).filter_map(|(code, _)| *code);
    codes().find(|code| !code.is_indeterminate()).or_else(|| codes().next())
}

fn verified(state: &RunState) -> u64 {
    state.by_code.iter().filter(|(code, _)| code.is_none()).map(|(_, count)| count).sum()
}

fn page(run: RunId, state: &RunState, own: &Own, took: u64, context: &Context) -> String {
    let mut page = Page::new(context);
    let verified = verified(state);
    let all = format!(" {verified} of {} attestations", state.planned);
    match worst(state) {
        None => {
            page.start(Tone::Good, "VERIFIED");
            page.start(Tone::Plain, all);
        }
        Some(code) => {
            page.start(Tone::Bad, "REJECTED");
            let why = match state.planned {
                0 => "there is no attestation to verify",
                _ => "not all are verified",
            };
            page.start(Tone::Plain, format!("{all} verified  error[{code}]: {why}"));
        }
    }
    page.end();
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("run", run);
    page.field("judged", format!("{} at {}", state.judged, state.plan.at));
    page.field("here", format!("{} judged in {}.{:03} s", own.judged, took / 1_000_000, took / 1000 % 1000));
    let elsewhere = state.judged.saturating_sub(own.judged);
    if elsewhere > 0 {
        page.field("elsewhere", format!("{elsewhere} judged by others who can write to the store, and believed"));
    }
    if own.taken_over > 0 {
        page.field("taken over", format!("{} shares, which took longer than their lease: see --lease", own.taken_over));
    }
    let by_code: BTreeMap<&str, u64> =
        state.by_code.iter().map(|(code, count)| (code.map_or("verified", Code::as_str), *count)).collect();
    if context.format == crate::arguments::Format::Table {
        let mut table = Table::new(&["outcome", "attestations"]);
        for (code, count) in by_code {
            table.row([code, &count.to_string()]);
        }
        page.block(&table.finish());
        return page.finish();
    }
    for (code, count) in by_code {
        page.field(code, count);
    }
    if worst(state).is_some() {
        page.field("see", "stella attest logs --filter verification --level error");
    }
    page.finish()
}

fn document(run: RunId, state: &RunState, own: &Own, took: u64) -> Value {
    let by_code = state.by_code.iter().map(|(code, count)| {
        Value::object([("code", Value::maybe(code.map(Code::as_str))), ("attestations", Value::number(*count))])
    });
    Value::object([
        ("schema", Value::text("stella.verify-all/1")),
        ("run", Value::text(run.to_string())),
        ("at", Value::text(state.plan.at.to_string())),
        ("trust", Value::text(&state.plan.trust)),
        ("policy", Value::text(&state.plan.policy)),
        ("planned", Value::number(state.planned)),
        ("judged", Value::number(state.judged)),
        ("verified", Value::number(verified(state))),
        ("code", Value::maybe(worst(state).map(Code::as_str))),
        ("by_code", Value::list(by_code)),
        ("judged_here", Value::number(own.judged)),
        ("shares_taken_over", Value::number(own.taken_over)),
        ("microseconds", Value::number(took)),
    ])
}
