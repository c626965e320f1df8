//! How a segment file is laid out. All numbers are little endian, all checksums CRC-32C.
//!
//! ```text
//!     0  header: written once                    magic 8 │ schema 4 │ zero 4 │ store id 32 │ first 8 │ base root 32 │ crc 4
//!   512  mark, even generations                  generation 8 │ end 8 │ commit 8 │ size 8 │ sealed 8 │ root 32 │ crc 4
//!  1024  mark, odd generations
//!  4096  records: entry, entry, …, commit, …     length 4 │ crc 4 │ kind 1 │ bytes
//! ```
//!
//! The mark with the highest generation says up to which byte the records count. It is written after they were synced, in a
//! sector of its own, turn by turn, so that a torn write costs only the new mark, never the one before.

use std::vec::Vec;

use stella_transparency::merkle::{Frontier, Hash};

use super::crc32c::Crc32c;
use super::store::{CHECKPOINT_BYTES, ENTRY_BYTES, Head};

/// The version of this layout.
pub(super) const SCHEMA: u64 = 1;
/// Where records begin: a page of their own, so that rewriting a mark never rewrites a record.
pub(super) const RECORDS: u64 = 4096;
/// The smallest unit that a disk writes in one piece.
pub(super) const SECTOR: usize = 512;
/// Length, checksum and kind of a record.
pub(super) const RECORD_HEADER: usize = 9;
/// The longest bytes of a record: an entry, or a commit with 64 subtrees and the longest note.
pub(super) const RECORD_BYTES: usize = {
    let commit = 41 + 64 * 32 + CHECKPOINT_BYTES;
    if commit > ENTRY_BYTES { commit } else { ENTRY_BYTES }
};

const MAGIC: [u8; 8] = *b"stellalg";

/// What sets one store apart from all others; chosen at random by whoever makes the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreId([u8; 32]);

impl StoreId {
    /// Takes 32 bytes, which should come from a random number generator.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl core::fmt::Display for StoreId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        stella_vocabulary::hex::Hex(&self.0).fmt(f)
    }
}

/// The part of a segment that never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) id: StoreId,
    /// The head before the first entry of the segment.
    pub(super) base: Head,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SECTOR);
        bytes.extend(MAGIC);
        bytes.extend(SCHEMA.to_le_bytes());
        bytes.extend(self.id.0);
        bytes.extend(self.base.size.to_le_bytes());
        bytes.extend(self.base.root);
        seal(bytes, Crc32c::new())
    }

    /// `Err` with the schema when it is another than ours.
    pub(super) fn decode(sector: &[u8]) -> Option<Result<Self, u64>> {
        let mut fields = Fields::checked(sector, 88, Crc32c::new())?;
        let (magic, schema) = (fields.take::<8>()?, fields.number()?);
        let header = Self { id: StoreId(fields.take()?), base: Head { size: fields.number()?, root: fields.take()? } };
        (magic == MAGIC).then_some(if schema == SCHEMA { Ok(header) } else { Err(schema) })
    }

    /// Ties what is written in a segment to this segment of this store.
    pub(super) fn binding(&self) -> Crc32c {
        Crc32c::new().with(&self.id.0).with(&self.base.size.to_le_bytes())
    }
}

/// Up to where the records of a segment count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// 1 when the segment was made, and one more for each rewriting.
    pub(super) generation: u64,
    /// Where the last commit record ends.
    pub(super) end: u64,
    /// Where it begins.
    pub(super) commit: u64,
    /// What it says.
    pub(super) head: Head,
    /// Whether the log goes on in another segment.
    pub(super) sealed: bool,
}

impl Mark {
    /// Where this generation is written.
    pub(super) fn offset(&self) -> u64 {
        if self.generation.is_multiple_of(2) { 512 } else { 1024 }
    }

    pub(super) fn encode(&self, binding: Crc32c) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SECTOR);
        for number in [self.generation, self.end, self.commit, self.head.size, u64::from(self.sealed)] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.head.root);
        seal(bytes, binding)
    }

    pub(super) fn decode(sector: &[u8], binding: Crc32c) -> Option<Self> {
        let mut fields = Fields::checked(sector, 72, binding)?;
        let (generation, end, commit) = (fields.number()?, fields.number()?, fields.number()?);
        let (size, sealed) = (fields.number()?, fields.number()? == 1);
        let sound = RECORDS <= commit && commit < end;
        sound.then_some(Self { generation, end, commit, head: Head { size, root: fields.take()? }, sealed })
    }
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Entry = 1,
    Commit = 2,
}

/// Appends a record that begins at `offset` of its segment. `bytes` is at most [`RECORD_BYTES`] long.
pub(super) fn put_record(into: &mut Vec<u8>, binding: Crc32c, offset: u64, kind: Kind, bytes: &[u8]) {
    let length = (bytes.len() as u32).to_le_bytes();
    into.extend(length);
    into.extend(record_crc(binding, offset, length, kind as u8, bytes).to_le_bytes());
    into.push(kind as u8);
    into.extend(bytes);
}

/// The offset is part of it, so that a record that was moved is noticed.
pub(super) fn record_crc(binding: Crc32c, offset: u64, length: [u8; 4], kind: u8, bytes: &[u8]) -> u32 {
    binding.with(&offset.to_le_bytes()).with(&length).with(&[kind]).with(bytes).value()
}

/// Bytes that the records of a group take.
pub(super) fn group_bytes(entries: &[&[u8]], subtrees: usize, checkpoint: &str) -> usize {
    let entries: usize = entries.iter().map(|entry| RECORD_HEADER + entry.len()).sum();
    entries + RECORD_HEADER + 41 + 32 * subtrees + checkpoint.len()
}

/// What ends a group: the head after it, what the next head needs, and the note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit<'a> {
    pub(super) frontier: Frontier,
    pub(super) root: Hash,
    pub(super) checkpoint: &'a str,
}

impl<'a> Commit<'a> {
    pub(super) fn head(&self) -> Head {
        Head { size: self.frontier.size(), root: self.root }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let subtrees = self.frontier.subtrees();
        let mut bytes = Vec::with_capacity(41 + subtrees.len() * 32 + self.checkpoint.len());
        bytes.extend(self.frontier.size().to_le_bytes());
        bytes.extend(self.root);
        bytes.push(subtrees.len() as u8);
        subtrees.iter().for_each(|hash| bytes.extend(hash));
        bytes.extend(self.checkpoint.as_bytes());
        bytes
    }

    /// `None` when it contradicts itself.
    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (size, root, [count]) = (fields.number()?, fields.take()?, fields.take()?);
        let mut subtrees = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            subtrees.push(fields.take()?);
        }
        let frontier = Frontier::from_subtrees(size, &subtrees)?;
        let checkpoint = core::str::from_utf8(fields.0).ok()?;
        (frontier.root() == root).then_some(Self { frontier, root, checkpoint })
    }
}

/// Header and both marks of a segment that nothing was appended to.
pub(super) fn front(header: &Header, mark: Mark) -> Vec<u8> {
    let binding = header.binding();
    let marks = [0, 1].map(|generation| Mark { generation, ..mark }.encode(binding));
    let mut front = header.encode();
    front.extend(marks.concat());
    front.resize(RECORDS as usize, 0);
    front
}

/// Adds the checksum and fills the sector.
pub(super) fn seal(mut bytes: Vec<u8>, binding: Crc32c) -> Vec<u8> {
    let crc = binding.with(&bytes).value();
    bytes.extend(crc.to_le_bytes());
    bytes.resize(SECTOR, 0);
    bytes
}

/// Fields from the front of bytes.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The first `length` bytes, when the checksum behind them fits.
    pub(super) fn checked(sector: &'a [u8], length: usize, binding: Crc32c) -> Option<Self> {
        let (bytes, rest) = sector.split_at_checked(length)?;
        let crc = rest.first_chunk::<4>()?;
        (binding.with(bytes).value() == u32::from_le_bytes(*crc)).then_some(Self(bytes))
    }

    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}
