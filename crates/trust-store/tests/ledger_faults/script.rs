//! A sequence of changes of every kind that gives the same bytes each time, and the judgement of what is left of it.

use std::sync::OnceLock;

use stella_crypto_providers::Registry;
use stella_testkit::authority::Authority;
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::Sigstore;
use stella_trust_store::fs::{FileLog, Files, Place, StoreId};
use stella_trust_store::ledger::*;
use stella_trust_store::{Head, LogStore, MemoryLog, StoreError};
use stella_vocabulary::{Code, Reason as _};

use crate::run::{Tally, clock};
use crate::world::*;

pub(crate) const ID: StoreId = StoreId::from_bytes([9; 32]);

/// Something that is done to a store.
#[derive(Clone)]
enum Act {
    Approve(&'static str),
    ApproveByEnvelope(&'static str),
    Create,
    Discard,
    Emergency(Change),
    EndEmergency,
    Execute,
    Group(Vec<Change>),
    One(Change),
    Reject(&'static str),
    Request(Change, &'static str),
    Stage,
}

/// All acts with the name of their kind, in an order in which each is allowed.
fn acts() -> &'static [(&'static str, Act)] {
    static ACTS: OnceLock<Vec<(&str, Act)>> = OnceLock::new();
    ACTS.get_or_init(|| {
        use Act::*;
        let root = ObjectRef::new(ObjectKind::Anchor, id("root"));
        let another_label = AnchorRecord { terms: Terms::labelled("another label"), ..anchor_record("root") };
        let below = Authority::root("faults").intermediate_with(TestKey::ed25519("below"), |builder| builder);
        let certificate = below.certificate().to_vec();
        let below = IntermediateRecord { id: id("below"), certificate, label: Some("below".into()) };
        let document = Sigstore::new("faults").trusted_root().to_json().into_bytes();
        let sigstore = TrustedRootRecord { id: id("sigstore"), document, label: None };
        let enrol = |name| Change::Added(Record::Approver(approver(name, name)));
        let superseded = Revocation { cause: RevocationCause::Superseded, invalid_since: None, revoked_at: at(0) };
        vec![
            ("create", Create),
            ("anchor add", One(Change::Added(Record::Anchor(anchor_record("root"))))),
            ("key add", One(add_key("one"))),
            ("intermediate add", One(Change::Added(Record::Intermediate(below)))),
            ("import of a trusted root", One(Change::Added(Record::TrustedRoot(sigstore)))),
            ("change", One(Change::Changed(Record::Anchor(another_label)))),
            ("remove", One(Change::Removed(root.clone()))),
            ("reinstate", One(Change::Reinstated(root.clone()))),
            ("issuer add", One(Change::Added(Record::Issuer(issuer_record("vendor"))))),
            ("stage", Stage),
            ("request of trust", Request(Change::IssuerTrusted(id("vendor")), "dave")),
            ("approver add", One(enrol("alice"))),
            ("approver add", One(enrol("bob"))),
            ("approve", Approve("alice")),
            ("approve by envelope", ApproveByEnvelope("bob")),
            ("execute", Execute),
            ("discard", Discard),
            ("request of an approver", Request(enrol("carol"), "alice")),
            ("approve", Approve("bob")),
            ("execute", Execute),
            ("request of a key", Request(add_key("two"), "alice")),
            ("reject", Reject("bob")),
            ("emergency begin", Emergency(add_key("three"))),
            ("revoke", One(Change::Revoked { object: key_ref("one"), revocation: compromised(0) })),
            ("emergency end", EndEmergency),
            ("request of a quorum", Request(Change::QuorumChanged(3), "bob")),
            ("approve", Approve("alice")),
            ("approve", Approve("carol")),
            ("quorum change", Execute),
            ("issuer distrust", One(Change::IssuerDistrusted(id("vendor")))),
            (
                "group of changes",
                Group(vec![
                    Change::Revoked { object: root, revocation: superseded },
                    Change::Removed(ObjectRef::new(ObjectKind::TrustedRoot, id("sigstore"))),
                    Change::Removed(ObjectRef::new(ObjectKind::Intermediate, id("below"))),
                ]),
            ),
        ]
    })
}

/// How many acts there are.
pub(crate) fn length() -> usize {
    acts().len()
}

/// What an act is.
pub(crate) fn kind(act: usize) -> &'static str {
    acts()[act].0
}

/// How many kinds of acts there are.
pub(crate) fn kinds() -> usize {
    let mut kinds: Vec<&str> = acts().iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len()
}

fn found_in<L: LogStore>(log: L) -> Result<Ledger<L>, LedgerError> {
    let founding = Founding { store: id("example"), quorum: 2, approvers: Vec::new() };
    Ledger::create(log, &Registry::rustcrypto(), store_key(), founding, &occasion("founder", 0))
}

/// Does one of the acts but the first.
pub(crate) fn perform<L: LogStore>(ledger: &mut Ledger<L>, act: usize) -> Result<Committed, LedgerError> {
    let seconds = i64::try_from(act).unwrap() * 10;
    let by = |who| occasion(who, seconds);
    // Looked up each time, as whoever comes later has to.
    let state = ledger.state();
    let open = state.objects_of(ObjectKind::Request).find_map(|object| match object {
        Object::Request(request) if request.decision() == Decision::Open => Some(request),
        _ => None,
    });
    let request = open.map_or_else(|| id("none"), |request| request.id().clone());
    match acts()[act].1.clone() {
        Act::Approve(who) => ledger.approve(&request, &signer(who), &by(who)),
        Act::ApproveByEnvelope(who) => {
            let payload = open.and_then(OpenRequest::payload).unwrap_or_default().to_vec();
            let envelope = stella_testkit::dsse::Envelope::new(REQUEST_PAYLOAD_TYPE, &payload);
            let signed = envelope.signed_with_hint(&TestKey::ed25519(who), &key_id(who)).to_json();
            let read = stella_attest_model::Envelope::from_json(signed.as_bytes(), &Default::default()).unwrap();
            ledger.approve_with(&read, &by(who))
        }
        Act::Create => unreachable!("a store is made by `start`"),
        Act::Discard => ledger.discard(&id("vendor"), &by("robot")),
        Act::Emergency(change) => {
            ledger.emergency(change, at(seconds + 3600), &by("alice")).map(|(_, committed)| committed)
        }
        Act::EndEmergency => {
            let live = ledger.state().emergencies(at(seconds)).next().map(|emergency| emergency.id.clone());
            ledger.end_emergency(&live.unwrap_or_else(|| id("none")), &by("alice"))
        }
        Act::Execute => ledger.execute(&request, &by("robot")),
        Act::Group(changes) => ledger.change_all(changes, &by("dave")),
        Act::One(change) => ledger.change(change, &by("dave")),
        Act::Reject(who) => ledger.reject(&request, &by(who)),
        Act::Request(change, who) => {
            let key = signer(who);
            let key = ledger.state().is_approver(&person(who)).then_some(&key as _);
            ledger.request(change, &by(who), at(seconds + REQUEST_LIFETIME), key).map(|(_, committed)| committed)
        }
        Act::Stage => {
            let keys = vec![spki("staged one"), spki("staged two")];
            let staged = StagedKeys { issuer: id("vendor"), keys, url: "https://keys.example/jwks".into() };
            ledger.stage(staged, &by("robot"))
        }
    }
}

fn key_id(who: &str) -> String {
    TestKey::ed25519(who).public_key().key_id().to_string()
}

/// The store after each of the acts, as it is when nothing goes wrong.
pub(crate) struct Reference {
    pub(crate) entries: Vec<Vec<u8>>,
    after: Vec<After>,
}

struct After {
    head: Head,
    checkpoint: String,
    state: [u8; 32],
    snapshot: [u8; 32],
}

pub(crate) fn reference() -> &'static Reference {
    static REFERENCE: OnceLock<Reference> = OnceLock::new();
    REFERENCE.get_or_init(|| {
        let mut ledger = found_in(MemoryLog::new()).unwrap();
        let mut after = vec![After::of(&ledger)];
        for act in 1..length() {
            perform(&mut ledger, act).unwrap_or_else(|error| panic!("{}: {error:?}", kind(act)));
            after.push(After::of(&ledger));
        }
        ledger.verify(None).unwrap();
        Reference { entries: OpenLog::of(ledger.log()).entries, after }
    })
}

impl After {
    fn of<L: LogStore>(ledger: &Ledger<L>) -> Self {
        Self {
            head: ledger.head(),
            checkpoint: ledger.checkpoint().unwrap().unwrap(),
            state: ledger.state().clone().hash(),
            snapshot: ledger.snapshot(at(0)).unwrap().root(),
        }
    }
}

impl Reference {
    /// How many entries there are after so many acts.
    pub(crate) fn size(&self, acts: usize) -> u64 {
        acts.checked_sub(1).map_or(0, |last| self.after[last].head.size)
    }

    /// After how many acts there are so many entries; `None` in the middle of one.
    pub(crate) fn acts(&self, size: u64) -> Option<usize> {
        (0..=self.after.len()).find(|acts| self.size(*acts) == size)
    }

    /// The checkpoint that was given out after so many acts.
    pub(crate) fn checkpoint(&self, acts: usize) -> Option<&str> {
        acts.checked_sub(1).map(|last| self.after[last].checkpoint.as_str())
    }

    pub(crate) fn state(&self, acts: usize) -> [u8; 32] {
        self.after[acts - 1].state
    }
}

/// Opens the store for changes.
pub(crate) fn open<F: Files>(place: Place<F>) -> Result<Ledger<FileLog<F>>, LedgerError> {
    Ledger::open(FileLog::open(place, clock())?, &Registry::rustcrypto())?.with_signer(store_key())
}

/// Makes the store. If somebody began and did not end, the rest is made.
pub(crate) fn start<F: Files>(place: impl Fn() -> Place<F>) -> Result<Ledger<FileLog<F>>, LedgerError> {
    let log = match FileLog::create(place(), ID, clock()) {
        Err(StoreError::AlreadyExists { .. }) => FileLog::open(place(), clock()),
        other => other,
    };
    found_in(log?)
}

/// Does the next of the acts, whichever that is; none when all are done. Gives how many are done then.
pub(crate) fn next<F: Files>(place: impl Fn() -> Place<F>) -> Result<usize, LedgerError> {
    let mut ledger = match open(place()) {
        Err(error) if error.code() == Code::StoreNotFound => {
            start(place)?;
            return Ok(1);
        }
        other => other?,
    };
    let act = reference().acts(ledger.head().size).unwrap();
    if act == length() {
        return Ok(act);
    }
    perform(&mut ledger, act)?;
    Ok(act + 1)
}

impl Tally {
    /// Looks at what is left of a store in which so many acts were acknowledged, and one more may have been begun.
    pub(crate) fn judge<F: Files>(&mut self, acknowledged: usize, place: impl Fn() -> Place<F>) -> bool {
        self.judge_between(acknowledged, acknowledged + 1, place)
    }

    /// Looks at what is left of a store in which some acts were acknowledged and some were begun. Everything is opened and read
    /// again: the log, its fold, what counts by it, and every signature.
    pub(crate) fn judge_between<F: Files>(
        &mut self,
        acknowledged: usize,
        begun: usize,
        place: impl Fn() -> Place<F>,
    ) -> bool {
        let before = *self;
        let reference = reference();
        self.points += 1;
        self.acknowledged += acknowledged as u64;
        match look(place) {
            Ok(Found { entries, head, state, snapshot, .. }) => match reference.acts(head.size) {
                None => self.half_applied += 1,
                Some(acts) => {
                    self.lost += u64::from(acts < acknowledged);
                    self.half_applied += u64::from(acts > begun);
                    let as_meant = acts > 0 && {
                        let after = &reference.after[acts - 1];
                        (head, state, snapshot) == (after.head, after.state, after.snapshot)
                    };
                    let as_written = entries[..] == reference.entries[..entries.len()];
                    self.audit_failures += u64::from(!as_meant || !as_written);
                }
            },
            // Nothing was acknowledged, so there need not be a store yet.
            Err(error) if error.code() == Code::StoreNotFound && acknowledged == 0 => {}
            Err(error) if error.code() == Code::StoreNotFound => self.lost += 1,
            Err(error) => {
                println!("{error:?}");
                self.audit_failures += 1;
            }
        }
        self.sound_since(&before)
    }
}

struct Found {
    entries: Vec<Vec<u8>>,
    head: Head,
    state: [u8; 32],
    snapshot: [u8; 32],
}

fn look<F: Files>(place: impl Fn() -> Place<F>) -> Result<Found, LedgerError> {
    let ledger = open(place())?;
    let head = ledger.head();
    // Every checkpoint that was ever given out, the first and the latest of them always.
    let acts = reference().acts(head.size).unwrap_or(0);
    let mut state = None;
    for acts in [1, acts / 2, acts.saturating_sub(1), acts].into_iter().filter(|acts| *acts > 0) {
        let audit = ledger.verify(reference().checkpoint(acts))?;
        assert_eq!((audit.head, audit.witness), (head, Witness::Outside { size: reference().size(acts) }));
        state = Some(audit.state);
    }
    assert_eq!(ledger.log().verify()?.head, head);
    Ok(Found {
        entries: OpenLog::of(ledger.log()).entries,
        head,
        state: state.unwrap_or_else(|| ledger.state().clone().hash()),
        snapshot: ledger.snapshot(at(0))?.root(),
    })
}
