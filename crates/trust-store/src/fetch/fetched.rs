//! What was fetched.

use alloc::string::String;
use alloc::vec::Vec;

use stella_crypto_providers::PublicKey;

use crate::key_file::LeftOut;
use crate::ledger::{Id, StagedKeys};

/// A key that an issuer publishes. It counts for nothing until somebody approved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedKey {
    pub(super) key: PublicKey,
    pub(super) kid: Option<String>,
}

impl FetchedKey {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What the issuer calls it; nobody has checked that.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

/// The keys that an issuer publishes, each once, in its order; there is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedKeys {
    pub(super) digest: [u8; 32],
    pub(super) keys: Vec<FetchedKey>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) url: String,
}

impl FetchedKeys {
    /// SHA-256 of the document, byte for byte, so that two people can compare what they saw.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[FetchedKey] {
        &self.keys
    }

    /// Elements that are for something else than signatures, or of a type that this library does not know.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Where the keys came from; with a discovery document, the `jwks_uri` in it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The keys as [`Ledger::stage`](crate::ledger::Ledger::stage) takes them.
    #[must_use]
    pub fn to_staged(&self, issuer: Id) -> StagedKeys {
        let keys = self.keys.iter().map(|key| key.key.spki_der().to_vec()).collect();
        StagedKeys { issuer, keys, url: self.url.clone() }
    }
}
