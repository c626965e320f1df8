//! The signing keys of the home: `keys/NAME.toml` says what a key is, `keys/NAME.pem` is the private key, unless that is in a token. A key is there once
//! the former is.

use std::fmt;
use std::path::{Path, PathBuf};

use stella_crypto_providers::pkcs11::{Access, NewTokenKey, TokenKey};
use stella_crypto_providers::{Pkcs11Attribute, Pkcs11Uri, Profile, PublicKey, Scheme, Signer, SigningKey};
use stella_vocabulary::{Code, Reason, UnixTime, pem};
use toml::{Table, Value};
use zeroize::Zeroizing;

use crate::complaint::Complaint;
use crate::context::Context;
use crate::duration;
use crate::near_miss;
use crate::private_file::{self, Secrecy};
use crate::private_key;
use crate::token;
use crate::trial::try_it;

/// How long before its end one is warned of it, in seconds.
const WARNING: i64 = 30 * 86_400;

/// The fewest hex digits that name a key.
const PREFIX: usize = 8;

/// Names of files in the same directory that are no signing keys.
const RESERVED: [&str; 2] = ["checkpoint", "memo"];

/// A signing key.
#[derive(Clone, Debug)]
pub(crate) struct RingKey {
    pub(crate) name: String,
    pub(crate) scheme: Scheme,
    pub(crate) key: PublicKey,
    pub(crate) from: UnixTime,
    /// The first instant at which it signs no more.
    pub(crate) until: UnixTime,
    /// The key that was active when it was made.
    pub(crate) replaces: Option<String>,
    pub(crate) revoked: Option<Revoked>,
    pub(crate) protection: Protection,
}

/// That a key was revoked.
#[derive(Clone, Debug)]
pub(crate) struct Revoked {
    pub(crate) at: UnixTime,
    pub(crate) reason: String,
}

/// What keeps the private key from whoever gets the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Protection {
    /// A passphrase.
    Passphrase,
    /// Only the permissions of the file.
    Permissions,
    /// It is in the token that this URI names.
    Token(Pkcs11Uri),
}

impl Protection {
    /// Where in a token the private key is.
    pub(crate) const fn token(&self) -> Option<&Pkcs11Uri> {
        match self {
            Self::Token(uri) => Some(uri),
            Self::Passphrase | Self::Permissions => None,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Permissions => "permissions",
            Self::Token(_) => "token",
        }
    }
}

/// Whether a key can be used, in the words of `keys list --status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Status {
    /// Signs unless another key is named.
    Active,
    /// Its window is over.
    Expired,
    /// Good, and not the active one.
    Inactive,
    /// Its window has not begun.
    Pending,
    /// Revoked.
    Revoked,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Revoked => "revoked",
        })
    }
}

/// The signing keys of a home, sorted by name.
#[derive(Clone, Debug)]
pub(crate) struct KeyRing {
    directory: PathBuf,
    keys: Vec<RingKey>,
    active: Option<String>,
    profile: Profile,
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewKey {
    pub(crate) name: String,
    pub(crate) scheme: Scheme,
    pub(crate) from: UnixTime,
    pub(crate) until: UnixTime,
}

impl KeyRing {
    /// Reads what there is of signing keys. A home without any has an empty ring.
    ///
    /// # Errors
    /// `config.invalid` if nothing says where the home is, `store.corrupt` for a file that says no key, and those of files that others could have written.
    pub(crate) fn open(context: &Context) -> Result<Self, Complaint> {
        let settings = context.settings()?;
        let directory = settings.home()?.keys();
        let mut keys = Vec::new();
        for name in names(&directory)? {
            keys.push(read(&directory, &name)?);
        }
        keys.sort_by(|one, other| one.name.cmp(&other.name));
        let active = settings.signing_key.as_ref().map(|setting| setting.value.clone());
        Ok(Self { directory, keys, active, profile: settings.crypto_profile.value })
    }

    pub(crate) fn keys(&self) -> &[RingKey] {
        &self.keys
    }

    /// The same, where this key is the active one.
    pub(crate) fn with_active(mut self, name: &str) -> Self {
        self.active = Some(name.to_string());
        self
    }

    /// The name of the active key.
    pub(crate) fn active(&self) -> Option<&str> {
        self.active.as_deref()
    }

    pub(crate) fn status(&self, key: &RingKey, now: UnixTime) -> Status {
        match () {
            () if key.revoked.is_some() => Status::Revoked,
            () if now >= key.until => Status::Expired,
            () if now < key.from => Status::Pending,
            () if self.active.as_deref() == Some(&key.name) => Status::Active,
            () => Status::Inactive,
        }
    }

    /// The key that `text` names: a name, or a key id or a unique beginning of one of at least 8 hex digits.
    ///
    /// # Errors
    /// `store.not_found` with the near miss; `usage.conflict` if it names several.
    pub(crate) fn find(&self, text: &str) -> Result<&RingKey, Complaint> {
        if let Some(key) = self.keys.iter().find(|key| key.name == text) {
            return Ok(key);
        }
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let hexadecimal = digits.len() >= PREFIX && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let named = |key: &&RingKey| {
            hexadecimal && key.key.key_id().to_string()["sha256:".len()..].starts_with(&digits.to_ascii_lowercase())
        };
        let found: Vec<&RingKey> = self.keys.iter().filter(named).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(self.unknown(text)),
            several => {
                let names: Vec<&str> = several.iter().map(|key| key.name.as_str()).collect();
                Err(Complaint::new(Code::UsageConflict, "several signing keys begin like this")
                    .found(text)
                    .expected(format!("one of {}", names.join(", ")))
                    .remedy("give the name, or more digits"))
            }
        }
    }

    fn unknown(&self, text: &str) -> Complaint {
        let complaint = Complaint::new(Code::StoreNotFound, "there is no signing key of this name").found(text);
        match near_miss::closest(text, self.keys.iter().map(|key| key.name.as_str())) {
            Some(meant) => complaint.expected(meant).remedy(format!("stella keys show {meant}")),
            None => complaint.expected("a name, or at least 8 hex digits of a key id").remedy("stella keys list"),
        }
    }

    /// The key that signs if `named` names none.
    ///
    /// # Errors
    /// `store.not_found`.
    pub(crate) fn chosen(&self, named: Option<&str>) -> Result<&RingKey, Complaint> {
        match (named, &self.active) {
            (Some(named), _) => self.find(named),
            (None, Some(active)) => self.find(active).map_err(|complaint| complaint.place("signing.key")),
            (None, None) => {
                let complaint = Complaint::new(Code::StoreNotFound, "no signing key is active");
                Err(match self.keys.first() {
                    Some(key) => complaint
                        .expected("--key, or an active key")
                        .remedy(format!("stella keys activate {}", key.name)),
                    None => complaint
                        .expected("--key FILE, or a key of the home")
                        .remedy("stella keys generate --algorithm ecdsa-p256 --validity 365d --name NAME --activate"),
                })
            }
        }
    }

    /// What signs with a key, if it may. Says so when its end is near.
    ///
    /// # Errors
    /// `key.revoked`, `key.expired`, `key.not_yet_trusted`, `sig.algorithm_unsupported` and `crypto.algorithm_unavailable`; those of reading the
    /// private key; `store.corrupt` if it is another one.
    pub(crate) fn signer(
        &self,
        key: &RingKey,
        passphrase_file: Option<&Path>,
        context: &Context,
    ) -> Result<Box<dyn Signer>, Complaint> {
        self.check_usable(key, context)?;
        if let Some(uri) = key.protection.token() {
            return signer_in_token(key, uri, passphrase_file, context);
        }
        let path = self.directory.join(format!("{}.pem", key.name));
        let signer = private_key::read(&path, passphrase_file)?;
        let other = || {
            Complaint::new(Code::StoreCorrupt, "the private key is not that of its description")
                .in_file(&path)
                .expected(key.key.key_id().to_string())
                .remedy("put the file back from a copy, or make another key")
        };
        if signer.public_key() != &key.key {
            return Err(other().found(signer.public_key().key_id().to_string()));
        }
        Ok(Box::new(signer.with_scheme(key.scheme).map_err(|_| other())?))
    }

    /// Whether a key may sign now.
    ///
    /// # Errors
    /// As [`KeyRing::signer`].
    pub(crate) fn check_usable(&self, key: &RingKey, context: &Context) -> Result<(), Complaint> {
        let now = context.now;
        let refused = |code, what: String| Complaint::new(code, what).place(format!("signing key {}", key.name));
        let instead = "stella keys generate --algorithm ecdsa-p256 --validity 365d --name NAME --activate";
        if let Some(revoked) = &key.revoked {
            return Err(refused(Code::KeyRevoked, "a revoked key signs nothing any more".to_string())
                .found(format!("revoked at {}: {}", revoked.at, revoked.reason))
                .remedy(instead));
        }
        if now >= key.until {
            return Err(refused(Code::KeyExpired, "the window of this key is over".to_string())
                .found(key.until.to_string())
                .expected(format!("later than {now}"))
                .remedy(instead));
        }
        if now < key.from {
            return Err(refused(Code::KeyNotYetTrusted, "the window of this key has not begun".to_string())
                .found(key.from.to_string())
                .expected(format!("not later than {now}"))
                .remedy("wait until then, or name another key: stella keys list"));
        }
        check_profile(self.profile, key.scheme, &key.key, now)
            .map_err(|complaint| complaint.place(format!("signing key {}", key.name)))?;
        let left = key.until.seconds().saturating_sub(now.seconds());
        if left <= WARNING {
            let what = format!("the signing key {} ends in {}", key.name, duration::rough(left));
            context.warn(
                &Complaint::new(Code::KeyExpired, what)
                    .place(format!("signing key {}", key.name))
                    .found(key.until.to_string())
                    .remedy("make the next one while there is time: stella keys generate"),
            );
        }
        Ok(())
    }

    /// Makes a key, and writes it down: the private key first, so that what is described can be used.
    ///
    /// # Errors
    /// `usage.conflict` if the name is taken, `store.id_invalid` if it can be none, `internal.random`, those of the profile and of files.
    pub(crate) fn generate(
        &mut self,
        new: NewKey,
        passphrase: Option<&[u8]>,
        context: &Context,
    ) -> Result<RingKey, Complaint> {
        let _lock = self.begin(&new, context)?;
        let mut failed = None;
        let made = SigningKey::generate(new.scheme, &mut |bytes| {
            private_file::random(bytes).map_err(|complaint| {
                failed = Some(complaint);
                stella_crypto_providers::NoRandomness
            })
        });
        let signer = match (made, failed) {
            (Ok(signer), _) => signer,
            (Err(_), Some(complaint)) => return Err(complaint),
            (Err(error), None) => return Err(Complaint::of(&error, &format!("signing key {}", new.name))),
        };
        let der = Zeroizing::new(signer.to_pkcs8_der());
        let text = Zeroizing::new(match passphrase {
            Some(passphrase) => pem::encode("ENCRYPTED PRIVATE KEY", &private_key::encrypt(&der, passphrase)?),
            None => pem::encode("PRIVATE KEY", &der),
        });
        let key = RingKey {
            name: new.name,
            scheme: new.scheme,
            key: signer.public_key().clone(),
            from: new.from,
            until: new.until,
            replaces: self.active.clone(),
            revoked: None,
            protection: if passphrase.is_some() { Protection::Passphrase } else { Protection::Permissions },
        };
        private_file::write(&self.directory.join(format!("{}.pem", key.name)), text.as_bytes())?;
        self.keep(key)
    }

    /// Makes a key in a token, tries it, and writes down where it is.
    ///
    /// # Errors
    /// As [`KeyRing::generate`], and those of the token.
    pub(crate) fn generate_in_token(
        &mut self,
        new: NewKey,
        uri: &Pkcs11Uri,
        pin_file: Option<&Path>,
        context: &Context,
    ) -> Result<RingKey, Complaint> {
        let _lock = self.begin(&new, context)?;
        let mut id = [0; 16];
        private_file::random(&mut id)?;
        let token = token::open(uri, Access::ReadWrite, pin_file, context)?;
        let made = token.generate(&NewTokenKey {
            scheme: new.scheme,
            label: uri.text(Pkcs11Attribute::Object).unwrap_or(&new.name),
            id: uri.id().unwrap_or(&id),
        });
        let made = made.map_err(|error| token::complaint(&error))?;
        try_it(&made, &new.name)?;
        self.keep_in_token(new, &made, uri)
    }

    /// Writes down a key that is in a token already.
    ///
    /// # Errors
    /// `usage.conflict` if the name is taken, `store.duplicate_key` if the key is in the ring, those of the profile and of files.
    pub(crate) fn add(
        &mut self,
        new: NewKey,
        key: &TokenKey,
        uri: &Pkcs11Uri,
        context: &Context,
    ) -> Result<RingKey, Complaint> {
        let _lock = self.begin(&new, context)?;
        if let Some(known) = self.keys.iter().find(|known| known.key.key_id() == key.public_key().key_id()) {
            return Err(Complaint::new(Code::StoreDuplicateKey, "this key is among the signing keys already")
                .place(format!("signing key {}", known.name))
                .found(known.key.key_id().to_string())
                .expected("a key that is not")
                .remedy(format!("stella keys show {}", known.name)));
        }
        let permitted = self.profile.permits_key(new.scheme, key.public_key(), context.now);
        permitted.map_err(|error| not_permitted(&error))?;
        self.keep_in_token(new, key, uri)
    }

    /// Where the PIN is and how the module was named stay as they were said; what the token says about itself and the key is added.
    fn keep_in_token(&mut self, new: NewKey, key: &TokenKey, said: &Pkcs11Uri) -> Result<RingKey, Complaint> {
        let mut uri = key.uri().clone();
        if let Some(source) = said.text(Pkcs11Attribute::PinSource) {
            uri = uri.with(Pkcs11Attribute::PinSource, source);
        }
        self.keep(RingKey {
            name: new.name,
            scheme: new.scheme,
            key: key.public_key().clone(),
            from: new.from,
            until: new.until,
            replaces: self.active.clone(),
            revoked: None,
            protection: Protection::Token(uri),
        })
    }

    /// What has to hold before there is a new key. While the lock is held, nobody else makes one.
    fn begin(&self, new: &NewKey, context: &Context) -> Result<private_file::Lock, Complaint> {
        check_name(&new.name)?;
        let permitted = self.profile.permits(new.scheme, usize::MAX, context.now);
        permitted.map_err(|error| not_permitted(&error))?;
        let settings = context.settings()?;
        private_file::make_directory(&self.directory)?;
        let lock = private_file::lock(&settings.home()?.lock())?;
        self.check_free(&new.name)?;
        Ok(lock)
    }

    /// Whether a new key can be called so.
    ///
    /// # Errors
    /// `store.id_invalid`, `usage.conflict`.
    pub(crate) fn check_free(&self, name: &str) -> Result<(), Complaint> {
        check_name(name)?;
        // The private key too: its description may have been moved away, and there may be no other copy.
        let taken = |ending| self.directory.join(format!("{name}.{ending}")).symlink_metadata().is_ok();
        if taken("toml") || taken("pem") {
            return Err(Complaint::new(Code::UsageConflict, "there is a signing key of this name already")
                .found(name)
                .expected("another name")
                .remedy(format!("stella keys show {name}")));
        }
        Ok(())
    }

    /// Writes a key down, which makes it one of the ring.
    fn keep(&mut self, key: RingKey) -> Result<RingKey, Complaint> {
        self.write(&key)?;
        self.keys.push(key.clone());
        self.keys.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(key)
    }

    fn write(&self, key: &RingKey) -> Result<(), Complaint> {
        let path = self.directory.join(format!("{}.toml", key.name));
        private_file::write(&path, describe(key).as_bytes())
    }

    /// Revokes a key: it signs nothing any more. What it has signed is a matter of the trust store.
    ///
    /// # Errors
    /// `usage.conflict` if it is revoked already, and those of files.
    pub(crate) fn revoke(&mut self, name: &str, reason: &str, context: &Context) -> Result<RingKey, Complaint> {
        let _lock = private_file::lock(&context.settings()?.home()?.lock())?;
        let mut key = read(&self.directory, name)?;
        if let Some(revoked) = &key.revoked {
            return Err(Complaint::new(Code::UsageConflict, "this signing key is revoked already")
                .place(format!("signing key {name}"))
                .found(format!("revoked at {}: {}", revoked.at, revoked.reason))
                .remedy(format!("stella keys show {name} --details")));
        }
        key.revoked = Some(Revoked { at: context.now, reason: reason.to_string() });
        self.write(&key)?;
        if let Some(known) = self.keys.iter_mut().find(|known| known.name == key.name) {
            known.clone_from(&key);
        }
        Ok(key)
    }

    /// The key and all that it replaced, the latest first; and before them those that replaced it.
    pub(crate) fn history(&self, key: &RingKey) -> Vec<&RingKey> {
        let named = |name: &str| self.keys.iter().find(|key| key.name == name);
        let successor = |name: &str| self.keys.iter().find(|key| key.replaces.as_deref() == Some(name));
        let mut history: Vec<&RingKey> = Vec::new();
        let mut newest = named(&key.name);
        // Nobody keeps a file from naming a key in a circle.
        for _ in 0..self.keys.len() {
            match newest.and_then(|key| successor(&key.name)) {
                Some(next) => newest = Some(next),
                None => break,
            }
        }
        while let Some(key) = newest {
            if history.iter().any(|known| known.name == key.name) {
                break;
            }
            history.push(key);
            newest = key.replaces.as_deref().and_then(named);
        }
        history
    }
}

/// What signs with a key in a token.
fn signer_in_token(
    key: &RingKey,
    uri: &Pkcs11Uri,
    pin_file: Option<&Path>,
    context: &Context,
) -> Result<Box<dyn Signer>, Complaint> {
    let found = token::key(uri, pin_file, context)?;
    if found.public_key() != &key.key {
        return Err(Complaint::new(
            Code::StoreCorrupt,
            "the private key in the token is not the one that was written down",
        )
        .place(format!("signing key {}", key.name))
        .found(found.public_key().key_id().to_string())
        .expected(key.key.key_id().to_string())
        .remedy("put the key back into the token, or add the other one by a name of its own: stella keys add"));
    }
    Ok(Box::new(found.with_scheme(key.scheme).map_err(|error| token::complaint(&error))?))
}

fn not_permitted(error: &dyn Reason) -> Complaint {
    let complaint = Complaint::new(error.code(), error.to_string());
    let complaint = error.expected().into_iter().fold(complaint, Complaint::expected);
    complaint.remedy("stella crypto profile show")
}

/// Whether a profile permits signing with a key now.
///
/// # Errors
/// Those of the profile.
pub(crate) fn check_profile(profile: Profile, scheme: Scheme, key: &PublicKey, now: UnixTime) -> Result<(), Complaint> {
    profile.permits_key(scheme, key, now).map_err(|error| {
        let complaint = Complaint::new(error.code(), error.to_string());
        let complaint = error.expected().into_iter().fold(complaint, Complaint::expected);
        complaint.remedy("stella crypto providers list --algorithms; stella crypto profile show")
    })
}

/// Whether a key can have this name.
///
/// # Errors
/// `store.id_invalid`.
pub(crate) fn check_name(name: &str) -> Result<(), Complaint> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let plain = name.len() <= 128
        && name.bytes().next().is_some_and(letter)
        && name.bytes().all(|byte| letter(byte) || b"._-".contains(&byte))
        && !RESERVED.contains(&name);
    match plain {
        true => Ok(()),
        false => Err(Complaint::new(Code::StoreIdInvalid, "this cannot be the name of a signing key")
            .found(name)
            .expected("small letters, digits and . _ -, beginning with a letter or digit, at most 128; not checkpoint or memo")
            .remedy("stella keys generate --name release-2027 …")),
    }
}

fn names(directory: &Path) -> Result<Vec<String>, Complaint> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Complaint::new(Code::StoreIo, "the directory of the keys cannot be read")
                .in_file(directory)
                .found(error.to_string())
                .remedy("check its permissions"));
        }
    };
    let names = entries.filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        let name = name.strip_suffix(".toml")?.to_string();
        check_name(&name).is_ok().then_some(name)
    });
    Ok(names.collect())
}

fn describe(key: &RingKey) -> String {
    let mut table = Table::new();
    let mut text = |name: &str, value: String| table.insert(name.to_string(), Value::String(value));
    text("algorithm", key.scheme.name().to_string());
    text("from", key.from.to_string());
    text("key_id", key.key.key_id().to_string());
    text("protection", key.protection.name().to_string());
    if let Some(uri) = key.protection.token() {
        text("pkcs11", uri.to_string());
    }
    text("public_key", key.key.to_pem());
    text("until", key.until.to_string());
    if let Some(replaces) = &key.replaces {
        text("replaces", replaces.clone());
    }
    if let Some(revoked) = &key.revoked {
        text("revoked_at", revoked.at.to_string());
        text("revoked_because", revoked.reason.clone());
    }
    table.insert("version".to_string(), Value::Integer(1));
    let place = match key.protection {
        Protection::Token(_) => "the token that pkcs11 names",
        Protection::Passphrase | Protection::Permissions => "the file of the same name that ends in .pem",
    };
    format!("# A signing key of stella; the private key is in {place}.\n{table}")
}

fn read(directory: &Path, name: &str) -> Result<RingKey, Complaint> {
    let path = directory.join(format!("{name}.toml"));
    let corrupt = |what: &str| {
        Complaint::new(Code::StoreCorrupt, format!("this describes no signing key: {what}"))
            .in_file(&path)
            .expected("the file as stella keys generate wrote it")
            .remedy("put the file back from a copy, or move it away")
    };
    let bytes = private_file::read(&path, Secrecy::Readable)?.ok_or_else(|| {
        Complaint::new(Code::StoreNotFound, "there is no signing key of this name")
            .found(name)
            .remedy("stella keys list")
    })?;
    let table: Table =
        std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok()).ok_or_else(|| corrupt("it is no TOML"))?;
    if table.get("version").and_then(Value::as_integer) != Some(1) {
        return Err(corrupt("the version is not 1"));
    }
    let text = |name: &str| table.get(name).and_then(Value::as_str);
    let wanted = |name: &str| text(name).ok_or_else(|| corrupt(&format!("{name} is missing")));
    let time = |name: &str| UnixTime::parse_rfc3339(wanted(name)?).map_err(|_| corrupt(&format!("{name} is no time")));
    let key = PublicKey::from_pem(wanted("public_key")?.as_bytes()).map_err(|_| corrupt("public_key is no key"))?;
    if wanted("key_id")? != key.key_id().to_string() {
        return Err(corrupt("key_id is that of another key"));
    }
    let scheme = Scheme::from_name(wanted("algorithm")?).ok_or_else(|| corrupt("the algorithm is not known"))?;
    let revoked = match text("revoked_at") {
        Some(_) => Some(Revoked { at: time("revoked_at")?, reason: wanted("revoked_because")?.to_string() }),
        None => None,
    };
    Ok(RingKey {
        name: name.to_string(),
        scheme,
        key,
        from: time("from")?,
        until: time("until")?,
        replaces: text("replaces").map(str::to_string),
        revoked,
        protection: match wanted("protection")? {
            "passphrase" => Protection::Passphrase,
            "permissions" => Protection::Permissions,
            "token" => {
                let uri = wanted("pkcs11")?.parse();
                Protection::Token(uri.map_err(|_| corrupt("pkcs11 is no PKCS#11 URI"))?)
            }
            _ => return Err(corrupt("protection is not known")),
        },
    })
}
