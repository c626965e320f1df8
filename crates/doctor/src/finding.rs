//! What a check found.

use crate::about::{About, Category, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::trouble::{Facility, Trouble};

/// What came of a check.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Status {
    /// Something is wrong.
    Fail,
    /// Something will be.
    Warn,
    /// It was not looked at, and the finding says why.
    Skip,
    /// All is well.
    Pass,
}

impl Status {
    /// All of them, the gravest first.
    pub const ALL: &'static [Self] = &[Self::Fail, Self::Warn, Self::Skip, Self::Pass];

    /// The name: `fail`, `warn`, `skip`, `pass`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Pass => "pass",
        }
    }
}

/// A named value that the finding rests on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Evidence {
    /// What it is, in lower case words.
    pub name: String,
    /// The value, for people; times are UTC in the form of RFC 3339.
    pub value: String,
}

/// What a check found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The id of the check.
    pub check: String,
    /// What it is about.
    pub category: Category,
    /// How much a failure of this check matters.
    pub severity: Severity,
    /// What came of it.
    pub status: Status,
    /// One sentence.
    pub summary: String,
    /// What it rests on, in a fixed order. A name may come several times.
    pub evidence: Vec<Evidence>,
    /// Why, if it did not pass.
    pub cause: Option<Cause>,
    /// What else is wrong, that the same commands mend.
    pub beside: Vec<Cause>,
    /// What mends it.
    pub mending: Option<Mending>,
    /// The command that looks again, as its words.
    pub recheck: Vec<String>,
    /// Checks that tell more.
    pub related: Vec<String>,
    /// The check whose finding explains this one: what is to be mended is over there.
    pub because: Option<String>,
    /// What is not to be had or not to be relied on, so that nothing is known of what is in it.
    pub lost: Option<Facility>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

impl Finding {
    /// A check that has not looked yet.
    #[must_use]
    pub fn of(about: &About) -> Self {
        Self {
            check: about.id.clone(),
            category: about.category,
            severity: about.severity,
            status: Status::Skip,
            summary: "it did not say anything".to_owned(),
            evidence: Vec::new(),
            cause: None,
            beside: Vec::new(),
            mending: None,
            recheck: ["stella", "doctor", "--check", &about.id].map(ToString::to_string).to_vec(),
            related: about.related.clone(),
            because: None,
            lost: None,
            milliseconds: 0,
        }
    }

    /// One more named value.
    #[must_use]
    pub fn measured(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.evidence.push(Evidence { name: name.into(), value: value.to_string() });
        self
    }

    /// All is well.
    #[must_use]
    pub fn passed(self, summary: impl Into<String>) -> Self {
        Self { status: Status::Pass, summary: summary.into(), ..self }
    }

    /// There is nothing to look at, and why.
    #[must_use]
    pub fn skipped(self, why: impl Into<String>) -> Self {
        Self { status: Status::Skip, summary: why.into(), ..self }
    }

    /// Something is wrong, or will be.
    #[must_use]
    pub fn found(self, status: Status, cause: Cause, mending: Mending) -> Self {
        Self { status, summary: cause.summary.clone(), cause: Some(cause), mending: Some(mending), ..self }
    }

    /// And more, that the same commands mend.
    #[must_use]
    pub fn beside(self, causes: Vec<Cause>) -> Self {
        Self { beside: causes, ..self }
    }

    /// Under another sentence than that of its cause.
    #[must_use]
    pub fn saying(self, summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..self }
    }

    /// What it needs is not to be had, and this is the finding that says so.
    #[must_use]
    pub fn troubled(self, trouble: &Trouble) -> Self {
        let named = [("place", &trouble.place), ("found", &trouble.found), ("expected", &trouble.expected)];
        let told = named.into_iter().fold(self, |finding, (name, value)| match value {
            Some(value) => finding.measured(name, value),
            None => finding,
        });
        let cause = Cause {
            code: Some(trouble.code),
            subject: trouble.place.clone().unwrap_or_else(|| trouble.facility.name().to_owned()),
            summary: trouble.summary.clone(),
            confidence: Confidence::Certain,
        };
        Self { lost: Some(trouble.facility), ..told.found(Status::Fail, cause, Mending::clone(&trouble.mending)) }
    }

    /// Whether this is what has to be mended, and no consequence of something else.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.status == Status::Fail && self.because.is_none()
    }
}
