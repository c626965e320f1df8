//! What can be typed: the commands, their options, and the help that goes with them.

mod approvals;
mod attest;
mod change;
mod config;
mod doctor;
mod everywhere;
mod exchange;
mod init;
mod issuer;
mod kept;
mod keys;
mod signing;
mod store;
mod trust;
mod trust_anchors;
mod verify;

pub(crate) use approvals::{
    AddApproverArguments, ApprovalsCommand, ApproveArguments, ApproversCommand, ExecuteArguments,
    ListApprovalsArguments, QuorumArguments, RejectArguments, RemoveApproverArguments, RevokeApproverArguments,
    ShowApprovalArguments, SignArguments,
};
pub(crate) use attest::{AttestCommand, ShowArguments};
pub(crate) use change::ChangeOptions;
pub(crate) use config::{ConfigCommand, ConfigGetArguments, ConfigSetArguments};
pub(crate) use doctor::{
    DiagnoseArguments, DoctorArguments, DoctorCommand, ExamineArguments, ExportDoctorArguments, ForecastArguments,
};
pub(crate) use everywhere::{Document, Everywhere, Format};
pub(crate) use exchange::{ExportTrustArguments, FormOptions, ImportTrustArguments};
pub(crate) use init::InitArguments;
pub(crate) use issuer::{
    AddIssuerArguments, DiscardKeysArguments, DistrustIssuerArguments, FetchKeysArguments, IssuerCommand,
    IssuerKeysCommand, PromoteKeysArguments, ShowIssuerArguments, TierName, TrustIssuerArguments,
};
pub(crate) use kept::{
    EventsArguments, ExportArguments, ImageOptions, ImportArguments as ImportAttestationsArguments, KindName,
    LevelName, ListAttestationsArguments, VerifyAllArguments, WhichOptions,
};
pub(crate) use keys::{
    AddKeyToRingArguments, GenerateKeyArguments, KeysCommand, ListKeysArguments, NamedKeyArguments, RevokeKeyArguments,
    RotationHistoryArguments, ShowKeyArguments, VerifyKeyArguments,
};
pub(crate) use signing::{CreateArguments, IntegrityArguments, ResignArguments, SigningKeyOptions, TestSignArguments};
pub(crate) use store::{
    CheckStoreArguments, CopyStoreArguments, EndEmergencyArguments, RestoreArguments, StoreCommand,
};
pub(crate) use trust::{BisectArguments, DiffArguments, LintArguments, LogArguments, PlanArguments, TrustCommand};
pub(crate) use trust_anchors::{
    AddArguments, AddIntermediateArguments, AddKeyArguments, AnchorKind, Cause, ChangeAnchorArguments, Encoding,
    ImportArguments, ListArguments, ReasonedArguments, RevokeArguments, ScopeOptions, ShowAnchorArguments,
    TrustAnchorsCommand,
};
pub(crate) use verify::{
    ArtifactArguments, ArtifactOptions, AttestationArguments, CertificateArguments, ChainArguments, MemoOptions,
    PathOptions, SignerOptions, TrustOptions, VerifyCommand,
};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Verify attestations offline, and see why.
#[derive(Debug, Parser)]
#[command(
    name = "stella",
    version,
    max_term_width = 110,
    after_long_help = "Exit status: 0 verified or done · 1 rejected · 2 usage or unusable input · 3 others have to agree, or may \
                       not · 4 not found · 5 a fetch failed · 6 could not decide, or output failed · 10 try again · \
                       70 internal error.\n\n\
                       Examples:\n  \
                       stella verify attestation --attestation bundle.json --artifact app.tar.gz \\\n      \
                       --identity https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1 \\\n      \
                       --issuer https://token.actions.githubusercontent.com\n  \
                       stella attest show bundle.json --details\n  \
                       stella explain x509.expired"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge attestations, certificate paths and validity windows.
    #[command(subcommand, arg_required_else_help = true)]
    Verify(VerifyCommand),
    /// Attestations: take them in, find them, look at them, and see what became of them.
    #[command(subcommand, arg_required_else_help = true)]
    Attest(AttestCommand),
    /// Make a home with a trust store in it.
    #[command(
        after_help = "Examples:\n  stella init\n  stella init --name release-team --approver alice=alice.pub --approver bob=bob.pub"
    )]
    Init(InitArguments),
    /// Certificates, keys and trusted roots: what is trusted, for what, and until when.
    #[command(subcommand, arg_required_else_help = true)]
    TrustAnchors(TrustAnchorsCommand),
    /// The trust log: what was trusted when and why, what a change would do, and what changed a verdict.
    #[command(subcommand, arg_required_else_help = true)]
    Trust(TrustCommand),
    /// Changes of trust that wait for others to agree.
    #[command(subcommand, arg_required_else_help = true)]
    Approvals(ApprovalsCommand),
    /// Who may approve changes of trust, and how many of them have to agree.
    #[command(subcommand, arg_required_else_help = true)]
    Approvers(ApproversCommand),
    /// Issuers of attestations: whether they are trusted, and their keys.
    #[command(subcommand, arg_required_else_help = true)]
    Issuer(IssuerCommand),
    /// Signing keys of the home, and public keys of the store.
    #[command(subcommand, arg_required_else_help = true)]
    Keys(KeysCommand),
    /// The store as a whole: trust log and attestations.
    #[command(subcommand, arg_required_else_help = true)]
    Store(StoreCommand),
    /// Settings, and where they come from.
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// What this build can compute.
    #[command(subcommand, arg_required_else_help = true)]
    Crypto(CryptoCommand),
    /// Ask checks how things are: what is wrong, since when, why, and what to type.
    #[command(
        after_help = "Examples:\n  stella doctor\n  stella doctor --check check.attestor.verification-health\n  \
                      stella doctor --category crypto --quick -o json\n  stella doctor -o html > doctor.html\n  stella doctor --list\n\n\
                      Forms of output besides those of every command: html, junit, markdown, sarif.\n\
                      Exit status 1 if a check of severity fail failed, 6 if a store could not be read, 4 if there was nothing to look at."
    )]
    Doctor(Box<DoctorArguments>),
    /// Print the state of the journal, the keys and the checks as metrics: -o prometheus for the text form of OpenMetrics.
    #[command(after_help = "Example:\n  stella metrics -o prometheus > /var/lib/prometheus/node-exporter/stella.prom")]
    Metrics,
    /// Explain a code: what it means, what usually causes it, and what helps. Works offline.
    #[command(
        after_help = "Examples:\n  stella explain x509.expired\n  stella explain tlog      every code of a family\n  \
                            stella explain           every code"
    )]
    Explain(ExplainArguments),
    /// Run the published answers for each algorithm through every provider of this build.
    #[command(after_help = "Example:\n  stella self-test -q")]
    SelfTest,
    /// Version, providers, limits, and the trust that is built in.
    Version,
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  stella completions bash > /etc/bash_completion.d/stella")]
    Completions(CompletionArguments),
    /// Write a manual page for every command into a directory.
    #[command(after_help = "Example:\n  stella man ./man1")]
    Man(ManArguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum CryptoCommand {
    /// Which algorithms are permitted.
    #[command(subcommand, arg_required_else_help = true)]
    Profile(ProfileCommand),
    /// Providers of cryptography.
    #[command(subcommand, arg_required_else_help = true)]
    Providers(ProvidersCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Show what a profile permits: the one in force, or another.
    #[command(after_help = "Examples:\n  stella crypto profile show\n  stella crypto profile show fips")]
    Show(ShowProfileArguments),
    /// Put a profile in force, for verifying and for signing.
    #[command(after_help = "Example:\n  stella crypto profile set fips")]
    Set(NamedProfileArguments),
    /// Say what stands against a profile: algorithms that nobody computes, and signing keys that it does not permit.
    #[command(after_help = "Example:\n  stella crypto profile verify eidas")]
    Verify(NamedProfileArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ShowProfileArguments {
    /// international, fips, eidas, gost or sm.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct NamedProfileArguments {
    /// international, fips, eidas, gost or sm.
    #[arg(value_name = "NAME", required_unless_present = "profile")]
    positional: Option<String>,
    /// The same, by name.
    #[arg(long, value_name = "NAME", conflicts_with = "positional")]
    profile: Option<String>,
}

impl NamedProfileArguments {
    pub(crate) fn name(&self) -> &str {
        self.profile.as_deref().or(self.positional.as_deref()).unwrap_or_default()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// List the providers: name, version, status.
    #[command(after_help = "Example:\n  stella crypto providers list --algorithms")]
    List(ProviderListArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ProviderListArguments {
    /// Also list each algorithm: whether it can verify and sign, and whether it is permitted.
    #[arg(long)]
    pub(crate) algorithms: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// A code such as x509.expired, or a family such as x509; without one, every code is listed.
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionArguments {
    /// The shell to complete for.
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(crate) struct ManArguments {
    /// The directory to write to; made if it is not there.
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_declaration_of_arguments_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
