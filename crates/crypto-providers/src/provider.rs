//! What a back end of cryptography has to offer.

use alloc::boxed::Box;
use core::fmt;

use crate::{Message, PublicKey, Scheme};

/// A back end that verifies signatures.
///
/// Strictness is not its task: keys were checked when they were read, and [`VerifyingKey`](crate::VerifyingKey)
/// checks signatures before a provider sees them, so that every provider gives the same verdict. What a provider must
/// do is the equation: for Ed25519 the one without cofactor (RFC 8032 §5.1.7), for RSASSA-PKCS1-v1_5 a DigestInfo
/// with NULL, for RSASSA-PSS a salt exactly as long as the hash.
///
/// The work is in two steps because a verifier knows most of its keys beforehand: what depends on the key alone is
/// done once in [`Provider::prepare`].
pub trait Provider: Send + Sync {
    /// A short name, lower case, unique in a registry: `rustcrypto`.
    fn name(&self) -> &str;

    /// The version of the back end, for reports.
    fn version(&self) -> &str;

    /// The schemes it verifies, each once.
    fn schemes(&self) -> &[Scheme];

    /// The schemes it can sign with, each once.
    fn signing_schemes(&self) -> &[Scheme] {
        &[]
    }

    /// Does everything that depends on the key alone. The key permits the scheme, and the scheme is one of
    /// [`Provider::schemes`].
    ///
    /// # Errors
    /// [`ProviderError::Unsupported`] for a key this back end cannot use, [`ProviderError::Failed`] if it broke.
    fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError>;
}

/// A key made ready by a provider, for one scheme.
pub trait PreparedKey: Send + Sync {
    /// Verifies one signature.
    ///
    /// The signature has passed the strict checks: ECDSA comes as r and s in fixed width and in range, Ed25519 as 64
    /// bytes with a canonical first half that is not of small order and a reduced second half, RSA with the length of
    /// the modulus and below it. A digest in place of the message is one by the scheme's hash, in its full length,
    /// and never comes with Ed25519.
    ///
    /// # Errors
    /// [`ProviderError::Mismatch`] if the signature is not one of this message, [`ProviderError::Failed`] if that
    /// could not be found out.
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError>;
}

/// What a provider has to say when it does not agree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ProviderError {
    /// The back end broke: nothing is known about the signature.
    Failed,
    /// The signature does not fit the message and the key.
    Mismatch,
    /// The back end cannot do this for this key.
    Unsupported,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "the provider failed",
            Self::Mismatch => "the signature does not fit the message and the key",
            Self::Unsupported => "the provider cannot use this key",
        })
    }
}

impl core::error::Error for ProviderError {}
