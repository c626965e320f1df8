//! Attaching an attestation to an image in a layout.

use stella_trust_store::Stopwatch;

use super::layout::Layout;
use crate::descriptor::Image;
use crate::error::OciError;
use crate::limits::Limits;
use crate::new_referrer::{Added, EMPTY_OBJECT, NewReferrer, empty_descriptor, with_manifest};

/// How long a layout is waited for that somebody else writes to, in milliseconds, and how long between two looks.
const PATIENCE: u64 = 10_000;
const PAUSE: u64 = 50;

/// How often a change by somebody who takes no lock is followed.
const TRIES: usize = 5;

impl Layout {
    /// Attaches `referrer` to `image`: its blobs first, and then its name in `index.json`, which is replaced in one step.
    ///
    /// Others who do the same wait for each other. Programs that know no lock are noticed if they have changed `index.json` up to the
    /// moment in which it is replaced, and their change stays.
    ///
    /// # Errors
    /// `store.busy` if others hold the lock for 10 s, `output.write_failed`, and those of an `index.json` that is malformed.
    pub fn attach(&self, image: &Image, referrer: &NewReferrer, clock: &dyn Stopwatch) -> Result<Added, OciError> {
        let limits = Limits::default();
        let _lock = self.lock(clock)?;
        // The image may have been taken away since it was found.
        self.read(&image.descriptor, limits.manifest_bytes)?;
        let place = self.directory.place("index.json");
        // An index that cannot be added to is noticed before anything is written.
        with_manifest(&self.index_bytes(&limits)?, &referrer.descriptor, &place, &limits)?;
        self.directory.write_blob(&empty_descriptor().digest, EMPTY_OBJECT)?;
        self.directory.write_blob(&referrer.layer.digest, &referrer.document)?;
        self.directory.write_blob(&referrer.descriptor.digest, &referrer.manifest)?;
        for _ in 0..TRIES {
            let before = self.index_bytes(&limits)?;
            let Some(after) = with_manifest(&before, &referrer.descriptor, &place, &limits)? else {
                return Ok(Added::Known);
            };
            if self.index_bytes(&limits)? == before {
                self.directory.replace("index.json", &after)?;
                return Ok(Added::New);
            }
        }
        Err(self.busy())
    }

    fn lock(&self, clock: &dyn Stopwatch) -> Result<std::os::fd::OwnedFd, OciError> {
        let began = clock.milliseconds();
        loop {
            if let Some(lock) = self.directory.lock()? {
                return Ok(lock);
            }
            if clock.milliseconds().saturating_sub(began) >= PATIENCE {
                return Err(self.busy());
            }
            clock.pause(PAUSE);
        }
    }

    fn busy(&self) -> OciError {
        OciError::Busy { place: self.directory.path().display().to_string() }
    }
}
