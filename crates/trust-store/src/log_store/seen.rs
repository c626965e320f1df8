//! The latest head that was seen of a store, kept away from it, so that an older copy put in its place is noticed.
//!
//! The file has two sectors that are written turn by turn, each `magic 8 │ store id 32 │ generation 8 │ size 8 │ root 32 │ crc 4`.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::crc32c::Crc32c;
use super::error::{Damage, StoreError};
use super::files::{Access, FileError, Files};
use super::guard;
use super::layout::{Fields, SECTOR, StoreId, seal};
use super::lock::{self, Lock};
use super::segment::{put_file, read_small, write_full};
use super::store::Head;

const MAGIC: [u8; 8] = *b"stellasn";

/// Where the latest head is remembered.
pub(super) struct Seen<F: Files> {
    files: F,
    name: String,
}

/// What is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) id: StoreId,
    pub(super) head: Head,
    generation: u64,
}

impl<F: Files> Seen<F> {
    pub(super) fn new(files: F, name: String) -> Self {
        Self { files, name }
    }

    /// `None` when this store was never seen.
    pub(super) fn recall(&self) -> Result<Option<Memory>, StoreError> {
        let bytes = match read_small(&self.files, &self.name, 2 * SECTOR) {
            Ok(bytes) => bytes,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let memories = bytes.chunks(SECTOR).filter_map(Memory::decode);
        let latest = memories.max_by_key(|memory| memory.generation);
        let lost = || StoreError::Corrupt { path: self.files.path(&self.name), offset: 0, damage: Damage::MarkLost };
        latest.map(Some).ok_or_else(lost)
    }

    /// What cannot be read any more need not be known where it is to be replaced.
    pub(super) fn recall_unless(&self, prior: Prior) -> Result<Option<Memory>, StoreError> {
        match self.recall() {
            Err(StoreError::Corrupt { .. }) if prior == Prior::Replace => Ok(None),
            other => other,
        }
    }

    pub(super) fn lock(&self, stopwatch: &dyn lock::Stopwatch, wait: u64) -> Result<Lock<F>, StoreError> {
        lock::acquire(&self.files, &self.lock_name(), stopwatch, wait)
    }

    pub(super) fn try_lock(&self) -> Result<Option<Lock<F>>, StoreError> {
        lock::try_acquire(&self.files, &self.lock_name())
    }

    /// Remembers a head that is durable, unless a later one of the same store is remembered already.
    pub(super) fn remember(&self, _held: &Lock<F>, id: StoreId, head: Head, prior: Prior) -> Result<(), StoreError> {
        let Some(known) = self.recall_unless(prior)? else {
            return self.create(Memory { id, head, generation: 1 });
        };
        if known.generation == 1 {
            // Whoever wrote it may have ended before its name was durable.
            self.sync_dir()?;
        }
        if prior == Prior::Keep && known.id == id && known.head.size >= head.size {
            return Ok(());
        }
        let memory = Memory { id, head, generation: known.generation.saturating_add(1) };
        let (file, _) = guard::open(&self.files, &self.name, Access::Write)?;
        write_full(&self.files, &file, &self.name, &memory.encode(), memory.offset())?;
        self.files.sync_file(&file).map_err(|error| self.error(error, "sync"))
    }

    fn create(&self, memory: Memory) -> Result<(), StoreError> {
        let temporary = format!("{}{}", self.name, super::segment::TEMPORARY);
        match self.files.remove(&temporary) {
            Ok(()) | Err(FileError::NotFound) => {}
            Err(error) => return Err(self.error(error, "remove")),
        }
        let sector = memory.encode();
        put_file(&self.files, &self.name, &[(0, &sector), (SECTOR as u64, &sector)])?;
        self.sync_dir()
    }

    fn sync_dir(&self) -> Result<(), StoreError> {
        self.files.sync_dir().map_err(|error| error.at(self.files.path(""), "sync"))
    }

    fn lock_name(&self) -> String {
        format!("{}.lock", self.name)
    }

    fn error(&self, error: FileError, operation: &'static str) -> StoreError {
        error.at(self.files.path(&self.name), operation)
    }
}

/// What to do with a later head that is remembered already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prior {
    Keep,
    Replace,
}

impl Memory {
    fn offset(&self) -> u64 {
        if self.generation.is_multiple_of(2) { 0 } else { SECTOR as u64 }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SECTOR);
        bytes.extend(MAGIC);
        bytes.extend(self.id.as_bytes());
        bytes.extend(self.generation.to_le_bytes());
        bytes.extend(self.head.size.to_le_bytes());
        bytes.extend(self.head.root);
        seal(bytes, Crc32c::new())
    }

    fn decode(sector: &[u8]) -> Option<Self> {
        let mut fields = Fields::checked(sector, 88, Crc32c::new())?;
        if fields.take()? != MAGIC {
            return None;
        }
        let (id, generation) = (StoreId::from_bytes(fields.take()?), fields.number()?);
        Some(Self { id, generation, head: Head { size: fields.number()?, root: fields.take()? } })
    }
}
