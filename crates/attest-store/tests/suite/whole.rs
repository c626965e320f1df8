//! A store as a whole.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use stella_attest_store::{Added, Filter, StoreError};
use stella_vocabulary::{Code, Reason};

use super::Place;
use super::made::{add, documents, event, report, size, various};

pub(crate) fn a_store_is_made_once_and_opened_where_it_was_made(place: &dyn Place) {
    assert_eq!(place.open().err().unwrap().code(), Code::StoreNotFound);
    let mut store = place.create([9; 16]).unwrap();
    assert!(matches!(place.create([8; 16]).err().unwrap(), StoreError::AlreadyExists { .. }));
    let about = store.about().unwrap();
    assert_eq!((about.id, about.head.size, about.attestations, about.bytes, about.events), ([9; 16], 0, 0, 0, 0));
    assert_eq!(place.open().unwrap().about().unwrap(), about);
    assert!(!about.place.is_empty() && about.schema >= 1);
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
}

pub(crate) fn a_check_of_a_sound_store_finds_nothing(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &various(50)).unwrap();
    let arrivals = store.find(&Filter::default(), 0, 99).unwrap();
    let reports: Vec<_> = arrivals.iter().map(|arrival| report(arrival, None, &["key/1", "anchor/1"])).collect();
    store.keep_reports(&reports).unwrap();
    store.journal(&[event(1), event(2)]).unwrap();
    let mut last = None;
    assert_eq!(store.check(9, &mut |progress| last = Some(progress)).unwrap(), []);
    let last = last.unwrap();
    assert_eq!((last.done, last.of), (50, 50));
}

pub(crate) fn many_writers_lose_nothing_and_readers_see_whole_batches(place: &dyn Place) {
    let mut store = place.fresh();
    let rounds = size("STELLA_RACE_ROUNDS", 6);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut store = place.open().unwrap();
                    let mut looks = 0_u64;
                    while !done.load(Ordering::Relaxed) {
                        let head = store.about().unwrap().head;
                        // Batches of six become visible together.
                        assert_eq!(head.size % 6, 0);
                        let latest = store.arrival(head.size).unwrap();
                        assert_eq!(latest.map(|latest| latest.link).unwrap_or_default(), head.link);
                        looks += 1;
                    }
                    looks
                })
            })
            .collect();
        let writers: Vec<_> = (0..8_u64)
            .map(|writer| {
                scope.spawn(move || {
                    let mut store = place.open().unwrap();
                    for round in 0..rounds {
                        let batch = documents(&format!("{writer} {round}"), 6);
                        let added = add(store.as_mut(), &batch).unwrap();
                        assert!(added.iter().all(|one| matches!(one, Added::New(_))));
                        store.journal(&[event(writer), event(round)]).unwrap();
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::Relaxed);
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() > 0));
    });
    let about = store.about().unwrap();
    assert_eq!((about.head.size, about.attestations, about.events), (48 * rounds, 48 * rounds, 16 * rounds));
    let all = store.find(&Filter::default(), 0, 100_000).unwrap();
    assert!(all.iter().map(|arrival| arrival.sequence).eq(1..=about.head.size));
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
}
