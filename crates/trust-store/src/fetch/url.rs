//! URLs that keys may be fetched from.

use alloc::string::{String, ToString};
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use stella_vocabulary::text::Bounded;

use super::address::AddressFlaw;
use super::error::FetchError;

/// Longest URL, in bytes: as long as the longest text in the store.
const URL_BYTES: usize = 1024;
/// Longest name of a host and longest label of one, in bytes. RFC 1035 §2.3.4.
const NAME_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

/// Why a URL may not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UrlFlaw {
    /// A character that does not belong in a URL: beyond ASCII, a control character, a space or a backslash.
    Character,
    /// A `#` and what follows.
    Fragment,
    /// The host is none that was named beforehand.
    HostNotConfigured,
    /// No host, or no possible name of one.
    NoHost,
    /// Not a port from 1 to 65535.
    Port,
    /// Another scheme than `https`.
    Scheme,
    /// Longer than 1024 bytes.
    TooLong,
    /// A name or password before the host.
    UserInformation,
}

impl fmt::Display for UrlFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Character => "it has a character that does not belong in a URL",
            Self::Fragment => "it has a fragment",
            Self::HostNotConfigured => "its host is not configured",
            Self::NoHost => "it has no usable host",
            Self::Port => "its port is none",
            Self::Scheme => "it is not an https URL",
            Self::TooLong => "it is longer than 1024 bytes",
            Self::UserInformation => "it has user information in it",
        })
    }
}

/// A host: a name in small letters, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Host {
    Address(IpAddr),
    Name(String),
}

/// `keys.example`, `192.0.2.1`, `[2001:db8::1]`
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    pub(super) host: Host,
    pub(super) port: u16,
}

/// As in the `Host` header: without the port that `https` has by itself.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            443 => self.host.fmt(f),
            port => write!(f, "{}:{port}", self.host),
        }
    }
}

/// An `https` URL, taken apart once. What is compared, resolved, connected to and asked for are these parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FetchUrl {
    pub(super) origin: Origin,
    /// Path and query, beginning with `/`.
    pub(super) target: String,
    text: String,
}

impl fmt::Display for FetchUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FetchUrl {
    pub(super) fn parse(text: &str) -> Result<Self, FetchError> {
        let refused = |flaw| FetchError::UrlRefused { url: shown(text), flaw };
        if text.len() > URL_BYTES {
            return Err(refused(UrlFlaw::TooLong));
        }
        let rest = strip_scheme(text).ok_or_else(|| refused(UrlFlaw::Scheme))?;
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(refused(UrlFlaw::Character));
        }
        if text.contains('#') {
            return Err(refused(UrlFlaw::Fragment));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(refused(UrlFlaw::UserInformation));
        }
        let origin = Origin::parse(authority).map_err(|flaw| match flaw {
            OriginFlaw::Address(flaw) => {
                FetchError::AddressRefused { host: shown(authority), found: shown(authority), flaw }
            }
            OriginFlaw::Url(flaw) => refused(flaw),
        })?;
        let target = match path.as_bytes().first() {
            Some(b'/') => path.to_string(),
            _ => alloc::format!("/{path}"),
        };
        Ok(Self { text: alloc::format!("https://{origin}{target}"), origin, target })
    }
}

/// What is wrong with an origin.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OriginFlaw {
    Address(AddressFlaw),
    Url(UrlFlaw),
}

impl Origin {
    /// Reads `HOST` or `HOST:PORT`.
    pub(super) fn parse(text: &str) -> Result<Self, OriginFlaw> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or(OriginFlaw::Url(UrlFlaw::NoHost))?;
                let address: Ipv6Addr = address.parse().map_err(|_| OriginFlaw::Url(UrlFlaw::NoHost))?;
                let port = match port {
                    "" => None,
                    port => Some(port.strip_prefix(':').ok_or(OriginFlaw::Url(UrlFlaw::Port))?),
                };
                (Host::Address(IpAddr::V6(address)), port)
            }
            None => {
                let (host, port) = match text.split_once(':') {
                    Some((host, port)) => (host, Some(port)),
                    None => (text, None),
                };
                (named(host)?, port)
            }
        };
        let port = match port {
            None => 443,
            Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port != 0).ok_or(OriginFlaw::Url(UrlFlaw::Port))?
            }
            Some(_) => return Err(OriginFlaw::Url(UrlFlaw::Port)),
        };
        Ok(Self { host, port })
    }
}

/// A name or an IPv4 address. What other programs might read as an address in another spelling is neither.
fn named(text: &str) -> Result<Host, OriginFlaw> {
    let name = text.to_ascii_lowercase();
    let label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (1..=LABEL_BYTES).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    if name.len() > NAME_BYTES || !name.split('.').all(label) {
        return Err(OriginFlaw::Url(UrlFlaw::NoHost));
    }
    // The WHATWG URL standard calls it "ends in a number": `0x7f.1`, `2130706433`, `0177.0.0.1`, `127.1` all mean 127.0.0.1 to inet_aton.
    let last = name.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !hexadecimal && !last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Host::Name(name));
    }
    match name.parse::<Ipv4Addr>() {
        Ok(address) => Ok(Host::Address(IpAddr::V4(address))),
        Err(_) => Err(OriginFlaw::Address(AddressFlaw::OddSpelling)),
    }
}

fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked(8)?;
    scheme.eq_ignore_ascii_case("https://").then_some(rest)
}

/// A URL as messages show it: what may be a password is not repeated.
pub(super) fn shown(url: &str) -> String {
    let begin = url.find("://").map_or(0, |colon| colon + 3);
    let (scheme, rest) = url.split_at(begin);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => Bounded(&alloc::format!("{scheme}…@{host}{path}"), 200).to_string(),
        None => Bounded(url, 200).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(url: &str) -> UrlFlaw {
        match FetchUrl::parse(url) {
            Err(FetchError::UrlRefused { flaw, .. }) => flaw,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn a_url_is_taken_apart_once() {
        for (text, host, port, target) in [
            ("https://keys.example/jwks.json", "keys.example", 443, "/jwks.json"),
            ("HTTPS://Keys.Example", "keys.example", 443, "/"),
            ("https://keys.example:8443/a?b=c&d", "keys.example", 8443, "/a?b=c&d"),
            ("https://keys.example?x", "keys.example", 443, "/?x"),
            ("https://8.8.8.8/", "8.8.8.8", 443, "/"),
            ("https://[2606:4700::1111]:444/x", "[2606:4700::1111]", 444, "/x"),
            ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/"),
            ("https://1.2.3.4.example/", "1.2.3.4.example", 443, "/"),
        ] {
            let url = FetchUrl::parse(text).unwrap();
            assert_eq!(
                (url.origin.host.to_string().as_str(), url.origin.port, url.target.as_str()),
                (host, port, target)
            );
        }
        assert_eq!(FetchUrl::parse("https://A.example:443/x").unwrap().to_string(), "https://a.example/x");
    }

    #[test]
    fn other_schemes_user_information_and_strange_hosts_are_refused_b224() {
        for url in [
            "http://keys.example/",
            "file:///etc/passwd",
            "ftp://keys.example/",
            "data:,x",
            "https:/keys.example/",
            "",
            "//keys.example/",
        ] {
            assert_eq!(flaw(url), UrlFlaw::Scheme, "{url}");
        }
        for url in [
            "https://user@keys.example/",
            "https://user:secret@keys.example/",
            "https://keys.example@evil.example/",
            "https://@keys.example/",
        ] {
            assert_eq!(flaw(url), UrlFlaw::UserInformation, "{url}");
        }
        for url in [
            "https://keys.example\\@evil.example/",
            "https://keys.example/a b",
            "https://bücher.example/",
            "https://keys.example/\r\nHost: x",
            "https://keys.example/\0",
        ] {
            assert_eq!(flaw(url), UrlFlaw::Character, "{url:?}");
        }
        for url in [
            "https:///x",
            "https://.example/",
            "https://keys.example./",
            "https://-a.example/",
            "https://a..b/",
            "https://[::1/",
            "https://[fe80::1%25eth0]/",
            "https://a%2eb/",
            "https://:443/",
        ] {
            assert_eq!(flaw(url), UrlFlaw::NoHost, "{url}");
        }
        for url in [
            "https://keys.example:/",
            "https://keys.example:0/",
            "https://keys.example:65536/",
            "https://keys.example:+443/",
            "https://[::1]443/",
            "https://a:b:c/",
        ] {
            assert_eq!(flaw(url), UrlFlaw::Port, "{url}");
        }
        assert_eq!(flaw("https://keys.example/#a"), UrlFlaw::Fragment);
        assert_eq!(flaw(&alloc::format!("https://keys.example/{}", "a".repeat(1024))), UrlFlaw::TooLong);
    }

    #[test]
    fn an_address_has_one_spelling_b225() {
        for url in [
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.0.01/",
            "https://127.0.0.0x1/",
            "https://256.0.0.1/",
            "https://0x/",
        ] {
            let refused = FetchUrl::parse(url).unwrap_err();
            assert!(
                matches!(refused, FetchError::AddressRefused { flaw: AddressFlaw::OddSpelling, .. }),
                "{url}: {refused:?}"
            );
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        assert_eq!(shown("https://user:hunter2@keys.example/x"), "https://…@keys.example/x");
        assert_eq!(shown("https://keys.example/x@y"), "https://keys.example/x@y");
    }
}
