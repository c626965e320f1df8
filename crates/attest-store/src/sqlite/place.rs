//! Where an embedded store lies.

use std::path::{Path, PathBuf};

use stella_trust_store::fs::{Access, Directory, FileError, Files, Stopwatch, check_store, open};

use super::fault::from_files;
use crate::error::StoreError;

/// The database.
pub(super) const DATABASE: &str = "attest.db";
/// A database that is being made.
pub(super) const UNFINISHED: &str = "attest.db.new";
/// What SQLite puts beside the database.
const COMPANIONS: [&str; 3] = ["attest.db-wal", "attest.db-shm", "attest.db-journal"];
/// The directory of the segments.
pub(super) const SEGMENTS: &str = "attest";

/// For how long a writer waits for another, in milliseconds.
const WAIT: u64 = 10_000;
/// How long a segment gets, in bytes, before the next one is begun.
const SEGMENT_BYTES: u64 = 1 << 30;

/// A home that holds a store, or is to hold one.
pub struct Place {
    pub(super) path: PathBuf,
    pub(super) stopwatch: Box<dyn Stopwatch + Send>,
    pub(super) wait: u64,
    pub(super) segment_bytes: u64,
}

impl Place {
    /// The directory `home`. The stopwatch is for waiting only.
    #[must_use]
    pub fn at(home: &Path, stopwatch: Box<dyn Stopwatch + Send>) -> Self {
        Self { path: home.to_path_buf(), stopwatch, wait: WAIT, segment_bytes: SEGMENT_BYTES }
    }

    /// Begins another segment once one has this many bytes.
    #[must_use]
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes.max(1);
        self
    }

    /// How long a writer waits for another, in milliseconds; 10 seconds, if nothing is said.
    #[must_use]
    pub fn lock_wait(mut self, milliseconds: u64) -> Self {
        self.wait = milliseconds;
        self
    }

    pub(super) fn shown(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// The directory, looked at with every one above it.
    pub(super) fn directory(&self) -> Result<Directory, StoreError> {
        let directory = Directory::open(&self.path).map_err(from_files)?;
        check_store(&directory).map_err(from_files)?;
        Ok(directory)
    }
}

/// Looks at the database and what SQLite puts beside it: plain files that nobody else can change.
pub(super) fn check_database(home: &Directory) -> Result<(), StoreError> {
    match open(home, DATABASE, Access::Read) {
        Ok(_) => {}
        Err(stella_trust_store::StoreError::NotFound { path }) => {
            return Err(StoreError::NotFound { what: format!("store of attestations at {path}") });
        }
        Err(error) => return Err(from_files(error)),
    }
    for companion in COMPANIONS {
        match open(home, companion, Access::Read) {
            Ok(_) | Err(stella_trust_store::StoreError::NotFound { .. }) => {}
            Err(error) => return Err(from_files(error)),
        }
    }
    Ok(())
}

/// The directory of the segments.
pub(super) fn segments(home: &Directory) -> Result<Directory, StoreError> {
    let directory = home.enter(SEGMENTS).map_err(|error| match error {
        FileError::NotFound => {
            StoreError::Corrupt { place: home.path(SEGMENTS), what: "the directory of the segments is missing".into() }
        }
        error => from_file(error, home.path(SEGMENTS), "open"),
    })?;
    check_store(&directory).map_err(from_files)?;
    Ok(directory)
}

/// What the operating system said about a file.
pub(super) fn from_file(error: FileError, place: String, operation: &'static str) -> StoreError {
    match error {
        FileError::Exists => StoreError::AlreadyExists { place },
        FileError::Link(_) => StoreError::SymlinkRefused { place, found: "a link, or something that is no plain file" },
        FileError::NoLocks => StoreError::UnsupportedFilesystem { place },
        FileError::NoSpace => StoreError::NoSpace { place },
        FileError::NotFound => StoreError::NotFound { what: format!("file {place}") },
        FileError::Os(os) => StoreError::Io { place, operation, why: format!("error {os} of the operating system") },
        FileError::Permission => StoreError::Permissions {
            place,
            found: "not accessible".into(),
            expected: "owned by the running user, directories with mode 0700 and files with mode 0600".into(),
        },
        FileError::ReadOnly => StoreError::ReadOnly { place },
        error => StoreError::Io { place, operation, why: format!("{error:?}") },
    }
}
