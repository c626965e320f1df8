//! `stella attest …` and `stella verify all`: attestations that are kept.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use crate::arguments::{MemoOptions, SignerOptions, TrustOptions};

#[derive(Args, Debug)]
pub(crate) struct ImportArguments {
    /// Files with one attestation or with one a line, directories of such files, or - for standard input.
    #[arg(value_name = "FILE|DIR", required_unless_present = "image")]
    pub(crate) files: Vec<PathBuf>,
    /// What is attached to an image: in a registry, HOST/NAME:TAG or HOST/NAME@sha256:HEX, or in the directory of an OCI image layout, DIR,
    /// DIR:TAG or DIR@sha256:HEX. What begins with a host is in a registry; ./ before a directory leaves no doubt.
    #[arg(long, value_name = "REF|DIR", conflicts_with = "files", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) image: Option<String>,
    #[command(flatten)]
    pub(crate) registry: ImageOptions,
    /// How many threads read documents; else as many as there are cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
}

/// How a registry of images may be spoken to.
#[derive(Args, Debug, Default)]
pub(crate) struct ImageOptions {
    /// A configuration of Docker with names and passwords, in place of config.json in DOCKER_CONFIG or ~/.docker. Before either come
    /// STELLA_REGISTRY_USER and STELLA_REGISTRY_PASSWORD.
    #[arg(long, value_name = "FILE", requires = "image", help_heading = "Registry")]
    pub(crate) registry_config: Option<PathBuf>,
    /// Speak HTTP without TLS to this registry: everybody on the way can read and change everything. To this machine it needs not be said.
    #[arg(long, requires = "image", help_heading = "Registry")]
    pub(crate) danger_plain_http: bool,
}

/// Which attestations of the store.
#[derive(Args, Debug, Default)]
pub(crate) struct WhichOptions {
    /// About this artifact: a digest such as sha256:HEX, or a file.
    #[arg(long, value_name = "DIGEST|FILE")]
    pub(crate) subject: Option<String>,
    /// With this predicate type, exactly: a URI, or a short name such as slsa-provenance.
    #[arg(long = "type", value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) predicate_type: Option<String>,
    /// That arrived at or after this instant.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// That arrived before this instant.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ListAttestationsArguments {
    #[command(flatten)]
    pub(crate) which: WhichOptions,
    /// Whose certificate has this as its first name, exactly.
    #[arg(long, value_name = "SIGNER", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) signer: Option<String>,
    /// Whose certificate names this identity provider, exactly.
    #[arg(long, value_name = "ISSUER", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) issuer: Option<String>,
    /// Whose certificate holds the key with this id, or whose signatures hint at this text.
    #[arg(long, value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) key: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) limit: u32,
    /// Those after this arrival: where the list before ended.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) after: u64,
    /// Every document, also further ones of an attestation that is listed already.
    #[arg(long)]
    pub(crate) documents: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArguments {
    /// The attestation: an id, the beginning of one, or a file.
    #[arg(value_name = "X", required_unless_present_any = ["attestation", "all"], conflicts_with = "all")]
    pub(crate) x: Option<PathBuf>,
    /// The attestation, by name.
    #[arg(long, value_name = "X", conflicts_with_all = ["x", "all"])]
    pub(crate) attestation: Option<PathBuf>,
    /// Every document of the store.
    #[arg(long, requires = "out")]
    pub(crate) all: bool,
    /// Where to: a file; with --all a directory, or a file whose name ends in .jsonl. Else standard output.
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "image")]
    pub(crate) out: Option<PathBuf>,
    /// Attach it to this image: in a registry, HOST/NAME:TAG or HOST/NAME@sha256:HEX, or in the directory of an OCI image layout. The
    /// attestation may then also be a file.
    #[arg(long, value_name = "REF|DIR", conflicts_with = "all", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) image: Option<String>,
    #[command(flatten)]
    pub(crate) registry: ImageOptions,
}

impl ExportArguments {
    pub(crate) fn selector(&self) -> Option<&PathBuf> {
        self.attestation.as_ref().or(self.x.as_ref())
    }
}

#[derive(Args, Debug)]
pub(crate) struct EventsArguments {
    /// Only events of these kinds: error, import, signing, trust-change, verification; with commas, or said several times.
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub(crate) filter: Vec<KindName>,
    /// Only events at least as bad as this.
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) level: Option<LevelName>,
    /// Only events of the last so much time, such as 30m or 7d.
    #[arg(long, value_name = "DURATION", conflicts_with = "since")]
    pub(crate) last: Option<String>,
    /// Only events at or after this instant.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only events before this instant.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only events about this attestation.
    #[arg(long, value_name = "X")]
    pub(crate) attestation: Option<PathBuf>,
    /// Only events with this code, such as x509.expired.
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// At most so many, the latest of those that fit.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) limit: u32,
    /// Go on printing events as they are written, until interrupted.
    #[arg(long, conflicts_with_all = ["until", "prune"])]
    pub(crate) follow: bool,
    /// Remove what the settings journal.keep_days and journal.keep_events do not keep, and print how much that was.
    #[arg(long, conflicts_with_all = ["filter", "level", "last", "since", "until", "attestation", "code"])]
    pub(crate) prune: bool,
}

/// Kinds of events.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum KindName {
    Error,
    Import,
    Signing,
    TrustChange,
    Verification,
}

/// How bad an event is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum LevelName {
    Info,
    #[value(alias = "warn")]
    Warning,
    Error,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyAllArguments {
    #[command(flatten)]
    pub(crate) which: WhichOptions,
    /// Judge only what a change of trust since its latest report can touch, as of the instant of that report, and what has none under this policy.
    #[arg(long, conflicts_with = "join")]
    pub(crate) changed: bool,
    /// How many threads judge; else as many as there are cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// How long a share of the work stays with a worker that is not heard of.
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub(crate) lease: String,
    /// Help with a run that somebody started: its id, as it is printed at the beginning. Trust and policy must be the same; which attestations are
    /// judged, and as of which instant, was said at its start. What the others found is believed: they can write to the store.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["subject", "predicate_type", "since", "until"])]
    pub(crate) join: Option<String>,
    /// The most attestations in one share.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) share: u32,
    #[command(flatten)]
    pub(crate) memo: MemoOptions,
    #[command(flatten)]
    pub(crate) signer: SignerOptions,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
}
