//! Changes that were made, so that none is made twice when its answer was lost.

use std::sync::Arc;

use super::fault::Fault;
use super::row::{cell, corrupt, unpacked};
use super::wire::Wire;
use crate::error::StoreError;
use crate::packed::{Packer, Unpacker};
use crate::store::OperationId;

/// For how long an answer is kept. Nobody asks again a week later.
const KEPT: &str = "DELETE FROM operation WHERE made < now() - interval '7 days'";

/// A name for a change whose caller gives it none.
pub(super) fn fresh(place: &str) -> Result<OperationId, StoreError> {
    let mut id = [0; 16];
    let random = Arc::new(rustls::crypto::ring::default_provider());
    random.secure_random.fill(&mut id).map_err(|_| StoreError::Io {
        place: place.to_owned(),
        operation: "draw random bytes",
        why: "the operating system gave none".to_owned(),
    })?;
    Ok(OperationId(id))
}

/// Of an answer and the name of the change that it belongs to.
fn checksum(operation: OperationId, answer: &[u8]) -> Vec<u8> {
    Packer::default().bytes(&operation.0).bytes(answer).sum("operation")
}

/// What was answered, if the change was made already.
pub(super) fn answer<T>(
    wire: &mut Wire,
    operation: OperationId,
    take: impl FnOnce(&mut Unpacker<'_>) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let row = wire.query_opt("SELECT answer FROM operation WHERE id = $1", &[&operation.0.as_slice()])?;
    let Some(row) = row else { return Ok(None) };
    let bytes: &[u8] = cell(&row, 0, "operation")?;
    let mut from = Unpacker(bytes);
    let parts = from.bytes().zip(from.bytes());
    let (answer, sum) = parts.ok_or_else(|| corrupt("operation", "an answer cannot be read"))?;
    if sum != checksum(operation, answer) || from.end().is_none() {
        return Err(corrupt("operation", "an answer does not fit its checksum").into());
    }
    match unpacked(answer, take) {
        Some(answer) => Ok(Some(answer)),
        None => Err(corrupt("operation", "an answer cannot be read").into()),
    }
}

/// Notes the answer. Of two that make the same change at once, the second fails here, is rolled back, and then finds the answer.
pub(super) fn note(wire: &mut Wire, operation: OperationId, answer: &[u8]) -> Result<(), Fault> {
    let answer = Packer::default().bytes(answer).bytes(&checksum(operation, answer)).done();
    wire.execute(KEPT, &[])?;
    wire.execute("INSERT INTO operation (id, answer) VALUES ($1, $2)", &[&operation.0.as_slice(), &answer])?;
    Ok(())
}
