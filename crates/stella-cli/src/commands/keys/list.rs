//! `stella keys list`.

use super::view;
use crate::arguments::ListKeysArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::duration;
use crate::exit::Answer;
use crate::key_ring::{KeyRing, RingKey, Status};
use crate::render::{Page, Table};

pub(super) fn run(said: &ListKeysArguments, context: &Context) -> Result<Answer, Complaint> {
    let ring = KeyRing::open(context)?;
    let within = match &said.expiring_within {
        Some(text) => Some(duration::parse(text).map_err(|complaint| complaint.place("--expiring-within"))?),
        None => None,
    };
    let now = context.now;
    let wanted = |key: &&RingKey| {
        let status = ring.status(key, now);
        let ends_soon = |within: i64| {
            !matches!(status, Status::Expired | Status::Revoked)
                && key.until.seconds().saturating_sub(now.seconds()) <= within
        };
        said.status.is_none_or(|wanted| wanted == status) && within.is_none_or(ends_soon)
    };
    let keys: Vec<&RingKey> = ring.keys().iter().filter(wanted).collect();
    if context.format.is_json() {
        return Ok(Answer::done(view::documents(keys.into_iter(), &ring, now).line()));
    }
    if keys.is_empty() {
        let mut page = Page::new(context);
        page.line(match ring.keys().is_empty() {
            true => "there are no signing keys yet: stella keys generate --algorithm ecdsa-p256 --validity 365d --name NAME --activate",
            false => "no signing key is like that; all of them: stella keys list",
        });
        return Ok(Answer::done(page.finish()));
    }
    let mut table = Table::new(&["name", "key id", "algorithm", "status", "until", "replaces"]);
    for key in keys {
        let id = key.key.key_id().to_string();
        table.row([
            key.name.as_str(),
            id.get(..23).unwrap_or(&id),
            key.scheme.name(),
            &ring.status(key, now).to_string(),
            &key.until.to_string(),
            key.replaces.as_deref().unwrap_or("-"),
        ]);
    }
    Ok(Answer::done(table.finish()))
}
