//! `stella store check`: everything that is kept, looked at once.

use stella_attest_store::{About, Flaw, Level, Progress};
use stella_vocabulary::{Code, hex};

use super::attest::progress;
use crate::arguments::CheckStoreArguments;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::render::Page;
use crate::render::page::Tone;
use crate::store::Store;

pub(super) fn run(said: &CheckStoreArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    // Opening the trust log is checking it: every entry against the chain, and the end against what was seen.
    let trust = Store::find(context)?.map(|store| store.ledger().head().size);
    let mut store = Attestations::require(context)?;
    let about = store.store().about()?;
    let flaws = look(&mut store, usize::try_from(said.most).unwrap_or(usize::MAX), context)?;
    let took = since.microseconds();
    if let Some(first) = flaws.first() {
        let event = journal::event(
            stella_attest_store::EventKind::Error,
            format!("the store is damaged: {} flaws, the first in {}: {}", flaws.len(), first.place, first.what),
            context.now,
        );
        store.journal(event.because(Level::Error, Code::StoreCorrupt).took(took), context);
    }
    let text = match context.format.is_json() {
        true => document(&about, trust, &flaws, took).line(),
        false => page(&about, trust, &flaws, took, context),
    };
    Ok(Answer::judged(text, (!flaws.is_empty()).then_some(Code::StoreCorrupt)))
}

/// Checks everything, with a progress bar.
pub(super) fn look(store: &mut Attestations, most: usize, context: &Context) -> Result<Vec<Flaw>, Complaint> {
    let bar = progress(0, "{bar:30} {pos}/{len} {eta}", context);
    let flaws = store.store().check(most, &mut |Progress { done, of }| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    Ok(flaws?)
}

fn page(about: &About, trust: Option<u64>, flaws: &[Flaw], took: u64, context: &Context) -> String {
    let mut page = Page::new(context);
    match flaws.len() {
        0 => page.toned(Tone::Good, "SOUND"),
        count => page.toned(Tone::Bad, format!("DAMAGED  error[{}]: {count} flaws", Code::StoreCorrupt)),
    }
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("attestations", about.attestations);
    page.field("documents", about.head.size);
    page.field("bytes", about.bytes);
    page.field("head", format!("arrival {}, link {}", about.head.size, hex::encode(&about.head.link)));
    page.maybe("trust log", trust.map(|size| format!("{size} entries, which hold")));
    page.field("took", format!("{}.{:03} s", took / 1_000_000, took / 1000 % 1000));
    for flaw in flaws {
        let arrival = flaw.arrival.map(|arrival| format!(", arrival {arrival}")).unwrap_or_default();
        page.field("flaw", format!("{}{arrival}: {}", flaw.place, flaw.what));
    }
    if !flaws.is_empty() {
        page.field("remedy", "put the store back from a copy, or copy what is sound: stella store copy FROM TO");
        page.field("reference", format!("stella explain {}", Code::StoreCorrupt));
    }
    page.finish()
}

fn document(about: &About, trust: Option<u64>, flaws: &[Flaw], took: u64) -> Value {
    let flaw = |flaw: &Flaw| {
        Value::object([
            ("arrival", flaw.arrival.map_or(Value::Null, Value::number)),
            ("place", Value::text(&flaw.place)),
            ("what", Value::text(&flaw.what)),
        ])
    };
    Value::object([
        ("schema", Value::text("stella.store-check/1")),
        ("code", Value::maybe((!flaws.is_empty()).then_some(Code::StoreCorrupt.as_str()))),
        ("place", Value::text(&about.place)),
        ("attestations", Value::number(about.attestations)),
        ("documents", Value::number(about.head.size)),
        ("bytes", Value::number(about.bytes)),
        ("link", Value::text(hex::encode(&about.head.link))),
        ("trust_entries", trust.map_or(Value::Null, Value::number)),
        ("flaws", Value::list(flaws.iter().map(flaw))),
        ("microseconds", Value::number(took)),
    ])
}
