//! `stella approvals list`.

use super::view::{self, View};
use crate::arguments::{Format, ListApprovalsArguments};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::{Page, Table};
use crate::store::Store;

pub(crate) fn run(said: &ListApprovalsArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = super::open(context)?;
    let mut shown = Vec::new();
    for id in view::all(store.state()) {
        let view = View::of(store.ledger(), &id, context.at)?;
        if said.all || view.is_waiting() {
            shown.push(view);
        }
    }
    Ok(Answer::done(match context.format {
        Format::Json => document(&store, &shown, context).line(),
        Format::Ndjson => shown.iter().map(|view| Value::Object(view.members()).line()).collect(),
        Format::Table => table(&shown),
        Format::Text => page(said, &store, &shown, context),
    }))
}

fn page(said: &ListApprovalsArguments, store: &Store, shown: &[View<'_>], context: &Context) -> String {
    let mut page = Page::new(context);
    if !shown.is_empty() {
        page.block(&table(shown));
    } else if said.all {
        page.line("no change was ever requested");
    } else {
        page.line("nothing waits for approval; what is over: stella approvals list --all");
    }
    for emergency in store.state().emergencies(context.at) {
        let what = emergency.change.object().map_or_else(|| "the store".to_string(), |object| object.to_string());
        let (id, until) = (&emergency.id, emergency.until);
        page.field(
            "emergency",
            format!("{id}: {} {what} by {}, until {until}", emergency.change.action(), emergency.person),
        );
    }
    page.finish()
}

fn table(shown: &[View<'_>]) -> String {
    let mut table = Table::new(&["request", "state", "action", "object", "requester", "agreed", "expires", "reason"]);
    for view in shown {
        table.row([
            view.open.id().as_str(),
            view.state_name(),
            &view.asked.change.action(),
            &view.subject(),
            view.open.requester().as_str(),
            &format!("{} of {}", view.have, view.need),
            &view.open.expires().to_string(),
            &view.asked.reason,
        ]);
    }
    table.finish()
}

fn document(store: &Store, shown: &[View<'_>], context: &Context) -> Value {
    let emergencies = store.state().emergencies(context.at).map(|emergency| {
        Value::object([
            ("id", Value::text(emergency.id.to_string())),
            ("action", Value::text(emergency.change.action())),
            ("object", Value::maybe(emergency.change.object().map(|object| object.to_string()))),
            ("person", Value::text(emergency.person.to_string())),
            ("until", Value::text(emergency.until.to_string())),
        ])
    });
    Value::object([
        ("schema", Value::text("stella.approvals/1")),
        ("store", Value::maybe(store.id().map(ToString::to_string))),
        ("at", Value::text(context.at.to_string())),
        ("requests", Value::list(shown.iter().map(|view| Value::Object(view.members())))),
        ("emergencies", Value::list(emergencies)),
    ])
}
