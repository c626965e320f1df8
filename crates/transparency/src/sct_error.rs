//! Why an SCT is no evidence.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_crypto_providers::{CryptoError, SignatureError};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, UnixTime, Window, hex};

use crate::asn1::DerError;
use crate::sct::MAX_SCTS;

/// Why an SCT is no evidence.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SctError {
    /// The SCT names another algorithm than the log signs with.
    AlgorithmMismatch {
        /// The log's name.
        log: String,
    },
    /// No provider can verify with the key of the log.
    Crypto(CryptoError),
    /// The certificate is not DER.
    Der(DerError),
    /// The log is trusted, but not at the time of the SCT.
    LogOutsideWindow {
        /// The log's name.
        log: String,
        /// When it is trusted.
        window: Window,
        /// The time in the SCT.
        at: UnixTime,
    },
    /// No trusted log has this id.
    LogUnknown {
        /// The id.
        log_id: Vec<u8>,
    },
    /// The list or the SCT is not what RFC 6962 describes.
    Malformed,
    /// The certificate has no SCTs.
    Missing,
    /// The provider failed, so that nothing is known about the signature.
    Provider(SignatureError),
    /// The log did not sign this certificate under this issuer.
    SignatureInvalid {
        /// The log's name.
        log: String,
    },
    /// The certificate has more than 16 SCTs.
    TooMany,
    /// The SCT has another version than v1.
    VersionUnsupported {
        /// The number, where v1 is 0.
        version: u8,
    },
}

impl fmt::Display for SctError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmMismatch { log } => {
                write!(f, "the SCT names another algorithm than the log {} signs with", Bounded(log, 200))
            }
            Self::Crypto(error) => error.fmt(f),
            Self::Der(error) => write!(f, "the SCTs of the certificate cannot be read: {error}"),
            Self::LogOutsideWindow { log, window, at } => {
                write!(f, "the CT log {} is trusted in {window}, the SCT is of {at}", Bounded(log, 200))
            }
            Self::LogUnknown { .. } => f.write_str("the log of the SCT is not among the trusted CT logs"),
            Self::Malformed => f.write_str("the certificate's list of SCTs is malformed"),
            Self::Missing => f.write_str("the certificate has no SCT"),
            Self::Provider(error) => error.fmt(f),
            Self::SignatureInvalid { log } => write!(
                f,
                "the SCT is not a valid signature of the CT log {} over this certificate and issuer",
                Bounded(log, 200)
            ),
            Self::TooMany => write!(f, "the certificate has more than {MAX_SCTS} SCTs"),
            Self::VersionUnsupported { version } => write!(f, "SCTs of version {version} are not supported"),
        }
    }
}

impl core::error::Error for SctError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Crypto(error) => Some(error),
            Self::Provider(error) => Some(error),
            _ => None,
        }
    }
}

impl Reason for SctError {
    fn code(&self) -> Code {
        match self {
            Self::Crypto(error) => error.code(),
            Self::Provider(error) => error.code(),
            _ => Code::X509SctInvalid,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::LogOutsideWindow { at, .. } => Some(at.to_string()),
            Self::LogUnknown { log_id } => Some(hex::encode(log_id)),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::LogOutsideWindow { window, .. } => Some(window.to_string()),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::SignatureInvalid { .. } => Some("RFC 6962 §3.2"),
            Self::Malformed | Self::VersionUnsupported { .. } => Some("RFC 6962 §3.3"),
            _ => None,
        }
    }

    fn certificate(&self) -> Option<usize> {
        Some(0)
    }
}
