//! PKCS#8 private keys for elliptic curves and Ed25519. RFC 5958, RFC 5915, RFC 8410.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::asn1::{self, Reader};
use crate::{KeyError, KeyFlaw, KeyType, oid, spki};

/// `[0]`, constructed: attributes in PKCS#8, the curve in `ECPrivateKey`.
const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed: the public key in `ECPrivateKey`.
const CONTEXT_1: u8 = 0xa1;
/// `[1]`, primitive: the public key in PKCS#8 version 2.
const CONTEXT_1_PRIMITIVE: u8 = 0x81;

/// What PKCS#8 holds, borrowed.
pub(crate) struct PrivateNumber<'a> {
    pub(crate) key_type: KeyType,
    /// The private number in big-endian, or the seed of Ed25519.
    pub(crate) number: &'a [u8],
    /// The public key next to it, if there is one.
    pub(crate) public: Option<&'a [u8]>,
}

pub(crate) fn read(der: &[u8]) -> Result<PrivateNumber<'_>, KeyError> {
    let mut fields = Reader::new(asn1::only(der, asn1::SEQUENCE).ok_or(KeyFlaw::Der)?);
    let version = fields.read(asn1::INTEGER).ok_or(KeyFlaw::Der)?;
    let algorithm = fields.read(asn1::SEQUENCE).ok_or(KeyFlaw::Der)?;
    let private = fields.read(asn1::OCTET_STRING).ok_or(KeyFlaw::Der)?;
    fields.read_optional(CONTEXT_0).ok_or(KeyFlaw::Der)?;
    let public = match version {
        [0] => None,
        [1] => fields.read_optional(CONTEXT_1_PRIMITIVE).ok_or(KeyFlaw::Der)?,
        _ => return Err(KeyFlaw::Der.into()),
    };
    if !fields.is_empty() {
        return Err(KeyFlaw::TrailingData.into());
    }
    let outer_public = public.map(whole_octets).transpose()?;

    let mut algorithm = Reader::new(algorithm);
    let kind = algorithm.read(asn1::OBJECT_IDENTIFIER).ok_or(KeyFlaw::Der)?;
    let parameters = if algorithm.is_empty() { None } else { Some(algorithm.next().ok_or(KeyFlaw::Der)?) };
    if !algorithm.is_empty() {
        return Err(KeyFlaw::AlgorithmParameters.into());
    }
    match kind {
        oid::EC_PUBLIC_KEY => {
            let key_type = spki::curve(parameters)?;
            let (number, inner_public) = read_elliptic_curve(private, key_type)?;
            Ok(PrivateNumber { key_type, number, public: inner_public.or(outer_public) })
        }
        oid::ED25519 if parameters.is_some() => Err(KeyFlaw::AlgorithmParameters.into()),
        oid::ED25519 => {
            let number = asn1::only(private, asn1::OCTET_STRING).ok_or(KeyFlaw::Der)?;
            Ok(PrivateNumber { key_type: KeyType::Ed25519, number, public: outer_public })
        }
        _ => Err(KeyError::AlgorithmUnsupported { algorithm: oid::describe(kind) }),
    }
}

/// `ECPrivateKey` of RFC 5915 §3.
fn read_elliptic_curve(der: &[u8], key_type: KeyType) -> Result<(&[u8], Option<&[u8]>), KeyError> {
    let mut fields = Reader::new(asn1::only(der, asn1::SEQUENCE).ok_or(KeyFlaw::Der)?);
    if fields.read(asn1::INTEGER) != Some(&[1]) {
        return Err(KeyFlaw::Der.into());
    }
    let number = fields.read(asn1::OCTET_STRING).ok_or(KeyFlaw::Der)?;
    if let Some(parameters) = fields.read_optional(CONTEXT_0).ok_or(KeyFlaw::Der)? {
        let mut inner = Reader::new(parameters);
        let named = inner.next();
        if !inner.is_empty() || spki::curve(named)? != key_type {
            return Err(KeyFlaw::AlgorithmParameters.into());
        }
    }
    let public = match fields.read_optional(CONTEXT_1).ok_or(KeyFlaw::Der)? {
        None => None,
        Some(wrapped) => Some(whole_octets(asn1::only(wrapped, asn1::BIT_STRING).ok_or(KeyFlaw::Der)?)?),
    };
    if !fields.is_empty() {
        return Err(KeyFlaw::TrailingData.into());
    }
    Ok((number, public))
}

fn whole_octets(bits: &[u8]) -> Result<&[u8], KeyError> {
    match bits.split_first() {
        Some((0, octets)) => Ok(octets),
        _ => Err(KeyFlaw::BitString.into()),
    }
}

/// Every buffer is large enough from the start, so that growing leaves no copy of the secret behind.
pub(crate) fn write(key_type: KeyType, number: &[u8], public: &[u8]) -> Vec<u8> {
    let capacity = number.len() + public.len() + 64;
    let mut private = Zeroizing::new(Vec::with_capacity(capacity));
    if key_type == KeyType::Ed25519 {
        asn1::write(&mut private, asn1::OCTET_STRING, &[number]);
    } else {
        let mut bits = Vec::new();
        asn1::write(&mut bits, asn1::BIT_STRING, &[&[0], public]);
        let mut fields = Zeroizing::new(Vec::with_capacity(capacity));
        asn1::write(&mut fields, asn1::INTEGER, &[&[1]]);
        asn1::write(&mut fields, asn1::OCTET_STRING, &[number]);
        asn1::write(&mut fields, CONTEXT_1, &[&bits]);
        asn1::write(&mut private, asn1::SEQUENCE, &[&fields]);
    }
    let mut fields = Zeroizing::new(Vec::with_capacity(capacity + 64));
    asn1::write(&mut fields, asn1::INTEGER, &[&[0]]);
    fields.extend_from_slice(&spki::algorithm(key_type).unwrap_or_default());
    asn1::write(&mut fields, asn1::OCTET_STRING, &[&private]);
    let mut der = Vec::with_capacity(capacity + 64);
    asn1::write(&mut der, asn1::SEQUENCE, &[&fields]);
    der
}
