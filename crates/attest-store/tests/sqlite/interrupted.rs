//! Changes that are killed at each of their system calls. What was acknowledged stays, what was not is there in whole or not at all.
//! Faults F08 to F12 and F14 ask for it.

use stella_attest_store::{AttestationStore, StoreError};

use crate::child::{Said, can_trace, steps, with_injected};
use crate::suite::changes::{CHANGES, State, Tally, state};
use crate::suite::made::{documents, size};
use crate::world::{Home, open};

pub(crate) fn look(home: &Home) -> Result<State, StoreError> {
    state(&mut open(home.path())?)
}

#[test]
fn a_change_killed_at_any_step_is_made_or_not_made() {
    if !can_trace() {
        return;
    }
    let stride = usize::try_from(size("STELLA_KILL_STRIDE", 4)).unwrap();
    let original = Home::prepared();
    let before = look(&original).unwrap();
    let mut tally = Tally::default();
    let (mut all, mut killed) = (0, 0);
    for (name, change, repeatable) in CHANGES {
        let twin = original.copy();
        let steps = steps(twin.path(), name);
        let after = look(&twin).unwrap();
        for (call, number) in steps {
            all += 1;
            if all % stride != 0 {
                continue;
            }
            let home = original.copy();
            let said = with_injected(home.path(), name, &call, &format!("signal=KILL:when={number}"));
            killed += u64::from(said == Said::Nothing);
            let point = format!("{name} at {call} {number}");
            tally.points += 1;
            let found = look(&home).unwrap_or_else(|error| panic!("{point}: {error:?}"));
            if said == Said::Acknowledged {
                tally.acknowledged += 1;
                tally.lost += u64::from(found != after);
            } else if found != before && found != after {
                tally.half_applied += 1;
                println!("{point}: {found:#?}");
            }
            let mut store = open(home.path()).unwrap();
            // Nobody has to put anything right.
            if said != Said::Acknowledged && (*repeatable || found == before) {
                change(&mut store).unwrap_or_else(|error| panic!("{point}, again: {error:?}"));
                tally.half_applied += u64::from(state(&mut store).unwrap() != after);
            }
            crate::suite::made::add(&mut store, &documents("behind", 2)).unwrap();
            tally.audit_failures += store.check(9, &mut |_| ()).unwrap().len() as u64;
        }
    }
    assert!(killed > 0);
    tally.print(&format!("embedded store, kill -9 at every {stride}. of {all} system calls"));
}

#[test]
fn a_store_whose_making_is_killed_at_any_step_is_made_by_the_next() {
    if !can_trace() {
        return;
    }
    let stride = usize::try_from(size("STELLA_KILL_STRIDE", 4)).unwrap();
    let all = steps(Home::empty().path(), "create");
    let mut points = 0;
    for (call, number) in all.iter().skip(1).step_by(stride) {
        let home = Home::empty();
        let said = with_injected(home.path(), "create", call, &format!("signal=KILL:when={number}"));
        let mut store = match (open(home.path()), said) {
            (Ok(store), _) => store,
            (Err(StoreError::NotFound { .. }), Said::Nothing) => {
                assert_eq!(crate::child::said(crate::child::program(home.path(), "create")), Said::Acknowledged);
                open(home.path()).unwrap()
            }
            (Err(error), said) => panic!("{call} {number}: {said:?}, {error:?}"),
        };
        crate::suite::changes::prepare(&mut store);
        assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
        points += 1;
    }
    println!("embedded store, making killed: {points} points tested / 0 half-made");
}
