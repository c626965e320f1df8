//! Who is let in, and who is believed.

use stella_attest_store::AttestationStore as _;
use stella_attest_store::StoreError;
use stella_attest_store::postgres::{Connection, Shared};
use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL};
use stella_testkit::postgres::Server;
use stella_vocabulary::{Code, Reason, UnixTime};

use crate::world::{AT, connection, create, schema};

fn refused(url: &str) -> StoreError {
    Shared::connect(&connection(url)).err().unwrap()
}

#[test]
fn a_server_is_believed_by_its_certificate_alone() {
    let Some(server) = Server::start() else { return };
    let schema = schema();
    create(&server.tls_url(&schema)).about().unwrap();
    let ssl = server.sql("SELECT count(*) FROM pg_stat_ssl WHERE ssl AND version IN ('TLSv1.3', 'TLSv1.2')");
    assert_eq!(ssl, "0", "the connection is gone");
    let mut store = Shared::connect(&connection(&server.tls_url(&schema))).unwrap();
    store.about().unwrap();
    assert_eq!(server.sql("SELECT count(*) FROM pg_stat_ssl WHERE ssl AND version = 'TLSv1.3'"), "1");
    // The authorities of the web do not know it.
    let (plain, _) =
        server.tls_url(&schema).split_once("&sslrootcert").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for (url, at) in [
        (plain, AT),
        (server.tls_url(&schema).replace("localhost", "127.0.0.1"), AT),
        (server.tls_url(&schema), UnixTime::from_seconds(AUTHORITY_UNTIL.seconds() + 1)),
    ] {
        let error = Shared::connect(&Connection::parse(&url, at).unwrap()).err().unwrap();
        assert!(matches!(error, StoreError::Io { operation: "verify the server", .. }), "{url}: {error:?}");
        assert_eq!(error.code(), Code::StoreIo);
    }
    server.certify("elsewhere.example", AUTHORITY_FROM, AUTHORITY_UNTIL);
    let error = refused(&server.tls_url(&schema));
    assert!(matches!(error, StoreError::Io { operation: "verify the server", .. }), "{error:?}");
    server.certify("localhost", AUTHORITY_FROM, AUTHORITY_FROM);
    assert_eq!(refused(&server.tls_url(&schema)).code(), Code::StoreIo);
    server.certify("localhost", AUTHORITY_FROM, AUTHORITY_UNTIL);
    // A server without TLS is not talked to either.
    let server = Server::start_with(&["ssl=off"]).unwrap();
    let error = refused(&server.tls_url(&schema));
    assert_eq!(error.code(), Code::StoreIo, "{error:?}");
}

#[test]
fn a_wrong_password_a_foreign_schema_and_a_missing_database_have_codes_of_their_own() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let url = server.loopback_url(&schema);
    create(&url);
    let wrong = refused(&url.replace("never", "ever"));
    assert_eq!(wrong.code(), Code::StorePermissions, "{wrong:?}");
    assert!(!format!("{wrong} {wrong:?}").contains("trust%2Fthis"), "{wrong:?}");
    let missing = Connection::parse(&url.replace("never%3Atrust%2Fthis%40password", "x"), AT).unwrap();
    assert!(missing.has_password());
    assert_eq!(refused(&url.replace("/postgres?", "/nothing?")).code(), Code::StoreNotFound);
    let nobody = "postgres://stella:x@127.0.0.1:1/postgres?sslmode=disable";
    assert_eq!(refused(nobody).code(), Code::StoreIo);
    server.sql(&format!("CREATE ROLE reader_{schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO reader_{schema}"));
    let foreign = server.socket_url(&schema).replace("stella@", &format!("reader_{schema}@"));
    assert_eq!(refused(&foreign).code(), Code::StorePermissions);
}

#[test]
fn who_may_only_read_reads() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let mut store = create(&server.socket_url(&schema));
    crate::world::add(&mut store, &crate::world::documents("read", 3)).unwrap();
    server.sql(&format!("CREATE ROLE r_{schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO r_{schema}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO r_{schema}; ALTER ROLE r_{schema} SET default_transaction_read_only = on"));
    let url = server.socket_url(&schema).replace("stella@", &format!("r_{schema}@"));
    let mut reader = Shared::connect(&connection(&url)).unwrap();
    assert_eq!(reader.about().unwrap().head.size, 3);
    let refused = crate::world::add(&mut reader, &crate::world::documents("more", 1)).unwrap_err();
    assert!(matches!(refused.code(), Code::StoreReadOnly | Code::StorePermissions), "{refused:?}");
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let url = server.socket_url(&schema);
    create(&url);
    server.sql(&format!("UPDATE {schema}.schema_version SET version = 9"));
    assert!(matches!(refused(&url), StoreError::SchemaTooNew { found: 9, .. }));
    assert_eq!(Shared::create(&connection(&url), [1; 16]).err().unwrap().code(), Code::StoreSchemaTooNew);
}

#[test]
fn nodes_that_make_the_tables_at_once_all_find_them() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    let made: Vec<_> = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..8)
            .map(|node| {
                scope.spawn({
                    let url = &url;
                    move || Shared::create(&connection(url), [node; 16])
                })
            })
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
    for refusal in made.iter().filter_map(|made| made.as_ref().err()) {
        assert!(matches!(refusal, StoreError::AlreadyExists { .. }), "{refusal:?}");
    }
    Shared::connect(&connection(&url)).unwrap().about().unwrap();
}

#[test]
fn settings_that_weaken_durability_are_overruled_and_stronger_ones_stay() {
    let Some(server) = Server::shared() else { return };
    for (set, used) in [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")] {
        let schema = schema();
        server.sql(&format!(
            "CREATE ROLE d_{schema} SUPERUSER LOGIN; ALTER ROLE d_{schema} SET synchronous_commit = {set}"
        ));
        let url = server.socket_url(&schema).replace("stella@", &format!("d_{schema}@"));
        let mut store = create(&url);
        server.sql(&format!("CREATE TABLE {schema}.used (value text); CREATE FUNCTION {schema}.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO {schema}.used VALUES (current_setting('synchronous_commit')); RETURN new; END $$; CREATE TRIGGER note BEFORE INSERT ON {schema}.remembered FOR EACH ROW EXECUTE FUNCTION {schema}.note()"));
        store.remember(&[[1; 32]]).unwrap();
        assert_eq!(server.sql(&format!("SELECT value FROM {schema}.used")), used);
    }
}
