//! Homes, and stores in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use stella_attest_store::sqlite::{Embedded, Place};
use stella_attest_store::{AttestationStore, StoreError};

use crate::suite;
use crate::suite::changes::prepare;
use crate::suite::made::Clock;

pub(crate) fn place(home: &Path) -> Place {
    Place::at(home, Box::new(Clock(Instant::now())))
}

pub(crate) fn open(home: &Path) -> Result<Embedded, StoreError> {
    Embedded::open(place(home))
}

/// A home that goes away.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    #[allow(clippy::unnecessary_wraps, reason = "the suite asks whether there can be one")]
    pub(crate) fn new() -> Option<Self> {
        Some(Self::empty())
    }

    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With something of everything in its store, which is closed.
    pub(crate) fn prepared() -> Self {
        let home = Self::empty();
        prepare(&mut Embedded::create(place(home.path()), [7; 16]).unwrap());
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A copy of all files, as they are at this moment.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        copy_into(self.path(), copy.path());
        copy
    }
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
        fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
    }
}

impl suite::Place for Home {
    fn create(&self, id: [u8; 16]) -> Result<Box<dyn AttestationStore>, StoreError> {
        // Small segments, so that there are several.
        Ok(Box::new(Embedded::create(place(self.path()).segment_bytes(40_000), id)?))
    }

    fn open(&self) -> Result<Box<dyn AttestationStore>, StoreError> {
        Ok(Box::new(Embedded::open(place(self.path()).segment_bytes(40_000))?))
    }
}
