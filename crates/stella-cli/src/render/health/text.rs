//! Findings on a terminal of 80 columns.

use stella_doctor::{Examination, Finding, Mending, Status};
use stella_vocabulary::text::Bounded;

use super::{headline, sorted};
use crate::context::{Context, Detail};
use crate::refused::command_line;
use crate::render::page::{Mark, Tone};
use crate::render::{Page, Table};

/// How wide lines are.
const WIDTH: usize = 80;
/// How far what belongs to a finding stands to the right.
const INDENT: usize = 5;
/// The longest text of one value, in characters.
const LONGEST: usize = 600;

pub(crate) fn examination(page: &mut Page, examination: &Examination, context: &Context) {
    let tone = match (examination.roots().next().is_some(), examination.count(Status::Warn)) {
        (true, _) => Tone::Bad,
        (false, 0) if !examination.is_blind() => Tone::Good,
        _ => Tone::Unsure,
    };
    page.toned(tone, headline(examination));
    if context.detail == Detail::Quiet {
        return;
    }
    if examination.is_blind() {
        page.field("remedy", "say which home: --home DIR, or STELLA_HOME; a new one: stella init");
    }
    // Who asks for little wants to know why there is no answer.
    let few = examination.findings.len() <= 3;
    for finding in sorted(&examination.findings) {
        self::finding(page, finding, few, context);
    }
}

fn finding(page: &mut Page, finding: &Finding, few: bool, context: &Context) {
    let in_full = matches!(finding.status, Status::Fail | Status::Warn) && finding.because.is_none();
    if in_full {
        page.block("\n");
    }
    page.mark(
        0,
        match finding.status {
            Status::Fail => Mark::Fail,
            Status::Warn => Mark::Unsure,
            Status::Skip => Mark::Skipped,
            Status::Pass => Mark::Pass,
        },
    );
    page.line(format!("{}  {}", finding.status.name(), finding.check));
    if in_full || few || context.detail == Detail::Verbose || finding.status == Status::Fail {
        wrapped(page, &finding.summary);
    }
    if let Some(because) = finding.because.as_ref().filter(|_| finding.status == Status::Fail) {
        wrapped(page, &format!("follows from {because}"));
    }
    if !in_full && context.detail != Detail::Verbose {
        return;
    }
    for evidence in &finding.evidence {
        wrapped(page, &format!("{}: {}", evidence.name, evidence.value));
    }
    if let Some(cause) = &finding.cause {
        let code = cause.code.map(|code| format!(" [{code}]")).unwrap_or_default();
        wrapped(page, &format!("cause ({}){code}: {}", cause.confidence.name(), cause.subject));
    }
    if let Some(mending) = finding.mending.as_ref().filter(|_| finding.because.is_none()) {
        self::mending(page, mending, INDENT);
    }
    if in_full {
        wrapped(page, &format!("check again: {}", command_line(&finding.recheck)));
        if !finding.related.is_empty() {
            wrapped(page, &format!("see also: {}", finding.related.join(", ")));
        }
    }
}

/// What mends it, with commands on lines of their own, to copy.
pub(crate) fn mending(page: &mut Page, mending: &Mending, indent: usize) {
    lines(page, &format!("remedy: {}", mending.summary), indent);
    for words in &mending.commands {
        page.line(format!("{:1$}{2}", "", indent + 2, command_line(words)));
    }
    if let Some(accepts) = &mending.accepts {
        lines(page, &format!("would newly accept: {accepts}"), indent);
    }
}

fn wrapped(page: &mut Page, text: &str) {
    lines(page, text, INDENT);
}

/// Breaks `text` at spaces; what is longer than a line, such as an id, stands on one of its own.
fn lines(page: &mut Page, text: &str, indent: usize) {
    let text = Bounded(text, LONGEST).to_string();
    let mut line = String::new();
    let mut first = true;
    let room = |first: bool| WIDTH.saturating_sub(indent + if first { 0 } else { 2 });
    for word in text.split(' ') {
        let longer = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && longer > room(first) {
            page.line(format!("{:1$}{line}", "", indent + if first { 0 } else { 2 }));
            line.clear();
            first = false;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    page.line(format!("{:1$}{line}", "", indent + if first { 0 } else { 2 }));
}

pub(crate) fn table(findings: &[Finding]) -> String {
    let mut table = Table::new(&["status", "severity", "check", "finding"]);
    for finding in sorted(findings) {
        table.row([finding.status.name(), finding.severity.name(), &finding.check, &finding.summary]);
    }
    table.finish()
}
