//! `stella trust-anchors …`: certificates, keys and trusted roots.

mod add;
mod add_intermediate;
mod add_key;
mod change;
mod import;
mod import_forms;
mod list;
mod naming;
mod remove;
mod revoke;
mod show;

use crate::arguments::{ChangeOptions, TrustAnchorsCommand};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use stella_vocabulary::Code;

pub(crate) fn run(command: &TrustAnchorsCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        TrustAnchorsCommand::List(said) => list::run(said, context),
        TrustAnchorsCommand::Add(said) => add::run(said, context),
        TrustAnchorsCommand::AddIntermediate(said) => add_intermediate::run(said, context),
        TrustAnchorsCommand::AddKey(said) => add_key::run(said, context),
        TrustAnchorsCommand::Show(said) => show::run(said, context),
        TrustAnchorsCommand::Change(said) => change::run(said, context),
        TrustAnchorsCommand::Remove(said) => remove::run(said, context),
        TrustAnchorsCommand::Revoke(said) => revoke::run(said, context),
        TrustAnchorsCommand::Reinstate(said) => remove::reinstate(said, context),
        TrustAnchorsCommand::Import(said) => import::run(said, context),
    }
}

/// Whoever takes something out of use, or brings it back, says why; a preview needs no reason.
fn require_reason(options: &ChangeOptions, command: &str) -> Result<(), Complaint> {
    if options.reason.is_some() || options.dry_run {
        return Ok(());
    }
    Err(Complaint::new(Code::UsageReasonInvalid, "this needs a reason, for the trust log")
        .place("--reason")
        .found("none")
        .expected("one line of plain text")
        .remedy(format!("stella trust-anchors {command} ID --reason \"INC-4711: what happened\"")))
}
