//! A world that is as a test says.
#![allow(dead_code, reason = "each test program uses its part")]

use std::sync::Mutex;

use stella_attest_store::AttestationStore;
use stella_attest_verify::{Attestation, Binding, Policy, Registry, TrustSnapshot, UnixTime};
use stella_crypto_providers::Profile;
use stella_doctor::{
    Connectivity, Depth, Exposed, Facility, LogAudit, Module, Place, SettingFlaw, SigningKeyState, Space,
    TestSignature, Trouble, TurningPoint, World,
};
use stella_trust_store::Stopwatch;
use stella_trust_store::ledger::TrustState;

/// A stopwatch that stands still.
pub(crate) struct Pauses;

impl Stopwatch for Pauses {
    fn milliseconds(&self) -> u64 {
        0
    }

    fn pause(&self, _: u64) {}
}

/// A place without anything in it, until a test puts something there.
pub(crate) struct Away {
    pub(crate) now: UnixTime,
    pub(crate) depth: Depth,
    pub(crate) offline: bool,
    pub(crate) flaws: Vec<SettingFlaw>,
    pub(crate) settings: Option<Trouble>,
    pub(crate) trust: Result<Option<TrustState>, Trouble>,
    pub(crate) profile: Profile,
    pub(crate) keys: Result<Vec<SigningKeyState>, Trouble>,
    pub(crate) signature: Mutex<Option<Result<TestSignature, Trouble>>>,
    pub(crate) exposed: Vec<Exposed>,
    pub(crate) space: Option<Space>,
    pub(crate) certificates: Vec<Place<Vec<u8>>>,
    pub(crate) modules: Vec<Module>,
    pub(crate) log: Connectivity,
    pub(crate) server: Option<Place<UnixTime>>,
    pub(crate) store: Option<Trouble>,
}

impl Default for Away {
    fn default() -> Self {
        Self {
            now: UnixTime::parse_rfc3339("2026-06-01T00:00:00Z").unwrap(),
            depth: Depth::Usual,
            offline: false,
            flaws: Vec::new(),
            settings: None,
            trust: Ok(None),
            profile: Profile::International,
            keys: Ok(Vec::new()),
            signature: Mutex::new(None),
            exposed: Vec::new(),
            space: None,
            certificates: Vec::new(),
            modules: Vec::new(),
            log: Connectivity::NotAsked("no log is configured".into()),
            server: None,
            store: None,
        }
    }
}

impl World for Away {
    fn now(&self) -> UnixTime {
        self.now
    }

    fn depth(&self) -> Depth {
        self.depth
    }

    fn is_offline(&self) -> bool {
        self.offline
    }

    fn settings(&self) -> Result<Vec<SettingFlaw>, Trouble> {
        self.settings.clone().map_or_else(|| Ok(self.flaws.clone()), Err)
    }

    fn attestations(&self) -> Result<Option<Box<dyn AttestationStore>>, Trouble> {
        self.store.clone().map_or(Ok(None), Err)
    }

    fn trust(&self) -> Result<Option<TrustState>, Trouble> {
        self.trust.clone()
    }

    fn audit(&self) -> Result<Option<LogAudit>, Trouble> {
        self.trust.clone().map(|state| {
            state.map(|state| LogAudit { entries: state.size(), latest: state.last_time(), witnessed: false })
        })
    }

    fn snapshot(&self, _: UnixTime) -> Result<TrustSnapshot, Trouble> {
        TrustSnapshot::builder().build().map_err(|error| Trouble::of(Facility::Trust, &error))
    }

    fn policy(&self, _: UnixTime) -> Result<Policy, Trouble> {
        Ok(Policy::require_trusted_signer())
    }

    fn registry(&self) -> Registry {
        Registry::rustcrypto()
    }

    fn profile(&self) -> Result<Profile, Trouble> {
        self.settings.clone().map_or(Ok(self.profile), Err)
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyState>, Trouble> {
        self.keys.clone()
    }

    fn test_signature(&self) -> Result<TestSignature, Trouble> {
        self.signature.lock().unwrap().clone().expect("a test that has a key says what comes of signing")
    }

    fn turning_point(&self, _: &Attestation, _: &Binding) -> Result<Option<TurningPoint>, Trouble> {
        Ok(None)
    }

    fn exposed(&self) -> Result<Option<Vec<Exposed>>, Trouble> {
        Ok(Some(self.exposed.clone()))
    }

    fn space(&self) -> Result<Option<Space>, Trouble> {
        Ok(self.space.clone())
    }

    fn configured_certificates(&self) -> Result<Vec<Place<Vec<u8>>>, Trouble> {
        Ok(self.certificates.clone())
    }

    fn modules(&self) -> Result<Vec<Module>, Trouble> {
        Ok(self.modules.clone())
    }

    fn transparency_log(&self) -> Result<Connectivity, Trouble> {
        Ok(self.log.clone())
    }

    fn server_time(&self) -> Result<Option<Place<UnixTime>>, Trouble> {
        Ok(self.server.clone())
    }
}
