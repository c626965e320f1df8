//! A server whose answers are not what they should be. Fault F44; RUSTSEC-2026-0178.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use stella_attest_store::postgres::{PostgresLog, Shared};
use stella_attest_store::{AttestationStore, EventFilter, Filter, StoreError};
use stella_testkit::postgres::{Proxy, Server};
use stella_trust_store::fs::StoreId;
use stella_trust_store::{LogStore as _, Visit};
use stella_vocabulary::{Code, Reason};

use crate::world::{add, connection, create, documents, event, report, schema};

/// Everything that reads; the first failure.
fn read(url: &str) -> Result<(), StoreError> {
    let mut store = Shared::connect(&connection(url))?;
    store.about()?;
    let arrivals = store.find(&Filter::default(), 0, 10)?;
    for arrival in &arrivals {
        store.document(arrival)?;
        store.report(&arrival.attestation)?;
    }
    store.events(&EventFilter::default(), 0, 10)?;
    store.journal(&[event(1)])?;
    Ok(())
}

fn prepared(server: &Server) -> (String, Proxy) {
    let schema = schema();
    let url = server.socket_url(&schema);
    let mut store = create(&url);
    add(&mut store, &documents("kept", 3)).unwrap();
    let arrival = store.arrival(2).unwrap().unwrap();
    store.keep_reports(&[report(&arrival, None, &["key/1"])]).unwrap();
    store.journal(&[event(1)]).unwrap();
    let mut log = PostgresLog::create(&connection(&url), StoreId::from_bytes([3; 32]), None).unwrap();
    log.append(&log.head().unwrap(), &[b"one", b"two"], "").unwrap();
    (schema, Proxy::before(server.port()))
}

/// Puts the right length before a changed message.
fn sized(mut message: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(message.len() - 1).unwrap();
    message[1..5].copy_from_slice(&length.to_be_bytes());
    message
}

#[test]
fn a_malformed_row_is_damage_or_a_failure_and_never_a_panic() {
    let Some(server) = Server::shared() else { return };
    type Malformed = (&'static str, fn(Vec<u8>) -> Vec<u8>);
    let ways: [Malformed; 11] = [
        ("no columns", |mut row| {
            row.truncate(5);
            row.extend([0, 0]);
            sized(row)
        }),
        ("one column too few, and no bytes of it", |mut row| {
            let columns = u16::from_be_bytes([row[5], row[6]]).saturating_sub(1);
            row[5..7].copy_from_slice(&columns.to_be_bytes());
            row.truncate(7 + usize::from(columns));
            sized(row)
        }),
        ("more columns than there are bytes", |mut row| {
            row[5..7].copy_from_slice(&[0x7f, 0xff]);
            row
        }),
        ("a negative number of columns", |mut row| {
            row[5..7].copy_from_slice(&[0xff, 0xff]);
            row
        }),
        ("cut in the middle", |mut row| {
            row.truncate(row.len().div_ceil(2).max(7));
            sized(row)
        }),
        ("empty", |mut row| {
            row.truncate(5);
            sized(row)
        }),
        ("a value longer than the row", |mut row| {
            row[7..11].copy_from_slice(&[0x3f, 0xff, 0xff, 0xff]);
            row
        }),
        ("a value of a negative length", |mut row| {
            row[7..11].copy_from_slice(&[0x80, 0, 0, 0]);
            row
        }),
        ("nothing where there is something", |mut row| {
            let length = usize::try_from(u32::from_be_bytes([row[7], row[8], row[9], row[10]])).unwrap_or(0);
            row[7..11].copy_from_slice(&[0xff; 4]);
            if length < 1 << 20 {
                row.drain(11..(11 + length).min(row.len()));
            }
            sized(row)
        }),
        ("a message of 2 GiB", |mut row| {
            row[1..5].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
            row
        }),
        ("a message of a negative length", |mut row| {
            row[1..5].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
            row
        }),
    ];
    // Most of a point is waiting for an answer that does not come, so some of them wait side by side.
    let next = AtomicUsize::new(0);
    let points = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (schema, proxy) = prepared(server);
                while let Some((what, change)) = ways.get(next.fetch_add(1, Ordering::SeqCst)) {
                    points.fetch_add(malformed(&proxy, &schema, what, *change), Ordering::SeqCst);
                }
                proxy.reset();
                read(&proxy.url(&schema)).unwrap();
            });
        }
    });
    let points = points.into_inner();
    println!("malformed rows: {points} points tested / 0 panics");
    assert!(points > 60, "{points}");
}

/// Changes each row of the whole reading in turn, as far as the size of the run goes: how many there were.
fn malformed(proxy: &Proxy, schema: &str, what: &str, change: fn(Vec<u8>) -> Vec<u8>) -> u64 {
    let url = format!("{}&statement_timeout=1", proxy.url(schema));
    for victim in 0..crate::world::size("STELLA_MALFORMED_ROWS", 12) {
        let rows = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&rows);
        proxy.change(move |tag, message| {
            if tag == b'D' && count.fetch_add(1, Ordering::SeqCst) == victim { change(message) } else { message }
        });
        let done = read(&url);
        if rows.load(Ordering::SeqCst) <= victim {
            done.unwrap();
            return victim;
        }
        if let Err(error) = done {
            let code = error.code();
            assert!(
                matches!(code, Code::StoreCorrupt | Code::StoreIo | Code::StoreNotFound),
                "{what}, row {victim}: {error:?}"
            );
        }
        // The long waits need be tried once or twice only.
        if what.starts_with("a message") && victim > 1 {
            return victim + 1;
        }
    }
    crate::world::size("STELLA_MALFORMED_ROWS", 12)
}

#[test]
fn a_short_row_is_damage_by_name() {
    let Some(server) = Server::shared() else { return };
    let (schema, proxy) = prepared(server);
    let mut store = Shared::connect(&connection(&proxy.url(&schema))).unwrap();
    store.arrival(1).unwrap();
    proxy.change(|tag, mut message| {
        if tag == b'D' {
            message.truncate(5);
            message.extend([0, 0]);
            return sized(message);
        }
        message
    });
    let refused = store.arrival(1).unwrap_err();
    assert_eq!(refused.code(), Code::StoreCorrupt, "{refused:?}");
    let log = PostgresLog::open(&connection(&server.socket_url(&schema)), None).unwrap();
    let through = PostgresLog::open(&connection(&proxy.url(&schema)), None).err().unwrap();
    assert_eq!(through.code(), Code::StoreCorrupt, "{through:?}");
    assert_eq!(log.head().unwrap().size, 2);
}

#[test]
fn any_byte_of_any_answer_may_be_another() {
    let Some(server) = Server::shared() else { return };
    let rounds = crate::world::size("STELLA_CRASH_STATES", 40);
    let next = AtomicU64::new(0);
    let failures = AtomicU64::new(0);
    // As above: waiting side by side.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (schema, proxy) = prepared(server);
                let url = format!("{}&statement_timeout=1&connect_timeout=2", proxy.url(&schema));
                loop {
                    let round = next.fetch_add(1, Ordering::SeqCst);
                    if round >= rounds {
                        break;
                    }
                    failures.fetch_add(another_byte(&proxy, &url, round), Ordering::SeqCst);
                }
                proxy.reset();
                read(&url).unwrap();
            });
        }
    });
    println!("bytes changed on the way: {rounds} points tested / {} noticed / 0 panics", failures.into_inner());
}

/// Changes a bit of one byte in one answer, at a place that the number of the round gives: how many of two readings noticed.
fn another_byte(proxy: &Proxy, url: &str, round: u64) -> u64 {
    let mut seed = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap()
    };
    let mut until = random() % 120;
    proxy.change(move |_, mut message| {
        if until == 0 {
            // Not in the length, which would only be waited for.
            let at = 5 + random() % message.len().saturating_sub(5).max(1);
            if let Some(byte) = message.get_mut(at) {
                *byte ^= 1 << (random() % 8);
            }
        }
        until = until.wrapping_sub(1);
        message
    });
    let done = read(url);
    let log = PostgresLog::open(&connection(url), None).and_then(|log| log.read(0, &mut |_, _| Ok(Visit::Continue)));
    u64::from(done.is_err()) + u64::from(log.is_err())
}
