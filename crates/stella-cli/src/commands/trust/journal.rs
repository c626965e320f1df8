//! Changes of trust in the journal: an event for each entry that this run has written.

use stella_attest_store::{EventKind, NewEvent};
use stella_trust_store::ledger::{Entry, More, ObjectRef};

use super::entry::About;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::journal::{self, Telling as _};
use crate::store::Store;

/// Writes the entries of this run into the journal, if there is one. What keeps it from being written is a warning: the changes are made.
pub(crate) fn journal_changes(context: &Context) {
    if let Err(complaint) = written(context) {
        context.warn(&complaint);
    }
}

fn written(context: &Context) -> Result<(), Complaint> {
    let from = context.changed_from().get().unwrap_or(0);
    let Some(mut attestations) = Attestations::find(context)? else { return Ok(()) };
    let Some(store) = Store::find(context)? else { return Ok(()) };
    let (mut about, mut events) = (About::default(), Vec::new());
    // Approvals name their request, which may be an entry long before.
    store.ledger().entries(0, |entry| {
        let object = about.object(entry);
        if entry.sequence >= from {
            events.push(event(entry, object.as_ref(), context));
        }
        Ok(More::Next)
    })?;
    attestations.journal_all(&events, context);
    Ok(())
}

fn event(entry: &Entry, object: Option<&ObjectRef>, context: &Context) -> NewEvent {
    let object = object.map(|object| format!("{}/{}", object.kind.name(), object.id));
    let action = entry.action_name();
    let what = object.as_deref().unwrap_or("the store");
    let summary = format!("{action} {what} by {}: {}", entry.actor.person, entry.reason);
    let event = journal::event(EventKind::TrustChange, summary, context.now)
        .detail("action", action)
        .detail("entry", entry.sequence.to_string())
        .detail("person", entry.actor.person.to_string())
        .detail("reason", &entry.reason);
    let event = object.iter().fold(event, |event, object| event.detail("object", object));
    entry.request.iter().fold(event, |event, request| event.detail("request", request.to_string()))
}
