//! Work over many attestations that threads and processes share. Leases are by the clock of the machine, as SQLite reads it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, params};
use stella_vocabulary::Code;

use super::arrivals;
use super::fault::Fault;
use super::reports;
use super::row::{signed, unsigned};
use crate::error::{StoreError, corrupt};
use crate::filter::{Documents, Filter};
use crate::packed::{Packer, Unpacker};
use crate::records::{check_counts, put_outcome, put_plan, take_outcome, take_plan, unpacked};
use crate::report_record::ReportRecord;
use crate::work::{Finished, RunId, RunPlan, RunState, Share};

pub(super) fn start(connection: &Connection, run: RunId, plan: &RunPlan) -> Result<RunState, Fault> {
    if let Some(state) = state(connection, run)? {
        return Ok(state);
    }
    let size = usize::try_from(plan.share.max(1)).unwrap_or(usize::MAX);
    let filter = Filter { documents: Documents::First, ..plan.filter.clone() };
    let (mut number, mut planned, mut share) = (0_i64, 0_i64, Vec::with_capacity(size.min(4096)));
    let mut failed = None;
    let mut put = |share: &mut Vec<u64>| {
        let arrivals = Packer::default().each(share, |packer, sequence| packer.number(*sequence)).done();
        let mut statement =
            connection.prepare_cached("INSERT INTO share (run, number, arrivals) VALUES (?1, ?2, ?3)")?;
        statement.execute(params![run.0, number, arrivals])?;
        number += 1;
        planned = planned.saturating_add(i64::try_from(share.len()).unwrap_or(i64::MAX));
        share.clear();
        Ok::<(), Fault>(())
    };
    arrivals::each(connection, &filter, 0, &mut |arrival| {
        share.push(arrival.sequence);
        if share.len() == size
            && let Err(fault) = put(&mut share)
        {
            failed = Some(fault);
        }
        failed.is_none()
    })?;
    if let Some(fault) = failed {
        return Err(fault);
    }
    if !share.is_empty() {
        put(&mut share)?;
    }
    connection.prepare_cached("INSERT INTO run (id, plan, planned) VALUES (?1, ?2, ?3)")?.execute(params![
        run.0,
        put_plan(plan),
        planned
    ])?;
    state(connection, run)?.ok_or_else(|| corrupt("run", "a run that was just started is missing").into())
}

fn take_sequences(bytes: &[u8]) -> Result<Vec<u64>, StoreError> {
    unpacked(bytes, |from| from.each(Unpacker::number)).ok_or_else(|| corrupt("share", "a share cannot be read"))
}

pub(super) fn take(connection: &Connection, run: RunId, worker: &str, lease: u32) -> Result<Option<Share>, Fault> {
    if !connection.prepare_cached("SELECT 1 FROM run WHERE id = ?1")?.exists([run.0])? {
        return Err(StoreError::NotFound { what: format!("run {run}") }.into());
    }
    let mut statement = connection.prepare_cached(
        "UPDATE share SET worker = ?2, until = unixepoch('now', 'subsec') * 1000 + ?3 * 1000 WHERE run = ?1 AND number = \
         (SELECT number FROM share WHERE run = ?1 AND outcome IS NULL \
          AND (until IS NULL OR until <= unixepoch('now', 'subsec') * 1000) ORDER BY number LIMIT 1) \
         RETURNING number, arrivals",
    )?;
    let row = statement.query_row(params![run.0, worker.as_bytes(), lease], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
    });
    let Some((number, sequences)) = row.optional()? else { return Ok(None) };
    let mut taken = Vec::new();
    for sequence in take_sequences(&sequences)? {
        taken.push(arrivals::at(connection, sequence)?.arrival);
    }
    if taken.is_empty() {
        return Err(corrupt("share", "a share is empty").into());
    }
    Ok(Some(Share { number: unsigned(number, "share")?, arrivals: taken }))
}

pub(super) fn finish(
    connection: &Connection,
    run: RunId,
    worker: &str,
    share: u64,
    results: &[ReportRecord],
) -> Result<Finished, Fault> {
    let not_found = |what: String| Fault::from(StoreError::NotFound { what });
    let number = signed(share).map_err(|_| not_found(format!("share {share} of run {run}")))?;
    let mut statement = connection
        .prepare_cached("SELECT worker, outcome IS NOT NULL, arrivals FROM share WHERE run = ?1 AND number = ?2")?;
    let row = statement.query_row(params![run.0, number], |row| {
        Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, bool>(1)?, row.get::<_, Vec<u8>>(2)?))
    });
    let Some((holder, done, sequences)) = row.optional()? else {
        return Err(not_found(format!("share {share} of run {run}")));
    };
    if done && holder.as_deref() == Some(worker.as_bytes()) {
        // The same worker has handed them in before, and did not hear that it had.
        return Ok(Finished::Counted);
    }
    // Whoever is done first counts, also if somebody else holds the share by now: a share that takes longer than its lease would never be done.
    if done || holder.is_none() {
        return Ok(Finished::TakenOver);
    }
    let planned: BTreeSet<u64> = take_sequences(&sequences)?.into_iter().collect();
    let judged: BTreeSet<u64> = results.iter().map(|result| result.arrival).collect();
    if let Some(missing) = planned.difference(&judged).next() {
        return Err(not_found(format!("result for arrival {missing} of share {share}")));
    }
    if planned.len() != results.len() {
        return Err(not_found(format!("share {share} with {} arrivals", results.len())));
    }
    let mut counts: BTreeMap<Option<Code>, u64> = BTreeMap::new();
    for result in results {
        *counts.entry(result.code).or_default() += 1;
    }
    reports::put(connection, results)?;
    let outcome = put_outcome(&counts.into_iter().collect::<Vec<_>>());
    connection
        .prepare_cached("UPDATE share SET worker = ?4, outcome = ?3, until = NULL WHERE run = ?1 AND number = ?2")?
        .execute(params![run.0, number, outcome, worker.as_bytes()])?;
    Ok(Finished::Counted)
}

/// The runs that are kept.
pub(super) fn all(connection: &Connection) -> Result<Vec<RunId>, Fault> {
    let mut statement = connection.prepare_cached("SELECT id FROM run ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<[u8; 16]>, _>>()?;
    Ok(ids.into_iter().map(RunId).collect())
}

pub(super) fn state(connection: &Connection, run: RunId) -> Result<Option<RunState>, Fault> {
    let mut statement = connection.prepare_cached("SELECT plan, planned FROM run WHERE id = ?1")?;
    let row = statement.query_row([run.0], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)));
    let Some((plan, planned)) = row.optional()? else { return Ok(None) };
    let unreadable = || corrupt("run", "a plan or an outcome cannot be read");
    let mut state = RunState {
        plan: unpacked(&plan, take_plan).ok_or_else(unreadable)?,
        planned: unsigned(planned, "run")?,
        judged: 0,
        held: 0,
        by_code: Vec::new(),
    };
    let mut by_code: BTreeMap<Option<Code>, u64> = BTreeMap::new();
    let mut listed = 0_u64;
    let mut statement = connection.prepare_cached(
        "SELECT arrivals, outcome, coalesce(until > unixepoch('now', 'subsec') * 1000, 0) FROM share WHERE run = ?1",
    )?;
    let mut rows = statement.query([run.0])?;
    while let Some(row) = rows.next()? {
        // The count stands first.
        let many = Unpacker(row.get_ref(0)?.as_blob()?).number().ok_or_else(unreadable)?;
        listed = listed.saturating_add(many);
        match row.get_ref(1)?.as_blob_or_null()? {
            Some(outcome) => {
                let counts = unpacked(outcome, take_outcome).ok_or_else(unreadable)?;
                check_counts(&counts, many)?;
                for (code, count) in counts {
                    *by_code.entry(code).or_default() += count;
                }
                state.judged = state.judged.saturating_add(many);
            }
            None if row.get(2)? => state.held = state.held.saturating_add(many),
            None => {}
        }
    }
    if listed != state.planned {
        return Err(corrupt("share", "the shares of a run do not come to what was planned").into());
    }
    state.by_code = by_code.into_iter().collect();
    Ok(Some(state))
}
