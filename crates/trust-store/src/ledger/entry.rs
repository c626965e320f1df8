//! Entries of the log: who did what, when and why, and the hash of everything after it.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_transparency::merkle::{Hash, leaf_hash};
use stella_vocabulary::UnixTime;

use super::change::Change;
use super::error::LedgerError;
use super::fields::{self, Document, Fields};
use super::id::{Id, Person};
use super::json::Json;
use super::object::{MODES, Mode, StagedKeys, StoreRecord};
use super::record::{ApproverRecord, Recorded as _};
use crate::Head;

/// What every entry calls itself.
const SCHEMA: &str = "stella.trust-entry/1";

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The key they signed with, as SHA-256 of its `SubjectPublicKeyInfo`; `None` where they only gave a name.
    pub key: Option<[u8; 32]>,
    /// The person.
    pub person: Person,
}

impl Actor {
    /// Somebody who gave a name and signed nothing.
    #[must_use]
    pub fn unsigned(person: Person) -> Self {
        Self { key: None, person }
    }
}

/// A signature over a change request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSignature {
    /// The signature's bytes; ECDSA in DER.
    pub bytes: Vec<u8>,
    /// Whose: SHA-256 of the `SubjectPublicKeyInfo`.
    pub key: [u8; 32],
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Somebody signed a change request of somebody else.
    Approved(RequestSignature),
    /// Trust changed; with a request if the entry names one.
    Changed(Arc<Change>),
    /// The store was made.
    Created {
        /// The first approvers; none for a store where one person decides.
        approvers: Vec<ApproverRecord>,
        /// Id, key, mode and quorum.
        store: StoreRecord,
    },
    /// Fetched keys were thrown away.
    Discarded {
        /// Whose.
        issuer: Id,
    },
    /// One person loosened trust for some hours.
    EmergencyBegan {
        /// The change.
        change: Arc<Change>,
        /// When it ends.
        until: UnixTime,
    },
    /// An emergency change was ended before its time.
    EmergencyEnded {
        /// Which.
        emergency: Id,
    },
    /// A change request was refused, or taken back.
    Rejected,
    /// A change request was made.
    Requested {
        /// The bytes that are signed: canonical JSON.
        payload: Vec<u8>,
        /// The requester's signature, if the requester is an approver.
        signature: Option<RequestSignature>,
    },
    /// Keys were fetched.
    Staged(StagedKeys),
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub action: Action,
    /// Who did it.
    pub actor: Actor,
    /// When; never before the entry before.
    pub at: UnixTime,
    /// Who decided about the store at that moment.
    pub mode: Mode,
    /// RFC 6962 leaf hash of the entry before; `None` of the first. It says which entry was changed, not only that one was.
    pub previous: Option<Hash>,
    /// Why.
    pub reason: String,
    /// The change request that is made, approved, rejected or executed.
    pub request: Option<Id>,
    /// Its place in the log, from 0.
    pub sequence: u64,
    /// The hash of everything in the store after it.
    pub state: Hash,
}

impl Entry {
    /// What the log calls what happened: `store.create`, `anchor.add`, `request.approve` …
    #[must_use]
    pub fn action_name(&self) -> String {
        self.action.name()
    }

    /// The bytes that are logged: one JSON object in RFC 8785 form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let key = self.actor.key.as_ref().map_or_else(|| Json::text("unsigned"), Json::Hash);
        Json::object([
            ("action", Json::text(self.action.name())),
            ("actor", Json::object([("key", key), ("person", Json::text(self.actor.person.as_str()))])),
            ("change", self.action.details()),
            ("mode", Json::text(self.mode.name())),
            ("previous", Json::optional(self.previous.as_ref(), Json::Hash)),
            ("reason", Json::text(self.reason.as_str())),
            ("request", Json::optional(self.request.as_ref(), |id| Json::text(id.as_str()))),
            ("schema", Json::text(SCHEMA)),
            ("sequence", Json::Number(self.sequence)),
            ("state", Json::Hash(&self.state)),
            ("time", Json::Time(self.at)),
        ])
        .to_bytes()
    }

    /// Reads an entry back.
    ///
    /// # Errors
    /// [`LedgerError::SchemaTooNew`] for an entry of another schema or with an action that is not known;
    /// [`LedgerError::NotCanonical`] where writing it again gives other bytes, so that every member counts; a code of the family
    /// `json`, [`LedgerError::Unreadable`] and the errors of ids and dates for the rest.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let entry = Self::from_covered_bytes(bytes)?;
        if entry.to_bytes() == bytes { Ok(entry) } else { Err(LedgerError::NotCanonical) }
    }

    /// Reads an entry that a checkpoint of the store covers, so that the store itself has written it: half the work.
    pub(super) fn from_covered_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        fields::parse(bytes)
    }

    /// The head that was seen, if the entry says that the log is taken as it is all the same.
    pub(super) fn accepted_rollback(&self) -> Option<Head> {
        match &self.action {
            Action::Changed(change) => match **change {
                Change::RollbackAccepted(seen) => Some(seen),
                _ => None,
            },
            _ => None,
        }
    }

    /// RFC 6962 §2.1 hash of the entry as a leaf.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(&self.to_bytes())
    }
}

impl Document for Entry {
    const SCHEMA: &'static str = SCHEMA;
    const WHAT: &'static str = "an entry";

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        let action = fields.text("action")?;
        let actor = fields.object("actor", |actor| {
            let key = actor.text("key")?;
            let key = if key == "unsigned" { None } else { Some(fields::read_hash(key)?) };
            Ok(Actor { key, person: actor.person("person")? })
        })?;
        let action = fields.object("change", |details| Action::read(action, details))?;
        let mode = fields.one_of("mode", &MODES)?;
        let previous = fields.optional_hash("previous")?;
        let reason = fields.string("reason")?;
        let request = fields.optional_id("request")?;
        if fields.text("schema")? != SCHEMA {
            return Err(LedgerError::SchemaTooNew { what: Self::WHAT });
        }
        let (sequence, state, at) = (fields.number("sequence")?, fields.hash("state")?, fields.time("time")?);
        Ok(Self { action, actor, at, mode, previous, reason, request, sequence, state })
    }
}

impl Action {
    fn name(&self) -> String {
        let name = match self {
            Self::Changed(change) => return change.action(),
            Self::Approved(_) => "request.approve",
            Self::Created { .. } => "store.create",
            Self::Discarded { .. } => "keys.discard",
            Self::EmergencyBegan { .. } => "emergency.begin",
            Self::EmergencyEnded { .. } => "emergency.end",
            Self::Rejected => "request.reject",
            Self::Requested { .. } => "request.make",
            Self::Staged(_) => "keys.stage",
        };
        name.to_string()
    }

    fn details(&self) -> Json<'_> {
        match self {
            Self::Approved(signature) => signature.to_json(),
            Self::Changed(change) => change.details(),
            Self::Created { approvers, store } => {
                store.to_json().with("approvers", Json::list(approvers, ApproverRecord::to_json))
            }
            Self::Discarded { issuer } => Json::object([("issuer", Json::text(issuer.as_str()))]),
            Self::EmergencyBegan { change, until } => change.to_json().with("until", Json::Time(*until)),
            Self::EmergencyEnded { emergency } => Json::object([("emergency", Json::text(emergency.as_str()))]),
            Self::Rejected => Json::object([]),
            Self::Requested { payload, signature } => Json::object([
                ("payload", Json::Bytes(payload)),
                ("signature", Json::optional(signature.as_ref(), RequestSignature::to_json)),
            ]),
            Self::Staged(staged) => staged.to_json(),
        }
    }

    fn read<'t>(name: &str, fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(match name {
            "request.approve" => Self::Approved(RequestSignature::read(fields)?),
            "store.create" => Self::Created {
                approvers: fields.objects("approvers", ApproverRecord::read)?,
                store: StoreRecord::read(fields)?,
            },
            "keys.discard" => Self::Discarded { issuer: fields.id("issuer")? },
            "emergency.begin" => {
                // In this order: it is that of the members.
                Self::EmergencyBegan { change: Arc::new(Change::read(fields)?), until: fields.time("until")? }
            }
            "emergency.end" => Self::EmergencyEnded { emergency: fields.id("emergency")? },
            "request.reject" => Self::Rejected,
            "request.make" => Self::Requested {
                payload: fields.bytes("payload")?,
                signature: fields.optional_object("signature", RequestSignature::read)?,
            },
            "keys.stage" => Self::Staged(StagedKeys::read(fields)?),
            name => Self::Changed(Arc::new(Change::read_details(name, fields)?)),
        })
    }
}

impl RequestSignature {
    fn to_json(&self) -> Json<'_> {
        Json::object([("key", Json::Hash(&self.key)), ("signature", Json::Bytes(&self.bytes))])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self { key: fields.hash("key")?, bytes: fields.bytes("signature")? })
    }
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;
    use alloc::vec;

    use stella_crypto_providers::SignatureEncoding;
    use stella_vocabulary::Window;

    use super::super::object::{ObjectKind, ObjectRef, Record};
    use super::super::record::{
        AnchorRecord, CertificateIdentity, IntermediateRecord, IssuerRecord, KeyRecord, Tier, TrustedRootRecord,
    };
    use super::super::revocation::{Revocation, RevocationCause};
    use super::super::scope::{Scope, Terms};
    use super::*;

    /// An entry of every kind, with something in every member.
    fn all() -> Vec<Entry> {
        let id = |text| Id::new(text).unwrap();
        let person = Person::new("alice@example.org").unwrap();
        let at = UnixTime::from_seconds(1_768_640_400);
        let some = |text: &str| Some(text.to_string());
        let scope = Scope {
            algorithms: vec!["ed25519".into()],
            max_path_length: Some(2),
            purl_patterns: vec![super::super::purl::PurlPattern::new("pkg:oci/*").unwrap()],
            ..Scope::default()
        };
        let terms = Terms { label: some("é"), scope, window: Window::half_open(Some(at), None) };
        let approver = ApproverRecord { id: id("alice"), key: vec![1; 44], person: person.clone() };
        let identity = CertificateIdentity { identity: "a*".into(), oidc_issuer: some("https://issuer.example") };
        let records = [
            Record::Anchor(AnchorRecord { id: id("a"), certificate: vec![2; 5], terms: terms.clone() }),
            Record::Approver(approver.clone()),
            Record::Intermediate(IntermediateRecord { id: id("i"), certificate: vec![3; 7], label: some("label") }),
            Record::Issuer(IssuerRecord {
                id: id("issuer"),
                identities: vec![identity],
                name: "Issuer".into(),
                terms: terms.clone(),
                tier: Tier::Vendor,
                urls: vec!["https://keys.example".into(), "https://more.example".into()],
                weight: 100,
            }),
            Record::Key(KeyRecord {
                id: id("key"),
                encoding: SignatureEncoding::Fixed,
                hint: some("hint"),
                issuer: Some(id("issuer")),
                key: vec![4; 44],
                terms,
            }),
            Record::TrustedRoot(TrustedRootRecord { id: id("root"), document: vec![5; 99], label: None }),
        ];
        let object = ObjectRef::new(ObjectKind::Key, id("key"));
        let cause = RevocationCause::Compromised;
        let revocation = Revocation { cause, invalid_since: Some(at), revoked_at: at };
        let changes = records.iter().cloned().map(Change::Added).chain(records.iter().cloned().map(Change::Changed));
        let changes = changes.chain([
            Change::IssuerDistrusted(id("issuer")),
            Change::IssuerTrusted(id("issuer")),
            Change::QuorumChanged(3),
            Change::RollbackAccepted(crate::Head { size: 7, root: [9; 32] }),
            Change::Reinstated(object.clone()),
            Change::Removed(object.clone()),
            Change::Revoked { object, revocation },
        ]);
        let emergency = Arc::new(Change::IssuerTrusted(id("issuer")));
        let key = vec![6; 44];
        let signature = RequestSignature { bytes: vec![7; 64], key: [8; 32] };
        let actions: Box<dyn Iterator<Item = Action>> = Box::new(
            [
                Action::Approved(signature.clone()),
                Action::Created {
                    approvers: vec![approver.clone(), approver],
                    store: StoreRecord { id: id("store"), key: key.clone(), mode: Mode::Quorum, quorum: 2 },
                },
                Action::Discarded { issuer: id("issuer") },
                Action::EmergencyBegan { change: emergency, until: at },
                Action::EmergencyEnded { emergency: id("e-3") },
                Action::Rejected,
                Action::Requested { payload: vec![9; 200], signature: Some(signature) },
                Action::Requested { payload: vec![9; 200], signature: None },
                Action::Staged(StagedKeys {
                    issuer: id("issuer"),
                    keys: vec![key.clone(), key],
                    url: "https://a".into(),
                }),
            ]
            .into_iter(),
        );
        let actions = actions.chain(changes.map(|change| Action::Changed(Arc::new(change))));
        let entry = |(sequence, action)| Entry {
            action,
            actor: Actor { key: (sequence % 2 == 0).then_some([1; 32]), person: person.clone() },
            at,
            mode: Mode::Solo,
            previous: (sequence > 0).then_some([2; 32]),
            reason: "a reason".into(),
            request: (sequence > 0).then(|| id("r-1")),
            sequence,
            state: [3; 32],
        };
        (0..).zip(actions).map(entry).collect()
    }

    #[test]
    fn every_kind_of_entry_is_read_the_short_way() {
        for entry in all() {
            let bytes = entry.to_bytes();
            assert_eq!(fields::as_written::<Entry>(&bytes).as_ref(), Some(&entry), "{}", entry.action_name());
        }
    }

    #[test]
    fn what_has_to_be_unescaped_is_read_the_long_way() {
        for mut entry in all() {
            entry.reason = "a \"reason\"".into();
            let bytes = entry.to_bytes();
            assert_eq!(fields::as_written::<Entry>(&bytes), None);
            assert_eq!(Entry::from_bytes(&bytes).unwrap(), entry);
        }
    }

    #[test]
    fn both_ways_agree_on_every_changed_byte() {
        for entry in all() {
            let bytes = entry.to_bytes();
            for at in 0..bytes.len() {
                for byte in *b" \"\\0,}x" {
                    let mut changed = bytes.clone();
                    changed[at] = byte;
                    let Some(short) = fields::as_written::<Entry>(&changed) else { continue };
                    let document = stella_attest_model::json::Document::parse(&changed, &Default::default()).unwrap();
                    let mut parsed = fields::Parsed::new(document.root()).unwrap();
                    assert_eq!(Entry::read(&mut parsed).unwrap(), short);
                }
            }
        }
    }
}
