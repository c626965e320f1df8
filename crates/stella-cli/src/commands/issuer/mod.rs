//! `stella issuer …`: who issues attestations, whether they are trusted, and their keys.

mod add;
mod fetch;
mod keys;
mod list;
mod promote;
mod show;
mod trust;
mod trust_status;
mod view;

use stella_trust_store::ledger::{Id, ObjectKind};
use stella_vocabulary::Code;

use crate::arguments::{IssuerCommand, IssuerKeysCommand};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::store::Store;

pub(crate) fn run(command: &IssuerCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        IssuerCommand::List => list::run(context),
        IssuerCommand::Add(said) => add::run(said, context),
        IssuerCommand::Show(said) => show::run(said, context),
        IssuerCommand::TrustStatus(said) => trust_status::run(said, context),
        IssuerCommand::Trust(said) => trust::run(said, context),
        IssuerCommand::Distrust(said) => trust::distrust(said, context),
        IssuerCommand::Keys(IssuerKeysCommand::Fetch(said)) => fetch::run(said, context),
        IssuerCommand::Keys(IssuerKeysCommand::List(said)) => keys::run(said, context),
        IssuerCommand::Keys(IssuerKeysCommand::Promote(said)) => promote::run(said, context),
        IssuerCommand::Keys(IssuerKeysCommand::Discard(said)) => keys::discard(said, context),
    }
}

/// The issuer that somebody named.
fn resolve(store: &Store, text: &str) -> Result<Id, Complaint> {
    store.resolve(&[ObjectKind::Issuer], text).map(|object| object.id)
}

/// Whoever trusts or distrusts somebody says why; a preview needs no reason.
fn require_reason(options: &crate::arguments::ChangeOptions, command: &str) -> Result<(), Complaint> {
    if options.reason.is_some() || options.dry_run {
        return Ok(());
    }
    Err(Complaint::new(Code::UsageReasonInvalid, "this needs a reason, for the trust log")
        .place("--reason")
        .found("none")
        .expected("one line of plain text")
        .remedy(format!("stella issuer {command} ID --reason \"INC-4711: what happened\"")))
}
