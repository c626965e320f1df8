//! What third parties attest about a signature: log inclusion, checkpoints, SETs, SCTs, RFC 3161 timestamps.
//!
//! Everything is a pure function of its arguments. Which logs and authorities to believe, and when, comes in as an argument; evidence
//! that is present must be valid, and what a log or authority says is used only after its signature was verified.
//!
//! - [`merkle`]: RFC 6962 inclusion and consistency.
//! - [`SignedNote`], [`Checkpoint`]: C2SP notes, taken apart.
//! - [`LogSet`]: the promise (SET) and the proof that an entry is in a Rekor log, v1 or v2.
//! - [`rekor`]: bodies of entries, and their binding to one envelope or message, signature and key.
//! - [`CtLogSet`]: SCTs embedded in a certificate.
//! - [`TimestampToken`]: RFC 3161 tokens, read from CMS.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod asn1;
mod certificate;
mod checkpoint;
mod cms;
mod log;
mod log_error;
mod log_set;
pub mod merkle;
mod note;
pub mod rekor;
mod sct;
mod sct_error;
mod timestamp;
mod timestamp_error;

pub use crate::asn1::{DerError, DerProblem};
pub use crate::checkpoint::{Checkpoint, CheckpointError};
pub use crate::log::Log;
pub use crate::log_error::{EntryMismatch, EntryPart, LogError};
pub use crate::log_set::{LogSet, VerifiedInclusion, VerifiedPromise};
pub use crate::note::{NoteError, NoteSignature, SignedNote};
pub use crate::sct::{CtLogSet, VerifiedSct};
pub use crate::sct_error::SctError;
pub use crate::timestamp::TimestampToken;
pub use crate::timestamp_error::{SignedAttribute, TimestampError};
