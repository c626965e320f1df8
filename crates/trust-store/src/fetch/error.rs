//! Why nothing was fetched.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_chain_verify::CertificateError;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, UnixTime};

use super::address::AddressFlaw;
use super::deadline::Phase;
use super::url::UrlFlaw;
use crate::key_file::{KeyFileError, MAX_KEYS};

/// Why nothing was fetched. No variant holds anything of a body but names, and nothing of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The host has an address that may not be connected to.
    AddressRefused {
        /// Why not.
        flaw: AddressFlaw,
        /// The address.
        found: String,
        /// The host.
        host: String,
    },
    /// What was given as further authorities is no certificate.
    AuthorityMalformed(CertificateError),
    /// A certificate was given as a further authority and cannot be one.
    AuthorityUnusable {
        /// Its subject.
        subject: String,
    },
    /// The answer is compressed, though the request said that it must not be: how large it is could only be told by expanding it.
    Compressed {
        /// How.
        encoding: String,
        /// Of what.
        url: String,
    },
    /// There was no whole answer.
    Incomplete {
        /// What happened.
        interruption: Interruption,
        /// To what.
        url: String,
    },
    /// The discovery document is of another issuer. OpenID Connect Discovery 1.0 §4.3.
    IssuerMismatch {
        /// Whose it should be: any of these.
        expected: Vec<String>,
        /// Whose it says it is.
        found: Option<String>,
        /// Which document.
        url: String,
    },
    /// The answer is no set of public keys.
    KeysMalformed {
        /// What is wrong with it.
        flaw: KeysFlaw,
        /// Which answer.
        url: String,
    },
    /// The resolver knows no address of the host.
    NotResolved {
        /// What was to be fetched.
        url: String,
    },
    /// Not a range of addresses.
    RangeInvalid {
        /// What it is.
        found: String,
    },
    /// The server answered with a redirect.
    RedirectRefused {
        /// Its status.
        status: u16,
        /// Where to, if it says so.
        to: Option<String>,
        /// From where.
        url: String,
    },
    /// The server answered with an error.
    Status {
        /// How many seconds it asks to wait.
        retry_after: Option<u64>,
        /// The status.
        status: u16,
        /// How often it was asked.
        tries: u8,
        /// What for.
        url: String,
    },
    /// The total time was over.
    Timeout {
        /// What was being done.
        phase: Phase,
        /// With what.
        url: String,
    },
    /// TLS could not be agreed on, or not with the right server.
    Tls {
        /// What was wrong.
        flaw: TlsFlaw,
        /// What was to be fetched.
        url: String,
    },
    /// The answer is larger than what is read.
    TooLarge {
        /// How many bytes of it are read.
        limit: usize,
        /// What of it.
        part: Part,
        /// Which answer.
        url: String,
    },
    /// The URL may not be fetched.
    UrlRefused {
        /// Why not.
        flaw: UrlFlaw,
        /// The URL, without what may be a password.
        url: String,
    },
}

/// How an answer stayed incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Interruption {
    /// The connection ended.
    Ended {
        /// After so many bytes of the body.
        received: usize,
        /// Of so many, if that was announced.
        expected: Option<usize>,
    },
    /// More came than what was announced.
    Excess,
    /// There was no connection.
    NotConnected {
        /// Whether the machine is there and refused it.
        refused: bool,
    },
}

/// What is wrong with an answer that should be a set of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeysFlaw {
    /// A document that begins like a web page.
    Html,
    /// Not HTTP/1.1; what of it.
    NotHttp(&'static str),
    /// A discovery document without `jwks_uri`, or where the keys should be.
    NoKeySet,
    /// Why it is no key set.
    Unusable(KeyFileError),
}

/// The part of an answer that is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The body.
    Body,
    /// The status line and all header fields.
    Headers,
}

/// What was wrong with TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFlaw {
    /// The certificate of the server, or one above it, has expired.
    Expired {
        /// When.
        not_after: Option<UnixTime>,
    },
    /// The connection ended during the handshake.
    Interrupted,
    /// The certificate is not valid yet.
    NotYetValid {
        /// When it will be.
        not_before: Option<UnixTime>,
    },
    /// The server speaks no version from TLS 1.2 on.
    OldVersion,
    /// The certificate is for another host.
    OtherHost {
        /// For which ones, the first five.
        names: Vec<String>,
    },
    /// Anything else; the text is for reading only.
    Protocol {
        /// What it was.
        detail: String,
    },
    /// The certificate is self-signed, or of an authority that is not known.
    UnknownAuthority,
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressRefused { flaw, .. } => write!(f, "the address is not allowed: {flaw}"),
            Self::AuthorityMalformed(error) => error.fmt(f),
            Self::AuthorityUnusable { .. } => f.write_str("the certificate cannot be an authority for servers"),
            Self::Compressed { .. } => f.write_str("the answer is compressed, so that its size cannot be told"),
            Self::Incomplete { interruption: Interruption::NotConnected { .. }, .. } => {
                f.write_str("there is no connection to the server")
            }
            Self::Incomplete { interruption: Interruption::Excess, .. } => {
                f.write_str("the answer has another length than it says")
            }
            Self::Incomplete { .. } => f.write_str("the answer is incomplete"),
            Self::IssuerMismatch { .. } => f.write_str("the document is of another issuer"),
            Self::KeysMalformed { flaw, .. } => match flaw {
                KeysFlaw::Unusable(error) => write!(f, "no usable key set: {error}"),
                _ => f.write_str("no usable key set"),
            },
            Self::NotResolved { .. } => f.write_str("the host was not found"),
            Self::RangeInvalid { .. } => f.write_str("this is no range of addresses"),
            Self::RedirectRefused { .. } => f.write_str("a redirect was refused"),
            Self::Status { tries: 1, .. } => f.write_str("the server refused"),
            Self::Status { tries, .. } => write!(f, "the server refused {tries} times"),
            Self::Timeout { .. } => f.write_str("no answer in time"),
            Self::Tls { .. } => f.write_str("TLS failed"),
            Self::TooLarge { part: Part::Body, .. } => f.write_str("the answer is too large"),
            Self::TooLarge { part: Part::Headers, .. } => f.write_str("the headers of the answer are too large"),
            Self::UrlRefused { flaw, .. } => write!(f, "the URL is not allowed: {flaw}"),
        }
    }
}

impl core::error::Error for FetchError {}

impl From<CertificateError> for FetchError {
    fn from(error: CertificateError) -> Self {
        Self::AuthorityMalformed(error)
    }
}

impl Reason for FetchError {
    fn code(&self) -> Code {
        match self {
            Self::AddressRefused { .. } => Code::FetchAddressRefused,
            Self::AuthorityMalformed(_) | Self::AuthorityUnusable { .. } | Self::RangeInvalid { .. } => {
                Code::ConfigInvalid
            }
            Self::Compressed { .. } | Self::TooLarge { .. } => Code::FetchTooLarge,
            Self::Incomplete { .. } => Code::FetchIncomplete,
            Self::IssuerMismatch { .. } => Code::FetchIssuerMismatch,
            Self::KeysMalformed { .. } => Code::FetchKeysMalformed,
            Self::NotResolved { .. } => Code::FetchDns,
            Self::RedirectRefused { .. } => Code::FetchRedirectRefused,
            Self::Status { .. } => Code::FetchStatus,
            Self::Timeout { .. } => Code::FetchTimeout,
            Self::Tls { .. } => Code::FetchTls,
            Self::UrlRefused { .. } => Code::FetchUrlRefused,
        }
    }

    fn place(&self) -> Option<String> {
        Some(match self {
            Self::AddressRefused { host, .. } => Bounded(host, 200).to_string(),
            Self::AuthorityMalformed(error) => return error.place(),
            Self::AuthorityUnusable { .. } | Self::RangeInvalid { .. } => return None,
            Self::KeysMalformed { url, flaw: KeysFlaw::Unusable(error) } => match error.place() {
                Some(place) => format!("{}, {place}", Bounded(url, 200)),
                None => Bounded(url, 200).to_string(),
            },
            Self::Compressed { url, .. }
            | Self::Incomplete { url, .. }
            | Self::IssuerMismatch { url, .. }
            | Self::KeysMalformed { url, .. }
            | Self::NotResolved { url }
            | Self::RedirectRefused { url, .. }
            | Self::Status { url, .. }
            | Self::Timeout { url, .. }
            | Self::Tls { url, .. }
            | Self::TooLarge { url, .. }
            | Self::UrlRefused { url, .. } => Bounded(url, 200).to_string(),
        })
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::AddressRefused { found, flaw, .. } => format!("{} ({flaw})", Bounded(found, 100)),
            Self::AuthorityMalformed(error) => return error.found(),
            Self::AuthorityUnusable { subject } => Bounded(subject, 200).to_string(),
            Self::Compressed { encoding, .. } => format!("the encoding {}", Bounded(encoding, 100)),
            Self::Incomplete { interruption, .. } => match interruption {
                Interruption::Ended { received, .. } => format!("{received} bytes"),
                Interruption::Excess => "more bytes".to_string(),
                Interruption::NotConnected { refused: true } => "a refused connection".to_string(),
                Interruption::NotConnected { refused: false } => "no route to the host".to_string(),
            },
            Self::IssuerMismatch { found: Some(found), .. } => format!("`{}`", Bounded(found, 200)),
            Self::IssuerMismatch { found: None, .. } => "no issuer".to_string(),
            Self::KeysMalformed { flaw, .. } => match flaw {
                KeysFlaw::Html => "HTML".to_string(),
                KeysFlaw::NotHttp(what) => format!("something that is not HTTP/1.1: {what}"),
                KeysFlaw::NoKeySet => "a discovery document without a key set".to_string(),
                KeysFlaw::Unusable(error) => return error.found(),
            },
            Self::NotResolved { .. } => "no address".to_string(),
            Self::RangeInvalid { found } => format!("`{}`", Bounded(found, 100)),
            Self::RedirectRefused { status, to: Some(to), .. } => {
                format!("status {status}, a redirect to {}", Bounded(&super::url::shown(to), 200))
            }
            Self::RedirectRefused { status, to: None, .. } => format!("status {status}"),
            Self::Status { status, retry_after: Some(seconds), .. } => {
                format!("status {status}, to be tried again after {seconds} s")
            }
            Self::Status { status, .. } => format!("status {status}"),
            Self::Timeout { phase, .. } => format!("nothing more while {phase}"),
            Self::Tls { flaw, .. } => flaw.to_string(),
            Self::TooLarge { limit, .. } => format!("more than {limit} bytes"),
            Self::UrlRefused { url, .. } => format!("`{}`", Bounded(url, 200)),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::AddressRefused { .. } => "a public address in its usual spelling".to_string(),
            Self::AuthorityMalformed(error) => return error.expected(),
            Self::AuthorityUnusable { .. } => "a certificate of an authority".to_string(),
            Self::Compressed { .. } => "plain bytes".to_string(),
            Self::Incomplete { interruption, .. } => match interruption {
                Interruption::Ended { expected: Some(expected), .. } => format!("{expected} bytes"),
                Interruption::Ended { expected: None, .. } => "a whole answer".to_string(),
                Interruption::Excess => "as many as announced".to_string(),
                Interruption::NotConnected { .. } => "a connection".to_string(),
            },
            Self::IssuerMismatch { expected, .. } => match expected.as_slice() {
                [] => "the issuer that the URL begins with".to_string(),
                [only] => format!("`{}`", Bounded(only, 200)),
                [first, ..] => format!("`{}` or another one configured", Bounded(first, 200)),
            },
            Self::KeysMalformed { flaw: KeysFlaw::Unusable(error), .. } => match error.expected() {
                Some(expected) if !matches!(error, KeyFileError::UnknownFormat | KeyFileError::Empty) => expected,
                _ => key_set(),
            },
            Self::KeysMalformed { .. } => key_set(),
            Self::NotResolved { .. } => "an answer of the resolver".to_string(),
            Self::RangeInvalid { .. } => {
                "ADDRESS/LENGTH without bits beyond the length, such as 10.0.0.0/8".to_string()
            }
            Self::RedirectRefused { .. } => "the key set".to_string(),
            Self::Status { .. } => "200".to_string(),
            Self::Timeout { .. } => "an answer within the total time".to_string(),
            Self::Tls { flaw: TlsFlaw::OtherHost { .. }, url } => match url.split('/').nth(2) {
                Some(host) => format!("`{}`", Bounded(host, 200)),
                None => return None,
            },
            Self::Tls { .. } => "a valid certificate of a known authority, and TLS 1.2 or later".to_string(),
            Self::TooLarge { limit, .. } => format!("at most {limit} bytes"),
            Self::UrlRefused { .. } => "an https URL of a configured host".to_string(),
        })
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::AuthorityMalformed(error) => error.clause(),
            Self::IssuerMismatch { .. } => Some("OpenID Connect Discovery 1.0 §4.3"),
            Self::KeysMalformed { flaw: KeysFlaw::Unusable(error), .. } => error.clause(),
            _ => None,
        }
    }
}

fn key_set() -> String {
    format!("a JWK set or PEM public keys, at most {MAX_KEYS} of them")
}

impl fmt::Display for TlsFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { not_after: Some(at) } => write!(f, "a certificate that expired at {at}"),
            Self::Expired { not_after: None } => f.write_str("a certificate that has expired"),
            Self::Interrupted => f.write_str("an end of the connection during the handshake"),
            Self::NotYetValid { not_before: Some(at) } => write!(f, "a certificate that is valid from {at} on"),
            Self::NotYetValid { not_before: None } => f.write_str("a certificate that is not valid yet"),
            Self::OldVersion => f.write_str("an older version than TLS 1.2"),
            Self::OtherHost { names } if names.is_empty() => f.write_str("a certificate for another host"),
            Self::OtherHost { names } => {
                write!(f, "a certificate for")?;
                names.iter().try_for_each(|name| write!(f, " `{}`", Bounded(name, 100)))
            }
            Self::Protocol { detail } => write!(f, "{}", Bounded(detail, 200)),
            Self::UnknownAuthority => f.write_str("a certificate that is self-signed or of an unknown authority"),
        }
    }
}
