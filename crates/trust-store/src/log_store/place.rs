//! Where a log is kept, and how.

use std::path::Path;
use std::string::{String, ToString};

use super::directory::Directory;
use super::error::StoreError;
use super::files::Files;
use super::seen::{Prior, Seen};

/// Longest segment file, in bytes. A reader copies at most this much to prove that one head continues another.
const SEGMENT_BYTES: u64 = 8 << 20;
/// How long a writer waits for another, in milliseconds.
pub(super) const LOCK_WAIT: u64 = 10_000;

/// Where a log is kept, and where is remembered what was seen of it.
pub struct Place<F: Files = Directory> {
    pub(super) parent: F,
    pub(super) name: String,
    pub(super) seen: Option<Seen<F>>,
    pub(super) prior: Prior,
    pub(super) segment_bytes: u64,
    pub(super) lock_wait: u64,
}

impl Place<Directory> {
    /// The directory of this path. The directory above it must be there.
    ///
    /// # Errors
    /// Those of [`Directory::open`], for the directory above.
    pub fn at(path: &Path) -> Result<Self, StoreError> {
        let (parent, name) = split(path)?;
        Ok(Self::in_directory(parent, &name))
    }

    /// Remembers the latest head in the file of this path, which should not be in the store, nor be copied or put back with
    /// it. Without this, an older copy of the store cannot be told from the store.
    ///
    /// # Errors
    /// Those of [`Directory::open`], for the directory of the file.
    pub fn remembered_at(self, path: &Path) -> Result<Self, StoreError> {
        let (parent, name) = split(path)?;
        Ok(self.remembered_in(parent, &name))
    }
}

pub(super) fn split(path: &Path) -> Result<(Directory, String), StoreError> {
    let shown = || path.display().to_string();
    let absolute = std::path::absolute(path).map_err(|_| StoreError::NotFound { path: shown() })?;
    let name =
        absolute.file_name().and_then(|name| name.to_str()).ok_or_else(|| StoreError::NotFound { path: shown() })?;
    let parent = absolute.parent().unwrap_or_else(|| Path::new("/"));
    Ok((Directory::open(parent)?, name.to_string()))
}

impl<F: Files> Place<F> {
    /// The directory `name` in `parent`.
    #[must_use]
    pub fn in_directory(parent: F, name: &str) -> Self {
        Self {
            parent,
            name: name.to_string(),
            seen: None,
            prior: Prior::Keep,
            segment_bytes: SEGMENT_BYTES,
            lock_wait: LOCK_WAIT,
        }
    }

    /// Remembers the latest head in the file `name` in `directory`; see [`Place::remembered_at`].
    #[must_use]
    pub fn remembered_in(mut self, directory: F, name: &str) -> Self {
        self.seen = Some(Seen::new(directory, name.to_string()));
        self
    }

    /// Begins another segment file instead of letting one grow beyond so many bytes; 8 MiB unless said otherwise.
    #[must_use]
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Waits so long for another writer, in milliseconds; 10 seconds unless said otherwise.
    #[must_use]
    pub fn lock_wait(mut self, milliseconds: u64) -> Self {
        self.lock_wait = milliseconds;
        self
    }

    /// Opens the store also if it is older than what was seen, and forgets what was seen as soon as somebody has accepted what there
    /// is: [`LogStore::accepted`](crate::LogStore::accepted).
    ///
    /// # Left to the caller
    /// Asking a person who may decide that: changes of trust that came later, such as revocations, are gone.
    /// [`Ledger::open`](crate::ledger::Ledger::open) refuses such a log until its entries say that it was accepted.
    #[must_use]
    pub fn danger_accept_rollback(mut self) -> Self {
        self.prior = Prior::Replace;
        self
    }
}
