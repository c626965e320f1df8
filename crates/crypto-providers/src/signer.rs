//! What makes signatures.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use stella_vocabulary::text::Bounded;
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
    /// The key is in a token that nobody has logged in to, or that has logged the user out.
    NotLoggedIn {
        /// The label of the token.
        token: String,
    },
    /// The message was given as a digest that the scheme cannot use.
    PrehashUnsuitable {
        /// The scheme.
        scheme: Scheme,
        /// The function that made the digest.
        hash: HashAlgorithm,
    },
    /// The token that has the key did not sign.
    Token {
        /// The label of the token.
        token: String,
        /// What it returned, by its name in PKCS#11: `CKR_DEVICE_REMOVED`.
        returned: String,
    },
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("the signer failed"),
            Self::NotLoggedIn { token } => write!(f, "nobody is logged in to the token {}", Bounded(token, 64)),
            Self::PrehashUnsuitable { scheme, hash } => {
                write!(f, "a {hash} digest in place of the message cannot be signed with {scheme}")
            }
            Self::Token { token, .. } => write!(f, "the token {} did not sign", Bounded(token, 64)),
        }
    }
}

impl core::error::Error for SignError {}

impl Reason for SignError {
    fn code(&self) -> Code {
        match self {
            Self::Failed | Self::Token { .. } => Code::CryptoProviderFailed,
            Self::NotLoggedIn { .. } => Code::CryptoLoginRefused,
            Self::PrehashUnsuitable { .. } => Code::SigAlgorithmUnsupported,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Failed | Self::NotLoggedIn { .. } => None,
            Self::Token { returned, .. } => Some(returned.clone()),
            Self::PrehashUnsuitable { hash, .. } => Some(alloc::format!("a {hash} digest")),
        }
    }
}
