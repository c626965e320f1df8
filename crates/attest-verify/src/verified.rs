//! Acceptance as a type that nobody else can build, and its opposite.

use alloc::boxed::Box;
use core::fmt;

use stella_attest_model::Statement;
use stella_vocabulary::Code;

use crate::report::{Report, Signer};

/// An attestation of which every planned check has passed. Only [`Report::into_verified`] makes one.
#[derive(Debug)]
pub struct VerifiedAttestation {
    pub(crate) report: Report,
}

impl VerifiedAttestation {
    /// The verified statement; `None` for a message signature, which makes no statement beyond the artifact it was made over.
    #[must_use]
    pub fn statement(&self) -> Option<&Statement> {
        self.report.verified_statement()
    }

    /// Who signed.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        self.report.signer()
    }

    /// How it was judged.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

/// A verification that did not end in `verified`, with its whole report.
#[derive(Debug)]
pub struct Refusal {
    pub(crate) report: Box<Report>,
}

impl Refusal {
    /// The code of the root cause; `internal.panic` is never reached, since a refusal always has a cause or an empty plan.
    #[must_use]
    pub fn code(&self) -> Code {
        // A report without checks is indeterminate by construction and has no cause of its own.
        self.report.code().unwrap_or(Code::InternalPanic)
    }

    /// How it was judged.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.report, f)
    }
}

impl core::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use stella_attest_model::Attestation;
    use stella_vocabulary::UnixTime;

    use crate::check::{Check, CheckId};
    use crate::considered::Considered;
    use crate::refused::Refused;
    use crate::report::{Inputs, Report, Signer, Verdict};

    fn report(checks: Vec<Check>) -> Report {
        let json = br#"{"payloadType":"text/plain","payload":"","signatures":[{"sig":"AAAA"}]}"#;
        let attestation = Attestation::from_json(json).unwrap();
        Report {
            at: UnixTime::from_seconds(0),
            attestation: attestation.id(),
            form: attestation.form(),
            signer: Signer::default(),
            inputs: Inputs {
                envelope: String::new(),
                subject: None,
                trust_size: 0,
                trust_root: String::new(),
                trust_store: None,
                trust_entry: None,
                policy: String::new(),
            },
            // Even if nobody named a cause.
            cause: None,
            checks,
            paths: Vec::new(),
            trusted_times: Vec::new(),
            notes: Vec::new(),
            remedy: None,
            statement: None,
            considered: Considered::default(),
            remembered: None,
        }
    }

    fn passed(ids: &[CheckId]) -> Vec<Check> {
        ids.iter().map(|id| Check::passed(*id, Vec::new())).collect()
    }

    const ENOUGH: [&[CheckId]; 4] = [
        &[CheckId::EnvelopeSignature, CheckId::ChainPath],
        &[CheckId::EnvelopeSignature, CheckId::KeyWindow],
        &[CheckId::MessageSignature, CheckId::ChainPath],
        &[CheckId::MessageSignature, CheckId::KeyWindow],
    ];

    #[test]
    fn a_signature_and_trust_in_its_signer_are_the_least_that_is_verified() {
        for ids in ENOUGH {
            assert!(report(passed(ids)).into_verified().is_ok());
        }
    }

    #[test]
    fn a_report_without_a_plan_or_without_its_core_is_not_verified() {
        let all_but_the_core = [CheckId::MaterialKey, CheckId::StatementStructure, CheckId::SubjectMatch];
        for ids in
            [&[][..], &all_but_the_core, &[CheckId::EnvelopeSignature], &[CheckId::ChainPath, CheckId::KeyWindow]]
        {
            let report = report(passed(ids));
            assert_eq!(report.verdict(), Verdict::Indeterminate);
            assert!(report.into_verified().is_err());
        }
    }

    #[test]
    fn one_check_that_did_not_pass_is_enough_to_refuse_even_if_nobody_named_it() {
        let failure = Refused::LogThreshold { found: 0, required: 1 };
        for ids in ENOUGH {
            let failed = Check::failed(CheckId::LogThreshold, &failure);
            let skipped = Check::skipped(CheckId::LogThreshold, CheckId::LogEntry);
            for check in [failed, skipped] {
                let mut checks = passed(ids);
                checks.push(check);
                let report = report(checks);
                assert!(report.verified_statement().is_none());
                assert!(report.into_verified().is_err());
            }
        }
    }
}
