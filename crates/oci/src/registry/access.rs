//! How a registry may be spoken to, and as whom.

use std::fmt;

use stella_attest_model::{Limits, json};
use stella_chain_verify::{Certificate, CertificateError};
use stella_trust_store::Stopwatch;
use stella_trust_store::fetch::AddressRange;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, UnixTime, base64};
use zeroize::Zeroizing;

/// A name and a password. They are shown by nothing, and wiped when they are dropped.
#[derive(Clone)]
pub struct Credentials {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    /// # Errors
    /// `config.invalid` for a name with a colon in it, which cannot be sent (RFC 7617 §2), or control characters in either.
    pub fn new(user: &str, password: &str) -> Result<Self, AccessError> {
        let what = if user.is_empty() {
            "no name"
        } else if user.contains(':') {
            "a colon in the name"
        } else if user.contains(char::is_control) || password.contains(char::is_control) {
            "a control character in the name or password"
        } else {
            return Ok(Self { user: Zeroizing::new(user.to_string()), password: Zeroizing::new(password.to_string()) });
        };
        Err(AccessError::CredentialsInvalid { found: what.to_string() })
    }

    /// Those for `host` in the configuration of Docker, `config.json`: member `auths`, name and password in base64. `None` if there are
    /// none for this host, or they are kept by a helper program, which is not run.
    ///
    /// # Errors
    /// `config.invalid` for a file that is not of this form.
    pub fn from_docker_config(bytes: &[u8], host: &str) -> Result<Option<Self>, AccessError> {
        let invalid = |found: &str| AccessError::CredentialsInvalid { found: found.to_string() };
        let document = json::Document::parse_within(bytes, 1 << 20, &Limits::default())
            .map_err(|error| AccessError::CredentialsInvalid { found: error.to_string() })?;
        let Some(auths) = document.root().member("auths") else { return Ok(None) };
        let auths = auths.as_object().map_err(|_| invalid("`auths` that is no object"))?;
        let names: &[&str] = match host {
            "registry-1.docker.io" => &["https://index.docker.io/v1/", "index.docker.io", "docker.io", host],
            _ => &[host],
        };
        let is_name = |key: &str| {
            let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
            let bare = bare.trim_end_matches('/');
            names.iter().any(|name| key == *name || bare.eq_ignore_ascii_case(name))
        };
        let Some((_, entry)) = auths.members().find(|(key, _)| is_name(key)) else { return Ok(None) };
        let text =
            |name: &str| entry.member(name).and_then(|value| value.as_str().ok()).filter(|text| !text.is_empty());
        if let (Some(user), Some(password)) = (text("username"), text("password")) {
            return Self::new(user, password).map(Some);
        }
        let Some(auth) = text("auth") else { return Ok(None) };
        let decoded = Zeroizing::new(base64::decode(auth).map_err(|_| invalid("`auth` that is no base64"))?);
        let decoded = std::str::from_utf8(&decoded).map_err(|_| invalid("`auth` that is no text"))?;
        let (user, password) = decoded.split_once(':').ok_or_else(|| invalid("`auth` without a colon"))?;
        // Docker once padded with zeros.
        Self::new(user, password.trim_end_matches('\0')).map(Some)
    }

    /// The value of an `Authorization` field. RFC 7617.
    pub(super) fn basic(&self) -> Zeroizing<String> {
        let pair = Zeroizing::new(format!("{}:{}", *self.user, *self.password));
        Zeroizing::new(format!("Basic {}", base64::encode(pair.as_bytes())))
    }
}

/// How a registry may be spoken to, and as whom. Whatever is not said is not allowed.
#[derive(Clone)]
pub struct Access<'a> {
    pub(super) addresses: Vec<AddressRange>,
    pub(super) at: UnixTime,
    pub(super) authorities: Vec<Certificate>,
    pub(super) clock: &'a dyn Stopwatch,
    pub(super) credentials: Option<Credentials>,
    pub(super) plain_http: PlainHttp,
    pub(super) seconds: u64,
}

/// Where HTTP without TLS may be spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PlainHttp {
    Anywhere,
    ThisMachine,
}

impl fmt::Debug for Access<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("at", &self.at).field("plain_http", &self.plain_http).finish_non_exhaustive()
    }
}

impl<'a> Access<'a> {
    /// As nobody in particular, over HTTPS, or HTTP to this machine. Certificates of servers are judged at `at`; `clock` measures the total
    /// time.
    #[must_use]
    pub fn new(at: UnixTime, clock: &'a dyn Stopwatch) -> Self {
        Self {
            addresses: Vec::new(),
            at,
            authorities: Vec::new(),
            clock,
            credentials: None,
            plain_http: PlainHttp::ThisMachine,
            seconds: 30,
        }
    }

    /// Gives name and password to the registry, if it asks for them, or to the token service that it names. Never to anybody else, and
    /// never without TLS, but to this machine.
    #[must_use]
    pub fn credentials(mut self, credentials: Option<Credentials>) -> Self {
        self.credentials = credentials;
        self
    }

    /// Lets the authorities in `pem` (1 to 32 certificates) certify servers, beside those of the web.
    ///
    /// # Errors
    /// What is no certificate.
    pub fn trust_authorities(mut self, pem: &[u8]) -> Result<Self, AccessError> {
        self.authorities.extend(Certificate::from_pem_all(pem).map_err(AccessError::AuthorityMalformed)?);
        Ok(self)
    }

    /// Allows addresses that are not public for what the registry redirects to.
    #[must_use]
    pub fn danger_allow_address(mut self, range: AddressRange) -> Self {
        self.addresses.push(range);
        self
    }

    /// Speaks plain HTTP also to other machines: everybody on the way can read and change everything. Digests still name what they
    /// name, so a change is noticed where the image was named by its digest, and only there.
    #[must_use]
    pub fn danger_plain_http(mut self) -> Self {
        self.plain_http = PlainHttp::Anywhere;
        self
    }

    /// How long one answer may take, in seconds; 30 if nothing is said.
    #[must_use]
    pub fn seconds_per_answer(mut self, seconds: u64) -> Self {
        self.seconds = seconds.clamp(1, 600);
        self
    }
}

/// Why access cannot be as it was said.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AccessError {
    /// The file of authorities is none.
    AuthorityMalformed(CertificateError),
    /// A certificate that cannot certify anybody.
    AuthorityUnusable {
        /// Its subject.
        subject: String,
    },
    /// No name and password.
    CredentialsInvalid {
        /// What is wrong, without either.
        found: String,
    },
    /// TLS cannot be set up at all.
    Tls {
        /// What is wrong.
        detail: String,
    },
}

impl std::error::Error for AccessError {}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorityMalformed(error) => error.fmt(f),
            Self::AuthorityUnusable { .. } => f.write_str("this certificate cannot be that of an authority"),
            Self::CredentialsInvalid { .. } => f.write_str("this is no name and password for a registry"),
            Self::Tls { .. } => f.write_str("TLS cannot be set up"),
        }
    }
}

impl Reason for AccessError {
    fn code(&self) -> Code {
        match self {
            Self::AuthorityMalformed(error) => error.code(),
            Self::AuthorityUnusable { .. } | Self::CredentialsInvalid { .. } => Code::ConfigInvalid,
            Self::Tls { .. } => Code::FetchTls,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AuthorityMalformed(error) => error.found(),
            Self::AuthorityUnusable { subject: found }
            | Self::CredentialsInvalid { found }
            | Self::Tls { detail: found } => Some(Bounded(found, 200).to_string()),
        }
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::AuthorityMalformed(error) => return error.expected(),
            Self::AuthorityUnusable { .. } => "a certificate of an authority".to_string(),
            Self::CredentialsInvalid { .. } => "a name without a colon, and a password".to_string(),
            Self::Tls { .. } => "TLS 1.2 or 1.3".to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(config: &str, host: &str) -> Option<String> {
        Credentials::from_docker_config(config.as_bytes(), host).unwrap().map(|found| found.basic().to_string())
    }

    #[test]
    fn a_docker_configuration_has_passwords_by_host() {
        // user:secret
        let config = r#"{"auths":{"ghcr.io":{"auth":"dXNlcjpzZWNyZXQ="},"https://reg.example:5000/":{"auth":"dXNlcjpzZWNyZXQ="},
            "https://index.docker.io/v1/":{"username":"user","password":"secret"},"helped.example":{}},"credsStore":"x"}"#;
        let expected = Some("Basic dXNlcjpzZWNyZXQ=".to_string());
        for host in ["ghcr.io", "reg.example:5000", "registry-1.docker.io"] {
            assert_eq!(basic(config, host), expected, "{host}");
        }
        for host in ["hcr.io", "evil.ghcr.io", "ghcr.io.evil.example", "reg.example", "helped.example", ""] {
            assert_eq!(basic(config, host), None, "{host}");
        }
        assert_eq!(basic("{}", "ghcr.io"), None);
    }

    #[test]
    fn a_configuration_of_another_form_is_refused_and_nothing_of_it_is_shown() {
        for config in [
            "",
            "[]x",
            r#"{"auths":[]}"#,
            r#"{"auths":{"ghcr.io":{"auth":"hunter2!"}}}"#,
            r#"{"auths":{"ghcr.io":{"auth":"aHVudGVyMg=="}}}"#,
            r#"{"auths":{"ghcr.io":{"username":"a:b","password":"hunter2"}}}"#,
        ] {
            let error = Credentials::from_docker_config(config.as_bytes(), "ghcr.io").unwrap_err();
            assert_eq!(error.code(), Code::ConfigInvalid, "{config}");
            assert!(!format!("{error} {:?}", error.found()).contains("hunter2"), "{config}");
        }
        assert_eq!(format!("{:?}", Credentials::new("user", "secret").unwrap()), "Credentials");
    }
}
