//! `stella.doctor/1` and what belongs to it.

use stella_doctor::{About, Cause, Depth, Examination, Finding, Mending, Status};
use stella_vocabulary::Code;
use stella_vocabulary::text::Bounded;

use crate::context::Context;
use crate::json::Value;

/// The longest value in a document, in characters.
const LONGEST: usize = 2000;

fn text(text: &str) -> Value {
    Value::text(Bounded(text, LONGEST).to_string())
}

/// `stella.doctor/1`.
pub(crate) fn examination(examination: &Examination, context: &Context) -> Value {
    let counts = Status::ALL.iter().map(|status| (status.name(), Value::count(examination.count(*status))));
    Value::object([
        ("schema", Value::text("stella.doctor/1")),
        ("at", Value::text(context.at.to_string())),
        ("healthy", Value::Bool(!examination.has_failed() && !examination.is_blind())),
        ("counts", Value::object(counts)),
        ("roots", Value::texts(examination.roots().map(|root| root.check.clone()))),
        ("findings", Value::list(examination.findings.iter().map(finding))),
        ("milliseconds", Value::number(examination.milliseconds)),
    ])
}

pub(crate) fn finding(finding: &Finding) -> Value {
    let evidence = finding
        .evidence
        .iter()
        .map(|evidence| Value::object([("name", text(&evidence.name)), ("value", text(&evidence.value))]));
    Value::object([
        ("check", text(&finding.check)),
        ("category", Value::text(finding.category.name())),
        ("severity", Value::text(finding.severity.name())),
        ("status", Value::text(finding.status.name())),
        ("summary", text(&finding.summary)),
        ("evidence", Value::list(evidence)),
        ("cause", finding.cause.as_ref().map_or(Value::Null, cause)),
        ("remedy", finding.mending.as_ref().map_or(Value::Null, mending)),
        ("because", Value::maybe(finding.because.as_deref())),
        ("recheck", Value::texts(finding.recheck.clone())),
        ("related", Value::texts(finding.related.clone())),
        ("milliseconds", Value::number(finding.milliseconds)),
    ])
}

pub(crate) fn cause(cause: &Cause) -> Value {
    Value::object([
        ("code", Value::maybe(cause.code.map(Code::as_str))),
        ("subject", text(&cause.subject)),
        ("summary", text(&cause.summary)),
        ("confidence", Value::text(cause.confidence.name())),
    ])
}

pub(crate) fn mending(mending: &Mending) -> Value {
    let commands = mending.commands.iter().map(|words| Value::list(words.iter().map(|word| text(word))));
    Value::object([
        ("summary", text(&mending.summary)),
        ("commands", Value::list(commands)),
        ("accepts", mending.accepts.as_deref().map_or(Value::Null, text)),
    ])
}

/// `stella.doctor-checks/1`.
pub(super) fn list(abouts: &[&About]) -> Value {
    Value::object([
        ("schema", Value::text("stella.doctor-checks/1")),
        ("checks", Value::list(abouts.iter().map(|one| about(one)))),
    ])
}

pub(super) fn about(about: &About) -> Value {
    let limits = about.thresholds.iter().map(|(name, limit)| ((*name).to_string(), text(limit)));
    Value::object([
        ("check", Value::text(&about.id)),
        ("aliases", Value::texts(about.aliases.clone())),
        ("category", Value::text(about.category.name())),
        ("severity", Value::text(about.severity.name())),
        ("summary", text(&about.summary)),
        ("tags", Value::texts(about.tags.clone())),
        ("needs", Value::texts(about.needs.iter().map(|facility| facility.name()))),
        ("thresholds", Value::Map(limits.collect())),
        ("asked", Value::text(depth(about.depth))),
        ("timeout_seconds", Value::number(about.timeout.as_secs())),
        ("related", Value::texts(about.related.clone())),
    ])
}

pub(super) const fn depth(depth: Depth) -> &'static str {
    match depth {
        Depth::Quick => "--quick",
        Depth::Usual => "always",
        Depth::Full => "--full",
    }
}
