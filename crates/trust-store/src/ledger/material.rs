//! Whether certificates and keys can be relied on, looked at once: when they are added.

use alloc::string::ToString;

use stella_chain_verify::Certificate;
use stella_crypto_providers::PublicKey;
use stella_transparency::merkle::Hash;
use stella_vocabulary::UnixTime;

use super::change::Change;
use super::error::LedgerError;
use super::object::{Object, ObjectKind, ObjectRef, Record, StagedKeys, Standing};
use super::record::sha256;
use super::state::TrustState;
use crate::soundness::{check_anchor, check_authority};
use crate::{TrustError, TrustedRoot};

/// Looks at the material that `change` brings.
pub(super) fn check(state: &TrustState, change: &Change, at: UnixTime) -> Result<(), LedgerError> {
    let Change::Added(record) = change else { return Ok(()) };
    let key = match record {
        Record::Anchor(anchor) => {
            let certificate = read_certificate(&anchor.certificate)?;
            let entry = alloc::format!("anchor {} \"{}\"", anchor.id, certificate.subject());
            check_anchor(&certificate).map_err(|flaw| TrustError::AuthorityInvalid { entry: entry.clone(), flaw })?;
            if certificate.not_after() < at {
                return Err(LedgerError::AnchorExpired { entry, not_after: certificate.not_after(), at });
            }
            Some(key_id(certificate.spki_der()))
        }
        Record::Approver(approver) => Some(read_key(&approver.key, || record.object())?),
        Record::Intermediate(intermediate) => {
            let certificate = read_certificate(&intermediate.certificate)?;
            let entry = alloc::format!("intermediate {} \"{}\"", intermediate.id, certificate.subject());
            check_authority(&certificate).map_err(|flaw| TrustError::IntermediateInvalid { entry, flaw })?;
            Some(key_id(certificate.spki_der()))
        }
        Record::Issuer(_) => None,
        Record::Key(key) => Some(read_key(&key.key, || record.object())?),
        Record::TrustedRoot(root) => {
            TrustedRoot::from_json(&root.document)?;
            None
        }
    };
    // A new certificate does not wash a stolen key.
    match key.and_then(|key| state.tainted(&key)) {
        Some(existing) => Err(LedgerError::DuplicateKey { object: record.object(), existing: existing.to_string() }),
        None => Ok(()),
    }
}

/// Looks at fetched keys: each must be one that could be used.
pub(super) fn check_staged(staged: &StagedKeys) -> Result<(), LedgerError> {
    let object = || ObjectRef::new(ObjectKind::Staged, staged.issuer.clone());
    staged.keys.iter().try_for_each(|key| read_key(key, object).map(|_| ()))
}

fn read_certificate(der: &[u8]) -> Result<Certificate, LedgerError> {
    Certificate::from_der(der).map_err(|error| TrustError::Certificate { entry: None, error }.into())
}

/// Reads a key that must be written in its canonical form, since that is what its name is made of; gives its id.
fn read_key(der: &[u8], object: impl FnOnce() -> ObjectRef) -> Result<Hash, LedgerError> {
    let key = PublicKey::from_spki_der(der).map_err(|error| TrustError::Key { entry: None, error })?;
    if key.spki_der() == der { Ok(*key.key_id().as_bytes()) } else { Err(LedgerError::KeyForm { object: object() }) }
}

/// The id of a key in any form; of one that cannot be read, and so is no key of anybody, the hash of its bytes.
fn key_id(spki: &[u8]) -> Hash {
    PublicKey::from_spki_der(spki).map_or_else(|_| sha256(&[spki]), |key| *key.key_id().as_bytes())
}

/// The id of the public key of `object`, if it was revoked because others may have used it.
pub(super) fn tainted_key(object: &Object) -> Option<Hash> {
    let Object::Recorded(record, Standing::Revoked(revocation)) = object else { return None };
    if !revocation.cause.taints_the_past() {
        return None;
    }
    let of_certificate = |der: &[u8]| Some(key_id(Certificate::from_der(der).ok()?.spki_der()));
    match record {
        Record::Anchor(anchor) => of_certificate(&anchor.certificate),
        Record::Approver(approver) => Some(key_id(&approver.key)),
        Record::Intermediate(intermediate) => of_certificate(&intermediate.certificate),
        Record::Key(key) => Some(key_id(&key.key)),
        Record::Issuer(_) | Record::TrustedRoot(_) => None,
    }
}
