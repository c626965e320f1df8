//! `stella store end-emergency`.

use stella_trust_store::ledger::ObjectKind;

use crate::arguments::EndEmergencyArguments;
use crate::change::{checkpoint_text, head_json};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;
use crate::store::Store;

pub(crate) fn run(said: &EndEmergencyArguments, context: &Context) -> Result<Answer, Complaint> {
    let mut store = Store::require(context)?;
    let emergency =
        store.resolve(&[ObjectKind::Emergency], &said.id).map_err(|complaint| complaint.remedy("stella trust log"))?;
    let occasion = store.occasion(said.reason.as_deref());
    let committed = store.ledger_mut()?.end_emergency(&emergency.id, &occasion)?;
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.change/1")),
            ("action", Value::text("emergency.end")),
            (
                "objects",
                Value::list([Value::object([
                    ("kind", Value::text(emergency.kind.name())),
                    ("id", Value::text(emergency.id.to_string())),
                ])]),
            ),
            ("first", Value::Number(i64::try_from(committed.first).unwrap_or(i64::MAX))),
            ("last", Value::Number(i64::try_from(committed.sequence()).unwrap_or(i64::MAX))),
            ("head", head_json(&committed)),
            ("checkpoint", Value::text(&committed.checkpoint)),
            ("mode", Value::text(store.state().mode().name())),
            ("approved_by", Value::list([])),
            ("warnings", Value::list([])),
            ("undo", Value::list([])),
        ]);
        return Ok(Answer::done(document.line()).made(Some(committed.sequence())));
    }
    let mut page = Page::new(context);
    page.field("ended", &emergency);
    page.field("entry", committed.sequence());
    page.field("checkpoint", checkpoint_text(&committed));
    page.field("approved by", format!("{} alone (one person may do this)", occasion.actor.person));
    Ok(Answer::done(page.finish()).made(Some(committed.sequence())))
}
