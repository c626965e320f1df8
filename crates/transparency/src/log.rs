//! Logs that are trusted: their key, their name and the time in which they may be used.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use once_cell::race::OnceBox;
use stella_crypto_providers::{CryptoError, PublicKey, Registry, Scheme, VerifyingKey};
use stella_vocabulary::{UnixTime, Window};

/// One log that is trusted: a transparency log of signatures, or a certificate transparency log.
#[derive(Clone, Debug)]
pub struct Log {
    name: String,
    log_id: Vec<u8>,
    key: PublicKey,
    scheme: Scheme,
    window: Window,
    origin: Option<String>,
}

impl Log {
    /// Describes a log.
    ///
    /// `name` is for people. `log_id` is SHA-256 of the SPKI DER for Rekor v1 and certificate transparency, and the C2SP key id,
    /// SHA-256 of name, `0x0A`, algorithm byte and key, for Rekor v2; its first four bytes are the key hint of checkpoints either way.
    /// `window` says when the log may have signed; trusted roots mean the closed interval.
    #[must_use]
    pub fn new(name: String, log_id: Vec<u8>, key: PublicKey, scheme: Scheme, window: Window) -> Self {
        Self { name, log_id, key, scheme, window, origin: None }
    }

    /// Fixes the name under which this log signs checkpoints: the host of its base URL, port included where there is one.
    ///
    /// Key and origin are then one pair (C2SP tlog-proof): a checkpoint of this key with another origin is refused. Without it, the
    /// name on the signature line must still be the one in the checkpoint's first line. Private Rekor v1 instances are known whose
    /// checkpoints name a container and not the host that a trusted root lists.
    #[must_use]
    pub fn with_origin(mut self, origin: String) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id by which entries and SCTs name this log.
    #[must_use]
    pub fn log_id(&self) -> &[u8] {
        &self.log_id
    }

    /// The key of the log.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The scheme it signs with.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// When the log may have signed.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// The name under which it signs checkpoints, where that is fixed.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Whether the log id is the hash of the key alone, as in Rekor v1, and not a C2SP key id.
    pub(crate) fn id_is_key_hash(&self) -> bool {
        self.log_id == self.key.key_id().as_bytes()
    }
}

/// Logs with their keys, each prepared for verification when it is first needed.
pub(crate) struct KeyedLogs {
    registry: Registry,
    logs: Vec<Log>,
    keys: Vec<OnceBox<VerifyingKey>>,
}

/// No log fits.
pub(crate) enum NotFound<'a> {
    /// A log has the id, but its window does not hold this time.
    OutsideWindow(&'a Log, UnixTime),
    /// No log has the id.
    Unknown,
}

impl KeyedLogs {
    pub(crate) fn new(registry: &Registry, logs: Vec<Log>) -> Self {
        let keys = logs.iter().map(|_| OnceBox::new()).collect();
        Self { registry: registry.clone(), logs, keys }
    }

    pub(crate) fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Finds the log with this id whose window holds every instant of `at`. One id may be listed twice with different windows.
    pub(crate) fn find(
        &self,
        log_id: &[u8],
        at: impl Iterator<Item = UnixTime> + Clone,
    ) -> Result<(usize, &Log), NotFound<'_>> {
        let mut refusal = NotFound::Unknown;
        for (index, log) in self.logs.iter().enumerate().filter(|(_, log)| log.log_id == log_id) {
            match at.clone().find(|at| !log.window.contains(*at)) {
                None => return Ok((index, log)),
                Some(at) => refusal = NotFound::OutsideWindow(log, at),
            }
        }
        Err(refusal)
    }

    /// The prepared key of a log of [`logs`](Self::logs).
    pub(crate) fn key(&self, index: usize, log: &Log) -> Result<PreparedLogKey<'_>, CryptoError> {
        let prepare = || self.registry.prepare(log.scheme, &log.key).map(Box::new);
        match self.keys.get(index) {
            Some(cell) => cell.get_or_try_init(prepare).map(PreparedLogKey::Kept),
            None => prepare().map(PreparedLogKey::Own),
        }
    }
}

/// A key that stays with its set, or one made for a single use.
pub(crate) enum PreparedLogKey<'a> {
    Kept(&'a VerifyingKey),
    Own(Box<VerifyingKey>),
}

impl core::ops::Deref for PreparedLogKey<'_> {
    type Target = VerifyingKey;

    fn deref(&self) -> &VerifyingKey {
        match self {
            Self::Kept(key) => key,
            Self::Own(key) => key,
        }
    }
}

impl core::fmt::Debug for KeyedLogs {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.logs.iter().map(|log| log.name.to_string())).finish()
    }
}
