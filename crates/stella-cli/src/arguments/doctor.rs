//! `stella doctor …` and `stella metrics`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};

use crate::arguments::ArtifactOptions;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DoctorArguments {
    #[command(subcommand)]
    pub(crate) command: Option<DoctorCommand>,
    #[command(flatten)]
    pub(crate) examine: ExamineArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DoctorCommand {
    /// Say what is wrong with one attestation, or by causes what failed lately: since when, how many, and what mends it.
    #[command(
        after_help = "Examples:\n  stella doctor diagnose --attestation 0123abcd\n  stella doctor diagnose --since 1h"
    )]
    Diagnose(DiagnoseArguments),
    /// Say what will stop verifying within a time, when, and for which cause.
    #[command(after_help = "Example:\n  stella doctor forecast --horizon 90d")]
    Forecast(ForecastArguments),
    /// Write a bundle for whoever helps: findings, versions and settings, without secrets and without attestations.
    #[command(after_help = "Example:\n  stella doctor export support.json")]
    Export(ExportDoctorArguments),
}

/// Which checks are asked, and how.
#[derive(Args, Debug)]
pub(crate) struct ExamineArguments {
    /// Only these checks: ids, aliases, or patterns with *; several with commas between, or said several times.
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub(crate) check: Vec<String>,
    /// Only checks of these categories.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) category: Vec<CategoryName>,
    /// Only checks whose failure matters at least as much.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) severity: Option<SeverityName>,
    /// Only what takes next to no time.
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
    /// Everything, also what reads the whole store.
    #[arg(long)]
    pub(crate) full: bool,
    /// How long each check may take, such as 30s, in place of its own limit.
    #[arg(long, value_name = "DURATION")]
    pub(crate) timeout: Option<String>,
    /// How many checks are asked at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) parallel: u16,
    /// Also ask this program, which speaks stella.check/1, under the id. May be said several times.
    #[arg(long, value_name = "ID=FILE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) program: Vec<String>,
    /// List the checks instead: ids, severities, thresholds.
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DiagnoseArguments {
    /// The attestation: an id, the beginning of one, a file, or - for standard input.
    #[arg(long, value_name = "X", required_unless_present = "since", conflicts_with = "since")]
    pub(crate) attestation: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) artifact: ArtifactOptions,
    /// Instead, what failed within this time, by causes, such as 1h.
    #[arg(long, value_name = "DURATION")]
    pub(crate) since: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ForecastArguments {
    /// How far to look, such as 90d.
    #[arg(long, value_name = "DURATION", default_value = "90d")]
    pub(crate) horizon: String,
}

#[derive(Args, Debug)]
pub(crate) struct ExportDoctorArguments {
    /// The file to write; it must not be there yet. - for standard output.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// The categories of checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum CategoryName {
    Attestation,
    Attestor,
    Config,
    Crypto,
    Custom,
    Issuer,
    Security,
    Store,
    Trust,
}

impl CategoryName {
    pub(crate) const fn category(self) -> stella_doctor::Category {
        use stella_doctor::Category;
        match self {
            Self::Attestation => Category::Attestation,
            Self::Attestor => Category::Attestor,
            Self::Config => Category::Config,
            Self::Crypto => Category::Crypto,
            Self::Custom => Category::Custom,
            Self::Issuer => Category::Issuer,
            Self::Security => Category::Security,
            Self::Store => Category::Store,
            Self::Trust => Category::Trust,
        }
    }
}

/// How much the failure of a check matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SeverityName {
    Fail,
    Info,
    Warn,
}

impl SeverityName {
    pub(crate) const fn severity(self) -> stella_doctor::Severity {
        use stella_doctor::Severity;
        match self {
            Self::Fail => Severity::Fail,
            Self::Info => Severity::Info,
            Self::Warn => Severity::Warn,
        }
    }
}
