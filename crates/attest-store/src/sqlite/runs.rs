//! Work over many attestations that threads and processes share. Leases are by the clock of the machine, as SQLite reads it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, params};
use stella_vocabulary::Code;

use super::arrivals;
use super::fault::Fault;
use super::reports;
use super::row::{opened, record, signed, unsigned};
use crate::arrival::Arrival;
use crate::error::{StoreError, corrupt};
use crate::filter::{Documents, Filter};
use crate::packed::{Packer, Unpacker};
use crate::records::{check_counts, put_outcome, put_plan, record_sum, take_outcome, take_plan, unpacked};
use crate::report_record::ReportRecord;
use crate::store::Flaw;
use crate::work::{Finished, RunId, RunPlan, RunState, Share};

pub(super) fn start(connection: &Connection, run: RunId, plan: &RunPlan) -> Result<RunState, Fault> {
    if let Some(state) = state(connection, run)? {
        return Ok(state);
    }
    forget(connection)?;
    let size = usize::try_from(plan.share.max(1)).unwrap_or(usize::MAX);
    let filter = Filter { documents: Documents::First, ..plan.filter.clone() };
    let (mut number, mut planned, mut share) = (0_u64, 0_u64, Vec::with_capacity(size.min(4096)));
    let mut failed = None;
    let mut put = |share: &mut Vec<u64>| {
        let record = put_share(run, number, share);
        connection
            .prepare_cached("INSERT INTO share (run, number, record, sum) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![run.0, signed(number)?, record, record_sum(&record, "share")])?;
        number = number.saturating_add(1);
        planned = planned.saturating_add(share.len() as u64);
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
    let record = Packer::default().bytes(&run.0).bytes(&put_plan(plan)).number(planned).done();
    connection
        .prepare_cached("INSERT INTO run (id, record, sum, started) VALUES (?1, ?2, ?3, unixepoch())")?
        .execute(params![run.0, record, record_sum(&record, "run")])?;
    state(connection, run)?.ok_or_else(|| corrupt("run", "a run that was just started is missing").into())
}

/// Takes out runs that nobody asks for any more: a lease lasts a day at most.
fn forget(connection: &Connection) -> Result<(), Fault> {
    const OLD: &str = "started < unixepoch() - 604800";
    connection
        .prepare_cached(&format!("DELETE FROM share WHERE run IN (SELECT id FROM run WHERE {OLD})"))?
        .execute([])?;
    connection.prepare_cached(&format!("DELETE FROM run WHERE {OLD}"))?.execute([])?;
    Ok(())
}

fn put_share(run: RunId, number: u64, sequences: &[u64]) -> Vec<u8> {
    Packer::default().bytes(&run.0).number(number).each(sequences, |packer, sequence| packer.number(*sequence)).done()
}

/// The arrivals of the share that a row says it is.
fn take_share(run: RunId, number: u64) -> impl FnOnce(&mut Unpacker<'_>) -> Option<Vec<u64>> {
    move |from| {
        let same = from.bytes()? == run.0.as_slice() && from.number()? == number;
        let sequences = from.each(Unpacker::number)?;
        same.then_some(sequences)
    }
}

fn take_run(run: RunId) -> impl FnOnce(&mut Unpacker<'_>) -> Option<(RunPlan, u64)> {
    move |from| {
        let same = from.bytes()? == run.0.as_slice();
        let mut plan = Unpacker(from.bytes()?);
        let read = take_plan(&mut plan)?;
        plan.end()?;
        let planned = from.number()?;
        same.then_some((read, planned))
    }
}

fn find(connection: &Connection, run: RunId) -> Result<Option<(RunPlan, u64)>, Fault> {
    let sql = "SELECT record, sum FROM run WHERE id = ?1";
    let found = record(connection, sql, [run.0], "run", take_run(run))?;
    if found.is_none() && connection.prepare_cached("SELECT 1 FROM share WHERE run = ?1")?.exists([run.0])? {
        return Err(corrupt("run", "a run has shares, and is missing").into());
    }
    Ok(found)
}

pub(super) fn take(connection: &Connection, run: RunId, worker: &str, lease: u32) -> Result<Option<Share>, Fault> {
    if find(connection, run)?.is_none() {
        return Err(StoreError::NotFound { what: format!("run {run}") }.into());
    }
    let mut statement = connection.prepare_cached(
        "UPDATE share SET worker = ?2, until = unixepoch('now', 'subsec') * 1000 + ?3 * 1000 WHERE run = ?1 AND number = \
         (SELECT number FROM share WHERE run = ?1 AND outcome IS NULL \
          AND (until IS NULL OR until <= unixepoch('now', 'subsec') * 1000) ORDER BY number LIMIT 1) \
         RETURNING number, record, sum",
    )?;
    let row = statement.query_row(params![run.0, worker.as_bytes(), lease], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
    });
    let Some((number, record, sum)) = row.optional()? else { return Ok(None) };
    let number = unsigned(number, "share")?;
    let (mut taken, mut damaged) = (Vec::new(), Vec::new());
    for sequence in opened(&record, &sum, "share", take_share(run, number))? {
        match readable(connection, sequence)? {
            Ok(arrival) => taken.push(arrival),
            Err(flaw) => damaged.push(flaw),
        }
    }
    if taken.is_empty() && damaged.is_empty() {
        return Err(corrupt("share", "a share is empty").into());
    }
    Ok(Some(Share { number, arrivals: taken, damaged }))
}

/// An arrival, or what is wrong with it.
fn readable(connection: &Connection, sequence: u64) -> Result<Result<Arrival, Flaw>, Fault> {
    match arrivals::at(connection, sequence) {
        Ok(kept) => Ok(Ok(kept.arrival)),
        Err(Fault::Store(StoreError::Corrupt { place, what })) => {
            Ok(Err(Flaw { arrival: Some(sequence), place, what }))
        }
        Err(fault) => Err(fault),
    }
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
        .prepare_cached("SELECT worker, outcome IS NOT NULL, record, sum FROM share WHERE run = ?1 AND number = ?2")?;
    let row = statement.query_row(params![run.0, number], |row| {
        Ok((
            row.get::<_, Option<Vec<u8>>>(0)?,
            row.get::<_, bool>(1)?,
            row.get::<_, Vec<u8>>(2)?,
            row.get::<_, Vec<u8>>(3)?,
        ))
    });
    let Some((holder, done, record, sum)) = row.optional()? else {
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
    let planned: BTreeSet<u64> = opened(&record, &sum, "share", take_share(run, share))?.into_iter().collect();
    let judged: BTreeSet<u64> = results.iter().map(|result| result.arrival).collect();
    let mut damaged = 0;
    for missing in planned.difference(&judged) {
        match readable(connection, *missing)? {
            Ok(_) => return Err(not_found(format!("result for arrival {missing} of share {share}"))),
            Err(_) => damaged += 1,
        }
    }
    if planned.len() != results.len().saturating_add(damaged) {
        return Err(not_found(format!("share {share} with {} arrivals", results.len())));
    }
    let mut counts: BTreeMap<Option<Code>, u64> = BTreeMap::new();
    for result in results {
        *counts.entry(result.code).or_default() += 1;
    }
    if damaged > 0 {
        *counts.entry(Some(Code::StoreCorrupt)).or_default() += damaged as u64;
    }
    reports::put(connection, results)?;
    let outcome = put_outcome(&counts.into_iter().collect::<Vec<_>>());
    connection
        .prepare_cached(
            "UPDATE share SET worker = ?5, outcome = ?3, outcome_sum = ?4, until = NULL WHERE run = ?1 AND number = ?2",
        )?
        .execute(params![run.0, number, outcome, outcome_sum(run, share, &outcome), worker.as_bytes()])?;
    Ok(Finished::Counted)
}

fn outcome_sum(run: RunId, number: u64, outcome: &[u8]) -> Vec<u8> {
    Packer::default().bytes(&run.0).number(number).bytes(outcome).sum("outcome")
}

/// The runs that are kept.
pub(super) fn all(connection: &Connection) -> Result<Vec<RunId>, Fault> {
    let mut statement = connection.prepare_cached("SELECT id FROM run ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<[u8; 16]>, _>>()?;
    Ok(ids.into_iter().map(RunId).collect())
}

pub(super) fn state(connection: &Connection, run: RunId) -> Result<Option<RunState>, Fault> {
    let Some((plan, planned)) = find(connection, run)? else { return Ok(None) };
    let mut state = RunState { plan, planned, judged: 0, held: 0, by_code: Vec::new() };
    let mut by_code: BTreeMap<Option<Code>, u64> = BTreeMap::new();
    let mut listed = 0_u64;
    let mut statement = connection.prepare_cached(
        "SELECT number, record, sum, outcome, outcome_sum, coalesce(until > unixepoch('now', 'subsec') * 1000, 0) \
         FROM share WHERE run = ?1",
    )?;
    let mut rows = statement.query([run.0])?;
    while let Some(row) = rows.next()? {
        let number = unsigned(row.get(0)?, "share")?;
        let sequences =
            opened(row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?, "share", take_share(run, number))?;
        let many = sequences.len() as u64;
        listed = listed.saturating_add(many);
        match row.get_ref(3)?.as_blob_or_null()? {
            Some(outcome) => {
                if row.get_ref(4)?.as_blob()? != outcome_sum(run, number, outcome) {
                    return Err(corrupt("share", "an outcome does not fit its checksum").into());
                }
                let counts =
                    unpacked(outcome, take_outcome).ok_or_else(|| corrupt("share", "an outcome cannot be read"))?;
                check_counts(&counts, many)?;
                for (code, count) in counts {
                    let counted = by_code.entry(code).or_default();
                    *counted = counted.saturating_add(count);
                }
                state.judged = state.judged.saturating_add(many);
            }
            None if row.get(5)? => state.held = state.held.saturating_add(many),
            None => {}
        }
    }
    if listed != state.planned {
        return Err(corrupt("share", "the shares of a run do not come to what was planned").into());
    }
    state.by_code = by_code.into_iter().collect();
    Ok(Some(state))
}
