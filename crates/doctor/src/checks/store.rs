//! The store of attestations.

use std::time::Duration;

use stella_attest_store::{AttestationStore, Flaw, StoreError};
use stella_vocabulary::Code;

use crate::about::{About, Category, Depth, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::trouble::{Facility, Trouble};
use crate::world::World;

const NONE: &str = "there is no store of attestations yet: the first import makes one";

/// How many documents are read again where not all are.
const SAMPLE: usize = 100;
/// The most flaws that are told.
const FLAWS: usize = 10;

/// Room that is too little, and that soon will be, in bytes.
const SPACE_FAIL: u64 = 64 << 20;
const SPACE_WARN: u64 = 1 << 30;

fn broken(error: &StoreError) -> Trouble {
    let trouble = Trouble::of(Facility::Store, error);
    let mending = match error {
        StoreError::Corrupt { .. } => Mending::new("see what is damaged, and put that back from a copy")
            .command(&["stella", "store", "check"])
            .command(&["stella", "store", "copy", "FROM", "TO"]),
        StoreError::Locked { .. } | StoreError::Busy { .. } => Mending::new("wait until the others are done"),
        _ => return trouble,
    };
    trouble.mended_by(mending)
}

fn damaged(finding: Finding, flaws: &[Flaw]) -> Finding {
    let finding = flaws.iter().take(FLAWS).fold(finding, |finding, flaw| {
        let arrival = flaw.arrival.map(|arrival| format!(", arrival {arrival}")).unwrap_or_default();
        finding.measured("flaw", format!("{}{arrival}: {}", flaw.place, flaw.what))
    });
    let Some(first) = flaws.first() else { return finding };
    let cause = Cause {
        code: Some(Code::StoreCorrupt),
        subject: "store of attestations".to_owned(),
        summary: format!("the store of attestations is damaged in {}: {}", first.place, first.what),
        confidence: Confidence::Certain,
    };
    let mending = Mending::new("see what is damaged, and put the store back from a copy, or copy what is sound")
        .command(&["stella", "store", "check"])
        .command(&["stella", "store", "copy", "FROM", "TO"]);
    Finding { lost: Some(Facility::Store), ..finding.found(Status::Fail, cause, mending) }
}

/// `check.store.health`: the store of attestations can be read.
pub struct StoreHealth;

impl Check for StoreHealth {
    fn about(&self) -> About {
        About::new("check.store.health", Category::Store, Severity::Fail, "the store of attestations can be read")
            .tags(&["sqlite", "postgres"])
            .needs(&[Facility::Store])
            .threshold("full", "every document against its id, every arrival against the chain")
            .timeout(Duration::from_secs(600))
            .depth(Depth::Quick)
            .related(&["check.security.evidence.integrity"])
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(mut store) = world.attestations()? else { return Ok(finding.skipped(NONE)) };
        let about = store.about().map_err(|error| broken(&error))?;
        let finding = finding
            .measured("place", &about.place)
            .measured("kind", about.kind)
            .measured("attestations", about.attestations)
            .measured("documents", about.head.size)
            .measured("events", about.events);
        if world.depth() == Depth::Full {
            let flaws = store.check(FLAWS, &mut |_| ()).map_err(|error| broken(&error))?;
            if !flaws.is_empty() {
                return Ok(damaged(finding, &flaws));
            }
            return Ok(finding.passed("everything that is kept was looked at, and is sound"));
        }
        Ok(finding.passed("the store of attestations can be read"))
    }
}

/// `check.store.schema`: the tables have the version that this program writes.
pub struct StoreSchema;

impl Check for StoreSchema {
    fn about(&self) -> About {
        About::new(
            "check.store.schema",
            Category::Store,
            Severity::Fail,
            "the tables of the store are those of this program",
        )
        .tags(&["migration"])
        .needs(&[Facility::Store])
        .timeout(Duration::from_secs(10))
        .depth(Depth::Quick)
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(mut store) = world.attestations()? else { return Ok(finding.skipped(NONE)) };
        let about = store.about().map_err(|error| broken(&error))?;
        // One of another version is not opened at all, and `check.store.health` says so.
        Ok(finding.measured("version", about.schema).passed(format!("the tables have version {}", about.schema)))
    }
}

/// `check.store.space`: there is room where the store is, and it can be written.
pub struct StoreSpace;

impl Check for StoreSpace {
    fn about(&self) -> About {
        About::new(
            "check.store.space",
            Category::Store,
            Severity::Fail,
            "there is room where the store is, and it can be written",
        )
        .tags(&["disk", "read-only"])
        .threshold("fail", "less than 64 MiB, or read-only")
        .threshold("warn", "less than 1 GiB")
        .timeout(Duration::from_secs(10))
        .depth(Depth::Quick)
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(space) = world.space()? else { return Ok(finding.skipped("the store is not in files here")) };
        let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
        let finding = finding
            .measured("place", &space.place)
            .measured("free", mebibytes(space.free))
            .measured("of", mebibytes(space.total));
        let cause = |code, summary: String| Cause {
            code: Some(code),
            subject: space.place.clone(),
            summary,
            confidence: Confidence::Certain,
        };
        if space.read_only {
            let cause = cause(Code::StoreReadOnly, "nothing can be written where the store is".to_owned());
            let mending = Mending::new("make it writable for the owner of the store: what is kept can be verified, and nothing can be taken in")
                .command(&["chmod", "u+rwx", &space.place]);
            return Ok(finding.found(Status::Fail, cause, mending));
        }
        let (status, limit) = match space.free {
            free if free < SPACE_FAIL => (Status::Fail, SPACE_FAIL),
            free if free < SPACE_WARN => (Status::Warn, SPACE_WARN),
            _ => return Ok(finding.passed("there is room, and it can be written")),
        };
        let summary = format!("{} are left where the store is, less than {}", mebibytes(space.free), mebibytes(limit));
        let mending = Mending::new("make room; attestations are never removed, and the journal can be shortened")
            .command(&["stella", "attest", "logs", "--prune"]);
        Ok(finding.found(status, cause(Code::StoreNoSpace, summary), mending))
    }
}

/// `check.store.memo`: what is remembered of signatures is not what nobody can have remembered.
pub struct MemoHealth;

impl Check for MemoHealth {
    fn about(&self) -> About {
        About::new(
            "check.store.memo",
            Category::Store,
            Severity::Warn,
            "remembered signature results can be read, and say yes to nothing unknown",
        )
        .tags(&["memo"])
        .needs(&[Facility::Store])
        .timeout(Duration::from_secs(10))
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(mut store) = world.attestations()? else { return Ok(finding.skipped(NONE)) };
        // Marks are HMACs: that of a chosen value belongs to no signature.
        let unknown: Vec<[u8; 32]> = (0_u8..16).map(|byte| [byte; 32]).collect();
        let known = store.remembered(&unknown).map_err(|error| broken(&error))?;
        if known.contains(&true) {
            let cause = Cause {
                code: Some(Code::StoreCorrupt),
                subject: "remembered signatures".to_owned(),
                summary: "a signature is remembered that nobody can have made".to_owned(),
                confidence: Confidence::Certain,
            };
            let mending = Mending::new("verify without what is remembered, and compute everything anew").command(&[
                "stella",
                "verify",
                "all",
                "--no-memo",
            ]);
            return Ok(finding.found(Status::Fail, cause, mending));
        }
        Ok(finding.measured("unknown marks tried", unknown.len()).passed("what is remembered can be read"))
    }
}

/// `check.security.evidence.integrity`: documents are what was taken in.
pub struct EvidenceIntegrity;

impl Check for EvidenceIntegrity {
    fn about(&self) -> About {
        About::new(
            "check.security.evidence.integrity",
            Category::Security,
            Severity::Fail,
            "documents are what was taken in, and the order of arrivals holds",
        )
        .tags(&["dsse", "rekor", "offline"])
        .needs(&[Facility::Store])
        .threshold("usual", "the 100 latest documents")
        .threshold("full", "every document, in check.store.health")
        .timeout(Duration::from_secs(60))
        .related(&["check.store.health"])
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(mut store) = world.attestations()? else { return Ok(finding.skipped(NONE)) };
        let size = store.about().map_err(|error| broken(&error))?.head.size;
        let first = size.saturating_sub(SAMPLE as u64);
        let flaws = latest_flaws(store.as_mut(), first)?;
        let finding = finding.measured("documents", size).measured("read again", size - first);
        if !flaws.is_empty() {
            return Ok(damaged(finding, &flaws));
        }
        Ok(finding.passed("the documents read again are what was taken in"))
    }
}

/// Reads the documents behind the arrival `first` again, and holds the arrivals against their chain.
fn latest_flaws(store: &mut dyn AttestationStore, first: u64) -> Result<Vec<Flaw>, Trouble> {
    let mut flaws = Vec::new();
    let mut previous = match first {
        0 => Some([0; 32]),
        _ => store.arrival(first).map_err(|error| broken(&error))?.map(|arrival| arrival.link),
    };
    let filter = stella_attest_store::Filter::default();
    for arrival in store.find(&filter, first, SAMPLE).map_err(|error| broken(&error))? {
        let flaw = |what: String| Flaw { arrival: Some(arrival.sequence), place: "arrivals".to_owned(), what };
        if previous.is_some_and(|previous| !arrival.continues(&previous)) {
            flaws.push(flaw("it does not continue the arrivals before it".to_owned()));
        }
        previous = Some(arrival.link);
        match store.document(&arrival) {
            Ok(_) => {}
            Err(StoreError::Corrupt { place, what }) => {
                flaws.push(Flaw { arrival: Some(arrival.sequence), place, what })
            }
            Err(error) => return Err(broken(&error)),
        }
    }
    Ok(flaws)
}
