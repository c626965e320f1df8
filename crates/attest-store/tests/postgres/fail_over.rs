//! Replicas, read-only servers, and backups put back. Fault F43.

use stella_attest_store::AttestationStore;
use stella_attest_store::postgres::{PostgresLog, Shared};
use stella_testkit::postgres::Server;
use stella_trust_store::LogStore;
use stella_trust_store::fs::StoreId;
use stella_vocabulary::{Code, Reason};

use crate::world::{add, connection, create, documents, remembered, schema};

#[test]
fn a_replica_can_be_read_and_one_that_lags_is_noticed() {
    let Some(server) = Server::start() else { return };
    let schema = schema();
    let url = server.socket_url(&schema);
    let directory = tempfile::tempdir().unwrap();
    let mut store = create(&url);
    add(&mut store, &documents("kept", 3)).unwrap();
    let mut log =
        PostgresLog::create(&connection(&url), StoreId::from_bytes([3; 32]), Some(remembered(directory.path())))
            .unwrap();
    let head = log.append(&log.head().unwrap(), &[b"one"], "").unwrap();
    let standby = server.standby();
    let replica = standby.socket_url(&schema);
    for _ in 0..500 {
        if standby.try_sql(&format!("SELECT size FROM {schema}.log")).as_deref() == Ok("1") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut reader = Shared::connect(&connection(&replica)).unwrap();
    assert_eq!(reader.about().unwrap().head, store.about().unwrap().head);
    assert_eq!(add(&mut reader, &documents("new", 1)).unwrap_err().code(), Code::StoreReadOnly);
    let open = || PostgresLog::open(&connection(&replica), Some(remembered(directory.path())));
    let mut other = open().unwrap();
    assert_eq!(other.head().unwrap(), head);
    assert_eq!(other.append(&head, &[b"two"], "").unwrap_err().code(), Code::StoreReadOnly);
    standby.sql("SELECT pg_wal_replay_pause()");
    log.append(&head, &[b"two"], "").unwrap();
    let refused = open().err().unwrap();
    assert_eq!(refused.code(), Code::StoreRollbackDetected, "{refused:?}");
    // The replica takes over without what it has not got: nobody goes on with it unawares.
    server.kill();
    standby.sql("SELECT pg_wal_replay_resume()");
    standby.sql("SELECT pg_promote()");
    match open() {
        Ok(log) => assert_eq!(log.head().unwrap().size, 2),
        Err(refused) => assert_eq!(refused.code(), Code::StoreRollbackDetected),
    }
}

#[test]
fn a_database_that_is_set_to_be_read_only_says_so() {
    let Some(server) = Server::start() else { return };
    let url = server.socket_url(&schema());
    create(&url);
    server.sql("ALTER DATABASE postgres SET default_transaction_read_only = on");
    let mut store = Shared::connect(&connection(&url)).unwrap();
    assert_eq!(store.about().unwrap().head.size, 0);
    let refused = add(&mut store, &documents("new", 1)).unwrap_err();
    assert_eq!(refused.code(), Code::StoreReadOnly, "{refused:?}");
}
