//! `stella attest integrity-check`: whether what is kept is what arrived, and whether what arrived is what was signed.

mod all;
mod finding;

use std::path::Path;

use stella_attest_store::{Arrival, EventKind, Facts, Level};
use stella_attest_verify::{
    Attestation, AttestationId, Binding, Check, CheckId, Code, Limits, Policy, Registry, Report, Status, UnixTime,
    Verifier,
};
use stella_vocabulary::{Reason as _, hex};

use self::finding::{Aspect, Finding, Findings};
use crate::arguments::{IntegrityArguments, TrustOptions};
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::document;
use crate::exit::Answer;
use crate::input::{Inputs, name_of};
use crate::journal::{self, Telling as _};
use crate::selector::{self, Selected};
use crate::trust;

pub(super) fn run(said: &IntegrityArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    let inputs = Inputs::default();
    let checker = Checker::of(said, &inputs, context)?;
    if said.all {
        return all::run(&checker, since, context);
    }
    let given = said.selector().map_or(Path::new("-"), |path| path.as_path());
    let findings = match selector::resolve(given, context)? {
        Selected::Kept(id) => {
            let mut store = Attestations::require(context)?;
            let findings = checker.kept(&mut store, &id)?;
            if let Some(changed) = findings.changed() {
                let what = format!("{} was changed: {}", id, changed.said);
                let event = journal::event(EventKind::Error, what, context.now).about(id);
                store.journal(event.because(Level::Error, changed.code()).took(since.microseconds()), context);
            }
            findings
        }
        Selected::Document(path) => {
            let attestation = document::read_one(&path, &inputs)?;
            let mut findings = checker.given(&attestation, &name_of(&path));
            findings.kept = known(&attestation, context)?;
            findings
        }
    };
    let text = match context.format.is_json() {
        true => findings.document().line(),
        false => findings.page(context),
    };
    Ok(Answer { status: findings.outcome().status(), ..Answer::done(text) })
}

/// What the store has of an attestation that was read from a file.
fn known(attestation: &Attestation, context: &Context) -> Result<Option<String>, Complaint> {
    let Some(mut store) = Attestations::find(context)? else { return Ok(None) };
    let arrivals = store.store().arrivals(&attestation.id())?;
    let same = arrivals.iter().find(|arrival| arrival.document == attestation.source_digest());
    Ok(Some(match (same, arrivals.first()) {
        (Some(same), _) => format!("these very bytes are arrival {} of {}", same.sequence, same.at),
        (None, Some(other)) => {
            format!(
                "the same statement and signature are arrival {}, in other bytes or with other evidence",
                other.sequence
            )
        }
        (None, None) => "the store does not have it".to_string(),
    }))
}

/// Says what is wrong with the place of an arrival in the log of arrivals, if something is: the chain up to it, and the one after it.
///
/// # Errors
/// Those of a store that cannot be read, other than by damage.
pub(super) fn out_of_the_log(store: &mut Attestations, arrival: &Arrival) -> Result<Option<String>, Complaint> {
    let mut link_of = |sequence: u64| -> Result<Result<Option<Arrival>, String>, Complaint> {
        match store.store().arrival(sequence) {
            Ok(found) => Ok(Ok(found)),
            Err(error) if error.code() == Code::StoreCorrupt => Ok(Err(error.to_string())),
            Err(error) => Err(error.into()),
        }
    };
    let sequence = arrival.sequence;
    let before = match sequence.checked_sub(1) {
        None => return Ok(Some("arrivals are numbered from 1, and this is 0".to_string())),
        Some(0) => [0; 32],
        Some(before) => match link_of(before)? {
            Ok(Some(before)) => before.link,
            Ok(None) => return Ok(Some(format!("arrival {before} before it is missing"))),
            Err(what) => return Ok(Some(format!("arrival {before} before it cannot be read: {what}"))),
        },
    };
    if !arrival.continues(&before) {
        return Ok(Some(format!("arrival {sequence} does not continue the chain: it, or one before it, was changed")));
    }
    let after = sequence.saturating_add(1);
    match link_of(after)? {
        Ok(Some(next)) if !next.continues(&arrival.link) => {
            Ok(Some(format!("arrival {after} does not continue the chain after it: one of the two was changed")))
        }
        Err(what) => Ok(Some(format!("arrival {after} after it cannot be read: {what}"))),
        Ok(_) => Ok(None),
    }
}

/// What signatures are checked with.
struct Checker {
    verifier: Verifier,
    at: UnixTime,
}

impl Checker {
    fn of(said: &IntegrityArguments, inputs: &Inputs, context: &Context) -> Result<Self, Complaint> {
        let key = match &said.key {
            Some(path) => Some((path.as_path(), trust::key(path, inputs)?)),
            None => None,
        };
        let key = key.as_ref().map(|(path, key)| (*path, key));
        let trust = trust::gather(&TrustOptions::default(), key, inputs, context)?;
        let policy = match key {
            // Whoever gives a key says that it should have signed, also where the signature names none.
            Some((_, key)) => Policy::require_key(key.key_id()),
            // Who signed is no question here: whether the signature is one over these bytes is.
            None => Policy::danger_any_signer(),
        };
        let verifier = Verifier::new(&Registry::rustcrypto(), &trust.snapshot, policy);
        Ok(Self { verifier, at: context.at })
    }

    /// Everything about an attestation that is kept.
    fn kept(&self, store: &mut Attestations, id: &AttestationId) -> Result<Findings, Complaint> {
        let mut findings = Findings::of(id.to_string());
        let arrivals = match store.store().arrivals(id) {
            Ok(arrivals) => arrivals,
            Err(error) if error.code() == Code::StoreCorrupt => {
                findings.push(Finding::changed(Aspect::ArrivalLog, Code::StoreCorrupt, error.to_string()));
                return Ok(findings);
            }
            Err(error) => return Err(error.into()),
        };
        for arrival in &arrivals {
            self.arrival(arrival, store, &mut findings)?;
        }
        Ok(findings)
    }

    fn arrival(&self, arrival: &Arrival, store: &mut Attestations, findings: &mut Findings) -> Result<(), Complaint> {
        let mut push = |finding: Finding| findings.push(finding.of_arrival(arrival));
        match store.store().document(arrival) {
            Err(error) if error.code() == Code::StoreCorrupt => {
                push(Finding::changed(Aspect::Document, Code::StoreCorrupt, error.to_string()));
            }
            Err(error) => return Err(error.into()),
            Ok(bytes) => {
                let said = format!("{} bytes, sha256:{}", arrival.length, hex::encode(&arrival.document));
                push(Finding::holds(Aspect::Document, said));
                match Attestation::from_json(&bytes) {
                    Err(error) => {
                        push(Finding::changed(Aspect::Id, Code::StoreCorrupt, format!("it cannot be read: {error}")))
                    }
                    Ok(attestation) => {
                        push(id(&attestation, arrival));
                        push(index(&attestation, arrival));
                        self.signatures(&attestation).into_iter().for_each(&mut push);
                    }
                }
            }
        }
        let finding = match out_of_the_log(store, arrival)? {
            None => Finding::holds(Aspect::ArrivalLog, format!("link {}", hex::encode(&arrival.link))),
            Some(what) => Finding::changed(Aspect::ArrivalLog, Code::StoreCorrupt, what),
        };
        findings.push(finding.of_arrival(arrival));
        Ok(())
    }

    /// What can be said of an attestation that was read from a file.
    fn given(&self, attestation: &Attestation, name: &str) -> Findings {
        let mut findings = Findings::of(attestation.id().to_string());
        findings.file = Some(name.to_string());
        self.signatures(attestation).into_iter().for_each(|finding| findings.push(finding));
        findings
    }

    /// The signature, and the evidence beside it, each over what it is said to be over.
    fn signatures(&self, attestation: &Attestation) -> Vec<Finding> {
        let claimed = attestation.message_signature().and_then(|message| message.claimed_digest());
        let binding = claimed.map_or(Binding::SubjectsAsListed, Binding::from);
        let report = self.verifier.verify(attestation, binding, self.at);
        report.checks().iter().filter_map(|check| judged(check, &report)).collect()
    }
}

/// Which checks of a verification are about bytes that could have been changed.
const fn aspect(check: CheckId) -> Option<Aspect> {
    match check {
        CheckId::EnvelopeSignature | CheckId::MessageSignature | CheckId::MessageDigest | CheckId::MaterialKey => {
            Some(Aspect::Signature)
        }
        CheckId::LogEntry | CheckId::LogPromise | CheckId::LogInclusion => Some(Aspect::LogEvidence),
        CheckId::TimeTimestamp => Some(Aspect::TimeEvidence),
        _ => None,
    }
}

fn judged(check: &Check, report: &Report) -> Option<Finding> {
    let aspect = aspect(check.id())?;
    let said = check.summary().unwrap_or("not concluded").to_string();
    match (check.status(), check.code()) {
        // That a key can be used, and that a digest is claimed rightly, is no signature yet.
        (Status::Pass, _) if matches!(check.id(), CheckId::MaterialKey | CheckId::MessageDigest) => None,
        (Status::Pass, _) if aspect == Aspect::Signature => {
            let signer = report.signer();
            let by = signer.label().or(signer.key()).or(signer.identity()).unwrap_or("the key of its certificate");
            let algorithm = signer.algorithm().map(|name| format!(", {name}")).unwrap_or_default();
            Some(Finding::holds(aspect, format!("good, by {by}{algorithm}")))
        }
        (Status::Pass, _) => Some(Finding::holds(aspect, format!("{} holds", check.id().as_str()))),
        // What builds on something that did not pass adds nothing to it.
        (Status::Skipped, _) | (_, None) => None,
        (_, Some(code)) if is_change(code) => Some(Finding::changed(aspect, code, said)),
        // The signature is by a key that the store knows and does not count: that was found by verifying it.
        (_, Some(Code::KeyNotApproved)) if aspect == Aspect::Signature => {
            Some(Finding::holds(aspect, format!("good, and by a key that does not count: {said}")))
        }
        (_, Some(code)) => Some(Finding::unknown(aspect, code, said)),
    }
}

/// Whether a refusal says that bytes are not those that were signed, and not only that something about them is not known here.
fn is_change(code: Code) -> bool {
    match code.family() {
        "sig" => code != Code::SigAlgorithmUnsupported,
        _ => matches!(
            code,
            Code::BundleMessageDigestMismatch
                | Code::DsseSignatureInvalid
                | Code::TimeImprintMismatch
                | Code::TlogCheckpointMalformed
                | Code::TlogCheckpointSignatureInvalid
                | Code::TlogEntryMismatch
                | Code::TlogInclusionProofInvalid
                | Code::TlogRootMismatch
                | Code::TlogSetInvalid
        ),
    }
}

fn id(attestation: &Attestation, arrival: &Arrival) -> Finding {
    match attestation.id() == arrival.attestation && attestation.source_digest() == arrival.document {
        true => Finding::holds(Aspect::Id, attestation.id().to_string()),
        false => Finding::changed(
            Aspect::Id,
            Code::StoreCorrupt,
            format!("the document is that of another attestation, {}", attestation.id()),
        ),
    }
}

/// What lists and searches go by, made anew from the document.
fn index(attestation: &Attestation, arrival: &Arrival) -> Finding {
    let facts = Facts::of(attestation, &Limits::default());
    let differs = [
        ("form", facts.form == arrival.form),
        ("predicate type", facts.predicate_type == arrival.predicate_type),
        ("signer", facts.identity == arrival.identity),
        ("issuer", facts.issuer == arrival.issuer),
    ];
    let wrong: Vec<&str> = differs.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect();
    match wrong.is_empty() {
        true => Finding::holds(Aspect::Index, "what the store says of it is what it says of itself".to_string()),
        false => Finding::changed(
            Aspect::Index,
            Code::StoreCorrupt,
            format!("the store says something else of it than it does itself: {}", wrong.join(", ")),
        ),
    }
}
