//! `stella approvers remove`.

use stella_trust_store::ledger::Change;

use super::{approver, too_few_left};
use crate::arguments::RemoveApproverArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::store::Store;

pub(crate) fn run(said: &RemoveApproverArguments, context: &Context) -> Result<Answer, Complaint> {
    let mut store = Store::require(context)?;
    let object = approver(&store, &said.id)?;
    let deed = Deed::from(Change::Removed(object.clone())).usually_because("approver removed");
    carry_out(&mut store, deed, &said.change, context)
        .map_err(|complaint| too_few_left(complaint, &store, &object, "remove"))
}
