//! Remembered signature results.

use std::collections::HashSet;

use super::operation;
use super::row::exact;
use super::session::Session;
use crate::error::StoreError;
use crate::packed::Packer;

pub(super) fn remembered(session: &mut Session, marks: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
    if marks.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<&[u8]> = marks.iter().map(<[u8; 32]>::as_slice).collect();
    session.read(|wire| {
        let rows = wire.query("SELECT mark FROM remembered WHERE mark = ANY($1)", &[&asked])?;
        let known = rows.iter().map(|row| exact(row, 0, "remembered"));
        let known: HashSet<[u8; 32]> = known.collect::<Result<_, StoreError>>()?;
        Ok(marks.iter().map(|mark| known.contains(mark)).collect())
    })
}

pub(super) fn remember(session: &mut Session, marks: &[[u8; 32]]) -> Result<(), StoreError> {
    if marks.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<&[u8]> = marks.iter().map(<[u8; 32]>::as_slice).collect();
    // In one order everywhere, so that no two writers wait for each other in a circle.
    sorted.sort_unstable();
    sorted.dedup();
    session.write(|wire| {
        wire.execute(
            "INSERT INTO remembered (mark) SELECT mark FROM unnest($1::bytea[]) WITH ORDINALITY AS new(mark, place) \
             ORDER BY place ON CONFLICT DO NOTHING",
            &[&sorted],
        )?;
        Ok(())
    })
}

pub(super) fn forget(session: &mut Session) -> Result<u64, StoreError> {
    let operation = operation::fresh(session.place())?;
    session.write(|wire| {
        if let Some(forgotten) = operation::answer(wire, operation, |from| from.number())? {
            return Ok(forgotten);
        }
        let forgotten = wire.execute("DELETE FROM remembered", &[])?;
        operation::note(wire, operation, &Packer::default().number(forgotten).done())?;
        Ok(forgotten)
    })
}
