//! What is a well-formed host, address or URI in a certificate. RFC 5280 §4.2.1.6 and §4.2.1.10.

/// Longest host name, RFC 1035 §2.3.4.
const MAX_HOST: usize = 253;

/// Whether `name` is a host name in letters, digits and hyphens, its labels neither empty nor over 63 bytes, and not an IPv4
/// address written as text.
pub(crate) fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A last label of digits alone makes an address (WHATWG URL §4.5), as in 192.0.2.1.
    let last_is_number = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    name.len() <= MAX_HOST && name.split('.').all(label) && !last_is_number
}

/// Whether `name` may stand in a dNSName: a host name, or `*.` and a host name.
pub(crate) fn is_dns_name(name: &str) -> bool {
    is_host(name.strip_prefix("*.").unwrap_or(name))
}

/// Splits an e-mail address into local part and host, if it is one: printable ASCII without spaces or quotes, one `@`.
pub(crate) fn mailbox(address: &str) -> Option<(&str, &str)> {
    let (local, host) = address.split_once('@')?;
    let local_is_plain = local.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'@' | b'"' | b'\\'));
    (!local.is_empty() && local_is_plain && is_host(host)).then_some((local, host))
}

/// Whether `uri` is an absolute URI of printable ASCII, without an IPv6 zone id or a backslash.
pub(crate) fn is_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let scheme_is_good = scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let authority_is_good = match authority(rest) {
        // RFC 6874 zone ids name an interface of one machine; CVE-2024-45341.
        Some(authority) if authority.contains('[') || authority.contains(']') => {
            let literal = authority.strip_prefix('[').and_then(|literal| literal.split_once(']'));
            literal.is_some_and(|(address, port)| {
                address.parse::<core::net::Ipv6Addr>().is_ok() && (port.is_empty() || port.starts_with(':'))
            })
        }
        _ => true,
    };
    // Browsers take a backslash for a slash (WHATWG URL §4.4), and so another host than RFC 3986 does, which has no such character.
    let is_good = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    scheme_is_good && !rest.is_empty() && uri.bytes().all(is_good) && authority_is_good
}

/// The host of a URI, if it has an authority and that names a host rather than an address.
pub(crate) fn uri_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once(':')?;
    let authority = authority(rest)?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    is_host(host).then_some(host)
}

/// The authority without user information.
fn authority(rest: &str) -> Option<&str> {
    let hierarchical = rest.strip_prefix("//")?;
    let authority = hierarchical.split(['/', '?', '#']).next()?;
    Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}

/// Whether `base` is a dNSName constraint: empty for everything, or a host name.
pub(crate) fn is_dns_constraint(base: &str) -> bool {
    base.is_empty() || is_host(base)
}

/// Whether `base` is an rfc822Name constraint: a mailbox, a host, or `.` and a domain.
pub(crate) fn is_email_constraint(base: &str) -> bool {
    mailbox(base).is_some() || is_host(base.strip_prefix('.').unwrap_or(base))
}

/// Whether `base` is a URI constraint: a host, or `.` and a domain.
pub(crate) fn is_uri_constraint(base: &str) -> bool {
    is_host(base.strip_prefix('.').unwrap_or(base))
}

/// Splits an iPAddress constraint into address and mask, if the mask is a prefix (RFC 4632 CIDR).
pub(crate) fn network(base: &[u8]) -> Option<(&[u8], &[u8])> {
    if !matches!(base.len(), 8 | 32) {
        return None;
    }
    let (address, mask) = base.split_at(base.len() / 2);
    let ones = mask.iter().map(|byte| byte.leading_ones()).sum::<u32>();
    let set = mask.iter().map(|byte| byte.count_ones()).sum::<u32>();
    let leading = mask.iter().take_while(|byte| **byte == 0xff).count();
    let rest_is_zero = mask.iter().skip(leading.saturating_add(1)).all(|byte| *byte == 0);
    (ones == set && rest_is_zero).then_some((address, mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_letters_digits_and_hyphens() {
        for good in ["example.com", "a", "xn--n3h.com", "1.example", "EXAMPLE.com", "a-b.c"] {
            assert!(is_host(good), "{good}");
        }
        for bad in
            ["", ".", "a..b", ".a", "a.", "a_b.com", "-a.com", "a-.com", "192.0.2.1", "1", "a b", "*.a", "ä.de", "::1"]
        {
            assert!(!is_host(bad), "{bad}");
        }
        assert!(is_host(&"a".repeat(63)));
        assert!(!is_host(&"a".repeat(64)));
    }

    #[test]
    fn a_wildcard_is_the_whole_first_label() {
        assert!(is_dns_name("*.example.com"));
        for bad in ["*", "*.", "ba*.example.com", "a.*.com", "*.*.com", "*example.com"] {
            assert!(!is_dns_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_mailbox_has_one_at_sign_and_a_host() {
        assert_eq!(mailbox("**@example.com"), Some(("**", "example.com")));
        for bad in ["@example.com", "a@", "a", "a@b@example.com", "a b@example.com", "\"a\"@example.com", "a@192.0.2.1"]
        {
            assert_eq!(mailbox(bad), None, "{bad}");
        }
    }

    #[test]
    fn uris_are_absolute_and_without_zone() {
        for good in [
            "https://github.com/a/b/.github/workflows/c.yml@refs/heads/main",
            "spiffe://trust.example/a",
            "urn:x:y",
            "https://[2001:db8::1]:443/",
            "mailto:a@example.com",
        ] {
            assert!(is_uri(good), "{good}");
        }
        for bad in [
            "",
            "x",
            "//a/b",
            "https:",
            "1a:b",
            "https://[fe80::1%25eth0]/",
            "https://[fe80::1%eth0]/",
            "a:b c",
            "https://a]b/",
            "https://evil.test\\@ci.example/",
            "https://ci.example/a\\b",
        ] {
            assert!(!is_uri(bad), "{bad}");
        }
    }

    #[test]
    fn the_host_of_a_uri_is_found_behind_user_and_before_port() {
        assert_eq!(uri_host("https://user:pw@host.example:8443/a@b"), Some("host.example"));
        assert_eq!(uri_host("https://evil.example#@good.example/"), Some("evil.example"));
        assert_eq!(uri_host("https://evil.example?@good.example/"), Some("evil.example"));
        assert_eq!(uri_host("urn:a:b"), None);
        assert_eq!(uri_host("https://192.0.2.1/"), None);
        assert_eq!(uri_host("https://[::1]/"), None);
        assert_eq!(uri_host("https:///a"), None);
    }

    #[test]
    fn masks_are_prefixes() {
        assert!(network(&[192, 0, 2, 0, 255, 255, 255, 0]).is_some());
        assert!(network(&[0; 8]).is_some());
        assert!(network(&[192, 0, 2, 0, 255, 254, 0, 0]).is_some());
        for mask in [[255, 0, 255, 0], [255, 255, 255, 1], [0, 255, 0, 0], [254, 255, 0, 0], [127, 0, 0, 0]] {
            let [a, b, c, d] = mask;
            assert!(network(&[192, 0, 2, 0, a, b, c, d]).is_none(), "{mask:?}");
        }
        assert!(network(&[1, 2, 3, 4]).is_none());
        assert!(network(&[0; 32]).is_some());
    }
}
