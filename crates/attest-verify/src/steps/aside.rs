//! Keys that the store knows and does not count: looked at only to say why a signature by one was refused (catalogue B233).

use alloc::format;
use alloc::string::ToString;

use stella_crypto_providers::{SignatureEncoding, VerifyingKey};
use stella_trust_store::{AsideKey, WhyAside};

use crate::refused::Refused;
use crate::remedy::About;
use crate::run::Run;
use crate::trust::{is_named_by, prepare};

/// How many keys that do not count one verification tries: those that a signature names, and then others.
const TRIED: usize = 32;

/// Why no key counts, if one that is set aside made the signature. `hint` is how the signature calls its key. Nothing found here is ever accepted.
pub(crate) fn explain(
    run: &mut Run<'_>,
    hint: Option<&str>,
    verifies: impl Fn(&VerifyingKey, SignatureEncoding) -> bool,
) -> Option<Refused> {
    let given = run.given;
    let keys = given.trust.snapshot.aside_keys();
    // Those that were compromised are among the keys that are tried anyway.
    let open = |key: &&AsideKey| *key.why() != WhyAside::Revoked;
    let named = |key: &&AsideKey| hint.is_some_and(|hint| is_named_by(key.entry(), hint));
    let likely = keys.iter().filter(open).filter(named);
    let others = keys.iter().filter(open).filter(|key| !named(key));
    let signed_by = |key: &&AsideKey| {
        prepare(&given.registry, key.entry()).is_ok_and(|prepared| verifies(&prepared, key.entry().encoding()))
    };
    let signer = likely.chain(others).take(TRIED).find(signed_by)?;
    let (entry, why) = (signer.entry(), signer.why());
    run.signer.key = Some(entry.key_id().to_string());
    run.signer.label = entry.label().map(ToString::to_string);
    run.about = About {
        key: Some(entry.key_id().to_string()),
        object: entry.store_id().filter(|_| !matches!(why, WhyAside::Requested(_))).map(ToString::to_string),
        issuer: entry.issuer().map(ToString::to_string),
        request: match why {
            WhyAside::Requested(request) => Some(request.to_string()),
            _ => None,
        },
    };
    let status = match (why, entry.issuer()) {
        (WhyAside::Requested(request), _) => format!("requested in {request}, not approved"),
        (WhyAside::Staged, Some(issuer)) => format!("staged for issuer {issuer}"),
        (WhyAside::IssuerNotTrusted, Some(issuer)) => format!("issuer {issuer} is not trusted"),
        _ => why.name().to_string(),
    };
    let name = entry.store_id().map_or_else(|| entry.key_id().to_string(), |id| format!("{id} ({})", entry.key_id()));
    Some(Refused::KeyNotApproved { what: format!("key {name}"), status })
}
