//! Why a registry could not be asked, or gave no usable answer.

use std::fmt;

use stella_trust_store::fetch::AddressFlaw;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

const SHOWN: usize = 200;

/// Why a registry could not be asked, or gave no usable answer. `url` is without its query.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FetchFailure {
    /// A host has an address that it may not have.
    AddressRefused {
        /// The host.
        host: String,
        /// The address.
        found: String,
        /// What is wrong with it, in itself.
        flaw: Option<AddressFlaw>,
        /// What would be allowed.
        expected: &'static str,
    },
    /// The answer ended early, or there was no connection.
    Incomplete {
        /// What was asked for.
        url: String,
        /// What happened.
        found: String,
    },
    /// The name of the host has no address.
    NotResolved {
        /// What was asked for.
        url: String,
    },
    /// A redirect that is not followed.
    Redirect {
        /// What was asked for.
        url: String,
        /// Where it led, without a query.
        to: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An error status.
    Status {
        /// What was asked for.
        url: String,
        /// The status.
        status: u16,
        /// What the registry says about it.
        detail: Option<String>,
        /// How often it was asked.
        tries: u8,
    },
    /// No answer in time.
    Timeout {
        /// What was asked for.
        url: String,
        /// Seconds.
        limit: u64,
    },
    /// TLS could not be agreed on.
    Tls {
        /// What was asked for.
        url: String,
        /// What is wrong.
        detail: String,
    },
    /// The answer, or its head, is too long, or compressed.
    TooLarge {
        /// What was asked for.
        url: String,
        /// What there was.
        found: String,
        /// Bytes that are read.
        limit: u64,
    },
    /// The registry wants another name and password.
    Unauthorized {
        /// What was asked for.
        url: String,
        /// 401 or 403.
        status: u16,
        /// Whether there were name and password to give.
        had_credentials: bool,
        /// `pull` or `push`.
        action: &'static str,
    },
    /// A URL that is not asked for.
    UrlRefused {
        /// The URL, without a query.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl std::error::Error for FetchFailure {}

impl fmt::Display for FetchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AddressRefused { .. } => "the address is not allowed",
            Self::Incomplete { .. } => "the registry gave no whole answer",
            Self::NotResolved { .. } => "the host was not found",
            Self::Redirect { .. } => "a redirect was refused",
            Self::Status { .. } | Self::Unauthorized { .. } => "the registry refused",
            Self::Timeout { .. } => "no answer in time",
            Self::Tls { .. } => "TLS failed",
            Self::TooLarge { .. } => "the answer is too large",
            Self::UrlRefused { .. } => "the URL is not allowed",
        })
    }
}

impl Reason for FetchFailure {
    fn code(&self) -> Code {
        match self {
            Self::AddressRefused { .. } => Code::FetchAddressRefused,
            Self::Incomplete { .. } => Code::FetchIncomplete,
            Self::NotResolved { .. } => Code::FetchDns,
            Self::Redirect { .. } => Code::FetchRedirectRefused,
            Self::Status { .. } => Code::FetchStatus,
            Self::Timeout { .. } => Code::FetchTimeout,
            Self::Tls { .. } => Code::FetchTls,
            Self::TooLarge { .. } => Code::FetchTooLarge,
            Self::Unauthorized { .. } => Code::FetchUnauthorized,
            Self::UrlRefused { .. } => Code::FetchUrlRefused,
        }
    }

    fn place(&self) -> Option<String> {
        let place = match self {
            Self::AddressRefused { host, .. } => host,
            Self::Incomplete { url, .. }
            | Self::NotResolved { url }
            | Self::Redirect { url, .. }
            | Self::Status { url, .. }
            | Self::Timeout { url, .. }
            | Self::Tls { url, .. }
            | Self::TooLarge { url, .. }
            | Self::Unauthorized { url, .. }
            | Self::UrlRefused { url, .. } => url,
        };
        Some(Bounded(place, SHOWN).to_string())
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::AddressRefused { found, flaw: Some(flaw), .. } => format!("{} ({flaw})", Bounded(found, 100)),
            Self::AddressRefused { found, flaw: None, .. } => Bounded(found, 100).to_string(),
            Self::Incomplete { found, .. } | Self::TooLarge { found, .. } => Bounded(found, SHOWN).to_string(),
            Self::NotResolved { .. } => "no address".to_string(),
            Self::Redirect { to, why, .. } => format!("a redirect to {}: {why}", Bounded(to, SHOWN)),
            Self::Status { status, detail: Some(detail), tries, .. } => {
                format!("status {status}{} ({})", times(*tries), Bounded(detail, 100))
            }
            Self::Status { status, detail: None, tries, .. } => format!("status {status}{}", times(*tries)),
            Self::Timeout { .. } => "nothing more".to_string(),
            Self::Tls { detail, .. } => Bounded(detail, SHOWN).to_string(),
            Self::Unauthorized { status, had_credentials: true, .. } => {
                format!("status {status} for the name and password given")
            }
            Self::Unauthorized { status, had_credentials: false, .. } => {
                format!("status {status}, and no name and password to give")
            }
            Self::UrlRefused { why, .. } => (*why).to_string(),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::AddressRefused { expected, .. } => (*expected).to_string(),
            Self::Incomplete { .. } => "a whole answer".to_string(),
            Self::NotResolved { .. } => "an answer of the resolver".to_string(),
            Self::Redirect { .. } => "an https URL, at most three times".to_string(),
            Self::Status { .. } => "success".to_string(),
            Self::Timeout { limit, .. } => format!("an answer within {limit} s"),
            Self::Tls { .. } => "a valid certificate of a known authority, and TLS 1.2 or later".to_string(),
            Self::TooLarge { limit, .. } => format!("at most {limit} plain bytes"),
            Self::Unauthorized { action, .. } => format!("permission to {action}"),
            Self::UrlRefused { .. } => "HTTPS; or HTTP to this machine".to_string(),
        })
    }
}

fn times(tries: u8) -> String {
    if tries > 1 { format!(", {tries} times") } else { String::new() }
}
