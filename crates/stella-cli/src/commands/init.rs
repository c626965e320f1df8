//! `stella init`: a home with a key, a trust log with its first entry, and a configuration file.

use std::path::Path;
use std::sync::Arc;

use stella_attest_verify::{Digest, Registry};
use stella_crypto_providers::Signer;
use stella_trust_store::key_file;
use stella_trust_store::ledger::{
    Actor, ApproverRecord, Change, Committed, Founding, Id, Ledger, LedgerError, Mode, ObjectKind, Occasion, Person,
    Record, TrustedRootRecord,
};
use stella_vocabulary::{Code, hex};

use super::approvers;
use crate::arguments::InitArguments;
use crate::attestations;
use crate::change;
use crate::complaint::Complaint;
use crate::config::{self, ConfigFile, Key};
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::json::Value;
use crate::log::{self, Log};
use crate::origin::{Origin, Setting};
use crate::private_file::{self, Secrecy};
use crate::render::Page;
use crate::settings::Settings;
use crate::store::{self, Store};
use crate::store_place::StorePlace;
use crate::trust::EMBEDDED;
use crate::trust_object::mode_text;

/// What the log says about the first entries if the person gives no reason.
const REASON: &str = "store made with stella init";

pub(crate) fn run(said: &InitArguments, context: &Context) -> Result<Answer, Complaint> {
    let settings = context.settings()?;
    let home = settings.home()?;
    let place = settings
        .store
        .clone()
        .unwrap_or_else(|| Setting::new(StorePlace::Directory(home.trust()), Origin::Default("trust in the home")));
    // Everything that was said is looked at before anything is made.
    let approvers = approvers(&said.approver, &Inputs::default())?;
    let founding = Founding { approvers, quorum: said.quorum, store: store_id(said.name.as_deref())? };
    check_founding(&founding)?;
    if let Begun::Finished(ledger) = begun(settings, &place)? {
        return Err(already(&ledger, &place.value));
    }

    let make = |path: &Path| private_file::make_directory(path).map_err(Complaint::from);
    make(home.directory())?;
    // Two at once would each make a key, and one of them would be lost.
    let _lock = private_file::lock(&home.lock())?;
    let began = begun(settings, &place)?;
    if let Begun::Finished(ledger) = &began {
        return Err(already(ledger, &place.value));
    }
    make(&home.keys())?;
    make(&home.policies())?;
    if let Some(parent) = place.value.directory().and_then(Path::parent) {
        make(parent)?;
    }
    let actor = Actor::unsigned(settings.person.value.clone());
    let reason = said.reason.clone().unwrap_or_else(|| REASON.to_string());
    let occasion = Occasion { actor, at: context.now, reason };
    let signer = key(&home.checkpoint_key())?;
    let mut ledger = match began {
        Begun::Nothing => found(log::create(settings, &place.value)?, signer, founding, &occasion)?,
        Begun::Empty(log) => found(log, signer, founding, &occasion)?,
        Begun::Founded(ledger) | Begun::Finished(ledger) => ledger.with_signer(signer)?,
    };
    let mut committed = None;
    if !said.empty && ledger.state().mode() == Mode::Solo && ledger.head().size == 1 {
        committed = import_embedded(&mut ledger, &occasion)?;
    }
    attestations::make(&place.value)?;
    // It says that everything before it was done.
    write_down(settings, &place.value, ledger.fingerprint())?;
    let store = Store::with(ledger, context)?;
    let text = match context.format.is_json() {
        true => document(&store, said, settings, committed.as_ref()).line(),
        false => page(&store, said, settings, committed.as_ref(), context),
    };
    Ok(Answer::done(text).made(store.ledger().head().size.checked_sub(1)))
}

/// How far an earlier `stella init` came.
enum Begun {
    /// Not to the log.
    Nothing,
    /// To a log without an entry.
    Empty(Log),
    /// To the first entry or the trusted roots, and not to the settings.
    Founded(Ledger<Log>),
    /// There is a store.
    Finished(Ledger<Log>),
}

fn begun(settings: &Settings, place: &Setting<StorePlace>) -> Result<Begun, Complaint> {
    // Nothing is made where a store is missed: it is to be put back there.
    let Some(log) = store::open_or_miss(settings, place)? else { return Ok(Begun::Nothing) };
    if stella_trust_store::LogStore::head(&log)?.size == 0 {
        return Ok(Begun::Empty(log));
    }
    let ledger = store::ledger(settings, &place.value, log)?;
    let Some(home) = &settings.home else { return Ok(Begun::Finished(ledger)) };
    if fingerprint_of(&home.value.config_file())?.is_some() {
        return Ok(Begun::Finished(ledger));
    }
    // Somebody else's store is none that this home has begun.
    let key = store::read_key(&home.value.checkpoint_key())?;
    let own = ledger.state().store().zip(key).is_some_and(|(store, key)| store.key == key.public_key().spki_der());
    Ok(if own { Begun::Founded(ledger) } else { Begun::Finished(ledger) })
}

/// The store that a configuration file was written for.
fn fingerprint_of(config: &Path) -> Result<Option<String>, Complaint> {
    let Some(file) = ConfigFile::read(config)? else { return Ok(None) };
    file.member(Key::StoreFingerprint).map(|member| member.text().map(str::to_string)).transpose()
}

/// Writes down in the settings which store the home was made for, and where it is if that is not in the home. What is written there
/// already stays.
fn write_down(settings: &Settings, place: &StorePlace, fingerprint: Option<[u8; 32]>) -> Result<(), Complaint> {
    let home = settings.home()?;
    let config = home.config_file();
    if fingerprint_of(&config)?.is_some() {
        return Ok(());
    }
    let text = match private_file::read(&config, Secrecy::Readable)? {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => config::template(),
    };
    let file = ConfigFile::read(&config)?.unwrap_or_default();
    let mut edited = text;
    let elsewhere = place.directory() != Some(home.trust().as_path()) && file.member(Key::Store).is_none();
    if let Some(url) = place.url().filter(|_| elsewhere) {
        edited = config::edited(&config, &edited, Key::Store, &url.into())?;
    }
    if let Some(fingerprint) = fingerprint {
        edited = config::edited(&config, &edited, Key::StoreFingerprint, &fingerprint_text(&fingerprint).into())?;
    }
    private_file::write(&config, edited.as_bytes())
}

fn fingerprint_text(fingerprint: &[u8; 32]) -> String {
    format!("sha256:{}", hex::encode(fingerprint))
}

fn already(ledger: &Ledger<Log>, place: &StorePlace) -> Complaint {
    let id = ledger.state().store().map(|store| store.id.to_string()).unwrap_or_default();
    Complaint::new(Code::UsageConflict, "there is a trust store already, and nothing was changed")
        .place(place.to_string())
        .found(format!("the store {id} with {} entries", ledger.head().size))
        .expected("a place without a store")
        .remedy("stella trust-anchors list; or another place: stella init --home DIR")
}

fn found(
    log: Log,
    signer: Arc<dyn Signer>,
    founding: Founding,
    occasion: &Occasion,
) -> Result<Ledger<Log>, LedgerError> {
    Ledger::create(log, &Registry::rustcrypto(), signer, founding, occasion)
}

/// The key of an interrupted beginning, or a new one.
fn key(path: &Path) -> Result<Arc<dyn Signer>, Complaint> {
    match store::read_key(path)? {
        Some(key) => Ok(key),
        None => store::make_key(path),
    }
}

fn store_id(name: Option<&str>) -> Result<Id, Complaint> {
    if let Some(name) = name {
        return Id::new(name).map_err(|error| Complaint::from(error).place("--name"));
    }
    let mut bytes = [0; 6];
    private_file::random(&mut bytes)?;
    Ok(Id::new(&format!("store-{}", hex::encode(&bytes)))?)
}

fn approvers(said: &[String], inputs: &Inputs) -> Result<Vec<ApproverRecord>, Complaint> {
    said.iter()
        .map(|text| {
            let Some((person, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
                return Err(Complaint::new(Code::UsageConflict, "this names no approver")
                    .place("--approver")
                    .found(text)
                    .expected("PERSON=KEYFILE, such as alice=alice.pub")
                    .remedy("stella init --help"));
            };
            let person = Person::new(person).map_err(|error| Complaint::from(error).place("--approver"))?;
            let file = Path::new(file);
            let named = key_file::read_public_key(&inputs.read(file, Kind::Key)?)
                .map_err(|error| Complaint::of(&error, &name_of(file)))?;
            approver(person, &named.key)
        })
        .collect()
}

/// An approver, under an id that names the person and the key.
fn approver(person: Person, key: &stella_crypto_providers::PublicKey) -> Result<ApproverRecord, Complaint> {
    let digits: String = hex::encode(key.key_id().as_bytes()).chars().take(8).collect();
    let plain = |letter: char| if "._-".contains(letter) || letter.is_ascii_alphanumeric() { letter } else { '-' };
    let name: String = person.as_str().chars().map(plain).take(100).collect();
    Ok(ApproverRecord { id: Id::new(&format!("{name}-{digits}"))?, key: key.spki_der().to_vec(), person })
}

fn check_founding(founding: &Founding) -> Result<(), Complaint> {
    let mut persons: Vec<&Person> = founding.approvers.iter().map(|approver| &approver.person).collect();
    persons.sort();
    persons.dedup();
    let enough = persons.is_empty() || persons.len() >= usize::from(founding.quorum);
    if founding.quorum >= 2 && enough {
        return Ok(());
    }
    Err(Complaint::from(LedgerError::QuorumInvalid { quorum: founding.quorum, persons: persons.len() })
        .place("--quorum")
        .expected("at least 2, and at most as many as there are persons among the approvers")
        .remedy("name more approvers, or none: stella approvers add"))
}

/// Takes in the trusted roots that are built in. A store with approvers begins without: more trust is theirs to decide.
fn import_embedded(ledger: &mut Ledger<Log>, occasion: &Occasion) -> Result<Option<Committed>, Complaint> {
    let changes = EMBEDDED.iter().map(|root| Ok(Change::Added(Record::TrustedRoot(embedded_record(root)?))));
    let changes = changes.collect::<Result<Vec<_>, Complaint>>()?;
    Ok(Some(ledger.change_all(changes, occasion)?))
}

/// A trusted root that is built in, as an object of the store.
pub(crate) fn embedded_record(root: &crate::trust::EmbeddedRoot) -> Result<TrustedRootRecord, Complaint> {
    Ok(TrustedRootRecord {
        id: Id::new(&root.name.replace(' ', "-"))?,
        document: root.document().to_vec(),
        label: Some(format!("{} of {}, built in", root.name, root.date)),
    })
}

fn page(
    store: &Store,
    said: &InitArguments,
    settings: &Settings,
    committed: Option<&Committed>,
    context: &Context,
) -> String {
    let mut page = Page::new(context);
    let state = store.state();
    let Some(record) = state.store() else { return page.finish() };
    page.field("store", &record.id);
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    if let Some(home) = &settings.home {
        page.field("home", home.value.directory().display());
    }
    page.field("trust log", store.place());
    page.field("mode", mode_text(record.mode));
    if record.mode == Mode::Quorum {
        page.field("quorum", format!("{} persons agree to more trust, whoever asks included", record.quorum));
        for approver in state.approvers() {
            page.field("approver", format!("{} {}", approver.person, Digest::sha256(&approver.key)));
        }
        page.field("approvers fingerprint", store::approvers_fingerprint(state));
    }
    page.maybe("warning", approvers::spare_warning(state));
    page.field("store key", Digest::sha256(&record.key));
    page.maybe("fingerprint", store.ledger().fingerprint().map(|fingerprint| fingerprint_text(&fingerprint)));
    for root in roots(store) {
        page.field("trusted root", root);
    }
    page.field("entry", store.ledger().head().size.saturating_sub(1));
    if let Some(committed) = committed {
        page.field("checkpoint", change::checkpoint_text(committed));
    } else if let Ok(Some(note)) = store.ledger().checkpoint() {
        let head = store.ledger().head();
        page.field("checkpoint", change::checkpoint_text(&Committed { checkpoint: note, first: 0, head }));
    }
    page.line("");
    page.line(
        "Whoever relies on this store compares the fingerprint, which holds its name, its key and its first approvers:",
    );
    page.line(
        "stella config set store_fingerprint FINGERPRINT, as it is done in this home. Another store is refused then.",
    );
    page.line("Keep a copy of a checkpoint elsewhere; without one, nobody can tell if the end of the log is cut off.");
    if record.mode == Mode::Solo {
        page.line("Nobody approves changes until approvers are enrolled: stella approvers add");
    }
    match (said.empty, record.mode) {
        (true, _) | (_, Mode::Quorum) => {
            page.line(
                "Nothing is trusted yet. The trusted roots that are built in: stella trust-anchors import --built-in",
            );
        }
        (false, Mode::Solo) => {
            page.line(
                "Signers under a trusted root count once they are named: --identity and --issuer, or stella issuer add",
            );
        }
    }
    page.line("Trust an authority of your own: stella trust-anchors add --cert FILE");
    page.finish()
}

fn roots(store: &Store) -> Vec<String> {
    store.state().objects_of(ObjectKind::TrustedRoot).map(|object| object.object().id.to_string()).collect()
}

fn document(store: &Store, said: &InitArguments, settings: &Settings, committed: Option<&Committed>) -> Value {
    let state = store.state();
    let record = state.store();
    let approvers = state.approvers().map(|approver| {
        Value::object([
            ("id", Value::text(approver.id.to_string())),
            ("person", Value::text(approver.person.to_string())),
            ("key_id", Value::text(Digest::sha256(&approver.key).to_string())),
        ])
    });
    let head = store.ledger().head();
    let checkpoint = committed.map(|committed| committed.checkpoint.clone());
    Value::object([
        ("schema", Value::text("stella.init/1")),
        ("store", Value::maybe(record.map(|record| record.id.to_string()))),
        ("home", Value::maybe(settings.home.as_ref().map(|home| home.value.directory().display().to_string()))),
        ("trust_log", Value::text(store.place())),
        ("mode", Value::text(state.mode().name())),
        ("quorum", record.map_or(Value::Null, |record| Value::Number(record.quorum.into()))),
        ("approvers", Value::list(approvers)),
        ("approvers_fingerprint", Value::text(store::approvers_fingerprint(state))),
        ("store_key", Value::maybe(record.map(|record| Digest::sha256(&record.key).to_string()))),
        ("fingerprint", Value::maybe(store.ledger().fingerprint().map(|fingerprint| fingerprint_text(&fingerprint)))),
        ("trusted_roots", Value::texts(roots(store))),
        ("empty", Value::Bool(said.empty)),
        (
            "head",
            Value::object([
                ("size", Value::Number(i64::try_from(head.size).unwrap_or(i64::MAX))),
                ("root", Value::text(hex::encode(&head.root))),
            ]),
        ),
        ("checkpoint", Value::maybe(checkpoint.or_else(|| store.ledger().checkpoint().ok().flatten()))),
        ("warnings", Value::texts(approvers::spare_warning(state).into_iter().collect::<Vec<_>>())),
    ])
}
