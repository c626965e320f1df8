//! Findings about a store, as people and programs see them.

use stella_trust_store::lint::{Finding, Severity};

use crate::context::{Context, Detail};
use crate::json::Value;
use crate::refused::command_line;
use crate::render::Page;
use crate::render::page::Tone;

/// `fail[rotation-gap]: one sentence`, and what it was concluded from.
pub(crate) fn render(page: &mut Page, finding: &Finding, context: &Context) {
    let tone = match finding.severity {
        Severity::Fail => Tone::Bad,
        Severity::Warn => Tone::Unsure,
        Severity::Info => Tone::Plain,
    };
    page.toned(tone, format!("{}[{}]: {}", finding.severity.as_str(), finding.rule.as_str(), finding.summary));
    if context.detail == Detail::Quiet {
        return;
    }
    for (name, value) in &finding.facts {
        page.indented(1, name, value);
    }
    page.indented(1, "remedy", &finding.remedy);
    for words in &finding.commands {
        page.indented(1, "command", command_line(words));
    }
}

/// As it appears in documents.
pub(crate) fn json(finding: &Finding) -> Value {
    let object = finding.object.as_ref().map_or(Value::Null, |object| {
        Value::object([("kind", Value::text(object.kind.name())), ("id", Value::text(object.id.to_string()))])
    });
    Value::object([
        ("rule", Value::text(finding.rule.as_str())),
        ("severity", Value::text(finding.severity.as_str())),
        ("object", object),
        ("summary", Value::text(&finding.summary)),
        (
            "facts",
            Value::list(
                finding
                    .facts
                    .iter()
                    .map(|(name, value)| Value::object([("name", Value::text(*name)), ("value", Value::text(value))])),
            ),
        ),
        (
            "remedy",
            Value::object([
                ("summary", Value::text(&finding.remedy)),
                ("commands", Value::list(finding.commands.iter().map(|words| Value::texts(words.clone())))),
            ]),
        ),
    ])
}
