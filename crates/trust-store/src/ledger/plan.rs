//! What a change does to the objects of a store.

use alloc::string::ToString;
use alloc::vec::Vec;

use stella_crypto_providers::PublicKey;

use super::change::Change;
use super::error::LedgerError;
use super::id::Person;
use super::object::{Mode, Object, ObjectKind, ObjectRef, Record, Standing, StoreRecord};
use super::record::ApproverRecord;
use super::state::TrustState;
use crate::TrustError;

/// The objects that `change` makes of those in `state`, the one it is about first; nothing if the change makes no sense.
pub(super) fn plan(state: &TrustState, change: &Change) -> Result<Vec<Object>, LedgerError> {
    let mut objects = Vec::with_capacity(2);
    match change {
        Change::Added(record) => objects.push(add(state, record)?),
        Change::Changed(record) => objects.push(modify(state, record)?),
        Change::IssuerDistrusted(id) => {
            let object = ObjectRef::new(ObjectKind::Issuer, id.clone());
            objects.push(issuer_standing(state, &object, Standing::Distrusted)?);
        }
        Change::IssuerTrusted(id) => {
            let object = ObjectRef::new(ObjectKind::Issuer, id.clone());
            objects.push(issuer_standing(state, &object, Standing::Active)?);
        }
        // The store itself follows below.
        Change::QuorumChanged(_) => {}
        // The entry is all there is to it.
        Change::RollbackAccepted(_) => objects.push(Object::Store(store(state)?.clone())),
        Change::Reinstated(object) => objects.push(reinstate(state, object)?),
        Change::Removed(object) => objects.push(remove(state, object)?),
        Change::Revoked { object, revocation } => {
            let (record, standing) = found(state, object)?;
            revocation.check()?;
            if !matches!(
                object.kind,
                ObjectKind::Anchor | ObjectKind::Approver | ObjectKind::Intermediate | ObjectKind::Key
            ) {
                return Err(unsuitable(object, "only certificates and keys are revoked"));
            }
            if standing == Standing::Revoked(*revocation) {
                return Err(unsuitable(object, "it is revoked just like that"));
            }
            // Revoking what was given up says nothing about what has its key or certificate now.
            if standing == Standing::Removed {
                check_successor(state, object, record)?;
            }
            objects.push(Object::Recorded(record.clone(), Standing::Revoked(*revocation)));
        }
    }
    if change.concerns_approvers() {
        let store = settle_approvers(state, change, &objects)?;
        if Some(&store) != state.store() {
            objects.push(Object::Store(store));
        }
    }
    if objects.is_empty() {
        return Err(LedgerError::QuorumUnchanged);
    }
    Ok(objects)
}

fn add(state: &TrustState, record: &Record) -> Result<Object, LedgerError> {
    record.check()?;
    let object = record.object();
    if let Some(holder) = record.material().and_then(|material| state.holder(object.kind, &material)) {
        let existing = ObjectRef::new(object.kind, holder.clone());
        if state.record(&existing).is_some_and(|(_, standing)| standing != Standing::Removed) {
            return Err(LedgerError::DuplicateKey { object, existing: existing.to_string() });
        }
    }
    if let Some((known, standing)) = state.record(&object) {
        // What was removed may come back, but an id means one thing for ever.
        if standing != Standing::Removed || !known.has_material_of(record) {
            return Err(LedgerError::IdTaken { object });
        }
    }
    check_issuer(state, record)?;
    if let Record::Approver(approver) = record {
        let others: Vec<_> = state.approvers().cloned().collect();
        check_approver_key(approver, &others, store(state)?)?;
    }
    let standing = if object.kind == ObjectKind::Issuer { Standing::Pending } else { Standing::Active };
    Ok(Object::Recorded(record.clone(), standing))
}

/// A key's issuer must be there; whether it is trusted is another matter.
fn check_issuer(state: &TrustState, record: &Record) -> Result<(), LedgerError> {
    match record {
        Record::Key(key) => match &key.issuer {
            Some(issuer) => found(state, &ObjectRef::new(ObjectKind::Issuer, issuer.clone())).map(|_| ()),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn modify(state: &TrustState, record: &Record) -> Result<Object, LedgerError> {
    record.check()?;
    let object = record.object();
    let (known, standing) = found(state, &object)?;
    if !known.has_material_of(record) || object.kind == ObjectKind::Approver {
        return Err(unsuitable(&object, "its key, certificate or document stays what it is; add another"));
    }
    if known == record {
        return Err(unsuitable(&object, "nothing would change"));
    }
    check_issuer(state, record)?;
    Ok(Object::Recorded(record.clone(), standing))
}

fn issuer_standing(state: &TrustState, object: &ObjectRef, standing: Standing) -> Result<Object, LedgerError> {
    let (record, known) = found(state, object)?;
    if known == standing {
        return Err(unsuitable(object, "nothing would change"));
    }
    Ok(Object::Recorded(record.clone(), standing))
}

fn reinstate(state: &TrustState, object: &ObjectRef) -> Result<Object, LedgerError> {
    let (record, standing) = found(state, object)?;
    if !matches!(standing, Standing::Removed | Standing::Revoked(_)) {
        return Err(unsuitable(object, "it is neither removed nor revoked"));
    }
    check_successor(state, object, record)?;
    Ok(Object::Recorded(record.clone(), Standing::Active))
}

/// Whether the certificate or key of `object`, which does not count, belongs to another object meanwhile.
fn check_successor(state: &TrustState, object: &ObjectRef, record: &Record) -> Result<(), LedgerError> {
    let Some(holder) = record.material().and_then(|material| state.holder(object.kind, &material)) else {
        return Ok(());
    };
    let existing = ObjectRef::new(object.kind, holder.clone());
    let counts = state.record(&existing).is_some_and(|(_, standing)| standing != Standing::Removed);
    if existing != *object && counts {
        return Err(LedgerError::DuplicateKey { object: object.clone(), existing: existing.to_string() });
    }
    Ok(())
}

fn remove(state: &TrustState, object: &ObjectRef) -> Result<Object, LedgerError> {
    let (record, standing) = found(state, object)?;
    match standing {
        // A revocation must not be lost by taking out what was revoked and adding it again.
        Standing::Revoked(_) => Err(unsuitable(object, "it is revoked, which is more")),
        Standing::Removed => Err(unsuitable(object, "it is removed already")),
        _ if object.kind == ObjectKind::Issuer => Err(unsuitable(object, "an issuer is distrusted instead")),
        _ => Ok(Object::Recorded(record.clone(), Standing::Removed)),
    }
}

/// The store after a change of its approvers or quorum.
fn settle_approvers(state: &TrustState, change: &Change, objects: &[Object]) -> Result<StoreRecord, LedgerError> {
    let store = store(state)?;
    let quorum = if let Change::QuorumChanged(quorum) = change { *quorum } else { store.quorum };
    let persons = persons(&approvers_after(state, objects));
    // With a quorum of one there would be no second person. A revocation takes one person, who would otherwise end all decisions of the
    // others for good: whoever is left could not even agree to another approver, who has to be there before.
    let too_many = usize::from(quorum) > persons;
    let weakens = !matches!(change, Change::Added(_) | Change::Reinstated(_));
    if quorum < 2 || (weakens && too_many && store.mode == Mode::Quorum) {
        return Err(LedgerError::QuorumInvalid { quorum, persons });
    }
    // There is no way back to one person deciding.
    let mode = if too_many { store.mode } else { Mode::Quorum };
    Ok(StoreRecord { quorum, mode, ..store.clone() })
}

/// The approvers that count once `objects` are in their places.
pub(super) fn approvers_after(state: &TrustState, objects: &[Object]) -> Vec<ApproverRecord> {
    let replaced = |approver: &&ApproverRecord| {
        let name = ObjectRef::new(ObjectKind::Approver, approver.id.clone());
        objects.iter().any(|object| object.object() == name)
    };
    let kept = state.approvers().filter(|approver| !replaced(approver)).cloned();
    let new = objects.iter().filter_map(|object| match object {
        Object::Recorded(Record::Approver(approver), Standing::Active) => Some(approver.clone()),
        _ => None,
    });
    kept.chain(new).collect()
}

/// Whether the key of `approver` is one, written in its one form, and nobody else's: neither of `others` nor of the store itself, whose
/// key lies where the store is.
pub(super) fn check_approver_key(
    approver: &ApproverRecord,
    others: &[ApproverRecord],
    store: &StoreRecord,
) -> Result<(), LedgerError> {
    let object = || ObjectRef::new(ObjectKind::Approver, approver.id.clone());
    let read = |der: &[u8]| {
        PublicKey::from_spki_der(der).map_err(|error| TrustError::Key { entry: Some(object().to_string()), error })
    };
    let key = read(&approver.key)?;
    if key.spki_der() != approver.key {
        return Err(LedgerError::KeyForm { object: object() });
    }
    let duplicate =
        |existing: ObjectRef| LedgerError::DuplicateKey { object: object(), existing: existing.to_string() };
    if approver.key == store.key {
        return Err(duplicate(ObjectRef::new(ObjectKind::Store, store.id.clone())));
    }
    for other in others {
        // One secret behind two forms of a public key is still one.
        if read(&other.key)?.key_id() == key.key_id() {
            return Err(duplicate(ObjectRef::new(ObjectKind::Approver, other.id.clone())));
        }
    }
    Ok(())
}

/// How many distinct persons these keys belong to.
pub(super) fn persons(approvers: &[ApproverRecord]) -> usize {
    let distinct: alloc::collections::BTreeSet<&Person> = approvers.iter().map(|approver| &approver.person).collect();
    distinct.len()
}

fn found<'s>(state: &'s TrustState, object: &ObjectRef) -> Result<(&'s Record, Standing), LedgerError> {
    state.record(object).ok_or_else(|| LedgerError::NotFound { what: object.to_string() })
}

pub(super) fn store(state: &TrustState) -> Result<&StoreRecord, LedgerError> {
    state.store().ok_or_else(|| LedgerError::NotFound { what: "the store".to_string() })
}

fn unsuitable(object: &ObjectRef, why: &'static str) -> LedgerError {
    LedgerError::Unsuitable { object: object.clone(), why }
}
