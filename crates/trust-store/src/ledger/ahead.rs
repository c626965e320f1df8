//! Reading many entries on two threads: one hashes and parses what the other one, the caller's, takes from the log and judges.
//!
//! The log is only used by the caller, and the order is that of the log, so nobody notices but by the clock.

use core::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, scope};
use std::vec::Vec;

use super::reading::Read;
use crate::{LogStore, StoreError, Visit};

/// Fewer entries are read before a thread has begun.
const MANY: u64 = 512;
/// When a batch is full, in bytes: some hundred entries, and less than what an allocator would ask new pages for each time.
const BATCH_BYTES: usize = 64 << 10;
/// How many batches are under way at most.
const BATCHES: usize = 8;

/// Shows these entries as [`super::reading::read`] does. `None` if it was left undone, because there are few or no thread could be had.
pub(super) fn read(
    log: &impl LogStore,
    numbers: &Range<u64>,
    visit: &mut dyn FnMut(&Read) -> Visit,
) -> Option<Result<(), StoreError>> {
    if numbers.end.saturating_sub(numbers.start) < MANY {
        return None;
    }
    let (batches, to_read) = channel();
    let (done, read) = channel();
    scope(|scope| {
        Builder::new().spawn_scoped(scope, move || read_batches(&to_read, &done)).ok()?;
        Some(Ahead { batches, read, under_way: 0, spent: Vec::new(), visit }.run(log, numbers))
    })
}

/// Bytes of entries, and entries that are not needed any more: they are given back where they were made, since the allocator would
/// have both threads wait for each other otherwise.
type ToRead = (Batch, Vec<Read>);

fn read_batches(to_read: &Receiver<ToRead>, done: &Sender<Vec<Read>>) {
    for (batch, spent) in to_read {
        drop(spent);
        if done.send(batch.read()).is_err() {
            return;
        }
    }
}

/// The bytes of some entries, one after the other.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// Number and end of each entry.
    entries: Vec<(u64, usize)>,
}

impl Batch {
    fn push(&mut self, sequence: u64, bytes: &[u8]) {
        if self.bytes.is_empty() {
            self.bytes.reserve(BATCH_BYTES.saturating_add(bytes.len()));
        }
        self.bytes.extend_from_slice(bytes);
        self.entries.push((sequence, self.bytes.len()));
    }

    fn is_full(&self) -> bool {
        self.bytes.len() >= BATCH_BYTES
    }

    fn read(&self) -> Vec<Read> {
        let mut begin = 0;
        let each = self.entries.iter().map(|(sequence, end)| {
            let bytes = self.bytes.get(begin..*end).unwrap_or_default();
            begin = *end;
            Read::new(*sequence, bytes)
        });
        each.collect()
    }
}

/// The caller's side.
struct Ahead<'v> {
    batches: Sender<ToRead>,
    read: Receiver<Vec<Read>>,
    under_way: usize,
    spent: Vec<Read>,
    visit: &'v mut dyn FnMut(&Read) -> Visit,
}

impl Ahead<'_> {
    fn run(mut self, log: &impl LogStore, numbers: &Range<u64>) -> Result<(), StoreError> {
        let (mut batch, mut stopped) = (Batch::default(), false);
        let taken = log.read(numbers.start, &mut |sequence, bytes| {
            if sequence >= numbers.end {
                return Ok(Visit::Stop);
            }
            batch.push(sequence, bytes);
            if batch.is_full() && self.give(core::mem::take(&mut batch)) == Visit::Stop {
                stopped = true;
                return Ok(Visit::Stop);
            }
            Ok(Visit::Continue)
        });
        if stopped {
            return Ok(());
        }
        // What comes before an error of the log is shown first, as if it had been read one by one.
        let mut visited = self.give(batch);
        while visited == Visit::Continue && self.under_way > 0 {
            visited = self.show();
        }
        if visited == Visit::Stop { Ok(()) } else { taken }
    }

    fn give(&mut self, batch: Batch) -> Visit {
        self.under_way = self.under_way.saturating_add(1);
        let sent = self.batches.send((batch, core::mem::take(&mut self.spent)));
        match sent {
            Ok(()) if self.under_way < BATCHES => Visit::Continue,
            Ok(()) => self.show(),
            // The other thread has panicked, and so does this one when the scope ends.
            Err(_) => Visit::Stop,
        }
    }

    /// Shows the batch that was given first.
    fn show(&mut self) -> Visit {
        let Ok(read) = self.read.recv() else { return Visit::Stop };
        self.under_way = self.under_way.saturating_sub(1);
        let stopped = read.iter().any(|read| (self.visit)(read) == Visit::Stop);
        self.spent = read;
        if stopped { Visit::Stop } else { Visit::Continue }
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use stella_transparency::merkle::leaf_hash;

    use super::*;
    use crate::{Head, Visitor};

    /// So many entries, and then an error.
    struct Failing {
        entries: u64,
    }

    fn entry(sequence: u64) -> String {
        // Some are longer than a batch.
        format!("entry {sequence}").repeat(if sequence.is_multiple_of(100) { 10_000 } else { 20 })
    }

    fn failure() -> StoreError {
        StoreError::NotFound { path: "here".into() }
    }

    impl LogStore for Failing {
        fn head(&self) -> Result<Head, StoreError> {
            Err(failure())
        }

        fn append(&mut self, _: &Head, _: &[&[u8]], _: &str) -> Result<Head, StoreError> {
            Err(failure())
        }

        fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
            for sequence in from..self.entries {
                if visit(sequence, entry(sequence).as_bytes())? == Visit::Stop {
                    return Ok(());
                }
            }
            Err(failure())
        }

        fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            Err(failure())
        }
    }

    /// How many entries were shown, of which the first is `numbers.start`, and what came of it.
    fn shown(log: &Failing, numbers: Range<u64>, stop_at: u64) -> Option<(u64, Result<(), StoreError>)> {
        let mut next = numbers.start;
        let result = read(log, &numbers, &mut |read| {
            assert_eq!((read.sequence, read.leaf), (next, leaf_hash(entry(next).as_bytes())));
            assert!(read.entry.is_err());
            next += 1;
            if read.sequence == stop_at { Visit::Stop } else { Visit::Continue }
        });
        result.map(|result| (next - numbers.start, result))
    }

    #[test]
    fn all_entries_are_shown_in_order_and_none_beyond_the_last_one_asked_for() {
        let log = Failing { entries: 3_000 };
        assert_eq!(shown(&log, 0..2_999, u64::MAX), Some((2_999, Ok(()))));
        assert_eq!(shown(&log, 7..MANY + 7, u64::MAX), Some((MANY, Ok(()))));
        assert_eq!(shown(&log, 7..MANY + 6, u64::MAX), None);
    }

    #[test]
    fn what_comes_before_an_error_of_the_log_is_shown_first() {
        for entries in [0, 1, 1_000, 2_001] {
            let log = Failing { entries };
            assert_eq!(shown(&log, 0..5_000, u64::MAX), Some((entries, Err(failure()))));
        }
    }

    #[test]
    fn whoever_stops_hears_nothing_of_errors_that_come_later() {
        let log = Failing { entries: 2_000 };
        for stop_at in [0, 1, 99, 100, 1_000, 1_999] {
            assert_eq!(shown(&log, 0..5_000, stop_at), Some((stop_at + 1, Ok(()))));
        }
    }
}
