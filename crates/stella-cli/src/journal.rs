//! What the commands write into the journal.

use stella_attest_store::{EventKind, Level, NewEvent};
use stella_attest_verify::{AttestationId, Report, UnixTime, Verdict};
use stella_vocabulary::Code;
use stella_vocabulary::text::Bounded;

/// The longest summary, in characters: at most 4 bytes each, within the 2 KiB that are kept.
const SUMMARY: usize = 500;

/// The longest value of a detail, in characters; likewise within 1 KiB.
const DETAIL: usize = 250;

/// The most details that are kept.
const DETAILS: usize = 16;

/// Something that went as it should, without an attestation or a code yet.
pub(crate) fn event(kind: EventKind, summary: impl Into<String>, now: UnixTime) -> NewEvent {
    let summary: String = summary.into();
    NewEvent {
        at: now,
        kind,
        level: Level::Info,
        code: None,
        attestation: None,
        duration: None,
        summary: Bounded(&summary, SUMMARY).to_string(),
        details: Vec::new(),
    }
}

/// What can still be said of an event.
pub(crate) trait Telling {
    /// Why it failed, or what to know about it.
    fn because(self, level: Level, code: Code) -> Self;
    /// The attestation concerned.
    fn about(self, attestation: AttestationId) -> Self;
    /// How long it took, in microseconds.
    fn took(self, microseconds: u64) -> Self;
    /// A named value; names stay sorted, and what is too much is left out.
    fn detail(self, name: &str, value: impl Into<String>) -> Self;
}

impl Telling for NewEvent {
    fn because(self, level: Level, code: Code) -> Self {
        Self { level, code: Some(code), ..self }
    }

    fn about(self, attestation: AttestationId) -> Self {
        Self { attestation: Some(attestation), ..self }
    }

    fn took(self, microseconds: u64) -> Self {
        Self { duration: Some(microseconds), ..self }
    }

    fn detail(mut self, name: &str, value: impl Into<String>) -> Self {
        if self.details.len() < DETAILS {
            let value: String = value.into();
            let place = self.details.partition_point(|(known, _)| known.as_str() < name);
            self.details.insert(place, (name.to_string(), Bounded(&value, DETAIL).to_string()));
        }
        self
    }
}

/// What a verification came to.
pub(crate) fn of_report(report: &Report, microseconds: u64, now: UnixTime) -> NewEvent {
    let id = report.attestation();
    let summary = match report.cause() {
        None => format!("verified {id}"),
        Some(cause) => {
            let word = report.verdict().as_str();
            format!("{word} {id}: {}", cause.summary().unwrap_or("not concluded"))
        }
    };
    let mut event = event(EventKind::Verification, summary, now)
        .about(*id)
        .took(microseconds)
        .detail("verdict", report.verdict().as_str())
        .detail("policy", &report.inputs().policy);
    if let Some(entry) = report.inputs().trust_entry {
        event = event.detail("trust_entry", entry.to_string());
    }
    if let Some(subject) = &report.inputs().subject {
        event = event.detail("artifact", subject);
    }
    let signer = report.signer();
    for (name, value) in [("signer", signer.identity()), ("issuer", signer.issuer()), ("key", signer.key())] {
        if let Some(value) = value {
            event = event.detail(name, value);
        }
    }
    if let Some(check) = report.cause() {
        event = event.detail("check", check.id().as_str());
    }
    match (report.verdict(), report.code()) {
        (Verdict::Verified, _) => event,
        (_, code) => event.because(Level::Error, code.unwrap_or(Code::InternalPanic)),
    }
}
