//! Patterns of identities and of those who vouch for them.

/// Longest name that is held against a pattern with a star, in bytes. Identities in use are URLs of a few hundred.
const LONGEST: usize = 2048;

/// Characters that a star never stands for: they separate the parts of a URL, e-mail address or SPIFFE id, or hide such a separator.
const SEPARATORS: &[char] = &['/', '@', ':', '?', '#', '%', '\\'];

/// Whether `name` fits `pattern`.
///
/// A pattern without a star is the one name that it spells, byte by byte. A `*` stands for **one or more** characters, none of which is white
/// space, a control character or one of `/ @ : ? # % \`; so it stays within one segment of a path, one side of an address and one host, and an
/// escaped separator does not slip through. Everything else stands for itself: there is no regular expression in which `.` is any
/// character, no `?`, no `**`, no escape and no folding of case. The whole name has to fit the whole pattern, so nothing stands
/// before it or after it. `**` fits nothing, and no star fits names of more than 2048 bytes or with a segment `.` or `..`, which leads elsewhere.
///
/// ```
/// use stella_trust_store::identity_fits;
///
/// let pattern = "https://github.com/acme/*/.github/workflows/release.yml@refs/tags/v*";
/// assert!(identity_fits(pattern, "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2"));
/// assert!(!identity_fits(pattern, "https://github.com/acme/app/x/.github/workflows/release.yml@refs/tags/v1"));
/// assert!(!identity_fits("https://github.com/acme/*", "https://github.com/acme/app@evil"));
/// assert!(!identity_fits("*@example.com", "eve@evil.test@example.com"));
/// ```
#[must_use]
pub fn identity_fits(pattern: &str, name: &str) -> bool {
    if !pattern.contains('*') {
        return pattern == name;
    }
    if pattern.contains("**") || name.len() > LONGEST || leads_elsewhere(name) {
        return false;
    }
    let (mut rest_of_pattern, mut rest_of_name) = (pattern, name);
    // Where the latest star stands, and what it has not swallowed yet. Going back to the latest is enough: all stars swallow the same characters,
    // and the texts between them are placed as early as they go.
    let mut star: Option<(&str, &str)> = None;
    loop {
        let (mut pattern, mut name) = (rest_of_pattern.chars(), rest_of_name.chars());
        match (pattern.next(), name.next()) {
            (None, None) => return true,
            (Some('*'), Some(first)) if may_stand_for(first) => {
                star = Some((pattern.as_str(), name.as_str()));
                (rest_of_pattern, rest_of_name) = (pattern.as_str(), name.as_str());
                continue;
            }
            (Some(wanted), Some(found)) if wanted != '*' && wanted == found => {
                (rest_of_pattern, rest_of_name) = (pattern.as_str(), name.as_str());
                continue;
            }
            _ => {}
        }
        // One more character for the latest star.
        let Some((after, left)) = star else { return false };
        let mut left = left.chars();
        if !left.next().is_some_and(may_stand_for) {
            return false;
        }
        star = Some((after, left.as_str()));
        (rest_of_pattern, rest_of_name) = (after, left.as_str());
    }
}

/// Whether a segment of a path stands for the one it is in, or the one above.
fn leads_elsewhere(name: &str) -> bool {
    name.split(['/', '?', '#', '\\']).any(|segment| matches!(segment, "." | ".."))
}

fn may_stand_for(character: char) -> bool {
    !character.is_whitespace() && !character.is_control() && !SEPARATORS.contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_without_a_star_is_exactly_one_name() {
        assert!(identity_fits("ci@example.com", "ci@example.com"));
        for other in
            ["CI@example.com", "ci@exampleXcom", "ci@example.com.evil.test", "xci@example.com", "ci@example.com ", ""]
        {
            assert!(!identity_fits("ci@example.com", other), "{other}");
        }
    }

    #[test]
    fn a_star_is_one_or_more_characters_within_one_part_b192() {
        for (pattern, name, fits) in [
            ("https://ci.example/*", "https://ci.example/builder", true),
            ("https://ci.example/*", "https://ci.example/", false),
            ("https://ci.example/*", "https://ci.example/a/b", false),
            ("https://ci.example/*", "https://ci.example/a?b", false),
            ("https://ci.example/*", "https://ci.example/a#b", false),
            ("https://ci.example/*", "https://ci.example/a%2fb", false),
            ("https://ci.example/*", "https://ci.example/a\\b", false),
            ("https://ci.example/*", "https://ci.example/a b", false),
            ("https://ci.example/*", "https://evil.test/https://ci.example/a", false),
            ("https://ci.example/*", "https://ciXexample/a", false),
            ("https://ci.example/*/x", "https://ci.example/../x", false),
            ("https://ci.example/*/x", "https://ci.example/./x", false),
            ("https://ci.example/*", "https://ci.example/..", false),
            ("https://ci.example/*/../x", "https://ci.example/a/../x", false),
            ("https://ci.example/*/x", "https://ci.example/.github/x", true),
            ("https://ci.example/*", "https://ci.example/a..b", true),
            ("https://ci.example/../x", "https://ci.example/../x", true),
            ("https://*.example/x", "https://a.b.example/x", true),
            ("https://*.example/x", "https://evil.test/.example/x", false),
            ("https://*.example/x", "https://evil.test?.example/x", false),
            ("https://*.example/x", "https://evil.test#.example/x", false),
            ("https://*.example/x", "https://user@ci.example/x", false),
            ("https://*.example/x", "https://evil.test:1.example/x", false),
            ("*@example.com", "ci@example.com", true),
            ("*@example.com", "a@b@example.com", false),
            ("*@example.com", "@example.com", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbc", false),
            ("a*bc", "aXbcYbc", true),
            ("*", "builder", true),
            ("*", "a/b", false),
            ("a**", "abc", false),
            ("**", "abc", false),
            ("é*", "éa", true),
        ] {
            assert_eq!(identity_fits(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_too_long_fits_no_star() {
        let long = "x".repeat(LONGEST);
        assert!(identity_fits("*", &long));
        assert!(!identity_fits("*", &(long + "x")));
    }
}
