//! The name that somebody expects in a leaf. RFC 9525 for hosts, RFC 5280 §4.2.1.6 for the rest.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::certificate::Certificate;
use crate::general_name::GeneralName;
use crate::name_syntax;

/// Names shown of a leaf that has others.
const MAX_SHOWN: usize = 10;

/// The name that somebody expects in a leaf: one of its alternative names, never its common name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeerName(Kind);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    Dns(String),
    Email(String),
    Ip(IpAddr),
}

/// No alternative name of the leaf is the one expected, or the one expected cannot be one.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PeerNameError {
    /// The name expected is not one of its kind.
    Malformed {
        /// The name.
        name: String,
    },
    /// The leaf has other names.
    Mismatch {
        /// The name expected.
        expected: String,
        /// At most ten of the names it has.
        found: Vec<String>,
        /// How many it has.
        count: usize,
    },
}

impl PeerName {
    /// A host by its DNS name: letters, digits and hyphens, internationalised labels as A-labels, no wildcard, no address.
    ///
    /// # Errors
    /// [`PeerNameError::Malformed`].
    pub fn dns(name: &str) -> Result<Self, PeerNameError> {
        if name_syntax::is_host(name) { Ok(Self(Kind::Dns(name.into()))) } else { Err(malformed(name)) }
    }

    /// A mailbox: local part, `@`, host.
    ///
    /// # Errors
    /// [`PeerNameError::Malformed`].
    pub fn email(address: &str) -> Result<Self, PeerNameError> {
        if name_syntax::mailbox(address).is_some() {
            Ok(Self(Kind::Email(address.into())))
        } else {
            Err(malformed(address))
        }
    }

    /// A host by its address.
    pub fn ip(address: IpAddr) -> Self {
        Self(Kind::Ip(address))
    }

    /// Looks for the name in `leaf`: hosts without regard to letter case, `*.` in the certificate for exactly one label; addresses byte
    /// for byte; the local part of a mailbox letter by letter. RFC 9525 §6.
    ///
    /// # Errors
    /// [`PeerNameError::Mismatch`].
    ///
    /// # Left to the caller
    /// Everything else: the certificate is only looked at.
    pub fn check(&self, leaf: &Certificate) -> Result<(), PeerNameError> {
        let names = leaf.subject_alt_names();
        if names.iter().any(|name| self.is_named_by(name)) {
            return Ok(());
        }
        let found = names.iter().take(MAX_SHOWN).map(GeneralName::to_string).collect();
        Err(PeerNameError::Mismatch {
            expected: Bounded(&self.to_string(), 200).to_string(),
            found,
            count: names.len(),
        })
    }

    fn is_named_by(&self, name: &GeneralName) -> bool {
        match (&self.0, name) {
            // A name that is not well formed names nobody.
            (Kind::Dns(host), GeneralName::DnsName(name)) if name_syntax::is_dns_name(name) => {
                match name.strip_prefix("*.") {
                    Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
                    None => host.eq_ignore_ascii_case(name),
                }
            }
            (Kind::Email(expected), GeneralName::Rfc822Name(found)) => {
                match (name_syntax::mailbox(expected), name_syntax::mailbox(found)) {
                    (Some((local, host)), Some((other, at))) => local == other && host.eq_ignore_ascii_case(at),
                    _ => false,
                }
            }
            (Kind::Ip(IpAddr::V4(expected)), GeneralName::IpAddress(found)) => expected.octets().as_slice() == found,
            (Kind::Ip(IpAddr::V6(expected)), GeneralName::IpAddress(found)) => expected.octets().as_slice() == found,
            _ => false,
        }
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Dns(text) | Kind::Email(text) => f.write_str(text),
            Kind::Ip(address) => address.fmt(f),
        }
    }
}

fn malformed(name: &str) -> PeerNameError {
    PeerNameError::Malformed { name: Bounded(name, 200).to_string() }
}

impl fmt::Display for PeerNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { name } => write!(f, "\"{name}\" is not a name that can be looked for in a certificate"),
            Self::Mismatch { expected, count: 0, .. } => {
                write!(f, "the certificate names nobody, {expected} is expected")
            }
            Self::Mismatch { expected, count, .. } => {
                write!(f, "none of the {count} names of the certificate is {expected}")
            }
        }
    }
}

impl core::error::Error for PeerNameError {}

impl Reason for PeerNameError {
    fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } => Code::X509NameMalformed,
            Self::Mismatch { .. } => Code::IdentityMismatch,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Malformed { name } => Some(name.clone()),
            Self::Mismatch { found, count, .. } => {
                let more = if *count > found.len() { ", …" } else { "" };
                Some(alloc::format!("{}{more}", Bounded(&found.join(", "), 2_000)))
            }
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Malformed { .. } => None,
            Self::Mismatch { expected, .. } => Some(expected.clone()),
        }
    }

    fn clause(&self) -> Option<&'static str> {
        Some("RFC 9525 §6")
    }

    fn certificate(&self) -> Option<usize> {
        Some(0)
    }
}
