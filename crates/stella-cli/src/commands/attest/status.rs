//! `stella attest status`.

use stella_attest_store::{About, Event, EventFilter, EventKind, Level};
use stella_vocabulary::{UnixTime, hex};

use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::duration;
use crate::exit::Answer;
use crate::json::Value;
use crate::key_ring::KeyRing;
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
    let signing = signing(context)?;
    let text = match context.format.is_json() {
        true => document(&about, &tallies, signing.as_ref()).line(),
        false => page(&about, &tallies, signing.as_ref(), context),
    };
    Ok(Answer::done(text))
}

/// The key that signs if no other is named.
struct Signing {
    name: String,
    /// `active`, or what keeps it from signing; `missing` if the settings name a key that is not there.
    status: String,
    until: Option<UnixTime>,
}

fn signing(context: &Context) -> Result<Option<Signing>, Complaint> {
    if context.settings()?.home.is_none() {
        return Ok(None);
    }
    let ring = KeyRing::open(context)?;
    let Some(name) = ring.active().map(str::to_string) else { return Ok(None) };
    Ok(Some(match ring.find(&name) {
        Ok(key) => Signing { name, status: ring.status(key, context.now).to_string(), until: Some(key.until) },
        Err(_) => Signing { name, status: "missing".to_string(), until: None },
    }))
}

/// `release-2027, active, ends 2027-01-17T09:00:00Z (in 30 days)`.
fn signing_line(signing: &Signing, now: UnixTime) -> String {
    let end = signing.until.map(|until| {
        let left = until.seconds().saturating_sub(now.seconds());
        let when = if left > 0 { format!("in {}", duration::rough(left)) } else { "over".to_string() };
        format!(", ends {until} ({when})")
    });
    format!("{}, {}{}", signing.name, signing.status, end.unwrap_or_default())
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

fn page(about: &About, tallies: &[Tally], signing: Option<&Signing>, context: &Context) -> String {
    let mut page = Page::new(context);
    page.field("attestations", about.attestations);
    page.field("documents", about.head.size);
    page.field("bytes", about.bytes);
    page.field("events", about.events);
    for (tally, (name, _)) in tallies.iter().zip(WINDOWS) {
        page.field(&format!("last {name}"), rate(*tally));
    }
    page.field(
        "signing key",
        match signing {
            Some(signing) => signing_line(signing, context.now),
            None => "none is active: stella keys list".to_string(),
        },
    );
    page.field("store", format!("{} at {}", about.kind, about.place));
    page.field("store id", hex::encode(&about.id));
    page.field("schema", about.schema);
    page.field("head", format!("arrival {}, link {}", about.head.size, hex::encode(&about.head.link)));
    page.finish()
}

fn document(about: &About, tallies: &[Tally], signing: Option<&Signing>) -> Value {
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
            "signing_key",
            signing.map_or(Value::Null, |signing| {
                Value::object([
                    ("name", Value::text(&signing.name)),
                    ("status", Value::text(&signing.status)),
                    ("until", Value::maybe(signing.until.map(|until| until.to_string()))),
                ])
            }),
        ),
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
