//! `stella attest logs`: the journal.

use std::collections::VecDeque;

use stella_attest_store::{Event, EventFilter, EventKind, Level};
use stella_vocabulary::Code;

use crate::arguments::{EventsArguments, Format, KindName, LevelName};
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{self, Context, Detail, Ticks};
use crate::exit::{self, Answer};
use crate::json::Value;
use crate::near_miss;
use crate::render::page::Tone;
use crate::render::{Page, Table, verdict};
use crate::selector::{self, Selected};
use crate::which;
use crate::{document, duration, input};

/// How many events are read at once.
const PAGE: usize = 10_000;

/// How long `--follow` waits before it looks again, in milliseconds.
const PAUSE: u64 = 500;

pub(super) fn run(said: &EventsArguments, context: &Context) -> Result<Answer, Complaint> {
    if said.prune {
        return prune(context);
    }
    let filter = filter(said, context)?;
    let mut store = Attestations::require(context)?;
    let (events, left_out, last) = latest(&mut store, &filter, said.limit)?;
    if said.follow {
        return follow(&mut store, &filter, events, last, context);
    }
    Ok(Answer::done(match context.format {
        Format::Json => document(&events, left_out).line(),
        _ => print(&events, left_out, context),
    }))
}

fn filter(said: &EventsArguments, context: &Context) -> Result<EventFilter, Complaint> {
    let since = match (&said.last, &said.since) {
        (Some(last), _) => {
            let seconds = duration::parse(last).map_err(|complaint| complaint.place("--last"))?;
            context.now.checked_add(-seconds)
        }
        (None, Some(since)) => Some(context::instant(since, "--since")?),
        (None, None) => None,
    };
    let until = said.until.as_deref().map(|until| context::instant(until, "--until")).transpose()?;
    which::check_window(since, until)?;
    let attestation = match &said.attestation {
        None => None,
        Some(text) => Some(match selector::resolve(text, context)? {
            Selected::Kept(id) => id,
            Selected::Document(path) => document::read_one(&path, &input::Inputs::default())?.id(),
        }),
    };
    Ok(EventFilter {
        kinds: said.filter.iter().map(|name| kind(*name)).collect(),
        level: said.level.map(level),
        code: said.code.as_deref().map(code).transpose()?,
        attestation,
        since,
        until,
    })
}

const fn kind(name: KindName) -> EventKind {
    match name {
        KindName::Error => EventKind::Error,
        KindName::Import => EventKind::Import,
        KindName::Signing => EventKind::Signing,
        KindName::TrustChange => EventKind::TrustChange,
        KindName::Verification => EventKind::Verification,
    }
}

const fn level(name: LevelName) -> Level {
    match name {
        LevelName::Info => Level::Info,
        LevelName::Warning => Level::Warning,
        LevelName::Error => Level::Error,
    }
}

fn code(text: &str) -> Result<Code, Complaint> {
    Code::parse(text).ok_or_else(|| {
        let complaint = Complaint::new(Code::UsageConflict, "there is no such code").place("--code").found(text);
        match near_miss::closest(text, Code::ALL.iter().map(|code| code.as_str())) {
            Some(meant) => complaint.expected(meant),
            None => complaint.expected("a code such as x509.expired"),
        }
        .remedy("stella explain, which lists every code")
    })
}

/// The latest of the events that fit, in their order; whether there are more; and where the journal ends.
fn latest(
    store: &mut Attestations,
    filter: &EventFilter,
    limit: u32,
) -> Result<(VecDeque<Event>, bool, u64), Complaint> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut kept = VecDeque::new();
    let (mut left_out, mut after) = (false, 0);
    loop {
        let page = store.store().events(filter, after, PAGE)?;
        let Some(last) = page.last() else { return Ok((kept, left_out, after)) };
        after = last.sequence;
        kept.extend(page);
        while kept.len() > limit {
            kept.pop_front();
            left_out = true;
        }
    }
}

/// Prints events as they are written, until nobody listens any more.
fn follow(
    store: &mut Attestations,
    filter: &EventFilter,
    first: VecDeque<Event>,
    last: u64,
    context: &Context,
) -> Result<Answer, Complaint> {
    let ticks = Ticks::new();
    let (mut events, mut after) = (first, last);
    loop {
        if !events.is_empty() {
            let text = match context.format {
                // Documents that end belong to commands that end.
                Format::Json => events.iter().map(|event| event_json(event).line()).collect(),
                _ => print(&events, false, context),
            };
            exit::deliver(text.as_bytes()).map_err(|error| {
                Complaint::new(Code::OutputWriteFailed, "nobody reads the journal any more")
                    .place("standard output")
                    .found(error.to_string())
                    .remedy("run the command again")
            })?;
        }
        events = store.store().events(filter, after, PAGE)?.into();
        match events.back() {
            Some(last) => after = last.sequence,
            None => ticks.pause(PAUSE),
        }
    }
}

fn prune(context: &Context) -> Result<Answer, Complaint> {
    let settings = context.settings()?;
    let Some(retention) = settings.retention(context.now) else {
        return Err(Complaint::new(Code::UsageConflict, "all of the journal is kept: no setting says how much")
            .place("journal.keep_days, journal.keep_events")
            .expected("at least one of them")
            .remedy("stella config set journal.keep_days 400"));
    };
    let mut store = Attestations::require(context)?;
    let removed = store.store().forget_events(&retention)?;
    let left = store.store().about()?.events;
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.prune/1")),
            ("removed", Value::number(removed)),
            ("left", Value::number(left)),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    page.field("removed", removed);
    page.field("left", left);
    Ok(Answer::done(page.finish()))
}

fn print(events: &VecDeque<Event>, left_out: bool, context: &Context) -> String {
    match context.format {
        Format::Json | Format::Ndjson => events.iter().map(|event| event_json(event).line()).collect(),
        Format::Table => table(events),
        Format::Text => {
            let mut page = Page::new(context);
            if left_out && context.detail != Detail::Quiet {
                page.line("earlier events are left out: see --limit and --since");
            }
            for event in events {
                line(&mut page, event, context);
            }
            page.finish()
        }
    }
}

/// `2026-01-17T09:00:00Z error verification [x509.expired] sha256:0123456789ab: summary`.
fn line(page: &mut Page, Event { event, .. }: &Event, context: &Context) {
    let tone = match event.level {
        Level::Info => Tone::Plain,
        Level::Warning => Tone::Unsure,
        Level::Error => Tone::Bad,
    };
    page.start(Tone::Plain, format!("{} ", event.at));
    page.start(tone, event.level.name());
    page.start(Tone::Plain, format!(" {}", event.kind.name()));
    if let Some(code) = event.code {
        page.start(Tone::Plain, format!(" [{code}]"));
    }
    page.start(Tone::Plain, format!(" {}", event.summary));
    page.end();
    if context.detail == Detail::Verbose {
        if let Some(attestation) = event.attestation {
            page.indented(1, "attestation", attestation);
        }
        if let Some(duration) = event.duration {
            page.indented(1, "microseconds", duration);
        }
        for (name, value) in &event.details {
            page.indented(1, name, value);
        }
    }
}

fn table(events: &VecDeque<Event>) -> String {
    let mut table = Table::new(&["at", "level", "kind", "code", "attestation", "summary"]);
    for Event { event, .. } in events {
        let attestation = event.attestation.map(|id| id.to_string()).unwrap_or_default();
        table.row([
            event.at.to_string().as_str(),
            event.level.name(),
            event.kind.name(),
            event.code.map_or("", Code::as_str),
            verdict::short(&attestation),
            &event.summary,
        ]);
    }
    table.finish()
}

fn document(events: &VecDeque<Event>, left_out: bool) -> Value {
    Value::object([
        ("schema", Value::text("stella.events/1")),
        ("events", Value::list(events.iter().map(event_json))),
        ("left_out", Value::Bool(left_out)),
    ])
}

/// `stella.event/1`.
fn event_json(Event { sequence, event }: &Event) -> Value {
    let details = event.details.iter().map(|(name, value)| (name.clone(), Value::text(value)));
    Value::object([
        ("schema", Value::text("stella.event/1")),
        ("sequence", Value::number(*sequence)),
        ("at", Value::text(event.at.to_string())),
        ("kind", Value::text(event.kind.name())),
        ("level", Value::text(event.level.name())),
        ("code", Value::maybe(event.code.map(Code::as_str))),
        ("attestation", Value::maybe(event.attestation.map(|id| id.to_string()))),
        ("microseconds", event.duration.map_or(Value::Null, Value::number)),
        ("summary", Value::text(&event.summary)),
        ("details", Value::Map(details.collect())),
    ])
}
