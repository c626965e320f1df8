//! `stella trust-anchors remove` and `stella trust-anchors reinstate`.

use stella_trust_store::ledger::{Change, Standing};

use super::require_reason;
use crate::arguments::ReasonedArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::store::Store;
use crate::trust_object::ANCHOR_KINDS;

pub(crate) fn run(said: &ReasonedArguments, context: &Context) -> Result<Answer, Complaint> {
    require_reason(&said.change, "remove")?;
    let mut store = Store::require(context)?;
    let object = store.resolve(&ANCHOR_KINDS, &said.id)?;
    carry_out(&mut store, Change::Removed(object), &said.change, context)
}

pub(crate) fn reinstate(said: &ReasonedArguments, context: &Context) -> Result<Answer, Complaint> {
    require_reason(&said.change, "reinstate")?;
    let mut store = Store::require(context)?;
    let object = store.resolve(&ANCHOR_KINDS, &said.id)?;
    let tainted = match store.state().record(&object) {
        Some((_, Standing::Revoked(revocation))) if revocation.cause.taints_the_past() => Some(format!(
            "it was revoked as {}: whoever else has the key is trusted again, too",
            revocation.cause.name()
        )),
        _ => None,
    };
    carry_out(&mut store, Deed::from(Change::Reinstated(object)).warn(tainted), &said.change, context)
}
