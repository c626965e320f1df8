//! Whether certificates and keys can be relied on, looked at once: when they are added.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_crypto_providers::PublicKey;
use stella_vocabulary::UnixTime;

use super::change::Change;
use super::error::LedgerError;
use super::object::{Object, ObjectKind, Record, Standing};
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
            Some(certificate.spki_der().to_vec())
        }
        Record::Approver(approver) => Some(read_key(&approver.key)?),
        Record::Intermediate(intermediate) => {
            let certificate = read_certificate(&intermediate.certificate)?;
            let entry = alloc::format!("intermediate {} \"{}\"", intermediate.id, certificate.subject());
            check_authority(&certificate).map_err(|flaw| TrustError::IntermediateInvalid { entry, flaw })?;
            Some(certificate.spki_der().to_vec())
        }
        Record::Issuer(_) => None,
        Record::Key(key) => Some(read_key(&key.key)?),
        Record::TrustedRoot(root) => {
            TrustedRoot::from_json(&root.document)?;
            None
        }
    };
    match key.and_then(|key| compromised(state, &key)) {
        Some(existing) => Err(LedgerError::DuplicateKey { object: record.object(), existing }),
        None => Ok(()),
    }
}

/// Looks at fetched keys: each must be one that could be used.
pub(super) fn check_staged(keys: &[Vec<u8>]) -> Result<(), LedgerError> {
    keys.iter().try_for_each(|key| read_key(key).map(|_| ()))
}

fn read_certificate(der: &[u8]) -> Result<Certificate, LedgerError> {
    Certificate::from_der(der).map_err(|error| TrustError::Certificate { entry: None, error }.into())
}

/// Reads a key that must be written in its canonical form, since its hash is its name.
fn read_key(der: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let key = PublicKey::from_spki_der(der).map_err(|error| TrustError::Key { entry: None, error })?;
    if key.spki_der() == der { Ok(der.to_vec()) } else { Err(LedgerError::NotCanonical) }
}

/// The object that has the public key `spki` and was revoked for good: a new certificate does not wash a stolen key.
fn compromised(state: &TrustState, spki: &[u8]) -> Option<String> {
    let kinds = [ObjectKind::Anchor, ObjectKind::Approver, ObjectKind::Intermediate, ObjectKind::Key];
    let revoked = kinds.into_iter().flat_map(|kind| state.objects_of(kind)).filter_map(|object| match object {
        Object::Recorded(record, Standing::Revoked(revocation)) if revocation.cause.taints_the_past() => Some(record),
        _ => None,
    });
    let same = |record: &&Record| match record {
        Record::Anchor(anchor) => has_key(&anchor.certificate, spki),
        Record::Approver(approver) => approver.key == spki,
        Record::Intermediate(intermediate) => has_key(&intermediate.certificate, spki),
        Record::Key(key) => key.key == spki,
        _ => false,
    };
    revoked.into_iter().find(same).map(|record| record.object().to_string())
}

fn has_key(der: &[u8], spki: &[u8]) -> bool {
    Certificate::from_der(der).is_ok_and(|certificate| certificate.spki_der() == spki)
}
