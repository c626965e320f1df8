//! `stella store copy`: a store as it is, in another place. It goes on where it was interrupted, and is checked at its end.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use indicatif::ProgressBar;
use stella_attest_store::{About, AttestationStore, Documents, EventFilter, Filter, NewEvent};
use stella_transparency::merkle;
use stella_trust_store::{Head, LogStore, StoreError, Visit};
use stella_vocabulary::{Code, Reason as _, hex};

use super::attest::progress;
use crate::arguments::CopyStoreArguments;
use crate::attestations::Source;
use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::exit::Answer;
use crate::json::Value;
use crate::log::{self, Log, Rollback};
use crate::private_file;
use crate::refused::is_missing;
use crate::render::Page;
use crate::store;
use crate::store_place::StorePlace;

/// How many arrivals, reports or events are copied at once, at most.
const BATCH: usize = 1000;

/// How many bytes of documents are copied at once, about.
const BATCH_BYTES: u64 = 32 << 20;

/// The most flaws that a check of the copy names.
const FLAWS: usize = 20;

/// What was copied now, and what is there in the end.
#[derive(Debug, Default)]
struct Copied {
    arrivals: u64,
    documents: u64,
    reports: u64,
    links: u64,
    events: u64,
    entries: u64,
    link: [u8; 32],
}

pub(super) fn run(said: &CopyStoreArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    let place = |text: &str, name| StorePlace::parse(text, name)?.with_password();
    let (from, to) = (place(&said.from, "FROM")?, place(&said.to, "TO")?);
    if from == to {
        return Err(Complaint::new(Code::UsageConflict, "a store cannot be copied onto itself")
            .found(from.to_string())
            .expected("two places")
            .remedy("stella store copy file:/srv/stella/trust postgres://user@host/database"));
    }
    let mut copied = Copied::default();
    copy_trust(&from, &to, &mut copied, context)?;
    copy_attestations(&from, &to, &mut copied, context)?;
    let took = since.microseconds();
    if context.format.is_json() {
        return Ok(Answer::done(document(&from, &to, &copied, took).line()));
    }
    let mut page = Page::new(context);
    page.field("copied", format!("{} documents, {} entries of the trust log", copied.arrivals, copied.entries));
    page.field("from", &from);
    page.field("to", &to);
    page.field("documents", format!("{}, each compared with its SHA-256", copied.documents));
    page.field("reports", copied.reports);
    page.field("links", copied.links);
    page.field("events", copied.events);
    page.field("head", format!("arrival {}, link {}", copied.documents, hex::encode(&copied.link)));
    page.field("took", format!("{}.{:03} s", took / 1_000_000, took / 1000 % 1000));
    page.field(
        "note",
        "remembered signature results are not copied: they are made again under the secret of each home",
    );
    Ok(Answer::done(page.finish()))
}

fn document(from: &StorePlace, to: &StorePlace, copied: &Copied, took: u64) -> Value {
    Value::object([
        ("schema", Value::text("stella.store-copy/1")),
        ("from", Value::text(from.to_string())),
        ("to", Value::text(to.to_string())),
        ("copied_documents", Value::number(copied.arrivals)),
        ("copied_trust_entries", Value::number(copied.entries)),
        ("documents", Value::number(copied.documents)),
        ("reports", Value::number(copied.reports)),
        ("links", Value::number(copied.links)),
        ("events", Value::number(copied.events)),
        ("link", Value::text(hex::encode(&copied.link))),
        ("microseconds", Value::number(took)),
    ])
}

/// What to say if the place to copy to holds something else.
fn another(to: &StorePlace, found: String, expected: String) -> Complaint {
    Complaint::new(Code::UsageConflict, "there is another store in the place to copy to, and nothing was changed")
        .place(to.to_string())
        .found(found)
        .expected(expected)
        .remedy("give a place that is empty, or the one where a copy of this store was begun")
}

fn copy_trust(from: &StorePlace, to: &StorePlace, copied: &mut Copied, context: &Context) -> Result<(), Complaint> {
    let settings = context.settings()?;
    let source = log::open(settings, from, Rollback::Overlook)?;
    let (head, note) = end_of(&source)?;
    // Judged as if it were used, after its end was read: a log that was changed, or one that is older than what was seen of it, is not passed on.
    store::ledger(settings, from, log::open(settings, from, Rollback::Refuse)?)?;
    let mut target = match log::open(settings, to, Rollback::Overlook) {
        Ok(log) => log,
        Err(error) if is_missing(&error) => {
            if let Some(parent) = to.directory().and_then(std::path::Path::parent) {
                private_file::make_directory(parent)?;
            }
            log::create(settings, to)?
        }
        Err(error) => return Err(error.into()),
    };
    let begun = target.head()?;
    if !continues(&source, &begun)? {
        return Err(another(to, format!("a trust log with {begun}"), format!("a beginning of the one with {head}")));
    }
    copied.entries = head.size.saturating_sub(begun.size);
    match copy_entries(&source, &mut target, begun, head, &note)? {
        at if at == head => Ok(()),
        at => Err(damaged(to, format!("a trust log with {at}"), head.to_string())),
    }
}

/// The head of a log, and the checkpoint over it: of one moment, also if somebody appends.
fn end_of(log: &impl LogStore) -> Result<(Head, String), StoreError> {
    let mut head = log.head()?;
    loop {
        let note = log.checkpoint()?.unwrap_or_default();
        let after = log.head()?;
        if after == head {
            return Ok((head, note));
        }
        head = after;
    }
}

/// Appends the entries behind `begun` up to `head`, and returns the head that the target has then. What is appended to the source meanwhile is not
/// of this copy: `note` is not over it.
fn copy_entries(
    source: &impl LogStore,
    target: &mut impl LogStore,
    begun: Head,
    head: Head,
    note: &str,
) -> Result<Head, StoreError> {
    let mut at = begun;
    let mut group = Group::default();
    source.read(begun.size, &mut |sequence, entry| {
        if sequence >= head.size {
            return Ok(Visit::Stop);
        }
        if group.is_full(entry) {
            at = group.append(target, &at, "")?;
        }
        group.entries.push(entry.to_vec());
        Ok(Visit::Continue)
    })?;
    // Only the latest checkpoint is over the end of the log.
    if !group.entries.is_empty() {
        at = group.append(target, &at, note)?;
    }
    Ok(at)
}

/// Entries that are appended at once.
#[derive(Default)]
struct Group {
    entries: Vec<Vec<u8>>,
    bytes: usize,
}

impl Group {
    /// Whether `entry` belongs to the next one; counts it if not.
    fn is_full(&mut self, entry: &[u8]) -> bool {
        let full = !self.entries.is_empty() && (self.entries.len() >= BATCH || self.bytes + entry.len() > 1 << 20);
        self.bytes = if full { entry.len() } else { self.bytes + entry.len() };
        full
    }

    fn append(&mut self, target: &mut impl LogStore, at: &Head, note: &str) -> Result<Head, StoreError> {
        let entries: Vec<&[u8]> = self.entries.iter().map(Vec::as_slice).collect();
        let head = target.append(at, &entries, note)?;
        self.entries.clear();
        Ok(head)
    }
}

/// Whether the log begins with everything that ends at `head`.
fn continues(log: &Log, head: &Head) -> Result<bool, Complaint> {
    if head.size > log.head()?.size {
        return Ok(false);
    }
    let mut leaves = Vec::new();
    log.read(0, &mut |sequence, entry| {
        if sequence >= head.size {
            return Ok(Visit::Stop);
        }
        leaves.push(merkle::leaf_hash(entry));
        Ok(Visit::Continue)
    })?;
    Ok(merkle::root_of(leaves) == head.root)
}

fn damaged(to: &StorePlace, found: String, expected: String) -> Complaint {
    Complaint::new(Code::StoreCorrupt, "the copy is not what was copied")
        .place(to.to_string())
        .found(found)
        .expected(expected)
        .remedy("keep the original, and copy to another place")
}

fn copy_attestations(
    from: &StorePlace,
    to: &StorePlace,
    copied: &mut Copied,
    context: &Context,
) -> Result<(), Complaint> {
    let mut source = match Source::at(from.clone()).open() {
        Ok(source) => source,
        // A home in which nothing was taken in yet.
        Err(error) if error.code() == Code::StoreNotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let about = source.about()?;
    let place = Source::at(to.clone());
    let mut target = match place.open() {
        Ok(target) => target,
        Err(error) if error.code() == Code::StoreNotFound => {
            place.make_room()?;
            place.create(about.id)?
        }
        Err(error) => return Err(error.into()),
    };
    let begun = target.about()?;
    let same = match begun.head.size {
        0 => true,
        size => source.arrival(size)?.is_some_and(|arrival| arrival.link == begun.head.link),
    };
    if !same {
        let expected = format!("a beginning of the {} arrivals to copy", about.head.size);
        return Err(another(to, format!("{} other arrivals", begun.head.size), expected));
    }
    let bar = progress(about.head.size, "{bar:30} {pos}/{len} {per_sec} {eta}", context);
    let copied_all =
        copy_arrivals(source.as_mut(), target.as_mut(), begun.head.size, about.head.size, &bar).and_then(|arrivals| {
            copied.arrivals = arrivals;
            copy_rest(source.as_mut(), target.as_mut(), &begun, about.head.size, copied)
        });
    bar.finish_and_clear();
    copied_all?;
    verify(target.as_mut(), to, &about, copied, context)
}

/// Copies the arrivals behind `after`, up to `size`.
fn copy_arrivals(
    source: &mut dyn AttestationStore,
    target: &mut dyn AttestationStore,
    after: u64,
    size: u64,
    bar: &ProgressBar,
) -> Result<u64, Complaint> {
    let mut at = after;
    while at < size {
        let arrivals = source.find(&Filter::default(), at, BATCH)?;
        let (mut batch, mut bytes) = (Vec::new(), 0_u64);
        for arrival in arrivals.into_iter().filter(|arrival| arrival.sequence <= size) {
            bytes = bytes.saturating_add(arrival.length);
            let document = source.document(&arrival)?;
            batch.push((arrival, document));
            if bytes >= BATCH_BYTES {
                break;
            }
        }
        let Some((last, _)) = batch.last() else { break };
        at = last.sequence;
        target.take_over(&batch)?;
        bar.set_position(at);
    }
    Ok(at.saturating_sub(after))
}

/// Copies what became of the attestations: reports, unless the target has later ones; links, which are the same if they are kept twice; and the
/// events that the target does not have.
fn copy_rest(
    source: &mut dyn AttestationStore,
    target: &mut dyn AttestationStore,
    begun: &About,
    size: u64,
    copied: &mut Copied,
) -> Result<(), Complaint> {
    let mut after = 0;
    loop {
        let reports = source.reports(None, after, BATCH)?;
        let Some(last) = reports.last() else { break };
        after = last.arrival;
        let mut wanted = Vec::with_capacity(reports.len());
        // Those on what came in meanwhile are not of this copy.
        for report in reports.into_iter().filter(|report| report.arrival <= size) {
            let later = match begun.head.size {
                0 => None,
                _ => target.report(&report.attestation)?.filter(|kept| kept.made > report.made),
            };
            if later.is_none() {
                wanted.push(report);
            }
        }
        if !wanted.is_empty() {
            target.keep_reports(&wanted)?;
            copied.reports += wanted.len() as u64;
        }
    }
    let firsts = Filter { documents: Documents::First, ..Filter::default() };
    let mut after = 0;
    loop {
        let arrivals = source.find(&firsts, after, BATCH)?;
        for arrival in arrivals.iter().filter(|arrival| arrival.sequence <= size) {
            for link in source.links(&arrival.attestation)?.iter().filter(|link| link.from == arrival.attestation) {
                target.keep_link(link)?;
                copied.links += 1;
            }
        }
        match arrivals.last() {
            Some(last) if last.sequence < size => after = last.sequence,
            _ => break,
        }
    }
    copied.events = copy_events(source, target)?;
    Ok(())
}

/// Copies the events that the target does not have, and says how many. It may have some of an earlier copy, others of its own, and have forgotten
/// some: they are matched by what they say, each as often as it is there.
fn copy_events(source: &mut dyn AttestationStore, target: &mut dyn AttestationStore) -> Result<u64, Complaint> {
    // Keyed by chance, so that nobody can write an event that passes for another. Eight bytes each, since there may be many.
    let hasher = RandomState::new();
    let hash = |event: &NewEvent| hasher.hash_one(format!("{event:?}"));
    let mut known: HashMap<u64, u64> = HashMap::new();
    let mut after = 0;
    loop {
        let page = target.events(&EventFilter::default(), after, BATCH)?;
        let Some(last) = page.last() else { break };
        after = last.sequence;
        page.iter().for_each(|event| *known.entry(hash(&event.event)).or_default() += 1);
    }
    let (mut after, mut copied) = (0, 0);
    loop {
        let page = source.events(&EventFilter::default(), after, BATCH)?;
        let Some(last) = page.last() else { return Ok(copied) };
        after = last.sequence;
        let new: Vec<NewEvent> = page
            .into_iter()
            .map(|event| event.event)
            .filter(|event| match known.get_mut(&hash(event)).filter(|times| **times > 0) {
                Some(times) => {
                    *times -= 1;
                    false
                }
                None => true,
            })
            .collect();
        if !new.is_empty() {
            copied += new.len() as u64;
            target.journal(&new)?;
        }
    }
}

/// That the copy has everything, that its chain ends alike, and that every document is what its SHA-256 says.
fn verify(
    target: &mut dyn AttestationStore,
    to: &StorePlace,
    source: &About,
    copied: &mut Copied,
    context: &Context,
) -> Result<(), Complaint> {
    let about = target.about()?;
    if about.head.size < source.head.size || about.attestations < source.attestations {
        let found = format!("{} documents of {} attestations", about.head.size, about.attestations);
        let expected = format!("{} documents of {} attestations", source.head.size, source.attestations);
        return Err(damaged(to, found, expected));
    }
    if about.head != source.head || about.bytes != source.bytes {
        return Err(damaged(to, format!("link {}", hex::encode(&about.head.link)), hex::encode(&source.head.link)));
    }
    let bar = progress(about.head.size, "{bar:30} {pos}/{len} checked {eta}", context);
    let flaws = target.check(FLAWS, &mut |progress| bar.set_position(progress.done));
    bar.finish_and_clear();
    if let Some(flaw) = flaws?.first() {
        return Err(damaged(to, format!("{}: {}", flaw.place, flaw.what), "no flaw".to_string()));
    }
    copied.documents = about.head.size;
    copied.link = about.head.link;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use stella_trust_store::{MemoryLog, Visitor};

    use super::*;

    /// A log to which somebody appends whenever it is looked at.
    struct Busy(RefCell<MemoryLog>, RefCell<u32>);

    impl Busy {
        fn grow(&self) {
            let mut left = self.1.borrow_mut();
            if *left > 0 {
                *left -= 1;
                let mut log = self.0.borrow_mut();
                let head = log.head().unwrap();
                log.append(&head, &[b"one more"], &format!("over {}", head.size + 1)).unwrap();
            }
        }
    }

    impl LogStore for Busy {
        fn head(&self) -> Result<Head, StoreError> {
            self.0.borrow().head()
        }
        fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
            self.0.borrow_mut().append(expected, entries, checkpoint)
        }
        fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
            self.grow();
            self.0.borrow().read(from, visit)
        }
        fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            self.grow();
            self.0.borrow().checkpoint()
        }
    }

    #[test]
    fn a_log_that_grows_while_it_is_copied_is_copied_up_to_its_checkpoint() {
        for growing in 0..5 {
            let log = Busy(RefCell::default(), RefCell::new(growing));
            log.0.borrow_mut().append(&Head::empty(), &[b"first", b"second"], "over 2").unwrap();
            let (head, note) = end_of(&log).unwrap();
            assert_eq!(note, format!("over {}", head.size));
            // The last time it grows under the reading.
            *log.1.borrow_mut() += 1;
            let mut target = MemoryLog::new();
            assert_eq!(copy_entries(&log, &mut target, Head::empty(), head, &note).unwrap(), head);
            assert_eq!((target.head().unwrap(), target.checkpoint().unwrap()), (head, Some(note)));
            assert_eq!(log.head().unwrap().size, head.size + 1);
        }
    }
}
