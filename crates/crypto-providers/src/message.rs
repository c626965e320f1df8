//! What is signed, and how a signature is written down.

use crate::{HashAlgorithm, HashOutput};

/// The message of a signature.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Message<'a> {
    /// The message is these parts one after the other. They are hashed as a stream and never put together.
    Parts(&'a [&'a [u8]]),
    /// Only the digest of the message is at hand. Not possible with Ed25519, which hashes the message together with
    /// the key.
    Prehashed {
        /// The function that made the digest; must be that of the scheme.
        hash: HashAlgorithm,
        /// The digest, of exactly the length of the function's output.
        digest: &'a [u8],
    },
}

impl Message<'_> {
    /// The digest of the message. `None` if the message is a digest by another function, or of another length.
    pub fn digest(&self, hash: HashAlgorithm) -> Option<HashOutput> {
        match *self {
            Self::Parts(parts) => Some(hash.hash(parts)),
            Self::Prehashed { hash: made_by, digest } if made_by == hash => HashOutput::from_bytes(hash, digest),
            Self::Prehashed { .. } => None,
        }
    }
}

/// How the two numbers of an ECDSA signature are written. Said by the format that carries the signature, never
/// guessed; without meaning for Ed25519 and RSA, which have one form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum SignatureEncoding {
    /// `SEQUENCE { r INTEGER, s INTEGER }` in DER, as in certificates and DSSE. RFC 3279 §2.2.3.
    Der,
    /// r and s in big-endian, each as long as a field element, as in JOSE and COSE. IEEE P1363.
    Fixed,
}
