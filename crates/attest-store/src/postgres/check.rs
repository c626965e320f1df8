//! Looking at everything.

use std::collections::BTreeSet;

use tokio_postgres::Row;

use super::arrivals::{self, Head};
use super::fault::Fault;
use super::journal;
use super::row::{self, ARRIVAL, cell, corrupt, count, signed};
use super::session::Session;
use super::wire::Wire;
use super::{reports, runs};
use crate::arrival::{Arrival, ArrivalsHead};
use crate::body;
use crate::error::StoreError;
use crate::facts::Facts;
use crate::store::{Flaw, Progress};

/// How many rows are looked at together. With documents of 16 MiB, the longest that are read, and few of these, memory stays bounded.
const PAGE: u64 = 200;

/// What was found so far.
struct Findings<'a> {
    flaws: Vec<Flaw>,
    most: usize,
    progress: &'a mut dyn FnMut(Progress),
}

impl Findings<'_> {
    fn are_enough(&self) -> bool {
        self.flaws.len() >= self.most
    }

    fn add(&mut self, arrival: Option<u64>, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Corrupt { place, what } => {
                if !self.are_enough() {
                    self.flaws.push(Flaw { arrival, place, what });
                }
                Ok(())
            }
            other => Err(other),
        }
    }
}

pub(super) fn check(
    session: &mut Session,
    most: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Flaw>, StoreError> {
    let mut findings = Findings { flaws: Vec::new(), most, progress };
    let head = match session.read(Head::read) {
        Ok(head) => Some(head),
        Err(error) => {
            findings.add(None, error)?;
            None
        }
    };
    let end = match head {
        Some(head) => head.arrivals.size,
        None => session.read(|wire| number(wire, "SELECT coalesce(max(sequence), 0) FROM arrival"))?,
    };
    let found = chain(session, end, &mut findings)?;
    if let Some(head) = head
        && findings.flaws.is_empty()
        && found != head
    {
        findings.add(None, corrupt("head", "it says otherwise than the arrivals"))?;
    }
    strays(session, end, &mut findings)?;
    let mut after = Vec::new();
    while !findings.are_enough() {
        let page = session.read(|wire| reports::flaws(wire, &after, PAGE as i64));
        let Some((last, flaws)) = passed(page, &mut findings)? else { break };
        flaws.into_iter().try_for_each(|flaw| findings.add(None, flaw))?;
        let Some(last) = last else { break };
        after = last;
    }
    let mut after = -1;
    while !findings.are_enough() {
        let page = session.read(|wire| journal::flaws(wire, after, PAGE as i64));
        let Some((last, flaws)) = passed(page, &mut findings)? else { break };
        flaws.into_iter().try_for_each(|flaw| findings.add(None, flaw))?;
        let Some(last) = last else { break };
        after = last;
    }
    passed(session.read(journal::check_end), &mut findings)?;
    let links = passed(session.read(reports::link_flaws), &mut findings)?;
    links.into_iter().flatten().try_for_each(|flaw| findings.add(None, flaw))?;
    let runs = passed(session.read(runs::flaws), &mut findings)?;
    runs.into_iter().flatten().try_for_each(|flaw| findings.add(None, flaw))?;
    Ok(findings.flaws)
}

/// What a page holds; `None` if the server could not read it.
fn passed<T>(page: Result<T, StoreError>, findings: &mut Findings<'_>) -> Result<Option<T>, StoreError> {
    match page {
        Ok(page) => Ok(Some(page)),
        Err(error) => findings.add(None, error).map(|()| None),
    }
}

fn number(wire: &mut Wire, sql: &str) -> Result<u64, Fault> {
    let row = wire.query_opt(sql, &[])?.ok_or_else(|| corrupt("head", "a count is missing"))?;
    Ok(count(&row, 0, "head")?)
}

/// Follows the chain of arrivals with their documents, and returns the head that they come to.
fn chain(session: &mut Session, end: u64, findings: &mut Findings<'_>) -> Result<Head, StoreError> {
    let mut head = Head::EMPTY;
    let mut from = 1;
    while from <= end && !findings.are_enough() {
        let until = end.min(from + PAGE - 1);
        match session.read(|wire| page(wire, from, until)) {
            Ok(rows) => arrivals_of(&rows, (from, until), &mut head, findings)?,
            // One row cannot be read, and all of the page is refused for it: look at each alone.
            Err(StoreError::Corrupt { .. }) => {
                for sequence in from..=until {
                    match session.read(|wire| page(wire, sequence, sequence)) {
                        Ok(rows) => arrivals_of(&rows, (sequence, sequence), &mut head, findings)?,
                        Err(error) => findings.add(Some(sequence), error)?,
                    }
                }
            }
            Err(error) => return Err(error),
        }
        (findings.progress)(Progress { done: until, of: end });
        from = until + 1;
    }
    Ok(head)
}

fn page(wire: &mut Wire, from: u64, until: u64) -> Result<Vec<Row>, Fault> {
    // Behind the columns of the arrival: the document; how it is found by subject, by key, and by the marks of its texts.
    let sql = format!(
        "SELECT {ARRIVAL}, b.document, \
         ARRAY(SELECT s.digest || convert_to(s.algorithm, 'UTF8') FROM subject s WHERE s.sequence = a.sequence), \
         ARRAY(SELECT k.mark FROM arrival_key k WHERE k.sequence = a.sequence), \
         ARRAY[a.predicate_type_mark, a.identity_mark, a.issuer_mark], \
         (SELECT count(*) FROM arrival f WHERE f.document = a.document) \
         FROM arrival a LEFT JOIN body b USING (sequence) WHERE a.sequence BETWEEN $1 AND $2 ORDER BY a.sequence"
    );
    // By an index only: what is looked at is what others find by it.
    wire.query(&sql, &[&signed(from)?, &signed(until)?])
}

fn arrivals_of(
    rows: &[Row],
    (from, until): (u64, u64),
    head: &mut Head,
    findings: &mut Findings<'_>,
) -> Result<(), StoreError> {
    let mut expected = from;
    for row in rows {
        let sequence = count(row, 0, "arrival")?;
        for missing in expected..sequence {
            findings.add(Some(missing), corrupt("arrival", &format!("arrival {missing} is missing")))?;
        }
        expected = sequence + 1;
        let arrival = match row::arrival(row) {
            Ok(arrival) => arrival,
            Err(error) => {
                findings.add(Some(sequence), error)?;
                continue;
            }
        };
        head.arrivals = ArrivalsHead { size: sequence, link: arrival.link };
        head.attestations += u64::from(arrival.first);
        head.bytes = head.bytes.saturating_add(arrival.length);
        if let Err(error) = contents(row, &arrival) {
            findings.add(Some(sequence), error)?;
        }
    }
    for missing in expected..=until {
        findings.add(Some(missing), corrupt("arrival", &format!("arrival {missing} is missing")))?;
    }
    Ok(())
}

/// Holds an arrival against its document.
fn contents(row: &Row, arrival: &Arrival) -> Result<(), StoreError> {
    let sequence = arrival.sequence;
    let missing = || corrupt("body", &format!("the document of arrival {sequence} is missing"));
    let body: &[u8] = cell::<Option<&[u8]>>(row, 13, "body")?.ok_or_else(missing)?;
    let document = body::expanded(body, arrival.length, &arrival.document, sequence)?;
    let other = |table: &str| corrupt(table, &format!("arrival {sequence} says otherwise than its document"));
    // It was read when it came in; by one that cannot be read, nothing can be held against what is said of it.
    let (_, facts) = Facts::read(&document, &arrivals::generous())
        .map_err(|error| corrupt("arrival", &format!("the document of arrival {sequence} cannot be read: {error}")))?;
    let same = facts.attestation == arrival.attestation
        && facts.form == arrival.form
        && facts.predicate_type == arrival.predicate_type
        && facts.identity == arrival.identity
        && facts.issuer == arrival.issuer;
    if !same || cell::<i64>(row, 17, "arrival")? != 1 {
        return Err(other("arrival"));
    }
    let marks: Vec<Option<i64>> = cell(row, 16, "arrival")?;
    let texts = [&facts.predicate_type, &facts.identity, &facts.issuer];
    if !marks.iter().copied().eq(texts.iter().map(|text| text.as_deref().map(arrivals::mark))) {
        return Err(other("arrival"));
    }
    let subjects: BTreeSet<Vec<u8>> = cell::<Vec<Vec<u8>>>(row, 14, "subject")?.into_iter().collect();
    let claimed = arrivals::subjects_of(&facts).map(|(algorithm, digest)| [digest, algorithm.as_bytes()].concat());
    if subjects != claimed.collect() {
        return Err(other("subject"));
    }
    let keys: BTreeSet<Vec<u8>> = cell::<Vec<Vec<u8>>>(row, 15, "arrival_key")?.into_iter().collect();
    if keys != arrivals::keys_of(&facts).into_iter().collect() {
        return Err(other("arrival_key"));
    }
    Ok(())
}

/// Rows that belong to no arrival.
fn strays(session: &mut Session, end: u64, findings: &mut Findings<'_>) -> Result<(), StoreError> {
    for table in ["body", "subject", "arrival_key"] {
        let sql = format!(
            "SELECT count(*) FROM {table} t WHERE t.sequence <= $1 AND NOT EXISTS (SELECT 1 FROM arrival a WHERE a.sequence = t.sequence)"
        );
        let end = signed(end)?;
        let stray = session.read(|wire| {
            let row = wire.query_opt(&sql, &[&end])?.ok_or_else(|| corrupt(table, "a count is missing"))?;
            Ok(count(&row, 0, table)?)
        });
        if let Some(stray) = passed(stray, findings)?
            && stray > 0
        {
            findings.add(None, corrupt(table, &format!("{stray} rows belong to no arrival")))?;
        }
    }
    Ok(())
}
