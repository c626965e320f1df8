//! What is not as it was written is never shown. Faults F08 on PostgreSQL.

use std::os::unix::fs::FileExt as _;

use stella_attest_store::postgres::Shared;
use stella_attest_store::{AttestationStore, EventFilter, StoreError};
use stella_testkit::postgres::Server;
use stella_vocabulary::{Code, Reason};

use crate::world::{add, connection, create, documents, event, report, schema};

fn everything(store: &mut Shared) -> Result<(), StoreError> {
    let about = store.about()?;
    let arrivals = store.find(&Default::default(), 0, 1_000)?;
    for arrival in &arrivals {
        store.document(arrival)?;
        store.report(&arrival.attestation)?;
    }
    store.events(&EventFilter::default(), 0, 1_000)?;
    if arrivals.len() as u64 != about.head.size {
        return Err(StoreError::Corrupt { place: String::new(), what: "arrivals are missing".to_owned() });
    }
    Ok(())
}

#[test]
fn a_bit_flipped_in_any_page_of_a_cluster_with_checksums_is_found() {
    let Some(server) = Server::start() else { return };
    let schema = schema();
    let url = server.socket_url(&schema);
    assert_eq!(server.sql("SHOW data_checksums"), "on");
    let mut store = create(&url);
    add(&mut store, &documents("kept", 40)).unwrap();
    let arrivals = store.find(&Default::default(), 0, 99).unwrap();
    let reports: Vec<_> = arrivals.iter().map(|arrival| report(arrival, None, &["key/1"])).collect();
    store.keep_reports(&reports).unwrap();
    store.journal(&[event(1), event(2)]).unwrap();
    drop(store);
    let mut flips = 0;
    for table in ["head", "arrival", "body", "report", "event"] {
        let path = server.data().join(server.sql(&format!("SELECT pg_relation_filepath('{schema}.{table}')")));
        server.sql("CHECKPOINT");
        let pages = std::fs::metadata(&path).unwrap().len() / 8192;
        assert!(pages > 0, "{table}");
        for page in 0..pages {
            // In the header, among the line pointers, and in the rows at the end of the page: one of them, or all.
            let places = [4, 30, 8_100];
            let count = usize::try_from(crate::world::size("STELLA_FLIPS", 1)).unwrap().min(3);
            let from = usize::try_from(page).unwrap() % 3;
            for offset in places.into_iter().cycle().skip(from).take(count) {
                server.stop();
                let file = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
                let mut byte = [0];
                file.read_exact_at(&mut byte, page * 8192 + offset).unwrap();
                file.write_all_at(&[byte[0] ^ 0x10], page * 8192 + offset).unwrap();
                server.start_again();
                let mut store = Shared::connect(&connection(&url)).unwrap();
                let refused = everything(&mut store).unwrap_err();
                assert_eq!(refused.code(), Code::StoreCorrupt, "{table}, page {page}, byte {offset}: {refused:?}");
                assert_ne!(store.check(5, &mut |_| ()).unwrap(), [], "{table}, page {page}, byte {offset}");
                drop(store);
                server.stop();
                file.write_all_at(&byte, page * 8192 + offset).unwrap();
                server.start_again();
                flips += 1;
            }
        }
    }
    everything(&mut Shared::connect(&connection(&url)).unwrap()).unwrap();
    println!("flipped bits: {flips} points tested / 0 unnoticed");
}

#[test]
fn what_somebody_changed_in_the_tables_is_never_shown_and_a_check_names_it() {
    let Some(server) = Server::shared() else { return };
    for (change, table) in [
        ("UPDATE head SET size = size - 1", "head"),
        ("UPDATE head SET bytes = 7", "head"),
        ("DELETE FROM head", "head"),
        ("UPDATE arrival SET at = at + 1 WHERE sequence = 3", "arrival"),
        ("UPDATE arrival SET predicate_type = 'x'::bytea WHERE sequence = 3", "arrival"),
        ("UPDATE arrival SET first = false WHERE sequence = 3", "arrival"),
        ("UPDATE arrival SET length = 1 WHERE sequence = 3", "arrival"),
        ("UPDATE arrival SET link = set_byte(link, 0, 255 - get_byte(link, 0)) WHERE sequence = 3", "arrival"),
        ("UPDATE arrival SET form = 'odd' WHERE sequence = 3", "arrival"),
        ("DELETE FROM arrival WHERE sequence = 3", "arrival"),
        ("DELETE FROM arrival WHERE sequence = 8", "arrival"),
        ("UPDATE body SET document = set_byte(document, 20, 255 - get_byte(document, 20)) WHERE sequence = 3", "body"),
        ("UPDATE body SET document = ''::bytea WHERE sequence = 3", "body"),
        ("UPDATE body SET document = (SELECT document FROM body WHERE sequence = 4) WHERE sequence = 3", "body"),
        ("DELETE FROM body WHERE sequence = 3", "body"),
        ("UPDATE report SET record = set_byte(record, 90, 255 - get_byte(record, 90))", "report"),
        ("UPDATE report SET arrival = 9", "report"),
        ("UPDATE event SET code = 'sig.invalid'", "event"),
        ("UPDATE event SET record = ''::bytea", "event"),
        ("ALTER TABLE arrival RENAME COLUMN link TO other", "arrival"),
        ("ALTER TABLE event ALTER COLUMN at TYPE text", "event"),
        ("DROP TABLE body", "body"),
    ] {
        let schema = schema();
        let mut store = create(&server.socket_url(&schema));
        add(&mut store, &documents("kept", 8)).unwrap();
        let arrival = store.arrival(3).unwrap().unwrap();
        store.keep_reports(&[report(&arrival, None, &["key/1"])]).unwrap();
        store.journal(&[event(1)]).unwrap();
        everything(&mut store).unwrap();
        server.sql(&format!("SET search_path TO {schema}; {change}"));
        let refused = everything(&mut store).unwrap_err();
        assert_eq!(refused.code(), Code::StoreCorrupt, "{change}: {refused:?}");
        let flaws = store.check(20, &mut |_| ()).unwrap();
        assert!(!flaws.is_empty(), "{change}");
        let named = flaws.iter().any(|flaw| flaw.place.contains(table) || flaw.what.contains(table));
        assert!(named || change.contains("COLUMN"), "{change}: {flaws:?}");
    }
}

#[test]
fn a_check_finds_what_an_index_would_not_lead_to() {
    let Some(server) = Server::shared() else { return };
    for change in [
        "DELETE FROM subject WHERE sequence = 3",
        "UPDATE subject SET digest = set_byte(digest, 0, 255 - get_byte(digest, 0)) WHERE sequence = 3",
        "INSERT INTO subject (algorithm, digest, sequence) VALUES ('sha256', 'x', 3)",
        "UPDATE arrival SET predicate_type_mark = 1 WHERE sequence = 3",
        "INSERT INTO arrival_key (mark, sequence) VALUES ('x', 3)",
        "DELETE FROM report_dependency",
    ] {
        let schema = schema();
        let mut store = create(&server.socket_url(&schema));
        add(&mut store, &documents("kept", 8)).unwrap();
        let arrival = store.arrival(3).unwrap().unwrap();
        store.keep_reports(&[report(&arrival, None, &["key/1"])]).unwrap();
        assert_eq!(store.check(20, &mut |_| ()).unwrap(), []);
        server.sql(&format!("SET search_path TO {schema}; {change}"));
        assert_eq!(store.check(20, &mut |_| ()).unwrap().len(), 1, "{change}");
    }
}
