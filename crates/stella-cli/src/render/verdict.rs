//! A report as text: the verdict line, the facts, every check, and on a refusal the cause and what mends it.

use std::fmt::Write as _;

use stella_attest_verify::{Check, Report, Status, Verdict};
use stella_vocabulary::text::Bounded;

use crate::context::{Context, Detail};
use crate::render::page::{Mark, Tone};
use crate::render::{Page, Table, path, remedy};

/// How many hex digits of an id name it in the verdict line.
const SHORT: usize = 12;

/// How many subjects are listed before the rest is only counted.
const SUBJECTS: usize = 5;

/// Said of a report without an artifact, in words that its notes use, too.
const NOT_COMPARED: &str = "nothing was compared with an artifact";

/// The whole report. `given` is how the reader named the attestation.
pub(crate) fn render(page: &mut Page, report: &Report, given: &str, context: &Context) {
    line(page, report);
    if context.detail == Detail::Quiet {
        return;
    }
    facts(page, report);
    for check in report.checks() {
        self::check(page, check, context.detail);
    }
    if context.detail == Detail::Verbose {
        path::render(page, report.paths(), context.detail);
    }
    if let Some(cause) = report.cause() {
        self::cause(page, cause);
    }
    if let Some(mends) = report.remedy() {
        remedy::render(page, mends, report.code(), &report.attestation().to_string(), given);
    }
}

/// `VERIFIED sha256:0123456789ab`, or `REJECTED sha256:0123456789ab  error[code]: why`.
pub(crate) fn line(page: &mut Page, report: &Report) {
    let (word, tone) = match report.verdict() {
        Verdict::Verified => ("VERIFIED", Tone::Good),
        Verdict::Rejected => ("REJECTED", Tone::Bad),
        Verdict::Indeterminate => ("INDETERMINATE", Tone::Unsure),
    };
    page.start(tone, word);
    page.start(Tone::Plain, format!(" {}", short(&report.attestation().to_string())));
    if let Some(cause) = report.cause() {
        page.start(Tone::Plain, format!("  {}", sentence(cause)));
    }
    page.end();
}

/// `error[code]: what was wrong in where: found x, expected y`.
fn sentence(check: &Check) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    if let Some(code) = check.code() {
        let _ = write!(out, "error[{code}]: ");
    }
    let summary = check.summary().unwrap_or("not concluded");
    out.push_str(summary);
    // Many sentences name these already, and a line is read once.
    let unsaid = |text: Option<&'_ str>| text.map(str::to_string).filter(|text| !summary.contains(text.as_str()));
    if let Some(place) = unsaid(check.place()) {
        let _ = write!(out, " in {}", Bounded(&place, 200));
    }
    let parts = [("found", unsaid(check.found())), ("expected", unsaid(check.expected()))];
    for (index, (name, value)) in parts.into_iter().filter_map(|(name, value)| Some((name, value?))).enumerate() {
        let _ = write!(out, "{} {name} {}", if index == 0 { ":" } else { "," }, Bounded(&value, 300));
    }
    out
}

/// The beginning of an id, which is enough to name it.
pub(crate) fn short(id: &str) -> &str {
    let digits = id.find(':').map_or(0, |colon| colon + 1);
    id.get(..digits + SHORT).unwrap_or(id)
}

fn facts(page: &mut Page, report: &Report) {
    page.field("attestation", report.attestation());
    page.field("form", report.form().as_str());
    if let Some(statement) = report.verified_statement() {
        page.field("predicate type", statement.predicate_type());
        for subject in statement.subjects().iter().take(SUBJECTS) {
            let digests: Vec<String> = subject.digests().iter().map(ToString::to_string).collect();
            page.field("subject", [subject.name().unwrap_or("(no name)"), &digests.join(" ")].join(" "));
        }
        if let Some(more) = statement.subjects().len().checked_sub(SUBJECTS).filter(|more| *more > 0) {
            page.field("subject", format!("and {more} more"));
        }
    }
    let signer = report.signer();
    match signer.identity() {
        Some(identity) => page.field("signer", identity),
        None => page.maybe("signer", signer.label().or(signer.key())),
    }
    for other in signer.identities().iter().skip(1) {
        page.field("also named", other);
    }
    page.maybe("issuer", signer.issuer());
    page.maybe("key", signer.key());
    page.maybe("algorithm", signer.algorithm());
    for time in report.trusted_times() {
        page.field("trusted time", format!("{} ({}, {})", time.time(), time.source().as_str(), time.name()));
    }
    if report.trusted_times().is_empty() {
        page.field("trusted time", "none");
    }
    page.field("judged at", report.at());
    match &report.inputs().subject {
        Some(digest) => page.field("artifact", digest),
        None => page.field("artifact", NOT_COMPARED),
    }
    page.field("trust", format!("{} entries, root {}", report.inputs().trust_size, report.inputs().trust_root));
    if let Some(remembered) = report.remembered() {
        page.field("remembered", format!("{} of {} signatures", remembered.signatures, remembered.of));
    }
    for note in report.notes().iter().filter(|note| *note != NOT_COMPARED) {
        page.field("note", note);
    }
}

fn check(page: &mut Page, check: &Check, detail: Detail) {
    page.mark(0, mark(check.status()));
    page.start(Tone::Plain, check.id().as_str());
    if let Some(code) = check.code() {
        page.start(Tone::Plain, format!("  {code}: {}", check.summary().unwrap_or_default()));
    }
    if let Some(because) = check.because() {
        page.start(Tone::Quiet, format!("  not judged because of {}", because.as_str()));
    }
    page.end();
    if detail == Detail::Verbose {
        for (name, value) in check.evidence() {
            page.indented(2, name, value);
        }
        if check.code().is_some() {
            particulars(page, check, 2);
        }
    }
}

const fn mark(status: Status) -> Mark {
    match status {
        Status::Fail => Mark::Fail,
        Status::Inconclusive => Mark::Unsure,
        Status::Pass => Mark::Pass,
        Status::Skipped => Mark::Skipped,
    }
}

fn cause(page: &mut Page, check: &Check) {
    page.field("cause", check.summary().unwrap_or_default());
    particulars(page, check, 0);
}

fn particulars(page: &mut Page, check: &Check, depth: usize) {
    let values = [
        ("where", check.place()),
        ("found", check.found()),
        ("expected", check.expected()),
        ("clause", check.clause()),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            page.indented(depth, name, value);
        }
    }
    if let Some(certificate) = check.certificate() {
        page.indented(depth, "certificate", certificate);
    }
}

/// The checks as rows.
pub(crate) fn table(report: &Report) -> String {
    let mut table = Table::new(&["check", "status", "code", "found", "expected"]);
    for check in report.checks() {
        table.row([
            check.id().as_str(),
            check.status().as_str(),
            check.code().map_or("", |code| code.as_str()),
            check.found().unwrap_or_default(),
            check.expected().unwrap_or_default(),
        ]);
    }
    table.finish()
}
