//! `stella verify artifact`.

use std::collections::BTreeMap;

use stella_attest_verify::{Attestation, Code, Registry, Report, Verdict, Verifier};

use crate::arguments::{ArtifactArguments, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::document;
use crate::exit::Answer;
use crate::input::{Inputs, name_of};
use crate::json::Value;
use crate::question::{Question, Subject};
use crate::record::code_of;
use crate::render::page::Tone;
use crate::render::{Page, Table, verdict};

/// Most attestations that one command judges: their reports are kept until all are judged.
const MOST: usize = 10_000;

/// A report, and the file that its attestation came from.
struct Judged {
    given: String,
    report: Report,
}

/// The verdict over all.
struct Overall {
    code: Option<Code>,
    summary: String,
    /// Required predicate types that no verified attestation has.
    missing: Vec<String>,
}

impl Overall {
    fn verdict(&self) -> Verdict {
        match self.code {
            None => Verdict::Verified,
            Some(code) if code.is_indeterminate() => Verdict::Indeterminate,
            Some(_) => Verdict::Rejected,
        }
    }
}

pub(crate) fn run(said: &ArtifactArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    if said.artifact.artifact.is_none() && said.artifact.digest.is_none() {
        return Err(Complaint::new(Code::UsageConflict, "this command is about an artifact, and none was given")
            .place("the command line")
            .expected("--artifact FILE or --digest DIGEST")
            .remedy("stella verify artifact --help"));
    }
    let question = Question::of(&said.signer, &said.trust, &inputs, context)?;
    let attestations = gather(said, &inputs)?;
    let subject = Subject::of(&said.artifact, &inputs)?;
    let verifier = Verifier::new(&Registry::rustcrypto(), &question.trust.snapshot, question.policy);
    let all: Vec<Judged> = attestations
        .into_iter()
        .map(|(given, attestation)| Judged {
            given,
            report: verifier.verify(&attestation, subject.binding(), context.at),
        })
        .collect();
    subject.confirm_unchanged()?;

    let overall = judge(&all, &said.require);
    let name = subject.name().unwrap_or_default();
    let text = match context.format {
        Format::Json => document(&name, &all, &overall, context).line(),
        Format::Ndjson => {
            let lines = all.iter().map(|judged| judged.report.to_json() + "\n");
            lines.chain([document(&name, &[], &overall, context).line()]).collect()
        }
        Format::Text | Format::Table => render(&name, &all, &overall, context),
    };
    Ok(Answer::judged(text, overall.code))
}

/// The attestations of all files, in the order of their ids. One in two files, or on two lines, is one attestation.
fn gather(said: &ArtifactArguments, inputs: &Inputs) -> Result<Vec<(String, Attestation)>, Complaint> {
    let mut all = BTreeMap::new();
    for path in &said.attestation {
        for attestation in document::read_all(path, inputs)? {
            let name = (attestation.id(), attestation.source_digest());
            all.entry(name).or_insert_with(|| (name_of(path), attestation));
            if all.len() > MOST {
                return Err(Complaint::new(Code::InputTooLarge, "these are too many attestations for one command")
                    .place(name_of(path))
                    .found(format!("more than {MOST}"))
                    .expected(format!("at most {MOST}"))
                    .remedy("give them in several commands"));
            }
        }
    }
    Ok(all.into_values().collect())
}

/// Verified only if at least one attestation is, and each required type is among those that are.
fn judge(all: &[Judged], required: &[String]) -> Overall {
    let verified: Vec<&Report> =
        all.iter().map(|judged| &judged.report).filter(|report| report.verdict() == Verdict::Verified).collect();
    if verified.is_empty() {
        let summary = match all.len() {
            0 => "no attestation was given for the artifact".to_string(),
            1 => "the one attestation given does not verify for the artifact".to_string(),
            count => format!("none of {count} attestations verifies for the artifact"),
        };
        // What could not be decided might have been the one.
        let undecided = all.iter().find(|judged| judged.report.verdict() == Verdict::Indeterminate);
        let code = undecided.and_then(|judged| judged.report.code()).unwrap_or(Code::PolicyNoAttestations);
        return Overall { code: Some(code), summary, missing: required.to_vec() };
    }
    let held = |wanted: &&String| {
        verified.iter().filter_map(|report| report.verified_statement()).any(|held| held.predicate_type() == *wanted)
    };
    let missing: Vec<String> = required.iter().filter(|wanted| !held(wanted)).cloned().collect();
    if missing.is_empty() {
        let summary = format!("{} of {} attestations verified", verified.len(), all.len());
        return Overall { code: None, summary, missing };
    }
    let summary = format!("no verified attestation has the required type {}", missing.join(", "));
    Overall { code: Some(Code::PolicyPredicateTypeMismatch), summary, missing }
}

fn document(artifact: &str, all: &[Judged], overall: &Overall, context: &Context) -> Value {
    Value::object([
        ("schema", Value::text("stella.artifact/1")),
        ("verdict", Value::text(overall.verdict().as_str())),
        ("code", Value::maybe(overall.code.map(Code::as_str))),
        ("summary", Value::text(&overall.summary)),
        ("at", Value::text(context.at.to_string())),
        ("artifact", Value::text(artifact)),
        ("missing_types", Value::texts(&overall.missing)),
        ("reports", Value::list(all.iter().map(|judged| Value::Raw(judged.report.to_json())))),
    ])
}

fn render(artifact: &str, all: &[Judged], overall: &Overall, context: &Context) -> String {
    let mut page = Page::new(context);
    match overall.verdict() {
        Verdict::Verified => page.start(Tone::Good, "VERIFIED"),
        Verdict::Rejected => page.start(Tone::Bad, "REJECTED"),
        Verdict::Indeterminate => page.start(Tone::Unsure, "INDETERMINATE"),
    }
    page.start(Tone::Plain, format!(" {}", verdict::short(artifact)));
    if let Some(code) = overall.code {
        page.start(Tone::Plain, format!("  error[{code}]: {}", overall.summary));
    }
    page.end();
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    if context.format == Format::Table {
        page.block(&table(all));
        return page.finish();
    }
    page.field("artifact", artifact);
    page.field("attestations", &overall.summary);
    for wanted in &overall.missing {
        page.field("missing type", wanted);
    }
    if let Some(code) = overall.code {
        page.field("reference", format!("stella explain {code} ({})", code.reference()));
    }
    for judged in all {
        page.block("\n");
        page.field("file", &judged.given);
        verdict::render(&mut page, &judged.report, &judged.given, context);
    }
    page.finish()
}

fn table(all: &[Judged]) -> String {
    let mut table = Table::new(&["attestation", "verdict", "code", "predicate type", "signer", "file"]);
    for Judged { given, report } in all {
        table.row([
            verdict::short(&report.attestation().to_string()),
            report.verdict().as_str(),
            code_of(report).map_or("", Code::as_str),
            report.verified_statement().map_or("", |statement| statement.predicate_type()),
            report.signer().identity().or(report.signer().key()).unwrap_or_default(),
            given,
        ]);
    }
    table.finish()
}
