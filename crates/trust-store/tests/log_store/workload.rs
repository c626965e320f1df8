//! A sequence of changes that can be recognised again, and the judgement of what is left of it.

use stella_transparency::merkle;
use stella_trust_store::fs::{FileLog, Files, StoreId};
use stella_trust_store::{Head, LogStore, StoreError, Visit};

pub(crate) use crate::run::{SEGMENT_BYTES, Tally, clock, size};

pub(crate) const ID: StoreId = StoreId::from_bytes([7; 32]);

/// Entries have 20 to 1,600 bytes, so that records begin anywhere in a sector.
pub(crate) fn entry(sequence: u64) -> Vec<u8> {
    let filling = usize::try_from((sequence * 397) % 1_580).unwrap();
    let mut bytes = format!("entry {sequence:012} ").into_bytes();
    bytes.extend((0..filling).map(|at| (at as u64 ^ sequence) as u8));
    bytes
}

/// Group number `group` holds one to three entries; this is the first of them.
pub(crate) fn group_begin(group: u64) -> u64 {
    group / 3 * 6 + [0, 1, 3][usize::try_from(group % 3).unwrap()]
}

/// The group that begins at a size; `None` when no group does.
pub(crate) fn group_at(size: u64) -> Option<u64> {
    let begins = [Some(0), Some(1), None, Some(2), None, None];
    begins[usize::try_from(size % 6).unwrap()].map(|within| size / 6 * 3 + within)
}

pub(crate) fn note(size: u64) -> String {
    format!("store\n{size}\nnote over {size} entries\n")
}

/// Appends the next group, built on what the log holds.
pub(crate) fn append_next<F: Files>(log: &mut FileLog<F>) -> Result<Head, StoreError> {
    let head = log.head()?;
    let group = group_at(head.size).expect("the log ends where a group ends");
    let end = group_begin(group + 1);
    let entries: Vec<Vec<u8>> = (head.size..end).map(entry).collect();
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    log.append(&head, &entries, &note(end))
}

pub(crate) fn append_groups<F: Files>(log: &mut FileLog<F>, groups: u64) -> Head {
    (0..groups).map(|_| append_next(log).unwrap()).last().unwrap()
}

/// All that a reader can learn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) head: Head,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) note: Option<String>,
}

pub(crate) fn answers<F: Files>(log: &FileLog<F>) -> Result<Answers, StoreError> {
    let mut entries = vec![];
    log.read(0, &mut |sequence, entry| {
        assert_eq!(sequence, entries.len() as u64);
        entries.push(entry.to_vec());
        Ok(Visit::Continue)
    })?;
    Ok(Answers { head: log.head()?, entries, note: log.checkpoint()? })
}

/// The answers of a log that holds the first `size` entries of the sequence.
pub(crate) fn expected(size: u64) -> Answers {
    let entries: Vec<Vec<u8>> = (0..size).map(entry).collect();
    let root = merkle::root_of(entries.iter().map(|entry| merkle::leaf_hash(entry)));
    Answers { head: Head { size, root }, entries, note: (size > 0).then(|| note(size)) }
}

impl Tally {
    /// Looks at what is left of a store in which everything up to `acknowledged` entries was acknowledged.
    pub(crate) fn judge<F: Files>(&mut self, acknowledged: u64, opened: Result<FileLog<F>, StoreError>) -> bool {
        let before = *self;
        self.points += 1;
        self.acknowledged += acknowledged;
        match opened.and_then(|log| Ok((answers(&log)?, log.verify()?))) {
            Ok((answers, verified)) => {
                self.lost += u64::from(answers.head.size < acknowledged);
                self.half_applied += u64::from(group_at(answers.head.size).is_none());
                let whole = answers == expected(answers.head.size) && verified.head == answers.head;
                self.audit_failures += u64::from(!whole);
            }
            // Nothing was acknowledged, so there need not be a store yet.
            Err(StoreError::NotFound { .. }) if acknowledged == 0 => {}
            Err(StoreError::NotFound { .. }) => self.lost += 1,
            Err(error) => {
                println!("{error:?}");
                self.audit_failures += 1;
            }
        }
        self.sound_since(&before)
    }
}
