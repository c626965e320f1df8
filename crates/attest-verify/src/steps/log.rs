//! Step 4: entries of transparency logs. Each must speak of this very envelope, signature and key, whether or not the log is trusted.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use stella_attest_model::LogEntry;
use stella_transparency::rekor::{EntryBody, Signed, SignedContent, Verifier};
use stella_transparency::{EntryMismatch, EntryPart, LogError, LogSet};
use stella_vocabulary::{Code, Reason, UnixTime};

use crate::check::CheckId;
use crate::policy::Source;
use crate::refused::Refused;
use crate::report::{TimeSource, TrustedTime};
use crate::run::Run;
use crate::steps::material::Material;
use crate::steps::path::SignerPath;

/// A log that was shown to hold an entry of this signature: its domain and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedLog {
    domain: usize,
    log: usize,
}

/// Judges every entry. Returns the logs that were shown to hold one, each once.
pub(crate) fn verify_all(run: &mut Run<'_>, material: Option<&Material>, signed: &[usize]) -> Vec<VerifiedLog> {
    let mut logs = Vec::new();
    for (index, entry) in run.attestation.log_entries().iter().enumerate() {
        verify_binding(run, entry, index, material, signed);
        let promised = verify_promise(run, entry, index);
        let included = verify_inclusion(run, entry, index);
        // A promise alone is what a v0.1 bundle may bring; where there is a proof, it must hold.
        let holds = match (promised, included) {
            (Outcome::Refused, _) | (_, Outcome::Refused) => None,
            (Outcome::Verified(log), _) | (Outcome::Absent, Outcome::Verified(log)) => Some(log),
            (Outcome::Absent, Outcome::Absent) => None,
        };
        if let Some(log) = holds
            && !logs.contains(&log)
        {
            logs.push(log);
        }
    }
    logs
}

enum Outcome {
    Absent,
    Refused,
    Verified(VerifiedLog),
}

/// Needs no trust root, so it is never left out.
fn verify_binding(run: &mut Run<'_>, entry: &LogEntry, index: usize, material: Option<&Material>, signed: &[usize]) {
    let id = CheckId::LogEntry;
    // Which of several keys the entry has to name is known only once one of them has been shown to have signed.
    let by_key: &[CheckId] = &[CheckId::MaterialKey, CheckId::EnvelopeSignature, CheckId::MessageSignature];
    let needs = if matches!(material, Some(Material::Keys)) { by_key } else { &[CheckId::MaterialKey] };
    if run.skipped(id, needs) {
        return;
    }
    let given = run.given;
    let content = match (run.attestation.envelope(), run.attestation.message_signature()) {
        (Some(envelope), _) => SignedContent::Envelope(envelope),
        (None, Some(message)) => {
            let digests = run.artifact().map_or(&[][..], |artifact| artifact.digests());
            SignedContent::Message { digests, signature: message.signature() }
        }
        (None, None) => return,
    };
    let outcome = EntryBody::parse(entry).and_then(|body| match material {
        Some(Material::Certificates { certificates, .. }) => {
            let der = certificates.first().map_or(&[][..], |leaf| leaf.der());
            body.bind(&Signed { content, verifier: Verifier::Certificate(der) })
        }
        Some(Material::Keys) => {
            // The signature has verified, so at least one key is known to have signed; the entry must name one of those.
            let keys = signed.iter().filter_map(|key| given.trust.keys.get(*key));
            let bound = keys.map(|key| body.bind(&Signed { content, verifier: Verifier::PublicKey(&key.public) }));
            bound.reduce(|first, other| if first.is_ok() { first } else { other }).unwrap_or_else(|| {
                let (expected, found) = ("a key that signed".to_string(), "none".to_string());
                Err(LogError::EntryMismatch(EntryMismatch { part: EntryPart::Key, expected, found }))
            })
        }
        None => Ok(()),
    });
    let evidence = vec![("entry", index.to_string()), ("kind", alloc::format!("{} {}", entry.kind(), entry.version()))];
    match outcome {
        Ok(()) => run.checks.pass(id, evidence),
        Err(error) => run.checks.fail_with(id, &error, evidence),
    }
}

fn verify_promise(run: &mut Run<'_>, entry: &LogEntry, index: usize) -> Outcome {
    if entry.inclusion_promise().is_none() {
        return Outcome::Absent;
    }
    let (domain, outcome) = in_domain_of_log(run, |logs| logs.verify_promise(entry));
    match outcome {
        Ok(promise) => {
            let time = promise.integrated_time;
            let name = log_name(run, domain, promise.log);
            run.checks.pass(
                CheckId::LogPromise,
                vec![
                    ("entry", index.to_string()),
                    ("log", name.clone()),
                    ("integrated time", time.to_string()),
                    ("log index", entry.log_index().to_string()),
                ],
            );
            run.times.push(TrustedTime { time, source: TimeSource::LogPromise, name });
            Outcome::Verified(VerifiedLog { domain, log: promise.log })
        }
        Err(error) => {
            run.checks.fail_with(CheckId::LogPromise, &error, vec![("entry", index.to_string())]);
            Outcome::Refused
        }
    }
}

fn verify_inclusion(run: &mut Run<'_>, entry: &LogEntry, index: usize) -> Outcome {
    if entry.inclusion_proof().is_none() {
        return Outcome::Absent;
    }
    // The log must be trusted at every time that is known by now: of this entry's promise, and of the tokens.
    let times: Vec<UnixTime> = run.times.iter().map(TrustedTime::time).collect();
    let (domain, outcome) = in_domain_of_log(run, |logs| logs.verify_inclusion_at(entry, &times));
    match outcome {
        Ok(inclusion) => {
            let name = log_name(run, domain, inclusion.log);
            run.checks.pass(
                CheckId::LogInclusion,
                vec![
                    ("entry", index.to_string()),
                    ("log", name),
                    ("origin", inclusion.origin),
                    ("tree size", inclusion.tree_size.to_string()),
                    ("root", alloc::format!("sha256:{}", stella_vocabulary::hex::encode(&inclusion.root))),
                ],
            );
            Outcome::Verified(VerifiedLog { domain, log: inclusion.log })
        }
        Err(error) => {
            run.checks.fail_with(CheckId::LogInclusion, &error, vec![("entry", index.to_string())]);
            Outcome::Refused
        }
    }
}

/// Asks each domain until one knows the log. If none does, the answer is the first one's.
fn in_domain_of_log<T>(run: &Run<'_>, ask: impl Fn(&LogSet) -> Result<T, LogError>) -> (usize, Result<T, LogError>) {
    let mut answer = None;
    for (index, domain) in run.given.trust.domains.iter().enumerate() {
        match ask(&domain.logs) {
            Err(error) if error.code() == Code::TlogLogUnknown => {
                answer.get_or_insert((0, Err(error)));
            }
            outcome => return (index, outcome),
        }
    }
    answer.expect("a trust snapshot always has its private domain, so somebody was asked")
}

fn log_name(run: &Run<'_>, domain: usize, log: usize) -> alloc::string::String {
    run.given
        .trust
        .domains
        .get(domain)
        .and_then(|domain| domain.logs.logs().get(log))
        .map_or_else(alloc::string::String::new, |log| log.name().to_string())
}

/// Counts the distinct logs. For the customers of a public authority only the logs of its own instance count.
pub(crate) fn verify_threshold(run: &mut Run<'_>, verified: &[VerifiedLog], signer: Option<&SignerPath>) {
    let public = signer.is_some_and(|signer| signer.is_public(run.given));
    let domain = signer.and_then(|signer| run.given.trust.domains.get(signer.domain));
    let published = domain.is_some_and(|domain| domain.is_public() && !domain.logs.logs().is_empty());
    let required = run.given.policy.logs.needed(Source::published_if(published));
    if required == 0
        || run.skipped(CheckId::LogThreshold, &[CheckId::LogEntry, CheckId::LogPromise, CheckId::LogInclusion])
    {
        return;
    }
    let found =
        verified.iter().filter(|log| !public || signer.is_some_and(|signer| signer.domain == log.domain)).count();
    if found >= required {
        run.checks.pass(CheckId::LogThreshold, vec![("logs", found.to_string()), ("threshold", required.to_string())]);
    } else {
        run.checks.fail(CheckId::LogThreshold, &Refused::LogThreshold { found, required });
    }
}
