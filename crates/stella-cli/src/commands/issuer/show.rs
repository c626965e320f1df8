//! `stella issuer show`.

use super::view::{View, entry_json, entry_text, history};
use crate::arguments::ShowIssuerArguments;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;
use crate::store::{Store, resolve};
use stella_trust_store::ledger::ObjectKind;

pub(super) fn run(said: &ShowIssuerArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let state = store.state_at(context)?;
    let id = resolve(&state, &[ObjectKind::Issuer], &said.id)?.id;
    let history = history(store.ledger(), &id, state.size())?;
    let view = View::require(&state, &id, context.at)?;
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.issuer/1")),
            ("issuer", Value::Object(view.members())),
            ("history", Value::list(history.iter().map(entry_json))),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    view.describe(&mut page);
    for request in view.waiting() {
        page.field("waiting", format!("request {}: stella approvals show {0}", request.id()));
    }
    if context.detail != Detail::Quiet {
        for entry in &history {
            page.field(&format!("entry {}", entry.sequence), entry_text(entry));
        }
    }
    Ok(Answer::done(page.finish()))
}
