//! A trust store of some persons, and the log of it as plain bytes that can be changed behind its back.

use std::sync::Arc;

use stella_crypto_providers::{Registry, SignatureEncoding, Signer, SigningKey};
use stella_testkit::key::TestKey;
use stella_transparency::merkle;
use stella_trust_store::ledger::{
    Actor, ApproverRecord, Change, Founding, Id, KeyRecord, Ledger, Occasion, Person, REQUEST_LIFETIME, Record, Terms,
};
use stella_trust_store::{Head, LogStore, MemoryLog, StoreError, Visit, Visitor};
use stella_vocabulary::{UnixTime, base64};

/// 2026-01-17T09:00:00Z
const START: i64 = 1_768_640_400;

/// The instant that many seconds after the beginning.
pub fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(START + seconds)
}

/// An id.
pub fn id(text: &str) -> Id {
    Id::new(text).expect("a valid id")
}

/// The key of that name, to sign with.
pub fn signer(name: &str) -> SigningKey {
    SigningKey::from_pkcs8_der(&TestKey::ed25519(name).signing_key().to_pkcs8_der()).expect("a key")
}

/// A change that adds a key of that name.
pub fn add_key(name: &str) -> Change {
    Change::Added(Record::Key(KeyRecord {
        id: id(name),
        encoding: SignatureEncoding::Der,
        hint: None,
        issuer: None,
        key: TestKey::ed25519(name).public_key().spki_der().to_vec(),
        terms: Terms::default(),
    }))
}

/// An approver.
pub fn approver(key: &str, person: &str) -> ApproverRecord {
    let spki = TestKey::ed25519(key).public_key().spki_der().to_vec();
    ApproverRecord { id: id(key), key: spki, person: Person::new(person).expect("a name") }
}

/// Somebody acts.
pub fn occasion(who: &str, seconds: i64) -> Occasion {
    let actor = Actor::unsigned(Person::new(who).expect("a name"));
    Occasion { actor, at: at(seconds), reason: "because of the fuzzer".into() }
}

/// A new store with these approvers, of whom two must agree.
pub fn found<L: LogStore>(log: L, approvers: &[ApproverRecord]) -> Ledger<L> {
    let founding = Founding { approvers: approvers.to_vec(), quorum: 2, store: id("fuzz") };
    let key: Arc<dyn Signer> = Arc::new(signer("store"));
    Ledger::create(log, &Registry::rustcrypto(), key, founding, &occasion("founder", 0)).expect("a store")
}

/// A log with changes that were asked for, agreed to and made: two keys, one of which is removed again.
pub fn golden() -> Bytes {
    let mut ledger = found(MemoryLog::new(), &["alice", "bob", "carol"].map(|name| approver(name, name)));
    for (number, name) in ["one", "two"].into_iter().enumerate() {
        let seconds = 10 * i64::try_from(number).expect("small");
        let expires = at(seconds + REQUEST_LIFETIME);
        let alice = signer("alice");
        let asked = ledger.request(add_key(name), &occasion("alice", seconds), expires, Some(&alice));
        let (request, _) = asked.expect("a request");
        ledger.approve(&request, &signer("bob"), &occasion("bob", seconds)).expect("an approval");
        ledger.execute(&request, &occasion("robot", seconds)).expect("an execution");
    }
    let one = stella_trust_store::ledger::ObjectRef::new(stella_trust_store::ledger::ObjectKind::Key, id("one"));
    ledger.change(Change::Removed(one), &occasion("dave", 30)).expect("a removal");
    Bytes::of(ledger.log())
}

/// A log as plain bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes {
    /// Its entries.
    pub entries: Vec<Vec<u8>>,
    /// Its latest checkpoint.
    pub note: Option<String>,
}

impl Bytes {
    /// What a log holds.
    pub fn of(log: &impl LogStore) -> Self {
        let mut entries = Vec::new();
        log.read(0, &mut |_, entry| {
            entries.push(entry.to_vec());
            Ok(Visit::Continue)
        })
        .expect("a log");
        Self { entries, note: log.checkpoint().expect("a log") }
    }

    /// Signs a checkpoint over what there is now, as whoever holds the key of the store can. C2SP tlog-checkpoint.
    pub fn sign(&mut self) {
        let head = self.head().expect("in memory");
        let key = TestKey::ed25519("store");
        let origin = "stella-trust-store/fuzz";
        let text = format!("{origin}\n{}\n{}\n", head.size, base64::encode(&head.root));
        let hint = sha256(&[origin.as_bytes(), b"\n\x01", key.public_key().raw()].concat());
        let line = [&hint[..4], &key.sign(text.as_bytes())].concat();
        self.note = Some(format!("{text}\n\u{2014} {origin} {}\n", base64::encode(&line)));
    }
}

/// SHA-256, of another library.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}

impl LogStore for Bytes {
    fn head(&self) -> Result<Head, StoreError> {
        let root = merkle::root_of(self.entries.iter().map(|entry| merkle::leaf_hash(entry)));
        Ok(Head { size: self.entries.len() as u64, root })
    }

    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        let found = self.head()?;
        if found != *expected {
            return Err(StoreError::HeadMoved { expected: *expected, found });
        }
        self.entries.extend(entries.iter().map(|entry| entry.to_vec()));
        self.note = Some(checkpoint.into());
        self.head()
    }

    fn read<'v>(&self, from: u64, visit: &'v mut Visitor<'v>) -> Result<(), StoreError> {
        for (index, entry) in self.entries.iter().enumerate().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
            if visit(index as u64, entry)? == Visit::Stop {
                break;
            }
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        Ok(self.note.clone())
    }
}
