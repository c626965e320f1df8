//! Options of every command that changes trust.

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ChangeOptions {
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT", help_heading = "Change")]
    pub(crate) reason: Option<String>,
    /// Only show what would change, and what would verify then.
    #[arg(long, help_heading = "Change")]
    pub(crate) dry_run: bool,
    /// With --dry-run: attestations to judge before and after; else those of the store.
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "dry_run", help_heading = "Change")]
    pub(crate) attestation: Vec<PathBuf>,
    /// Your private key as an approver: if others have to agree, it signs the request, which counts as your agreement.
    #[arg(long, value_name = "FILE", help_heading = "Change")]
    pub(crate) approver_key: Option<PathBuf>,
    /// The passphrase of that key, in a file that only you can read; else STELLA_KEY_PASSPHRASE, else it is asked for.
    #[arg(long, value_name = "FILE", help_heading = "Change")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Ask the approvers also where one person may decide: nothing changes before they agree.
    #[arg(long, conflicts_with = "emergency", help_heading = "Change")]
    pub(crate) request: bool,
    /// How long a request waits for approval, such as 3d; at most 30d.
    #[arg(long, value_name = "DURATION", help_heading = "Change")]
    pub(crate) expires_in: Option<String>,
    /// Loosen trust at once and alone, for at most 24h; it ends by itself, and log and verdicts say so. Where others decide, with --approver-key.
    #[arg(long, value_name = "DURATION", conflicts_with = "expires_in", help_heading = "Change")]
    pub(crate) emergency: Option<String>,
}
