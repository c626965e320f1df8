//! `kept HOME COUNT LOOK-UPS`: opens the embedded store of a home that `benches/scale/run` has filled, and looks up attestations in no order. Prints the
//! times of opening, and of looking up by id, by id with the document, and by subject.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use stella_attest_model::Limits;
use stella_attest_store::sqlite::{Embedded, Place};
use stella_attest_store::{AttestationStore, Facts, Filter};
use stella_testkit::population::Population;
use stella_trust_store::fs::Stopwatch;

struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

fn place(home: &str) -> Place {
    Place::at(Path::new(home), Box::new(Clock(Instant::now())))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, count, rounds] = arguments.as_slice() else { return Err("usage: kept HOME COUNT LOOK-UPS".into()) };
    let (count, rounds): (u64, u64) = (count.parse()?, rounds.parse()?);
    let mut opened = Vec::new();
    for _ in 0..21 {
        let begin = Instant::now();
        let store = Embedded::open(place(home))?;
        opened.push(begin.elapsed());
        drop(store);
    }
    println!("open: the first {:?}", opened.remove(0));
    print("open, again", opened);
    let mut store = Embedded::open(place(home))?;
    let population = Population::new(4096);
    let mut times = [const { Vec::new() }; 3];
    // A first part warms the caches and is not counted.
    let warming = rounds / 4;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..rounds + warming {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let text = population.attestation(state % count);
        let (_, facts) = Facts::read(text.as_bytes(), &Limits::default())?;
        let begin = Instant::now();
        let arrivals = store.arrivals(&facts.attestation)?;
        let by_id = begin.elapsed();
        let document = store.document(arrivals.first().ok_or("it is not there")?)?;
        let with_document = begin.elapsed();
        let filter = Filter { subject: facts.subjects.first().copied(), ..Filter::default() };
        let begin = Instant::now();
        let found = store.find(&filter, 0, 10)?;
        let by_subject = begin.elapsed();
        if document != text.as_bytes() || found != arrivals {
            return Err("another answer".into());
        }
        if round >= warming {
            for (times, time) in times.iter_mut().zip([by_id, with_document, by_subject]) {
                times.push(time);
            }
        }
    }
    let names = ["look-up by id", "look-up by id, with the document", "look-up by subject"];
    names.into_iter().zip(times).for_each(|(name, times)| print(name, times));
    Ok(())
}

fn print(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times.get((times.len() * part / 1000).min(times.len().saturating_sub(1)));
    let shown = |time: Option<&Duration>| time.map_or_else(String::new, |time| format!("{time:.1?}"));
    println!("{name}: p50 {}, p99 {}, of {}", shown(at(500)), shown(at(990)), times.len());
}
