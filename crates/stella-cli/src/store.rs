//! The trust store of one run: opened, asked, and changed under the name of a person.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use stella_attest_verify::{Digest, Registry, TrustSnapshot};
use stella_crypto_providers::{Scheme, Signer, SigningKey};
use stella_trust_store::StoreError;
use stella_trust_store::ledger::{
    Actor, AuditFlaw, Founder, Id, Ledger, LedgerError, Object, ObjectKind, ObjectRef, Occasion, Opening, Person,
    Point, Record, TrustState,
};
use stella_vocabulary::{Code, UnixTime, hex, pem};
use zeroize::Zeroizing;

use crate::complaint::Complaint;
use crate::config::{ConfigFile, Key};
use crate::context::Context;
use crate::log::{self, Log, Rollback};
use crate::near_miss;
use crate::origin::{Origin, Setting};
use crate::private_file::{self, Secrecy};
use crate::refused::{is_missing, quoted};
use crate::settings::Settings;
use crate::store_place::StorePlace;

/// The fewest hex digits that name something.
const PREFIX: usize = 8;

/// An open store.
pub(crate) struct Store {
    /// Taken only while the key is given to it.
    ledger: Option<Ledger<Log>>,
    place: Option<StorePlace>,
    key: PathBuf,
    person: Person,
    now: UnixTime,
    signs: bool,
    changed_from: Rc<Cell<Option<u64>>>,
}

impl Store {
    /// The store, if there is one where the settings say.
    ///
    /// # Errors
    /// Whatever keeps a store that is there from being relied on; `store.not_found` if the settings name a place and there is none.
    pub(crate) fn find(context: &Context) -> Result<Option<Self>, Complaint> {
        let settings = context.settings()?;
        let Some(place) = &settings.store else { return Ok(None) };
        let Some(log) = open_or_miss(settings, place)? else { return is_nowhere(settings, place).map(|()| None) };
        Self::with(ledger(settings, &place.value, log)?, context).map(Some)
    }

    /// The store.
    ///
    /// # Errors
    /// `store.not_found` if there is none, and those of [`Store::find`].
    pub(crate) fn require(context: &Context) -> Result<Self, Complaint> {
        if let Some(store) = Self::find(context)? {
            return Ok(store);
        }
        let complaint = Complaint::new(Code::StoreNotFound, "there is no trust store yet");
        let Some(place) = &context.settings()?.store else {
            return Err(complaint
                .place("--home")
                .expected("a home: --home, STELLA_HOME or HOME")
                .remedy("stella init --home DIR"));
        };
        Err(complaint.place(place.value.to_string()).remedy("stella init"))
    }

    /// A ledger that is open already, as the store of this run.
    pub(crate) fn with(ledger: Ledger<Log>, context: &Context) -> Result<Self, Complaint> {
        let settings = context.settings()?;
        warn_of_clock(ledger.state(), context);
        Ok(Self {
            ledger: Some(ledger),
            place: settings.store.as_ref().map(|place| place.value.clone()),
            key: settings.home()?.checkpoint_key(),
            person: settings.person.value.clone(),
            now: context.now,
            signs: false,
            changed_from: context.changed_from(),
        })
    }

    /// Where it is, for people.
    pub(crate) fn place(&self) -> String {
        self.place.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    #[expect(
        clippy::expect_used,
        reason = "only `ledger_mut` takes it, and it ends the command if it cannot put it back"
    )]
    pub(crate) fn ledger(&self) -> &Ledger<Log> {
        self.ledger.as_ref().expect("a ledger that is not being given its key")
    }

    /// The ledger with the key of the store, for changes.
    ///
    /// # Errors
    /// Those of reading the key; `key.algorithm_mismatch` if it is the key of another store. Do not use the store after one.
    pub(crate) fn ledger_mut(&mut self) -> Result<&mut Ledger<Log>, Complaint> {
        if self.changed_from.get().is_none() {
            self.changed_from.set(Some(self.ledger().head().size));
        }
        if !self.signs {
            let signer = read_key(&self.key)?.ok_or_else(|| no_key(&self.key))?;
            if let Some(ledger) = self.ledger.take() {
                let ledger = ledger.with_signer(signer);
                self.ledger = Some(ledger.map_err(|error| Complaint::from(error).in_file(&self.key))?);
                self.signs = true;
            }
        }
        self.ledger.as_mut().ok_or_else(|| no_key(&self.key))
    }

    /// The objects of the latest entry.
    pub(crate) fn state(&self) -> &TrustState {
        self.ledger().state()
    }

    /// The state that `--trust-at` names, or the latest.
    ///
    /// # Errors
    /// `store.not_found` for a moment before the store was made, or an entry that is not there.
    pub(crate) fn state_at(&self, context: &Context) -> Result<TrustState, Complaint> {
        match context.trust_at {
            Some(point) => self
                .ledger()
                .state_at(point)
                .map_err(|error| Complaint::from(error).place("--trust-at").remedy("stella trust log")),
            None => Ok(self.state().clone()),
        }
    }

    /// What counts at the moment that `--trust-at` names, or now: [`Store::state_at`] with the emergency changes in force.
    ///
    /// # Errors
    /// As [`Store::state_at`].
    pub(crate) fn effective_at(&self, context: &Context) -> Result<TrustState, Complaint> {
        let state = self.state_at(context)?;
        let at = match context.trust_at {
            Some(Point::Time(at)) => at,
            Some(Point::Sequence(_)) => state.last_time().unwrap_or(self.now),
            None => self.now,
        };
        Ok(state.effective(at))
    }

    /// The snapshot that `--trust-at` names, or what counts now. An emergency change counts while the clock says so: a judgement of
    /// the past does not bring one back.
    ///
    /// # Errors
    /// As [`Store::state_at`].
    pub(crate) fn snapshot(&self, context: &Context) -> Result<TrustSnapshot, Complaint> {
        match context.trust_at {
            Some(point) => self
                .ledger()
                .snapshot_at(point)
                .map_err(|error| Complaint::from(error).place("--trust-at").remedy("stella trust log")),
            None => self
                .ledger()
                .snapshot(context.now.max(context.at))
                .map_err(|error| Complaint::of(&error, &self.place())),
        }
    }

    /// This person, now, with a reason.
    pub(crate) fn occasion(&self, reason: Option<&str>) -> Occasion {
        self.occasion_of(Actor::unsigned(self.person.clone()), reason)
    }

    /// Somebody, now, with a reason.
    pub(crate) fn occasion_of(&self, actor: Actor, reason: Option<&str>) -> Occasion {
        Occasion { actor, at: self.now, reason: reason.unwrap_or("no reason was given").to_string() }
    }

    /// The object that `text` names: an id, `KIND/ID`, a key id or fingerprint (`sha256:` and hex), or a unique beginning of one,
    /// of at least 8 hex digits.
    ///
    /// # Errors
    /// `store.not_found`, with the near miss; `usage.conflict` if it names several.
    pub(crate) fn resolve(&self, kinds: &[ObjectKind], text: &str) -> Result<ObjectRef, Complaint> {
        resolve(&self.state().effective(self.now), kinds, text)
    }

    /// The id of the store, and what its key and first approvers are compared by.
    pub(crate) fn id(&self) -> Option<&Id> {
        self.state().store().map(|store| &store.id)
    }
}

/// A log that is ahead of the clock keeps people from changing trust, perhaps only weeks after a machine with a wrong clock wrote to it.
fn warn_of_clock(state: &TrustState, context: &Context) {
    const TOLERANCE: i64 = 300;
    let Some(last) = state.last_time() else { return };
    if context.now.checked_add(TOLERANCE).is_none_or(|latest| latest >= last) {
        return;
    }
    let entry = state.size().saturating_sub(1);
    context.warn(
        &Complaint::new(Code::TimeInFuture, "the trust log is ahead of the clock of this machine")
            .place(format!("entry {entry}"))
            .found(last.to_string())
            .expected(format!("not later than {}", context.now))
            .remedy("compare the clocks of the machines that change trust; until this one gets there, more trust cannot be given"),
    );
}

/// As [`Store::resolve`], in any state.
pub(crate) fn resolve(state: &TrustState, kinds: &[ObjectKind], text: &str) -> Result<ObjectRef, Complaint> {
    let (kind, name) = match text.split_once('/') {
        Some((kind, name)) => (ObjectKind::from_name(kind).filter(|kind| kinds.contains(kind)), name),
        None => (None, text),
    };
    let wanted: Vec<ObjectKind> = match kind {
        Some(kind) => vec![kind],
        None => kinds.to_vec(),
    };
    let name = if kind.is_some() { name } else { text };
    let found = named(state, &wanted, name);
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(unknown(state, &wanted, name)),
        several => {
            let names: Vec<String> = several.iter().map(|one| format!("{}/{}", one.kind.name(), one.id)).collect();
            Err(Complaint::new(Code::UsageConflict, "this names more than one object of the store")
                .found(text)
                .expected(format!("one of {}", names.join(", ")))
                .remedy("give the kind too, such as anchor/ID, or sha256: and more digits of the one that is meant"))
        }
    }
}

fn named(state: &TrustState, kinds: &[ObjectKind], name: &str) -> Vec<ObjectRef> {
    let mut found: Vec<ObjectRef> = Vec::new();
    if let Ok(id) = Id::new(name) {
        let named = kinds.iter().map(|kind| ObjectRef::new(*kind, id.clone()));
        found.extend(named.filter(|object| state.object(object).is_some()));
    }
    // Somebody may have given a thing the beginning of another one's fingerprint as its id.
    for object in fingerprinted(state, kinds, name) {
        if !found.contains(&object) {
            found.push(object);
        }
    }
    found
}

/// The objects with a fingerprint that begins like this.
fn fingerprinted(state: &TrustState, kinds: &[ObjectKind], name: &str) -> Vec<ObjectRef> {
    let digits = name.strip_prefix("sha256:").unwrap_or(name).to_ascii_lowercase();
    if !(PREFIX..=64).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Vec::new();
    }
    let objects = kinds.iter().flat_map(|kind| state.objects_of(*kind));
    let fits = |object: &&Object| match object {
        Object::Recorded(record, _) => {
            fingerprints(record).iter().any(|fingerprint| hex::encode(fingerprint).starts_with(&digits))
        }
        _ => false,
    };
    let mut found: Vec<ObjectRef> = objects.filter(fits).map(Object::object).collect();
    // What was removed stays known, and gives way to what took its place.
    if found.len() > 1 {
        let removed =
            |object: &ObjectRef| state.record(object).is_some_and(|(_, standing)| standing.name() == "removed");
        if found.iter().any(|object| !removed(object)) {
            found.retain(|object| !removed(object));
        }
    }
    found
}

/// What an object is also known by: SHA-256 of its certificate, key or document, and of the key in its certificate.
fn fingerprints(record: &Record) -> Vec<[u8; 32]> {
    let certificate = match record {
        Record::Anchor(anchor) => Some(&anchor.certificate),
        Record::Intermediate(intermediate) => Some(&intermediate.certificate),
        _ => None,
    };
    let key = certificate
        .and_then(|der| stella_attest_verify::Certificate::from_der(der).ok())
        .and_then(|certificate| certificate.public_key().ok().map(|key| *key.key_id().as_bytes()));
    record.material().into_iter().chain(key).collect()
}

fn unknown(state: &TrustState, kinds: &[ObjectKind], name: &str) -> Complaint {
    let known: Vec<String> =
        kinds.iter().flat_map(|kind| state.objects_of(*kind)).map(|object| object.object().id.to_string()).collect();
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let list = match kinds.as_slice() {
        ["approver"] => "stella approvers list",
        ["issuer"] => "stella issuer list",
        ["request"] => "stella approvals list",
        _ => "stella trust-anchors list",
    };
    let complaint = Complaint::new(Code::StoreNotFound, format!("the store has no {} of this name", kinds.join(", ")))
        .found(name)
        .remedy(list);
    match near_miss::closest(name, known.iter().map(String::as_str)) {
        Some(meant) => complaint.expected(format!("an id, such as {meant}")),
        None => complaint.expected("an id, or at least 8 hex digits of a fingerprint, with or without sha256:"),
    }
}

/// What to compare out of band of those who decide first: the SHA-256 of `quorum N` and a line `PERSON KEY-ID` for each approver,
/// sorted, each line with a line feed.
pub(crate) fn approvers_fingerprint(state: &TrustState) -> String {
    let mut lines: Vec<String> =
        state.approvers().map(|approver| format!("{} {}\n", approver.person, Digest::sha256(&approver.key))).collect();
    lines.sort();
    let quorum = state.store().map_or(0, |store| store.quorum);
    Digest::sha256(format!("quorum {quorum}\n{}", lines.concat()).as_bytes()).to_string()
}

/// Whether there never was a store where one is looked for, so that a command which only verifies may do without. Whoever can take a
/// directory away must not be able to turn off what the store has removed and revoked.
///
/// # Errors
/// `store.not_found` if there was a store, if settings name the place, if the home was made for a store, or if `stella init` did not
/// come to its end.
pub(crate) fn is_nowhere(settings: &Settings, place: &Setting<StorePlace>) -> Result<(), Complaint> {
    if let Some(missed) = missed(settings, place)? {
        return Err(missed);
    }
    if let Some(path) = place.value.directory()
        && private_file::exists(path)?
    {
        return Err(unfinished(&place.value));
    }
    match place.origin {
        Origin::Default(_) => Ok(()),
        _ => Err(StoreError::NotFound { path: place.value.to_string() }.into()),
    }
}

/// The log, if there is one; `None` where nobody knows of any.
///
/// # Errors
/// As [`is_nowhere`] for a store that was there, and those of [`crate::log::open`].
pub(crate) fn open_or_miss(settings: &Settings, place: &Setting<StorePlace>) -> Result<Option<Log>, Complaint> {
    let look = || match log::open(settings, &place.value, Rollback::Refuse) {
        Ok(log) => Ok(Some(log)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(Complaint::from(error)),
    };
    if let Some(log) = look()? {
        return Ok(Some(log));
    }
    let Some(missed) = missed(settings, place)? else { return Ok(None) };
    // It may have been made in between: what is known of a store is written after it.
    look()?.map_or(Err(missed), |log| Ok(Some(log)))
}

/// What to say if there was a store where none is, as far as anybody here knows.
///
/// # Errors
/// What is known cannot be read.
fn missed(settings: &Settings, place: &Setting<StorePlace>) -> Result<Option<Complaint>, Complaint> {
    if let Some(home) = &settings.home {
        let memory = private_file::real_path(&home.value.seen(&place.value));
        if private_file::exists(&memory)? {
            let complaint = Complaint::new(Code::StoreNotFound, "a trust store was here before, and is not any more")
                .place(place.value.to_string())
                .found("no store")
                .expected(format!("the store that {} remembers", memory.display()));
            return Ok(Some(complaint.remedy(
                "put it back, also from a copy; or, if it is lost for good, begin elsewhere: stella init --home DIR",
            )));
        }
        let config = home.value.config_file();
        let own = matches!(place.origin, Origin::Default(_)) || settings.founder(&place.value) != Founder::AsFound;
        if own && ConfigFile::read(&config)?.is_some_and(|file| file.member(Key::StoreFingerprint).is_some()) {
            let complaint = Complaint::new(Code::StoreNotFound, "the trust store of this home is not here")
                .place(place.value.to_string())
                .found("no store")
                .expected(format!("the store that {} was written for", config.display()));
            return Ok(Some(
                complaint
                    .remedy("put it back, also from a copy, or say where it is: stella config set store file:/PATH"),
            ));
        }
    }
    Ok(None)
}

/// What `stella init` leaves behind when it is interrupted before the first entry.
fn unfinished(place: &StorePlace) -> Complaint {
    Complaint::new(Code::StoreNotFound, "there is the beginning of a trust store, and no entry in it")
        .place(place.to_string())
        .expected("a store that was made to its end")
        .remedy("stella init")
}

/// The ledger in a log: of the founder who was written down, if one was.
///
/// # Errors
/// `store.not_found` for a log without an entry, and those of [`Ledger::open_with`].
pub(crate) fn ledger(settings: &Settings, place: &StorePlace, log: Log) -> Result<Ledger<Log>, Complaint> {
    let opening = Opening { founding: settings.founder(place), ..Opening::default() };
    Ledger::open_with(log, &Registry::rustcrypto(), opening).map_err(|error| match &error {
        LedgerError::NotFound { .. } => unfinished(place),
        LedgerError::AuditBroken { flaw: AuditFlaw::OtherFounding, .. } => {
            let config = settings.store_fingerprint.as_ref().map(|pin| pin.origin.to_string()).unwrap_or_default();
            Complaint::from(error)
                .place(place.to_string())
                .found("another first entry")
                .expected(format!("the store_fingerprint of {config}"))
                .remedy(
                    "put the store back that stella init made; or, if this one is meant, compare its fingerprint with whoever made it: \
                     stella config set store_fingerprint sha256:…",
                )
        }
        _ => error.into(),
    })
}

/// The key that checkpoints are signed with; `None` if there is none.
pub(crate) fn read_key(path: &Path) -> Result<Option<Arc<dyn Signer>>, Complaint> {
    let Some(text) = private_file::read(path, Secrecy::Secret)? else { return Ok(None) };
    let text = Zeroizing::new(text);
    let key = SigningKey::from_pkcs8_pem(&text).map_err(|error| {
        Complaint::of(&error, &path.display().to_string()).remedy("put the key of the store back from a copy")
    })?;
    Ok(Some(Arc::new(key)))
}

/// Makes a key for checkpoints.
pub(crate) fn make_key(path: &Path) -> Result<Arc<dyn Signer>, Complaint> {
    let mut seed = Zeroizing::new([0; 32]);
    private_file::random(seed.as_mut())?;
    let key = SigningKey::from_secret_bytes(Scheme::Ed25519, seed.as_ref())
        .map_err(|error| Complaint::of(&error, "the key of the store"))?;
    let der = Zeroizing::new(key.to_pkcs8_der());
    let text = Zeroizing::new(pem::encode("PRIVATE KEY", &der));
    private_file::write(path, text.as_bytes())?;
    Ok(Arc::new(key))
}

pub(crate) fn no_key(path: &Path) -> Complaint {
    Complaint::new(Code::StoreReadOnly, "the private key of the store is not here, so the store can only be read")
        .in_file(path)
        .expected("the key that stella init made")
        .remedy(format!(
            "use the home that the store was made with, or put the key back: {}",
            quoted(&path.display().to_string())
        ))
}
