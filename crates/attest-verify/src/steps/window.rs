//! Steps 5 and 6 for keys: the times that count, and the key's window in the trust snapshot at each of them (catalogue section 9).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_trust_store::IssuerStanding;
use stella_vocabulary::{Position, UnixTime, Window};

use crate::check::CheckId;
use crate::refused::Refused;
use crate::remedy::About;
use crate::revocation::counts_for_signer;
use crate::run::Run;
use crate::steps::signature::{describe_key_signer, threshold};
use crate::steps::trusted_time;
use crate::trust::TrustedKey;

/// Judges the windows of the keys that signed, and of their issuers, and whether any of them was revoked. Enough of them must hold; `signed` are
/// indices of the snapshot's keys. Returns those that do.
pub(crate) fn verify(run: &mut Run<'_>, signed: &[usize]) -> Vec<usize> {
    let evidence = [CheckId::TimeTimestamp, CheckId::LogEntry, CheckId::LogPromise, CheckId::LogInclusion];
    if !run.skipped(CheckId::TimeTrusted, &evidence) {
        // A key has no authority that would publish times.
        trusted_time::verify(run, None, None);
    }
    let signature = [CheckId::EnvelopeSignature, CheckId::MessageSignature, CheckId::TimeTrusted];
    if run.skipped(CheckId::KeyWindow, &signature) {
        return Vec::new();
    }
    let threshold = threshold(run);
    let given = run.given;
    let instants = run.instants();
    let mut holding = Vec::with_capacity(signed.len());
    let mut evidence = Vec::with_capacity(signed.len());
    let mut first = None;
    for (index, key) in signed.iter().filter_map(|index| Some((*index, given.trust.key(*index)?))) {
        match judge(run, key, &instants) {
            Ok(()) => {
                holding.push(index);
                evidence.push(("key", alloc::format!("{} {}", key.id(), key.entry.window()).into()));
            }
            Err(refused) => {
                first.get_or_insert((key.entry, refused));
            }
        }
    }
    if holding.len() < threshold {
        let too_few = Refused::ThresholdNotMet { found: holding.len(), required: threshold };
        let refused = match first {
            Some((entry, refused)) => {
                run.about = About {
                    key: Some(entry.key_id().to_string()),
                    object: entry.store_id().map(ToString::to_string),
                    issuer: entry.issuer().map(ToString::to_string),
                    request: None,
                };
                refused
            }
            None => Box::new(too_few),
        };
        run.checks.fail(CheckId::KeyWindow, refused.as_ref());
        return Vec::new();
    }
    run.checks.pass(CheckId::KeyWindow, evidence);
    // Whoever signed with a key that does not count is not the signer.
    describe_key_signer(run, &holding);
    holding
}

/// A revocation is named before the window, and the key before its issuer.
fn judge(run: &Run<'_>, key: TrustedKey<'_>, instants: &[UnixTime]) -> Result<(), Box<Refused>> {
    let id = key.id();
    if let Some(revocation) = key.entry.revocation()
        && !counts_for_signer(run, revocation, instants)
    {
        return Err(Box::new(Refused::KeyRevoked {
            key: id.to_string(),
            entry: key.entry.store_id().map(|id| alloc::format!("key {id}")),
            cause: revocation.cause.name(),
            revoked_at: revocation.revoked_at,
        }));
    }
    let proven = !run.times.is_empty();
    outside_window(|| alloc::format!("key {id}"), key.entry.window(), instants, proven)?;
    let Some(issuer_id) = key.entry.issuer() else { return Ok(()) };
    let name = || alloc::format!("issuer {issuer_id}");
    match run.given.trust.snapshot.issuer(issuer_id) {
        Some(issuer) if issuer.standing() == IssuerStanding::Trusted => {
            outside_window(name, issuer.window(), instants, proven)
        }
        other => {
            let status = other.map_or("not an issuer of the store", |issuer| issuer.standing().name());
            Err(Box::new(Refused::KeyNotApproved { what: name(), status: status.to_string() }))
        }
    }
}

/// Whether an instant that counts lies outside of the window in which `name` is trusted.
pub(crate) fn outside_window(
    name: impl Fn() -> String,
    window: Window,
    instants: &[UnixTime],
    proven: bool,
) -> Result<(), Box<Refused>> {
    let outside = instants.iter().find_map(|&time| match window.position(time) {
        Position::Inside => None,
        Position::Before => Some(Refused::KeyNotYetTrusted { key: name(), window, time }),
        Position::After if proven => Some(Refused::KeyExpiredAtSigning { key: name(), window, time }),
        Position::After => Some(Refused::KeyExpired { key: name(), window, at: time }),
    });
    outside.map_or(Ok(()), |refused| Err(Box::new(refused)))
}
