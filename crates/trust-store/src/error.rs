//! Why material was not taken into a snapshot.

use alloc::string::{String, ToString};
use core::fmt;

use stella_attest_model::json;
use stella_chain_verify::CertificateError;
use stella_crypto_providers::KeyError;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Base64Error, Code, Reason, TimeError, Window};

/// Why material was not taken into a snapshot. `entry` says which: a JSON path with line and column, or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustError {
    /// An anchor could never be relied on.
    AuthorityInvalid {
        /// Which.
        entry: String,
        /// Why.
        flaw: AuthorityFlaw,
    },
    /// Bytes in a trusted root are not base64.
    Base64 {
        /// Which.
        entry: String,
        /// Why.
        error: Base64Error,
    },
    /// Something is not a certificate.
    Certificate {
        /// Which, in a trusted root.
        entry: Option<String>,
        /// Why.
        error: CertificateError,
    },
    /// The same key is there already, under other terms.
    DuplicateKey {
        /// Which.
        entry: String,
        /// What is there.
        existing: String,
    },
    /// A trusted root is not readable JSON of the right types.
    Document(json::Error),
    /// An intermediate is no authority.
    IntermediateInvalid {
        /// Which.
        entry: String,
        /// Why.
        flaw: AuthorityFlaw,
    },
    /// Something is not a key that may be used.
    Key {
        /// Which, in a trusted root.
        entry: Option<String>,
        /// Why.
        error: KeyError,
    },
    /// The key of a log is of another kind than `keyDetails` says.
    KeyDetailsMismatch {
        /// Which.
        entry: String,
        /// What `keyDetails` says.
        expected: String,
        /// What the key is.
        found: String,
    },
    /// A log uses a signature or hash algorithm that this library does not know.
    KeyDetailsUnsupported {
        /// Which.
        entry: String,
        /// What it says.
        found: String,
    },
    /// The document is not a trusted root of version 0.1 or 0.2.
    MediaTypeUnsupported {
        /// What it calls itself.
        found: String,
    },
    /// A list is longer than allowed.
    TooMany {
        /// Which.
        entry: String,
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A window is missing its start, cannot be read, or holds no instant.
    WindowInvalid {
        /// Whose.
        entry: String,
        /// Why.
        flaw: WindowFlaw,
    },
}

/// Why a certificate cannot be an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityFlaw {
    /// Its key may not be used at all.
    Key(KeyError),
    /// Its key usage leaves out `keyCertSign`. RFC 5280 §4.2.1.3.
    KeyUsage {
        /// The usages it has.
        found: String,
    },
    /// There is no certificate.
    NoCertificate,
    /// Its basic constraints do not say that it is an authority. RFC 5280 §4.2.1.9.
    NotAnAuthority,
    /// It has a critical extension that nothing here acts on. RFC 5280 §4.2.
    UnknownCriticalExtension {
        /// Dotted decimal.
        oid: String,
    },
}

/// Why a window cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WindowFlaw {
    /// It ends before it starts.
    Empty {
        /// The window.
        window: Window,
    },
    /// A trusted root gives no start; that is not the same as having been good for ever.
    StartMissing,
    /// A bound is not an instant.
    Unreadable(TimeError),
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorityInvalid { flaw, .. } => write!(f, "the anchor cannot be relied on: {flaw}"),
            Self::Base64 { error, .. } => error.fmt(f),
            Self::Certificate { error, .. } => error.fmt(f),
            Self::DuplicateKey { existing, .. } => {
                write!(f, "the store already has this key as {}", Bounded(existing, 200))
            }
            Self::Document(error) => error.fmt(f),
            Self::IntermediateInvalid { flaw, .. } => write!(f, "the intermediate cannot be used: {flaw}"),
            Self::Key { error, .. } => error.fmt(f),
            Self::KeyDetailsMismatch { expected, found, .. } => {
                write!(f, "the key is {}, but keyDetails says {}", Bounded(found, 200), Bounded(expected, 200))
            }
            Self::KeyDetailsUnsupported { found, .. } => {
                write!(f, "the algorithm {} of the log is not supported", Bounded(found, 200))
            }
            Self::MediaTypeUnsupported { found } => {
                write!(f, "the media type {} is not that of a trusted root of version 0.1 or 0.2", Bounded(found, 200))
            }
            Self::TooMany { found, limit, .. } => write!(f, "{found} elements where at most {limit} are allowed"),
            Self::WindowInvalid { flaw, .. } => flaw.fmt(f),
        }
    }
}

impl fmt::Display for AuthorityFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => error.fmt(f),
            Self::KeyUsage { found } => write!(f, "its key usage is {} without keyCertSign", Bounded(found, 200)),
            Self::NoCertificate => f.write_str("its chain holds no certificate"),
            Self::NotAnAuthority => f.write_str("its basic constraints do not say that it may issue certificates"),
            Self::UnknownCriticalExtension { oid } => {
                write!(f, "its critical extension {} is not understood", Bounded(oid, 200))
            }
        }
    }
}

impl fmt::Display for WindowFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { window } => write!(f, "the window {window} ends before it starts"),
            Self::StartMissing => {
                f.write_str("the window has no start, so it is not known from when on the entry counts")
            }
            Self::Unreadable(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for TrustError {}

impl Reason for TrustError {
    fn code(&self) -> Code {
        match self {
            Self::AuthorityInvalid { .. } => Code::TrustAnchorInvalid,
            Self::Base64 { error, .. } => error.code(),
            Self::Certificate { error, .. } => error.code(),
            Self::DuplicateKey { .. } => Code::StoreDuplicateKey,
            Self::Document(error) => error.code(),
            Self::IntermediateInvalid { .. } => Code::X509NotACa,
            Self::Key { error, .. } => error.code(),
            Self::KeyDetailsMismatch { .. } => Code::KeyAlgorithmMismatch,
            Self::KeyDetailsUnsupported { .. } => Code::SigAlgorithmUnsupported,
            Self::MediaTypeUnsupported { .. } => Code::InputUnknownFormat,
            Self::TooMany { .. } => Code::InputTooLarge,
            Self::WindowInvalid { .. } => Code::TrustWindowInvalid,
        }
    }

    fn place(&self) -> Option<String> {
        let entry = match self {
            Self::AuthorityInvalid { entry, .. }
            | Self::Base64 { entry, .. }
            | Self::DuplicateKey { entry, .. }
            | Self::IntermediateInvalid { entry, .. }
            | Self::KeyDetailsMismatch { entry, .. }
            | Self::KeyDetailsUnsupported { entry, .. }
            | Self::TooMany { entry, .. }
            | Self::WindowInvalid { entry, .. } => entry,
            Self::Certificate { entry: Some(entry), .. } | Self::Key { entry: Some(entry), .. } => entry,
            Self::Certificate { error, .. } => return error.place(),
            Self::Document(error) => return error.place(),
            Self::Key { error, .. } => return error.place(),
            Self::MediaTypeUnsupported { .. } => "$.mediaType",
        };
        Some(Bounded(entry, 400).to_string())
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AuthorityInvalid { flaw, .. } | Self::IntermediateInvalid { flaw, .. } => Some(flaw.to_string()),
            Self::Base64 { error, .. } => error.found(),
            Self::Certificate { error, .. } => error.found(),
            Self::Document(error) => error.found(),
            Self::DuplicateKey { existing, .. } => Some(Bounded(existing, 200).to_string()),
            Self::Key { error, .. } => error.found(),
            Self::KeyDetailsMismatch { found, .. }
            | Self::KeyDetailsUnsupported { found, .. }
            | Self::MediaTypeUnsupported { found } => Some(Bounded(found, 200).to_string()),
            Self::TooMany { found, .. } => Some(found.to_string()),
            Self::WindowInvalid { flaw, .. } => match flaw {
                WindowFlaw::Empty { window } => Some(window.to_string()),
                WindowFlaw::StartMissing => Some("no start".to_string()),
                WindowFlaw::Unreadable(error) => error.found(),
            },
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::AuthorityInvalid { .. } | Self::IntermediateInvalid { .. } => {
                Some("an authority with a usable key and no critical extension that is not understood".to_string())
            }
            Self::Base64 { error, .. } => error.expected(),
            Self::Certificate { error, .. } => error.expected(),
            Self::Document(error) => error.expected(),
            Self::DuplicateKey { .. } => Some("each key once".to_string()),
            Self::Key { error, .. } => error.expected(),
            Self::KeyDetailsMismatch { expected, .. } => Some(Bounded(expected, 200).to_string()),
            Self::KeyDetailsUnsupported { .. } => Some("ECDSA, Ed25519 or RSA with SHA-2".to_string()),
            Self::MediaTypeUnsupported { .. } => {
                Some("application/vnd.dev.sigstore.trustedroot+json;version=0.1".to_string())
            }
            Self::TooMany { limit, .. } => Some(limit.to_string()),
            Self::WindowInvalid { flaw, .. } => match flaw {
                WindowFlaw::Unreadable(error) => error.expected(),
                _ => Some("a start that is not after the end".to_string()),
            },
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::AuthorityInvalid { flaw, .. } | Self::IntermediateInvalid { flaw, .. } => match flaw {
                AuthorityFlaw::Key(error) => error.clause(),
                AuthorityFlaw::KeyUsage { .. } => Some("RFC 5280 §4.2.1.3"),
                AuthorityFlaw::NoCertificate => None,
                AuthorityFlaw::NotAnAuthority => Some("RFC 5280 §4.2.1.9"),
                AuthorityFlaw::UnknownCriticalExtension { .. } => Some("RFC 5280 §4.2"),
            },
            Self::Base64 { error, .. } => error.clause(),
            Self::Certificate { error, .. } => error.clause(),
            Self::Document(error) => error.clause(),
            Self::Key { error, .. } => error.clause(),
            _ => None,
        }
    }
}

impl From<json::Error> for TrustError {
    fn from(error: json::Error) -> Self {
        Self::Document(error)
    }
}
