//! The trust log: the laws of every log, and those of one that many nodes share.

use std::sync::Barrier;
use std::thread;

use stella_attest_store::postgres::PostgresLog;
use stella_testkit::postgres::{Proxy, Server, When};
use stella_trust_store::fs::StoreId;
use stella_trust_store::{Head, LogStore, MemoryLog, StoreError, Visit};
use stella_vocabulary::{Code, Reason};

use crate::world::{connection, remembered, schema};

const ID: StoreId = StoreId::from_bytes([7; 32]);

/// Entries have 20 to 1,600 bytes.
fn entry(sequence: u64) -> Vec<u8> {
    let filling = (sequence * 397) % 1_580;
    let mut bytes = format!("entry {sequence:012} ").into_bytes();
    bytes.extend((0..filling).map(|at| (at ^ sequence) as u8));
    bytes
}

fn note(size: u64) -> String {
    format!("store\n{size}\nnote over {size} entries\n")
}

/// Appends one to three entries, built on what the log holds.
fn append_next(log: &mut impl LogStore) -> Result<Head, StoreError> {
    let head = log.head()?;
    let end = head.size + 1 + head.size % 3;
    let entries: Vec<Vec<u8>> = (head.size..end).map(entry).collect();
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    log.append(&head, &entries, &note(end))
}

fn entries(log: &impl LogStore) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut entries = vec![];
    log.read(0, &mut |sequence, entry| {
        assert_eq!(sequence, entries.len() as u64);
        entries.push(entry.to_vec());
        Ok(Visit::Continue)
    })?;
    Ok(entries)
}

fn create(url: &str) -> PostgresLog {
    PostgresLog::create(&connection(url), ID, None).unwrap()
}

fn open(url: &str) -> Result<PostgresLog, StoreError> {
    PostgresLog::open(&connection(url), None)
}

#[test]
fn a_log_in_postgresql_gives_the_same_answers_as_one_in_memory() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    let mut log = create(&url);
    let mut memory = MemoryLog::new();
    assert_eq!(log.checkpoint().unwrap(), None);
    for _ in 0..40 {
        assert_eq!(log.head().unwrap(), memory.head().unwrap());
        let appended = append_next(&mut memory).unwrap();
        assert_eq!(append_next(&mut log).unwrap(), appended);
        assert_eq!(log.checkpoint().unwrap(), memory.checkpoint().unwrap());
    }
    let again = open(&url).unwrap();
    let size = memory.head().unwrap().size;
    assert_eq!((again.id(), again.head().unwrap()), (ID, memory.head().unwrap()));
    assert_eq!(entries(&again).unwrap(), entries(&memory).unwrap());
    for from in (0..=size + 1).step_by(7) {
        let mut shown = vec![];
        again
            .read(from, &mut |sequence, bytes| {
                assert_eq!(bytes, entry(sequence));
                shown.push(sequence);
                Ok(if shown.len() == 3 { Visit::Stop } else { Visit::Continue })
            })
            .unwrap();
        assert_eq!(shown, (from..size).take(3).collect::<Vec<_>>());
    }
}

#[test]
fn an_error_of_the_visitor_comes_back_and_a_visitor_may_ask_the_log() {
    let Some(server) = Server::shared() else { return };
    let mut log = create(&server.socket_url(&schema()));
    append_next(&mut log).unwrap();
    let error = StoreError::NotFound { path: "elsewhere".into() };
    assert_eq!(log.read(0, &mut |_, _| Err(error.clone())), Err(error));
    log.read(0, &mut |_, _| log.head().map(|_| Visit::Continue)).unwrap();
}

#[test]
fn who_builds_on_an_older_head_is_told_where_the_log_ends_and_changes_nothing() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    let mut log = create(&url);
    let head = append_next(&mut log).unwrap();
    let mut other = open(&url).unwrap();
    let refusal = other.append(&Head::empty(), &[b"late"], "").unwrap_err();
    assert_eq!(refusal, StoreError::HeadMoved { expected: Head::empty(), found: head });
    assert_eq!(refusal.code(), Code::StoreBusy);
    let same_size = Head { root: [0; 32], ..head };
    assert!(matches!(other.append(&same_size, &[b"late"], ""), Err(StoreError::HeadMoved { .. })));
    assert_eq!(entries(&log).unwrap(), [entry(0)]);
    // The very group that is there: an append whose answer was lost.
    assert_eq!(other.append(&Head::empty(), &[&entry(0)], &note(1)).unwrap(), head);
    assert_eq!(entries(&log).unwrap(), [entry(0)]);
}

#[test]
fn a_group_may_be_a_note_alone_and_a_note_may_be_missing() {
    let Some(server) = Server::shared() else { return };
    let mut log = create(&server.socket_url(&schema()));
    assert_eq!(log.append(&Head::empty(), &[], "a note over nothing").unwrap(), Head::empty());
    assert_eq!(log.checkpoint().unwrap().as_deref(), Some("a note over nothing"));
    let head = log.append(&Head::empty(), &[b""], "").unwrap();
    assert_eq!((head.size, log.checkpoint().unwrap()), (1, None));
}

#[test]
fn what_is_too_long_is_refused_before_anything_is_written() {
    let Some(server) = Server::shared() else { return };
    let mut log = create(&server.socket_url(&schema()));
    let long = vec![0; (1 << 20) + 1];
    let note = "n".repeat((64 << 10) + 1);
    let just = &long[1..];
    for refused in [
        log.append(&Head::empty(), &[&long], ""),
        log.append(&Head::empty(), &[], &note),
        log.append(&Head::empty(), &[just; 9], ""),
    ] {
        assert_eq!(refused.unwrap_err().code(), Code::InputTooLarge);
    }
    assert_eq!(log.head().unwrap(), Head::empty());
    let head = log.append(&Head::empty(), &[just; 7], &note[1..]).unwrap();
    assert_eq!((head.size, entries(&log).unwrap().len()), (7, 7));
}

#[test]
fn a_log_is_made_once_and_found_only_where_it_was_made() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    assert_eq!(open(&url).err().unwrap().code(), Code::StoreNotFound);
    crate::world::create(&url);
    assert_eq!(open(&url).err().unwrap().code(), Code::StoreNotFound);
    create(&url);
    assert!(matches!(PostgresLog::create(&connection(&url), ID, None).err(), Some(StoreError::AlreadyExists { .. })));
    open(&url).unwrap();
}

#[test]
fn sixteen_threads_that_race_lose_nothing_and_keep_one_order() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    create(&url);
    let rounds = crate::world::size("STELLA_RACE_ROUNDS", 20);
    let barrier = Barrier::new(16);
    thread::scope(|scope| {
        for thread in 0..16 {
            let (url, barrier) = (&url, &barrier);
            scope.spawn(move || {
                let mut log = open(url).unwrap();
                barrier.wait();
                for round in 0..rounds {
                    let entry = format!("thread {thread} round {round}");
                    let mut head = log.head().unwrap();
                    // Each failure is another's success, so this ends.
                    for _ in 0..16 * rounds {
                        match log.append(&head, &[entry.as_bytes()], "") {
                            Ok(_) => break,
                            Err(StoreError::HeadMoved { found, .. }) => head = found,
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                }
            });
        }
    });
    let kept = entries(&open(&url).unwrap()).unwrap();
    assert_eq!(kept.len() as u64, 16 * rounds);
    for thread in 0..16 {
        let begin = format!("thread {thread} round ");
        let own: Vec<String> = kept
            .iter()
            .filter_map(|entry| String::from_utf8(entry.clone()).unwrap().strip_prefix(&begin).map(str::to_owned))
            .collect();
        assert_eq!(own, (0..rounds).map(|round| round.to_string()).collect::<Vec<_>>());
    }
}

#[test]
fn an_append_whose_answer_was_lost_is_made_once_and_acknowledged() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let url = server.socket_url(&schema);
    create(&url);
    let proxy = Proxy::before(server.port());
    let mut log = open(&proxy.url(&schema)).unwrap();
    let (mut size, mut points) = (0, 0);
    for statement in 0..60 {
        for when in [When::Before, When::After] {
            proxy.cut(statement, when, || ());
            let head = open(&url).unwrap().head().unwrap();
            assert_eq!(head.size, size);
            let text = format!("{statement} {when:?}");
            let after = log.append(&head, &[text.as_bytes(), b"another"], "note").unwrap();
            size += 2;
            points += u64::from(!proxy.is_waiting());
            assert_eq!((after.size, open(&url).unwrap().head().unwrap()), (size, after), "{text}");
        }
        if proxy.is_waiting() {
            break;
        }
    }
    assert_eq!(entries(&open(&url).unwrap()).unwrap().len() as u64, size);
    assert!(points > 10, "{points}");
    println!("lost answers, trust log: {points} points tested / {} acknowledged / 0 lost / 0 doubled", size / 2);
}

#[test]
fn others_may_append_between_a_lost_answer_and_the_second_try() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let url = server.socket_url(&schema);
    create(&url);
    let proxy = Proxy::before(server.port());
    let mut log = open(&proxy.url(&schema)).unwrap();
    append_next(&mut log).unwrap();
    let before = log.head().unwrap();
    proxy.reset();
    log.append(&before, &[b"theirs"], "").unwrap();
    let commit = proxy.statements() - 1;
    let before = log.head().unwrap();
    let other = url.clone();
    // After the answer to COMMIT, on its way back.
    proxy.cut(commit, When::After, move || {
        append_next(&mut open(&other).unwrap()).unwrap();
    });
    let after = log.append(&before, &[b"ours"], "").unwrap();
    assert!(!proxy.is_waiting());
    assert_eq!(after.size, before.size + 1);
    assert!(log.head().unwrap().size > after.size);
    assert_eq!(entries(&log).unwrap().iter().filter(|entry| *entry == b"ours").count(), 1);
}

#[test]
fn an_older_copy_put_back_is_noticed_until_it_is_accepted() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let url = server.socket_url(&schema);
    let directory = tempfile::tempdir().unwrap();
    let open = || PostgresLog::open(&connection(&url), Some(remembered(directory.path())));
    let mut log = PostgresLog::create(&connection(&url), ID, Some(remembered(directory.path()))).unwrap();
    append_next(&mut log).unwrap();
    server.sql(&format!("CREATE SCHEMA {schema}_copy; CREATE TABLE {schema}_copy.log AS TABLE {schema}.log; CREATE TABLE {schema}_copy.log_entry AS TABLE {schema}.log_entry; CREATE TABLE {schema}_copy.log_group AS TABLE {schema}.log_group"));
    let restore = || {
        for table in ["log", "log_entry", "log_group"] {
            server.sql(&format!(
                "DELETE FROM {schema}.{table}; INSERT INTO {schema}.{table} SELECT * FROM {schema}_copy.{table}"
            ));
        }
    };
    let seen = append_next(&mut log).unwrap();
    open().unwrap();
    restore();
    let refusal = open().err().unwrap();
    assert!(matches!(refusal, StoreError::RollbackDetected { seen: known, .. } if known == seen), "{refusal:?}");
    assert_eq!(refusal.code(), Code::StoreRollbackDetected);
    // Also by whoever had it open, before anything is written.
    assert_eq!(append_next(&mut log).unwrap_err().code(), Code::StoreRollbackDetected);
    let made_again = PostgresLog::create(&connection(&url), ID, Some(remembered(directory.path()))).err().unwrap();
    assert_eq!(made_again.code(), Code::StoreRollbackDetected);
    // Another branch of the same length, and one that is longer.
    for _ in 0..2 {
        let mut branch = PostgresLog::open(&connection(&url), None).unwrap();
        let head = branch.head().unwrap();
        branch.append(&head, &[b"another history", b"of two"], "").unwrap();
        assert_eq!(open().err().unwrap().code(), Code::StoreRollbackDetected);
    }
    let mut accepted =
        PostgresLog::open(&connection(&url), Some(remembered(directory.path()).danger_accept_rollback())).unwrap();
    let head = accepted.head().unwrap();
    accepted.accepted(&head).unwrap();
    append_next(&mut accepted).unwrap();
    let log = open().unwrap();
    assert_eq!(log.seen().unwrap(), Some(log.head().unwrap()));
}

#[test]
fn a_log_that_grew_elsewhere_is_taken_as_the_continuation_that_it_is() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    let directory = tempfile::tempdir().unwrap();
    let mut log = PostgresLog::create(&connection(&url), ID, Some(remembered(directory.path()))).unwrap();
    let mut elsewhere = open(&url).unwrap();
    for groups in 1..12 {
        for _ in 0..groups % 7 {
            append_next(&mut elsewhere).unwrap();
        }
        PostgresLog::open(&connection(&url), Some(remembered(directory.path()))).unwrap();
        append_next(&mut log).unwrap();
    }
}

#[test]
fn what_somebody_changed_in_the_tables_is_never_shown() {
    let Some(server) = Server::shared() else { return };
    for change in [
        "UPDATE log_entry SET entry = set_byte(entry, 3, 0) WHERE sequence = 2",
        "UPDATE log_entry SET sum = ''::bytea WHERE sequence = 2",
        "DELETE FROM log_entry WHERE sequence = 2",
        "DELETE FROM log_entry WHERE sequence = (SELECT max(sequence) FROM log_entry)",
        "UPDATE log_group SET root = set_byte(root, 0, 255 - get_byte(root, 0)) WHERE size = (SELECT size FROM log)",
        "UPDATE log_group SET frontier = ''::bytea",
        "UPDATE log_group SET checkpoint = 'other'::bytea",
        "DELETE FROM log_group",
        "UPDATE log SET size = size + 1",
        "UPDATE log SET id = set_byte(id, 0, 255)",
        "ALTER TABLE log_entry RENAME COLUMN entry TO other",
        "ALTER TABLE log_group ALTER COLUMN root TYPE text USING 'text'",
        "DROP TABLE log_group",
    ] {
        let schema = schema();
        let url = server.socket_url(&schema);
        let mut log = create(&url);
        for _ in 0..5 {
            append_next(&mut log).unwrap();
        }
        server.sql(&format!(
            "SET search_path TO {schema}; ALTER TABLE log_group DROP CONSTRAINT log_group_root_check; {change}"
        ));
        let refused = entries(&log).and_then(|_| log.checkpoint()).unwrap_err();
        assert_eq!(refused.code(), Code::StoreCorrupt, "{change}: {refused:?}");
    }
}
