//! `stella trust …`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use crate::arguments::{ArtifactOptions, ExportTrustArguments, ImportTrustArguments, SignerOptions};

#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Show the trust log, or look at every entry of it again.
    #[command(after_help = "Examples:\n  stella trust log\n  stella trust log --object release-root -o json\n  \
        stella trust log --signed-checkpoint > /mnt/elsewhere/checkpoint\n  \
        stella trust log --verify --checkpoint /mnt/elsewhere/checkpoint\n\n\
        Without a checkpoint from outside, --verify cannot see that whoever holds the key of the store has cut off the end of the log or \
        written it anew; it says against what it compared. Exit status 6 with audit.broken (and the first bad entry), audit.truncated or \
        audit.state_mismatch. JSON: stella.trust-log/1.")]
    Log(LogArguments),
    /// Show what is different between two moments of the trust log, and what that accepts.
    #[command(after_help = "Examples:\n  stella trust diff 3 7\n  \
        stella trust diff 2026-01-01T00:00:00Z 2026-02-01T00:00:00Z --attestation bundle.json\n\n\
        JSON: stella.trust-diff/1.")]
    Diff(DiffArguments),
    /// Show what a change of trust would do, without making it: what would newly verify, newly fail, and newly be accepted in principle.
    #[command(after_help = "Examples:\n  stella trust plan -- trust-anchors remove release-root\n  \
        stella trust plan --attestation *.json -- trust-anchors add --cert root.pem\n\n\
        Without --attestation, the attestations of the store: those that the change cannot touch, by their latest reports, are not judged again.
        The same as --dry-run behind the command. Needs no approval and changes nothing. JSON: that of the command, stella.change/1, with a \
        member preview.")]
    Plan(PlanArguments),
    /// Find the entry of the trust log that changed the verdict on an attestation: who, when, why, and who agreed.
    #[command(after_help = "Examples:\n  stella trust bisect --attestation bundle.json\n  \
        stella trust bisect --attestation bundle.json --artifact app.tar.gz --identity SIGNER --issuer ISSUER -o json\n\n\
        The attestation, the policy and the instant that is judged stay the same; only the trust moves. Exit status 0 whatever it finds. \
        JSON: stella.trust-bisect/1.")]
    Bisect(Box<BisectArguments>),
    /// Look for what is odd: trust that is too broad, covered by other trust, for nothing, about to end, or with gaps between keys.
    #[command(after_help = "Examples:\n  stella trust lint\n  stella trust lint --attestation *.json -o json\n\n\
        Exit status 1 if a finding has the severity fail, else 0. JSON: stella.trust-lint/1.")]
    Lint(LintArguments),
    /// Write all that is trusted into one file, signed by the store, for a store that cannot be reached.
    #[command(after_help = "Examples:\n  stella trust export --out trust.json\n\n\
        Anchors, intermediates, keys, issuers and trusted roots, also those out of use. Approvers, requests, fetched keys and emergency changes \
        stay behind.")]
    Export(ExportTrustArguments),
    /// Take in the export of another store: shows what is different, and makes or requests the changes.
    #[command(after_help = "Examples:\n  stella trust import trust.json --key other-store.pub --dry-run\n  \
        stella trust import trust.json --fingerprint sha256:0a1b… --reason \"monthly update\"\n\n\
        Nothing is removed, and what was removed or revoked here does not come back. An export older than one taken in before is refused: \
        the newest is remembered for this user and machine.")]
    Import(Box<ImportTrustArguments>),
}

#[derive(Args, Debug)]
pub(crate) struct LogArguments {
    /// Look at every entry again: its bytes, its place, every signature, the rules of the store, and the state after it.
    #[arg(long)]
    pub(crate) verify: bool,
    /// Also prove that the log continues the one that this checkpoint was signed over. Implies --verify.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Print the signed checkpoint over the log as it is, and nothing else: to be kept elsewhere.
    #[arg(long, conflicts_with_all = ["verify", "checkpoint", "from", "object"])]
    pub(crate) signed_checkpoint: bool,
    /// Only entries from this sequence number on.
    #[arg(long, value_name = "SEQ")]
    pub(crate) from: Option<u64>,
    /// Only entries about this object: an id, KIND/ID, or the fingerprint of a key or certificate.
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) object: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct DiffArguments {
    /// The earlier moment: an instant, or the sequence number of an entry.
    #[arg(value_name = "TIME|SEQ")]
    pub(crate) first: String,
    /// The later moment.
    #[arg(value_name = "TIME|SEQ")]
    pub(crate) second: String,
    /// Attestations to judge under the trust of both moments.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) attestation: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct PlanArguments {
    /// Attestations to judge before and after the change; else those of the store.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) attestation: Vec<PathBuf>,
    /// The command that changes trust, without `stella`.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct BisectArguments {
    /// The attestation: an id, the beginning of one, a file, or - for standard input.
    #[arg(long, value_name = "X")]
    pub(crate) attestation: PathBuf,
    #[command(flatten)]
    pub(crate) artifact: ArtifactOptions,
    #[command(flatten)]
    pub(crate) signer: SignerOptions,
    /// The predicate type that the statement must have; said several times, one of them.
    #[arg(long, value_name = "URI", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) predicate_type: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct LintArguments {
    /// Attestations whose trusted times are held against the windows of keys.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) attestation: Vec<PathBuf>,
}
