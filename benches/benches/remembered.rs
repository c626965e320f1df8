//! What need not be done again: verification with remembered signatures beside the hashes alone, and one change of an anchor over a thousand
//! attestations, judging all of them and only those that it can touch.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::collections::HashSet;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use stella_attest_verify::preview::{Affected, Outcome};
use stella_attest_verify::{
    Attestation, Binding, Certificate, Code, Digest, Policy, PublicKey, Registry, TrustSnapshot, UnixTime, Verdict,
    Verifier,
};
use stella_crypto_providers::{Memo, MemoKey};
use stella_testkit::population::Population;

/// How many different bundles a measurement goes round over.
const ROUND: usize = 64;

/// How many attestations a change of trust is held against.
const KEPT: u64 = 1000;

#[derive(Default)]
struct Kept(Mutex<HashSet<MemoKey>>);

impl Memo for Kept {
    fn recall(&self, key: &MemoKey) -> bool {
        self.0.lock().unwrap().contains(key)
    }

    fn remember(&self, key: &MemoKey) {
        self.0.lock().unwrap().insert(*key);
    }
}

fn at() -> UnixTime {
    UnixTime::parse_rfc3339("2026-11-23T00:00:00Z").unwrap()
}

/// Real bundles of CPython releases, their artifacts and policies.
fn bundles() -> Vec<(Vec<u8>, Digest, Policy)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cpython-bundles/cpython.jsonl.gz");
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let said = |name: &str| record[name].as_str().unwrap();
            let policy = Policy::require_signer(said("certificate_identity")).issued_by(said("oidc_issuer"));
            let artifact = format!("sha256:{}", said("sha256")).parse().unwrap();
            (serde_json::to_vec(&record["bundle"]).unwrap(), artifact, policy)
        })
        .filter(|(json, ..)| String::from_utf8_lossy(json).contains("bundle.v0.3+json"))
        .take(ROUND)
        .collect()
}

fn bundle(criterion: &mut Criterion) {
    let bundles = bundles();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/stella-cli/trust/trusted_root.public-good.json");
    let trust = TrustSnapshot::builder().trusted_root(&std::fs::read(root).unwrap()).unwrap().build().unwrap();
    let plain = Registry::rustcrypto();
    let remembering = Registry::rustcrypto().with_memo(Arc::new(Kept::default()));
    let verifiers = |registry: &Registry| -> Vec<Verifier> {
        bundles.iter().map(|(_, _, policy)| Verifier::new(registry, &trust, policy.clone())).collect()
    };
    let mut group = criterion.benchmark_group("remembered-bundle");
    group.throughput(Throughput::Elements(1));
    let mut turn = 0;
    let mut next = move || {
        turn = (turn + 1) % ROUND;
        turn
    };
    // The id of an attestation and the digest of its document are in every report.
    group.bench_function("hashes", |bencher| {
        bencher.iter_batched(
            &mut next,
            |turn| (Sha256::digest(black_box(&bundles[turn].0)), Sha256::digest(black_box(&bundles[turn].0))),
            BatchSize::SmallInput,
        );
    });
    for (name, verifiers) in [("computed", verifiers(&plain)), ("remembered", verifiers(&remembering))] {
        let judge = |turn: usize| {
            let (json, artifact, _) = &bundles[turn];
            let report = verifiers[turn].verify(&Attestation::from_json(black_box(json)).unwrap(), artifact, at());
            assert_eq!(report.verdict(), Verdict::Verified);
            report
        };
        // From the second time on, everything is known.
        (0..ROUND).for_each(|turn| drop(judge(turn)));
        if let Some(remembered) = judge(0).remembered() {
            println!("{} of {} signatures are remembered", remembered.signatures, remembered.of);
            assert_eq!(remembered.signatures, remembered.of);
        }
        group.bench_function(name, |bencher| bencher.iter_batched(&mut next, judge, BatchSize::SmallInput));
    }
    group.finish();
}

fn trust(population: &Population, without: &str) -> TrustSnapshot {
    let files = population.trust();
    let kept = files.iter().filter(|file| file.path != without);
    let added = kept.fold(TrustSnapshot::builder(), |builder, file| match file.path.ends_with(".pub") {
        true => builder.key(PublicKey::from_pem(&file.contents).unwrap()),
        false => builder.anchor(Certificate::from_pem(&file.contents).unwrap()),
    });
    added.build().unwrap()
}

fn one_anchor(criterion: &mut Criterion) {
    let population = Population::new(4096);
    let all: Vec<Attestation> =
        (0..KEPT).map(|number| Attestation::from_json(population.attestation(number).as_bytes()).unwrap()).collect();
    let (before, after) = (trust(&population, ""), trust(&population, "root-1.pem"));
    let registry = Registry::rustcrypto();
    let policy = Policy::require_trusted_signer;
    let known: Vec<(Outcome, Vec<String>, Option<Code>)> = {
        let verifier = Verifier::new(&registry, &before, policy());
        let report = |one: &Attestation| verifier.verify(one, Binding::SubjectsAsListed, at());
        all.iter()
            .map(|one| {
                let report = report(one);
                (Outcome::from(&report), report.dependencies(), report.code())
            })
            .collect()
    };
    let judge =
        |verifier: &Verifier, one: &Attestation| Outcome::from(&verifier.verify(one, Binding::SubjectsAsListed, at()));
    let everything = || -> Vec<Outcome> {
        let verifier = Verifier::new(&registry, &after, policy());
        all.iter().map(|one| judge(&verifier, one)).collect()
    };
    let only_those_affected =
        || -> Vec<Outcome> {
            let affected = Affected::between(&before, &after);
            let verifier = Verifier::new(&registry, &after, policy());
            let pairs = all.iter().zip(&known);
            let outcomes = pairs.map(|(one, (outcome, dependencies, code))| {
                if affected.may_change(dependencies, *code) { judge(&verifier, one) } else { outcome.clone() }
            });
            outcomes.collect()
        };
    let outcomes = everything();
    assert_eq!(outcomes, only_those_affected());
    let refused = outcomes.iter().filter(|outcome| !outcome.is_verified()).count();
    println!("{refused} of {KEPT} attestations are newly refused");

    let mut group = criterion.benchmark_group("one-anchor");
    group.sample_size(10);
    group.throughput(Throughput::Elements(KEPT));
    group.bench_function("judge-everything", |bencher| bencher.iter(everything));
    group.bench_function("judge-what-is-affected", |bencher| bencher.iter(only_those_affected));
    let untouched = Affected::between(&before, &after);
    group.bench_function("ask-what-is-affected", |bencher| {
        bencher.iter(|| {
            known.iter().filter(|(_, dependencies, code)| untouched.may_change(black_box(dependencies), *code)).count()
        });
    });
    group.finish();
}

criterion_group!(benches, bundle, one_anchor);
criterion_main!(benches);
