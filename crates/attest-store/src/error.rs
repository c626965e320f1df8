//! Why a store could not be read or written.

use std::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

/// Why a store could not be read or written. `place` is a path, or a server and schema without secrets, as text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// There is a store already where one should be made.
    AlreadyExists {
        /// Where.
        place: String,
    },
    /// Too many are at it at once; nothing was changed, and the same may go through later.
    Busy {
        /// Where.
        place: String,
        /// What kept it: a deadlock, a time-out, no connection left.
        why: String,
    },
    /// Something kept is not what was written.
    Corrupt {
        /// The file, table or index.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// There was a store: what its database leaves is there, and the database is not.
    DatabaseMissing {
        /// Where it should be.
        place: String,
        /// What is there.
        beside: String,
    },
    /// An earlier write of this handle may or may not be durable; open the store again.
    Failed {
        /// Where.
        place: String,
    },
    /// The operating system, the database or the connection failed.
    Io {
        /// At what.
        place: String,
        /// Doing what: `open`, `read`, `write`, `sync`, `connect` …
        operation: &'static str,
        /// What it said.
        why: String,
    },
    /// Another process holds the store for writing and did not let go in time.
    Locked {
        /// Where.
        place: String,
        /// The process id, if it is known.
        holder: Option<u32>,
        /// How long was waited, in milliseconds.
        waited: u64,
    },
    /// The disk is full, or a quota is reached.
    NoSpace {
        /// Where.
        place: String,
    },
    /// Arrivals that were to be taken over do not continue those that are there.
    NotAContinuation {
        /// The sequence number of the first that does not.
        sequence: u64,
    },
    /// What was asked for is not there.
    NotFound {
        /// What.
        what: String,
    },
    /// Others than its owner could change it, or it may not be used.
    Permissions {
        /// What.
        place: String,
        /// As it is.
        found: String,
        /// As it should be.
        expected: String,
    },
    /// The store can only be read.
    ReadOnly {
        /// Where.
        place: String,
    },
    /// The store is older than it was when it was last seen from here, or another one.
    RollbackDetected {
        /// Where.
        place: String,
        /// What was seen.
        seen: String,
        /// What is there.
        found: String,
    },
    /// The store was written by a newer version.
    SchemaTooNew {
        /// Where.
        place: String,
        /// Its version.
        found: u64,
        /// The latest version known here.
        supported: u64,
    },
    /// A file or directory of the store is a link, or nothing that a store consists of.
    SymlinkRefused {
        /// Which.
        place: String,
        /// What it is.
        found: &'static str,
    },
    /// Something is longer than the store takes.
    TooLarge {
        /// What.
        what: &'static str,
        /// Its length in bytes.
        found: usize,
        /// The longest taken, in bytes.
        limit: usize,
    },
    /// The file system has no locks.
    UnsupportedFilesystem {
        /// Where.
        place: String,
    },
}

/// What is to be said of a table that does not hold what was written.
pub(crate) fn corrupt(table: &str, what: &str) -> StoreError {
    StoreError::Corrupt { place: format!("table {table}"), what: what.to_owned() }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyExists { .. } => f.write_str("there is a store of attestations already"),
            Self::Busy { why, .. } => write!(f, "the store is busy: {}", Bounded(why, 200)),
            Self::Corrupt { what, .. } => write!(f, "the store of attestations is damaged: {}", Bounded(what, 200)),
            Self::DatabaseMissing { beside, .. } => {
                write!(f, "the database of the attestations is missing, and {} is there", Bounded(beside, 300))
            }
            Self::Failed { .. } => {
                f.write_str("nobody knows whether an earlier write is durable; open the store again")
            }
            Self::Io { operation, why, .. } => write!(f, "could not {operation}: {}", Bounded(why, 200)),
            Self::Locked { holder: Some(holder), waited, .. } => {
                write!(f, "process {holder} holds the store and did not let go within {waited} ms")
            }
            Self::Locked { holder: None, waited, .. } => {
                write!(f, "another process holds the store and did not let go within {waited} ms")
            }
            Self::NoSpace { .. } => f.write_str("the disk is full, or a quota is reached"),
            Self::NotAContinuation { sequence } => {
                write!(f, "arrival {sequence} does not continue the arrivals of the other store")
            }
            Self::NotFound { what } => write!(f, "there is no {}", Bounded(what, 200)),
            Self::Permissions { .. } => f.write_str("others could change it, or it may not be used"),
            Self::ReadOnly { .. } => f.write_str("the store can only be read"),
            Self::RollbackDetected { .. } => f.write_str("the store is older than it was, or another one"),
            Self::SchemaTooNew { found, supported, .. } => {
                write!(f, "the store has version {found}, and versions up to {supported} are known here")
            }
            Self::SymlinkRefused { found, .. } => write!(f, "{found} stands where the store has a file or directory"),
            Self::TooLarge { what, found, limit } => {
                write!(f, "{what} has {found} bytes, and {limit} are allowed")
            }
            Self::UnsupportedFilesystem { .. } => f.write_str("the file system has no locks that can be relied on"),
        }
    }
}

impl std::error::Error for StoreError {}

impl Reason for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::AlreadyExists { .. } | Self::NotAContinuation { .. } => Code::UsageConflict,
            Self::Busy { .. } => Code::StoreBusy,
            Self::Corrupt { .. } | Self::DatabaseMissing { .. } => Code::StoreCorrupt,
            Self::Failed { .. } | Self::Io { .. } => Code::StoreIo,
            Self::Locked { .. } => Code::StoreLocked,
            Self::NoSpace { .. } => Code::StoreNoSpace,
            Self::NotFound { .. } => Code::StoreNotFound,
            Self::Permissions { .. } => Code::StorePermissions,
            Self::ReadOnly { .. } => Code::StoreReadOnly,
            Self::RollbackDetected { .. } => Code::StoreRollbackDetected,
            Self::SchemaTooNew { .. } => Code::StoreSchemaTooNew,
            Self::SymlinkRefused { .. } => Code::StoreSymlinkRefused,
            Self::TooLarge { .. } => Code::InputTooLarge,
            Self::UnsupportedFilesystem { .. } => Code::StoreUnsupportedFilesystem,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::AlreadyExists { place }
            | Self::Busy { place, .. }
            | Self::Corrupt { place, .. }
            | Self::DatabaseMissing { place, .. }
            | Self::Failed { place }
            | Self::Io { place, .. }
            | Self::Locked { place, .. }
            | Self::NoSpace { place }
            | Self::Permissions { place, .. }
            | Self::ReadOnly { place }
            | Self::RollbackDetected { place, .. }
            | Self::SchemaTooNew { place, .. }
            | Self::SymlinkRefused { place, .. }
            | Self::UnsupportedFilesystem { place } => Some(Bounded(place, 400).to_string()),
            Self::NotAContinuation { .. } | Self::NotFound { .. } | Self::TooLarge { .. } => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Permissions { found, .. } | Self::RollbackDetected { found, .. } => {
                Some(Bounded(found, 200).to_string())
            }
            Self::SchemaTooNew { found, .. } => Some(found.to_string()),
            Self::SymlinkRefused { found, .. } => Some((*found).to_string()),
            Self::TooLarge { found, .. } => Some(format!("{found} bytes")),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Permissions { expected, .. } => Some(Bounded(expected, 200).to_string()),
            Self::RollbackDetected { seen, .. } => Some(Bounded(seen, 200).to_string()),
            Self::SchemaTooNew { supported, .. } => Some(format!("at most {supported}")),
            Self::SymlinkRefused { .. } => Some("a plain file with one name, or a directory".to_string()),
            Self::TooLarge { limit, .. } => Some(format!("at most {limit} bytes")),
            _ => None,
        }
    }
}
