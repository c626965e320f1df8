//! Step 6: SCTs inside the signing certificate (RFC 6962 §3.3), with the issuer taken from the verified path and never looked up by name.

use alloc::boxed::Box;
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, VerifiedChain};
use stella_transparency::SctError;
use stella_vocabulary::{Reason, UnixTime};

use crate::fact::Facts;
use crate::policy::Source;
use crate::refused::Refused;
use crate::run::Given;
use crate::tally::Remembered;
use crate::trust::PreparedDomain;

/// What was established, by which signatures, or why it was refused.
pub(crate) type Judged = Result<(Facts, Remembered), Box<dyn Reason>>;

/// Judges the certificate's timestamps by the logs of `domain`. `None` where none is needed and none is there.
pub(crate) fn judge(
    given: &Given,
    domain: &PreparedDomain,
    leaf: &Certificate,
    chain: &VerifiedChain,
    at: UnixTime,
) -> Option<Judged> {
    let logs = &domain.ct_logs;
    let published = domain.is_public() && !logs.logs().is_empty();
    let required = given.policy.certificate_timestamps.needed(Source::published_if(published));
    if required == 0 && logs.logs().is_empty() {
        return None;
    }
    let results = match logs.verify_embedded(leaf.der(), chain.issuer_of_leaf().spki_der()) {
        Ok(results) => results,
        // A certificate without the extension lacks evidence; it brings none that could be invalid.
        Err(SctError::Missing) if required == 0 => return None,
        Err(error) => return Some(Err(Box::new(error))),
    };
    let mut seen = Vec::new();
    let mut evidence = Facts::new();
    let mut remembered = Remembered::default();
    let mut refused = None;
    for result in results {
        match result {
            // "Clients MUST reject SCTs whose timestamp is in the future." RFC 6962 §5.2
            Ok(sct) if sct.time > at => return Some(Err(Box::new(Refused::SctInFuture { time: sct.time, at }))),
            Ok(sct) => {
                let Some(log) = logs.logs().get(sct.log) else { continue };
                remembered.add(sct.by);
                evidence.push(("log", alloc::format!("{} at {}", log.name(), sct.time).into()));
                // A log may be listed several times, once for each of its windows.
                let key = log.key().key_id();
                if !seen.contains(&key) {
                    seen.push(key);
                }
            }
            Err(error @ SctError::LogUnknown { .. }) => {
                refused.get_or_insert(error);
            }
            // A timestamp that claims a known log and is not by it is forged or broken: present evidence must be valid.
            Err(error) => return Some(Err(Box::new(error))),
        }
    }
    if seen.len() >= required {
        return (!seen.is_empty()).then_some(Ok((evidence, remembered)));
    }
    Some(Err(match refused {
        Some(error) => Box::new(error),
        None => Box::new(Refused::SctThreshold { found: seen.len(), required }),
    }))
}
