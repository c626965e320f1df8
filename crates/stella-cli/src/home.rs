//! Where everything is that belongs to one user.

use std::path::{Path, PathBuf};

use stella_attest_verify::Digest;
use stella_vocabulary::hex;

use crate::store_place::StorePlace;

/// The home: settings, trust, keys, policies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Home {
    directory: PathBuf,
    state: Option<PathBuf>,
}

impl Home {
    /// `directory` without symbolic links; `state` is where is remembered what was seen, apart from it.
    pub(crate) const fn new(directory: PathBuf, state: Option<PathBuf>) -> Self {
        Self { directory, state }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.directory.join("config.toml")
    }

    /// Held by whoever makes or changes something of the home that is not the trust log.
    pub(crate) fn lock(&self) -> PathBuf {
        self.directory.join("lock")
    }

    /// The trust log, unless settings name another place.
    pub(crate) fn trust(&self) -> PathBuf {
        self.directory.join("trust")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.directory.join("keys")
    }

    /// The private key that checkpoints are signed with.
    pub(crate) fn checkpoint_key(&self) -> PathBuf {
        self.keys().join("checkpoint.pem")
    }

    /// What makes the marks of remembered signatures.
    pub(crate) fn memo_secret(&self) -> PathBuf {
        self.keys().join("memo.secret")
    }

    pub(crate) fn policies(&self) -> PathBuf {
        self.directory.join("policies")
    }

    /// The directory of what was seen of stores: not in the home, so that it is not copied or put back with it. Without a state
    /// directory, it is at least not in the store.
    pub(crate) fn seen_directory(&self) -> PathBuf {
        self.state.as_ref().unwrap_or(&self.directory).join("seen")
    }

    /// The file that remembers the latest head seen of the store in `store`.
    pub(crate) fn seen(&self, store: &StorePlace) -> PathBuf {
        let digest = Digest::sha256(&store.name());
        self.seen_directory().join(hex::encode(digest.as_bytes()))
    }
}
