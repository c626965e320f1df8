//! A model of approvals: whatever happens in whatever order, nothing is executed without a valid and current quorum of distinct
//! persons.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use stella_trust_store::ledger::*;

use crate::world::*;

/// Key and person; carol has two keys, mallory is nobody.
const KEYS: [(&str, &str); 6] = [
    ("alice", "alice"),
    ("bob", "bob"),
    ("carol", "carol"),
    ("carol-2", "carol"),
    ("dora", "dora"),
    ("mallory", "mallory"),
];

#[derive(Clone, Debug)]
enum Step {
    Approve(usize, usize),
    ApproveForged(usize, usize),
    Direct(u8),
    Execute(usize),
    Reject(usize, usize),
    /// Who asks, about which key, and for how long the request is good.
    Request(usize, u8, i64),
    RemoveKey(u8),
    RevokeApprover(usize),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let (request, key) = (0usize..4, 0..KEYS.len());
    prop_oneof![
        4 => (request.clone(), key.clone()).prop_map(|(request, key)| Step::Approve(request, key)),
        1 => (request.clone(), key.clone()).prop_map(|(request, key)| Step::ApproveForged(request, key)),
        1 => (0u8..4).prop_map(Step::Direct),
        4 => request.clone().prop_map(Step::Execute),
        1 => (request, key.clone()).prop_map(|(request, key)| Step::Reject(request, key)),
        3 => (key.clone(), 0u8..4, 1i64..40).prop_map(|(key, target, life)| Step::Request(key, target, life)),
        1 => (0u8..4).prop_map(Step::RemoveKey),
        1 => key.prop_map(Step::RevokeApprover),
        2 => (1i64..15).prop_map(Step::Wait),
    ]
}

/// What the model knows of a request.
#[derive(Clone, Debug)]
struct Asked {
    id: Id,
    target: u8,
    /// How often the target had changed when it was asked about.
    version: u32,
    expires: i64,
    requester: &'static str,
    signed: BTreeSet<&'static str>,
    open: bool,
}

#[derive(Default)]
struct Model {
    now: i64,
    asked: Vec<Asked>,
    revoked: BTreeSet<&'static str>,
    present: BTreeMap<u8, bool>,
    versions: BTreeMap<u8, u32>,
}

impl Model {
    fn enrolled(&self, key: &str) -> bool {
        key != "mallory" && !self.revoked.contains(key)
    }

    /// The persons who may approve with another key than this one.
    fn persons_without(&self, key: &str) -> BTreeSet<&'static str> {
        KEYS.iter().filter(|(known, _)| *known != key && self.enrolled(known)).map(|(_, person)| *person).collect()
    }

    fn version(&self, target: u8) -> u32 {
        self.versions.get(&target).copied().unwrap_or(0)
    }

    fn fresh(&self, asked: &Asked) -> bool {
        asked.open && self.now < asked.expires && self.version(asked.target) == asked.version
    }

    fn may_execute(&self, asked: &Asked) -> bool {
        let person = |key: &&str| KEYS.iter().find(|(known, _)| known == key).map(|(_, person)| *person);
        let persons: BTreeSet<_> = asked.signed.iter().filter(|key| self.enrolled(key)).filter_map(person).collect();
        self.fresh(asked) && persons.len() >= 2
    }

    fn touch(&mut self, target: u8, present: bool) {
        *self.versions.entry(target).or_default() += 1;
        self.present.insert(target, present);
    }
}

/// A fresh key each time, so that adding never meets an old one.
fn target(number: u8) -> KeyRecord {
    key_record(&format!("target-{number}"))
}

fn run(steps: &[Step]) -> Result<(), TestCaseError> {
    let approvers: Vec<_> = KEYS[..5].iter().map(|(name, person)| approver(name, person)).collect();
    let mut ledger = found(&approvers);
    let mut model = Model::default();
    for step in steps {
        let now = model.now;
        match step {
            Step::Wait(seconds) => model.now += seconds,
            Step::Request(key, number, life) => {
                let (name, person) = KEYS[*key];
                let key = signer(name);
                let signer: Option<&dyn stella_crypto_providers::Signer> =
                    if model.enrolled(name) { Some(&key) } else { None };
                let change = Change::Added(Record::Key(target(*number)));
                let expires = now + life;
                let result = ledger.request(change, &occasion(person, now), at(expires), signer);
                // In the name of an approver only with a key of theirs that counts.
                let named = signer.is_some() || !model.persons_without("").contains(person);
                prop_assert_eq!(result.is_ok(), named && !model.present.get(number).copied().unwrap_or(false));
                if let Ok((id, _)) = result {
                    let signed = signer.map(|_| name).into_iter().collect();
                    let version = model.version(*number);
                    model.asked.push(Asked {
                        id,
                        target: *number,
                        version,
                        expires,
                        requester: person,
                        signed,
                        open: true,
                    });
                }
            }
            Step::Approve(request, key) => {
                let (name, person) = KEYS[*key];
                let Some(asked) = model.asked.get(*request).cloned() else { continue };
                let result = ledger.approve(&asked.id, &signer(name), &occasion(person, now));
                let again = asked.signed.iter().any(|key| KEYS.iter().any(|pair| pair == &(*key, person)));
                let allowed = model.fresh(&asked) && model.enrolled(name) && person != asked.requester && !again;
                prop_assert_eq!(result.is_ok(), allowed, "{:?}", result);
                if allowed {
                    model.asked[*request].signed.insert(name);
                }
            }
            Step::ApproveForged(request, key) => {
                // The right key is named, and the signature is somebody else's.
                let Some(asked) = model.asked.get(*request) else { continue };
                let Some(payload) = ledger.state().request(&asked.id).and_then(OpenRequest::payload) else { continue };
                let key = stella_testkit::key::TestKey::ed25519(KEYS[*key].0);
                let forged = RequestSignature { bytes: vec![7; 64], key: *key.public_key().key_id().as_bytes() };
                let envelope = request_envelope(payload, &[forged]).unwrap();
                prop_assert!(ledger.approve_with(&envelope, &occasion("mallory", now)).is_err());
            }
            Step::Reject(request, key) => {
                let Some(asked) = model.asked.get(*request).cloned() else { continue };
                let (_, person) = KEYS[*key];
                let counts = KEYS.iter().any(|(name, known)| *known == person && model.enrolled(name));
                let allowed = asked.open && now < asked.expires && (counts || person == asked.requester);
                let result = ledger.reject(&asked.id, &occasion(person, now));
                prop_assert_eq!(result.is_ok(), allowed);
                model.asked[*request].open &= !allowed;
            }
            Step::Execute(request) => {
                let Some(asked) = model.asked.get(*request).cloned() else { continue };
                let allowed = model.may_execute(&asked);
                let status = ledger.state().request_status(&asked.id, at(now));
                prop_assert_eq!(status == Some(RequestStatus::Approved), allowed, "{:?}", status);
                let result = ledger.execute(&asked.id, &occasion("robot", now));
                prop_assert_eq!(result.is_ok(), allowed, "{:?}", result);
                if allowed {
                    model.asked[*request].open = false;
                    model.touch(asked.target, true);
                }
            }
            Step::Direct(number) => {
                let change = Change::Added(Record::Key(target(*number)));
                prop_assert!(ledger.change(change, &occasion("alice", now)).is_err());
            }
            Step::RemoveKey(number) => {
                let change = Change::Removed(target_ref(*number));
                let result = ledger.change(change, &occasion("dave", now));
                prop_assert_eq!(result.is_ok(), model.present.get(number).copied().unwrap_or(false));
                if result.is_ok() {
                    model.touch(*number, false);
                }
            }
            Step::RevokeApprover(key) => {
                let (name, _) = KEYS[*key];
                let object = ObjectRef::new(ObjectKind::Approver, id(name));
                let revocation = compromised(0);
                let result = ledger.change(Change::Revoked { object, revocation }, &occasion("dave", now));
                // One person may, as long as enough are left to decide.
                let allowed = model.enrolled(name) && model.persons_without(name).len() >= 2;
                prop_assert_eq!(result.is_ok(), allowed);
                if allowed {
                    model.revoked.insert(name);
                }
            }
        }
        // What counts is what the model says has been executed, no more and no less.
        let snapshot = ledger.snapshot(at(model.now)).unwrap();
        prop_assert_eq!(snapshot.keys().len(), model.present.values().filter(|present| **present).count());
    }
    ledger.verify(ledger.checkpoint().unwrap().as_deref()).unwrap();
    Ok(())
}

fn target_ref(number: u8) -> ObjectRef {
    key_ref(&format!("target-{number}"))
}

proptest! {
    // `STELLA_MODEL_CASES` for more.
    #![proptest_config(ProptestConfig::with_cases(size("STELLA_MODEL_CASES", 96) as u32))]

    #[test]
    fn nothing_is_executed_without_a_valid_and_current_quorum_of_distinct_persons(
        steps in proptest::collection::vec(step(), 1..40)
    ) {
        run(&steps)?;
    }
}
