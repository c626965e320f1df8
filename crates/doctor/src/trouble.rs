//! What keeps a check from looking.

use std::fmt;

use stella_vocabulary::{Code, Reason};

use crate::cause::Mending;

/// Something that many checks rely on. Each has one check of its own, which speaks for all when it is not to be had.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Facility {
    /// The settings and the policy.
    Config,
    /// The signing keys of the home.
    Keys,
    /// The store of attestations.
    Store,
    /// The trust log.
    Trust,
}

impl Facility {
    /// The name: `config`, `keys`, `store`, `trust`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Keys => "keys",
            Self::Store => "store",
            Self::Trust => "trust",
        }
    }

    /// The id of the check that speaks for it.
    #[must_use]
    pub const fn owner(self) -> &'static str {
        match self {
            Self::Config => "check.config",
            Self::Keys => "check.attestor.key-expiration",
            Self::Store => "check.store.health",
            Self::Trust => "check.trust.log",
        }
    }
}

/// What keeps a check from looking: a registered code, and the facts that explain it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble {
    /// What is not to be had.
    pub facility: Facility,
    /// Why.
    pub code: Code,
    /// One sentence.
    pub summary: String,
    /// Where.
    pub place: Option<String>,
    /// What is there.
    pub found: Option<String>,
    /// What should be.
    pub expected: Option<String>,
    /// What mends it.
    pub mending: Box<Mending>,
}

impl Trouble {
    /// What a library refused.
    #[must_use]
    pub fn of(facility: Facility, reason: &dyn Reason) -> Self {
        let code = reason.code();
        Self {
            facility,
            code,
            summary: reason.to_string(),
            place: reason.place(),
            found: reason.found(),
            expected: reason.expected(),
            mending: Box::new(Mending::new("look up what the code means").command(&[
                "stella",
                "explain",
                code.as_str(),
            ])),
        }
    }

    /// With this in place of the reference to the code.
    #[must_use]
    pub fn mended_by(mut self, mending: Mending) -> Self {
        *self.mending = mending;
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.summary)
    }
}

impl std::error::Error for Trouble {}
