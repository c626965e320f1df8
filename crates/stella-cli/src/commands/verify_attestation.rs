//! `stella verify attestation`, also `stella attest verify`.

use std::path::Path;

use stella_attest_verify::{Code, Registry, Report, Verdict, Verifier};

use crate::arguments::{AttestationArguments, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::document;
use crate::exit::Answer;
use crate::input::Inputs;
use crate::question::{Question, Subject};
use crate::render::{Page, verdict};

pub(crate) fn run(said: &AttestationArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let path = said.selector().map_or(Path::new("-"), |path| path.as_path());
    let mut question = Question::of(&said.signer, &said.trust, &inputs, context)?;
    for uri in &said.predicate_type {
        question.policy = question.policy.predicate_type(uri);
    }
    let attestation = document::read_one(path, &inputs)?;
    let subject = Subject::of(&said.artifact, &inputs)?;
    let verifier = Verifier::new(&Registry::rustcrypto(), &question.trust.snapshot, question.policy);
    let report = verifier.verify(&attestation, subject.binding(), context.at);
    subject.confirm_unchanged()?;

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

/// Why a report is no success: exactly the verdict `verified` has no code.
pub(crate) fn code_of(report: &Report) -> Option<Code> {
    match report.verdict() {
        Verdict::Verified => None,
        // A report without a cause did not judge anything, which is a defect.
        Verdict::Rejected | Verdict::Indeterminate => Some(report.code().unwrap_or(Code::InternalPanic)),
    }
}
