//! A log in files.

use std::borrow::ToOwned;
use std::boxed::Box;
use std::format;
use std::string::String;
use std::vec::Vec;

use stella_transparency::merkle::{Frontier, leaf_hash};

use super::error::{Damage, StoreError};
use super::files::{Access, FileError, Files};
use super::guard;
use super::identity::{self, IDENTITY};
use super::layout::{self, Commit, Header, Kind, Mark, RECORDS, StoreId};
use super::lock::{self, Stopwatch};
use super::place::Place;
use super::seen::{Prior, Seen};
use super::segment::{self, Record, Segment, TEMPORARY, put_file, write_full};
use super::store::{Head, LogStore, Visit, Visitor, check_sizes};

/// The lock file of the writer.
const LOCK: &str = "lock";
/// The longest group, in bytes: a segment that holds nothing else.
const GROUP_BYTES: usize = 8 << 20;
/// How often a reader looks again when a segment was begun behind its back. One writer needs two syncs for each.
const LOOKS: usize = 16;

/// A log in a directory of its own. Any number of processes may read while one writes; writers wait for each other.
///
/// A group of entries is written and synced before the mark that makes it count, and the mark is synced before
/// [`LogStore::append`] returns. What is behind the mark was never acknowledged; the next writer cuts it off. A record
/// before it that does not fit its checksum is [`StoreError::Corrupt`].
pub struct FileLog<F: Files = super::directory::Directory> {
    files: F,
    id: StoreId,
    seen: Option<Seen<F>>,
    stopwatch: Box<dyn Stopwatch + Send + Sync>,
    segment_bytes: u64,
    lock_wait: u64,
    /// The file whose sync failed.
    failed: Option<String>,
}

impl<F: Files> FileLog<F> {
    /// Makes an empty store and opens it. A store whose making was interrupted is made anew.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when something is there already; [`StoreError::RollbackDetected`] when a store of this
    /// place was seen before; and whatever keeps files from being written.
    pub fn create(
        place: Place<F>,
        id: StoreId,
        stopwatch: Box<dyn Stopwatch + Send + Sync>,
    ) -> Result<Self, StoreError> {
        let files = make_directory(&place)?;
        let lock = lock::acquire(&files, LOCK, &*stopwatch, place.lock_wait)?;
        let names = files.names().map_err(|error| error.at(files.path(""), "list"))?;
        if identity::read(&files)?.is_some() {
            return Err(StoreError::AlreadyExists { path: files.path("") });
        }
        for name in &names {
            let ours = name == LOCK || name.ends_with(TEMPORARY) || *name == segment::name(0);
            if !ours || !identity::unfinished(&files)? {
                return Err(StoreError::AlreadyExists { path: files.path(name) });
            }
        }
        if let (Some(seen), Prior::Keep) = (&place.seen, place.prior)
            && let Some(memory) = seen.recall()?
        {
            return Err(StoreError::RollbackDetected { seen: memory.head, found: Head::empty() });
        }
        remove_temporary(&files, &names)?;
        let header = Header { id, base: Head::empty() };
        let sync_dir = || files.sync_dir().map_err(|error| error.at(files.path(""), "sync"));
        put_segment(&files, &header, &[], Frontier::default(), "")?;
        sync_dir()?;
        put_file(&files, IDENTITY, &[(0, identity::encode(&id).as_bytes())])?;
        sync_dir()?;
        drop(lock);
        let prior = place.prior;
        let log = Self::with(files, id, place, stopwatch);
        log.remember(Head::empty(), prior)?;
        Ok(log)
    }

    /// Opens a store, and compares it with what was seen before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Permissions`] and [`StoreError::SymlinkRefused`] when others could have changed
    /// it; [`StoreError::SchemaTooNew`]; [`StoreError::Corrupt`]; [`StoreError::RollbackDetected`]; or it cannot be read.
    pub fn open(place: Place<F>, stopwatch: Box<dyn Stopwatch + Send + Sync>) -> Result<Self, StoreError> {
        let path = || place.parent.path(&place.name);
        let files = place.parent.enter(&place.name).map_err(|error| error.at(path(), "open"))?;
        guard::check_store(&files)?;
        let Some(id) = identity::read(&files)? else {
            return Err(if identity::unfinished(&files)? {
                StoreError::NotFound { path: files.path(IDENTITY) }
            } else {
                StoreError::Corrupt { path: files.path(IDENTITY), offset: 0, damage: Damage::Missing }
            });
        };
        let prior = place.prior;
        let log = Self::with(files, id, place, stopwatch);
        log.look(prior)?;
        Ok(log)
    }

    fn with(files: F, id: StoreId, place: Place<F>, stopwatch: Box<dyn Stopwatch + Send + Sync>) -> Self {
        let Place { seen, segment_bytes, lock_wait, .. } = place;
        Self { files, id, seen, stopwatch, segment_bytes, lock_wait, failed: None }
    }

    /// The id given when the store was made.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.id
    }

    /// Reads everything again and computes every root from the bytes of the entries.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] at the first record that is not what was written, or whose root is that of other entries; or the
    /// store cannot be read.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        let (mut frontier, mut groups) = (Frontier::default(), 0_u64);
        self.walk(0, &mut |step| {
            match step {
                Step::Entry(_, entry) => frontier.push(leaf_hash(entry)),
                Step::Commit(commit, _) if commit.frontier == frontier => groups += 1,
                Step::Commit(_, place) => return Err(place.corrupt(Damage::RootMismatch)),
            }
            Ok(Visit::Continue)
        })?;
        // The first group is the one that the store was made with; it holds nothing.
        let head = Head { size: frontier.size(), root: frontier.root() };
        Ok(Verified { head, groups: groups.saturating_sub(1) })
    }

    /// Writes the store as of now to another place, also while others write to it.
    ///
    /// # Errors
    /// Those of [`FileLog::create`] for the place, and of reading.
    pub fn back_up(&self, to: Place<F>) -> Result<Head, StoreError> {
        let last = self.current()?;
        let target = make_directory(&to)?;
        let _lock = lock::acquire(&target, LOCK, &*self.stopwatch, to.lock_wait)?;
        let names = target.names().map_err(|error| error.at(target.path(""), "list"))?;
        if let Some(name) = names.iter().find(|name| *name != LOCK) {
            return Err(StoreError::AlreadyExists { path: target.path(name) });
        }
        for first in self.firsts()?.into_iter().filter(|first| *first < last.header.base.size) {
            copy_segment(&Segment::open(&self.files, &self.id, first, Access::Read)?, &self.files, &target)?;
        }
        copy_segment(&last, &self.files, &target)?;
        let sync_dir = || target.sync_dir().map_err(|error| error.at(target.path(""), "sync"));
        sync_dir()?;
        put_file(&target, IDENTITY, &[(0, identity::encode(&self.id).as_bytes())])?;
        sync_dir()?;
        Ok(last.mark.head)
    }

    /// Compares the store with what was seen before, and remembers it.
    fn look(&self, prior: Prior) -> Result<(), StoreError> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let current = self.current()?;
        let memory = seen.recall_unless(prior)?;
        if let (Some(memory), Prior::Keep) = (memory, prior) {
            self.compare(&memory, &current)?;
            if memory.head == current.mark.head {
                return Ok(());
            }
        }
        // What is remembered must be durable, or a power loss would make the store look older than itself.
        self.files.sync_file(&current.file).map_err(|error| current.io(error, "sync"))?;
        if current.mark.generation <= 1 {
            self.sync_dir()?;
        }
        if memory.is_none() || prior == Prior::Replace {
            return match self.remember(current.mark.head, prior) {
                Err(StoreError::ReadOnly { .. }) if prior == Prior::Keep => Ok(()),
                other => other,
            };
        }
        // A reader waits for nobody, and a store can be read where nothing can be written: there is a memory, and it still holds.
        let remembered = seen.try_lock().and_then(|lock| match lock {
            Some(lock) => seen.remember(&lock, self.id, current.mark.head, prior),
            None => Ok(()),
        });
        match remembered {
            Err(StoreError::ReadOnly { .. } | StoreError::NoSpace { .. } | StoreError::Permissions { .. }) => Ok(()),
            other => other,
        }
    }

    /// Remembers a head that is durable.
    fn remember(&self, head: Head, prior: Prior) -> Result<(), StoreError> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let lock = seen.lock(&*self.stopwatch, self.lock_wait)?;
        seen.remember(&lock, self.id, head, prior)
    }

    /// Whether `current` continues what was seen.
    fn compare(&self, memory: &super::seen::Memory, current: &Segment<'_, F>) -> Result<(), StoreError> {
        let found = current.mark.head;
        let continues = memory.id == self.id
            && match memory.head.size {
                size if size > found.size => false,
                size if size == found.size => memory.head.root == found.root,
                size => self.root_at(size)? == Some(memory.head.root),
            };
        if continues { Ok(()) } else { Err(StoreError::RollbackDetected { seen: memory.head, found }) }
    }

    /// The root that the log had when it ended after `size` entries; `None` when no group ended there.
    fn root_at(&self, size: u64) -> Result<Option<[u8; 32]>, StoreError> {
        let mut root = None;
        self.walk(size.saturating_sub(1), &mut |step| {
            Ok(match step {
                Step::Commit(commit, _) if commit.frontier.size() == size => {
                    root = Some(commit.root);
                    Visit::Stop
                }
                Step::Commit(commit, _) if commit.frontier.size() > size => Visit::Stop,
                _ => Visit::Continue,
            })
        })?;
        Ok(root)
    }

    /// The first entries of all segments, in order.
    fn firsts(&self) -> Result<Vec<u64>, StoreError> {
        let names = self.files.names().map_err(|error| error.at(self.files.path(""), "list"))?;
        let mut firsts: Vec<u64> = names.iter().filter_map(|name| segment::first_of(name)).collect();
        firsts.sort_unstable();
        match firsts.first() {
            Some(0) => Ok(firsts),
            _ => Err(self.missing(0)),
        }
    }

    fn missing(&self, first: u64) -> StoreError {
        let path = self.files.path(&segment::name(first));
        StoreError::Corrupt { path, offset: 0, damage: Damage::Missing }
    }

    /// The segment where the log ends.
    fn current(&self) -> Result<Segment<'_, F>, StoreError> {
        let mut sealed_at = 0;
        for _ in 0..LOOKS {
            let last = self.firsts()?.last().copied().unwrap_or(0);
            let segment = Segment::open(&self.files, &self.id, last, Access::Read)?;
            segment.last_commit(|_| ())?;
            if !segment.mark.sealed {
                return Ok(segment);
            }
            sealed_at = segment.mark.head.size;
        }
        Err(self.missing(sealed_at))
    }

    /// Shows all records from the segment on that holds entry `from`.
    fn walk(
        &self,
        from: u64,
        visit: &mut dyn FnMut(Step<'_, '_, F>) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let current = self.current()?;
        let firsts: Vec<u64> = self.firsts()?.into_iter().filter(|first| *first < current.header.base.size).collect();
        let begin = firsts.partition_point(|first| *first <= from).saturating_sub(1);
        let mut end_before = None;
        if from < current.header.base.size {
            for first in firsts.into_iter().skip(begin) {
                let segment = Segment::open(&self.files, &self.id, first, Access::Read)?;
                if walk_segment(&segment, &mut end_before, visit)? == Visit::Stop {
                    return Ok(());
                }
            }
        }
        walk_segment(&current, &mut end_before, visit).map(drop)
    }

    fn sync_dir(&self) -> Result<(), StoreError> {
        self.files.sync_dir().map_err(|error| error.at(self.files.path(""), "sync"))
    }
}

/// What [`FileLog::verify`] found to be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The head, computed from the bytes of the entries.
    pub head: Head,
    /// How many groups were appended.
    pub groups: u64,
}

/// A record on the way through the log.
enum Step<'r, 's, F: Files> {
    Entry(u64, &'r [u8]),
    Commit(&'r Commit<'r>, At<'s, F>),
}

/// Where a record is.
struct At<'s, F: Files> {
    segment: &'s Segment<'s, F>,
    offset: u64,
}

impl<F: Files> At<'_, F> {
    fn corrupt(&self, damage: Damage) -> StoreError {
        self.segment.corrupt(self.offset, damage)
    }
}

fn walk_segment<F: Files>(
    segment: &Segment<'_, F>,
    end_before: &mut Option<Head>,
    visit: &mut dyn FnMut(Step<'_, '_, F>) -> Result<Visit, StoreError>,
) -> Result<Visit, StoreError> {
    if end_before.is_some_and(|end| end != segment.header.base) {
        return Err(segment.corrupt(0, Damage::Gap));
    }
    let mut records = segment.records();
    let mut last = None;
    loop {
        let offset = records.offset;
        let visited = match records.next()? {
            None => break,
            Some(Record::Entry(sequence, entry)) => {
                last = None;
                visit(Step::Entry(sequence, entry))?
            }
            Some(Record::Commit(commit)) => {
                last = Some(commit.head());
                visit(Step::Commit(&commit, At { segment, offset }))?
            }
        };
        if visited == Visit::Stop {
            return Ok(Visit::Stop);
        }
    }
    if last != Some(segment.mark.head) {
        return Err(segment.corrupt(segment.mark.commit, Damage::RootMismatch));
    }
    *end_before = last;
    Ok(Visit::Continue)
}

impl<F: Files> LogStore for FileLog<F> {
    fn head(&self) -> Result<Head, StoreError> {
        self.current().map(|segment| segment.mark.head)
    }

    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        check_sizes(entries, checkpoint)?;
        let found = layout::group_bytes(entries, 64, checkpoint);
        if found > GROUP_BYTES {
            return Err(StoreError::TooLarge { what: "the group of entries", found, limit: GROUP_BYTES });
        }
        if let Some(path) = &self.failed {
            return Err(StoreError::Failed { path: path.clone() });
        }
        let appended = self.append_locked(expected, entries, checkpoint);
        if let Err(StoreError::Io { path, operation: "sync", .. }) = &appended {
            self.failed = Some(path.clone());
        }
        appended
    }

    fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        self.walk(from, &mut |step| match step {
            Step::Entry(sequence, entry) if sequence >= from => visit(sequence, entry),
            _ => Ok(Visit::Continue),
        })
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        let current = self.current()?;
        current.last_commit(|commit| (!commit.checkpoint.is_empty()).then(|| commit.checkpoint.to_owned()))
    }
}

/// Writing. Everything here runs under the lock.
impl<F: Files> FileLog<F> {
    fn append_locked(&self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        let _lock = lock::acquire(&self.files, LOCK, &*self.stopwatch, self.lock_wait)?;
        // Taken before anything is written, so that nobody who sits on it can turn a change that was made into an error.
        let seen = match &self.seen {
            Some(seen) => Some((seen, seen.lock(&*self.stopwatch, self.lock_wait)?)),
            None => None,
        };
        let segment = self.prepare()?;
        let found = segment.mark.head;
        if let Some((seen, _)) = &seen
            && let Some(memory) = seen.recall()?
        {
            self.compare(&memory, &segment)?;
        }
        if *expected != found {
            return Err(StoreError::HeadMoved { expected: *expected, found });
        }
        let frontier = segment.last_commit(|commit| commit.frontier.clone())?;
        let end = segment.mark.end + layout::group_bytes(entries, 64, checkpoint) as u64;
        let head = if end > self.segment_bytes && found.size > segment.header.base.size {
            self.rotate(&segment, entries, frontier, checkpoint)?
        } else {
            self.extend(&segment, entries, frontier, checkpoint)?
        };
        if let Some((seen, lock)) = &seen {
            seen.remember(lock, self.id, head, Prior::Keep)?;
        }
        Ok(head)
    }

    /// Opens the segment where the log ends, after clearing away what a writer before has left unfinished.
    fn prepare(&self) -> Result<Segment<'_, F>, StoreError> {
        let names = self.files.names().map_err(|error| error.at(self.files.path(""), "list"))?;
        remove_temporary(&self.files, &names)?;
        let firsts = self.firsts()?;
        let last = firsts.last().copied().unwrap_or(0);
        let mut segment = Segment::open(&self.files, &self.id, last, Access::Write)?;
        segment.last_commit(|_| ())?;
        if segment.mark.sealed {
            return Err(self.missing(segment.mark.head.size));
        }
        if segment.mark.generation <= 1 {
            // Whoever began this segment may have ended before its name was durable.
            self.sync_dir()?;
            if let Some(before) = firsts.iter().rev().nth(1) {
                self.seal(&Segment::open(&self.files, &self.id, *before, Access::Write)?)?;
            }
        }
        if segment.length > segment.mark.end {
            self.files.truncate(&segment.file, segment.mark.end).map_err(|error| segment.io(error, "truncate"))?;
        }
        if segment.mark_damaged {
            segment.mark.generation = segment.mark.generation.saturating_add(1);
            self.write_mark(&segment, &segment.mark)?;
        }
        Ok(segment)
    }

    /// Appends a group to a segment.
    fn extend(
        &self,
        segment: &Segment<'_, F>,
        entries: &[&[u8]],
        frontier: Frontier,
        checkpoint: &str,
    ) -> Result<Head, StoreError> {
        let before = segment.mark;
        let (bytes, mut mark) = group(&segment.header, before.end, entries, frontier, checkpoint);
        mark.generation = before.generation.saturating_add(1);
        write_full(&self.files, &segment.file, &segment.name, &bytes, before.end).inspect_err(|_| {
            // The error to report is the first one; behind the mark nothing counts, and the next writer cuts it off.
            let _ = self.files.truncate(&segment.file, before.end);
        })?;
        self.files.sync_file(&segment.file).map_err(|error| sync_failed(error, segment))?;
        // When this fails, the mark may be there or not. The group stays, because it is durable and the mark may count it.
        self.write_mark(segment, &mark)?;
        self.files.sync_file(&segment.file).map_err(|error| sync_failed(error, segment))?;
        Ok(mark.head)
    }

    /// Appends a group in a segment of its own.
    fn rotate(
        &self,
        full: &Segment<'_, F>,
        entries: &[&[u8]],
        frontier: Frontier,
        checkpoint: &str,
    ) -> Result<Head, StoreError> {
        let header = Header { id: self.id, base: full.mark.head };
        let head = put_segment(&self.files, &header, entries, frontier, checkpoint)?;
        self.sync_dir()?;
        // The group is durable already. The next writer seals what could not be sealed now.
        let _ = self.seal(full);
        Ok(head)
    }

    /// Notes in a segment that the log goes on in another one, so that the other one cannot go missing unnoticed.
    fn seal(&self, segment: &Segment<'_, F>) -> Result<(), StoreError> {
        if segment.mark.sealed {
            return Ok(());
        }
        let generation = segment.mark.generation.saturating_add(1);
        self.write_mark(segment, &Mark { generation, sealed: true, ..segment.mark })
    }

    fn write_mark(&self, segment: &Segment<'_, F>, mark: &Mark) -> Result<(), StoreError> {
        let sector = mark.encode(segment.header.binding());
        write_full(&self.files, &segment.file, &segment.name, &sector, mark.offset())
    }
}

/// A disk that turns out to be full only now has also lost the write, so it is no smaller failure than any other.
fn sync_failed<F: Files>(error: FileError, segment: &Segment<'_, F>) -> StoreError {
    segment.io(error, "sync")
}

/// The records of a group that begins at `offset`, and the mark behind them, in generation 0.
fn group(header: &Header, offset: u64, entries: &[&[u8]], mut frontier: Frontier, checkpoint: &str) -> (Vec<u8>, Mark) {
    let mut bytes = Vec::with_capacity(layout::group_bytes(entries, 64, checkpoint));
    let binding = header.binding();
    for entry in entries {
        let at = offset + bytes.len() as u64;
        layout::put_record(&mut bytes, binding, at, Kind::Entry, entry);
        frontier.push(leaf_hash(entry));
    }
    let commit = offset + bytes.len() as u64;
    let record = Commit { root: frontier.root(), frontier, checkpoint };
    layout::put_record(&mut bytes, binding, commit, Kind::Commit, &record.encode());
    let end = offset + bytes.len() as u64;
    (bytes, Mark { generation: 0, end, commit, head: record.head(), sealed: false })
}

/// Puts a new segment with one group in its place. The name is not synced yet.
fn put_segment<F: Files>(
    files: &F,
    header: &Header,
    entries: &[&[u8]],
    frontier: Frontier,
    checkpoint: &str,
) -> Result<Head, StoreError> {
    let (bytes, mark) = group(header, RECORDS, entries, frontier, checkpoint);
    let front = front(header, mark);
    put_file(files, &segment::name(header.base.size), &[(0, &front), (RECORDS, &bytes)])?;
    Ok(mark.head)
}

/// Header and both marks of a segment that nothing was appended to.
fn front(header: &Header, mark: Mark) -> Vec<u8> {
    let binding = header.binding();
    let marks = [0, 1].map(|generation| Mark { generation, ..mark }.encode(binding));
    let mut front = header.encode();
    front.extend(marks.concat());
    front.resize(RECORDS as usize, 0);
    front
}

/// Copies what counts of a segment.
fn copy_segment<F: Files>(from: &Segment<'_, F>, files: &F, target: &F) -> Result<(), StoreError> {
    let temporary = format!("{}{TEMPORARY}", from.name);
    let at = |error: FileError, operation| error.at(target.path(&temporary), operation);
    let file = target.create_new(&temporary).map_err(|error| at(error, "create"))?;
    write_full(target, &file, &temporary, &front(&from.header, from.mark), 0)?;
    let mut offset = RECORDS;
    let mut buffer = [0; 64 << 10];
    while offset < from.mark.end {
        let left = usize::try_from(from.mark.end - offset).unwrap_or(usize::MAX).min(buffer.len());
        let chunk = buffer.get_mut(..left).unwrap_or_default();
        if segment::read_full(files, &from.file, &from.name, chunk, offset)? < left {
            return Err(from.corrupt(offset, Damage::CutShort));
        }
        write_full(target, &file, &temporary, chunk, offset)?;
        offset += left as u64;
    }
    target.sync_file(&file).map_err(|error| at(error, "sync"))?;
    target.rename(&temporary, &from.name).map_err(|error| at(error, "rename"))
}

/// Makes the directory of a store, if it is not there, and opens it.
fn make_directory<F: Files>(place: &Place<F>) -> Result<F, StoreError> {
    let path = || place.parent.path(&place.name);
    match place.parent.make_dir(&place.name) {
        Ok(()) | Err(FileError::Exists) => {}
        Err(error) => return Err(error.at(path(), "create")),
    }
    place.parent.sync_dir().map_err(|error| error.at(place.parent.path(""), "sync"))?;
    let files = place.parent.enter(&place.name).map_err(|error| error.at(path(), "open"))?;
    guard::check_store(&files)?;
    Ok(files)
}

/// Removes what a writer that died has left. No writer that lives has any: this one has the lock.
fn remove_temporary<F: Files>(files: &F, names: &[String]) -> Result<(), StoreError> {
    for name in names.iter().filter(|name| name.ends_with(TEMPORARY)) {
        match files.remove(name) {
            Ok(()) | Err(FileError::NotFound) => {}
            Err(error) => return Err(error.at(files.path(name), "remove")),
        }
    }
    Ok(())
}
