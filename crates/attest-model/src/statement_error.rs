//! Why a payload is not a statement, or not one about the artifact.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Write as _};

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::json::{self, Place};
use crate::{Digest, DigestAlgorithm, shown};

/// Why a payload is not a statement, or not one about the artifact.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StatementError {
    /// The subjects have only digests by algorithms that are not known here.
    DigestAlgorithmUnsupported {
        /// Some of the algorithms, bounded and escaped.
        found: String,
    },
    /// The subjects, or the artifact, have only digests that bind to nothing, and the caller allowed none of them.
    DigestAlgorithmWeak {
        /// Some of the algorithms.
        found: String,
    },
    /// One digest of a subject is the artifact's, another is not.
    DigestConflict {
        /// The subject, from 0.
        subject: usize,
        /// The algorithm whose digests agree.
        agreeing: DigestAlgorithm,
        /// The digest of the subject that differs.
        found: Box<Digest>,
        /// The artifact's digest by the same algorithm.
        expected: Box<Digest>,
    },
    /// A digest by a known algorithm is not hexadecimal or has another length; or a digest is empty.
    DigestMalformed {
        /// Where it is.
        place: Place,
        /// Its algorithm, bounded and escaped.
        algorithm: String,
        /// The text, bounded and escaped.
        found: String,
    },
    /// The payload is not strict JSON, or has values of the wrong type.
    Json(json::Error),
    /// The payload is no JSON object, or one that is no statement.
    Malformed {
        /// Where in the payload.
        place: Place,
        /// What is there.
        found: String,
        /// What a statement has there.
        expected: &'static str,
    },
    /// No subjects: the statement would be about any artifact.
    NoSubjects {
        /// Where they should be.
        place: Place,
    },
    /// `predicateType` is missing, empty or not a URI of RFC 3986.
    PredicateTypeInvalid {
        /// Where it is, or should be.
        place: Place,
        /// The text, bounded and escaped; `None` if there is none.
        found: Option<String>,
    },
    /// `_type` is neither v0.1 nor v1.
    StatementTypeUnsupported {
        /// Where it is.
        place: Place,
        /// The text, bounded and escaped.
        found: String,
    },
    /// A subject has no digest.
    SubjectDigestMissing {
        /// Where it should be.
        place: Place,
    },
    /// No subject has the artifact's digest.
    SubjectMismatch {
        /// The artifact's digests.
        expected: String,
        /// The first five subjects, and how many more there are.
        found: String,
    },
    /// A subject has more digests than allowed.
    TooManyDigests {
        /// Where they are.
        place: Place,
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The statement has more subjects than allowed.
    TooManySubjects {
        /// Where they are.
        place: Place,
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
}

impl StatementError {
    pub(crate) fn malformed_digest(place: Place, algorithm: &str, text: &str) -> Self {
        let (algorithm, found) = (Bounded(algorithm, 40).to_string(), Bounded(text, 150).to_string());
        Self::DigestMalformed { place, algorithm, found }
    }

    /// Where in the payload, if at one place.
    pub fn location(&self) -> Option<&Place> {
        match self {
            Self::DigestAlgorithmUnsupported { .. }
            | Self::DigestAlgorithmWeak { .. }
            | Self::DigestConflict { .. }
            | Self::SubjectMismatch { .. } => None,
            Self::Json(error) => Some(error.location()),
            Self::DigestMalformed { place, .. }
            | Self::Malformed { place, .. }
            | Self::NoSubjects { place }
            | Self::PredicateTypeInvalid { place, .. }
            | Self::StatementTypeUnsupported { place, .. }
            | Self::SubjectDigestMissing { place }
            | Self::TooManyDigests { place, .. }
            | Self::TooManySubjects { place, .. } => Some(place),
        }
    }
}

impl From<json::Error> for StatementError {
    fn from(error: json::Error) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DigestAlgorithmUnsupported { found } => {
                write!(f, "the subjects have only digests by unknown algorithms: {found}")
            }
            Self::DigestAlgorithmWeak { found } => write!(f, "only weak digests can be compared: {found}"),
            Self::DigestConflict { subject, agreeing, found, .. } => write!(
                f,
                "subject {subject} has the artifact's {agreeing} digest and another {} digest",
                found.algorithm()
            ),
            Self::DigestMalformed { algorithm, found, .. } => write!(f, "\"{found}\" is not a {algorithm} digest"),
            Self::Json(error) => error.fmt(f),
            Self::Malformed { found, expected, .. } => {
                write!(f, "the payload is not a statement: found {}, expected {expected}", Bounded(found, 100))
            }
            Self::NoSubjects { .. } => f.write_str("the statement has no subjects"),
            Self::PredicateTypeInvalid { found: Some(found), .. } => {
                write!(f, "the predicate type \"{found}\" is not a URI")
            }
            Self::PredicateTypeInvalid { found: None, .. } => f.write_str("the statement has no predicate type"),
            Self::StatementTypeUnsupported { found, .. } => {
                write!(f, "statements of type \"{found}\" are not supported")
            }
            Self::SubjectDigestMissing { .. } => f.write_str("a subject has no digest"),
            Self::SubjectMismatch { .. } => f.write_str("the statement is not about this artifact"),
            Self::TooManyDigests { found, limit, .. } => {
                write!(f, "{found} digests of one subject are more than {limit}")
            }
            Self::TooManySubjects { found, limit, .. } => write!(f, "{found} subjects are more than {limit}"),
        }
    }
}

impl core::error::Error for StatementError {}

impl Reason for StatementError {
    fn code(&self) -> Code {
        match self {
            Self::DigestAlgorithmUnsupported { .. } => Code::IntotoDigestAlgorithmUnsupported,
            Self::DigestAlgorithmWeak { .. } => Code::IntotoDigestAlgorithmWeak,
            Self::DigestConflict { .. } => Code::IntotoDigestConflict,
            Self::DigestMalformed { .. } => Code::IntotoDigestMalformed,
            Self::Json(error) => error.code(),
            Self::Malformed { .. } => Code::IntotoMalformed,
            Self::NoSubjects { .. } => Code::IntotoNoSubjects,
            Self::PredicateTypeInvalid { .. } => Code::IntotoPredicateTypeInvalid,
            Self::StatementTypeUnsupported { .. } => Code::IntotoStatementTypeUnsupported,
            Self::SubjectDigestMissing { .. } => Code::IntotoSubjectDigestMissing,
            Self::SubjectMismatch { .. } => Code::IntotoSubjectMismatch,
            Self::TooManyDigests { .. } => Code::IntotoTooManyDigests,
            Self::TooManySubjects { .. } => Code::IntotoTooManySubjects,
        }
    }

    /// The place is one in the payload, so its path starts with `payload`.
    fn place(&self) -> Option<String> {
        self.location().map(|place| format!("payload {place}"))
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::DigestAlgorithmUnsupported { found }
            | Self::DigestAlgorithmWeak { found }
            | Self::SubjectMismatch { found, .. } => found.clone(),
            Self::DigestConflict { found, .. } => found.to_string(),
            Self::DigestMalformed { found, .. }
            | Self::PredicateTypeInvalid { found: Some(found), .. }
            | Self::StatementTypeUnsupported { found, .. } => shown::found(found),
            Self::Json(error) => return error.found(),
            Self::Malformed { found, .. } => Bounded(found, 100).to_string(),
            Self::NoSubjects { .. } => "no subjects".to_string(),
            Self::PredicateTypeInvalid { found: None, .. } => "no predicate type".to_string(),
            Self::SubjectDigestMissing { .. } => "no digest".to_string(),
            Self::TooManyDigests { found, .. } => format!("{found} digests"),
            Self::TooManySubjects { found, .. } => format!("{found} subjects"),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::DigestAlgorithmUnsupported { .. } | Self::DigestAlgorithmWeak { .. } => {
                "sha256, sha384, sha512 or another strong algorithm".to_string()
            }
            Self::DigestConflict { expected, .. } => expected.to_string(),
            Self::DigestMalformed { algorithm, .. } => match DigestAlgorithm::from_name(algorithm) {
                Some(known) => {
                    let mut text = String::new();
                    for (position, length) in known.lengths().iter().enumerate() {
                        let or = if position == 0 { "" } else { " or " };
                        // Writing to a String does not fail.
                        let _ = write!(text, "{or}{}", length.saturating_mul(2));
                    }
                    text.push_str(" hexadecimal digits");
                    text
                }
                None => "a digest".to_string(),
            },
            Self::Json(error) => return error.expected(),
            Self::Malformed { expected, .. } => (*expected).to_string(),
            Self::NoSubjects { .. } => "one subject or more".to_string(),
            Self::PredicateTypeInvalid { .. } => "a URI with a scheme".to_string(),
            Self::StatementTypeUnsupported { .. } => {
                "https://in-toto.io/Statement/v1 or https://in-toto.io/Statement/v0.1".to_string()
            }
            Self::SubjectDigestMissing { .. } => "a digest set with one digest or more".to_string(),
            Self::SubjectMismatch { expected, .. } => expected.clone(),
            Self::TooManyDigests { limit, .. } | Self::TooManySubjects { limit, .. } => format!("at most {limit}"),
        })
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::DigestAlgorithmUnsupported { .. }
            | Self::DigestAlgorithmWeak { .. }
            | Self::DigestConflict { .. }
            | Self::DigestMalformed { .. } => Some("in-toto DigestSet v1"),
            Self::Json(error) => error.clause(),
            Self::TooManyDigests { .. } | Self::TooManySubjects { .. } => None,
            _ => Some("in-toto Statement v1"),
        }
    }
}
