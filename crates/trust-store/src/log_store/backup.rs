//! A copy of a log in files, as of one moment.

use std::format;

use super::error::{Damage, StoreError};
use super::file_log::{FileLog, LOCK, make_directory};
use super::files::{Access, FileError, Files};
use super::identity::{self, IDENTITY};
use super::layout::{self, RECORDS};
use super::lock;
use super::place::Place;
use super::segment::{self, Segment, TEMPORARY, put_file, write_full};
use super::store::Head;

impl<F: Files> FileLog<F> {
    /// Writes the store as of now to another place, also while others write to it.
    ///
    /// # Errors
    /// Those of [`FileLog::create`] for the place, and of reading.
    pub fn back_up(&self, to: Place<F>) -> Result<Head, StoreError> {
        let last = self.current()?;
        let target = make_directory(&to)?;
        let _lock = lock::acquire(&target, LOCK, &*self.stopwatch, to.lock_wait)?;
        let names = target.names().map_err(|error| error.at(target.path(""), "list"))?;
        if let Some(name) = names.iter().find(|name| *name != LOCK) {
            return Err(StoreError::AlreadyExists { path: target.path(name) });
        }
        for first in self.firsts()?.into_iter().filter(|first| *first < last.header.base.size) {
            copy_segment(&Segment::open(&self.files, &self.id, first, Access::Read)?, &self.files, &target)?;
        }
        copy_segment(&last, &self.files, &target)?;
        let sync_dir = || target.sync_dir().map_err(|error| error.at(target.path(""), "sync"));
        sync_dir()?;
        put_file(&target, IDENTITY, &[(0, identity::encode(&self.id).as_bytes())])?;
        sync_dir()?;
        Ok(last.mark.head)
    }
}

/// Copies what counts of a segment.
fn copy_segment<F: Files>(from: &Segment<'_, F>, files: &F, target: &F) -> Result<(), StoreError> {
    let temporary = format!("{}{TEMPORARY}", from.name);
    let at = |error: FileError, operation| error.at(target.path(&temporary), operation);
    let file = target.create_new(&temporary).map_err(|error| at(error, "create"))?;
    write_full(target, &file, &temporary, &layout::front(&from.header, from.mark), 0)?;
    let mut offset = RECORDS;
    let mut buffer = [0; 64 << 10];
    while offset < from.mark.end {
        let left = usize::try_from(from.mark.end - offset).unwrap_or(usize::MAX).min(buffer.len());
        let chunk = buffer.get_mut(..left).unwrap_or_default();
        if segment::read_full(files, &from.file, &from.name, chunk, offset)? < left {
            return Err(from.corrupt(offset, Damage::CutShort));
        }
        write_full(target, &file, &temporary, chunk, offset)?;
        offset += left as u64;
    }
    target.sync_file(&file).map_err(|error| at(error, "sync"))?;
    target.rename(&temporary, &from.name).map_err(|error| at(error, "rename"))
}
