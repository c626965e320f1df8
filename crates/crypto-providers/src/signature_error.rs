//! Why a signature was refused.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::{HashAlgorithm, Scheme};

/// Why a signature is not one of this message under this key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SignatureError {
    /// Well formed, and not a signature of this message under this key.
    Invalid {
        /// The scheme it was judged by.
        scheme: Scheme,
    },
    /// Ed25519: the second half is not reduced, so that it could be changed without the key.
    Malleable,
    /// Ed25519: the first half is not the one encoding of its point.
    NonCanonicalPoint,
    /// ECDSA: not `SEQUENCE { r INTEGER, s INTEGER }` in DER, or bytes follow it.
    NotDer,
    /// RSA: a number not below the modulus.
    NotReduced,
    /// ECDSA: a number that is zero, negative, or not below the order of the curve.
    OutOfRange {
        /// Which one.
        number: Number,
    },
    /// The message was given as a digest that the scheme cannot use: a caller's mistake, or a document that asks for
    /// another scheme.
    PrehashUnsuitable {
        /// The scheme.
        scheme: Scheme,
        /// The function that made the digest.
        hash: HashAlgorithm,
    },
    /// The provider could not judge.
    ProviderFailed {
        /// Its name.
        provider: String,
    },
    /// Ed25519: the first half is a point of small order.
    SmallOrder,
    /// Not as long as every signature of this scheme and key is.
    WrongLength {
        /// Bytes there are.
        found: usize,
        /// Bytes there must be.
        expected: usize,
    },
}

/// One of the two numbers of an ECDSA signature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Number {
    /// The first, r.
    R,
    /// The second, s.
    S,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::R => "r",
            Self::S => "s",
        })
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { scheme } => write!(f, "the {scheme} signature does not fit the message and the key"),
            Self::Malleable => f.write_str("the second half of the Ed25519 signature is not reduced"),
            Self::NonCanonicalPoint => {
                f.write_str("the first half of the Ed25519 signature is not encoded canonically")
            }
            Self::NotDer => f.write_str("the ECDSA signature is not a sequence of two integers in DER"),
            Self::NotReduced => f.write_str("the RSA signature is a number that is not below the modulus"),
            Self::OutOfRange { number } => {
                write!(f, "{number} of the ECDSA signature is not between zero and the order of the curve")
            }
            Self::PrehashUnsuitable { scheme, hash } => {
                write!(f, "a {hash} digest in place of the message cannot be verified with {scheme}")
            }
            Self::ProviderFailed { provider } => {
                write!(f, "the provider {} could not judge the signature", Bounded(provider, 64))
            }
            Self::SmallOrder => f.write_str("the first half of the Ed25519 signature is a point of small order"),
            Self::WrongLength { found, expected } => {
                write!(f, "the signature has {found} bytes, and one of this key has {expected}")
            }
        }
    }
}

impl core::error::Error for SignatureError {}

impl Reason for SignatureError {
    fn code(&self) -> Code {
        match self {
            Self::Invalid { .. } => Code::SigInvalid,
            Self::Malleable => Code::SigMalleable,
            Self::NonCanonicalPoint | Self::NotDer | Self::NotReduced | Self::WrongLength { .. } => Code::SigMalformed,
            Self::OutOfRange { .. } => Code::SigOutOfRange,
            Self::PrehashUnsuitable { .. } => Code::SigAlgorithmUnsupported,
            Self::ProviderFailed { .. } => Code::CryptoProviderFailed,
            Self::SmallOrder => Code::SigSmallOrder,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::WrongLength { found, .. } => Some(format!("{found} bytes")),
            Self::PrehashUnsuitable { hash, .. } => Some(format!("a {hash} digest")),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::WrongLength { expected, .. } => Some(format!("{expected} bytes")),
            Self::PrehashUnsuitable { scheme, .. } => Some(match scheme.hash() {
                Some(hash) => format!("the message, or a {hash} digest of {} bytes", hash.output_len()),
                None => "the message".to_string(),
            }),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Malleable | Self::NonCanonicalPoint | Self::SmallOrder => Some("RFC 8032 §5.1.7"),
            Self::NotDer => Some("RFC 3279 §2.2.3"),
            Self::NotReduced => Some("RFC 8017 §5.2.2"),
            Self::OutOfRange { .. } => Some("FIPS 186-5 §6.4.2"),
            _ => None,
        }
    }
}
