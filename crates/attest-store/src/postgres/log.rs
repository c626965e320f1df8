//! The trust log in PostgreSQL.

use std::sync::{Mutex, MutexGuard, PoisonError};

use stella_transparency::merkle::{Frontier, Hash, leaf_hash};
use stella_trust_store::fs::{Remembered, StoreId};
use stella_trust_store::{Head, LogStore, StoreError, Visit, Visitor, check_sizes};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::connection::Connection;
use super::fault::Fault;
use super::row::{cell, count, exact, signed};
use super::schema;
use super::session::Session;
use super::wire::Wire;
use crate::error::{StoreError as Failure, corrupt};
use crate::packed::{Packer, Unpacker};
use crate::records::unpacked;

/// The longest group, in bytes, as for a log in files.
const GROUP_BYTES: usize = 8 << 20;
/// What an entry takes beside its bytes.
const OVERHEAD: usize = 64;
/// How many entries are asked for together: at 1 MiB, the longest, still little memory.
const PAGE: u64 = 32;

/// A trust log in a schema of a PostgreSQL database, for any number of nodes at once; the same schema can hold a [`Shared`](super::Shared).
///
/// A group of entries is one transaction that holds the head. Entries and heads carry checksums, and whoever reads all entries is told if their
/// root is not that of the head. An append that finds the log exactly where it would have brought it is one whose answer was lost, and has succeeded.
pub struct PostgresLog {
    session: Mutex<Session>,
    id: StoreId,
    place: String,
    remembered: Option<Remembered>,
}

/// The log after a group.
struct Group {
    head: Head,
    frontier: Frontier,
    checkpoint: String,
}

impl PostgresLog {
    /// Makes an empty log and opens it. Without `remembered`, an older copy of the database cannot be told from the database.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`]; [`StoreError::RollbackDetected`] when a log of this place was seen before; those of [`PostgresLog::open`].
    pub fn create(connection: &Connection, id: StoreId, remembered: Option<Remembered>) -> Result<Self, StoreError> {
        if let Some(remembered) = &remembered
            && let Some((_, seen)) = remembered.recall()?
            && !remembered.accepts_rollback()
        {
            return Err(StoreError::RollbackDetected { seen, found: Head::empty() });
        }
        let mut session = Session::open(connection).map_err(told)?;
        schema::make(&mut session).map_err(told)?;
        let place = session.place().to_owned();
        let empty = Group { head: Head::empty(), frontier: Frontier::default(), checkpoint: String::new() };
        let mut tried = false;
        session
            .write(|wire| {
                let made = wire.execute(
                    "INSERT INTO log (id, size) VALUES ($1, 0) ON CONFLICT DO NOTHING",
                    &[&id.as_bytes().as_slice()],
                )?;
                if made == 0 {
                    let row = wire.query_opt("SELECT id FROM log", &[])?;
                    let is_ours = row.map(|row| exact(&row, 0, "log")).transpose()? == Some(*id.as_bytes());
                    // The answer to the first try may have been lost.
                    return if tried && is_ours {
                        Ok(())
                    } else {
                        Err(Failure::AlreadyExists { place: place.clone() }.into())
                    };
                }
                tried = true;
                empty.put(wire, &id)
            })
            .map_err(told)?;
        let log = Self { session: Mutex::new(session), id, place, remembered };
        if let Some(remembered) = &log.remembered {
            remembered.appended(id, Head::empty())?;
        }
        Ok(log)
    }

    /// Opens a log, and compares it with what was seen before. What it holds is remembered when somebody has verified it:
    /// [`LogStore::accepted`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where no log was made; [`StoreError::RollbackDetected`]; [`StoreError::SchemaTooNew`];
    /// [`StoreError::Permissions`], [`StoreError::Busy`] and [`StoreError::Database`] where the server does not let in, cannot take one more, or cannot be
    /// reached or believed.
    pub fn open(connection: &Connection, remembered: Option<Remembered>) -> Result<Self, StoreError> {
        let mut session = Session::open(connection).map_err(told)?;
        schema::open(&mut session).map_err(told)?;
        let place = session.place().to_owned();
        let row = session.read(|wire| wire.query_opt("SELECT id FROM log", &[])).map_err(told)?;
        let row = row.ok_or_else(|| StoreError::NotFound { path: place.clone() })?;
        let id = StoreId::from_bytes(exact(&row, 0, "log").map_err(told)?);
        let log = Self { session: Mutex::new(session), id, place, remembered };
        let seen = log.binding()?;
        log.session()
            .read(|wire| {
                let current = current(wire, &id, "")?;
                compare(wire, &id, seen, &current.head)
            })
            .map_err(told)??;
        Ok(log)
    }

    /// The id given when the log was made.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.id
    }

    /// Where it is, without secrets.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        // Whoever panicked was no part of a change: a session that is in the middle of something is not used again.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the log has to continue.
    fn binding(&self) -> Result<Option<(StoreId, Head)>, StoreError> {
        match &self.remembered {
            Some(remembered) if !remembered.accepts_rollback() => remembered.recall(),
            _ => Ok(None),
        }
    }

    fn page(&self, from: u64, until: u64) -> Result<Vec<Row>, StoreError> {
        let sql = "SELECT sequence, entry, sum FROM log_entry WHERE sequence >= $1 AND sequence < $2 ORDER BY sequence";
        let read = |wire: &mut Wire| wire.query(sql, &[&signed(from)?, &signed(until)?]);
        self.session().read(read).map_err(told)
    }

    fn current(&self) -> Result<Group, StoreError> {
        self.session().read(|wire| current(wire, &self.id, "")).map_err(told)
    }
}

impl LogStore for PostgresLog {
    fn head(&self) -> Result<Head, StoreError> {
        self.current().map(|group| group.head)
    }

    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        check_sizes(entries, checkpoint)?;
        let found = entries.iter().map(|entry| entry.len() + OVERHEAD).sum::<usize>() + checkpoint.len();
        if found > GROUP_BYTES {
            return Err(StoreError::TooLarge { what: "the group of entries", found, limit: GROUP_BYTES });
        }
        let seen = self.binding()?;
        let id = self.id;
        let mut tried = false;
        let head = self
            .session()
            .write(|wire| {
                let again = std::mem::replace(&mut tried, true);
                append(wire, &id, seen, expected, entries, checkpoint, again)
            })
            .map_err(told)??;
        if let Some(remembered) = &self.remembered {
            // The change is made, and an error would say that it was not. Whoever opens the log next remembers it.
            let _ = remembered.appended(id, head);
        }
        Ok(head)
    }

    fn read<'v>(&self, from: u64, visit: &'v mut Visitor<'v>) -> Result<(), StoreError> {
        let end = self.head()?;
        let mut frontier = (from == 0).then(Frontier::default);
        let mut next = from;
        while next < end.size {
            let until = end.size.min(next + PAGE);
            // Nothing is held while entries are shown: the visitor may ask the log something.
            for row in self.page(next, until)? {
                let (sequence, entry) = read_entry(&row, &self.id).map_err(told)?;
                if sequence != next {
                    return Err(told(corrupt("log_entry", &format!("entry {next} is missing"))));
                }
                next += 1;
                if let Some(frontier) = &mut frontier {
                    frontier.push(leaf_hash(entry));
                }
                if visit(sequence, entry)? == Visit::Stop {
                    return Ok(());
                }
            }
            if next < until {
                return Err(told(corrupt("log_entry", &format!("entry {next} is missing"))));
            }
        }
        match frontier {
            Some(frontier) if frontier.root() != end.root => {
                Err(told(corrupt("log_group", "the root of the head is not that of the entries")))
            }
            _ => Ok(()),
        }
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        let checkpoint = self.current()?.checkpoint;
        Ok((!checkpoint.is_empty()).then_some(checkpoint))
    }

    fn seen(&self) -> Result<Option<Head>, StoreError> {
        let Some(remembered) = &self.remembered else { return Ok(None) };
        Ok(remembered.recall()?.map(|(_, head)| head))
    }

    fn accepted(&mut self, head: &Head) -> Result<(), StoreError> {
        match &mut self.remembered {
            Some(remembered) => remembered.accepted(self.id, *head),
            None => Ok(()),
        }
    }
}

/// Appends under the lock on the head. What is wrong with the log is a value, so that only what went wrong with the server is tried again.
fn append(
    wire: &mut Wire,
    id: &StoreId,
    seen: Option<(StoreId, Head)>,
    expected: &Head,
    entries: &[&[u8]],
    checkpoint: &str,
    again: bool,
) -> Result<Result<Head, StoreError>, Fault> {
    let found = current(wire, id, "FOR UPDATE OF l")?;
    if let Err(rollback) = compare(wire, id, seen, &found.head)? {
        return Ok(Err(rollback));
    }
    if *expected != found.head {
        let moved = StoreError::HeadMoved { expected: *expected, found: found.head };
        let Some(base) = group(wire, id, expected.size)?.filter(|base| base.head == *expected) else {
            return Ok(Err(moved));
        };
        let head = after(base.frontier, entries, checkpoint).head;
        let is_made = head == found.head && found.checkpoint == checkpoint && !entries.is_empty();
        // The first try of this call may have been carried out, and others may have appended since.
        let was_made = again && group(wire, id, head.size)?.is_some_and(|group| group.head == head);
        return Ok(if is_made || was_made { Ok(head) } else { Err(moved) });
    }
    let mut lines = Vec::with_capacity(entries.len());
    for (sequence, entry) in (found.head.size..).zip(entries) {
        lines.push((signed(sequence)?, *entry, entry_sum(sequence, entry, id)));
    }
    wire.copy(
        "COPY log_entry (sequence, entry, sum) FROM STDIN (FORMAT binary)",
        &[Type::INT8, Type::BYTEA, Type::BYTEA],
        &lines,
        |(sequence, entry, sum)| vec![sequence, entry, sum],
    )?;
    let group = after(found.frontier, entries, checkpoint);
    group.put(wire, id)?;
    wire.execute("UPDATE log SET size = $1", &[&signed(group.head.size)?])?;
    Ok(Ok(group.head))
}

fn after(mut frontier: Frontier, entries: &[&[u8]], checkpoint: &str) -> Group {
    for entry in entries {
        frontier.push(leaf_hash(entry));
    }
    let head = Head { size: frontier.size(), root: frontier.root() };
    Group { head, frontier, checkpoint: checkpoint.to_owned() }
}

/// Whether the log continues what was seen of it.
fn compare(
    wire: &mut Wire,
    id: &StoreId,
    seen: Option<(StoreId, Head)>,
    found: &Head,
) -> Result<Result<(), StoreError>, Fault> {
    let Some((of, head)) = seen else { return Ok(Ok(())) };
    let continues = of == *id
        && match head.size {
            size if size > found.size => false,
            size if size == found.size => head.root == found.root,
            size => group(wire, id, size)?.is_some_and(|group| group.head == head),
        };
    Ok(if continues { Ok(()) } else { Err(StoreError::RollbackDetected { seen: head, found: *found }) })
}

/// The columns of a group, in the order in which [`Group::of`] reads them.
const GROUP: &str = "g.size, g.root, g.frontier, g.checkpoint, g.sum";

/// The latest group of the log with this id.
fn current(wire: &mut Wire, id: &StoreId, lock: &str) -> Result<Group, Fault> {
    // First the lock, then the look: a statement that waits for a row goes on with what it saw of the others before.
    let row = wire.query_opt(&format!("SELECT l.id, l.size FROM log l {lock}"), &[])?;
    let row = row.ok_or_else(|| corrupt("log", "it is empty"))?;
    if exact::<32>(&row, 0, "log")? != *id.as_bytes() {
        return Err(corrupt("log", "it is another log than before").into());
    }
    let size = count(&row, 1, "log")?;
    let group = group(wire, id, size)?;
    Ok(group.ok_or_else(|| corrupt("log_group", "the latest group is missing"))?)
}

/// The group after which the log had this size.
fn group(wire: &mut Wire, id: &StoreId, size: u64) -> Result<Option<Group>, Fault> {
    let sql = format!("SELECT {GROUP} FROM log_group g WHERE g.size = $1");
    let row = wire.query_opt(&sql, &[&signed(size)?])?;
    Ok(row.map(|row| Group::of(&row, id)).transpose()?)
}

impl Group {
    fn of(row: &Row, id: &StoreId) -> Result<Self, Failure> {
        const TABLE: &str = "log_group";
        let head = Head { size: count(row, 0, TABLE)?, root: exact(row, 1, TABLE)? };
        let unreadable = || corrupt(TABLE, "a group cannot be read");
        let hash = |from: &mut Unpacker<'_>| -> Option<Hash> { from.bytes()?.try_into().ok() };
        let subtrees = unpacked(cell(row, 2, TABLE)?, |from| from.each(hash)).ok_or_else(unreadable)?;
        let frontier = Frontier::from_subtrees(head.size, &subtrees).ok_or_else(unreadable)?;
        let checkpoint = String::from_utf8(cell::<&[u8]>(row, 3, TABLE)?.to_vec()).map_err(|_| unreadable())?;
        let group = Self { head, frontier, checkpoint };
        if cell::<&[u8]>(row, 4, TABLE)? != group.sum(id) || group.frontier.root() != head.root {
            return Err(corrupt(TABLE, &format!("the group of {} entries does not fit its checksum", head.size)));
        }
        Ok(group)
    }

    fn put(&self, wire: &mut Wire, id: &StoreId) -> Result<(), Fault> {
        // A group without entries is a new checkpoint over the same.
        wire.execute(
            "INSERT INTO log_group (size, root, frontier, checkpoint, sum) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (size) DO UPDATE \
             SET root = excluded.root, frontier = excluded.frontier, checkpoint = excluded.checkpoint, sum = excluded.sum",
            &[
                &signed(self.head.size)?,
                &self.head.root.as_slice(),
                &self.subtrees(),
                &self.checkpoint.as_bytes(),
                &self.sum(id),
            ],
        )?;
        Ok(())
    }

    fn subtrees(&self) -> Vec<u8> {
        Packer::default().each(self.frontier.subtrees(), |packer, hash| packer.bytes(hash)).done()
    }

    fn sum(&self, id: &StoreId) -> Vec<u8> {
        Packer::default()
            .bytes(id.as_bytes())
            .number(self.head.size)
            .bytes(&self.head.root)
            .bytes(&self.subtrees())
            .bytes(self.checkpoint.as_bytes())
            .sum("log_group")
    }
}

fn read_entry<'r>(row: &'r Row, id: &StoreId) -> Result<(u64, &'r [u8]), Failure> {
    let (sequence, entry) = (count(row, 0, "log_entry")?, cell(row, 1, "log_entry")?);
    if cell::<&[u8]>(row, 2, "log_entry")? != entry_sum(sequence, entry, id) {
        return Err(corrupt("log_entry", &format!("entry {sequence} does not fit its checksum")));
    }
    Ok((sequence, entry))
}

fn entry_sum(sequence: u64, entry: &[u8], id: &StoreId) -> Vec<u8> {
    Packer::default().bytes(id.as_bytes()).number(sequence).bytes(entry).sum("log_entry")
}

/// The same failure in the words of the trust store.
fn told(failure: Failure) -> StoreError {
    match failure {
        Failure::AlreadyExists { place } => StoreError::AlreadyExists { path: place },
        Failure::Busy { place, why } => StoreError::Busy { path: place, why },
        Failure::Corrupt { place, what } => StoreError::Damaged { path: place, what },
        Failure::Io { place, operation, why } => StoreError::Database { path: place, operation, why },
        Failure::NoSpace { place } => StoreError::NoSpace { path: place },
        Failure::NotFound { what } => StoreError::NotFound { path: what },
        Failure::Permissions { place, found, expected } => StoreError::Permissions { path: place, found, expected },
        Failure::ReadOnly { place } => StoreError::ReadOnly { path: place },
        Failure::SchemaTooNew { found, supported, .. } => StoreError::SchemaTooNew { found, supported },
        Failure::TooLarge { what, found, limit } => StoreError::TooLarge { what, found, limit },
        other => StoreError::Database { path: String::new(), operation: "use the database", why: other.to_string() },
    }
}
