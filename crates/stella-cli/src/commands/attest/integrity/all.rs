//! The same of everything that is kept: the store as a whole, and then each document by itself, on all cores.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use stella_attest_store::{Arrival, EventKind, Filter, Flaw, Level};
use stella_attest_verify::{Attestation, Code};
use stella_vocabulary::Reason as _;

use super::finding::{Finding, Findings, Outcome};
use super::{Aspect, Checker};
use crate::attestations::Attestations;
use crate::commands::attest::progress;
use crate::commands::store_check;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::render::Page;
use crate::selector;

/// How many documents are in memory at once, and how many bytes they may have.
const PAGE: usize = 500;
const PAGE_BYTES: usize = 64 << 20;

/// How many flaws of the store are named.
const FLAWS: usize = 1000;

/// How many changed documents the text names.
const SHOWN: usize = 20;

/// How many the JSON form names.
const LISTED: usize = 10_000;

/// What came of everything.
#[derive(Default)]
struct Counts {
    intact: u64,
    changed: u64,
    uncertain: u64,
    listed: Vec<Findings>,
    flaws: Vec<Flaw>,
}

pub(super) fn run(checker: &Checker, since: Ticks, context: &Context) -> Result<Answer, Complaint> {
    let mut store = Attestations::require(context)?;
    let mut counts = Counts { flaws: store_check::look(&mut store, FLAWS, context)?, ..Counts::default() };
    let size = store.store().about()?.head.size;
    let bar = progress(size, "{bar:30} {pos}/{len} {per_sec} {eta}", context);
    let mut after = 0;
    while after < size {
        let arrivals = match store.store().find(&Filter::default(), after, PAGE) {
            Ok(arrivals) => arrivals,
            // The check of the whole has named what is damaged.
            Err(error) if error.code() == Code::StoreCorrupt && !counts.flaws.is_empty() => break,
            Err(error) => return Err(error.into()),
        };
        if arrivals.is_empty() {
            break;
        }
        after = a_page(checker, arrivals, &mut store, &mut counts, after)?;
        bar.set_position(after);
    }
    bar.finish_and_clear();
    let took = since.microseconds();
    if counts.outcome() == Outcome::Changed {
        let what = format!("the integrity of the store was checked: {}", counts.tally());
        let code = counts.code().unwrap_or(Code::StoreCorrupt);
        store.journal(
            journal::event(EventKind::Error, what, context.now).because(Level::Error, code).took(took),
            context,
        );
    }
    let text = match context.format.is_json() {
        true => counts.document(took).line(),
        false => counts.page(took, context),
    };
    Ok(Answer { status: counts.outcome().status(), ..Answer::done(text) })
}

/// Looks at as many of `arrivals` as may be in memory at once, and gives the last of them.
fn a_page(
    checker: &Checker,
    arrivals: Vec<Arrival>,
    store: &mut Attestations,
    counts: &mut Counts,
    after: u64,
) -> Result<u64, Complaint> {
    let (mut read, mut bytes, mut last) = (Vec::with_capacity(arrivals.len()), 0, after);
    for arrival in arrivals {
        last = arrival.sequence;
        match store.store().document(&arrival) {
            Ok(document) => {
                bytes += document.len();
                read.push((arrival, Ok(document)));
            }
            Err(error) if error.code() == Code::StoreCorrupt => read.push((arrival, Err(error.to_string()))),
            Err(error) => return Err(error.into()),
        }
        if bytes > PAGE_BYTES {
            break;
        }
    }
    let judged: Vec<Findings> =
        read.into_par_iter().map(|(arrival, document)| document_of(checker, &arrival, document)).collect();
    judged.into_iter().for_each(|findings| counts.count(findings));
    Ok(last)
}

/// The bytes and the chain were looked at with the whole store.
fn document_of(checker: &Checker, arrival: &Arrival, document: Result<Vec<u8>, String>) -> Findings {
    let mut findings = Findings::of(arrival.attestation.to_string());
    let corrupt = |what: String| Finding::changed(Aspect::Document, Code::StoreCorrupt, what).of_arrival(arrival);
    match document.map(|bytes| selector::parse(&bytes, arrival)) {
        Err(what) => findings.push(corrupt(what)),
        Ok(Err(complaint)) => findings.push(corrupt(complaint.sentence())),
        Ok(Ok(attestation)) => look(checker, &attestation, arrival, &mut findings),
    }
    findings
}

fn look(checker: &Checker, attestation: &Attestation, arrival: &Arrival, findings: &mut Findings) {
    for finding in checker.signatures(attestation) {
        findings.push(finding.of_arrival(arrival));
    }
}

impl Counts {
    fn count(&mut self, findings: Findings) {
        match findings.outcome() {
            Outcome::Changed => self.changed += 1,
            Outcome::Intact => self.intact += 1,
            Outcome::Uncertain => self.uncertain += 1,
        }
        if findings.outcome() != Outcome::Intact && self.listed.len() < LISTED {
            self.listed.push(findings);
        }
    }

    fn outcome(&self) -> Outcome {
        match (self.flaws.is_empty() && self.changed == 0, self.uncertain) {
            (false, _) => Outcome::Changed,
            (true, 0) => Outcome::Intact,
            (true, _) => Outcome::Uncertain,
        }
    }

    fn code(&self) -> Option<Code> {
        let changed = self.listed.iter().find_map(Findings::changed).map(Finding::code);
        changed.or_else(|| (!self.flaws.is_empty()).then_some(Code::StoreCorrupt))
    }

    fn tally(&self) -> String {
        format!("{} intact, {} changed, {} uncertain", self.intact, self.changed, self.uncertain)
    }

    fn page(&self, took: u64, context: &Context) -> String {
        let mut page = Page::new(context);
        let code = self.code().map(|code| format!("  error[{code}]")).unwrap_or_default();
        let word = self.outcome().word().to_uppercase();
        page.toned(self.outcome().tone(), format!("{word}{code}: {} of the documents kept", self.tally()));
        if context.detail == Detail::Quiet {
            return page.finish();
        }
        page.field("took", format!("{}.{:03} s", took / 1_000_000, took / 1000 % 1000));
        let shown = if context.detail == Detail::Verbose { LISTED } else { SHOWN };
        for flaw in self.flaws.iter().take(shown) {
            let arrival = flaw.arrival.map(|arrival| format!(", arrival {arrival}")).unwrap_or_default();
            page.field("flaw", format!("{}{arrival}: {}", flaw.place, flaw.what));
        }
        for findings in self.listed.iter().filter(|findings| findings.changed().is_some()).take(shown) {
            findings.line(&mut page);
        }
        let more = self.changed.saturating_sub(shown as u64);
        if more > 0 {
            page.field("changed", format!("and {more} more: the same with --verbose, or -o json"));
        }
        if self.uncertain > 0 {
            let first = self.listed.iter().find(|findings| findings.changed().is_none());
            page.field(
                "uncertain",
                "no key that is known here has signed these: stella attest integrity-check ID says why",
            );
            first.iter().for_each(|findings| findings.line(&mut page));
        }
        page.finish()
    }

    fn document(&self, took: u64) -> Value {
        let flaw = |flaw: &Flaw| {
            Value::object([
                ("arrival", flaw.arrival.map_or(Value::Null, Value::number)),
                ("place", Value::text(&flaw.place)),
                ("what", Value::text(&flaw.what)),
            ])
        };
        Value::object([
            ("schema", Value::text("stella.integrity-all/1")),
            ("outcome", Value::text(self.outcome().word())),
            ("code", Value::maybe(self.code().map(Code::as_str))),
            ("intact", Value::number(self.intact)),
            ("changed", Value::number(self.changed)),
            ("uncertain", Value::number(self.uncertain)),
            ("flaws", Value::list(self.flaws.iter().map(flaw))),
            ("attestations", Value::list(self.listed.iter().map(Findings::document))),
            ("microseconds", Value::number(took)),
        ])
    }
}
