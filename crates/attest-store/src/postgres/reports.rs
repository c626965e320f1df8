//! What became of attestations, and what belongs together.

use std::collections::BTreeMap;
use std::collections::HashMap;

use stella_attest_model::AttestationId;
use stella_vocabulary::UnixTime;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::arrivals::{key_mark, limit};
use super::fault::Fault;
use super::row::{self, cell, corrupt, count, exact, signed};
use super::schema::LINK_SUM;
use super::session::Session;
use super::wire::Wire;
use crate::error::StoreError;
use crate::packed::Packer;
use crate::records::{put_report, take_report as take};
use crate::report_record::{Link, LinkKind, ReportRecord};

pub(super) fn keep(session: &mut Session, reports: &[ReportRecord]) -> Result<(), StoreError> {
    let lines = lines(reports)?;
    if lines.is_empty() {
        return Ok(());
    }
    session.write(|wire| put(wire, &lines))
}

/// A report as it is kept.
pub(super) struct Line {
    attestation: [u8; 32],
    arrival: i64,
    dependencies: Vec<u8>,
    marks: Vec<Vec<u8>>,
    record: Vec<u8>,
    sum: Vec<u8>,
}

/// The last report of each attestation, in the order of their ids, so that no two writers wait for each other in a circle.
pub(super) fn lines(reports: &[ReportRecord]) -> Result<Vec<Line>, StoreError> {
    let latest: BTreeMap<&[u8; 32], &ReportRecord> =
        reports.iter().map(|report| (report.attestation.as_bytes(), report)).collect();
    latest.into_values().map(line).collect()
}

fn line(report: &ReportRecord) -> Result<Line, StoreError> {
    let record = put_report(report)?;
    let mut marks: Vec<Vec<u8>> = report.dependencies.iter().map(|dependency| key_mark(dependency)).collect();
    marks.sort_unstable();
    marks.dedup();
    Ok(Line {
        attestation: *report.attestation.as_bytes(),
        arrival: signed(report.arrival)?,
        dependencies: Packer::default().each(&marks, |packer, mark| packer.bytes(mark)).sum("dependencies"),
        marks,
        sum: row::record_sum(&record, "report"),
        record,
    })
}

/// Puts reports in the place of those before, and their dependencies where they are others.
pub(super) fn put(wire: &mut Wire, lines: &[Line]) -> Result<(), Fault> {
    let ids: Vec<&[u8]> = lines.iter().map(|line| line.attestation.as_slice()).collect();
    let arrivals: Vec<i64> = lines.iter().map(|line| line.arrival).collect();
    let dependencies: Vec<&[u8]> = lines.iter().map(|line| line.dependencies.as_slice()).collect();
    let records: Vec<&[u8]> = lines.iter().map(|line| line.record.as_slice()).collect();
    let sums: Vec<&[u8]> = lines.iter().map(|line| line.sum.as_slice()).collect();
    let unknown = wire.query(
        "SELECT new.attestation, new.arrival FROM unnest($1::bytea[], $2::bigint[]) AS new(attestation, arrival) WHERE NOT EXISTS \
         (SELECT 1 FROM arrival a WHERE a.sequence = new.arrival AND a.attestation = new.attestation) LIMIT 1",
        &[&ids, &arrivals],
    )?;
    if let Some(row) = unknown.first() {
        let attestation = AttestationId::from_bytes(exact(row, 0, "arrival")?);
        let what = format!("arrival {} of {attestation}", cell::<i64>(row, 1, "arrival")?);
        return Err(StoreError::NotFound { what }.into());
    }
    // First all rows are there and held, in their order; what was in them is seen after that.
    wire.execute(
        "INSERT INTO report (attestation, arrival, dependencies, record, sum) \
         SELECT attestation, 0, ''::bytea, ''::bytea, ''::bytea FROM unnest($1::bytea[]) WITH ORDINALITY AS new(attestation, place) \
         ORDER BY place ON CONFLICT (attestation) DO NOTHING",
        &[&ids],
    )?;
    let rows = wire.query(
        "SELECT attestation, arrival, dependencies FROM report WHERE attestation = ANY($1) ORDER BY attestation FOR UPDATE",
        &[&ids],
    )?;
    let mut before: HashMap<[u8; 32], (i64, &[u8])> = HashMap::with_capacity(rows.len());
    for row in &rows {
        before.insert(exact(row, 0, "report")?, (cell(row, 1, "report")?, cell(row, 2, "report")?));
    }
    wire.execute(
        "UPDATE report r SET arrival = new.arrival, dependencies = new.dependencies, record = new.record, sum = new.sum \
         FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]) \
         AS new(attestation, arrival, dependencies, record, sum) WHERE r.attestation = new.attestation",
        &[&ids, &arrivals, &dependencies, &records, &sums],
    )?;
    let changed: Vec<&Line> = lines
        .iter()
        .filter(|line| before.get(&line.attestation) != Some(&(line.arrival, line.dependencies.as_slice())))
        .collect();
    let stale: Vec<&[u8]> = changed
        .iter()
        .filter(|line| before.get(&line.attestation).is_some_and(|(_, dependencies)| !dependencies.is_empty()))
        .map(|line| line.attestation.as_slice())
        .collect();
    if !stale.is_empty() {
        wire.execute("DELETE FROM report_dependency WHERE attestation = ANY($1)", &[&stale])?;
    }
    let fresh: Vec<(&Vec<u8>, i64, &[u8])> = changed
        .iter()
        .flat_map(|line| line.marks.iter().map(|mark| (mark, line.arrival, line.attestation.as_slice())))
        .collect();
    wire.copy(
        "COPY report_dependency (mark, arrival, attestation) FROM STDIN (FORMAT binary)",
        &[Type::BYTEA, Type::INT8, Type::BYTEA],
        &fresh,
        |(mark, arrival, attestation)| vec![mark, arrival, attestation],
    )
}

/// The columns of a report, in the order in which [`report`] reads them.
const REPORT: &str = "r.attestation, r.arrival, r.record, r.sum";

fn report(row: &Row) -> Result<ReportRecord, StoreError> {
    let report = row::record(row, (2, 3), "report", take)?;
    if exact::<32>(row, 0, "report")? != *report.attestation.as_bytes() || count(row, 1, "report")? != report.arrival {
        return Err(corrupt("report", "a row says otherwise than its record"));
    }
    Ok(report)
}

/// Looks at a page of reports, in the order of their attestations, and returns the last of these with what is wrong.
pub(super) fn flaws(wire: &mut Wire, after: &[u8], page: i64) -> Result<(Option<Vec<u8>>, Vec<StoreError>), Fault> {
    let sql = format!(
        "SELECT {REPORT}, (SELECT count(*) FROM report_dependency d WHERE d.attestation = r.attestation), \
         EXISTS (SELECT 1 FROM arrival a WHERE a.sequence = r.arrival AND a.attestation = r.attestation) \
         FROM report r WHERE r.attestation > $1 ORDER BY r.attestation LIMIT $2"
    );
    let rows = wire.query(&sql, &[&after, &page])?;
    let mut flaws = Vec::new();
    for row in &rows {
        match report(row) {
            Ok(report) => {
                if cell::<i64>(row, 4, "report_dependency")? != i64::try_from(line(&report)?.marks.len()).unwrap_or(0) {
                    flaws.push(corrupt("report_dependency", &format!("{} has more or fewer", report.attestation)));
                }
                if !cell::<bool>(row, 5, "report")? {
                    let what = format!("{} was judged by an arrival that is not there", report.attestation);
                    flaws.push(corrupt("report", &what));
                }
            }
            Err(error) => flaws.push(error),
        }
    }
    let last = rows.last().map(|row| exact::<32>(row, 0, "report")).transpose()?;
    Ok((last.map(|last| last.to_vec()), flaws))
}

pub(super) fn of(session: &mut Session, attestation: &AttestationId) -> Result<Option<ReportRecord>, StoreError> {
    let sql = format!("SELECT {REPORT} FROM report r WHERE r.attestation = $1");
    session.read(|wire| {
        let row = wire.query_opt(&sql, &[&attestation.as_bytes().as_slice()])?;
        Ok(row.as_ref().map(report).transpose()?)
    })
}

pub(super) fn list(
    session: &mut Session,
    dependency: Option<&str>,
    after: u64,
    most: usize,
) -> Result<Vec<ReportRecord>, StoreError> {
    let Ok(after) = signed(after) else { return Ok(Vec::new()) };
    let most = limit(most);
    session.read(|wire| {
        let rows = match dependency {
            Some(dependency) => {
                let sql = format!(
                    "SELECT {REPORT} FROM report_dependency d JOIN report r USING (attestation) \
                     WHERE d.mark = $1 AND d.arrival > $2 ORDER BY d.arrival, d.attestation LIMIT $3"
                );
                wire.query(&sql, &[&key_mark(dependency), &after, &most])?
            }
            None => {
                let sql = format!(
                    "SELECT {REPORT} FROM report r WHERE r.arrival > $1 ORDER BY r.arrival, r.attestation LIMIT $2"
                );
                wire.query(&sql, &[&after, &most])?
            }
        };
        Ok(rows.iter().map(report).collect::<Result<_, StoreError>>()?)
    })
}

pub(super) fn keep_link(session: &mut Session, link: &Link) -> Result<(), StoreError> {
    session.write(|wire| {
        let made = wire.execute(
            &format!(
                "INSERT INTO link (earlier, later, kind, at, sum) SELECT l.earlier, l.later, l.kind, l.at, {LINK_SUM} FROM \
                 (SELECT $1::bytea AS earlier, $2::bytea AS later, $3::text AS kind, $4::bigint AS at) AS l ON CONFLICT DO NOTHING"
            ),
            &[&link.from.as_bytes().as_slice(), &link.to.as_bytes().as_slice(), &link.kind.name(), &link.at.seconds()],
        )?;
        if made > 0 {
            wire.execute("UPDATE store SET links = links + 1", &[])?;
        }
        Ok(())
    })
}

/// What is wrong with the links. That one was taken out shows here only: counting them all for every question about one attestation would be dear.
pub(super) fn link_flaws(wire: &mut Wire) -> Result<Vec<StoreError>, Fault> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE l.sum <> {LINK_SUM}), count(*), coalesce((SELECT links FROM store), -1) FROM link l"
    );
    let row = wire.query_opt(&sql, &[])?.ok_or_else(|| corrupt("link", "a count is missing"))?;
    let (damaged, found) = (count(&row, 0, "link")?, count(&row, 1, "link")?);
    let wanted = count(&row, 2, "store")?;
    let mut flaws = Vec::new();
    if damaged > 0 {
        flaws.push(corrupt("link", &format!("{damaged} links do not fit their checksums")));
    }
    if found != wanted {
        flaws.push(corrupt("link", &format!("there are {found} links, and {wanted} were kept")));
    }
    Ok(flaws)
}

pub(super) fn links(session: &mut Session, attestation: &AttestationId) -> Result<Vec<Link>, StoreError> {
    session.read(|wire| {
        let rows = wire.query(
            &format!(
                "SELECT l.earlier, l.later, l.kind, l.at, l.sum = {LINK_SUM} FROM link l \
                 WHERE l.earlier = $1 OR l.later = $1 ORDER BY l.at, l.sequence"
            ),
            &[&attestation.as_bytes().as_slice()],
        )?;
        let links = rows.iter().map(|row| {
            if !cell::<bool>(row, 4, "link")? {
                return Err(corrupt("link", "a link does not fit its checksum"));
            }
            let kind = cell(row, 2, "link")?;
            Ok(Link {
                from: AttestationId::from_bytes(exact(row, 0, "link")?),
                to: AttestationId::from_bytes(exact(row, 1, "link")?),
                kind: LinkKind::from_name(kind).ok_or_else(|| corrupt("link", "an unknown kind"))?,
                at: UnixTime::from_seconds(cell(row, 3, "link")?),
            })
        });
        Ok(links.collect::<Result<_, StoreError>>()?)
    })
}
