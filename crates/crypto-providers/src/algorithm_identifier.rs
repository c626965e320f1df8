//! From the `AlgorithmIdentifier` of a certificate, a token or a key to a scheme.

use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::{Code, Reason};

use crate::asn1::{self, Reader};
use crate::scheme::Parameters;
use crate::{HashAlgorithm, KeyType, Scheme, oid};

impl Scheme {
    /// Reads a whole `AlgorithmIdentifier` SEQUENCE in DER that says how a key of type `key` signed. RFC 5758 §3.2,
    /// RFC 8410 §3, RFC 4055.
    ///
    /// ECDSA identifiers name only the hash; the curve is the key's. Parameters of RSASSA-PSS must name one hash for
    /// the message and the mask, and a salt of its length; an explicit `trailerField` of 1 is taken, as RFC 4055 §3.1
    /// demands.
    ///
    /// # Errors
    /// [`SchemeError::Weak`] for MD2, MD4, MD5 and SHA-1, so that callers may use a code of their own;
    /// [`SchemeError::KeyMismatch`] if the algorithm is known but not for this type of key; the others say what could
    /// not be understood.
    pub fn from_algorithm_identifier(der: &[u8], key: KeyType) -> Result<Self, SchemeError> {
        let mut fields = Reader::new(asn1::only(der, asn1::SEQUENCE).ok_or(SchemeError::Malformed)?);
        let algorithm = fields.read(asn1::OBJECT_IDENTIFIER).ok_or(SchemeError::Malformed)?;
        let parameters = if fields.is_empty() { None } else { Some(fields.next().ok_or(SchemeError::Malformed)?) };
        if !fields.is_empty() {
            return Err(SchemeError::Malformed);
        }
        if WEAK.contains(&algorithm) {
            return Err(SchemeError::Weak { algorithm: oid::describe(algorithm) });
        }
        if algorithm == oid::RSA_PSS {
            let parameters =
                parameters.ok_or(SchemeError::ParametersUnsupported { what: "RSASSA-PSS without parameters" })?;
            let scheme = Self::pss_with_hash(pss_hash(parameters.whole)?);
            return for_key(scheme, key);
        }
        let mut known = Self::ALL.iter().copied().filter(|scheme| scheme.row().oid == algorithm).peekable();
        let first = *known.peek().ok_or_else(|| SchemeError::Unsupported { algorithm: oid::describe(algorithm) })?;
        let expected = match first.row().parameters {
            Parameters::Absent => parameters.is_none(),
            _ => parameters.is_none_or(|parameters| parameters.whole == [asn1::NULL, 0]),
        };
        if !expected {
            return Err(SchemeError::ParametersUnsupported { what: "parameters that do not belong to the algorithm" });
        }
        known.find(|scheme| scheme.key_type() == key).ok_or(SchemeError::KeyMismatch { scheme: first, key })
    }
}

const WEAK: &[&[u8]] = &[oid::ECDSA_SHA1, oid::RSA_MD2, oid::RSA_MD4, oid::RSA_MD5, oid::RSA_SHA1, oid::RSA_SHA1_OIW];

fn for_key(scheme: Scheme, key: KeyType) -> Result<Scheme, SchemeError> {
    if scheme.key_type() == key { Ok(scheme) } else { Err(SchemeError::KeyMismatch { scheme, key }) }
}

/// Reads whole `RSASSA-PSS-params`. RFC 4055 §3.1. Every field has a default that stands for SHA-1.
pub(crate) fn pss_hash(parameters: &[u8]) -> Result<HashAlgorithm, SchemeError> {
    let mut fields = Reader::new(asn1::only(parameters, asn1::SEQUENCE).ok_or(SchemeError::Malformed)?);
    let hash = fields.read_optional(0xa0).ok_or(SchemeError::Malformed)?;
    let mask = fields.read_optional(0xa1).ok_or(SchemeError::Malformed)?;
    let salt = fields.read_optional(0xa2).ok_or(SchemeError::Malformed)?;
    let trailer = fields.read_optional(0xa3).ok_or(SchemeError::Malformed)?;
    if !fields.is_empty() {
        return Err(SchemeError::Malformed);
    }
    let hash = hash_function(hash)?;
    let mut mask_fields = Reader::new(
        mask.ok_or_else(|| SchemeError::Weak { algorithm: "RSASSA-PSS with MGF1 over SHA-1".to_string() })
            .and_then(|mask| asn1::only(mask, asn1::SEQUENCE).ok_or(SchemeError::Malformed))?,
    );
    if mask_fields.read(asn1::OBJECT_IDENTIFIER) != Some(oid::MGF1) {
        return Err(SchemeError::ParametersUnsupported { what: "a mask generation function other than MGF1" });
    }
    let mask_hash = mask_fields.next().ok_or(SchemeError::Malformed)?.whole;
    if !mask_fields.is_empty() {
        return Err(SchemeError::Malformed);
    }
    if hash_function(Some(mask_hash))? != hash {
        return Err(SchemeError::ParametersUnsupported {
            what: "different hash functions for the message and the mask",
        });
    }
    if salt.map(small_integer).transpose()? != Some(hash.output_len()) {
        return Err(SchemeError::ParametersUnsupported { what: "a salt that is not as long as the hash" });
    }
    match trailer.map(small_integer).transpose()? {
        None | Some(1) => Ok(hash),
        Some(_) => Err(SchemeError::ParametersUnsupported { what: "a trailer field other than 1" }),
    }
}

fn hash_function(identifier: Option<&[u8]>) -> Result<HashAlgorithm, SchemeError> {
    let weak = || SchemeError::Weak { algorithm: "RSASSA-PSS with SHA-1".to_string() };
    let identifier = identifier.ok_or_else(weak)?;
    if let Some(hash) = HashAlgorithm::from_algorithm_identifier(identifier) {
        return Ok(hash);
    }
    let mut fields = Reader::new(asn1::only(identifier, asn1::SEQUENCE).ok_or(SchemeError::Malformed)?);
    match fields.read(asn1::OBJECT_IDENTIFIER).ok_or(SchemeError::Malformed)? {
        oid::SHA1 => Err(weak()),
        other if HashAlgorithm::from_oid(other).is_some() => Err(SchemeError::Malformed),
        _ => {
            Err(SchemeError::ParametersUnsupported { what: "a hash function other than SHA-256, SHA-384 and SHA-512" })
        }
    }
}

fn small_integer(wrapped: &[u8]) -> Result<usize, SchemeError> {
    let contents = asn1::only(wrapped, asn1::INTEGER).ok_or(SchemeError::Malformed)?;
    match asn1::unsigned(contents) {
        Ok([]) => Ok(0),
        Ok([value]) => Ok(usize::from(*value)),
        Ok(_) => Ok(usize::MAX),
        Err(_) => Err(SchemeError::Malformed),
    }
}

/// Why an `AlgorithmIdentifier` does not name a scheme that can be used with the key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SchemeError {
    /// The algorithm is known, but the key is of another type.
    KeyMismatch {
        /// The scheme named, or the first of those that share the identifier.
        scheme: Scheme,
        /// The type of the key at hand.
        key: KeyType,
    },
    /// Not an `AlgorithmIdentifier` in DER.
    Malformed,
    /// The algorithm is known and its parameters ask for something this library does not do.
    ParametersUnsupported {
        /// What they ask for, a noun phrase.
        what: &'static str,
    },
    /// An algorithm that this library does not know.
    Unsupported {
        /// Its object identifier, with a name where one is known.
        algorithm: String,
    },
    /// An algorithm that rests on MD2, MD4, MD5 or SHA-1.
    Weak {
        /// Its name.
        algorithm: String,
    },
}

impl fmt::Display for SchemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMismatch { scheme, key } => {
                write!(f, "the signature algorithm is of the kind of {scheme}, and the key is of type {key}")
            }
            Self::Malformed => f.write_str("the signature algorithm is not an AlgorithmIdentifier in DER"),
            Self::ParametersUnsupported { what } => write!(f, "the signature algorithm asks for {what}"),
            Self::Unsupported { algorithm } => write!(f, "the signature algorithm {algorithm} is not supported"),
            Self::Weak { algorithm } => write!(f, "the signature algorithm {algorithm} is too weak to be relied on"),
        }
    }
}

impl core::error::Error for SchemeError {}

impl Reason for SchemeError {
    fn code(&self) -> Code {
        match self {
            Self::KeyMismatch { .. } => Code::KeyAlgorithmMismatch,
            Self::Malformed => Code::SigMalformed,
            Self::ParametersUnsupported { .. } | Self::Unsupported { .. } | Self::Weak { .. } => {
                Code::SigAlgorithmUnsupported
            }
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::KeyMismatch { key, .. } => Some(key.to_string()),
            Self::Malformed => None,
            Self::ParametersUnsupported { what } => Some(what.to_string()),
            Self::Unsupported { algorithm } | Self::Weak { algorithm } => Some(algorithm.clone()),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::KeyMismatch { scheme, .. } => Some(scheme.key_type().to_string()),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::KeyMismatch { .. } => None,
            Self::Malformed => Some("RFC 5280 §4.1.1.2"),
            Self::ParametersUnsupported { .. } => Some("RFC 4055 §3.1"),
            Self::Unsupported { .. } | Self::Weak { .. } => None,
        }
    }
}
