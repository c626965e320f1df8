//! Remembered signature results. A mark that cannot be found is computed again, so nothing guards against that.

use rusqlite::Connection;

use super::fault::Fault;

pub(super) fn remembered(connection: &Connection, marks: &[[u8; 32]]) -> Result<Vec<bool>, Fault> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM remembered WHERE mark = ?1")?;
    marks.iter().map(|mark| Ok(statement.exists([mark])?)).collect()
}

pub(super) fn remember(connection: &Connection, marks: &[[u8; 32]]) -> Result<(), Fault> {
    let mut sorted = marks.to_vec();
    // Neighbours lie on one page.
    sorted.sort_unstable();
    let mut statement = connection.prepare_cached("INSERT OR IGNORE INTO remembered (mark) VALUES (?1)")?;
    for mark in sorted {
        statement.execute([mark])?;
    }
    Ok(())
}
