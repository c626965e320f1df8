//! A signing key, as people and programs see it.

use stella_vocabulary::UnixTime;

use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::key_ring::{KeyRing, Protection, RingKey};
use crate::render::Page;

pub(super) const fn protection(key: &RingKey) -> &'static str {
    match &key.protection {
        Protection::Passphrase => "passphrase",
        Protection::Permissions => "permissions of the file alone",
        Protection::Token(_) => "token",
    }
}

/// What is known of a key.
pub(super) fn fields(page: &mut Page, key: &RingKey, ring: &KeyRing, now: UnixTime) {
    page.field("name", &key.name);
    page.field("key id", key.key.key_id());
    page.field("algorithm", key.scheme.name());
    page.field("status", ring.status(key, now));
    page.field("from", key.from);
    page.field("until", key.until);
    page.maybe("replaces", key.replaces.as_ref());
    if let Some(revoked) = &key.revoked {
        page.field("revoked", format!("{}: {}", revoked.at, revoked.reason));
    }
    page.field("protected by", protection(key));
    page.maybe("in token", key.protection.token());
}

pub(super) fn document(key: &RingKey, ring: &KeyRing, now: UnixTime) -> Value {
    Value::object([
        ("name", Value::text(&key.name)),
        ("type", Value::text("signing")),
        ("key_id", Value::text(key.key.key_id().to_string())),
        ("algorithm", Value::text(key.scheme.name())),
        ("status", Value::text(ring.status(key, now).to_string())),
        ("from", Value::text(key.from.to_string())),
        ("until", Value::text(key.until.to_string())),
        ("replaces", Value::maybe(key.replaces.as_deref())),
        ("revoked_at", Value::maybe(key.revoked.as_ref().map(|revoked| revoked.at.to_string()))),
        ("revoked_because", Value::maybe(key.revoked.as_ref().map(|revoked| revoked.reason.as_str()))),
        ("protection", Value::text(protection(key))),
        ("pkcs11", Value::maybe(key.protection.token().map(ToString::to_string))),
        ("pem", Value::text(key.key.to_pem())),
    ])
}

/// A document about several keys.
pub(super) fn documents<'k>(keys: impl Iterator<Item = &'k RingKey>, ring: &KeyRing, now: UnixTime) -> Value {
    Value::object([
        ("schema", Value::text("stella.signing-keys/1")),
        ("active", Value::maybe(ring.active())),
        ("keys", Value::list(keys.map(|key| document(key, ring, now)))),
    ])
}

/// What there is to say of a key that is new in the home: how others come to trust it.
pub(super) fn made(
    deed: &str,
    key: &RingKey,
    ring: &KeyRing,
    activated: bool,
    context: &Context,
) -> Result<Answer, Complaint> {
    if context.format.is_json() {
        return Ok(Answer::done(documents(std::iter::once(key), ring, context.now).line()));
    }
    let mut page = Page::new(context);
    page.field(deed, &key.name);
    fields(&mut page, key, ring, context.now);
    if key.protection == Protection::Permissions {
        page.field("warning", "the private key is not encrypted: whoever can read the file can sign");
    }
    page.block(&key.key.to_pem());
    page.field("next", format!("stella keys show {} --public > {}.pub", key.name, key.name));
    page.field(
        "next",
        format!("stella trust-anchors add-key --key {}.pub --name {} --expires {}", key.name, key.name, key.until),
    );
    if !activated {
        page.field("next", format!("stella keys activate {}", key.name));
    }
    Ok(Answer::done(page.finish()))
}
