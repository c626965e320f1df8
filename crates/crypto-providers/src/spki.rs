//! SubjectPublicKeyInfo, read strictly.

use alloc::vec::Vec;
use core::ops::Range;

use crate::algorithm_identifier::pss_hash;
use crate::asn1::{self, Element, Reader};
use crate::point::edwards25519;
use crate::{HashAlgorithm, KeyError, KeyFlaw, KeyType, Scheme, oid};

/// Smallest and largest RSA modulus in bits: the floor of FIPS 186-5 §5.1, and what the built-in arithmetic can do.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;
/// Smallest and largest RSA exponent; the small ones make forged padding cheap (CVE-2006-4339, CVE-2014-1568).
const RSA_EXPONENT: core::ops::RangeInclusive<u64> = 65_537..=1 << 32;

pub(crate) struct Parsed {
    /// Canonical DER.
    pub(crate) spki: Vec<u8>,
    /// How many bytes at the end of `spki` are the key itself.
    pub(crate) raw_len: usize,
    pub(crate) material: Material,
}

/// A key as the arithmetic wants it, decoded once.
pub(crate) enum Material {
    P256(p256::PublicKey),
    P384(p384::PublicKey),
    P521(p521::PublicKey),
    #[cfg_attr(not(feature = "rustcrypto"), expect(dead_code, reason = "only the built-in provider reads it back"))]
    Ed25519(ed25519_dalek::VerifyingKey),
    Rsa(RsaMaterial),
}

pub(crate) struct RsaMaterial {
    /// Where the modulus lies in `RSAPublicKey`, without leading zeros.
    pub(crate) modulus: Range<usize>,
    pub(crate) bits: usize,
    pub(crate) exponent: u64,
    pub(crate) restriction: RsaUse,
}

/// What the algorithm of an RSA key lets it be used for.
#[derive(Clone, Copy)]
pub(crate) enum RsaUse {
    /// `rsaEncryption`: everything.
    Any,
    /// `id-RSASSA-PSS` without parameters.
    AnyPss,
    /// `id-RSASSA-PSS` with parameters.
    Only(Scheme),
}

impl Material {
    pub(crate) fn key_type(&self) -> KeyType {
        match self {
            Self::P256(_) => KeyType::EcP256,
            Self::P384(_) => KeyType::EcP384,
            Self::P521(_) => KeyType::EcP521,
            Self::Ed25519(_) => KeyType::Ed25519,
            Self::Rsa(_) => KeyType::Rsa,
        }
    }
}

pub(crate) fn parse(der: &[u8]) -> Result<Parsed, KeyError> {
    let mut outer = Reader::new(der);
    let mut info = Reader::new(outer.read(asn1::SEQUENCE).ok_or(KeyFlaw::Der)?);
    let algorithm = info.next().filter(|element| element.tag == asn1::SEQUENCE).ok_or(KeyFlaw::Der)?;
    let bits = info.read(asn1::BIT_STRING).ok_or(KeyFlaw::Der)?;
    if !info.is_empty() || !outer.is_empty() {
        return Err(KeyFlaw::TrailingData.into());
    }
    let mut fields = Reader::new(algorithm.contents);
    let kind = fields.read(asn1::OBJECT_IDENTIFIER).ok_or(KeyFlaw::Der)?;
    let parameters = if fields.is_empty() { None } else { Some(fields.next().ok_or(KeyFlaw::Der)?) };
    if !fields.is_empty() {
        return Err(KeyFlaw::AlgorithmParameters.into());
    }
    // The first octet counts the unused bits of the last.
    let raw = match bits.split_first() {
        Some((0, raw)) => raw,
        _ => return Err(KeyFlaw::BitString.into()),
    };
    match kind {
        oid::EC_PUBLIC_KEY => elliptic_curve(der, algorithm.whole, curve(parameters)?, raw),
        oid::ED25519 if parameters.is_some() => Err(KeyFlaw::AlgorithmParameters.into()),
        oid::ED25519 => Ok(unchanged(der, raw, Material::Ed25519(edwards(raw)?))),
        oid::RSA_ENCRYPTION if parameters.is_none_or(|parameters| parameters.whole != [asn1::NULL, 0]) => {
            Err(KeyFlaw::AlgorithmParameters.into())
        }
        oid::RSA_ENCRYPTION => Ok(unchanged(der, raw, Material::Rsa(rsa(raw, RsaUse::Any)?))),
        oid::RSA_PSS => {
            let Some(parameters) = parameters else {
                return Ok(unchanged(der, raw, Material::Rsa(rsa(raw, RsaUse::AnyPss)?)));
            };
            let hash = pss_hash(parameters.whole).map_err(|error| match error {
                crate::SchemeError::Malformed => KeyFlaw::AlgorithmParameters.into(),
                _ => KeyError::AlgorithmUnsupported { algorithm: oid::describe(kind) },
            })?;
            let material = Material::Rsa(rsa(raw, RsaUse::Only(Scheme::pss_with_hash(hash)))?);
            Ok(Parsed { spki: wrap(&pss_algorithm(hash), raw), raw_len: raw.len(), material })
        }
        oid::DIFFIE_HELLMAN
        | oid::DIFFIE_HELLMAN_X942
        | oid::EC_DIFFIE_HELLMAN
        | oid::EC_MQV
        | oid::X25519
        | oid::X448 => Err(KeyError::NotForSignatures { algorithm: oid::describe(kind) }),
        _ => Err(KeyError::AlgorithmUnsupported { algorithm: oid::describe(kind) }),
    }
}

/// DER has one encoding of a structure, so what was read strictly is canonical already. Not so with the parameters of PSS, where
/// NULL or nothing may stand beside a hash function, and a trailer field that is the default is taken.
fn unchanged(der: &[u8], raw: &[u8], material: Material) -> Parsed {
    Parsed { spki: der.to_vec(), raw_len: raw.len(), material }
}

/// The `AlgorithmIdentifier` of RSASSA-PSS as RFC 4055 §3.1 has it written: NULL beside the hash functions, no trailer field.
fn pss_algorithm(hash: HashAlgorithm) -> Vec<u8> {
    let element = |tag, parts: &[&[u8]]| {
        let mut element = Vec::new();
        asn1::write(&mut element, tag, parts);
        element
    };
    let identifier =
        |oid, parameters: &[u8]| element(asn1::SEQUENCE, &[&element(asn1::OBJECT_IDENTIFIER, &[oid]), parameters]);
    let hash_identifier = identifier(hash.oid(), &[asn1::NULL, 0]);
    let mask = identifier(oid::MGF1, &hash_identifier);
    // The salt is as long as the hash: at most 64 bytes, one octet.
    let salt = element(asn1::INTEGER, &[&[hash.output_len().to_le_bytes()[0]]]);
    let fields = [element(0xa0, &[&hash_identifier]), element(0xa1, &[&mask]), element(0xa2, &[&salt])].concat();
    identifier(oid::RSA_PSS, &element(asn1::SEQUENCE, &[&fields]))
}

/// The SubjectPublicKeyInfo of an RSA key without restriction, as RFC 3279 §2.3.1 has it: `rsaEncryption` with NULL.
pub(crate) fn unrestricted_rsa(raw: &[u8]) -> Vec<u8> {
    let (mut identifier, mut algorithm) = (Vec::new(), Vec::new());
    asn1::write(&mut identifier, asn1::OBJECT_IDENTIFIER, &[oid::RSA_ENCRYPTION]);
    asn1::write(&mut algorithm, asn1::SEQUENCE, &[&identifier, &[asn1::NULL, 0]]);
    wrap(&algorithm, raw)
}

/// RFC 5480 §2.1.1: "implicitCurve and specifiedCurve MUST NOT be used".
pub(crate) fn curve(parameters: Option<Element<'_>>) -> Result<KeyType, KeyError> {
    let parameters = parameters.ok_or(KeyFlaw::AlgorithmParameters)?;
    match (parameters.tag, parameters.contents) {
        (asn1::OBJECT_IDENTIFIER, oid::P256) => Ok(KeyType::EcP256),
        (asn1::OBJECT_IDENTIFIER, oid::P384) => Ok(KeyType::EcP384),
        (asn1::OBJECT_IDENTIFIER, oid::P521) => Ok(KeyType::EcP521),
        (asn1::OBJECT_IDENTIFIER, other) => Err(KeyError::CurveUnsupported { curve: oid::describe(other) }),
        (asn1::SEQUENCE, _) => Err(KeyError::ExplicitCurve),
        _ => Err(KeyFlaw::AlgorithmParameters.into()),
    }
}

fn elliptic_curve(der: &[u8], algorithm: &[u8], curve: KeyType, raw: &[u8]) -> Result<Parsed, KeyError> {
    let material = point(curve, raw)?;
    if raw.first() == Some(&UNCOMPRESSED) {
        return Ok(unchanged(der, raw, material));
    }
    let raw = uncompressed(&material);
    Ok(Parsed { spki: wrap(algorithm, &raw), raw_len: raw.len(), material })
}

const UNCOMPRESSED: u8 = 4;

/// SEC 1 §2.3.4. The hybrid forms 6 and 7 are not among those of RFC 5480 §2.2.
fn point(curve: KeyType, raw: &[u8]) -> Result<Material, KeyError> {
    let field = crate::point::order(curve).ok_or(KeyFlaw::PointEncoding)?.len();
    match raw {
        [0] => return Err(KeyFlaw::PointAtInfinity.into()),
        [2 | 3, coordinates @ ..] if coordinates.len() == field => {}
        [UNCOMPRESSED, coordinates @ ..] if coordinates.len() == 2 * field => {}
        _ => return Err(KeyFlaw::PointEncoding.into()),
    }
    let decoded = match curve {
        KeyType::EcP256 => p256::PublicKey::from_sec1_bytes(raw).ok().map(Material::P256),
        KeyType::EcP384 => p384::PublicKey::from_sec1_bytes(raw).ok().map(Material::P384),
        _ => p521::PublicKey::from_sec1_bytes(raw).ok().map(Material::P521),
    };
    decoded.ok_or_else(|| KeyFlaw::NotOnCurve.into())
}

fn uncompressed(material: &Material) -> Vec<u8> {
    use p256::elliptic_curve::sec1::ToSec1Point;
    match material {
        Material::P256(key) => key.to_sec1_point(false).as_bytes().to_vec(),
        Material::P384(key) => key.to_sec1_point(false).as_bytes().to_vec(),
        Material::P521(key) => key.to_sec1_point(false).as_bytes().to_vec(),
        Material::Ed25519(_) | Material::Rsa(_) => Vec::new(),
    }
}

fn edwards(raw: &[u8]) -> Result<ed25519_dalek::VerifyingKey, KeyError> {
    let bytes: &[u8; 32] = raw.try_into().map_err(|_| KeyFlaw::PointEncoding)?;
    // Small order first: the catalogue wants that code also for the non-canonical encodings of such points.
    if edwards25519::is_small_order(bytes) {
        return Err(KeyError::SmallOrder);
    }
    if !edwards25519::is_canonical(bytes) {
        return Err(KeyFlaw::NotCanonical.into());
    }
    ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyFlaw::NotOnCurve.into())
}

/// `RSAPublicKey` of RFC 8017 §A.1.1. Sizes are judged on the encoding, before there is any arithmetic.
fn rsa(raw: &[u8], restriction: RsaUse) -> Result<RsaMaterial, KeyError> {
    let mut outer = Reader::new(raw);
    let mut fields = Reader::new(outer.read(asn1::SEQUENCE).ok_or(KeyFlaw::Der)?);
    let modulus = fields.read(asn1::INTEGER).ok_or(KeyFlaw::Der)?;
    // The structure is the last thing in `raw`, so what is left of it now follows the modulus.
    let modulus_end = raw.len().saturating_sub(fields.remaining());
    let exponent = fields.read(asn1::INTEGER).ok_or(KeyFlaw::Der)?;
    if !fields.is_empty() || !outer.is_empty() {
        return Err(KeyFlaw::TrailingData.into());
    }
    let modulus = asn1::unsigned(modulus).map_err(|_| KeyFlaw::RsaInteger)?;
    let exponent = asn1::unsigned(exponent).map_err(|_| KeyFlaw::RsaInteger)?;

    let leading = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    let bits = (8 * modulus.len()).saturating_sub(leading);
    if bits > *RSA_BITS.end() {
        return Err(KeyError::RsaTooLarge { bits });
    }
    if bits < *RSA_BITS.start() {
        return Err(KeyError::RsaTooWeak { bits });
    }
    let exponent = small(exponent).ok_or(KeyError::RsaExponent { exponent: None })?;
    if !RSA_EXPONENT.contains(&exponent) || exponent % 2 == 0 {
        return Err(KeyError::RsaExponent { exponent: Some(exponent) });
    }
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Err(KeyFlaw::RsaInteger.into());
    }
    let modulus = modulus_end.saturating_sub(modulus.len())..modulus_end;
    Ok(RsaMaterial { modulus, bits, exponent, restriction })
}

fn small(magnitude: &[u8]) -> Option<u64> {
    if magnitude.len() > 8 {
        return None;
    }
    Some(magnitude.iter().fold(0, |value, &byte| (value << 8) | u64::from(byte)))
}

/// The `AlgorithmIdentifier` of keys of this type; `None` for RSA, whose keys are only read.
pub(crate) fn algorithm(key_type: KeyType) -> Option<Vec<u8>> {
    let (kind, curve) = match key_type {
        KeyType::EcP256 => (oid::EC_PUBLIC_KEY, Some(oid::P256)),
        KeyType::EcP384 => (oid::EC_PUBLIC_KEY, Some(oid::P384)),
        KeyType::EcP521 => (oid::EC_PUBLIC_KEY, Some(oid::P521)),
        KeyType::Ed25519 => (oid::ED25519, None),
        KeyType::Rsa => return None,
    };
    let mut fields = Vec::new();
    asn1::write(&mut fields, asn1::OBJECT_IDENTIFIER, &[kind]);
    if let Some(curve) = curve {
        asn1::write(&mut fields, asn1::OBJECT_IDENTIFIER, &[curve]);
    }
    let mut algorithm = Vec::new();
    asn1::write(&mut algorithm, asn1::SEQUENCE, &[&fields]);
    Some(algorithm)
}

/// A SubjectPublicKeyInfo around an encoded point or the 32 bytes of an Ed25519 key; `None` for RSA.
pub(crate) fn encode(key_type: KeyType, raw: &[u8]) -> Option<Vec<u8>> {
    Some(wrap(&algorithm(key_type)?, raw))
}

fn wrap(algorithm: &[u8], raw: &[u8]) -> Vec<u8> {
    let mut bits = Vec::with_capacity(raw.len() + 4);
    asn1::write(&mut bits, asn1::BIT_STRING, &[&[0], raw]);
    let mut spki = Vec::with_capacity(algorithm.len() + bits.len() + 4);
    asn1::write(&mut spki, asn1::SEQUENCE, &[algorithm, &bits]);
    spki
}
