//! Steps 5 and 6 for keys: the times that count, and the key's window in the trust snapshot at each of them (catalogue section 9).

use alloc::string::ToString;
use alloc::vec::Vec;

use stella_vocabulary::{Position, UnixTime};

use crate::check::CheckId;
use crate::policy::Source;
use crate::refused::Refused;
use crate::run::Run;
use crate::steps::signature::threshold;
use crate::steps::trusted_time;
use crate::trust::PreparedKeyEntry;

/// Judges the windows of the keys that signed. Enough of them must hold; `signed` are indices of the snapshot's keys.
pub(crate) fn verify(run: &mut Run<'_>, signed: &[usize]) {
    let evidence = [CheckId::TimeTimestamp, CheckId::LogEntry, CheckId::LogPromise, CheckId::LogInclusion];
    if !run.skipped(CheckId::TimeTrusted, &evidence) {
        // A key has no authority that would publish times.
        trusted_time::verify(run, Source::None, None);
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
    let refusals: Vec<Refused> = keys.iter().filter_map(|key| outside_window(key, &instants, proven)).collect();
    let holding = keys.len() - refusals.len();
    match refusals.into_iter().next() {
        Some(refused) if holding < threshold => run.checks.fail(CheckId::KeyWindow, &refused),
        _ => run.checks.pass(
            CheckId::KeyWindow,
            keys.iter().map(|key| ("key", alloc::format!("{} {}", key.id, key.window))).collect(),
        ),
    }
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
