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
    /// Your private key as an approver: if others have to agree, it signs the request, which counts as your agreement.
    #[arg(long, value_name = "FILE", help_heading = "Change")]
    pub(crate) approver_key: Option<PathBuf>,
    /// How long a request waits for approval, such as 3d; at most 30d.
    #[arg(long, value_name = "DURATION", help_heading = "Change")]
    pub(crate) expires_in: Option<String>,
    /// Loosen trust at once and alone, for at most 24h; it ends by itself, and the log says so.
    #[arg(long, value_name = "DURATION", conflicts_with = "expires_in", help_heading = "Change")]
    pub(crate) emergency: Option<String>,
}
