//! What can be done to a store.

use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_attest_model::Envelope;
use stella_crypto_providers::Signer;
use stella_vocabulary::{UnixTime, hex};

use super::change::Change;
use super::entry::{Action, Actor, RequestSignature};
use super::error::LedgerError;
use super::id::Id;
use super::ledger::{Committed, Ledger, Occasion, Steps};
use super::material;
use super::object::{Object, StagedKeys};
use super::plan;
use super::record::{ApproverRecord, sha256};
use super::request::{ChangeRequest, OpenRequest, REQUEST_PAYLOAD_TYPE};
use super::signatures;
use super::tally::before;
use crate::LogStore;

impl<L: LogStore> Ledger<L> {
    /// Makes a change that one person may make.
    ///
    /// # Errors
    /// [`LedgerError::ApprovalRequired`] where others must agree: make a request instead. [`LedgerError::DuplicateKey`],
    /// [`LedgerError::NotFound`] and others if it makes no sense, [`LedgerError::Trust`] and [`LedgerError::AnchorExpired`] for
    /// material that cannot be relied on. Nothing is logged then.
    pub fn change(&mut self, change: Change, occasion: &Occasion) -> Result<Committed, LedgerError> {
        self.change_all(Vec::from([change]), occasion)
    }

    /// Makes several changes at once, in order, or none of them.
    ///
    /// # Errors
    /// As [`Ledger::change`], of the first change that cannot be made.
    pub fn change_all(&mut self, changes: Vec<Change>, occasion: &Occasion) -> Result<Committed, LedgerError> {
        let changes: Vec<Arc<Change>> = changes.into_iter().map(Arc::new).collect();
        self.commit(occasion, |_| {
            Ok(changes.iter().map(|change| (Action::Changed(Arc::clone(change)), None)).collect())
        })
    }

    /// Writes down a change for others to agree to, as the store is now: what [`Ledger::request`] logs.
    ///
    /// # Errors
    /// Those of a change that makes no sense or brings bad material.
    pub fn draft(&self, change: Change, occasion: &Occasion, expires: UnixTime) -> Result<ChangeRequest, LedgerError> {
        self.draft_shared(&Arc::new(change), occasion, expires)
    }

    fn draft_shared(
        &self,
        change: &Arc<Change>,
        occasion: &Occasion,
        expires: UnixTime,
    ) -> Result<ChangeRequest, LedgerError> {
        material::check(&self.state, change, occasion.at)?;
        let objects = plan::plan(&self.state, change)?;
        let head = self.head();
        Ok(ChangeRequest {
            base: head,
            before: before(&self.state, change),
            change: Arc::clone(change),
            created: occasion.at,
            expires,
            id: ChangeRequest::id_at(head.size),
            reason: occasion.reason.clone(),
            requester: occasion.actor.person.clone(),
            store: plan::store(&self.state)?.id.clone(),
            target: objects.first().map(Object::to_canonical_json).unwrap_or_default(),
        })
    }

    /// Makes a request for a change; `signer` holds the requester's key if the requester is an approver, and then counts as one
    /// of the persons who agree. Gives the id of the request.
    ///
    /// # Errors
    /// As [`Ledger::change`], apart from the approval; [`LedgerError::NotAuthorized`] for a key that is not an approver's, or not
    /// that of the person acting; [`LedgerError::DateInvalid`] for an end more than 30 days away.
    pub fn request(
        &mut self,
        change: Change,
        occasion: &Occasion,
        expires: UnixTime,
        signer: Option<&dyn Signer>,
    ) -> Result<(Id, Committed), LedgerError> {
        let change = Arc::new(change);
        let mut id = None;
        let committed = self.commit(occasion, |ledger| {
            let request = ledger.draft_shared(&change, occasion, expires)?;
            let payload = request.to_payload();
            let signature = signer.map(|signer| signatures::sign(&payload, signer)).transpose()?;
            id = Some(request.id.clone());
            Ok(Vec::from([(Action::Requested { payload, signature }, Some(request.id))]))
        })?;
        let id = id.ok_or(LedgerError::Unreadable { what: "the id of the request" })?;
        Ok((id, committed))
    }

    /// Logs a request that was drafted and perhaps signed elsewhere, in the name of its requester and with its reason.
    ///
    /// # Errors
    /// As [`Ledger::request`]; [`LedgerError::Stale`] if the log has moved on since, [`LedgerError::WrongStore`],
    /// [`LedgerError::Replayed`], [`LedgerError::Expired`].
    pub fn submit(
        &mut self,
        payload: &[u8],
        signature: Option<RequestSignature>,
        occasion: &Occasion,
    ) -> Result<Committed, LedgerError> {
        let request = ChangeRequest::from_payload(payload)?;
        let store = plan::store(&self.state)?;
        if request.store != store.id {
            return Err(LedgerError::WrongStore { expected: store.id.clone(), found: request.store });
        }
        if request.id != ChangeRequest::id_at(request.base.size) {
            return Err(LedgerError::OtherContent { request: request.id });
        }
        let actor = Actor::unsigned(request.requester.clone());
        let occasion = Occasion { actor, at: occasion.at, reason: request.reason.clone() };
        self.commit(&occasion, |ledger| {
            material::check(&ledger.state, &request.change, occasion.at)?;
            let known = request.base.size != ledger.head().size || request.base == ledger.head();
            if !known {
                return Err(LedgerError::Stale { request: request.id.clone() });
            }
            let requested = Action::Requested { payload: payload.to_vec(), signature: signature.clone() };
            Ok(Vec::from([(requested, Some(request.id.clone()))]))
        })
    }

    /// Signs a request with the key of an approver.
    ///
    /// # Errors
    /// [`LedgerError::SelfApproval`], [`LedgerError::NotDistinct`], [`LedgerError::NotAuthorized`], [`LedgerError::Expired`],
    /// [`LedgerError::Replayed`], [`LedgerError::Stale`], [`LedgerError::NotFound`].
    pub fn approve(
        &mut self,
        request: &Id,
        signer: &dyn Signer,
        occasion: &Occasion,
    ) -> Result<Committed, LedgerError> {
        self.commit(occasion, |ledger| {
            let signature = signatures::sign(ledger.payload_of(request)?, signer)?;
            Ok(Vec::from([(Action::Approved(signature), Some(request.clone()))]))
        })
    }

    /// Takes in approvals that were signed elsewhere: a DSSE envelope around the request with further signatures.
    ///
    /// # Errors
    /// [`LedgerError::OtherContent`] if it is around something else, or a signature does not fit; [`LedgerError::WrongStore`];
    /// those of [`Ledger::approve`].
    pub fn approve_with(&mut self, envelope: &Envelope, occasion: &Occasion) -> Result<Committed, LedgerError> {
        let payload = envelope.unverified_payload();
        let request = ChangeRequest::from_payload(payload)?;
        let store = plan::store(&self.state)?;
        if request.store != store.id {
            return Err(LedgerError::WrongStore { expected: store.id.clone(), found: request.store });
        }
        let other = || LedgerError::OtherContent { request: request.id.clone() };
        self.commit(occasion, |ledger| {
            let open = ledger.open_request(&request.id)?;
            if envelope.payload_type() != REQUEST_PAYLOAD_TYPE || open.digest() != &sha256(&[payload]) {
                return Err(other());
            }
            let mut steps = Steps::new();
            let mut known = None;
            for signature in envelope.signatures() {
                let hint = signature.keyid_hint().and_then(|hint| hint.strip_prefix("sha256:")).and_then(hex::decode);
                let Some(key) = hint.and_then(|key| <[u8; 32]>::try_from(key).ok()) else { return Err(other()) };
                let signature = RequestSignature { bytes: signature.sig().to_vec(), key };
                match open.votes().iter().find(|vote| vote.key == key) {
                    Some(vote) => known = Some(vote.person.clone()),
                    None => steps.push((Action::Approved(signature), Some(request.id.clone()))),
                }
            }
            match known {
                Some(person) if steps.is_empty() => Err(LedgerError::NotDistinct { person }),
                _ => Ok(steps),
            }
        })
    }

    /// Refuses a request, or takes the own one back. One approver's refusal is enough.
    ///
    /// # Errors
    /// [`LedgerError::NotAuthorized`] for anybody else, and those of a request that is not open.
    pub fn reject(&mut self, request: &Id, occasion: &Occasion) -> Result<Committed, LedgerError> {
        self.commit(occasion, |_| Ok(Vec::from([(Action::Rejected, Some(request.clone()))])))
    }

    /// Makes the change that enough persons have agreed to. Persons, keys and what it is about are looked at again.
    ///
    /// # Errors
    /// [`LedgerError::ApprovalRequired`], [`LedgerError::NotAuthorized`] if signers do not count any more,
    /// [`LedgerError::Stale`], [`LedgerError::Expired`], [`LedgerError::Replayed`], and those of the material.
    pub fn execute(&mut self, request: &Id, occasion: &Occasion) -> Result<Committed, LedgerError> {
        self.commit(occasion, |ledger| {
            let open = ledger.open_request(request)?;
            let Some(asked) = open.request() else { return Err(open.is_closed()) };
            Ok(Vec::from([(Action::Changed(Arc::clone(&asked.change)), Some(request.clone()))]))
        })
    }

    /// Loosens trust for at most 24 hours on the word of one person. Not for approvers, the quorum, and what was removed or
    /// revoked, and not twice within 7 days for one object. Where others decide, the person is an approver, and has at most three
    /// in force at a time. Gives the id of the emergency.
    ///
    /// The entry names the person and carries no signature of theirs: it is whoever can write to the store and says so.
    ///
    /// # Errors
    /// [`LedgerError::EmergencyRefused`] where that is not possible, [`LedgerError::NotAuthorized`] for somebody who is no approver,
    /// [`LedgerError::Unsuitable`] for an issuer, [`LedgerError::DateInvalid`] for another end,
    /// [`LedgerError::NotLoosening`] where no emergency is needed, and those of [`Ledger::change`].
    ///
    /// # Left to the caller
    /// Asking for the key of the approver.
    pub fn emergency(
        &mut self,
        change: Change,
        until: UnixTime,
        occasion: &Occasion,
    ) -> Result<(Id, Committed), LedgerError> {
        let change = Arc::new(change);
        let committed = self.commit(occasion, |_| {
            Ok(Vec::from([(Action::EmergencyBegan { change: Arc::clone(&change), until }, None)]))
        })?;
        Ok((Id::made(&alloc::format!("e-{}", committed.sequence())), committed))
    }

    /// Ends an emergency change before its time.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] if none of that id is in force.
    pub fn end_emergency(&mut self, emergency: &Id, occasion: &Occasion) -> Result<Committed, LedgerError> {
        let ended = Action::EmergencyEnded { emergency: emergency.clone() };
        self.commit(occasion, |_| Ok(Vec::from([(ended.clone(), None)])))
    }

    /// Keeps fetched keys for approval, in place of those fetched before. They count for nothing.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] if there is no such issuer; [`LedgerError::Trust`] for a key that could never be used.
    pub fn stage(&mut self, staged: StagedKeys, occasion: &Occasion) -> Result<Committed, LedgerError> {
        material::check_staged(&staged)?;
        self.commit(occasion, |_| Ok(Vec::from([(Action::Staged(staged.clone()), None)])))
    }

    /// Throws fetched keys away.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] if there are none.
    pub fn discard(&mut self, issuer: &Id, occasion: &Occasion) -> Result<Committed, LedgerError> {
        let discarded = Action::Discarded { issuer: issuer.clone() };
        self.commit(occasion, |_| Ok(Vec::from([(discarded.clone(), None)])))
    }

    /// The approvers whose signatures a request waits for: those who may still sign, by id.
    #[must_use]
    pub fn may_still_approve(&self, request: &Id) -> Vec<&ApproverRecord> {
        let Some(open) = self.state.request(request) else { return Vec::new() };
        let signed = |approver: &&ApproverRecord| open.votes().iter().any(|vote| vote.person == approver.person);
        let others = self.state.approvers().filter(|approver| approver.person != *open.requester());
        others.filter(|approver| !signed(approver)).collect()
    }

    fn open_request(&self, id: &Id) -> Result<&OpenRequest, LedgerError> {
        self.state.request(id).ok_or_else(|| LedgerError::NotFound { what: alloc::format!("request {id}") })
    }

    fn payload_of(&self, id: &Id) -> Result<&[u8], LedgerError> {
        let open = self.open_request(id)?;
        open.payload().ok_or_else(|| open.is_closed())
    }
}
