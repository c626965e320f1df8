//! Options that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Clone, Debug)]
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
    pub(crate) output: Output,
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

/// What can be said to `--output`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Output {
    /// For people, one `name: value` a line.
    #[default]
    Text,
    /// One JSON document, also on failure.
    Json,
    /// One JSON document a line.
    Ndjson,
    /// Columns with a heading.
    Table,
    /// A page for a browser, which needs nothing from elsewhere; of stella doctor alone, as are the following.
    #[value(hide = true)]
    Html,
    /// For pipelines that read test results.
    #[value(hide = true)]
    Junit,
    /// For a ticket.
    #[value(hide = true)]
    Markdown,
    /// The text form of OpenMetrics; of stella metrics alone.
    #[value(hide = true)]
    Prometheus,
    /// For pipelines that read the results of analyses.
    #[value(hide = true)]
    Sarif,
}

impl Output {
    pub(crate) const fn is_json(self) -> bool {
        self.format().is_json()
    }

    /// The form that every command has; text where only some commands have this one.
    pub(crate) const fn format(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Ndjson => Format::Ndjson,
            Self::Table => Format::Table,
            _ => Format::Text,
        }
    }

    /// The form that only some commands have.
    pub(crate) const fn document(self) -> Option<Document> {
        match self {
            Self::Html => Some(Document::Html),
            Self::Junit => Some(Document::Junit),
            Self::Markdown => Some(Document::Markdown),
            Self::Prometheus => Some(Document::Prometheus),
            Self::Sarif => Some(Document::Sarif),
            Self::Text | Self::Json | Self::Ndjson | Self::Table => None,
        }
    }
}

/// Forms of output that only some commands have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Document {
    Html,
    Junit,
    Markdown,
    Prometheus,
    Sarif,
}

impl Document {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Prometheus => "prometheus",
            Self::Sarif => "sarif",
        }
    }
}

/// Forms of output that every command has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Text,
    Json,
    Ndjson,
    Table,
}

impl Format {
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson)
    }
}
