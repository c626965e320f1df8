//! Steps 7, 8 and 10: what the verified payload says, whether it is about the artifact, and whether it is what the policy asks for.

use alloc::string::ToString;
use alloc::vec;

use stella_attest_model::{Limits, Statement};

use crate::check::CheckId;
use crate::policy::ArtifactRule;
use crate::refused::Refused;
use crate::run::Run;

/// The one payload type whose content names its subjects (in-toto Envelope v1). Compared byte by byte, without parameters or case folding.
const IN_TOTO: &str = "application/vnd.in-toto+json";

const SIGNER: [CheckId; 12] = [
    CheckId::MaterialKey,
    CheckId::EnvelopeSignature,
    CheckId::TimeTimestamp,
    CheckId::LogEntry,
    CheckId::LogPromise,
    CheckId::LogInclusion,
    CheckId::TimeTrusted,
    CheckId::ChainPath,
    CheckId::ChainValidity,
    CheckId::ChainPurpose,
    CheckId::ChainConstraints,
    CheckId::KeyWindow,
];

/// Parses the payload, which by now a trusted signer is known to have signed, and looks for the artifact among its subjects.
pub(crate) fn verify(run: &mut Run<'_>) {
    let Some(envelope) = run.attestation.envelope() else {
        if run.artifact().is_none() {
            run.notes.push("nothing was compared with an artifact".to_string());
        }
        return;
    };
    if !run.skipped(CheckId::StatementStructure, &SIGNER) {
        if envelope.payload_type() == IN_TOTO {
            let read = || Statement::from_payload(envelope.unverified_payload(), &Limits::default());
            match run.peeked.take().unwrap_or_else(read) {
                Ok(statement) => {
                    run.checks.pass(
                        CheckId::StatementStructure,
                        vec![
                            ("predicate type", statement.predicate_type().to_string().into()),
                            ("subjects", statement.subjects().len().into()),
                        ],
                    );
                    run.statement = Some(statement);
                }
                Err(error) => run.checks.fail(CheckId::StatementStructure, &error),
            }
        } else {
            let refused = Refused::PayloadTypeUnsupported { found: envelope.payload_type().to_string() };
            run.checks.fail(CheckId::StatementStructure, &refused);
        }
    }
    verify_subject(run);
}

/// Reads the payload ahead of its turn, for what anchors are trusted for: never before its signature has verified.
pub(crate) fn peek(run: &mut Run<'_>) {
    let signed = run.checks.has_passed(CheckId::EnvelopeSignature);
    let Some(envelope) = run.attestation.envelope().filter(|envelope| signed && envelope.payload_type() == IN_TOTO)
    else {
        return;
    };
    run.peeked = Some(Statement::from_payload(envelope.unverified_payload(), &Limits::default()));
}

fn verify_subject(run: &mut Run<'_>) {
    let required = run.given.policy.artifact == ArtifactRule::Required;
    if run.artifact().is_none() {
        run.notes.push("nothing was compared with an artifact".to_string());
    }
    if (run.artifact().is_none() && !required) || run.skipped(CheckId::SubjectMatch, &[CheckId::StatementStructure]) {
        return;
    }
    let Some(artifact) = run.artifact() else {
        run.checks.fail(CheckId::SubjectMatch, &Refused::ArtifactNotGiven);
        return;
    };
    let Some(statement) = &run.statement else { return };
    match statement.match_subject(artifact) {
        Ok(index) => {
            let name = statement.subjects().get(index).and_then(|subject| subject.name()).unwrap_or_default();
            let mut evidence = vec![("subject", index.into())];
            if !name.is_empty() {
                evidence.push(("name", name.to_string().into()));
            }
            run.checks.pass(CheckId::SubjectMatch, evidence);
        }
        Err(error) => run.checks.fail(CheckId::SubjectMatch, &error),
    }
}

/// Planned only if the policy names predicate types.
pub(crate) fn verify_predicate_type(run: &mut Run<'_>) {
    let id = CheckId::PolicyPredicateType;
    let expected = &run.given.policy.predicate_types;
    if expected.is_empty() || run.skipped(id, &[CheckId::StatementStructure]) {
        return;
    }
    let found =
        run.statement.as_ref().map_or("a message signature, which has none", |statement| statement.predicate_type());
    if run.statement.is_some() && expected.contains(found) {
        let evidence = vec![("predicate type", found.to_string().into())];
        run.checks.pass(id, evidence);
    } else {
        let refused =
            Refused::PredicateTypeMismatch { found: found.to_string(), expected: expected.iter().cloned().collect() };
        run.checks.fail(id, &refused);
    }
}
