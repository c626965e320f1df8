//! `stella issuer …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::arguments::ChangeOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum IssuerCommand {
    /// List the issuers: whether they are trusted, and what is known of their keys.
    #[command(after_help = "Examples:\n  stella issuer list\n  stella issuer list -o json")]
    List,
    /// Make an issuer known. It is pending until others agree to trust it.
    #[command(after_help = "Examples:\n  \
        stella issuer add acme --name \"ACME Corp.\" --url https://acme.example/.well-known/openid-configuration \\\n      \
        --identity 'https://ci.acme.example/*' --oidc-issuer https://acme.example\n  \
        stella issuer add acme --name \"ACME Corp.\" --tier vendor --weight 70 \\\n      \
        --key acme.pub --expires 2027-01-01T00:00:00Z")]
    Add(Box<AddIssuerArguments>),
    /// Show all that is known of one.
    #[command(after_help = "Examples:\n  stella issuer show acme\n  stella issuer show acme -o json")]
    Show(ShowIssuerArguments),
    /// Whether an issuer is trusted, since when and by whose word, and what is missing.
    #[command(after_help = "Example:\n  stella issuer trust-status acme")]
    TrustStatus(ShowIssuerArguments),
    /// Ask the approvers to trust an issuer. Always a request: nobody does this alone.
    #[command(after_help = "Examples:\n  stella issuer trust acme --reason \"contract 4711 signed\"\n  \
                            stella issuer trust acme --reason \"contract 4711 signed\" --key alice.pem")]
    Trust(TrustIssuerArguments),
    /// Trust an issuer no more, at once. Its keys count for nothing then.
    #[command(
        after_help = "Example:\n  stella issuer distrust acme --reason \"INC-4711: their builder was taken over\""
    )]
    Distrust(DistrustIssuerArguments),
    /// Keys of an issuer: fetch, compare, approve.
    #[command(subcommand, arg_required_else_help = true)]
    Keys(IssuerKeysCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum IssuerKeysCommand {
    /// Fetch the keys that the issuer publishes, and say what is new. They count for nothing before they are approved.
    #[command(after_help = "Examples:\n  stella issuer keys fetch acme\n  \
        stella issuer keys fetch acme --url https://acme.example/keys/old.pem\n\n\
        HTTPS only, of the hosts in the URLs of the issuer, at public addresses; no redirects, at most 15 s and 1 MiB. A JWK set, PEM, \
        or an OpenID Connect discovery document that leads to one.")]
    Fetch(FetchKeysArguments),
    /// List the keys of an issuer: those of the store, and those that were fetched.
    #[command(after_help = "Example:\n  stella issuer keys list acme")]
    List(ShowIssuerArguments),
    /// Add fetched keys to the store. Where others have to agree, one request for each.
    #[command(after_help = "Examples:\n  \
        stella issuer keys promote acme --expires 2027-01-01T00:00:00Z --reason \"compared with the vendor by phone\"\n  \
        stella issuer keys promote acme --select sha256:0a1b2c3d --expires 2027-01-01T00:00:00Z")]
    Promote(PromoteKeysArguments),
    /// Throw fetched keys away.
    #[command(after_help = "Example:\n  stella issuer keys discard acme --reason \"fetched from the wrong host\"")]
    Discard(DiscardKeysArguments),
}

/// What kind of issuer somebody is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum TierName {
    /// Distributes the software of others.
    Distro,
    /// Belongs to the house.
    Internal,
    /// Nothing is known in its favour.
    #[default]
    Untrusted,
    /// Makes the software.
    Vendor,
}

#[derive(Args, Debug)]
pub(crate) struct AddIssuerArguments {
    /// Its id, in small letters.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// What people call it; else its id.
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// What kind of issuer it is.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) tier: TierName,
    /// How much its word weighs, 0 to 100.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) weight: u8,
    /// Where its keys are published: HTTPS. Keys are fetched from the hosts in these URLs and from no other; without --url, `keys fetch`
    /// takes the first.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Vec<String>,
    /// A public key of the issuer.
    #[arg(long, value_name = "FILE", requires = "expires")]
    pub(crate) key: Vec<PathBuf>,
    /// The instant from which on these keys may not have signed any more, with its zone: 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME", requires = "key")]
    pub(crate) expires: Option<String>,
    /// A pattern of identities that its certificates may name; * stands for any characters.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) identity: Vec<String>,
    /// Who vouches for that identity. One for all identities, or one for each, in the same order.
    #[arg(long, value_name = "URL", requires = "identity")]
    pub(crate) oidc_issuer: Vec<String>,
    /// A predicate type that it may attest; may be said several times, and so may the next.
    #[arg(long, value_name = "URI", help_heading = "Limits")]
    pub(crate) predicate_type: Vec<String>,
    /// A pattern of package URLs of artifacts, such as pkg:oci/acme/*.
    #[arg(long, value_name = "PATTERN", help_heading = "Limits")]
    pub(crate) purl: Vec<String>,
    /// Trusted from this instant on, once it is trusted.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) from: Option<String>,
    /// Trusted until this instant, which is outside.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) until: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct ShowIssuerArguments {
    /// The id of the issuer.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Args, Debug)]
pub(crate) struct TrustIssuerArguments {
    /// The id of the issuer.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Your private key as an approver, the same as --approver-key: it signs the request, which counts as your agreement.
    #[arg(long, value_name = "FILE", conflicts_with = "approver_key")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct DistrustIssuerArguments {
    /// The id of the issuer.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct FetchKeysArguments {
    /// The id of the issuer.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Fetch this instead of the first URL of the issuer; of a host in one of its URLs.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only say what is new; stage nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PromoteKeysArguments {
    /// The id of the issuer.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Only the key with this key id, or a beginning of it; may be said several times. Else all that are new.
    #[arg(long, value_name = "KEY-ID")]
    pub(crate) select: Vec<String>,
    /// The instant from which on they may not have signed any more, with its zone: 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME", visible_alias = "until")]
    pub(crate) expires: String,
    /// The instant from which on they may have signed.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct DiscardKeysArguments {
    /// The id of the issuer.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}
