//! Taking documents in, and finding them again.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};
use stella_attest_model::{AttestationId, IdPrefix};

use super::blocks::{self, ARRIVED, Changes, NEIGHBOURS, Sums, hash};
use super::embedded::{Embedded, own, put_own};
use super::fault::Fault;
use super::index;
use super::row::{Kept, opened, put_arrival, record, signed, take_arrival, unsigned};
use super::segments::{End, Spot};
use crate::arrival::{Added, Arrival, ArrivalsHead, Incoming};
use crate::body;
use crate::error::{StoreError, corrupt};
use crate::facts::Facts;
use crate::filter::{Documents, Filter};
use crate::packed::{Packer, Unpacker};
use crate::records::{facts_of, put_added, record_sum, take_added};
use crate::store::OperationId;

/// Where the arrivals end, and what they come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Head {
    pub(super) arrivals: ArrivalsHead,
    pub(super) attestations: u64,
    pub(super) bytes: u64,
    pub(super) end: End,
}

impl Head {
    pub(super) const EMPTY: Self = Self {
        arrivals: ArrivalsHead { size: 0, link: [0; 32] },
        attestations: 0,
        bytes: 0,
        end: End { segment: 1, offset: 0 },
    };

    fn packed(&self) -> Packer {
        Packer::default()
            .number(self.arrivals.size)
            .bytes(&self.arrivals.link)
            .number(self.attestations)
            .number(self.bytes)
            .number(self.end.segment)
            .number(self.end.offset)
    }

    pub(super) fn put(&self) -> Vec<u8> {
        self.packed().done()
    }

    pub(super) fn read(connection: &Connection) -> Result<Self, Fault> {
        own(connection, "head", |from| {
            Some(Self {
                arrivals: ArrivalsHead { size: from.number()?, link: from.bytes()?.try_into().ok()? },
                attestations: from.number()?,
                bytes: from.number()?,
                end: End { segment: from.number()?, offset: from.number()? },
            })
        })
    }
}

/// A document on its way in, with its place in the order.
struct Entering<'a> {
    arrival: Arrival,
    facts: &'a Facts,
}

pub(super) fn add(
    store: &mut Embedded,
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
    // Compressing takes longest, and nobody needs to wait for it.
    let seen = store.read(|connection| Seen::read(connection, batch))?;
    let new = batch.iter().filter(|incoming| seen.same(incoming.facts).is_none());
    let (digests, documents): (Vec<[u8; 32]>, Vec<&[u8]>) =
        new.map(|incoming| (incoming.facts.document, incoming.document)).unzip();
    let bodies: HashMap<[u8; 32], Vec<u8>> = digests.into_iter().zip(body::compressed(&documents)?).collect();
    store.write(|connection, segments, place| {
        if let Some(added) = answer(connection, operation)? {
            return match added.len() == batch.len() {
                true => Ok(added),
                false => Err(corrupt("operation", "its name stands for another change").into()),
            };
        }
        let mut head = Head::read(connection)?;
        // Arrivals are only ever added, and the link covers all of them: where they end as before they are the same.
        let seen = if head.arrivals == seen.head { seen } else { Seen::read(connection, batch)? };
        let (added, entering) = enter(batch, &seen, &mut head);
        let bodies: Vec<&[u8]> = entering
            .iter()
            .map(|new| bodies.get(&new.arrival.document).map(Vec::as_slice))
            .collect::<Option<_>>()
            .ok_or_else(|| corrupt("arrival", "a document that was there is not there any more"))?;
        let (spots, end) = segments.append(head.end, &bodies, place.segment_bytes)?;
        head.end = end;
        put(connection, &entering, &spots)?;
        put_own(connection, "head", head.packed())?;
        note(connection, operation, &put_added(&added))?;
        Ok(added)
    })
}

/// What was there of a batch, and where the arrivals ended then. Each attestation that is there is looked up once, for it may have thousands of
/// documents, and each of them may be in the batch.
struct Seen {
    head: ArrivalsHead,
    /// The arrivals by their documents, of each attestation that has any.
    there: HashMap<[u8; 32], HashMap<[u8; 32], u64>>,
}

impl Seen {
    fn read(connection: &Connection, batch: &[Incoming<'_>]) -> Result<Self, Fault> {
        let mut seen = Self { head: Head::read(connection)?.arrivals, there: HashMap::new() };
        for incoming in batch {
            seen.look_up(connection, &incoming.facts.attestation)?;
        }
        Ok(seen)
    }

    fn look_up(&mut self, connection: &Connection, attestation: &AttestationId) -> Result<(), Fault> {
        if self.has(attestation) {
            return Ok(());
        }
        let kept = of(connection, attestation)?;
        if !kept.is_empty() {
            let documents = kept.iter().map(|kept| (kept.arrival.document, kept.arrival.sequence)).collect();
            self.there.insert(*attestation.as_bytes(), documents);
        }
        Ok(())
    }

    fn has(&self, attestation: &AttestationId) -> bool {
        self.there.contains_key(attestation.as_bytes())
    }

    /// The arrival that holds these very bytes.
    fn same(&self, facts: &Facts) -> Option<u64> {
        self.there.get(facts.attestation.as_bytes())?.get(&facts.document).copied()
    }
}

/// Gives numbers to what is new, behind `head`, and moves it on.
fn enter<'a>(batch: &'a [Incoming<'_>], seen: &Seen, head: &mut Head) -> (Vec<Added>, Vec<Entering<'a>>) {
    let mut documents: HashMap<[u8; 32], u64> = HashMap::with_capacity(batch.len());
    let mut attestations: HashMap<[u8; 32], ()> = HashMap::with_capacity(batch.len());
    let (mut added, mut entering) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
    for incoming in batch {
        let facts = incoming.facts;
        if let Some(sequence) = seen.same(facts).or_else(|| documents.get(&facts.document).copied()) {
            added.push(Added::Duplicate(sequence));
            continue;
        }
        let id = *facts.attestation.as_bytes();
        let first = !seen.has(&facts.attestation) && attestations.insert(id, ()).is_none();
        let arrival = next(incoming, first, head);
        documents.insert(facts.document, arrival.sequence);
        added.push(if first { Added::New(arrival.sequence) } else { Added::Evidence(arrival.sequence) });
        entering.push(Entering { arrival, facts });
    }
    (added, entering)
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

/// Writes new arrivals with everything that they are found by.
fn put(connection: &Connection, entering: &[Entering<'_>], spots: &[Spot]) -> Result<(), Fault> {
    let mut changes = Changes::default();
    let mut entries = Vec::with_capacity(entering.len().saturating_mul(5));
    let mut statement = connection.prepare_cached("INSERT INTO arrival (sequence, record, sum) VALUES (?1, ?2, ?3)")?;
    for (new, spot) in entering.iter().zip(spots) {
        let sequence = signed(new.arrival.sequence)?;
        let record = put_arrival(&Kept { arrival: new.arrival.clone(), spot: *spot });
        statement.execute(params![sequence, record, record_sum(&record, "arrival")])?;
        let at = new.arrival.at.seconds();
        changes.of((ARRIVED, 0, sequence >> NEIGHBOURS)).add_at(hash([ARRIVED, sequence, at]), at);
        index::entries(new.facts, sequence, &mut entries);
    }
    index::add(connection, entries, &mut changes)?;
    changes.apply(connection)
}

pub(super) fn take_over(store: &mut Embedded, arrivals: &[(Arrival, Vec<u8>)]) -> Result<(), StoreError> {
    if arrivals.is_empty() {
        return Ok(());
    }
    let facts = facts_of(arrivals)?;
    let documents: Vec<&[u8]> = arrivals.iter().map(|(_, document)| document.as_slice()).collect();
    let bodies = body::compressed(&documents)?;
    store.write(|connection, segments, place| {
        let mut head = Head::read(connection)?;
        let mut entered: HashMap<[u8; 32], ()> = HashMap::new();
        let mut seen = Seen { head: head.arrivals, there: HashMap::new() };
        let mut entering = Vec::with_capacity(arrivals.len());
        for ((arrival, _), facts) in arrivals.iter().zip(&facts) {
            seen.look_up(connection, &arrival.attestation)?;
            let is_first =
                !seen.has(&arrival.attestation) && entered.insert(*arrival.attestation.as_bytes(), ()).is_none();
            let is_new = seen.same(facts).is_none();
            let fits = head.arrivals.size.checked_add(1) == Some(arrival.sequence)
                && arrival.continues(&head.arrivals.link)
                && arrival.first == is_first
                && is_new;
            if !fits {
                return Err(StoreError::NotAContinuation { sequence: arrival.sequence }.into());
            }
            head.arrivals = ArrivalsHead { size: arrival.sequence, link: arrival.link };
            head.attestations = head.attestations.saturating_add(u64::from(arrival.first));
            head.bytes = head.bytes.saturating_add(arrival.length);
            entering.push(Entering { arrival: arrival.clone(), facts });
        }
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let (spots, end) = segments.append(head.end, &bodies, place.segment_bytes)?;
        head.end = end;
        put(connection, &entering, &spots)?;
        put_own(connection, "head", head.packed())
    })
}

/// The arrivals of an attestation, in their order.
pub(super) fn of(connection: &Connection, attestation: &AttestationId) -> Result<Vec<Kept>, Fault> {
    let sequences = index::led_to(connection, index::ATTESTATION, index::attestation_mark(attestation))?;
    let mut kept = Vec::with_capacity(sequences.len());
    for sequence in sequences {
        let one = at(connection, unsigned(sequence, "found")?)?;
        // Another id may begin alike.
        if one.arrival.attestation == *attestation {
            kept.push(one);
        }
    }
    Ok(kept)
}

/// The arrival with this number, which there is.
pub(super) fn at(connection: &Connection, sequence: u64) -> Result<Kept, Fault> {
    let sql = "SELECT record, sum FROM arrival WHERE sequence = ?1";
    let kept = record(connection, sql, [signed(sequence)?], "arrival", take_arrival)?;
    match kept {
        Some(kept) if kept.arrival.sequence == sequence => Ok(kept),
        Some(_) => Err(corrupt("arrival", &format!("another one stands in the place of arrival {sequence}")).into()),
        None => Err(corrupt("arrival", &format!("arrival {sequence} is missing")).into()),
    }
}

pub(super) fn resolve(connection: &Connection, prefix: &IdPrefix, most: usize) -> Result<Vec<AttestationId>, Fault> {
    let (low, high) = index::prefix_marks(prefix.digits());
    let mut ids = Vec::new();
    for (_, sequence) in index::between(connection, index::ATTESTATION, low, high)? {
        let id = at(connection, unsigned(sequence, "found")?)?.arrival.attestation;
        if prefix.matches(&id) {
            ids.push(id);
        }
    }
    ids.sort_unstable_by_key(|id| *id.as_bytes());
    ids.dedup();
    ids.truncate(most);
    Ok(ids)
}

pub(super) fn find(connection: &Connection, filter: &Filter, after: u64, most: usize) -> Result<Vec<Arrival>, Fault> {
    let mut found = Vec::new();
    if most == 0 {
        return Ok(found);
    }
    each(connection, filter, after, &mut |arrival| {
        found.push(arrival);
        found.len() < most
    })?;
    Ok(found)
}

/// Shows the arrivals that fit and have a number above `after`, in order, until `show` says that it is enough.
pub(super) fn each(
    connection: &Connection,
    filter: &Filter,
    after: u64,
    show: &mut dyn FnMut(Arrival) -> bool,
) -> Result<(), Fault> {
    let Ok(after) = signed(after) else { return Ok(()) };
    if let Some(digest) = &filter.subject {
        let sequences = index::led_to(connection, index::SUBJECT, index::subject_mark(digest))?;
        return show_all(connection, filter, sequences.into_iter().filter(|sequence| *sequence > after), show)
            .map(drop);
    }
    let text = [
        (index::KEY, &filter.key),
        (index::IDENTITY, &filter.identity),
        (index::ISSUER, &filter.issuer),
        (index::PREDICATE_TYPE, &filter.predicate_type),
    ];
    let by = text.into_iter().find_map(|(kind, text)| text.as_deref().map(|text| (kind, index::text_mark(text))));
    let (kind, mark) = by.unwrap_or((ARRIVED, 0));
    // Whether an arrival was at a time can be told of many at once.
    let times: HashMap<i64, Sums> = match (filter.since, filter.until) {
        (None, None) => HashMap::new(),
        _ => blocks::all(connection, ARRIVED, 0, after >> NEIGHBOURS)?.into_iter().collect(),
    };
    let size = signed(Head::read(connection)?.arrivals.size)?;
    for number in parts(connection, kind, mark, after.saturating_add(1) >> NEIGHBOURS, size)? {
        if times.get(&number).is_some_and(|times| {
            filter.since.is_some_and(|since| times.latest < since.seconds())
                || filter.until.is_some_and(|until| times.earliest >= until.seconds())
        }) {
            continue;
        }
        let sequences = match by {
            Some((kind, mark)) => index::in_part(connection, kind, mark, number)?,
            None => {
                let first = (number << NEIGHBOURS).max(1);
                (first..=(first | ((1 << NEIGHBOURS) - 1)).min(size)).collect()
            }
        };
        if !show_all(connection, filter, sequences.into_iter().filter(|sequence| *sequence > after), show)? {
            return Ok(());
        }
    }
    Ok(())
}

/// The parts to look at.
fn parts(connection: &Connection, kind: i64, mark: i64, from: i64, size: i64) -> Result<Vec<i64>, Fault> {
    if kind == ARRIVED {
        return Ok(if size == 0 { Vec::new() } else { (from..=size >> NEIGHBOURS).collect() });
    }
    Ok(blocks::all(connection, kind, mark, from)?.into_iter().map(|(number, _)| number).collect())
}

/// Shows those that fit. `false` once it is enough.
fn show_all(
    connection: &Connection,
    filter: &Filter,
    sequences: impl Iterator<Item = i64>,
    show: &mut dyn FnMut(Arrival) -> bool,
) -> Result<bool, Fault> {
    for sequence in sequences {
        let kept = at(connection, unsigned(sequence, "found")?)?;
        if fits(connection, filter, &kept)? && !show(kept.arrival) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn fits(connection: &Connection, filter: &Filter, kept: &Kept) -> Result<bool, Fault> {
    let arrival = &kept.arrival;
    let text = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    let own = text(&filter.predicate_type, &arrival.predicate_type)
        && text(&filter.identity, &arrival.identity)
        && text(&filter.issuer, &arrival.issuer)
        && filter.since.is_none_or(|since| arrival.at >= since)
        && filter.until.is_none_or(|until| arrival.at < until)
        && (filter.documents == Documents::All || arrival.first);
    if !own {
        return Ok(false);
    }
    // The first condition chose it by its index; a key beside a subject is looked up.
    let (Some(key), Some(_)) = (&filter.key, &filter.subject) else { return Ok(true) };
    let sequence = signed(arrival.sequence)?;
    let with_key = index::in_part(connection, index::KEY, index::text_mark(key), sequence >> NEIGHBOURS)?;
    Ok(with_key.binary_search(&sequence).is_ok())
}

pub(super) fn document(store: &mut Embedded, arrival: &Arrival) -> Result<Vec<u8>, StoreError> {
    let sequence = arrival.sequence;
    let not_found = || StoreError::NotFound { what: format!("arrival {sequence} as this one") };
    let spot = store.read(|connection| {
        if sequence == 0 || sequence > Head::read(connection)?.arrivals.size {
            return Err(not_found().into());
        }
        let kept = at(connection, sequence)?;
        if kept.arrival.document != arrival.document {
            return Err(not_found().into());
        }
        Ok(kept.spot)
    })?;
    expanded(store, arrival, spot)
}

/// The document of an arrival, from where it lies.
pub(super) fn expanded(store: &mut Embedded, arrival: &Arrival, spot: Spot) -> Result<Vec<u8>, StoreError> {
    let bytes = store.segments.read(spot)?;
    body::expanded(&bytes, arrival.length, &arrival.document, arrival.sequence)
}

/// What was answered, if the change was made already.
fn answer(connection: &Connection, operation: OperationId) -> Result<Option<Vec<Added>>, Fault> {
    let mut statement = connection.prepare_cached("SELECT answer FROM operation WHERE id = ?1")?;
    let found: Option<Vec<u8>> = statement.query_row([operation.0], |row| row.get(0)).optional()?;
    let Some(bytes) = found else { return Ok(None) };
    let mut from = Unpacker(&bytes);
    let parts = from.bytes().zip(from.bytes());
    let (answer, sum) = parts.ok_or_else(|| corrupt("operation", "an answer cannot be read"))?;
    Ok(Some(opened(answer, sum, "operation", take_added)?))
}

/// Notes the answer. Nobody asks again a week later.
fn note(connection: &Connection, operation: OperationId, answer: &[u8]) -> Result<(), Fault> {
    let answer = Packer::default().bytes(answer).bytes(&record_sum(answer, "operation")).done();
    connection.prepare_cached("DELETE FROM operation WHERE made < unixepoch() - 604800")?.execute([])?;
    connection
        .prepare_cached("INSERT INTO operation (id, answer, made) VALUES (?1, ?2, unixepoch())")?
        .execute(params![operation.0, answer])?;
    Ok(())
}
