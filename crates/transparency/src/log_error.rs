//! Why a log entry is no evidence.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_attest_model::json;
use stella_crypto_providers::{CryptoError, SignatureError};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, UnixTime, Window, hex};

use crate::checkpoint::CheckpointError;
use crate::merkle::{Hash, MerkleError};

/// Longest piece of an input that a message quotes, in characters.
const QUOTED: usize = 200;

/// Why a log entry is no evidence.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LogError {
    /// The body of the entry is JSON of another shape than its kind has.
    BodyMalformed {
        /// The member at fault, as a JSON path from the body's root.
        member: &'static str,
    },
    /// The body of the entry is not JSON that this reader accepts.
    BodyNotJson(json::Error),
    /// The checkpoint is not one.
    Checkpoint(CheckpointError),
    /// The inclusion proof comes without a checkpoint, so nobody vouches for its root.
    CheckpointMissing,
    /// The log did not sign the checkpoint.
    CheckpointSignatureInvalid {
        /// The log's name.
        log: String,
    },
    /// No provider can verify with the key of the log.
    Crypto(CryptoError),
    /// The entry is about something else.
    EntryMismatch(EntryMismatch),
    /// The Merkle proof fails.
    InclusionProof(MerkleError),
    /// The entry has no inclusion proof.
    InclusionProofMissing,
    /// The entry has a promise but not the time that the promise covers.
    IntegratedTimeMissing,
    /// No reader for entries of this kind and version.
    KindUnsupported {
        /// The kind.
        kind: String,
        /// The version.
        version: String,
    },
    /// The log is trusted, but not at this time.
    LogOutsideWindow {
        /// The log's name.
        log: String,
        /// When it is trusted.
        window: Window,
        /// The time of the entry.
        at: UnixTime,
    },
    /// No trusted log has this id.
    LogUnknown {
        /// The id.
        log_id: Vec<u8>,
    },
    /// The checkpoint speaks for another log.
    OriginMismatch {
        /// The origin that belongs to the key.
        expected: String,
        /// The first line of the checkpoint.
        found: String,
    },
    /// The signed entry timestamp does not verify.
    PromiseInvalid {
        /// The log's name.
        log: String,
    },
    /// The entry has no signed entry timestamp.
    PromiseMissing,
    /// The provider failed, so that nothing is known about the signature.
    Provider(SignatureError),
    /// Proof and checkpoint name different roots.
    RootMismatch {
        /// The root beside the proof.
        proof: Hash,
        /// The root in the checkpoint.
        checkpoint: Hash,
    },
    /// Proof and checkpoint name different sizes.
    TreeSizeMismatch {
        /// The size beside the proof.
        proof: u64,
        /// The size in the checkpoint.
        checkpoint: u64,
    },
}

/// What an entry says that the signed document does not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryMismatch {
    /// Which part differs.
    pub part: EntryPart,
    /// What was signed.
    pub expected: String,
    /// What the entry records.
    pub found: String,
}

/// The parts of an entry that tie it to a signed document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EntryPart {
    /// The digest of the payload, the artifact or the whole envelope.
    Digest,
    /// The certificate or public key.
    Key,
    /// The kind and version, named once beside the body and once inside.
    Kind,
    /// The payload type of the envelope.
    PayloadType,
    /// The signature.
    Signature,
}

impl EntryPart {
    /// One word for people and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Key => "key",
            Self::Kind => "kind",
            Self::PayloadType => "payload type",
            Self::Signature => "signature",
        }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyMalformed { member } => write!(f, "the body of the log entry has no usable {member}"),
            Self::BodyNotJson(error) => write!(f, "the body of the log entry is not readable: {error}"),
            Self::Checkpoint(error) => error.fmt(f),
            Self::CheckpointMissing => f.write_str("the inclusion proof has no checkpoint"),
            Self::CheckpointSignatureInvalid { log } => {
                write!(f, "the checkpoint has no valid signature of the log {}", Bounded(log, QUOTED))
            }
            Self::Crypto(error) => error.fmt(f),
            Self::EntryMismatch(mismatch) => {
                write!(f, "the log entry records another {} than the document has", mismatch.part.name())
            }
            Self::InclusionProof(error) => write!(f, "the inclusion proof fails: {error}"),
            Self::InclusionProofMissing => f.write_str("the log entry has no inclusion proof"),
            Self::IntegratedTimeMissing => f.write_str("the log entry has a promise but no integrated time"),
            Self::KindUnsupported { kind, version } => write!(
                f,
                "log entries of kind {} version {} are not supported",
                Bounded(kind, QUOTED),
                Bounded(version, QUOTED)
            ),
            Self::LogOutsideWindow { log, window, at } => {
                write!(f, "the log {} is trusted in {window}, the entry is of {at}", Bounded(log, QUOTED))
            }
            Self::LogUnknown { .. } => f.write_str("the log of the entry is not among the trusted logs"),
            Self::OriginMismatch { expected, found } => write!(
                f,
                "the checkpoint speaks for {} where the entry's log is {}",
                Bounded(found, QUOTED),
                Bounded(expected, QUOTED)
            ),
            Self::PromiseInvalid { log } => write!(
                f,
                "the signed entry timestamp is not a valid signature of the log {} over this entry",
                Bounded(log, QUOTED)
            ),
            Self::PromiseMissing => f.write_str("the log entry has no signed entry timestamp"),
            Self::Provider(error) => error.fmt(f),
            Self::RootMismatch { .. } => f.write_str("the inclusion proof and the checkpoint name different roots"),
            Self::TreeSizeMismatch { proof, checkpoint } => {
                write!(f, "the inclusion proof is for {proof} leaves and the checkpoint for {checkpoint}")
            }
        }
    }
}

impl core::error::Error for LogError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::BodyNotJson(error) => Some(error),
            Self::Checkpoint(error) => Some(error),
            Self::Crypto(error) => Some(error),
            Self::InclusionProof(error) => Some(error),
            Self::Provider(error) => Some(error),
            _ => None,
        }
    }
}

impl Reason for LogError {
    fn code(&self) -> Code {
        match self {
            Self::BodyMalformed { .. } | Self::EntryMismatch(_) => Code::TlogEntryMismatch,
            Self::BodyNotJson(error) => error.code(),
            Self::Checkpoint(error) => error.code(),
            Self::CheckpointMissing | Self::InclusionProofMissing => Code::TlogInclusionProofInvalid,
            Self::CheckpointSignatureInvalid { .. } => Code::TlogCheckpointSignatureInvalid,
            Self::Crypto(error) => error.code(),
            Self::InclusionProof(error) => error.code(),
            Self::IntegratedTimeMissing | Self::PromiseInvalid { .. } | Self::PromiseMissing => Code::TlogSetInvalid,
            Self::KindUnsupported { .. } => Code::TlogKindUnsupported,
            Self::LogOutsideWindow { .. } | Self::LogUnknown { .. } => Code::TlogLogUnknown,
            Self::OriginMismatch { .. } => Code::TlogOriginMismatch,
            Self::Provider(error) => error.code(),
            Self::RootMismatch { .. } | Self::TreeSizeMismatch { .. } => Code::TlogRootMismatch,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::BodyMalformed { member } => Some((*member).to_string()),
            Self::BodyNotJson(error) => error.place(),
            Self::Checkpoint(error) => error.place(),
            Self::EntryMismatch(mismatch) => Some(mismatch.part.name().to_string()),
            _ => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::EntryMismatch(mismatch) => Some(bounded(&mismatch.found)),
            Self::InclusionProof(error) => error.found(),
            Self::LogOutsideWindow { at, .. } => Some(at.to_string()),
            Self::LogUnknown { log_id } => Some(bounded(&hex::encode(log_id))),
            Self::OriginMismatch { found, .. } => Some(bounded(found)),
            Self::RootMismatch { proof, .. } => Some(hex::encode(proof)),
            Self::TreeSizeMismatch { proof, .. } => Some(proof.to_string()),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::EntryMismatch(mismatch) => Some(bounded(&mismatch.expected)),
            Self::InclusionProof(error) => error.expected(),
            Self::LogOutsideWindow { window, .. } => Some(window.to_string()),
            Self::OriginMismatch { expected, .. } => Some(bounded(expected)),
            Self::RootMismatch { checkpoint, .. } => Some(hex::encode(checkpoint)),
            Self::TreeSizeMismatch { checkpoint, .. } => Some(checkpoint.to_string()),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Checkpoint(error) => error.clause(),
            Self::CheckpointSignatureInvalid { .. } => Some("C2SP signed-note \"Verifying signatures\""),
            Self::InclusionProof(error) => error.clause(),
            Self::OriginMismatch { .. } => Some("C2SP tlog-proof \"Verification\""),
            _ => None,
        }
    }
}

fn bounded(text: &str) -> String {
    Bounded(text, QUOTED).to_string()
}
