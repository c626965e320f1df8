//! What became of attestations, and what belongs together.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use stella_attest_model::AttestationId;
use stella_vocabulary::UnixTime;

use super::arrivals::{self, Head};
use super::blocks::{self, Changes, NEIGHBOURS, REPORTED, Sums, hash};
use super::fault::Fault;
use super::index::{self, DEPENDENCY, Entry, LINK, attestation_mark, text_mark};
use super::row::{opened, record, signed, unsigned};
use crate::error::corrupt;
use crate::packed::{Packer, Unpacker};
use crate::records::{put_report, record_sum, take_report};
use crate::report_record::{Link, LinkKind, ReportRecord};

fn hash_of(arrival: i64) -> i64 {
    hash([REPORTED, arrival, 0])
}

/// Puts reports in the place of those before.
pub(super) fn put(connection: &Connection, reports: &[ReportRecord]) -> Result<(), Fault> {
    // The last of each attestation.
    let latest: BTreeMap<&[u8; 32], &ReportRecord> =
        reports.iter().map(|report| (report.attestation.as_bytes(), report)).collect();
    let mut in_order: Vec<&ReportRecord> = latest.into_values().collect();
    in_order.sort_unstable_by_key(|report| report.arrival);
    let mut changes = Changes::default();
    let (mut added, mut removed): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
    let size = Head::read(connection)?.arrivals.size;
    for report in in_order {
        let arrival = signed(report.arrival)?;
        let is_known = (1..=size).contains(&report.arrival)
            && arrivals::at(connection, report.arrival)?.arrival.attestation == report.attestation;
        if !is_known {
            let what = format!("arrival {} of {}", report.arrival, report.attestation);
            return Err(crate::error::StoreError::NotFound { what }.into());
        }
        let before = find(connection, &report.attestation)?;
        let record = put_report(report)?;
        let sum = record_sum(&record, "report");
        let marks = dependencies(report);
        if let Some(before) = &before {
            let from = signed(before.arrival)?;
            let old = dependencies(before);
            if from == arrival {
                removed.extend(old.iter().filter(|mark| !marks.contains(mark)).map(|mark| (DEPENDENCY, *mark, from)));
                added.extend(marks.iter().filter(|mark| !old.contains(mark)).map(|mark| (DEPENDENCY, *mark, from)));
                connection
                    .prepare_cached("UPDATE report SET record = ?2, sum = ?3 WHERE arrival = ?1")?
                    .execute(params![arrival, record, sum])?;
                continue;
            }
            removed.extend(old.into_iter().map(|mark| (DEPENDENCY, mark, from)));
            connection.prepare_cached("DELETE FROM report WHERE arrival = ?1")?.execute([from])?;
            changes.of((REPORTED, 0, from >> NEIGHBOURS)).take(hash_of(from));
        }
        added.extend(marks.into_iter().map(|mark| (DEPENDENCY, mark, arrival)));
        connection
            .prepare_cached("INSERT INTO report (arrival, record, sum) VALUES (?1, ?2, ?3)")?
            .execute(params![arrival, record, sum])?;
        changes.of((REPORTED, 0, arrival >> NEIGHBOURS)).add(hash_of(arrival));
    }
    index::remove(connection, &removed, &mut changes)?;
    index::add(connection, added, &mut changes)?;
    changes.apply(connection)
}

/// What a report is found by, each once.
pub(super) fn dependencies(report: &ReportRecord) -> Vec<i64> {
    let mut marks: Vec<i64> = report.dependencies.iter().map(|dependency| text_mark(dependency)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// The report of an attestation, if there is one.
fn find(connection: &Connection, attestation: &AttestationId) -> Result<Option<ReportRecord>, Fault> {
    for kept in arrivals::of(connection, attestation)? {
        if let Some(report) = at(connection, signed(kept.arrival.sequence)?)? {
            return Ok(Some(report));
        }
    }
    Ok(None)
}

pub(super) fn of(connection: &Connection, attestation: &AttestationId) -> Result<Option<ReportRecord>, Fault> {
    if let Some(report) = find(connection, attestation)? {
        return Ok(Some(report));
    }
    // Not there, or not there any more?
    for kept in arrivals::of(connection, attestation)? {
        in_part(connection, signed(kept.arrival.sequence)? >> NEIGHBOURS)?;
    }
    Ok(None)
}

/// The report on an arrival.
pub(super) fn at(connection: &Connection, arrival: i64) -> Result<Option<ReportRecord>, Fault> {
    let sql = "SELECT record, sum FROM report WHERE arrival = ?1";
    let report = record(connection, sql, [arrival], "report", take_report)?;
    match &report {
        Some(report) if signed(report.arrival)? != arrival => {
            Err(corrupt("report", &format!("another one stands in the place of the report on arrival {arrival}"))
                .into())
        }
        _ => Ok(report),
    }
}

/// The arrivals of a part that have a report, in order.
pub(super) fn in_part(connection: &Connection, number: i64) -> Result<Vec<i64>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT arrival FROM report WHERE arrival BETWEEN ?1 AND ?2 ORDER BY arrival")?;
    let first = number << NEIGHBOURS;
    let mut rows = statement.query([first, first | ((1 << NEIGHBOURS) - 1)])?;
    let (mut found, mut sums) = (Vec::new(), Sums::NONE);
    while let Some(row) = rows.next()? {
        let arrival = row.get(0)?;
        sums.add(hash_of(arrival));
        found.push(arrival);
    }
    blocks::compare(connection, (REPORTED, 0, number), &sums, "report")?;
    Ok(found)
}

pub(super) fn list(
    connection: &Connection,
    dependency: Option<&str>,
    after: u64,
    most: usize,
) -> Result<Vec<ReportRecord>, Fault> {
    let mut found = Vec::new();
    let Ok(after) = signed(after) else { return Ok(found) };
    let (kind, mark) = dependency.map_or((REPORTED, 0), |dependency| (DEPENDENCY, text_mark(dependency)));
    for (number, _) in blocks::all(connection, kind, mark, after.saturating_add(1) >> NEIGHBOURS)? {
        let arrivals = match dependency {
            Some(_) => index::in_part(connection, kind, mark, number)?,
            None => in_part(connection, number)?,
        };
        for arrival in arrivals.into_iter().filter(|arrival| *arrival > after) {
            if found.len() >= most {
                return Ok(found);
            }
            let report = at(connection, arrival)?;
            let report =
                report.ok_or_else(|| corrupt("report", &format!("the report on arrival {arrival} is missing")))?;
            // Another text may have the same mark.
            if dependency.is_none_or(|dependency| report.dependencies.iter().any(|one| one == dependency)) {
                found.push(report);
            }
        }
    }
    Ok(found)
}

fn put_link(link: &Link) -> Vec<u8> {
    Packer::default()
        .bytes(link.from.as_bytes())
        .bytes(link.to.as_bytes())
        .bytes(link.kind.name().as_bytes())
        .signed(link.at.seconds())
        .done()
}

fn take_link(from: &mut Unpacker<'_>) -> Option<Link> {
    let id = |from: &mut Unpacker<'_>| Some(AttestationId::from_bytes(from.bytes()?.try_into().ok()?));
    Some(Link {
        from: id(from)?,
        to: id(from)?,
        kind: LinkKind::from_name(&from.text()?)?,
        at: UnixTime::from_seconds(from.signed()?),
    })
}

pub(super) fn keep_link(connection: &Connection, link: &Link) -> Result<(), Fault> {
    let same = |known: &Link| (known.from, known.to, known.kind) == (link.from, link.to, link.kind);
    if numbered(connection, &link.from)?.iter().any(|(_, known)| same(known)) {
        return Ok(());
    }
    let latest: Option<i64> = connection
        .prepare_cached("SELECT max(number) FROM link")?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    let number = latest.unwrap_or(0).saturating_add(1);
    let record = put_link(link);
    let sum = record_sum(&record, "link");
    connection
        .prepare_cached("INSERT INTO link (number, record, sum) VALUES (?1, ?2, ?3)")?
        .execute(params![number, record, sum])?;
    let mut changes = Changes::default();
    let entries = [&link.from, &link.to].map(|id| (LINK, attestation_mark(id), number));
    index::add(connection, entries.to_vec(), &mut changes)?;
    changes.apply(connection)
}

pub(super) fn links(connection: &Connection, attestation: &AttestationId) -> Result<Vec<Link>, Fault> {
    let mut links = numbered(connection, attestation)?;
    links.sort_by_key(|(number, link)| (link.at, *number));
    Ok(links.into_iter().map(|(_, link)| link).collect())
}

fn numbered(connection: &Connection, attestation: &AttestationId) -> Result<Vec<(i64, Link)>, Fault> {
    let mut links = Vec::new();
    for number in index::led_to(connection, LINK, attestation_mark(attestation))? {
        let link = link_at(connection, number)?;
        if link.from == *attestation || link.to == *attestation {
            links.push((number, link));
        }
    }
    Ok(links)
}

/// The link with this number, which there is.
pub(super) fn link_at(connection: &Connection, number: i64) -> Result<Link, Fault> {
    let sql = "SELECT record, sum FROM link WHERE number = ?1";
    let link = record(connection, sql, [number], "link", take_link)?;
    link.ok_or_else(|| corrupt("link", &format!("link {number} is missing")).into())
}

/// Looks at the reports of a part.
pub(super) fn check(connection: &Connection, number: i64, mut flaw: impl FnMut(String)) -> Result<(), Fault> {
    let mut statement = connection
        .prepare_cached("SELECT arrival, record, sum FROM report WHERE arrival BETWEEN ?1 AND ?2 ORDER BY arrival")?;
    let first = number << NEIGHBOURS;
    let mut rows = statement.query([first, first | ((1 << NEIGHBOURS) - 1)])?;
    while let Some(row) = rows.next()? {
        let arrival: i64 = row.get(0)?;
        let report = match opened(row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?, "report", take_report) {
            Ok(report) => report,
            Err(error) => {
                flaw(format!("the report on arrival {arrival}: {error}"));
                continue;
            }
        };
        let judged = arrivals::at(connection, unsigned(arrival, "report")?);
        if !judged.is_ok_and(|kept| kept.arrival.attestation == report.attestation) {
            flaw(format!("the report on arrival {arrival} is about another attestation"));
        }
        for mark in dependencies(&report) {
            let found = index::has(connection, (DEPENDENCY, mark, arrival))?;
            if !found {
                flaw(format!("the report on arrival {arrival} is not found by all it depended on"));
            }
        }
    }
    Ok(())
}
