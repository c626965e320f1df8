//! Checkpoints of transparency logs.

use std::collections::BTreeMap;
use std::time::Duration;

use stella_attest_store::{Documents, Filter, StoreError};
use stella_attest_verify::Attestation;
use stella_transparency::Checkpoint;
use stella_vocabulary::{Code, hex};

use crate::about::{About, Category, Depth, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::trouble::{Facility, Trouble};
use crate::world::World;

/// How many documents are looked at, where not all are.
const SAMPLE: u64 = 500;
const PAGE: usize = 500;

/// `check.attestation.transparency.consistency`: no log has shown two trees of one size.
pub struct CheckpointConsistency;

impl Check for CheckpointConsistency {
    fn about(&self) -> About {
        About::new(
            "check.attestation.transparency.consistency",
            Category::Attestation,
            Severity::Fail,
            "the checkpoints in the evidence do not contradict each other",
        )
        .tags(&["rekor", "checkpoint", "split view"])
        .needs(&[Facility::Store])
        .threshold("usual", "the 500 latest documents")
        .threshold("full", "every document")
        .timeout(Duration::from_secs(120))
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let broken = |error: StoreError| Trouble::of(Facility::Store, &error);
        let Some(mut store) = world.attestations()? else {
            return Ok(finding.skipped("there is no store of attestations yet: the first import makes one"));
        };
        let size = store.about().map_err(broken)?.head.size;
        let mut after = if world.depth() == Depth::Full { 0 } else { size.saturating_sub(SAMPLE) };
        let filter = Filter { documents: Documents::All, ..Filter::default() };
        let mut seen: BTreeMap<(String, u64), ([u8; 32], u64)> = BTreeMap::new();
        let mut documents = 0_u64;
        loop {
            let page = store.find(&filter, after, PAGE).map_err(broken)?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            for arrival in &page {
                documents += 1;
                let Ok(attestation) = Attestation::from_json(&store.document(arrival).map_err(broken)?) else {
                    continue;
                };
                for entry in attestation.log_entries() {
                    let Some(text) = entry.inclusion_proof().and_then(|proof| proof.checkpoint()) else { continue };
                    let Ok(checkpoint) = Checkpoint::parse(text) else { continue };
                    let key = (checkpoint.origin().to_owned(), checkpoint.tree_size());
                    let (root, first) = *seen.entry(key.clone()).or_insert((*checkpoint.root_hash(), arrival.sequence));
                    if root != *checkpoint.root_hash() {
                        return Ok(split(finding, &key, &root, checkpoint.root_hash(), first, arrival.sequence));
                    }
                }
            }
        }
        let finding = finding.measured("documents", documents).measured("checkpoints", seen.len());
        if seen.is_empty() {
            return Ok(finding.skipped("no evidence that is kept holds a checkpoint"));
        }
        Ok(finding.passed("no log has shown two trees of one size"))
    }
}

/// Two roots for one size. Unverified: one of the two may be forged, which a verification tells.
fn split(finding: Finding, key: &(String, u64), one: &[u8; 32], other: &[u8; 32], first: u64, second: u64) -> Finding {
    let (origin, size) = key;
    let cause = Cause {
        code: Some(Code::TlogRootMismatch),
        subject: format!("log {origin}"),
        summary: format!(
            "the log {origin} shows two trees of size {size}: one of the two is forged, or the log has a split view"
        ),
        confidence: Confidence::Possible,
    };
    let mending = Mending::new(
        "verify both: one that is forged is refused; if both verify, keep them and tell the operator of the log",
    )
    .command(&["stella", "verify", "all"]);
    finding
        .measured("size", size)
        .measured(format!("root in arrival {first}"), hex::encode(one))
        .measured(format!("root in arrival {second}"), hex::encode(other))
        .found(Status::Fail, cause, mending)
}
