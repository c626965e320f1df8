//! `stella approvals reject`.

use super::outcome::Outcome;
use super::view::View;
use super::{given_key, private_key, request};
use crate::arguments::RejectArguments;
use crate::change;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;

const USUAL: &str = "rejected without a reason";

pub(crate) fn run(said: &RejectArguments, context: &Context) -> Result<Answer, Complaint> {
    let mut store = super::open(context)?;
    let id = request(&store, &said.id)?;
    let person = &context.settings()?.person.value;
    let own = store.state().request(&id).is_some_and(|open| open.requester() == person);
    let before = store.state().clone();
    // Whoever asked may take it back by name, unless it is the name of an approver: that, and everything else, takes the key.
    let occasion = match given_key(&said.key, context)? {
        None if own && !store.state().is_approver(person) => {
            store.occasion(Some(said.reason.as_deref().unwrap_or(USUAL)))
        }
        None => private_key(&said.key, context).map(|_| store.occasion(None))?,
        Some(key) => change::occasion(&store, Some(&*key), Some(said.reason.as_deref().unwrap_or(USUAL)))
            .map_err(|complaint| complaint.place("--key"))?,
    };
    let committed = store.ledger_mut()?.reject(&id, &occasion)?;
    let mut outcome = Outcome::new("rejected", &id, before);
    outcome.took(&committed);
    outcome.answer(&store, View::of(store.ledger(), &id, context.now)?, context)
}
