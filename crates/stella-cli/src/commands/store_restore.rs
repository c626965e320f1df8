//! `stella store restore`: a store that is older than what was seen of it, or another one, taken as it is.
//!
//! Who decides about more trust decides about this, because revocations may be among what is lost. Until they have, nothing is
//! forgotten: the store is opened beside what was seen of it, to write down the request and the agreements, and what was seen is
//! replaced last of all.

use stella_trust_store::ledger::{
    Action, Authority, Change, Decision, Id, Ledger, More, Object, ObjectKind, Occasion, RequestStatus,
};
use stella_trust_store::{Head, StoreError};
use stella_vocabulary::{Code, hex};

use crate::arguments::{ChangeOptions, RestoreArguments};
use crate::change::{self, Deed};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::log::{self, Log, Rollback};
use crate::refused::persons_text;
use crate::render::Page;
use crate::store::{self, Store};

pub(crate) fn run(said: &RestoreArguments, context: &Context) -> Result<Answer, Complaint> {
    let settings = context.settings()?;
    let Some(place) = &settings.store else { return Store::require(context).map(|_| Answer::default()) };
    let (seen, found) = match log::open(settings, &place.value, Rollback::Refuse) {
        Err(StoreError::RollbackDetected { seen, found }) => (seen, found),
        Err(error @ StoreError::NotFound { .. }) => {
            store::is_nowhere(settings, place)?;
            return Err(error.into());
        }
        Err(error) => return Err(error.into()),
        Ok(_) => {
            return Err(Complaint::new(Code::UsageConflict, "the store continues what was seen of it")
                .place(place.value.to_string())
                .expected("a store that is older than what was seen, or another one")
                .remedy("stella trust log --verify"));
        }
    };
    if !said.accept_rollback {
        let refused = Complaint::from(StoreError::RollbackDetected { seen, found }).place(place.value.to_string());
        return Err(refused.remedy("say --accept-rollback if changes of trust that came later may be lost"));
    }
    let Some(reason) = said.reason.as_deref() else {
        return Err(Complaint::new(Code::UsageReasonInvalid, "this needs a reason, for the trust log")
            .place("--reason")
            .found("none")
            .expected("one line of plain text")
            .remedy("stella store restore --accept-rollback --reason \"disk lost; backup of 2026-01-16\""));
    };
    let ledger = store::ledger(settings, &place.value, log::open(settings, &place.value, Rollback::Overlook)?)?;
    let mut store = Store::with(ledger, context)?;
    let change = Change::RollbackAccepted(seen);
    if !is_accepted(&store, &change)?
        && let Some(waiting) = agree(&mut store, &change, said, reason, context)?
    {
        return Ok(waiting);
    }
    drop(store);
    // Only now is what was seen forgotten.
    let log = log::open(settings, &place.value, Rollback::Accept)?;
    let ledger = store::ledger(settings, &place.value, log)?;
    let text = answer(&ledger.head(), &ledger, (&seen, &found), context)?;
    Ok(Answer::done(text).made(ledger.head().size.checked_sub(1)))
}

/// Whether the log says already that this was accepted.
fn is_accepted(store: &Store, change: &Change) -> Result<bool, Complaint> {
    let mut accepted = false;
    store.ledger().entries(0, |entry| {
        accepted |= matches!(&entry.action, Action::Changed(made) if **made == *change);
        Ok(if accepted { More::Enough } else { More::Next })
    })?;
    Ok(accepted)
}

/// Makes the change, asks for it, or agrees to it if somebody has asked; gives what to answer if others still have to agree.
fn agree(
    store: &mut Store,
    change: &Change,
    said: &RestoreArguments,
    reason: &str,
    context: &Context,
) -> Result<Option<Answer>, Complaint> {
    let options = ChangeOptions {
        reason: Some(reason.to_string()),
        approver_key: said.approver_key.clone(),
        passphrase_file: said.passphrase_file.clone(),
        ..ChangeOptions::default()
    };
    if store.state().authority_needed(change, context.now) == Authority::OnePerson {
        let occasion = store.occasion(Some(reason));
        store.ledger_mut()?.change(change.clone(), &occasion)?;
        return Ok(None);
    }
    let Some(request) = open_request(store, change, context) else {
        return change::carry_out(store, Deed::from(change.clone()), &options, context).map(Some);
    };
    let Some(signer) = change::approver_key(&options, context)? else {
        return Err(Complaint::new(Code::ApprovalRequired, "somebody has asked for this, and others have to agree")
            .place(format!("request {request}"))
            .expected("the key of an approver who has not agreed yet")
            .remedy("stella store restore --accept-rollback --reason TEXT --approver-key FILE"));
    };
    let occasion: Occasion = change::occasion(store, Some(signer.as_ref()), Some(reason))?;
    let ledger = store.ledger_mut()?;
    ledger.approve(&request, signer.as_ref(), &occasion)?;
    if ledger.state().request_status(&request, context.now) == Some(RequestStatus::Approved) {
        ledger.execute(&request, &occasion)?;
        return Ok(None);
    }
    let missing = change::Missing::of(store, &request);
    let complaint = Complaint::new(Code::ApprovalRequired, "more persons have to agree")
        .place(format!("request {request}"))
        .found(format!("the agreement of {}", persons_text(missing.have)))
        .expected(format!("that of {}", persons_text(missing.need)))
        .remedy("stella store restore --accept-rollback --reason TEXT --approver-key FILE");
    Ok(Some(Answer::complain(&complaint, context.format.is_json())))
}

/// The request for this change that waits for approval.
fn open_request(store: &Store, change: &Change, context: &Context) -> Option<Id> {
    store.state().objects_of(ObjectKind::Request).find_map(|object| match object {
        Object::Request(open) if open.decision() == Decision::Open && open.expires() > context.now => {
            open.request().filter(|request| *request.change == *change).map(|_| open.id().clone())
        }
        _ => None,
    })
}

fn answer(
    head: &Head,
    ledger: &Ledger<Log>,
    (seen, found): (&Head, &Head),
    context: &Context,
) -> Result<String, Complaint> {
    let checkpoint = ledger.checkpoint()?;
    if context.format.is_json() {
        let of = |head: &Head| {
            Value::object([
                ("size", Value::Number(i64::try_from(head.size).unwrap_or(i64::MAX))),
                ("root", Value::text(hex::encode(&head.root))),
            ])
        };
        let document = Value::object([
            ("schema", Value::text("stella.restore/1")),
            ("seen", of(seen)),
            ("found", of(found)),
            ("head", of(head)),
            ("mode", Value::text(ledger.state().mode().name())),
            ("checkpoint", Value::maybe(checkpoint)),
        ]);
        return Ok(document.line());
    }
    let mut page = Page::new(context);
    page.field("restored", format!("the store with {found}"));
    page.field("seen before", seen);
    page.field("entry", head.size.saturating_sub(1));
    page.field("warning", "changes of trust that came later are gone, revocations among them: make them again");
    page.field("see", "stella trust log");
    Ok(page.finish())
}
