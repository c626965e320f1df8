//! `stella verify …`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, Subcommand};

use crate::arguments::VerifyAllArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    /// Verify one attestation: verdict, signer, trusted time, subject, every check; on a refusal the cause and what mends it.
    #[command(after_help = "Examples:\n  \
        stella verify attestation --attestation bundle.json --artifact app.tar.gz \\\n      --identity SIGNER --issuer ISSUER\n  \
        stella verify attestation --attestation envelope.json --key signer.pub --digest sha256:HEX\n  \
        stella verify attestation --image images:v1 --key signer.pub\n  \
        stella verify attestation --attestation envelope.json --anchor root.pem \\\n      --intermediate issuing.pem -o json")]
    Attestation(Box<AttestationArguments>),
    /// Find the path from a certificate to a trust anchor: the one found, and where every other broke.
    #[command(after_help = "Examples:\n  stella verify cert-chain --attestation bundle.json\n  \
        stella verify cert-chain --cert leaf.pem --intermediate issuing.pem --anchor root.pem \\\n      --at 2026-01-17T09:00:00Z\n  \
        stella verify cert-chain --cert leaf.pem --intermediate issuing.pem --anchor root.pem \\\n      --crl issuing.crl root.crl --ocsp leaf.ocsp --svg paths.svg")]
    CertChain(Box<ChainArguments>),
    /// Show the validity of a signing certificate: its window, the time left, and whether a trusted time lies inside.
    #[command(after_help = "Examples:\n  stella verify cert --attestation bundle.json --show-expiry\n  \
        stella verify cert --cert leaf.pem --show-expiry --at 2026-01-17T09:00:00Z")]
    Cert(Box<CertificateArguments>),
    /// Verify an artifact against attestations: a verdict for each, and one over all.
    #[command(after_help = "Examples:\n  \
        stella verify artifact --artifact app.tar.gz --attestation a.json b.json \\\n      --identity SIGNER --issuer ISSUER\n  \
        stella verify artifact --digest sha256:HEX --attestation all.jsonl --key signer.pub \\\n      \
        --require https://slsa.dev/provenance/v1\n\n\
        Verified (exit status 0) only if at least one attestation verifies and each required type is among those that do.")]
    Artifact(Box<ArtifactArguments>),
    /// Verify every attestation of the store, in parallel, and keep the reports.
    #[command(
        after_help = "Examples:\n  stella verify all\n  stella verify all --since 2026-01-01T00:00:00Z --jobs 4\n  \
        stella verify all --changed\n  stella verify all --join 0123456789abcdef0123456789abcdef\n\n\
        Exit status 0 only if all are verified. The work is done in shares: other processes, on other machines with a store\n\
        in PostgreSQL, help with --join, and what a worker leaves behind that was killed is taken over."
    )]
    All(Box<VerifyAllArguments>),
}

/// Which attestation, in the commands that judge one.
#[derive(Args, Debug)]
pub(crate) struct AttestationArguments {
    /// The attestation: an id, the beginning of one, a file, or - for standard input.
    #[arg(value_name = "X", required_unless_present_any = ["attestation", "image"])]
    pub(crate) x: Option<PathBuf>,
    /// The attestation, by name. With --image and without either, every attestation that is attached to the image there.
    #[arg(long, value_name = "X", conflicts_with = "x")]
    pub(crate) attestation: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) artifact: ArtifactOptions,
    #[command(flatten)]
    pub(crate) signer: SignerOptions,
    /// The predicate type that the statement must have; said several times, one of them.
    #[arg(long, value_name = "URI", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) predicate_type: Vec<String>,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    /// On a refusal, also print the reference page of its code.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) memo: MemoOptions,
}

impl AttestationArguments {
    pub(crate) fn selector(&self) -> Option<&PathBuf> {
        self.attestation.as_ref().or(self.x.as_ref())
    }
}

/// Whether signatures that were found good before are computed again.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct MemoOptions {
    /// Compute every signature, also those that the store remembers as good.
    #[arg(long)]
    pub(crate) no_memo: bool,
}

/// The artifact that a statement must be about.
#[derive(Args, Debug)]
pub(crate) struct ArtifactOptions {
    /// The artifact, read once as a stream, of any size; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) artifact: Option<PathBuf>,
    /// The artifact by its digest, such as sha256:HEX.
    #[arg(long, value_name = "DIGEST")]
    pub(crate) digest: Option<String>,
    /// The artifact is an image in the directory of an OCI image layout: DIR, DIR:TAG or DIR@sha256:HEX. Its digest is that of its manifest.
    /// For one in a registry, stella attest import --image first.
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["artifact", "digest"],
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) image: Option<String>,
}

/// Who may have signed.
#[derive(Args, Debug, Default)]
pub(crate) struct SignerOptions {
    /// The identity that the signing certificate must hold: an e-mail address, URI or DNS name, compared exactly.
    #[arg(long, value_name = "SIGNER", value_parser = NonEmptyStringValueParser::new(), help_heading = "Signer")]
    pub(crate) identity: Option<String>,
    /// The identity provider that must have vouched for the identity, compared exactly.
    #[arg(
        long,
        value_name = "ISSUER",
        value_parser = NonEmptyStringValueParser::new(),
        requires = "identity",
        help_heading = "Signer"
    )]
    pub(crate) issuer: Option<String>,
    /// The public key (PEM, JWK or OpenSSH) that must have signed. Giving it here trusts it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["identity", "issuer"], help_heading = "Signer")]
    pub(crate) key: Option<PathBuf>,
    /// A policy (TOML) that says who may sign, and what else is asked for. Without any of these options, policies/default.toml in the home, if there is a
    /// store.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["identity", "issuer", "key"], help_heading = "Signer")]
    pub(crate) policy: Option<PathBuf>,
}

/// Whom to trust, for this one command.
#[derive(Args, Debug, Default)]
pub(crate) struct TrustOptions {
    /// A Sigstore trusted root, in place of the ones that are built in.
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Trust")]
    pub(crate) trusted_root: Vec<PathBuf>,
    /// Certificates (PEM or DER) of a private authority to trust.
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Trust")]
    pub(crate) anchor: Vec<PathBuf>,
    /// Certificates (PEM or DER) that help to find a path and give no trust.
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Trust")]
    pub(crate) intermediate: Vec<PathBuf>,
}

/// What the path is held to, beside trust and time.
#[derive(Args, Debug)]
pub(crate) struct PathOptions {
    /// What the leaf must be good for: code-signing, time-stamping, server-auth, client-auth, any, or an object identifier. Without it, what the leaf
    /// says: time-stamping if it is for that, else code-signing.
    #[arg(long, value_name = "PURPOSE", value_parser = NonEmptyStringValueParser::new(), help_heading = "Path")]
    pub(crate) purpose: Option<String>,
    /// A certificate policy (object identifier) that the path must be valid for; said several times, one of them.
    #[arg(long, value_name = "OID", value_parser = NonEmptyStringValueParser::new(), num_args = 1.., help_heading = "Path")]
    pub(crate) policy_oid: Vec<String>,
    /// Revocation lists (PEM or DER). With a list or a response given, every certificate below the anchor needs one that says it is not revoked.
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Revocation")]
    pub(crate) crl: Vec<PathBuf>,
    /// OCSP responses (DER), stapled or asked for before.
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Revocation")]
    pub(crate) ocsp: Vec<PathBuf>,
    /// Let certificates pass of which no list or response says anything.
    #[arg(long, help_heading = "Revocation")]
    pub(crate) allow_unknown_revocation: bool,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("what").required(true).args(["attestation", "cert"])))]
pub(crate) struct ChainArguments {
    /// The attestation whose certificate is meant: an id, the beginning of one, a file, or - for standard input.
    #[arg(long, value_name = "X")]
    pub(crate) attestation: Option<PathBuf>,
    /// The certificate (PEM or DER), the leaf first; further ones are used as intermediates.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) cert: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    #[command(flatten)]
    pub(crate) path: PathOptions,
    /// Also write the paths as a graph in the language of Graphviz.
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub(crate) dot: Option<PathBuf>,
    /// Also write the paths as a picture in SVG, with the validity of each certificate.
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub(crate) svg: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("what").required(true).args(["attestation", "cert"])))]
pub(crate) struct CertificateArguments {
    /// The attestation whose certificate is meant: an id, the beginning of one, a file, or - for standard input.
    #[arg(long, value_name = "X")]
    pub(crate) attestation: Option<PathBuf>,
    /// The certificate (PEM or DER).
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// Show the time left, and with an attestation whether a trusted time lies inside the validity.
    #[arg(long)]
    pub(crate) show_expiry: bool,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
}

#[derive(Args, Debug)]
pub(crate) struct ArtifactArguments {
    #[command(flatten)]
    pub(crate) artifact: ArtifactOptions,
    /// Files with attestations: one each, or JSON Lines; - for standard input; or ids. Without them, every attestation of the store that is about the artifact, or with --image those that are attached to it.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) attestation: Vec<PathBuf>,
    /// A predicate type that one of the verified attestations must have; may be said several times.
    #[arg(long, value_name = "TYPE", value_parser = NonEmptyStringValueParser::new(), num_args = 1..)]
    pub(crate) require: Vec<String>,
    #[command(flatten)]
    pub(crate) signer: SignerOptions,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    #[command(flatten)]
    pub(crate) memo: MemoOptions,
}
