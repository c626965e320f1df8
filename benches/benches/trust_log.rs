//! What the trust log costs. The size of a run: `STELLA_BENCH_ANCHORS`, `STELLA_BENCH_KEYS`, `STELLA_BENCH_ENTRIES`; unset, they are
//! 10,000, 100,000 and 1,000,000. Stores of these sizes are made once and kept in `target/tmp`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use stella_benches::trust_log::{at, clock, create, entries, key, objects, occasion, open, place, scratch};
use stella_crypto_providers::{HashAlgorithm, Registry};
use stella_transparency::merkle::Frontier;
use stella_trust_store::fs::FileLog;
use stella_trust_store::ledger::{Change, Id, Ledger, ObjectKind, ObjectRef, Record};
use stella_trust_store::{Head, LogStore as _, Visit};

fn size(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// Opening a store, beside reading its bytes and hashing them.
fn opening(criterion: &mut Criterion) {
    let (anchors, keys) = (size("STELLA_BENCH_ANCHORS", 10_000), size("STELLA_BENCH_KEYS", 100_000));
    let begun = Instant::now();
    let directory = objects(anchors, keys);
    println!("{anchors} anchors and {keys} keys in {}, there after {:?}", directory.display(), begun.elapsed());
    let mut group = criterion.benchmark_group(format!("open-{anchors}-anchors-{keys}-keys"));
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    let log = || FileLog::open(place(&directory), clock()).unwrap();
    group.bench_function("floor-read-and-hash", |bencher| {
        bencher.iter(|| {
            let mut frontier = Frontier::default();
            log()
                .read(0, &mut |_, entry| {
                    frontier.push(stella_transparency::merkle::leaf_hash(entry));
                    Ok(Visit::Continue)
                })
                .unwrap();
            frontier.root()
        });
    });
    group.bench_function("without-snapshot", |bencher| {
        bencher.iter_with_large_drop(|| Ledger::open(log(), &Registry::rustcrypto()).unwrap());
    });
    group.bench_function("with-snapshot", |bencher| {
        bencher.iter_with_large_drop(|| {
            let ledger = Ledger::open(log(), &Registry::rustcrypto()).unwrap();
            let snapshot = ledger.snapshot(at(2)).unwrap();
            assert_eq!(snapshot.keys().len(), keys);
            (ledger, snapshot)
        });
    });
    group.finish();

    let ledger = open(&directory);
    let mut group = criterion.benchmark_group(format!("look-up-among-{anchors}-anchors-{keys}-keys"));
    let names: Vec<ObjectRef> = (0..64)
        .map(|number| match number % 2 {
            0 => (ObjectKind::Key, format!("key-{}", number * 7919 % keys)),
            _ => (ObjectKind::Anchor, format!("anchor-{}", number * 7919 % anchors)),
        })
        .map(|(kind, name)| ObjectRef::new(kind, Id::new(&name).unwrap()))
        .collect();
    let digests: Vec<[u8; 32]> = (0..64)
        .map(|number| HashAlgorithm::Sha256.hash(&[&key(number * 7919 % keys).key]).as_bytes().try_into().unwrap())
        .collect();
    let mut turn = 0;
    group.bench_function("by-id", |bencher| {
        bencher.iter(|| {
            turn = (turn + 1) % names.len();
            ledger.state().record(black_box(&names[turn])).unwrap().1
        });
    });
    group.bench_function("key-by-its-hash", |bencher| {
        bencher.iter(|| {
            turn = (turn + 1) % digests.len();
            ledger.state().with_material(ObjectKind::Key, black_box(&digests[turn])).unwrap().1
        });
    });
    group.finish();
}

/// One change with everything that makes it durable, beside the bare writes and syncs.
fn appending(criterion: &mut Criterion) {
    std::fs::create_dir_all(scratch()).unwrap();
    let directory = tempfile::tempdir_in(scratch()).unwrap();
    let mut ledger = create(directory.path());
    let mut number = 0;
    let mut next = move || {
        number += 1;
        key(number)
    };
    let sample = ledger.change(Change::Added(Record::Key(next())), &occasion(1)).unwrap();
    let mut entry = Vec::new();
    ledger
        .log()
        .read(sample.sequence(), &mut |_, bytes| {
            entry = bytes.to_vec();
            Ok(Visit::Continue)
        })
        .unwrap();
    let record = [entry.as_slice(), sample.checkpoint.as_bytes()].concat();
    println!("an entry of {} bytes with a checkpoint of {}", entry.len(), sample.checkpoint.len());

    let mut group = criterion.benchmark_group("append");
    group.measurement_time(Duration::from_secs(10));
    let plain = OpenOptions::new().create_new(true).write(true).open(directory.path().join("plain")).unwrap();
    let mut end = 0;
    group.bench_function("floor-one-write-and-fsync", |bencher| {
        bencher.iter(|| write_and_sync(&plain, &record, &mut end));
    });
    // The group, the mark that makes it count, and what is remembered of it elsewhere.
    let mark = [7; 512];
    group.bench_function("floor-three-writes-and-fsyncs", |bencher| {
        bencher.iter(|| {
            write_and_sync(&plain, &record, &mut end);
            write_and_sync(&plain, &mark, &mut 0);
            write_and_sync(&plain, &mark, &mut 512);
        });
    });
    let (sample_bytes, mut end_of_three) = (record.clone(), 1 << 30);
    let mut log = Bare::beside(directory.path());
    group.bench_function("log", |bencher| bencher.iter(|| log.append(&entry, &sample.checkpoint)));
    let mut change = |record| drop(ledger.change(Change::Added(Record::Key(record)), &occasion(1)).unwrap());
    group.bench_function("ledger-change", |bencher| {
        bencher.iter_batched(&mut next, &mut change, BatchSize::SmallInput);
    });
    group.finish();

    // What a sync costs changes from minute to minute on a shared disk, so all four once more, in turn.
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..300 {
        let record = next();
        let turns: [&mut dyn FnMut(); 4] = [
            &mut || write_and_sync(&plain, &sample_bytes, &mut end),
            &mut || {
                write_and_sync(&plain, &sample_bytes, &mut end_of_three);
                write_and_sync(&plain, &mark, &mut 0);
                write_and_sync(&plain, &mark, &mut 512);
            },
            &mut || log.append(&entry, &sample.checkpoint),
            &mut || change(record.clone()),
        ];
        for (turn, times) in turns.into_iter().zip(&mut times) {
            let begun = Instant::now();
            turn();
            times.push(begun.elapsed());
        }
    }
    for (name, times) in ["one sync", "three syncs", "log", "ledger change"].into_iter().zip(&mut times) {
        times.sort_unstable();
        println!("append in turn, {name}: {:?} (quartiles {:?} to {:?})", times[150], times[75], times[225]);
    }
}

fn write_and_sync(file: &File, bytes: &[u8], offset: &mut u64) {
    file.write_all_at(bytes, *offset).unwrap();
    file.sync_all().unwrap();
    *offset += bytes.len() as u64;
}

/// A log without a ledger.
struct Bare {
    log: FileLog,
    head: Head,
}

impl Bare {
    fn beside(directory: &std::path::Path) -> Self {
        let directory = directory.join("bare");
        std::fs::create_dir(&directory).unwrap();
        let id = stella_trust_store::fs::StoreId::from_bytes([8; 32]);
        Self { log: FileLog::create(place(&directory), id, clock()).unwrap(), head: Head::empty() }
    }

    fn append(&mut self, entry: &[u8], checkpoint: &str) {
        self.head = self.log.append(&self.head, &[entry], checkpoint).unwrap();
    }
}

/// Looking at every entry of a long log again.
fn auditing(criterion: &mut Criterion) {
    let count = size("STELLA_BENCH_ENTRIES", 1_000_000);
    let begun = Instant::now();
    let directory = entries(count);
    println!("{count} entries in {}, there after {:?}", directory.display(), begun.elapsed());
    let registry = Registry::rustcrypto();
    let log = FileLog::open(place(&directory), clock()).unwrap();
    let before = resident_peak_from_here();
    let audit = stella_trust_store::ledger::verify(&log, &registry, None).unwrap();
    let after = peak();
    assert_eq!(audit.head.size, count as u64);
    if let (Some(before), Some(after)) = (before, after) {
        println!("peak resident memory: {before} KiB before, {after} KiB while verifying {count} entries");
    }
    let mut group = criterion.benchmark_group(format!("verify-{count}-entries"));
    group.sample_size(10).measurement_time(Duration::from_secs(60)).throughput(Throughput::Elements(count as u64));
    group.bench_function("floor-read-and-hash", |bencher| bencher.iter(|| log.verify().unwrap()));
    group.bench_function("ledger", |bencher| {
        bencher.iter(|| stella_trust_store::ledger::verify(&log, &registry, None).unwrap());
    });
    group.bench_function("open", |bencher| {
        let log = || FileLog::open(place(&directory), clock()).unwrap();
        bencher.iter(|| Ledger::open(log(), &registry).unwrap());
    });
    group.finish();
}

/// Lets the peak begin anew, where the system can, and gives it in KiB.
fn resident_peak_from_here() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    peak()
}

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.parse().ok()
}

// Auditing first: memory that others have used and given back would hide how little it takes.
criterion_group!(benches, auditing, opening, appending);
criterion_main!(benches);
