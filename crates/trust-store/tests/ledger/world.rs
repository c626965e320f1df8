//! A store to try things on: named persons with keys of their own, and a clock that the test moves.

use std::sync::Arc;

use stella_crypto_providers::{Registry, Scheme, Signer, SigningKey};
use stella_testkit::authority::Authority;
use stella_testkit::key::TestKey;
use stella_trust_store::ledger::*;
use stella_trust_store::{Head, LogStore, MemoryLog, StoreError, Visit, Visitor};
use stella_vocabulary::{Code, Reason, UnixTime, Window};

/// 2026-01-17T09:00:00Z
pub(crate) const START: i64 = 1_768_640_400;

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub(crate) fn person(text: &str) -> Person {
    Person::new(text).unwrap()
}

pub(crate) fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(START + seconds)
}

pub(crate) fn window(from: Option<i64>, until: Option<i64>) -> Window {
    Window::half_open(from.map(at), until.map(at))
}

pub(crate) fn signer(label: &str) -> SigningKey {
    let secret = TestKey::ed25519(label).signing_key().to_pkcs8_der();
    SigningKey::from_pkcs8_der(&secret).unwrap()
}

pub(crate) fn spki(label: &str) -> Vec<u8> {
    TestKey::ed25519(label).public_key().spki_der().to_vec()
}

pub(crate) fn approver(name: &str, person_name: &str) -> ApproverRecord {
    ApproverRecord { id: id(name), key: spki(name), person: person(person_name) }
}

pub(crate) fn anchor_record(name: &str) -> AnchorRecord {
    let root = Authority::root_with(TestKey::ed25519(name), |builder| builder);
    AnchorRecord { id: id(name), certificate: root.certificate().to_vec(), terms: Terms::labelled(name) }
}

pub(crate) fn key_record(name: &str) -> KeyRecord {
    KeyRecord {
        id: id(name),
        encoding: stella_crypto_providers::SignatureEncoding::Der,
        hint: None,
        issuer: None,
        key: spki(name),
        terms: Terms::default(),
    }
}

pub(crate) fn issuer_record(name: &str) -> IssuerRecord {
    IssuerRecord {
        id: id(name),
        identities: vec![CertificateIdentity { identity: "https://ci.example/*".into(), oidc_issuer: None }],
        name: name.into(),
        terms: Terms::default(),
        tier: Tier::Vendor,
        urls: vec!["https://keys.example/jwks".into()],
        weight: 50,
    }
}

pub(crate) fn add_key(name: &str) -> Change {
    Change::Added(Record::Key(key_record(name)))
}

pub(crate) fn key_ref(name: &str) -> ObjectRef {
    ObjectRef::new(ObjectKind::Key, id(name))
}

pub(crate) fn occasion(who: &str, seconds: i64) -> Occasion {
    Occasion { actor: Actor::unsigned(person(who)), at: at(seconds), reason: "because of a test".into() }
}

pub(crate) fn compromised(seconds: i64) -> Revocation {
    Revocation { cause: RevocationCause::Compromised, invalid_since: Some(at(0)), revoked_at: at(seconds) }
}

pub(crate) fn store_key() -> Arc<dyn Signer> {
    Arc::new(signer("store"))
}

pub(crate) fn found(approvers: &[ApproverRecord]) -> Ledger<MemoryLog> {
    found_as("example", approvers)
}

pub(crate) fn found_as(store: &str, approvers: &[ApproverRecord]) -> Ledger<MemoryLog> {
    let founding = Founding { store: id(store), quorum: 2, approvers: approvers.to_vec() };
    Ledger::create(MemoryLog::new(), &Registry::rustcrypto(), store_key(), founding, &occasion("founder", 0)).unwrap()
}

/// A store where one person decides.
pub(crate) fn solo() -> Ledger<MemoryLog> {
    found(&[])
}

/// A store with three approvers, of whom two must agree.
pub(crate) fn three() -> Ledger<MemoryLog> {
    found(&[approver("alice", "alice"), approver("bob", "bob"), approver("carol", "carol")])
}

pub(crate) trait Acts {
    fn ask(&mut self, change: Change, who: &str, seconds: i64) -> Result<Id, LedgerError>;
    fn agree(&mut self, request: &Id, who: &str, seconds: i64) -> Result<Committed, LedgerError>;
    fn carry_out(&mut self, request: &Id, seconds: i64) -> Result<Committed, LedgerError>;
    fn make(&mut self, change: Change, seconds: i64) -> Result<Committed, LedgerError>;
    /// Asked by alice, agreed to by bob, carried out.
    fn agreed(&mut self, change: Change, seconds: i64) -> Committed;
}

impl<L: LogStore> Acts for Ledger<L> {
    fn ask(&mut self, change: Change, who: &str, seconds: i64) -> Result<Id, LedgerError> {
        let expires = at(seconds + REQUEST_LIFETIME);
        let known = self.state().is_approver(&person(who));
        let key = signer(who);
        let signer: Option<&dyn Signer> = if known { Some(&key) } else { None };
        Ok(self.request(change, &occasion(who, seconds), expires, signer)?.0)
    }

    fn agree(&mut self, request: &Id, who: &str, seconds: i64) -> Result<Committed, LedgerError> {
        self.approve(request, &signer(who), &occasion(who, seconds))
    }

    fn carry_out(&mut self, request: &Id, seconds: i64) -> Result<Committed, LedgerError> {
        self.execute(request, &occasion("robot", seconds))
    }

    fn make(&mut self, change: Change, seconds: i64) -> Result<Committed, LedgerError> {
        self.change(change, &occasion("dave", seconds))
    }

    fn agreed(&mut self, change: Change, seconds: i64) -> Committed {
        let request = self.ask(change, "alice", seconds).unwrap();
        self.agree(&request, "bob", seconds).unwrap();
        self.carry_out(&request, seconds).unwrap()
    }
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> Code {
    result.unwrap_err().code()
}

/// A log whose bytes a test can change behind the back of everybody.
#[derive(Clone)]
pub(crate) struct OpenLog {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) note: Option<String>,
}

impl OpenLog {
    pub(crate) fn of(log: &impl LogStore) -> Self {
        let mut entries = Vec::new();
        log.read(0, &mut |_, bytes| {
            entries.push(bytes.to_vec());
            Ok(Visit::Continue)
        })
        .unwrap();
        Self { entries, note: log.checkpoint().unwrap() }
    }

    /// The entry as text, changed.
    pub(crate) fn edit(&mut self, index: usize, from: &str, to: &str) {
        let text = String::from_utf8(self.entries[index].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        self.entries[index] = text.replacen(from, to, 1).into_bytes();
    }

    /// Signs a checkpoint over what there is now, as whoever holds the key of the store can.
    pub(crate) fn sign(&mut self) {
        self.note = Some(note("example", &self.head().unwrap()));
    }

    /// Makes each entry from `index` on name the one before it as it is now.
    pub(crate) fn chain_from(&mut self, index: usize) {
        for index in index.max(1)..self.entries.len() {
            let mut entry = Entry::from_bytes(&self.entries[index]).unwrap();
            entry.previous = Some(stella_transparency::merkle::leaf_hash(&self.entries[index - 1]));
            entry.sequence = index as u64;
            self.entries[index] = entry.to_bytes();
        }
    }

    pub(crate) fn verify(&self, checkpoint: Option<&str>) -> Result<Audit, LedgerError> {
        verify(self, &Registry::rustcrypto(), checkpoint)
    }
}

impl LogStore for OpenLog {
    fn head(&self) -> Result<Head, StoreError> {
        let leaves = self.entries.iter().map(|entry| stella_transparency::merkle::leaf_hash(entry));
        Ok(Head { size: self.entries.len() as u64, root: stella_transparency::merkle::root_of(leaves) })
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

    fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        for (index, entry) in self.entries.iter().enumerate().skip(from as usize) {
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

/// A checkpoint by the key of the store, written here once more from the C2SP specification.
pub(crate) fn note(store: &str, head: &Head) -> String {
    use stella_crypto_providers::{HashAlgorithm, Message, SignatureEncoding};
    use stella_vocabulary::base64;

    let key = signer("store");
    assert_eq!(key.scheme(), Scheme::Ed25519);
    let origin = format!("stella-trust-store/{store}");
    let text = format!("{origin}\n{}\n{}\n", head.size, base64::encode(&head.root));
    let id = HashAlgorithm::Sha256.hash(&[origin.as_bytes(), b"\n\x01", key.public_key().raw()]);
    let mut line = id.as_bytes()[..4].to_vec();
    line.extend(key.sign(Message::Parts(&[text.as_bytes()]), SignatureEncoding::Der).unwrap());
    format!("{text}\n\u{2014} {origin} {}\n", base64::encode(&line))
}

/// How much to do, by environment variable.
#[allow(clippy::disallowed_methods, reason = "the size of a test run is no input of a library")]
pub(crate) fn size(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|size| size.parse().ok()).unwrap_or(default)
}
