//! Changes that are interrupted at each of their statements: the line is cut, or the whole server is killed. What was acknowledged stays,
//! what was not is there in whole or not at all, and nothing is there twice. Faults F40 and F41.

use stella_attest_store::postgres::Shared;
use stella_attest_store::{AttestationStore, StoreError};
use stella_testkit::postgres::{Proxy, Server, When};
use stella_vocabulary::{Code, Reason};

use crate::suite::changes::{CHANGES, State, Tally, prepare};
use crate::world::{connection, create, schema};

fn prepared(url: &str) -> Shared {
    let mut store = create(url);
    prepare(&mut store);
    store
}

fn state(url: &str) -> State {
    crate::suite::changes::state(&mut Shared::connect(&connection(url)).unwrap()).unwrap()
}

/// At every how many-th point the whole server is killed, which takes a second or two to start again.
fn stride() -> u64 {
    crate::world::size("STELLA_KILL_STRIDE", 7)
}

/// Does every change with an interruption at every statement, before and after it. `recover` makes the server answer again.
fn interrupted(
    server: &Server,
    what: &str,
    strike: impl Fn() + Copy + Send + 'static,
    recover: impl Fn(),
    (may_fail, stride): (bool, u64),
) {
    let proxy = Proxy::before(server.port());
    let mut tally = Tally::default();
    let mut all = 0_u64;
    for (name, change, repeatable) in CHANGES {
        let twin = server.socket_url(&schema());
        let mut store = prepared(&twin);
        let before = state(&twin);
        change(&mut store).unwrap();
        let after = state(&twin);
        drop(store);
        'statements: for statement in 0.. {
            for when in [When::Before, When::After] {
                all += 1;
                if !all.is_multiple_of(stride) {
                    continue;
                }
                let schema = schema();
                let url = server.socket_url(&schema);
                drop(prepared(&url));
                let mut store = Shared::connect(&connection(&proxy.url(&schema))).unwrap();
                proxy.cut(statement, when, strike);
                let changed = change(&mut store);
                let struck = !proxy.is_waiting();
                proxy.reset();
                recover();
                if !struck {
                    changed.unwrap();
                    break 'statements;
                }
                tally.points += 1;
                let point = format!("{what}, {name}, statement {statement}, {when:?}");
                let found = state(&url);
                match changed {
                    Ok(()) => {
                        tally.acknowledged += 1;
                        if found != after {
                            tally.lost += 1;
                            println!("{point}: {found:#?}\ninstead of\n{after:#?}");
                        }
                    }
                    Err(error) => {
                        assert!(may_fail, "{point}: {error:?}");
                        assert_eq!(error.code(), Code::StoreIo, "{point}: {error:?}");
                        if found != before && found != after {
                            tally.half_applied += 1;
                            println!("{point}: {found:#?}");
                        }
                        // The same handle goes on, and asking again makes the change once.
                        if *repeatable || found == before {
                            change(&mut store).unwrap();
                            if state(&url) != after {
                                tally.half_applied += 1;
                                println!("{point}, again: {:#?}", state(&url));
                            }
                        }
                    }
                }
                let mut whole = Shared::connect(&connection(&url)).unwrap();
                tally.audit_failures += whole.check(10, &mut |_| ()).unwrap().len() as u64;
                server.sql(&format!("DROP SCHEMA {schema} CASCADE"));
            }
        }
    }
    tally.print(what);
}

#[test]
fn a_line_cut_at_any_statement_loses_and_doubles_nothing_and_is_not_noticed() {
    let Some(server) = Server::start() else { return };
    // Every point makes tables and fills them, which takes seconds; with 1, it is each of them.
    interrupted(&server, "line cut", || (), || (), (false, crate::world::size("STELLA_CUT_STRIDE", 11)));
}

#[test]
fn a_server_killed_at_any_statement_loses_and_doubles_nothing() {
    let Some(server) = Server::start() else { return };
    // The proxy's thread outlives no test that could fail here: the process ends with it.
    let server: &'static Server = Box::leak(Box::new(server));
    interrupted(
        server,
        "server killed",
        move || server.kill(),
        move || {
            if server.try_sql("SELECT 1").is_err() {
                server.start_again()
            }
        },
        (true, stride()),
    );
    server.stop();
    let _ = std::fs::remove_dir_all(server.directory());
}

#[test]
fn tables_whose_making_is_killed_at_any_statement_are_made_by_the_next() {
    let Some(server) = Server::start() else { return };
    let server: &'static Server = Box::leak(Box::new(server));
    let proxy = Proxy::before(server.port());
    let (mut points, mut all) = (0, 0_u64);
    'statements: for statement in 0.. {
        for when in [When::Before, When::After] {
            all += 1;
            if !all.is_multiple_of(stride()) {
                continue;
            }
            let schema = schema();
            proxy.cut(statement, when, || server.kill());
            let made = Shared::create(&connection(&proxy.url(&schema)), [7; 16]);
            let struck = !proxy.is_waiting();
            proxy.reset();
            if !struck {
                made.unwrap();
                break 'statements;
            }
            points += 1;
            server.start_again();
            let url = server.socket_url(&schema);
            // Old or new, and never between.
            let tables = server.sql(&format!(
                "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('{schema}') AND relkind = 'r'"
            ));
            assert!(["0", "19"].contains(&tables.as_str()), "{statement} {when:?}: {tables} tables");
            match Shared::create(&connection(&url), [7; 16]) {
                Ok(_) => {}
                Err(StoreError::AlreadyExists { .. }) => drop(Shared::connect(&connection(&url)).unwrap()),
                Err(error) => panic!("{error:?}"),
            }
            assert_eq!(Shared::connect(&connection(&url)).unwrap().about().unwrap().head.size, 0);
        }
    }
    println!("tables: {points} points tested / 0 half-made");
    server.stop();
    let _ = std::fs::remove_dir_all(server.directory());
}
