//! What may be a key: catalogue items B086, B092 to B094, B097 to B099, each with its neighbour that passes.

#![cfg(feature = "rustcrypto")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use stella_crypto_providers::{KeyType, PublicKey, Registry, Scheme, Signer, SigningKey};
use stella_vocabulary::Reason;
use support::{
    BIT_STRING, EC, ED25519, OCTET_STRING, P256, P384, P521, RSA, RSA_PSS, SEQUENCE, hex, modulus_of, rsa_raw,
    rsa_spki, spki, tlv, unsigned,
};

const EXPONENT: &[u8] = &[1, 0, 1];

fn code(der: &[u8]) -> &'static str {
    match PublicKey::from_spki_der(der) {
        Ok(key) => panic!("accepted {key:?}"),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            error.code().as_str()
        }
    }
}

fn signing(scheme: Scheme) -> SigningKey {
    let length = match scheme.key_type() {
        KeyType::EcP384 => 48,
        KeyType::EcP521 => 66,
        _ => 32,
    };
    let mut secret = vec![7; length];
    secret[0] = 0;
    SigningKey::from_secret_bytes(scheme, &secret).unwrap()
}

fn point(scheme: Scheme) -> Vec<u8> {
    signing(scheme).public_key().raw().to_vec()
}

const CURVES: [(Scheme, &str); 3] =
    [(Scheme::EcdsaP256Sha256, P256), (Scheme::EcdsaP384Sha384, P384), (Scheme::EcdsaP521Sha512, P521)];

#[test]
fn every_type_of_key_is_read_and_written_back_unchanged() {
    let mut keys: Vec<PublicKey> = CURVES.iter().map(|(scheme, _)| signing(*scheme).public_key().clone()).collect();
    keys.push(signing(Scheme::Ed25519).public_key().clone());
    keys.push(PublicKey::from_spki_der(&rsa_spki(&modulus_of(3072), EXPONENT)).unwrap());
    for (key, bits) in keys.iter().zip([256, 384, 521, 255, 3072]) {
        assert_eq!(key.bits(), bits);
        assert_eq!(&PublicKey::from_spki_der(key.spki_der()).unwrap(), key);
        assert_eq!(&PublicKey::from_pem(key.to_pem().as_bytes()).unwrap(), key);
        assert!(key.spki_der().ends_with(key.raw()));
        assert!(key.key_id().to_string().starts_with("sha256:"));
        assert_eq!(key.key_id().to_string().len(), 71);
        assert!(key.permits(Scheme::for_key(key)));
    }
}

#[test]
fn a_compressed_point_is_the_same_key_as_the_uncompressed_one() {
    for (scheme, curve) in CURVES {
        let key = signing(scheme).public_key().clone();
        let field = (key.raw().len() - 1) / 2;
        let parity = 2 + (key.raw().last().unwrap() & 1);
        let compressed = [&[parity], &key.raw()[1..=field]].concat();
        let read = PublicKey::from_spki_der(&spki(&format!("{EC}{curve}"), &compressed)).unwrap();
        assert_eq!(read, key);
        assert_eq!(read.key_id(), key.key_id());
    }
}

#[test]
fn a_point_off_the_curve_at_infinity_or_in_another_form_is_refused() {
    for (scheme, curve) in CURVES {
        let algorithm = format!("{EC}{curve}");
        let good = point(scheme);
        let field = (good.len() - 1) / 2;
        let mut off = good.clone();
        *off.last_mut().unwrap() ^= 1;
        assert_eq!(code(&spki(&algorithm, &off)), "key.malformed");
        assert_eq!(code(&spki(&algorithm, &[0])), "key.malformed");
        assert_eq!(code(&spki(&algorithm, &vec![0; good.len()])), "key.malformed");
        assert_eq!(code(&spki(&algorithm, &[vec![4], vec![0; 2 * field]].concat())), "key.malformed");
        // A coordinate that is not reduced.
        assert_eq!(code(&spki(&algorithm, &[vec![2], vec![0xff; field]].concat())), "key.malformed");
        let hybrid = [&[6 + (good.last().unwrap() & 1)], &good[1..]].concat();
        assert_eq!(code(&spki(&algorithm, &hybrid)), "key.malformed");
        assert_eq!(code(&spki(&algorithm, &good[..good.len() - 1])), "key.malformed");
        assert_eq!(code(&spki(&algorithm, &[&good[..], &[0]].concat())), "key.malformed");
        assert_eq!(code(&spki(&algorithm, &[])), "key.malformed");
    }
}

#[test]
fn a_curve_that_is_unknown_or_described_by_numbers_is_refused() {
    let good = point(Scheme::EcdsaP256Sha256);
    for curve in ["06082a8648ce3d030101", "06052b81040021", "06052b8104000a", "06092b2403030208010107"] {
        assert_eq!(code(&spki(&format!("{EC}{curve}"), &good)), "key.curve_unsupported");
    }
    assert_eq!(code(&spki(&format!("{EC}3003020101"), &good)), "key.curve_unsupported");
    assert_eq!(code(&spki(&format!("{EC}0500"), &good)), "key.malformed");
    assert_eq!(code(&spki(EC, &good)), "key.malformed");
}

#[test]
fn keys_of_other_algorithms_are_refused_by_kind() {
    let raw = [9; 32];
    // DSA, Ed448, ML-DSA-65.
    for algorithm in ["06072a8648ce380401", "06032b6571", "0609608648016503040312"] {
        assert_eq!(code(&spki(algorithm, &raw)), "sig.algorithm_unsupported");
    }
    // X25519, X448, Diffie-Hellman, ECDH.
    for algorithm in ["06032b656e", "06032b656f", "06092a864886f70d010301", "06052b8104010c"] {
        assert_eq!(code(&spki(algorithm, &raw)), "key.algorithm_mismatch");
    }
}

#[test]
fn the_structure_around_a_key_is_strict() {
    let key = point(Scheme::Ed25519);
    let good = spki(ED25519, &key);
    PublicKey::from_spki_der(&good).unwrap();
    assert_eq!(code(&[&good[..], &[0]].concat()), "key.malformed");
    assert_eq!(code(&[]), "key.malformed");
    let algorithm = tlv(SEQUENCE, &[&hex(ED25519)]);
    let bits = tlv(BIT_STRING, &[&[0], &key]);
    assert_eq!(code(&tlv(SEQUENCE, &[&algorithm, &bits, &[5, 0]])), "key.malformed");
    assert_eq!(code(&tlv(SEQUENCE, &[&algorithm, &tlv(BIT_STRING, &[&[1], &key])])), "key.malformed");
    assert_eq!(code(&tlv(SEQUENCE, &[&algorithm, &tlv(BIT_STRING, &[])])), "key.malformed");
    assert_eq!(code(&tlv(SEQUENCE, &[&algorithm, &tlv(OCTET_STRING, &[&[0], &key])])), "key.malformed");
    let mut long_form = good.clone();
    long_form.splice(1..2, [0x81, good[1]]);
    assert_eq!(code(&long_form), "key.malformed");
    // NULL next to Ed25519; none, or something else, next to RSA; two parameters.
    assert_eq!(code(&spki(&format!("{ED25519}0500"), &key)), "key.malformed");
    let rsa = rsa_raw(&modulus_of(2048), EXPONENT);
    PublicKey::from_spki_der(&spki(&format!("{RSA}0500"), &rsa)).unwrap();
    assert_eq!(code(&spki(RSA, &rsa)), "key.malformed");
    assert_eq!(code(&spki(&format!("{RSA}3000"), &rsa)), "key.malformed");
    assert_eq!(code(&spki(&format!("{RSA}05000500"), &rsa)), "key.malformed");
}

#[test]
fn ed25519_keys_of_small_order_not_canonical_or_not_on_the_curve_are_refused() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(code(&spki(ED25519, &neutral)), "key.small_order");
    assert_eq!(code(&spki(ED25519, &[0; 32])), "key.small_order");
    let mut negative_zero = neutral;
    negative_zero[31] = 0x80;
    assert_eq!(code(&spki(ED25519, &negative_zero)), "key.small_order");
    // 2^255 - 1 is 18 once reduced.
    let mut not_reduced = [0xff; 32];
    not_reduced[31] = 0x7f;
    assert_eq!(code(&spki(ED25519, &not_reduced)), "key.malformed");
    let mut off = [0; 32];
    off[0] = 2;
    assert_eq!(code(&spki(ED25519, &off)), "key.malformed");
    assert_eq!(code(&spki(ED25519, &point(Scheme::Ed25519)[..31])), "key.malformed");
    assert_eq!(code(&spki(ED25519, &[7; 33])), "key.malformed");
}

#[test]
fn an_rsa_modulus_has_2048_to_8192_bits_counted_exactly() {
    for bits in [2048, 2049, 4096, 8191, 8192] {
        let key = PublicKey::from_spki_der(&rsa_spki(&modulus_of(bits), EXPONENT)).unwrap();
        assert_eq!(key.bits(), bits);
        Registry::rustcrypto().prepare(Scheme::RsaPkcs1Sha256, &key).unwrap();
    }
    for bits in [8, 512, 1024, 2047] {
        assert_eq!(code(&rsa_spki(&modulus_of(bits), EXPONENT)), "key.too_weak");
    }
    for bits in [8193, 16_384, 65_536] {
        assert_eq!(code(&rsa_spki(&modulus_of(bits), EXPONENT)), "key.too_large");
    }
    assert_eq!(code(&rsa_spki(&[], EXPONENT)), "key.too_weak");
}

#[test]
fn an_rsa_exponent_is_odd_and_from_65537_to_2_to_the_32() {
    let modulus = modulus_of(2048);
    for exponent in [65_537u64, 65_539, (1 << 32) - 1] {
        let key = PublicKey::from_spki_der(&rsa_spki(&modulus, &exponent.to_be_bytes())).unwrap();
        assert_eq!(key.rsa_exponent(), Some(exponent));
        assert_eq!(key.rsa_modulus(), Some(&modulus[..]));
        Registry::rustcrypto().prepare(Scheme::RsaPssSha256, &key).unwrap();
    }
    for exponent in [0u64, 1, 2, 3, 17, 65_535, 65_536, 65_538, 1 << 32, (1 << 32) + 1, u64::MAX] {
        assert_eq!(code(&rsa_spki(&modulus, &exponent.to_be_bytes())), "key.rsa_exponent", "{exponent}");
    }
    assert_eq!(code(&rsa_spki(&modulus, &[1; 9])), "key.rsa_exponent");
}

#[test]
fn rsa_integers_are_positive_odd_and_in_der() {
    let algorithm = format!("{RSA}0500");
    let mut even = modulus_of(2048);
    *even.last_mut().unwrap() &= !1;
    assert_eq!(code(&rsa_spki(&even, EXPONENT)), "key.malformed");
    let negative = tlv(support::INTEGER, &[&modulus_of(2048)]);
    assert_eq!(code(&spki(&algorithm, &tlv(SEQUENCE, &[&negative, &unsigned(EXPONENT)]))), "key.malformed");
    let padded = tlv(support::INTEGER, &[&[0, 0], &modulus_of(2048)]);
    assert_eq!(code(&spki(&algorithm, &tlv(SEQUENCE, &[&padded, &unsigned(EXPONENT)]))), "key.malformed");
    let raw = rsa_raw(&modulus_of(2048), EXPONENT);
    assert_eq!(code(&spki(&algorithm, &[&raw[..], &[0]].concat())), "key.malformed");
    let three = tlv(SEQUENCE, &[&unsigned(&modulus_of(2048)), &unsigned(EXPONENT), &unsigned(EXPONENT)]);
    assert_eq!(code(&spki(&algorithm, &three)), "key.malformed");
}

#[test]
fn an_rsa_key_restricted_to_pss_has_one_id_however_its_parameters_are_written() {
    let raw = rsa_raw(&modulus_of(2048), &[1, 0, 1]);
    let (null, absent) = ("300d06096086480165030402010500", "300b0609608648016503040201");
    let parameters = |hash: &str, mask: &str, trailer: &[u8]| {
        let mask = tlv(SEQUENCE, &[&hex("06092a864886f70d010108"), &hex(mask)]);
        tlv(SEQUENCE, &[&tlv(0xa0, &[&hex(hash)]), &tlv(0xa1, &[&mask]), &hex("a203020120"), trailer])
    };
    let usual = spki(&format!("{RSA_PSS}{}", stella_vocabulary::hex::encode(&parameters(null, null, &[]))), &raw);
    let usual_key = PublicKey::from_spki_der(&usual).unwrap();
    assert_eq!(usual_key.spki_der(), usual);
    for parameters in [
        parameters(absent, null, &[]),
        parameters(null, absent, &[]),
        parameters(null, null, &hex("a303020101")),
        parameters(absent, absent, &hex("a303020101")),
    ] {
        let other = spki(&format!("{RSA_PSS}{}", stella_vocabulary::hex::encode(&parameters)), &raw);
        let key = PublicKey::from_spki_der(&other).unwrap();
        assert_eq!((key.key_id(), key.rsa_modulus()), (usual_key.key_id(), usual_key.rsa_modulus()));
        assert!(key.permits(Scheme::RsaPssSha256) && !key.permits(Scheme::RsaPssSha384));
    }
    let unrestricted = PublicKey::from_spki_der(&spki("06092a864886f70d0101010500", &raw)).unwrap();
    assert_eq!(unrestricted.key_id(), usual_key.key_id(), "one holder would count as two");
    assert_ne!(unrestricted, usual_key, "what they may sign with differs");
}

#[test]
fn an_rsa_key_restricted_to_pss_is_used_within_its_restriction() {
    let raw = rsa_raw(&modulus_of(2048), EXPONENT);
    let any = PublicKey::from_spki_der(&spki(RSA_PSS, &raw)).unwrap();
    assert!(any.permits(Scheme::RsaPssSha512) && !any.permits(Scheme::RsaPkcs1Sha256));
    assert_eq!(Scheme::for_key(&any), Scheme::RsaPssSha256);

    let sha384 = "300d06096086480165030402020500";
    let mask = "06092a864886f70d010108";
    let parameters = |salt: u8| {
        let mask = tlv(SEQUENCE, &[&hex(mask), &hex(sha384)]);
        let salt = tlv(0xa2, &[&[2, 1, salt]]);
        tlv(SEQUENCE, &[&tlv(0xa0, &[&hex(sha384)]), &tlv(0xa1, &[&mask]), &salt])
    };
    let algorithm = |salt| format!("{RSA_PSS}{}", stella_vocabulary::hex::encode(&parameters(salt)));
    let only = PublicKey::from_spki_der(&spki(&algorithm(48), &raw)).unwrap();
    assert_eq!(Scheme::ALL.iter().filter(|scheme| only.permits(**scheme)).count(), 1);
    assert_eq!(Scheme::for_key(&only), Scheme::RsaPssSha384);
    let refusal = Registry::rustcrypto().prepare(Scheme::RsaPkcs1Sha384, &only).unwrap_err();
    assert_eq!(refusal.code().as_str(), "key.algorithm_mismatch");
    assert_eq!(code(&spki(&algorithm(20), &raw)), "sig.algorithm_unsupported");
    assert_eq!(code(&spki(&format!("{RSA_PSS}0500"), &raw)), "key.malformed");
}

#[test]
fn a_private_key_in_place_of_a_public_one_is_named_as_such() {
    let key = signing(Scheme::EcdsaP256Sha256);
    let pem = stella_vocabulary::pem::encode("PRIVATE KEY", &key.to_pkcs8_der());
    assert_eq!(PublicKey::from_pem(pem.as_bytes()).unwrap_err().code().as_str(), "key.private_key_supplied");
    assert_eq!(PublicKey::from_pem(b"nothing").unwrap_err().code().as_str(), "pem.malformed");
}

#[test]
fn private_keys_are_written_and_read_back_and_stay_out_of_debug_output() {
    for scheme in [Scheme::EcdsaP256Sha256, Scheme::EcdsaP384Sha384, Scheme::EcdsaP521Sha512, Scheme::Ed25519] {
        let key = signing(scheme);
        let der = key.to_pkcs8_der();
        let read = SigningKey::from_pkcs8_der(&der).unwrap();
        assert_eq!(read.public_key(), key.public_key());
        assert_eq!((read.scheme(), read.to_pkcs8_der()), (scheme, der.clone()));
        let pem = stella_vocabulary::pem::encode("PRIVATE KEY", &der);
        assert_eq!(SigningKey::from_pkcs8_pem(pem.as_bytes()).unwrap().public_key(), key.public_key());
        assert!(!format!("{key:?}").contains("0707"));
        for cut in 0..der.len() {
            assert!(SigningKey::from_pkcs8_der(&der[..cut]).is_err());
        }
        assert!(SigningKey::from_pkcs8_der(&[&der[..], &[0]].concat()).is_err());
    }
}

#[test]
fn a_private_key_with_the_public_key_of_another_is_refused() {
    let der = signing(Scheme::EcdsaP256Sha256).to_pkcs8_der();
    let mut changed = der.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(SigningKey::from_pkcs8_der(&changed).unwrap_err().code().as_str(), "key.malformed");
}

/// RFC 8410 §10.3: the same key in version 1, and in version 2 with an attribute and the public key.
#[test]
fn private_keys_of_rfc_8410_are_read() {
    let first = hex("302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842");
    let second = hex(concat!(
        "3072020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
        "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273",
        "81210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
    ));
    let (first, read) = (SigningKey::from_pkcs8_der(&first).unwrap(), SigningKey::from_pkcs8_der(&second).unwrap());
    assert_eq!(first.public_key(), read.public_key());
    assert_eq!(read.public_key().raw(), &second[second.len() - 32..]);
}

#[test]
fn private_numbers_out_of_range_are_refused() {
    for (scheme, length) in
        [(Scheme::EcdsaP256Sha256, 32), (Scheme::EcdsaP384Sha384, 48), (Scheme::EcdsaP521Sha512, 66)]
    {
        assert!(SigningKey::from_secret_bytes(scheme, &vec![0; length]).is_err());
        assert!(SigningKey::from_secret_bytes(scheme, &vec![0xff; length]).is_err());
        assert!(SigningKey::from_secret_bytes(scheme, &vec![1; length - 1]).is_err());
        assert!(SigningKey::from_secret_bytes(scheme, &vec![0; length + 1]).is_err());
        let mut one = vec![0; length];
        one[length - 1] = 1;
        assert!(SigningKey::from_secret_bytes(scheme, &one).is_ok());
    }
    assert!(SigningKey::from_secret_bytes(Scheme::Ed25519, &[1; 31]).is_err());
    assert!(SigningKey::from_secret_bytes(Scheme::RsaPkcs1Sha256, &[1; 32]).is_err());
}
