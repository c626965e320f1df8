//! One case of a suite: what its publisher expects, what was observed, and what follows.

use std::fmt;

use stella_vocabulary::{Code, Reason};

/// A case before it is run.
#[derive(Clone, Debug)]
pub struct Case {
    /// The publisher's own name of the case, with a suffix where one published case is run in several ways.
    pub id: String,
    /// Which cases it is counted with; suites that grade their own confidence score the grades apart.
    pub group: String,
    /// What the publisher says must come of it.
    pub expected: Expected,
    /// Published facts about the case, `name:value`, by which a deviation can name a feature instead of a case.
    pub tags: Vec<String>,
}

impl Case {
    /// A case without tags in the group `all`.
    #[must_use]
    pub fn new(id: impl Into<String>, expected: Expected) -> Self {
        Self { id: id.into(), group: "all".into(), expected, tags: Vec::new() }
    }

    /// The same case, counted with others of `group`.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }

    /// The same case with published facts about it.
    #[must_use]
    pub fn tagged(mut self, tags: impl IntoIterator<Item = String>) -> Self {
        self.tags.extend(tags);
        self
    }
}

/// The verdict that a case asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Must be accepted.
    Accept,
    /// Must be refused, for one of these reasons.
    Reject(Reasons),
    /// The publisher takes no side: only a crash counts against us, and the outcome is told as a skip.
    Undecided(String),
}

/// The reasons for which a refusal is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reasons {
    /// The suite states no reason, so any clean refusal will do.
    Any,
    /// One of these codes.
    OneOf(Vec<Code>),
}

impl Reasons {
    fn allow(&self, code: Code) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(codes) => codes.contains(&code),
        }
    }
}

/// What the libraries made of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// Accepted.
    Accepted,
    /// A panic, which no input may cause.
    Crashed(String),
    /// Refused, with the code and one line of detail.
    Refused(Code, String),
    /// Not run, and why.
    Skipped(String),
}

impl Observed {
    /// A refusal told by an error of the libraries.
    pub fn refused(reason: &dyn Reason) -> Self {
        Self::Refused(reason.code(), reason.to_string())
    }

    /// [`Observed::Accepted`], or the refusal that the error tells.
    pub fn of<T, E: Reason>(result: Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Accepted,
            Err(error) => Self::refused(&error),
        }
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Crashed(message) => write!(f, "crashed: {message}"),
            Self::Refused(code, detail) => write!(f, "refused [{code}] {detail}"),
            Self::Skipped(why) => write!(f, "skipped: {why}"),
        }
    }
}

/// The standing of one case after it was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// As expected, reason included.
    Passed,
    /// Accepted what must be refused.
    FalseAccept,
    /// Refused what must be accepted.
    FalseReject,
    /// Refused rightly, for another reason than the one that is true.
    WrongReason,
    /// Panicked.
    Crashed,
    /// Not judged.
    Skipped,
}

impl Outcome {
    /// Every outcome, in the order in which a summary tells them.
    pub const ALL: [Self; 6] =
        [Self::Passed, Self::FalseAccept, Self::FalseReject, Self::WrongReason, Self::Crashed, Self::Skipped];

    /// The word used in summaries and in the deviations file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::FalseAccept => "false-accept",
            Self::FalseReject => "false-reject",
            Self::WrongReason => "wrong-reason",
            Self::Crashed => "crashed",
            Self::Skipped => "skipped",
        }
    }

    /// The outcome of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// A case with what came of it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The case.
    pub case: Case,
    /// What the libraries made of it.
    pub observed: Observed,
}

impl Record {
    /// How expectation and observation go together.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (&self.case.expected, &self.observed) {
            (_, Observed::Crashed(_)) => Outcome::Crashed,
            (_, Observed::Skipped(_)) | (Expected::Undecided(_), _) => Outcome::Skipped,
            (Expected::Accept, Observed::Accepted) => Outcome::Passed,
            (Expected::Accept, Observed::Refused(..)) => Outcome::FalseReject,
            (Expected::Reject(_), Observed::Accepted) => Outcome::FalseAccept,
            (Expected::Reject(reasons), Observed::Refused(code, _)) if reasons.allow(*code) => Outcome::Passed,
            (Expected::Reject(_), Observed::Refused(..)) => Outcome::WrongReason,
        }
    }

    /// Why the case was not judged; `None` if it was.
    #[must_use]
    pub fn skipped_because(&self) -> Option<String> {
        match (&self.case.expected, &self.observed) {
            (_, Observed::Crashed(_)) => None,
            (_, Observed::Skipped(why)) => Some(why.clone()),
            (Expected::Undecided(why), _) => Some(why.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Code, Expected, Observed, Outcome, Reasons, Record};

    fn outcome(expected: Expected, observed: Observed) -> Outcome {
        Record { case: Case::new("a", expected), observed }.outcome()
    }

    #[test]
    fn a_refusal_for_another_reason_is_not_a_pass() {
        let expected = Expected::Reject(Reasons::OneOf(vec![Code::TlogSetInvalid]));
        let refused = |code| Observed::Refused(code, String::new());
        assert_eq!(outcome(expected.clone(), refused(Code::TlogSetInvalid)), Outcome::Passed);
        assert_eq!(outcome(expected.clone(), refused(Code::JsonSyntax)), Outcome::WrongReason);
        assert_eq!(outcome(expected, Observed::Accepted), Outcome::FalseAccept);
        assert_eq!(outcome(Expected::Reject(Reasons::Any), refused(Code::JsonSyntax)), Outcome::Passed);
        assert_eq!(outcome(Expected::Accept, refused(Code::JsonSyntax)), Outcome::FalseReject);
    }

    #[test]
    fn a_crash_is_never_a_refusal_and_never_a_skip() {
        let crash = Observed::Crashed("boom".into());
        for expected in [Expected::Accept, Expected::Reject(Reasons::Any), Expected::Undecided("open".into())] {
            assert_eq!(outcome(expected, crash.clone()), Outcome::Crashed);
        }
    }
}
