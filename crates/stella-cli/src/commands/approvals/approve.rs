//! `stella approvals approve`.

use std::path::Path;

use stella_attest_model::{Envelope, Limits};
use stella_trust_store::ledger::{ChangeRequest, Decision, Id, LedgerError, Occasion, RequestStatus};
use stella_vocabulary::Code;

use super::outcome::Outcome;
use super::view::View;
use super::{private_key, request};
use crate::arguments::ApproveArguments;
use crate::change;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::store::Store;

const USUAL: &str = "approved";

pub(crate) fn run(said: &ApproveArguments, context: &Context) -> Result<Answer, Complaint> {
    let mut store = super::open(context)?;
    let id = request(&store, &said.id)?;
    refuse_over(&store, &id, context)?;
    let before = store.state().clone();
    let (committed, occasion) = match &said.envelope {
        Some(path) => {
            let envelope = envelope(path, &id)?;
            let occasion = store.occasion(Some(said.reason.as_deref().unwrap_or(USUAL)));
            (store.ledger_mut()?.approve_with(&envelope, &occasion)?, occasion)
        }
        None => {
            let key = private_key(&said.key, context)?;
            let reason = Some(said.reason.as_deref().unwrap_or(USUAL));
            // Whoever is to become an approver may agree to that; the ledger names the person by the signature.
            let occasion = change::occasion(&store, Some(&*key), reason).unwrap_or_else(|_| store.occasion(reason));
            (store.ledger_mut()?.approve(&id, &*key, &occasion)?, occasion)
        }
    };
    let mut outcome = Outcome::new("approved", &id, before);
    outcome.took(&committed);
    execute_if_complete(&mut store, &id, &occasion, &mut outcome, context)?;
    outcome.answer(&store, View::of(store.ledger(), &id, context.now)?, context)
}

/// The last agreement that is needed makes the change. All of it is judged again; if it cannot be made, the agreement stays.
fn execute_if_complete(
    store: &mut Store,
    id: &Id,
    occasion: &Occasion,
    outcome: &mut Outcome,
    context: &Context,
) -> Result<(), Complaint> {
    if store.state().request_status(id, context.now) != Some(RequestStatus::Approved) {
        return Ok(());
    }
    match store.ledger_mut()?.execute(id, occasion) {
        Ok(committed) => outcome.executed(&committed),
        Err(error) => outcome.failed(Complaint::from(error)),
    }
    Ok(())
}

/// What is decided is not approved again, whoever has signed it. `--at` judges the request as of another instant: one that is over then is
/// not approved.
fn refuse_over(store: &Store, id: &Id, context: &Context) -> Result<(), Complaint> {
    match store.state().request(id) {
        Some(open) if open.decision() != Decision::Open => {
            let found = match open.decision() {
                Decision::Executed(sequence) => format!("executed by entry {sequence}"),
                Decision::Rejected(sequence) => format!("rejected by entry {sequence}"),
                Decision::Open => String::new(),
            };
            Err(Complaint::from(LedgerError::Replayed { request: id.clone() })
                .found(found)
                .expected("a request that waits for approval"))
        }
        Some(open) if context.at >= open.expires() => {
            Err(LedgerError::Expired { request: id.clone(), expires: open.expires() }.into())
        }
        _ => Ok(()),
    }
}

fn envelope(path: &Path, id: &Id) -> Result<Envelope, Complaint> {
    let bytes = Inputs::default().read(path, Kind::Request)?;
    let refused = |error: &dyn stella_vocabulary::Reason| Complaint::of(error, &name_of(path));
    let envelope = Envelope::from_json(&bytes, &Limits::default()).map_err(|error| refused(&error))?;
    let asked = ChangeRequest::from_payload(envelope.unverified_payload()).map_err(|error| refused(&error))?;
    if asked.id != *id {
        return Err(Complaint::new(Code::ApprovalDigestMismatch, "the envelope is around another request")
            .in_file(path)
            .found(asked.id.to_string())
            .expected(id.to_string())
            .remedy(format!("stella approvals show {id} --envelope")));
    }
    Ok(envelope)
}
