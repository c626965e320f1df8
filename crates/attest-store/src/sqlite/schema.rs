//! The tables, and how they came to be.
//!
//! Rows are packed records with a checksum beside them; what is searched for stands in columns as well, which are compared with the record.

use rusqlite::Connection;

use super::fault::Fault;
use crate::error::StoreError;

/// Each brings the tables from the version that is its index to the next.
const MIGRATIONS: &[&str] = &[FIRST, SECOND];

/// The version that this program reads and writes.
pub(super) const VERSION: u64 = MIGRATIONS.len() as u64;

/// `stel`: tells our databases from others.
const APPLICATION: i64 = 0x7374_656c;

const FIRST: &str = "
CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    head BLOB NOT NULL,
    head_sum BLOB NOT NULL,
    journal BLOB NOT NULL,
    journal_sum BLOB NOT NULL
) STRICT;
CREATE TABLE arrival (sequence INTEGER PRIMARY KEY, record BLOB NOT NULL, sum BLOB NOT NULL) STRICT;

-- What arrivals and links are found by: the kind of a thing, the first eight bytes of its hash, and the number of what it leads to.
CREATE TABLE found (
    kind INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (kind, mark, sequence)
) STRICT, WITHOUT ROWID;

-- How many entries a part of a table has, and the sum of their hashes.
CREATE TABLE block (
    kind INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    earliest INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    fits INTEGER NOT NULL,
    PRIMARY KEY (kind, mark, number)
) STRICT, WITHOUT ROWID;

-- The latest of each attestation, by the arrival that was judged.
CREATE TABLE report (arrival INTEGER PRIMARY KEY, record BLOB NOT NULL, sum BLOB NOT NULL) STRICT;
CREATE TABLE link (number INTEGER PRIMARY KEY, record BLOB NOT NULL, sum BLOB NOT NULL) STRICT;
CREATE TABLE event (sequence INTEGER PRIMARY KEY, record BLOB NOT NULL, sum BLOB NOT NULL) STRICT;
CREATE TABLE remembered (mark BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE run (id BLOB PRIMARY KEY, plan BLOB NOT NULL, planned INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE share (
    run BLOB NOT NULL,
    number INTEGER NOT NULL,
    arrivals BLOB NOT NULL,
    worker BLOB,
    until INTEGER,
    outcome BLOB,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE operation (id BLOB PRIMARY KEY, answer BLOB NOT NULL, made INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX operation_made ON operation (made);
";

/// Runs and answers get checksums, and runs the time of their start, after which they are forgotten. Those of before are dropped: a run can be
/// started again, and nobody asks for an answer across an upgrade.
const SECOND: &str = "
DROP TABLE share;
DROP TABLE run;
DELETE FROM operation;
CREATE TABLE run (
    id BLOB PRIMARY KEY,
    record BLOB NOT NULL,
    sum BLOB NOT NULL,
    started INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE share (
    run BLOB NOT NULL,
    number INTEGER NOT NULL,
    record BLOB NOT NULL,
    sum BLOB NOT NULL,
    worker BLOB,
    until INTEGER,
    outcome BLOB,
    outcome_sum BLOB,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX share_open ON share (run, number) WHERE outcome IS NULL;
";

/// Makes the tables in an empty database.
pub(super) fn make(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_update(None, "page_size", 8192)?;
    // Stays with the file.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    migrate(connection, 0)
}

/// Says how this connection is to work.
pub(super) fn settle(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // KiB, so 64 MiB.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The version of the tables.
///
/// # Errors
/// [`StoreError::Corrupt`] if it is no database of ours; [`StoreError::SchemaTooNew`].
pub(super) fn version(connection: &Connection, place: &str) -> Result<u64, Fault> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = u64::try_from(number("user_version")?).unwrap_or(0);
    if number("application_id")? != APPLICATION || found == 0 {
        let what = "it is empty, or the database of something else".to_owned();
        return Err(StoreError::Corrupt { place: place.to_owned(), what }.into());
    }
    if found > VERSION {
        return Err(StoreError::SchemaTooNew { place: place.to_owned(), found, supported: VERSION }.into());
    }
    Ok(found)
}

/// Brings the tables from version `from` to ours, all or nothing.
pub(super) fn migrate(connection: &Connection, from: u64) -> Result<(), Fault> {
    let from = usize::try_from(from).unwrap_or(MIGRATIONS.len());
    let mut steps = String::from("BEGIN IMMEDIATE;");
    MIGRATIONS.iter().skip(from).for_each(|step| steps.push_str(step));
    steps.push_str(&format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"));
    Ok(connection.execute_batch(&steps)?)
}
