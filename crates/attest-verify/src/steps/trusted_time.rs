//! Step 5: whether enough distinct sources say when the signature was made, none of them in the future.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use crate::check::CheckId;
use crate::policy::Source;
use crate::refused::Refused;
use crate::run::Run;
use crate::trust::{PRIVATE, Witness};

/// Judges the trusted times found. `customer_of` is the public domain of the signer, if it has one; `not_after` is the end of the signing
/// certificate, for the message. Returns whether the times do.
pub(crate) fn verify(run: &mut Run<'_>, customer_of: Option<usize>, not_after: Option<UnixTime>) -> bool {
    let id = CheckId::TimeTrusted;
    if let Some(late) = run.times.iter().find(|time| time.time() > run.at) {
        let refused = Refused::TimeInFuture { time: late.time(), source: late.name().to_string(), at: run.at };
        run.checks.fail(id, &refused);
        return false;
    }
    let (found, required) = count(run, customer_of);
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
        run.checks.pass(id, vec![("sources", found.into()), ("threshold", required.into())]);
    }
    true
}

/// Whether enough sources gave a time for a signer of this domain, whatever the times are.
pub(crate) fn are_enough(run: &Run<'_>, customer_of: Option<usize>) -> bool {
    let (found, required) = count(run, customer_of);
    found >= required
}

/// How many distinct sources gave a time, and how many have to.
///
/// Counts authorities and logs, not tokens and entries. A public authority does not answer for the clocks of another: for its customers only
/// its own count, and those that the owner of the snapshot has added.
fn count(run: &Run<'_>, customer_of: Option<usize>) -> (usize, usize) {
    let counts = |witness: &Witness| {
        customer_of.is_none_or(|domain| witness.domains.contains(&domain) || witness.domains.contains(&PRIVATE))
    };
    let mut sources: Vec<_> =
        run.times.iter().filter(|time| counts(&time.witness)).map(|time| (time.source(), time.witness.key)).collect();
    sources.sort_unstable();
    sources.dedup();
    // A public authority's certificates live for minutes: without a time there is nothing to judge them at.
    (sources.len(), run.given.policy.times.needed(Source::published_if(customer_of.is_some())))
}
