//! Finding where a log in files ends, and going through its records.

use std::vec::Vec;

use stella_transparency::merkle::{Frontier, leaf_hash};

use super::error::{Damage, StoreError};
use super::file_log::FileLog;
use super::files::{Access, Files};
use super::layout::Commit;
use super::segment::{self, Record, Segment};
use super::store::{Head, Visit};

/// How often a reader looks again when a segment was begun behind its back. One writer needs two syncs for each.
const LOOKS: usize = 16;

/// What [`FileLog::verify`] found to be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The head, computed from the bytes of the entries.
    pub head: Head,
    /// How many groups were appended.
    pub groups: u64,
}

impl<F: Files> FileLog<F> {
    /// Reads everything again and computes every root from the bytes of the entries.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] at the first record that is not what was written, or whose root is that of other entries; or the
    /// store cannot be read.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        let (mut frontier, mut groups) = (Frontier::default(), 0_u64);
        self.walk(0, &mut |step| {
            match step {
                Step::Entry(_, entry) => frontier.push(leaf_hash(entry)),
                Step::Commit(commit, _) if commit.frontier == frontier => groups += 1,
                Step::Commit(_, place) => return Err(place.corrupt(Damage::RootMismatch)),
            }
            Ok(Visit::Continue)
        })?;
        // The first group is the one that the store was made with; it holds nothing.
        let head = Head { size: frontier.size(), root: frontier.root() };
        Ok(Verified { head, groups: groups.saturating_sub(1) })
    }

    /// The first entries of all segments, in order.
    pub(super) fn firsts(&self) -> Result<Vec<u64>, StoreError> {
        let names = self.files.names().map_err(|error| error.at(self.files.path(""), "list"))?;
        let mut firsts: Vec<u64> = names.iter().filter_map(|name| segment::first_of(name)).collect();
        firsts.sort_unstable();
        match firsts.first() {
            Some(0) => Ok(firsts),
            _ => Err(self.missing(0)),
        }
    }

    pub(super) fn missing(&self, first: u64) -> StoreError {
        let path = self.files.path(&segment::name(first));
        StoreError::Corrupt { path, offset: 0, damage: Damage::Missing }
    }

    /// The segment where the log ends.
    pub(super) fn current(&self) -> Result<Segment<'_, F>, StoreError> {
        let mut sealed_at = 0;
        for _ in 0..LOOKS {
            let last = self.firsts()?.last().copied().unwrap_or(0);
            let segment = Segment::open(&self.files, &self.id, last, Access::Read)?;
            segment.last_commit(|_| ())?;
            if !segment.mark.sealed {
                return Ok(segment);
            }
            sealed_at = segment.mark.head.size;
        }
        Err(self.missing(sealed_at))
    }

    /// Shows all records from the segment on that holds entry `from`.
    pub(super) fn walk(
        &self,
        from: u64,
        visit: &mut dyn FnMut(Step<'_, '_, F>) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let current = self.current()?;
        let firsts: Vec<u64> = self.firsts()?.into_iter().filter(|first| *first < current.header.base.size).collect();
        let begin = firsts.partition_point(|first| *first <= from).saturating_sub(1);
        let mut end_before = None;
        if from < current.header.base.size {
            for first in firsts.into_iter().skip(begin) {
                let segment = Segment::open(&self.files, &self.id, first, Access::Read)?;
                if walk_segment(&segment, &mut end_before, visit)? == Visit::Stop {
                    return Ok(());
                }
            }
        }
        walk_segment(&current, &mut end_before, visit).map(drop)
    }

    /// The root that the log had when it ended after `size` entries; `None` when no group ended there.
    pub(super) fn root_at(&self, size: u64) -> Result<Option<[u8; 32]>, StoreError> {
        let mut root = None;
        self.walk(size.saturating_sub(1), &mut |step| {
            Ok(match step {
                Step::Commit(commit, _) if commit.frontier.size() == size => {
                    root = Some(commit.root);
                    Visit::Stop
                }
                Step::Commit(commit, _) if commit.frontier.size() > size => Visit::Stop,
                _ => Visit::Continue,
            })
        })?;
        Ok(root)
    }
}

/// A record on the way through the log.
pub(super) enum Step<'r, 's, F: Files> {
    Entry(u64, &'r [u8]),
    Commit(&'r Commit<'r>, At<'s, F>),
}

/// Where a record is.
pub(super) struct At<'s, F: Files> {
    segment: &'s Segment<'s, F>,
    offset: u64,
}

impl<F: Files> At<'_, F> {
    pub(super) fn corrupt(&self, damage: Damage) -> StoreError {
        self.segment.corrupt(self.offset, damage)
    }
}

fn walk_segment<F: Files>(
    segment: &Segment<'_, F>,
    end_before: &mut Option<Head>,
    visit: &mut dyn FnMut(Step<'_, '_, F>) -> Result<Visit, StoreError>,
) -> Result<Visit, StoreError> {
    if end_before.is_some_and(|end| end != segment.header.base) {
        return Err(segment.corrupt(0, Damage::Gap));
    }
    let mut records = segment.records();
    let mut last = None;
    loop {
        let offset = records.offset;
        let visited = match records.next()? {
            None => break,
            Some(Record::Entry(sequence, entry)) => {
                last = None;
                visit(Step::Entry(sequence, entry))?
            }
            Some(Record::Commit(commit)) => {
                last = Some(commit.head());
                visit(Step::Commit(&commit, At { segment, offset }))?
            }
        };
        if visited == Visit::Stop {
            return Ok(Visit::Stop);
        }
    }
    if last != Some(segment.mark.head) {
        return Err(segment.corrupt(segment.mark.commit, Damage::RootMismatch));
    }
    *end_before = last;
    Ok(Visit::Continue)
}
