//! `stella trust-anchors list`.

use stella_trust_store::ledger::{ObjectKind, TrustState};
use stella_vocabulary::hex;

use crate::arguments::{AnchorKind, Format, ListArguments};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::duration;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::{Page, Table};
use crate::store::Store;
use crate::trust_object::{Status, TrustObject, scope_text, window_text};

pub(crate) fn run(said: &ListArguments, context: &Context) -> Result<Answer, Complaint> {
    let within = said.expiring_within.as_deref().map(duration::parse).transpose();
    let within = within.map_err(|complaint| complaint.place("--expiring-within"))?;
    let store = Store::require(context)?;
    let state = store.effective_at(context)?;
    let kinds: Vec<ObjectKind> = said.kind.iter().map(|kind| of(*kind)).collect();
    let shown: Vec<TrustObject<'_>> = TrustObject::all(&state, context.at)
        .filter(|object| kinds.is_empty() || kinds.contains(&object.object.kind))
        .filter(|object| within.is_none_or(|within| ends_within(object, within, context)))
        .collect();
    Ok(Answer::done(match context.format {
        Format::Json => document(&store, &state, &shown, context).line(),
        Format::Ndjson => shown.iter().map(|object| object.json().line()).collect(),
        Format::Table => table(&shown),
        Format::Text => page(&state, &shown, context),
    }))
}

const fn of(kind: AnchorKind) -> ObjectKind {
    match kind {
        AnchorKind::Anchor => ObjectKind::Anchor,
        AnchorKind::Intermediate => ObjectKind::Intermediate,
        AnchorKind::Key => ObjectKind::Key,
        AnchorKind::TrustedRoot => ObjectKind::TrustedRoot,
    }
}

fn ends_within(object: &TrustObject<'_>, within: i64, context: &Context) -> bool {
    let counts = !matches!(object.status(), Status::Removed | Status::Revoked(_));
    counts && object.end().is_some_and(|end| end.seconds().saturating_sub(context.at.seconds()) <= within)
}

fn page(state: &TrustState, shown: &[TrustObject<'_>], context: &Context) -> String {
    if context.detail == Detail::Quiet {
        return table(shown);
    }
    let mut page = Page::new(context);
    if let Some(store) = state.store() {
        page.field("store", format!("{} at entry {}", store.id, state.size().saturating_sub(1)));
    }
    if shown.is_empty() {
        page.line("nothing; trust an authority with: stella trust-anchors add --cert FILE");
        return page.finish();
    }
    page.block(&table(shown));
    let count = |wanted: fn(&Status) -> bool| shown.iter().filter(|object| wanted(&object.status())).count();
    let ending = count(|status| matches!(status, Status::Expiring(_)));
    let ended = count(|status| matches!(status, Status::Expired(_)));
    if ending > 0 {
        page.field("expiring", format!("{ending} within 30 days"));
    }
    if ended > 0 {
        page.field("expired", ended);
    }
    page.finish()
}

fn table(shown: &[TrustObject<'_>]) -> String {
    let mut table = Table::new(&["kind", "id", "fingerprint", "scope", "window", "ends", "status"]);
    for object in shown {
        let fingerprint: String = object.fingerprint().chars().take("sha256:".len() + 16).collect();
        table.row([
            object.object.kind.name(),
            object.object.id.as_str(),
            &fingerprint,
            &object.scope().map(scope_text).unwrap_or_default(),
            &object.window().map(window_text).unwrap_or_default(),
            &object.end().map(|end| end.to_string()).unwrap_or_default(),
            &object.status().text(),
        ]);
    }
    table.finish()
}

fn document(store: &Store, state: &TrustState, shown: &[TrustObject<'_>], context: &Context) -> Value {
    // The root is that of the whole log; of an earlier moment only the number of entries is at hand.
    let head = store.ledger().head();
    let root = (head.size == state.size()).then(|| hex::encode(&head.root));
    Value::object([
        ("schema", Value::text("stella.trust-anchors/1")),
        ("store", Value::maybe(state.store().map(|store| store.id.to_string()))),
        ("size", Value::Number(i64::try_from(state.size()).unwrap_or(i64::MAX))),
        ("root", Value::maybe(root)),
        ("mode", Value::text(state.mode().name())),
        ("at", Value::text(context.at.to_string())),
        ("trust_anchors", Value::list(shown.iter().map(TrustObject::json))),
    ])
}
