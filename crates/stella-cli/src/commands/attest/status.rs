//! `stella attest status`.

use stella_attest_store::{About, Event, EventFilter, EventKind, Level};
use stella_vocabulary::hex;

use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;

/// The windows in which failures are counted: a name, and seconds. The longest is last.
const WINDOWS: [(&str, i64); 3] = [("1h", 3600), ("24h", 86_400), ("7d", 604_800)];

/// How many events are read at once.
const PAGE: usize = 10_000;

/// Verifications in a window.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    judged: u64,
    failed: u64,
}

pub(super) fn run(context: &Context) -> Result<Answer, Complaint> {
    let mut store = Attestations::require(context)?;
    let about = store.store().about()?;
    let tallies = tallies(&mut store, context)?;
    let text = match context.format.is_json() {
        true => document(&about, &tallies).line(),
        false => page(&about, &tallies, context),
    };
    Ok(Answer::done(text))
}

fn tallies(store: &mut Attestations, context: &Context) -> Result<[Tally; 3], Complaint> {
    let mut tallies = [Tally::default(); 3];
    let longest = WINDOWS.map(|(_, seconds)| seconds).into_iter().max().unwrap_or(0);
    let filter = EventFilter {
        kinds: vec![EventKind::Verification],
        since: context.now.checked_add(-longest),
        ..EventFilter::default()
    };
    let mut after = 0;
    loop {
        let page = store.store().events(&filter, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(tallies) };
        after = last.sequence;
        for event in &page {
            let Tally { judged, failed } = counted(event);
            for (tally, (_, seconds)) in tallies.iter_mut().zip(WINDOWS) {
                if context.now.checked_add(-seconds).is_none_or(|since| event.event.at >= since) {
                    tally.judged += judged;
                    tally.failed += failed;
                }
            }
        }
    }
}

/// What an event tells of verifications. A run over many tells of all of them at its end; its events of single ones count nothing more.
fn counted(Event { event, .. }: &Event) -> Tally {
    let detail = |name: &str| event.details.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let number = |name: &str| detail(name).and_then(|value| value.parse().ok()).unwrap_or(0);
    match (detail("run"), event.attestation) {
        (Some(_), Some(_)) => Tally::default(),
        (Some(_), None) => Tally { judged: number("judged"), failed: number("failed") },
        (None, _) => Tally { judged: 1, failed: u64::from(event.level == Level::Error) },
    }
}

fn rate(tally: Tally) -> String {
    let Tally { judged, failed } = tally;
    if judged == 0 {
        return "nothing was verified".to_string();
    }
    // In tenths of a percent, rounded up: a failure is never shown as none.
    let tenths = (u128::from(failed) * 1000).div_ceil(u128::from(judged));
    format!("{failed} of {judged} failed ({}.{}%)", tenths / 10, tenths % 10)
}

fn page(about: &About, tallies: &[Tally], context: &Context) -> String {
    let mut page = Page::new(context);
    page.field("attestations", about.attestations);
    page.field("documents", about.head.size);
    page.field("bytes", about.bytes);
    page.field("events", about.events);
    for (tally, (name, _)) in tallies.iter().zip(WINDOWS) {
        page.field(&format!("last {name}"), rate(*tally));
    }
    page.field("store", format!("{} at {}", about.kind, about.place));
    page.field("store id", hex::encode(&about.id));
    page.field("schema", about.schema);
    page.field("head", format!("arrival {}, link {}", about.head.size, hex::encode(&about.head.link)));
    page.finish()
}

fn document(about: &About, tallies: &[Tally]) -> Value {
    let windows = tallies.iter().zip(WINDOWS).map(|(tally, (name, seconds))| {
        Value::object([
            ("window", Value::text(name)),
            ("seconds", Value::Number(seconds)),
            ("judged", Value::number(tally.judged)),
            ("failed", Value::number(tally.failed)),
        ])
    });
    Value::object([
        ("schema", Value::text("stella.attest-status/1")),
        ("attestations", Value::number(about.attestations)),
        ("documents", Value::number(about.head.size)),
        ("bytes", Value::number(about.bytes)),
        ("events", Value::number(about.events)),
        ("verifications", Value::list(windows)),
        (
            "store",
            Value::object([
                ("kind", Value::text(about.kind)),
                ("place", Value::text(&about.place)),
                ("id", Value::text(hex::encode(&about.id))),
                ("schema", Value::number(about.schema)),
            ]),
        ),
        (
            "head",
            Value::object([
                ("size", Value::number(about.head.size)),
                ("link", Value::text(hex::encode(&about.head.link))),
            ]),
        ),
    ])
}
