//! What SQLite and the files say, in the words of the store.

use rusqlite::{ErrorCode, ffi};
use stella_trust_store::StoreError as FilesError;

use crate::error::StoreError;

/// What went wrong in a statement or a transaction.
pub(super) enum Fault {
    /// SQLite says so.
    Database(rusqlite::Error),
    /// We do.
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<rusqlite::types::FromSqlError> for Fault {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        // A value of another type than was written.
        Self::Store(crate::error::corrupt("of SQLite", &error.to_string()))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// As an error of the store whose database is at `place`.
    pub(super) fn at(self, place: &str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Database(error) => from_sqlite(&error, place),
        }
    }
}

fn from_sqlite(error: &rusqlite::Error, place: &str) -> StoreError {
    let place = place.to_owned();
    let why = error.to_string();
    let Some(code) = error.sqlite_error_code() else {
        // A value of another type than was written, or a row that is missing.
        return StoreError::Corrupt { place, what: why };
    };
    let extended = error.sqlite_error().map(|error| error.extended_code);
    match code {
        ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::TypeMismatch
        | ErrorCode::ConstraintViolation => StoreError::Corrupt { place, what: why },
        // A database whose tables are not those that were made.
        ErrorCode::Unknown => StoreError::Corrupt { place, what: why },
        ErrorCode::DiskFull => StoreError::NoSpace { place },
        // The index of `attest.db-wal` could not grow.
        ErrorCode::SystemIoFailure if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => StoreError::NoSpace { place },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Busy { place, why }
        }
        ErrorCode::ReadOnly => StoreError::ReadOnly { place },
        ErrorCode::PermissionDenied => {
            StoreError::Permissions { place, found: why, expected: "owned by the running user, mode 0600".to_owned() }
        }
        ErrorCode::CannotOpen => StoreError::Io { place, operation: "open", why },
        _ => StoreError::Io { place, operation: "read or write", why },
    }
}

/// What the trust store's eye for files has to say.
pub(super) fn from_files(error: FilesError) -> StoreError {
    match error {
        FilesError::Locked { path, holder, waited } => StoreError::Locked { place: path, holder, waited },
        FilesError::NoSpace { path } => StoreError::NoSpace { place: path },
        FilesError::NotFound { path } => StoreError::NotFound { what: format!("store of attestations at {path}") },
        FilesError::Permissions { path, found, expected } => StoreError::Permissions { place: path, found, expected },
        FilesError::ReadOnly { path } => StoreError::ReadOnly { place: path },
        FilesError::SymlinkRefused { path, .. } => {
            StoreError::SymlinkRefused { place: path, found: "a link, or something that is no plain file" }
        }
        FilesError::UnsupportedFilesystem { path } => StoreError::UnsupportedFilesystem { place: path },
        FilesError::Corrupt { path, damage, .. } => StoreError::Corrupt { place: path, what: damage.to_string() },
        FilesError::Io { path, operation, os } => {
            StoreError::Io { place: path, operation, why: format!("error {os} of the operating system") }
        }
        error => StoreError::Io { place: "the store".to_owned(), operation: "open", why: error.to_string() },
    }
}
