//! A log in files.

use std::borrow::ToOwned;
use std::boxed::Box;
use std::string::String;
use std::sync::OnceLock;

use stella_transparency::merkle::Frontier;

use super::append::{put_segment, remove_temporary};
use super::error::{Damage, StoreError};
use super::files::{FileError, Files};
use super::guard;
use super::identity::{self, IDENTITY};
use super::layout::{self, Header, StoreId};
use super::lock::{self, Stopwatch};
use super::place::Place;
use super::seen::{Prior, Seen};
use super::segment::{self, Segment, TEMPORARY, put_file};
use super::store::{Head, LogStore, Visit, Visitor, check_sizes};
use super::walk::Step;

/// The lock file of the writer.
pub(super) const LOCK: &str = "lock";
/// The longest group, in bytes: a segment that holds nothing else.
const GROUP_BYTES: usize = 8 << 20;
/// A log in a directory of its own. Any number of processes may read while one writes; writers wait for each other.
///
/// A group of entries is written and synced before the mark that makes it count, and the mark is synced before
/// [`LogStore::append`] returns. What is behind the mark was never acknowledged; the next writer cuts it off. A record
/// before it that does not fit its checksum is [`StoreError::Corrupt`].
pub struct FileLog<F: Files = super::directory::Directory> {
    pub(super) files: F,
    pub(super) id: StoreId,
    pub(super) seen: Option<Seen<F>>,
    pub(super) stopwatch: Box<dyn Stopwatch + Send + Sync>,
    pub(super) segment_bytes: u64,
    pub(super) lock_wait: u64,
    /// What to do with a later head that is remembered, until this one was accepted.
    pub(super) prior: Prior,
    /// The file whose sync failed.
    pub(super) failed: OnceLock<String>,
}

impl<F: Files> FileLog<F> {
    /// Makes an empty store and opens it. A store whose making was interrupted is made anew.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when something is there already; [`StoreError::RollbackDetected`] when a store of this
    /// place was seen before; and whatever keeps files from being written.
    pub fn create(
        place: Place<F>,
        id: StoreId,
        stopwatch: Box<dyn Stopwatch + Send + Sync>,
    ) -> Result<Self, StoreError> {
        let files = make_directory(&place)?;
        let lock = lock::acquire(&files, LOCK, &*stopwatch, place.lock_wait)?;
        let names = files.names().map_err(|error| error.at(files.path(""), "list"))?;
        if identity::read(&files)?.is_some() {
            return Err(StoreError::AlreadyExists { path: files.path("") });
        }
        for name in &names {
            let ours = name == LOCK || name.ends_with(TEMPORARY) || *name == segment::name(0);
            if !ours || !identity::unfinished(&files)? {
                return Err(StoreError::AlreadyExists { path: files.path(name) });
            }
        }
        if let (Some(seen), Prior::Keep) = (&place.seen, place.prior)
            && let Some(memory) = seen.recall()?
        {
            return Err(StoreError::RollbackDetected { seen: memory.head, found: Head::empty() });
        }
        remove_temporary(&files, &names)?;
        let header = Header { id, base: Head::empty() };
        let sync_dir = || files.sync_dir().map_err(|error| error.at(files.path(""), "sync"));
        put_segment(&files, &header, &[], Frontier::default(), "")?;
        sync_dir()?;
        put_file(&files, IDENTITY, &[(0, identity::encode(&id).as_bytes())])?;
        sync_dir()?;
        drop(lock);
        let log = Self::with(files, id, place, stopwatch);
        log.remember(Head::empty())?;
        Ok(log)
    }

    /// Opens a store, and compares it with what was seen before as far as its marks and checksums tell. What it holds is remembered when
    /// somebody has verified it: [`LogStore::accepted`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Permissions`] and [`StoreError::SymlinkRefused`] when others could have changed
    /// it; [`StoreError::SchemaTooNew`]; [`StoreError::Corrupt`]; [`StoreError::RollbackDetected`]; or it cannot be read.
    pub fn open(place: Place<F>, stopwatch: Box<dyn Stopwatch + Send + Sync>) -> Result<Self, StoreError> {
        let path = || place.parent.path(&place.name);
        let files = place.parent.enter(&place.name).map_err(|error| error.at(path(), "open"))?;
        guard::check_store(&files)?;
        let Some(id) = identity::read(&files)? else {
            return Err(if identity::unfinished(&files)? {
                StoreError::NotFound { path: files.path(IDENTITY) }
            } else {
                StoreError::Corrupt { path: files.path(IDENTITY), offset: 0, damage: Damage::Missing }
            });
        };
        let log = Self::with(files, id, place, stopwatch);
        log.look()?;
        Ok(log)
    }

    fn with(files: F, id: StoreId, place: Place<F>, stopwatch: Box<dyn Stopwatch + Send + Sync>) -> Self {
        let Place { seen, segment_bytes, lock_wait, prior, .. } = place;
        Self { files, id, seen, stopwatch, segment_bytes, lock_wait, prior, failed: OnceLock::new() }
    }

    /// The id given when the store was made.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.id
    }

    /// Compares the store with what was seen before. Nothing is remembered yet: whoever can write here, and has no key, could make
    /// the genuine store look old.
    fn look(&self) -> Result<(), StoreError> {
        if let (Some(seen), Prior::Keep) = (&self.seen, self.prior)
            && let Some(memory) = seen.recall()?
        {
            self.compare(&memory, &self.current()?)?;
        }
        Ok(())
    }

    /// Remembers a head that is durable.
    fn remember(&self, head: Head) -> Result<(), StoreError> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let lock = seen.lock(&*self.stopwatch, self.lock_wait)?;
        seen.remember(&lock, self.id, head, self.prior)
    }

    fn take_note(&self, head: &Head) -> Result<(), StoreError> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let memory = seen.recall_unless(self.prior)?;
        let is_known = memory.as_ref().is_some_and(|memory| memory.id == self.id && memory.head.size >= head.size);
        if is_known && self.prior == Prior::Keep {
            return Ok(());
        }
        // What is remembered must be durable, or a power loss would make the store look older than itself.
        let current = self.current()?;
        self.files.sync_file(&current.file).map_err(|error| current.io(error, "sync"))?;
        if current.mark.generation <= 1 {
            self.sync_dir()?;
        }
        if memory.is_none() || self.prior == Prior::Replace {
            return match self.remember(*head) {
                Err(StoreError::ReadOnly { .. }) if self.prior == Prior::Keep => Ok(()),
                other => other,
            };
        }
        // A reader waits for nobody, and a store can be read where nothing can be written: there is a memory, and it still holds.
        let remembered = seen.try_lock().and_then(|lock| match lock {
            Some(lock) => seen.remember(&lock, self.id, *head, self.prior),
            None => Ok(()),
        });
        match remembered {
            Err(StoreError::ReadOnly { .. } | StoreError::NoSpace { .. } | StoreError::Permissions { .. }) => Ok(()),
            other => other,
        }
    }

    /// Whether `current` continues what was seen.
    pub(super) fn compare(&self, memory: &super::seen::Memory, current: &Segment<'_, F>) -> Result<(), StoreError> {
        let found = current.mark.head;
        let continues = memory.id == self.id
            && match memory.head.size {
                size if size > found.size => false,
                size if size == found.size => memory.head.root == found.root,
                size => self.root_at(size)? == Some(memory.head.root),
            };
        if continues { Ok(()) } else { Err(StoreError::RollbackDetected { seen: memory.head, found }) }
    }

    pub(super) fn sync_dir(&self) -> Result<(), StoreError> {
        self.files.sync_dir().map_err(|error| self.sync_failed(error, self.files.path("")))
    }

    /// A disk that turns out to be full only now has also lost what was written, so it is no smaller failure than any other: this
    /// handle changes nothing any more.
    pub(super) fn sync_failed(&self, error: FileError, path: String) -> StoreError {
        let _ = self.failed.set(path.clone());
        error.at(path, "sync")
    }
}

impl<F: Files> LogStore for FileLog<F> {
    fn head(&self) -> Result<Head, StoreError> {
        self.current().map(|segment| segment.mark.head)
    }

    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        check_sizes(entries, checkpoint)?;
        let found = layout::group_bytes(entries, 64, checkpoint);
        if found > GROUP_BYTES {
            return Err(StoreError::TooLarge { what: "the group of entries", found, limit: GROUP_BYTES });
        }
        if let Some(path) = self.failed.get() {
            return Err(StoreError::Failed { path: path.clone() });
        }
        let appended = self.append_locked(expected, entries, checkpoint);
        if let Err(StoreError::Io { path, operation: "sync", .. }) = &appended {
            let _ = self.failed.set(path.clone());
        }
        appended
    }

    fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        self.walk(from, &mut |step| match step {
            Step::Entry(sequence, entry) if sequence >= from => visit(sequence, entry),
            _ => Ok(Visit::Continue),
        })
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        let current = self.current()?;
        current.last_commit(|commit| (!commit.checkpoint.is_empty()).then(|| commit.checkpoint.to_owned()))
    }

    fn seen(&self) -> Result<Option<Head>, StoreError> {
        let Some(seen) = &self.seen else { return Ok(None) };
        Ok(seen.recall_unless(self.prior)?.map(|memory| memory.head))
    }

    fn accepted(&mut self, head: &Head) -> Result<(), StoreError> {
        self.take_note(head)?;
        self.prior = Prior::Keep;
        Ok(())
    }
}

/// Makes the directory of a store, if it is not there, and opens it.
pub(super) fn make_directory<F: Files>(place: &Place<F>) -> Result<F, StoreError> {
    let path = || place.parent.path(&place.name);
    match place.parent.make_dir(&place.name) {
        Ok(()) | Err(FileError::Exists) => {}
        Err(error) => return Err(error.at(path(), "create")),
    }
    place.parent.sync_dir().map_err(|error| error.at(place.parent.path(""), "sync"))?;
    let files = place.parent.enter(&place.name).map_err(|error| error.at(path(), "open"))?;
    guard::check_store(&files)?;
    Ok(files)
}
