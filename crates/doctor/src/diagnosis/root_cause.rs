//! The one thing that a refusal is about.

use stella_attest_verify::{Code, PathPurpose, Report, TriedPath};

use crate::cause::{Cause, Confidence};

/// The one thing that a refusal is about, so that refusals for the same thing can be told to be the same. `None` if it is none.
#[must_use]
pub fn root_cause(report: &Report) -> Option<Cause> {
    let check = report.cause()?;
    let code = report.code()?;
    let said = check.summary().unwrap_or("it could not be decided").to_owned();
    let signer = || {
        let signer = report.signer();
        let who = signer.key().map(|key| format!("key {key}"));
        let named = signer.identity().map(|identity| format!("signer {identity}"));
        named.or(who).unwrap_or_else(|| format!("attestation {}", report.attestation()))
    };
    let (subject, summary) = match code {
        Code::X509UnknownIssuer => match missing(report) {
            Some((kind, name)) => {
                let summary = format!("the {kind} {name} is missing");
                (format!("{kind} {name}"), summary)
            }
            None => (signer(), said),
        },
        _ if code.family() == "x509" || check.certificate().is_some() => match certificate(report) {
            Some((place, subject)) => (format!("certificate {subject}"), format!("of the {place} {subject}: {said}")),
            None => (signer(), said),
        },
        Code::DsseKeyUnknown => (check.found().unwrap_or("an unknown key").to_owned(), said),
        Code::CryptoAlgorithmUnavailable | Code::SigAlgorithmUnsupported => {
            (format!("algorithm {}", check.found().or(report.signer().algorithm()).unwrap_or("unknown")), said)
        }
        Code::TimeOutsideCertificateValidity | Code::TimeNoTrustedTime => match leaf(report) {
            Some(subject) => (format!("certificate {subject}"), said),
            None => (signer(), said),
        },
        Code::TlogLogUnknown | Code::TimeTsaUntrusted => {
            (check.found().unwrap_or("an unknown authority").to_owned(), said)
        }
        _ => match check.place().filter(|_| ["key", "policy"].contains(&code.family())) {
            Some(place) => (place.to_owned(), said),
            None => (signer(), said),
        },
    };
    Some(Cause { code: Some(code), subject, summary, confidence: Confidence::Certain })
}

fn signer_paths(report: &Report) -> impl Iterator<Item = &TriedPath> {
    report.paths().iter().filter(|path| path.purpose == PathPurpose::Signer)
}

/// What a path that broke lacks: `anchor` or `intermediate`, and its name.
fn missing(report: &Report) -> Option<(&'static str, String)> {
    let longest = signer_paths(report).max_by_key(|path| path.certificates.len())?;
    let top = longest.certificates.last()?;
    let intermediate = report.remedy().is_some_and(|remedy| {
        remedy.commands().iter().any(|words| words.iter().any(|word| word == "add-intermediate"))
    });
    let name = if top.subject() == top.issuer() { top.subject() } else { top.issuer() };
    Some((if intermediate { "intermediate" } else { "anchor" }, name))
}

/// The certificate that was refused: its place in the path, and its name.
fn certificate(report: &Report) -> Option<(&'static str, String)> {
    let code = report.code()?;
    for path in report.paths() {
        let Some(finding) = path.findings.iter().find(|finding| finding.code() == code) else { continue };
        let position = finding.certificate().unwrap_or(0);
        let subject = path.certificates.get(position)?.subject();
        let top = position + 1 == path.certificates.len() && path.anchor.is_some();
        let place = match (position, top, path.purpose) {
            (_, _, PathPurpose::Timestamp) => "time-stamping certificate",
            (0, ..) => "signing certificate",
            (_, true, _) => "anchor",
            _ => "intermediate",
        };
        let fingerprint = path.certificates.get(position)?.fingerprint();
        let subject = if subject.is_empty() { format!("sha256:{fingerprint}") } else { subject };
        return Some((place, subject));
    }
    None
}

fn leaf(report: &Report) -> Option<String> {
    let leaf = signer_paths(report).find_map(|path| path.certificates.first())?;
    let subject = leaf.subject();
    Some(if subject.is_empty() { format!("sha256:{}", leaf.fingerprint()) } else { subject })
}
