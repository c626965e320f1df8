//! Attestations of images: read from and attached in layouts and registries, good ones and hostile ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod attach;
mod debian;
mod hostile_layout;
mod hostile_registry;
mod layout;
mod registry;

use std::sync::atomic::{AtomicU64, Ordering};

use stella_oci::{Attached, How, OciError};
use stella_trust_store::Stopwatch;
use stella_vocabulary::{Reason as _, UnixTime};

/// A clock on which only waiting takes time.
#[derive(Default)]
pub(crate) struct Clock(AtomicU64);

impl Clock {
    pub(crate) fn waited(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        self.waited()
    }

    fn pause(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

pub(crate) fn at() -> UnixTime {
    UnixTime::parse_rfc3339("2026-09-01T00:00:00Z").unwrap()
}

pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
pub(crate) const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";

/// How each attestation was found, and the code of everything that was left out, both sorted.
pub(crate) fn summary(attached: &Attached) -> (Vec<How>, Vec<String>) {
    let mut found: Vec<How> = attached.attestations().iter().map(stella_oci::FoundAttestation::how).collect();
    let mut codes: Vec<String> = attached.left_out().iter().map(|one| one.why().code().to_string()).collect();
    found.sort();
    codes.sort();
    (found, codes)
}

#[track_caller]
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, OciError>) -> String {
    result.unwrap_err().code().to_string()
}
