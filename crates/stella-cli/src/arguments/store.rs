//! `stella store …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
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
