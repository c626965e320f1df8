//! `stella keys rotation-history`.

use super::view;
use crate::arguments::RotationHistoryArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::key_ring::KeyRing;
use crate::render::Table;

pub(super) fn run(said: &RotationHistoryArguments, context: &Context) -> Result<Answer, Complaint> {
    let ring = KeyRing::open(context)?;
    let key = ring.chosen(said.id.as_deref().or(said.key.as_deref()))?;
    let history = ring.history(key);
    if context.format.is_json() {
        return Ok(Answer::done(view::documents(history.into_iter(), &ring, context.now).line()));
    }
    let mut table = Table::new(&["name", "key id", "from", "until", "status", "revoked"]);
    for key in history {
        let id = key.key.key_id().to_string();
        let revoked = key.revoked.as_ref().map(|revoked| format!("{}: {}", revoked.at, revoked.reason));
        table.row([
            key.name.as_str(),
            id.get(..23).unwrap_or(&id),
            &key.from.to_string(),
            &key.until.to_string(),
            &ring.status(key, context.now).to_string(),
            revoked.as_deref().unwrap_or("-"),
        ]);
    }
    Ok(Answer::done(table.finish()))
}
