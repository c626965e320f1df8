//! The journal.

use rusqlite::{Connection, params};
use stella_vocabulary::UnixTime;

use super::blocks::{self, Changes, EVENTS, HAPPENED, Sums, hash};
use super::embedded::{own, put_own};
use super::fault::Fault;
use super::row::{opened, signed, unsigned};
use crate::error::corrupt;
use crate::event::{Event, EventFilter, NewEvent, Retention};
use crate::packed::Packer;
use crate::records::{put_event, record_sum, take_event};

/// Where the journal ends, and how much there is of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ends {
    pub(super) latest: u64,
    pub(super) events: u64,
}

impl Ends {
    pub(super) const EMPTY: Self = Self { latest: 0, events: 0 };

    fn packed(self) -> Packer {
        Packer::default().number(self.latest).number(self.events)
    }

    pub(super) fn put(self) -> Vec<u8> {
        self.packed().done()
    }

    pub(super) fn read(connection: &Connection) -> Result<Self, Fault> {
        own(connection, "journal", |from| Some(Self { latest: from.number()?, events: from.number()? }))
    }
}

fn hash_of(sequence: i64, at: i64) -> i64 {
    hash([HAPPENED, sequence, at])
}

pub(super) fn write(connection: &Connection, events: &[NewEvent]) -> Result<(), Fault> {
    let mut ends = Ends::read(connection)?;
    let mut changes = Changes::default();
    let mut statement = connection.prepare_cached("INSERT INTO event (sequence, record, sum) VALUES (?1, ?2, ?3)")?;
    for event in events {
        ends = Ends { latest: ends.latest.saturating_add(1), events: ends.events.saturating_add(1) };
        let sequence = signed(ends.latest)?;
        let record = put_event(ends.latest, event);
        statement.execute(params![sequence, record, record_sum(&record, "event")])?;
        let at = event.at.seconds();
        changes.of((HAPPENED, 0, sequence >> EVENTS)).add_at(hash_of(sequence, at), at);
    }
    changes.apply(connection)?;
    put_own(connection, "journal", ends.packed())
}

pub(super) fn events(
    connection: &Connection,
    filter: &EventFilter,
    after: u64,
    most: usize,
) -> Result<Vec<Event>, Fault> {
    let mut found = Vec::new();
    let Ok(from) = signed(after) else { return Ok(found) };
    for (number, sums) in blocks::all(connection, HAPPENED, 0, from >> EVENTS)? {
        let outside = filter.since.is_some_and(|since| sums.latest < since.seconds())
            || filter.until.is_some_and(|until| sums.earliest >= until.seconds());
        if outside {
            continue;
        }
        for event in in_part(connection, number)? {
            if found.len() >= most {
                return Ok(found);
            }
            if event.sequence > after && fits(filter, &event.event) {
                found.push(event);
            }
        }
    }
    Ok(found)
}

fn fits(filter: &EventFilter, event: &NewEvent) -> bool {
    (filter.kinds.is_empty() || filter.kinds.contains(&event.kind))
        && filter.level.is_none_or(|level| event.level >= level)
        && filter.code.is_none_or(|code| event.code == Some(code))
        && filter.attestation.is_none_or(|attestation| event.attestation == Some(attestation))
        && filter.since.is_none_or(|since| event.at >= since)
        && filter.until.is_none_or(|until| event.at < until)
}

/// The events of a part, all of them.
pub(super) fn in_part(connection: &Connection, number: i64) -> Result<Vec<Event>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT sequence, record, sum FROM event WHERE sequence BETWEEN ?1 AND ?2 ORDER BY sequence")?;
    let first = number << EVENTS;
    let mut rows = statement.query([first, first | ((1 << EVENTS) - 1)])?;
    let (mut events, mut sums) = (Vec::new(), Sums::NONE);
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        let event = opened(row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?, "event", take_event)?;
        if event.sequence != unsigned(sequence, "event")? {
            return Err(corrupt("event", &format!("another one stands in the place of event {sequence}")).into());
        }
        sums.add(hash_of(sequence, event.event.at.seconds()));
        events.push(event);
    }
    blocks::compare(connection, (HAPPENED, 0, number), &sums, "event")?;
    Ok(events)
}

/// How many events there are that need not be kept.
pub(super) fn forgettable(connection: &Connection, retention: &Retention) -> Result<u64, Fault> {
    let ends = Ends::read(connection)?;
    let mut many = retention.most.map_or(0, |most| ends.events.saturating_sub(most));
    if let Some(before) = retention.before.map(UnixTime::seconds) {
        let parts = blocks::all(connection, HAPPENED, 0, 0)?;
        many = many.max(u64::from(parts.iter().any(|(_, sums)| sums.earliest < before)));
    }
    Ok(many)
}

pub(super) fn forget(connection: &Connection, retention: &Retention) -> Result<u64, Fault> {
    let mut ends = Ends::read(connection)?;
    let before = ends.events;
    let old = |at: i64| retention.before.is_some_and(|before| at < before.seconds());
    let parts = blocks::all(connection, HAPPENED, 0, 0)?;
    // What is too old goes first, wherever it stands: clocks do not agree. Of the rest, the first ones go.
    let mut aged = 0_u64;
    for (number, _) in parts.iter().filter(|(_, sums)| old(sums.earliest)) {
        let events = in_part(connection, *number)?;
        aged = aged.saturating_add(events.iter().filter(|event| old(event.event.at.seconds())).count() as u64);
    }
    let mut excess = retention.most.map_or(0, |most| before.saturating_sub(aged).saturating_sub(most));
    for (number, sums) in parts {
        if !old(sums.earliest) && excess == 0 {
            continue;
        }
        let (mut left, mut change) = (Sums::NONE, Sums::NONE);
        let mut statement = connection.prepare_cached("DELETE FROM event WHERE sequence = ?1")?;
        for event in in_part(connection, number)? {
            let (sequence, at) = (signed(event.sequence)?, event.event.at.seconds());
            let hash = hash_of(sequence, at);
            if !old(at) && excess == 0 {
                left.add_at(hash, at);
                continue;
            }
            excess = excess.saturating_sub(u64::from(!old(at)));
            statement.execute([sequence])?;
            change.take(hash);
            ends.events = ends.events.saturating_sub(1);
        }
        blocks::put(connection, (HAPPENED, 0, number), &left)?;
        blocks::change_whole(connection, HAPPENED, 0, &change)?;
    }
    put_own(connection, "journal", ends.packed())?;
    Ok(before.saturating_sub(ends.events))
}
