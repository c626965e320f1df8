//! Versions of the tables. Fault F14.

use rusqlite::Connection;
use stella_attest_store::{AttestationStore, StoreError};

use crate::child::{Said, can_trace, steps, with_injected};
use crate::interrupted::look;
use crate::suite::changes::RUN;
use crate::suite::made::plan;
use crate::world::{Home, open};

/// The tables that version 1 had otherwise.
const VERSION_1: &str = "
DROP INDEX share_open;
DROP TABLE share;
DROP TABLE run;
CREATE TABLE run (id BLOB PRIMARY KEY, plan BLOB NOT NULL, planned INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE share (
    run BLOB NOT NULL,
    number INTEGER NOT NULL,
    arrivals BLOB NOT NULL,
    worker BLOB,
    until INTEGER,
    outcome BLOB,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
INSERT INTO run VALUES (x'05050505050505050505050505050505', x'00', 3);
PRAGMA user_version = 1;
";

fn of_version_1() -> Home {
    let home = Home::prepared();
    let database = Connection::open(home.file("attest.db")).unwrap();
    database.execute_batch(VERSION_1).unwrap();
    database.close().unwrap();
    home
}

#[test]
fn a_store_of_the_version_before_is_brought_to_this_one_with_everything_in_it() {
    let new = Home::prepared();
    let old = of_version_1();
    let mut store = open(old.path()).unwrap();
    assert_eq!(store.about().unwrap().schema, 2);
    assert_eq!(store.run(RUN).unwrap(), None, "runs are started again");
    store.start_run(RUN, &plan(2)).unwrap();
    store.take_share(RUN, "before", 3_600).unwrap();
    drop(store);
    assert_eq!(look(&old).unwrap(), look(&new).unwrap());
}

#[test]
fn an_upgrade_killed_at_any_step_leaves_the_old_version_or_the_new_one() {
    if !can_trace() {
        return;
    }
    let original = of_version_1();
    let twin = original.copy();
    let steps = steps(twin.path(), "open");
    let after = look(&twin).unwrap();
    let mut points = 0;
    for (call, number) in steps {
        let home = original.copy();
        with_injected(home.path(), "open", &call, &format!("signal=KILL:when={number}"));
        let database = Connection::open(home.file("attest.db")).unwrap();
        let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let columns: Vec<String> = database
            .prepare("SELECT name FROM pragma_table_info('run')")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let expected: &[&str] =
            if version == 1 { &["id", "plan", "planned"] } else { &["id", "record", "sum", "started"] };
        assert_eq!(columns, expected, "{call} {number}");
        database.close().unwrap();
        assert_eq!(look(&home).unwrap(), after, "{call} {number}");
        points += 1;
    }
    println!("embedded store, upgrade killed: {points} points tested / 0 between versions");
}

#[test]
fn an_older_program_leaves_a_newer_store_alone() {
    let home = Home::prepared();
    let database = Connection::open(home.file("attest.db")).unwrap();
    database.pragma_update(None, "user_version", 3).unwrap();
    database.close().unwrap();
    let bytes = std::fs::read(home.file("attest.db")).unwrap();
    let refused = look(&home).unwrap_err();
    assert!(matches!(refused, StoreError::SchemaTooNew { found: 3, supported: 2, .. }), "{refused:?}");
    assert_eq!(std::fs::read(home.file("attest.db")).unwrap(), bytes);
    assert_eq!(
        crate::child::said(crate::child::program(home.path(), "add")),
        Said::Refused("store.schema_too_new".into())
    );
}
