//! This test program again, as another process that may be killed.

use std::path::Path;

use rustix::fs::Mode;
use rustix::process::umask;
use stella_trust_store::fs::{FileLog, Place};
use stella_trust_store::{LogStore as _, StoreError};

use crate::layer::{Fault, Steps};
use crate::process::{Task, place};
use crate::workload::{self, ID, append_next, clock};

#[test]
#[ignore = "started by other tests"]
fn this_program_as_another_process() {
    let Task { name, directory, number } = Task::given();
    match name.as_str() {
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
