//! Stores with something in them.

use std::path::Path;
use std::time::{Duration, Instant};

use stella_attest_model::Limits;
use stella_attest_store::sqlite::{Embedded, Place};
use stella_attest_store::{
    AttestationStore, EventFilter, EventKind, Facts, Incoming, Level, NewEvent, OperationId, StoreError,
};
use stella_testkit::population::Population;
use stella_trust_store::fs::Stopwatch;
use stella_vocabulary::UnixTime;

pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_000_000);

struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        self.0.elapsed().as_millis() as u64
    }
    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

pub(crate) fn place(home: &Path) -> Place {
    Place::at(home, Box::new(Clock(Instant::now())))
}

pub(crate) fn open(home: &Path) -> Result<Embedded, StoreError> {
    Embedded::open(place(home))
}

/// Takes in so many attestations.
pub(crate) fn add(store: &mut Embedded, count: u64) {
    let population = Population::new(4096);
    let documents: Vec<String> = (0..count).map(|number| population.attestation(number)).collect();
    let facts: Vec<Facts> =
        documents.iter().map(|text| Facts::read(text.as_bytes(), &Limits::default()).unwrap().1).collect();
    let all = documents.iter().zip(&facts);
    let batch: Vec<Incoming<'_>> =
        all.map(|(text, facts)| Incoming { document: text.as_bytes(), facts, at: AT }).collect();
    store.add(&batch, OperationId([1; 16])).unwrap();
}

pub(crate) fn write(store: &mut Embedded, summary: &str) {
    let event = NewEvent {
        at: AT,
        level: Level::Info,
        kind: EventKind::Import,
        code: None,
        attestation: None,
        duration: None,
        summary: summary.to_owned(),
        details: Vec::new(),
    };
    store.journal(&[event]).unwrap();
}

pub(crate) fn messages(store: &mut Embedded) -> Vec<String> {
    let events = store.events(&EventFilter::default(), 0, 100).unwrap();
    events.into_iter().map(|event| event.event.summary).collect()
}
