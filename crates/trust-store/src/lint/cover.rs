//! Whether whatever one scope permits, another permits as well.

use alloc::string::String;

use stella_vocabulary::Window;

use crate::ledger::{PurlPattern, Scope, Terms};

/// Whether `wide` permits whatever `narrow` permits. A "no" may be wrong where patterns cover each other in ways that their texts do not show.
pub(super) fn terms_cover(wide: &Terms, narrow: &Terms) -> bool {
    window_covers(wide.window, narrow.window) && scope_covers(&wide.scope, &narrow.scope)
}

pub(super) fn window_covers(wide: Window, narrow: Window) -> bool {
    let from = wide.from().is_none_or(|wide| narrow.from().is_some_and(|narrow| narrow >= wide));
    let until = wide.until().is_none_or(|wide| narrow.until().is_some_and(|narrow| narrow <= wide));
    from && until
}

pub(super) fn scope_covers(wide: &Scope, narrow: &Scope) -> bool {
    let equal = |wide: &String, narrow: &String| wide == narrow;
    let pattern = |wide: &String, narrow: &String| pattern_covers(wide, narrow);
    let length = wide.max_path_length.is_none_or(|wide| narrow.max_path_length.is_some_and(|narrow| narrow <= wide));
    length
        && list_covers(&wide.algorithms, &narrow.algorithms, equal)
        && (wide.extended_key_usages.is_empty() || wide.extended_key_usages == narrow.extended_key_usages)
        && list_covers(&wide.identities, &narrow.identities, pattern)
        && list_covers(&wide.oidc_issuers, &narrow.oidc_issuers, pattern)
        && list_covers(&wide.predicate_types, &narrow.predicate_types, pattern)
        && list_covers(&wide.purl_patterns, &narrow.purl_patterns, purl_covers)
        && list_covers(&wide.name_constraints_permitted, &narrow.name_constraints_permitted, equal)
        && wide.name_constraints_excluded.iter().all(|name| narrow.name_constraints_excluded.contains(name))
}

/// An empty list permits everything.
fn list_covers<T>(wide: &[T], narrow: &[T], covers: impl Fn(&T, &T) -> bool) -> bool {
    let covered = |narrow: &T| wide.iter().any(|wide| covers(wide, narrow));
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(covered))
}

/// Whether whatever fits `narrow` fits `wide`, where `*` stands for any characters. A star of `narrow` is no literal of `wide`, so it is a star of
/// `wide` that takes it in, and with it whatever it stands for.
pub(super) fn pattern_covers(wide: &str, narrow: &str) -> bool {
    if wide == narrow {
        return true;
    }
    let mut pieces = wide.split('*');
    let (Some(first), Some(last)) = (pieces.next(), pieces.next_back()) else { return false };
    let Some(mut rest) = narrow.strip_prefix(first) else { return false };
    for piece in pieces {
        match rest.find(piece) {
            Some(place) => rest = rest.get(place.saturating_add(piece.len())..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn purl_covers(wide: &PurlPattern, narrow: &PurlPattern) -> bool {
    // A `**` stands for several segments, which a `*` takes for one.
    wide == narrow || wide.as_str() == "pkg:**" || (!narrow.as_str().contains("**") && wide.matches(narrow.as_str()))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_pattern_covers_another_if_its_stars_take_in_whatever_is_more() {
        for (wide, narrow) in [
            ("a", "a"),
            ("*", "anything*"),
            ("https://ci.example/*", "https://ci.example/team/*"),
            ("https://*/build", "https://ci.example/build"),
            ("*@example.org", "alice@example.org"),
            ("a*c*e", "abcde"),
        ] {
            assert!(pattern_covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("a", "*"),
            ("https://ci.example/team/*", "https://ci.example/*"),
            ("a*c", "ab"),
            ("ab*ba", "aba"),
            ("a", "b"),
        ] {
            assert!(!pattern_covers(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn no_limit_covers_every_limit_and_not_the_other_way_round() {
        let limited = Scope {
            predicate_types: vec!["https://slsa.dev/provenance/v1".into()],
            max_path_length: Some(1),
            ..Scope::default()
        };
        assert!(scope_covers(&Scope::default(), &limited));
        assert!(!scope_covers(&limited, &Scope::default()));
        let excluding = Scope { name_constraints_excluded: vec!["dns:a.example".into()], ..Scope::default() };
        assert!(scope_covers(&Scope::default(), &excluding) && !scope_covers(&excluding, &Scope::default()));
    }

    #[test]
    fn a_purl_pattern_of_several_segments_is_not_covered_by_one_of_one() {
        let pattern = |text| PurlPattern::new(text).unwrap();
        assert!(purl_covers(&pattern("pkg:oci/**"), &pattern("pkg:oci/example/app")));
        assert!(purl_covers(&pattern("pkg:oci/example/*"), &pattern("pkg:oci/example/app")));
        assert!(!purl_covers(&pattern("pkg:oci/*"), &pattern("pkg:oci/**")));
        assert!(purl_covers(&pattern("pkg:**"), &pattern("pkg:oci/**")));
    }
}
