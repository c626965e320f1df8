//! `stella verify attestation`, also `stella attest verify`.

use std::path::Path;

use stella_attest_verify::{Report, Verifier};

use super::verify_artifact;
use crate::arguments::{AttestationArguments, Everywhere, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::images::ImageHere;
use crate::input::Inputs;
use crate::question::{Question, Subject};
use crate::record::{self, code_of};
use crate::render::{Page, verdict};
use crate::{memo, selector};

pub(crate) fn run(
    said: &AttestationArguments,
    everywhere: &Everywhere,
    context: &Context,
) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    let inputs = Inputs::default();
    let path = said.selector().map_or(Path::new("-"), |path| path.as_path());
    let mut question = Question::of(&said.signer, &said.trust, &inputs, context)?;
    for uri in &said.predicate_type {
        question.policy = question.policy.predicate_type(uri);
    }
    if let (None, Some(text)) = (said.selector(), &said.artifact.image) {
        let here = ImageHere::find(text)?;
        let judged = verify_artifact::judge_image(&here, None, question, &said.memo, context)?;
        return Ok(verify_artifact::answer_for_every(&here, &judged, context));
    }
    let mut chosen = selector::choose(path, &inputs, context)?;
    let subject = Subject::of(&said.artifact, &inputs)?;
    let memo = memo::for_store(chosen.store().map(|store| store.source()), 1, &said.memo, context);
    let verifier = Verifier::new(&memo.registry(), &question.trust.snapshot, question.policy);
    let (report, arrival) = chosen.judge(&verifier, &subject.binding(), context.at)?;
    subject.confirm_unchanged()?;
    memo.end(context);
    match chosen.store() {
        Some(store) => record::verification(store, &report, arrival.as_ref(), since, context),
        None => record::elsewhere(&report, since, context),
    }

    let text = match context.format {
        Format::Json | Format::Ndjson => report.to_json() + "\n",
        Format::Text | Format::Table => {
            let mut page = Page::new(context);
            render(&mut page, &report, &path.to_string_lossy(), context);
            if context.detail == Detail::Verbose {
                for source in &question.trust.sources {
                    page.field("trusted", source);
                }
            }
            if said.explain
                && context.detail != Detail::Quiet
                && let Some(code) = report.code()
            {
                let attestation = match (&arrival, chosen.store()) {
                    (Some(arrival), Some(store)) => selector::read(store, arrival)?,
                    _ => chosen.attestation().clone(),
                };
                let binding = subject.binding();
                super::doctor::explain(
                    &mut page,
                    &report,
                    &attestation,
                    &binding,
                    chosen.store(),
                    everywhere,
                    context,
                )?;
                page.block("\n");
                super::explain::render(&mut page, code, context.detail);
            }
            page.finish()
        }
    };
    Ok(Answer::judged(text, code_of(&report)))
}

fn render(page: &mut Page, report: &Report, given: &str, context: &Context) {
    if context.format == Format::Table && context.detail != Detail::Quiet {
        verdict::line(page, report);
        page.block(&verdict::table(report));
    } else {
        verdict::render(page, report, given, context);
    }
}
