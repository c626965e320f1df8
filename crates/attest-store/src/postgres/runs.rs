//! Work over many attestations that nodes share.

use std::collections::{BTreeMap, BTreeSet};

use stella_vocabulary::Code;

use super::arrivals::Asked;
use super::fault::Fault;
use super::operation;
use super::reports;
use super::row::{self, ARRIVAL, cell, corrupt, count, exact, signed};
use super::schema::{OUTCOME_SUM, RUN_SUM, SHARE_SUM};
use super::session::Session;
use super::wire::Wire;
use crate::arrival::Arrival;
use crate::error::StoreError;
use crate::filter::{Documents, Filter};
use crate::packed::{Packer, Unpacker};
use crate::records::{check_counts, put_outcome, put_plan, take_outcome, take_plan};
use crate::report_record::ReportRecord;
use crate::store::Flaw;
use crate::work::{Finished, RunId, RunPlan, RunState, Share};

pub(super) fn start(session: &mut Session, run: RunId, plan: &RunPlan) -> Result<RunState, StoreError> {
    let packed = put_plan(plan);
    let share = i64::from(plan.share.max(1));
    let mut asked = Asked::of(&Filter { documents: Documents::First, ..plan.filter.clone() });
    let condition = asked.sql();
    let (id, size) = (asked.next(Box::new(run.0.to_vec())), asked.next(Box::new(share)));
    // Numbered in the order of arrival, and cut into shares.
    let fill = format!(
        "INSERT INTO share (run, number, arrivals, sum) SELECT s.run, s.number, s.arrivals, {SHARE_SUM} FROM \
         (SELECT ${id}::bytea AS run, place / ${size}::bigint AS number, array_agg(sequence ORDER BY sequence) AS arrivals FROM \
         (SELECT a.sequence, row_number() OVER (ORDER BY a.sequence) - 1 AS place FROM arrival a WHERE {condition}) AS planned \
         GROUP BY place / ${size}::bigint) AS s"
    );
    session.write(|wire| {
        let made = wire.execute(
            "INSERT INTO run (id, plan, planned, sum) VALUES ($1, $2, 0, ''::bytea) ON CONFLICT DO NOTHING",
            &[&run.0.as_slice(), &packed],
        )?;
        if made > 0 {
            forget(wire)?;
            wire.execute(&fill, &asked.values())?;
            wire.execute(
                "UPDATE run SET planned = (SELECT coalesce(sum(cardinality(arrivals)), 0) FROM share WHERE run = $1) WHERE id = $1",
                &[&run.0.as_slice()],
            )?;
            wire.execute(&format!("UPDATE run r SET sum = {RUN_SUM} WHERE r.id = $1"), &[&run.0.as_slice()])?;
        }
        state(wire, run)?.ok_or_else(|| corrupt("run", "a run that was just started is missing").into())
    })
}

/// Takes out runs that nobody asks for any more: a lease lasts a day at most.
fn forget(wire: &mut Wire) -> Result<(), Fault> {
    const OLD: &str = "SELECT id FROM run WHERE started < now() - interval '7 days'";
    wire.execute(&format!("DELETE FROM share WHERE run IN ({OLD})"), &[])?;
    wire.execute("DELETE FROM run WHERE started < now() - interval '7 days'", &[])?;
    Ok(())
}

pub(super) fn take(session: &mut Session, run: RunId, worker: &str, lease: u32) -> Result<Option<Share>, StoreError> {
    let operation = operation::fresh(session.place())?;
    let (worker, lease) = (worker.as_bytes(), f64::from(lease));
    session.write(|wire| {
        let number = match operation::answer(wire, operation, |from| from.option(Unpacker::number))? {
            Some(answer) => answer,
            None => {
                let number = claim(wire, run, worker, lease)?;
                operation::note(wire, operation, &Packer::default().option(number, Packer::number).done())?;
                number
            }
        };
        let Some(number) = number else { return Ok(None) };
        let sql = format!("SELECT s.arrivals, s.sum = {SHARE_SUM} FROM share s WHERE s.run = $1 AND s.number = $2");
        let row = wire.query_opt(&sql, &[&run.0.as_slice(), &signed(number)?])?;
        let row = row.filter(|row| cell(row, 1, "share").unwrap_or(false));
        let row = row.ok_or_else(|| corrupt("share", &format!("share {number} does not fit its checksum")))?;
        let (arrivals, damaged) = readable(wire, &cell::<Vec<i64>>(&row, 0, "share")?)?;
        if arrivals.is_empty() && damaged.is_empty() {
            return Err(corrupt("share", &format!("share {number} is empty")).into());
        }
        Ok(Some(Share { number, arrivals, damaged }))
    })
}

/// The arrivals with these numbers, and what is wrong with those of them that are damaged or missing.
fn readable(wire: &mut Wire, sequences: &[i64]) -> Result<(Vec<Arrival>, Vec<Flaw>), Fault> {
    let sql = format!("SELECT {ARRIVAL} FROM arrival a WHERE a.sequence = ANY($1) ORDER BY a.sequence");
    let rows = wire.query(&sql, &[&sequences])?;
    let (mut arrivals, mut damaged, mut found) = (Vec::new(), Vec::new(), BTreeSet::new());
    for row in &rows {
        let sequence = count(row, 0, "arrival")?;
        found.insert(sequence);
        match row::arrival(row) {
            Ok(arrival) => arrivals.push(arrival),
            Err(StoreError::Corrupt { place, what }) => {
                damaged.push(Flaw { arrival: Some(sequence), place, what });
            }
            Err(error) => return Err(error.into()),
        }
    }
    for sequence in sequences.iter().filter_map(|sequence| u64::try_from(*sequence).ok()) {
        if !found.contains(&sequence) {
            let what = format!("arrival {sequence} is missing");
            damaged.push(Flaw { arrival: Some(sequence), place: "table arrival".to_owned(), what });
        }
    }
    Ok((arrivals, damaged))
}

/// Takes the first share that is free or whose lease is over, by the clock of the server, passing over those that others are just taking.
fn claim(wire: &mut Wire, run: RunId, worker: &[u8], lease: f64) -> Result<Option<u64>, Fault> {
    if wire.query_opt("SELECT true FROM run WHERE id = $1", &[&run.0.as_slice()])?.is_none() {
        return Err(StoreError::NotFound { what: format!("run {run}") }.into());
    }
    let row = wire.query_opt(
        "UPDATE share SET worker = $2, until = clock_timestamp() + make_interval(secs => $3) \
         WHERE run = $1 AND number = (SELECT number FROM share WHERE run = $1 AND outcome IS NULL \
         AND (until IS NULL OR until <= clock_timestamp()) ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING number",
        &[&run.0.as_slice(), &worker, &lease],
    )?;
    Ok(row.as_ref().map(|row| count(row, 0, "share")).transpose()?)
}

pub(super) fn finish(
    session: &mut Session,
    run: RunId,
    worker: &str,
    share: u64,
    results: &[ReportRecord],
) -> Result<Finished, StoreError> {
    let not_found = || StoreError::NotFound { what: format!("share {share} of run {run}") };
    let number = signed(share).map_err(|_| not_found())?;
    let judged: BTreeSet<u64> = results.iter().map(|result| result.arrival).collect();
    let lines = reports::lines(results)?;
    let mut judged_as: BTreeMap<Option<Code>, u64> = BTreeMap::new();
    for result in results {
        *judged_as.entry(result.code).or_default() += 1;
    }
    session.write(|wire| {
        let row = wire.query_opt(
            &format!(
                "SELECT s.worker, s.outcome IS NOT NULL, s.arrivals, s.sum = {SHARE_SUM} FROM share s \
                 WHERE s.run = $1 AND s.number = $2 FOR UPDATE"
            ),
            &[&run.0.as_slice(), &number],
        )?;
        let row = row.ok_or_else(not_found)?;
        let holder = cell::<Option<&[u8]>>(&row, 0, "share")?;
        if cell::<bool>(&row, 1, "share")? && holder == Some(worker.as_bytes()) {
            // The same worker has handed them in before, and did not hear that it had.
            return Ok(Finished::Counted);
        }
        // Whoever is done first counts, also if somebody else holds the share by now: a share that takes longer than its lease would never be done.
        if cell::<bool>(&row, 1, "share")? || holder.is_none() {
            return Ok(Finished::TakenOver);
        }
        if !cell::<bool>(&row, 3, "share")? {
            return Err(corrupt("share", &format!("share {share} does not fit its checksum")).into());
        }
        let planned: Vec<i64> = cell(&row, 2, "share")?;
        let is_judged = |sequence: &i64| u64::try_from(*sequence).is_ok_and(|sequence| judged.contains(&sequence));
        let missing: Vec<i64> = planned.iter().copied().filter(|sequence| !is_judged(sequence)).collect();
        let damaged = if missing.is_empty() { 0 } else { all_damaged(wire, share, &missing)? };
        if planned.len() as u64 != (results.len() as u64).saturating_add(damaged) {
            return Err(StoreError::NotFound { what: format!("share {share} with {} arrivals", results.len()) }.into());
        }
        let mut counts = judged_as.clone();
        if damaged > 0 {
            *counts.entry(Some(Code::StoreCorrupt)).or_default() += damaged;
        }
        let outcome = put_outcome(&counts.into_iter().collect::<Vec<_>>());
        reports::put(wire, &lines)?;
        wire.execute(
            "UPDATE share SET worker = $4, outcome = $3, until = NULL WHERE run = $1 AND number = $2",
            &[&run.0.as_slice(), &number, &outcome, &worker.as_bytes()],
        )?;
        wire.execute(
            &format!("UPDATE share s SET outcome_sum = {OUTCOME_SUM} WHERE s.run = $1 AND s.number = $2"),
            &[&run.0.as_slice(), &number],
        )?;
        Ok(Finished::Counted)
    })
}

/// How many arrivals these are, each of which is damaged.
fn all_damaged(wire: &mut Wire, share: u64, missing: &[i64]) -> Result<u64, Fault> {
    let (sound, damaged) = readable(wire, missing)?;
    match sound.first() {
        Some(arrival) => {
            let what = format!("result for arrival {} of share {share}", arrival.sequence);
            Err(StoreError::NotFound { what }.into())
        }
        None => Ok(damaged.len() as u64),
    }
}

pub(super) fn state_of(session: &mut Session, run: RunId) -> Result<Option<RunState>, StoreError> {
    session.read(|wire| state(wire, run))
}

fn state(wire: &mut Wire, run: RunId) -> Result<Option<RunState>, Fault> {
    // One statement, so that what is judged and what is held are of one moment.
    let rows = wire.query(
        &format!(
            "SELECT r.plan, r.planned, s.outcome, count(s.number), coalesce(cardinality(s.arrivals), 0)::bigint, \
             s.outcome IS NULL AND coalesce(s.until > clock_timestamp(), false), r.sum = {RUN_SUM}, \
             coalesce(bool_and(s.sum = {SHARE_SUM} AND (s.outcome IS NULL OR s.outcome_sum IS NOT DISTINCT FROM {OUTCOME_SUM})), true) \
             FROM run r LEFT JOIN share s ON s.run = r.id WHERE r.id = $1 GROUP BY r.id, s.outcome, 5, 6"
        ),
        &[&run.0.as_slice()],
    )?;
    let Some(first) = rows.first() else { return Ok(None) };
    let unreadable = || corrupt("run", "a plan or an outcome cannot be read");
    if !cell::<bool>(first, 6, "run")? {
        return Err(corrupt("run", &format!("run {run} does not fit its checksum")).into());
    }
    let plan: &[u8] = cell(first, 0, "run")?;
    let mut state = RunState {
        plan: row::unpacked(plan, take_plan).ok_or_else(unreadable)?,
        planned: count(first, 1, "run")?,
        judged: 0,
        held: 0,
        by_code: Vec::new(),
    };
    let mut by_code: BTreeMap<Option<Code>, u64> = BTreeMap::new();
    let mut listed = 0_u64;
    for row in &rows {
        if !cell::<bool>(row, 7, "share")? {
            return Err(corrupt("share", &format!("a share of run {run} does not fit its checksum")).into());
        }
        let of_one = count(row, 4, "share")?;
        let arrivals = of_one.saturating_mul(count(row, 3, "share")?);
        listed = listed.saturating_add(arrivals);
        match cell::<Option<&[u8]>>(row, 2, "share")? {
            Some(outcome) => {
                let shares = count(row, 3, "share")?;
                let counts = row::unpacked(outcome, take_outcome).ok_or_else(unreadable)?;
                check_counts(&counts, of_one)?;
                for (code, of_share) in counts {
                    let counted = by_code.entry(code).or_default();
                    *counted = counted.saturating_add(of_share.saturating_mul(shares));
                }
                state.judged = state.judged.saturating_add(arrivals);
            }
            None if cell(row, 5, "share")? => state.held = state.held.saturating_add(arrivals),
            None => {}
        }
    }
    if listed != state.planned {
        return Err(corrupt("share", "the shares of a run do not come to what was planned").into());
    }
    state.by_code = by_code.into_iter().collect();
    Ok(Some(state))
}

/// What is wrong with the runs.
pub(super) fn flaws(wire: &mut Wire) -> Result<Vec<StoreError>, Fault> {
    let rows = wire.query("SELECT id FROM run ORDER BY id", &[])?;
    let mut flaws = Vec::new();
    for row in &rows {
        match state(wire, RunId(exact(row, 0, "run")?)) {
            Ok(_) => {}
            Err(Fault::Plain(flaw @ StoreError::Corrupt { .. })) => flaws.push(flaw),
            Err(fault) => return Err(fault),
        }
    }
    Ok(flaws)
}
