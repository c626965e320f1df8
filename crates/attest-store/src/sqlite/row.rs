//! What comes out of a row, whatever is in it.

use rusqlite::{Connection, OptionalExtension as _, Params};
use stella_attest_model::AttestationId;
use stella_vocabulary::UnixTime;

use super::fault::Fault;
use super::segments::Spot;
use crate::arrival::Arrival;
use crate::error::{StoreError, corrupt};
use crate::packed::{Packer, Unpacker};
use crate::records::{FORMS, record_sum, unpacked};

/// A number as SQLite takes it.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::TooLarge {
        what: "a number",
        found: usize::MAX,
        limit: usize::MAX / 2,
    })
}

/// A number that is never negative.
pub(super) fn unsigned(number: i64, table: &str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| corrupt(table, "a number below zero"))
}

/// The record in the first column and its checksum in the second, if there is such a row.
pub(super) fn record<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    table: &str,
    take: impl FnOnce(&mut Unpacker<'_>) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row(values, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)));
    match row.optional()? {
        None => Ok(None),
        Some((record, sum)) => Ok(Some(opened(&record, &sum, table, take)?)),
    }
}

/// What a record holds, if its checksum is right.
pub(super) fn opened<T>(
    record: &[u8],
    sum: &[u8],
    table: &str,
    take: impl FnOnce(&mut Unpacker<'_>) -> Option<T>,
) -> Result<T, StoreError> {
    if sum != record_sum(record, table) {
        return Err(corrupt(table, "a row does not fit its checksum"));
    }
    unpacked(record, take).ok_or_else(|| corrupt(table, "a row cannot be read"))
}

/// An arrival, and where its document lies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Kept {
    pub(super) arrival: Arrival,
    pub(super) spot: Spot,
}

pub(super) fn put_arrival(kept: &Kept) -> Vec<u8> {
    let arrival = &kept.arrival;
    let text = |packer: Packer, text: &String| packer.bytes(text.as_bytes());
    Packer::default()
        .number(arrival.sequence)
        .signed(arrival.at.seconds())
        .bytes(arrival.attestation.as_bytes())
        .bytes(&arrival.document)
        .number(FORMS.iter().position(|form| *form == arrival.form).unwrap_or(FORMS.len()) as u64)
        .number(arrival.length)
        .number(u64::from(arrival.first))
        .option(arrival.predicate_type.as_ref(), text)
        .option(arrival.identity.as_ref(), text)
        .option(arrival.issuer.as_ref(), text)
        .bytes(&arrival.link)
        .number(kept.spot.segment)
        .number(kept.spot.offset)
        .number(kept.spot.length)
        .done()
}

pub(super) fn take_arrival(from: &mut Unpacker<'_>) -> Option<Kept> {
    let exact = |from: &mut Unpacker<'_>| <[u8; 32]>::try_from(from.bytes()?).ok();
    Some(Kept {
        arrival: Arrival {
            sequence: from.number()?,
            at: UnixTime::from_seconds(from.signed()?),
            attestation: AttestationId::from_bytes(exact(from)?),
            document: exact(from)?,
            form: *FORMS.get(usize::try_from(from.number()?).ok()?)?,
            length: from.number()?,
            first: match from.number()? {
                0 => false,
                1 => true,
                _ => return None,
            },
            predicate_type: from.option(Unpacker::text)?,
            identity: from.option(Unpacker::text)?,
            issuer: from.option(Unpacker::text)?,
            link: exact(from)?,
        },
        spot: Spot { segment: from.number()?, offset: from.number()?, length: from.number()? },
    })
}
