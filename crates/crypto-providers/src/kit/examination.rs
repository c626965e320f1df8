//! What a provider was found to do.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::vectors::Vector;
use crate::{Provider, Scheme};

/// What a provider was found to do.
#[derive(Clone, Debug)]
pub struct Examination {
    pub(super) provider: String,
    pub(super) version: String,
    pub(super) schemes: Vec<SchemeExamination>,
    pub(super) findings: Vec<Finding>,
}

impl Examination {
    pub(super) fn of(provider: &dyn Provider) -> Self {
        Self {
            provider: provider.name().to_string(),
            version: provider.version().to_string(),
            schemes: Vec::new(),
            findings: Vec::new(),
        }
    }

    pub(super) fn with_finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The provider's version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What was found for each scheme, in the order of the provider.
    #[must_use]
    pub fn schemes(&self) -> &[SchemeExamination] {
        &self.schemes
    }

    /// Whether there was something to examine, for each scheme, and nothing was wrong.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings.is_empty() && !self.schemes.is_empty() && self.schemes.iter().all(SchemeExamination::passed)
    }

    /// Everything that was wrong.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.schemes.iter().flat_map(|scheme| &scheme.findings))
    }
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} schemes", self.provider, self.version, self.schemes.len())?;
        for finding in self.findings() {
            write!(f, "\n{finding}")?;
        }
        Ok(())
    }
}

/// What was found for one scheme.
#[derive(Clone, Debug)]
pub struct SchemeExamination {
    pub(super) scheme: Scheme,
    pub(super) accepted: usize,
    pub(super) refused: usize,
    pub(super) findings: Vec<Finding>,
}

impl SchemeExamination {
    pub(super) fn of(scheme: Scheme) -> Self {
        Self { scheme, accepted: 0, refused: 0, findings: Vec::new() }
    }

    pub(super) fn count(&mut self, accepted: bool) {
        let counter = if accepted { &mut self.accepted } else { &mut self.refused };
        *counter = counter.saturating_add(1);
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// How many inputs were accepted.
    #[must_use]
    pub const fn accepted(&self) -> usize {
        self.accepted
    }

    /// How many inputs were refused.
    #[must_use]
    pub const fn refused(&self) -> usize {
        self.refused
    }

    /// What was wrong.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether something was accepted, something was refused, and nothing was wrong.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings.is_empty() && self.accepted > 0 && self.refused > 0
    }
}

/// Something that a provider does and should not.
#[derive(Clone, Debug)]
pub struct Finding {
    vector: String,
    expected: String,
    found: String,
}

impl Finding {
    pub(super) fn new(vector: &Vector, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { vector: vector.label.to_string(), expected: expected.into(), found: found.into() }
    }

    pub(super) fn of_provider(name: &str, expected: &str, found: String) -> Self {
        Self { vector: name.to_string(), expected: expected.to_string(), found }
    }

    /// Which published answer: its origin and number.
    #[must_use]
    pub fn vector(&self) -> &str {
        &self.vector
    }

    /// What it should do.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What it does.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected that {}, found {}", self.vector, self.expected, self.found)
    }
}
