//! This test program again, as another process that may be killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::rc::Rc;

use rustix::fs::Mode;
use rustix::process::umask;
use stella_trust_store::fs::{Directory, FileLog, Place};
use stella_trust_store::{LogStore as _, StoreError};

use crate::layer::{Fault, Layer, Steps};
use crate::workload::{self, ID, SEGMENT_BYTES, append_next, clock};

/// What the other process shall do, and where.
const TASK: &str = "STELLA_TEST_TASK";
const DIRECTORY: &str = "STELLA_TEST_DIRECTORY";
const NUMBER: &str = "STELLA_TEST_NUMBER";

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

/// The numbers on the lines of this kind that the process wrote.
pub(crate) fn lines(output: &Output, kind: &str) -> Vec<u64> {
    let text = String::from_utf8_lossy(&output.stderr);
    // A process that was killed may have left half a line.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().filter_map(|line| line.strip_prefix(kind)?.trim().parse().ok()).collect()
}

pub(crate) fn place(directory: &Path, steps: &Rc<Steps>) -> Place<Layer<Directory>> {
    let layer = || Layer::over(Directory::open(directory).unwrap(), steps);
    Place::in_directory(layer(), "trust").remembered_in(layer(), "seen").segment_bytes(SEGMENT_BYTES)
}

#[test]
#[ignore = "started by other tests"]
fn this_program_as_another_process() {
    let directory = PathBuf::from(std::env::var(DIRECTORY).unwrap());
    let number = workload::size(NUMBER, 0);
    match std::env::var(TASK).unwrap().as_str() {
        "append until killed" => append_until(Fault::KillAt(number), &directory),
        "append until stopped" => append_until(Fault::StopAt(number), &directory),
        "append as one of many" => append_as_one_of_many(&directory, number),
        "under a umask" => {
            umask(Mode::from_raw_mode(u32::try_from(number).unwrap()));
            append_until(Fault::None, &directory);
        }
        other => panic!("{other}"),
    }
}

/// Makes a store if there is none, and appends some groups.
fn append_until(fault: Fault, directory: &Path) {
    let steps = Steps::new(fault);
    let mut log = match FileLog::open(place(directory, &steps), clock()) {
        Err(StoreError::NotFound { .. }) => FileLog::create(place(directory, &steps), ID, clock()).unwrap(),
        other => other.unwrap(),
    };
    eprintln!("\nacknowledged 0");
    for _ in 0..crate::kills::GROUPS {
        let head = append_next(&mut log).unwrap();
        eprintln!("acknowledged {}", head.size);
    }
    eprintln!("steps {}", steps.all.get());
}

/// Appends single entries that say who wrote them, against the others.
fn append_as_one_of_many(directory: &Path, number: u64) {
    let open = Place::at(&directory.join("trust")).unwrap().remembered_at(&directory.join("seen")).unwrap();
    let mut log = FileLog::open(open.lock_wait(120_000), clock()).unwrap();
    eprintln!();
    for count in 0..workload::size("STELLA_APPENDS", 40) {
        let entry = format!("{number} {count}");
        let head = loop {
            let head = log.head().unwrap();
            match log.append(&head, &[entry.as_bytes()], &workload::note(head.size + 1)) {
                Ok(head) => break head,
                Err(StoreError::HeadMoved { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        };
        eprintln!("acknowledged {}", head.size);
    }
}
