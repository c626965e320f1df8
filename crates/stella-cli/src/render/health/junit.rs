//! Findings as test results: the JUnit form that Jenkins, GitLab and GitHub read.

use std::fmt::Write as _;

use stella_doctor::{Examination, Finding, Severity, Status};
use stella_vocabulary::text::Bounded;

use crate::refused::command_line;

/// The longest text of one value, in characters.
const LONGEST: usize = 1000;

pub(crate) fn document(examination: &Examination) -> String {
    let findings = &examination.findings;
    let failures = findings.iter().filter(|finding| is_failure(finding)).count();
    let skipped = examination.count(Status::Skip);
    let seconds = |milliseconds: u64| format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let totals = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"", findings.len());
    let time = seconds(examination.milliseconds);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "<testsuites name=\"stella doctor\" {totals} time=\"{time}\">");
    let _ = writeln!(out, "  <testsuite name=\"stella doctor\" {totals} time=\"{time}\">");
    for finding in findings {
        let (name, class) = (escaped(&finding.check), finding.category.name());
        let _ = write!(
            out,
            "    <testcase name=\"{name}\" classname=\"stella.{class}\" time=\"{}\"",
            seconds(finding.milliseconds)
        );
        let summary = escaped(&finding.summary);
        match finding.status {
            Status::Pass => out.push_str("/>\n"),
            Status::Skip => {
                let _ = writeln!(out, "><skipped message=\"{summary}\"/></testcase>");
            }
            _ if is_failure(finding) => {
                let code = finding.cause.as_ref().and_then(|cause| cause.code).map_or("doctor", |code| code.as_str());
                let _ = writeln!(
                    out,
                    "><failure type=\"{code}\" message=\"{summary}\">{}</failure></testcase>",
                    details(finding)
                );
            }
            _ => {
                let _ = writeln!(out, "><system-out>{summary}\n{}</system-out></testcase>", details(finding));
            }
        }
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// What the exit status counts, too; all else is told and fails no pipeline.
fn is_failure(finding: &Finding) -> bool {
    finding.status == Status::Fail && finding.severity == Severity::Fail
}

fn details(finding: &Finding) -> String {
    let mut out = String::new();
    for evidence in &finding.evidence {
        let _ = writeln!(out, "{}: {}", escaped(&evidence.name), escaped(&evidence.value));
    }
    if let Some(mending) = finding.mending.as_ref().filter(|_| finding.because.is_none()) {
        let _ = writeln!(out, "remedy: {}", escaped(&mending.summary));
        for words in &mending.commands {
            let _ = writeln!(out, "  {}", escaped(&command_line(words)));
        }
    }
    out
}

/// XML 1.0 text: neither markup nor what XML does not allow at all.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in Bounded(text, LONGEST).to_string().chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
