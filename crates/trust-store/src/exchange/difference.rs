//! What an export would change.

use alloc::vec::Vec;
use core::fmt;

use stella_chain_verify::Certificate;
use stella_vocabulary::UnixTime;

use super::export::{TrustExport, recorded};
use super::import::known;
use crate::ledger::{
    Authority, Change, Effect, IssuerRecord, KeyRecord, ObjectKind, ObjectRef, Record, Standing, TrustState,
};

/// What of an export differs from a store, and what can be done about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// The changes that bring the store closer, in an order in which they can be made.
    pub changes: Vec<Change>,
    /// What counts here and does not there. Nothing is taken out because of it.
    pub gone: Vec<ObjectRef>,
    /// What is not changed, and why.
    pub kept_back: Vec<KeptBack>,
    /// How many objects are the same on both sides.
    pub same: usize,
}

/// An object that an import does not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBack {
    /// The object, by its name there.
    pub object: ObjectRef,
    /// Why.
    pub reason: KeptBackReason,
}

/// Why an import leaves an object as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptBackReason {
    /// The certificate of the anchor is past its end.
    Expired,
    /// The id means something else here.
    IdTaken,
    /// It never was in use here and is out of use there.
    NotInUse,
    /// It was taken out of use here, and an import does not bring it back.
    OutOfUseHere,
    /// The issuer is not in the store yet; import again when it is.
    WaitsForIssuer,
}

impl fmt::Display for KeptBackReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "its certificate has expired",
            Self::IdTaken => "its id means something else here",
            Self::NotInUse => "it is out of use there and was never in use here",
            Self::OutOfUseHere => "it was taken out of use here, and an import does not bring it back",
            Self::WaitsForIssuer => "its issuer is not here yet; import again once it is",
        })
    }
}

impl TrustExport {
    /// What it would change in `state` at an instant.
    ///
    /// New objects are added, issuers as pending ones; terms that differ are taken over; what was revoked there is revoked here, and a
    /// distrusted issuer distrusted. A key or certificate that is here under another id keeps that id. Nothing is removed, and nothing that was
    /// removed or revoked here comes back.
    #[must_use]
    pub fn difference_from(&self, state: &TrustState, at: UnixTime) -> Difference {
        let mut difference = Difference::default();
        let mut met: Vec<ObjectRef> = Vec::new();
        // Issuers first: their keys name them.
        let (issuers, others): (Vec<_>, Vec<_>) =
            self.objects.iter().partition(|(record, _)| record.kind() == ObjectKind::Issuer);
        for (record, standing) in issuers.into_iter().chain(others) {
            let theirs = record.object();
            match here(state, record) {
                Some(object) => {
                    compare(state, record, *standing, &object, &mut difference);
                    met.push(object);
                }
                None if state.object(&theirs).is_some() => {
                    difference.kept_back.push(KeptBack { object: theirs, reason: KeptBackReason::IdTaken });
                }
                None => add(state, record, *standing, at, &mut difference),
            }
        }
        met.sort_unstable();
        difference.gone = recorded(state)
            .filter(|(_, standing)| *standing == Standing::Active)
            .map(|(record, _)| record.object())
            .filter(|object| met.binary_search(object).is_err())
            .chain(core::mem::take(&mut difference.gone))
            .collect();
        difference.gone.sort_unstable();
        difference
    }
}

/// The object here that is the same thing: by its material, or, for issuers, which have none, by its id.
fn here(state: &TrustState, record: &Record) -> Option<ObjectRef> {
    let theirs = record.object();
    match record.material() {
        None => state.record(&theirs).map(|_| theirs),
        Some(material) => known(state, theirs.kind, &material).or_else(|| {
            let (known, _) = state.record(&theirs)?;
            (known.material() == Some(material)).then_some(theirs)
        }),
    }
}

fn add(state: &TrustState, record: &Record, standing: Standing, at: UnixTime, difference: &mut Difference) {
    let object = record.object();
    let keep = |reason| KeptBack { object: object.clone(), reason };
    // To add it and take it out of use at once would trust it in between.
    let in_use = matches!((record, standing), (_, Standing::Active) | (Record::Issuer(_), Standing::Pending));
    if !in_use {
        difference.kept_back.push(keep(KeptBackReason::NotInUse));
        return;
    }
    if let Record::Anchor(anchor) = record
        && Certificate::from_der(&anchor.certificate).is_ok_and(|certificate| certificate.not_after() < at)
    {
        difference.kept_back.push(keep(KeptBackReason::Expired));
        return;
    }
    let change = Change::Added(record.clone());
    if let Record::Key(KeyRecord { issuer: Some(issuer), .. }) = record {
        let issuer = ObjectRef::new(ObjectKind::Issuer, issuer.clone());
        let comes_first = difference
            .changes
            .iter()
            .any(|change| matches!(change, Change::Added(Record::Issuer(IssuerRecord { id, .. })) if *id == issuer.id));
        // Each request is judged by the store as it is, where the issuer that another one adds is not yet.
        let at_once = comes_first && Authority::needed(&change, state) == Authority::OnePerson;
        if state.record(&issuer).is_none() && !at_once {
            difference.kept_back.push(keep(KeptBackReason::WaitsForIssuer));
            return;
        }
    }
    difference.changes.push(change);
}

fn compare(state: &TrustState, record: &Record, standing: Standing, object: &ObjectRef, difference: &mut Difference) {
    let Some((ours, our_standing)) = state.record(object) else { return };
    let before = difference.changes.len();
    match (standing, our_standing) {
        (Standing::Revoked(revocation), _) if Standing::Revoked(revocation) != our_standing => {
            let change = Change::Revoked { object: object.clone(), revocation };
            // Only what is less trust than now: the own revocation may reach farther.
            if Effect::of(&change, state) == Effect::Tightening {
                difference.changes.push(change);
            } else {
                difference.kept_back.push(KeptBack { object: record.object(), reason: KeptBackReason::OutOfUseHere });
            }
            return;
        }
        (Standing::Removed, Standing::Active) => difference.gone.push(object.clone()),
        (Standing::Distrusted, Standing::Active) => {
            difference.changes.push(Change::IssuerDistrusted(object.id.clone()));
        }
        (Standing::Active, Standing::Pending) => difference.changes.push(Change::IssuerTrusted(object.id.clone())),
        (Standing::Active, Standing::Removed | Standing::Revoked(_) | Standing::Distrusted) => {
            difference.kept_back.push(KeptBack { object: record.object(), reason: KeptBackReason::OutOfUseHere });
            return;
        }
        _ => {}
    }
    let same_name = with_id(record, ours);
    if standing == Standing::Active && same_name != *ours {
        difference.changes.push(Change::Changed(same_name));
    }
    if difference.changes.len() == before {
        difference.same = difference.same.saturating_add(1);
    }
}

/// The record under the id it has here.
fn with_id(record: &Record, ours: &Record) -> Record {
    let id = ours.object().id;
    let mut record = record.clone();
    match &mut record {
        Record::Anchor(anchor) => anchor.id = id,
        Record::Approver(approver) => approver.id = id,
        Record::Intermediate(intermediate) => intermediate.id = id,
        Record::Issuer(issuer) => issuer.id = id,
        Record::Key(key) => key.id = id,
        Record::TrustedRoot(root) => root.id = id,
    }
    record
}
