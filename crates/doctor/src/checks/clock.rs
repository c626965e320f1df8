//! The clock.

use std::time::Duration;

use stella_attest_store::{Filter, StoreError};
use stella_vocabulary::{Code, UnixTime};

use super::span;
use crate::about::{About, Category, Depth, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::trouble::{Facility, Trouble};
use crate::world::World;

/// How far a clock may be behind what was written down, in seconds.
const TOLERANCE: i64 = 300;
/// Upstream's threshold against the date of a server, in seconds.
const SERVER: i64 = 5;
/// How many of the latest arrivals are looked at.
const LATEST: u64 = 256;

/// `check.attestation.clock.skew`: the clock is not behind what was seen, nor away from a server's.
pub struct ClockSkew;

impl Check for ClockSkew {
    fn about(&self) -> About {
        About::new(
            "check.attestation.clock.skew",
            Category::Attestation,
            Severity::Fail,
            "the clock is not behind what was written down, nor away from a server's",
        )
        .tags(&["time", "ntp"])
        .threshold("fail", "300 s behind what was written down, or 5 s away from a server")
        .timeout(Duration::from_secs(10))
        .depth(Depth::Quick)
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let now = world.now();
        let mut seen: Vec<(String, UnixTime)> = Vec::new();
        if let Some((size, last)) = world.trust()?.and_then(|state| Some((state.size(), state.last_time()?))) {
            seen.push((format!("entry {} of the trust log", size.saturating_sub(1)), last));
        }
        if let Some(mut store) = world.attestations()? {
            let broken = |error: StoreError| Trouble::of(Facility::Store, &error);
            let size = store.about().map_err(broken)?.head.size;
            for arrival in
                store.find(&Filter::default(), size.saturating_sub(LATEST), LATEST as usize).map_err(broken)?
            {
                seen.push((format!("arrival {}", arrival.sequence), arrival.at));
            }
        }
        let latest = seen.into_iter().max_by_key(|(_, at)| *at);
        let server = if world.is_offline() { None } else { world.server_time()? };
        let finding = finding.measured("clock", now);
        let finding = match &latest {
            Some((what, at)) => finding.measured("latest time seen", format!("{at} ({what})")),
            None => finding,
        };
        let finding = match &server {
            Some(server) => finding.measured("server", format!("{} ({})", server.value, server.place)),
            None => finding,
        };
        let mending = || {
            Mending::new("set the clock of this machine; if it is right, that of the machine which wrote the later time was wrong")
                .command(&["timedatectl", "status"])
        };
        let cause = |summary: String| Cause {
            code: Some(Code::TimeInFuture),
            subject: "clock".to_owned(),
            summary,
            confidence: Confidence::Likely,
        };
        if let Some((what, at)) = &latest {
            let behind = at.seconds().saturating_sub(now.seconds());
            if behind > TOLERANCE {
                let summary = format!("the clock is {} behind {what}, which was written at {at}", span(behind));
                return Ok(finding.found(Status::Fail, cause(summary), mending()));
            }
        }
        if let Some(server) = &server {
            let away = server.value.seconds().abs_diff(now.seconds());
            if away > SERVER.unsigned_abs() {
                let summary = format!("the clock is {away} s away from that of {}", server.place);
                return Ok(finding.found(Status::Fail, cause(summary), mending()));
            }
        }
        Ok(match (latest, server) {
            (None, None) => finding.skipped("nothing was written down yet to hold the clock against"),
            _ => finding.passed("the clock is not behind anything that was written down"),
        })
    }
}
