//! Outside vectors in `testdata/`: NIST CAVP and C2SP CCTV.

#![cfg(feature = "rustcrypto")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use serde_json::Value;
use stella_crypto_providers::{
    HashAlgorithm, KeyType, Message, PublicKey, Registry, Scheme, SignatureEncoding, Signer, SigningKey,
};
use stella_vocabulary::Reason;
use support::{EC, ED25519, P256, P384, P521, hex, prepared, rsa_spki, spki, unsigned};

fn rows(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row[member].as_str().unwrap()
}

fn number(row: &Value, member: &str, width: usize) -> Vec<u8> {
    let digits = hex(text(row, member));
    let mut padded = vec![0; width.saturating_sub(digits.len())];
    padded.extend(digits);
    padded
}

#[test]
fn nist_ecdsa_vectors_get_the_verdict_of_nist_in_both_encodings() {
    let mut counts = (0, 0);
    for row in rows(include_str!("../testdata/nist-cavp/ecdsa.json")) {
        let (key_type, curve, width) = match text(&row, "curve") {
            "P-256" => (KeyType::EcP256, P256, 32),
            "P-384" => (KeyType::EcP384, P384, 48),
            _ => (KeyType::EcP521, P521, 66),
        };
        let hash = HashAlgorithm::from_name(&text(&row, "hash").replace('-', "").to_lowercase()).unwrap();
        let scheme = Scheme::with_hash(key_type, hash).unwrap();
        let id = text(&row, "id");
        let valid = text(&row, "expected") == "valid";
        let point = [vec![4], number(&row, "qx", width), number(&row, "qy", width)].concat();
        let key = PublicKey::from_spki_der(&spki(&format!("{EC}{curve}"), &point));
        let Ok(key) = key else {
            assert!(!valid && text(&row, "why").contains("Q changed"), "{id}: {key:?}");
            counts.1 += 1;
            continue;
        };
        let key = Registry::rustcrypto().prepare(scheme, &key).unwrap();
        let message = hex(text(&row, "msg"));
        let (r, s) = (number(&row, "r", width), number(&row, "s", width));
        let der = support::tlv(support::SEQUENCE, &[&unsigned(&r), &unsigned(&s)]);
        let fixed = [r, s].concat();
        for (signature, encoding) in [(der, SignatureEncoding::Der), (fixed, SignatureEncoding::Fixed)] {
            let verdict = key.verify(Message::Parts(&[&message]), &signature, encoding);
            assert_eq!(verdict.is_ok(), valid, "{id}: {verdict:?}");
        }
        if valid { counts.0 += 1 } else { counts.1 += 1 }
    }
    assert_eq!(counts, (17, 66));
}

#[test]
fn nist_rsa_vectors_get_the_verdict_of_nist_or_fail_for_their_exponent_or_their_salt() {
    let mut accepted = 0;
    for row in rows(include_str!("../testdata/nist-cavp/rsa.json")) {
        let id = text(&row, "id");
        let hash = HashAlgorithm::from_name(&text(&row, "hash").to_lowercase()).unwrap();
        let key = PublicKey::from_spki_der(&rsa_spki(&hex(text(&row, "n")), &hex(text(&row, "e"))));
        if text(&row, "e") != "10001" {
            assert_eq!(key.unwrap_err().code().as_str(), "key.rsa_exponent", "{id}");
            continue;
        }
        let pkcs1 = text(&row, "scheme") == "pkcs1v15";
        let scheme = if pkcs1 { Scheme::with_hash(KeyType::Rsa, hash).unwrap() } else { Scheme::pss_with_hash(hash) };
        let key = Registry::rustcrypto().prepare(scheme, &key.unwrap()).unwrap();
        let (message, signature) = (hex(text(&row, "msg")), hex(text(&row, "sig")));
        let verdict = key.verify(Message::Parts(&[&message]), &signature, SignatureEncoding::Der);
        // The salts of these PSS vectors are shorter than the hash.
        assert_eq!(verdict.is_ok(), pkcs1 && text(&row, "expected") == "valid", "{id}: {verdict:?}");
        accepted += usize::from(verdict.is_ok());
    }
    assert_eq!(accepted, 5);
}

#[test]
fn ed25519_vectors_verify_and_any_changed_bit_is_refused() {
    for row in rows(include_str!("../testdata/nist-cavp/ed25519.json")) {
        let (key, message, signature) = (hex(text(&row, "pk")), hex(text(&row, "msg")), hex(text(&row, "sig")));
        let key = prepared(Scheme::Ed25519, &spki(ED25519, &key));
        key.verify(Message::Parts(&[&message]), &signature, SignatureEncoding::Der).unwrap();
        for position in [0, 31, 32, 62, 63] {
            let mut changed = signature.clone();
            changed[position] ^= 1;
            key.verify(Message::Parts(&[&message]), &changed, SignatureEncoding::Der).unwrap_err();
        }
        key.verify(Message::Parts(&[&message, b"x"]), &signature, SignatureEncoding::Der).unwrap_err();
    }
}

/// The profile is that of dalek `verify_strict`: no flag but low-order *components* of A and R, which RFC 8032 cannot
/// see.
#[test]
fn ed25519_edge_cases_get_one_code_each_from_one_profile() {
    let mut accepted = 0;
    for line in include_str!("../testdata/cctv/ed25519.tsv").lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap();
        let (id, key, signature, message, flags) = (next(), next(), next(), next(), next());
        let expected = match flags {
            flags if flags.contains('a') => Some("key.small_order"),
            flags if flags.contains('A') => Some("key.malformed"),
            flags if flags.contains('R') => Some("sig.malformed"),
            flags if flags.contains('r') => Some("sig.small_order"),
            flags if flags.contains('l') => Some("sig.invalid"),
            _ => None,
        };
        let verdict = PublicKey::from_spki_der(&spki(ED25519, &hex(key))).map_err(|error| error.code());
        let verdict = verdict.and_then(|key| {
            let key = Registry::rustcrypto().prepare(Scheme::Ed25519, &key).unwrap();
            key.verify(Message::Parts(&[message.as_bytes()]), &hex(signature), SignatureEncoding::Fixed)
                .map_err(|error| error.code())
        });
        assert_eq!(verdict.err().map(|code| code.as_str()), expected, "{id}: {flags}");
        accepted += usize::from(expected.is_none());
    }
    assert_eq!(accepted, 43);
}

#[test]
fn a_rejected_nonce_candidate_leads_to_the_published_signature() {
    let row: Value = serde_json::from_str(include_str!("../testdata/cctv/rfc6979-rejection.json")).unwrap();
    let key = SigningKey::from_secret_bytes(Scheme::EcdsaP256Sha256, &hex(text(&row, "private_key"))).unwrap();
    let message = text(&row, "message").as_bytes();
    let signature = key.sign(Message::Parts(&[message]), SignatureEncoding::Fixed).unwrap();
    assert_eq!(signature, [hex(text(&row, "r")), hex(text(&row, "s"))].concat());
}

/// RFC 6979 §A.2.5 to §A.2.7, message "sample".
#[test]
fn ecdsa_signatures_are_those_of_rfc_6979() {
    let vectors = [
        (
            Scheme::EcdsaP256Sha256,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        ),
        (
            Scheme::EcdsaP256Sha512,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00",
        ),
        (
            Scheme::EcdsaP384Sha384,
            "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
        ),
    ];
    for (scheme, secret, r) in vectors {
        let key = SigningKey::from_secret_bytes(scheme, &hex(secret)).unwrap();
        let signature = key.sign(Message::Parts(&[b"sam", b"ple"]), SignatureEncoding::Fixed).unwrap();
        assert!(signature.starts_with(&hex(r)), "{scheme}");
    }
}
