//! `stella attest import`: documents are read by one thread, parsed on all cores, and written by this one, in batches. The threads wait for each
//! other, so that memory does not grow with what is imported.

use std::io::IsTerminal as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use indicatif::{ProgressBar, ProgressStyle};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use rayon::{ThreadPool, ThreadPoolBuilder};
use stella_attest_store::{Added, EventKind, Facts, Incoming, Level, NewEvent};
use stella_attest_verify::Limits;
use stella_vocabulary::{Code, Reason as _};

use super::sources::{Flow, Raw, Sources, Unread};
use crate::arguments::ImportAttestationsArguments;
use crate::attestations::{self, Attestations};
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::render::Page;

/// The most documents in a batch: what is written at once, and lost at most when the power fails.
const BATCH: usize = 10_000;

/// The most bytes in a batch. Three batches are in memory at once: one that is read, one that is parsed and one that is written.
const BATCH_BYTES: usize = 48 << 20;

/// How many bad documents the text names.
const SHOWN: usize = 20;

/// How many bad documents the JSON form names, and as many are in the journal.
const LISTED: usize = 10_000;

/// What was read, up to a batch.
#[derive(Default)]
struct Batch {
    raw: Vec<Raw>,
    unread: Vec<Unread>,
    /// How many bytes of the sources it takes.
    bytes: usize,
}

/// The same, parsed.
struct Parsed {
    good: Vec<(Raw, Facts)>,
    bad: Vec<Bad>,
    bytes: usize,
}

/// A document that could not be taken in.
struct Bad {
    file: String,
    line: Option<u64>,
    complaint: Complaint,
}

/// What came of everything.
#[derive(Default)]
struct Counts {
    new: u64,
    evidence: u64,
    duplicates: u64,
    bad: u64,
    bytes: u64,
    first_bad: Option<Code>,
    listed: Vec<Bad>,
}

pub(super) fn run(said: &ImportAttestationsArguments, context: &Context) -> Result<Answer, Complaint> {
    if let Some(image) = &said.image {
        return super::import_image::run(image, &said.registry, context);
    }
    let since = Ticks::new();
    let mut store = Attestations::for_writing(context)?;
    let sources = Sources::gather(&said.files)?;
    let pool = pool(said.jobs)?;
    let bar = bar(sources.bytes, context);
    let mut counts = Counts::default();
    let ended = std::thread::scope(|scope| {
        // Nothing lies between two threads: whoever is done first waits.
        let (read, to_parse) = sync_channel::<Batch>(0);
        let (parse, to_write) = sync_channel::<Parsed>(0);
        let (sources, pool) = (&sources, &pool);
        scope.spawn(move || read_all(sources, &read));
        scope.spawn(move || parse_all(sources, pool, &to_parse, &parse));
        for parsed in to_write {
            bar.inc(parsed.bytes as u64);
            write(&mut store, parsed, &mut counts, context)?;
        }
        // An error drops the receiver, and with it everybody who waits to hand something over.
        Ok::<_, Complaint>(())
    });
    bar.finish_and_clear();
    let ended = match ended {
        // Nothing was done, and nothing can be written of that.
        Err(complaint) if counts.bytes == 0 && complaint.code() == Code::StoreReadOnly => return Err(complaint),
        ended => ended,
    };
    let took = since.microseconds();
    store.journal(summary_event(&counts, &sources, took, ended.as_ref().err(), context), context);
    let text = match context.format.is_json() {
        true => document(&counts, &sources, took).line(),
        false => page(&counts, &sources, took, context),
    };
    let mut answer = Answer::judged(text, counts.first_bad);
    if let Err(complaint) = ended {
        answer.diagnostics.push_str(&complaint.line());
        answer.status = complaint.code().exit_status();
    }
    Ok(answer)
}

/// The threads that parse.
pub(crate) fn pool(jobs: Option<u16>) -> Result<ThreadPool, Complaint> {
    ThreadPoolBuilder::new().num_threads(jobs.map_or(0, usize::from)).build().map_err(|error| {
        Complaint::new(Code::StoreIo, "the system gives no threads").found(error.to_string()).remedy("say --jobs 1")
    })
}

/// A progress bar over bytes; on a terminal only.
fn bar(bytes: u64, context: &Context) -> ProgressBar {
    progress(bytes, "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}", context)
}

/// A progress bar on standard error, if that is a terminal.
pub(crate) fn progress(of: u64, template: &str, context: &Context) -> ProgressBar {
    if context.detail == Detail::Quiet || context.format.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(of);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}

fn read_all(sources: &Sources, parse: &SyncSender<Batch>) {
    let inputs = Inputs::default();
    let mut batch = Batch::default();
    for source in 0..sources.paths.len() {
        let flow = sources.read(source, &inputs, &mut |read, length| {
            batch.bytes = batch.bytes.saturating_add(length);
            match read {
                Ok(raw) => batch.raw.push(raw),
                Err(unread) => batch.unread.push(unread),
            }
            if batch.raw.len() + batch.unread.len() < BATCH && batch.bytes < BATCH_BYTES {
                return Flow::GoOn;
            }
            match parse.send(std::mem::take(&mut batch)) {
                Ok(()) => Flow::GoOn,
                Err(_) => Flow::Stop,
            }
        });
        if flow == Flow::Stop {
            return;
        }
    }
    if batch.raw.len() + batch.unread.len() > 0 {
        let _ = parse.send(batch);
    }
}

fn parse_all(sources: &Sources, pool: &ThreadPool, batches: &Receiver<Batch>, write: &SyncSender<Parsed>) {
    for batch in batches {
        let parsed: Vec<Result<(Raw, Facts), Bad>> =
            pool.install(|| batch.raw.into_par_iter().map(|raw| parse_one(raw, sources)).collect());
        let mut good = Vec::with_capacity(parsed.len());
        let mut bad = Vec::new();
        for one in parsed {
            match one {
                Ok(one) => good.push(one),
                Err(one) => bad.push(one),
            }
        }
        bad.extend(batch.unread.into_iter().map(|unread| Bad {
            file: sources.name(unread.source),
            line: unread.line,
            complaint: unread.complaint,
        }));
        if write.send(Parsed { good, bad, bytes: batch.bytes }).is_err() {
            return;
        }
    }
}

fn parse_one(raw: Raw, sources: &Sources) -> Result<(Raw, Facts), Bad> {
    match Facts::read(&raw.bytes, &Limits::default()) {
        Ok((_, facts)) => Ok((raw, facts)),
        Err(error) => {
            let file = sources.name(raw.source);
            let place = match raw.line {
                Some(line) => format!("{file}, line {line}"),
                None => file.clone(),
            };
            let complaint = Complaint::of(&error, &place);
            let complaint = match wrapped(&raw.bytes).filter(|_| error.code() == Code::InputUnknownFormat) {
                Some((what, remedy)) => complaint.found(what).remedy(remedy),
                None => complaint,
            };
            Err(Bad { file, line: raw.line, complaint })
        }
    }
}

/// What a document is that has attestations somewhere inside, and how to take them out.
fn wrapped(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.contains("\"attestation_bundles\"") {
        Some((
            "a PEP 740 provenance object",
            "take each publish attestation through its own tool, and import Sigstore bundles",
        ))
    } else if text.contains("\"attestations\"") && text.contains("\"bundle\"") {
        Some((
            "an answer of npm or GitHub with bundles inside",
            "jq -c '.attestations[].bundle' FILE | stella attest import -",
        ))
    } else {
        None
    }
}

/// Takes a batch in, and counts what became of it.
fn write(store: &mut Attestations, parsed: Parsed, counts: &mut Counts, context: &Context) -> Result<(), Complaint> {
    let incoming: Vec<Incoming<'_>> =
        parsed.good.iter().map(|(raw, facts)| Incoming { document: &raw.bytes, facts, at: context.now }).collect();
    if !incoming.is_empty() {
        for added in add(store, &incoming)? {
            match added {
                Added::New(_) => counts.new += 1,
                Added::Evidence(_) => counts.evidence += 1,
                Added::Duplicate(_) => counts.duplicates += 1,
            }
        }
    }
    counts.bytes = counts.bytes.saturating_add(parsed.bytes as u64);
    // Whoever gives the file must not be able to fill the journal with it.
    let room = LISTED.saturating_sub(counts.listed.len());
    let events: Vec<NewEvent> = parsed.bad.iter().take(room).map(|bad| bad_event(bad, context)).collect();
    store.journal_all(&events, context);
    for bad in parsed.bad {
        counts.bad += 1;
        counts.first_bad.get_or_insert(bad.complaint.code());
        if counts.listed.len() < LISTED {
            counts.listed.push(bad);
        }
    }
    Ok(())
}

/// Takes documents in. Not tried again: after a failed sync, a second one that succeeds says nothing about what the first was to make durable.
pub(super) fn add(store: &mut Attestations, incoming: &[Incoming<'_>]) -> Result<Vec<Added>, Complaint> {
    Ok(store.store().add(incoming, attestations::operation()?)?)
}

fn bad_event(bad: &Bad, context: &Context) -> NewEvent {
    let line = bad.complaint.line();
    let mut event = journal::event(EventKind::Import, line.trim_end(), context.now)
        .because(Level::Error, bad.complaint.code())
        .detail("file", &bad.file);
    if let Some(line) = bad.line {
        event = event.detail("line", line.to_string());
    }
    event
}

fn summary_event(
    counts: &Counts,
    sources: &Sources,
    took: u64,
    stopped: Option<&Complaint>,
    context: &Context,
) -> NewEvent {
    let files = sources.paths.len();
    let event = journal::event(EventKind::Import, format!("imported {} of {files} files", tally(counts)), context.now)
        .took(took)
        .detail("bad", counts.bad.to_string())
        .detail("duplicates", counts.duplicates.to_string())
        .detail("evidence", counts.evidence.to_string())
        .detail("new", counts.new.to_string());
    match (stopped, counts.first_bad) {
        (Some(complaint), _) => event.because(Level::Error, complaint.code()),
        (None, Some(code)) => event.because(Level::Warning, code),
        (None, None) => event,
    }
}

fn tally(counts: &Counts) -> String {
    let Counts { new, evidence, duplicates, bad, .. } = counts;
    format!("{new} new, {evidence} with other evidence, {duplicates} known, {bad} bad")
}

/// Documents in a second.
fn rate(counts: &Counts, took: u64) -> u64 {
    let all = counts.new + counts.evidence + counts.duplicates + counts.bad;
    all.saturating_mul(1_000_000) / took.max(1)
}

fn page(counts: &Counts, sources: &Sources, took: u64, context: &Context) -> String {
    let mut page = Page::new(context);
    page.field("imported", tally(counts));
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("files", sources.paths.len());
    if sources.left_out > 0 {
        page.field(
            "left out",
            format!("{} files that are no .json, .jsonl or the like by their names", sources.left_out),
        );
    }
    page.field("bytes", counts.bytes);
    page.field("took", format!("{}.{:03} s, {} a second", took / 1_000_000, took / 1000 % 1000, rate(counts, took)));
    let shown = if context.detail == Detail::Verbose { LISTED } else { SHOWN };
    for bad in counts.listed.iter().take(shown) {
        let line = bad.complaint.line();
        page.field("bad", line.trim_end().strip_prefix("error").unwrap_or(&line));
    }
    let more = counts.bad.saturating_sub(counts.listed.len().min(shown) as u64);
    if more > 0 {
        page.field("bad", format!("and {more} more: stella attest logs --filter import --level error"));
    }
    page.finish()
}

fn document(counts: &Counts, sources: &Sources, took: u64) -> Value {
    let bad = counts.listed.iter().map(|bad| {
        Value::object([
            ("file", Value::text(&bad.file)),
            ("line", bad.line.map_or(Value::Null, Value::number)),
            ("error", bad.complaint.json()),
        ])
    });
    Value::object([
        ("schema", Value::text("stella.import/1")),
        ("files", Value::count(sources.paths.len())),
        ("left_out", Value::number(sources.left_out)),
        ("bytes", Value::number(counts.bytes)),
        ("new", Value::number(counts.new)),
        ("evidence", Value::number(counts.evidence)),
        ("duplicates", Value::number(counts.duplicates)),
        ("bad", Value::number(counts.bad)),
        ("microseconds", Value::number(took)),
        ("errors", Value::list(bad)),
    ])
}
