//! What checks may know of the world outside.

use std::path::PathBuf;

use stella_attest_store::AttestationStore;
use stella_attest_verify::{Attestation, Binding, Code, Policy, Registry, TrustSnapshot, UnixTime};
use stella_crypto_providers::{Profile, Scheme};
use stella_trust_store::ledger::TrustState;

use crate::about::Depth;
use crate::trouble::Trouble;

/// Everything a check may ask of the world outside. Each question may be asked by several checks at the same time, and costs what it costs.
///
/// `Ok(None)` says that there is no such thing here, which is no fault; an error, that there is and that it cannot be used.
pub trait World: Send + Sync {
    /// What the clock says.
    fn now(&self) -> UnixTime;

    /// The instant to judge at: now, unless somebody asks about another one.
    fn at(&self) -> UnixTime {
        self.now()
    }

    /// How much is to be looked at.
    fn depth(&self) -> Depth;

    /// Whether a network may be used.
    fn is_offline(&self) -> bool;

    /// What is odd about the settings and the policy.
    ///
    /// # Errors
    /// They cannot be read, or are refused.
    fn settings(&self) -> Result<Vec<SettingFlaw>, Trouble>;

    /// A handle of the store of attestations.
    ///
    /// # Errors
    /// It cannot be opened.
    fn attestations(&self) -> Result<Option<Box<dyn AttestationStore>>, Trouble>;

    /// What the trust log says. Emergency changes are objects of it; [`TrustState::effective`] applies those in force.
    ///
    /// # Errors
    /// It cannot be opened, or does not hold together.
    fn trust(&self) -> Result<Option<TrustState>, Trouble>;

    /// Looks at every entry of the trust log again.
    ///
    /// # Errors
    /// One of them is not what was logged.
    fn audit(&self) -> Result<Option<LogAudit>, Trouble>;

    /// What is trusted at an instant: by the store, or without one by what is built in.
    ///
    /// # Errors
    /// The trust cannot be built.
    fn snapshot(&self, at: UnixTime) -> Result<TrustSnapshot, Trouble>;

    /// Who may sign, as of an instant: crypto profiles have algorithms that end.
    ///
    /// # Errors
    /// The policy cannot be read, or is refused.
    fn policy(&self, at: UnixTime) -> Result<Policy, Trouble>;

    /// Who computes.
    fn registry(&self) -> Registry;

    /// Which algorithms are permitted.
    ///
    /// # Errors
    /// The settings cannot be read.
    fn profile(&self) -> Result<Profile, Trouble>;

    /// The signing keys of the home, by name.
    ///
    /// # Errors
    /// They cannot be read.
    fn signing_keys(&self) -> Result<Vec<SigningKeyState>, Trouble>;

    /// Signs something with the active key, and verifies it.
    ///
    /// # Errors
    /// There is no signature, or it does not verify.
    fn test_signature(&self) -> Result<TestSignature, Trouble>;

    /// What changed the verdict on an attestation, as the trust log and the clock tell it.
    ///
    /// # Errors
    /// Those of [`World::trust`].
    fn turning_point(&self, attestation: &Attestation, binding: &Binding) -> Result<Option<TurningPoint>, Trouble>;

    /// Files and directories that others than their owner could read or change; nothing where there is no home.
    ///
    /// # Errors
    /// They cannot be looked at.
    fn exposed(&self) -> Result<Option<Vec<Exposed>>, Trouble>;

    /// How much room there is where the store is; nothing if that is elsewhere.
    ///
    /// # Errors
    /// The file system does not say.
    fn space(&self) -> Result<Option<Space>, Trouble>;

    /// Certificates that are configured besides those of the store, such as authorities of servers.
    ///
    /// # Errors
    /// A file that is configured cannot be read.
    fn configured_certificates(&self) -> Result<Vec<Place<Vec<u8>>>, Trouble>;

    /// Modules of hardware keys that are configured.
    ///
    /// # Errors
    /// The settings cannot be read.
    fn modules(&self) -> Result<Vec<Module>, Trouble>;

    /// Asks the transparency log whether it answers.
    ///
    /// # Errors
    /// The settings cannot be read.
    fn transparency_log(&self) -> Result<Connectivity, Trouble>;

    /// What a server's clock says, if one may be asked.
    ///
    /// # Errors
    /// The settings cannot be read.
    fn server_time(&self) -> Result<Option<Place<UnixTime>>, Trouble>;
}

/// A value, and where it is from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place<T> {
    /// Where, for people.
    pub place: String,
    /// The value.
    pub value: T,
}

/// Something odd about the settings that keeps nobody from working.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SettingFlaw {
    /// Which setting.
    pub setting: String,
    /// One sentence.
    pub what: String,
    /// What mends it, as words.
    pub command: Vec<String>,
}

/// What came of looking at every entry of the trust log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogAudit {
    /// How many entries it has.
    pub entries: u64,
    /// When the latest was written, by the clock of whoever wrote it.
    pub latest: Option<UnixTime>,
    /// Whether it was held against a checkpoint that was kept apart from it.
    pub witnessed: bool,
}

/// Whether a signing key can be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SigningKeyStatus {
    /// It signs unless another is named.
    Active,
    /// Its window is over.
    Expired,
    /// Good, and not the active one.
    Inactive,
    /// Its window has not begun.
    Pending,
    /// It was revoked.
    Revoked,
}

impl SigningKeyStatus {
    /// The name: `active`, `expired`, `inactive`, `pending`, `revoked`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Revoked => "revoked",
        }
    }
}

/// A signing key of the home.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SigningKeyState {
    /// Its name.
    pub name: String,
    /// `sha256:` and the hash of its SPKI.
    pub key_id: String,
    /// How it signs.
    pub scheme: Scheme,
    /// The size of the key, in bits.
    pub bits: usize,
    /// When it began.
    pub from: UnixTime,
    /// The first instant at which it signs no more.
    pub until: UnixTime,
    /// Whether it can be used.
    pub status: SigningKeyStatus,
    /// Whether it signs unless another key is named, whatever its status.
    pub is_chosen: bool,
}

/// A signature that was made and verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TestSignature {
    /// The name of the key.
    pub key: String,
    /// `sha256:` and the hash of its SPKI.
    pub key_id: String,
    /// How it signs.
    pub algorithm: &'static str,
    /// Whether the private key is locked, so that only its description was looked at.
    pub locked: bool,
    /// How long it took, in microseconds.
    pub microseconds: u64,
}

/// What changed the verdict on an attestation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TurningPoint {
    /// When.
    pub at: UnixTime,
    /// The entry of the trust log; `None` if it was the clock.
    pub entry: Option<u64>,
    /// One line: what happened.
    pub what: String,
    /// Who did it.
    pub person: Option<String>,
    /// Why, as they said.
    pub reason: Option<String>,
    /// What takes it back, as words; `None` if nothing does.
    pub undo: Option<Vec<String>>,
}

/// A file that others could read or change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exposed {
    /// Which.
    pub path: PathBuf,
    /// As it is, such as `0644`.
    pub found: String,
    /// As it should be.
    pub expected: String,
}

/// Room on a disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Space {
    /// Where.
    pub place: String,
    /// Free for this user, in bytes.
    pub free: u64,
    /// In whole, in bytes.
    pub total: u64,
    /// Whether nothing can be written there.
    pub read_only: bool,
}

/// A module of hardware keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Module {
    /// Which.
    pub name: String,
    /// What it says about itself.
    pub about: Option<String>,
    /// Why it does not work.
    pub fault: Option<(Code, String)>,
}

/// Whether a service answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Connectivity {
    /// It does.
    Answers {
        /// Where.
        url: String,
        /// In how many milliseconds.
        milliseconds: u64,
    },
    /// It was not asked, and why.
    NotAsked(String),
    /// It does not.
    Silent {
        /// Where.
        url: String,
        /// The code.
        code: Code,
        /// Why.
        why: String,
    },
}
