//! `stella keys verify`.

use crate::arguments::VerifyKeyArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::key_ring::KeyRing;
use crate::render::Page;
use crate::trial::try_it;

pub(super) fn run(said: &VerifyKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let ring = KeyRing::open(context)?;
    let key = ring.chosen(said.id.as_deref())?;
    let signer = ring.signer(key, said.passphrase_file.as_deref(), context)?;
    try_it(&*signer, &key.name)?;
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.key-verified/1")),
            ("name", Value::text(&key.name)),
            ("key_id", Value::text(key.key.key_id().to_string())),
            ("algorithm", Value::text(key.scheme.name())),
            ("operation", Value::text("sign")),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    page.field("signed and verified", &key.name);
    page.field("key id", key.key.key_id());
    page.field("algorithm", key.scheme.name());
    page.field("until", key.until);
    Ok(Answer::done(page.finish()))
}
