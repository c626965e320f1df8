//! A store with a clock that the test moves, and an attestation by one of its keys.

use std::sync::Arc;

use stella_attest_verify::bisect::Question;
use stella_attest_verify::{Attestation, Binding, Policy, Registry, UnixTime};
use stella_crypto_providers::{SignatureEncoding, Signer, SigningKey};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::*;
use stella_vocabulary::Window;

/// 2026-01-17T09:00:00Z
pub(crate) const START: i64 = 1_768_640_400;
pub(crate) const DAY: i64 = 86_400;

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub(crate) fn person(text: &str) -> Person {
    Person::new(text).unwrap()
}

pub(crate) fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(START + seconds)
}

pub(crate) fn registry() -> Registry {
    Registry::rustcrypto()
}

pub(crate) fn test_key(name: &str) -> TestKey {
    TestKey::ed25519(name)
}

pub(crate) fn signer(name: &str) -> SigningKey {
    SigningKey::from_pkcs8_der(&test_key(name).signing_key().to_pkcs8_der()).unwrap()
}

pub(crate) fn key_record(name: &str) -> KeyRecord {
    KeyRecord {
        id: id(name),
        encoding: SignatureEncoding::Der,
        hint: None,
        issuer: None,
        key: test_key(name).public_key().spki_der().to_vec(),
        terms: Terms::labelled(name),
    }
}

pub(crate) fn add_key(name: &str) -> Change {
    Change::Added(Record::Key(key_record(name)))
}

pub(crate) fn key_within(name: &str, from: Option<i64>, until: Option<i64>) -> Record {
    let window = Window::half_open(from.map(at), until.map(at));
    Record::Key(KeyRecord { terms: Terms::labelled(name).with_window(window), ..key_record(name) })
}

pub(crate) fn key_ref(name: &str) -> ObjectRef {
    ObjectRef::new(ObjectKind::Key, id(name))
}

pub(crate) fn occasion(who: &str, seconds: i64) -> Occasion {
    Occasion { actor: Actor::unsigned(person(who)), at: at(seconds), reason: format!("as {who} said at {seconds}") }
}

fn found(approvers: Vec<ApproverRecord>) -> Ledger<MemoryLog> {
    let founding = Founding { store: id("example"), quorum: 2, approvers };
    let store_key: Arc<dyn Signer> = Arc::new(signer("store"));
    Ledger::create(MemoryLog::new(), &registry(), store_key, founding, &occasion("founder", 0)).unwrap()
}

/// A store where one person decides.
pub(crate) fn solo() -> Ledger<MemoryLog> {
    found(Vec::new())
}

/// A store with three approvers, of whom two must agree.
pub(crate) fn three() -> Ledger<MemoryLog> {
    let approver = |name: &str| ApproverRecord {
        id: id(name),
        key: test_key(name).public_key().spki_der().to_vec(),
        person: person(name),
    };
    found(["alice", "bob", "carol"].map(approver).to_vec())
}

/// Asked by alice, agreed to by bob and carried out.
pub(crate) fn agreed(ledger: &mut Ledger<MemoryLog>, change: Change, seconds: i64) -> Id {
    let alice = signer("alice");
    let expires = at(seconds + REQUEST_LIFETIME);
    let (request, _) = ledger.request(change, &occasion("alice", seconds), expires, Some(&alice)).unwrap();
    ledger.approve(&request, &signer("bob"), &occasion("bob", seconds + 1)).unwrap();
    ledger.execute(&request, &occasion("robot", seconds + 2)).unwrap();
    request
}

/// A statement signed by this key, without any evidence of the time.
pub(crate) fn signed_by(name: &str) -> Attestation {
    let statement = statement::provenance("release.txt", b"release", "https://ci.example/builder").to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&test_key(name));
    Attestation::from_json(envelope.to_json().as_bytes()).unwrap()
}

/// Asks about an attestation as of one instant, which is the present.
pub(crate) struct Asked {
    pub(crate) attestation: Attestation,
    pub(crate) policy: Policy,
    pub(crate) registry: Registry,
}

impl Asked {
    pub(crate) fn about(name: &str) -> Self {
        Self { attestation: signed_by(name), policy: Policy::require_trusted_signer(), registry: registry() }
    }

    pub(crate) fn as_of(&self, seconds: i64) -> Question<'_> {
        Question {
            as_of: at(seconds),
            at: at(seconds),
            attestation: &self.attestation,
            binding: &Binding::SubjectsAsListed,
            policy: &self.policy,
            registry: &self.registry,
        }
    }
}
