//! One segment file: its marks, and its records one after the other.

use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use super::error::{Damage, StoreError};
use super::files::{Access, Files};
use super::guard;
use super::layout::{self, Commit, Header, Kind, Mark, RECORD_BYTES, RECORD_HEADER, RECORDS, SECTOR, StoreId};

/// How often a segment is looked at again when a writer may be in the middle of it.
const LOOKS: usize = 4;
/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// The name of the segment whose first entry is `first`.
pub(super) fn name(first: u64) -> String {
    format!("{first:016x}.log")
}

/// The first entry of the segment of this name; `None` when it is no segment's.
pub(super) fn first_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    let plain = digits.len() == 16 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if plain { u64::from_str_radix(digits, 16).ok() } else { None }
}

/// An open segment, as it stood when it was opened.
pub(super) struct Segment<'a, F: Files> {
    files: &'a F,
    pub(super) file: F::File,
    pub(super) name: String,
    pub(super) header: Header,
    /// Up to where the records count.
    pub(super) mark: Mark,
    /// One of the two marks cannot be read, or is behind what counts.
    pub(super) mark_damaged: bool,
    /// Length of the file, in bytes.
    pub(super) length: u64,
}

/// One record of a segment.
pub(super) enum Record<'r> {
    /// An entry, with its sequence number.
    Entry(u64, &'r [u8]),
    /// The end of a group.
    Commit(Commit<'r>),
}

impl<'a, F: Files> Segment<'a, F> {
    pub(super) fn open(files: &'a F, id: &StoreId, first: u64, access: Access) -> Result<Self, StoreError> {
        let mut doubt = None;
        for _ in 0..LOOKS {
            match Self::look(files, id, first, access)? {
                (segment, None) => return Ok(segment),
                (_, Some(error)) => doubt = Some(error),
            }
        }
        Err(doubt.unwrap_or_else(|| StoreError::NotFound { path: files.path(&name(first)) }))
    }

    /// The segment, and what is wrong behind its last complete group where nobody can tell whether that counts.
    fn look(files: &'a F, id: &StoreId, first: u64, access: Access) -> Result<(Self, Option<StoreError>), StoreError> {
        let name = name(first);
        let (file, stat) = guard::open(files, &name, access)?;
        let corrupt = |offset, damage| StoreError::Corrupt { path: files.path(&name), offset, damage };
        let mut page = [0; RECORDS as usize];
        if read_full(files, &file, &name, &mut page, 0)? < page.len() {
            return Err(corrupt(stat.length, Damage::CutShort));
        }
        let header = match Header::decode(&page) {
            Some(Ok(header)) => header,
            Some(Err(found)) if found > layout::SCHEMA => {
                return Err(StoreError::SchemaTooNew { found, supported: layout::SCHEMA });
            }
            Some(Err(_)) => return Err(corrupt(8, Damage::UnknownRecord)),
            None => return Err(corrupt(0, Damage::Checksum)),
        };
        if header.id != *id {
            return Err(corrupt(16, Damage::ForeignStore));
        }
        if header.base.size != first {
            return Err(corrupt(48, Damage::Gap));
        }
        let mark_at = |at: usize| page.get(at..).and_then(|sector| Mark::decode(sector, header.binding()));
        let (mark, mark_damaged) = match (mark_at(SECTOR), mark_at(2 * SECTOR)) {
            (Some(even), Some(odd)) if even.generation < odd.generation => (odd, false),
            (Some(even), Some(_)) => (even, false),
            (Some(one), None) | (None, Some(one)) => (one, true),
            (None, None) => return Err(corrupt(SECTOR as u64, Damage::MarkLost)),
        };
        let mut segment = Self { files, file, name, header, mark, mark_damaged, length: stat.length };
        let doubt = if mark_damaged { segment.take_complete_groups()? } else { None };
        if segment.length < segment.mark.end {
            // The file may have grown since its length was asked for, together with the mark.
            segment.length = files.stat(&segment.file).map_err(|error| segment.io(error, "stat"))?.length;
        }
        if segment.length < segment.mark.end {
            return Err(segment.corrupt(segment.length, Damage::CutShort));
        }
        Ok((segment, doubt))
    }

    /// One mark is lost, and it may have been the newer one. Whatever it covered was synced before it was written, so every
    /// complete group behind the other mark counts.
    ///
    /// Where something follows that is no complete group, the lost mark may have covered it while it was one. No writer leaves that:
    /// what is unfinished is written when both marks are whole.
    fn take_complete_groups(&mut self) -> Result<Option<StoreError>, StoreError> {
        let mut counts = self.mark;
        let mut records = self.records_between(self.mark.end, u64::MAX, self.mark.head.size);
        let end = loop {
            let commit = records.offset;
            match records.next() {
                Ok(Some(Record::Commit(found))) => {
                    counts.head = found.head();
                    counts.commit = commit;
                    counts.end = records.offset;
                }
                Ok(Some(Record::Entry(..))) => {}
                Ok(None) => break None,
                Err(error @ StoreError::Corrupt { .. }) => break Some(error),
                Err(error) => return Err(error),
            }
        };
        self.mark = counts;
        // It may have grown since its length was asked for, but not become shorter.
        let length = self.files.stat(&self.file).map_err(|error| self.io(error, "stat"))?.length;
        Ok(end.filter(|_| length > counts.end))
    }

    /// The commit record that the mark names.
    pub(super) fn last_commit<T>(&self, take: impl FnOnce(&Commit<'_>) -> T) -> Result<T, StoreError> {
        let mut records = self.records_between(self.mark.commit, self.mark.end, self.mark.head.size);
        let taken = match records.next()? {
            Some(Record::Commit(commit)) if commit.head() == self.mark.head => Some(take(&commit)),
            _ => None,
        };
        let ends_there = records.offset == self.mark.end;
        taken.filter(|_| ends_there).ok_or_else(|| self.corrupt(self.mark.commit, Damage::UnknownRecord))
    }

    /// All records that count, in order.
    pub(super) fn records(&self) -> Records<'_, F> {
        self.records_between(RECORDS, self.mark.end, self.header.base.size)
    }

    fn records_between(&self, offset: u64, end: u64, sequence: u64) -> Records<'_, F> {
        Records {
            files: self.files,
            file: &self.file,
            name: &self.name,
            header: &self.header,
            offset,
            end,
            sequence,
            buffer: Vec::new(),
            begin: 0,
        }
    }

    pub(super) fn corrupt(&self, offset: u64, damage: Damage) -> StoreError {
        StoreError::Corrupt { path: self.files.path(&self.name), offset, damage }
    }

    pub(super) fn io(&self, error: super::files::FileError, operation: &'static str) -> StoreError {
        error.at(self.files.path(&self.name), operation)
    }
}

/// Reads records in order through one buffer.
pub(super) struct Records<'s, F: Files> {
    files: &'s F,
    file: &'s F::File,
    name: &'s str,
    header: &'s Header,
    /// Where the next record begins.
    pub(super) offset: u64,
    end: u64,
    /// The number of the next entry.
    sequence: u64,
    buffer: Vec<u8>,
    /// Where in the buffer the next record begins.
    begin: usize,
}

impl<F: Files> Records<'_, F> {
    /// The next record; `None` at the end. Every checksum is verified, and every commit must be of the entries before it.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, StoreError> {
        if self.offset == self.end {
            return Ok(None);
        }
        let Some(&[l0, l1, l2, l3, c0, c1, c2, c3, kind]) = self.fill(RECORD_HEADER)?.first_chunk::<RECORD_HEADER>()
        else {
            return Err(self.corrupt(Damage::CutShort));
        };
        let length_bytes = [l0, l1, l2, l3];
        let length = u32::from_le_bytes(length_bytes) as usize;
        let next = self.offset.checked_add((RECORD_HEADER + length) as u64).filter(|next| *next <= self.end);
        let Some(next) = next.filter(|_| length <= RECORD_BYTES) else {
            return Err(self.corrupt(Damage::CutShort));
        };
        let (offset, binding) = (self.offset, self.header.binding());
        let whole = RECORD_HEADER + length;
        if self.fill(whole)?.len() < whole {
            return Err(self.corrupt(Damage::CutShort));
        }
        let begin = self.begin;
        let path = || StoreError::Corrupt { path: self.files.path(self.name), offset, damage: Damage::Checksum };
        let bytes = self.buffer.get(begin + RECORD_HEADER..begin + whole).ok_or_else(path)?;
        let crc = u32::from_le_bytes([c0, c1, c2, c3]);
        if crc != layout::record_crc(binding, offset, length_bytes, kind, bytes) {
            return Err(path());
        }
        let unknown = |damage| StoreError::Corrupt { path: self.files.path(self.name), offset, damage };
        let record = match kind {
            kind if kind == Kind::Entry as u8 => {
                let sequence = self.sequence;
                self.sequence = sequence.checked_add(1).ok_or_else(|| unknown(Damage::Gap))?;
                Record::Entry(sequence, bytes)
            }
            kind if kind == Kind::Commit as u8 => {
                let commit = Commit::decode(bytes).ok_or_else(|| unknown(Damage::RootMismatch))?;
                if commit.frontier.size() != self.sequence {
                    return Err(unknown(Damage::Gap));
                }
                Record::Commit(commit)
            }
            _ => return Err(unknown(Damage::UnknownRecord)),
        };
        self.offset = next;
        self.begin = begin + whole;
        Ok(Some(record))
    }

    /// The buffer from the next record on, with at least `wanted` bytes unless the file ends before.
    fn fill(&mut self, wanted: usize) -> Result<&[u8], StoreError> {
        if self.buffer.len() - self.begin < wanted {
            self.buffer.drain(..self.begin);
            self.begin = 0;
            let have = self.buffer.len();
            let left = usize::try_from(self.end - self.offset).unwrap_or(usize::MAX);
            let target = wanted.max(CHUNK).min(left).max(have);
            self.buffer.resize(target, 0);
            let space = self.buffer.get_mut(have..).unwrap_or_default();
            let read = read_full(self.files, self.file, self.name, space, self.offset + have as u64)?;
            self.buffer.truncate(have + read);
        }
        Ok(self.buffer.get(self.begin..).unwrap_or_default())
    }

    fn corrupt(&self, damage: Damage) -> StoreError {
        StoreError::Corrupt { path: self.files.path(self.name), offset: self.offset, damage }
    }
}

/// Reads until the buffer is full or the file ends, and says how much.
pub(super) fn read_full<F: Files>(
    files: &F,
    file: &F::File,
    name: &str,
    buffer: &mut [u8],
    offset: u64,
) -> Result<usize, StoreError> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match files.read_at(file, rest, offset + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) => return Err(error.at(files.path(name), "read")),
        }
    }
    Ok(done)
}

/// Writes all of `bytes`.
pub(super) fn write_full<F: Files>(
    files: &F,
    file: &F::File,
    name: &str,
    bytes: &[u8],
    offset: u64,
) -> Result<(), StoreError> {
    let mut done = 0;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match files.write_at(file, rest, offset + done as u64) {
            Ok(0) => return Err(StoreError::NoSpace { path: files.path(name) }),
            Ok(written) => done += written,
            Err(error) => return Err(error.at(files.path(name), "write")),
        }
    }
    Ok(())
}

/// Reads a small file whole; more than `limit` bytes are none of ours.
pub(super) fn read_small<F: Files>(files: &F, name: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
    let (file, _) = guard::open(files, name, Access::Read)?;
    let mut bytes = vec![0; limit + 1];
    let read = read_full(files, &file, name, &mut bytes, 0)?;
    if read > limit {
        return Err(StoreError::Corrupt {
            path: files.path(name),
            offset: limit as u64,
            damage: Damage::UnknownRecord,
        });
    }
    bytes.truncate(read);
    Ok(bytes)
}

/// Puts a file with these bytes under `name`, whole or not at all, however the process ends. The name is not synced yet.
pub(super) fn put_file<F: Files>(files: &F, name: &str, parts: &[(u64, &[u8])]) -> Result<(), StoreError> {
    let temporary = format!("{name}{TEMPORARY}");
    let path = || files.path(&temporary);
    let written = (|| {
        let file = files.create_new(&temporary).map_err(|error| error.at(path(), "create"))?;
        for (offset, bytes) in parts {
            write_full(files, &file, &temporary, bytes, *offset)?;
        }
        files.sync_file(&file).map_err(|error| error.at(path(), "sync"))?;
        files.rename(&temporary, name).map_err(|error| error.at(files.path(name), "rename"))
    })();
    if written.is_err() {
        // The error to report is the first one; what is left over here is removed by the next writer.
        let _ = files.remove(&temporary);
    }
    written
}

/// What the name of a file that is still being written ends with.
pub(super) const TEMPORARY: &str = ".new";
