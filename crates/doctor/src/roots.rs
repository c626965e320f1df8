//! Which findings are consequences of others.

use stella_vocabulary::Code;

use crate::cause::Cause;
use crate::finding::{Finding, Status};
use crate::runner::Answer;

/// Turns answers into findings, in their order, and says which of them only follow from another one.
///
/// Where a facility is not to be had, the check that speaks for it says so, and all others that needed it were kept from looking. If that check was not
/// asked, the first of the others says it: what could not be looked at never looks healthy. Of several failures with the same cause, the first in the order of
/// the checks is the one to mend.
pub(crate) fn settle(answers: Vec<Answer>) -> Vec<Finding> {
    let troubled = |owner: &str| answers.iter().any(|answer| answer.about.id == owner && answer.looked.is_err());
    let mut speaking: Vec<(&'static str, String)> = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    for answer in &answers {
        let mut finding = match &answer.looked {
            Ok(finding) => finding.clone(),
            Err(trouble) => {
                let owner = trouble.facility.owner();
                let blank = Finding::of(&answer.about);
                let speaker = speaking.iter().find(|(facility, _)| *facility == trouble.facility.name());
                match speaker {
                    _ if answer.about.id == owner => blank.troubled(trouble),
                    _ if troubled(owner) => kept(blank, owner, &trouble.summary),
                    Some((_, speaker)) => kept(blank, speaker, &trouble.summary),
                    None => {
                        speaking.push((trouble.facility.name(), answer.about.id.clone()));
                        blank.troubled(trouble)
                    }
                }
            }
        };
        finding.milliseconds = answer.milliseconds;
        findings.push(finding);
    }
    for later in 0..findings.len() {
        let (before, rest) = findings.split_at_mut(later);
        let Some(finding) = rest.first_mut() else { break };
        let Some(cause) = finding.cause.as_ref().filter(|_| finding.status == Status::Fail) else { continue };
        let checking = finding.check.as_str();
        let same = |earlier: &&Finding| {
            let mut others = earlier.cause.iter().chain(&earlier.beside).filter(|_| earlier.is_root());
            others.any(|other| other.is_that_of(cause) || explains(&earlier.check, other, checking, cause))
        };
        if let Some(root) = before.iter().find(same) {
            finding.because = Some(root.check.clone());
        }
    }
    findings
}

fn kept(blank: Finding, by: &str, why: &str) -> Finding {
    let mut finding = blank.skipped(format!("not looked at because of {by}: {why}"));
    finding.because = Some(by.to_owned());
    finding
}

/// Whether a failure follows from an earlier one of another kind.
fn explains(earlier: &str, other: &Cause, later: &str, cause: &Cause) -> bool {
    match earlier {
        // With a clock that is behind, what was signed meanwhile comes from the future.
        "check.attestation.clock.skew" => {
            matches!(cause.code, Some(Code::KeyNotYetTrusted | Code::TimeInFuture | Code::X509NotYetValid))
        }
        "check.crypto.hsm-availability" => later == "check.attestor.signing-health",
        // A profile of which nothing is computed refuses every signature, old and new.
        _ => {
            let refused = matches!(cause.code, Some(Code::CryptoAlgorithmUnavailable | Code::SigAlgorithmUnsupported));
            other.subject.starts_with("profile ") && refused
        }
    }
}
