//! `stella trust-anchors revoke`.

use stella_trust_store::ledger::{Change, ObjectKind, Revocation, RevocationCause};
use stella_vocabulary::Code;

use super::require_reason;
use crate::arguments::{Cause, RevokeArguments};
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::{Context, instant};
use crate::exit::Answer;
use crate::store::Store;
use crate::trust_object::ANCHOR_KINDS;

pub(crate) fn run(said: &RevokeArguments, context: &Context) -> Result<Answer, Complaint> {
    require_reason(&said.change, "revoke")?;
    let since = said.compromised_since.as_deref().map(|text| instant(text, "--compromised-since")).transpose()?;
    let cause = match (said.cause, since) {
        (Some(cause), _) => of(cause),
        (None, Some(_)) => RevocationCause::Compromised,
        (None, None) => RevocationCause::Unspecified,
    };
    if since.is_some() && !cause.taints_the_past() {
        return Err(Complaint::new(Code::UsageConflict, "what was not compromised has no time of compromise")
            .place("--compromised-since")
            .found(format!("--cause {}", cause.name()))
            .expected("--cause compromised")
            .remedy("leave --cause out, or --compromised-since"));
    }
    let revoked_at = match &said.revoked_at {
        Some(text) => instant(text, "--revoked-at")?,
        None => context.now,
    };
    let mut store = Store::require(context)?;
    let object = store.resolve(&ANCHOR_KINDS, &said.id)?;
    if object.kind == ObjectKind::TrustedRoot {
        return Err(Complaint::new(Code::UsageConflict, "a trusted root has no key of its own that could be revoked")
            .found(object.to_string())
            .expected("an anchor, intermediate or key")
            .remedy(format!("stella trust-anchors remove {} --reason TEXT", object.id)));
    }
    let mut warnings = Vec::new();
    if cause.taints_the_past() {
        warnings.push(match since {
            Some(since) => format!(
                "nothing that it has ever signed verifies any more, unless a policy accepts what is proven to be from before {since}"
            ),
            None => "nothing that it has ever signed verifies any more; if it was only replaced: --cause superseded".to_string(),
        });
    } else if revoked_at > context.now {
        warnings.push(format!("it still counts until {revoked_at}"));
    }
    let revocation = Revocation { cause, invalid_since: since, revoked_at };
    carry_out(&mut store, Deed::from(Change::Revoked { object, revocation }).warn(warnings), &said.change, context)
}

const fn of(cause: Cause) -> RevocationCause {
    match cause {
        Cause::Ceased => RevocationCause::Ceased,
        Cause::Compromised => RevocationCause::Compromised,
        Cause::Superseded => RevocationCause::Superseded,
        Cause::Unspecified => RevocationCause::Unspecified,
    }
}
