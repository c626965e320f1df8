//! Counts and sums of parts of tables, so that what is missing is noticed.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::fault::Fault;
use crate::error::corrupt;

/// Arrivals, in parts of so many neighbours; also reports, and what is found by a text.
pub(super) const NEIGHBOURS: u32 = 12;
/// Likewise events.
pub(super) const EVENTS: u32 = 10;

/// Parts of the table of arrivals.
pub(super) const ARRIVED: i64 = 20;
/// Parts of the table of reports.
pub(super) const REPORTED: i64 = 21;
/// Parts of the journal.
pub(super) const HAPPENED: i64 = 22;

/// The number of the row that has the sums over all parts.
const WHOLE: i64 = -1;

/// Which part: the kind of its table, what its entries share, and which of those parts.
pub(super) type Part = (i64, i64, i64);

/// What a part holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Sums {
    pub(super) count: i64,
    /// Of the hashes of the entries; at most 32 bits each, so that it does not overflow.
    pub(super) sum: i64,
    /// The earliest instant in it, where its entries have any.
    pub(super) earliest: i64,
    /// The latest.
    pub(super) latest: i64,
}

impl Sums {
    pub(super) const NONE: Self = Self { count: 0, sum: 0, earliest: i64::MAX, latest: i64::MIN };

    pub(super) fn add(&mut self, hash: i64) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(hash);
    }

    pub(super) fn add_at(&mut self, hash: i64, at: i64) {
        self.add(hash);
        self.earliest = self.earliest.min(at);
        self.latest = self.latest.max(at);
    }

    pub(super) fn take(&mut self, hash: i64) {
        self.count = self.count.saturating_sub(1);
        self.sum = self.sum.saturating_sub(hash);
    }

    fn join(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        self.earliest = self.earliest.min(other.earliest);
        self.latest = self.latest.max(other.latest);
    }
}

/// 32 bits of a hash. Against accidents, not against people.
pub(super) fn hash(values: [i64; 3]) -> i64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for value in values {
        state ^= value.cast_unsigned();
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    i64::from((state >> 32) as u32)
}

/// What is written beside a row of sums: a bit that changes in it is noticed.
fn check((kind, mark, number): Part, sums: &Sums) -> i64 {
    hash([hash([kind, mark, number]), hash([sums.count, sums.sum, 0]), hash([sums.earliest, sums.latest, 1])])
}

/// Changes of sums, put together before they are written.
#[derive(Default)]
pub(super) struct Changes {
    parts: BTreeMap<Part, Sums>,
}

impl Changes {
    pub(super) fn of(&mut self, part: Part) -> &mut Sums {
        self.parts.entry(part).or_insert(Sums::NONE)
    }

    /// Writes them.
    pub(super) fn apply(&self, connection: &Connection) -> Result<(), Fault> {
        let mut whole: BTreeMap<(i64, i64), Sums> = BTreeMap::new();
        for (part, change) in &self.parts {
            join(connection, *part, change)?;
            whole.entry((part.0, part.1)).or_insert(Sums::NONE).join(change);
        }
        for ((kind, mark), change) in whole {
            join(connection, (kind, mark, WHOLE), &change)?;
        }
        Ok(())
    }
}

fn join(connection: &Connection, part: Part, change: &Sums) -> Result<(), Fault> {
    let mut sums = read(connection, part)?.unwrap_or(Sums::NONE);
    sums.join(change);
    put(connection, part, &sums)
}

/// Puts sums in the place of those before.
pub(super) fn put(connection: &Connection, part: Part, sums: &Sums) -> Result<(), Fault> {
    let (kind, mark, number) = part;
    if sums.count == 0 {
        let mut statement =
            connection.prepare_cached("DELETE FROM block WHERE kind = ?1 AND mark = ?2 AND number = ?3")?;
        statement.execute(params![kind, mark, number])?;
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO block (kind, mark, number, count, sum, earliest, latest, fits) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let fits = check(part, sums);
    statement.execute(params![kind, mark, number, sums.count, sums.sum, sums.earliest, sums.latest, fits])?;
    Ok(())
}

/// The sums of a part; `None` if nothing was ever in it.
pub(super) fn read(connection: &Connection, part: Part) -> Result<Option<Sums>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT count, sum, earliest, latest, fits FROM block WHERE kind = ?1 AND mark = ?2 AND number = ?3",
    )?;
    let row = statement.query_row(params![part.0, part.1, part.2], |row| {
        let sums = Sums { count: row.get(0)?, sum: row.get(1)?, earliest: row.get(2)?, latest: row.get(3)? };
        Ok((sums, row.get::<_, i64>(4)?))
    });
    match row.optional()? {
        None => Ok(None),
        Some((sums, fits)) if fits == check(part, &sums) => Ok(Some(sums)),
        Some(_) => Err(corrupt("block", "a row does not fit its checksum").into()),
    }
}

/// The sums of all parts of a kind, by number, from `from` on.
pub(super) fn all(connection: &Connection, kind: i64, mark: i64, from: i64) -> Result<Vec<(i64, Sums)>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT number, count, sum, earliest, latest, fits FROM block WHERE kind = ?1 AND mark = ?2 AND number >= 0 ORDER BY number",
    )?;
    let rows = statement.query_map(params![kind, mark], |row| {
        let sums = Sums { count: row.get(1)?, sum: row.get(2)?, earliest: row.get(3)?, latest: row.get(4)? };
        Ok((row.get::<_, i64>(0)?, sums, row.get::<_, i64>(5)?))
    })?;
    let mut parts = Vec::new();
    let mut whole = (0_i64, 0_i64);
    for row in rows {
        let (number, sums, fits) = row?;
        if fits != check((kind, mark, number), &sums) {
            return Err(corrupt("block", "a row does not fit its checksum").into());
        }
        whole = (whole.0.saturating_add(sums.count), whole.1.saturating_add(sums.sum));
        if number >= from {
            parts.push((number, sums));
        }
    }
    let expected = read(connection, (kind, mark, WHOLE))?.unwrap_or(Sums::NONE);
    if whole != (expected.count, expected.sum) {
        return Err(corrupt("block", "the parts of a table do not come to the whole").into());
    }
    if whole.0 == 0 && is_there(connection, kind, mark)? {
        return Err(corrupt("block", "a table has entries, and its parts are missing").into());
    }
    Ok(parts)
}

/// Whether there is an entry, whatever is said of the parts: one page that cannot be searched any more hides all rows about a table.
fn is_there(connection: &Connection, kind: i64, mark: i64) -> Result<bool, Fault> {
    let sql = match kind {
        ARRIVED => "SELECT 1 FROM arrival LIMIT 1",
        REPORTED => "SELECT 1 FROM report LIMIT 1",
        HAPPENED => "SELECT 1 FROM event LIMIT 1",
        _ => {
            let mut statement =
                connection.prepare_cached("SELECT 1 FROM found WHERE kind = ?1 AND mark = ?2 LIMIT 1")?;
            return Ok(statement.exists(params![kind, mark])?);
        }
    };
    Ok(connection.prepare_cached(sql)?.exists([])?)
}

/// Compares what was found in a part with its sums.
pub(super) fn compare(connection: &Connection, part: Part, found: &Sums, table: &str) -> Result<(), Fault> {
    let expected = read(connection, part)?.unwrap_or(Sums::NONE);
    match (expected.count, expected.sum) == (found.count, found.sum) {
        true => Ok(()),
        false => Err(corrupt(table, "entries are missing, or there are some that nobody wrote").into()),
    }
}

/// Changes the sums over all parts of a kind.
pub(super) fn change_whole(connection: &Connection, kind: i64, mark: i64, change: &Sums) -> Result<(), Fault> {
    join(connection, (kind, mark, WHOLE), change)
}
