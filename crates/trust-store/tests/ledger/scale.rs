//! Long logs. Sizes by environment variable; small by default.
#![allow(clippy::disallowed_methods, reason = "a test of how long something takes")]

use std::time::Instant;

use stella_crypto_providers::{HashAlgorithm, Registry, Scheme, Signer as _, SigningKey};
use stella_transparency::merkle::{Frontier, leaf_hash};
use stella_trust_store::ledger::*;
use stella_trust_store::{Head, LogStore, StoreError, Visit, Visitor};

use crate::world::*;

/// A log of one object that changes for ever, made while it is read: nothing of it is kept.
struct Endless {
    size: u64,
    key: KeyRecord,
}

impl Endless {
    fn each(&self, visit: &mut Visitor<'_>) -> Result<Head, StoreError> {
        let key = store_key().public_key().spki_der().to_vec();
        let store = StoreRecord { id: id("example"), key, mode: Mode::Solo, quorum: 2 };
        let (mut state, mut frontier, mut previous) = (TrustState::new(), Frontier::default(), None);
        for sequence in 0..self.size {
            let action = match sequence {
                0 => Action::Created { approvers: Vec::new(), store: store.clone() },
                1 => Action::Changed(Change::Added(Record::Key(self.key.clone())).into()),
                _ => {
                    let terms = Terms::labelled(if sequence % 2 == 0 { "even" } else { "odd" });
                    Action::Changed(Change::Changed(Record::Key(KeyRecord { terms, ..self.key.clone() })).into())
                }
            };
            let mut entry = Entry {
                action,
                actor: Actor::unsigned(person("robot")),
                at: at(sequence as i64),
                mode: Mode::Solo,
                previous,
                reason: "again and again".into(),
                request: None,
                sequence,
                state: [0; 32],
            };
            state.apply(&entry).unwrap();
            entry.state = state.hash();
            let bytes = entry.to_bytes();
            previous = Some(leaf_hash(&bytes));
            frontier.push(leaf_hash(&bytes));
            if visit(sequence, &bytes)? == Visit::Stop {
                break;
            }
        }
        Ok(Head { size: frontier.size(), root: frontier.root() })
    }
}

impl LogStore for Endless {
    fn head(&self) -> Result<Head, StoreError> {
        self.each(&mut |_, _| Ok(Visit::Continue))
    }

    fn append(&mut self, expected: &Head, _: &[&[u8]], _: &str) -> Result<Head, StoreError> {
        Err(StoreError::HeadMoved { expected: *expected, found: *expected })
    }

    fn read(&self, _: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        self.each(visit).map(|_| ())
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        Ok(Some(note("example", &self.head()?)))
    }
}

/// Peak resident memory of this process in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.parse().ok()
}

/// `STELLA_AUDIT_ENTRIES=1000000` for the size that counts; alone then, because memory is that of the whole process.
#[test]
fn a_long_log_is_audited_in_memory_that_does_not_grow_with_it_f30() {
    let log = Endless { size: size("STELLA_AUDIT_ENTRIES", 5_000), key: key_record("key") };
    let before = peak_memory();
    let audit = verify(&log, &Registry::rustcrypto(), None).unwrap();
    assert_eq!(audit.head.size, log.size);
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        // Other tests run beside this one; a log of a million entries would take hundreds of mebibytes.
        assert!(after - before < 64 << 10, "{} KiB more", after - before);
    }
}

/// `STELLA_STORE_KEYS=100000` for the size that counts.
#[test]
fn a_large_store_opens_and_gives_its_keys() {
    let count = size("STELLA_STORE_KEYS", 500);
    let mut ledger = solo();
    let changes = (0..count).map(|number| {
        let seed = HashAlgorithm::Sha256.hash(&[&number.to_be_bytes()]);
        let key = SigningKey::from_secret_bytes(Scheme::Ed25519, seed.as_bytes()).unwrap();
        let record = KeyRecord { id: id(&format!("key-{number}")), ..key_record("any") };
        Change::Added(Record::Key(KeyRecord { key: key.public_key().spki_der().to_vec(), ..record }))
    });
    ledger.change_all(changes.collect(), &occasion("dave", 1)).unwrap();
    let log = ledger.into_log();
    let start = Instant::now();
    let ledger = Ledger::open(log, &Registry::rustcrypto()).unwrap();
    let opened = start.elapsed();
    assert_eq!(ledger.snapshot(at(2)).unwrap().keys().len() as u64, count);
    let snapshot = start.elapsed() - opened;
    if count > 500 {
        let report = format!("{count} keys: opened in {opened:?}, snapshot in {snapshot:?}\n");
        std::io::Write::write_all(&mut std::io::stderr(), report.as_bytes()).unwrap();
    }
}
