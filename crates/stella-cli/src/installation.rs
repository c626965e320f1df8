//! This installation, as checks may ask about it.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use stella_attest_store::AttestationStore;
use stella_attest_verify::bisect::Question;
use stella_attest_verify::{Attestation, Binding, Certificate, Policy, Registry, TrustSnapshot, UnixTime};
use stella_crypto_providers::Profile;
use stella_doctor::{
    Connectivity, Depth, Exposed, Facility, LogAudit, Module, Place, SettingFlaw, SigningKeyState, SigningKeyStatus,
    Space, TestSignature, Trouble, TurningPoint, World,
};
use stella_trust_store::ledger::{TrustState, Witness};

use crate::arguments::{Everywhere, TrustOptions};
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{self, Context, Ticks};
use crate::input::Inputs;
use crate::key_ring::{KeyRing, Protection, Status};
use crate::store::Store;
use crate::trial::try_it;
use crate::{cases, private_file, token, trust};

/// This installation. Every question makes a context of its own, since those of two threads must not share one.
pub(crate) struct Installation {
    everywhere: Everywhere,
    at: UnixTime,
    now: UnixTime,
    depth: Depth,
    /// What the trust log says; it does not change for one run.
    state: OnceLock<Option<TrustState>>,
    policy: OnceLock<Policy>,
    snapshots: Mutex<HashMap<UnixTime, TrustSnapshot>>,
}

impl Installation {
    pub(crate) fn new(everywhere: &Everywhere, context: &Context, depth: Depth) -> Self {
        Self {
            everywhere: everywhere.clone(),
            at: context.at,
            now: context.now,
            depth,
            state: OnceLock::new(),
            policy: OnceLock::new(),
            snapshots: Mutex::default(),
        }
    }

    /// A context of its own, with settings that can be read.
    fn context(&self) -> Result<Context, Trouble> {
        let config = |complaint: Complaint| complaint.into_trouble(Facility::Config);
        let mut context = Context::of(&self.everywhere).map_err(config)?;
        (context.at, context.now) = (self.at, self.now);
        context.settings().map_err(config)?;
        Ok(context)
    }
}

fn of(facility: Facility) -> impl Fn(Complaint) -> Trouble {
    move |complaint| complaint.into_trouble(facility)
}

impl World for Installation {
    fn now(&self) -> UnixTime {
        self.now
    }

    fn at(&self) -> UnixTime {
        self.at
    }

    fn depth(&self) -> Depth {
        self.depth
    }

    fn is_offline(&self) -> bool {
        self.context().ok().and_then(|context| Some(context.settings().ok()?.offline.value)).unwrap_or(true)
    }

    fn settings(&self) -> Result<Vec<SettingFlaw>, Trouble> {
        let context = self.context()?;
        let settings = context.settings().map_err(of(Facility::Config))?;
        let files = [
            ("approver.key", "approver.key", &settings.approver_key),
            ("fetch.ca_file", "fetch.ca_file", &settings.fetch_ca_file),
        ];
        let mut flaws = Vec::new();
        for (setting, key, file) in files {
            if let Some(file) = file.as_ref().filter(|file| !file.value.is_file()) {
                flaws.push(SettingFlaw {
                    setting: setting.to_string(),
                    what: format!("there is no file {}", file.value.display()),
                    command: ["stella", "config", "set", key, "FILE"].map(ToString::to_string).to_vec(),
                });
            }
        }
        Ok(flaws)
    }

    fn attestations(&self) -> Result<Option<Box<dyn AttestationStore>>, Trouble> {
        let context = self.context()?;
        let found = Attestations::find(&context).map_err(of(Facility::Store))?;
        Ok(found.map(Attestations::into_store))
    }

    fn trust(&self) -> Result<Option<TrustState>, Trouble> {
        if let Some(state) = self.state.get() {
            return Ok(state.clone());
        }
        let context = self.context()?;
        let store = Store::find(&context).map_err(of(Facility::Trust))?;
        let state = store.map(|store| store.state_at(&context)).transpose().map_err(of(Facility::Trust))?;
        Ok(self.state.get_or_init(|| state).clone())
    }

    fn audit(&self) -> Result<Option<LogAudit>, Trouble> {
        let context = self.context()?;
        let Some(store) = Store::find(&context).map_err(of(Facility::Trust))? else { return Ok(None) };
        let audit = store.ledger().verify(None).map_err(|error| of(Facility::Trust)(Complaint::from(error)))?;
        Ok(Some(LogAudit {
            entries: audit.head.size,
            latest: store.state().last_time(),
            witnessed: matches!(audit.witness, Witness::Outside { .. }),
        }))
    }

    fn snapshot(&self, at: UnixTime) -> Result<TrustSnapshot, Trouble> {
        let known = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner).get(&at).cloned();
        if let Some(snapshot) = known {
            return Ok(snapshot);
        }
        let snapshot = match self.trust()? {
            Some(state) => state
                .snapshot(at.max(self.now))
                .map_err(|error| of(Facility::Trust)(Complaint::of(&error, "the trust store")))?,
            None => {
                let given = TrustOptions { trusted_root: Vec::new(), anchor: Vec::new(), intermediate: Vec::new() };
                trust::gather(&given, None, &Inputs::default(), &self.context()?).map_err(of(Facility::Trust))?.snapshot
            }
        };
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner).insert(at, snapshot.clone());
        Ok(snapshot)
    }

    fn policy(&self, _: UnixTime) -> Result<Policy, Trouble> {
        let policy = match self.policy.get() {
            Some(policy) => policy.clone(),
            None => {
                let context = self.context()?;
                let has_home = context.settings().map_err(of(Facility::Config))?.home.is_some();
                let policy = match has_home {
                    true => cases::store_policy(&context).map_err(of(Facility::Config))?,
                    false => Policy::require_trusted_signer(),
                };
                self.policy.get_or_init(|| policy).clone()
            }
        };
        Ok(policy.within_profile(self.profile()?))
    }

    fn registry(&self) -> Registry {
        Registry::rustcrypto()
    }

    fn profile(&self) -> Result<Profile, Trouble> {
        let context = self.context()?;
        Ok(context.settings().map_err(of(Facility::Config))?.crypto_profile.value)
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyState>, Trouble> {
        let context = self.context()?;
        if context.settings().map_err(of(Facility::Config))?.home.is_none() {
            return Ok(Vec::new());
        }
        let ring = KeyRing::open(&context).map_err(of(Facility::Keys))?;
        let state = |key: &crate::key_ring::RingKey| SigningKeyState {
            name: key.name.clone(),
            key_id: key.key.key_id().to_string(),
            scheme: key.scheme,
            bits: key.key.bits(),
            from: key.from,
            until: key.until,
            status: match ring.status(key, self.now) {
                Status::Active => SigningKeyStatus::Active,
                Status::Expired => SigningKeyStatus::Expired,
                Status::Inactive => SigningKeyStatus::Inactive,
                Status::Pending => SigningKeyStatus::Pending,
                Status::Revoked => SigningKeyStatus::Revoked,
            },
            is_chosen: ring.active() == Some(key.name.as_str()),
        };
        Ok(ring.keys().iter().map(state).collect())
    }

    fn test_signature(&self) -> Result<TestSignature, Trouble> {
        let ticks = Ticks::new();
        let context = self.context()?;
        let ring = KeyRing::open(&context).map_err(of(Facility::Keys))?;
        let key = ring.chosen(None).map_err(of(Facility::Keys))?;
        let mut signed = TestSignature {
            key: key.name.clone(),
            key_id: key.key.key_id().to_string(),
            algorithm: key.scheme.name(),
            locked: false,
            microseconds: 0,
        };
        ring.check_usable(key, &context).map_err(of(Facility::Keys))?;
        // Nobody is asked for anything: a check may run where nobody looks. Nor does a check that runs by itself use up the tries for the PIN of a token.
        let is_locked = match key.protection {
            Protection::Passphrase => context::key_passphrase().is_none(),
            Protection::Permissions => false,
            Protection::Token(_) => true,
        };
        if is_locked {
            return Ok(TestSignature { locked: true, ..signed });
        }
        let signer = ring.signer(key, None, &context).map_err(of(Facility::Keys))?;
        try_it(&*signer, &key.name).map_err(of(Facility::Keys))?;
        signed.microseconds = ticks.microseconds();
        Ok(signed)
    }

    fn turning_point(&self, attestation: &Attestation, binding: &Binding) -> Result<Option<TurningPoint>, Trouble> {
        let context = self.context()?;
        let Some(store) = Store::find(&context).map_err(of(Facility::Trust))? else { return Ok(None) };
        let policy = self.policy(self.at)?;
        let question = Question {
            as_of: self.now.max(self.at),
            at: self.at,
            attestation,
            binding,
            policy: &policy,
            registry: &self.registry(),
        };
        crate::commands::turning_point(&store, &question).map_err(of(Facility::Trust))
    }

    fn exposed(&self) -> Result<Option<Vec<Exposed>>, Trouble> {
        let context = self.context()?;
        let home = &context.settings().map_err(of(Facility::Config))?.home;
        let directory = home.as_ref().map(|home| home.value.directory());
        // One that cannot be reached is looked at, and seen to be shut.
        let is_there = |directory: &&std::path::Path| !matches!(private_file::exists(directory), Ok(false));
        Ok(directory.filter(is_there).map(exposed::look))
    }

    fn space(&self) -> Result<Option<Space>, Trouble> {
        let context = self.context()?;
        let Some(store) = &context.settings().map_err(of(Facility::Config))?.store else { return Ok(None) };
        let Some(directory) = store.value.directory().and_then(std::path::Path::parent) else { return Ok(None) };
        space::look(directory)
    }

    fn configured_certificates(&self) -> Result<Vec<Place<Vec<u8>>>, Trouble> {
        let context = self.context()?;
        let Some(file) = &context.settings().map_err(of(Facility::Config))?.fetch_ca_file else {
            return Ok(Vec::new());
        };
        // That there is no file is for check.config to say.
        let Ok(bytes) = Inputs::default().read(&file.value, crate::input::Kind::Certificate) else {
            return Ok(Vec::new());
        };
        let certificates = Certificate::from_pem_all(&bytes).unwrap_or_default();
        let place = format!("fetch.ca_file {}", file.value.display());
        Ok(certificates
            .into_iter()
            .map(|certificate| Place { place: place.clone(), value: certificate.der().to_vec() })
            .collect())
    }

    fn modules(&self) -> Result<Vec<Module>, Trouble> {
        let context = self.context()?;
        let Some(setting) = &context.settings().map_err(of(Facility::Config))?.pkcs11_module else {
            return Ok(Vec::new());
        };
        let name = setting.value.display().to_string();
        let found =
            token::load(&setting.value).and_then(|module| module.any_token().map_err(|error| token::complaint(&error)));
        Ok(vec![match found {
            Ok(token) => Module { name, about: Some(token.module().description()), fault: None },
            Err(complaint) => {
                let trouble = complaint.into_trouble(Facility::Keys);
                Module { name, about: None, fault: Some((trouble.code, trouble.summary)) }
            }
        }])
    }

    fn transparency_log(&self) -> Result<Connectivity, Trouble> {
        Ok(Connectivity::NotAsked(
            "no transparency log is asked by this build: what it says comes with the attestation, and is verified offline".to_string(),
        ))
    }

    fn server_time(&self) -> Result<Option<Place<UnixTime>>, Trouble> {
        Ok(None)
    }
}

#[cfg(unix)]
mod exposed {
    //! What others could read or change.

    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::Path;

    use stella_doctor::Exposed;

    /// How deep the home is looked into, and how many files of it.
    const DEEPEST: usize = 4;
    const MOST: usize = 10_000;

    const OTHERS: u32 = 0o077;
    const OTHERS_WRITE: u32 = 0o022;

    pub(super) fn look(home: &Path) -> Vec<Exposed> {
        let mut found = Vec::new();
        let mut left = MOST;
        walk(home, 0, &mut left, &mut found);
        found.sort_by(|one, other| one.path.cmp(&other.path));
        found
    }

    fn walk(path: &Path, depth: usize, left: &mut usize, found: &mut Vec<Exposed>) {
        let Ok(stat) = fs::symlink_metadata(path) else { return };
        if *left == 0 || stat.is_symlink() {
            return;
        }
        *left -= 1;
        let mode = stat.permissions().mode() & 0o7777;
        let is_secret = path.parent().is_some_and(|parent| parent.ends_with("keys"))
            && path.extension().is_some_and(|end| end == "pem" || end == "secret");
        let forbidden = if is_secret || depth == 0 { OTHERS } else { OTHERS_WRITE };
        let user = rustix::process::getuid().as_raw();
        if mode & forbidden != 0 || (stat.uid() != user && stat.uid() != 0) {
            let owner = if stat.uid() == user { String::new() } else { format!(" of user {}", stat.uid()) };
            found.push(Exposed {
                path: path.to_path_buf(),
                found: format!("mode {mode:04o}{owner}"),
                expected: format!("{:04o}", mode & !forbidden),
            });
        }
        if stat.is_dir() && depth < DEEPEST {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            entries.for_each(|entry| walk(&entry.path(), depth + 1, left, found));
        }
    }
}

#[cfg(not(unix))]
mod exposed {
    //! Nothing: files are kept on Unix.

    pub(super) fn look(_: &std::path::Path) -> Vec<stella_doctor::Exposed> {
        Vec::new()
    }
}

#[cfg(unix)]
mod space {
    //! Room on the disk.

    use std::path::Path;

    use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};
    use stella_doctor::{Space, Trouble};

    pub(super) fn look(directory: &Path) -> Result<Option<Space>, Trouble> {
        // Where there is no store yet, there is nothing to look at.
        let Ok(stat) = statvfs(directory) else { return Ok(None) };
        let unwritable = access(directory, Access::WRITE_OK).is_err();
        Ok(Some(Space {
            place: directory.display().to_string(),
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
            read_only: stat.f_flag.contains(StatVfsMountFlags::RDONLY) || unwritable,
        }))
    }
}

#[cfg(not(unix))]
mod space {
    //! Nothing: files are kept on Unix.

    pub(super) fn look(_: &std::path::Path) -> Result<Option<stella_doctor::Space>, stella_doctor::Trouble> {
        Ok(None)
    }
}
