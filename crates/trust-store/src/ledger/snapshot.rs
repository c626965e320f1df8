//! From the state to what a verification relies on.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_chain_verify::{Anchor, Certificate};
use stella_crypto_providers::{KeyId, PublicKey};
use stella_vocabulary::UnixTime;

use super::change::Change;
use super::id::Id;
use super::object::{Emergency, Object, ObjectKind, ObjectRef, Record, StagedKeys, Standing};
use super::record::{AnchorRecord, IntermediateRecord, IssuerRecord, KeyRecord, TrustedRootRecord, sha256};
use super::revocation::Revocation;
use super::state::TrustState;
use crate::builder::Assembly;
use crate::key_entry::limited;
use crate::{
    AnchorEntry, AsideAnchor, AsideKey, Block, IssuerEntry, IssuerStanding, KeyEntry, SnapshotOrigin, TrustError,
    TrustSnapshot, TrustedRoot, WhyAside,
};

/// A longer `SubjectPublicKeyInfo` than any of an elliptic curve in use. The id of an RSA key is not always the hash of what is stored, so those
/// are read at once.
const LONGEST_CURVE_SPKI: usize = 160;

/// The emergency changes in force, by what they change.
type Haste = BTreeMap<ObjectRef, Arc<Emergency>>;

impl TrustState {
    /// What counts at an instant, as a snapshot: emergency changes in force are in it.
    ///
    /// What was superseded or has ceased is in it with its revocation, by which a verification decides what of it still counts
    /// ([`judge`](super::judge), catalogue section 9 "Time"). What counts for nothing, because it was removed or compromised, is only
    /// staged or asked for, or belongs to an issuer that is not trusted, is set aside, so that a refusal can say why; and the keys of
    /// all revoked certificates and keys are blocked wherever they stand in a path.
    ///
    /// # Errors
    /// [`TrustError`] for an object that cannot be relied on: nothing is passed over. Material is looked at before it is logged,
    /// so this means that a newer version of this library has become stricter. Keys are read when they are used.
    pub fn snapshot(&self, at: UnixTime) -> Result<TrustSnapshot, TrustError> {
        if self.emergencies(at).next().is_none() {
            return self.to_snapshot(&Haste::new());
        }
        let effective = self.effective(at);
        // What an emergency is about and left as it is needs no emergency.
        let haste = self.emergencies(at).filter_map(|emergency| {
            let object = emergency.change.object()?;
            let differs = self.object(&object) != effective.object(&object);
            differs.then(|| (object, Arc::new(emergency.clone())))
        });
        effective.to_snapshot(&haste.collect())
    }

    fn to_snapshot(&self, haste: &Haste) -> Result<TrustSnapshot, TrustError> {
        let mut assembly = Assembly::new();
        let kinds = [
            ObjectKind::Anchor,
            ObjectKind::Intermediate,
            ObjectKind::Key,
            ObjectKind::TrustedRoot,
            ObjectKind::Issuer,
            // What is set aside comes last: what counts is known by then.
            ObjectKind::Staged,
            ObjectKind::Request,
        ];
        assembly.expect_keys(self.objects_of(ObjectKind::Key).count());
        let mut aside = Vec::new();
        for object in kinds.into_iter().flat_map(|kind| self.objects_of(kind)) {
            match object {
                Object::Recorded(record, standing) => self.take(&mut assembly, &mut aside, record, *standing, haste)?,
                Object::Staged(staged) => aside.extend(staged_keys(staged)),
                Object::Request(open) => {
                    aside.extend(open.request().and_then(|request| requested_key(&request.id, &request.change)));
                }
                _ => {}
            }
        }
        for key in aside {
            assembly.add_aside_key(key);
        }
        let snapshot = assembly.finish()?;
        Ok(match self.store() {
            Some(store) => snapshot.with_origin(SnapshotOrigin::new(store.id.clone(), self.size())),
            None => snapshot,
        })
    }

    fn take(
        &self,
        assembly: &mut Assembly,
        aside: &mut Vec<AsideKey>,
        record: &Record,
        standing: Standing,
        haste: &Haste,
    ) -> Result<(), TrustError> {
        // A store has a hundred thousand keys, and seldom an emergency.
        let emergency = if haste.is_empty() { None } else { haste.get(&record.object()).cloned() };
        match record {
            Record::Anchor(record) => take_anchor(assembly, record, standing, emergency),
            Record::Intermediate(record) => take_intermediate(assembly, record, standing),
            Record::Issuer(record) => {
                assembly.add_issuer(issuer_entry(record, standing));
                Ok(())
            }
            Record::Key(record) => self.take_key(assembly, aside, record, standing, emergency),
            Record::TrustedRoot(record) => take_trusted_root(assembly, record, standing, emergency),
            Record::Approver(_) => Ok(()),
        }
    }

    fn take_key(
        &self,
        assembly: &mut Assembly,
        aside: &mut Vec<AsideKey>,
        record: &KeyRecord,
        standing: Standing,
        emergency: Option<Arc<Emergency>>,
    ) -> Result<(), TrustError> {
        let mut entry = key_entry(record, standing.revocation()).map_err(|error| TrustError::Key {
            entry: Some(Record::Key(record.clone()).object().to_string()),
            error,
        })?;
        entry.emergency = emergency;
        if let Some(revocation) = standing.revocation() {
            let object = ObjectRef::new(ObjectKind::Key, record.id.clone());
            assembly.add_block(Block::new(entry.key_id(), object, revocation));
        }
        let why = match standing {
            Standing::Revoked(revocation) if revocation.cause.taints_the_past() => WhyAside::Revoked,
            Standing::Active | Standing::Revoked(_) if record.issuer.as_ref().is_none_or(|id| self.trusts(id)) => {
                assembly.add_key_of_store(entry);
                return Ok(());
            }
            Standing::Active | Standing::Revoked(_) => WhyAside::IssuerNotTrusted,
            _ => WhyAside::Removed,
        };
        aside.push(AsideKey::new(entry, why));
        Ok(())
    }

    fn trusts(&self, issuer: &Id) -> bool {
        let issuer = ObjectRef::new(ObjectKind::Issuer, issuer.clone());
        self.record(&issuer).is_some_and(|(_, standing)| standing == Standing::Active)
    }
}

impl Standing {
    fn revocation(self) -> Option<Revocation> {
        match self {
            Self::Revoked(revocation) => Some(revocation),
            _ => None,
        }
    }
}

fn take_anchor(
    assembly: &mut Assembly,
    record: &AnchorRecord,
    standing: Standing,
    emergency: Option<Arc<Emergency>>,
) -> Result<(), TrustError> {
    let object = || ObjectRef::new(ObjectKind::Anchor, record.id.clone());
    let certificate = certificate(&record.certificate, object)?;
    let revocation = standing.revocation();
    block(assembly, &certificate, object, revocation);
    let label = record.terms.label.clone().unwrap_or_else(|| record.id.to_string());
    let entry = AnchorEntry {
        anchor: Anchor::new(certificate).with_window(record.terms.window).with_label(label),
        store_id: Some(record.id.clone()),
        scope: limited(record.terms.scope.clone()),
        revocation,
        emergency,
    };
    match standing {
        Standing::Active => return assembly.add_anchor(entry),
        Standing::Revoked(revocation) if !revocation.cause.taints_the_past() => return assembly.add_anchor(entry),
        Standing::Revoked(_) => assembly.add_aside_anchor(AsideAnchor::new(entry, WhyAside::Revoked)),
        _ => assembly.add_aside_anchor(AsideAnchor::new(entry, WhyAside::Removed)),
    }
    Ok(())
}

fn take_intermediate(
    assembly: &mut Assembly,
    record: &IntermediateRecord,
    standing: Standing,
) -> Result<(), TrustError> {
    let object = || ObjectRef::new(ObjectKind::Intermediate, record.id.clone());
    let certificate = certificate(&record.certificate, object)?;
    block(assembly, &certificate, object, standing.revocation());
    // One that was revoked is blocked, and what of it still counts does so wherever the certificate comes from.
    match standing {
        Standing::Active | Standing::Revoked(_) => assembly.add_intermediate(certificate),
        _ => Ok(()),
    }
}

fn take_trusted_root(
    assembly: &mut Assembly,
    record: &TrustedRootRecord,
    standing: Standing,
    emergency: Option<Arc<Emergency>>,
) -> Result<(), TrustError> {
    // Only certificates and keys are revoked.
    if standing != Standing::Active {
        return Ok(());
    }
    let mut root = TrustedRoot::from_json(&record.document)?.with_store_id(&record.id);
    if emergency.is_some() {
        let anchors = root.domain.authorities.iter_mut().flat_map(|authority| &mut authority.anchors);
        anchors.for_each(|anchor| anchor.emergency.clone_from(&emergency));
    }
    assembly.add_trusted_root(match &record.label {
        Some(label) => root.with_label(label.clone()),
        None => root,
    });
    Ok(())
}

fn certificate(der: &[u8], object: impl Fn() -> ObjectRef) -> Result<Certificate, TrustError> {
    Certificate::from_der(der).map_err(|error| TrustError::Certificate { entry: Some(object().to_string()), error })
}

fn block(
    assembly: &mut Assembly,
    certificate: &Certificate,
    object: impl Fn() -> ObjectRef,
    revocation: Option<Revocation>,
) {
    // A certificate whose key cannot be read is in no path.
    if let (Some(revocation), Ok(key)) = (revocation, certificate.public_key()) {
        assembly.add_block(Block::new(key.key_id(), object(), revocation));
    }
}

fn issuer_entry(record: &IssuerRecord, standing: Standing) -> IssuerEntry {
    IssuerEntry {
        id: record.id.clone(),
        name: record.name.clone(),
        tier: record.tier,
        weight: record.weight,
        identities: record.identities.clone(),
        scope: record.terms.scope.clone(),
        window: record.terms.window,
        standing: match standing {
            Standing::Active => IssuerStanding::Trusted,
            Standing::Pending => IssuerStanding::Pending,
            _ => IssuerStanding::Distrusted,
        },
    }
}

fn key_entry(
    record: &KeyRecord,
    revocation: Option<Revocation>,
) -> Result<KeyEntry, stella_crypto_providers::KeyError> {
    Ok(KeyEntry {
        label: record.terms.label.clone(),
        hint: record.hint.clone(),
        window: record.terms.window,
        encoding: record.encoding,
        store_id: Some(record.id.clone()),
        issuer: record.issuer.clone(),
        scope: if record.terms.scope.is_unlimited() { None } else { Some(Arc::new(record.terms.scope.clone())) },
        revocation,
        ..read_later(&record.key)?
    })
}

fn read_later(spki: &[u8]) -> Result<KeyEntry, stella_crypto_providers::KeyError> {
    if spki.len() > LONGEST_CURVE_SPKI {
        return PublicKey::from_spki_der(spki).map(KeyEntry::new);
    }
    Ok(KeyEntry::unread(spki.to_vec(), KeyId::from_bytes(sha256(&[spki]))))
}

fn staged_keys(staged: &StagedKeys) -> impl Iterator<Item = AsideKey> + '_ {
    let entries = staged.keys.iter().filter_map(|spki| read_later(spki).ok());
    entries.map(|entry| AsideKey::new(entry.with_issuer(staged.issuer.clone()), WhyAside::Staged))
}

fn requested_key(request: &Id, change: &Change) -> Option<AsideKey> {
    match change {
        Change::Added(Record::Key(record)) => {
            let entry = key_entry(record, None).ok()?;
            Some(AsideKey::new(entry, WhyAside::Requested(request.clone())))
        }
        _ => None,
    }
}
