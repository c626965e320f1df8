//! Which checks are asked.

use std::fmt;

use crate::about::{About, Category, Depth, Severity};

/// Which checks are asked: those that fit every member that is set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    /// Ids, aliases, or patterns with `*` in them; any of them. All checks if it is empty.
    pub ids: Vec<String>,
    /// Of one of these categories; of any if it is empty.
    pub categories: Vec<Category>,
    /// At least as grave.
    pub severity: Option<Severity>,
    /// How long somebody is ready to wait. A check that is named by its id is asked in any case.
    pub depth: Depth,
}

/// Why nothing can be asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SelectionError {
    /// No check has this id, and no id fits this pattern.
    Unknown(String),
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(id) => write!(f, "there is no check {id}"),
        }
    }
}

impl std::error::Error for SelectionError {}

impl Selection {
    /// The positions of the chosen checks among `all`, in their order.
    ///
    /// # Errors
    /// [`SelectionError::Unknown`] for an id that nothing has: a check that is not asked must not look like one that passed.
    pub fn choose(&self, all: &[About]) -> Result<Vec<usize>, SelectionError> {
        if let Some(unknown) = self.ids.iter().find(|id| !all.iter().any(|about| is_meant(id, about))) {
            return Err(SelectionError::Unknown(unknown.clone()));
        }
        let fits = |about: &About| {
            let named = self.ids.iter().any(|id| about.is_called(id));
            (self.ids.is_empty() || self.ids.iter().any(|id| is_meant(id, about)))
                && (self.categories.is_empty() || self.categories.contains(&about.category))
                && self.severity.is_none_or(|severity| about.severity >= severity)
                && (named || about.depth <= self.depth)
        };
        Ok(all.iter().enumerate().filter(|(_, about)| fits(about)).map(|(position, _)| position).collect())
    }
}

fn is_meant(pattern: &str, about: &About) -> bool {
    std::iter::once(&about.id).chain(&about.aliases).any(|id| matches(pattern, id))
}

/// Whether `text` fits `pattern`, in which `*` stands for any text. Takes time in proportion to the product of the lengths, at most.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut rest = rest;
    let mut last: Option<&str> = None;
    for part in parts {
        if let Some(between) = last.replace(part) {
            match rest.find(between) {
                Some(at) => rest = rest.get(at + between.len()..).unwrap_or_default(),
                None => return false,
            }
        }
    }
    match last {
        Some(end) => rest.ends_with(end),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abouts() -> Vec<About> {
        vec![
            About::new("check.attestor.key-expiration", Category::Attestor, Severity::Fail, "")
                .alias("check.attestation.keymaterial"),
            About::new("check.crypto.fips", Category::Crypto, Severity::Warn, ""),
            About::new("check.store.audit", Category::Store, Severity::Fail, "").depth(Depth::Full),
        ]
    }

    fn chosen(ids: &[&str]) -> Result<Vec<usize>, SelectionError> {
        let ids = ids.iter().map(ToString::to_string).collect();
        Selection { ids, ..Selection::default() }.choose(&abouts())
    }

    #[test]
    fn ids_aliases_and_patterns_choose() {
        assert_eq!(chosen(&["check.attestation.keymaterial"]), Ok(vec![0]));
        assert_eq!(chosen(&["check.*.f*s"]), Ok(vec![1]));
        assert_eq!(chosen(&["check.attestor.*", "check.crypto.fips"]), Ok(vec![0, 1]));
        assert_eq!(chosen(&["check.attestor"]), Err(SelectionError::Unknown("check.attestor".into())));
        assert_eq!(chosen(&["*x"]), Err(SelectionError::Unknown("*x".into())));
    }

    #[test]
    fn what_takes_long_is_asked_by_name_or_in_full() {
        assert_eq!(chosen(&[]), Ok(vec![0, 1]));
        assert_eq!(chosen(&["check.store.audit"]), Ok(vec![2]));
        assert_eq!(Selection { depth: Depth::Full, ..Selection::default() }.choose(&abouts()), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn categories_and_severities_narrow() {
        let warn = Selection { categories: vec![Category::Crypto], ..Selection::default() };
        assert_eq!(warn.choose(&abouts()), Ok(vec![1]));
        let fail = Selection { severity: Some(Severity::Fail), ..Selection::default() };
        assert_eq!(fail.choose(&abouts()), Ok(vec![0]));
    }

    #[test]
    fn a_pattern_fits_as_a_shell_would_say() {
        for (pattern, text) in [("*", ""), ("a*", "a"), ("a*c", "abc"), ("a**c", "ac"), ("*b*", "abc"), ("abc", "abc")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a*c", "ab"), ("ab*bc", "abc"), ("*d*", "abc"), ("b*", "abc")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
