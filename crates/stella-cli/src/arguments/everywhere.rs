//! Options that every command takes.

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, ValueEnum};

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
    #[arg(
        long,
        global = true,
        env = "STELLA_OFFLINE",
        hide_env = true,
        action = ArgAction::SetTrue,
        value_parser = FalseyValueParser::new(),
        help_heading = "Everywhere"
    )]
    pub(crate) offline: bool,
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
