//! The embedded store.
#![cfg(all(feature = "sqlite", unix))]
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::path::Path;
use std::time::{Duration, Instant};

use stella_attest_model::Limits;
use stella_attest_store::sqlite::{Embedded, Place};
use stella_attest_store::{Added, AttestationStore, Facts, Filter, Incoming, OperationId, StoreError};
use stella_testkit::population::Population;
use stella_trust_store::fs::Stopwatch;
use stella_vocabulary::UnixTime;

struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        self.0.elapsed().as_millis() as u64
    }
    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

fn place(home: &Path) -> Place {
    Place::at(home, Box::new(Clock(Instant::now())))
}

#[test]
fn what_was_taken_in_comes_back_after_the_store_was_closed() {
    let home = tempfile::tempdir().unwrap();
    assert!(matches!(Embedded::open(place(home.path())), Err(StoreError::NotFound { .. })));
    let mut store = Embedded::create(place(home.path()), [7; 16]).unwrap();
    assert!(matches!(Embedded::create(place(home.path()), [7; 16]), Err(StoreError::AlreadyExists { .. })));
    let population = Population::new(4096);
    let documents: Vec<String> = (0..40).map(|number| population.attestation(number)).collect();
    let facts: Vec<Facts> =
        documents.iter().map(|text| Facts::read(text.as_bytes(), &Limits::default()).unwrap().1).collect();
    let at = UnixTime::from_seconds(1_000_000);
    let batch: Vec<Incoming<'_>> =
        documents.iter().zip(&facts).map(|(text, facts)| Incoming { document: text.as_bytes(), facts, at }).collect();
    let added = store.add(&batch, OperationId([1; 16])).unwrap();
    assert_eq!(added, (1..=40).map(Added::New).collect::<Vec<_>>());
    assert_eq!(store.add(&batch, OperationId([1; 16])).unwrap(), added);
    assert_eq!(store.add(&batch, OperationId([2; 16])).unwrap(), (1..=40).map(Added::Duplicate).collect::<Vec<_>>());
    drop(store);
    let mut store = Embedded::open(place(home.path())).unwrap();
    for (text, facts) in documents.iter().zip(&facts) {
        let arrivals = store.arrivals(&facts.attestation).unwrap();
        assert_eq!(store.document(&arrivals[0]).unwrap(), text.as_bytes());
        let by_subject = Filter { subject: Some(facts.subjects[0]), ..Filter::default() };
        assert_eq!(store.find(&by_subject, 0, 10).unwrap(), arrivals);
    }
    let all = store.find(&Filter::default(), 0, 100).unwrap();
    assert_eq!(all.len(), 40);
    let of_type = Filter { predicate_type: all[0].predicate_type.clone(), ..Filter::default() };
    assert_eq!(store.find(&of_type, 0, 100).unwrap().len(), 8);
    assert_eq!(store.check(10, &mut |_| {}).unwrap(), []);
    assert_eq!(store.about().unwrap().attestations, 40);
}
