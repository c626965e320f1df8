//! What arrivals, reports and links are found by.

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};
use stella_attest_model::{AttestationId, Digest};

use super::blocks::{self, Changes, NEIGHBOURS, Part, Sums, hash};
use super::fault::Fault;
use crate::facts::Facts;

/// The id of an attestation leads to its arrivals.
pub(super) const ATTESTATION: i64 = 1;
/// The digest of a subject likewise.
pub(super) const SUBJECT: i64 = 2;
/// An attestation leads to the links that it is in.
pub(super) const LINK: i64 = 3;
/// The id of a key, or a hint, leads to arrivals.
pub(super) const KEY: i64 = 4;
/// Likewise.
pub(super) const PREDICATE_TYPE: i64 = 5;
/// Likewise.
pub(super) const IDENTITY: i64 = 6;
/// Likewise.
pub(super) const ISSUER: i64 = 7;
/// What an outcome depended on leads to the arrivals that were judged.
pub(super) const DEPENDENCY: i64 = 8;

/// An entry: kind, mark, and what it leads to.
pub(super) type Entry = (i64, i64, i64);

/// The first eight bytes of an id, so that marks have the order of ids.
pub(super) fn attestation_mark(id: &AttestationId) -> i64 {
    start(id.as_bytes())
}

/// The lowest and the highest mark of ids that begin with these hex digits, of which there are at least eight.
pub(super) fn prefix_marks(digits: &str) -> (i64, i64) {
    let (mut low, mut high, mut count) = (0_u64, 0_u64, 0);
    for digit in digits.chars().take(16).filter_map(|digit| digit.to_digit(16)) {
        low = low << 4 | u64::from(digit);
        high = high << 4 | u64::from(digit);
        count += 1;
    }
    for _ in count..16 {
        low <<= 4;
        high = high << 4 | 0xf;
    }
    (ordered(low), ordered(high))
}

pub(super) fn subject_mark(digest: &Digest) -> i64 {
    hashed(&[digest.algorithm().name().as_bytes(), digest.as_bytes()])
}

pub(super) fn text_mark(text: &str) -> i64 {
    hashed(&[text.as_bytes()])
}

fn hashed(parts: &[&[u8]]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    start(&hash.finalize().into())
}

fn start(bytes: &[u8; 32]) -> i64 {
    ordered(bytes.first_chunk().map_or(0, |start| u64::from_be_bytes(*start)))
}

/// With the order of unsigned numbers.
const fn ordered(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

/// Everything that an arrival is found by.
pub(super) fn entries(facts: &Facts, sequence: i64, into: &mut Vec<Entry>) {
    into.push((ATTESTATION, attestation_mark(&facts.attestation), sequence));
    into.extend(facts.subjects.iter().map(|digest| (SUBJECT, subject_mark(digest), sequence)));
    let key = facts.key.as_ref().map(ToString::to_string);
    let mut keys: Vec<i64> = key.iter().chain(&facts.key_hints).map(|key| text_mark(key)).collect();
    keys.sort_unstable();
    keys.dedup();
    into.extend(keys.into_iter().map(|mark| (KEY, mark, sequence)));
    for (kind, text) in [(PREDICATE_TYPE, &facts.predicate_type), (IDENTITY, &facts.identity), (ISSUER, &facts.issuer)]
    {
        into.extend(text.iter().map(|text| (kind, text_mark(text), sequence)));
    }
}

/// Whether the marks of a kind are spread evenly, so that its parts are those of the marks.
const fn is_spread(kind: i64) -> bool {
    matches!(kind, ATTESTATION | SUBJECT | LINK)
}

/// The part that an entry belongs to.
pub(super) const fn part_of((kind, mark, sequence): Entry) -> Part {
    if is_spread(kind) { (kind, 0, spread(mark)) } else { (kind, mark, sequence >> NEIGHBOURS) }
}

/// The first 16 bits.
const fn spread(mark: i64) -> i64 {
    ((mark.cast_unsigned() ^ (1 << 63)) >> 48).cast_signed()
}

/// Writes entries.
pub(super) fn add(connection: &Connection, mut entries: Vec<Entry>, changes: &mut Changes) -> Result<(), Fault> {
    // Neighbours lie on one page.
    entries.sort_unstable();
    entries.dedup();
    let mut statement = connection.prepare_cached("INSERT INTO found (kind, mark, sequence) VALUES (?1, ?2, ?3)")?;
    for entry in entries {
        statement.execute(params![entry.0, entry.1, entry.2])?;
        changes.of(part_of(entry)).add(hash([entry.0, entry.1, entry.2]));
    }
    Ok(())
}

/// Takes entries out.
pub(super) fn remove(connection: &Connection, entries: &[Entry], changes: &mut Changes) -> Result<(), Fault> {
    let mut statement =
        connection.prepare_cached("DELETE FROM found WHERE kind = ?1 AND mark = ?2 AND sequence = ?3")?;
    for entry in entries {
        if statement.execute(params![entry.0, entry.1, entry.2])? == 0 {
            return Err(crate::error::corrupt("found", "an entry is missing").into());
        }
        changes.of(part_of(*entry)).take(hash([entry.0, entry.1, entry.2]));
    }
    Ok(())
}

/// What the marks from `low` to `high` lead to, with their marks, in order. The marks are of a kind that is spread, and of one part.
pub(super) fn between(connection: &Connection, kind: i64, low: i64, high: i64) -> Result<Vec<(i64, i64)>, Fault> {
    let part = (kind, 0, spread(low));
    let first = ordered((spread(low).cast_unsigned()) << 48);
    let last = ordered((spread(low).cast_unsigned()) << 48 | 0xffff_ffff_ffff);
    let mut statement = connection.prepare_cached(
        "SELECT mark, sequence FROM found WHERE kind = ?1 AND mark BETWEEN ?2 AND ?3 ORDER BY mark, sequence",
    )?;
    let mut rows = statement.query(params![kind, first, last])?;
    let (mut sums, mut found) = (Sums::NONE, Vec::new());
    while let Some(row) = rows.next()? {
        let (mark, sequence) = (row.get(0)?, row.get(1)?);
        sums.add(hash([kind, mark, sequence]));
        if (low..=high).contains(&mark) {
            found.push((mark, sequence));
        }
    }
    blocks::compare(connection, part, &sums, "found")?;
    Ok(found)
}

/// What a mark of a kind that is spread leads to, in order.
pub(super) fn led_to(connection: &Connection, kind: i64, mark: i64) -> Result<Vec<i64>, Fault> {
    Ok(between(connection, kind, mark, mark)?.into_iter().map(|(_, sequence)| sequence).collect())
}

/// What a mark of another kind leads to within one part, in order.
pub(super) fn in_part(connection: &Connection, kind: i64, mark: i64, number: i64) -> Result<Vec<i64>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence FROM found WHERE kind = ?1 AND mark = ?2 AND sequence BETWEEN ?3 AND ?4 ORDER BY sequence",
    )?;
    let first = number << NEIGHBOURS;
    let last = first | ((1 << NEIGHBOURS) - 1);
    let (mut sums, mut found) = (Sums::NONE, Vec::new());
    let mut rows = statement.query(params![kind, mark, first, last])?;
    while let Some(row) = rows.next()? {
        let sequence = row.get(0)?;
        sums.add(hash([kind, mark, sequence]));
        found.push(sequence);
    }
    blocks::compare(connection, (kind, mark, number), &sums, "found")?;
    Ok(found)
}

/// Whether there is this entry.
pub(super) fn has(connection: &Connection, entry: Entry) -> Result<bool, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM found WHERE kind = ?1 AND mark = ?2 AND sequence = ?3")?;
    Ok(statement.exists(params![entry.0, entry.1, entry.2])?)
}

/// Every part of the index that has entries or sums.
pub(super) fn parts(connection: &Connection) -> Result<Vec<Part>, Fault> {
    let mut statement = connection.prepare(
        "SELECT DISTINCT kind, mark, number FROM block WHERE kind < ?1 AND number >= 0 UNION \
         SELECT DISTINCT kind, CASE WHEN kind <= ?2 THEN 0 ELSE mark END, \
         CASE WHEN kind <= ?2 THEN ((mark >> 48) + 32768) & 65535 ELSE sequence >> ?3 END FROM found",
    )?;
    let rows = statement
        .query_map(params![blocks::ARRIVED, LINK, NEIGHBOURS], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Holds a part of the index against its sums.
pub(super) fn compare(connection: &Connection, (kind, mark, number): Part) -> Result<(), Fault> {
    if is_spread(kind) {
        let mark = ordered(number.cast_unsigned() << 48);
        between(connection, kind, mark, mark).map(drop)
    } else {
        in_part(connection, kind, mark, number).map(drop)
    }
}
