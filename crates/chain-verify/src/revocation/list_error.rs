//! Why bytes are no revocation list.

use alloc::string::String;
use core::fmt;

use stella_vocabulary::pem::PemError;
use stella_vocabulary::{Code, Reason};

use super::extensions::ExtensionsFault;
use crate::tlv::{Fault, FaultKind};

/// Why bytes are not read as a revocation list. Offsets count bytes of the DER from its start.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RevocationListError {
    /// Elements are nested deeper than 32.
    DerDepth {
        /// Where the element too deep starts.
        offset: usize,
    },
    /// Truncated, indefinite or non-minimal lengths, wrong elements. X.690 (DER), RFC 5280 §5.1.
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
    /// The same extension twice. RFC 5280 §5.2.
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
    /// A distinguished name over the limit: 16 KiB or 16 attributes a part, 64 KiB in all.
    NameTooLarge {
        /// Where the name, or its part, starts.
        offset: usize,
        /// What was being read.
        field: &'static str,
    },
    /// The PEM around the list.
    Pem(PemError),
    /// A date that does not exist or is written in a form that RFC 5280 §5.1.2.4 forbids.
    TimeMalformed {
        /// Where the date starts.
        offset: usize,
        /// Which date.
        field: &'static str,
    },
    /// More bytes than a list may have.
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes accepted.
        limit: usize,
    },
}

impl From<Fault> for RevocationListError {
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

impl From<ExtensionsFault> for RevocationListError {
    fn from(fault: ExtensionsFault) -> Self {
        match fault {
            ExtensionsFault::Der(fault) => fault.into(),
            ExtensionsFault::Duplicate { oid, offset } => Self::DuplicateExtension { oid, offset },
        }
    }
}

impl From<PemError> for RevocationListError {
    fn from(error: PemError) -> Self {
        Self::Pem(error)
    }
}

impl fmt::Display for RevocationListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DerDepth { offset } => write!(f, "the revocation list is nested too deeply at byte {offset}"),
            Self::DerMalformed { offset, field } => {
                write!(f, "the revocation list is not strict DER at byte {offset}, in {field}")
            }
            Self::DerTrailingData { offset, field } => {
                write!(f, "the revocation list has extra bytes after {field}, from byte {offset} on")
            }
            Self::DuplicateExtension { oid, offset } => {
                write!(f, "the revocation list repeats the extension {oid} at byte {offset}")
            }
            Self::NameMalformed { offset, field } => {
                write!(f, "a name in {field} has characters it must not have, at byte {offset}")
            }
            Self::NameTooLarge { offset, field } => write!(f, "the name in {field} at byte {offset} is too large"),
            Self::Pem(error) => error.fmt(f),
            Self::TimeMalformed { offset, field } => {
                write!(f, "{field} at byte {offset} is not a date in a form that revocation lists may use")
            }
            Self::TooLarge { length, limit } => {
                write!(f, "the revocation list has {length} bytes, {limit} are accepted")
            }
        }
    }
}

impl core::error::Error for RevocationListError {}

impl Reason for RevocationListError {
    fn code(&self) -> Code {
        match self {
            Self::DerDepth { .. } => Code::X509DerDepth,
            Self::DerMalformed { .. } => Code::X509DerMalformed,
            Self::DerTrailingData { .. } => Code::X509DerTrailingData,
            Self::DuplicateExtension { .. } => Code::X509DuplicateExtension,
            Self::NameMalformed { .. } => Code::X509NameMalformed,
            Self::NameTooLarge { .. } => Code::X509NameTooLarge,
            Self::Pem(error) => error.code(),
            Self::TimeMalformed { .. } => Code::X509TimeMalformed,
            Self::TooLarge { .. } => Code::InputTooLarge,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::DerDepth { offset } => Some(alloc::format!("byte {offset}")),
            Self::DerMalformed { offset, field }
            | Self::DerTrailingData { offset, field }
            | Self::NameMalformed { offset, field }
            | Self::NameTooLarge { offset, field }
            | Self::TimeMalformed { offset, field } => Some(alloc::format!("{field}, byte {offset}")),
            Self::DuplicateExtension { oid, offset } => Some(alloc::format!("extension {oid}, byte {offset}")),
            Self::Pem(error) => error.place(),
            Self::TooLarge { .. } => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Pem(error) => error.found(),
            Self::TooLarge { length, .. } => Some(alloc::format!("{length} bytes")),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Pem(error) => error.expected(),
            Self::TooLarge { limit, .. } => Some(alloc::format!("at most {limit} bytes")),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::DerMalformed { .. } | Self::DerTrailingData { .. } => Some("RFC 5280 §5.1 and X.690 §11"),
            Self::DuplicateExtension { .. } => Some("RFC 5280 §5.2"),
            Self::NameMalformed { .. } => Some("RFC 5280 §4.2.1.6"),
            Self::Pem(error) => error.clause(),
            Self::TimeMalformed { .. } => Some("RFC 5280 §5.1.2.4"),
            Self::DerDepth { .. } | Self::NameTooLarge { .. } | Self::TooLarge { .. } => None,
        }
    }
}
