//! Changes that are interrupted at each of their statements: the line is cut, or the whole server is killed. What was acknowledged stays,
//! what was not is there in whole or not at all, and nothing is there twice. Faults F40 and F41.

use stella_attest_store::postgres::Shared;
use stella_attest_store::{
    About, AttestationStore, Event, EventFilter, Link, LinkKind, OperationId, ReportRecord, Retention, RunId, RunState,
    StoreError,
};
use stella_testkit::postgres::{Proxy, Server, When};
use stella_vocabulary::{Code, Reason};

use crate::world::{AT, add, connection, create, documents, event, incoming, plan, report, schema};

const RUN: RunId = RunId([5; 16]);
const NAMED: OperationId = OperationId([9; 16]);

/// All that can be asked.
#[derive(Debug, PartialEq)]
struct State {
    about: About,
    reports: Vec<ReportRecord>,
    events: Vec<Event>,
    links: Vec<Link>,
    remembered: Vec<bool>,
    run: Option<RunState>,
}

fn state(url: &str) -> State {
    let mut store = Shared::connect(&connection(url)).unwrap();
    let about = About { place: String::new(), ..store.about().unwrap() };
    let first = store.arrival(1).unwrap().unwrap();
    let found = store.find(&Default::default(), 0, 1_000).unwrap();
    assert_eq!(found.len() as u64, about.head.size);
    State {
        reports: store.reports(None, 0, 1_000).unwrap(),
        events: store.events(&EventFilter::default(), 0, 1_000).unwrap(),
        links: store.links(&first.attestation).unwrap(),
        remembered: store.remembered(&[[1; 32], [2; 32], [3; 32]]).unwrap(),
        run: store.run(RUN).unwrap(),
        about,
    }
}

/// A store with something of everything.
fn prepared(url: &str) -> Shared {
    let mut store = create(url);
    add(&mut store, &documents("kept", 5)).unwrap();
    let arrivals = store.find(&Default::default(), 0, 9).unwrap();
    store.keep_reports(&[report(&arrivals[0], None, &["key/1", "anchor/2"])]).unwrap();
    store.journal(&[event(1), event(2), event(3)]).unwrap();
    store.remember(&[[1; 32]]).unwrap();
    store.start_run(RUN, &plan(2)).unwrap();
    let share = store.take_share(RUN, "before", 3_600).unwrap().unwrap();
    assert_eq!(share.arrivals.len(), 2);
    store
}

type Change = fn(&mut Shared) -> Result<(), StoreError>;

/// Every change that a store knows, and whether it has the same outcome when it is asked for again.
const CHANGES: &[(&str, Change, bool)] = &[
    ("add", |store| store.add(&incoming(&documents("new", 3)), NAMED).map(|_| ()), true),
    (
        "keep_reports",
        |store| {
            let arrivals = store.find(&Default::default(), 0, 3)?;
            let reports: Vec<_> = arrivals
                .iter()
                .map(|arrival| report(arrival, Some(Code::SigInvalid), &["key/1", "issuer/3"]))
                .collect();
            store.keep_reports(&reports)
        },
        true,
    ),
    (
        "keep_link",
        |store| {
            let (one, two) = (store.arrival(1)?.unwrap(), store.arrival(2)?.unwrap());
            let link = Link { from: one.attestation, to: two.attestation, kind: LinkKind::Resigned, at: AT };
            store.keep_link(&link)
        },
        true,
    ),
    ("journal", |store| store.journal(&[event(4), event(5)]), false),
    ("forget_events", |store| store.forget_events(&Retention { before: None, most: Some(1) }).map(|_| ()), true),
    ("remember", |store| store.remember(&[[2; 32], [3; 32]]), true),
    ("forget_marks", |store| store.forget_marks().map(|_| ()), true),
    ("start_run", |store| store.start_run(RunId([6; 16]), &plan(3)).map(|_| ()), true),
    ("take_share", |store| store.take_share(RUN, "worker", 3_600).map(|_| ()), false),
    (
        "finish_share",
        |store| {
            let arrivals = store.find(&Default::default(), 0, 2)?;
            let results: Vec<_> = arrivals.iter().map(|arrival| report(arrival, None, &["key/1"])).collect();
            store.finish_share(RUN, "before", 0, &results).map(|_| ())
        },
        true,
    ),
];

#[derive(Default)]
struct Tally {
    points: u64,
    acknowledged: u64,
    lost: u64,
    half_applied: u64,
    audit_failures: u64,
}

impl Tally {
    fn print(&self, what: &str) {
        println!(
            "{what}: {} points tested / {} acknowledged changes / {} lost / {} half-applied / {} audit failures",
            self.points, self.acknowledged, self.lost, self.half_applied, self.audit_failures
        );
        assert_eq!((self.lost, self.half_applied, self.audit_failures), (0, 0, 0));
    }
}

/// Does every change with an interruption at every statement, before and after it. `recover` makes the server answer again.
fn interrupted(
    server: &Server,
    what: &str,
    strike: impl Fn() + Copy + Send + 'static,
    recover: impl Fn(),
    may_fail: bool,
) {
    let proxy = Proxy::before(server.port());
    let mut tally = Tally::default();
    for (name, change, repeatable) in CHANGES {
        let twin = server.socket_url(&schema());
        let mut store = prepared(&twin);
        let before = state(&twin);
        change(&mut store).unwrap();
        let after = state(&twin);
        drop(store);
        'statements: for statement in 0.. {
            for when in [When::Before, When::After] {
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
    interrupted(&server, "line cut", || (), || (), false);
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
        true,
    );
    server.stop();
    let _ = std::fs::remove_dir_all(server.directory());
}

#[test]
fn tables_whose_making_is_killed_at_any_statement_are_made_by_the_next() {
    let Some(server) = Server::start() else { return };
    let server: &'static Server = Box::leak(Box::new(server));
    let proxy = Proxy::before(server.port());
    let mut points = 0;
    'statements: for statement in 0.. {
        for when in [When::Before, When::After] {
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
