//! Public keys: what is accepted is accepted by a second implementation too, and has one canonical form and one id.
#![no_main]

use libfuzzer_sys::fuzz_target;
use p256::{elliptic_curve::sec1::ToSec1Point as _, pkcs8::DecodePublicKey as _};
use sha2::{Digest as _, Sha256};
use stella_crypto_providers::{KeyType, PublicKey, Registry, Scheme};
use stella_fuzz::check_reason;
use x509_parser::prelude::{FromDer as _, SubjectPublicKeyInfo};
use x509_parser::public_key::PublicKey as Parsed;

/// Compressed, uncompressed and nothing else: SEC 1 knows forms that RFC 5480 does not.
const POINT_FORMS: [u8; 3] = [2, 3, 4];

fuzz_target!(|data: &[u8]| {
    if let Err(error) = PublicKey::from_pem(data) {
        check_reason(&error);
    }
    match PublicKey::from_spki_der(data) {
        Ok(key) => check(&key, data),
        Err(error) => {
            check_reason(&error);
            // What is refused here and accepted there is explained by the form of the point alone.
            let form = SubjectPublicKeyInfo::from_der(data).is_ok_and(|(_, spki)| {
                spki.subject_public_key.data.first().is_some_and(|first| POINT_FORMS.contains(first))
            });
            let elsewhere = p256::PublicKey::from_public_key_der(data).is_ok()
                || p384::PublicKey::from_public_key_der(data).is_ok()
                || p521::PublicKey::from_public_key_der(data).is_ok();
            assert!(!(elsewhere && form), "refused here alone: {error}");
        }
    }
});

fn check(key: &PublicKey, data: &[u8]) {
    let again = PublicKey::from_spki_der(key.spki_der()).expect("the canonical form can be read");
    assert_eq!(again.spki_der(), key.spki_der());
    assert_eq!(again.key_id(), key.key_id());
    assert_eq!(key.key_id().as_bytes(), &<[u8; 32]>::from(Sha256::digest(key.spki_der())));
    assert_eq!(PublicKey::from_pem(key.to_pem().as_bytes()).expect("PEM of a key").key_id(), key.key_id());

    let (rest, spki) = SubjectPublicKeyInfo::from_der(data).expect("accepted by a second reader");
    assert!(rest.is_empty());
    assert_eq!(spki.subject_public_key.unused_bits, 0);
    let raw = &*spki.subject_public_key.data;
    match key.key_type() {
        KeyType::EcP256 => {
            let point = p256::PublicKey::from_public_key_der(data).expect("on the curve");
            assert_eq!(key.raw(), point.to_sec1_point(false).as_bytes());
            assert_eq!((key.raw().len(), key.bits()), (65, 256));
        }
        KeyType::EcP384 => {
            let point = p384::PublicKey::from_public_key_der(data).expect("on the curve");
            assert_eq!(key.raw(), point.to_sec1_point(false).as_bytes());
            assert_eq!((key.raw().len(), key.bits()), (97, 384));
        }
        KeyType::EcP521 => {
            let point = p521::PublicKey::from_public_key_der(data).expect("on the curve");
            assert_eq!(key.raw(), point.to_sec1_point(false).as_bytes());
            assert_eq!((key.raw().len(), key.bits()), (133, 521));
        }
        KeyType::Ed25519 => {
            assert_eq!((key.raw(), key.spki_der()), (raw, data));
            let point = ed25519_dalek::VerifyingKey::from_bytes(raw.try_into().expect("32 bytes")).expect("a point");
            assert!(!point.is_weak());
        }
        KeyType::Rsa => {
            assert_eq!((key.raw(), key.spki_der()), (raw, data));
            let Ok(Parsed::RSA(rsa)) = spki.parsed() else { panic!("no RSA key to a second reader") };
            let modulus = rsa.modulus.strip_prefix(&[0]).unwrap_or(rsa.modulus);
            assert_eq!(key.rsa_modulus(), Some(modulus));
            assert_eq!(key.rsa_exponent(), rsa.try_exponent().ok());
            assert!((2048..=8192).contains(&key.bits()));
            assert!(modulus.last().is_some_and(|last| last % 2 == 1));
        }
        other => panic!("a key of type {other}, of which this target knows nothing"),
    }
    // The usual scheme of the key is one it permits, and a provider takes it.
    let scheme = Scheme::for_key(key);
    assert!(key.permits(scheme));
    assert_eq!(scheme.key_type(), key.key_type());
    if let Err(error) = Registry::rustcrypto().prepare(scheme, key) {
        panic!("no provider takes a key that was accepted: {error}");
    }
}
