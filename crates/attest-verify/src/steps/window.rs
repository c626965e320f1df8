//! Steps 5 and 6 for keys: the times that count, and the key's window in the trust snapshot at each of them (catalogue section 9).

use alloc::string::ToString;
use alloc::vec::Vec;

use stella_vocabulary::{Position, UnixTime};

use crate::check::CheckId;
use crate::refused::Refused;
use crate::run::Run;
use crate::steps::signature::{describe_key_signer, threshold};
use crate::steps::trusted_time;
use crate::trust::PreparedKeyEntry;

/// Judges the windows of the keys that signed. Enough of them must hold; `signed` are indices of the snapshot's keys.
pub(crate) fn verify(run: &mut Run<'_>, signed: &[usize]) {
    let evidence = [CheckId::TimeTimestamp, CheckId::LogEntry, CheckId::LogPromise, CheckId::LogInclusion];
    if !run.skipped(CheckId::TimeTrusted, &evidence) {
        // A key has no authority that would publish times.
        trusted_time::verify(run, None, None);
    }
    let signature = [CheckId::EnvelopeSignature, CheckId::MessageSignature, CheckId::TimeTrusted];
    if run.skipped(CheckId::KeyWindow, &signature) {
        return;
    }
    let threshold = threshold(run);
    let given = run.given;
    let keys: Vec<&PreparedKeyEntry> = signed.iter().filter_map(|index| given.trust.keys.get(*index)).collect();
    let instants = run.instants();
    let proven = !run.times.is_empty();
    let refusals: Vec<Option<Refused>> = keys.iter().map(|key| outside_window(key, &instants, proven)).collect();
    let holding: Vec<usize> =
        signed.iter().zip(&refusals).filter(|(_, refused)| refused.is_none()).map(|(key, _)| *key).collect();
    if holding.len() < threshold {
        let too_few = Refused::ThresholdNotMet { found: holding.len(), required: threshold };
        let refused = refusals.into_iter().flatten().next().unwrap_or(too_few);
        run.checks.fail(CheckId::KeyWindow, &refused);
        return;
    }
    let holds = keys.iter().zip(&refusals).filter(|(_, refused)| refused.is_none());
    run.checks.pass(
        CheckId::KeyWindow,
        holds.map(|(key, _)| ("key", alloc::format!("{} {}", key.id, key.window).into())).collect(),
    );
    // Whoever signed with a key that does not count is not the signer.
    describe_key_signer(run, &holding);
}

fn outside_window(entry: &PreparedKeyEntry, instants: &[UnixTime], proven: bool) -> Option<Refused> {
    let key = entry.id.to_string();
    let window = entry.window;
    instants.iter().find_map(|&time| match window.position(time) {
        Position::Inside => None,
        Position::Before => Some(Refused::KeyNotYetTrusted { key: key.clone(), window, time }),
        Position::After if proven => Some(Refused::KeyExpiredAtSigning { key: key.clone(), window, time }),
        Position::After => Some(Refused::KeyExpired { key: key.clone(), window, at: time }),
    })
}
