//! `stella issuer trust-status`.

use stella_trust_store::ledger::{ObjectKind, Standing};

use super::view::{View, asked, decision, entry_json, entry_text, history};
use crate::arguments::ShowIssuerArguments;
use crate::change::Missing;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;
use crate::store::{Store, resolve};

pub(super) fn run(said: &ShowIssuerArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let state = store.state_at(context)?;
    let id = resolve(&state, &[ObjectKind::Issuer], &said.id)?.id;
    let history = history(store.ledger(), &id, state.size())?;
    let decided = decision(&history);
    let asked = decided.map(|entry| asked(store.ledger(), entry)).transpose()?.flatten();
    let view = View::require(&state, &id, context.at)?;
    let waiting = view.waiting();
    let unapproved = view.staged().iter().filter(|key| key.known.is_none()).count();
    let next = match view.standing {
        Standing::Active if unapproved > 0 => {
            Some(format!("stella issuer keys promote {id} --expires TIME --reason TEXT"))
        }
        Standing::Active if view.counting() == 0 && view.record.identities.is_empty() => {
            match view.record.urls.is_empty() {
                true => Some(format!("stella trust-anchors add-key --issuer {id} --key FILE --expires TIME")),
                false => Some(format!("stella issuer keys fetch {id}")),
            }
        }
        Standing::Active => None,
        _ => match waiting.first() {
            Some(request) => Some(format!("stella approvals approve {} --key FILE", request.id())),
            None => Some(format!("stella issuer trust {id} --reason TEXT")),
        },
    };
    if context.format.is_json() {
        let requests = waiting.iter().map(|request| {
            let missing = Missing::of(&store, request.id());
            Value::object([
                ("request", Value::text(request.id().to_string())),
                ("have", Value::count(missing.have)),
                ("need", Value::count(missing.need)),
                ("who", Value::texts(missing.who)),
                ("expires", Value::text(request.expires().to_string())),
            ])
        });
        let document = Value::object([
            ("schema", Value::text("stella.issuer-trust/1")),
            ("id", Value::text(id.to_string())),
            ("name", Value::text(&view.record.name)),
            ("status", Value::text(view.status())),
            ("trusted", Value::Bool(view.standing == Standing::Active)),
            ("decided_by", decided.map_or(Value::Null, entry_json)),
            ("asked_by", Value::maybe(asked.as_ref().map(|(person, _)| person.to_string()))),
            ("asked_because", Value::maybe(asked.map(|(_, reason)| reason))),
            ("requests", Value::list(requests)),
            ("keys", Value::count(view.keys.len())),
            ("counting", Value::count(view.counting())),
            ("staged", Value::count(unapproved)),
            ("next", Value::maybe(next)),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    page.field("issuer", format!("{id} ({})", view.record.name));
    page.field("status", view.status());
    match (decided, view.standing) {
        (Some(entry), _) => page.field("decided", entry_text(entry)),
        (None, Standing::Pending) => page.field("decided", "by nobody yet"),
        (None, _) => {}
    }
    page.maybe("asked for", asked.map(|(person, reason)| format!("by {person}: {reason}")));
    for request in waiting {
        let missing = Missing::of(&store, request.id());
        page.field(
            "waiting",
            format!("request {} until {}; missing: {}", request.id(), request.expires(), missing.text()),
        );
    }
    page.field("keys", format!("{}, of which {} count now", view.keys.len(), view.counting()));
    if unapproved > 0 {
        page.field("staged", format!("{unapproved} fetched keys that nobody has approved"));
    }
    page.maybe("next", next);
    Ok(Answer::done(page.finish()))
}
