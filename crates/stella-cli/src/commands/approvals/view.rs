//! A change request as people see it.

use stella_attest_model::{Envelope, EnvelopeSignature};
use stella_attest_verify::{Certificate, Digest};
use stella_trust_store::ledger::{
    Action, Change, ChangeRequest, Entry, Id, Ledger, LedgerError, More, ObjectKind, OpenRequest, REQUEST_PAYLOAD_TYPE,
    Record, RequestSignature, RequestStatus, Terms, TrustState,
};
use stella_vocabulary::{UnixTime, base64, hex};

use crate::complaint::Complaint;
use crate::json::Value;
use crate::log::Log;
use crate::render::Page;
use crate::trust_object::{scope_text, window_text};

/// A request at an instant, and what was asked for, also after it was decided.
pub(super) struct View<'s> {
    pub(super) open: &'s OpenRequest,
    pub(super) asked: ChangeRequest,
    pub(super) status: RequestStatus,
    pub(super) have: usize,
    pub(super) need: usize,
    /// Persons who have signed, sorted.
    pub(super) agreed: Vec<String>,
    /// Persons who may still sign, sorted.
    pub(super) could: Vec<String>,
    payload: Vec<u8>,
}

impl<'s> View<'s> {
    /// The request `id` as `ledger` knows it.
    pub(super) fn of(ledger: &'s Ledger<Log>, id: &Id, at: UnixTime) -> Result<Self, Complaint> {
        let state = ledger.state();
        let missing = || LedgerError::NotFound { what: format!("request {id}") };
        let open = state.request(id).ok_or_else(missing)?;
        let payload = match open.payload() {
            Some(payload) => payload.to_vec(),
            // Once decided, only the log has it.
            None => logged(ledger, id)?.0,
        };
        let asked = ChangeRequest::from_payload(&payload)?;
        let status = state.request_status(id, at).ok_or_else(missing)?;
        let (have, need) = count(state, open, status);
        let mut agreed: Vec<String> = open.votes().iter().map(|vote| vote.person.to_string()).collect();
        agreed.sort();
        let mut could: Vec<String> = match status {
            RequestStatus::Pending { .. } | RequestStatus::PartiallyApproved { .. } => {
                ledger.may_still_approve(id).into_iter().map(|approver| approver.person.to_string()).collect()
            }
            _ => Vec::new(),
        };
        could.sort();
        could.dedup();
        Ok(Self { open, asked, status, have, need, agreed, could, payload })
    }

    pub(super) const fn is_waiting(&self) -> bool {
        matches!(
            self.status,
            RequestStatus::Approved | RequestStatus::PartiallyApproved { .. } | RequestStatus::Pending { .. }
        )
    }

    /// `anchor release-root`
    pub(super) fn subject(&self) -> String {
        self.asked.change.object().map_or_else(|| "the store".to_string(), |object| object.to_string())
    }

    pub(super) fn state_text(&self) -> String {
        match self.status {
            RequestStatus::Approved => "approved, and not made yet".to_string(),
            RequestStatus::Executed { sequence } => format!("executed by entry {sequence}"),
            RequestStatus::Expired => "expired".to_string(),
            RequestStatus::PartiallyApproved { .. } => "partially approved".to_string(),
            RequestStatus::Pending { .. } => "pending".to_string(),
            RequestStatus::Rejected { sequence } => format!("rejected by entry {sequence}"),
            RequestStatus::Stale => "stale: what it is about has changed since".to_string(),
            _ => "unknown".to_string(),
        }
    }

    pub(super) const fn state_name(&self) -> &'static str {
        match self.status {
            RequestStatus::Approved => "approved",
            RequestStatus::Executed { .. } => "executed",
            RequestStatus::Expired => "expired",
            RequestStatus::PartiallyApproved { .. } => "partially-approved",
            RequestStatus::Pending { .. } => "pending",
            RequestStatus::Rejected { .. } => "rejected",
            RequestStatus::Stale => "stale",
            _ => "unknown",
        }
    }

    /// What is still missing, in words; `None` where nothing is, or nothing helps.
    pub(super) fn missing_text(&self) -> Option<String> {
        let missing = self.need.saturating_sub(self.have);
        if !self.is_waiting() || missing == 0 {
            return None;
        }
        let persons = if missing == 1 { "1 person".to_string() } else { format!("{missing} persons") };
        Some(match self.could.is_empty() {
            true => format!("{persons}; no approver is enrolled who could agree: stella approvers add"),
            false => format!("{persons} of {}", self.could.join(", ")),
        })
    }

    pub(super) fn members(&self) -> Vec<(&'static str, Value)> {
        let sequence = match self.status {
            RequestStatus::Executed { sequence } | RequestStatus::Rejected { sequence } => {
                Value::Number(i64::try_from(sequence).unwrap_or(i64::MAX))
            }
            _ => Value::Null,
        };
        let object = self.asked.change.object();
        vec![
            ("request", Value::text(self.open.id().to_string())),
            ("state", Value::text(self.state_name())),
            ("decided_by", sequence),
            ("action", Value::text(self.asked.change.action())),
            ("kind", Value::maybe(object.as_ref().map(|object| object.kind.name()))),
            ("id", Value::maybe(object.as_ref().map(|object| object.id.to_string()))),
            ("requester", Value::text(self.open.requester().to_string())),
            ("reason", Value::text(self.asked.reason.clone())),
            ("created", Value::text(self.asked.created.to_string())),
            ("expires", Value::text(self.open.expires().to_string())),
            ("digest", Value::text(format!("sha256:{}", hex::encode(self.open.digest())))),
            ("agreed", Value::texts(self.agreed.clone())),
            (
                "missing",
                Value::object([
                    ("have", Value::count(self.have)),
                    ("need", Value::count(self.need)),
                    ("who", Value::texts(self.could.clone())),
                ]),
            ),
        ]
    }

    /// The DSSE envelope with the signatures so far; without any it is one that nobody has signed yet.
    pub(super) fn envelope(&self, ledger: &Ledger<Log>) -> Result<String, Complaint> {
        let (_, signatures) = logged(ledger, self.open.id())?;
        if signatures.is_empty() {
            return Ok(unsigned_envelope(&self.payload));
        }
        let signatures = signatures.into_iter().map(|signature| {
            EnvelopeSignature::new(signature.bytes, Some(format!("sha256:{}", hex::encode(&signature.key))))
        });
        let envelope = Envelope::new(REQUEST_PAYLOAD_TYPE.to_string(), self.payload.clone(), signatures.collect());
        Ok(envelope.map_err(LedgerError::Document)?.to_json())
    }
}

/// What a change brings, for whoever is to agree to it: material by its digest, and every limit.
pub(super) fn describe(page: &mut Page, change: &Change) {
    let digest = |bytes: &[u8]| Digest::sha256(bytes).to_string();
    let certificate = |page: &mut Page, der: &[u8]| {
        page.field("fingerprint", digest(der));
        if let Ok(certificate) = Certificate::from_der(der) {
            page.field("subject", certificate.subject());
            page.field("certificate validity", format!("{} to {}", certificate.not_before(), certificate.not_after()));
        }
    };
    let terms = |page: &mut Page, terms: &Terms| {
        page.maybe("label", terms.label.as_ref());
        page.field("scope", scope_text(&terms.scope));
        page.field("window", window_text(terms.window));
    };
    match change {
        Change::Added(record) | Change::Changed(record) => match record {
            Record::Anchor(anchor) => {
                certificate(page, &anchor.certificate);
                terms(page, &anchor.terms);
            }
            Record::Approver(approver) => {
                page.field("person", &approver.person);
                page.field("key id", digest(&approver.key));
            }
            Record::Intermediate(intermediate) => {
                certificate(page, &intermediate.certificate);
                page.maybe("label", intermediate.label.as_ref());
            }
            Record::Issuer(issuer) => {
                page.field("name", &issuer.name);
                page.field("tier", format!("{}, weight {}", issuer.tier.name(), issuer.weight));
                issuer.urls.iter().for_each(|url| page.field("url", url));
                for pair in &issuer.identities {
                    let vouched =
                        pair.oidc_issuer.as_deref().map_or_else(String::new, |by| format!(", vouched for by {by}"));
                    page.field("identity", format!("{}{vouched}", pair.identity));
                }
                terms(page, &issuer.terms);
            }
            Record::Key(key) => {
                page.field("key id", digest(&key.key));
                page.maybe("issuer", key.issuer.as_ref());
                page.maybe("hint", key.hint.as_ref());
                terms(page, &key.terms);
            }
            Record::TrustedRoot(root) => {
                page.field("digest of the document", digest(&root.document));
                page.maybe("label", root.label.as_ref());
            }
            _ => {}
        },
        Change::Revoked { revocation, .. } => {
            page.field("revoked at", revocation.revoked_at);
            page.field("cause", revocation.cause.name());
            page.maybe("compromised since", revocation.invalid_since);
        }
        Change::QuorumChanged(quorum) => page.field("quorum", quorum),
        _ => {}
    }
}

/// An envelope without signatures, which DSSE does not know: only to be signed.
pub(super) fn unsigned_envelope(payload: &[u8]) -> String {
    let document = Value::object([
        ("payload", Value::text(base64::encode(payload))),
        ("payloadType", Value::text(REQUEST_PAYLOAD_TYPE)),
        ("signatures", Value::list([])),
    ]);
    document.line().trim_end().to_string()
}

/// The ids of all requests, in the order in which they were made.
pub(super) fn all(state: &TrustState) -> Vec<Id> {
    let mut ids: Vec<Id> = state.objects_of(ObjectKind::Request).map(|object| object.object().id).collect();
    // `r-` and a number, which does not sort as text.
    ids.sort_by_key(|id| (id.as_str().trim_start_matches("r-").parse::<u64>().unwrap_or(u64::MAX), id.clone()));
    ids
}

fn count(state: &TrustState, open: &OpenRequest, status: RequestStatus) -> (usize, usize) {
    let quorum = state.store().map_or(2, |store| usize::from(store.quorum));
    let persons = |votes: &OpenRequest| {
        let mut persons: Vec<&str> = votes.votes().iter().map(|vote| vote.person.as_str()).collect();
        persons.sort_unstable();
        persons.dedup();
        persons.len()
    };
    match status {
        RequestStatus::PartiallyApproved { have, need } => (have, need),
        RequestStatus::Pending { need } => (persons(open), need),
        _ => (persons(open), quorum),
    }
}

/// The bytes of a request and the signatures over it, from the log.
fn logged(ledger: &Ledger<Log>, id: &Id) -> Result<(Vec<u8>, Vec<RequestSignature>), Complaint> {
    let (mut payload, mut signatures) = (None, Vec::new());
    // The id says on which head the request was written, which others may have moved before it was logged.
    let first = id.as_str().trim_start_matches("r-").parse::<u64>().unwrap_or(0);
    ledger.entries(first, |entry: &Entry| {
        if entry.request.as_ref() == Some(id) {
            match &entry.action {
                Action::Requested { payload: bytes, signature } => {
                    payload = Some(bytes.clone());
                    signatures.extend(signature.clone());
                }
                Action::Approved(signature) => signatures.push(signature.clone()),
                Action::Changed(_) | Action::Rejected => return Ok(More::Enough),
                _ => {}
            }
        }
        Ok(More::Next)
    })?;
    let payload = payload.ok_or_else(|| LedgerError::NotFound { what: format!("request {id}") })?;
    Ok((payload, signatures))
}
