//! Which codes a refusal may have, by the name a suite gives to the failure.

use serde::Deserialize;
use stella_vocabulary::Code;

use crate::case::Reasons;
use crate::pattern;
use crate::suite::SuiteError;

/// Rules over names; the first that fits says what is expected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonTable {
    #[serde(rename = "rule")]
    rules: Vec<Rule>,
}

/// One kind of failure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// Names with `*`; one of them has to fit.
    names: Vec<String>,
    /// What is wrong in such a case, in words.
    #[serde(rename = "failure")]
    _failure: String,
    codes: Vec<String>,
}

impl ReasonTable {
    pub(crate) fn parse(toml: &str) -> Result<Self, SuiteError> {
        let table: Self =
            toml::from_str(toml).map_err(|error| SuiteError::new(format!("table of reasons: {error}")))?;
        for code in table.rules.iter().flat_map(|rule| &rule.codes) {
            if Code::parse(code).is_none() {
                return Err(SuiteError::new(format!("table of reasons: `{code}` is not in the registry of codes")));
            }
        }
        Ok(table)
    }

    /// The codes for a failure of this name; [`Reasons::Any`] where no rule fits.
    pub(crate) fn expected(&self, name: &str) -> Reasons {
        let fits = |rule: &&Rule| rule.names.iter().any(|names| pattern::matches(names, name));
        match self.rules.iter().find(fits) {
            None => Reasons::Any,
            Some(rule) => Reasons::OneOf(rule.codes.iter().filter_map(|code| Code::parse(code)).collect()),
        }
    }
}
