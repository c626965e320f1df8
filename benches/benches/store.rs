//! Keeping attestations in the embedded store: taking in, looking up, and judging again, each beside the hashes and signatures of the same input in the
//! same run.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sha2::{Digest as _, Sha256};
use stella_attest_model::Limits;
use stella_attest_store::sqlite::{Embedded, Place};
use stella_attest_store::{AttestationStore, Facts, Filter, Incoming, MemoSecret, OperationId, StoreMemo};
use stella_attest_verify::{
    Attestation, Binding, Certificate, Policy, Registry, TrustSnapshot, UnixTime, Verdict, Verifier,
};
use stella_benches::{Floor, Recorder};
use stella_testkit::population::Population;
use stella_trust_store::fs::Stopwatch;

/// How many attestations the store holds that is looked up in.
const KEPT: u64 = 20_000;

/// How many are taken in at once.
const BATCH: u64 = 2_000;

struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

fn place(home: &Path) -> Place {
    Place::at(home, Box::new(Clock(Instant::now())))
}

fn at() -> UnixTime {
    UnixTime::parse_rfc3339("2026-11-23T00:00:00Z").unwrap()
}

fn documents(population: &Population, from: u64, count: u64) -> Vec<String> {
    (from..from + count).map(|number| population.attestation(number)).collect()
}

fn add(store: &mut Embedded, documents: &[String], operation: u128) {
    let facts: Vec<Facts> =
        documents.iter().map(|text| Facts::read(text.as_bytes(), &Limits::default()).unwrap().1).collect();
    let batch = documents.iter().zip(&facts);
    let batch: Vec<Incoming<'_>> =
        batch.map(|(text, facts)| Incoming { document: text.as_bytes(), facts, at: at() }).collect();
    let added = store.add(&batch, OperationId(operation.to_be_bytes())).unwrap();
    assert_eq!(added.len(), documents.len());
}

/// A directory that is on a disk, as a home is.
fn home() -> tempfile::TempDir {
    tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tmp")).unwrap()
}

/// Parsing included; two hashes for each document are in its id and its digest.
fn take_in(criterion: &mut Criterion) {
    let population = Population::new(4096);
    let home = home();
    let mut store = Embedded::create(place(home.path()), [7; 16]).unwrap();
    let mut next = 0_u64;
    let mut fresh = || {
        next += BATCH;
        (next, documents(&population, next - BATCH, BATCH))
    };
    let mut group = criterion.benchmark_group("take-in");
    group.sample_size(10).throughput(Throughput::Elements(BATCH));
    let same = documents(&population, 0, BATCH);
    group.bench_function("hashes", |bencher| {
        bencher.iter(|| {
            for document in &same {
                black_box((Sha256::digest(document), Sha256::digest(document)));
            }
        });
    });
    group.bench_function("parsed-and-kept", |bencher| {
        bencher.iter_batched(
            &mut fresh,
            |(number, documents)| add(&mut store, &documents, number.into()),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn filled(home: &Path, population: &Population) -> Embedded {
    let mut store = Embedded::create(place(home), [7; 16]).unwrap();
    for from in (0..KEPT).step_by(usize::try_from(BATCH).unwrap()) {
        add(&mut store, &documents(population, from, BATCH), (u128::from(from) << 1) | 1);
    }
    store
}

fn look_up(criterion: &mut Criterion) {
    let population = Population::new(4096);
    let home = home();
    let mut store = filled(home.path(), &population);
    // Spread over the whole store, so that caches are asked as they are in use.
    let asked: Vec<Facts> = (0..512)
        .map(|turn| {
            let text = population.attestation(turn * 7_919 % KEPT);
            Facts::read(text.as_bytes(), &Limits::default()).unwrap().1
        })
        .collect();
    let document = population.attestation(1);
    let mut turn = 0;
    let mut next = move || {
        turn = (turn + 1) % 512;
        turn
    };
    let mut group = criterion.benchmark_group("look-up");
    group.throughput(Throughput::Elements(1));
    group.bench_function("hash", |bencher| bencher.iter(|| Sha256::digest(black_box(&document))));
    group.bench_function("by-id", |bencher| {
        bencher.iter_batched(
            &mut next,
            |turn| store.arrivals(&asked[turn].attestation).unwrap(),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("by-subject", |bencher| {
        bencher.iter_batched(
            &mut next,
            |turn| {
                let filter = Filter { subject: asked[turn].subjects.first().copied(), ..Filter::default() };
                store.find(&filter, 0, 10).unwrap()
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("by-id-with-document", |bencher| {
        bencher.iter_batched(
            &mut next,
            |turn| {
                let arrivals = store.arrivals(&asked[turn].attestation).unwrap();
                store.document(&arrivals[0]).unwrap()
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("open", |bencher| bencher.iter(|| Embedded::open(place(home.path())).unwrap()));
    group.finish();
}

/// Those of the signers with a certificate: two signatures of P-256 each, of which that of the authority is computed once.
fn judge_again(criterion: &mut Criterion) {
    let population = Population::new(4096);
    let home = home();
    let mut store = filled(home.path(), &population);
    let roots = population.trust().into_iter().filter(|file| file.path.ends_with(".pem"));
    let trust = roots
        .fold(TrustSnapshot::builder(), |builder, file| builder.anchor(Certificate::from_pem(&file.contents).unwrap()))
        .build()
        .unwrap();
    let arrivals: Vec<_> = store.find(&Filter::default(), 0, 512).unwrap();
    let arrivals: Vec<_> = arrivals.into_iter().filter(|arrival| arrival.sequence % 2 == 0).collect();
    let verify = |verifier: &Verifier, bytes: &[u8]| {
        let attestation = Attestation::from_json(bytes).unwrap();
        let report = verifier.verify(&attestation, Binding::SubjectsAsListed, at());
        assert_eq!(report.verdict(), Verdict::Verified);
        report
    };
    let recorder = Recorder::default();
    let recording = Verifier::new(&recorder.registry(), &trust, Policy::require_trusted_signer());
    let floors: Vec<(Floor, Vec<u8>)> = arrivals
        .iter()
        .map(|arrival| {
            let document = store.document(arrival).unwrap();
            verify(&recording, &document);
            (recorder.take(), document)
        })
        .collect();
    let memo =
        Arc::new(StoreMemo::new(Box::new(Embedded::open(place(home.path())).unwrap()), MemoSecret::new([9; 32])));
    let plain = Verifier::new(&Registry::rustcrypto(), &trust, Policy::require_trusted_signer());
    let remembering =
        Verifier::new(&Registry::rustcrypto().with_memo(memo.clone()), &trust, Policy::require_trusted_signer());
    floors.iter().for_each(|(_, document)| drop(verify(&remembering, document)));
    memo.flush();
    let mut turn = 0;
    let count = arrivals.len();
    let mut next = move || {
        turn = (turn + 1) % count;
        turn
    };
    let mut group = criterion.benchmark_group("judge-again");
    group.throughput(Throughput::Elements(1));
    group.bench_function("signatures-and-hashes", |bencher| {
        bencher.iter_batched(
            &mut next,
            |turn| {
                let (floor, document) = &floors[turn];
                floor.run();
                // Its id, its digest, and the comparison when it is read.
                (Sha256::digest(document), Sha256::digest(document), Sha256::digest(document))
            },
            BatchSize::SmallInput,
        );
    });
    for (name, verifier) in [("computed", &plain), ("remembered", &remembering)] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                &mut next,
                |turn| verify(verifier, &store.document(&arrivals[turn]).unwrap()),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, take_in, look_up, judge_again);
criterion_main!(benches);
