//! Why a timestamp token is no evidence.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_crypto_providers::{CryptoError, HashAlgorithm, Scheme, SchemeError, SignatureError};
use stella_vocabulary::{Code, Reason, hex};

use crate::asn1::{DerError, DerProblem};

/// Why a timestamp token is no evidence.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TimestampError {
    /// A signed attribute that has to be there once, with one value, is missing or repeated.
    AttributeCount {
        /// Which.
        attribute: SignedAttribute,
        /// 0, or 2 for two and more.
        found: usize,
    },
    /// CMS, but not a timestamp: the content or the signed content type is not a TSTInfo.
    ContentTypeUnexpected,
    /// No provider can verify with the signer's key.
    Crypto(CryptoError),
    /// Not DER, or DER of another structure.
    Der(DerError),
    /// A critical extension; none is known.
    ExtensionCritical {
        /// Its identifier in dotted notation.
        oid: String,
    },
    /// The time is not a GeneralizedTime in UTC as DER writes it.
    GenTimeMalformed,
    /// Content and attributes are hashed with different algorithms.
    HashMismatch {
        /// The algorithm of the content.
        content: HashAlgorithm,
        /// The algorithm of the signature.
        signature: HashAlgorithm,
    },
    /// A hash that is not SHA-256, SHA-384 or SHA-512.
    HashUnsupported {
        /// Its identifier in dotted notation.
        oid: String,
    },
    /// The token is about another message.
    ImprintMismatch {
        /// The hash.
        hash: HashAlgorithm,
        /// The hash of the message.
        expected: Vec<u8>,
        /// The imprint.
        found: Vec<u8>,
    },
    /// The content is not the one that was signed.
    MessageDigestMismatch,
    /// The authority refused.
    NotGranted {
        /// PKIStatus; 0 and 1 are granted.
        status: u8,
    },
    /// The provider failed, so that nothing is known about the signature.
    Provider(SignatureError),
    /// The signature algorithm is unknown, weak, or does not fit the key.
    Scheme(SchemeError),
    /// The key was prepared for another scheme than the token is signed with.
    SchemeMismatch {
        /// The scheme of the token.
        expected: Scheme,
        /// The scheme of the key.
        found: Scheme,
    },
    /// The signature does not verify.
    SignatureInvalid,
    /// The signer's certificate is not DER.
    SignerCertificate(DerError),
    /// The token has no signer or several.
    SignerCount {
        /// How many.
        found: usize,
    },
    /// The token names another certificate as its signer's.
    SignerMismatch,
    /// The signed attributes name another certificate as the signer's.
    SigningCertificateMismatch,
    /// The signed attributes name no certificate.
    SigningCertificateMissing,
    /// A granted response without a token.
    TokenMissing,
    /// The token is larger than 1 MiB.
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// More than 32 signed attributes.
    TooManyAttributes,
    /// More than 32 certificates.
    TooManyCertificates,
    /// The TSTInfo is not of version 1.
    VersionUnsupported {
        /// Its version.
        version: u8,
    },
}

/// The signed attributes that a token needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SignedAttribute {
    /// contentType, RFC 5652 §11.1.
    ContentType,
    /// messageDigest, RFC 5652 §11.2.
    MessageDigest,
    /// signingCertificate, RFC 2634 §5.4.
    SigningCertificate,
    /// signingCertificateV2, RFC 5035 §3; the first version serves in its place.
    SigningCertificateV2,
}

impl SignedAttribute {
    /// The name in its standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ContentType => "contentType",
            Self::MessageDigest => "messageDigest",
            Self::SigningCertificate => "signingCertificate",
            Self::SigningCertificateV2 => "signingCertificateV2",
        }
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AttributeCount { attribute, found: 0 } => {
                write!(f, "the timestamp has no signed attribute {}", attribute.name())
            }
            Self::AttributeCount { attribute, .. } => {
                write!(f, "the timestamp has the signed attribute {} more than once", attribute.name())
            }
            Self::ContentTypeUnexpected => f.write_str("the signed message is not a timestamp"),
            Self::Crypto(error) => error.fmt(f),
            Self::Der(error) => write!(f, "the timestamp cannot be read: {error}"),
            Self::ExtensionCritical { oid } => write!(f, "the timestamp has the unknown critical extension {oid}"),
            Self::GenTimeMalformed => f.write_str("the time in the timestamp is malformed"),
            Self::HashMismatch { content, signature } => write!(
                f,
                "the timestamp hashes its content with {} and its attributes with {}",
                content.name(),
                signature.name()
            ),
            Self::HashUnsupported { oid } => write!(f, "the timestamp uses the unsupported hash {oid}"),
            Self::ImprintMismatch { .. } => f.write_str("the timestamp is about another message"),
            Self::MessageDigestMismatch => {
                f.write_str("the content of the timestamp is not the content that was signed")
            }
            Self::NotGranted { status } => write!(f, "the timestamp authority refused with status {status}"),
            Self::Provider(error) => error.fmt(f),
            Self::Scheme(error) => error.fmt(f),
            Self::SchemeMismatch { expected, found } => {
                write!(f, "the timestamp is signed with {} and the key is for {}", expected.name(), found.name())
            }
            Self::SignatureInvalid => f.write_str("the signature of the timestamp is invalid"),
            Self::SignerCertificate(error) => {
                write!(f, "the certificate of the timestamp's signer cannot be read: {error}")
            }
            Self::SignerCount { found } => write!(f, "the timestamp has {found} signers where one belongs"),
            Self::SignerMismatch => f.write_str("the timestamp names another certificate as its signer"),
            Self::SigningCertificateMismatch => {
                f.write_str("the signed attributes of the timestamp name another certificate as its signer")
            }
            Self::SigningCertificateMissing => {
                f.write_str("the signed attributes of the timestamp name no certificate")
            }
            Self::TokenMissing => f.write_str("the response of the timestamp authority has no timestamp"),
            Self::TooLarge { bytes } => write!(f, "the timestamp has {bytes} bytes where 1 MiB is allowed"),
            Self::TooManyAttributes => f.write_str("the timestamp has more than 32 signed attributes"),
            Self::TooManyCertificates => f.write_str("the timestamp has more than 32 certificates"),
            Self::VersionUnsupported { version } => write!(f, "timestamps of version {version} are not supported"),
        }
    }
}

impl core::error::Error for TimestampError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Crypto(error) => Some(error),
            Self::Provider(error) => Some(error),
            Self::Scheme(error) => Some(error),
            _ => None,
        }
    }
}

impl Reason for TimestampError {
    fn code(&self) -> Code {
        match self {
            Self::Crypto(error) => error.code(),
            Self::Der(error) | Self::SignerCertificate(error) => match error.problem {
                DerProblem::TrailingData => Code::X509DerTrailingData,
                _ => Code::X509DerMalformed,
            },
            Self::GenTimeMalformed => Code::X509TimeMalformed,
            Self::HashMismatch { .. } | Self::HashUnsupported { .. } => Code::SigAlgorithmUnsupported,
            Self::ImprintMismatch { .. } => Code::TimeImprintMismatch,
            Self::Provider(error) => error.code(),
            Self::Scheme(error) => error.code(),
            Self::SchemeMismatch { .. } => Code::KeyAlgorithmMismatch,
            Self::TooLarge { .. } => Code::InputTooLarge,
            // Everything else is a token by which no authority that could be trusted states a time.
            _ => Code::TimeTsaUntrusted,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Der(error) | Self::SignerCertificate(error) => Some(alloc::format!("byte {}", error.offset)),
            _ => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::HashUnsupported { oid } | Self::ExtensionCritical { oid } => Some(oid.clone()),
            Self::ImprintMismatch { found, .. } => Some(hex::encode(found)),
            Self::NotGranted { status } => Some(status.to_string()),
            Self::SignerCount { found } => Some(found.to_string()),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::ImprintMismatch { expected, .. } => Some(hex::encode(expected)),
            Self::SignerCount { .. } => Some("1".to_string()),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::AttributeCount { .. } | Self::MessageDigestMismatch | Self::SignatureInvalid => Some("RFC 5652 §5.4"),
            Self::SigningCertificateMismatch | Self::SigningCertificateMissing => Some("RFC 5816 §2.2.1"),
            Self::ContentTypeUnexpected
            | Self::GenTimeMalformed
            | Self::ImprintMismatch { .. }
            | Self::NotGranted { .. }
            | Self::SignerCount { .. }
            | Self::TokenMissing
            | Self::VersionUnsupported { .. } => Some("RFC 3161 §2.4.2"),
            _ => None,
        }
    }
}
