//! What a log must prove before anybody relies on it, and what is remembered of it.

use std::cell::{Cell, RefCell};

use stella_crypto_providers::Registry;
use stella_transparency::merkle::leaf_hash;
use stella_trust_store::ledger::*;
use stella_trust_store::{Head, LogStore, StoreError, Visitor};
use stella_vocabulary::Code;

use crate::world::*;

/// A log beside which is remembered what was seen of it.
#[derive(Clone)]
struct Remembered {
    log: OpenLog,
    seen: RefCell<Option<Head>>,
}

impl Remembered {
    fn new(log: OpenLog, seen: Option<Head>) -> Self {
        Self { log, seen: RefCell::new(seen) }
    }

    fn open(&self, rollback: Rollback) -> Result<Ledger<Self>, LedgerError> {
        let opening = Opening { rollback, ..Opening::default() };
        Ledger::open_with(self.clone(), &Registry::rustcrypto(), opening)?.with_signer(store_key())
    }
}

impl LogStore for Remembered {
    fn head(&self) -> Result<Head, StoreError> {
        self.log.head()
    }

    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        self.log.append(expected, entries, checkpoint)
    }

    fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        self.log.read(from, visit)
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.log.checkpoint()
    }

    fn seen(&self) -> Result<Option<Head>, StoreError> {
        Ok(*self.seen.borrow())
    }

    fn accepted(&mut self, head: &Head) -> Result<(), StoreError> {
        *self.seen.borrow_mut() = Some(*head);
        Ok(())
    }
}

fn with_keys(names: &[&str]) -> OpenLog {
    let mut ledger = solo();
    names.iter().enumerate().for_each(|(at, name)| drop(ledger.make(add_key(name), at as i64 + 1).unwrap()));
    OpenLog::of(ledger.log())
}

/// Appends an entry as whoever holds the key of the store can, without asking anybody.
fn forge(log: &mut OpenLog, action: Action, request: Option<Id>, actor: Actor) {
    let mut state = TrustState::new();
    log.entries.iter().for_each(|bytes| state.apply(&Entry::from_bytes(bytes).unwrap()).unwrap());
    let reason = match &action {
        Action::Requested { payload, .. } => ChangeRequest::from_payload(payload).unwrap().reason,
        _ => "forged".into(),
    };
    let mut entry = Entry {
        action,
        actor,
        at: state.last_time().unwrap(),
        mode: state.mode(),
        previous: log.entries.last().map(|bytes| leaf_hash(bytes)),
        reason,
        request,
        sequence: state.size(),
        state: [0; 32],
    };
    state.apply(&entry).unwrap();
    entry.state = state.hash();
    log.entries.push(entry.to_bytes());
    log.sign();
}

#[test]
fn a_vote_that_nobody_signed_opens_no_store_whoever_signed_the_log() {
    let mut ledger = three();
    let request = ledger.ask(add_key("evil"), "alice", 1).unwrap();
    let mut log = OpenLog::of(ledger.log());
    let bob = stella_crypto_providers::HashAlgorithm::Sha256.hash(&[&spki("bob")]).as_bytes().try_into().unwrap();
    let vote = RequestSignature { bytes: vec![0; 64], key: bob };
    forge(&mut log, Action::Approved(vote), Some(request.clone()), Actor { key: Some(bob), person: person("bob") });
    forge(&mut log, Action::Changed(add_key("evil").into()), Some(request), Actor::unsigned(person("robot")));
    let index = log.entries.len() as u64 - 2;
    match Ledger::open(log.clone(), &Registry::rustcrypto()).map(|_| ()) {
        Err(LedgerError::AuditBroken { index: found, .. }) => assert_eq!(found, index),
        other => panic!("{other:?}"),
    }
    // Also by whoever had the store open before.
    let mut before = log.clone();
    before.entries.truncate(index as usize);
    before.sign();
    let mut ledger = Ledger::open(Swapped::new(before, log), &Registry::rustcrypto()).unwrap();
    let known = (ledger.head(), ledger.state().clone().hash());
    ledger.log().swap();
    assert_eq!(code(ledger.refresh()), Code::AuditBroken);
    assert_eq!((ledger.head(), ledger.state().clone().hash()), known);
}

/// A log in whose place somebody puts another one, at calls of their choice.
struct Swapped {
    logs: [OpenLog; 2],
    /// Which log answers each call, by the bits of a number; the lowest first.
    choices: Cell<u32>,
}

impl Swapped {
    fn new(first: OpenLog, second: OpenLog) -> Self {
        Self { logs: [first, second], choices: Cell::new(0) }
    }

    fn swap(&self) {
        self.choices.set(u32::MAX);
    }

    fn answering(&self) -> &OpenLog {
        let choices = self.choices.get();
        self.choices.set(if choices == u32::MAX { choices } else { choices >> 1 });
        &self.logs[(choices & 1) as usize]
    }
}

impl LogStore for Swapped {
    fn head(&self) -> Result<Head, StoreError> {
        self.answering().head()
    }

    fn append(&mut self, expected: &Head, _: &[&[u8]], _: &str) -> Result<Head, StoreError> {
        Err(StoreError::HeadMoved { expected: *expected, found: *expected })
    }

    fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        self.answering().read(from, visit)
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.answering().checkpoint()
    }
}

#[test]
fn entries_that_no_checkpoint_covers_count_for_nothing_whenever_files_are_swapped() {
    let genuine = with_keys(&["one", "two", "three", "four"]);
    let mut forged = with_keys(&["one"]);
    let note = forged.note.clone();
    forge(&mut forged, Action::Changed(add_key("evil").into()), None, Actor::unsigned(person("mallory")));
    forged.note = note;
    for choices in 0..1 << 10 {
        let log = Swapped::new(genuine.clone(), forged.clone());
        log.choices.set(choices);
        if let Ok(ledger) = Ledger::open(log, &Registry::rustcrypto()) {
            assert!(ledger.state().record(&key_ref("evil")).is_none(), "{choices:b}");
        }
    }
}

#[test]
fn only_what_was_verified_is_remembered() {
    let mut log = Remembered::new(with_keys(&["one"]), None);
    let head = log.head().unwrap();
    let opened = log.open(Rollback::Refuse).unwrap();
    assert_eq!(opened.log().seen().unwrap(), Some(head));
    // Rubbish behind a good log, with a mark and a checksum but no signature.
    log.log.entries.push(b"rubbish".to_vec());
    *log.seen.borrow_mut() = Some(head);
    let registry = Registry::rustcrypto();
    struct Watched(Remembered);
    impl LogStore for Watched {
        fn head(&self) -> Result<Head, StoreError> {
            self.0.head()
        }
        fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
            self.0.append(expected, entries, checkpoint)
        }
        fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
            self.0.read(from, visit)
        }
        fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            self.0.checkpoint()
        }
        fn accepted(&mut self, head: &Head) -> Result<(), StoreError> {
            panic!("nobody verified {head}")
        }
    }
    assert_eq!(code(Ledger::open(Watched(log), &registry).map(|_| ())), Code::AuditBroken);
}

#[test]
fn another_history_is_noticed_by_its_entries_and_not_by_what_it_says_of_itself() {
    let seen = with_keys(&["one", "two"]).head().unwrap();
    // Longer, and signed by the store: whoever holds its key can do that.
    let rewritten = Remembered::new(with_keys(&["one", "other", "three", "four"]), Some(seen));
    let found = rewritten.log.head().unwrap();
    let refused = rewritten.open(Rollback::Refuse).map(|_| ());
    assert_eq!(refused, Err(LedgerError::Store(StoreError::RollbackDetected { seen, found })));
    let continued = Remembered::new(with_keys(&["one", "two", "three"]), Some(seen));
    continued.open(Rollback::Refuse).unwrap();
}

#[test]
fn one_person_accepts_a_rollback_where_one_decides_and_the_log_says_so_for_ever() {
    let seen = with_keys(&["one", "two"]).head().unwrap();
    let older = Remembered::new(with_keys(&["one"]), Some(seen));
    assert_eq!(code(older.open(Rollback::Refuse).map(|_| ())), Code::StoreRollbackDetected);

    let mut ledger = older.open(Rollback::DangerOpen).unwrap();
    assert_eq!((ledger.departs_from(), ledger.log().seen().unwrap()), (Some(seen), Some(seen)));
    // Anything else leaves open whether it is accepted.
    ledger.make(add_key("three"), 4).unwrap();
    assert_eq!(ledger.log().seen().unwrap(), Some(seen));
    assert_eq!(code(ledger.log().open(Rollback::Refuse).map(|_| ())), Code::StoreRollbackDetected);

    let change = Change::RollbackAccepted(seen);
    let committed = ledger.change(change.clone(), &occasion("dave", 5)).unwrap();
    assert_eq!((ledger.departs_from(), ledger.log().seen().unwrap()), (None, Some(committed.head)));
    ledger.log().open(Rollback::Refuse).unwrap();
    // Whoever else saw the later log reads there that it was accepted.
    *ledger.log().seen.borrow_mut() = Some(seen);
    let elsewhere = ledger.log().open(Rollback::Refuse).unwrap();
    let entry = elsewhere.entry(committed.first).unwrap();
    assert_eq!((entry.action_name().as_str(), &entry.action), ("store.restore", &Action::Changed(change.into())));
    elsewhere.verify(None).unwrap();
    // That another one is accepted, it does not say.
    let other = Head { size: 9, root: [9; 32] };
    *ledger.log().seen.borrow_mut() = Some(other);
    assert_eq!(code(ledger.log().open(Rollback::Refuse).map(|_| ())), Code::StoreRollbackDetected);
}

#[test]
fn a_quorum_accepts_a_rollback_where_a_quorum_decides() {
    let mut longer = three();
    let young = OpenLog::of(longer.log());
    longer.agreed(add_key("one"), 1);
    let seen = longer.head();
    let mut ledger = Remembered::new(young, Some(seen)).open(Rollback::DangerOpen).unwrap();
    let accept = || Change::RollbackAccepted(seen);
    assert_eq!(code(ledger.make(accept(), 10)), Code::ApprovalRequired);
    assert_eq!(code(ledger.emergency(accept(), at(100), &occasion("alice", 10))), Code::ApprovalRequired);
    let request = ledger.ask(accept(), "alice", 10).unwrap();
    // In another process, before and after the second person has agreed.
    assert_eq!(code(ledger.log().open(Rollback::Refuse).map(|_| ())), Code::StoreRollbackDetected);
    let mut ledger = ledger.log().open(Rollback::DangerOpen).unwrap();
    ledger.agree(&request, "bob", 11).unwrap();
    assert_eq!(ledger.departs_from(), Some(seen));
    ledger.carry_out(&request, 12).unwrap();
    assert_eq!(ledger.departs_from(), None);
    ledger.log().open(Rollback::Refuse).unwrap().verify(None).unwrap();
}

#[test]
fn a_store_is_known_by_its_first_entry() {
    let (own, other) =
        (with_keys(&["one"]), OpenLog::of(found(&[approver("eve", "eve"), approver("m", "mallory")]).log()));
    let registry = Registry::rustcrypto();
    let fingerprint = Ledger::open(own.clone(), &registry).unwrap().fingerprint().unwrap();
    assert_eq!(fingerprint, leaf_hash(&own.entries[0]));
    assert_eq!(solo().fingerprint(), Some(fingerprint));
    let opening = Opening { founding: Founder::Expected(fingerprint), ..Opening::default() };
    Ledger::open_with(own, &registry, opening).unwrap();
    // The same name and key, and a checkpoint that fits.
    let refused = Ledger::open_with(other, &registry, opening).map(|_| ());
    assert_eq!(refused, Err(LedgerError::AuditBroken { index: 0, flaw: AuditFlaw::OtherFounding }));
}

#[test]
fn approvals_for_one_store_are_no_approvals_for_another_of_the_same_name() {
    let approvers = [approver("alice", "alice"), approver("bob", "bob")];
    let founding = |seconds| {
        let founding = Founding { store: id("trust"), quorum: 2, approvers: approvers.to_vec() };
        let log = stella_trust_store::MemoryLog::new();
        Ledger::create(log, &Registry::rustcrypto(), store_key(), founding, &occasion("founder", seconds)).unwrap()
    };
    let (mut staging, production) = (founding(0), founding(5));
    let request = staging.ask(add_key("key"), "alice", 5).unwrap();
    let requested = staging.entry(1).unwrap();
    let mut log = OpenLog::of(production.log());
    forge(&mut log, requested.action, Some(request), requested.actor);
    log.note = Some(note("trust", &log.head().unwrap()));
    let registry = Registry::rustcrypto();
    assert_eq!(code(Ledger::open(log.clone(), &registry).map(|_| ())), Code::AuditBroken);
    assert_eq!(code(log.verify(None)), Code::AuditBroken);
}
