//! `conformance SUITE PATH [--json]`: runs one public suite and tells what passed, what did not, and what was not run.
//!
//! Exit status: 0 if every outcome is as expected or listed as a deviation, 1 if not, 2 if there was nothing to run.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use conformance::{Deviations, Input, SuiteError, Summary, TrustDirectory};
use stella_crypto_providers::Registry;
use stella_vocabulary::UnixTime;

/// Runs a public test suite, in its own published format, against the stella libraries.
#[derive(Debug, Parser)]
#[command(after_help = suites())]
struct Arguments {
    /// Name of the suite.
    suite: String,
    /// Directory or file with the suite as its publisher keeps it.
    path: PathBuf,
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,
    /// Trusted roots and keys that cases name [default: `../sigstore-trust` beside PATH, else this project's copy].
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// What does not pass yet [default: this project's `conformance/deviations.toml`].
    #[arg(long, value_name = "FILE")]
    deviations: Option<PathBuf>,
    /// The instant of verification, for suites whose cases name none.
    #[arg(long, value_name = "INSTANT", default_value = "2026-11-23T00:00:00Z")]
    at: String,
    /// Also tell every case, one a line.
    #[arg(long)]
    cases: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(summary) => match print(&arguments, &summary) {
            Ok(()) if summary.unexpected().next().is_none() => ExitCode::SUCCESS,
            Ok(()) => ExitCode::from(1),
            Err(_) => ExitCode::from(2),
        },
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Summary, SuiteError> {
    let suite = conformance::by_name(&arguments.suite)
        .ok_or_else(|| SuiteError::new(format!("no suite is called `{}`\n{}", arguments.suite, suites())))?;
    let at = UnixTime::parse_rfc3339(&arguments.at).map_err(|error| SuiteError::new(format!("--at: {error}")))?;
    let deviations = match &arguments.deviations {
        Some(path) => Deviations::read(path)?,
        None => Deviations::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("deviations.toml"))?,
    };
    let trust = TrustDirectory::find(arguments.trust.as_deref(), &arguments.path);
    let registry = Registry::rustcrypto();
    let input = Input { path: &arguments.path, trust: &trust, registry: &registry, at };
    conformance::run(suite, &input, &deviations)
}

fn print(arguments: &Arguments, summary: &Summary) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if arguments.cases {
        for judged in summary.judged() {
            let record = &judged.record;
            writeln!(out, "{} {} {}", record.outcome().as_str(), record.case.id, record.observed)?;
        }
    }
    if arguments.json { writeln!(out, "{}", summary.to_json()) } else { write!(out, "{summary}") }
}

fn suites() -> String {
    let lines = conformance::all().iter().map(|suite| format!("  {:<22}{}", suite.name(), suite.about()));
    format!("Suites:\n{}", lines.collect::<Vec<_>>().join("\n"))
}
