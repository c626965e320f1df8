//! Which mechanism of PKCS#11 is which scheme, and what it is given.

use alloc::vec::Vec;

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::types::Ulong;

use crate::scheme::Padding;
use crate::{HashAlgorithm, KeyType, Message, Scheme, asn1, oid, point};

/// The mechanism that signs and verifies by a scheme. Messages are hashed here, so that the token needs no hash function and sees no message.
pub(super) fn of(scheme: Scheme) -> Mechanism<'static> {
    match (scheme.key_type(), scheme.row().padding, scheme.hash()) {
        (KeyType::Ed25519, _, _) => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
        (KeyType::Rsa, Padding::Pss, Some(hash)) => Mechanism::RsaPkcsPss(pss(hash)),
        (KeyType::Rsa, _, _) => Mechanism::RsaPkcs,
        _ => Mechanism::Ecdsa,
    }
}

/// The type of [`of`].
pub(super) fn type_of(scheme: Scheme) -> MechanismType {
    of(scheme).mechanism_type()
}

/// The mechanism that makes keys for a scheme.
pub(super) fn generating(scheme: Scheme) -> Mechanism<'static> {
    match scheme.key_type() {
        KeyType::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
        KeyType::Rsa => Mechanism::RsaPkcsKeyPairGen,
        _ => Mechanism::EccKeyPairGen,
    }
}

/// Mask and salt as RFC 4055 §3.1 has them by default, with this hash.
fn pss(hash: HashAlgorithm) -> PkcsPssParams {
    let (hash_alg, mgf) = match hash {
        HashAlgorithm::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        HashAlgorithm::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        HashAlgorithm::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
    };
    // 32, 48 or 64.
    let salt = u8::try_from(hash.output_len()).unwrap_or_default();
    PkcsPssParams { hash_alg, mgf, s_len: Ulong::new(salt.into()) }
}

/// What the mechanism is given for a message. `None` for a digest that the scheme cannot use.
pub(super) fn input(scheme: Scheme, message: Message<'_>) -> Option<Vec<u8>> {
    let Some(hash) = scheme.hash() else {
        let Message::Parts(parts) = message else { return None };
        return Some(parts.concat());
    };
    let digest = message.digest(hash)?;
    let digest = digest.as_bytes();
    Some(match (scheme.key_type(), scheme.row().padding) {
        (KeyType::Rsa, Padding::Pkcs1) => digest_info(hash, digest),
        (KeyType::Rsa, _) => digest.to_vec(),
        // FIPS 186-5 §6.4.1: the leftmost bits, as many as the order has. Not every token cuts by itself, and all orders shorter than a digest
        // have whole bytes.
        (curve, _) => {
            let width = point::order(curve).map_or(digest.len(), <[u8]>::len);
            digest.get(..width).unwrap_or(digest).to_vec()
        }
    })
}

/// `DigestInfo` with NULL. RFC 8017 §9.2 step 2.
fn digest_info(hash: HashAlgorithm, digest: &[u8]) -> Vec<u8> {
    let (mut identifier, mut algorithm, mut octets, mut info) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    asn1::write(&mut identifier, asn1::OBJECT_IDENTIFIER, &[hash.oid()]);
    asn1::write(&mut algorithm, asn1::SEQUENCE, &[&identifier, &[asn1::NULL, 0]]);
    asn1::write(&mut octets, asn1::OCTET_STRING, &[digest]);
    asn1::write(&mut info, asn1::SEQUENCE, &[&algorithm, &octets]);
    info
}

/// `CKA_EC_PARAMS` of a curve: its object identifier in DER. `None` for RSA.
pub(super) fn curve_parameters(key_type: KeyType) -> Option<Vec<u8>> {
    let curve = match key_type {
        KeyType::EcP256 => oid::P256,
        KeyType::EcP384 => oid::P384,
        KeyType::EcP521 => oid::P521,
        KeyType::Ed25519 => oid::ED25519,
        KeyType::Rsa => return None,
    };
    let mut parameters = Vec::new();
    asn1::write(&mut parameters, asn1::OBJECT_IDENTIFIER, &[curve]);
    Some(parameters)
}

/// The other way in which the curve of Ed25519 is named: `PrintableString` "edwards25519". PKCS#11 v3.0 §2.3.10.
pub(super) const EDWARDS25519_BY_NAME: &[u8] = b"\x13\x0cedwards25519";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_longer_than_the_order_is_cut_to_its_leftmost_bytes() {
        let message = Message::Parts(&[b"message"]);
        for (scheme, length) in [
            (Scheme::EcdsaP256Sha256, 32),
            (Scheme::EcdsaP256Sha512, 32),
            (Scheme::EcdsaP384Sha256, 32),
            (Scheme::EcdsaP384Sha512, 48),
            (Scheme::EcdsaP521Sha512, 64),
            (Scheme::RsaPssSha384, 48),
        ] {
            let digest = scheme.hash().unwrap().hash(&[b"message"]);
            assert_eq!(input(scheme, message).unwrap(), digest.as_bytes()[..length], "{scheme}");
        }
    }

    /// The bytes before the digest as RFC 8017 §9.2 note 1 lists them.
    #[test]
    fn a_digest_info_is_that_of_the_standard() {
        let input = input(Scheme::RsaPkcs1Sha256, Message::Parts(&[b"message"])).unwrap();
        let (head, digest) = input.split_at(19);
        assert_eq!(stella_vocabulary::hex::encode(head), "3031300d060960864801650304020105000420");
        assert_eq!(digest, HashAlgorithm::Sha256.hash(&[b"message"]).as_bytes());
    }

    #[test]
    fn ed25519_takes_the_message_whole_and_no_digest() {
        assert_eq!(input(Scheme::Ed25519, Message::Parts(&[b"mes", b"", b"sage"])).unwrap(), b"message");
        let digest = HashAlgorithm::Sha512.hash(&[b"message"]);
        let prehashed = Message::Prehashed { hash: HashAlgorithm::Sha512, digest: digest.as_bytes() };
        assert_eq!(input(Scheme::Ed25519, prehashed), None);
    }
}
