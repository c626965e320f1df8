//! URLs of registries, taken apart once.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest URL, in bytes. Blobs are often redirected to, with a long signature in the query.
const URL_BYTES: usize = 8 << 10;
const NAME_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    /// A name in small letters, or an address; of IPv6 in brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Origin {
    /// Reads `HOST` or `HOST:PORT`.
    pub(super) fn parse(scheme: Scheme, text: &str) -> Result<Self, &'static str> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or("its host is none")?;
                let address: Ipv6Addr = address.parse().map_err(|_| "its host is none")?;
                let port = match port {
                    "" => None,
                    port => Some(port.strip_prefix(':').ok_or("its port is none")?),
                };
                (format!("[{address}]"), port)
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
            None => scheme.port(),
            Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port != 0).ok_or("its port is none")?
            }
            Some(_) => return Err("its port is none"),
        };
        Ok(Self { scheme, host, port })
    }

    /// Whether it is this machine, by its name.
    pub(super) fn is_loopback(&self) -> bool {
        let bare = self.host.trim_matches(['[', ']']);
        self.host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// As in the `Host` header: without the port that the scheme has by itself.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        if self.port == self.scheme.port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// A name or an IPv4 address; an address in another spelling than the usual one is neither, since programs differ about it.
fn named(text: &str) -> Result<String, &'static str> {
    let name = text.to_ascii_lowercase();
    let label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (1..=LABEL_BYTES).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    if name.len() > NAME_BYTES || !name.split('.').all(label) {
        return Err("its host is none");
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if (hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit())) && name.parse::<Ipv4Addr>().is_err() {
        return Err("its host is an address in an unusual spelling");
    }
    Ok(name)
}

/// A URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Url {
    pub(super) origin: Origin,
    /// Path and query, beginning with `/`.
    pub(super) target: String,
}

impl Url {
    /// Reads an absolute URL.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > URL_BYTES {
            return Err("it is longer than 8192 bytes");
        }
        let strip = |scheme: &str| {
            let (begin, rest) = text.split_at_checked(scheme.len())?;
            begin.eq_ignore_ascii_case(scheme).then_some(rest)
        };
        let (scheme, rest) = match (strip("https://"), strip("http://")) {
            (Some(rest), _) => (Scheme::Https, rest),
            (None, Some(rest)) => (Scheme::Http, rest),
            (None, None) => return Err("it is neither an https nor an http URL"),
        };
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte)) {
            return Err("it has a character that does not belong in a URL");
        }
        if text.contains('#') {
            return Err("it has a fragment");
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err("it has user information in it");
        }
        let origin = Origin::parse(scheme, authority)?;
        let target = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
        Ok(Self { origin, target })
    }

    /// A URL of the same origin.
    pub(super) fn at(origin: &Origin, target: impl Into<String>) -> Self {
        Self { origin: origin.clone(), target: target.into() }
    }

    /// What `text`, absolute or beginning with a single `/`, means in an answer from here.
    pub(super) fn join(&self, text: &str) -> Result<Self, &'static str> {
        if text.starts_with('/') && !text.starts_with("//") {
            return Self::parse(&format!("{}://{}{text}", self.origin.scheme.name(), self.origin));
        }
        Self::parse(text)
    }

    /// With one more parameter in the query. Neither name nor value may need to be escaped.
    pub(super) fn with_parameter(&self, name: &str, value: &str) -> Self {
        let mark = if self.target.contains('?') { '&' } else { '?' };
        Self { origin: self.origin.clone(), target: format!("{}{mark}{name}={value}", self.target) }
    }

    /// Without its query, as messages show it: a query may be worth as much as a password.
    pub(super) fn shown(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        format!("{}://{}{path}", self.origin.scheme.name(), self.origin)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.origin.scheme.name(), self.origin, self.target)
    }
}

/// What can stand in a query without a meaning of its own; everything else as `%XX`. RFC 3986 §2.3.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_put_together() {
        for (text, shown) in [
            ("https://reg.example/v2/?a=b", "https://reg.example/v2/?a=b"),
            ("HTTPS://Reg.Example:443", "https://reg.example/"),
            ("http://127.0.0.1:5000/x", "http://127.0.0.1:5000/x"),
            ("http://[::1]:5000/x", "http://[::1]:5000/x"),
        ] {
            assert_eq!(Url::parse(text).unwrap().to_string(), shown);
        }
        for text in [
            "ftp://a/",
            "//a/",
            "https://",
            "https://u:p@a/",
            "https://a/#x",
            "https://a/ b",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://a:0/",
            "https://a\\@b/",
            "https://a/\r\nX: y",
        ] {
            assert!(Url::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_answer_may_name_a_path_or_a_whole_url() {
        let base = Url::parse("https://reg.example:8443/v2/a?secret=1").unwrap();
        assert_eq!(base.join("/v2/b?c=d").unwrap().to_string(), "https://reg.example:8443/v2/b?c=d");
        assert_eq!(base.join("https://cdn.example/b").unwrap().to_string(), "https://cdn.example/b");
        for text in ["//cdn.example/b", "b", "?x", "", "javascript:x"] {
            assert!(base.join(text).is_err(), "{text}");
        }
        assert_eq!(base.shown(), "https://reg.example:8443/v2/a");
        assert_eq!(base.with_parameter("d", "x").target, "/v2/a?secret=1&d=x");
        assert_eq!(escaped("repository:a/b:pull,push é"), "repository%3Aa%2Fb%3Apull%2Cpush%20%C3%A9");
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        let origin = |text| Origin::parse(Scheme::Http, text).unwrap().is_loopback();
        assert!(origin("localhost:5000") && origin("127.0.0.1") && origin("127.1.2.3") && origin("[::1]:5000"));
        assert!(
            !origin("localhost.example") && !origin("10.0.0.1") && !origin("[::2]") && !origin("127.0.0.1.example")
        );
    }
}
