//! Why trust in a foreign form was not taken in.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_attest_model::json;
use stella_chain_verify::CertificateError;
use stella_crypto_providers::{KeyError, KeyId};
use stella_vocabulary::pem::PemError;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::error::AuthorityFlaw;
use crate::key_file::KeyFileError;
use crate::ledger::LedgerError;
use crate::{Head, TrustError};

/// Why trust in a foreign form was not taken in, or not written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExchangeError {
    /// Something is not a certificate.
    Certificate {
        /// Which.
        place: String,
        /// Why.
        error: CertificateError,
    },
    /// An export is signed by another key than the one expected.
    ExportForeignKey {
        /// The key that was given.
        expected: KeyId,
        /// The key in the file.
        found: KeyId,
    },
    /// An export is none.
    ExportInvalid(ExportFlaw),
    /// An export is older than one that was taken in before, or of another history of the same store.
    ExportOlder {
        /// The newest head taken in.
        seen: Head,
        /// The head of the file.
        found: Head,
    },
    /// The signature of an export does not fit.
    ExportSignature {
        /// The key.
        key: KeyId,
    },
    /// An envelope is around something else than an export.
    ExportType {
        /// The payload type.
        found: String,
    },
    /// Something is not JSON, or not of the type it must have.
    Json(json::Error),
    /// Something is not a key.
    Key {
        /// Which.
        place: String,
        /// Why.
        error: KeyError,
    },
    /// A file of keys is none.
    KeyFile(KeyFileError),
    /// What the ledger refuses.
    Ledger(LedgerError),
    /// A certificate cannot be an anchor or intermediate.
    NotAnAuthority {
        /// Which.
        place: String,
        /// Why.
        flaw: AuthorityFlaw,
    },
    /// A limit of the foreign form cannot be said here, and without it there would be more trust than there was.
    NotTransferable {
        /// What.
        what: &'static str,
    },
    /// Something is not PEM.
    Pem(PemError),
    /// A policy makes no sense, or cannot be kept.
    PolicyInvalid {
        /// Where.
        place: String,
        /// What is there.
        found: String,
        /// What could be.
        expected: &'static str,
    },
    /// A policy has a member of a name that is not known.
    PolicyUnknownMember {
        /// In which object.
        place: String,
        /// The name.
        name: String,
    },
    /// Too many of something.
    TooMany {
        /// How many.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// What a snapshot refuses.
    Trust(TrustError),
}

/// Why a file is no export, though it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFlaw {
    /// Its checkpoint is of another head than the one it states.
    Checkpoint,
    /// Its objects are not sorted, or one is there twice.
    Order,
    /// It does not have exactly one signature.
    Signatures {
        /// How many it has.
        found: usize,
    },
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { error, .. } => error.fmt(f),
            Self::ExportForeignKey { .. } => f.write_str("the export is signed by another key than the one given"),
            Self::ExportInvalid(flaw) => match flaw {
                ExportFlaw::Checkpoint => f.write_str("the checkpoint in the export is not of the head it states"),
                ExportFlaw::Order => f.write_str("the objects of the export are not in order, or one is there twice"),
                ExportFlaw::Signatures { found } => {
                    write!(f, "the export has {found} signatures where exactly one is expected")
                }
            },
            Self::ExportOlder { seen, found } if seen.size == found.size => {
                write!(
                    f,
                    "the export is of another history of its store than the one taken in before, at size {}",
                    found.size
                )
            }
            Self::ExportOlder { seen, found } => write!(
                f,
                "the export is older than one that was taken in: its log has {} entries, and {} were seen",
                found.size, seen.size
            ),
            Self::ExportSignature { .. } => f.write_str("the signature of the export does not fit: it was changed"),
            Self::ExportType { .. } => f.write_str("the envelope is around something else than a trust export"),
            Self::Json(error) => error.fmt(f),
            Self::Key { error, .. } => error.fmt(f),
            Self::KeyFile(error) => error.fmt(f),
            Self::Ledger(error) => error.fmt(f),
            Self::NotAnAuthority { flaw, .. } => write!(f, "the certificate cannot be relied on: {flaw}"),
            Self::NotTransferable { what } => {
                write!(f, "{what} cannot be said here, and leaving it out would widen trust")
            }
            Self::Pem(error) => error.fmt(f),
            Self::PolicyInvalid { found, expected, .. } => {
                write!(f, "the policy says {} where only {expected} can be taken over", Bounded(found, 200))
            }
            Self::PolicyUnknownMember { name, .. } => {
                write!(f, "the policy has a member `{}`, which is not known", Bounded(name, 100))
            }
            Self::TooMany { found, limit } => write!(f, "{found} elements where at most {limit} are allowed"),
            Self::Trust(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ExchangeError {}

impl ExchangeError {
    fn inner(&self) -> Option<&dyn Reason> {
        match self {
            Self::Certificate { error, .. } => Some(error),
            Self::Json(error) => Some(error),
            Self::Key { error, .. } => Some(error),
            Self::KeyFile(error) => Some(error),
            Self::Ledger(error) => Some(error),
            Self::Pem(error) => Some(error),
            Self::Trust(error) => Some(error),
            _ => None,
        }
    }
}

impl Reason for ExchangeError {
    fn code(&self) -> Code {
        match self {
            Self::ExportForeignKey { .. } => Code::DsseKeyUnknown,
            Self::ExportInvalid(_) => Code::AuditBroken,
            Self::ExportOlder { .. } => Code::StoreRollbackDetected,
            Self::ExportSignature { .. } => Code::DsseSignatureInvalid,
            Self::ExportType { .. } => Code::DssePayloadTypeUnsupported,
            Self::NotAnAuthority { .. } => Code::TrustAnchorInvalid,
            Self::NotTransferable { .. } | Self::PolicyInvalid { .. } => Code::ConfigInvalid,
            Self::PolicyUnknownMember { .. } => Code::ConfigUnknownKey,
            Self::TooMany { .. } => Code::InputTooLarge,
            _ => self.inner().map_or(Code::InternalPanic, Reason::code),
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Certificate { place, error } => Some(match error.place() {
                Some(inner) => format!("{}, {inner}", Bounded(place, 200)),
                None => Bounded(place, 200).to_string(),
            }),
            Self::Key { place, .. }
            | Self::NotAnAuthority { place, .. }
            | Self::PolicyInvalid { place, .. }
            | Self::PolicyUnknownMember { place, .. } => Some(Bounded(place, 400).to_string()),
            _ => self.inner().and_then(Reason::place),
        }
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::ExportForeignKey { found, .. } => found.to_string(),
            Self::ExportOlder { found, .. } => format!("{} entries", found.size),
            Self::ExportType { found } | Self::PolicyInvalid { found, .. } => Bounded(found, 200).to_string(),
            Self::PolicyUnknownMember { name, .. } => format!("`{}`", Bounded(name, 100)),
            Self::TooMany { found, .. } => found.to_string(),
            Self::NotAnAuthority { flaw, .. } => flaw.to_string(),
            _ => return self.inner().and_then(Reason::found),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::ExportForeignKey { expected, .. } => expected.to_string(),
            Self::ExportOlder { seen, .. } => format!("at least {} entries, and the same first ones", seen.size),
            Self::ExportType { .. } => super::EXPORT_PAYLOAD_TYPE.to_string(),
            Self::NotAnAuthority { .. } => "an authority with a usable key".to_string(),
            Self::PolicyInvalid { expected, .. } => (*expected).to_string(),
            Self::TooMany { limit, .. } => format!("at most {limit}"),
            _ => return self.inner().and_then(Reason::expected),
        })
    }

    fn clause(&self) -> Option<&'static str> {
        self.inner().and_then(Reason::clause)
    }
}

macro_rules! from {
    ($($source:ty => $variant:ident),*) => {$(
        impl From<$source> for ExchangeError {
            fn from(error: $source) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

from!(
    ExportFlaw => ExportInvalid, json::Error => Json, KeyFileError => KeyFile, LedgerError => Ledger, PemError => Pem,
    TrustError => Trust
);
