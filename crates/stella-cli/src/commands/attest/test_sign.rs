//! `stella attest test-sign`: a statement signed and verified by the whole path, and kept nowhere.

use stella_attest_model::{NewStatement, NewSubject};
use stella_attest_store::{EventKind, Level};
use stella_attest_verify::{Digest, Limits, Report, Verdict};
use stella_vocabulary::Code;

use super::create::Kind;
use super::made;
use crate::arguments::TestSignArguments;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::record::{self, code_of};
use crate::render::page::Tone;
use crate::render::{Page, remedy};
use crate::signatory::{self, Signatory};

/// What the statement is about.
const ARTIFACT: &[u8] = b"stella attest test-sign\n";

pub(super) fn run(said: &TestSignArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    made::or_journaled(test(said, since, context), since, context)
}

fn test(said: &TestSignArguments, since: Ticks, context: &Context) -> Result<Answer, Complaint> {
    made::refuse_instants(context)?;
    let kind = Kind::of(&said.kind, context)?;
    let signatory = Signatory::of(&said.key, context)?;
    let statement = NewStatement {
        subjects: vec![NewSubject {
            name: Some("stella attest test-sign".to_string()),
            digests: vec![Digest::sha256(ARTIFACT)],
        }],
        predicate_type: kind.uri,
        predicate: r#"{"result":"PASSED","configuration":[]}"#.to_string(),
    };
    let payload =
        statement.to_payload(&Limits::default()).map_err(|error| Complaint::of(&error, "the test statement"))?;
    let signed = signatory.sign(NewStatement::PAYLOAD_TYPE, &payload, context)?;
    let here = signatory::judged_here(&signed.attestation, context)?;
    let refused = here.as_ref().filter(|report| report.verdict() != Verdict::Verified);
    let took = since.microseconds();
    if let Some(mut store) = record::store(context) {
        let name = signatory.name();
        let event = journal::event(EventKind::Signing, format!("a test signature by {name} verifies"), context.now);
        let event = event.took(took).detail("key", signatory.key().key_id().to_string());
        store.journal(
            match refused {
                None => event,
                Some(report) => {
                    let code = code_of(report).unwrap_or(Code::InternalPanic);
                    let summary = format!("a test signature by {name} is good, and does not verify here");
                    journal::event(EventKind::Signing, summary, context.now)
                        .because(Level::Error, code)
                        .took(took)
                        .detail("key", signatory.key().key_id().to_string())
                }
            },
            context,
        );
    }
    let text = match context.format.is_json() {
        true => document(&signatory, here.as_ref(), took).line(),
        false => page(&signatory, here.as_ref(), took, context),
    };
    Ok(Answer::judged(text, refused.and_then(code_of)))
}

fn page(by: &Signatory, here: Option<&Report>, took: u64, context: &Context) -> String {
    let mut page = Page::new(context);
    let refused = here.filter(|report| report.verdict() != Verdict::Verified);
    match refused {
        None => page.toned(Tone::Good, format!("SIGNED AND VERIFIED by {}", by.name())),
        Some(report) => {
            let code = code_of(report).map_or("internal.panic", Code::as_str);
            page.toned(Tone::Bad, format!("SIGNED, NOT VERIFIED HERE by {}  error[{code}]", by.name()));
        }
    }
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("key", by.key().key_id());
    page.field("algorithm", by.scheme().name());
    page.field("signature", "good: it was made, and verifies with the public half of the key");
    match here {
        Some(report) => page.field("verifies here", made::here(report)),
        None => page.field("verifies here", "not judged: there is no trust store"),
    }
    page.field("took", format!("{}.{:03} s", took / 1_000_000, took / 1000 % 1000));
    page.field("kept", "nothing");
    if let Some(report) = refused
        && let Some(mends) = report.remedy()
    {
        if report.code() == Some(Code::DsseKeyUnknown) {
            page.field("remedy", "let this home trust the key for as long as it is meant to sign");
            page.line(format!("  stella keys show {0} --public > {0}.pub", by.name()));
            page.line(format!("  stella trust-anchors add-key --key {0}.pub --name {0} --expires TIME", by.name()));
        } else {
            let id = report.attestation().to_string();
            remedy::render(&mut page, mends, report.code(), &id, "ID");
        }
    }
    page.finish()
}

fn document(by: &Signatory, here: Option<&Report>, took: u64) -> Value {
    Value::object([
        ("schema", Value::text("stella.test-signature/1")),
        ("code", Value::maybe(here.and_then(code_of).map(Code::as_str))),
        ("signer", made::signer(by)),
        ("signature", Value::text("good")),
        (
            "verifies_here",
            here.map_or(Value::Null, |report| {
                Value::object([
                    ("verdict", Value::text(report.verdict().as_str())),
                    ("code", Value::maybe(code_of(report).map(Code::as_str))),
                    ("why", Value::maybe(report.cause().and_then(|cause| cause.summary()))),
                ])
            }),
        ),
        ("microseconds", Value::number(took)),
    ])
}
