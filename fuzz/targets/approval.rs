//! Whatever is done in whatever order, no change is carried out without a valid and current quorum of distinct persons. The model
//! remembers who really signed what, and who counted when.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use stella_crypto_providers::{Registry, Signer};
use stella_fuzz::store::{add_key, approver, at, found, id, occasion, signer};
use stella_fuzz::{Input, check_reason};
use stella_testkit::key::TestKey;
use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::{
    Change, Id, Ledger, LedgerError, ObjectKind, ObjectRef, OpenRequest, Record, RequestSignature, Revocation,
    RevocationCause, request_envelope,
};

/// Key and person. Carol has two keys; erin is to come; mallory never counts.
const KEYS: [(&str, &str); 7] = [
    ("alice", "alice"),
    ("bob", "bob"),
    ("carol", "carol"),
    ("carol-2", "carol"),
    ("dora", "dora"),
    ("erin", "erin"),
    ("mallory", "mallory"),
];
/// How many of them are approvers from the beginning.
const FIRST: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    Key(usize),
    Enrol(usize),
    Dismiss(usize),
    Quorum(u8),
}

impl Wish {
    fn concerns_approvers(&self) -> bool {
        !matches!(self, Self::Key(_))
    }

    fn change(&self) -> Change {
        match self {
            Self::Key(number) => add_key(&format!("target-{number}")),
            Self::Enrol(key) => Change::Added(Record::Approver(approver(KEYS[*key].0, KEYS[*key].1))),
            Self::Dismiss(key) => Change::Removed(ObjectRef::new(ObjectKind::Approver, id(KEYS[*key].0))),
            Self::Quorum(quorum) => Change::QuorumChanged(*quorum),
        }
    }
}

#[derive(Clone, Debug)]
struct Asked {
    id: Id,
    wish: Wish,
    requester: &'static str,
    /// Keys that really signed exactly this request.
    signed: BTreeSet<usize>,
    expires: i64,
    /// How often what it is about had changed when it was asked.
    version: u32,
    decided: bool,
}

struct Model {
    ledger: Ledger<MemoryLog>,
    signers: Vec<Box<dyn Signer>>,
    now: i64,
    asked: Vec<Asked>,
    enrolled: BTreeSet<usize>,
    /// Those who were approvers at some time.
    known: BTreeSet<usize>,
    quorum: u8,
    /// Changes of who may approve.
    approvers_version: u32,
    versions: BTreeMap<usize, u32>,
    present: BTreeSet<usize>,
}

fuzz_target!(|data: &[u8]| {
    let approvers: Vec<_> = KEYS[..FIRST].iter().map(|(key, person)| approver(key, person)).collect();
    let mut model = Model {
        ledger: found(MemoryLog::new(), &approvers),
        signers: KEYS.iter().map(|(key, _)| Box::new(signer(key)) as Box<dyn Signer>).collect(),
        now: 0,
        asked: Vec::new(),
        enrolled: (0..FIRST).collect(),
        known: (0..FIRST).collect(),
        quorum: 2,
        approvers_version: 0,
        versions: BTreeMap::new(),
        present: BTreeSet::new(),
    };
    let mut input = Input::new(data);
    for _ in 0..40 {
        if input.is_empty() {
            break;
        }
        model.step(&mut input);
    }
    let log = model.ledger.into_log();
    // The same by whoever reads the log, signatures included.
    let ledger = Ledger::open(log, &Registry::rustcrypto()).expect("what was written");
    ledger.verify(None).expect("an audit");
    assert_eq!(ledger.snapshot(at(model.now)).expect("a snapshot").keys().len(), model.present.len());
});

impl Model {
    fn step(&mut self, input: &mut Input<'_>) {
        let key = input.below(KEYS.len());
        let request = input.below(self.asked.len().max(1));
        match input.below(16) {
            0..=2 => self.ask(input, key),
            3..=6 => self.approve(request, key),
            7 => self.forge(input, request, key),
            8..=11 => self.execute(request),
            12 => self.reject(request, key),
            13 => self.revoke(key),
            14 => self.without_asking(input, key),
            _ => self.now += i64::from(input.byte() % 16),
        }
        let keys = self.ledger.snapshot(at(self.now)).expect("a snapshot").keys().len();
        assert_eq!(keys, self.present.len(), "what counts is what was carried out");
        let persons: BTreeSet<&str> = self.persons(&self.enrolled).collect();
        let known: BTreeSet<&str> = self.ledger.state().approvers().map(|approver| approver.person.as_str()).collect();
        assert_eq!(known, persons);
    }

    fn persons<'k>(&self, keys: impl IntoIterator<Item = &'k usize>) -> impl Iterator<Item = &'static str> {
        keys.into_iter().map(|key| KEYS[*key].1)
    }

    fn version(&self, wish: &Wish) -> u32 {
        match wish {
            Wish::Key(number) => self.versions.get(number).copied().unwrap_or(0),
            _ => self.approvers_version,
        }
    }

    fn ask(&mut self, input: &mut Input<'_>, key: usize) {
        let wish = match input.below(8) {
            0..=3 => Wish::Key(input.below(3)),
            4 => Wish::Enrol(input.below(KEYS.len() - 1)),
            5 => Wish::Dismiss(input.below(KEYS.len())),
            _ => Wish::Quorum(u8::try_from(input.below(6)).expect("small")),
        };
        let expires = self.now + 1 + i64::from(input.byte() % 60);
        let (_, person) = KEYS[key];
        let signs = self.enrolled.contains(&key) && input.flag();
        let signer = signs.then(|| self.signers[key].as_ref());
        match self.ledger.request(wish.change(), &occasion(person, self.now), at(expires), signer) {
            Ok((id, _)) => {
                let version = self.version(&wish);
                let signed = signs.then_some(key).into_iter().collect();
                self.asked.push(Asked { id, wish, requester: person, signed, expires, version, decided: false });
            }
            Err(error) => check_reason(&error),
        }
    }

    fn fresh(&self, asked: &Asked) -> bool {
        !asked.decided && self.now < asked.expires && self.version(&asked.wish) == asked.version
    }

    fn approve(&mut self, request: usize, key: usize) {
        let Some(asked) = self.asked.get(request).cloned() else { return };
        let (_, person) = KEYS[key];
        let result = self.ledger.approve(&asked.id, self.signers[key].as_ref(), &occasion(person, self.now));
        if self.settle(&result) {
            assert!(self.fresh(&asked), "{asked:?}");
            assert_ne!(person, asked.requester, "nobody approves their own request");
            assert!(self.persons(&asked.signed).all(|signed| signed != person), "nobody signs twice");
            // Somebody whom the request itself would enrol may sign it, and counts on that side only.
            assert!(self.enrolled.contains(&key) || asked.wish == Wish::Enrol(key), "{asked:?}");
            self.asked[request].signed.insert(key);
        }
    }

    /// Signatures that nobody made over this request.
    fn forge(&mut self, input: &mut Input<'_>, request: usize, key: usize) {
        let Some(asked) = self.asked.get(request) else { return };
        let Some(payload) = self.ledger.state().request(&asked.id).and_then(OpenRequest::payload) else { return };
        let payload = payload.to_vec();
        let key_id = *TestKey::ed25519(KEYS[key].0).public_key().key_id().as_bytes();
        let other = TestKey::ed25519(KEYS[input.below(KEYS.len())].0);
        let bytes = match input.below(3) {
            0 => input.bytes(64).to_vec(),
            // The bare payload, without its type.
            1 => other.sign(&payload),
            // Another request, signed by the right person.
            _ => TestKey::ed25519(KEYS[key].0).sign(&stella_testkit::dsse::pae("text/plain", &payload)),
        };
        let Ok(envelope) = request_envelope(&payload, &[RequestSignature { bytes, key: key_id }]) else { return };
        let result = self.ledger.approve_with(&envelope, &occasion("mallory", self.now));
        check_reason(&result.expect_err("a signature that nobody made"));
    }

    fn execute(&mut self, request: usize) {
        let Some(asked) = self.asked.get(request).cloned() else { return };
        let result = self.ledger.execute(&asked.id, &occasion("robot", self.now));
        let allowed = self.agreed(&asked);
        let done = self.settle(&result);
        assert!(allowed || !done, "without a quorum: {asked:?} by {:?}, quorum {}", self.enrolled, self.quorum);
        // Who may approve has rules of its own (not fewer than the quorum), so only this is certain.
        assert!(done || !allowed || asked.wish.concerns_approvers(), "{asked:?}: {result:?}");
        if !done {
            return;
        }
        self.asked[request].decided = true;
        match asked.wish {
            Wish::Key(number) => {
                assert!(self.present.insert(number));
                *self.versions.entry(number).or_default() += 1;
            }
            Wish::Enrol(key) => {
                assert!(self.enrolled.insert(key));
                self.known.insert(key);
            }
            Wish::Dismiss(key) => assert!(self.enrolled.remove(&key)),
            Wish::Quorum(quorum) => self.quorum = quorum,
        }
        self.approvers_version += u32::from(asked.wish.concerns_approvers());
    }

    /// Whether enough distinct persons who count now have signed it, before and after what it would change.
    fn agreed(&self, asked: &Asked) -> bool {
        let mut after = self.enrolled.clone();
        let mut quorum = self.quorum;
        match asked.wish {
            Wish::Key(_) => {}
            Wish::Enrol(key) => drop(after.insert(key)),
            Wish::Dismiss(key) => drop(after.remove(&key)),
            Wish::Quorum(other) => quorum = other,
        }
        let enough = |keys: &BTreeSet<usize>, quorum: u8| {
            let persons: BTreeSet<&str> = self.persons(asked.signed.intersection(keys)).collect();
            persons.len() >= usize::from(quorum)
        };
        self.fresh(asked) && enough(&self.enrolled, self.quorum) && enough(&after, quorum)
    }

    fn reject(&mut self, request: usize, key: usize) {
        let Some(asked) = self.asked.get(request).cloned() else { return };
        let (_, person) = KEYS[key];
        let result = self.ledger.reject(&asked.id, &occasion(person, self.now));
        if self.settle(&result) {
            let counts = self.persons(&self.enrolled).any(|known| known == person);
            assert!(!asked.decided && (counts || person == asked.requester), "{asked:?}");
            self.asked[request].decided = true;
        }
    }

    /// One person may always take trust away.
    fn revoke(&mut self, key: usize) {
        let object = ObjectRef::new(ObjectKind::Approver, id(KEYS[key].0));
        let cause = RevocationCause::Compromised;
        let revocation = Revocation { cause, invalid_since: None, revoked_at: at(self.now) };
        let result = self.ledger.change(Change::Revoked { object, revocation }, &occasion("dave", self.now));
        if self.settle(&result) {
            // Also of somebody who was dismissed before: then nobody may bring them back alone.
            assert!(self.known.contains(&key), "{key}");
            self.enrolled.remove(&key);
            self.approvers_version += 1;
        }
    }

    /// What needs others, tried alone; and taking a key away, which does not.
    fn without_asking(&mut self, input: &mut Input<'_>, key: usize) {
        let number = input.below(3);
        let change = match input.below(4) {
            0 => Wish::Key(number).change(),
            1 => Wish::Enrol(key).change(),
            2 => Wish::Quorum(2).change(),
            _ => Change::Removed(ObjectRef::new(ObjectKind::Key, id(&format!("target-{number}")))),
        };
        let removal = matches!(change, Change::Removed(_));
        let result = self.ledger.change(change, &occasion(KEYS[key].1, self.now));
        if self.settle(&result) {
            assert!(removal && self.present.remove(&number));
            *self.versions.entry(number).or_default() += 1;
        }
    }

    fn settle<T>(&self, result: &Result<T, LedgerError>) -> bool {
        if let Err(error) = result {
            check_reason(error);
        }
        result.is_ok()
    }
}
