//! `stella issuer keys list` and `stella issuer keys discard`.

use stella_trust_store::ledger::ObjectKind;

use super::resolve as resolve_issuer;
use super::view::View;
use crate::arguments::{DiscardKeysArguments, Format, ShowIssuerArguments};
use crate::change::checkpoint_text;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::{Page, Table};
use crate::store::{Store, resolve};
use crate::trust_object::{TrustObject, window_text};

pub(super) fn run(said: &ShowIssuerArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let state = store.state_at(context)?;
    let id = resolve(&state, &[ObjectKind::Issuer], &said.id)?.id;
    let view = View::require(&state, &id, context.at)?;
    let text = match context.format {
        Format::Json | Format::Ndjson => Value::object([
            ("schema", Value::text("stella.issuer-keys/1")),
            ("issuer", Value::text(id.to_string())),
            ("status", Value::text(view.status())),
            ("keys", Value::list(view.keys.iter().map(TrustObject::json))),
            ("staged", view.staged_json()),
        ])
        .line(),
        Format::Table => table(&view),
        Format::Text => page(&view, context),
    };
    Ok(Answer::done(text))
}

fn page(view: &View<'_>, context: &Context) -> String {
    let mut page = Page::new(context);
    page.field("issuer", format!("{} ({})", view.id(), view.status()));
    let staged = view.staged();
    if view.keys.is_empty() && staged.is_empty() {
        page.line(format!("it has no key; fetch them with: stella issuer keys fetch {}", view.id()));
        return page.finish();
    }
    page.block(&table(view));
    page.maybe("staged from", view.staged_from());
    if staged.iter().any(|key| key.known.is_none()) {
        page.field("next", format!("stella issuer keys promote {} --expires TIME --reason TEXT", view.id()));
    }
    page.finish()
}

fn table(view: &View<'_>) -> String {
    let mut table = Table::new(&["key", "key id", "window", "status"]);
    for key in &view.keys {
        let window = key.window().map(window_text).unwrap_or_default();
        table.row([key.object.id.as_str(), &key.fingerprint(), &window, &key.status().text()]);
    }
    for key in view.staged().iter().filter(|key| key.known.is_none()) {
        table.row(["-", key.key_id.as_str(), "", "staged: not approved"]);
    }
    table.finish()
}

pub(super) fn discard(said: &DiscardKeysArguments, context: &Context) -> Result<Answer, Complaint> {
    let mut store = Store::require(context)?;
    let id = resolve_issuer(&store, &said.id)?;
    let occasion = store.occasion(Some(said.reason.as_deref().unwrap_or("fetched keys discarded")));
    let count = View::require(store.state(), &id, context.at)?.staged().len();
    let committed = store.ledger_mut()?.discard(&id, &occasion)?;
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.issuer-keys-discard/1")),
            ("issuer", Value::text(id.to_string())),
            ("discarded", Value::count(count)),
            ("entry", Value::Number(i64::try_from(committed.sequence()).unwrap_or(i64::MAX))),
            ("checkpoint", Value::text(&committed.checkpoint)),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    page.field("discarded", format!("{count} fetched keys of issuer {id}"));
    page.field("entry", committed.sequence());
    page.field("checkpoint", checkpoint_text(&committed));
    Ok(Answer::done(page.finish()))
}
