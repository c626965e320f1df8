//! `stella approvals …`: change requests, and who agrees to them.

mod approve;
mod execute;
mod list;
mod outcome;
mod reject;
mod show;
mod sign;
mod view;

use stella_trust_store::ledger::{Id, ObjectKind};
use stella_vocabulary::Code;

use crate::arguments::ApprovalsCommand;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::private_key::{self, PrivateKeyOptions};
use crate::store::Store;
use stella_crypto_providers::Signer;

pub(crate) fn run(command: &ApprovalsCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        ApprovalsCommand::List(said) => list::run(said, context),
        ApprovalsCommand::Show(said) => show::run(said, context),
        ApprovalsCommand::Approve(said) => approve::run(said, context),
        ApprovalsCommand::Sign(said) => sign::run(said, context),
        ApprovalsCommand::Reject(said) => reject::run(said, context),
        ApprovalsCommand::Execute(said) => execute::run(said, context),
    }
}

/// The store. Where it waits to be restored, nothing can be agreed to in it but that.
///
/// # Errors
/// Those of [`Store::require`].
fn open(context: &Context) -> Result<Store, Complaint> {
    Store::require(context).map_err(|complaint| match complaint.code() {
        Code::StoreRollbackDetected => complaint.remedy(
            "put the newest copy back; or, to ask for this one and to agree to it: \
             stella store restore --accept-rollback --reason TEXT --approver-key FILE",
        ),
        _ => complaint,
    })
}

/// The request that `text` names.
fn request(store: &Store, text: &str) -> Result<Id, Complaint> {
    store.resolve(&[ObjectKind::Request], text).map(|object| object.id)
}

/// The private key that was given, or that of the settings.
///
/// # Errors
/// `usage.conflict` if there is none.
fn private_key(said: &PrivateKeyOptions, context: &Context) -> Result<Box<dyn Signer>, Complaint> {
    given_key(said, context)?.ok_or_else(|| {
        Complaint::new(Code::UsageConflict, "whose agreement is this?")
            .place("the command line")
            .found("no key")
            .expected("--key FILE: the private key of an approver")
            .remedy("give --key FILE, or set approver_key in the settings")
    })
}

fn given_key(said: &PrivateKeyOptions, context: &Context) -> Result<Option<Box<dyn Signer>>, Complaint> {
    let set = context.settings()?.approver_key.as_ref().map(|key| &key.value);
    match said.key.as_ref().or(set) {
        Some(path) => private_key::signer(path, said.passphrase_file.as_deref(), context).map(Some),
        None => Ok(None),
    }
}
