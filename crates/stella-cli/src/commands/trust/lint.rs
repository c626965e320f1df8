//! `stella trust lint`.

use stella_attest_verify::{Policy, Registry, Verifier};
use stella_trust_store::lint::{Severity, SignedAt, Surroundings, lint};
use stella_vocabulary::hex;

use crate::arguments::{Format, LintArguments};
use crate::cases::Cases;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::findings;
use crate::input::Inputs;
use crate::json::Value;
use crate::preview;
use crate::render::{Page, Table};
use crate::store::Store;

pub(crate) fn run(said: &LintArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let state = store.state_at(context)?;
    let cases = Cases::read(&said.attestation, &Inputs::default(), context)?;
    let (attestations, timeless) = signed(&store, &cases, context)?;
    let public = preview::built_in()?;
    let surroundings = Surroundings { attestations: &attestations, public: &public };
    let findings = lint(&state, context.at, &surroundings);
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts = [Severity::Fail, Severity::Warn, Severity::Info].map(|severity| (severity.as_str(), count(severity)));

    let text = match context.format {
        Format::Ndjson => findings.iter().map(|finding| findings::json(finding).line()).collect(),
        Format::Json => Value::object([
            ("schema", Value::text("stella.trust-lint/1")),
            ("at", Value::text(context.at.to_string())),
            ("store", Value::maybe(store.id().map(ToString::to_string))),
            ("counts", Value::object(counts.map(|(name, count)| (name, Value::count(count))))),
            (
                "attestations",
                Value::object([
                    ("with_time", Value::count(attestations.len())),
                    ("without_time", Value::count(timeless)),
                ]),
            ),
            ("findings", Value::list(findings.iter().map(findings::json))),
        ])
        .line(),
        Format::Table => {
            let mut table = Table::new(&["severity", "rule", "object", "finding"]);
            for finding in &findings {
                let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
                table.row([finding.severity.as_str(), finding.rule.as_str(), &object, &finding.summary]);
            }
            table.finish()
        }
        Format::Text => {
            let mut page = Page::new(context);
            for finding in &findings {
                findings::render(&mut page, finding, context);
            }
            if timeless > 0 {
                page.field(
                    "note",
                    format!("{timeless} of the attestations have no trusted time and fall into no window"),
                );
            }
            page.field("findings", counts.map(|(name, count)| format!("{count} {name}")).join(", "));
            page.finish()
        }
    };
    Ok(Answer { status: u8::from(count(Severity::Fail) > 0), ..Answer::done(text) })
}

/// When and by which key attestations were signed, as far as somebody trusted says so; and how many have no such time.
fn signed(store: &Store, cases: &Cases, context: &Context) -> Result<(Vec<SignedAt>, usize), Complaint> {
    let trust = store.snapshot(context)?;
    let verifier = Verifier::new(&Registry::rustcrypto(), &trust, Policy::danger_any_signer());
    let (mut signed, mut timeless) = (Vec::new(), 0);
    for case in cases.iter() {
        let report = verifier.verify(&case.attestation, &case.binding, context.at);
        let key = report.signer().key().and_then(|key| hex::decode(key.strip_prefix("sha256:")?)?.try_into().ok());
        match (report.trusted_times(), key) {
            ([], _) => timeless += 1,
            (times, Some(key)) => signed.extend(times.iter().map(|time| SignedAt { at: time.time(), key })),
            // Whose key it is, nobody knows.
            (_, None) => {}
        }
    }
    Ok((signed, timeless))
}
