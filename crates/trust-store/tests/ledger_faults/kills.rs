//! `kill -9` at every step of every kind of change.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::layer::{Fault, Steps};
use crate::process::{lines, place, start, temporary};
use crate::run::{self, Tally};
use crate::script::{self, kind, kinds, length, next, reference};

/// A store after each number of acts.
struct Prepared(tempfile::TempDir);

impl Prepared {
    fn all() -> Self {
        let prepared = Self(tempfile::tempdir().unwrap());
        let first = prepared.0.path().join("0");
        fs::create_dir(&first).unwrap();
        for done in 0..length() {
            let path = |acts: usize| prepared.0.path().join(acts.to_string());
            copy(&path(done), &path(done + 1));
            let steps = Steps::new(Fault::None);
            assert_eq!(next(|| place(&path(done + 1), &steps)).unwrap(), done + 1);
        }
        prepared
    }

    /// A copy to break.
    fn after(&self, acts: usize) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        copy(&self.0.path().join(acts.to_string()), directory.path());
        directory
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_process_killed_at_any_step_of_any_change_leaves_all_of_it_or_nothing_f01() {
    let stride = usize::try_from(run::size("STELLA_KILL_STRIDE", 13)).unwrap();
    let prepared = Prepared::all();
    assert!(kinds() >= 12, "{}", kinds());
    let mut tally = Tally::default();
    let mut steps_of: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut whole, mut made) = (0, 0);
    for act in 0..length() {
        let directory = prepared.after(act);
        let output = start("next act", directory.path(), u64::MAX).wait_with_output().unwrap();
        assert_eq!(lines(&output, "acknowledged "), [act as u64 + 1], "{output:?}");
        let steps = lines(&output, "steps ")[0];
        *steps_of.entry(kind(act)).or_default() += steps;
        for step in 0..steps {
            whole += 1;
            if !(whole + act).is_multiple_of(stride) {
                continue;
            }
            let directory = prepared.after(act);
            let output = start("next act", directory.path(), step).wait_with_output().unwrap();
            assert!(!output.status.success(), "{} at {step}", kind(act));
            // Acknowledged is what was done before, and this one if it said so before it died.
            let acknowledged = lines(&output, "acknowledged ").last().map_or(act, |acts| *acts as usize);
            let unbroken = Steps::new(Fault::None);
            let sound = tally.judge(acknowledged, || place(directory.path(), &unbroken));
            assert!(sound, "{} killed at step {step} of {steps}: {tally:?}", kind(act));
            made += u64::from(size(directory.path()) == reference().size(act + 1));
            // The next one needs no help, and leaves nothing behind.
            let done = next(|| place(directory.path(), &unbroken)).unwrap();
            assert!(done > act.min(length() - 1), "{}", kind(act));
            if done > act + 1 || size(directory.path()) == reference().size(done) {
                assert!(done == length() || temporary(directory.path()).is_empty(), "{}", kind(act));
            }
        }
    }
    println!("{} kinds of changes, {whole} steps: {steps_of:?}", kinds());
    println!("{made} of {} killed changes had been made before the end", tally.points);
    assert!(whole >= 500, "{whole} steps");
    tally.finish("kill -9 of the ledger");
}

fn size(directory: &Path) -> u64 {
    let steps = Steps::new(Fault::None);
    script::open(place(directory, &steps)).map_or(0, |ledger| ledger.head().size)
}
