//! Where an embedded store lies.

use std::path::{Path, PathBuf};

use stella_trust_store::fs::{Directory, FileError, Files, Stopwatch, check_store};

use super::fault::from_files;
use super::latest;
use crate::error::StoreError;

/// The database.
pub(super) const DATABASE: &str = "attest.db";
/// A database that is being made.
pub(super) const UNFINISHED: &str = "attest.db.new";
/// What is committed and not yet in the database.
pub(super) const LOG: &str = "attest.db-wal";
/// What SQLite puts beside the database.
const COMPANIONS: [&str; 3] = [LOG, "attest.db-shm", "attest.db-journal"];
/// The directory of the segments.
pub(super) const SEGMENTS: &str = "attest";
/// How the name of a segment ends.
pub(super) const SEGMENT: &str = ".seg";

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
///
/// None of them is opened. SQLite's locks belong to the process, and closing a descriptor of ours would drop those of every other handle, while SQLite
/// goes on believing that it has them (<https://sqlite.org/howtocorrupt.html> section 2.2).
pub(super) fn check_database(home: &Directory) -> Result<(), StoreError> {
    if !is_there(home, DATABASE)? {
        let beside = left_behind(home)?;
        // Again: it may have been made while what belongs to it was looked for.
        if !is_there(home, DATABASE)? {
            let place = home.path(DATABASE);
            return Err(match beside {
                Some(beside) => StoreError::DatabaseMissing { place, beside },
                None => StoreError::NotFound { what: format!("store of attestations at {place}") },
            });
        }
    }
    for companion in COMPANIONS {
        is_there(home, companion)?;
    }
    Ok(())
}

/// Whether files can be made in a directory.
pub(super) fn can_be_written(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok()
}

/// Whether the database has a log.
pub(super) fn has_log(home: &Directory) -> Result<bool, StoreError> {
    is_there(home, LOG)
}

/// Whether there is a file of this name, which may be believed.
fn is_there(home: &Directory, name: &str) -> Result<bool, StoreError> {
    match home.look_at(name) {
        Ok(()) => Ok(true),
        Err(stella_trust_store::StoreError::NotFound { .. }) => Ok(false),
        Err(error) => Err(from_files(error)),
    }
}

/// What only a database leaves: a new one would write over the documents of the old one, and SQLite would play the log of the old one into it.
fn left_behind(home: &Directory) -> Result<Option<String>, StoreError> {
    for companion in COMPANIONS {
        if is_there(home, companion)? {
            return Ok(Some(home.path(companion)));
        }
    }
    let segments = match home.enter(SEGMENTS) {
        Ok(segments) => segments,
        Err(FileError::NotFound) => return Ok(None),
        Err(error) => return Err(from_file(error, home.path(SEGMENTS), "open")),
    };
    let names = segments.names().map_err(|error| from_file(error, segments.path(""), "read"))?;
    let is_left = |name: &String| name.ends_with(SEGMENT) || name == latest::NAME;
    Ok(names.iter().any(is_left).then(|| segments.path("")))
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
