//! Signatures remembered in a store: only those that the holder of the secret found good, and never at the price of a verdict.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use stella_attest_model::{AttestationId, IdPrefix};
use stella_attest_store::*;
use stella_crypto_providers::{
    Memo, MemoKey, Message, Registry, Scheme, SignatureEncoding, Signer, SigningKey, VerifiedBy,
};

/// The rows of a table of marks, and what is done to them.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<Rows>>);

#[derive(Default)]
struct Rows {
    marks: BTreeSet<[u8; 32]>,
    asked: usize,
    written: usize,
    broken: bool,
}

impl Table {
    fn broken() -> StoreError {
        StoreError::Corrupt { place: "marks".to_string(), what: "a page".to_string() }
    }
}

macro_rules! nothing_else {
    ($($name:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $name(&mut self, $(_: $argument),*) -> Result<$result, StoreError> { Err(Self::broken()) })*
    };
}

impl AttestationStore for Table {
    fn remembered(&mut self, marks: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
        let mut rows = self.0.lock().unwrap();
        rows.asked += 1;
        if rows.broken { Err(Self::broken()) } else { Ok(marks.iter().map(|mark| rows.marks.contains(mark)).collect()) }
    }

    fn remember(&mut self, marks: &[[u8; 32]]) -> Result<(), StoreError> {
        let mut rows = self.0.lock().unwrap();
        rows.written += 1;
        if rows.broken {
            return Err(Self::broken());
        }
        rows.marks.extend(marks);
        Ok(())
    }

    nothing_else! {
        about() -> About;
        add(&[Incoming<'_>], OperationId) -> Vec<Added>;
        take_over(&[(Arrival, Vec<u8>)]) -> ();
        arrivals(&AttestationId) -> Vec<Arrival>;
        arrival(u64) -> Option<Arrival>;
        resolve(&IdPrefix, usize) -> Vec<AttestationId>;
        find(&Filter, u64, usize) -> Vec<Arrival>;
        document(&Arrival) -> Vec<u8>;
        keep_reports(&[ReportRecord]) -> ();
        report(&AttestationId) -> Option<ReportRecord>;
        reports(Option<&str>, u64, usize) -> Vec<ReportRecord>;
        keep_link(&Link) -> ();
        links(&AttestationId) -> Vec<Link>;
        journal(&[NewEvent]) -> ();
        events(&EventFilter, u64, usize) -> Vec<Event>;
        forget_events(&Retention) -> u64;
        forget_marks() -> u64;
        start_run(RunId, &RunPlan) -> RunState;
        take_share(RunId, &str, u32) -> Option<Share>;
        finish_share(RunId, &str, u64, &[ReportRecord]) -> Finished;
        run(RunId) -> Option<RunState>;
        check(usize, &mut dyn FnMut(Progress)) -> Vec<Flaw>;
    }
}

const OURS: MemoSecret = MemoSecret::new([1; 32]);
const THEIRS: MemoSecret = MemoSecret::new([2; 32]);

fn memo(table: &Table, secret: &MemoSecret) -> Arc<StoreMemo> {
    Arc::new(StoreMemo::over(vec![Box::new(table.clone()), Box::new(table.clone())], secret.clone()))
}

fn key() -> SigningKey {
    SigningKey::from_secret_bytes(Scheme::EcdsaP256Sha256, &[7; 32]).unwrap()
}

/// How a signature over `message` by the key of the test is found good by a registry with this memo; `None` if it is not.
fn verify(memo: &Arc<StoreMemo>, message: &[u8], signature: &[u8]) -> Option<VerifiedBy> {
    let registry = Registry::rustcrypto().with_memo(memo.clone());
    let key = registry.prepare(key().scheme(), key().public_key()).unwrap();
    key.verify_saying_how(Message::Parts(&[message]), signature, SignatureEncoding::Der).ok()
}

fn sign(message: &[u8]) -> Vec<u8> {
    key().sign(Message::Parts(&[message]), SignatureEncoding::Der).unwrap()
}

#[test]
fn what_was_flushed_is_known_to_the_next_memo_and_what_was_not_is_not() {
    let table = Table::default();
    let signature = sign(b"kept");
    let first = memo(&table, &OURS);
    assert_eq!(verify(&first, b"kept", &signature), Some(VerifiedBy::Provider));
    assert_eq!(verify(&first, b"kept", &signature), Some(VerifiedBy::Memo));
    assert_eq!(verify(&memo(&table, &OURS), b"kept", &signature), Some(VerifiedBy::Provider));
    assert_eq!(first.flush(), 1);
    assert_eq!(first.flush(), 0, "what is written is not written again");
    assert_eq!(verify(&memo(&table, &OURS), b"kept", &signature), Some(VerifiedBy::Memo));
    assert_eq!(verify(&memo(&table, &OURS), b"other", &signature), None);
    assert!(first.trouble().is_none());
}

#[test]
fn a_row_under_another_secret_is_not_believed() {
    let table = Table::default();
    let signature = sign(b"message");
    let theirs = memo(&table, &THEIRS);
    assert_eq!(verify(&theirs, b"message", &signature), Some(VerifiedBy::Provider));
    assert_eq!(theirs.flush(), 1);
    assert_eq!(verify(&memo(&table, &OURS), b"message", &signature), Some(VerifiedBy::Provider));
}

/// Notes what is asked, and knows nothing.
#[derive(Default)]
struct Spy(Mutex<Vec<MemoKey>>);

impl Memo for Spy {
    fn recall(&self, key: &MemoKey) -> bool {
        self.0.lock().unwrap().push(*key);
        false
    }

    fn remember(&self, _: &MemoKey) {}
}

/// Somebody who can write to the database and has not got the secret knows the memo key of a forged signature, and can put it there.
#[test]
fn a_forged_row_accepts_nothing() {
    let signature = sign(b"what was signed");
    let spy = Arc::new(Spy::default());
    let verifying = Registry::rustcrypto().with_memo(spy.clone()).prepare(key().scheme(), key().public_key()).unwrap();
    assert!(verifying.verify(Message::Parts(&[b"what was not"]), &signature, SignatureEncoding::Der).is_err());
    let asked = spy.0.lock().unwrap()[0];
    let table = Table::default();
    let rows = [*asked.as_bytes(), THEIRS.mark(&asked), MemoSecret::new([0; 32]).mark(&asked)];
    table.0.lock().unwrap().marks.extend(rows);
    assert_eq!(verify(&memo(&table, &OURS), b"what was not", &signature), None);
    // The secret is all that keeps it out.
    table.0.lock().unwrap().marks.insert(OURS.mark(&asked));
    assert_eq!(verify(&memo(&table, &OURS), b"what was not", &signature), Some(VerifiedBy::Memo));
}

#[test]
fn a_broken_store_costs_arithmetic_and_is_told_of_once() {
    let table = Table::default();
    table.0.lock().unwrap().broken = true;
    let memo = memo(&table, &OURS);
    for message in [b"one".as_slice(), b"two", b"one"] {
        assert!(verify(&memo, message, &sign(message)).is_some());
        assert!(verify(&memo, b"another", &sign(message)).is_none());
    }
    assert_eq!(memo.flush(), 0);
    assert!(matches!(memo.trouble(), Some(StoreError::Corrupt { .. })));
    assert!(memo.trouble().is_none());
    let rows = table.0.lock().unwrap();
    assert_eq!((rows.asked, rows.written), (1, 0), "it is left alone from then on");
}

#[test]
fn many_threads_use_one_memo() {
    let table = Table::default();
    let memo = memo(&table, &OURS);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..16_u8 {
                    assert!(verify(&memo, &[number], &sign(&[number])).is_some());
                }
            });
        }
    });
    memo.flush();
    assert_eq!(table.0.lock().unwrap().marks.len(), 16);
}
