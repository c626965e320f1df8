//! Going through entries that a checkpoint covers.

use core::ops::Range;

use stella_transparency::merkle::{Hash, leaf_hash};

use super::entry::Entry;
use super::error::LedgerError;
use crate::{LogStore, StoreError, Visit};

/// An entry as it was read.
pub(super) struct Read {
    pub(super) sequence: u64,
    /// The hash of its bytes.
    pub(super) leaf: Hash,
    /// What they say.
    pub(super) entry: Result<Entry, LedgerError>,
}

impl Read {
    pub(super) fn new(sequence: u64, bytes: &[u8]) -> Self {
        Self { sequence, leaf: leaf_hash(bytes), entry: Entry::from_covered_bytes(bytes) }
    }
}

/// Shows the entries with these numbers, in order, as far as there are any. Where there are threads, many are read on two of them.
///
/// # Errors
/// Those of the log, when every entry before was shown.
pub(super) fn read(
    log: &impl LogStore,
    numbers: Range<u64>,
    visit: &mut dyn FnMut(&Read) -> Visit,
) -> Result<(), StoreError> {
    #[cfg(all(feature = "fs", unix))]
    if let Some(read) = super::ahead::read(log, &numbers, visit) {
        return read;
    }
    log.read(numbers.start, &mut |sequence, bytes| {
        Ok(if sequence < numbers.end { visit(&Read::new(sequence, bytes)) } else { Visit::Stop })
    })
}
