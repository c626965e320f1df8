//! `stella issuer list`.

use super::view::View;
use crate::arguments::Format;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::render::{Page, Table};
use crate::store::Store;

pub(super) fn run(context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let state = store.state_at(context)?;
    let shown = View::all(&state, context.at);
    Ok(Answer::done(match context.format {
        Format::Json => Value::object([
            ("schema", Value::text("stella.issuers/1")),
            ("store", Value::maybe(store.id().map(ToString::to_string))),
            ("at", Value::text(context.at.to_string())),
            ("issuers", Value::list(shown.iter().map(|view| Value::Object(view.members())))),
        ])
        .line(),
        Format::Ndjson => shown.iter().map(|view| Value::Object(view.members()).line()).collect(),
        Format::Table => table(&shown),
        Format::Text if shown.is_empty() && context.detail != Detail::Quiet => {
            let mut page = Page::new(context);
            page.line("no issuer is known; make one known with: stella issuer add ID");
            page.finish()
        }
        Format::Text => table(&shown),
    }))
}

fn table(shown: &[View<'_>]) -> String {
    let mut table = Table::new(&["id", "name", "status", "tier", "weight", "keys", "counting", "staged", "url"]);
    for view in shown {
        table.row([
            view.id().as_str(),
            &view.record.name,
            view.status(),
            view.record.tier.name(),
            &view.record.weight.to_string(),
            &view.keys.len().to_string(),
            &view.counting().to_string(),
            &view.staged().iter().filter(|key| key.known.is_none()).count().to_string(),
            view.record.urls.first().map_or("", String::as_str),
        ]);
    }
    table.finish()
}
