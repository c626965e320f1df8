//! Catalogue items B083, B084 and B096 where an algorithm is named by an `AlgorithmIdentifier`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use stella_crypto_providers::{KeyType, Scheme, SchemeError};
use stella_vocabulary::Reason;
use support::{SEQUENCE, hex, tlv};

fn read(contents: &str, key: KeyType) -> Result<Scheme, &'static str> {
    Scheme::from_algorithm_identifier(&tlv(SEQUENCE, &[&hex(contents)]), key).map_err(|error| {
        assert!(!error.to_string().is_empty());
        error.code().as_str()
    })
}

const MISMATCH: Result<Scheme, &str> = Err("key.algorithm_mismatch");
const UNSUPPORTED: Result<Scheme, &str> = Err("sig.algorithm_unsupported");
const MALFORMED: Result<Scheme, &str> = Err("sig.malformed");

#[test]
fn the_identifier_names_the_hash_and_the_key_the_curve() {
    let ecdsa_sha384 = "06082a8648ce3d040303";
    assert_eq!(read(ecdsa_sha384, KeyType::EcP256), Ok(Scheme::EcdsaP256Sha384));
    assert_eq!(read(ecdsa_sha384, KeyType::EcP521), Ok(Scheme::EcdsaP521Sha384));
    assert_eq!(read(ecdsa_sha384, KeyType::Rsa), MISMATCH);
    assert_eq!(read(ecdsa_sha384, KeyType::Ed25519), MISMATCH);
    assert_eq!(read("06032b6570", KeyType::Ed25519), Ok(Scheme::Ed25519));
    assert_eq!(read("06032b6570", KeyType::EcP256), MISMATCH);
}

#[test]
fn parameters_are_those_of_the_algorithm() {
    assert_eq!(read("06082a8648ce3d0403020500", KeyType::EcP256), UNSUPPORTED);
    assert_eq!(read("06032b65700500", KeyType::Ed25519), UNSUPPORTED);
    let rsa_sha256 = "06092a864886f70d01010b";
    assert_eq!(read(&format!("{rsa_sha256}0500"), KeyType::Rsa), Ok(Scheme::RsaPkcs1Sha256));
    assert_eq!(read(rsa_sha256, KeyType::Rsa), Ok(Scheme::RsaPkcs1Sha256));
    assert_eq!(read(&format!("{rsa_sha256}3000"), KeyType::Rsa), UNSUPPORTED);
    assert_eq!(read(&format!("{rsa_sha256}05000500"), KeyType::Rsa), MALFORMED);
}

#[test]
fn weak_algorithms_are_told_apart_from_unknown_ones() {
    for weak in ["06092a864886f70d010105", "06092a864886f70d010104", "06072a8648ce3d0401", "06052b0e03021d"] {
        let refusal = Scheme::from_algorithm_identifier(&tlv(SEQUENCE, &[&hex(weak)]), KeyType::Rsa).unwrap_err();
        assert!(matches!(refusal, SchemeError::Weak { .. }), "{refusal}");
        assert_eq!(refusal.code().as_str(), "sig.algorithm_unsupported");
    }
    // SHA-224, and the identifier of a key in place of that of a signature.
    for unknown in ["06082a8648ce3d040301", "06092a864886f70d0101010500"] {
        let refusal = Scheme::from_algorithm_identifier(&tlv(SEQUENCE, &[&hex(unknown)]), KeyType::Rsa).unwrap_err();
        assert!(matches!(refusal, SchemeError::Unsupported { .. }), "{refusal}");
    }
}

#[test]
fn what_is_not_an_identifier_is_malformed() {
    assert_eq!(read("", KeyType::Rsa), MALFORMED);
    assert_eq!(read("0500", KeyType::Rsa), MALFORMED);
    let good = tlv(SEQUENCE, &[&hex("06032b6570")]);
    let read =
        |der: &[u8]| Scheme::from_algorithm_identifier(der, KeyType::Ed25519).map_err(|error| error.code().as_str());
    assert_eq!(read(&good), Ok(Scheme::Ed25519));
    assert_eq!(read(&[&good[..], &[0]].concat()), MALFORMED);
    for cut in 0..good.len() {
        assert_eq!(read(&good[..cut]), MALFORMED);
    }
}

const SHA256: &str = "300d06096086480165030402010500";
const SHA256_ABSENT: &str = "300b0609608648016503040201";
const SHA384: &str = "300d06096086480165030402020500";
const SHA1: &str = "300906052b0e03021a0500";
const MGF1: &str = "06092a864886f70d010108";

/// RSASSA-PSS-params from the fields that are given.
fn pss(
    hash: Option<&str>,
    mask: Option<&str>,
    salt: Option<&str>,
    trailer: Option<&str>,
) -> Result<Scheme, &'static str> {
    let mut fields = Vec::new();
    fields.extend(hash.map(|hash| tlv(0xa0, &[&hex(hash)])));
    fields.extend(mask.map(|mask| tlv(0xa1, &[&tlv(SEQUENCE, &[&hex(MGF1), &hex(mask)])])));
    fields.extend(salt.map(|salt| tlv(0xa2, &[&hex(salt)])));
    fields.extend(trailer.map(|trailer| tlv(0xa3, &[&hex(trailer)])));
    let parameters = tlv(SEQUENCE, &[&fields.concat()]);
    read(&format!("06092a864886f70d01010a{}", stella_vocabulary::hex::encode(&parameters)), KeyType::Rsa)
}

#[test]
fn pss_parameters_name_one_hash_and_a_salt_of_its_length() {
    let salt = Some("020120");
    assert_eq!(pss(Some(SHA256), Some(SHA256), salt, None), Ok(Scheme::RsaPssSha256));
    assert_eq!(pss(Some(SHA256_ABSENT), Some(SHA256), salt, None), Ok(Scheme::RsaPssSha256));
    assert_eq!(pss(Some(SHA384), Some(SHA384), Some("020130"), None), Ok(Scheme::RsaPssSha384));
    assert_eq!(pss(Some(SHA256), Some(SHA256), salt, Some("020101")), Ok(Scheme::RsaPssSha256));

    assert_eq!(pss(Some(SHA256), Some(SHA256), salt, Some("020102")), UNSUPPORTED);
    assert_eq!(pss(Some(SHA256), Some(SHA384), salt, None), UNSUPPORTED);
    assert_eq!(pss(Some(SHA256), Some(SHA256), Some("02011f"), None), UNSUPPORTED);
    assert_eq!(pss(Some(SHA256), Some(SHA256), Some("020121"), None), UNSUPPORTED);
    assert_eq!(pss(Some(SHA256), Some(SHA256), Some("02020100"), None), UNSUPPORTED);
    assert_eq!(pss(Some(SHA256), Some(SHA256), None, None), UNSUPPORTED);
    assert_eq!(pss(Some(SHA256), Some(SHA256), Some("02020020"), None), MALFORMED);
    assert_eq!(pss(Some(SHA256), Some(SHA256), Some("0201e0"), None), MALFORMED);
    assert_eq!(pss(Some(SHA1), Some(SHA1), Some("020114"), None), UNSUPPORTED);
    assert_eq!(pss(None, None, None, None), UNSUPPORTED);
    assert_eq!(read("06092a864886f70d01010a", KeyType::Rsa), UNSUPPORTED);
}
