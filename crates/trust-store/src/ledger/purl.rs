//! Patterns of package URLs, and which of several is the most specific.

mod canonical;

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::cmp::Reverse;
use core::fmt;

use stella_vocabulary::text::Bounded;

use super::error::LedgerError;
use super::limits::check_text;

/// A pattern of package URLs, such as `pkg:oci/example/*` or `pkg:npm/%40scope/**`.
///
/// `*` stands for any characters within one segment, the segment `**` for any number of segments. A pattern without version,
/// qualifiers or subpath fits any. Package URLs are compared as they are written, but for `%3A` and `%2F` behind the name, which are `:` and `/`; so
/// patterns are written in canonical form, and [what is not](PurlPattern::is_canonical) is spoken for by nobody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PurlPattern(Arc<str>);

impl PurlPattern {
    /// Checks and takes a pattern.
    ///
    /// # Errors
    /// [`LedgerError::PatternInvalid`] if it does not start with `pkg:` and a type, has an empty segment, or mixes `**` with
    /// other characters in a segment.
    pub fn new(text: &str) -> Result<Self, LedgerError> {
        let invalid = || LedgerError::PatternInvalid { found: Bounded(text, 200).to_string() };
        check_text("a package URL pattern", text).map_err(|_| invalid())?;
        let rest = text.strip_prefix("pkg:").ok_or_else(invalid)?;
        let (path, _) = split_tail(rest);
        let sound = path.split('/').all(|segment| !segment.is_empty() && (segment == "**" || !segment.contains("**")));
        if sound && !rest.contains(char::is_whitespace) { Ok(Self(Arc::from(text))) } else { Err(invalid()) }
    }

    /// The pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Segments × 10 − wildcards × 5. Segments are the parts between slashes after `pkg:`, the type included, and the version,
    /// if the pattern has one. What takes in anything is no segment: neither `**`, which fits none as well as many, nor a version of stars
    /// alone. `**` is one wildcard.
    #[must_use]
    pub fn specificity(&self) -> i64 {
        let (path, tail) = split_tail(self.rest());
        let says_something = tail.contains(|character: char| !"@*?#".contains(character));
        let segments = path.split('/').filter(|segment| *segment != "**").count();
        let segments = segments.saturating_add(usize::from(says_something));
        // A pattern has at most 1024 bytes.
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        count(segments).saturating_mul(10).saturating_sub(count(self.wildcards()).saturating_mul(5))
    }

    /// Whether the pattern speaks of fewer package URLs than `other`, where one fits both: type, namespace and name without a wildcard come before
    /// any with one, then [`specificity`](PurlPattern::specificity) counts, then fewer wildcards, then more text before the first of them, then
    /// more text.
    #[must_use]
    pub fn is_closer_than(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }

    /// Whether `purl` fits the pattern as it is written, in canonical form or not.
    #[must_use]
    pub fn matches(&self, purl: &str) -> bool {
        let Some(purl) = purl.strip_prefix("pkg:") else { return false };
        let (pattern_path, pattern_tail) = split_tail(self.rest());
        let (path, tail) = split_tail(purl);
        segments_match(pattern_path, path) && tail_matches(pattern_tail, tail)
    }

    /// Whether `purl` is a package URL in canonical form: written in the one way that all who read it agree on.
    ///
    /// A lower-case type, and namespaces and names in lower case where the type has no other; no empty or dot segment; no character that has to
    /// be encoded, none encoded without need, no blank; at most one version, qualifiers in the order of their keys.
    #[must_use]
    pub fn is_canonical(purl: &str) -> bool {
        purl.strip_prefix("pkg:").is_some_and(|rest| {
            let (path, tail) = split_tail(rest);
            canonical::is_canonical(path, tail)
        })
    }

    /// The closest of the candidates that fit `purl`; none fits what is not in canonical form. Of equally close ones the one that sorts first
    /// counts, so that the order of candidates has no say.
    pub fn most_specific<'p, T>(
        candidates: impl IntoIterator<Item = (&'p Self, T)>,
        purl: &str,
    ) -> Option<(&'p Self, T)> {
        if !Self::is_canonical(purl) {
            return None;
        }
        let fitting = candidates.into_iter().filter(|(pattern, _)| pattern.matches(purl));
        fitting.max_by(|(left, _), (right, _)| left.rank().cmp(&right.rank()).then_with(|| right.0.cmp(&left.0)))
    }

    fn rank(&self) -> (bool, i64, Reverse<usize>, usize, usize) {
        let (path, _) = split_tail(self.rest());
        let stars = self.0.matches('*').count();
        let literal = self.0.len().saturating_sub(stars);
        let prefix = self.0.find('*').unwrap_or(self.0.len());
        (!path.contains('*'), self.specificity(), Reverse(stars), prefix, literal)
    }

    fn wildcards(&self) -> usize {
        // A star that follows another belongs to it.
        let starts = |(before, character): (Option<char>, char)| character == '*' && before != Some('*');
        let before = core::iter::once(None).chain(self.0.chars().map(Some));
        before.zip(self.0.chars()).filter(|pair| starts(*pair)).count()
    }

    fn rest(&self) -> &str {
        self.0.strip_prefix("pkg:").unwrap_or(&self.0)
    }
}

impl fmt::Display for PurlPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Type, namespace and name on one side; `@version?qualifiers#subpath` on the other. An `@` at the start of a segment belongs
/// to a scope that somebody forgot to encode.
fn split_tail(rest: &str) -> (&str, &str) {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, _) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let version = path.rfind('@').filter(|at| {
        let before = path.get(..*at).unwrap_or("");
        !before.is_empty() && !before.ends_with('/') && !path.get(*at..).unwrap_or("").contains('/')
    });
    rest.split_at_checked(version.unwrap_or(end)).unwrap_or((rest, ""))
}

/// Versions are compared as a whole; what the pattern leaves open fits anything.
fn tail_matches(pattern: &str, tail: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let qualified = pattern.contains(['?', '#']);
    let tail = if qualified { tail } else { tail.split(['?', '#']).next().unwrap_or(tail) };
    glob(&unfolded(pattern), &unfolded(tail))
}

/// `:` and `/` are written either way in versions and qualifiers.
fn unfolded(tail: &str) -> Cow<'_, str> {
    if tail.contains("%3A") || tail.contains("%2F") {
        Cow::Owned(tail.replace("%3A", ":").replace("%2F", "/"))
    } else {
        Cow::Borrowed(tail)
    }
}

/// Segment by segment, going back to the last `**` only: linear in the product of both lengths.
fn segments_match(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    let mut retry = None;
    loop {
        let mut next_patterns = patterns.clone();
        let mut next_segments = segments.clone();
        match (next_patterns.next(), next_segments.next()) {
            (None, None) => return true,
            (Some("**"), _) => {
                patterns = next_patterns;
                retry = Some((patterns.clone(), segments.clone()));
                continue;
            }
            (Some(part), Some(segment)) if glob(part, segment) => {
                (patterns, segments) = (next_patterns, next_segments);
                continue;
            }
            _ => {}
        }
        let Some((after, from)) = &mut retry else { return false };
        if from.next().is_none() {
            return false;
        }
        (patterns, segments) = (after.clone(), from.clone());
    }
}

/// `*` is any run of characters; going back to the last star only.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece).and_then(|found| rest.get(found.saturating_add(piece.len())..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

/// The patterns as texts, for comparing scopes.
pub(super) fn texts(patterns: &[PurlPattern]) -> alloc::vec::Vec<String> {
    patterns.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use stella_vocabulary::{Code, Reason as _};

    use super::*;

    fn pattern(text: &str) -> PurlPattern {
        PurlPattern::new(text).unwrap()
    }

    #[test]
    fn a_pattern_scores_ten_for_a_segment_and_loses_five_for_a_wildcard() {
        for (text, score) in [
            ("pkg:oci/app", 20),
            ("pkg:oci/*", 15),
            ("pkg:oci/**", 5),
            ("pkg:oci/**/**/**", -5),
            ("pkg:**", -5),
            ("pkg:oci/app@*", 15),
            ("pkg:oci/app@***", 15),
            ("pkg:oci/example/app", 30),
            ("pkg:oci/example/app-*", 25),
            ("pkg:oci/*/app-*", 20),
            ("pkg:npm/%40scope/name@1.2.3", 40),
            ("pkg:npm/%40scope/name@1.*", 35),
        ] {
            assert_eq!(pattern(text).specificity(), score, "{text}");
        }
    }

    #[test]
    fn a_star_stays_within_its_segment_and_two_stars_cross_them() {
        for (text, purl, fits) in [
            ("pkg:oci/app", "pkg:oci/app", true),
            ("pkg:oci/app", "pkg:oci/app@sha256:00", true),
            ("pkg:oci/app", "pkg:oci/application", false),
            ("pkg:oci/*", "pkg:oci/app", true),
            ("pkg:oci/*", "pkg:oci/example/app", false),
            ("pkg:oci/**", "pkg:oci/example/app@1?arch=amd64", true),
            ("pkg:**/app", "pkg:oci/example/app", true),
            ("pkg:**/app", "pkg:oci/example/other", false),
            ("pkg:npm/%40scope/*", "pkg:npm/%40scope/name@1", true),
            ("pkg:oci/app@sha256:0a", "pkg:oci/app@sha256%3A0a", true),
            ("pkg:oci/app@sha256%3A*", "pkg:oci/app@sha256:0a", true),
            ("pkg:oci/app@*?repository_url=ghcr.io/app", "pkg:oci/app@1?repository_url=ghcr.io%2Fapp", true),
            ("pkg:oci/app@1.*", "pkg:oci/app@1.2?arch=x", true),
            ("pkg:oci/app@1.*", "pkg:oci/app@2.0", false),
            ("pkg:oci/app@1.*", "pkg:oci/app", false),
            ("pkg:oci/a*c*e", "pkg:oci/abcde", true),
            ("pkg:oci/a*c*e", "pkg:oci/abde", false),
            ("pkg:oci/app", "oci/app", false),
        ] {
            assert_eq!(pattern(text).matches(purl), fits, "{text} {purl}");
        }
    }

    #[test]
    fn the_most_specific_pattern_wins_in_any_order() {
        let all = ["pkg:**", "pkg:oci/**", "pkg:oci/example/*", "pkg:oci/example/app", "pkg:oci/other/app"];
        let patterns: alloc::vec::Vec<_> = all.iter().map(|text| pattern(text)).collect();
        let winner = |purl: &str| {
            let ahead = PurlPattern::most_specific(patterns.iter().map(|pattern| (pattern, ())), purl);
            let back = PurlPattern::most_specific(patterns.iter().rev().map(|pattern| (pattern, ())), purl);
            assert_eq!(ahead, back);
            ahead.map(|(pattern, ())| pattern.as_str().to_string())
        };
        assert_eq!(winner("pkg:oci/example/app@1").as_deref(), Some("pkg:oci/example/app"));
        assert_eq!(winner("pkg:oci/example/tool").as_deref(), Some("pkg:oci/example/*"));
        assert_eq!(winner("pkg:oci/third/app").as_deref(), Some("pkg:oci/**"));
        assert_eq!(winner("pkg:npm/app").as_deref(), Some("pkg:**"));
        assert_eq!(winner("npm/app"), None);
    }

    #[test]
    fn of_two_patterns_that_fit_the_closer_one_counts_however_the_other_is_padded() {
        for (closer, wider, purl) in [
            ("pkg:oci/acme/app1", "pkg:oci/**/**/**/**/**", "pkg:oci/acme/app1"),
            ("pkg:oci/acme/app1", "pkg:oci/acme/**/app1", "pkg:oci/acme/app1"),
            ("pkg:oci/acme/app1", "pkg:oci/acme/*@1.0", "pkg:oci/acme/app1@1.0"),
            ("pkg:oci/acme/app1", "pkg:oci/acme/app1*@1.0", "pkg:oci/acme/app1@1.0"),
            ("pkg:oci/acme/app1@1.0", "pkg:oci/acme/app1", "pkg:oci/acme/app1@1.0"),
            ("pkg:oci/acme/app*", "pkg:oci/acme/*", "pkg:oci/acme/app1"),
            ("pkg:oci/acme/app*", "pkg:oci/acme/*@*", "pkg:oci/acme/app1@1"),
            ("pkg:oci/acme/*", "pkg:oci/*/*", "pkg:oci/acme/app1"),
            ("pkg:oci/acme/*", "pkg:oci/*/app1", "pkg:oci/acme/app1"),
            ("pkg:oci/acme/*", "pkg:oci/acme/**", "pkg:oci/acme/app1"),
            ("pkg:oci/acme/a*1", "pkg:oci/acme/a*", "pkg:oci/acme/app1"),
            ("pkg:oci/**", "pkg:**", "pkg:oci/acme/app1"),
        ] {
            let (closer, wider) = (pattern(closer), pattern(wider));
            assert!(closer.matches(purl) && wider.matches(purl), "{closer} {wider}");
            assert!(closer.is_closer_than(&wider) && !wider.is_closer_than(&closer), "{closer} {wider}");
            let found = PurlPattern::most_specific([(&wider, ()), (&closer, ())], purl);
            assert_eq!(found.map(|(pattern, ())| pattern), Some(&closer));
        }
        let one = pattern("pkg:oci/acme/*");
        assert!(!one.is_closer_than(&one.clone()));
    }

    #[test]
    fn what_is_not_in_canonical_form_is_spoken_for_by_nobody() {
        let all = pattern("pkg:**");
        assert!(PurlPattern::most_specific([(&all, ())], "pkg:oci/acme/app1").is_some());
        assert!(PurlPattern::most_specific([(&all, ())], "pkg:oci/acme/app%31").is_none());
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "oci/app", "pkg:", "pkg:oci//app", "pkg:oci/a**", "pkg:oci/a b", "pkg:oci/\u{202e}"] {
            assert_eq!(PurlPattern::new(text).unwrap_err().code(), Code::ConfigInvalid, "{text}");
        }
    }
}
