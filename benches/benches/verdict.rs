//! What a verdict costs, each time beside its floor: the bare signatures and hashes of the same input, in the same run.
//!
//! Branch predictors learn a single signature by heart and flatter it by up to a quarter, so each measurement goes round over many.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use stella_attest_verify::{
    Attestation, Binding, Digest, Policy, Registry, TrustSnapshot, UnixTime, Verdict, Verifier,
};
use stella_benches::{Floor, Recorder};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;

/// How many different bundles a measurement goes round over.
const ROUND: usize = 64;

fn at() -> UnixTime {
    UnixTime::parse_rfc3339("2026-11-23T00:00:00Z").unwrap()
}

/// Real bundles of CPython releases (Rekor v1, message signature) with their signers.
struct Bundle {
    json: Vec<u8>,
    artifact: Digest,
    identity: String,
    issuer: String,
}

fn bundles() -> Vec<Bundle> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cpython-bundles/cpython.jsonl.gz");
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            Bundle {
                json: serde_json::to_vec(&record["bundle"]).unwrap(),
                artifact: format!("sha256:{}", record["sha256"].as_str().unwrap()).parse().unwrap(),
                identity: record["certificate_identity"].as_str().unwrap().to_owned(),
                issuer: record["oidc_issuer"].as_str().unwrap().to_owned(),
            }
        })
        .filter(|bundle| String::from_utf8_lossy(&bundle.json).contains("bundle.v0.3+json"))
        .take(ROUND)
        .collect()
}

fn public_good() -> TrustSnapshot {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/stella-cli/trust/trusted_root.public-good.json");
    TrustSnapshot::builder().trusted_root(&std::fs::read(path).unwrap()).unwrap().build().unwrap()
}

fn verifier(registry: &Registry, trust: &TrustSnapshot, bundle: &Bundle) -> Verifier {
    Verifier::new(registry, trust, Policy::require_signer(&bundle.identity).issued_by(&bundle.issuer))
}

fn bundle(criterion: &mut Criterion) {
    let bundles = bundles();
    assert_eq!(bundles.len(), ROUND);
    let trust = public_good();
    let floors: Vec<Floor> = bundles.iter().map(|bundle| record(&trust, bundle)).collect();
    let registry = Registry::rustcrypto();
    let verifiers: Vec<Verifier> = bundles.iter().map(|bundle| verifier(&registry, &trust, bundle)).collect();
    let signatures: usize = floors.iter().map(Floor::signatures).sum();
    let bytes: usize = floors.iter().map(Floor::bytes).sum();
    println!("{ROUND} bundles: {signatures} signatures over {bytes} bytes in all");

    let mut group = criterion.benchmark_group("bundle");
    group.throughput(Throughput::Elements(1));
    let mut turn = 0;
    let mut next = move || {
        turn = (turn + 1) % ROUND;
        turn
    };
    group.bench_function("floor", |bencher| {
        bencher.iter_batched(&mut next, |turn| floors[turn].run(), BatchSize::SmallInput);
    });
    group.bench_function("verify", |bencher| {
        bencher.iter_batched(
            &mut next,
            |turn| {
                let attestation = Attestation::from_json(black_box(&bundles[turn].json)).unwrap();
                let report = verifiers[turn].verify(&attestation, bundles[turn].artifact, at());
                assert_eq!(report.verdict(), Verdict::Verified);
                report
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("parse", |bencher| {
        bencher.iter_batched(
            &mut next,
            |turn| Attestation::from_json(black_box(&bundles[turn].json)).unwrap(),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// The signatures of a second verification: by then what is checked once per snapshot has been checked.
fn record(trust: &TrustSnapshot, bundle: &Bundle) -> Floor {
    let recorder = Recorder::default();
    let verifier = verifier(&recorder.registry(), trust, bundle);
    let attestation = Attestation::from_json(&bundle.json).unwrap();
    let first = verifier.verify(&attestation, bundle.artifact, at());
    assert_eq!(first.verdict(), Verdict::Verified, "{}", first.to_json());
    drop(recorder.take());
    assert_eq!(verifier.verify(&attestation, bundle.artifact, at()).verdict(), Verdict::Verified);
    recorder.take()
}

fn dsse(criterion: &mut Criterion) {
    let key = TestKey::p256("bench dsse");
    let trust = TrustSnapshot::builder().key(key.public_key().clone()).build().unwrap();
    let policy = Policy::require_key(key.public_key().key_id());
    let registry = Registry::rustcrypto();
    for (name, size, count) in [("1KiB", 1 << 10, ROUND), ("100KiB", 100 << 10, ROUND), ("10MiB", 10 << 20, 4)] {
        let envelopes: Vec<Vec<u8>> = (0..count).map(|number| envelope(&key, number, size)).collect();
        let recorder = Recorder::default();
        let recording = Verifier::new(&recorder.registry(), &trust, policy.clone());
        // The provider is asked about the digest of the encoding; making that digest is part of the floor.
        let floors: Vec<(Vec<u8>, Floor)> = envelopes
            .iter()
            .map(|json| {
                let attestation = Attestation::from_json(json).unwrap();
                let report = recording.verify(&attestation, Binding::SubjectsAsListed, at());
                assert_eq!(report.verdict(), Verdict::Verified, "{}", report.to_json());
                (attestation.envelope().unwrap().pae().to_vec(), recorder.take())
            })
            .collect();
        let verifier = Verifier::new(&registry, &trust, policy.clone());
        let mut group = criterion.benchmark_group(format!("dsse-{name}"));
        group.throughput(Throughput::Bytes(size as u64));
        let mut turn = 0;
        let mut next = move || {
            turn = (turn + 1) % count;
            turn
        };
        group.bench_function("floor", |bencher| {
            let floor = |turn: usize| {
                black_box(Sha256::digest(black_box(&floors[turn].0)));
                floors[turn].1.run();
            };
            bencher.iter_batched(&mut next, floor, BatchSize::LargeInput);
        });
        group.bench_function("verify", |bencher| {
            bencher.iter_batched(
                &mut next,
                |turn| {
                    let attestation = Attestation::from_json(black_box(&envelopes[turn])).unwrap();
                    let report = verifier.verify(&attestation, Binding::SubjectsAsListed, at());
                    assert_eq!(report.verdict(), Verdict::Verified);
                    report
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function("parse", |bencher| {
            bencher.iter_batched(
                &mut next,
                |turn| Attestation::from_json(black_box(&envelopes[turn])).unwrap(),
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

/// An envelope with a statement of about `size` bytes, most of it predicate.
fn envelope(key: &TestKey, number: usize, size: usize) -> Vec<u8> {
    let digest = Digest::sha256(&number.to_be_bytes());
    let hex = digest.to_string().replace("sha256:", "");
    let filler: String = (0..size / 24).map(|line| format!("\"line {line:08}\":\"{number:04}\",")).collect::<String>();
    let statement = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"artifact","digest":{{"sha256":"{hex}"}}}}],"predicateType":"https://example.com/bench/v1","predicate":{{"lines":[{}{{}}]}}}}"#,
        filler.split_inclusive(',').map(|pair| format!("{{{}}},", pair.trim_end_matches(','))).collect::<String>(),
    );
    Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(key).to_json().into_bytes()
}

criterion_group!(benches, bundle, dsse);
criterion_main!(benches);
