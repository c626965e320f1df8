//! What a store came to at its latest change, beside the database: a database without its `attest.db-wal`, or an older one in its place, opens without
//! a complaint, and so does one with the `attest.db-wal` of another.
//!
//! It is written after each commit and not synced. After a loss of power it may be older than the database, which is no harm; it is never newer, unless
//! somebody has put an older database there.

use stella_trust_store::fs::{Access, Directory, FileError, Files, open};

use super::arrivals::Head;
use super::journal;
use super::place::from_file;
use crate::error::StoreError;
use crate::packed::{Packer, SUM, Unpacker};

/// The file, in the directory of the segments.
pub(super) const NAME: &str = "latest";
/// An id, three numbers and a checksum; the id and the checksum behind their lengths.
const LENGTH: usize = 8 + 16 + 3 * 8 + 8 + SUM;

/// How far a store is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Latest {
    pub(super) id: [u8; 16],
    /// The number of the latest arrival, and of the latest event.
    arrivals: u64,
    events: u64,
    bytes: u64,
}

impl Latest {
    pub(super) const fn of(id: [u8; 16], head: &Head, ends: journal::Ends) -> Self {
        Self { id, arrivals: head.arrivals.size, events: ends.latest, bytes: head.bytes }
    }

    /// Refuses a store that is not as far as this, and a database that this was not written for.
    pub(super) fn compare(&self, found: &Self, place: &str) -> Result<(), StoreError> {
        let place = place.to_owned();
        if self.id != found.id {
            let what = "it is the database of another store than the documents beside it".to_owned();
            return Err(StoreError::Corrupt { place, what });
        }
        if found.arrivals < self.arrivals || found.events < self.events || found.bytes < self.bytes {
            return Err(StoreError::RollbackDetected { place, seen: self.shown(), found: found.shown() });
        }
        Ok(())
    }

    fn shown(&self) -> String {
        format!("arrival {}, event {}", self.arrivals, self.events)
    }

    fn packed(&self) -> Vec<u8> {
        let packed = Packer::default().bytes(&self.id).number(self.arrivals).number(self.events).number(self.bytes);
        let sum = packed.sum("latest");
        packed.bytes(&sum).done()
    }

    fn unpacked(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let latest = Self {
            id: from.bytes()?.try_into().ok()?,
            arrivals: from.number()?,
            events: from.number()?,
            bytes: from.number()?,
        };
        // With the checksum that belongs to it.
        (latest.packed() == bytes).then_some(latest)
    }

    /// What is written there; `None` where nothing that can be read is.
    pub(super) fn read(directory: &Directory) -> Option<Self> {
        let (file, _) = open(directory, NAME, Access::Read).ok()?;
        let mut bytes = [0; LENGTH];
        let read = directory.read_at(&file, &mut bytes, 0).ok()?;
        Self::unpacked(bytes.get(..read)?)
    }

    /// Takes it away, where a store is begun anew and nothing else is left of the one before.
    pub(super) fn forget(directory: &Directory) -> Result<(), StoreError> {
        match directory.remove(NAME) {
            Ok(()) | Err(FileError::NotFound) => Ok(()),
            Err(error) => Err(from_file(error, directory.path(NAME), "remove")),
        }
    }

    /// Writes it. The change is made already, and an error would say that it was not: where this cannot be written, an older store is not noticed.
    pub(super) fn write(&self, directory: &Directory) {
        let file = match open(directory, NAME, Access::Write) {
            Ok((file, _)) => file,
            Err(stella_trust_store::StoreError::NotFound { .. }) => match directory.create_new(NAME) {
                Ok(file) => file,
                Err(_) => return,
            },
            Err(_) => return,
        };
        let _ = directory.write_at(&file, &self.packed(), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_bit_makes_it_unreadable_and_never_another() {
        let latest = Latest { id: [7; 16], arrivals: 3, events: 9, bytes: 100 };
        let packed = latest.packed();
        assert_eq!(packed.len(), LENGTH);
        assert_eq!(Latest::unpacked(&packed), Some(latest));
        for bit in 0..packed.len() * 8 {
            let mut changed = packed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Latest::unpacked(&changed), None, "{bit}");
        }
        for cut in 0..packed.len() {
            assert_eq!(Latest::unpacked(&packed[..cut]), None);
        }
    }

    #[test]
    fn a_store_that_is_not_as_far_is_older_and_one_with_another_id_is_another() {
        let latest = Latest { id: [7; 16], arrivals: 3, events: 9, bytes: 100 };
        latest.compare(&latest, "").unwrap();
        latest.compare(&Latest { arrivals: 4, events: 12, bytes: 101, ..latest }, "").unwrap();
        for other in [Latest { arrivals: 2, ..latest }, Latest { events: 8, ..latest }, Latest { bytes: 99, ..latest }]
        {
            assert!(matches!(latest.compare(&other, ""), Err(StoreError::RollbackDetected { .. })), "{other:?}");
        }
        let other = Latest { id: [8; 16], ..latest };
        assert!(matches!(latest.compare(&other, ""), Err(StoreError::Corrupt { .. })));
    }
}
