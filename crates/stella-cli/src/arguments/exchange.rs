//! Trust that comes from elsewhere, and goes there.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::trust_anchors::ScopeOptions;
use crate::arguments::ChangeOptions;

/// The forms of others, apart from trusted roots.
#[derive(Args, Debug)]
pub(crate) struct FormOptions {
    /// Certificates and public keys in PEM, one after the other: self-issued authorities become anchors, others intermediates.
    #[arg(long, value_name = "FILE")]
    pub(crate) pem: Vec<PathBuf>,
    /// Public keys as cosign writes them; also JWK, sets of them, and lines of OpenSSH.
    #[arg(long, value_name = "FILE")]
    pub(crate) cosign_key: Vec<PathBuf>,
    /// The directory of Notation, with truststore/x509 (or x509) and a trust policy in it.
    #[arg(long, value_name = "DIR")]
    pub(crate) notation: Option<PathBuf>,
    /// The trust policy of Notation, if it is not trustpolicy.json in that directory.
    #[arg(long, value_name = "FILE", requires = "notation")]
    pub(crate) notation_policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) scope: ScopeOptions,
    /// Trusted from this instant on.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) from: Option<String>,
    /// Trusted until this instant, which is outside.
    #[arg(long, value_name = "TIME", visible_alias = "expires", help_heading = "Limits")]
    pub(crate) until: Option<String>,
}

impl FormOptions {
    /// How many things are to be imported.
    pub(crate) fn count(&self) -> usize {
        self.pem.len() + self.cosign_key.len() + usize::from(self.notation.is_some())
    }
}

#[derive(Args, Debug)]
pub(crate) struct ExportTrustArguments {
    /// Where to write it; - is standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("whose").required(true).args(["key", "fingerprint"])))]
pub(crate) struct ImportTrustArguments {
    /// The export of another store.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The public key of that store, from somebody you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The key id of that store, as its `trust export` and `init` print it: sha256: and 64 hex digits.
    #[arg(long, value_name = "KEY-ID")]
    pub(crate) fingerprint: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}
