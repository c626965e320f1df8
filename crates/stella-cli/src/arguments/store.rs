//! `stella store …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Look at everything that is kept: each document against its SHA-256, each arrival against the chain, each index against what it points at.
    #[command(
        after_help = "Examples:\n  stella store check\n  stella store check --store postgres://ci@db.example/trust -o json\n\n\
        Exit status 0 if everything is sound, 6 if something is damaged."
    )]
    Check(CheckStoreArguments),
    /// Copy a store, attestations and trust log, into an empty place; between directories and databases as well.
    #[command(after_help = "Examples:\n  \
        stella store copy file:/srv/stella/trust postgres://ci@db.example/trust\n  \
        stella store copy postgres://ci@db.example/trust file:/backup/stella/trust\n\n\
        An interrupted copy goes on with the same command. At the end, counts and chain are compared, and every document is hashed again.")]
    Copy(CopyStoreArguments),
    /// Take a store that is older than what was seen of it as it is.
    #[command(
        after_help = "Example:\n  stella store restore --accept-rollback --reason \"disk lost; backup of 2026-01-16\"\n\n\
        Revocations and removals that came after the copy was made are gone. They have to be made again."
    )]
    Restore(RestoreArguments),
    /// End an emergency change before its time.
    #[command(after_help = "Example:\n  stella store end-emergency e-31 --reason \"the key was approved\"")]
    EndEmergency(EndEmergencyArguments),
}

#[derive(Args, Debug)]
pub(crate) struct CheckStoreArguments {
    /// How many flaws to name at most.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) most: u32,
}

#[derive(Args, Debug)]
pub(crate) struct CopyStoreArguments {
    /// The store to copy: a URL, as --store takes it.
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// Where to: a URL of a place without a store, or with the beginning of this copy.
    #[arg(value_name = "TO")]
    pub(crate) to: String,
}

#[derive(Args, Debug)]
pub(crate) struct EndEmergencyArguments {
    /// The id of the emergency change, such as e-31.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct RestoreArguments {
    /// Yes, changes of trust that came later are gone.
    #[arg(long)]
    pub(crate) accept_rollback: bool,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Your private key as an approver; needed if the store has approvers.
    #[arg(long, value_name = "FILE")]
    pub(crate) approver_key: Option<PathBuf>,
    /// The passphrase of that key, in a file that only you can read; else STELLA_KEY_PASSPHRASE, else it is asked for.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}
