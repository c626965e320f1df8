//! Others who hold the lock. Faults F11 and F17.

use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use stella_attest_store::sqlite::Embedded;
use stella_attest_store::{AttestationStore, StoreError};

use crate::suite::made::{add, documents};
use crate::world::{Home, open, place};

#[test]
fn who_waits_too_long_for_a_stopped_writer_is_told_its_process() {
    let home = Home::prepared();
    // It takes the lock of the store and then does nothing, like a process that was stopped.
    let mut holder = std::process::Command::new("flock")
        .args(["--exclusive", home.file("attest/lock").to_str().unwrap(), "sh", "-c"])
        .arg(format!(
            "printf '%010d\\n' $$ >{0}; : >{1}; kill -STOP $$",
            home.file("attest/lock").display(),
            home.file("held").display()
        ))
        .spawn()
        .unwrap();
    while !home.file("held").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let written = fs::read_to_string(home.file("attest/lock")).unwrap();
    let begin = Instant::now();
    let mut store = Embedded::open(place(home.path()).lock_wait(300)).unwrap();
    // Readers wait for nobody.
    assert_eq!(store.about().unwrap().head.size, 5);
    assert!(begin.elapsed() < Duration::from_millis(250), "{:?}", begin.elapsed());
    match add(&mut store, &documents("late", 1)).unwrap_err() {
        StoreError::Locked { holder, waited, .. } => {
            assert_eq!(holder, written.trim().parse().ok());
            assert!(waited >= 300);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(store.about().unwrap().head.size, 5);
    // The lock goes with its holder.
    let stopped: i32 = written.trim().parse().unwrap();
    let _ = std::process::Command::new("kill").args(["-KILL", &stopped.to_string()]).status();
    let _ = holder.wait();
    add(&mut store, &documents("now", 1)).unwrap();
}

#[test]
fn somebody_who_writes_past_our_lock_makes_the_store_busy_and_loses_nothing() {
    let home = Home::prepared();
    let mut store = Embedded::open(place(home.path()).lock_wait(200)).unwrap();
    let other = Connection::open(home.file("attest.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = add(&mut store, &documents("late", 1)).unwrap_err();
    assert!(matches!(refused, StoreError::Busy { .. }), "{refused:?}");
    other.execute_batch("ROLLBACK").unwrap();
    add(&mut store, &documents("late", 1)).unwrap();
    assert_eq!(store.about().unwrap().head.size, 6);
}

#[test]
fn what_a_dead_process_left_behind_needs_no_hand() {
    let home = Home::empty();
    // A store whose making was interrupted, long ago.
    fs::write(home.file("attest.db.new"), b"half a database").unwrap();
    fs::write(home.file("attest.db.new-wal"), b"and more").unwrap();
    drop(Embedded::create(place(home.path()), [7; 16]).unwrap());
    let mut store = open(home.path()).unwrap();
    add(&mut store, &documents("one", 3)).unwrap();
    let left: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".new"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}
