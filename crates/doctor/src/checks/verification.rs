//! Whether attestations verify.

use std::time::Duration;

use crate::about::{About, Category, Severity};
use crate::cause::{Cause, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::fleet::{Fleet, Group, fleet};
use crate::history::{Counts, OpenFailure};
use crate::trouble::{Facility, Trouble};
use crate::world::World;

const DAY: i64 = 86_400;
/// How many codes, failures and causes are told.
const TOLD: usize = 5;

/// `check.attestor.verification-health`: what was judged in the last day verifies, or was mended since.
pub struct VerificationHealth;

impl Check for VerificationHealth {
    fn about(&self) -> About {
        About::new(
            "check.attestor.verification-health",
            Category::Attestor,
            Severity::Fail,
            "what was judged within a day verifies, or was mended since",
        )
        .tags(&["verify", "journal", "AttestorVerificationFailed"])
        .needs(&[Facility::Store, Facility::Trust, Facility::Config])
        .threshold("fail", "an attestation that failed within 24 h and still fails")
        .timeout(Duration::from_secs(60))
        .related(&["check.trust.expiry", "check.crypto.certchain", "check.attestation.clock.skew"])
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let since = world.now().checked_add(-DAY).unwrap_or(world.now());
        let Some(fleet) = fleet(world, since)? else {
            return Ok(finding.skipped("there is no store of attestations yet: the first import makes one"));
        };
        let finding = told(finding, &fleet);
        let Some(first) = fleet.groups.first() else {
            let judged = fleet.health.windows.iter().map(|window| window.counts.judged).max().unwrap_or(0);
            return Ok(match (judged, fleet.mended + fleet.superseded) {
                (0, 0) => finding.passed("nothing was verified within 7 days, so nothing failed"),
                (_, 0) => finding.passed("no attestation that was judged within a day fails"),
                (_, again) => finding.passed(format!("no attestation fails: {again} that did were mended since")),
            });
        };
        let summary = sentence(&fleet, first);
        let cause = Cause { summary: summary.clone(), ..first.cause.clone() };
        let beside = fleet.groups.iter().skip(1).map(|group| group.cause.clone()).collect();
        Ok(causes(finding, &fleet).found(Status::Fail, cause, mending(&fleet, first)).beside(beside).saying(summary))
    }
}

/// `312 attestations fail, 1 cause: the intermediate CN=… is missing, since …`.
pub(crate) fn sentence(fleet: &Fleet, first: &Group) -> String {
    let failing = fleet.failing();
    let (attestations, causes) = (plural(failing, "attestation fails", "attestations fail"), fleet.groups.len() as u64);
    let since = match &first.since {
        Some(turn) => match turn.entry {
            Some(entry) => format!(", since trust entry {entry} at {}", turn.at),
            None => format!(", since {}", turn.at),
        },
        None => format!(", since {}", first.first),
    };
    format!("{attestations}, {}: {}{since}", plural(causes, "cause", "causes"), first.cause.summary)
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn rate(counts: Counts) -> String {
    let tenths = counts.tenths_of_a_percent();
    format!("{} of {} failed ({}.{}%)", counts.failed, counts.judged, tenths / 10, tenths % 10)
}

fn told(finding: Finding, fleet: &Fleet) -> Finding {
    let finding = fleet.health.windows.iter().fold(finding, |finding, window| {
        finding.measured(format!("verifications in {}", window.name), rate(window.counts))
    });
    let finding = fleet
        .health
        .codes
        .iter()
        .take(TOLD)
        .fold(finding, |finding, (code, count)| finding.measured(format!("failures with {code}"), count));
    let finding = finding.measured("still failing", fleet.failing());
    match fleet.mended + fleet.superseded {
        0 => finding,
        again => finding.measured("mended since", again),
    }
}

fn causes(finding: Finding, fleet: &Fleet) -> Finding {
    let Some(first) = fleet.groups.first() else { return finding };
    let mut finding = finding;
    for group in fleet.groups.iter().take(TOLD) {
        let attestations = plural(group.attestations, "attestation", "attestations");
        finding = finding.measured("cause", format!("{attestations}: {}", group.cause.summary));
    }
    finding = finding.measured("first failure", first.first);
    if let Some(verified) = first.verified {
        finding = finding.measured("last verified", verified);
    }
    if let Some(turn) = &first.since {
        finding = finding.measured("changed by", &turn.what);
        for (name, value) in [("changed by whom", &turn.person), ("reason given", &turn.reason)] {
            if let Some(value) = value {
                finding = finding.measured(name, value);
            }
        }
    }
    let (trust, arrival) = fleet.health.before(first.first);
    for (name, event) in [("trust change before", trust), ("arrival before", arrival)] {
        if let Some(event) = event {
            finding = finding.measured(name, format!("{}: {}", event.at, event.what));
        }
    }
    for near in first.near_misses.iter().take(TOLD) {
        finding = finding.measured(near.kind.name(), &near.what);
    }
    let newest = fleet.health.open.iter().filter(|failure| first.examples.contains(&failure.attestation));
    newest.take(TOLD).fold(finding, |finding, OpenFailure { attestation, code, last, .. }| {
        finding.measured("failure", format!("{last} {code} {attestation}"))
    })
}

/// The commands of each cause, since one alone does not lead to health.
fn mending(fleet: &Fleet, first: &Group) -> Mending {
    let mut mending = first.mending.clone();
    for group in fleet.groups.iter().take(TOLD).skip(1) {
        for command in &group.mending.commands {
            if !mending.commands.contains(command) {
                mending.commands.push(command.clone());
            }
        }
        if let Some(accepts) = &group.mending.accepts {
            mending.accepts = Some(match mending.accepts.take() {
                Some(before) if before == *accepts => before,
                Some(before) => format!("{before}; {accepts}"),
                None => accepts.clone(),
            });
        }
    }
    mending
}
