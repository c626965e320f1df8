//! The trust log of one run: in files, or in the schema of a database that many nodes share.

use std::path::Path;

use stella_attest_store::postgres::PostgresLog;
use stella_trust_store::fs::{FileLog, Place, Remembered, StoreId};
use stella_trust_store::{Head, LogStore, StoreError, Visitor};

use crate::complaint::Complaint;
use crate::context::Ticks;
use crate::private_file;
use crate::settings::Settings;
use crate::store_place::{Server, StorePlace};

/// An open log.
pub(crate) enum Log {
    Files(Box<FileLog>),
    Server(Box<PostgresLog>),
}

/// Whether a store that is older than what was seen is taken as it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rollback {
    /// From now on; what was seen is forgotten.
    Accept,
    /// This once; what was seen is neither looked at nor forgotten.
    Overlook,
    Refuse,
}

/// Opens the log at `place`, and compares it with what was seen of it.
pub(crate) fn open(settings: &Settings, place: &StorePlace, rollback: Rollback) -> Result<Log, StoreError> {
    match place {
        StorePlace::Directory(path) => {
            // Before directories on the way are looked at: where there is no store, it does not matter who could write there.
            if !private_file::exists(path)? {
                return Err(StoreError::NotFound { path: path.display().to_string() });
            }
            let files = match rollback {
                Rollback::Accept => in_files(settings, place, path)?.danger_accept_rollback(),
                Rollback::Overlook => Place::at(path)?,
                Rollback::Refuse => in_files(settings, place, path)?,
            };
            FileLog::open(files, Box::new(Ticks::new())).map(|log| Log::Files(Box::new(log)))
        }
        StorePlace::Server(server) => {
            let remembered = match rollback {
                Rollback::Accept => remembered(settings, place)?.map(Remembered::danger_accept_rollback),
                Rollback::Overlook => None,
                Rollback::Refuse => remembered(settings, place)?,
            };
            on_server(PostgresLog::open(server.connection(), remembered))
        }
    }
}

/// Makes a log at `place`.
pub(crate) fn create(settings: &Settings, place: &StorePlace) -> Result<Log, Complaint> {
    let mut id = [0; 32];
    private_file::random(&mut id)?;
    let id = StoreId::from_bytes(id);
    Ok(match place {
        StorePlace::Directory(path) => {
            let files = in_files(settings, place, path)?;
            FileLog::create(files, id, Box::new(Ticks::new())).map(|log| Log::Files(Box::new(log)))?
        }
        StorePlace::Server(server) => made_on(server, id, remembered(settings, place)?)?,
    })
}

fn made_on(server: &Server, id: StoreId, remembered: Option<Remembered>) -> Result<Log, StoreError> {
    on_server(PostgresLog::create(server.connection(), id, remembered))
}

fn on_server(log: Result<PostgresLog, StoreError>) -> Result<Log, StoreError> {
    log.map(|log| Log::Server(Box::new(log)))
}

fn in_files(settings: &Settings, store: &StorePlace, path: &Path) -> Result<Place, StoreError> {
    let place = Place::at(path)?;
    match memory(settings, store)? {
        Some(file) => place.remembered_at(&file),
        None => Ok(place),
    }
}

fn remembered(settings: &Settings, store: &StorePlace) -> Result<Option<Remembered>, StoreError> {
    memory(settings, store)?.map(|file| Remembered::at(&file, Box::new(Ticks::new()))).transpose()
}

/// The file that remembers what was seen of a store; `None` where nothing can be written, so that nothing can be remembered.
fn memory(settings: &Settings, store: &StorePlace) -> Result<Option<std::path::PathBuf>, StoreError> {
    let Some(home) = &settings.home else { return Ok(None) };
    let seen = home.value.seen(store);
    let (Some(directory), Some(name)) = (seen.parent(), seen.file_name()) else { return Ok(None) };
    // Links on the way there are the user's; one in the place of the file itself is refused like any other.
    let directory = private_file::real_path(directory);
    match private_file::make_directory(&directory) {
        Ok(()) => Ok(Some(directory.join(name))),
        Err(StoreError::ReadOnly { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl LogStore for Log {
    fn head(&self) -> Result<Head, StoreError> {
        match self {
            Self::Files(log) => log.head(),
            Self::Server(log) => log.head(),
        }
    }

    fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
        match self {
            Self::Files(log) => log.append(expected, entries, checkpoint),
            Self::Server(log) => log.append(expected, entries, checkpoint),
        }
    }

    fn read<'v>(&self, from: u64, visit: &'v mut Visitor<'v>) -> Result<(), StoreError> {
        match self {
            Self::Files(log) => log.read(from, visit),
            Self::Server(log) => log.read(from, visit),
        }
    }

    fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        match self {
            Self::Files(log) => log.checkpoint(),
            Self::Server(log) => log.checkpoint(),
        }
    }

    fn seen(&self) -> Result<Option<Head>, StoreError> {
        match self {
            Self::Files(log) => log.seen(),
            Self::Server(log) => log.seen(),
        }
    }

    fn accepted(&mut self, head: &Head) -> Result<(), StoreError> {
        match self {
            Self::Files(log) => log.accepted(head),
            Self::Server(log) => log.accepted(head),
        }
    }
}
