//! Findings as results of an analysis: SARIF 2.1.0.

use stella_doctor::{About, Examination, Finding, Severity, Status};
use stella_vocabulary::text::Bounded;

use crate::json::Value;
use crate::refused::command_line;

/// The longest text of one value, in characters.
const LONGEST: usize = 2000;

pub(crate) fn document(examination: &Examination, abouts: &[About]) -> Value {
    let asked = abouts.iter().filter(|about| examination.findings.iter().any(|finding| finding.check == about.id));
    let rules = asked.map(|about| {
        Value::object([
            ("id", Value::text(&about.id)),
            ("shortDescription", message(&about.summary)),
            ("properties", Value::object([("tags", Value::texts(about.tags.clone()))])),
        ])
    });
    let driver = Value::object([
        ("name", Value::text("stella doctor")),
        ("version", Value::text(env!("CARGO_PKG_VERSION"))),
        ("rules", Value::list(rules)),
    ]);
    let run = Value::object([
        ("tool", Value::object([("driver", driver)])),
        ("results", Value::list(examination.findings.iter().map(result))),
    ]);
    Value::object([
        ("$schema", Value::text("https://json.schemastore.org/sarif-2.1.0.json")),
        ("version", Value::text("2.1.0")),
        ("runs", Value::list([run])),
    ])
}

fn message(text: &str) -> Value {
    Value::object([("text", Value::text(Bounded(text, LONGEST).to_string()))])
}

fn result(finding: &Finding) -> Value {
    let (kind, level) = match finding.status {
        // What follows from something else is no problem of its own.
        Status::Fail if finding.because.is_some() => ("fail", "note"),
        Status::Fail if finding.severity == Severity::Fail => ("fail", "error"),
        Status::Fail | Status::Warn => ("fail", "warning"),
        Status::Skip => ("notApplicable", "none"),
        Status::Pass => ("pass", "none"),
    };
    let mut said = finding.summary.clone();
    if let Some(mending) = finding.mending.as_ref().filter(|_| finding.because.is_none()) {
        said.push_str(&format!(" Remedy: {}", mending.summary));
        mending.commands.iter().for_each(|words| said.push_str(&format!(" [{}]", command_line(words))));
    }
    // Nothing of an installation is a file of the repository that is analysed, so its place is a name.
    let place = Value::object([(
        "logicalLocations",
        Value::list([Value::object([("fullyQualifiedName", Value::text(&finding.check))])]),
    )]);
    Value::object([
        ("ruleId", Value::text(&finding.check)),
        ("kind", Value::text(kind)),
        ("level", Value::text(level)),
        ("message", message(&said)),
        ("locations", Value::list([place])),
    ])
}
