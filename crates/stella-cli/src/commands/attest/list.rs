//! `stella attest list`.

use stella_attest_store::{Arrival, Documents, Filter};
use stella_vocabulary::hex;

use crate::arguments::{Format, ListAttestationsArguments};
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::json::Value;
use crate::render::{Table, verdict};
use crate::which;

pub(super) fn run(said: &ListAttestationsArguments, context: &Context) -> Result<Answer, Complaint> {
    let documents = if said.documents { Documents::All } else { Documents::First };
    let filter = Filter {
        identity: said.signer.clone(),
        issuer: said.issuer.clone(),
        key: said.key.clone(),
        ..which::filter(&said.which, documents, &Inputs::default())?
    };
    let mut store = Attestations::require(context)?;
    let limit = usize::try_from(said.limit).unwrap_or(usize::MAX);
    let mut found = store.store().find(&filter, said.after, limit.saturating_add(1))?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|arrival| arrival.sequence);
    Ok(Answer::done(match context.format {
        Format::Json => document(&found, next).line(),
        Format::Ndjson => found.iter().map(|arrival| arrival_json(arrival).line()).collect(),
        Format::Text | Format::Table => table(&found, next, context),
    }))
}

fn table(found: &[Arrival], next: Option<u64>, context: &Context) -> String {
    let mut table = Table::new(&["arrival", "at", "attestation", "form", "predicate type", "signer (UNVERIFIED)"]);
    for arrival in found {
        let id = arrival.attestation.to_string();
        let id = if context.detail == Detail::Verbose { id.as_str() } else { verdict::short(&id) };
        table.row([
            arrival.sequence.to_string().as_str(),
            &arrival.at.to_string(),
            id,
            arrival.form.as_str(),
            arrival.predicate_type.as_deref().unwrap_or_default(),
            arrival.identity.as_deref().unwrap_or_default(),
        ]);
    }
    let mut text = table.finish();
    if let Some(next) = next
        && context.detail != Detail::Quiet
    {
        text.push_str(&format!("more: stella attest list --after {next}, with the same options\n"));
    }
    text
}

fn document(found: &[Arrival], next: Option<u64>) -> Value {
    Value::object([
        ("schema", Value::text("stella.attestations/1")),
        ("status", Value::text("unverified")),
        ("attestations", Value::list(found.iter().map(members).map(Value::Object))),
        ("next_after", next.map_or(Value::Null, Value::number)),
    ])
}

fn arrival_json(arrival: &Arrival) -> Value {
    let head = [("schema", Value::text("stella.arrival/1")), ("status", Value::text("unverified"))];
    Value::object(head.into_iter().chain(members(arrival)))
}

/// An arrival, as lists and `attest show` print it.
pub(super) fn members(arrival: &Arrival) -> Vec<(&'static str, Value)> {
    vec![
        ("arrival", Value::number(arrival.sequence)),
        ("at", Value::text(arrival.at.to_string())),
        ("attestation", Value::text(arrival.attestation.to_string())),
        ("document", Value::text(format!("sha256:{}", hex::encode(&arrival.document)))),
        ("form", Value::text(arrival.form.as_str())),
        ("bytes", Value::number(arrival.length)),
        ("first", Value::Bool(arrival.first)),
        ("predicate_type", Value::maybe(arrival.predicate_type.as_deref())),
        ("signer", Value::maybe(arrival.identity.as_deref())),
        ("issuer", Value::maybe(arrival.issuer.as_deref())),
    ]
}
