//! A report in one line, to be held against another.

use alloc::string::{String, ToString};

use stella_vocabulary::Code;

use crate::check::CheckId;
use crate::report::{Report, Verdict};

/// What a verification came to: verdict, cause, and the line that says it.
///
/// Two are equal when verdict, code and check are; the line may name other certificates.
#[derive(Clone, Debug)]
pub struct Outcome {
    verdict: Verdict,
    code: Option<Code>,
    check: Option<CheckId>,
    line: String,
}

impl Outcome {
    /// The verdict.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether it was accepted.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.verdict == Verdict::Verified
    }

    /// The code of the root cause; `None` when verified.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        self.code
    }

    /// The check that did not pass; `None` when verified.
    #[must_use]
    pub const fn check(&self) -> Option<CheckId> {
        self.check
    }

    /// The verdict line of the report: `verified`, or the verdict with code and cause. At most 2 KiB, without control characters.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }
}

impl From<&Report> for Outcome {
    fn from(report: &Report) -> Self {
        Self {
            verdict: report.verdict(),
            code: report.code(),
            check: report.cause().map(crate::check::Check::id),
            line: report.to_string(),
        }
    }
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        (self.verdict, self.code, self.check) == (other.verdict, other.code, other.check)
    }
}

impl Eq for Outcome {}
