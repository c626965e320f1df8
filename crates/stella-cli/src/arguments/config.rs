//! `stella config …`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting, and where its value comes from.
    #[command(after_help = "Examples:\n  stella config show\n  stella config show -o json")]
    Show,
    /// Print one setting.
    #[command(after_help = "Example:\n  stella config get person")]
    Get(ConfigGetArguments),
    /// Write one setting into the configuration file.
    #[command(after_help = "Examples:\n  stella config set person alice@example.org\n  stella config set offline true")]
    Set(ConfigSetArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ConfigGetArguments {
    /// The setting.
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigSetArguments {
    /// The setting.
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// Its value.
    #[arg(value_name = "VALUE")]
    pub(crate) value: String,
}
