//! Objects and checkpoints of one store as another store reads them.

use alloc::string::String;

use stella_attest_model::json::Value;
use stella_crypto_providers::{Registry, Signer};

use super::checkpoint;
use super::error::LedgerError;
use super::fields::{Fields as _, Parsed};
use super::id::Id;
use super::object::{ObjectKind, Record, Standing};
use super::revocation::Revocation;
use crate::Head;

/// Reads what [`Object::to_canonical_json`](super::Object::to_canonical_json) says of a record.
pub(crate) fn read_recorded(kind: ObjectKind, object: Value<'_, '_>) -> Result<(Record, Standing), LedgerError> {
    let mut fields = Parsed::new(object)?;
    let record = Record::read(kind, &mut fields)?;
    let standing = match fields.text("standing")? {
        "active" => Standing::Active,
        "distrusted" => Standing::Distrusted,
        "pending" => Standing::Pending,
        "removed" => Standing::Removed,
        "revoked" => Standing::Revoked(fields.object("revocation", Revocation::read)?),
        _ => return Err(LedgerError::Unreadable { what: "standing" }),
    };
    record.check()?;
    Ok((record, standing))
}

/// Signs the checkpoint of a head, with an Ed25519 key.
pub(crate) fn sign_checkpoint(store: &Id, head: &Head, signer: &dyn Signer) -> Result<String, LedgerError> {
    checkpoint::sign(store, head, signer)
}

/// Verifies the checkpoint of a store by its key; gives the head that it states.
pub(crate) fn verify_checkpoint(registry: &Registry, store: &Id, key: &[u8], note: &str) -> Result<Head, LedgerError> {
    checkpoint::verify(registry, store, key, note)
}
