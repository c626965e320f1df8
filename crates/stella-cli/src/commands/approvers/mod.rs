//! `stella approvers …`: who may approve changes, and how many have to agree.

mod add;
mod list;
mod quorum;
mod remove;
mod revoke;

use stella_trust_store::ledger::{Id, Mode, ObjectKind, ObjectRef, TrustState};
use stella_vocabulary::Code;

use crate::arguments::ApproversCommand;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::refused::persons_text;
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

/// What works where this key cannot go, because too few persons would be left.
fn too_few_left(complaint: Complaint, store: &Store, object: &ObjectRef, command: &str) -> Complaint {
    if complaint.code() != Code::PolicyThresholdInvalid {
        return complaint;
    }
    let approver = store.state().approvers().find(|approver| approver.id == object.id);
    let person = approver.map_or("PERSON", |approver| approver.person.as_str());
    let quorum = store.state().store().map_or(2, |store| usize::from(store.quorum));
    Complaint::new(Code::PolicyThresholdInvalid, "without this key, fewer persons would be left than have to agree")
        .place(object.to_string())
        .found(format!("{} left", persons_text(persons(store.state(), Some(&object.id)))))
        .expected(format!("at least {}, the quorum", persons_text(quorum)))
        .remedy(format!(
            "first enrol another key of {person}, or another person: stella approvers add {person} --key FILE; \
             then: stella approvers {command} {}",
            object.id
        ))
}

/// What to know where nobody can be spared: a key that is lost or stolen cannot go then.
pub(crate) fn spare_warning(state: &TrustState) -> Option<String> {
    let (store, persons) = (state.store()?, persons(state, None));
    (store.mode == Mode::Quorum && persons <= usize::from(store.quorum)).then(|| no_spare(persons))
}

fn no_spare(persons: usize) -> String {
    format!(
        "all {persons} approvers have to agree, so that no key of theirs can be revoked before another is enrolled: \
         stella approvers add PERSON --key FILE"
    )
}

/// How many persons could agree, without one of the keys.
fn persons(state: &TrustState, without: Option<&Id>) -> usize {
    let left = state.approvers().filter(|approver| Some(&approver.id) != without);
    let mut persons: Vec<&str> = left.map(|approver| approver.person.as_str()).collect();
    persons.sort_unstable();
    persons.dedup();
    persons.len()
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
