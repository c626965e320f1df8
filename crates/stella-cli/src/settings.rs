//! The settings of one run, each with its origin: option, environment, file, default, in this order.

use std::path::{Path, PathBuf};

use stella_attest_store::Retention;
use stella_crypto_providers::{Pkcs11Uri, Profile};
use stella_trust_store::fetch::AddressRange;
use stella_trust_store::ledger::{Founder, Person, REQUEST_LIFETIME, REQUEST_MAX_LIFETIME};
use stella_vocabulary::{Code, UnixTime, hex};

use crate::complaint::Complaint;
use crate::config::{ConfigFile, Key};
use crate::context::Surroundings;
use crate::duration;
use crate::home::Home;
use crate::key_ring;
use crate::near_miss;
use crate::origin::{Origin, Setting};
use crate::private_file::real_path;
use crate::store_place::StorePlace;
use crate::token::read_uri;

/// What was said on the command line about these.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) config: Option<PathBuf>,
    pub(crate) home: Option<PathBuf>,
    pub(crate) offline: bool,
    pub(crate) store: Option<String>,
}

/// The settings of one run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The private key of an approver.
    pub(crate) approver_key: Option<Setting<PathBuf>>,
    /// The configuration file; `None` if there is no place to look for one.
    pub(crate) config: Option<Setting<PathBuf>>,
    /// Which algorithms are permitted.
    pub(crate) crypto_profile: Setting<Profile>,
    /// Addresses that are not public and that keys may be fetched from.
    pub(crate) fetch_allow_addresses: Option<Setting<Vec<AddressRange>>>,
    /// Further authorities of servers that keys are fetched from.
    pub(crate) fetch_ca_file: Option<Setting<PathBuf>>,
    /// `None` if nothing says where it could be.
    pub(crate) home: Option<Setting<Home>>,
    /// After how many days events of the journal go; `None` if they stay.
    pub(crate) journal_keep_days: Option<Setting<u64>>,
    /// How many of the latest events of the journal stay; `None` if all do.
    pub(crate) journal_keep_events: Option<Setting<u64>>,
    pub(crate) offline: Setting<bool>,
    /// Who acts.
    pub(crate) person: Setting<Person>,
    /// The module that leads to tokens.
    pub(crate) pkcs11_module: Option<Setting<PathBuf>>,
    /// How long a change request waits for approval, in seconds.
    pub(crate) request_lifetime: Setting<i64>,
    /// The name of the key of the home that signs if no other is named.
    pub(crate) signing_key: Option<Setting<String>>,
    /// Where the trust log and the attestations are.
    pub(crate) store: Option<Setting<StorePlace>>,
    /// Who founded the store of this home: the leaf hash of its first entry.
    pub(crate) store_fingerprint: Option<Setting<[u8; 32]>>,
    /// The store that `store_fingerprint` is about, whatever options and the environment name.
    own_store: Option<StorePlace>,
}

impl Settings {
    /// # Errors
    /// `config.invalid`, `config.unknown_key`, and those of a file that others could have written.
    pub(crate) fn find(said: &Said, surroundings: &Surroundings) -> Result<Self, Complaint> {
        let home = home(said, surroundings);
        let (config, file) = read_file(said, home.as_ref())?;
        Ok(Self {
            approver_key: file_path(&file, Key::ApproverKey)?,
            crypto_profile: crypto_profile(&file)?,
            fetch_allow_addresses: fetch_allow_addresses(&file)?,
            fetch_ca_file: file_path(&file, Key::FetchCaFile)?,
            journal_keep_days: count(&file, Key::JournalKeepDays)?,
            journal_keep_events: count(&file, Key::JournalKeepEvents)?,
            offline: offline(said, surroundings, &file)?,
            person: person(surroundings, &file)?,
            pkcs11_module: pkcs11_module(surroundings, &file)?,
            request_lifetime: request_lifetime(&file)?,
            signing_key: signing_key(&file)?,
            store: store(said, surroundings, &file, home.as_ref())?,
            store_fingerprint: store_fingerprint(&file)?,
            own_store: store(&Said::default(), &Surroundings::default(), &file, home.as_ref())?.map(|own| own.value),
            config,
            home,
        })
    }

    /// The home.
    ///
    /// # Errors
    /// `config.invalid` if nothing says where it could be.
    pub(crate) fn home(&self) -> Result<&Home, Complaint> {
        self.home.as_ref().map(|home| &home.value).ok_or_else(no_home)
    }

    /// How much of the journal is kept at `now`; `None` if all of it is.
    pub(crate) fn retention(&self, now: UnixTime) -> Option<Retention> {
        let before = self.journal_keep_days.as_ref().and_then(|days| {
            let seconds = i64::try_from(days.value).ok()?.checked_mul(86_400)?.checked_neg()?;
            now.checked_add(seconds)
        });
        let most = self.journal_keep_events.as_ref().map(|most| most.value);
        (before.is_some() || most.is_some()).then_some(Retention { before, most })
    }

    /// Who must have founded the store in `place`. About a store that is named in place of the own one, nothing was written down.
    pub(crate) fn founder(&self, place: &StorePlace) -> Founder {
        let own = self.own_store.as_ref() == Some(place);
        let expected = self.store_fingerprint.as_ref().filter(|_| own);
        expected.map_or(Founder::AsFound, |expected| Founder::Expected(expected.value))
    }
}

/// Whether `value` is one that `key` can have in the file `path`; and what to know if it can.
///
/// # Errors
/// `config.invalid`.
pub(crate) fn check(path: &Path, key: Key, value: &toml::Value) -> Result<Option<String>, Complaint> {
    let mut warning = None;
    let file = ConfigFile::with(path, key, value.clone());
    let surroundings = Surroundings::default();
    match key {
        Key::ApproverKey | Key::FetchCaFile | Key::Pkcs11Module => {
            let is_missing = |path: &Path| !path.is_file() && !path.to_str().is_some_and(Pkcs11Uri::is_one);
            let missing = file_path(&file, key)?.filter(|setting| is_missing(&setting.value));
            warning = missing.map(|setting| format!("there is no file {} yet", setting.value.display()));
        }
        Key::CryptoProfile => drop(crypto_profile(&file)?),
        Key::FetchAllowAddresses => {
            let everything = fetch_allow_addresses(&file)?.is_some_and(|ranges| allows_everything(&ranges.value));
            warning = everything.then(|| {
                "every address is allowed: whoever answers for a host name can have this machine ask services of your own network"
                    .to_string()
            });
        }
        Key::JournalKeepDays | Key::JournalKeepEvents => drop(count(&file, key)?),
        Key::Offline => drop(offline(&Said::default(), &surroundings, &file)?),
        Key::Person => drop(person(&surroundings, &file)?),
        Key::RequestLifetime => check_request_lifetime(request_lifetime(&file)?.value)
            .map_err(|complaint| complaint.place(path.display().to_string()))?,
        Key::SigningKey => drop(signing_key(&file)?),
        Key::Store => drop(store(&Said::default(), &surroundings, &file, None)?),
        Key::StoreFingerprint => drop(store_fingerprint(&file)?),
    }
    Ok(warning)
}

/// Where the configuration file is, whatever it says.
///
/// # Errors
/// `config.invalid` if there is no place to look for one.
pub(crate) fn config_path(said: &Said, surroundings: &Surroundings) -> Result<PathBuf, Complaint> {
    match (&said.config, home(said, surroundings)) {
        (Some(path), _) => Ok(real_path(path)),
        (None, Some(home)) => Ok(home.value.config_file()),
        (None, None) => Err(no_home()),
    }
}

fn no_home() -> Complaint {
    Complaint::new(Code::ConfigInvalid, "there is no place where settings and trust are kept")
        .place("--home")
        .found("no variable that names one, or a HOME that is not there")
        .expected("--home, STELLA_HOME, XDG_DATA_HOME, or HOME with a directory that is there")
        .remedy("say --home DIR")
}

fn home(said: &Said, surroundings: &Surroundings) -> Option<Setting<Home>> {
    let (directory, origin) = if let Some(home) = &said.home {
        (home.clone(), Origin::Option("--home"))
    } else if let Some(home) = &surroundings.stella_home {
        (home.clone(), Origin::Environment("STELLA_HOME"))
    } else if let Some(data) = &surroundings.data_directory {
        (data.join("stella"), Origin::Default("data directory of the user"))
    } else {
        return None;
    };
    let state = surroundings.state_directory.as_ref().map(|state| state.join("stella"));
    Some(Setting::new(Home::new(real_path(&directory), state), origin))
}

fn read_file(said: &Said, home: Option<&Setting<Home>>) -> Result<(Option<Setting<PathBuf>>, ConfigFile), Complaint> {
    match (&said.config, home) {
        (Some(path), _) => {
            let path = real_path(path);
            let file = ConfigFile::read(&path)?.ok_or_else(|| {
                Complaint::new(Code::ConfigInvalid, "there is no such configuration file")
                    .in_file(&path)
                    .expected("the file that --config names")
                    .remedy("check the path, or leave --config out")
            })?;
            Ok((Some(Setting::new(path, Origin::Option("--config"))), file))
        }
        (None, Some(home)) => {
            let path = home.value.config_file();
            let file = ConfigFile::read(&path)?.unwrap_or_default();
            Ok((Some(Setting::new(path, Origin::Default("config.toml in the home"))), file))
        }
        (None, None) => Ok((None, ConfigFile::default())),
    }
}

fn crypto_profile(file: &ConfigFile) -> Result<Setting<Profile>, Complaint> {
    let Some(member) = file.member(Key::CryptoProfile) else {
        return Ok(Setting::new(Profile::default(), Origin::Default("built in")));
    };
    let profile = profile(member.text()?).map_err(|complaint| complaint.in_file(member.path))?;
    Ok(Setting::new(profile, Origin::File(member.path.to_path_buf())))
}

/// The profile of this name.
///
/// # Errors
/// `config.invalid`, with the near miss.
pub(crate) fn profile(name: &str) -> Result<Profile, Complaint> {
    Profile::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Profile::ALL.iter().map(|profile| profile.name()).collect();
        let complaint = Complaint::new(Code::ConfigInvalid, "there is no such crypto profile").found(name);
        match near_miss::closest(name, known.iter().copied()) {
            Some(meant) => complaint.expected(meant),
            None => complaint.expected(format!("one of {}", known.join(", "))),
        }
        .remedy("stella crypto profile show")
    })
}

fn signing_key(file: &ConfigFile) -> Result<Option<Setting<String>>, Complaint> {
    let Some(member) = file.member(Key::SigningKey) else { return Ok(None) };
    let name = member.text()?;
    key_ring::check_name(name).map_err(|complaint| complaint.in_file(member.path))?;
    Ok(Some(Setting::new(name.to_string(), Origin::File(member.path.to_path_buf()))))
}

/// The addresses in a list with commas.
fn fetch_allow_addresses(file: &ConfigFile) -> Result<Option<Setting<Vec<AddressRange>>>, Complaint> {
    let Some(member) = file.member(Key::FetchAllowAddresses) else { return Ok(None) };
    let place = member.path.display().to_string();
    let ranges = member.text()?.split(',').map(|text| {
        AddressRange::parse(text.trim()).map_err(|error| {
            Complaint::of(&error, &place).remedy("stella config set fetch_allow_addresses 10.20.0.0/16")
        })
    });
    Ok(Some(Setting::new(ranges.collect::<Result<_, _>>()?, Origin::File(member.path.to_path_buf()))))
}

fn file_path(file: &ConfigFile, key: Key) -> Result<Option<Setting<PathBuf>>, Complaint> {
    let Some(member) = file.member(key) else { return Ok(None) };
    let text = member.text()?;
    // A relative path counts from the file that says it, not from wherever the command is run. A key may also be in a token.
    let path = match key == Key::ApproverKey && Pkcs11Uri::is_one(text) {
        true => {
            read_uri(text, &member.path.display().to_string())?;
            PathBuf::from(text)
        }
        false => member.path.parent().unwrap_or(member.path).join(text),
    };
    Ok(Some(Setting::new(path, Origin::File(member.path.to_path_buf()))))
}

fn pkcs11_module(surroundings: &Surroundings, file: &ConfigFile) -> Result<Option<Setting<PathBuf>>, Complaint> {
    match &surroundings.pkcs11_module {
        Some(path) => Ok(Some(Setting::new(path.clone(), Origin::Environment("STELLA_PKCS11_MODULE")))),
        None => file_path(file, Key::Pkcs11Module),
    }
}

fn count(file: &ConfigFile, key: Key) -> Result<Option<Setting<u64>>, Complaint> {
    let Some(member) = file.member(key) else { return Ok(None) };
    Ok(Some(Setting::new(member.count()?, Origin::File(member.path.to_path_buf()))))
}

fn offline(said: &Said, surroundings: &Surroundings, file: &ConfigFile) -> Result<Setting<bool>, Complaint> {
    if said.offline {
        return Ok(Setting::new(true, Origin::Option("--offline")));
    }
    if let Some(value) = &surroundings.offline {
        let falsey = ["n", "no", "f", "false", "off", "0"].contains(&value.to_ascii_lowercase().as_str());
        return Ok(Setting::new(!falsey, Origin::Environment("STELLA_OFFLINE")));
    }
    match file.member(Key::Offline) {
        Some(member) => Ok(Setting::new(member.flag()?, Origin::File(member.path.to_path_buf()))),
        None => Ok(Setting::new(false, Origin::Default("built in"))),
    }
}

fn person(surroundings: &Surroundings, file: &ConfigFile) -> Result<Setting<Person>, Complaint> {
    let invalid = |found: &str, place: String| {
        Complaint::new(Code::ConfigInvalid, "this cannot be the name of a person")
            .place(place)
            .found(found)
            .expected("small letters, digits and . _ @ + - only, beginning with a letter or digit")
            .remedy("stella config set person alice@example.org")
    };
    if let Some(name) = &surroundings.person {
        let person = Person::new(name).map_err(|_| invalid(name, "STELLA_PERSON".to_string()))?;
        return Ok(Setting::new(person, Origin::Environment("STELLA_PERSON")));
    }
    if let Some(member) = file.member(Key::Person) {
        let name = member.text()?;
        let person = Person::new(name).map_err(|_| invalid(name, member.path.display().to_string()))?;
        return Ok(Setting::new(person, Origin::File(member.path.to_path_buf())));
    }
    let login = surroundings.login.as_deref().map(plain_name);
    if let Some(person) = login.and_then(|name| Person::new(&name).ok()) {
        return Ok(Setting::new(person, Origin::Default("login name")));
    }
    let name = format!("uid-{}", surroundings.user);
    let person = Person::new(&name).map_err(|_| invalid(&name, "the number of the user".to_string()))?;
    Ok(Setting::new(person, Origin::Default("number of the user")))
}

/// A login name in the letters that persons are written with; empty if nothing is left of it.
fn plain_name(login: &str) -> String {
    let lower = login.to_ascii_lowercase();
    let plain: String = lower
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._@+-".contains(letter) { letter } else { '-' })
        .take(128)
        .collect();
    plain.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_string()
}

fn request_lifetime(file: &ConfigFile) -> Result<Setting<i64>, Complaint> {
    match file.member(Key::RequestLifetime) {
        Some(member) => {
            let place = member.path.display().to_string();
            let seconds = duration::parse(member.text()?).map_err(|complaint| complaint.place(place))?;
            Ok(Setting::new(seconds, Origin::File(member.path.to_path_buf())))
        }
        None => Ok(Setting::new(REQUEST_LIFETIME, Origin::Default("built in"))),
    }
}

/// Whether a request may wait this long.
///
/// # Errors
/// `usage.date_invalid`.
pub(crate) fn check_request_lifetime(seconds: i64) -> Result<(), Complaint> {
    if seconds <= REQUEST_MAX_LIFETIME {
        return Ok(());
    }
    let longest = duration::exact(REQUEST_MAX_LIFETIME);
    Err(Complaint::new(Code::UsageDateInvalid, "a change request cannot wait this long")
        .found(duration::exact(seconds))
        .expected(format!("at most {longest}"))
        .remedy(format!("stella config set request_lifetime {longest}")))
}

/// Whether some range is every address there is.
fn allows_everything(ranges: &[AddressRange]) -> bool {
    ranges.iter().any(|range| range.to_string().ends_with("/0"))
}

fn store(
    said: &Said,
    surroundings: &Surroundings,
    file: &ConfigFile,
    home: Option<&Setting<Home>>,
) -> Result<Option<Setting<StorePlace>>, Complaint> {
    if let Some(url) = &said.store {
        return Ok(Some(Setting::new(StorePlace::parse(url, "--store")?.with_password()?, Origin::Option("--store"))));
    }
    if let Some(url) = &surroundings.store {
        return Ok(Some(Setting::new(
            StorePlace::parse(url, "STELLA_STORE")?.with_password()?,
            Origin::Environment("STELLA_STORE"),
        )));
    }
    if let Some(member) = file.member(Key::Store) {
        let place = StorePlace::parse(member.text()?, &member.path.display().to_string())?.with_password()?;
        return Ok(Some(Setting::new(place, Origin::File(member.path.to_path_buf()))));
    }
    Ok(home.map(|home| Setting::new(StorePlace::Directory(home.value.trust()), Origin::Default("trust in the home"))))
}

/// `sha256:` and 64 hex digits.
fn store_fingerprint(file: &ConfigFile) -> Result<Option<Setting<[u8; 32]>>, Complaint> {
    let Some(member) = file.member(Key::StoreFingerprint) else { return Ok(None) };
    let text = member.text()?;
    let digest = text.strip_prefix("sha256:").and_then(hex::decode_exact);
    let digest = digest.ok_or_else(|| {
        Complaint::new(Code::ConfigInvalid, "this is no fingerprint of a store")
            .in_file(member.path)
            .found(text)
            .expected("sha256: and 64 hex digits, as stella init printed them")
            .remedy("compare it with whoever made the store, and: stella config set store_fingerprint sha256:…")
    })?;
    Ok(Some(Setting::new(digest, Origin::File(member.path.to_path_buf()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_becomes_the_name_of_a_person() {
        for (login, name) in
            [("Alice", "alice"), ("ACME\\bob", "acme-bob"), ("_svc", "svc"), ("zoë", "zo-"), ("___", "")]
        {
            assert_eq!(plain_name(login), name);
        }
    }
}
