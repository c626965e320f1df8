//! How rows hold what they hold: packed into records, with a checksum beside them.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use stella_attest_model::{AttestationId, Digest, DigestAlgorithm, Form, Limits};
use stella_attest_verify::Verdict;
use stella_vocabulary::{Code, UnixTime};

use crate::arrival::{Added, Arrival};
use crate::error::{StoreError, corrupt};
use crate::event::{Event, EventKind, Level, NewEvent};
use crate::facts::Facts;
use crate::filter::{Documents, Filter};
use crate::packed::{Packer, Unpacker};
use crate::report_record::ReportRecord;
use crate::work::RunPlan;

/// What is kept of a summary, of a value, and how many values, as [`NewEvent`] says.
const SUMMARY: usize = 2 << 10;
const DETAIL: usize = 1 << 10;
const DETAILS: usize = 16;

/// The longest report, in bytes.
const REPORT_BYTES: usize = 64 << 20;
const VERDICTS: [Verdict; 3] = [Verdict::Indeterminate, Verdict::Rejected, Verdict::Verified];

pub(crate) const FORMS: [Form; 4] = [Form::BundleV01, Form::BundleV02, Form::BundleV03, Form::Envelope];

pub(crate) fn unpacked<T>(bytes: &[u8], take: impl FnOnce(&mut Unpacker<'_>) -> Option<T>) -> Option<T> {
    let mut from = Unpacker(bytes);
    let value = take(&mut from)?;
    from.end().map(|()| value)
}

/// The checksum of a packed record.
pub(crate) fn record_sum(bytes: &[u8], table: &str) -> Vec<u8> {
    Packer::default().bytes(bytes).sum(table)
}

#[cfg(feature = "postgres")]
pub(crate) fn arrival_sum(arrival: &Arrival) -> Vec<u8> {
    let text = |packer: Packer, text: &String| packer.bytes(text.as_bytes());
    Packer::default()
        .number(arrival.sequence)
        .signed(arrival.at.seconds())
        .bytes(arrival.attestation.as_bytes())
        .bytes(&arrival.document)
        .bytes(arrival.form.as_str().as_bytes())
        .number(arrival.length)
        .number(u64::from(arrival.first))
        .option(arrival.predicate_type.as_ref(), text)
        .option(arrival.identity.as_ref(), text)
        .option(arrival.issuer.as_ref(), text)
        .bytes(&arrival.link)
        .sum("arrival")
}

/// What the documents of arrivals of another store say, if each is what its arrival says of it, and none comes twice.
///
/// # Errors
/// [`StoreError::Corrupt`] for one that is not; [`StoreError::NotAContinuation`] for one that is there already.
pub(crate) fn facts_of(arrivals: &[(Arrival, Vec<u8>)]) -> Result<Vec<Facts>, StoreError> {
    let mut documents = BTreeSet::new();
    let mut facts = Vec::with_capacity(arrivals.len());
    for (arrival, document) in arrivals {
        let place = || format!("document of arrival {}", arrival.sequence);
        let corrupt = |what: &str| StoreError::Corrupt { place: place(), what: what.to_owned() };
        if <[u8; 32]>::from(Sha256::digest(document)) != arrival.document || document.len() as u64 != arrival.length {
            return Err(corrupt("it is another one"));
        }
        let (_, read) = Facts::read(document, &generous()).map_err(|error| corrupt(&error.to_string()))?;
        if read.attestation != arrival.attestation || read.form != arrival.form {
            return Err(corrupt("it holds another attestation"));
        }
        let said = (&arrival.predicate_type, &arrival.identity, &arrival.issuer);
        if said != (&read.predicate_type, &read.identity, &read.issuer) {
            return Err(corrupt("its arrival names another predicate type, identity or issuer"));
        }
        if !documents.insert(arrival.document) {
            return Err(StoreError::NotAContinuation { sequence: arrival.sequence });
        }
        facts.push(read);
    }
    Ok(facts)
}

/// Documents were read within limits when they came in; moving and checking them takes them as they are.
pub(crate) fn generous() -> Limits {
    Limits::default()
}

/// What a text is found by.
#[cfg(feature = "postgres")]
pub(crate) fn mark(text: &str) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.first_chunk().map_or(0, |start| i64::from_be_bytes(*start))
}

/// What the name of a key is found by.
#[cfg(feature = "postgres")]
pub(crate) fn key_mark(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).get(..16).unwrap_or_default().to_vec()
}

#[cfg(feature = "postgres")]
pub(crate) fn subjects_of(facts: &Facts) -> impl Iterator<Item = (&'static str, &[u8])> {
    facts.subjects.iter().map(|digest| (digest.algorithm().name(), digest.as_bytes()))
}

/// Each once.
#[cfg(feature = "postgres")]
pub(crate) fn keys_of(facts: &Facts) -> Vec<Vec<u8>> {
    let id = facts.key.as_ref().map(ToString::to_string);
    let mut marks: Vec<Vec<u8>> = id.iter().chain(&facts.key_hints).map(|key| key_mark(key)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

pub(crate) fn put_added(added: &[Added]) -> Vec<u8> {
    let put = |packer: Packer, added: &Added| match added {
        Added::Duplicate(sequence) => packer.number(0).number(*sequence),
        Added::Evidence(sequence) => packer.number(1).number(*sequence),
        Added::New(sequence) => packer.number(2).number(*sequence),
    };
    Packer::default().each(added, put).done()
}

pub(crate) fn take_added(from: &mut Unpacker<'_>) -> Option<Vec<Added>> {
    from.each(|from| match (from.number()?, from.number()?) {
        (0, sequence) => Some(Added::Duplicate(sequence)),
        (1, sequence) => Some(Added::Evidence(sequence)),
        (2, sequence) => Some(Added::New(sequence)),
        _ => None,
    })
}

#[cfg(feature = "postgres")]
pub(crate) const fn level_number(level: Level) -> i16 {
    match level {
        Level::Info => 0,
        Level::Warning => 1,
        Level::Error => 2,
    }
}

pub(crate) fn put_event(sequence: u64, event: &NewEvent) -> Vec<u8> {
    let mut details: Vec<(&str, &str)> =
        event.details.iter().map(|(name, value)| (cut(name, DETAIL), cut(value, DETAIL))).collect();
    details.sort_unstable();
    details.truncate(DETAILS);
    Packer::default()
        .number(sequence)
        .signed(event.at.seconds())
        .bytes(event.kind.name().as_bytes())
        .bytes(event.level.name().as_bytes())
        .option(event.code, |packer, code| packer.bytes(code.as_str().as_bytes()))
        .option(event.attestation, |packer, attestation| packer.bytes(attestation.as_bytes()))
        .option(event.duration, Packer::number)
        .bytes(cut(&event.summary, SUMMARY).as_bytes())
        .each(&details, |packer, (name, value)| packer.bytes(name.as_bytes()).bytes(value.as_bytes()))
        .done()
}

/// The start of a text, at most so many bytes.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

pub(crate) fn take_event(from: &mut Unpacker<'_>) -> Option<Event> {
    Some(Event {
        sequence: from.number()?,
        event: NewEvent {
            at: UnixTime::from_seconds(from.signed()?),
            kind: EventKind::from_name(&from.text()?)?,
            level: Level::from_name(&from.text()?)?,
            code: from.option(|from| Code::parse(&from.text()?))?,
            attestation: from.option(|from| Some(AttestationId::from_bytes(from.bytes()?.try_into().ok()?)))?,
            duration: from.option(Unpacker::number)?,
            summary: from.text()?,
            details: from.each(|from| Some((from.text()?, from.text()?)))?,
        },
    })
}

/// What is kept of a report.
pub(crate) fn put_report(report: &ReportRecord) -> Result<Vec<u8>, StoreError> {
    let text = |packer: Packer, text: &String| packer.bytes(text.as_bytes());
    let json = report.json.as_deref().unwrap_or_default();
    if json.len() > REPORT_BYTES {
        return Err(StoreError::TooLarge { what: "a report", found: json.len(), limit: REPORT_BYTES });
    }
    let compressed = report.json.as_ref().map(|json| zstd::bulk::compress(json.as_bytes(), 1)).transpose();
    let compressed = compressed.map_err(|error| StoreError::Io {
        place: "a report".to_owned(),
        operation: "compress",
        why: error.to_string(),
    })?;
    Ok(Packer::default()
        .bytes(report.attestation.as_bytes())
        .number(report.arrival)
        .signed(report.at.seconds())
        .signed(report.made.seconds())
        .bytes(report.verdict.as_str().as_bytes())
        .option(report.code, |packer, code| packer.bytes(code.as_str().as_bytes()))
        .bytes(report.trust.as_bytes())
        .option(report.trust_entry, Packer::number)
        .bytes(report.policy.as_bytes())
        .each(&report.dependencies, text)
        .option(compressed, |packer, json| {
            packer.number(report.json.as_ref().map_or(0, String::len) as u64).bytes(&json)
        })
        .done())
}

pub(crate) fn take_report(from: &mut Unpacker<'_>) -> Option<ReportRecord> {
    let code = |from: &mut Unpacker<'_>| Code::parse(&from.text()?);
    Some(ReportRecord {
        attestation: AttestationId::from_bytes(from.bytes()?.try_into().ok()?),
        arrival: from.number()?,
        at: UnixTime::from_seconds(from.signed()?),
        made: UnixTime::from_seconds(from.signed()?),
        verdict: {
            let name = from.text()?;
            VERDICTS.into_iter().find(|verdict| verdict.as_str() == name)?
        },
        code: from.option(code)?,
        trust: from.text()?,
        trust_entry: from.option(Unpacker::number)?,
        policy: from.text()?,
        dependencies: from.each(Unpacker::text)?,
        json: from.option(|from| {
            let length = usize::try_from(from.number()?).ok().filter(|length| *length <= REPORT_BYTES)?;
            let json = zstd::bulk::decompress(from.bytes()?, length).ok()?;
            String::from_utf8(json).ok()
        })?,
    })
}

pub(crate) fn put_outcome(counts: &[(Option<Code>, u64)]) -> Vec<u8> {
    let put = |packer: Packer, (code, count): &(Option<Code>, u64)| {
        packer.option(*code, |packer, code| packer.bytes(code.as_str().as_bytes())).number(*count)
    };
    Packer::default().each(counts, put).done()
}

pub(crate) fn take_outcome(from: &mut Unpacker<'_>) -> Option<Vec<(Option<Code>, u64)>> {
    from.each(|from| Some((from.option(|from| Code::parse(&from.text()?))?, from.number()?)))
}

/// Refuses an outcome that does not come to the `arrivals` of its share: every one of them has one result.
pub(crate) fn check_counts(counts: &[(Option<Code>, u64)], arrivals: u64) -> Result<(), StoreError> {
    let counted = counts.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    match counted == arrivals {
        true => Ok(()),
        false => Err(corrupt("share", &format!("an outcome has {counted} results for {arrivals} arrivals"))),
    }
}

pub(crate) fn put_plan(plan: &RunPlan) -> Vec<u8> {
    let text = |packer: Packer, text: &String| packer.bytes(text.as_bytes());
    let time = |packer: Packer, time: UnixTime| packer.signed(time.seconds());
    let filter = &plan.filter;
    Packer::default()
        .option(filter.subject.as_ref(), |packer, digest| {
            packer.bytes(digest.algorithm().name().as_bytes()).bytes(digest.as_bytes())
        })
        .option(filter.predicate_type.as_ref(), text)
        .option(filter.identity.as_ref(), text)
        .option(filter.issuer.as_ref(), text)
        .option(filter.key.as_ref(), text)
        .option(filter.since, time)
        .option(filter.until, time)
        .number(match filter.documents {
            Documents::All => 0,
            Documents::First => 1,
        })
        .signed(plan.at.seconds())
        .bytes(plan.trust.as_bytes())
        .bytes(plan.policy.as_bytes())
        .number(u64::from(plan.share))
        .done()
}

pub(crate) fn take_plan(from: &mut Unpacker<'_>) -> Option<RunPlan> {
    let time = |from: &mut Unpacker<'_>| from.signed().map(UnixTime::from_seconds);
    let digest = |from: &mut Unpacker<'_>| {
        let algorithm = DigestAlgorithm::from_name(&from.text()?)?;
        Digest::from_bytes(algorithm, from.bytes()?).ok()
    };
    Some(RunPlan {
        filter: Filter {
            subject: from.option(digest)?,
            predicate_type: from.option(Unpacker::text)?,
            identity: from.option(Unpacker::text)?,
            issuer: from.option(Unpacker::text)?,
            key: from.option(Unpacker::text)?,
            since: from.option(time)?,
            until: from.option(time)?,
            documents: match from.number()? {
                0 => Documents::All,
                1 => Documents::First,
                _ => return None,
            },
        },
        at: time(from)?,
        trust: from.text()?,
        policy: from.text()?,
        share: u32::try_from(from.number()?).ok()?,
    })
}
