//! Why bytes are no OCSP response.

use alloc::string::String;
use core::fmt;

use stella_vocabulary::{Code, Reason};

use super::extensions::ExtensionsFault;
use crate::certificate_error::CertificateError;
use crate::tlv::{Fault, FaultKind};

/// Why bytes are not read as an OCSP response. Offsets count bytes of the DER from its start.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OcspResponseError {
    /// A certificate that it brings is none. Offsets are those inside of it.
    Certificate {
        /// Which one, from 0.
        index: usize,
        /// Why.
        error: CertificateError,
    },
    /// Elements are nested deeper than 32.
    DerDepth {
        /// Where the element too deep starts.
        offset: usize,
    },
    /// Truncated, indefinite or non-minimal lengths, wrong elements. X.690 (DER), RFC 6960 §4.2.1.
    DerMalformed {
        /// Where the element starts.
        offset: usize,
        /// What was being read.
        field: &'static str,
    },
    /// Bytes after the end of a structure.
    DerTrailingData {
        /// The first byte too many.
        offset: usize,
        /// What had ended.
        field: &'static str,
    },
    /// The same extension twice.
    DuplicateExtension {
        /// Dotted decimal.
        oid: String,
        /// Where the second one starts.
        offset: usize,
    },
    /// A name with NUL or characters outside ASCII where its type has none.
    NameMalformed {
        /// Where the name starts.
        offset: usize,
        /// What was being read.
        field: &'static str,
    },
    /// A distinguished name over the limit.
    NameTooLarge {
        /// Where the name, or its part, starts.
        offset: usize,
        /// What was being read.
        field: &'static str,
    },
    /// The responder gave no answer. RFC 6960 §2.3.
    NotSuccessful {
        /// `OCSPResponseStatus`.
        status: u8,
    },
    /// A date that does not exist or is not written as RFC 6960 §4.2.2.1 has it.
    TimeMalformed {
        /// Where the date starts.
        offset: usize,
        /// Which date.
        field: &'static str,
    },
    /// More bytes than a response may have.
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// More certificates or answers than a response may have.
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are accepted.
        limit: usize,
    },
    /// Another type of response than `id-pkix-ocsp-basic`.
    TypeUnsupported {
        /// Dotted decimal.
        oid: String,
    },
}

impl From<Fault> for OcspResponseError {
    fn from(fault: Fault) -> Self {
        let Fault { kind, offset, field } = fault;
        match kind {
            FaultKind::Depth => Self::DerDepth { offset },
            FaultKind::Malformed => Self::DerMalformed { offset, field },
            FaultKind::Name => Self::NameMalformed { offset, field },
            FaultKind::NameTooLarge => Self::NameTooLarge { offset, field },
            FaultKind::Time => Self::TimeMalformed { offset, field },
            FaultKind::Trailing => Self::DerTrailingData { offset, field },
        }
    }
}

impl From<ExtensionsFault> for OcspResponseError {
    fn from(fault: ExtensionsFault) -> Self {
        match fault {
            ExtensionsFault::Der(fault) => fault.into(),
            ExtensionsFault::Duplicate { oid, offset } => Self::DuplicateExtension { oid, offset },
        }
    }
}

impl fmt::Display for OcspResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { index, error } => write!(f, "certificate {index} of the OCSP response: {error}"),
            Self::DerDepth { offset } => write!(f, "the OCSP response is nested too deeply at byte {offset}"),
            Self::DerMalformed { offset, field } => {
                write!(f, "the OCSP response is not strict DER at byte {offset}, in {field}")
            }
            Self::DerTrailingData { offset, field } => {
                write!(f, "the OCSP response has extra bytes after {field}, from byte {offset} on")
            }
            Self::DuplicateExtension { oid, offset } => {
                write!(f, "the OCSP response repeats the extension {oid} at byte {offset}")
            }
            Self::NameMalformed { offset, field } => {
                write!(f, "a name in {field} has characters it must not have, at byte {offset}")
            }
            Self::NameTooLarge { offset, field } => write!(f, "the name in {field} at byte {offset} is too large"),
            Self::NotSuccessful { status } => {
                write!(f, "the OCSP responder gave no answer: {}", status_name(*status))
            }
            Self::TimeMalformed { offset, field } => {
                write!(f, "{field} at byte {offset} is not a date in the form that OCSP responses use")
            }
            Self::TooLarge { length, limit } => {
                write!(f, "the OCSP response has {length} bytes, {limit} are accepted")
            }
            Self::TooMany { what, limit } => write!(f, "the OCSP response has more than {limit} {what}"),
            Self::TypeUnsupported { oid } => write!(f, "the OCSP response is of the type {oid}, which is not known"),
        }
    }
}

fn status_name(status: u8) -> &'static str {
    match status {
        1 => "malformedRequest",
        2 => "internalError",
        3 => "tryLater",
        5 => "sigRequired",
        6 => "unauthorized",
        _ => "an unknown status",
    }
}

impl core::error::Error for OcspResponseError {}

impl Reason for OcspResponseError {
    fn code(&self) -> Code {
        match self {
            Self::Certificate { error, .. } => error.code(),
            Self::DerDepth { .. } => Code::X509DerDepth,
            Self::DerMalformed { .. } => Code::X509DerMalformed,
            Self::DerTrailingData { .. } => Code::X509DerTrailingData,
            Self::DuplicateExtension { .. } => Code::X509DuplicateExtension,
            Self::NameMalformed { .. } => Code::X509NameMalformed,
            Self::NameTooLarge { .. } => Code::X509NameTooLarge,
            Self::NotSuccessful { .. } => Code::X509RevocationUnknown,
            Self::TimeMalformed { .. } => Code::X509TimeMalformed,
            Self::TooLarge { .. } | Self::TooMany { .. } => Code::InputTooLarge,
            Self::TypeUnsupported { .. } => Code::InputUnknownFormat,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Certificate { index, .. } => Some(alloc::format!("certificate {index} of the OCSP response")),
            Self::DerDepth { offset } => Some(alloc::format!("byte {offset}")),
            Self::DerMalformed { offset, field }
            | Self::DerTrailingData { offset, field }
            | Self::NameMalformed { offset, field }
            | Self::NameTooLarge { offset, field }
            | Self::TimeMalformed { offset, field } => Some(alloc::format!("{field}, byte {offset}")),
            Self::DuplicateExtension { oid, offset } => Some(alloc::format!("extension {oid}, byte {offset}")),
            Self::NotSuccessful { .. }
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::TypeUnsupported { .. } => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Certificate { error, .. } => error.found(),
            Self::NotSuccessful { status } => Some(status_name(*status).into()),
            Self::TooLarge { length, .. } => Some(alloc::format!("{length} bytes")),
            Self::TypeUnsupported { oid } => Some(oid.clone()),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Certificate { error, .. } => error.expected(),
            Self::NotSuccessful { .. } => Some("successful".into()),
            Self::TooLarge { limit, .. } => Some(alloc::format!("at most {limit} bytes")),
            Self::TooMany { what, limit } => Some(alloc::format!("at most {limit} {what}")),
            Self::TypeUnsupported { .. } => Some("id-pkix-ocsp-basic".into()),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Certificate { error, .. } => error.clause(),
            Self::DerMalformed { .. } | Self::DerTrailingData { .. } => Some("RFC 6960 §4.2.1 and X.690 §11"),
            Self::DuplicateExtension { .. } => Some("RFC 5280 §4.2"),
            Self::NameMalformed { .. } => Some("RFC 5280 §4.2.1.6"),
            Self::NotSuccessful { .. } => Some("RFC 6960 §2.3"),
            Self::TimeMalformed { .. } => Some("RFC 6960 §4.2.2.1"),
            Self::TypeUnsupported { .. } => Some("RFC 6960 §4.2.1"),
            Self::DerDepth { .. } | Self::NameTooLarge { .. } | Self::TooLarge { .. } | Self::TooMany { .. } => None,
        }
    }
}
