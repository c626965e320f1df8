//! A signing key, as people and programs see it.

use stella_vocabulary::UnixTime;

use crate::json::Value;
use crate::key_ring::{KeyRing, Protection, RingKey};
use crate::render::Page;

pub(super) const fn protection(key: &RingKey) -> &'static str {
    match key.protection {
        Protection::Passphrase => "passphrase",
        Protection::Permissions => "permissions of the file alone",
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
