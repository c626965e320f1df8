//! `stella keys activate`.

use toml::Value as Toml;

use super::view;
use crate::arguments::NamedKeyArguments;
use crate::commands::config_show;
use crate::complaint::Complaint;
use crate::config::Key;
use crate::context::Context;
use crate::exit::Answer;
use crate::key_ring::KeyRing;
use crate::render::Page;

pub(super) fn run(said: &NamedKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let ring = KeyRing::open(context)?;
    let key = ring.find(&said.id)?.clone();
    // What cannot sign is not to be what signs.
    ring.check_usable(&key, context)?;
    let before = ring.active().map(str::to_string);
    activate(&key.name, context)?;
    let ring = ring.with_active(&key.name);
    if context.format.is_json() {
        return Ok(Answer::done(view::documents(std::iter::once(&key), &ring, context.now).line()));
    }
    let mut page = Page::new(context);
    page.field("active", &key.name);
    page.field("key id", key.key.key_id());
    page.field("until", key.until);
    if let Some(before) = before.filter(|before| *before != key.name) {
        page.field("before", &before);
        page.field("undo", format!("stella keys activate {before}"));
    }
    Ok(Answer::done(page.finish()))
}

/// Writes into the settings that this key signs.
pub(super) fn activate(name: &str, context: &Context) -> Result<(), Complaint> {
    config_show::write(Key::SigningKey, &Toml::String(name.to_string()), context).map(drop)
}
