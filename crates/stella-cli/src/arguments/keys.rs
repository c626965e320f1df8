//! `stella keys …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::key_ring::Status;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Add a key that is in a token to the signing keys of the home.
    #[command(after_help = "Example:\n  \
        stella keys add --name release-2027 --key 'pkcs11:token=release;object=2027?module-path=/usr/lib/softhsm/libsofthsm2.so' --expires 2028-01-01T00:00:00Z")]
    Add(AddKeyToRingArguments),
    /// Make a signing key: in the home, or in a token.
    #[command(after_help = "Examples:\n  \
        stella keys generate --algorithm ecdsa-p256 --validity 365d --name release-2027 --activate\n  \
        stella keys generate --algorithm ed25519 --validity 90d --name nightly --passphrase-file FILE\n  \
        stella keys generate --algorithm rsa-pss-sha256 --validity 365d --name hsm-2027 --pkcs11 'pkcs11:token=release'\n\n\
        The private key is kept as encrypted PKCS#8 that only you can read, or never leaves its token. What it signs counts for those who trust it:\n  \
        stella keys show release-2027 --public > release.pub && stella trust-anchors add-key --key release.pub --expires TIME")]
    Generate(GenerateKeyArguments),
    /// List the signing keys of the home.
    #[command(
        after_help = "Examples:\n  stella keys list --type signing --status active\n  stella keys list --expiring-within 7d"
    )]
    List(ListKeysArguments),
    /// Show a public key: of the home, or of the trust store.
    #[command(
        after_help = "Examples:\n  stella keys show release-key --public > release.pub\n  stella keys show sha256:0a1b2c3d --details"
    )]
    Show(ShowKeyArguments),
    /// Use a signing key: sign something, and verify it.
    #[command(after_help = "Example:\n  stella keys verify release-2027 --operation sign")]
    Verify(VerifyKeyArguments),
    /// Let a signing key sign from now on, where no other is named.
    #[command(after_help = "Example:\n  stella keys activate release-2027")]
    Activate(NamedKeyArguments),
    /// Which key followed which.
    #[command(after_help = "Example:\n  stella keys rotation-history release-2027")]
    RotationHistory(RotationHistoryArguments),
    /// Revoke a signing key: it signs nothing any more. Trust in what it has signed is taken back in the trust store.
    #[command(after_help = "Example:\n  stella keys revoke release-2026 --reason \"the laptop was stolen\"\n  \
                            stella trust-anchors revoke release-2026 --compromised-since TIME --reason TEXT")]
    Revoke(RevokeKeyArguments),
}

#[derive(Args, Debug)]
pub(crate) struct GenerateKeyArguments {
    /// ecdsa-p256, ecdsa-p384, ecdsa-p521 or ed25519; or a full name of `crypto providers list --algorithms`. RSA is made in tokens only.
    #[arg(long, value_name = "NAME")]
    pub(crate) algorithm: String,
    /// Make it in the token that this PKCS#11 URI names (RFC 7512); object= says what it is called there, else as --name does.
    #[arg(long, value_name = "URI", conflicts_with = "no_passphrase")]
    pub(crate) pkcs11: Option<String>,
    /// For how long it signs from now on, such as 365d.
    #[arg(long, value_name = "DURATION")]
    pub(crate) validity: String,
    /// What it is called.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// What it is for.
    #[arg(long = "type", value_name = "TYPE", default_value = "signing")]
    pub(crate) kind: KeyType,
    /// The passphrase of the new key (else STELLA_KEY_PASSPHRASE) or the PIN of its token (else STELLA_PKCS11_PIN), in a file that only you can read;
    /// else it is asked for.
    #[arg(long, value_name = "FILE", conflicts_with = "no_passphrase")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Encrypt nothing: only the permissions of the file keep others from the key.
    #[arg(long)]
    pub(crate) no_passphrase: bool,
    /// Also let it sign from now on.
    #[arg(long)]
    pub(crate) activate: bool,
}

#[derive(Args, Debug)]
pub(crate) struct AddKeyToRingArguments {
    /// What it is called here.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The PKCS#11 URI of the private key (RFC 7512). A PIN is never part of it.
    #[arg(long, value_name = "URI")]
    pub(crate) key: String,
    /// The first instant at which it signs no more.
    #[arg(long, value_name = "TIME", required_unless_present = "validity", conflicts_with = "validity")]
    pub(crate) expires: Option<String>,
    /// For how long it signs from now on, such as 365d.
    #[arg(long, value_name = "DURATION")]
    pub(crate) validity: Option<String>,
    /// What it signs by, if not by the usual algorithm of its type.
    #[arg(long, value_name = "NAME")]
    pub(crate) algorithm: Option<String>,
    /// The PIN of the token, in a file that only you can read; else STELLA_PKCS11_PIN, else pin-source in the URI, else it is asked for.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Also let it sign from now on.
    #[arg(long)]
    pub(crate) activate: bool,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum KeyType {
    /// Signs attestations.
    Signing,
}

#[derive(Args, Debug)]
pub(crate) struct ListKeysArguments {
    /// Only keys of this type.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<KeyType>,
    /// Only keys with this status.
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<Status>,
    /// Only keys that can sign and whose window ends within this time, such as 7d.
    #[arg(long, value_name = "DURATION")]
    pub(crate) expiring_within: Option<String>,
    /// Show when each ends; it is always shown.
    #[arg(long)]
    pub(crate) show_expiration: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ShowKeyArguments {
    /// An id, a key id, or a unique beginning of one. Also an anchor, intermediate or approver, for its key.
    #[arg(value_name = "KEY-ID")]
    pub(crate) id: String,
    /// Print the key itself, as PEM.
    #[arg(long)]
    pub(crate) public: bool,
    /// Also say what it is trusted for and until when.
    #[arg(long)]
    pub(crate) details: bool,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyKeyArguments {
    /// A name, a key id, or a unique beginning of one; without it, the active key.
    #[arg(value_name = "KEY-ID")]
    pub(crate) id: Option<String>,
    /// What to try.
    #[arg(long, value_name = "OPERATION", default_value = "sign")]
    pub(crate) operation: Operation,
    /// The passphrase of the key (else STELLA_KEY_PASSPHRASE) or the PIN of its token (else STELLA_PKCS11_PIN), in a file that only you can read; else
    /// it is asked for.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// What a key can be tried at.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Operation {
    /// Signing.
    Sign,
}

#[derive(Args, Debug)]
pub(crate) struct NamedKeyArguments {
    /// A name, a key id, or a unique beginning of one.
    #[arg(value_name = "KEY-ID")]
    pub(crate) id: String,
}

#[derive(Args, Debug)]
pub(crate) struct RotationHistoryArguments {
    /// A name, a key id, or a unique beginning of one; without it, the active key.
    #[arg(value_name = "KEY-ID")]
    pub(crate) id: Option<String>,
    /// The same, by name.
    #[arg(long, value_name = "KEY-ID", conflicts_with = "id")]
    pub(crate) key: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct RevokeKeyArguments {
    /// A name, a key id, or a unique beginning of one.
    #[arg(value_name = "KEY-ID")]
    pub(crate) id: String,
    /// Why: one line.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}
