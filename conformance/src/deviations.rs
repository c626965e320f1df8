//! What does not pass yet, and why: bookkeeping of expected failures, never an expectation of its own.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use stella_vocabulary::Code;

use crate::case::{Observed, Outcome, Record};
use crate::files;
use crate::pattern;
use crate::suite::SuiteError;

/// The list of `deviations.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviations {
    #[serde(default, rename = "deviation")]
    entries: Vec<Deviation>,
}

/// A feature that is missing, or decided otherwise than a suite does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    suite: String,
    /// The feature in a few words.
    feature: String,
    /// Why it deviates.
    reason: String,
    /// Case ids with `*`; one of them has to fit.
    cases: Vec<String>,
    /// Published facts that the case must have, all of them.
    #[serde(default)]
    tags: Vec<String>,
    outcome: String,
    /// The code that is observed, where there is one.
    code: Option<String>,
}

impl Deviations {
    /// Reads a list.
    ///
    /// # Errors
    /// [`SuiteError`] if it is not TOML of this form, or names an outcome or code that does not exist.
    pub fn parse(toml: &str) -> Result<Self, SuiteError> {
        let list: Self = toml::from_str(toml).map_err(|error| SuiteError::new(format!("deviations: {error}")))?;
        for entry in &list.entries {
            let mut wrong = String::new();
            if Outcome::parse(&entry.outcome).is_none_or(|outcome| outcome == Outcome::Passed) {
                let _ = write!(wrong, "`{}` is no outcome that deviates", entry.outcome);
            }
            if let Some(code) = entry.code.as_deref().filter(|code| Code::parse(code).is_none()) {
                let _ = write!(wrong, "`{code}` is not in the registry of codes");
            }
            if !wrong.is_empty() {
                return Err(SuiteError::new(format!("deviations, feature \"{}\": {wrong}", entry.feature)));
            }
        }
        Ok(list)
    }

    /// Reads the list at `path`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and if there is no such file.
    pub fn read(path: &Path) -> Result<Self, SuiteError> {
        Self::parse(&files::read_text(path)?)
    }

    /// The entries that speak of this case, whatever came of the case.
    pub fn concerning(&self, suite: &str, record: &Record) -> impl Iterator<Item = &Deviation> {
        self.entries.iter().filter(move |entry| entry.suite == suite && entry.names(record))
    }

    /// Every entry.
    #[must_use]
    pub fn entries(&self) -> &[Deviation] {
        &self.entries
    }
}

impl Deviation {
    /// The feature in a few words.
    #[must_use]
    pub fn feature(&self) -> &str {
        &self.feature
    }

    /// Why it deviates.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the case fails just as this entry says.
    #[must_use]
    pub fn explains(&self, record: &Record) -> bool {
        let code = match (&self.code, &record.observed) {
            (None, _) => true,
            (Some(code), Observed::Refused(found, _)) => code == found.as_str(),
            (Some(_), _) => false,
        };
        code && record.outcome().as_str() == self.outcome
    }

    fn names(&self, record: &Record) -> bool {
        self.cases.iter().any(|names| pattern::matches(names, &record.case.id))
            && self.tags.iter().all(|tag| record.case.tags.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::Deviations;

    #[test]
    fn an_outcome_or_code_that_does_not_exist_is_refused() {
        let entry = |outcome: &str, code: &str| {
            format!(
                "[[deviation]]\nsuite = 's'\nfeature = 'f'\nreason = 'r'\ncases = ['*']\noutcome = '{outcome}'\ncode = '{code}'\n"
            )
        };
        assert!(Deviations::parse(&entry("false-reject", "tlog.set_invalid")).is_ok());
        assert!(Deviations::parse(&entry("passed", "tlog.set_invalid")).is_err());
        assert!(Deviations::parse(&entry("false-reject", "tlog.set_wrong")).is_err());
        assert!(Deviations::parse("[[deviation]]\nsuite = 's'\nunknown = 1\n").is_err());
    }
}
