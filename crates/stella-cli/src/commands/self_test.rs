//! `stella self-test`.

use std::sync::Arc;

use stella_attest_verify::Registry;
use stella_crypto_providers::kit::{self, Examination, SchemeExamination};
use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;
use crate::token_provider;

pub(crate) fn run(context: &Context) -> Result<Answer, Complaint> {
    let mut examinations: Vec<Examination> =
        Registry::rustcrypto().providers().iter().map(|provider| kit::examine(Arc::clone(provider))).collect();
    // A module that the settings name and that is not there is no provider that passes.
    if let Some(examined) = token_provider::examined(context)? {
        examinations.push(examined?.1);
    }
    let passed = !examinations.is_empty() && examinations.iter().all(Examination::passed);
    let text = if context.format.is_json() {
        Value::object([
            ("schema", Value::text("stella.self-test/1")),
            ("passed", Value::Bool(passed)),
            ("providers", Value::list(examinations.iter().map(document))),
        ])
        .line()
    } else {
        page(&examinations, context)
    };
    Ok(Answer::judged(text, (!passed).then_some(Code::CryptoProviderFailed)))
}

fn page(examinations: &[Examination], context: &Context) -> String {
    let mut page = Page::new(context);
    for examination in examinations {
        let outcome = if examination.passed() { "passed" } else { "FAILED: do not rely on it" };
        page.field("provider", format!("{} {}, {outcome}", examination.provider(), examination.version()));
        for scheme in examination.schemes().iter().filter(|_| context.detail != Detail::Quiet) {
            let outcome = if scheme.passed() { "as published" } else { "NOT as published" };
            let (accepted, refused) = (scheme.accepted(), scheme.refused());
            page.field(scheme.scheme().name(), format!("{outcome}, {accepted} accepted and {refused} refused"));
        }
        for finding in examination.findings() {
            page.field("finding", finding.to_string());
        }
    }
    page.finish()
}

fn document(examination: &Examination) -> Value {
    Value::object([
        ("name", Value::text(examination.provider())),
        ("version", Value::text(examination.version())),
        ("passed", Value::Bool(examination.passed())),
        ("algorithms", Value::list(examination.schemes().iter().map(of_scheme))),
        ("findings", Value::texts(examination.findings().map(ToString::to_string))),
    ])
}

fn of_scheme(scheme: &SchemeExamination) -> Value {
    Value::object([
        ("name", Value::text(scheme.scheme().name())),
        ("passed", Value::Bool(scheme.passed())),
        ("accepted", Value::count(scheme.accepted())),
        ("refused", Value::count(scheme.refused())),
    ])
}
