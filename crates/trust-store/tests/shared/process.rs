//! This test program again, as another process that may be killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::rc::Rc;

use stella_trust_store::fs::{Directory, Place};

use crate::layer::{Layer, Steps};
use crate::run::{self, SEGMENT_BYTES};

/// What the other process shall do, and where.
const TASK: &str = "STELLA_TEST_TASK";
const DIRECTORY: &str = "STELLA_TEST_DIRECTORY";
const NUMBER: &str = "STELLA_TEST_NUMBER";

/// Starts the test `children::this_program_as_another_process`, which finds out with [`Task::given`] what to do.
pub(crate) fn start(task: &str, directory: &Path, number: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "children::this_program_as_another_process", "--ignored", "--nocapture", "--test-threads=1"])
        .env(TASK, task)
        .env(DIRECTORY, directory)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What this process was started for.
pub(crate) struct Task {
    pub(crate) name: String,
    pub(crate) directory: PathBuf,
    pub(crate) number: u64,
}

impl Task {
    pub(crate) fn given() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap();
        Self { name: variable(TASK), directory: variable(DIRECTORY).into(), number: run::size(NUMBER, 0) }
    }
}

/// The numbers on the lines of this kind that the process wrote.
pub(crate) fn lines(output: &Output, kind: &str) -> Vec<u64> {
    let text = String::from_utf8_lossy(&output.stderr);
    // A process that was killed may have left half a line.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().filter_map(|line| line.strip_prefix(kind)?.trim().parse().ok()).collect()
}

/// A store in a real directory, all steps counted.
pub(crate) fn place(directory: &Path, steps: &Rc<Steps>) -> Place<Layer<Directory>> {
    let layer = || Layer::over(Directory::open(directory).unwrap(), steps);
    Place::in_directory(layer(), "trust").remembered_in(layer(), "seen").segment_bytes(SEGMENT_BYTES)
}

/// The names of temporary files in a store in a real directory, and beside it.
pub(crate) fn temporary(directory: &Path) -> Vec<String> {
    let entries = [directory.to_owned(), directory.join("trust")].into_iter().filter_map(|path| path.read_dir().ok());
    let names = entries.flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".new")).collect()
}
