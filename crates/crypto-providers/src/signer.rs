//! What makes signatures.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use stella_vocabulary::{Code, Reason};

use crate::{HashAlgorithm, Message, PublicKey, Scheme, SignatureEncoding};

/// Makes signatures with one key by one scheme: a key in memory, a hardware token, a remote service.
pub trait Signer: Send + Sync {
    /// The scheme of the signatures.
    fn scheme(&self) -> Scheme;

    /// The key they verify under.
    fn public_key(&self) -> &PublicKey;

    /// Signs a message. ECDSA signatures come in the announced encoding; the others have one form.
    ///
    /// # Errors
    /// [`SignError`]; there is no partial result.
    fn sign(&self, message: Message<'_>, encoding: SignatureEncoding) -> Result<Vec<u8>, SignError>;
}

/// Why there is no signature.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SignError {
    /// The signer broke, or is out of reach.
    Failed,
    /// The message was given as a digest that the scheme cannot use.
    PrehashUnsuitable {
        /// The scheme.
        scheme: Scheme,
        /// The function that made the digest.
        hash: HashAlgorithm,
    },
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("the signer failed"),
            Self::PrehashUnsuitable { scheme, hash } => {
                write!(f, "a {hash} digest in place of the message cannot be signed with {scheme}")
            }
        }
    }
}

impl core::error::Error for SignError {}

impl Reason for SignError {
    fn code(&self) -> Code {
        match self {
            Self::Failed => Code::CryptoProviderFailed,
            Self::PrehashUnsuitable { .. } => Code::SigAlgorithmUnsupported,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Failed => None,
            Self::PrehashUnsuitable { hash, .. } => Some(alloc::format!("a {hash} digest")),
        }
    }
}
