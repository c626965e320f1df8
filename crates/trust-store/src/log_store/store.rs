//! What a place for the trust log must be able to do.

use alloc::string::String;
use core::fmt;

use stella_transparency::merkle::{self, Hash};
use stella_vocabulary::hex::Hex;

use super::error::StoreError;

/// The longest entry a log takes, in bytes. A change of trust with a 64 KiB certificate in base64 fits several times over.
pub(super) const ENTRY_BYTES: usize = 1 << 20;

/// The longest checkpoint note a log takes, in bytes; the same limit as for checkpoints that are read elsewhere.
pub(super) const CHECKPOINT_BYTES: usize = 64 << 10;

/// How many entries a log has, and the RFC 6962 root over all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// Number of entries; the next entry gets this sequence number.
    pub size: u64,
    /// Root of the Merkle tree whose leaves are the bytes of the entries. RFC 6962 §2.1.
    pub root: Hash,
}

impl Head {
    /// The head of a log without entries: its root is the hash of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self { size: 0, root: merkle::root_of([]) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries, root {}", self.size, Hex(&self.root))
    }
}

/// What a visitor wants after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// The next entry.
    Continue,
    /// No further entry; reading ends without an error.
    Stop,
}

/// What is called with the sequence number and the bytes of each entry.
pub type Visitor<'a> = dyn FnMut(u64, &[u8]) -> Result<Visit, StoreError> + 'a;

/// An append-only list of entries, of which only whole groups become visible.
///
/// ```
/// use stella_trust_store::{Head, LogStore, MemoryLog, Visit};
///
/// let mut log = MemoryLog::new();
/// let head = log.append(&Head::empty(), &[b"first", b"second"], "note").unwrap();
/// assert_eq!(head.size, 2);
/// let mut seen = 0;
/// log.read(1, &mut |sequence, entry| {
///     assert_eq!((sequence, entry), (1, b"second".as_slice()));
///     seen += 1;
///     Ok(Visit::Continue)
/// })
/// .unwrap();
/// assert_eq!(seen, 1);
/// ```
pub trait LogStore {
    /// Where the log ends now.
    ///
    /// # Errors
    /// The store cannot be read, or is damaged.
    fn head(&self) -> Result<Head, StoreError>;

    /// Appends all of `entries`, or nothing, and returns the head after them. When this returns `Ok`, the group is durable.
    ///
    /// `expected` is the head that the entries were built on; `checkpoint` is the note over the head after them, kept with the
    /// group. An empty note means that there is none. After an error that comes from the disk, the group may be there in whole, never in part:
    /// ask [`LogStore::head`].
    ///
    /// # Errors
    /// [`StoreError::HeadMoved`] when the log ends elsewhere: somebody else was faster. [`StoreError::TooLarge`] when an entry,
    /// the group or the note is longer than the store takes. The others say why nothing could be written.
    ///
    /// # Left to the caller
    /// That the entries mean something, and that the note is of the new head.
    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError>;

    /// Shows the entries from sequence number `from` in order, with their numbers, as of the moment of the call. Memory does
    /// not grow with the number of entries.
    ///
    /// # Errors
    /// Those of the visitor; the store cannot be read, or is damaged. What was visited before an error is not to be relied on.
    fn read<'v>(&self, from: u64, visit: &'v mut Visitor<'v>) -> Result<(), StoreError>;

    /// The note given with the latest group; `None` when there is none.
    ///
    /// # Errors
    /// The store cannot be read, or is damaged.
    fn checkpoint(&self) -> Result<Option<String>, StoreError>;

    /// The latest head of this log that somebody here has verified before, as far as that is remembered. Whoever reads the entries
    /// compares it with their root at that size; that the log says so itself proves nothing.
    ///
    /// # Errors
    /// What is remembered cannot be read.
    fn seen(&self) -> Result<Option<Head>, StoreError> {
        Ok(None)
    }

    /// Takes note that the log up to `head` was verified, and that it is the one to go on with.
    ///
    /// # Errors
    /// It cannot be remembered.
    fn accepted(&mut self, head: &Head) -> Result<(), StoreError> {
        let _ = head;
        Ok(())
    }
}

/// Refuses what is too long for any log: entries above 1 MiB, a checkpoint above 64 KiB. For those who keep a log elsewhere.
///
/// # Errors
/// [`StoreError::TooLarge`].
pub fn check_sizes(entries: &[&[u8]], checkpoint: &str) -> Result<(), StoreError> {
    let longest = entries.iter().map(|entry| entry.len()).max().unwrap_or(0);
    for (what, found, limit) in
        [("an entry", longest, ENTRY_BYTES), ("the checkpoint", checkpoint.len(), CHECKPOINT_BYTES)]
    {
        if found > limit {
            return Err(StoreError::TooLarge { what, found, limit });
        }
    }
    Ok(())
}
