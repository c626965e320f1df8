//! Why bytes are not a key that may be used.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::{Code, Reason, pem::PemError};

/// Why a key was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// A signature algorithm that this library does not know.
    AlgorithmUnsupported {
        /// Its object identifier, with a name where one is known.
        algorithm: String,
    },
    /// A curve that this library does not know.
    CurveUnsupported {
        /// Its object identifier, with a name where one is known.
        curve: String,
    },
    /// The curve is described by numbers and not named; such a description can be forged to fit a trusted key
    /// (CVE-2020-0601).
    ExplicitCurve,
    /// The bytes are not what they have to be.
    Malformed {
        /// What is wrong with them.
        flaw: KeyFlaw,
    },
    /// A key for something else than signatures, such as X25519.
    NotForSignatures {
        /// Its object identifier, with a name where one is known.
        algorithm: String,
    },
    /// The text around the key is wrong.
    Pem(PemError),
    /// An RSA exponent that is even, below 65,537 or above 2^32.
    RsaExponent {
        /// The exponent, if it is below 2^64.
        exponent: Option<u64>,
    },
    /// An RSA modulus of more than 8,192 bits.
    RsaTooLarge {
        /// Bits in the modulus.
        bits: usize,
    },
    /// An RSA modulus of less than 2,048 bits.
    RsaTooWeak {
        /// Bits in the modulus.
        bits: usize,
    },
    /// An Ed25519 key under which one signature fits many messages.
    SmallOrder,
}

/// What is wrong with the bytes of a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum KeyFlaw {
    /// The parameters next to the algorithm are not those it must have.
    AlgorithmParameters,
    /// The BIT STRING does not hold whole octets.
    BitString,
    /// Not the structure it should be, in DER.
    Der,
    /// Ed25519: not the one encoding of its point.
    NotCanonical,
    /// The coordinates are not those of a point of the curve.
    NotOnCurve,
    /// Not a point in compressed or uncompressed form, or not of the length of the curve's points.
    PointEncoding,
    /// The neutral element of the curve.
    PointAtInfinity,
    /// The private number is zero, too large or of another length.
    PrivateNumber,
    /// The public key next to a private key is another key's.
    PublicKeyDiffers,
    /// An RSA modulus or exponent that is negative, zero, even where it must not be, or written with leading zeros.
    RsaInteger,
    /// Bytes follow the structure.
    TrailingData,
}

impl KeyFlaw {
    const fn sentence(self) -> &'static str {
        match self {
            Self::AlgorithmParameters => "its algorithm carries the wrong parameters",
            Self::BitString => "its bit string does not hold whole octets",
            Self::Der => "it is not the structure of a key in DER",
            Self::NotCanonical => "its point is not encoded canonically",
            Self::NotOnCurve => "its point is not on the curve",
            Self::PointEncoding => "its point is not encoded in a known form and length",
            Self::PointAtInfinity => "its point is the point at infinity",
            Self::PrivateNumber => "its private number is out of range",
            Self::PublicKeyDiffers => "the public key inside does not belong to the private key",
            Self::RsaInteger => "its modulus or exponent is not a positive odd integer in DER",
            Self::TrailingData => "bytes follow its end",
        }
    }

    const fn clause(self) -> &'static str {
        match self {
            Self::AlgorithmParameters => "RFC 5480 §2.1, RFC 8410 §3, RFC 3279 §2.3.1",
            Self::BitString | Self::Der | Self::TrailingData => "RFC 5280 §4.1.2.7",
            Self::NotCanonical => "RFC 8032 §5.1.3",
            Self::NotOnCurve | Self::PointAtInfinity => "SP 800-186 §D.1.1",
            Self::PointEncoding => "RFC 5480 §2.2",
            Self::PrivateNumber | Self::PublicKeyDiffers => "RFC 5958 §2",
            Self::RsaInteger => "RFC 8017 §3.1",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmUnsupported { algorithm } => write!(f, "keys for {algorithm} are not supported"),
            Self::CurveUnsupported { curve } => write!(f, "the curve {curve} is not supported"),
            Self::ExplicitCurve => f.write_str("the key describes its curve by numbers instead of naming it"),
            Self::Malformed { flaw } => write!(f, "the key is malformed: {}", flaw.sentence()),
            Self::NotForSignatures { algorithm } => write!(f, "a key for {algorithm} makes no signatures"),
            Self::Pem(error) => error.fmt(f),
            Self::RsaExponent { exponent: Some(exponent) } => {
                write!(f, "the RSA exponent {exponent} is not an odd number from 65537 to 2^32")
            }
            Self::RsaExponent { exponent: None } => f.write_str("the RSA exponent is above 2^32"),
            Self::RsaTooLarge { bits } => write!(f, "the RSA modulus has {bits} bits, more than 8192"),
            Self::RsaTooWeak { bits } => write!(f, "the RSA modulus has {bits} bits, fewer than 2048"),
            Self::SmallOrder => f.write_str("the Ed25519 key is a point of small order"),
        }
    }
}

impl core::error::Error for KeyError {}

impl From<PemError> for KeyError {
    fn from(error: PemError) -> Self {
        Self::Pem(error)
    }
}

impl From<KeyFlaw> for KeyError {
    fn from(flaw: KeyFlaw) -> Self {
        Self::Malformed { flaw }
    }
}

impl Reason for KeyError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmUnsupported { .. } => Code::SigAlgorithmUnsupported,
            Self::CurveUnsupported { .. } | Self::ExplicitCurve => Code::KeyCurveUnsupported,
            Self::Malformed { .. } => Code::KeyMalformed,
            Self::NotForSignatures { .. } => Code::KeyAlgorithmMismatch,
            Self::Pem(error) => error.code(),
            Self::RsaExponent { .. } => Code::KeyRsaExponent,
            Self::RsaTooLarge { .. } => Code::KeyTooLarge,
            Self::RsaTooWeak { .. } => Code::KeyTooWeak,
            Self::SmallOrder => Code::KeySmallOrder,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Pem(error) => error.place(),
            _ => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnsupported { algorithm } | Self::NotForSignatures { algorithm } => Some(algorithm.clone()),
            Self::CurveUnsupported { curve } => Some(curve.clone()),
            Self::ExplicitCurve => Some("explicit curve parameters".to_string()),
            Self::Malformed { .. } => None,
            Self::Pem(error) => error.found(),
            Self::RsaExponent { exponent } => exponent.map(|exponent| exponent.to_string()),
            Self::RsaTooLarge { bits } | Self::RsaTooWeak { bits } => Some(format!("{bits} bits")),
            Self::SmallOrder => Some("a point of order 1, 2, 4 or 8".to_string()),
        }
    }

    fn expected(&self) -> Option<String> {
        let text = match self {
            Self::AlgorithmUnsupported { .. } | Self::NotForSignatures { .. } => "an ECDSA, Ed25519 or RSA key",
            Self::CurveUnsupported { .. } | Self::ExplicitCurve => "P-256, P-384 or P-521 by name",
            Self::Malformed { .. } | Self::SmallOrder => return None,
            Self::Pem(error) => return error.expected(),
            Self::RsaExponent { .. } => "an odd exponent from 65537 to 2^32",
            Self::RsaTooLarge { .. } => "at most 8192 bits",
            Self::RsaTooWeak { .. } => "at least 2048 bits",
        };
        Some(text.to_string())
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::AlgorithmUnsupported { .. } | Self::NotForSignatures { .. } => None,
            Self::CurveUnsupported { .. } | Self::ExplicitCurve => Some("RFC 5480 §2.1.1"),
            Self::Malformed { flaw } => Some(flaw.clause()),
            Self::Pem(error) => error.clause(),
            Self::RsaExponent { .. } => Some("FIPS 186-5 §5.4"),
            Self::RsaTooLarge { .. } | Self::RsaTooWeak { .. } => Some("FIPS 186-5 §5.1"),
            Self::SmallOrder => Some("RFC 8032 §5.1.7"),
        }
    }
}
