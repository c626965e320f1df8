//! `stella approvers quorum`.

use stella_trust_store::ledger::Change;

use crate::arguments::QuorumArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::store::Store;

pub(crate) fn run(said: &QuorumArguments, context: &Context) -> Result<Answer, Complaint> {
    let mut store = Store::require(context)?;
    let deed = Deed::from(Change::QuorumChanged(said.quorum)).usually_because("quorum changed");
    carry_out(&mut store, deed, &said.change, context)
}
