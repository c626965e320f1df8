//! Looking at everything.

use rusqlite::Connection;

use super::arrivals::{self, Head};
use super::blocks::{self, HAPPENED, NEIGHBOURS, REPORTED};
use super::embedded::Embedded;
use super::fault::Fault;
use super::index::{self, Entry};
use super::row::signed;
use super::{journal, reports, runs};
use crate::arrival::ArrivalsHead;
use crate::error::StoreError;
use crate::facts::Facts;
use crate::records::generous;
use crate::store::{Flaw, Progress};

/// Arrivals that are looked at on one version of the database.
const PAGE: u64 = 1 << NEIGHBOURS;

struct Findings<'a> {
    flaws: Vec<Flaw>,
    most: usize,
    progress: &'a mut dyn FnMut(Progress),
}

impl Findings<'_> {
    fn add(&mut self, arrival: Option<u64>, place: impl Into<String>, what: impl Into<String>) {
        if self.flaws.len() < self.most {
            self.flaws.push(Flaw { arrival, place: place.into(), what: what.into() });
        }
    }

    /// Notes what is damaged; other faults end the check.
    fn passed<T>(&mut self, arrival: Option<u64>, result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Corrupt { place, what }) => {
                self.add(arrival, place, what);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn full(&self) -> bool {
        self.flaws.len() >= self.most
    }
}

pub(super) fn check(
    store: &mut Embedded,
    most: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Flaw>, StoreError> {
    let mut findings = Findings { flaws: Vec::new(), most, progress };
    let database = store.database.clone();
    let words = store.read(|connection| {
        let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.collect::<Result<Vec<String>, _>>()?)
    });
    for word in findings.passed(None, words)?.unwrap_or_default().into_iter().filter(|word| word != "ok") {
        findings.add(None, database.as_str(), word);
    }
    let head = store.read(Head::read);
    let Some(head) = findings.passed(None, head)? else { return Ok(findings.flaws) };
    for (place, what) in store.segments.flaws(head.end)? {
        findings.add(None, place, what);
    }
    let counted = look_at_arrivals(store, &head, &mut findings)?;
    if !findings.full() && counted != (head.arrivals, head.attestations, head.bytes) {
        findings.add(None, "table store", "the arrivals do not come to what is said of them");
    }
    look_at_the_rest(store, &mut findings)?;
    Ok(findings.flaws)
}

/// Looks at the arrivals up to `head`, and says what they come to.
fn look_at_arrivals(
    store: &mut Embedded,
    head: &Head,
    findings: &mut Findings<'_>,
) -> Result<(ArrivalsHead, u64, u64), StoreError> {
    let size = head.arrivals.size;
    let (mut ends, mut attestations, mut bytes) = (ArrivalsHead::default(), 0_u64, 0_u64);
    for sequence in 1..=size {
        if findings.full() {
            break;
        }
        let kept = store.read(|connection| arrivals::at(connection, sequence));
        let Some(kept) = findings.passed(Some(sequence), kept)? else { continue };
        let arrival = &kept.arrival;
        if ends.size.saturating_add(1) == sequence && !arrival.continues(&ends.link) {
            findings.add(Some(sequence), "table arrival", "it does not continue the arrival before it");
        }
        ends = ArrivalsHead { size: sequence, link: arrival.link };
        attestations = attestations.saturating_add(u64::from(arrival.first));
        bytes = bytes.saturating_add(arrival.length);
        let document = arrivals::expanded(store, arrival, kept.spot);
        // It was read when it came in; by one that cannot be read, nothing can be held against what is said of it.
        let facts = findings.passed(Some(sequence), document)?.map(|document| Facts::read(&document, &generous()));
        if let Some(Err(error)) = &facts {
            findings.add(Some(sequence), "table arrival", format!("its document cannot be read: {error}"));
        }
        if let Some(Ok((_, facts))) = facts {
            let same = facts.attestation == arrival.attestation
                && facts.form == arrival.form
                && facts.predicate_type == arrival.predicate_type
                && facts.identity == arrival.identity
                && facts.issuer == arrival.issuer;
            if !same {
                findings.add(Some(sequence), "table arrival", "it says otherwise than its document");
            }
            let missing = store.read(|connection| is_missing(connection, &facts, sequence));
            if findings.passed(Some(sequence), missing)? == Some(true) {
                findings.add(Some(sequence), "table found", "it is not found by all that it says");
            }
        }
        if sequence.is_multiple_of(PAGE) || sequence == size {
            (findings.progress)(Progress { done: sequence, of: size });
        }
    }
    Ok((ends, attestations, bytes))
}

fn is_missing(connection: &Connection, facts: &Facts, sequence: u64) -> Result<bool, Fault> {
    let mut entries: Vec<Entry> = Vec::new();
    index::entries(facts, signed(sequence)?, &mut entries);
    for entry in entries {
        if !index::has(connection, entry)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Holds the tables against their sums, and looks at reports, links and the journal.
fn look_at_the_rest(store: &mut Embedded, findings: &mut Findings<'_>) -> Result<(), StoreError> {
    let names = store.read(runs::all);
    for run in findings.passed(None, names)?.unwrap_or_default() {
        let state = store.read(|connection| runs::state(connection, run));
        findings.passed(None, state)?;
    }
    let parts = store.read(index::parts);
    for part in findings.passed(None, parts)?.unwrap_or_default() {
        let compared = store.read(|connection| index::compare(connection, part));
        findings.passed(None, compared)?;
    }
    let parts = store.read(|connection| blocks::all(connection, REPORTED, 0, 0));
    for (number, _) in findings.passed(None, parts)?.unwrap_or_default() {
        let compared = store.read(|connection| reports::in_part(connection, number).map(drop));
        findings.passed(None, compared)?;
        let mut flaws = Vec::new();
        let looked = store.read(|connection| reports::check(connection, number, |what| flaws.push(what)));
        findings.passed(None, looked)?;
        flaws.into_iter().for_each(|what| findings.add(None, "table report", what));
    }
    let parts = store.read(|connection| blocks::all(connection, HAPPENED, 0, 0));
    let mut events = 0_u64;
    for (number, _) in findings.passed(None, parts)?.unwrap_or_default() {
        let found = store.read(|connection| Ok(journal::in_part(connection, number)?.len()));
        events = events.saturating_add(findings.passed(None, found)?.unwrap_or(0) as u64);
    }
    let ends = store.read(journal::Ends::read);
    if let Some(ends) = findings.passed(None, ends)?
        && ends.events != events
        && !findings.full()
    {
        findings.add(None, "table event", "the events do not come to what is said of them");
    }
    let numbers = store.read(|connection| {
        let mut statement = connection.prepare_cached("SELECT number FROM link ORDER BY number")?;
        let rows = statement.query_map([], |row| row.get::<_, i64>(0))?;
        Ok(rows.collect::<Result<Vec<i64>, _>>()?)
    });
    for number in findings.passed(None, numbers)?.unwrap_or_default() {
        let link = store.read(|connection| reports::link_at(connection, number).map(drop));
        findings.passed(None, link)?;
    }
    Ok(())
}
