//! The attestation store of one run: opened, asked, and told what happened.

use std::path::{Path, PathBuf};

use stella_attest_store::postgres::Shared;
use stella_attest_store::sqlite::{Embedded, Place};
use stella_attest_store::{AttestationStore, NewEvent, OperationId, Retention, StoreError};
use stella_vocabulary::{Code, Reason};

use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::private_file;
use crate::settings::Settings;
use crate::store_place::StorePlace;

/// An open store of attestations.
pub(crate) struct Attestations {
    store: Box<dyn AttestationStore>,
    source: Source,
    retention: Option<Retention>,
}

impl Attestations {
    /// The store, if there is one where the settings say.
    ///
    /// # Errors
    /// Whatever keeps a store that is there from being relied on.
    pub(crate) fn find(context: &Context) -> Result<Option<Self>, Complaint> {
        let Some(source) = Source::of(context.settings()?) else { return Ok(None) };
        match source.open() {
            Ok(store) => Self::with(store, source, context).map(Some),
            Err(error) if error.code() == Code::StoreNotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The store.
    ///
    /// # Errors
    /// `store.not_found` if there is none, and those of [`Attestations::find`].
    pub(crate) fn require(context: &Context) -> Result<Self, Complaint> {
        match Self::find(context)? {
            Some(store) => Ok(store),
            None => Err(missing(context.settings()?)),
        }
    }

    /// The store; made if there is a trust store that it belongs to, and it is not there yet.
    ///
    /// # Errors
    /// `store.not_found` where `stella init` was never run, and those of [`Attestations::find`].
    pub(crate) fn for_writing(context: &Context) -> Result<Self, Complaint> {
        if let Some(store) = Self::find(context)? {
            return Ok(store);
        }
        let settings = context.settings()?;
        let source = Source::of(settings).ok_or_else(|| missing(settings))?;
        if !source.has_trust_beside_it()? {
            return Err(missing(settings));
        }
        source.make_room()?;
        match source.create(random()?) {
            // Somebody else was faster.
            Err(StoreError::AlreadyExists { .. }) => Self::require(context),
            Err(error) => Err(error.into()),
            Ok(store) => Self::with(store, source, context),
        }
    }

    fn with(store: Box<dyn AttestationStore>, source: Source, context: &Context) -> Result<Self, Complaint> {
        Ok(Self { store, source, retention: context.settings()?.retention(context.now) })
    }

    /// The store itself.
    pub(crate) fn store(&mut self) -> &mut dyn AttestationStore {
        self.store.as_mut()
    }

    /// The store itself, for whoever writes nothing into the journal.
    pub(crate) fn into_store(self) -> Box<dyn AttestationStore> {
        self.store
    }

    /// What opens it again, once for each thread.
    pub(crate) const fn source(&self) -> &Source {
        &self.source
    }

    /// Writes into the journal. A journal that cannot be written is a warning, and never another verdict.
    pub(crate) fn journal(&mut self, event: NewEvent, context: &Context) {
        self.journal_all(&[event], context);
    }

    /// As [`Attestations::journal`], several events at once; also forgets what need not be kept any more.
    pub(crate) fn journal_all(&mut self, events: &[NewEvent], context: &Context) {
        if events.is_empty() {
            return;
        }
        let written = self.store.journal(events).and_then(|()| match &self.retention {
            Some(retention) => self.store.forget_events(retention).map(drop),
            None => Ok(()),
        });
        if let Err(error) = written {
            context.warn(&unwritten(error));
        }
    }
}

/// Makes the store that belongs to the trust log at `place`, if it is not there.
///
/// # Errors
/// Whatever keeps it from being made.
pub(crate) fn make(place: &StorePlace) -> Result<(), Complaint> {
    // A home gets its store with the first attestation.
    if place.directory().is_some() {
        return Ok(());
    }
    let source = Source::at(place.clone());
    match source.open() {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Code::StoreNotFound => match source.create(random()?) {
            // Somebody else was faster.
            Ok(_) | Err(StoreError::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn unwritten(error: StoreError) -> Complaint {
    let code = error.code();
    let place = error.place().unwrap_or_default();
    let remedy = match code {
        Code::StoreReadOnly => "the result stands; to keep such events, use a store that can be written",
        _ => "the result stands; for the journal: stella store check",
    };
    Complaint::new(code, format!("this could not be written into the journal: {error}")).place(place).remedy(remedy)
}

/// A name for one change.
///
/// # Errors
/// The system gives no random bytes.
pub(crate) fn operation() -> Result<OperationId, Complaint> {
    random().map(OperationId)
}

fn random() -> Result<[u8; 16], Complaint> {
    let mut bytes = [0; 16];
    private_file::random(&mut bytes)?;
    Ok(bytes)
}

/// Where the attestations are; opens them as often as somebody needs a handle.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    place: StorePlace,
}

impl Source {
    fn of(settings: &Settings) -> Option<Self> {
        settings.store.as_ref().map(|place| Self::at(place.value.clone()))
    }

    /// The attestations that belong to the trust log at `place`.
    pub(crate) const fn at(place: StorePlace) -> Self {
        Self { place }
    }

    fn has_trust_beside_it(&self) -> Result<bool, Complaint> {
        match &self.place {
            StorePlace::Directory(trust) => Ok(private_file::exists(trust)?),
            // A schema is made by whoever says so.
            StorePlace::Server(_) => Ok(false),
        }
    }

    /// Where it is, for people.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            StorePlace::Directory(trust) => beside(trust).display().to_string(),
            StorePlace::Server(server) => server.connection().to_string(),
        }
    }

    /// Another handle.
    ///
    /// # Errors
    /// `NotFound` if there is no store yet; whatever keeps it from being relied on.
    pub(crate) fn open(&self) -> Result<Box<dyn AttestationStore>, StoreError> {
        match &self.place {
            StorePlace::Directory(trust) => Ok(Box::new(Embedded::open(in_files(trust))?)),
            StorePlace::Server(server) => Ok(Box::new(Shared::connect(server.connection())?)),
        }
    }

    /// Makes the directory that it is to lie in.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn make_room(&self) -> Result<(), Complaint> {
        match &self.place {
            StorePlace::Directory(trust) => Ok(private_file::make_directory(&beside(trust))?),
            StorePlace::Server(_) => Ok(()),
        }
    }

    /// Makes it. `id` is drawn, or that of the store whose copy it is to be.
    ///
    /// # Errors
    /// `AlreadyExists` if there is one.
    pub(crate) fn create(&self, id: [u8; 16]) -> Result<Box<dyn AttestationStore>, StoreError> {
        match &self.place {
            StorePlace::Directory(trust) => Ok(Box::new(Embedded::create(in_files(trust), id)?)),
            StorePlace::Server(server) => Ok(Box::new(Shared::create(server.connection(), id)?)),
        }
    }
}

fn in_files(trust: &Path) -> Place {
    Place::at(&beside(trust), Box::new(Ticks::new()))
}

/// The directory of the attestations that belong to a trust log. In a home, where that is called `trust`, they lie beside it; any other log has a directory
/// of its own for them, since several may lie beside each other.
fn beside(trust: &Path) -> PathBuf {
    let parent = trust.parent().unwrap_or(trust);
    match trust.file_name() {
        Some(name) if name != "trust" => {
            let mut own = name.to_os_string();
            own.push(".attestations");
            parent.join(own)
        }
        _ => parent.to_path_buf(),
    }
}

fn missing(settings: &Settings) -> Complaint {
    let complaint = Complaint::new(Code::StoreNotFound, "there is no store of attestations yet");
    match Source::of(settings) {
        Some(source) => complaint.place(source.name()).remedy("stella init"),
        None => {
            complaint.place("--home").expected("a home: --home, STELLA_HOME or HOME").remedy("stella init --home DIR")
        }
    }
}

impl From<StoreError> for Complaint {
    fn from(error: StoreError) -> Self {
        let complaint = Self::reported(&error);
        match remedy(&error) {
            Some(remedy) => complaint.remedy(remedy),
            None => complaint,
        }
    }
}

fn remedy(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::AlreadyExists { .. } => "stella attest status".to_string(),
        StoreError::Busy { .. } | StoreError::Locked { .. } => {
            "wait until the others are done, and run the command again".to_string()
        }
        StoreError::Corrupt { .. } => {
            "stella store check, which names what is damaged; put that back from a copy".to_string()
        }
        StoreError::DatabaseMissing { place, beside } => format!(
            "put {place} back from a copy; to begin anew without what was in it, move {beside} and everything else of it away"
        ),
        StoreError::Failed { .. } | StoreError::Io { .. } => {
            "mend what keeps it from being read or written, and run the command again: nothing is taken in twice"
                .to_string()
        }
        StoreError::NoSpace { .. } => "make room, and run the command again: nothing is taken in twice".to_string(),
        StoreError::NotFound { .. } => "stella attest list".to_string(),
        StoreError::Permissions { place, found, expected } => {
            crate::refused::permissions_remedy(place, found, expected)
        }
        StoreError::ReadOnly { .. } => "use a place that can be written, or the server that takes changes".to_string(),
        StoreError::RollbackDetected { place, .. } => format!(
            "put back what is newer, such as attest.db-wal; if it is lost for good, remove the file latest in the directory attest beside {place}"
        ),
        StoreError::SchemaTooNew { .. } => "use a stella at least as new as the one that wrote it".to_string(),
        StoreError::SymlinkRefused { .. } => {
            "put a plain file or directory in its place, or give its real path".to_string()
        }
        _ => return None,
    })
}
