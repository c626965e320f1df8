//! Writing a group to a log in files. Everything here runs under the lock.

use std::string::String;
use std::vec::Vec;

use stella_transparency::merkle::{Frontier, leaf_hash};

use super::error::StoreError;
use super::file_log::{FileLog, LOCK};
use super::files::{Access, FileError, Files};
use super::layout::{self, Commit, Header, Kind, Mark, RECORDS};
use super::lock;
use super::seen::Prior;
use super::segment::{self, Segment, TEMPORARY, put_file, write_full};
use super::store::Head;

impl<F: Files> FileLog<F> {
    pub(super) fn append_locked(
        &self,
        expected: &Head,
        entries: &[&[u8]],
        checkpoint: &str,
    ) -> Result<Head, StoreError> {
        let _lock = lock::acquire(&self.files, LOCK, &*self.stopwatch, self.lock_wait)?;
        // Taken before anything is written, so that nobody who sits on it can turn a change that was made into an error.
        let seen = match &self.seen {
            // What was seen stays until somebody has accepted this log in its place.
            _ if self.prior == Prior::Replace => None,
            Some(seen) => Some((seen, seen.lock(&*self.stopwatch, self.lock_wait)?)),
            None => None,
        };
        let segment = self.prepare()?;
        let found = segment.mark.head;
        if let Some((seen, _)) = &seen
            && let Some(memory) = seen.recall()?
        {
            self.compare(&memory, &segment)?;
        }
        if *expected != found {
            return Err(StoreError::HeadMoved { expected: *expected, found });
        }
        let frontier = segment.last_commit(|commit| commit.frontier.clone())?;
        let end = segment.mark.end + layout::group_bytes(entries, 64, checkpoint) as u64;
        let head = if end > self.segment_bytes && found.size > segment.header.base.size {
            self.rotate(&segment, entries, frontier, checkpoint)?
        } else {
            self.extend(&segment, entries, frontier, checkpoint)?
        };
        if let Some((seen, lock)) = &seen {
            // The change is made, and an error would say that it was not. Whoever opens the store next remembers it.
            if let Err(StoreError::Io { path, .. }) = seen.remember(lock, self.id, head, Prior::Keep) {
                let _ = self.failed.set(path);
            }
        }
        Ok(head)
    }

    /// Opens the segment where the log ends, after clearing away what a writer before has left unfinished.
    fn prepare(&self) -> Result<Segment<'_, F>, StoreError> {
        let names = self.files.names().map_err(|error| error.at(self.files.path(""), "list"))?;
        remove_temporary(&self.files, &names)?;
        let firsts = self.firsts()?;
        let last = firsts.last().copied().unwrap_or(0);
        let mut segment = Segment::open(&self.files, &self.id, last, Access::Write)?;
        segment.last_commit(|_| ())?;
        if segment.mark.sealed {
            return Err(self.missing(segment.mark.head.size));
        }
        if segment.mark.generation <= 1 {
            // Whoever began this segment may have ended before its name was durable.
            self.sync_dir()?;
            if let Some(before) = firsts.iter().rev().nth(1) {
                self.seal(&Segment::open(&self.files, &self.id, *before, Access::Write)?)?;
            }
        }
        if segment.length > segment.mark.end {
            self.files.truncate(&segment.file, segment.mark.end).map_err(|error| segment.io(error, "truncate"))?;
        }
        if segment.mark_damaged {
            segment.mark.generation = segment.mark.generation.saturating_add(1);
            self.write_mark(&segment, &segment.mark)?;
            // Before anything is behind it: an unfinished group beside a lost mark could be one that counted.
            self.sync(&segment)?;
        }
        Ok(segment)
    }

    /// Appends a group to a segment.
    fn extend(
        &self,
        segment: &Segment<'_, F>,
        entries: &[&[u8]],
        frontier: Frontier,
        checkpoint: &str,
    ) -> Result<Head, StoreError> {
        let before = segment.mark;
        let (bytes, mut mark) = group(&segment.header, before.end, entries, frontier, checkpoint);
        mark.generation = before.generation.saturating_add(1);
        write_full(&self.files, &segment.file, &segment.name, &bytes, before.end).inspect_err(|_| {
            // The error to report is the first one; behind the mark nothing counts, and the next writer cuts it off.
            let _ = self.files.truncate(&segment.file, before.end);
        })?;
        self.sync(segment)?;
        // When this fails, the mark may be there or not. The group stays, because it is durable and the mark may count it.
        self.write_mark(segment, &mark)?;
        self.sync(segment)?;
        Ok(mark.head)
    }

    /// Appends a group in a segment of its own.
    fn rotate(
        &self,
        full: &Segment<'_, F>,
        entries: &[&[u8]],
        frontier: Frontier,
        checkpoint: &str,
    ) -> Result<Head, StoreError> {
        let header = Header { id: self.id, base: full.mark.head };
        let head = put_segment(&self.files, &header, entries, frontier, checkpoint)?;
        self.sync_dir()?;
        // The group is durable already. The next writer seals what could not be sealed now.
        let _ = self.seal(full);
        Ok(head)
    }

    /// Notes in a segment that the log goes on in another one, so that the other one cannot go missing unnoticed. Whoever sealed it
    /// before may have ended before that was durable.
    fn seal(&self, segment: &Segment<'_, F>) -> Result<(), StoreError> {
        if !segment.mark.sealed {
            let generation = segment.mark.generation.saturating_add(1);
            self.write_mark(segment, &Mark { generation, sealed: true, ..segment.mark })?;
        }
        self.sync(segment)
    }

    fn sync(&self, segment: &Segment<'_, F>) -> Result<(), StoreError> {
        let path = || self.files.path(&segment.name);
        self.files.sync_file(&segment.file).map_err(|error| self.sync_failed(error, path()))
    }

    fn write_mark(&self, segment: &Segment<'_, F>, mark: &Mark) -> Result<(), StoreError> {
        let sector = mark.encode(segment.header.binding());
        write_full(&self.files, &segment.file, &segment.name, &sector, mark.offset())
    }
}

/// The records of a group that begins at `offset`, and the mark behind them, in generation 0.
fn group(header: &Header, offset: u64, entries: &[&[u8]], mut frontier: Frontier, checkpoint: &str) -> (Vec<u8>, Mark) {
    let mut bytes = Vec::with_capacity(layout::group_bytes(entries, 64, checkpoint));
    let binding = header.binding();
    for entry in entries {
        let at = offset + bytes.len() as u64;
        layout::put_record(&mut bytes, binding, at, Kind::Entry, entry);
        frontier.push(leaf_hash(entry));
    }
    let commit = offset + bytes.len() as u64;
    let record = Commit { root: frontier.root(), frontier, checkpoint };
    layout::put_record(&mut bytes, binding, commit, Kind::Commit, &record.encode());
    let end = offset + bytes.len() as u64;
    (bytes, Mark { generation: 0, end, commit, head: record.head(), sealed: false })
}

/// Puts a new segment with one group in its place. The name is not synced yet.
pub(super) fn put_segment<F: Files>(
    files: &F,
    header: &Header,
    entries: &[&[u8]],
    frontier: Frontier,
    checkpoint: &str,
) -> Result<Head, StoreError> {
    let (bytes, mark) = group(header, RECORDS, entries, frontier, checkpoint);
    let front = layout::front(header, mark);
    put_file(files, &segment::name(header.base.size), &[(0, &front), (RECORDS, &bytes)])?;
    Ok(mark.head)
}

/// Removes what a writer that died has left. No writer that lives has any: this one has the lock.
pub(super) fn remove_temporary<F: Files>(files: &F, names: &[String]) -> Result<(), StoreError> {
    for name in names.iter().filter(|name| name.ends_with(TEMPORARY)) {
        match files.remove(name) {
            Ok(()) | Err(FileError::NotFound) => {}
            Err(error) => return Err(error.at(files.path(name), "remove")),
        }
    }
    Ok(())
}
