//! The embedded store.

use std::os::unix::ffi::OsStrExt as _;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use stella_attest_model::{AttestationId, IdPrefix};
use stella_trust_store::fs::{Directory, Files, acquire};

use super::arrivals::{self, Head};
use super::fault::{Fault, from_files};
use super::latest::Latest;
use super::place::{self, DATABASE, LOG, Place, SEGMENTS, UNFINISHED, from_file};
use super::row::opened;
use super::segments::{self, Segments};
use super::{check, journal, marks, reports, runs, schema};
use crate::arrival::{Added, Arrival, Incoming};
use crate::error::{StoreError, corrupt};
use crate::event::{Event, EventFilter, NewEvent, Retention};
use crate::filter::Filter;
use crate::packed::Packer;
use crate::records::record_sum;
use crate::report_record::{Link, ReportRecord};
use crate::store::{About, AttestationStore, Flaw, OperationId, Progress};
use crate::work::{Finished, RunId, RunPlan, RunState, Share};

/// The file that a writer locks.
const LOCK: &str = "lock";

/// A store in files. A value is one connection; several, also of other processes, may be open at once.
pub struct Embedded {
    pub(super) connection: Connection,
    pub(super) segments: Segments,
    pub(super) place: Place,
    /// The path of the database, for people.
    pub(super) database: String,
    /// Whether a write ended in a way that leaves open what of it is durable.
    doubtful: bool,
}

impl Embedded {
    /// Makes an empty store and opens it. `id` is 16 random bytes, or that of the store whose copy this is to be.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`]; [`StoreError::DatabaseMissing`] where there was one; those of [`Embedded::open`].
    pub fn create(place: Place, id: [u8; 16]) -> Result<Self, StoreError> {
        let home = place.directory()?;
        segments::make(&home, SEGMENTS)?;
        let segments = place::segments(&home)?;
        // Held until the database has its name, so that of two that make one the second finds it.
        let lock = acquire(&segments, LOCK, &*place.stopwatch, place.wait).map_err(from_files)?;
        match place::check_database(&home) {
            Ok(()) => return Err(StoreError::AlreadyExists { place: place.shown(DATABASE) }),
            Err(StoreError::NotFound { .. }) => Latest::forget(&segments)?,
            Err(error) => return Err(error),
        }
        make_database(&home, &place, id)?;
        drop(lock);
        Self::open(place)
    }

    /// Opens a store. Tables of an older version are brought to this one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where no store was made; [`StoreError::DatabaseMissing`] where documents or logs of one lie; [`StoreError::Permissions`] and [`StoreError::SymlinkRefused`] for files that may not be
    /// believed; [`StoreError::SchemaTooNew`]; [`StoreError::Corrupt`].
    pub fn open(place: Place) -> Result<Self, StoreError> {
        let home = place.directory()?;
        place::check_database(&home)?;
        let database = place.shown(DATABASE);
        let at = |fault: Fault| fault.at(&database);
        let (connection, version) = reach(&home, &place, &database).map_err(at)?;
        let mut store =
            Self { segments: Segments::new(place::segments(&home)?), connection, place, database, doubtful: false };
        if version < schema::VERSION {
            let lock = store.lock()?;
            let from =
                schema::version(&store.connection, &store.database).map_err(|fault| fault.at(&store.database))?;
            schema::migrate(&store.connection, from).map_err(|fault| fault.at(&store.database))?;
            drop(lock);
        }
        // Read first: whoever writes meanwhile brings the database further than this.
        let seen = Latest::read(store.segments.directory());
        // What cannot be read now will not be later.
        let found = store.read(latest)?;
        match seen {
            Some(seen) => seen.compare(&found, &store.database)?,
            None => found.write(store.segments.directory()),
        }
        Ok(store)
    }

    fn lock(&self) -> Result<impl Drop + use<>, StoreError> {
        let directory = self.segments.directory();
        let lock = acquire(directory, LOCK, &*self.place.stopwatch, self.place.wait).map_err(|error| {
            match from_files(error) {
                // Ours, and we have taken the right to write from ourselves.
                StoreError::Permissions { .. } if !place::can_be_written(&self.place.path) => {
                    StoreError::ReadOnly { place: self.database.clone() }
                }
                error => error,
            }
        })?;
        Ok(Held(Some(Box::new(lock))))
    }

    /// Runs `work` on one version of the database.
    pub(super) fn read<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        let at = |fault: Fault| fault.at(&self.database);
        let transaction = self.connection.transaction().map_err(|error| at(error.into()))?;
        work(&transaction).map_err(at)
    }

    /// Runs `work` alone, and makes what it did durable, or undoes it. After an error of the disk nothing more is written through this handle: after a
    /// failed sync, the next one says nothing about what the first was to make durable.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Segments, &Place) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        if self.doubtful {
            return Err(StoreError::Failed { place: self.database.clone() });
        }
        let done = self.write_once(work);
        self.doubtful = matches!(done, Err(StoreError::Io { .. }));
        done
    }

    fn write_once<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Segments, &Place) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let _lock = self.lock()?;
        let at = |fault: Fault| fault.at(&self.database);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| at(error.into()))?;
        let value = work(&transaction, &mut self.segments, &self.place).map_err(at)?;
        let after = latest(&transaction).map_err(at)?;
        transaction.commit().map_err(|error| at(error.into()))?;
        after.write(self.segments.directory());
        Ok(value)
    }
}

/// How far the store is.
fn latest(connection: &Connection) -> Result<Latest, Fault> {
    Ok(Latest::of(id(connection)?, &Head::read(connection)?, journal::Ends::read(connection)?))
}

fn id(connection: &Connection) -> Result<[u8; 16], Fault> {
    let id: Vec<u8> = connection.prepare_cached("SELECT id FROM store")?.query_row([], |row| row.get(0))?;
    id.try_into().map_err(|_| corrupt("store", "its id is not 16 bytes long").into())
}

/// Hides what kind of lock it is.
struct Held(Option<Box<stella_trust_store::fs::Lock<Directory>>>);

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

fn connect(place: &Place, name: &str) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(place.path.join(name), flags)?;
    // Readers do not wait in WAL mode but for a recovery; writers wait for our lock.
    connection.busy_timeout(std::time::Duration::from_millis(place.wait))?;
    schema::settle(&connection)?;
    Ok(connection)
}

/// Opens the database, and says in which version its tables are.
///
/// Where nothing can be written, SQLite cannot make `attest.db-shm`, without which it opens no database that has a log. The database is then read as it
/// lies, if it has no log: what is in a log would be passed over, and whoever else writes, such as the owner of a home of root, has one meanwhile. If he
/// begins while we read, a row that does not fit its checksum is damage by name, and asking again helps.
fn reach(home: &Directory, place: &Place, database: &str) -> Result<(Connection, u64), Fault> {
    let with_version = |connection: Connection| {
        let version = schema::version(&connection, database)?;
        Ok((connection, version))
    };
    match connect(place, DATABASE).and_then(with_version) {
        Err(Fault::Database(error))
            if matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
                && !place::can_be_written(&place.path) =>
        {
            if place::has_log(home)? {
                return Err(StoreError::ReadOnly { place: place.shown(LOG) }.into());
            }
            with_version(connect_as_it_lies(place)?)
        }
        reached => reached,
    }
}

/// For reading, without looking at what others do.
fn connect_as_it_lies(place: &Place) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_URI;
    let mut uri = String::from("file:");
    for byte in place.path.join(DATABASE).as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    let connection = Connection::open_with_flags(format!("{uri}?immutable=1"), flags)?;
    schema::settle(&connection)?;
    Ok(connection)
}

/// Makes the database under another name, whole, before it gets its own.
fn make_database(home: &Directory, place: &Place, id: [u8; 16]) -> Result<(), StoreError> {
    let unfinished = place.shown(UNFINISHED);
    let failed = |operation| {
        let place = unfinished.clone();
        move |error| from_file(error, place, operation)
    };
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let name = format!("{UNFINISHED}{suffix}");
        match home.remove(&name) {
            Ok(()) | Err(stella_trust_store::fs::FileError::NotFound) => {}
            Err(error) => return Err(from_file(error, place.shown(&name), "remove")),
        }
    }
    // Ours alone before anything is in it; SQLite gives what it puts beside it the same mode.
    let file = home.create_new(UNFINISHED).map_err(failed("create"))?;
    let fill = || -> Result<(), Fault> {
        let connection = connect(place, UNFINISHED)?;
        schema::make(&connection)?;
        let (head, journal) = (Head::EMPTY.put(), journal::Ends::EMPTY.put());
        connection.execute(
            "INSERT INTO store (one, id, head, head_sum, journal, journal_sum) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            rusqlite::params![id, head, record_sum(&head, "head"), journal, record_sum(&journal, "journal")],
        )?;
        connection.pragma_update_and_check(None, "wal_checkpoint", "TRUNCATE", |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(())
    };
    fill().map_err(|fault| fault.at(&unfinished))?;
    home.sync_file(&file).map_err(failed("sync"))?;
    // Before anybody finds it: whoever closes a descriptor drops the locks of all handles of this process.
    drop(file);
    home.rename(UNFINISHED, DATABASE).map_err(failed("rename"))?;
    home.sync_dir().map_err(failed("sync"))
}

impl AttestationStore for Embedded {
    fn about(&mut self) -> Result<About, StoreError> {
        let place = self.database.clone();
        self.read(|connection| {
            let head = Head::read(connection)?;
            Ok(About {
                kind: "sqlite",
                place,
                id: id(connection)?,
                schema: schema::VERSION,
                head: head.arrivals,
                attestations: head.attestations,
                bytes: head.bytes,
                events: journal::Ends::read(connection)?.events,
            })
        })
    }

    fn add(&mut self, batch: &[Incoming<'_>], operation: OperationId) -> Result<Vec<Added>, StoreError> {
        arrivals::add(self, batch, operation)
    }

    fn take_over(&mut self, arrivals: &[(Arrival, Vec<u8>)]) -> Result<(), StoreError> {
        arrivals::take_over(self, arrivals)
    }

    fn arrivals(&mut self, attestation: &AttestationId) -> Result<Vec<Arrival>, StoreError> {
        self.read(|connection| {
            let kept = arrivals::of(connection, attestation)?;
            Ok(kept.into_iter().map(|kept| kept.arrival).collect())
        })
    }

    fn arrival(&mut self, sequence: u64) -> Result<Option<Arrival>, StoreError> {
        self.read(|connection| {
            if sequence == 0 || sequence > Head::read(connection)?.arrivals.size {
                return Ok(None);
            }
            Ok(Some(arrivals::at(connection, sequence)?.arrival))
        })
    }

    fn resolve(&mut self, prefix: &IdPrefix, most: usize) -> Result<Vec<AttestationId>, StoreError> {
        self.read(|connection| arrivals::resolve(connection, prefix, most))
    }

    fn find(&mut self, filter: &Filter, after: u64, most: usize) -> Result<Vec<Arrival>, StoreError> {
        self.read(|connection| arrivals::find(connection, filter, after, most))
    }

    fn document(&mut self, arrival: &Arrival) -> Result<Vec<u8>, StoreError> {
        arrivals::document(self, arrival)
    }

    fn keep_reports(&mut self, reports: &[ReportRecord]) -> Result<(), StoreError> {
        if reports.is_empty() {
            return Ok(());
        }
        self.write(|connection, _, _| reports::put(connection, reports))
    }

    fn report(&mut self, attestation: &AttestationId) -> Result<Option<ReportRecord>, StoreError> {
        self.read(|connection| reports::of(connection, attestation))
    }

    fn reports(&mut self, dependency: Option<&str>, after: u64, most: usize) -> Result<Vec<ReportRecord>, StoreError> {
        self.read(|connection| reports::list(connection, dependency, after, most))
    }

    fn keep_link(&mut self, link: &Link) -> Result<(), StoreError> {
        self.write(|connection, _, _| reports::keep_link(connection, link))
    }

    fn links(&mut self, attestation: &AttestationId) -> Result<Vec<Link>, StoreError> {
        self.read(|connection| reports::links(connection, attestation))
    }

    fn journal(&mut self, events: &[NewEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        self.write(|connection, _, _| journal::write(connection, events))
    }

    fn events(&mut self, filter: &EventFilter, after: u64, most: usize) -> Result<Vec<Event>, StoreError> {
        self.read(|connection| journal::events(connection, filter, after, most))
    }

    fn forget_events(&mut self, retention: &Retention) -> Result<u64, StoreError> {
        // Most often there is nothing to forget, and nobody has to wait for that.
        if self.read(|connection| journal::forgettable(connection, retention))? == 0 {
            return Ok(0);
        }
        self.write(|connection, _, _| journal::forget(connection, retention))
    }

    fn remembered(&mut self, marks: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
        self.read(|connection| marks::remembered(connection, marks))
    }

    fn remember(&mut self, marks: &[[u8; 32]]) -> Result<(), StoreError> {
        if marks.is_empty() {
            return Ok(());
        }
        self.write(|connection, _, _| marks::remember(connection, marks))
    }

    fn forget_marks(&mut self) -> Result<u64, StoreError> {
        self.write(|connection, _, _| Ok(connection.execute("DELETE FROM remembered", [])? as u64))
    }

    fn start_run(&mut self, run: RunId, plan: &RunPlan) -> Result<RunState, StoreError> {
        self.write(|connection, _, _| runs::start(connection, run, plan))
    }

    fn take_share(&mut self, run: RunId, worker: &str, lease: u32) -> Result<Option<Share>, StoreError> {
        self.write(|connection, _, _| runs::take(connection, run, worker, lease))
    }

    fn finish_share(
        &mut self,
        run: RunId,
        worker: &str,
        share: u64,
        results: &[ReportRecord],
    ) -> Result<Finished, StoreError> {
        self.write(|connection, _, _| runs::finish(connection, run, worker, share, results))
    }

    fn run(&mut self, run: RunId) -> Result<Option<RunState>, StoreError> {
        self.read(|connection| runs::state(connection, run))
    }

    fn check(&mut self, most: usize, progress: &mut dyn FnMut(Progress)) -> Result<Vec<Flaw>, StoreError> {
        check::check(self, most, progress)
    }
}

/// The single row of the store, or one of its records.
pub(super) fn own<T>(
    connection: &Connection,
    name: &'static str,
    take: impl FnOnce(&mut crate::packed::Unpacker<'_>) -> Option<T>,
) -> Result<T, Fault> {
    let sql =
        if name == "head" { "SELECT head, head_sum FROM store" } else { "SELECT journal, journal_sum FROM store" };
    let mut statement = connection.prepare_cached(sql)?;
    let (record, sum) = statement.query_row([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    Ok(opened(&record, &sum, name, take)?)
}

/// Puts a record of the store in the place of the one before.
pub(super) fn put_own(connection: &Connection, name: &'static str, record: Packer) -> Result<(), Fault> {
    let sql = if name == "head" {
        "UPDATE store SET head = ?1, head_sum = ?2"
    } else {
        "UPDATE store SET journal = ?1, journal_sum = ?2"
    };
    let record = record.done();
    let sum = record_sum(&record, name);
    if connection.prepare_cached(sql)?.execute(rusqlite::params![record, sum])? != 1 {
        return Err(corrupt("store", "it is empty").into());
    }
    Ok(())
}
