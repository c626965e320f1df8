//! A log in memory, for tests and for embedders that keep entries elsewhere.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use stella_transparency::merkle::{Frontier, leaf_hash};

use super::error::StoreError;
use super::store::{Head, LogStore, Visit, Visitor, check_sizes};

/// A log that lives as long as the value.
#[derive(Clone, Debug, Default)]
pub struct MemoryLog {
    entries: Vec<Vec<u8>>,
    frontier: Frontier,
    checkpoint: String,
}

impl MemoryLog {
    /// A log without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl LogStore for MemoryLog {
    fn head(&self) -> Result<Head, StoreError> {
        Ok(Head { size: self.frontier.size(), root: self.frontier.root() })
    }

    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        check_sizes(entries, checkpoint)?;
        let found = self.head()?;
        if *expected != found {
            return Err(StoreError::HeadMoved { expected: *expected, found });
        }
        for entry in entries {
            self.frontier.push(leaf_hash(entry));
            self.entries.push(entry.to_vec());
        }
        self.checkpoint = checkpoint.to_owned();
        self.head()
    }

    fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        let skipped = usize::try_from(from).unwrap_or(usize::MAX);
        for (sequence, entry) in (from..).zip(self.entries.iter().skip(skipped)) {
            if visit(sequence, entry)? == Visit::Stop {
                break;
            }
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        Ok((!self.checkpoint.is_empty()).then(|| self.checkpoint.clone()))
    }
}
