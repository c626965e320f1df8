//! `stella attest create`, `resign`, `integrity-check` and `test-sign`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::arguments::{SignerOptions, TrustOptions};

/// What signs.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SigningKeyOptions {
    /// What signs: a key of the home by name or key id, or a file with a private key (PKCS#8 in PEM) that only you can read, or the PKCS#11 URI of one in a token. Else the active key.
    #[arg(long, value_name = "ID|FILE", value_parser = NonEmptyStringValueParser::new(), help_heading = "Key")]
    pub(crate) key: Option<String>,
    /// The passphrase of the key, in a file that only you can read; else STELLA_KEY_PASSPHRASE, else it is asked for.
    #[arg(long, value_name = "FILE", help_heading = "Key")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// What it is about: a digest such as sha256:HEX, or a file; may be said several times.
    #[arg(long, value_name = "DIGEST|FILE", required = true, num_args = 1..)]
    pub(crate) subject: Vec<String>,
    /// What the subjects are called, in their order; else a file is called by its name, and a digest has none.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) name: Vec<String>,
    /// The predicate type: a URI, or a short name such as slsa-provenance.
    #[arg(long = "type", value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) kind: String,
    /// The predicate, a JSON object; - for standard input. It is signed as it stands there.
    #[arg(long, value_name = "FILE")]
    pub(crate) predicate: Option<PathBuf>,
    /// A member of the predicate, such as runDetails.builder.id=ci.example; may be said several times, and beside --predicate.
    #[arg(long, value_name = "KEY=VALUE", num_args = 1..)]
    pub(crate) set: Vec<String>,
    /// Sign a predicate that is not as the specification of its type says. What is wrong with it is still told.
    #[arg(long)]
    pub(crate) unsafe_skip_schema: bool,
    #[command(flatten)]
    pub(crate) key: SigningKeyOptions,
    /// Sign although the store keeps an attestation of the same type about the same subjects by the same key.
    #[arg(long)]
    pub(crate) force: bool,
    /// Also write the envelope to this file; - for standard output. Without a store, that is where it goes.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ResignArguments {
    /// The attestation: an id, the beginning of one, a file, or - for standard input.
    #[arg(
        value_name = "X",
        required_unless_present_any = ["attestation", "signed_by"],
        conflicts_with_all = ["attestation", "signed_by"]
    )]
    pub(crate) x: Option<PathBuf>,
    /// The attestation, by name.
    #[arg(long, value_name = "X", conflicts_with = "signed_by")]
    pub(crate) attestation: Option<PathBuf>,
    /// Every attestation of the store that this key has signed: a key of the home or the trust store, or a whole key id.
    #[arg(long, value_name = "KEY-ID", conflicts_with = "out", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) signed_by: Option<String>,
    /// Judge, and say what would be signed; sign nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Where nothing else proves when it was signed, take the time at which it arrived in this store. Whoever can write to the store can
    /// put any time there.
    #[arg(long)]
    pub(crate) trust_arrival_time: bool,
    #[command(flatten)]
    pub(crate) key: SigningKeyOptions,
    /// The identity that the certificate of the old signature must hold, compared exactly.
    #[arg(long, value_name = "SIGNER", value_parser = NonEmptyStringValueParser::new(), help_heading = "Old signer")]
    pub(crate) identity: Option<String>,
    /// The identity provider that must have vouched for it, compared exactly.
    #[arg(
        long,
        value_name = "ISSUER",
        value_parser = NonEmptyStringValueParser::new(),
        requires = "identity",
        help_heading = "Old signer"
    )]
    pub(crate) issuer: Option<String>,
    /// A policy (TOML) that says who may have signed. Else policies/default.toml in the home, if there is a store.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["identity", "issuer"], help_heading = "Old signer")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    /// Also write the new envelope to this file; - for standard output. Without a store, that is where it goes.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

impl ResignArguments {
    pub(crate) fn selector(&self) -> Option<&PathBuf> {
        self.attestation.as_ref().or(self.x.as_ref())
    }

    /// Who must have made the old signature, as the verify commands say it.
    pub(crate) fn old_signer(&self) -> SignerOptions {
        SignerOptions {
            identity: self.identity.clone(),
            issuer: self.issuer.clone(),
            key: None,
            policy: self.policy.clone(),
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct IntegrityArguments {
    /// The attestation: an id, the beginning of one, a file, or - for standard input.
    #[arg(value_name = "X", required_unless_present_any = ["attestation", "all"], conflicts_with = "all")]
    pub(crate) x: Option<PathBuf>,
    /// The attestation, by name.
    #[arg(long, value_name = "X", conflicts_with_all = ["x", "all"])]
    pub(crate) attestation: Option<PathBuf>,
    /// Everything that the store keeps.
    #[arg(long)]
    pub(crate) all: bool,
    /// The public key (PEM, JWK or OpenSSH) that should have signed, also where the signature names none; else those of the trust store.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

impl IntegrityArguments {
    pub(crate) fn selector(&self) -> Option<&PathBuf> {
        self.attestation.as_ref().or(self.x.as_ref())
    }
}

#[derive(Args, Debug)]
pub(crate) struct TestSignArguments {
    /// The predicate type to try, where keys or the policy are limited to some: a URI, or a short name.
    #[arg(long = "type", value_name = "TYPE", default_value = "test-result", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) kind: String,
    #[command(flatten)]
    pub(crate) key: SigningKeyOptions,
}
