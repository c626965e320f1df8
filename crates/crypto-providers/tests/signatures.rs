//! What may be a signature: catalogue items B079 to B085, B087, B088, B095, A18, each with its neighbour that passes.

#![cfg(feature = "rustcrypto")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use stella_crypto_providers::{
    HashAlgorithm, Message, Scheme, SignError, SignatureEncoding, SignatureError, Signer, SigningKey, VerifyingKey,
};
use stella_vocabulary::Reason;
use support::{INTEGER, SEQUENCE, hex, modulus_of, prepared, rsa_spki, tlv, unsigned};

const TEXT: &[u8] = b"the message";

fn key(scheme: Scheme) -> (SigningKey, VerifyingKey) {
    let length = if scheme.name().contains("p384") { 48 } else { 32 };
    let signing = SigningKey::from_secret_bytes(scheme, &vec![7; length]).unwrap();
    let verifying = prepared(scheme, signing.public_key().spki_der());
    (signing, verifying)
}

fn code(key: &VerifyingKey, signature: &[u8], encoding: SignatureEncoding) -> &'static str {
    let error = key.verify(Message::Parts(&[TEXT]), signature, encoding).unwrap_err();
    assert!(!error.to_string().is_empty());
    error.code().as_str()
}

fn der(key: &VerifyingKey, signature: &[u8]) -> &'static str {
    code(key, signature, SignatureEncoding::Der)
}

#[test]
fn an_ecdsa_signature_in_der_has_one_encoding() {
    let (signing, verifying) = key(Scheme::EcdsaP256Sha256);
    let fixed = signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Fixed).unwrap();
    let (r, s) = fixed.split_at(32);
    let good = tlv(SEQUENCE, &[&unsigned(r), &unsigned(s)]);
    verifying.verify(Message::Parts(&[TEXT]), &good, SignatureEncoding::Der).unwrap();
    assert_eq!(signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Der).unwrap(), good);

    let leading_zero = tlv(INTEGER, &[&[0, 0], r]);
    let malformed: [&[u8]; 9] = [
        &[],
        &[0x30],
        &[&good[..], &[0]].concat(),
        &good[..good.len() - 1],
        &[&[0x30, 0x81, good[1]], &good[2..]].concat(),
        &[&[0x30, 0x80], &good[2..], &[0, 0]].concat(),
        &tlv(SEQUENCE, &[&leading_zero, &unsigned(s)]),
        &tlv(SEQUENCE, &[&unsigned(r), &unsigned(s), &[5, 0]]),
        &tlv(SEQUENCE, &[&[INTEGER, 0], &unsigned(s)]),
    ];
    for signature in malformed {
        assert_eq!(der(&verifying, signature), "sig.malformed", "{signature:02x?}");
    }
}

#[test]
fn ecdsa_numbers_are_above_zero_and_below_the_order() {
    let (_, verifying) = key(Scheme::EcdsaP256Sha256);
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let mut below = order.clone();
    below[31] -= 1;
    let one = unsigned(&[1]);
    let out_of_range = [
        unsigned(&[]),
        unsigned(&order),
        unsigned(&[0xff; 32]),
        unsigned(&[1; 33]),
        unsigned(&[1; 200]),
        vec![INTEGER, 1, 0xff],
    ];
    for number in &out_of_range {
        assert_eq!(der(&verifying, &tlv(SEQUENCE, &[number, &one])), "sig.out_of_range");
        assert_eq!(der(&verifying, &tlv(SEQUENCE, &[&one, number])), "sig.out_of_range");
        assert_eq!(der(&verifying, &tlv(SEQUENCE, &[number, number])), "sig.out_of_range");
    }
    for number in [one.clone(), unsigned(&below)] {
        assert_eq!(der(&verifying, &tlv(SEQUENCE, &[&number, &one])), "sig.invalid");
        assert_eq!(der(&verifying, &tlv(SEQUENCE, &[&one, &number])), "sig.invalid");
    }
    for (r, s) in [(&[0; 32][..], &below), (&below, &vec![0; 32]), (&order, &below), (&below, &order)] {
        assert_eq!(code(&verifying, &[r, s].concat(), SignatureEncoding::Fixed), "sig.out_of_range");
    }
    assert_eq!(code(&verifying, &[&below[..], &below].concat(), SignatureEncoding::Fixed), "sig.invalid");
}

#[test]
fn the_upper_half_of_the_range_of_s_is_accepted() {
    let (signing, verifying) = key(Scheme::EcdsaP256Sha256);
    let signature = signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Fixed).unwrap();
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let (mut mirrored, mut borrow) = (signature.clone(), 0i16);
    for i in (0..32).rev() {
        let digit = i16::from(order[i]) - i16::from(signature[32 + i]) - borrow;
        borrow = i16::from(digit < 0);
        mirrored[32 + i] = digit.rem_euclid(256) as u8;
    }
    assert_ne!(mirrored, signature);
    verifying.verify(Message::Parts(&[TEXT]), &signature, SignatureEncoding::Fixed).unwrap();
    verifying.verify(Message::Parts(&[TEXT]), &mirrored, SignatureEncoding::Fixed).unwrap();
}

#[test]
fn the_encoding_of_an_ecdsa_signature_is_not_guessed() {
    for scheme in [Scheme::EcdsaP256Sha256, Scheme::EcdsaP384Sha384] {
        let (signing, verifying) = key(scheme);
        let as_der = signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Der).unwrap();
        let fixed = signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Fixed).unwrap();
        assert_eq!(code(&verifying, &as_der, SignatureEncoding::Fixed), "sig.malformed");
        assert_eq!(code(&verifying, &fixed, SignatureEncoding::Der), "sig.malformed");
        assert_eq!(code(&verifying, &fixed[1..], SignatureEncoding::Fixed), "sig.malformed");
        assert_eq!(code(&verifying, &[&fixed[..], &[0]].concat(), SignatureEncoding::Fixed), "sig.malformed");
    }
}

#[test]
fn an_ed25519_signature_is_checked_for_length_range_and_canonical_form() {
    let (signing, verifying) = key(Scheme::Ed25519);
    let good = signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Der).unwrap();
    verifying.verify(Message::Parts(&[b"the ", b"mess", b"age"]), &good, SignatureEncoding::Fixed).unwrap();

    for signature in [&good[..63], &[&good[..], &[0]].concat(), &[]] {
        assert_eq!(der(&verifying, signature), "sig.malformed");
    }
    // S + L signs the same message for those who do not check.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let (mut malleable, mut carry) = (good.clone(), 0u16);
    for i in 0..32 {
        let sum = u16::from(good[32 + i]) + u16::from(order[i]) + carry;
        malleable[32 + i] = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(der(&verifying, &malleable), "sig.malleable");
    assert_eq!(der(&verifying, &[&good[..32], &order].concat()), "sig.malleable");
    let mut below = order.clone();
    below[0] -= 1;
    assert_eq!(der(&verifying, &[&good[..32], &below].concat()), "sig.invalid");

    let mut not_reduced = [0xff; 32];
    not_reduced[31] = 0x7f;
    assert_eq!(der(&verifying, &[&not_reduced[..], &good[32..]].concat()), "sig.malformed");
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(der(&verifying, &[&neutral[..], &good[32..]].concat()), "sig.small_order");
    // Not a point at all: no signature has it.
    let mut nowhere = [0; 32];
    nowhere[0] = 2;
    assert_eq!(der(&verifying, &[&nowhere[..], &good[32..]].concat()), "sig.invalid");
}

#[test]
fn an_rsa_signature_is_as_long_as_the_modulus_and_below_it() {
    for bits in [2048, 2049, 3072] {
        let modulus = modulus_of(bits);
        let der_key = rsa_spki(&modulus, &[1, 0, 1]);
        for scheme in [Scheme::RsaPkcs1Sha256, Scheme::RsaPssSha256] {
            let verifying = prepared(scheme, &der_key);
            let mut below = modulus.clone();
            *below.last_mut().unwrap() -= 1;
            assert_eq!(der(&verifying, &below), "sig.invalid");
            assert_eq!(der(&verifying, &vec![0; modulus.len()]), "sig.invalid");
            assert_eq!(der(&verifying, &modulus), "sig.malformed");
            assert_eq!(der(&verifying, &vec![0xff; modulus.len()]), "sig.malformed");
            assert_eq!(der(&verifying, &below[1..]), "sig.malformed");
            assert_eq!(der(&verifying, &[&[0], &below[..]].concat()), "sig.malformed");
            assert_eq!(der(&verifying, &[]), "sig.malformed");
        }
    }
}

#[test]
fn a_digest_stands_for_its_message_only_under_the_same_hash_and_in_full_length() {
    let (signing, verifying) = key(Scheme::EcdsaP256Sha256);
    let digest = HashAlgorithm::Sha256.hash(&[TEXT]);
    let prehashed = |hash, digest| Message::Prehashed { hash, digest };
    let message = prehashed(HashAlgorithm::Sha256, digest.as_bytes());
    let signature = signing.sign(message, SignatureEncoding::Der).unwrap();
    verifying.verify(Message::Parts(&[TEXT]), &signature, SignatureEncoding::Der).unwrap();
    verifying.verify(message, &signature, SignatureEncoding::Der).unwrap();

    let long = HashAlgorithm::Sha384.hash(&[TEXT]);
    for message in [
        prehashed(HashAlgorithm::Sha384, long.as_bytes()),
        prehashed(HashAlgorithm::Sha256, &digest.as_bytes()[1..]),
        prehashed(HashAlgorithm::Sha256, long.as_bytes()),
        prehashed(HashAlgorithm::Sha256, &[]),
    ] {
        let refusal = verifying.verify(message, &signature, SignatureEncoding::Der).unwrap_err();
        assert!(matches!(refusal, SignatureError::PrehashUnsuitable { .. }));
        assert!(matches!(signing.sign(message, SignatureEncoding::Der), Err(SignError::PrehashUnsuitable { .. })));
    }
}

#[test]
fn ed25519_takes_no_digest_in_place_of_a_message() {
    let (signing, verifying) = key(Scheme::Ed25519);
    let digest = HashAlgorithm::Sha512.hash(&[TEXT]);
    let message = Message::Prehashed { hash: HashAlgorithm::Sha512, digest: digest.as_bytes() };
    let signature = signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Der).unwrap();
    let refusal = verifying.verify(message, &signature, SignatureEncoding::Der).unwrap_err();
    assert_eq!(refusal.code().as_str(), "sig.algorithm_unsupported");
    assert!(signing.sign(message, SignatureEncoding::Der).is_err());
}

#[test]
fn a_signature_of_another_scheme_of_the_same_key_is_invalid() {
    let (signing, _) = key(Scheme::EcdsaP256Sha256);
    let signing = signing.with_scheme(Scheme::EcdsaP256Sha512).unwrap();
    let signature = signing.sign(Message::Parts(&[TEXT]), SignatureEncoding::Der).unwrap();
    let right = prepared(Scheme::EcdsaP256Sha512, signing.public_key().spki_der());
    right.verify(Message::Parts(&[TEXT]), &signature, SignatureEncoding::Der).unwrap();
    let wrong = prepared(Scheme::EcdsaP256Sha256, signing.public_key().spki_der());
    assert_eq!(der(&wrong, &signature), "sig.invalid");
    assert!(signing.with_scheme(Scheme::EcdsaP384Sha384).is_err());
}
