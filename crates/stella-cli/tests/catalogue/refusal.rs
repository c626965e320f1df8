//! What has to hold for every item.

use serde_json::Value;
use stella_attest_verify::{Report, Verdict};

use crate::command::{Output, stella};
use crate::item::{Bad, Item, Run};
use crate::library::{self, Outcome};
use crate::made::{self, Meanwhile};

/// The longest message, in bytes.
const LONGEST: usize = 2048;

/// Everything that is wrong with `item`; nothing, if it behaves.
pub(crate) fn faults_of(item: &Item) -> Vec<String> {
    let mut faults = Faults::default();
    for run in &item.goods {
        faults.of = run.name.clone();
        good(run, &mut faults);
    }
    // An item whose good input is refused proves nothing by its bad ones.
    if faults.all.is_empty() {
        for bad in &item.bads {
            faults.of = bad.run.name.clone();
            refused(bad, &mut faults);
        }
    }
    faults.all
}

#[derive(Default)]
struct Faults {
    of: String,
    all: Vec<String>,
}

impl Faults {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.all.push(format!("{}: {}", self.of, what()));
        }
    }
}

/// Showing an input is no verification, and must be safe whatever is in it.
pub(crate) fn faults_of_showing(attestation: &std::path::Path) -> Vec<String> {
    let mut faults = Faults { of: attestation.display().to_string(), ..Faults::default() };
    let output = crate::command::show(attestation);
    faults.unless(matches!(output.status, Some(0..=2)), || output.told());
    for text in [&output.stdout, &output.stderr] {
        faults.unless(!has_control(&text.replace('\n', "")), || format!("control characters: {}", output.told()));
    }
    faults.unless(!output.stdout.contains("VERIFIED ") || output.stdout.contains("UNVERIFIED "), || output.told());
    faults.all
}

fn good(run: &Run, faults: &mut Faults) {
    let made = made::make(run);
    match library::judge(run, made.as_ref().map(|made| made.path.as_path())) {
        Outcome::Judged(report) => {
            faults.unless(report.verdict() == Verdict::Verified, || format!("library: {report}"))
        }
        Outcome::Refused { code, place, message } => {
            faults.unless(false, || format!("library: {code} {message} {place:?}"));
        }
    }
    if run.is_for_the_library_alone() {
        return;
    }
    let json = stella(run, made.as_ref(), "json");
    let text = stella(run, made.as_ref(), "text");
    for output in [&json, &text] {
        faults.unless(output.status == Some(0) && output.stderr.is_empty(), || output.told());
        printable(run, output, faults);
    }
    match serde_json::from_str::<Value>(&json.stdout) {
        Ok(report) => faults.unless(report["verdict"] == "verified" && report["code"].is_null(), || json.told()),
        Err(error) => faults.unless(false, || format!("{error}: {}", json.told())),
    }
    faults.unless(text.stdout.starts_with("VERIFIED "), || text.told());
}

fn refused(bad: &Bad, faults: &mut Faults) {
    let made = made::make(&bad.run);
    faults.unless(bad.exit == i64::from(bad.code.exit_status()), || format!("exit status {} declared", bad.exit));
    let mut is_verdict = None;
    if bad.layer != "stella-cli" {
        let outcome = library::judge(&bad.run, made.as_ref().map(|made| made.path.as_path()));
        is_verdict = Some(matches!(outcome, Outcome::Judged(_)));
        by_the_library(bad, &outcome, faults);
    }
    if bad.run.is_for_the_library_alone() {
        return;
    }
    as_json(bad, &stella(&bad.run, made.as_ref(), "json"), is_verdict, faults);
    // An input that was changed while it was read has to be made again.
    let again = made.as_ref().filter(|made| made.meanwhile != Meanwhile::Nothing).and_then(|_| made::make(&bad.run));
    as_text(bad, &stella(&bad.run, again.as_ref().or(made.as_ref()), "text"), faults);
}

fn by_the_library(bad: &Bad, outcome: &Outcome, faults: &mut Faults) {
    let (code, place, check) = match outcome {
        Outcome::Refused { code, place, message } => {
            faults
                .unless(message.len() <= LONGEST && !has_control(message), || format!("library: message {message:?}"));
            (Some(*code), place.clone(), "")
        }
        Outcome::Judged(report) => {
            let cause = report.cause();
            faults.unless(report.verdict() != Verdict::Verified, || "library: verified".to_owned());
            let place = cause.and_then(|check| check.place()).map(str::to_owned);
            (report.code(), place, cause.map_or("", |check| check.id().as_str()))
        }
    };
    faults.unless(code == Some(bad.code), || format!("library: {code:?} instead of {}: {}", bad.code, shown(outcome)));
    // What a file or an option is called, only the command line knows.
    let is_elsewhere = bad.place.starts_with("--") || bad.place.starts_with("bad.");
    let is_there = is_elsewhere || check == bad.place || place.as_deref().unwrap_or_default().contains(&bad.place);
    faults.unless(is_there, || format!("library: at {place:?}, check {check:?}, instead of {:?}", bad.place));
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused { message, place, .. } => format!("{message} {place:?}"),
        Outcome::Judged(report) => report_line(report),
    }
}

fn report_line(report: &Report) -> String {
    report.to_string()
}

fn as_json(bad: &Bad, output: &Output, is_verdict: Option<bool>, faults: &mut Faults) {
    printable(&bad.run, output, faults);
    exits(bad, output, faults);
    let document: Value = match serde_json::from_str(&output.stdout) {
        Ok(document) => document,
        Err(error) => return faults.unless(false, || format!("{error}: {}", output.told())),
    };
    let schema = document["schema"].as_str().unwrap_or_default();
    if let Some(is_verdict) = is_verdict {
        let expected = if is_verdict { "stella.report/1" } else { "stella.error/1" };
        faults.unless(schema == expected, || format!("JSON: {schema} instead of {expected}: {}", output.told()));
    }
    faults.unless(document["code"] == bad.code.as_str(), || {
        format!("JSON: {} instead of {}", document["code"], bad.code)
    });
    let mut at = document["where"].as_str().unwrap_or_default();
    if schema == "stella.report/1" {
        faults.unless(document["verdict"] != "verified" && document["statement"].is_null(), || output.told());
        let failed =
            document["checks"].as_array().into_iter().flatten().find(|check| check["code"] == bad.code.as_str());
        let check = failed.cloned().unwrap_or_default();
        let is_undecided = document["verdict"] == "indeterminate" && check["status"] == "inconclusive";
        faults
            .unless(check["status"] == "fail" || is_undecided, || format!("JSON: no failed check: {}", output.told()));
        at = check["where"].as_str().unwrap_or_default();
        faults.unless(at.contains(&bad.place) || check["id"] == bad.place.as_str(), || {
            format!("JSON: at {at:?}: {check}")
        });
    } else {
        let members = ["schema", "code", "where", "found", "expected", "remedy"];
        faults.unless(members.iter().all(|name| document.get(name).is_some()), || output.told());
        faults.unless(at.contains(&bad.place), || format!("JSON: at {at:?} instead of {:?}", bad.place));
        one_line(bad, &output.stderr, faults);
    }
}

fn as_text(bad: &Bad, output: &Output, faults: &mut Faults) {
    printable(&bad.run, output, faults);
    exits(bad, output, faults);
    if output.stderr.is_empty() {
        let line = output.stdout.lines().next().unwrap_or_default();
        let says = format!("error[{}]: ", bad.code);
        let begins = line.starts_with("REJECTED ") || line.starts_with("INDETERMINATE ");
        faults.unless(begins && line.contains(&says) && line.len() <= LONGEST, || output.told());
    } else {
        faults.unless(output.stdout.is_empty(), || output.told());
        one_line(bad, &output.stderr, faults);
    }
    for text in bad.run.list("shows") {
        faults.unless(output.stdout.contains(text) || output.stderr.contains(text), || {
            format!("{text:?} is not shown: {}", output.told())
        });
    }
}

/// One line that begins with the code, of at most 2 KiB.
fn one_line(bad: &Bad, line: &str, faults: &mut Faults) {
    let whole = line.matches('\n').count() == 1 && line.ends_with('\n') && line.len() <= LONGEST;
    faults.unless(whole && line.starts_with(&format!("error[{}]: ", bad.code)), || format!("standard error: {line:?}"));
}

fn exits(bad: &Bad, output: &Output, faults: &mut Faults) {
    let status = output.status.map(i64::from);
    faults.unless(status == Some(bad.exit), || {
        format!("exit status {status:?} instead of {}: {}", bad.exit, output.told())
    });
}

/// Nothing on either channel moves a cursor or turns text around, and nothing is shown that must not be.
fn printable(run: &Run, output: &Output, faults: &mut Faults) {
    for text in [&output.stdout, &output.stderr] {
        faults.unless(!has_control(&text.replace('\n', "")), || format!("control characters: {}", output.told()));
        for absent in run.list("absent") {
            faults.unless(!text.contains(absent), || format!("{absent:?} is shown: {}", output.told()));
        }
    }
}

pub(crate) fn has_control(text: &str) -> bool {
    let turns =
        |character| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(|character| character.is_control() || turns(character))
}
