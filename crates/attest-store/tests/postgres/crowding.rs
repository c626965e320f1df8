//! Others in the way: serialization failures, deadlocks, time-outs, too many connections. Fault F42.

use stella_attest_store::AttestationStore;
use stella_attest_store::postgres::Shared;
use stella_testkit::postgres::Server;
use stella_vocabulary::{Code, Reason};

use crate::world::{add, connection, create, documents, event, schema};

/// Lets the next `times` writes to a table fail with this state.
fn sabotage(server: &Server, schema: &str, table: &str, state: &str, times: u32) {
    server.sql(&format!(
        "SET search_path TO {schema}; CREATE SEQUENCE IF NOT EXISTS tries; SELECT setval('tries', 1, false); \
         CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('{schema}.tries') <= {times} THEN RAISE EXCEPTION 'forced' USING ERRCODE = '{state}'; END IF; RETURN NULL; END $$; \
         CREATE OR REPLACE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION fail()"
    ));
}

#[test]
fn failures_that_pass_are_tried_again_three_times_and_then_the_store_is_busy() {
    let Some(server) = Server::shared() else { return };
    for state in ["40001", "40P01"] {
        let schema = schema();
        let mut store = create(&server.socket_url(&schema));
        sabotage(server, &schema, "head", state, 3);
        let batch = documents(state, 4);
        assert_eq!(add(&mut store, &batch).unwrap().len(), 4, "{state}");
        assert_eq!(server.sql(&format!("SELECT last_value FROM {schema}.tries")), "4");
        let before = store.about().unwrap();
        sabotage(server, &schema, "head", state, 1_000);
        let refused = add(&mut store, &documents("more", 2)).unwrap_err();
        assert_eq!(refused.code(), Code::StoreBusy, "{refused:?}");
        assert_eq!(server.sql(&format!("SELECT last_value FROM {schema}.tries")), "4", "one try and three more");
        assert_eq!(store.about().unwrap(), before);
        assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
    }
}

#[test]
fn each_state_of_the_server_has_its_code_and_changes_nothing() {
    let Some(server) = Server::shared() else { return };
    for (state, code) in [
        ("53100", Code::StoreNoSpace),
        ("53200", Code::StoreBusy),
        ("53300", Code::StoreBusy),
        ("55P03", Code::StoreBusy),
        ("57014", Code::StoreBusy),
        ("57P01", Code::StoreIo),
        ("58030", Code::StoreIo),
        ("25006", Code::StoreReadOnly),
        ("42501", Code::StorePermissions),
        ("XX001", Code::StoreCorrupt),
        ("XX002", Code::StoreCorrupt),
        ("XX000", Code::StoreCorrupt),
    ] {
        let schema = schema();
        let mut store = create(&server.socket_url(&schema));
        sabotage(server, &schema, "event", state, 1_000);
        let before = store.about().unwrap();
        let refused = store.journal(&[event(1)]).unwrap_err();
        assert_eq!(refused.code(), code, "{state}: {refused:?}");
        assert_eq!(store.about().unwrap(), before);
    }
}

#[test]
fn who_waits_too_long_for_another_is_told_that_the_store_is_busy() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let mut store = create(&server.socket_url(&schema));
    let hold = format!(
        "SET application_name TO hold_{schema}; BEGIN; SELECT * FROM {schema}.head FOR UPDATE; SELECT pg_sleep(6)"
    );
    std::thread::scope(|scope| {
        scope.spawn(|| server.try_sql(&hold));
        while server.sql(&format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hold_{schema}' AND wait_event = 'PgSleep'"
        )) != "1"
        {}
        let impatient = format!("{}&lock_timeout=1", server.socket_url(&schema));
        let mut other = Shared::connect(&connection(&impatient)).unwrap();
        let refused = add(&mut other, &documents("late", 1)).unwrap_err();
        assert_eq!(refused.code(), Code::StoreBusy, "{refused:?}");
        let short = format!("{}&statement_timeout=1", server.socket_url(&schema));
        let mut other = Shared::connect(&connection(&short)).unwrap();
        let refused = add(&mut other, &documents("late", 1)).unwrap_err();
        assert_eq!(refused.code(), Code::StoreBusy, "{refused:?}");
        // Readers wait for nobody.
        assert_eq!(store.about().unwrap().head.size, 0);
        server
            .try_sql(&format!(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'hold_{schema}'"
            ))
            .unwrap();
    });
    add(&mut store, &documents("now", 1)).unwrap();
}

#[test]
fn a_server_without_a_connection_left_is_busy() {
    let Some(server) = Server::start_with(&["max_connections=6", "superuser_reserved_connections=1"]) else { return };
    let schema = schema();
    server.sql("CREATE ROLE plain LOGIN; GRANT ALL ON DATABASE postgres TO plain");
    let url = server.socket_url(&schema).replace("stella@", "plain@");
    let mut held = vec![create(&url)];
    let refused = loop {
        match Shared::connect(&connection(&url)) {
            Ok(store) => held.push(store),
            Err(error) => break error,
        }
        assert!(held.len() < 20);
    };
    assert_eq!(refused.code(), Code::StoreBusy, "{refused:?}");
    held.pop();
    Shared::connect(&connection(&url)).unwrap();
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for_for_ever() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("postgres://u:p@127.0.0.1:{port}/d?sslmode=disable&connect_timeout=1");
    let begin = std::time::Instant::now();
    let refused = Shared::connect(&connection(&url)).err().unwrap();
    assert_eq!(refused.code(), Code::StoreIo, "{refused:?}");
    assert!(begin.elapsed().as_secs() < 5);
}

#[test]
fn an_idle_transaction_that_the_server_ended_is_begun_again() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let name = format!("idle_{schema}");
    let mut store = create(&format!("{}&application_name={name}", server.socket_url(&schema)));
    for round in 0..3 {
        server
            .sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"));
        add(&mut store, &documents(&format!("round {round}"), 2)).unwrap();
    }
    assert_eq!(store.about().unwrap().head.size, 6);
}
