//! `stella trust-anchors show`.

use stella_trust_store::ledger::{Action, Entry, More, ObjectRef};

use crate::arguments::{Format, ShowAnchorArguments};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;
use crate::store::{Store, resolve};
use crate::trust_object::{ANCHOR_KINDS, TrustObject};

pub(crate) fn run(said: &ShowAnchorArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let state = store.effective_at(context)?;
    let object = resolve(&state, &ANCHOR_KINDS, &said.id)?;
    let history = history(&store, &object, state.size())?;
    let shown = TrustObject::find(&state, &object, context.at);
    if matches!(context.format, Format::Json | Format::Ndjson) {
        let history = history.iter().map(|entry| {
            Value::object([
                ("sequence", Value::Number(i64::try_from(entry.sequence).unwrap_or(i64::MAX))),
                ("at", Value::text(entry.at.to_string())),
                ("action", Value::text(entry.action_name())),
                ("person", Value::text(entry.actor.person.to_string())),
                ("reason", Value::text(&entry.reason)),
                ("request", Value::maybe(entry.request.as_ref().map(ToString::to_string))),
                ("mode", Value::text(entry.mode.name())),
            ])
        });
        let document = Value::object([
            ("schema", Value::text("stella.trust-anchor/1")),
            ("trust_anchor", shown.map_or(Value::Null, |shown| shown.json())),
            ("history", Value::list(history)),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    if let Some(shown) = shown {
        shown.describe(&mut page);
    }
    for entry in &history {
        let request = entry.request.as_ref().map(|request| format!(", request {request}")).unwrap_or_default();
        let (at, action, person) = (entry.at, entry.action_name(), &entry.actor.person);
        page.field(
            &format!("entry {}", entry.sequence),
            format!("{at} {action} by {person}{request}: {}", entry.reason),
        );
    }
    Ok(Answer::done(page.finish()))
}

/// The entries that changed an object, up to a size of the log.
fn history(store: &Store, object: &ObjectRef, size: u64) -> Result<Vec<Entry>, Complaint> {
    let mut history = Vec::new();
    store.ledger().entries(0, |entry| {
        if entry.sequence >= size {
            return Ok(More::Enough);
        }
        let change = match &entry.action {
            Action::Changed(change) | Action::EmergencyBegan { change, .. } => Some(change),
            _ => None,
        };
        if change.and_then(|change| change.object()).as_ref() == Some(object) {
            history.push(entry.clone());
        }
        Ok(More::Next)
    })?;
    Ok(history)
}
