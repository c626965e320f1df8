//! `stella verify artifact`.

use std::collections::BTreeMap;

use stella_attest_store::{Arrival, Filter};
use stella_attest_verify::{Attestation, Code, Report, Verdict, Verifier};
use stella_oci::LeftOut;
use stella_vocabulary::Reason as _;

use crate::arguments::{ArtifactArguments, Format, MemoOptions};
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::images::{ImageHere, left_out_json, left_out_text};
use crate::input::{Inputs, name_of};
use crate::json::Value;
use crate::question::{Question, Subject};
use crate::record::{self, code_of};
use crate::render::page::Tone;
use crate::render::{Page, Table, verdict};
use crate::{memo, selector};

/// Most attestations that one command judges, and most documents of them in a store: their reports are kept until all are judged.
const MOST: usize = 10_000;

/// A report, and the file that its attestation came from.
struct Judged {
    given: String,
    report: Report,
    /// What it was kept as.
    arrival: Option<Arrival>,
    /// Microseconds.
    took: u64,
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
    if let Some(text) = &said.artifact.image {
        return of_image(said, text, context);
    }
    if said.artifact.artifact.is_none() && said.artifact.digest.is_none() {
        return Err(Complaint::new(Code::UsageConflict, "this command is about an artifact, and none was given")
            .place("the command line")
            .expected("--artifact FILE, --digest DIGEST or --image DIR")
            .remedy("stella verify artifact --help"));
    }
    let question = Question::of(&said.signer, &said.trust, &inputs, context)?;
    let kept = if said.attestation.is_empty() { Attestations::find(context)? } else { None };
    let memo = memo::for_store(kept.as_ref().map(Attestations::source), 1, &said.memo, context);
    let verifier = Verifier::new(&memo.registry(), &question.trust.snapshot, question.policy);
    let all = if said.attestation.is_empty() {
        let subject = Subject::of(&said.artifact, &inputs)?;
        let all = judge_kept(kept, &subject, &verifier, context)?;
        (all, subject)
    } else {
        let attestations = gather(said, &inputs, context)?;
        let subject = Subject::of(&said.artifact, &inputs)?;
        let all = judge_given(attestations, &subject, &verifier, context)?;
        (all, subject)
    };
    let (all, subject) = all;
    memo.end(context);

    let overall = judge(&all, &said.require);
    Ok(answer(&subject.name().unwrap_or_default(), &all, &overall, &[], context))
}

/// The artifact is an image in a layout; its attestations are those that are attached to it there, unless others are given.
fn of_image(said: &ArtifactArguments, text: &str, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let question = Question::of(&said.signer, &said.trust, &inputs, context)?;
    let here = ImageHere::find(text)?;
    let given = if said.attestation.is_empty() { None } else { Some(gather(said, &inputs, context)?) };
    let judged = judge_image(&here, given, question, &said.memo, context)?;
    let overall = judge(&judged.all, &said.require);
    Ok(answer(&here.image().digest().to_string(), &judged.all, &overall, &judged.left_out, context))
}

/// What became of the attestations of an image.
pub(super) struct JudgedImage {
    all: Vec<Judged>,
    left_out: Vec<LeftOut>,
}

/// Judges the attestations that are attached to an image, or those given in their place.
pub(super) fn judge_image(
    here: &ImageHere,
    given: Option<Vec<(String, Attestation)>>,
    question: Question,
    options: &MemoOptions,
    context: &Context,
) -> Result<JudgedImage, Complaint> {
    let (attestations, left_out) = match given {
        Some(given) => (given, Vec::new()),
        None => {
            let attached = here.attached()?;
            let mut all = BTreeMap::new();
            for found in attached.attestations() {
                let attestation = found.attestation();
                let name = format!("{} ({})", found.blob(), found.how().as_str());
                all.entry((attestation.id(), attestation.source_digest())).or_insert((name, attestation.clone()));
            }
            (all.into_values().collect(), attached.left_out().to_vec())
        }
    };
    let kept = record::store(context);
    let memo = memo::for_store(kept.as_ref().map(Attestations::source), 1, options, context);
    let verifier = Verifier::new(&memo.registry(), &question.trust.snapshot, question.policy);
    let all = judge_given(attestations, &Subject::of_image(here.image()), &verifier, context);
    memo.end(context);
    Ok(JudgedImage { all: all?, left_out })
}

/// The answer to whether every attestation of an image is good: there is one, each one verifies, and none is damaged.
pub(super) fn answer_for_every(here: &ImageHere, judged: &JudgedImage, context: &Context) -> Answer {
    let JudgedImage { all, left_out } = judged;
    let bad = all.iter().find_map(|judged| code_of(&judged.report));
    let broken = left_out.iter().find(|one| one.is_broken()).map(|one| one.why().code());
    let verified = all.iter().filter(|judged| judged.report.verdict() == Verdict::Verified).count();
    let (code, summary) = match (all.len(), bad.or(broken)) {
        (0, None) => (Some(Code::PolicyNoAttestations), "no attestation is attached to the image".to_string()),
        (count, code) => (code, format!("{verified} of {count} attestations verified")),
    };
    let overall = Overall { code, summary, missing: Vec::new() };
    answer(&here.image().digest().to_string(), all, &overall, left_out, context)
}

fn answer(name: &str, all: &[Judged], overall: &Overall, left_out: &[LeftOut], context: &Context) -> Answer {
    let text = match context.format {
        Format::Json => document(name, all, overall, left_out, context).line(),
        Format::Ndjson => {
            let lines = all.iter().map(|judged| judged.report.to_json() + "\n");
            lines.chain([document(name, &[], overall, left_out, context).line()]).collect()
        }
        Format::Text | Format::Table => render(name, all, overall, left_out, context),
    };
    Answer::judged(text, overall.code)
}

/// The attestations of all files, in the order of their ids. One in two files, or on two lines, is one attestation.
fn gather(
    said: &ArtifactArguments,
    inputs: &Inputs,
    context: &Context,
) -> Result<Vec<(String, Attestation)>, Complaint> {
    let mut all = BTreeMap::new();
    for path in &said.attestation {
        for attestation in selector::all_of(path, inputs, context)? {
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

fn judge_given(
    attestations: Vec<(String, Attestation)>,
    subject: &Subject,
    verifier: &Verifier,
    context: &Context,
) -> Result<Vec<Judged>, Complaint> {
    let judge = |(given, attestation): (String, Attestation)| {
        let since = Ticks::new();
        let report = verifier.verify(&attestation, subject.binding(), context.at);
        Judged { given, report, arrival: None, took: since.microseconds() }
    };
    let all: Vec<Judged> = attestations.into_iter().map(judge).collect();
    // Before anything is written down that would be about something else.
    subject.confirm_unchanged()?;
    if let Some(mut store) = record::store(context) {
        write_down(&mut store, &all, context);
    }
    Ok(all)
}

/// Every attestation of the store that is about the artifact, each by the document that came furthest.
fn judge_kept(
    store: Option<Attestations>,
    subject: &Subject,
    verifier: &Verifier,
    context: &Context,
) -> Result<Vec<Judged>, Complaint> {
    let Some(mut store) = store else {
        subject.confirm_unchanged()?;
        return Ok(Vec::new());
    };
    let (mut known, mut documents) = (BTreeMap::new(), 0);
    for digest in subject.digests() {
        let filter = Filter { subject: Some(digest), ..Filter::default() };
        let found = store.store().find(&filter, 0, MOST + 1)?;
        // Of one attestation there may be any number of documents, and behind those that were found may be the one that counts.
        documents += found.len();
        if documents > MOST {
            return Err(Complaint::new(Code::InputTooLarge, "these are too many attestations for one command")
                .found(format!("more than {MOST} documents in the store about this artifact"))
                .expected(format!("at most {MOST}"))
                .remedy("stella verify all --subject DIGEST"));
        }
        for arrival in found {
            known.entry(arrival.attestation).or_insert_with(BTreeMap::new).insert(arrival.sequence, arrival);
        }
    }
    let mut all = Vec::new();
    for (id, arrivals) in known {
        let since = Ticks::new();
        let mut best: Option<(Report, Arrival)> = None;
        for arrival in arrivals.into_values() {
            let attestation = selector::read(&mut store, &arrival)?;
            let report = verifier.verify(&attestation, subject.binding(), context.at);
            let verified = report.verdict() == Verdict::Verified;
            if best.as_ref().is_none_or(|(best, _)| selector::came(&report) > selector::came(best)) {
                best = Some((report, arrival));
            }
            if verified {
                break;
            }
        }
        if let Some((report, arrival)) = best {
            all.push(Judged { given: id.to_string(), report, arrival: Some(arrival), took: since.microseconds() });
        }
    }
    // Before anything is written down that would be about something else.
    subject.confirm_unchanged()?;
    write_down(&mut store, &all, context);
    Ok(all)
}

fn write_down(store: &mut Attestations, all: &[Judged], context: &Context) {
    record::verifications(store, all.iter().map(|one| (&one.report, one.arrival.as_ref(), one.took)), context);
}

/// Verified only if at least one attestation is, and each required type is among those that are.
fn judge(all: &[Judged], required: &[String]) -> Overall {
    let verified: Vec<&Report> =
        all.iter().map(|judged| &judged.report).filter(|report| report.verdict() == Verdict::Verified).collect();
    if verified.is_empty() {
        let summary = match all.len() {
            0 => "there is no attestation of the artifact".to_string(),
            1 => "the one attestation does not verify for the artifact".to_string(),
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

fn document(artifact: &str, all: &[Judged], overall: &Overall, left_out: &[LeftOut], context: &Context) -> Value {
    Value::object([
        ("schema", Value::text("stella.artifact/1")),
        ("verdict", Value::text(overall.verdict().as_str())),
        ("code", Value::maybe(overall.code.map(Code::as_str))),
        ("summary", Value::text(&overall.summary)),
        ("at", Value::text(context.at.to_string())),
        ("artifact", Value::text(artifact)),
        ("missing_types", Value::texts(&overall.missing)),
        ("reports", Value::list(all.iter().map(|judged| Value::Raw(judged.report.to_json())))),
        ("left_out", Value::list(left_out.iter().map(left_out_json))),
    ])
}

fn render(artifact: &str, all: &[Judged], overall: &Overall, left_out: &[LeftOut], context: &Context) -> String {
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
    if all.is_empty() && overall.code == Some(Code::PolicyNoAttestations) {
        page.field("remedy", "take in what says something about it, or give it here; what is kept: stella attest list");
        let subject: &[&str] = if artifact.is_empty() { &["--artifact", "FILE"] } else { &["--digest", artifact] };
        page.line("  stella attest import FILE");
        let words = [&["stella", "verify", "artifact"], subject, &["--attestation", "FILE"]].concat();
        page.line(format!("  {}", crate::render::remedy::shell_line(&words)));
    }
    if let Some(code) = overall.code {
        page.field("reference", format!("stella explain {code} ({})", code.reference()));
    }
    for one in left_out {
        page.field("left out", left_out_text(one));
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
    for Judged { given, report, .. } in all {
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
