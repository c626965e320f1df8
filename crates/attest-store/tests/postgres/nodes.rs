//! Many nodes at once. Faults F15 and F16.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use stella_attest_store::postgres::Shared;
use stella_attest_store::{Added, AttestationStore, EventFilter, Filter};
use stella_testkit::postgres::Server;

use crate::world::{add, connection, create, documents, event, schema, size};

#[test]
fn arrivals_of_many_nodes_are_numbered_without_a_gap_and_kept_once() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    let mut store = create(&url);
    let rounds = size("STELLA_RACE_ROUNDS", 12);
    thread::scope(|scope| {
        for node in 0..16_u64 {
            let url = &url;
            scope.spawn(move || {
                let mut store = Shared::connect(&connection(url)).unwrap();
                for round in 0..rounds {
                    // Half of each batch is brought by two nodes.
                    let mut batch = documents(&format!("{} {round}", node / 2), 3);
                    batch.extend(documents(&format!("own {node} {round}"), 3));
                    add(&mut store, &batch).unwrap();
                    store.journal(&[event(node), event(round)]).unwrap();
                }
            });
        }
    });
    let about = store.about().unwrap();
    assert_eq!(about.head.size, 8 * rounds * 3 + 16 * rounds * 3);
    assert_eq!((about.attestations, about.events), (about.head.size, 16 * rounds * 2));
    let all = store.find(&Filter::default(), 0, 10_000).unwrap();
    assert!(all.iter().map(|arrival| arrival.sequence).eq(1..=about.head.size));
    let events = store.events(&EventFilter::default(), 0, 10_000).unwrap();
    assert!(events.iter().map(|event| event.sequence).eq(1..=about.events));
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
}

#[test]
fn readers_see_one_version_each_and_are_not_kept_waiting() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    let mut store = create(&url);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..10)
            .map(|_| {
                scope.spawn(|| {
                    let mut store = Shared::connect(&connection(&url)).unwrap();
                    let (mut rounds, mut longest) = (0_u64, Duration::ZERO);
                    while !done.load(Ordering::Relaxed) && rounds < 5_000 {
                        let begin = Instant::now();
                        let head = store.about().unwrap().head;
                        let latest = store.arrival(head.size).unwrap();
                        longest = longest.max(begin.elapsed());
                        // Batches of four become visible together.
                        assert_eq!(head.size % 4, 0);
                        assert_eq!(latest.map(|latest| latest.link).unwrap_or_default(), head.link);
                        rounds += 1;
                    }
                    (rounds, longest)
                })
            })
            .collect();
        for round in 0..60 {
            add(&mut store, &documents(&format!("round {round}"), 4)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            let (rounds, longest) = reader.join().unwrap();
            assert!(rounds > 0);
            println!("a reader: {rounds} rounds, the longest took {longest:?}");
        }
    });
}

#[test]
fn a_batch_with_the_same_name_is_taken_once_however_many_bring_it() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    let mut store = create(&url);
    let batch = documents("same", 30);
    let operation = crate::world::operation();
    let answers: Vec<Vec<Added>> = thread::scope(|scope| {
        let nodes: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let mut store = Shared::connect(&connection(&url)).unwrap();
                    store.add(&crate::world::incoming(&batch), operation).unwrap()
                })
            })
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == (1..=30).map(Added::New).collect::<Vec<_>>()));
    assert_eq!(store.about().unwrap().head.size, 30);
}
