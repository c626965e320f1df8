//! Taking documents in, and finding them again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest as _, Sha256};
use stella_attest_model::{AttestationId, IdPrefix};
use stella_vocabulary::hex;
use tokio_postgres::types::{ToSql, Type};

use super::fault::Fault;
use super::operation;
use super::row::{self, ARRIVAL, cell, corrupt, count, exact, signed};
use super::session::Session;
use super::wire::Wire;
use crate::arrival::{Added, Arrival, ArrivalsHead, Incoming};
use crate::body;
use crate::error::StoreError;
use crate::facts::Facts;
use crate::filter::{Documents, Filter};
use crate::packed::Packer;
use crate::records::facts_of;
pub(super) use crate::records::{generous, key_mark, keys_of, mark, subjects_of};
use crate::records::{put_added, take_added};
use crate::store::OperationId;

/// Where the arrivals end, and what they come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Head {
    pub(super) arrivals: ArrivalsHead,
    pub(super) attestations: u64,
    pub(super) bytes: u64,
}

impl Head {
    pub(super) const EMPTY: Self =
        Self { arrivals: ArrivalsHead { size: 0, link: [0; 32] }, attestations: 0, bytes: 0 };

    pub(super) fn sum(&self) -> Vec<u8> {
        Packer::default()
            .number(self.arrivals.size)
            .bytes(&self.arrivals.link)
            .number(self.attestations)
            .number(self.bytes)
            .sum("head")
    }

    pub(super) fn read(wire: &mut Wire) -> Result<Self, Fault> {
        Self::of(wire, "SELECT size, link, attestations, bytes, sum FROM head")
    }

    /// Nobody else adds anything until the transaction ends.
    fn held(wire: &mut Wire) -> Result<Self, Fault> {
        Self::of(wire, "SELECT size, link, attestations, bytes, sum FROM head FOR UPDATE")
    }

    fn of(wire: &mut Wire, sql: &str) -> Result<Self, Fault> {
        let row = wire.query_opt(sql, &[])?.ok_or_else(|| corrupt("head", "it is empty"))?;
        let head = Self {
            arrivals: ArrivalsHead { size: count(&row, 0, "head")?, link: exact(&row, 1, "head")? },
            attestations: count(&row, 2, "head")?,
            bytes: count(&row, 3, "head")?,
        };
        if cell::<&[u8]>(&row, 4, "head")? != head.sum() {
            return Err(corrupt("head", "it does not fit its checksum").into());
        }
        Ok(head)
    }

    fn put(&self, wire: &mut Wire) -> Result<(), Fault> {
        let numbers = (signed(self.arrivals.size)?, signed(self.attestations)?, signed(self.bytes)?);
        wire.execute(
            "UPDATE head SET size = $1, link = $2, attestations = $3, bytes = $4, sum = $5",
            &[&numbers.0, &self.arrivals.link.as_slice(), &numbers.1, &numbers.2, &self.sum()],
        )?;
        Ok(())
    }
}

/// What of a batch is there already.
#[derive(Default)]
struct Known {
    /// How many arrivals there were when it was looked up.
    size: u64,
    documents: HashMap<[u8; 32], u64>,
    attestations: HashMap<[u8; 32], u64>,
}

impl Known {
    /// Looks at the arrivals behind those that were looked at before.
    fn extend(&mut self, wire: &mut Wire, size: u64, documents: &[&[u8]], attestations: &[&[u8]]) -> Result<(), Fault> {
        if size <= self.size && self.size > 0 {
            return Ok(());
        }
        let (after, until) = (signed(self.size)?, signed(size)?);
        let rows = wire.query(
            "SELECT document, sequence FROM arrival WHERE document = ANY($1) AND sequence > $2 AND sequence <= $3",
            &[&documents, &after, &until],
        )?;
        for row in &rows {
            self.documents.insert(exact(row, 0, "arrival")?, count(row, 1, "arrival")?);
        }
        let rows = wire.query(
            "SELECT attestation, min(sequence) FROM arrival WHERE attestation = ANY($1) AND sequence > $2 AND sequence <= $3 GROUP BY attestation",
            &[&attestations, &after, &until],
        )?;
        for row in &rows {
            self.attestations.entry(exact(row, 0, "arrival")?).or_insert(count(row, 1, "arrival")?);
        }
        self.size = size;
        Ok(())
    }
}

/// What a new arrival brings into the tables.
struct Entering<'a> {
    arrival: Arrival,
    facts: &'a Facts,
    body: &'a [u8],
}

pub(super) fn add(
    session: &mut Session,
    batch: &[Incoming<'_>],
    operation: OperationId,
) -> Result<Vec<Added>, StoreError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    for incoming in batch {
        if <[u8; 32]>::from(Sha256::digest(incoming.document)) != incoming.facts.document {
            return Err(corrupt("arrival", "what is said about a document was read from another one"));
        }
    }
    let documents: Vec<&[u8]> = batch.iter().map(|incoming| incoming.facts.document.as_slice()).collect();
    let attestations: Vec<&[u8]> =
        batch.iter().map(|incoming| incoming.facts.attestation.as_bytes().as_slice()).collect();
    // Whatever can be done before others are kept waiting.
    let mut known = Known::default();
    session.read(|wire| {
        known = Known::default();
        let size = Head::read(wire)?.arrivals.size;
        known.extend(wire, size, &documents, &attestations)
    })?;
    let bodies = bodies(batch, &known)?;
    session.write(|wire| {
        if let Some(added) = operation::answer(wire, operation, take_added)? {
            return if added.len() == batch.len() {
                Ok(added)
            } else {
                Err(corrupt("operation", "its name stands for another change").into())
            };
        }
        let mut head = Head::held(wire)?;
        if head.arrivals.size < known.size {
            return Err(older(wire, known.size, head.arrivals.size).into());
        }
        known.extend(wire, head.arrivals.size, &documents, &attestations)?;
        let (added, entering) = enter(batch, &known, &bodies, &mut head);
        put(wire, &entering)?;
        head.put(wire)?;
        operation::note(wire, operation, &put_added(&added))?;
        Ok(added)
    })
}

/// The server that answers now has less than the one before, such as a replica that lagged behind when it took over.
fn older(wire: &Wire, seen: u64, found: u64) -> StoreError {
    let arrivals = |size: u64| format!("{size} arrivals");
    StoreError::RollbackDetected { place: wire.place().to_owned(), seen: arrivals(seen), found: arrivals(found) }
}

/// The compressed documents that are not known, by their digest.
fn bodies(batch: &[Incoming<'_>], known: &Known) -> Result<HashMap<[u8; 32], Vec<u8>>, StoreError> {
    let mut bodies = HashMap::with_capacity(batch.len());
    let mut fresh: Vec<&Incoming<'_>> = Vec::with_capacity(batch.len());
    for incoming in batch {
        if known.documents.contains_key(&incoming.facts.document) {
            continue;
        }
        if let Entry::Vacant(entry) = bodies.entry(incoming.facts.document) {
            entry.insert(Vec::new());
            fresh.push(incoming);
        }
    }
    let documents: Vec<&[u8]> = fresh.iter().map(|incoming| incoming.document).collect();
    for (incoming, body) in fresh.iter().zip(body::compressed(&documents)?) {
        bodies.insert(incoming.facts.document, body);
    }
    Ok(bodies)
}

/// Gives numbers to what is new, behind `head`, and moves it on.
fn enter<'a>(
    batch: &'a [Incoming<'_>],
    known: &Known,
    bodies: &'a HashMap<[u8; 32], Vec<u8>>,
    head: &mut Head,
) -> (Vec<Added>, Vec<Entering<'a>>) {
    let mut documents: HashMap<[u8; 32], u64> = HashMap::new();
    let mut attestations: HashMap<[u8; 32], u64> = HashMap::new();
    let mut entering = Vec::with_capacity(batch.len());
    let added = batch.iter().map(|incoming| {
        let facts = incoming.facts;
        let there = known.documents.get(&facts.document).or_else(|| documents.get(&facts.document));
        if let Some(sequence) = there {
            return Added::Duplicate(*sequence);
        }
        let attestation = facts.attestation.as_bytes();
        let first = !known.attestations.contains_key(attestation) && !attestations.contains_key(attestation);
        let arrival = next(incoming, first, head);
        let sequence = arrival.sequence;
        documents.insert(facts.document, sequence);
        attestations.insert(*attestation, sequence);
        let body = bodies.get(&facts.document).map(Vec::as_slice).unwrap_or_default();
        entering.push(Entering { arrival, facts, body });
        if first { Added::New(sequence) } else { Added::Evidence(sequence) }
    });
    (added.collect(), entering)
}

fn next(incoming: &Incoming<'_>, first: bool, head: &mut Head) -> Arrival {
    let facts = incoming.facts;
    let sequence = head.arrivals.size.saturating_add(1);
    let link = Arrival::link_after(&head.arrivals.link, sequence, incoming.at, &facts.attestation, &facts.document);
    let length = incoming.document.len() as u64;
    head.arrivals = ArrivalsHead { size: sequence, link };
    head.attestations = head.attestations.saturating_add(u64::from(first));
    head.bytes = head.bytes.saturating_add(length);
    Arrival {
        sequence,
        at: incoming.at,
        attestation: facts.attestation,
        document: facts.document,
        form: facts.form,
        length,
        first,
        predicate_type: facts.predicate_type.clone(),
        identity: facts.identity.clone(),
        issuer: facts.issuer.clone(),
        link,
    }
}

pub(super) fn take_over(session: &mut Session, arrivals: &[(Arrival, Vec<u8>)]) -> Result<(), StoreError> {
    let Some((last, _)) = arrivals.last() else { return Ok(()) };
    let facts = facts_of(arrivals)?;
    let documents: Vec<&[u8]> = arrivals.iter().map(|(_, document)| document.as_slice()).collect();
    let bodies = body::compressed(&documents)?;
    let mut tried = false;
    session.write(|wire| {
        let mut head = Head::held(wire)?;
        // The answer to the first try may have been lost.
        if std::mem::replace(&mut tried, true) && link_at(wire, last.sequence)? == Some(last.link) {
            return Ok(());
        }
        let mut seen: HashMap<&[u8], ()> = HashMap::new();
        let ids: Vec<&[u8]> = arrivals.iter().map(|(arrival, _)| arrival.attestation.as_bytes().as_slice()).collect();
        let digests: Vec<&[u8]> = arrivals.iter().map(|(arrival, _)| arrival.document.as_slice()).collect();
        let mut known = Known::default();
        known.extend(wire, head.arrivals.size, &digests, &ids)?;
        let mut entering = Vec::with_capacity(arrivals.len());
        for (((arrival, _), facts), body) in arrivals.iter().zip(&facts).zip(&bodies) {
            let id = arrival.attestation.as_bytes();
            let is_first = !known.attestations.contains_key(id) && seen.insert(id, ()).is_none();
            let fits = head.arrivals.size.checked_add(1) == Some(arrival.sequence)
                && arrival.continues(&head.arrivals.link)
                && arrival.first == is_first
                && !known.documents.contains_key(&arrival.document);
            if !fits {
                return Err(StoreError::NotAContinuation { sequence: arrival.sequence }.into());
            }
            head.arrivals = ArrivalsHead { size: arrival.sequence, link: arrival.link };
            head.attestations = head.attestations.saturating_add(u64::from(arrival.first));
            head.bytes = head.bytes.saturating_add(arrival.length);
            entering.push(Entering { arrival: arrival.clone(), facts, body });
        }
        put(wire, &entering)?;
        head.put(wire)
    })
}

fn link_at(wire: &mut Wire, sequence: u64) -> Result<Option<[u8; 32]>, Fault> {
    let row = wire.query_opt("SELECT link FROM arrival WHERE sequence = $1", &[&signed(sequence)?])?;
    Ok(row.map(|row| exact(&row, 0, "arrival")).transpose()?)
}

/// Writes new arrivals with everything that they are found by.
fn put(wire: &mut Wire, entering: &[Entering<'_>]) -> Result<(), Fault> {
    put_arrivals(wire, entering)?;
    let sequences: Vec<i64> =
        entering.iter().map(|new| signed(new.arrival.sequence)).collect::<Result<_, StoreError>>()?;
    let bodies: Vec<(i64, &[u8])> = sequences.iter().copied().zip(entering.iter().map(|new| new.body)).collect();
    wire.copy(
        "COPY body (sequence, document) FROM STDIN (FORMAT binary)",
        &[Type::INT8, Type::BYTEA],
        &bodies,
        |(sequence, body)| vec![sequence, body],
    )?;
    let mut subjects: Vec<(&'static str, &[u8], i64)> = Vec::new();
    let mut keys: Vec<(Vec<u8>, i64)> = Vec::new();
    for (new, sequence) in entering.iter().zip(&sequences) {
        subjects.extend(subjects_of(new.facts).map(|(algorithm, digest)| (algorithm, digest, *sequence)));
        keys.extend(keys_of(new.facts).into_iter().map(|mark| (mark, *sequence)));
    }
    wire.copy(
        "COPY subject (algorithm, digest, sequence) FROM STDIN (FORMAT binary)",
        &[Type::TEXT, Type::BYTEA, Type::INT8],
        &subjects,
        |(algorithm, digest, sequence)| vec![algorithm, digest, sequence],
    )?;
    wire.copy(
        "COPY arrival_key (mark, sequence) FROM STDIN (FORMAT binary)",
        &[Type::BYTEA, Type::INT8],
        &keys,
        |(mark, sequence)| vec![mark, sequence],
    )
}

fn put_arrivals(wire: &mut Wire, entering: &[Entering<'_>]) -> Result<(), Fault> {
    struct Line<'a> {
        numbers: (i64, i64, i64),
        arrival: &'a Arrival,
        form: &'static str,
        ids: (&'a [u8], &'a [u8], &'a [u8]),
        texts: [Option<&'a [u8]>; 3],
        marks: [Option<i64>; 3],
        sum: Vec<u8>,
    }
    let mut lines = Vec::with_capacity(entering.len());
    for Entering { arrival, .. } in entering {
        let texts = [&arrival.predicate_type, &arrival.identity, &arrival.issuer];
        lines.push(Line {
            numbers: (signed(arrival.sequence)?, arrival.at.seconds(), signed(arrival.length)?),
            arrival,
            form: arrival.form.as_str(),
            ids: (arrival.attestation.as_bytes(), &arrival.document, &arrival.link),
            texts: texts.map(|text| text.as_ref().map(String::as_bytes)),
            marks: texts.map(|text| text.as_deref().map(mark)),
            sum: row::arrival_sum(arrival),
        });
    }
    wire.copy(
        "COPY arrival (sequence, at, attestation, document, form, length, first, predicate_type, identity, issuer, \
         predicate_type_mark, identity_mark, issuer_mark, link, sum) FROM STDIN (FORMAT binary)",
        &[
            Type::INT8,
            Type::INT8,
            Type::BYTEA,
            Type::BYTEA,
            Type::TEXT,
            Type::INT8,
            Type::BOOL,
            Type::BYTEA,
            Type::BYTEA,
            Type::BYTEA,
            Type::INT8,
            Type::INT8,
            Type::INT8,
            Type::BYTEA,
            Type::BYTEA,
        ],
        &lines,
        |line| {
            let [predicate_type, identity, issuer] = &line.texts;
            let [predicate_type_mark, identity_mark, issuer_mark] = &line.marks;
            vec![
                &line.numbers.0,
                &line.numbers.1,
                &line.ids.0,
                &line.ids.1,
                &line.form,
                &line.numbers.2,
                &line.arrival.first,
                predicate_type,
                identity,
                issuer,
                predicate_type_mark,
                identity_mark,
                issuer_mark,
                &line.ids.2,
                &line.sum,
            ]
        },
    )
}

pub(super) fn of(session: &mut Session, attestation: &AttestationId) -> Result<Vec<Arrival>, StoreError> {
    let sql = format!("SELECT {ARRIVAL} FROM arrival a WHERE a.attestation = $1 ORDER BY a.sequence");
    session.read(|wire| Ok(row::arrivals(&wire.query(&sql, &[&attestation.as_bytes().as_slice()])?)?))
}

pub(super) fn at(session: &mut Session, sequence: u64) -> Result<Option<Arrival>, StoreError> {
    let Ok(sequence) = signed(sequence) else { return Ok(None) };
    let sql = format!("SELECT {ARRIVAL} FROM arrival a WHERE a.sequence = $1");
    session.read(|wire| Ok(wire.query_opt(&sql, &[&sequence])?.as_ref().map(row::arrival).transpose()?))
}

pub(super) fn resolve(session: &mut Session, prefix: &IdPrefix, most: usize) -> Result<Vec<AttestationId>, StoreError> {
    let digits = prefix.digits();
    let end = |filling: &str| hex::decode(&format!("{digits}{}", filling.repeat(64 - digits.len().min(64))));
    let (Some(from), Some(until)) = (end("0"), end("f")) else { return Ok(Vec::new()) };
    let most = limit(most);
    session.read(|wire| {
        let rows = wire.query(
            "SELECT DISTINCT attestation FROM arrival WHERE attestation BETWEEN $1 AND $2 ORDER BY attestation LIMIT $3",
            &[&from, &until, &most],
        )?;
        let ids = rows.iter().map(|row| exact(row, 0, "arrival").map(AttestationId::from_bytes));
        Ok(ids.collect::<Result<_, StoreError>>()?)
    })
}

pub(super) fn find(
    session: &mut Session,
    filter: &Filter,
    after: u64,
    most: usize,
) -> Result<Vec<Arrival>, StoreError> {
    let Ok(after) = signed(after) else { return Ok(Vec::new()) };
    let most = limit(most);
    let mut asked = Asked::of(filter);
    let place = asked.next(Box::new(after));
    asked.conditions.push(format!("a.sequence > ${place}"));
    let place = asked.next(Box::new(most));
    let sql = format!("SELECT {ARRIVAL} FROM arrival a WHERE {} ORDER BY a.sequence LIMIT ${place}", asked.sql());
    session.read(|wire| Ok(row::arrivals(&wire.query(&sql, &asked.values())?)?))
}

/// A filter as conditions of a statement.
pub(super) struct Asked {
    conditions: Vec<String>,
    values: Vec<Box<dyn ToSql + Sync>>,
}

impl Asked {
    pub(super) fn of(filter: &Filter) -> Self {
        let mut asked = Self { conditions: Vec::new(), values: Vec::new() };
        if let Some(digest) = &filter.subject {
            let algorithm = asked.next(Box::new(digest.algorithm().name()));
            let digest = asked.next(Box::new(digest.as_bytes().to_vec()));
            asked.conditions.push(format!(
                "a.sequence IN (SELECT s.sequence FROM subject s WHERE s.digest = ${digest} AND s.algorithm = ${algorithm})"
            ));
        }
        if let Some(key) = &filter.key {
            let mark = asked.next(Box::new(key_mark(key)));
            asked
                .conditions
                .push(format!("a.sequence IN (SELECT k.sequence FROM arrival_key k WHERE k.mark = ${mark})"));
        }
        for (column, text) in
            [("predicate_type", &filter.predicate_type), ("identity", &filter.identity), ("issuer", &filter.issuer)]
        {
            if let Some(text) = text {
                let mark = asked.next(Box::new(mark(text)));
                let text = asked.next(Box::new(text.as_bytes().to_vec()));
                asked.conditions.push(format!("a.{column}_mark = ${mark} AND a.{column} = ${text}"));
            }
        }
        if let Some(since) = filter.since {
            let since = asked.next(Box::new(since.seconds()));
            asked.conditions.push(format!("a.at >= ${since}"));
        }
        if let Some(until) = filter.until {
            let until = asked.next(Box::new(until.seconds()));
            asked.conditions.push(format!("a.at < ${until}"));
        }
        if filter.documents == Documents::First {
            asked.conditions.push("a.first".to_owned());
        }
        asked
    }

    /// Takes a value, and says which parameter it is.
    pub(super) fn next(&mut self, value: Box<dyn ToSql + Sync>) -> usize {
        self.values.push(value);
        self.values.len()
    }

    pub(super) fn sql(&self) -> String {
        if self.conditions.is_empty() { "true".to_owned() } else { self.conditions.join(" AND ") }
    }

    pub(super) fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| &**value as _).collect()
    }
}

/// At most so many rows, as the server takes it.
pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

pub(super) fn document(session: &mut Session, arrival: &Arrival) -> Result<Vec<u8>, StoreError> {
    let sequence = arrival.sequence;
    let not_found = || StoreError::NotFound { what: format!("arrival {sequence} as this one") };
    let number = signed(sequence).map_err(|_| not_found())?;
    session.read(|wire| {
        let sql = "SELECT a.document, a.length, b.document FROM arrival a LEFT JOIN body b USING (sequence) WHERE a.sequence = $1";
        let row = wire.query_opt(sql, &[&number])?.ok_or_else(not_found)?;
        if exact::<32>(&row, 0, "arrival")? != arrival.document {
            return Err(not_found().into());
        }
        let missing = || corrupt("body", &format!("the document of arrival {sequence} is missing"));
        let body = cell::<Option<&[u8]>>(&row, 2, "body")?.ok_or_else(missing)?;
        Ok(body::expanded(body, count(&row, 1, "arrival")?, &arrival.document, sequence)?)
    })
}
