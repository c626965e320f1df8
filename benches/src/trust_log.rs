//! Trust logs of any size for measurements, made through the ledger like any other and kept between runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use stella_crypto_providers::{HashAlgorithm, Registry, Scheme, SignatureEncoding, Signer, SigningKey};
use stella_testkit::authority::Authority;
use stella_testkit::key::TestKey;
use stella_trust_store::fs::{FileLog, Place, Stopwatch, StoreId};
use stella_trust_store::ledger::{
    Actor, AnchorRecord, Change, Founding, Id, KeyRecord, Ledger, Occasion, Person, Record, Terms,
};
use stella_vocabulary::UnixTime;

/// Entries of one group: a group is at most 8 MiB, an anchor's entry about 1.5 KiB.
const GROUP: usize = 2_000;
/// 2026-01-17T09:00:00Z
const START: i64 = 1_768_640_400;

struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

/// A clock for a log.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "a measurement has a clock")]
pub fn clock() -> Box<dyn Stopwatch + Send + Sync> {
    Box::new(Clock(Instant::now()))
}

/// The instant of the made entries, and some seconds.
#[must_use]
pub fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(START + seconds)
}

/// Somebody acts, some seconds after the beginning.
///
/// # Panics
/// Never: the name is a valid one.
#[must_use]
pub fn occasion(seconds: i64) -> Occasion {
    let person = Person::new("robot").expect("a name");
    Occasion { actor: Actor::unsigned(person), at: at(seconds), reason: "for a measurement".into() }
}

/// The key of the store.
///
/// # Panics
/// Never: any 32 bytes are an Ed25519 key.
#[must_use]
pub fn store_key() -> Arc<dyn Signer> {
    Arc::new(SigningKey::from_secret_bytes(Scheme::Ed25519, &[7; 32]).expect("an Ed25519 key"))
}

/// Where a store lies, with its memory beside it.
///
/// # Panics
/// If others than the running user could write there.
#[must_use]
pub fn place(directory: &Path) -> Place {
    let at = |name: &str| directory.join(name);
    Place::at(&at("trust")).and_then(|place| place.remembered_at(&at("seen"))).expect("a private directory")
}

/// Opens the ledger of a made store, for changes.
///
/// # Panics
/// If it is not what was made.
#[must_use]
pub fn open(directory: &Path) -> Ledger<FileLog> {
    let log = FileLog::open(place(directory), clock()).expect("a store");
    let ledger = Ledger::open(log, &Registry::rustcrypto()).expect("a ledger");
    ledger.with_signer(store_key()).expect("the key of the store")
}

/// A key, different for each number.
///
/// # Panics
/// Never.
#[must_use]
pub fn signing_key(number: usize) -> SigningKey {
    let seed = HashAlgorithm::Sha256.hash(&[b"key", &number.to_be_bytes()]);
    SigningKey::from_secret_bytes(Scheme::Ed25519, seed.as_bytes()).expect("an Ed25519 key")
}

/// The record of its public half.
///
/// # Panics
/// Never.
#[must_use]
pub fn key(number: usize) -> KeyRecord {
    let key = signing_key(number);
    KeyRecord {
        id: Id::new(&format!("key-{number}")).expect("an id"),
        encoding: SignatureEncoding::Der,
        hint: None,
        issuer: None,
        key: key.public_key().spki_der().to_vec(),
        terms: Terms::labelled(&format!("key {number}")),
    }
}

/// A root, different for each number.
#[must_use]
pub fn root(number: usize) -> Authority {
    Authority::root_with(TestKey::ed25519(&format!("anchor {number}")), |builder| builder)
}

fn anchor(number: usize) -> AnchorRecord {
    let root = root(number);
    AnchorRecord {
        id: Id::new(&format!("anchor-{number}")).expect("an id"),
        certificate: root.certificate().to_vec(),
        terms: Terms::labelled(&format!("anchor {number}")),
    }
}

/// A store with so many anchors and keys, one entry each.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn objects(anchors: usize, keys: usize) -> PathBuf {
    kept(&format!("trust-log-{anchors}-anchors-{keys}-keys"), |ledger| {
        let anchors = (0..anchors).map(|number| Change::Added(Record::Anchor(anchor(number))));
        let keys = (0..keys).map(|number| Change::Added(Record::Key(key(number))));
        in_groups(ledger, anchors.chain(keys));
    })
}

/// A store with one key and so many entries, nearly all of which change its label.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn entries(count: usize) -> PathBuf {
    kept(&format!("trust-log-{count}-entries"), |ledger| {
        let first = key(0);
        let changes = (2..count).map(|number| {
            let terms = Terms::labelled(if number % 2 == 0 { "even" } else { "odd" });
            Change::Changed(Record::Key(KeyRecord { terms, ..first.clone() }))
        });
        in_groups(ledger, std::iter::once(Change::Added(Record::Key(first.clone()))).chain(changes));
    })
}

fn in_groups(ledger: &mut Ledger<FileLog>, changes: impl Iterator<Item = Change>) {
    let mut changes = changes.peekable();
    while changes.peek().is_some() {
        let group = changes.by_ref().take(GROUP).collect();
        ledger.change_all(group, &occasion(1)).expect("changes that one person may make");
    }
}

/// A new, empty store in a directory that is there already.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn create(directory: &Path) -> Ledger<FileLog> {
    let log = FileLog::create(place(directory), StoreId::from_bytes([7; 32]), clock()).expect("a new store");
    let founding = Founding { approvers: Vec::new(), quorum: 2, store: Id::new("bench").expect("an id") };
    Ledger::create(log, &Registry::rustcrypto(), store_key(), founding, &occasion(0)).expect("a new ledger")
}

/// The directory of that name among the things of the build; made if it is not there, or not whole.
fn kept(name: &str, make: impl FnOnce(&mut Ledger<FileLog>)) -> PathBuf {
    let directory = scratch().join(name);
    let whole = directory.join("whole");
    if !whole.exists() {
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).expect("a directory");
        make(&mut create(&directory));
        fs::write(whole, "").expect("a file");
    }
    directory
}

/// A directory on the disk of the build, where a sync costs what it costs.
///
/// # Panics
/// If the program lies nowhere.
#[must_use]
pub fn scratch() -> PathBuf {
    let program = std::env::current_exe().expect("a program");
    // …/target/<profile>/deps/<program>
    let target = program.ancestors().nth(3).expect("a target directory");
    target.join("tmp")
}
