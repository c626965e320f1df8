//! `stella keys revoke`.

use stella_vocabulary::Code;

use super::view;
use crate::arguments::RevokeKeyArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::key_ring::KeyRing;
use crate::render::Page;

pub(super) fn run(said: &RevokeKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let reason = said.reason.trim();
    if reason.is_empty() || reason.len() > 1024 || reason.chars().any(char::is_control) {
        return Err(Complaint::new(Code::UsageReasonInvalid, "this is no reason")
            .place("--reason")
            .found(&said.reason)
            .expected("one line of at most 1,024 bytes")
            .remedy("say why in a few words"));
    }
    let mut ring = KeyRing::open(context)?;
    let name = ring.find(&said.id)?.name.clone();
    let key = ring.revoke(&name, reason, context)?;
    if context.format.is_json() {
        return Ok(Answer::done(view::documents(std::iter::once(&key), &ring, context.now).line()));
    }
    let mut page = Page::new(context);
    page.field("revoked", &key.name);
    view::fields(&mut page, &key, &ring, context.now);
    page.field(
        "next",
        format!(
            "stella trust-anchors revoke {} --compromised-since TIME --reason TEXT, if others may have it",
            key.key.key_id()
        ),
    );
    if ring.active() == Some(&key.name) {
        page.field("warning", "this was the active key: nothing signs until another is: stella keys activate NAME");
    }
    Ok(Answer::done(page.finish()))
}
