//! `stella keys …`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show a public key of the store.
    #[command(
        after_help = "Examples:\n  stella keys show release-key --public > release.pub\n  stella keys show sha256:0a1b2c3d --details"
    )]
    Show(ShowKeyArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ShowKeyArguments {
    /// An id, a key id, or a unique beginning of one. Also an anchor, intermediate or approver, for its key.
    #[arg(value_name = "KEY-ID")]
    pub(crate) id: String,
    /// Print the key itself, as PEM.
    #[arg(long)]
    pub(crate) public: bool,
    /// Also say what it is trusted for and until when.
    #[arg(long)]
    pub(crate) details: bool,
}
