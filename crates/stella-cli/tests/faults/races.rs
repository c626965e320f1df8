//! Verifications while trust changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use stella_attest_verify::{Artifact, Attestation, Binding, Policy, Registry, UnixTime, Verdict, Verifier};
use stella_crypto_providers::{Scheme, SignatureEncoding, SigningKey};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_trust_store::fs::{FileLog, Place, Stopwatch, StoreId};
use stella_trust_store::ledger::{
    Actor, Change, Founding, Id, KeyRecord, Ledger, ObjectKind, ObjectRef, Occasion, Person, Record, Revocation,
    RevocationCause, Terms,
};

struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

/// 2026-01-17T09:00:00Z
fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(1_768_640_400 + seconds)
}

fn occasion(seconds: i64) -> Occasion {
    let actor = Actor::unsigned(Person::new("dave").unwrap());
    Occasion { actor, at: at(seconds), reason: "because of a test".into() }
}

/// A verification uses the trust of one moment, whatever is committed meanwhile; one that begins after a revocation was committed
/// uses the revocation.
#[test]
fn a_verification_has_one_trust_and_after_a_revocation_the_new_one_f19() {
    let rounds: i64 = std::env::var("STELLA_RACE_ROUNDS").map_or(12, |text| text.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("trust");
    let clock = || Box::new(Clock(Instant::now()));
    let registry = Registry::rustcrypto();
    let store_key = Arc::new(SigningKey::from_secret_bytes(Scheme::Ed25519, &[7; 32]).unwrap());
    let log = FileLog::create(Place::at(&path).unwrap(), StoreId::from_bytes([1; 32]), clock()).unwrap();
    let founding = Founding { store: Id::new("race").unwrap(), quorum: 2, approvers: Vec::new() };
    let mut ledger = Ledger::create(log, &registry, store_key, founding, &occasion(0)).unwrap();

    let key = TestKey::p256("race");
    let statement = statement::provenance("artifact", b"what is attested", "https://ci.example/builder");
    let envelope = Envelope::new(IN_TOTO, statement.to_string().as_bytes()).signed_by(&key).to_json();
    let attestation = Attestation::from_json(envelope.as_bytes()).unwrap();
    let binding: Binding = Artifact::of_bytes(b"what is attested").into();
    let policy = Policy::require_key(key.public_key().key_id());
    let object = ObjectRef::new(ObjectKind::Key, Id::new("signer").unwrap());
    let record = KeyRecord {
        id: object.id.clone(),
        encoding: SignatureEncoding::Der,
        hint: None,
        issuer: None,
        key: key.public_key().spki_der().to_vec(),
        terms: Terms::default(),
    };
    ledger.change(Change::Added(Record::Key(record)), &occasion(0)).unwrap();

    // Odd from when a revocation was told to be committed until it is taken back.
    let (told, begun, over) = (AtomicU64::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let (mut verified, mut refused) = (0_u64, 0_u64);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut verified, mut refused) = (0_u64, 0_u64);
            while !over.load(Ordering::SeqCst) {
                let told_before = told.load(Ordering::SeqCst);
                let log = FileLog::open(Place::at(&path).unwrap(), clock()).unwrap();
                let reader = Ledger::open(log, &registry).unwrap();
                let verifier = Verifier::new(&registry, &reader.snapshot(at(10)).unwrap(), policy.clone());
                let begun_after = begun.load(Ordering::SeqCst);
                let first = verifier.verify(&attestation, &binding, at(10)).verdict();
                match first {
                    Verdict::Verified => {
                        let revoked = told_before % 2 == 1 && told.load(Ordering::SeqCst) == told_before;
                        assert!(!revoked, "verified after the revocation was told");
                        verified += 1;
                    }
                    _ => {
                        assert!(begun_after, "refused before anybody revoked anything");
                        refused += 1;
                    }
                }
                // The same trust gives the same verdict, whatever has been committed since.
                assert_eq!(verifier.verify(&attestation, &binding, at(10)).verdict(), first);
            }
            (verified, refused)
        });
        let ceased = RevocationCause::Superseded;
        for round in 0..rounds {
            std::thread::sleep(Duration::from_millis(5));
            begun.store(true, Ordering::SeqCst);
            let revocation = Revocation { cause: ceased, invalid_since: None, revoked_at: at(0) };
            ledger.change(Change::Revoked { object: object.clone(), revocation }, &occasion(round)).unwrap();
            told.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(5));
            told.fetch_add(1, Ordering::SeqCst);
            ledger.change(Change::Reinstated(object.clone()), &occasion(round)).unwrap();
        }
        over.store(true, Ordering::SeqCst);
        (verified, refused) = reader.join().unwrap();
    });
    println!("{rounds} revocations: {verified} verified before, {refused} refused after");
    assert!(verified + refused > 0);
}
