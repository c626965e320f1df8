//! Step 5: whether enough distinct sources say when the signature was made, none of them in the future.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use crate::check::CheckId;
use crate::policy::Source;
use crate::refused::Refused;
use crate::run::Run;

/// Judges the trusted times found. `source` says whether the signer's authority is one whose customers are timed; `not_after` is the end of
/// the signing certificate, for the message. Returns whether the times do.
pub(crate) fn verify(run: &mut Run<'_>, source: Source, not_after: Option<UnixTime>) -> bool {
    let id = CheckId::TimeTrusted;
    if let Some(late) = run.times.iter().find(|time| time.time() > run.at) {
        let refused = Refused::TimeInFuture { time: late.time(), source: late.name().to_string(), at: run.at };
        run.checks.fail(id, &refused);
        return false;
    }
    let required = run.given.policy.times.needed(source);
    let found = distinct_sources(run);
    if found < required {
        let refused = match found {
            0 => Refused::NoTrustedTime { not_after, at: run.at },
            _ => Refused::TimeThreshold { found, required },
        };
        run.checks.fail(id, &refused);
        return false;
    }
    if found == 0 {
        run.notes.push(alloc::format!("no trusted time: judged as of {} alone", run.at));
    } else {
        run.checks.pass(id, vec![("sources", found.to_string()), ("threshold", required.to_string())]);
    }
    true
}

/// Counts authorities and logs, not tokens and entries.
fn distinct_sources(run: &Run<'_>) -> usize {
    let mut sources: Vec<_> = run.times.iter().map(|time| (time.source(), time.name())).collect();
    sources.sort_unstable();
    sources.dedup();
    sources.len()
}
