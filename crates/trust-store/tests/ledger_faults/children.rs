//! This test program again, as another process that may be killed.

use std::path::Path;

use stella_trust_store::fs::Place;
use stella_trust_store::ledger::*;

use crate::layer::{Fault, Steps};
use crate::process::{Task, place};
use crate::run;
use crate::script::{self, next};
use crate::world::{key_record, occasion};

#[test]
#[ignore = "started by other tests"]
fn this_program_as_another_process() {
    let Task { name, directory, number } = Task::given();
    let next_act = |fault| {
        let steps = Steps::new(fault);
        let done = next(|| place(&directory, &steps)).unwrap();
        eprintln!("\nacknowledged {done}");
        eprintln!("steps {}", steps.all.get());
    };
    match name.as_str() {
        "next act" => next_act(Fault::KillAt(number)),
        "next act until stopped" => next_act(Fault::StopAtSegment),
        "change as one of many" => change_as_one_of_many(&directory, number),
        other => panic!("{other}"),
    }
}

/// Adds a key and changes its label again and again, against the others.
fn change_as_one_of_many(directory: &Path, number: u64) {
    let place = Place::at(&directory.join("trust")).unwrap().remembered_at(&directory.join("seen")).unwrap();
    let mut ledger = script::open(place.lock_wait(120_000)).unwrap();
    let name = format!("key-{number}");
    eprintln!();
    for count in 0..run::size("STELLA_APPENDS", 12) {
        let label = Terms::labelled(&format!("{number} {count}"));
        let record = Record::Key(KeyRecord { terms: label, ..key_record(&name) });
        let change = if count == 0 { Change::Added(record) } else { Change::Changed(record) };
        let committed = ledger.change(change, &occasion("dave", 10)).unwrap();
        eprintln!("acknowledged {}", committed.head.size);
        if count % 16 == 7 {
            // Somebody keeps a checkpoint elsewhere now and then.
            let file = directory.join(format!("checkpoint {}", committed.head.size));
            std::fs::write(file, &committed.checkpoint).unwrap();
        }
    }
}
