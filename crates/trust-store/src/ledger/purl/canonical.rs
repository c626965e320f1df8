//! Whether a package URL is written in the one way in which it has to be. Package URL specification, "Rules for each purl component" and its
//! types.
//!
//! Whoever signs chooses how the name of a subject is written. `pkg:oci/acme/app%31` and `pkg:oci/acme/App1` are `pkg:oci/acme/app1` for those
//! who bring them into canonical form, and would fit a wide pattern where the exact one is somebody else's.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::text::Escaped;

/// Types whose namespaces and names are in lower case.
const LOWERCASE: [&str; 16] = [
    "alpm",
    "apk",
    "bitbucket",
    "bitnami",
    "composer",
    "deb",
    "github",
    "gitlab",
    "golang",
    "hex",
    "luarocks",
    "oci",
    "otp",
    "pub",
    "pypi",
    "vscode-extension",
];

/// Types whose namespaces alone are.
const LOWERCASE_NAMESPACE: [&str; 2] = ["qpkg", "rpm"];

/// Whether everything after `pkg:` is in canonical form: type, namespace and name in `path`, the rest in `tail`.
///
/// Path: no empty segment, none of dots alone, no character that has to be encoded, none encoded that need not be, and nothing encoded that is
/// blank or a separator. Tail: one version, qualifiers sorted by unique keys, a subpath without empty and dot segments; `:` and `/` may
/// be written either way there, as in use.
pub(super) fn is_canonical(path: &str, tail: &str) -> bool {
    let Some((kind, rest)) = path.split_once('/') else { return false };
    is_type(kind) && is_path(kind, rest) && is_tail(kind, tail)
}

fn is_type(kind: &str) -> bool {
    kind.starts_with(|first: char| first.is_ascii_lowercase())
        && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+-".contains(&byte))
}

fn is_path(kind: &str, path: &str) -> bool {
    let lower_name = LOWERCASE.contains(&kind);
    let lower_namespace = lower_name || LOWERCASE_NAMESPACE.contains(&kind);
    let mut segments = path.split('/').rev().enumerate();
    segments.all(|(from_the_end, segment)| {
        let is_lower = if from_the_end == 0 { lower_name } else { lower_namespace };
        is_segment(segment)
            && !(kind == "pypi" && segment.contains('_'))
            && decoded(segment, ":", "").is_some_and(|text| !is_lower || !text.contains(char::is_uppercase))
    })
}

fn is_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
}

fn is_tail(kind: &str, tail: &str) -> bool {
    let (tail, subpath) = cut(tail, '#');
    let (version, qualifiers) = cut(tail, '?');
    let is_version = |version: &str| {
        let is_lower = kind != "huggingface" || !version.contains(char::is_uppercase);
        !version.is_empty() && is_lower && decoded(version, "+:", "+/:").is_some()
    };
    let is_part = |part: &str| is_segment(part) && decoded(part, "+:", "+:").is_some();
    version.strip_prefix('@').map_or(version.is_empty(), is_version)
        && qualifiers.is_none_or(are_qualifiers)
        && subpath.is_none_or(|path| path.split('/').all(is_part))
}

fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn are_qualifiers(qualifiers: &str) -> bool {
    let is_key = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    let mut last = "";
    qualifiers.split('&').all(|qualifier| {
        let Some((key, value)) = qualifier.split_once('=') else { return false };
        let is_sorted = last < key;
        last = key;
        is_sorted && key.bytes().all(is_key) && !value.is_empty() && decoded(value, "+,/:=", " +,/:=").is_some()
    })
}

/// What `text` spells, if it has only letters, digits, `-._~` and the characters in `raw` as they are, and everything else encoded as UTF-8 in
/// upper-case digits. What may stand as it is, `/`, blanks, control characters and those that are not seen are not encoded either, unless they
/// are in `either`.
fn decoded(text: &str, raw: &str, either: &str) -> Option<String> {
    let mut spelled = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            may_stand(char::from(byte), raw).then_some(())?;
            spelled.push(byte);
            continue;
        }
        let byte = (digit(bytes.next()?)? << 4) | digit(bytes.next()?)?;
        let character = char::from(byte);
        let needless = byte == b'/' || may_stand(character, raw);
        (either.contains(character) || !needless).then_some(())?;
        spelled.push(byte);
    }
    let spelled = String::from_utf8(spelled).ok()?;
    let is_seen = |character: char| either.contains(character) || !character.is_whitespace();
    (spelled.chars().all(is_seen) && Escaped(&spelled).to_string() == spelled).then_some(spelled)
}

fn may_stand(character: char, raw: &str) -> bool {
    character.is_ascii_alphanumeric() || "-._~".contains(character) || raw.contains(character)
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_lowercase())?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::super::PurlPattern;

    #[test]
    fn package_urls_in_use_are_in_canonical_form() {
        for purl in [
            "pkg:oci/acme/app1",
            "pkg:oci/app@sha256:0a",
            "pkg:oci/app@sha256%3A0a?arch=amd64&repository_url=ghcr.io/acme/app",
            "pkg:oci/app@sha256%3A0a?repository_url=ghcr.io%2Facme%2Fapp",
            "pkg:docker/cassandra@latest?platform=linux%2Famd64",
            "pkg:npm/%40angular/animation@12.3.1",
            "pkg:npm/JSONStream@1.0.3",
            "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?classifier=dist&type=zip",
            "pkg:deb/debian/libstdc%2B%2B6@1:2.4.47-2%2Bb1?arch=amd64",
            "pkg:deb/debian/attr@1:2.4.47-2+b1",
            "pkg:pypi/sigstore@3.0.0",
            "pkg:golang/google.golang.org/genproto#googleapis/api/annotations",
            "pkg:cpan/Perl::Version@1.013",
            "pkg:rpm/fedora/NetworkManager@1.0?epoch=1",
            "pkg:generic/caf%C3%A9",
            "pkg:github/package-url/purl-spec@244fd47e#everybody/loves",
        ] {
            assert!(PurlPattern::is_canonical(purl), "{purl}");
        }
    }

    #[test]
    fn another_spelling_of_a_package_url_is_none() {
        for purl in [
            "",
            "oci/app",
            "PKG:oci/app",
            "pkg:",
            "pkg:oci",
            "pkg:/app",
            "pkg://oci/app",
            "pkg:OCI/app",
            "pkg:1/app",
            "pkg:oci/",
            "pkg:oci/acme/",
            "pkg:oci//app",
            "pkg:oci/acme/./app",
            "pkg:oci/acme/../app",
            "pkg:oci/acme/%2E%2E/app",
            "pkg:oci/acme/app%31",
            "pkg:oci/acme/%61pp1",
            "pkg:oci/acme%2Fapp1",
            "pkg:oci/acme/App1",
            "pkg:rpm/Fedora/curl",
            "pkg:pypi/typing_extensions",
            "pkg:oci/acme/app1%20",
            "pkg:oci/acme/app1 ",
            " pkg:oci/acme/app1",
            "pkg:oci/acme/app1%00",
            "pkg:oci/acme/app1%0A",
            "pkg:oci/acme/app1%C2%A0",
            "pkg:oci/acme/app1%E2%80%8B",
            "pkg:oci/acme/\u{fc}",
            "pkg:oci/acme/%C3%9C",
            "pkg:oci/acme/app1@a@b",
            "pkg:oci/acme/app1@a/b",
            "pkg:oci/acme/app1@",
            "pkg:oci/acme/app1@%31",
            "pkg:oci/acme/app1@sha256%3a0a",
            "pkg:oci/acme/app1@1?",
            "pkg:oci/acme/app1?a",
            "pkg:oci/acme/app1?a=",
            "pkg:oci/acme/app1?A=1",
            "pkg:oci/acme/app1?b=1&a=1",
            "pkg:oci/acme/app1?a=1&a=2",
            "pkg:oci/acme/app1?a=1?b=2",
            "pkg:oci/acme/app1#",
            "pkg:oci/acme/app1#a/../b",
            "pkg:oci/acme/app1#a#b",
            "pkg:npm/@scope/name",
            "pkg:generic/c++",
            "pkg:generic/%FF",
            "pkg:generic/%C3",
            "pkg:generic/%",
            "pkg:generic/%4",
            "pkg:generic/%%4",
            "pkg:generic/a\\b",
            "pkg:huggingface/acme/model@ABC",
        ] {
            assert!(!PurlPattern::is_canonical(purl), "{purl}");
        }
    }
}
