//! Change requests: the bytes that requester and approvers sign, and what has become of them.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_attest_model::{Envelope, EnvelopeSignature};
use stella_transparency::merkle::Hash;
use stella_vocabulary::{UnixTime, hex};

use super::change::Change;
use super::entry::RequestSignature;
use super::error::LedgerError;
use super::fields::{self, Document, Fields};
use super::id::{Id, Person};
use super::json::Json;
use super::record::sha256;
use crate::Head;

/// The payload type of the DSSE envelope around a change request.
pub const REQUEST_PAYLOAD_TYPE: &str = "application/vnd.stella.trust-change.v1+json";
/// How long a change request is good for, in seconds, unless its maker says otherwise: 7 days.
///
/// Counted by the clocks of those who act, which the log only keeps from going back behind its latest entry: where nothing else
/// was logged since, a clock that was put back revives a request whose time was over. Nothing but trusted time could prevent that.
pub const REQUEST_LIFETIME: i64 = 7 * 24 * 3600;

const SCHEMA: &str = "stella.trust-change/1";

/// What a change request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRequest {
    /// The head of the log that the requester saw.
    pub base: Head,
    /// The hash of what the change applies to, as the requester saw it; `None` if there was nothing.
    pub before: Option<Hash>,
    /// The change.
    pub change: Arc<Change>,
    /// When it was made.
    pub created: UnixTime,
    /// From when on it is void.
    pub expires: UnixTime,
    /// Its id: `r-` and the size of the log that the requester saw.
    pub id: Id,
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub requester: Person,
    /// The store it is meant for.
    pub store: Id,
    /// The complete object after the change, canonical JSON.
    pub target: String,
}

impl ChangeRequest {
    /// The id of the request that is made on a log of `size` entries.
    pub(super) fn id_at(size: u64) -> Id {
        Id::made(&alloc::format!("r-{size}"))
    }

    /// The bytes that are signed: canonical JSON (RFC 8785).
    #[must_use]
    pub fn to_payload(&self) -> Vec<u8> {
        Json::object([
            ("action", Json::text(self.change.action())),
            ("base", Json::object([("root", Json::Hash(&self.base.root)), ("size", Json::Number(self.base.size))])),
            ("before", Json::optional(self.before.as_ref(), Json::Hash)),
            ("change", self.change.details()),
            ("created", Json::Time(self.created)),
            ("expires", Json::Time(self.expires)),
            ("reason", Json::text(self.reason.as_str())),
            ("request", Json::text(self.id.as_str())),
            ("requester", Json::text(self.requester.as_str())),
            ("schema", Json::text(SCHEMA)),
            ("store", Json::text(self.store.as_str())),
            ("target", Json::Raw(&self.target)),
        ])
        .to_bytes()
    }

    /// Reads a request back.
    ///
    /// # Errors
    /// [`LedgerError::SchemaTooNew`], and [`LedgerError::RequestUnreadable`] for whatever else keeps
    /// [`Entry::from_bytes`](super::Entry::from_bytes) from reading an entry.
    pub fn from_payload(payload: &[u8]) -> Result<Self, LedgerError> {
        let read = || {
            let request = fields::parse::<Self>(payload)?;
            if request.to_payload() == payload { Ok(request) } else { Err(LedgerError::NotCanonical) }
        };
        read().map_err(|error| match error {
            LedgerError::SchemaTooNew { .. } => error,
            error => LedgerError::RequestUnreadable(Box::new(error)),
        })
    }
}

impl Document for ChangeRequest {
    const SCHEMA: &'static str = SCHEMA;
    const WHAT: &'static str = "a change request";

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        let action = fields.text("action")?;
        Ok(Self {
            base: fields.object("base", |base| Ok(Head { root: base.hash("root")?, size: base.number("size")? }))?,
            before: fields.optional_hash("before")?,
            change: Arc::new(fields.object("change", |details| Change::read_details(action, details))?),
            created: fields.time("created")?,
            expires: fields.time("expires")?,
            reason: fields.string("reason")?,
            id: fields.id("request")?,
            requester: fields.person("requester")?,
            store: fields.id("store")?,
            target: fields.canonical("target")?,
        })
    }
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It was carried out by the entry with this sequence number.
    Executed(u64),
    /// Nothing yet.
    Open,
    /// It was refused or taken back by the entry with this sequence number.
    Rejected(u64),
}

/// Who has signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// With which key: SHA-256 of the `SubjectPublicKeyInfo`.
    pub key: [u8; 32],
    /// Whose key it was.
    pub person: Person,
}

/// A change request in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRequest {
    /// What was asked for, and the bytes of it; dropped once it is decided, or an entry comes after its end.
    body: Option<Arc<(ChangeRequest, Vec<u8>)>>,
    decision: Decision,
    digest: Hash,
    expires: UnixTime,
    id: Id,
    requester: Person,
    votes: Vec<Vote>,
}

impl OpenRequest {
    pub(super) fn new(request: ChangeRequest, payload: Vec<u8>) -> Self {
        Self {
            decision: Decision::Open,
            digest: sha256(&[&payload]),
            expires: request.expires,
            id: request.id.clone(),
            requester: request.requester.clone(),
            votes: Vec::new(),
            body: Some(Arc::new((request, payload))),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// Who wants it.
    #[must_use]
    pub fn requester(&self) -> &Person {
        &self.requester
    }

    /// SHA-256 of the bytes that are signed.
    #[must_use]
    pub fn digest(&self) -> &Hash {
        &self.digest
    }

    /// From when on it is void.
    #[must_use]
    pub fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Who has signed it, the requester included.
    #[must_use]
    pub fn votes(&self) -> &[Vote] {
        &self.votes
    }

    /// What has become of it.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// What was asked for; `None` once it is decided or over (the log still has it).
    #[must_use]
    pub fn request(&self) -> Option<&ChangeRequest> {
        self.body.as_deref().map(|(request, _)| request)
    }

    /// The bytes that are signed; `None` once it is decided or over.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        self.body.as_deref().map(|(_, payload)| payload.as_slice())
    }

    /// Without its content, once its time is over.
    pub(super) fn lapsed(mut self) -> Self {
        self.body = None;
        self
    }

    /// Why nothing becomes of it any more, where its content is gone.
    pub(super) fn is_closed(&self) -> LedgerError {
        match self.decision {
            Decision::Open => LedgerError::Expired { request: self.id.clone(), expires: self.expires },
            Decision::Executed(_) | Decision::Rejected(_) => LedgerError::Replayed { request: self.id.clone() },
        }
    }

    pub(super) fn with_vote(mut self, vote: Vote) -> Self {
        self.votes.push(vote);
        self
    }

    pub(super) fn decided(mut self, decision: Decision) -> Self {
        self.decision = decision;
        self.body = None;
        self
    }

    pub(super) fn to_json(&self) -> Json<'_> {
        let decision = |outcome: &'static str, sequence: u64| {
            Json::object([("outcome", Json::text(outcome)), ("sequence", Json::Number(sequence))])
        };
        Json::object([
            (
                "decision",
                match self.decision {
                    Decision::Executed(sequence) => decision("executed", sequence),
                    Decision::Open => Json::Null,
                    Decision::Rejected(sequence) => decision("rejected", sequence),
                },
            ),
            ("digest", Json::Hash(&self.digest)),
            ("expires", Json::Time(self.expires)),
            ("id", Json::text(self.id.as_str())),
            ("requester", Json::text(self.requester.as_str())),
            (
                "votes",
                Json::list(&self.votes, |vote| {
                    Json::object([("key", Json::Hash(&vote.key)), ("person", Json::text(vote.person.as_str()))])
                }),
            ),
        ])
    }
}

/// The DSSE envelope around a request, with the signatures given, at least one: to carry it to an approver elsewhere, and back.
///
/// # Errors
/// [`LedgerError::Document`].
pub fn request_envelope(payload: &[u8], signatures: &[RequestSignature]) -> Result<Envelope, LedgerError> {
    let signatures = signatures.iter().map(|signature| {
        let mut keyid = String::from("sha256:");
        keyid.push_str(&hex::encode(&signature.key));
        EnvelopeSignature::new(signature.bytes.clone(), Some(keyid))
    });
    Ok(Envelope::new(REQUEST_PAYLOAD_TYPE.to_string(), payload.to_vec(), signatures.collect())?)
}
