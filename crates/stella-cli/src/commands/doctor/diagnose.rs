//! `stella doctor diagnose`, and what `stella verify … --explain` adds.

use stella_attest_verify::{Attestation, Binding, Report, Verdict, Verifier};
use stella_doctor::diagnosis::{Diagnosis, NearMiss, diagnose};
use stella_doctor::{Depth, Fleet, Group, TurningPoint, fleet};
use stella_vocabulary::Code;

use super::{document, examine};
use crate::arguments::{DiagnoseArguments, Everywhere, Format};
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::json::Value;
use crate::question::Subject;
use crate::render::page::Tone;
use crate::render::{Page, Table, health};
use crate::{duration, record, selector};

/// A world could not answer: said as any other error.
pub(super) fn complain(trouble: stella_doctor::Trouble) -> Complaint {
    let remedy = trouble.mending.commands.first().map(|words| crate::refused::command_line(words));
    let complaint = Complaint::new(trouble.code, trouble.summary).remedy(remedy.unwrap_or(trouble.mending.summary));
    let complaint = trouble.place.into_iter().fold(complaint, Complaint::place);
    let complaint = trouble.found.into_iter().fold(complaint, Complaint::found);
    trouble.expected.into_iter().fold(complaint, Complaint::expected)
}

pub(super) fn run(said: &DiagnoseArguments, everywhere: &Everywhere, context: &Context) -> Result<Answer, Complaint> {
    let world = examine::world(everywhere, context, Depth::Usual);
    match (&said.attestation, &said.since) {
        (Some(text), _) => {
            let inputs = Inputs::default();
            let mut chosen = selector::choose(text, &inputs, context)?;
            let subject = Subject::of(&said.artifact, &inputs)?;
            let snapshot = world.snapshot(world.at()).map_err(complain)?;
            let policy = world.policy(world.at()).map_err(complain)?;
            let verifier = Verifier::new(&world.registry(), &snapshot, policy);
            let binding =
                match (subject.name(), chosen.attestation().message_signature().and_then(|one| one.claimed_digest())) {
                    (None, Some(claimed)) => Binding::from(claimed),
                    _ => subject.binding(),
                };
            let (report, arrival) = chosen.judge(&verifier, &binding, context.at)?;
            subject.confirm_unchanged()?;
            let attestation = match (&arrival, chosen.store()) {
                (Some(arrival), Some(store)) => selector::read(store, arrival)?,
                _ => chosen.attestation().clone(),
            };
            let store = chosen.store().map(Attestations::store);
            let found = diagnose(world.as_ref(), &report, &attestation, &binding, store).map_err(complain)?;
            Ok(Answer::judged(of_one(&found, &report, context), record::code_of(&report)))
        }
        (None, since) => {
            let seconds =
                duration::parse(since.as_deref().unwrap_or("24h")).map_err(|complaint| complaint.place("--since"))?;
            let since = context.now.checked_add(-seconds).unwrap_or(context.now);
            let found = fleet(world.as_ref(), since).map_err(complain)?;
            let Some(found) = found else {
                return Err(Attestations::require(context).err().unwrap_or_else(|| {
                    Complaint::new(Code::StoreNotFound, "there is no store of attestations yet").remedy("stella init")
                }));
            };
            Ok(Answer { status: u8::from(!found.groups.is_empty()), ..Answer::done(of_many(&found, context)) })
        }
    }
}

/// What `verify … --explain` adds to a refusal.
pub(crate) fn explain(
    page: &mut Page,
    report: &Report,
    attestation: &Attestation,
    binding: &Binding,
    store: Option<&mut Attestations>,
    everywhere: &Everywhere,
    context: &Context,
) -> Result<(), Complaint> {
    let world = examine::world(everywhere, context, Depth::Usual);
    let store = store.map(Attestations::store);
    let found = diagnose(world.as_ref(), report, attestation, binding, store).map_err(complain)?;
    particulars(page, &found);
    Ok(())
}

fn of_one(found: &Diagnosis, report: &Report, context: &Context) -> String {
    if context.format.is_json() {
        return one_json(found, report, context).line();
    }
    let mut page = Page::new(context);
    let tone = if report.verdict() == Verdict::Verified { Tone::Good } else { Tone::Bad };
    page.toned(tone, &found.line);
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("attestation", &found.attestation);
    page.field("judged at", context.at);
    particulars(&mut page, found);
    if let Some(mending) = &found.mending {
        health::text::mending(&mut page, mending, 0);
    }
    page.finish()
}

fn particulars(page: &mut Page, found: &Diagnosis) {
    if let Some(cause) = &found.cause {
        page.field("root cause", &cause.summary);
        page.field("about", &cause.subject);
    }
    turning(page, found.since.as_ref());
    if let Some(others) = found.others {
        page.field("others that fail for the same", others);
    }
    near(page, &found.near_misses);
}

fn turning(page: &mut Page, since: Option<&TurningPoint>) {
    let Some(since) = since else { return };
    page.field("since", since.at);
    page.field("changed by", &since.what);
    page.maybe("by whom", since.person.as_ref());
    page.maybe("reason given", since.reason.as_ref());
    page.maybe("undo", since.undo.as_ref().map(|words| crate::refused::command_line(words)));
}

fn near(page: &mut Page, near_misses: &[NearMiss]) {
    for near in near_misses {
        page.field("near miss", &near.what);
    }
}

fn of_many(found: &Fleet, context: &Context) -> String {
    match context.format {
        Format::Json => many_json(found, context).line(),
        Format::Ndjson => found.groups.iter().map(|group| group_json(group).line()).collect(),
        Format::Table => {
            let mut table = Table::new(&["attestations", "failures", "since", "code", "cause"]);
            for group in &found.groups {
                let code = group.cause.code.map_or("", Code::as_str);
                let (attestations, failures) = (group.attestations.to_string(), group.failures.to_string());
                table.row([&attestations, &failures, &begun(group).to_string(), code, &group.cause.summary]);
            }
            table.finish()
        }
        Format::Text => {
            let mut page = Page::new(context);
            let (failing, causes) = (found.failing(), found.groups.len());
            let tone = if causes == 0 { Tone::Good } else { Tone::Bad };
            let causes = format!("{causes} cause{}", if causes == 1 { "" } else { "s" });
            page.toned(
                tone,
                format!("{failing} {}, {causes}", if failing == 1 { "attestation fails" } else { "attestations fail" }),
            );
            if context.detail == Detail::Quiet {
                return page.finish();
            }
            page.field("from", found.since);
            if found.mended + found.superseded > 0 {
                page.field("failed, and were mended since", found.mended + found.superseded);
            }
            for (number, group) in (1..).zip(&found.groups) {
                self::group(&mut page, number, group);
            }
            page.finish()
        }
    }
}

fn begun(group: &Group) -> stella_attest_verify::UnixTime {
    group.since.as_ref().map_or(group.first, |since| since.at)
}

fn group(page: &mut Page, number: usize, group: &Group) {
    page.block("\n");
    page.toned(Tone::Bad, format!("cause {number}: {}", group.cause.summary));
    page.maybe("code", group.cause.code);
    page.field("attestations", group.attestations);
    page.field("failures", group.failures);
    page.field("first failure", group.first);
    page.field("latest failure", group.last);
    page.maybe("last verified", group.verified);
    turning(page, group.since.as_ref());
    near(page, &group.near_misses);
    for example in &group.examples {
        page.field("example", example);
    }
    health::text::mending(page, &group.mending, 0);
}

fn turning_json(since: &TurningPoint) -> Value {
    Value::object([
        ("at", Value::text(since.at.to_string())),
        ("entry", since.entry.map_or(Value::Null, Value::number)),
        ("what", Value::text(&since.what)),
        ("person", Value::maybe(since.person.as_deref())),
        ("reason", Value::maybe(since.reason.as_deref())),
        ("undo", since.undo.clone().map_or(Value::Null, Value::texts)),
    ])
}

fn near_json(near_misses: &[NearMiss]) -> Value {
    Value::list(near_misses.iter().map(|near| {
        Value::object([
            ("kind", Value::text(near.kind.name())),
            ("what", Value::text(&near.what)),
            ("remedy", near.mending.as_ref().map_or(Value::Null, document::mending)),
        ])
    }))
}

fn one_json(found: &Diagnosis, report: &Report, context: &Context) -> Value {
    Value::object([
        ("schema", Value::text("stella.diagnosis/1")),
        ("attestation", Value::text(&found.attestation)),
        ("at", Value::text(context.at.to_string())),
        ("verdict", Value::text(report.verdict().as_str())),
        ("code", Value::maybe(report.code().map(Code::as_str))),
        ("cause", found.cause.as_ref().map_or(Value::Null, document::cause)),
        ("since", found.since.as_ref().map_or(Value::Null, turning_json)),
        ("others", found.others.map_or(Value::Null, Value::number)),
        ("near_misses", near_json(&found.near_misses)),
        ("remedy", found.mending.as_ref().map_or(Value::Null, document::mending)),
    ])
}

fn many_json(found: &Fleet, context: &Context) -> Value {
    Value::object([
        ("schema", Value::text("stella.diagnosis-fleet/1")),
        ("at", Value::text(context.now.to_string())),
        ("since", Value::text(found.since.to_string())),
        ("failing", Value::number(found.failing())),
        ("mended", Value::number(found.mended)),
        ("superseded", Value::number(found.superseded)),
        ("groups", Value::list(found.groups.iter().map(group_json))),
    ])
}

fn group_json(group: &Group) -> Value {
    Value::object([
        ("cause", document::cause(&group.cause)),
        ("attestations", Value::number(group.attestations)),
        ("failures", Value::number(group.failures)),
        ("first", Value::text(group.first.to_string())),
        ("last", Value::text(group.last.to_string())),
        ("last_verified", Value::maybe(group.verified.map(|at| at.to_string()))),
        ("since", group.since.as_ref().map_or(Value::Null, turning_json)),
        ("near_misses", near_json(&group.near_misses)),
        ("examples", Value::texts(group.examples.iter().map(ToString::to_string))),
        ("remedy", document::mending(&group.mending)),
    ])
}
