//! The memory of a log that is kept elsewhere than in files.

use std::boxed::Box;
use std::path::Path;

use super::directory::Directory;
use super::error::StoreError;
use super::files::Files;
use super::layout::StoreId;
use super::lock::Stopwatch;
use super::place::{LOCK_WAIT, split};
use super::seen::{Prior, Seen};
use super::store::Head;

/// The latest head that was seen of a log, in a file apart from the log: the same file that [`Place::remembered_at`](super::fs::Place::remembered_at)
/// names for a log in files. Whoever keeps a log elsewhere compares it with this, and so notices an older copy in its place.
pub struct Remembered<F: Files = Directory> {
    seen: Seen<F>,
    stopwatch: Box<dyn Stopwatch + Send + Sync>,
    prior: Prior,
}

impl Remembered<Directory> {
    /// The file of this path. Its directory must be there; the file is made when there is something to remember.
    ///
    /// # Errors
    /// Those of [`Directory::open`], for the directory of the file.
    pub fn at(path: &Path, stopwatch: Box<dyn Stopwatch + Send + Sync>) -> Result<Self, StoreError> {
        let (directory, name) = split(path)?;
        Ok(Self { seen: Seen::new(directory, name), stopwatch, prior: Prior::Keep })
    }
}

impl<F: Files> Remembered<F> {
    /// Lets another log stand in the place of the one that is remembered, as soon as it was accepted.
    ///
    /// # Left to the caller
    /// Asking a person who may decide that; see [`Place::danger_accept_rollback`](super::fs::Place::danger_accept_rollback).
    #[must_use]
    pub fn danger_accept_rollback(mut self) -> Self {
        self.prior = Prior::Replace;
        self
    }

    /// Whether another log may stand in the place of the one that is remembered.
    #[must_use]
    pub fn accepts_rollback(&self) -> bool {
        self.prior == Prior::Replace
    }

    /// What is remembered: of which log, and its head; `None` when none was seen.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if it cannot be read any more, unless it is to be replaced; what keeps the file from being read.
    pub fn recall(&self) -> Result<Option<(StoreId, Head)>, StoreError> {
        Ok(self.seen.recall_unless(self.prior)?.map(|memory| (memory.id, memory.head)))
    }

    /// Remembers a head that this process has made durable, unless a later one is remembered already, or another log that nobody has given up
    /// yet.
    ///
    /// # Errors
    /// It could not be written.
    pub fn appended(&self, id: StoreId, head: Head) -> Result<(), StoreError> {
        if self.prior == Prior::Replace {
            return Ok(());
        }
        let lock = self.seen.lock(&*self.stopwatch, LOCK_WAIT)?;
        self.seen.remember(&lock, id, head, Prior::Keep)
    }

    /// Remembers a durable head up to which somebody has verified the log, and that this log is the one to go on with. Where a head of this log is
    /// remembered already, nobody is waited for, and a place where nothing can be written is no failure.
    ///
    /// # Errors
    /// It could not be written, and nothing else is remembered.
    pub fn accepted(&mut self, id: StoreId, head: Head) -> Result<(), StoreError> {
        let memory = self.recall()?;
        let is_known = memory.is_some_and(|(known, at)| known == id && at.size >= head.size);
        if !is_known || self.prior == Prior::Replace {
            self.take_note(memory.is_some(), id, head)?;
        }
        self.prior = Prior::Keep;
        Ok(())
    }

    fn take_note(&self, is_there: bool, id: StoreId, head: Head) -> Result<(), StoreError> {
        if !is_there || self.prior == Prior::Replace {
            let lock = self.seen.lock(&*self.stopwatch, LOCK_WAIT);
            return match lock.and_then(|lock| self.seen.remember(&lock, id, head, self.prior)) {
                Err(StoreError::ReadOnly { .. }) if self.prior == Prior::Keep => Ok(()),
                other => other,
            };
        }
        let remembered = self.seen.try_lock().and_then(|lock| match lock {
            Some(lock) => self.seen.remember(&lock, id, head, self.prior),
            None => Ok(()),
        });
        match remembered {
            Err(StoreError::ReadOnly { .. } | StoreError::NoSpace { .. } | StoreError::Permissions { .. }) => Ok(()),
            other => other,
        }
    }
}
