//! Sigstore trusted roots as a whole.

use stella_crypto_providers::HashAlgorithm;

use super::error::ExchangeError;
use super::import::{Import, ImportNote, ImportTerms, known};
use super::naming::Names;
use crate::TrustedRoot;
use crate::ledger::{Change, ObjectKind, Record, TrustState, TrustedRootRecord};

/// Reads a `trusted_root.json` and adds it as it is, byte for byte: its windows and logs stay what they are.
///
/// # Errors
/// [`ExchangeError::Trust`]; [`ExchangeError::NotTransferable`] if `terms` set a scope or window, which a trusted root as a whole cannot have.
pub fn trusted_root(input: &[u8], terms: &ImportTerms, state: &TrustState) -> Result<Import, ExchangeError> {
    TrustedRoot::from_json(input)?;
    if terms.window.is_some() || !terms.scope.is_unlimited() {
        return Err(ExchangeError::NotTransferable { what: "a scope or window of a trusted root as a whole" });
    }
    let mut import = Import::default();
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(HashAlgorithm::Sha256.hash(&[input]).as_bytes());
    if let Some(object) = known(state, ObjectKind::TrustedRoot, &sha256) {
        import.notes.push(ImportNote::AlreadyThere { what: "the trusted root".into(), object });
        return Ok(import);
    }
    let id = Names::new(state).give(ObjectKind::TrustedRoot, terms.name.as_ref(), "", &sha256);
    let record = TrustedRootRecord { id, document: input.to_vec(), label: None };
    import.changes.push(Change::Added(Record::TrustedRoot(record)));
    Ok(import)
}
