//! `stella approvals execute`.

use super::outcome::Outcome;
use super::request;
use super::view::View;
use crate::arguments::ExecuteArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;

pub(crate) fn run(said: &ExecuteArguments, context: &Context) -> Result<Answer, Complaint> {
    let mut store = super::open(context)?;
    let id = request(&store, &said.id)?;
    let before = store.state().clone();
    let occasion = store.occasion(Some(said.reason.as_deref().unwrap_or("executed as approved")));
    let committed = store.ledger_mut()?.execute(&id, &occasion)?;
    let mut outcome = Outcome::new("executed", &id, before);
    outcome.executed(&committed);
    outcome.answer(&store, View::of(store.ledger(), &id, context.now)?, context)
}
