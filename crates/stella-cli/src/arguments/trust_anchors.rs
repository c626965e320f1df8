//! `stella trust-anchors …`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use crate::arguments::{ChangeOptions, FormOptions};

#[derive(Debug, Subcommand)]
pub(crate) enum TrustAnchorsCommand {
    /// List anchors, intermediates, keys and trusted roots, and mark what ends within 30 and 7 days.
    #[command(
        after_help = "Examples:\n  stella trust-anchors list\n  stella trust-anchors list --kind key -o json\n  \
                            stella trust-anchors list --trust-at 2026-01-17T09:00:00Z"
    )]
    List(ListArguments),
    /// Trust the certificate of an authority: paths may end at it, within the limits that are set here.
    #[command(after_help = "Examples:\n  stella trust-anchors add --cert root.pem --name release-root\n  \
        stella trust-anchors add --cert root.pem --identity 'https://ci.example/*' \\\n      \
        --predicate-type https://slsa.dev/provenance/v1 --until 2027-01-01T00:00:00Z --dry-run")]
    Add(Box<AddArguments>),
    /// Add a certificate that helps to find paths. It gives no trust.
    #[command(after_help = "Example:\n  stella trust-anchors add-intermediate --cert issuing.pem")]
    AddIntermediate(Box<AddIntermediateArguments>),
    /// Trust a public key: PEM, JWK, cosign.pub, or an OpenSSH line.
    #[command(after_help = "Examples:\n  \
        stella trust-anchors add-key --key release.pub --expires 2027-01-01T00:00:00Z\n  \
        stella trust-anchors add-key --key old.pub --from 2024-01-01T00:00:00Z \\\n      \
        --expires 2026-01-01T00:00:00Z --reason \"rotated; older signatures stay good\"\n\n\
        A window may lie in the past: then only signatures verify that are proven to be from within it.")]
    AddKey(Box<AddKeyArguments>),
    /// Show all that is known of one.
    #[command(
        after_help = "Examples:\n  stella trust-anchors show release-root\n  stella trust-anchors show sha256:0a1b2c3d -o json"
    )]
    Show(ShowAnchorArguments),
    /// Change label, window or limits. What is given takes the place of what was there.
    #[command(after_help = "Examples:\n  stella trust-anchors change release-root --until 2027-01-01T00:00:00Z\n  \
        stella trust-anchors change release-root --clear predicate-type --reason \"all types from now on\"")]
    Change(Box<ChangeAnchorArguments>),
    /// Take one out of use. It stays known, and can be reinstated.
    #[command(
        after_help = "Example:\n  stella trust-anchors remove release-root --reason \"replaced by release-root-2\""
    )]
    Remove(ReasonedArguments),
    /// Revoke one: from some instant on, or, if it was compromised, altogether.
    #[command(after_help = "Examples:\n  stella trust-anchors revoke release-key --reason \"laptop stolen\"\n  \
        stella trust-anchors revoke release-key --cause superseded --reason \"rotated\"\n  \
        stella trust-anchors revoke release-key --cause compromised \\\n      \
        --compromised-since 2026-01-10T00:00:00Z --reason INC-4711")]
    Revoke(Box<RevokeArguments>),
    /// Let one count again that was removed or revoked.
    #[command(after_help = "Example:\n  stella trust-anchors reinstate release-root --reason \"removed by mistake\"")]
    Reinstate(ReasonedArguments),
    /// Import what others trust: Sigstore trusted roots, PEM bundles, cosign keys, the trust store of Notation.
    #[command(
        after_help = "Examples:\n  stella trust-anchors import --trusted-root trusted_root.json --name our-sigstore\n  \
        stella trust-anchors import --built-in\n  \
        stella trust-anchors import --pem roots.pem --identity 'https://ci.example/*' --dry-run\n  \
        stella trust-anchors import --cosign-key cosign.pub --name release --until 2027-01-01T00:00:00Z\n  \
        stella trust-anchors import --notation ~/.config/notation\n\n\
        What cannot be said here is refused, or left out with a warning; nothing gets fewer limits than it had."
    )]
    Import(Box<ImportArguments>),
}

/// What `stella trust-anchors` is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum AnchorKind {
    Anchor,
    Intermediate,
    Key,
    TrustedRoot,
}

#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// Only these kinds.
    #[arg(long, value_enum)]
    pub(crate) kind: Vec<AnchorKind>,
    /// Only what ends within this time, such as 7d, or has ended.
    #[arg(long, value_name = "DURATION")]
    pub(crate) expiring_within: Option<String>,
}

/// What something is trusted for.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ScopeOptions {
    /// A predicate type that it may attest; may be said several times, and so may the others.
    #[arg(long, value_name = "URI", help_heading = "Limits")]
    pub(crate) predicate_type: Vec<String>,
    /// A pattern of identities that may have signed; * stands for any characters.
    #[arg(long, value_name = "PATTERN", help_heading = "Limits")]
    pub(crate) identity: Vec<String>,
    /// A pattern of identity providers that may have vouched.
    #[arg(long, value_name = "PATTERN", help_heading = "Limits")]
    pub(crate) oidc_issuer: Vec<String>,
    /// A pattern of package URLs of artifacts, such as pkg:oci/example/*.
    #[arg(long, value_name = "PATTERN", help_heading = "Limits")]
    pub(crate) purl: Vec<String>,
    /// An extended key usage that the signer's certificate must have, dotted decimal.
    #[arg(long, value_name = "OID", help_heading = "Limits")]
    pub(crate) eku: Vec<String>,
    /// A name that the signer's certificate may have, such as dns:example.org.
    #[arg(long, value_name = "KIND:NAME", help_heading = "Limits")]
    pub(crate) name_constraint: Vec<String>,
    /// A name that it may not have.
    #[arg(long, value_name = "KIND:NAME", help_heading = "Limits")]
    pub(crate) exclude_name: Vec<String>,
    /// The most certificates between it and the signer.
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(crate) max_path_length: Option<u32>,
    /// A signature algorithm that may be used, such as ecdsa-p256-sha256.
    #[arg(long, value_name = "NAME", help_heading = "Limits")]
    pub(crate) algorithm: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct AddArguments {
    /// The certificate (PEM or DER).
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,
    /// Its id, in small letters; else made of its subject.
    #[arg(long, value_name = "ID")]
    pub(crate) name: Option<String>,
    /// What people call it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    #[command(flatten)]
    pub(crate) scope: ScopeOptions,
    /// Trusted from this instant on.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) from: Option<String>,
    /// Trusted until this instant, which is outside.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) until: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct AddIntermediateArguments {
    /// The certificate (PEM or DER).
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,
    /// Its id, in small letters; else made of its subject.
    #[arg(long, value_name = "ID")]
    pub(crate) name: Option<String>,
    /// What people call it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

/// How the ECDSA signatures of a key are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Encoding {
    /// ASN.1, as nearly everybody does.
    Der,
    /// Two numbers of fixed width, as in JWS.
    Fixed,
}

#[derive(Args, Debug)]
pub(crate) struct AddKeyArguments {
    /// The public key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The instant from which on it may not have signed any more, with its zone: 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME", visible_alias = "until")]
    pub(crate) expires: String,
    /// The instant from which on it may have signed.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// The issuer whose key it is; it counts only while that issuer is trusted.
    #[arg(long, value_name = "ID")]
    pub(crate) issuer: Option<String>,
    /// Its id, in small letters; else made of its key id.
    #[arg(long, value_name = "ID")]
    pub(crate) name: Option<String>,
    /// What people call it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    /// The name that envelopes use for it. Finds the key, and proves nothing.
    #[arg(long, value_name = "TEXT")]
    pub(crate) hint: Option<String>,
    /// How its ECDSA signatures are written.
    #[arg(long, value_enum, default_value = "der")]
    pub(crate) encoding: Encoding,
    #[command(flatten)]
    pub(crate) scope: ScopeOptions,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct ShowAnchorArguments {
    /// An id, a key id or fingerprint, or a unique beginning of one.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Args, Debug)]
pub(crate) struct ChangeAnchorArguments {
    /// An id, a key id or fingerprint, or a unique beginning of one.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// What people call it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    #[command(flatten)]
    pub(crate) scope: ScopeOptions,
    /// Trusted from this instant on.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) from: Option<String>,
    /// Trusted until this instant, which is outside.
    #[arg(long, value_name = "TIME", visible_alias = "expires", help_heading = "Limits")]
    pub(crate) until: Option<String>,
    /// Of a key: the issuer whose key it is.
    #[arg(long, value_name = "ID")]
    pub(crate) issuer: Option<String>,
    /// Of a key: the name that envelopes use for it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) hint: Option<String>,
    /// Of a key: how its ECDSA signatures are written.
    #[arg(long, value_enum)]
    pub(crate) encoding: Option<Encoding>,
    /// A limit or name to take away altogether: one of the options above, such as predicate-type or until.
    #[arg(long, value_name = "OPTION")]
    pub(crate) clear: Vec<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct ReasonedArguments {
    /// An id, a key id or fingerprint, or a unique beginning of one.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

/// Why something is revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Cause {
    /// Its owner has stopped working; signatures from before stay good.
    Ceased,
    /// Somebody else may have used it; signatures from before are bad, too.
    Compromised,
    /// Another one took its place; signatures from before stay good.
    Superseded,
    /// Nobody said; judged like a compromise.
    Unspecified,
}

#[derive(Args, Debug)]
pub(crate) struct RevokeArguments {
    /// An id, a key id or fingerprint, or a unique beginning of one.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Why, in one word. Without it: compromised if --compromised-since is given, else unspecified.
    #[arg(long, value_enum)]
    pub(crate) cause: Option<Cause>,
    /// From when on somebody else may have used it. A policy can accept what is proven to be older.
    #[arg(long, value_name = "TIME")]
    pub(crate) compromised_since: Option<String>,
    /// From when on it counts for nothing; else from now on.
    #[arg(long, value_name = "TIME")]
    pub(crate) revoked_at: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("form").required(true).multiple(true).args(["trusted_root", "built_in", "pem", "cosign_key", "notation"])))]
pub(crate) struct ImportArguments {
    /// A Sigstore trusted root (trusted_root.json).
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Vec<PathBuf>,
    /// The trusted roots that are part of this program.
    #[arg(long)]
    pub(crate) built_in: bool,
    #[command(flatten)]
    pub(crate) forms: FormOptions,
    /// Its id, in small letters; else made of its digest.
    #[arg(long, value_name = "ID")]
    pub(crate) name: Option<String>,
    /// What people call it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}
