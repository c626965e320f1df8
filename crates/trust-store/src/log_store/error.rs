//! Why a log could not be read or written.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use super::store::Head;

/// Why a log could not be read or written. `path` is the file or directory concerned, as text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// There is a store already where one should be made.
    AlreadyExists {
        /// Where.
        path: String,
    },
    /// Too many are at a store in a database at once; nothing was changed, and the same may go through later.
    Busy {
        /// Where.
        path: String,
        /// What kept it.
        why: String,
    },
    /// A file is not what was written.
    Corrupt {
        /// Which.
        path: String,
        /// Where in it, in bytes from its start.
        offset: u64,
        /// What is wrong there.
        damage: Damage,
    },
    /// Something in a store in a database is not what was written.
    Damaged {
        /// Which database, or which table.
        path: String,
        /// What is wrong there.
        what: String,
    },
    /// A database, or the connection to it, failed.
    Database {
        /// Which, without secrets.
        path: String,
        /// Doing what: `connect`, `read`, `commit` …
        operation: &'static str,
        /// What it said.
        why: String,
    },
    /// An earlier write of this handle could not be made durable, so nobody knows what the disk holds; open the store again.
    Failed {
        /// The file that could not be synced.
        path: String,
    },
    /// The entries were built on a head that is not the head any more.
    HeadMoved {
        /// What they were built on.
        expected: Head,
        /// Where the log ends.
        found: Head,
    },
    /// The operating system failed.
    Io {
        /// At what.
        path: String,
        /// Doing what: `read`, `write`, `sync` …
        operation: &'static str,
        /// Its error number.
        os: i32,
    },
    /// Another process holds the store for writing and did not let go in time.
    Locked {
        /// The lock file.
        path: String,
        /// The process id written in it.
        holder: Option<u32>,
        /// How long was waited, in milliseconds.
        waited: u64,
    },
    /// The disk is full, or a quota is reached.
    NoSpace {
        /// At what.
        path: String,
    },
    /// There is no store.
    NotFound {
        /// Where.
        path: String,
    },
    /// Others than its owner could change a file or directory, or it may not be used.
    Permissions {
        /// Which.
        path: String,
        /// Its mode and owner.
        found: String,
        /// What they should be.
        expected: String,
    },
    /// The store can only be read.
    ReadOnly {
        /// Where.
        path: String,
    },
    /// The store is older than one seen before, or another one.
    RollbackDetected {
        /// The latest head seen before.
        seen: Head,
        /// The head found.
        found: Head,
    },
    /// The store was written by a newer version.
    SchemaTooNew {
        /// Its version.
        found: u64,
        /// The latest version known here.
        supported: u64,
    },
    /// A file or directory of the store is a link, or nothing that a store consists of.
    SymlinkRefused {
        /// Which.
        path: String,
        /// What it is.
        kind: LinkKind,
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
        path: String,
    },
}

/// What is wrong with a file of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The checksum of a record is that of other bytes.
    Checksum,
    /// The file is shorter than what was written to it.
    CutShort,
    /// It is of another store.
    ForeignStore,
    /// There is a gap in the sequence numbers.
    Gap,
    /// Neither copy of the mark that says where the log ends can be read.
    MarkLost,
    /// A file that the others speak of is missing.
    Missing,
    /// The root recorded is not the root of the entries.
    RootMismatch,
    /// A record has no known form.
    UnknownRecord,
}

/// What stands where a plain file or directory should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkKind {
    /// A file with more than one name.
    HardLinked,
    /// Neither a plain file nor a directory, or one in the place of the other.
    Special,
    /// A symbolic link.
    Symlink,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyExists { .. } => f.write_str("there is a store already"),
            Self::Busy { why, .. } => write!(f, "the store is busy: {}", Bounded(why, 200)),
            Self::Corrupt { damage, .. } => write!(f, "the store is damaged: {damage}"),
            Self::Damaged { what, .. } => write!(f, "the store is damaged: {}", Bounded(what, 200)),
            Self::Database { operation, why, .. } => write!(f, "could not {operation}: {}", Bounded(why, 200)),
            Self::Failed { .. } => f.write_str("an earlier change could not be made durable; open the store again"),
            Self::HeadMoved { expected, found } => write!(
                f,
                "the store has changed since: the change was built on {} entries and there are {}",
                expected.size, found.size
            ),
            Self::Io { operation, os, .. } => write!(f, "the operating system could not {operation} (error {os})"),
            Self::Locked { holder: Some(holder), waited, .. } => {
                write!(f, "process {holder} holds the store and did not let go within {waited} ms")
            }
            Self::Locked { holder: None, waited, .. } => {
                write!(f, "another process holds the store and did not let go within {waited} ms")
            }
            Self::NoSpace { .. } => f.write_str("the disk is full, or a quota is reached"),
            Self::NotFound { .. } => f.write_str("there is no store"),
            Self::Permissions { found, expected, .. } => {
                write!(f, "it is {}, and should be {}", Bounded(found, 100), Bounded(expected, 100))
            }
            Self::ReadOnly { .. } => f.write_str("the store can only be read"),
            Self::RollbackDetected { seen, found } if seen.size > found.size => {
                write!(f, "the store has {} entries, and {} were seen before", found.size, seen.size)
            }
            Self::RollbackDetected { .. } => f.write_str("the store does not continue the one that was seen before"),
            Self::SchemaTooNew { found, supported } => {
                write!(f, "the store has version {found}, and versions up to {supported} are known here")
            }
            Self::SymlinkRefused { kind, .. } => write!(f, "{kind} stands where the store has a file or directory"),
            Self::TooLarge { what, found, limit } => {
                write!(f, "{what} has {found} bytes, and {limit} are allowed")
            }
            Self::UnsupportedFilesystem { .. } => f.write_str("the file system has no locks that can be relied on"),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Checksum => "the checksum of a record does not fit",
            Self::CutShort => "the file is shorter than what was written",
            Self::ForeignStore => "the file is of another store",
            Self::Gap => "entries are missing",
            Self::MarkLost => "the mark where the log ends cannot be read",
            Self::Missing => "a file is missing",
            Self::RootMismatch => "the root recorded is not that of the entries",
            Self::UnknownRecord => "a record has no known form",
        })
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HardLinked => "a file with several names",
            Self::Special => "something else",
            Self::Symlink => "a symbolic link",
        })
    }
}

impl core::error::Error for StoreError {}

impl Reason for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Corrupt { .. } | Self::Damaged { .. } => Code::StoreCorrupt,
            Self::AlreadyExists { .. } => Code::UsageConflict,
            Self::Database { .. } | Self::Failed { .. } | Self::Io { .. } => Code::StoreIo,
            Self::Busy { .. } | Self::HeadMoved { .. } => Code::StoreBusy,
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
            Self::AlreadyExists { path }
            | Self::Busy { path, .. }
            | Self::Damaged { path, .. }
            | Self::Database { path, .. }
            | Self::Failed { path }
            | Self::Io { path, .. }
            | Self::Locked { path, .. }
            | Self::NoSpace { path }
            | Self::NotFound { path }
            | Self::Permissions { path, .. }
            | Self::ReadOnly { path }
            | Self::SymlinkRefused { path, .. }
            | Self::UnsupportedFilesystem { path } => Some(Bounded(path, 400).to_string()),
            Self::Corrupt { path, offset, .. } => Some(format!("{}, byte {offset}", Bounded(path, 400))),
            Self::HeadMoved { .. }
            | Self::RollbackDetected { .. }
            | Self::SchemaTooNew { .. }
            | Self::TooLarge { .. } => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::HeadMoved { found, .. } | Self::RollbackDetected { found, .. } => Some(found.to_string()),
            Self::Permissions { found, .. } => Some(Bounded(found, 200).to_string()),
            Self::SchemaTooNew { found, .. } => Some(found.to_string()),
            Self::SymlinkRefused { kind, .. } => Some(kind.to_string()),
            Self::TooLarge { found, .. } => Some(format!("{found} bytes")),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::HeadMoved { expected, .. } => Some(expected.to_string()),
            Self::Permissions { expected, .. } => Some(Bounded(expected, 200).to_string()),
            Self::RollbackDetected { seen, .. } => Some(seen.to_string()),
            Self::SchemaTooNew { supported, .. } => Some(format!("at most {supported}")),
            Self::SymlinkRefused { .. } => Some("a plain file with one name, or a directory".to_string()),
            Self::TooLarge { limit, .. } => Some(format!("at most {limit} bytes")),
            _ => None,
        }
    }
}
