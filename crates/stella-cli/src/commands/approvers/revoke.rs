//! `stella approvers revoke`.

use stella_trust_store::ledger::{Change, Revocation, RevocationCause};
use stella_vocabulary::Code;

use super::{approver, too_few_left};
use crate::arguments::{Cause, RevokeApproverArguments};
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::{Context, instant};
use crate::exit::Answer;
use crate::store::Store;

pub(crate) fn run(said: &RevokeApproverArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = said.compromised_since.as_deref().map(|text| instant(text, "--compromised-since")).transpose()?;
    let cause = match said.cause {
        Cause::Ceased => RevocationCause::Ceased,
        Cause::Compromised => RevocationCause::Compromised,
        Cause::Superseded => RevocationCause::Superseded,
        Cause::Unspecified => RevocationCause::Unspecified,
    };
    if since.is_some() && !cause.taints_the_past() {
        return Err(Complaint::new(Code::UsageConflict, "what was not compromised has no time of compromise")
            .place("--compromised-since")
            .found(format!("--cause {}", cause.name()))
            .expected("--cause compromised")
            .remedy("leave --cause out, or --compromised-since"));
    }
    let mut store = Store::require(context)?;
    let object = approver(&store, &said.id)?;
    let revocation = Revocation { cause, invalid_since: since, revoked_at: context.now };
    let deed = Deed::from(Change::Revoked { object: object.clone(), revocation })
        .warn(["what this key has agreed to and was not made yet does not count any more".to_string()])
        .usually_because("approver key revoked");
    carry_out(&mut store, deed, &said.change, context)
        .map_err(|complaint| too_few_left(complaint, &store, &object, "revoke"))
}
