//! What an entry does to the store, or why its actor may not do it. The rules of section 9 of the catalogue are here and in
//! [`plan`](super::plan), [`effect`](super::effect) and [`tally`](super::tally), and are applied whenever the log is read.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use super::change::Change;
use super::effect::{Authority, Effect};
use super::entry::{Action, Entry, RequestSignature};
use super::error::LedgerError;
use super::id::{Id, Person};
use super::limits::{check_instant, check_reason, check_text};
use super::object::{Emergency, Ended, Mode, Object, ObjectKind, ObjectRef, Record, StagedKeys, Standing, StoreRecord};
use super::plan::{approvers_after, check_approver_key, persons, plan, store};
use super::record::{ApproverRecord, Recorded as _, sha256};
use super::request::{ChangeRequest, Decision, OpenRequest, Vote};
use super::revocation::Revocation;
use super::state::TrustState;
use super::tally::{Tally, before};
use crate::StoreError;

/// Longest life of an emergency change, in seconds: 24 hours.
pub const EMERGENCY_LIFETIME: i64 = 24 * 3600;
/// Longest life of a change request, in seconds: 30 days. Longer ones are forgotten, and then approved by mistake.
pub const REQUEST_MAX_LIFETIME: i64 = 30 * 24 * 3600;
/// One person may not keep a change alive by an emergency after another: the next of the same object needs this many seconds
/// after the one before began, as long as a request lasts.
const EMERGENCY_PAUSE: i64 = super::request::REQUEST_LIFETIME;
/// Most bytes of requests that wait together: some thousands of the usual ones, or a hundred with a trusted root in them.
const WAITING_BYTES: usize = 32 << 20;
/// Most emergency changes in force at once. More is no emergency but another policy, and each later one takes time when the log is read.
const LIVE_EMERGENCIES: usize = 64;
/// Most emergency changes of one person in force at once, where others decide.
const LIVE_EMERGENCIES_OF_ONE: usize = 3;
/// Most keys that are staged for one issuer.
const STAGED_KEYS: usize = 1024;

/// The objects that `entry` puts in place.
pub(super) fn consequences(state: &TrustState, entry: &Entry) -> Result<Vec<Object>, LedgerError> {
    if entry.sequence != state.size() {
        return Err(LedgerError::OutOfPlace { what: "its sequence number is not the next one" });
    }
    if state.last_time().is_some_and(|last| entry.at < last) {
        return Err(LedgerError::OutOfPlace { what: "it is older than the entry before" });
    }
    check_instant("the time of an entry", entry.at)?;
    check_reason(&entry.reason)?;
    // A key that is only named proves nothing, and would read as if it did.
    let is_signed = matches!(entry.action, Action::Approved(_) | Action::Requested { signature: Some(_), .. });
    if entry.actor.key.is_some() && !is_signed {
        return Err(LedgerError::OutOfPlace { what: "it names the key of its actor and has no signature" });
    }
    let created = matches!(entry.action, Action::Created { .. });
    if created != (entry.sequence == 0) {
        return Err(LedgerError::OutOfPlace { what: "a store is created by its first entry and by no other" });
    }
    if !created && entry.mode != state.mode() {
        return Err(LedgerError::OutOfPlace { what: "its mode is not that of the store" });
    }
    let about_request =
        matches!(entry.action, Action::Approved(_) | Action::Changed(_) | Action::Rejected | Action::Requested { .. });
    if entry.request.is_some() && !about_request {
        return Err(LedgerError::OutOfPlace { what: "it names a request and is about none" });
    }
    let mut objects = done_by(state, entry)?;
    // Nobody decides about them any more, and somebody could make many.
    objects.extend(state.overdue(entry.at).map(|request| Object::Request(request.clone().lapsed())));
    Ok(objects)
}

fn done_by(state: &TrustState, entry: &Entry) -> Result<Vec<Object>, LedgerError> {
    match &entry.action {
        Action::Approved(signature) => approve(state, entry, signature),
        Action::Changed(change) => match &entry.request {
            Some(request) => execute(state, entry, change, request),
            None => change_directly(state, entry, change),
        },
        Action::Created { approvers, store } => create(entry, approvers, store),
        Action::Discarded { issuer } => discard(state, issuer),
        Action::EmergencyBegan { change, until } => begin_emergency(state, entry, change, *until),
        Action::EmergencyEnded { emergency } => {
            let known = state.emergency(emergency).filter(|emergency| emergency.is_live(entry.at));
            let known = known.ok_or_else(|| LedgerError::NotFound { what: alloc::format!("emergency {emergency}") })?;
            Ok(Vec::from([Object::Emergency(Emergency { ended: Ended::Early(entry.sequence), ..known.clone() })]))
        }
        Action::Rejected => reject(state, entry),
        Action::Requested { payload, signature } => request(state, entry, payload, signature.as_ref()),
        Action::Staged(staged) => stage(state, staged),
    }
}

fn create(entry: &Entry, approvers: &[ApproverRecord], store: &StoreRecord) -> Result<Vec<Object>, LedgerError> {
    let persons = persons(approvers);
    let enough = persons >= usize::from(store.quorum);
    // A first set that cannot decide anything is a mistake; none at all is a store where one person decides.
    if store.quorum < 2 || (!approvers.is_empty() && !enough) {
        return Err(LedgerError::QuorumInvalid { quorum: store.quorum, persons });
    }
    let mode = if approvers.is_empty() { Mode::Solo } else { Mode::Quorum };
    if (store.mode, entry.mode) != (mode, mode) {
        return Err(LedgerError::OutOfPlace { what: "its mode does not fit the first approvers" });
    }
    let mut objects = Vec::from([Object::Store(store.clone())]);
    for (index, approver) in approvers.iter().enumerate() {
        let earlier = approvers.get(..index).unwrap_or_default();
        if let Some(twin) = earlier.iter().find(|earlier| earlier.id == approver.id) {
            let existing = Record::Approver(twin.clone()).object().to_string();
            return Err(LedgerError::DuplicateKey { object: Record::Approver(approver.clone()).object(), existing });
        }
        approver.check()?;
        check_approver_key(approver, earlier, store)?;
        objects.push(Object::Recorded(Record::Approver(approver.clone()), Standing::Active));
    }
    Ok(objects)
}

fn change_directly(state: &TrustState, entry: &Entry, change: &Arc<Change>) -> Result<Vec<Object>, LedgerError> {
    let objects = outcome(state, change, entry.at)?;
    if state.authority_needed(change, entry.at) != Authority::OnePerson {
        let store = store(state)?;
        return Err(LedgerError::ApprovalRequired { action: change.action(), have: 0, need: store.quorum.into() });
    }
    Ok(objects)
}

/// The objects after `change`, by whoever may make it.
pub(super) fn outcome(state: &TrustState, change: &Change, at: UnixTime) -> Result<Vec<Object>, LedgerError> {
    check_times(change, at)?;
    // Whoever stops something that only an emergency change made must not wait for approval of it.
    let objects = match stops_emergency(state, change, at) {
        Some(_) => plan(&state.effective(at), &for_good(change))?,
        None => plan(state, change)?,
    };
    Ok(with_ended_emergencies(state, change, objects))
}

/// Whether `change` says nothing about the future that can only be known afterwards.
fn check_times(change: &Change, at: UnixTime) -> Result<(), LedgerError> {
    match change {
        Change::Revoked { revocation, .. } => revocation.check().and_then(|()| revocation.check_since(at)),
        _ => Ok(()),
    }
}

/// What stops an emergency change leaves nothing of it: what nobody has approved never counted for good, and so does not count until
/// some day either.
fn for_good(change: &Change) -> Change {
    match change {
        Change::Revoked { object, revocation } => {
            Change::Revoked { object: object.clone(), revocation: Revocation { invalid_since: None, ..*revocation } }
        }
        other => other.clone(),
    }
}

/// Whether an entry takes trust away and brings none, and needs nobody's approval.
pub(super) fn tightens(state: &TrustState, action: &Action, request: Option<&Id>) -> bool {
    match action {
        Action::Changed(change) => request.is_none() && Effect::of(change, state) == Effect::Tightening,
        Action::EmergencyEnded { .. } | Action::Rejected => true,
        _ => false,
    }
}

/// The emergency change that made the object which `change` takes out of use altogether. To supersede something as of some day says
/// that it counts until then, and of what only an emergency made one person cannot say that.
pub(super) fn stops_emergency(state: &TrustState, change: &Change, at: UnixTime) -> Option<Id> {
    let object = match change {
        Change::Removed(object) => object,
        Change::Revoked { object, revocation } if revocation.cause.taints_the_past() => object,
        _ => return None,
    };
    if object.kind == ObjectKind::Approver {
        return None;
    }
    let unknown = state.record(object).is_none_or(|(_, standing)| standing == Standing::Removed);
    let emergency = state.emergencies(at).find(|emergency| emergency.change.object().as_ref() == Some(object));
    emergency.filter(|_| unknown).map(|emergency| emergency.id.clone())
}

/// Any other change of the same object ends an emergency change of it: it was approved, or somebody took it back. Laid over what
/// came later, it could undo a revocation.
fn with_ended_emergencies(state: &TrustState, change: &Change, mut objects: Vec<Object>) -> Vec<Object> {
    let sequence = state.size();
    let same = |emergency: &&Emergency| {
        same_object(&emergency.change, change) || is_of_distrusted(state, &emergency.change, change)
    };
    let ended = state.unended_emergencies().filter(same).cloned();
    objects.extend(ended.map(|emergency| Object::Emergency(Emergency { ended: Ended::Early(sequence), ..emergency })));
    objects
}

/// Whether `emergency` is about a key that, as far as was approved, belongs to the issuer that `change` distrusts: whoever the
/// emergency says it belongs to.
fn is_of_distrusted(state: &TrustState, emergency: &Change, change: &Change) -> bool {
    let Change::IssuerDistrusted(distrusted) = change else { return false };
    owner(state, emergency) == Some(distrusted)
}

/// The issuer to whom the key that `change` is about belongs before it.
fn owner<'s>(state: &'s TrustState, change: &Change) -> Option<&'s Id> {
    match state.record(&change.object()?)? {
        (Record::Key(key), _) => key.issuer.as_ref(),
        _ => None,
    }
}

/// Whether two changes concern one object, or two with the same certificate or key.
fn same_object(left: &Change, right: &Change) -> bool {
    left.object() == right.object() || material(left).is_some_and(|material_of| Some(material_of) == material(right))
}

fn material(change: &Change) -> Option<(ObjectKind, [u8; 32])> {
    match change {
        Change::Added(record) | Change::Changed(record) => Some((record.kind(), record.material()?)),
        _ => None,
    }
}

fn begin_emergency(
    state: &TrustState,
    entry: &Entry,
    change: &Arc<Change>,
    until: UnixTime,
) -> Result<Vec<Object>, LedgerError> {
    let longest = entry.at.checked_add(EMERGENCY_LIFETIME);
    if until <= entry.at || longest.is_none_or(|longest| until > longest) {
        return Err(LedgerError::DateInvalid { what: "the end of the emergency change", found: until });
    }
    check_instant("the end of the emergency change", until)?;
    let person = &entry.actor.person;
    // Anybody can give a name. Who may hold trust open for a day is known by name at least, and the others know whom to ask.
    if entry.mode == Mode::Quorum && !state.is_approver(person) {
        return Err(LedgerError::NotAuthorized { who: alloc::format!("{person}, who is no approver,") });
    }
    let refused = |why: String| -> Result<LedgerError, LedgerError> {
        Ok(LedgerError::EmergencyRefused { action: change.action(), need: store(state)?.quorum.into(), why })
    };
    // Nobody alone brings back what was revoked, or changes who decides; and what was lost is lost for longer than a day.
    if change.concerns_approvers() {
        return Err(refused("it is about who decides".to_string())?);
    }
    match &**change {
        Change::Reinstated(object) => return Err(refused(alloc::format!("it brings {object} back"))?),
        Change::RollbackAccepted(_) => return Err(refused("what is lost is lost for longer than a day".to_string())?),
        _ => {}
    }
    if Effect::of(change, state) != Effect::Loosening {
        return Err(LedgerError::NotLoosening { action: change.action() });
    }
    if let Some((object, standing)) = taken_out(state, change) {
        return Err(refused(alloc::format!("{object} is {}", standing.name()))?);
    }
    if let Some(object) = change.object().filter(|object| object.kind == ObjectKind::Issuer) {
        let why = "an emergency is for keys and certificates, and does nothing for an issuer";
        return Err(LedgerError::Unsuitable { object, why });
    }
    let before = state.objects_of(ObjectKind::Emergency).find_map(|object| match object {
        Object::Emergency(known) if same_object(&known.change, change) => {
            let over = known.began.checked_add(EMERGENCY_PAUSE);
            over.is_none_or(|over| entry.at < over).then_some((known, over))
        }
        _ => None,
    });
    if let Some((known, over)) = before {
        let over = over.map_or("never".to_string(), |over| alloc::format!("at {over}"));
        let (id, until) = (&known.id, known.until);
        return Err(refused(alloc::format!("emergency {id} was for the same, until {until}; the next may be {over}"))?);
    }
    let live = state.emergencies(entry.at).count();
    if live >= LIVE_EMERGENCIES {
        return Err(refused(alloc::format!("{live} are in force"))?);
    }
    let own = state.emergencies(entry.at).filter(|emergency| emergency.person == *person).count();
    if entry.mode == Mode::Quorum && own >= LIVE_EMERGENCIES_OF_ONE {
        return Err(refused(alloc::format!("{own} of {person} are in force, and one person has no more at a time"))?);
    }
    // A copy of everything only where there is something to lay over it.
    if live == 0 {
        plan(state, change)?
    } else {
        plan(&state.effective(entry.at), change)?
    };
    Ok(Vec::from([Object::Emergency(Emergency {
        id: Id::made(&alloc::format!("e-{}", entry.sequence)),
        began: entry.at,
        change: Arc::clone(change),
        person: entry.actor.person.clone(),
        ended: Ended::ByItself,
        until,
    })]))
}

/// What somebody has decided against of what `change` is about: the object itself, another one with the same certificate or key, or the
/// issuer whom the key belongs to.
fn taken_out(state: &TrustState, change: &Change) -> Option<(ObjectRef, Standing)> {
    let out = |object: ObjectRef| {
        let (_, standing) = state.record(&object)?;
        let is_out = matches!(standing, Standing::Distrusted | Standing::Removed | Standing::Revoked(_));
        is_out.then_some((object, standing))
    };
    let holder = material(change)
        .and_then(|(kind, hash)| state.holder(kind, &hash).map(|holder| ObjectRef::new(kind, holder.clone())));
    let issuer = owner(state, change).map(|issuer| ObjectRef::new(ObjectKind::Issuer, issuer.clone()));
    change.object().into_iter().chain(holder).chain(issuer).find_map(out)
}

fn request(
    state: &TrustState,
    entry: &Entry,
    payload: &[u8],
    signature: Option<&RequestSignature>,
) -> Result<Vec<Object>, LedgerError> {
    let request = ChangeRequest::from_payload(payload)?;
    let store = store(state)?;
    if request.store != store.id {
        return Err(LedgerError::WrongStore { expected: store.id.clone(), found: request.store });
    }
    let id = request.id.clone();
    if let Some(known) = state.request(&id) {
        // Two that were written on the same head have the same id, and only one of them can be first.
        let replayed = known.digest() == &sha256(&[payload]);
        return Err(if replayed { LedgerError::Replayed { request: id } } else { LedgerError::Stale { request: id } });
    }
    if entry.request.as_ref() != Some(&id) || entry.reason != request.reason || entry.actor.person != request.requester
    {
        return Err(LedgerError::OutOfPlace { what: "it says other things than its request" });
    }
    // The id is where the request was made, so that nobody takes that of the next one, or one that looks like another.
    if request.id != ChangeRequest::id_at(request.base.size) {
        return Err(LedgerError::OutOfPlace { what: "its request does not have the id of its place" });
    }
    check_lifetime(entry.at, &request)?;
    check_room(state, entry.at, payload.len())?;
    check_times(&request.change, entry.at)?;
    // Whoever asks must know the store as it is.
    let target = plan(state, &request.change)?;
    let target = target.first().map(Object::to_canonical_json).unwrap_or_default();
    let seen = (request.base.size, request.before, request.target.as_str());
    if seen != (state.size(), before(state, &request.change), target.as_str()) {
        return Err(LedgerError::Stale { request: id });
    }
    let requester = request.requester.clone();
    let open = OpenRequest::new(request, payload.to_vec());
    let open = match signature {
        // In the name of an approver only the approver asks: the others would take it for their wish.
        None if state.is_approver(&requester) => {
            return Err(LedgerError::NotAuthorized { who: alloc::format!("{requester} without a signature") });
        }
        None => open,
        Some(signature) => {
            let approver = approver_of(state, &open, signature)?;
            if approver.person != requester || entry.actor.key != Some(signature.key) {
                return Err(LedgerError::NotAuthorized { who: alloc::format!("the key of {}", approver.person) });
            }
            open.with_vote(Vote { key: signature.key, person: requester })
        }
    };
    Ok(Vec::from([Object::Request(open)]))
}

fn check_lifetime(at: UnixTime, request: &ChangeRequest) -> Result<(), LedgerError> {
    check_instant("the end of the request", request.expires)?;
    let longest = request.created.checked_add(REQUEST_MAX_LIFETIME);
    if request.created > at {
        return Err(LedgerError::DateInvalid { what: "the time of the request", found: request.created });
    }
    if request.expires <= request.created || longest.is_none_or(|longest| request.expires > longest) {
        return Err(LedgerError::DateInvalid { what: "the end of the request", found: request.expires });
    }
    if at >= request.expires {
        return Err(LedgerError::Expired { request: request.id.clone(), expires: request.expires });
    }
    Ok(())
}

/// All requests that wait are in memory wherever the store is read.
fn check_room(state: &TrustState, at: UnixTime, more: usize) -> Result<(), LedgerError> {
    let over: usize = state.overdue(at).filter_map(|request| Some(request.payload()?.len())).sum();
    let found = state.waiting_bytes().saturating_sub(over).saturating_add(more);
    if found > WAITING_BYTES {
        let what = "the content of all requests that wait";
        return Err(StoreError::TooLarge { what, found, limit: WAITING_BYTES }.into());
    }
    Ok(())
}

fn approve(state: &TrustState, entry: &Entry, signature: &RequestSignature) -> Result<Vec<Object>, LedgerError> {
    let (open, request) = open_request(state, entry)?;
    let approver = approver_of(state, open, signature)?;
    if (entry.actor.key, &entry.actor.person) != (Some(signature.key), &approver.person) {
        return Err(LedgerError::OutOfPlace { what: "its actor is not the signer" });
    }
    if approver.person == request.requester {
        return Err(LedgerError::SelfApproval { person: approver.person });
    }
    if open.votes().iter().any(|vote| vote.person == approver.person) {
        return Err(LedgerError::NotDistinct { person: approver.person });
    }
    if before(state, &request.change) != request.before {
        return Err(LedgerError::Stale { request: open.id().clone() });
    }
    let vote = Vote { key: signature.key, person: approver.person };
    Ok(Vec::from([Object::Request(open.clone().with_vote(vote))]))
}

fn reject(state: &TrustState, entry: &Entry) -> Result<Vec<Object>, LedgerError> {
    let (open, request) = open_request(state, entry)?;
    let person: &Person = &entry.actor.person;
    if *person != request.requester && !state.is_approver(person) {
        return Err(LedgerError::NotAuthorized { who: person.to_string() });
    }
    Ok(Vec::from([Object::Request(open.clone().decided(Decision::Rejected(entry.sequence)))]))
}

fn execute(state: &TrustState, entry: &Entry, change: &Change, id: &Id) -> Result<Vec<Object>, LedgerError> {
    let (open, request) = open_request(state, entry)?;
    if *change != *request.change {
        return Err(LedgerError::OtherContent { request: id.clone() });
    }
    // All of it again, at the moment of applying.
    if before(state, change) != request.before {
        return Err(LedgerError::Stale { request: id.clone() });
    }
    let tally = Tally::of(state, open, request)?;
    if tally.missing() > 0 {
        return Err(if tally.withdrawn >= tally.missing() {
            LedgerError::NotAuthorized { who: alloc::format!("{} of those who signed {id}", tally.withdrawn) }
        } else {
            LedgerError::ApprovalRequired { action: change.action(), have: tally.have, need: tally.need }
        });
    }
    let mut objects = with_ended_emergencies(state, change, plan(state, change)?);
    objects.push(Object::Request(open.clone().decided(Decision::Executed(entry.sequence))));
    Ok(objects)
}

/// The request that an entry is about, if it is still open.
fn open_request<'s>(state: &'s TrustState, entry: &Entry) -> Result<(&'s OpenRequest, &'s ChangeRequest), LedgerError> {
    let Some(id) = &entry.request else {
        return Err(LedgerError::OutOfPlace { what: "it names no request" });
    };
    let open = state.request(id).ok_or_else(|| LedgerError::NotFound { what: alloc::format!("request {id}") })?;
    let Some(request) = open.request() else { return Err(open.is_closed()) };
    if entry.at >= open.expires() {
        return Err(LedgerError::Expired { request: id.clone(), expires: open.expires() });
    }
    Ok((open, request))
}

/// The approver whose key signed: one of those who count now, or who would count after the change.
pub(super) fn approver_of(
    state: &TrustState,
    open: &OpenRequest,
    signature: &RequestSignature,
) -> Result<ApproverRecord, LedgerError> {
    let fits = |approver: &ApproverRecord| sha256(&[&approver.key]) == signature.key;
    if let Some(approver) = state.approvers().find(|approver| fits(approver)) {
        return Ok(approver.clone());
    }
    let change = open.request().map(|request| &request.change).filter(|change| change.concerns_approvers());
    let then = match change {
        Some(change) => approvers_after(state, &plan(state, change)?),
        None => Vec::new(),
    };
    let key = || alloc::format!("the key sha256:{}", stella_vocabulary::hex::encode(&signature.key));
    then.into_iter().find(fits).ok_or_else(|| LedgerError::NotAuthorized { who: key() })
}

fn stage(state: &TrustState, staged: &StagedKeys) -> Result<Vec<Object>, LedgerError> {
    check_text("a URL", &staged.url)?;
    let issuer = ObjectRef::new(ObjectKind::Issuer, staged.issuer.clone());
    if state.record(&issuer).is_none() {
        return Err(LedgerError::NotFound { what: issuer.to_string() });
    }
    if staged.keys.is_empty() || staged.keys.len() > STAGED_KEYS {
        return Err(LedgerError::TextInvalid { what: "no key at all, or a list of keys this long" });
    }
    Ok(Vec::from([Object::Staged(staged.clone())]))
}

fn discard(state: &TrustState, issuer: &Id) -> Result<Vec<Object>, LedgerError> {
    let object = ObjectRef::new(ObjectKind::Staged, issuer.clone());
    match state.object(&object) {
        Some(Object::Staged(staged)) if !staged.keys.is_empty() => {
            Ok(Vec::from([Object::Staged(StagedKeys { keys: Vec::new(), ..staged.clone() })]))
        }
        _ => Err(LedgerError::NotFound { what: object.to_string() }),
    }
}
