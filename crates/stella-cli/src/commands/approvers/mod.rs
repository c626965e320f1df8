//! `stella approvers …`: who may approve changes, and how many have to agree.

mod add;
mod list;
mod quorum;
mod remove;
mod revoke;

use stella_trust_store::ledger::{ObjectKind, ObjectRef};
use stella_vocabulary::Code;

use crate::arguments::ApproversCommand;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::store::Store;

pub(crate) fn run(command: &ApproversCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        ApproversCommand::List => list::run(context),
        ApproversCommand::Add(said) => add::run(said, context),
        ApproversCommand::Remove(said) => remove::run(said, context),
        ApproversCommand::Revoke(said) => revoke::run(said, context),
        ApproversCommand::Quorum(said) => quorum::run(said, context),
    }
}

/// The approver's key that `text` names, also by its person, if that has only one.
fn approver(store: &Store, text: &str) -> Result<ObjectRef, Complaint> {
    let resolved = store.resolve(&[ObjectKind::Approver], text);
    if !matches!(&resolved, Err(complaint) if complaint.code() == Code::StoreNotFound) {
        return resolved;
    }
    let keys: Vec<_> = store.state().approvers().filter(|approver| approver.person.as_str() == text).collect();
    match keys.as_slice() {
        [] => resolved,
        [one] => Ok(ObjectRef::new(ObjectKind::Approver, one.id.clone())),
        several => {
            let ids: Vec<&str> = several.iter().map(|approver| approver.id.as_str()).collect();
            Err(Complaint::new(Code::UsageConflict, "this person has more than one key")
                .found(text)
                .expected(format!("one of {}", ids.join(", ")))
                .remedy("stella approvers list"))
        }
    }
}
