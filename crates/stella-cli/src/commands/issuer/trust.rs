//! `stella issuer trust` and `stella issuer distrust`.

use stella_trust_store::ledger::Change;

use super::{require_reason, resolve};
use crate::arguments::{ChangeOptions, DistrustIssuerArguments, TrustIssuerArguments};
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::store::Store;

pub(super) fn run(said: &TrustIssuerArguments, context: &Context) -> Result<Answer, Complaint> {
    require_reason(&said.change, "trust")?;
    let mut store = Store::require(context)?;
    let id = resolve(&store, &said.id)?;
    let options = ChangeOptions {
        approver_key: said.key.clone().or_else(|| said.change.approver_key.clone()),
        ..said.change.clone()
    };
    carry_out(&mut store, Deed::from(Change::IssuerTrusted(id)), &options, context)
}

pub(super) fn distrust(said: &DistrustIssuerArguments, context: &Context) -> Result<Answer, Complaint> {
    require_reason(&said.change, "distrust")?;
    let mut store = Store::require(context)?;
    let id = resolve(&store, &said.id)?;
    carry_out(&mut store, Deed::from(Change::IssuerDistrusted(id)), &said.change, context)
}
