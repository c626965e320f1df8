//! What comes out of a row, whatever is in it.

use stella_attest_model::AttestationId;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::arrival::Arrival;
use crate::error::StoreError;
pub(super) use crate::error::corrupt;
use crate::packed::{Packer, Unpacker};
use crate::records::FORMS;
pub(super) use crate::records::{arrival_sum, record_sum, unpacked};

/// The columns of an arrival, in the order in which [`arrival`] reads them.
pub(super) const ARRIVAL: &str = "a.sequence, a.at, a.attestation, a.document, a.form, a.length, a.first, a.predicate_type, a.identity, a.issuer, a.link, a.sum, \
     (SELECT p.link FROM arrival p WHERE p.sequence = a.sequence - 1)";

/// A value of a row.
pub(super) fn cell<'r, T: FromSql<'r>>(row: &'r Row, column: usize, table: &str) -> Result<T, StoreError> {
    row.try_get(column).map_err(|error| corrupt(table, &format!("column {column}: {error}")))
}

/// A number that is never negative.
pub(super) fn count(row: &Row, column: usize, table: &str) -> Result<u64, StoreError> {
    u64::try_from(cell::<i64>(row, column, table)?).map_err(|_| corrupt(table, "a number below zero"))
}

/// A value of fixed length.
pub(super) fn exact<const N: usize>(row: &Row, column: usize, table: &str) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = cell(row, column, table)?;
    bytes.try_into().map_err(|_| corrupt(table, &format!("column {column} has {} bytes instead of {N}", bytes.len())))
}

/// Text, which is kept as bytes.
pub(super) fn text(row: &Row, column: usize, table: &str) -> Result<Option<String>, StoreError> {
    let bytes: Option<&[u8]> = cell(row, column, table)?;
    let text = bytes.map(|bytes| String::from_utf8(bytes.to_vec())).transpose();
    text.map_err(|_| corrupt(table, &format!("column {column} is no UTF-8")))
}

/// A number as the server takes it.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::TooLarge {
        what: "a number",
        found: usize::MAX,
        limit: usize::MAX / 2,
    })
}

/// An arrival whose checksum and place in the chain are right.
pub(super) fn arrival(row: &Row) -> Result<Arrival, StoreError> {
    const TABLE: &str = "arrival";
    let form: &str = cell(row, 4, TABLE)?;
    let arrival = Arrival {
        sequence: count(row, 0, TABLE)?,
        at: stella_vocabulary::UnixTime::from_seconds(cell(row, 1, TABLE)?),
        attestation: AttestationId::from_bytes(exact(row, 2, TABLE)?),
        document: exact(row, 3, TABLE)?,
        form: FORMS
            .into_iter()
            .find(|known| known.as_str() == form)
            .ok_or_else(|| corrupt(TABLE, "an unknown form"))?,
        length: count(row, 5, TABLE)?,
        first: cell(row, 6, TABLE)?,
        predicate_type: text(row, 7, TABLE)?,
        identity: text(row, 8, TABLE)?,
        issuer: text(row, 9, TABLE)?,
        link: exact(row, 10, TABLE)?,
    };
    if cell::<&[u8]>(row, 11, TABLE)? != arrival_sum(&arrival) {
        return Err(corrupt(TABLE, &format!("arrival {} does not fit its checksum", arrival.sequence)));
    }
    let previous = match (arrival.sequence, cell::<Option<&[u8]>>(row, 12, TABLE)?) {
        (1, None) => Some([0; 32]),
        (_, Some(link)) => link.try_into().ok(),
        (_, None) => None,
    };
    match previous {
        Some(previous) if arrival.continues(&previous) => Ok(arrival),
        Some(_) => Err(corrupt(TABLE, &format!("arrival {} does not continue the one before it", arrival.sequence))),
        None => Err(corrupt(TABLE, &format!("the arrival before arrival {} is missing", arrival.sequence))),
    }
}

pub(super) fn arrivals(rows: &[Row]) -> Result<Vec<Arrival>, StoreError> {
    rows.iter().map(arrival).collect()
}

/// A record that was packed, if its checksum is right.
pub(super) fn record<T>(
    row: &Row,
    (record, sum): (usize, usize),
    table: &str,
    take: impl FnOnce(&mut Unpacker<'_>) -> Option<T>,
) -> Result<T, StoreError> {
    let bytes: &[u8] = cell(row, record, table)?;
    if cell::<&[u8]>(row, sum, table)? != Packer::default().bytes(bytes).sum(table) {
        return Err(corrupt(table, "a row does not fit its checksum"));
    }
    unpacked(bytes, take).ok_or_else(|| corrupt(table, "a row cannot be read"))
}
