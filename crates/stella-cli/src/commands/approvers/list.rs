//! `stella approvers list`.

use stella_attest_verify::{Digest, PublicKey};
use stella_crypto_providers::Scheme;
use stella_trust_store::ledger::{ApproverRecord, Object, ObjectKind, Record, Standing, TrustState};

use crate::arguments::Format;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::{Page, Table};
use crate::store::{Store, approvers_fingerprint};
use crate::trust_object::mode_text;

pub(crate) fn run(context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let state = store.state_at(context)?;
    let approvers: Vec<(&ApproverRecord, Standing)> = state
        .objects_of(ObjectKind::Approver)
        .filter_map(|object| match object {
            Object::Recorded(Record::Approver(approver), standing) => Some((approver, *standing)),
            _ => None,
        })
        .collect();
    Ok(Answer::done(match context.format {
        Format::Json => document(&state, &approvers).line(),
        Format::Ndjson => approvers.iter().map(|(approver, standing)| member(approver, *standing).line()).collect(),
        Format::Table => table(&approvers),
        Format::Text => page(&state, &approvers, context),
    }))
}

fn page(state: &TrustState, approvers: &[(&ApproverRecord, Standing)], context: &Context) -> String {
    let mut page = Page::new(context);
    if let Some(store) = state.store() {
        page.field("store", &store.id);
        page.field("mode", mode_text(store.mode));
        page.field("quorum", format!("{} of {}", store.quorum, persons(state)));
        page.field("fingerprint", approvers_fingerprint(state));
    }
    if approvers.is_empty() {
        page.line("nobody; enrol somebody with: stella approvers add PERSON --key FILE");
        return page.finish();
    }
    page.block(&table(approvers));
    page.finish()
}

/// How many distinct persons may approve.
fn persons(state: &TrustState) -> usize {
    let mut persons: Vec<&str> = state.approvers().map(|approver| approver.person.as_str()).collect();
    persons.sort_unstable();
    persons.dedup();
    persons.len()
}

fn table(approvers: &[(&ApproverRecord, Standing)]) -> String {
    let mut table = Table::new(&["id", "person", "key id", "algorithm", "status"]);
    for (approver, standing) in approvers {
        table.row([
            approver.id.as_str(),
            approver.person.as_str(),
            &Digest::sha256(&approver.key).to_string(),
            algorithm(approver).unwrap_or_default(),
            standing.name(),
        ]);
    }
    table.finish()
}

fn algorithm(approver: &ApproverRecord) -> Option<&'static str> {
    PublicKey::from_spki_der(&approver.key).ok().map(|key| Scheme::for_key(&key).name())
}

fn member(approver: &ApproverRecord, standing: Standing) -> Value {
    Value::object([
        ("id", Value::text(approver.id.to_string())),
        ("person", Value::text(approver.person.to_string())),
        ("key_id", Value::text(Digest::sha256(&approver.key).to_string())),
        ("algorithm", Value::maybe(algorithm(approver))),
        ("status", Value::text(standing.name())),
    ])
}

fn document(state: &TrustState, approvers: &[(&ApproverRecord, Standing)]) -> Value {
    let store = state.store();
    Value::object([
        ("schema", Value::text("stella.approvers/1")),
        ("store", Value::maybe(store.map(|store| store.id.to_string()))),
        ("mode", Value::text(state.mode().name())),
        ("quorum", store.map_or(Value::Null, |store| Value::Number(store.quorum.into()))),
        ("persons", Value::count(persons(state))),
        ("fingerprint", Value::text(approvers_fingerprint(state))),
        ("approvers", Value::list(approvers.iter().map(|(approver, standing)| member(approver, *standing)))),
    ])
}
