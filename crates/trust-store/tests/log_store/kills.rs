//! `kill -9` at every step.

use std::path::Path;

use stella_trust_store::fs::FileLog;
use stella_trust_store::{LogStore as _, StoreError};

use crate::layer::{Fault, Steps};
use crate::process::{lines, place, start, temporary};
use crate::workload::{self, Tally, answers, append_next, clock, expected};

/// How many groups a process appends; enough to begin several segments.
pub(crate) const GROUPS: u64 = 24;

/// Looks at what a killed process left, and goes on with it.
fn judge(directory: &Path, acknowledged: u64, tally: &mut Tally) -> bool {
    let steps = Steps::new(Fault::None);
    let open = || FileLog::open(place(directory, &steps), clock());
    if !tally.judge(acknowledged, open()) {
        return false;
    }
    let mut log = match open() {
        Err(StoreError::NotFound { .. }) => FileLog::create(place(directory, &steps), workload::ID, clock()).unwrap(),
        other => other.unwrap(),
    };
    let head = append_next(&mut log).unwrap();
    assert_eq!(answers(&log).unwrap(), expected(head.size));
    temporary(directory).is_empty()
}

#[test]
fn a_process_killed_at_any_step_loses_nothing_and_leaves_nothing_half() {
    let stride = usize::try_from(workload::size("STELLA_KILL_STRIDE", 9)).unwrap();
    let whole = {
        let directory = tempfile::tempdir().unwrap();
        let output = start("append until killed", directory.path(), u64::MAX).wait_with_output().unwrap();
        lines(&output, "steps ")[0]
    };
    assert!(whole >= 500, "{whole} steps");
    let mut tally = Tally::default();
    for step in (0..whole).step_by(stride) {
        let directory = tempfile::tempdir().unwrap();
        let output = start("append until killed", directory.path(), step).wait_with_output().unwrap();
        assert!(!output.status.success(), "{step}");
        let acknowledged = lines(&output, "acknowledged ").last().copied().unwrap_or(0);
        assert!(judge(directory.path(), acknowledged, &mut tally), "killed at step {step} of {whole}: {tally:?}");
    }
    tally.finish("kill -9");
}

#[test]
fn a_store_whose_writers_are_killed_again_and_again_keeps_what_each_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut tally = Tally::default();
    for round in 0..workload::size("STELLA_KILL_ROUNDS", 30) {
        let step = (round * 37) % 120;
        let output = start("append until killed", directory.path(), step).wait_with_output().unwrap();
        let acknowledged = lines(&output, "acknowledged ").last().copied().unwrap_or(0);
        assert!(judge(directory.path(), acknowledged, &mut tally), "round {round}: {tally:?}");
    }
    let steps = Steps::new(Fault::None);
    let log = FileLog::open(place(directory.path(), &steps), clock()).unwrap();
    assert_eq!(log.verify().unwrap().head, log.head().unwrap());
    tally.finish("kill -9, the same store");
}
