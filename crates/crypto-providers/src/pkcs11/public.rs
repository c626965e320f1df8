//! The public key of a private key in a token.

use alloc::vec::Vec;

use cryptoki::object::{Attribute, AttributeType, KeyType as TokenKeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::error::Pkcs11Error;
use super::mechanism::{EDWARDS25519_BY_NAME, curve_parameters};
use super::token::Token;
use crate::asn1::{self, Element, Reader};
use crate::{KeyError, KeyFlaw, KeyType, Pkcs11Uri, PublicKey, oid, point, spki};

/// What of an object a public key is read from.
const PARTS: [AttributeType; 6] = [
    AttributeType::KeyType,
    AttributeType::PublicKeyInfo,
    AttributeType::EcParams,
    AttributeType::EcPoint,
    AttributeType::Modulus,
    AttributeType::PublicExponent,
];

/// The public key of a private key: what the object itself says, or else the public key object with the same identifier. Every way is judged as a
/// key from anywhere else is.
pub(super) fn read(
    token: &Token,
    session: &Session,
    private: ObjectHandle,
    uri: &Pkcs11Uri,
) -> Result<PublicKey, Pkcs11Error> {
    if let Some(key) = of_object(session, private)? {
        return Ok(key);
    }
    let missing = || Pkcs11Error::NoPublicKey { wanted: Token::wanted(uri), token: token.label().into() };
    let mut template = Vec::from([Attribute::Class(ObjectClass::PUBLIC_KEY)]);
    let named = session.get_attributes(private, &[AttributeType::Id, AttributeType::Label])?;
    let id = named.iter().find(|attribute| matches!(attribute, Attribute::Id(id) if !id.is_empty()));
    let label = named.iter().find(|attribute| matches!(attribute, Attribute::Label(label) if !label.is_empty()));
    // Without either, every public key would fit.
    template.push(id.or(label).ok_or_else(missing)?.clone());
    match session.find_objects(&template)?.as_slice() {
        [one] => of_object(session, *one)?.ok_or_else(missing),
        _ => Err(missing()),
    }
}

/// The public key that an object says; `None` if it says none.
fn of_object(session: &Session, object: ObjectHandle) -> Result<Option<PublicKey>, Pkcs11Error> {
    let attributes = session.get_attributes(object, &PARTS)?;
    let (mut key_type, mut info, mut parameters, mut point, mut modulus, mut exponent) =
        (None, None, None, None, None, None);
    for attribute in &attributes {
        match attribute {
            Attribute::KeyType(found) => key_type = Some(*found),
            Attribute::PublicKeyInfo(bytes) => info = some(bytes),
            Attribute::EcParams(bytes) => parameters = some(bytes),
            Attribute::EcPoint(bytes) => point = some(bytes),
            Attribute::Modulus(bytes) => modulus = some(bytes),
            Attribute::PublicExponent(bytes) => exponent = some(bytes),
            _ => {}
        }
    }
    if let Some(info) = info {
        return Ok(Some(PublicKey::from_spki_der(info)?));
    }
    let spki = match (key_type, parameters, point, modulus, exponent) {
        (Some(TokenKeyType::RSA), _, _, Some(modulus), Some(exponent)) => rsa(modulus, exponent),
        (Some(TokenKeyType::EC), Some(parameters), Some(point), _, _) => elliptic_curve(parameters, point)?,
        (Some(TokenKeyType::EC_EDWARDS), Some(parameters), Some(point), _, _) => edwards(parameters, point)?,
        (Some(TokenKeyType::RSA | TokenKeyType::EC | TokenKeyType::EC_EDWARDS), ..) => return Ok(None),
        _ => return Err(KeyError::AlgorithmUnsupported { algorithm: "another type of key".into() }.into()),
    };
    Ok(Some(PublicKey::from_spki_der(&spki)?))
}

fn some(bytes: &[u8]) -> Option<&[u8]> {
    (!bytes.is_empty()).then_some(bytes)
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let (mut numbers, mut key) = (Vec::new(), Vec::new());
    asn1::write_unsigned(&mut numbers, modulus);
    asn1::write_unsigned(&mut numbers, exponent);
    asn1::write(&mut key, asn1::SEQUENCE, &[&numbers]);
    spki::unrestricted_rsa(&key)
}

fn elliptic_curve(parameters: &[u8], point: &[u8]) -> Result<Vec<u8>, KeyError> {
    let mut reader = Reader::new(parameters);
    let named = reader.next().filter(|_| reader.is_empty());
    let curve = spki::curve(Some(named.ok_or(KeyFlaw::AlgorithmParameters)?))?;
    let field = point::order(curve).ok_or(KeyFlaw::PointEncoding)?.len();
    // PKCS#11 wants an OCTET STRING around the point; some modules give it bare. The length tells which: a header makes it longer.
    let is_bare = |point: &[u8]| [1 + field, 1 + 2 * field].contains(&point.len());
    let point = match asn1::only(point, asn1::OCTET_STRING) {
        Some(inner) if is_bare(inner) => inner,
        _ => point,
    };
    spki::encode(curve, point).ok_or_else(|| KeyFlaw::PointEncoding.into())
}

fn edwards(parameters: &[u8], point: &[u8]) -> Result<Vec<u8>, KeyError> {
    if Some(parameters) != curve_parameters(KeyType::Ed25519).as_deref() && parameters != EDWARDS25519_BY_NAME {
        let curve = match Reader::new(parameters).next() {
            Some(Element { tag: asn1::OBJECT_IDENTIFIER, contents, .. }) => oid::describe(contents),
            _ => "another Edwards curve".into(),
        };
        return Err(KeyError::CurveUnsupported { curve });
    }
    // Bare since PKCS#11 v3.0, in an OCTET STRING before.
    let point = if point.len() == 32 { point } else { asn1::only(point, asn1::OCTET_STRING).unwrap_or(point) };
    spki::encode(KeyType::Ed25519, point).ok_or_else(|| KeyFlaw::PointEncoding.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Signer as _, SigningKey};

    fn key(scheme: crate::Scheme, length: usize) -> PublicKey {
        SigningKey::from_secret_bytes(scheme, &alloc::vec![1; length]).unwrap().public_key().clone()
    }

    #[test]
    fn a_point_is_read_bare_and_in_an_octet_string() {
        for (scheme, length) in [
            (crate::Scheme::EcdsaP256Sha256, 32),
            (crate::Scheme::EcdsaP384Sha384, 48),
            (crate::Scheme::EcdsaP521Sha512, 66),
            (crate::Scheme::Ed25519, 32),
        ] {
            let key = key(scheme, length);
            let parameters = curve_parameters(key.key_type()).unwrap();
            let mut wrapped = Vec::new();
            asn1::write(&mut wrapped, asn1::OCTET_STRING, &[key.raw()]);
            for point in [key.raw(), &wrapped] {
                let spki = match key.key_type() {
                    KeyType::Ed25519 => edwards(&parameters, point),
                    _ => elliptic_curve(&parameters, point),
                };
                assert_eq!(spki.unwrap(), key.spki_der(), "{scheme}");
            }
        }
    }

    #[test]
    fn a_curve_that_is_not_known_or_is_spelt_out_is_refused() {
        let point = key(crate::Scheme::EcdsaP256Sha256, 32);
        // secp256k1, and an empty description of a curve.
        let unknown = elliptic_curve(&[6, 5, 0x2b, 0x81, 4, 0, 10], point.raw());
        assert!(matches!(unknown, Err(KeyError::CurveUnsupported { .. })), "{unknown:?}");
        assert_eq!(elliptic_curve(&[0x30, 0], point.raw()), Err(KeyError::ExplicitCurve));
        assert!(elliptic_curve(&[], point.raw()).is_err());
        // Ed448.
        let edwards448 = edwards(&[6, 3, 0x2b, 0x65, 0x71], &[0; 57]);
        assert!(matches!(edwards448, Err(KeyError::CurveUnsupported { .. })), "{edwards448:?}");
        let by_name = edwards(EDWARDS25519_BY_NAME, key(crate::Scheme::Ed25519, 32).raw()).unwrap();
        assert_eq!(by_name, key(crate::Scheme::Ed25519, 32).spki_der());
    }
}
