//! What all runs that break things have in common: a clock, a size, and a tally.

use std::time::{Duration, Instant};

use stella_trust_store::fs::Stopwatch;

/// Small, so that a short run begins several segments.
pub(crate) const SEGMENT_BYTES: u64 = 12_000;

pub(crate) struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

pub(crate) fn clock() -> Box<dyn Stopwatch + Send + Sync> {
    Box::new(Clock(Instant::now()))
}

/// The size of a run: from the environment, or the one for every day.
pub(crate) fn size(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// What a run that breaks things has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) points: u64,
    pub(crate) acknowledged: u64,
    pub(crate) lost: u64,
    pub(crate) half_applied: u64,
    pub(crate) audit_failures: u64,
}

impl Tally {
    pub(crate) fn sound_since(&self, before: &Self) -> bool {
        (self.lost, self.half_applied, self.audit_failures) == (before.lost, before.half_applied, before.audit_failures)
    }

    pub(crate) fn finish(self, run: &str) {
        println!(
            "{run}: {} points tested / {} acknowledged changes / {} lost / {} half-applied / {} audit failures",
            self.points, self.acknowledged, self.lost, self.half_applied, self.audit_failures
        );
        assert!(self.sound_since(&Self::default()), "{run}: {self:?}");
    }
}
