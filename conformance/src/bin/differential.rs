//! `differential [--seed N] [--count N] [--openssl N]`: random infrastructures, judged by this library and by two others.
//!
//! Exit status: 0 if every difference is explained, 1 if not, 2 if it could not be run.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use conformance::Differential;

/// Random small public key infrastructures, right or wrong in one place, judged by this library, by rustls-webpki and by OpenSSL.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where the numbers start.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many infrastructures.
    #[arg(long, default_value_t = 100_000)]
    count: usize,
    /// How many of them OpenSSL judges as well, a process each.
    #[arg(long, default_value_t = 10_000)]
    openssl: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = || -> io::Result<bool> {
        let directory = tempfile::tempdir()?;
        let run = Differential::new(arguments.seed, arguments.count, arguments.openssl);
        let agreement = run.run(directory.path())?;
        let mut out = io::stdout().lock();
        write!(out, "{agreement}")?;
        let faults = agreement.faults();
        for fault in &faults {
            writeln!(out, "UNEXPECTED {fault}")?;
        }
        Ok(faults.is_empty())
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}
