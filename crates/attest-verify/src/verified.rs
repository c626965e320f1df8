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
