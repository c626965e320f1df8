//! `stella approvals show`.

use std::slice;

use stella_trust_store::ledger::Effect;

use super::request;
use super::view::{View, describe};
use crate::arguments::ShowApprovalArguments;
use crate::change::label_before;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::preview::{self, Preview};
use crate::render::Page;
use crate::store::Store;

pub(crate) fn run(said: &ShowApprovalArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = super::open(context)?;
    let id = request(&store, &said.id)?;
    let view = View::of(store.ledger(), &id, context.at)?;
    if said.envelope {
        return Ok(Answer::done(view.envelope(store.ledger())? + "\n"));
    }
    // What cannot be planned any more is shown without its consequences: it is over, or it will be refused.
    let planned = store.state().planned(slice::from_ref(&*view.asked.change), context.now).ok();
    let preview = match planned.filter(|_| view.is_waiting()) {
        Some(planned) => Some(preview::render(store.state(), &planned.state, context)?),
        None => None,
    };
    Ok(Answer::done(match context.format.is_json() {
        true => document(&view, preview, &store)?.line(),
        false => page(&view, preview, &store, context),
    }))
}

fn page(view: &View<'_>, preview: Option<Preview>, store: &Store, context: &Context) -> String {
    let mut page = Page::new(context);
    page.field("request", view.open.id());
    page.field("state", view.state_text());
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("action", view.asked.change.action());
    page.field("object", view.subject());
    describe(&mut page, &view.asked.change);
    if view.is_waiting() {
        page.maybe("label before", label_before(store.state(), &view.asked.change));
        page.field("effect", effect(view, store));
    }
    page.field("requester", view.open.requester());
    page.field("reason", &view.asked.reason);
    page.field("created", view.asked.created);
    page.field("expires", view.open.expires());
    page.field("store", &view.asked.store);
    page.field("digest", format!("sha256:{}", stella_vocabulary::hex::encode(view.open.digest())));
    page.field("agreed", if view.agreed.is_empty() { "nobody".to_string() } else { view.agreed.join(", ") });
    page.maybe("missing", view.missing_text());
    if let Some(preview) = preview {
        page.block(&preview.text);
    }
    if view.missing_text().is_some() {
        page.field("approve", format!("stella approvals approve {} --key FILE", view.open.id()));
    }
    page.finish()
}

fn effect(view: &View<'_>, store: &Store) -> &'static str {
    match Effect::of(&view.asked.change, store.state()) {
        Effect::Loosening => "more trust",
        Effect::Neutral => "neither more trust nor less",
        Effect::Tightening => "less trust",
    }
}

fn document(view: &View<'_>, preview: Option<Preview>, store: &Store) -> Result<Value, Complaint> {
    let mut members = vec![("schema", Value::text("stella.approval-request/1"))];
    members.extend(view.members());
    members.push(("effect", Value::text(effect(view, store))));
    members.push(("target", Value::Raw(view.asked.target.clone())));
    members.push(("envelope", Value::Raw(view.envelope(store.ledger())?)));
    members.push(("preview", preview.map_or(Value::Null, |preview| preview.json)));
    Ok(Value::Object(members))
}
