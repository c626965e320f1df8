//! Step 4: entries of transparency logs. Each must speak of this very envelope, signature and key, whether or not the log is trusted.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use stella_attest_model::LogEntry;
use stella_transparency::rekor::{EntryBody, Signed, SignedContent, Verifier};
use stella_transparency::{EntryMismatch, EntryPart, LogError, LogSet};
use stella_vocabulary::UnixTime;

use crate::check::CheckId;
use crate::fact::Fact;
use crate::policy::Source;
use crate::refused::Refused;
use crate::report::{TimeSource, TrustedTime};
use crate::run::Run;
use crate::steps::material::Material;
use crate::steps::path::SignerPath;
use crate::trust::Witness;

/// Judges every entry. Returns the logs that were shown to hold one, each once.
pub(crate) fn verify_all(run: &mut Run<'_>, material: Option<&Material>, signed: &[usize]) -> Vec<Witness> {
    let mut logs: Vec<Witness> = Vec::new();
    for (index, entry) in run.attestation.log_entries().iter().enumerate() {
        let bound = verify_binding(run, entry, index, material, signed);
        let (promised, time) = verify_promise(run, entry, index);
        let included = verify_inclusion(run, entry, index, time.as_ref().map(TrustedTime::time));
        // The time of an entry about something else, or of one that the log does not hold, says nothing about this signature.
        if bound == Bound::Yes && !matches!(included, Outcome::Refused) {
            run.times.extend(time);
        }
        // A promise alone is what a v0.1 bundle may bring; where there is a proof, it must hold.
        let holds = match (promised, included) {
            (Outcome::Refused, _) | (_, Outcome::Refused) => continue,
            (Outcome::Verified(log), _) | (Outcome::Absent, Outcome::Verified(log)) => log,
            (Outcome::Absent, Outcome::Absent) => continue,
        };
        match logs.iter_mut().find(|log| log.key == holds.key) {
            Some(known) => known.domains.extend(holds.domains),
            None => logs.push(holds),
        }
    }
    logs
}

/// Whether an entry speaks of this signature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    No,
    Yes,
}

enum Outcome {
    Absent,
    Refused,
    Verified(Witness),
}

/// Needs no trust root, so it is never left out.
fn verify_binding(
    run: &mut Run<'_>,
    entry: &LogEntry,
    index: usize,
    material: Option<&Material>,
    signed: &[usize],
) -> Bound {
    let id = CheckId::LogEntry;
    // Which of several keys the entry has to name is known only once one of them has been shown to have signed.
    let by_key: &[CheckId] = &[CheckId::MaterialKey, CheckId::EnvelopeSignature, CheckId::MessageSignature];
    let needs = if matches!(material, Some(Material::Keys)) { by_key } else { &[CheckId::MaterialKey] };
    if run.skipped(id, needs) {
        return Bound::No;
    }
    let given = run.given;
    let content = match (run.attestation.envelope(), run.attestation.message_signature()) {
        (Some(envelope), _) => SignedContent::Envelope(envelope),
        // What the entry should record is unknown without the artifact, and the signature check has said that it is missing.
        (None, Some(_)) if run.artifact().is_none() && run.skipped(id, &[CheckId::MessageSignature]) => {
            return Bound::No;
        }
        (None, Some(message)) => {
            let digests = run.artifact().map_or(&[][..], |artifact| artifact.digests());
            SignedContent::Message { digests, signature: message.signature() }
        }
        (None, None) => return Bound::No,
    };
    let outcome = EntryBody::parse(entry).and_then(|body| match material {
        Some(Material::Certificates { certificates, .. }) => {
            let der = certificates.first().map_or(&[][..], |leaf| leaf.der());
            body.bind(&Signed { content, verifier: Verifier::Certificate(der) })
        }
        Some(Material::Keys) => {
            // The signature has verified, so at least one key is known to have signed; the entry must name one of those.
            let keys = signed.iter().filter_map(|key| given.trust.key(*key)?.entry.public_key().ok());
            let bound = keys.map(|key| body.bind(&Signed { content, verifier: Verifier::PublicKey(key) }));
            bound.reduce(|first, other| if first.is_ok() { first } else { other }).unwrap_or_else(|| {
                let (expected, found) = ("a key that signed".to_string(), "none".to_string());
                Err(LogError::EntryMismatch(EntryMismatch { part: EntryPart::Key, expected, found }))
            })
        }
        None => Ok(()),
    });
    let evidence =
        vec![("entry", index.into()), ("kind", alloc::format!("{} {}", entry.kind(), entry.version()).into())];
    match outcome {
        Ok(()) => {
            run.checks.pass(id, evidence);
            Bound::Yes
        }
        Err(error) => {
            run.checks.fail_with(id, &error, evidence);
            Bound::No
        }
    }
}

/// The outcome, and the time that the log promised under its signature.
fn verify_promise(run: &mut Run<'_>, entry: &LogEntry, index: usize) -> (Outcome, Option<TrustedTime>) {
    if entry.inclusion_promise().is_none() {
        return (Outcome::Absent, None);
    }
    let ask = |logs: &LogSet| logs.verify_promise(entry).map(|promise| (promise.log, promise));
    match in_every_domain(run, entry, ask) {
        Ok(Answer { witness, name, value: promise }) => {
            run.remembered.add(promise.by);
            let time = promise.integrated_time;
            run.checks.pass(
                CheckId::LogPromise,
                vec![
                    ("entry", index.into()),
                    ("log", name.clone().into()),
                    ("integrated time", time.into()),
                    ("log index", entry.log_index().into()),
                ],
            );
            let time = TrustedTime { time, source: TimeSource::LogPromise, name, witness: witness.clone() };
            (Outcome::Verified(witness), Some(time))
        }
        Err(error) => {
            run.checks.fail_with(CheckId::LogPromise, &error, vec![("entry", index.into())]);
            (Outcome::Refused, None)
        }
    }
}

fn verify_inclusion(run: &mut Run<'_>, entry: &LogEntry, index: usize, promised: Option<UnixTime>) -> Outcome {
    if entry.inclusion_proof().is_none() {
        return Outcome::Absent;
    }
    // The log must be trusted at the time of this entry's promise and those of the tokens; without any, at the instant being judged.
    let tokens = run.times.iter().filter(|time| time.source() == TimeSource::Timestamp).map(TrustedTime::time);
    let mut times: Vec<UnixTime> = promised.into_iter().chain(tokens).collect();
    if times.is_empty() {
        times.push(run.at);
    }
    let ask = |logs: &LogSet| logs.verify_inclusion_at(entry, &times).map(|inclusion| (inclusion.log, inclusion));
    match in_every_domain(run, entry, ask) {
        Ok(Answer { witness, name, value: inclusion }) => {
            run.remembered.add(inclusion.by);
            run.checks.pass(
                CheckId::LogInclusion,
                vec![
                    ("entry", index.into()),
                    ("log", name.into()),
                    ("origin", inclusion.origin.into()),
                    ("tree size", inclusion.tree_size.into()),
                    ("root", Fact::Sha256(inclusion.root)),
                ],
            );
            Outcome::Verified(witness)
        }
        Err(error) => {
            run.checks.fail_with(CheckId::LogInclusion, &error, vec![("entry", index.into())]);
            Outcome::Refused
        }
    }
}

/// What a log vouched for, and what it is called.
struct Answer<T> {
    witness: Witness,
    name: String,
    value: T,
}

/// Asks every domain for the log of `entry`. Several may list the same log, and it then counts for the customers of each; what one of them
/// accepts is accepted, so that no listing takes anything from another. `ask` gives the place of the log and what it vouched for.
fn in_every_domain<T>(
    run: &Run<'_>,
    entry: &LogEntry,
    ask: impl Fn(&LogSet) -> Result<(usize, T), LogError>,
) -> Result<Answer<T>, LogError> {
    let mut accepted: Option<Answer<T>> = None;
    let mut refused = LogError::LogUnknown { log_id: entry.log_id().to_vec() };
    for (index, domain) in run.given.trust.domains.iter().enumerate() {
        match ask(&domain.logs) {
            Ok((log, value)) => {
                let Some(log) = domain.logs.logs().get(log) else { continue };
                let key = *log.key().key_id().as_bytes();
                match &mut accepted {
                    None => {
                        let witness = Witness { key, domains: vec![index] };
                        accepted = Some(Answer { witness, name: log.name().to_string(), value });
                    }
                    Some(answer) if answer.witness.key == key => answer.witness.domains.push(index),
                    Some(_) => {}
                }
            }
            // The first domain that knows the log explains best.
            Err(error) if matches!(refused, LogError::LogUnknown { .. }) => refused = error,
            Err(_) => {}
        }
    }
    accepted.ok_or(refused)
}

/// Whether enough logs hold an entry of a signer of this domain.
pub(crate) fn are_enough(run: &Run<'_>, verified: &[Witness], domain: usize) -> bool {
    let (found, required) = count(run, verified, Some(domain));
    found >= required
}

/// How many distinct logs hold an entry, and how many have to. For the customers of a public authority only the logs of its own instance count.
fn count(run: &Run<'_>, verified: &[Witness], domain: Option<usize>) -> (usize, usize) {
    let public = domain
        .and_then(|index| Some((index, run.given.trust.domains.get(index)?)))
        .filter(|(_, domain)| domain.is_public());
    let published = public.is_some_and(|(_, domain)| !domain.logs.logs().is_empty());
    let counts = |log: &&Witness| public.is_none_or(|(index, _)| log.domains.contains(&index));
    (verified.iter().filter(counts).count(), run.given.policy.logs.needed(Source::published_if(published)))
}

/// Judges the number of logs, if any is needed.
pub(crate) fn verify_threshold(run: &mut Run<'_>, verified: &[Witness], signer: Option<&SignerPath<'_>>) {
    let (found, required) = count(run, verified, signer.map(|signer| signer.domain));
    if required == 0
        || run.skipped(CheckId::LogThreshold, &[CheckId::LogEntry, CheckId::LogPromise, CheckId::LogInclusion])
    {
        return;
    }
    if found >= required {
        run.checks.pass(CheckId::LogThreshold, vec![("logs", found.into()), ("threshold", required.into())]);
    } else {
        run.checks.fail(CheckId::LogThreshold, &Refused::LogThreshold { found, required });
    }
}
