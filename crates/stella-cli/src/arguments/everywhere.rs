//! Options that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
pub(crate) struct Everywhere {
    /// How to print the result.
    #[arg(
        long,
        short,
        visible_alias = "format",
        global = true,
        value_enum,
        default_value_t,
        help_heading = "Everywhere"
    )]
    pub(crate) output: Format,
    /// Show the evidence of every check and every path that was tried.
    #[arg(long, short, global = true, conflicts_with = "quiet", help_heading = "Everywhere")]
    pub(crate) verbose: bool,
    /// Print the verdict line only.
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    /// Never colour the output. So does the environment variable NO_COLOR.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) no_color: bool,
    /// Judge at this instant instead of now, such as 2026-01-17T09:00:00Z.
    #[arg(long, value_name = "TIME", global = true, help_heading = "Everywhere")]
    pub(crate) at: Option<String>,
    /// Never use a network; so says STELLA_OFFLINE=1. The verify commands never do.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) offline: bool,
    /// The directory of settings, trust and keys; also STELLA_HOME. Else the data directory of the user, and stella in it.
    #[arg(long, value_name = "DIR", global = true, help_heading = "Everywhere")]
    pub(crate) home: Option<PathBuf>,
    /// The trust store, where it is not in the home, such as file:/srv/stella/trust; also STELLA_STORE.
    #[arg(long, value_name = "URL", global = true, help_heading = "Everywhere")]
    pub(crate) store: Option<String>,
    /// Settings from this file instead of config.toml in the home.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Everywhere")]
    pub(crate) config: Option<PathBuf>,
    /// Use the trust of that instant, or after the entry with that sequence number, instead of the latest.
    #[arg(long, value_name = "TIME|SEQ", global = true, help_heading = "Everywhere")]
    pub(crate) trust_at: Option<String>,
}

/// Forms of output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people, one `name: value` a line.
    #[default]
    Text,
    /// One JSON document, also on failure.
    Json,
    /// One JSON document a line.
    Ndjson,
    /// Columns with a heading.
    Table,
}

impl Format {
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson)
    }
}
