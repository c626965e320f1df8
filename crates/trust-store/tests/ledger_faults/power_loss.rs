//! Only what was synced survives a power loss, and of the rest anything may.

use std::collections::BTreeMap;

use stella_vocabulary::{Code, Reason as _};

use crate::disk::{Disk, Numbers, Operation, Survives, World, acknowledged, crash, has_work, without};
use crate::run::{self, Tally};
use crate::script::{length, next, open, reference};

/// The files of the store after each number of acts.
type Copies = BTreeMap<u64, BTreeMap<String, Vec<u8>>>;

/// The operations of all acts, each by somebody who opens the store anew, and copies of the store on the way.
fn recorded() -> (Vec<Operation>, Copies) {
    let disk = Disk::new();
    let mut copies = Copies::new();
    for act in 1..=length() {
        assert_eq!(next(|| disk.place()).unwrap(), act);
        disk.acknowledge(act as u64);
        copies.insert(act as u64, disk.world.borrow().files_of(disk.store_dir()));
    }
    let operations = disk.world.borrow().operations.clone();
    (operations, copies)
}

/// Whether the store that is left is sound, goes on, and an older copy of it would be noticed: one from before a revocation brings
/// the revoked key back. At most `begun` acts can be there.
fn sound(world: World, acknowledged: Option<u64>, begun: usize, copies: &Copies, tally: &mut Tally) -> bool {
    let before = *tally;
    let acts = acknowledged.unwrap_or(0);
    if let Some((_, copy)) = copies.range(..acts).next_back() {
        let older = Disk::of(world.clone());
        let trust = older.world.borrow().find(0, "trust");
        let refusal = trust.and_then(|dir| {
            older.world.borrow_mut().replace_files(dir, copy);
            open(older.place()).err()
        });
        let noticed = refusal.is_some_and(|error| error.code() == Code::StoreRollbackDetected);
        tally.audit_failures += u64::from(!noticed);
    }
    let disk = Disk::of(world);
    if !tally.judge_between(usize::try_from(acts).unwrap(), begun, || disk.place()) {
        return false;
    }
    // The next one needs no help.
    let continued = next(|| disk.place()).and_then(|acts| {
        let ledger = open(disk.place())?;
        let audit = ledger.verify(reference().checkpoint(acts))?;
        Ok(audit.head.size == reference().size(acts) && audit.state == reference().state(acts))
    });
    let files = disk.world.borrow().files_of(disk.store_dir());
    let clean = acts == length() as u64 || !files.keys().any(|name| name.ends_with(".new"));
    tally.audit_failures += u64::from(continued != Ok(true) || !clean);
    tally.sound_since(&before)
}

/// The acts that were acknowledged, and one more.
fn begun(operations: &[Operation]) -> usize {
    usize::try_from(acknowledged(operations).unwrap_or(0)).unwrap() + 1
}

#[test]
fn every_crash_state_is_a_ledger_with_all_that_was_acknowledged_f02() {
    let states = run::size("STELLA_CRASH_STATES", 700);
    let (operations, copies) = recorded();
    let mut tally = Tally::default();
    let mut numbers = Numbers(11);
    let points = operations.len() + 1;
    // A run that is smaller than one round takes its points from all over the history.
    let step = (2 * points).div_ceil(usize::try_from(states).unwrap()).max(1);
    for number in 0.. {
        if tally.points >= states {
            break;
        }
        let (round, point) = (number * step / points, number * step % points);
        let survives = match round {
            0 => Survives::Nothing,
            1 => Survives::Everything,
            round if round % 2 == 0 => Survives::Parts(512),
            _ => Survives::Parts(4096),
        };
        let past = &operations[..point];
        let world = crash(past, survives, &mut numbers);
        assert!(
            sound(world, acknowledged(past), begun(past), &copies, &mut tally),
            "{survives:?} after {point}: {tally:?}, {:?}",
            past.last()
        );
    }
    tally.finish("power loss of the ledger");
}

/// Whether some crash state shows that a sync was left out at this point.
fn missed(operations: &[Operation], at: usize, copies: &Copies, numbers: &mut Numbers) -> bool {
    // Right after the next acknowledgement, the least may be lost.
    let told = |point: &usize| matches!(operations[point - 1], Operation::Acknowledged { .. });
    let soon = (at.max(1)..=operations.len()).take(40);
    let (first, rest): (Vec<usize>, Vec<usize>) = soon.partition(told);
    first.into_iter().chain(rest).any(|point| {
        let past = &operations[..point];
        let every = [Survives::Nothing, Survives::Everything];
        // Where a mark survives without what it counts, it does so once in six times or so.
        let parts = [Survives::Parts(512), Survives::Parts(4096)].repeat(24);
        every.into_iter().chain(parts).any(|survives| {
            let world = crash(past, survives, numbers);
            !sound(world, acknowledged(past), begun(past), copies, &mut Tally::default())
        })
    })
}

#[test]
fn no_sync_of_any_change_can_be_left_out() {
    let (operations, copies) = recorded();
    let mut numbers = Numbers(13);
    let stride = usize::try_from(run::size("STELLA_FAULT_STRIDE", 6)).unwrap();
    // Before that, a log without entries is made; its own tests show what that needs.
    let made = operations.iter().position(|operation| matches!(operation, Operation::Acknowledged { .. })).unwrap();
    let syncs: Vec<usize> = (made..operations.len()).filter(|at| has_work(&operations, *at)).collect();
    let mut shown = 0;
    for at in syncs.iter().copied().step_by(stride) {
        let history = without(&operations, |number| number == at);
        assert!(missed(&history, at, &copies, &mut numbers), "sync {at} of {} is not needed", operations.len());
        shown += 1;
    }
    println!("syncs of {} changes left out: {shown} of {} tried, each shown by a crash state", length(), syncs.len());
    assert!(syncs.len() >= 3 * (length() - 1), "{}", syncs.len());
}

#[test]
fn a_process_that_dies_and_then_the_power_cost_no_change() {
    let (operations, copies) = recorded();
    let mut tally = Tally::default();
    let mut numbers = Numbers(12);
    let stride = usize::try_from(run::size("STELLA_FAULT_STRIDE", 17)).unwrap();
    // After the last act nobody comes who would make what a dead one remembers of it durable.
    let last = operations.iter().rposition(|operation| matches!(operation, Operation::Write { .. })).unwrap();
    for dies_at in (1..last).step_by(stride) {
        let disk = Disk::new();
        disk.world.borrow_mut().dies_at = Some(dies_at);
        let mut done = 0;
        while let Ok(acts) = next(|| disk.place()) {
            if acts == done {
                break;
            }
            done = acts;
            disk.acknowledge(done as u64);
        }
        disk.world.borrow_mut().dies_at = None;
        // What the dead one was about may be there or not, and the next act is the one after it or the same again.
        let acts = next(|| disk.place()).unwrap_or_else(|error| panic!("dead at {dies_at}: {error:?}"));
        if acts > done {
            disk.acknowledge(acts as u64);
        }
        let operations = disk.world.borrow().operations.clone();
        for point in [operations.len(), dies_at + numbers.below(operations.len() - dies_at)] {
            for survives in [Survives::Nothing, Survives::Parts(512), Survives::Parts(4096)] {
                let past = &operations[..point];
                let world = crash(past, survives, &mut numbers);
                let held = sound(world, acknowledged(past), acts, &copies, &mut tally);
                assert!(held, "dead at {dies_at}, {survives:?} after {point}: {tally:?}");
            }
        }
    }
    tally.finish("death, then power loss of the ledger");
}
