//! Only what was synced survives a power loss, and of the rest anything may.

use std::collections::BTreeMap;

use stella_trust_store::LogStore as _;
use stella_trust_store::fs::{Access, FileLog, Files as _, Place};
use stella_vocabulary::{Code, Reason as _};

use crate::disk::{Disk, Numbers, Operation, Survives, World, acknowledged, crash, has_work, without};
use crate::workload::{self, ID, Tally, append_next, clock};

/// The operations of making a store and appending, and copies of the store on the way.
fn recorded(groups: u64) -> (Vec<Operation>, Copies) {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    disk.acknowledge(0);
    let files = || disk.world.borrow().files_of(disk.store_dir());
    let mut copies = Copies::from([(0, files())]);
    for _ in 0..groups {
        let head = append_next(&mut log).unwrap();
        disk.acknowledge(head.size);
        copies.insert(head.size, files());
    }
    let operations = disk.world.borrow().operations.clone();
    (operations, copies)
}

/// The files of the store as of each size.
type Copies = BTreeMap<u64, BTreeMap<String, Vec<u8>>>;

/// Whether the store that is left is sound, can be written again, and an older copy of it would be noticed.
fn sound(world: World, acknowledged: Option<u64>, copies: &Copies, tally: &mut Tally) -> bool {
    let before = *tally;
    let size = acknowledged.unwrap_or(0);
    if let Some(size) = acknowledged {
        // An older copy, or a store made anew where nothing was in it yet.
        let older = Disk::of(world.clone());
        let trust = older.world.borrow().find(0, "trust");
        let copy = copies.range(..size).next_back().map(|(_, files)| files);
        let opened = trust.and_then(|dir| {
            older.world.borrow_mut().replace_files(dir, copy.unwrap_or(&BTreeMap::new()));
            match copy {
                None => FileLog::create(older.place(), ID, clock()).err(),
                Some(_) => FileLog::open(older.place(), clock()).err(),
            }
        });
        let noticed = opened.is_some_and(|error| error.code() == Code::StoreRollbackDetected);
        tally.audit_failures += u64::from(!noticed);
        tally.audit_failures += u64::from(!notices_a_missing_end(&world, size));
    }
    let disk = Disk::of(world);
    let opened = FileLog::open(disk.place(), clock());
    if acknowledged.is_some() && matches!(&opened, Err(error) if error.code() == Code::StoreNotFound) {
        tally.points += 1;
        tally.lost += 1;
        return false;
    }
    let there = opened.is_ok();
    if !tally.judge(size, opened) {
        return false;
    }
    // The next writer needs no help.
    let next = if there { FileLog::open(disk.place(), clock()) } else { FileLog::create(disk.place(), ID, clock()) };
    let continued = next.and_then(|mut log| {
        let head = append_next(&mut log)?;
        let read = workload::answers(&log)?;
        Ok(read == workload::expected(head.size) && log.verify()?.head == head)
    });
    let files = disk.world.borrow().files_of(disk.store_dir());
    let clean = !files.keys().any(|name| name.ends_with(".new"));
    tally.audit_failures += u64::from(continued != Ok(true) || !clean);
    tally.sound_since(&before)
}

/// Whether somebody who remembers nothing notices that the latest segment is missing, once something in it was acknowledged.
fn notices_a_missing_end(world: &World, acknowledged: u64) -> bool {
    let disk = Disk::of(world.clone());
    let Some(dir) = disk.world.borrow().find(0, "trust") else { return true };
    let mut files = disk.world.borrow().files_of(dir);
    let last = files.keys().rfind(|name| name.ends_with(".log")).cloned();
    let base = last.as_deref().and_then(|name| u64::from_str_radix(name.strip_suffix(".log")?, 16).ok());
    if !base.is_some_and(|base| base > 0 && base < acknowledged) {
        return true;
    }
    last.map(|last| files.remove(&last));
    disk.world.borrow_mut().replace_files(dir, &files);
    let found = FileLog::open(disk.place_alone(), clock()).and_then(|log| log.head());
    found.is_err_and(|error| error.code() == Code::StoreCorrupt)
}

#[test]
fn every_crash_state_is_a_store_with_all_that_was_acknowledged() {
    let states = workload::size("STELLA_CRASH_STATES", 1_500);
    let (operations, copies) = recorded(16);
    let mut tally = Tally::default();
    let mut numbers = Numbers(1);
    let mut number = 0;
    'all: loop {
        for point in 0..=operations.len() {
            let survives = match number / (operations.len() as u64 + 1) {
                0 => Survives::Nothing,
                1 => Survives::Everything,
                round if round % 2 == 0 => Survives::Parts(512),
                _ => Survives::Parts(4096),
            };
            let past = &operations[..point];
            let world = crash(past, survives, &mut numbers);
            assert!(
                sound(world, acknowledged(past), &copies, &mut tally),
                "{survives:?} after {point}, state {number}: {tally:?}, {:?}",
                past.last()
            );
            number += 1;
            if number >= states {
                break 'all;
            }
        }
    }
    tally.finish("power loss");
}

#[test]
fn a_process_that_dies_and_then_the_power_cost_nothing_that_was_acknowledged() {
    let mut tally = Tally::default();
    let mut numbers = Numbers(2);
    let (operations, copies) = recorded(10);
    for dies_at in (0..operations.len()).step_by(if workload::size("STELLA_CRASH_STATES", 0) > 0 { 1 } else { 3 }) {
        let disk = dies_and_continues(dies_at);
        let operations = disk.world.borrow().operations.clone();
        for point in [operations.len(), dies_at + numbers.below(operations.len() - dies_at)] {
            for survives in [Survives::Nothing, Survives::Parts(512), Survives::Parts(4096)] {
                let past = &operations[..point];
                let world = crash(past, survives, &mut numbers);
                let held = sound(world, acknowledged(past), &copies, &mut tally);
                assert!(held, "dead at {dies_at}, {survives:?} after {point}: {tally:?}");
            }
        }
    }
    tally.finish("death, then power loss");
}

/// Somebody dies before an operation; somebody else goes on.
fn dies_and_continues(dies_at: usize) -> Disk {
    let disk = Disk::new();
    disk.world.borrow_mut().dies_at = Some(dies_at);
    if let Ok(mut log) = FileLog::create(disk.place(), ID, clock()) {
        disk.acknowledge(0);
        while let Ok(head) = append_next(&mut log) {
            let operations = disk.world.borrow().operations.len();
            if operations >= dies_at {
                // It may have died after the change was made and before it could say so.
                break;
            }
            disk.acknowledge(head.size);
            if operations + 1 >= dies_at {
                break;
            }
        }
    }
    disk.world.borrow_mut().dies_at = None;
    let mut log = match FileLog::open(disk.place(), clock()) {
        Ok(log) => log,
        Err(error) if error.code() == Code::StoreNotFound => FileLog::create(disk.place(), ID, clock()).unwrap(),
        Err(error) => panic!("dead at {dies_at}: {error:?}"),
    };
    for _ in 0..2 {
        let head = append_next(&mut log).unwrap();
        disk.acknowledge(head.size);
    }
    disk
}

/// Whether some crash state shows that a sync was left out at this point.
fn missed(operations: &[Operation], at: usize, copies: &Copies, numbers: &mut Numbers) -> bool {
    let points = (at..=operations.len()).take(40);
    points.into_iter().any(|point| {
        let past = &operations[..point];
        let every = [Survives::Nothing, Survives::Everything];
        let parts = [Survives::Parts(512), Survives::Parts(4096)].repeat(6);
        every.into_iter().chain(parts).any(|survives| {
            let world = crash(past, survives, numbers);
            !sound(world, acknowledged(past), copies, &mut Tally::default())
        })
    })
}

#[test]
fn no_sync_can_be_left_out() {
    let (operations, copies) = recorded(12);
    let mut numbers = Numbers(3);
    let (mut needed, mut repeated) = (0, 0);
    for at in 0..operations.len() {
        if !matches!(operations[at], Operation::Sync { .. }) {
            continue;
        }
        if has_work(&operations, at) {
            let context = &operations[at - 1];
            let history = without(&operations, |number| number == at);
            assert!(missed(&history, at, &copies, &mut numbers), "sync {at} is not needed: {context:?}");
            needed += 1;
        } else {
            // A writer syncs names again where the one before may have died: see the next test.
            repeated += 1;
        }
    }
    println!("syncs left out: {needed} shown by a crash state, {repeated} with nothing to do in this history");
    assert!(needed > 40, "{needed}");
}

#[test]
fn no_sync_on_behalf_of_a_dead_process_can_be_left_out() {
    let (operations, copies) = recorded(12);
    let mut numbers = Numbers(4);
    let mut shown = 0;
    for dies_at in 0..operations.len() {
        // A process dies before it could make a new name durable.
        if !matches!((&operations[dies_at - dies_at.min(1)], &operations[dies_at]), (Operation::Rename { .. }, _)) {
            continue;
        }
        let disk = dies_and_continues(dies_at);
        let history = disk.world.borrow().operations.clone();
        let Operation::Rename { dir, .. } = &history[dies_at - 1] else { panic!("{dies_at}") };
        // Opening and appending both see to it; without either, it is lost.
        let of_name = |at: usize| at >= dies_at && matches!(&history[at], Operation::Sync { node } if node == dir);
        let left = without(&history, of_name);
        assert!(left.len() < history.len(), "the next writer makes the name durable");
        assert!(missed(&left, dies_at, &copies, &mut numbers), "dead at {dies_at}");
        shown += 1;
    }
    assert!(shown >= 4, "{shown}");
}

#[test]
fn a_backup_survives_a_power_loss_and_none_of_its_syncs_can_be_left_out() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    let head = workload::append_groups(&mut log, 9);
    let begun = disk.world.borrow().operations.len();
    let copy = |disk: &Disk| {
        let [above, _] = disk.directories();
        Place::in_directory(above, "copy").segment_bytes(workload::SEGMENT_BYTES)
    };
    assert_eq!(log.back_up(copy(&disk)).unwrap(), head);
    let operations = disk.world.borrow().operations.clone();
    let mut numbers = Numbers(5);
    // Where the file that says which store it is has survived, all of the copy has.
    let mut whole = |operations: &[Operation], survives| {
        let disk = Disk::of(crash(operations, survives, &mut numbers));
        let found = disk.world.borrow().find(0, "copy").and_then(|dir| disk.world.borrow().find(dir, "store"));
        let read = FileLog::open(copy(&disk), clock()).and_then(|log| Ok((workload::answers(&log)?, log.verify()?)));
        match read {
            Ok((answers, verified)) => answers == workload::expected(head.size) && verified.head == head,
            Err(_) => found.is_none(),
        }
    };
    let parts = [Survives::Parts(512), Survives::Parts(4096)].repeat(12);
    let states: Vec<Survives> = [Survives::Nothing, Survives::Everything].into_iter().chain(parts).collect();
    let mut always_whole = |operations: &[Operation]| {
        let told = Disk::of(crash(operations, Survives::Nothing, &mut Numbers(6)));
        (begun..=operations.len()).all(|point| states.iter().all(|survives| whole(&operations[..point], *survives)))
            && FileLog::open(copy(&told), clock()).is_ok()
    };
    assert!(always_whole(&operations));
    let mut needed = 0;
    for at in (begun..operations.len()).filter(|at| has_work(&operations, *at)) {
        let history = without(&operations, |number| number == at);
        assert!(!always_whole(&history), "sync {at} is not needed");
        needed += 1;
    }
    println!("syncs of a backup left out: {needed} shown by a crash state");
    assert!(needed >= 5, "{needed}");
}

#[test]
fn a_lost_mark_is_written_again_before_anything_is_behind_it() {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    let mut copies = Copies::new();
    for _ in 0..3 {
        let head = append_next(&mut log).unwrap();
        disk.acknowledge(head.size);
        copies.insert(head.size, disk.world.borrow().files_of(disk.store_dir()));
    }
    // A sector goes bad, with whichever of the two marks is in it; then somebody appends.
    let untouched = disk.world.borrow().clone();
    let dir = disk.store_dir();
    let node = untouched.find(dir, "0000000000000000.log").unwrap();
    let mut numbers = Numbers(7);
    let mut needed = 0;
    for offset in [512, 1024] {
        let disk = Disk::of(untouched.clone());
        let file = disk.enter("trust").and_then(|dir| dir.open("0000000000000000.log", Access::Write)).unwrap();
        disk.write_at(&file, &[7; 512], offset).unwrap();
        disk.sync_file(&file).unwrap();
        let damaged = disk.world.borrow().operations.len();
        let head = append_next(&mut FileLog::open(disk.place(), clock()).unwrap()).unwrap();
        disk.acknowledge(head.size);
        let operations = disk.world.borrow().operations.clone();
        let mut tally = Tally::default();
        for point in damaged..=operations.len() {
            for survives in [Survives::Nothing, Survives::Everything].into_iter().chain([Survives::Parts(512); 24]) {
                let past = &operations[..point];
                let held = sound(crash(past, survives, &mut numbers), acknowledged(past), &copies, &mut tally);
                assert!(held, "mark at {offset}, {survives:?} after {point}: {tally:?}");
            }
        }
        for at in (damaged..operations.len()).filter(|at| has_work(&operations, *at)) {
            let of_segment = matches!(&operations[at], Operation::Sync { node: synced } if *synced == node);
            if of_segment {
                let history = without(&operations, |number| number == at);
                assert!(missed(&history, at, &copies, &mut numbers), "mark at {offset}: sync {at} is not needed");
                needed += 1;
            }
        }
    }
    println!("syncs after a lost mark left out: {needed} shown by a crash state");
}
