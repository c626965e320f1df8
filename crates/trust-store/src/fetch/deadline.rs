//! The total time of a fetch, and what it was spent on.

use core::fmt;
use core::time::Duration;

use stella_vocabulary::UnixTime;

use crate::Stopwatch;

/// The instant of a fetch, and what a library cannot have by itself.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// When it happens: certificates of servers are judged at this instant.
    pub at: UnixTime,
    /// Any number that another machine is unlikely to have too; it spreads the tries of many machines over time.
    pub jitter: u64,
    /// Measures the total time.
    pub stopwatch: &'a dyn Stopwatch,
}

/// What a fetch is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Asking the resolver for addresses.
    Resolving,
    /// Making the TCP connection.
    Connecting,
    /// Agreeing on TLS.
    Handshake,
    /// Sending the request.
    Request,
    /// Waiting for the first byte of the answer.
    Answer,
    /// Reading the headers.
    Headers,
    /// Reading the body.
    Body,
    /// Waiting before another try.
    Pause,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolving => "name resolution",
            Self::Connecting => "connecting",
            Self::Handshake => "TLS handshake",
            Self::Request => "sending the request",
            Self::Answer => "waiting for the answer",
            Self::Headers => "reading the headers",
            Self::Body => "reading the body",
            Self::Pause => "waiting for another try",
        })
    }
}

/// How long everything may take together.
#[derive(Clone, Copy)]
pub(super) struct Deadline<'a> {
    stopwatch: &'a dyn Stopwatch,
    began: u64,
    limit: u64,
}

impl<'a> Deadline<'a> {
    pub(super) fn begin(stopwatch: &'a dyn Stopwatch, limit: u64) -> Self {
        Self { stopwatch, began: stopwatch.milliseconds(), limit }
    }

    /// Milliseconds since the beginning.
    pub(super) fn elapsed(&self) -> u64 {
        self.stopwatch.milliseconds().saturating_sub(self.began)
    }

    /// What is left; `None` if it is nothing.
    pub(super) fn left(&self) -> Option<Duration> {
        let left = self.limit.saturating_sub(self.elapsed());
        (left > 0).then(|| Duration::from_millis(left))
    }

    /// Waits, if there is time left after it.
    pub(super) fn pause(&self, milliseconds: u64) -> Result<(), u64> {
        let left = self.limit.saturating_sub(self.elapsed());
        if milliseconds >= left {
            return Err(left);
        }
        self.stopwatch.pause(milliseconds);
        Ok(())
    }
}
