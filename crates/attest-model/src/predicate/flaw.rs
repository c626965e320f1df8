//! What of a predicate is not as its specification says.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::json::{Kind, Place};

/// Something in a predicate that is not as its specification says, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PredicateFlaw {
    place: Place,
    flaw: Flaw,
    clause: &'static str,
}

/// What is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Flaw {
    /// A digest is not one that its algorithm makes.
    Digest {
        /// The digest as written.
        found: String,
    },
    /// A required member is missing, or `null`.
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// None of several members is there.
    NoneOf {
        /// Their names.
        names: &'static [&'static str],
    },
    /// A list is too short.
    TooFew {
        /// How many elements it has.
        found: usize,
        /// How many it should have at least.
        expected: usize,
    },
    /// A value is of the right kind, and none of those that are allowed.
    Value {
        /// The value as written.
        found: String,
        /// Those that are allowed.
        expected: String,
    },
    /// A value is of another kind.
    WrongKind {
        /// Its kind.
        found: Kind,
        /// The kind it should be of.
        expected: &'static str,
    },
}

impl PredicateFlaw {
    pub(super) fn new(place: Place, flaw: Flaw, clause: &'static str) -> Self {
        Self { place, flaw, clause }
    }

    /// What is wrong.
    #[must_use]
    pub fn flaw(&self) -> &Flaw {
        &self.flaw
    }

    /// Where: path, line and column in the predicate. A missing member is reported at the object that should have it.
    #[must_use]
    pub fn location(&self) -> &Place {
        &self.place
    }
}

impl fmt::Display for PredicateFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.flaw {
            Flaw::Digest { .. } => f.write_str("this is no digest of its algorithm"),
            Flaw::Missing { name } => write!(f, "there is no member \"{name}\""),
            Flaw::NoneOf { names } => {
                f.write_str("there is no member ")?;
                for (position, name) in names.iter().enumerate() {
                    write!(f, "{}\"{name}\"", if position == 0 { "" } else { " or " })?;
                }
                Ok(())
            }
            Flaw::TooFew { expected: 1, .. } => f.write_str("this list is empty"),
            Flaw::TooFew { .. } => f.write_str("this list is too short"),
            Flaw::Value { .. } => f.write_str("this value is not allowed here"),
            Flaw::WrongKind { found, expected } => write!(f, "this is {found} in place of {expected}"),
        }
    }
}

impl core::error::Error for PredicateFlaw {}

impl Reason for PredicateFlaw {
    fn code(&self) -> Code {
        Code::UsagePredicateInvalid
    }

    fn place(&self) -> Option<String> {
        Some(self.place.to_string())
    }

    fn found(&self) -> Option<String> {
        match &self.flaw {
            Flaw::Digest { found } | Flaw::Value { found, .. } => Some(Bounded(found, 100).to_string()),
            Flaw::Missing { .. } | Flaw::NoneOf { .. } => None,
            Flaw::TooFew { found, .. } => Some(format!("{found} elements")),
            Flaw::WrongKind { found, .. } => Some(found.to_string()),
        }
    }

    fn expected(&self) -> Option<String> {
        match &self.flaw {
            Flaw::Digest { .. } => Some("hexadecimal digits of the algorithm's length".to_string()),
            Flaw::Missing { .. } | Flaw::NoneOf { .. } => None,
            Flaw::TooFew { expected, .. } => Some(format!("at least {expected}")),
            Flaw::Value { expected, .. } => Some(expected.clone()),
            Flaw::WrongKind { expected, .. } => Some((*expected).to_string()),
        }
    }

    fn clause(&self) -> Option<&'static str> {
        Some(self.clause)
    }
}
