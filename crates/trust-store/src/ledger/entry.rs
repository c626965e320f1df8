//! Entries of the log: who did what, when and why, and the hash of everything after it.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_transparency::merkle::{Hash, leaf_hash};
use stella_vocabulary::UnixTime;

use super::change::Change;
use super::error::LedgerError;
use super::id::{Id, Person};
use super::json::{self, Fields, Json};
use super::object::{MODES, Mode, StagedKeys, StoreRecord};
use super::record::{ApproverRecord, Recorded as _};

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
        let key = self.actor.key.as_ref().map_or_else(|| Json::text("unsigned"), Json::hash);
        Json::object([
            ("action", Json::Text(self.action.name())),
            ("actor", Json::object([("key", key), ("person", Json::text(&self.actor.person))])),
            ("change", self.action.details()),
            ("mode", Json::text(self.mode.name())),
            ("previous", self.previous.as_ref().map_or(Json::Null, Json::hash)),
            ("reason", Json::text(&self.reason)),
            ("request", Json::optional(self.request.as_ref())),
            ("schema", Json::text(SCHEMA)),
            ("sequence", Json::Number(self.sequence)),
            ("state", Json::hash(&self.state)),
            ("time", Json::text(self.at)),
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
        json::parse(bytes, Self::read)
    }

    /// RFC 6962 §2.1 hash of the entry as a leaf.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(&self.to_bytes())
    }

    fn read(fields: Fields<'_, '_>) -> Result<Self, LedgerError> {
        if fields.text("schema")? != SCHEMA {
            return Err(LedgerError::SchemaTooNew { what: "an entry" });
        }
        let actor = fields.object("actor")?;
        let key = if actor.text("key")? == "unsigned" { None } else { Some(actor.hash("key")?) };
        Ok(Self {
            action: Action::read(fields.text("action")?, fields.object("change")?)?,
            actor: Actor { key, person: actor.person("person")? },
            at: fields.time("time")?,
            mode: fields.one_of("mode", &MODES)?,
            previous: fields.optional_hash("previous")?,
            reason: fields.text("reason")?.to_string(),
            request: fields.optional_id("request")?,
            sequence: fields.number("sequence")?,
            state: fields.hash("state")?,
        })
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

    fn details(&self) -> Json {
        match self {
            Self::Approved(signature) => signature.to_json(),
            Self::Changed(change) => change.details(),
            Self::Created { approvers, store } => {
                store.to_json().with("approvers", Json::list(approvers, ApproverRecord::to_json))
            }
            Self::Discarded { issuer } => Json::object([("issuer", Json::text(issuer))]),
            Self::EmergencyBegan { change, until } => change.to_json().with("until", Json::text(until)),
            Self::EmergencyEnded { emergency } => Json::object([("emergency", Json::text(emergency))]),
            Self::Rejected => Json::object([]),
            Self::Requested { payload, signature } => Json::object([
                ("payload", Json::bytes(payload)),
                ("signature", signature.as_ref().map_or(Json::Null, RequestSignature::to_json)),
            ]),
            Self::Staged(staged) => staged.to_json(),
        }
    }

    fn read(name: &str, fields: Fields<'_, '_>) -> Result<Self, LedgerError> {
        Ok(match name {
            "request.approve" => Self::Approved(RequestSignature::read(fields)?),
            "store.create" => Self::Created {
                approvers: fields.list("approvers", |value| ApproverRecord::read(Fields::new(value)?))?,
                store: StoreRecord::read(fields)?,
            },
            "keys.discard" => Self::Discarded { issuer: fields.id("issuer")? },
            "emergency.begin" => {
                Self::EmergencyBegan { change: Arc::new(Change::read(fields)?), until: fields.time("until")? }
            }
            "emergency.end" => Self::EmergencyEnded { emergency: fields.id("emergency")? },
            "request.reject" => Self::Rejected,
            "request.make" => {
                let signature = fields.present("signature")?.map(|value| RequestSignature::read(Fields::new(value)?));
                Self::Requested { payload: fields.bytes("payload")?, signature: signature.transpose()? }
            }
            "keys.stage" => Self::Staged(StagedKeys::read(fields)?),
            name => Self::Changed(Arc::new(Change::read_details(name, fields)?)),
        })
    }
}

impl RequestSignature {
    fn to_json(&self) -> Json {
        Json::object([("key", Json::hash(&self.key)), ("signature", Json::bytes(&self.bytes))])
    }

    fn read(fields: Fields<'_, '_>) -> Result<Self, LedgerError> {
        Ok(Self { bytes: fields.bytes("signature")?, key: fields.hash("key")? })
    }
}
