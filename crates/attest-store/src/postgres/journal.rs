//! The journal.

use stella_vocabulary::{Code, UnixTime};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::arrivals::limit;
use super::fault::Fault;
use super::operation;
use super::row::{self, cell, corrupt, count, signed};
use super::session::Session;
use super::wire::Wire;
use crate::error::StoreError;
use crate::event::{Event, EventFilter, NewEvent, Retention};
use crate::packed::Packer;
use crate::records::{level_number, put_event as put, take_event as take};

pub(super) fn write(session: &mut Session, events: &[NewEvent]) -> Result<(), StoreError> {
    struct Line {
        numbers: (i64, i64),
        kind: &'static str,
        level: i16,
        code: Option<&'static str>,
        attestation: Option<Vec<u8>>,
        record: Vec<u8>,
    }
    if events.is_empty() {
        return Ok(());
    }
    let operation = operation::fresh(session.place())?;
    let added = signed(events.len() as u64)?;
    session.write(|wire| {
        if operation::answer(wire, operation, |_| Some(()))?.is_some() {
            return Ok(());
        }
        let latest = held(wire)?;
        let mut lines = Vec::with_capacity(events.len());
        for (sequence, event) in (latest + 1..).zip(events) {
            lines.push(Line {
                numbers: (signed(sequence)?, event.at.seconds()),
                kind: event.kind.name(),
                level: level_number(event.level),
                code: event.code.map(Code::as_str),
                attestation: event.attestation.map(|attestation| attestation.as_bytes().to_vec()),
                record: put(sequence, event),
            });
        }
        let rows: Vec<(Line, Vec<u8>)> = lines
            .into_iter()
            .map(|line| {
                let sum = row::record_sum(&line.record, "event");
                (line, sum)
            })
            .collect();
        wire.copy(
            "COPY event (sequence, at, kind, level, code, attestation, record, sum) FROM STDIN (FORMAT binary)",
            &[Type::INT8, Type::INT8, Type::TEXT, Type::INT2, Type::TEXT, Type::BYTEA, Type::BYTEA, Type::BYTEA],
            &rows,
            |(line, sum)| {
                vec![
                    &line.numbers.0,
                    &line.numbers.1,
                    &line.kind,
                    &line.level,
                    &line.code,
                    &line.attestation,
                    &line.record,
                    sum,
                ]
            },
        )?;
        wire.execute("UPDATE journal_head SET latest = latest + $1, events = events + $1", &[&added])?;
        operation::note(wire, operation, &[])
    })
}

/// The number of the latest event. Nobody else writes any until the transaction ends.
fn held(wire: &mut Wire) -> Result<u64, Fault> {
    let row = wire.query_opt("SELECT latest FROM journal_head FOR UPDATE", &[])?;
    let row = row.ok_or_else(|| corrupt("journal_head", "it is empty"))?;
    Ok(count(&row, 0, "journal_head")?)
}

/// The columns of an event, in the order in which [`event`] reads them.
const EVENT: &str = "sequence, at, kind, level, code, attestation, record, sum";

fn event(row: &Row) -> Result<Event, StoreError> {
    const TABLE: &str = "event";
    let event = row::record(row, (6, 7), TABLE, take)?;
    let said = &event.event;
    let same = count(row, 0, TABLE)? == event.sequence
        && cell::<i64>(row, 1, TABLE)? == said.at.seconds()
        && cell::<&str>(row, 2, TABLE)? == said.kind.name()
        && cell::<i16>(row, 3, TABLE)? == level_number(said.level)
        && cell::<Option<&str>>(row, 4, TABLE)? == said.code.map(Code::as_str)
        && cell::<Option<&[u8]>>(row, 5, TABLE)? == said.attestation.as_ref().map(|id| id.as_bytes().as_slice());
    if same {
        Ok(event)
    } else {
        Err(corrupt(TABLE, &format!("event {} says otherwise than its record", event.sequence)))
    }
}

pub(super) fn events(
    session: &mut Session,
    filter: &EventFilter,
    after: u64,
    most: usize,
) -> Result<Vec<Event>, StoreError> {
    let Ok(after) = signed(after) else { return Ok(Vec::new()) };
    let mut values: Vec<Box<dyn ToSql + Sync>> = vec![Box::new(after), Box::new(limit(most))];
    let mut conditions = vec!["sequence > $1".to_owned()];
    let mut ask = |condition: &str, value: Box<dyn ToSql + Sync>| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("${}", values.len())));
    };
    if !filter.kinds.is_empty() {
        ask("kind = ANY(?)", Box::new(filter.kinds.iter().map(|kind| kind.name()).collect::<Vec<&str>>()));
    }
    if let Some(level) = filter.level {
        ask("level >= ?", Box::new(level_number(level)));
    }
    if let Some(code) = filter.code {
        ask("code = ?", Box::new(code.as_str()));
    }
    if let Some(attestation) = &filter.attestation {
        ask("attestation = ?", Box::new(attestation.as_bytes().to_vec()));
    }
    if let Some(since) = filter.since {
        ask("at >= ?", Box::new(since.seconds()));
    }
    if let Some(until) = filter.until {
        ask("at < ?", Box::new(until.seconds()));
    }
    let sql = format!("SELECT {EVENT} FROM event WHERE {} ORDER BY sequence LIMIT $2", conditions.join(" AND "));
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
    session.read(|wire| Ok(wire.query(&sql, &values)?.iter().map(event).collect::<Result<_, StoreError>>()?))
}

pub(super) fn forget(session: &mut Session, retention: &Retention) -> Result<u64, StoreError> {
    let before = retention.before.map(UnixTime::seconds);
    let most = retention.most.map(|most| i64::try_from(most).unwrap_or(i64::MAX));
    if before.is_none() && most.is_none() {
        return Ok(0);
    }
    let operation = operation::fresh(session.place())?;
    session.write(|wire| {
        if let Some(forgotten) = operation::answer(wire, operation, |from| from.number())? {
            return Ok(forgotten);
        }
        held(wire)?;
        let mut forgotten = 0;
        if let Some(before) = before {
            forgotten += wire.execute("DELETE FROM event WHERE at < $1", &[&before])?;
        }
        if let Some(most) = most {
            forgotten += wire.execute(
                "DELETE FROM event WHERE sequence <= (SELECT sequence FROM event ORDER BY sequence DESC OFFSET $1 LIMIT 1)",
                &[&most],
            )?;
        }
        wire.execute("UPDATE journal_head SET events = events - $1", &[&signed(forgotten)?])?;
        operation::note(wire, operation, &Packer::default().number(forgotten).done())?;
        Ok(forgotten)
    })
}

/// Holds the end of the journal against the events that there are.
pub(super) fn check_end(wire: &mut Wire) -> Result<(), Fault> {
    let row = wire.query_opt(
        "SELECT h.events, h.latest, (SELECT count(*) FROM event), (SELECT coalesce(max(sequence), 0) FROM event) FROM journal_head h",
        &[],
    )?;
    let row = row.ok_or_else(|| corrupt("journal_head", "it is empty"))?;
    let [events, latest, found, last] = [0, 1, 2, 3].map(|column| count(&row, column, "journal_head"));
    let (events, found) = (events?, found?);
    if events != found || latest? < last? {
        return Err(corrupt("journal_head", &format!("it says {events} events, and there are {found}")).into());
    }
    Ok(())
}

/// Looks at a page of events, and returns the last number with what is wrong.
pub(super) fn flaws(wire: &mut Wire, after: i64, page: i64) -> Result<(Option<i64>, Vec<StoreError>), Fault> {
    let sql = format!("SELECT {EVENT} FROM event WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    let rows = wire.query(&sql, &[&after, &page])?;
    let flaws = rows.iter().filter_map(|row| event(row).err()).collect();
    Ok((rows.last().map(|row| cell(row, 0, "event")).transpose()?, flaws))
}
