//! `stella attest …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::arguments::AttestationArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum AttestCommand {
    /// Show what an attestation says, without judging it: everything shown is UNVERIFIED.
    #[command(
        after_help = "Examples:\n  stella attest show bundle.json\n  stella attest show bundle.json --details -o json\n  \
                            cat bundle.json | stella attest show -"
    )]
    Show(ShowArguments),
    /// The same as `stella verify attestation`.
    Verify(Box<AttestationArguments>),
}

#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The attestation: a file, or - for standard input.
    #[arg(value_name = "X", required_unless_present = "attestation")]
    pub(crate) x: Option<PathBuf>,
    /// The attestation, by name.
    #[arg(long, value_name = "X", conflicts_with = "x")]
    pub(crate) attestation: Option<PathBuf>,
    /// Also show signatures, the certificate, log entries, timestamps and every subject.
    #[arg(long)]
    pub(crate) details: bool,
}

impl ShowArguments {
    pub(crate) fn selector(&self) -> Option<&PathBuf> {
        self.attestation.as_ref().or(self.x.as_ref())
    }
}
