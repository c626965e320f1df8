//! Properties: what is signed verifies, a changed bit never does, and no input leads to a panic.

#![cfg(feature = "rustcrypto")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use proptest::prelude::*;
use stella_crypto_providers::{KeyType, Message, PublicKey, Registry, Scheme, SignatureEncoding, Signer, SigningKey};

fn signing_key() -> impl Strategy<Value = SigningKey> {
    (0..SigningKey::SCHEMES.len(), any::<[u8; 66]>()).prop_map(|(index, mut secret)| {
        let scheme = SigningKey::SCHEMES[index];
        // Below every order, and not zero.
        secret[0] = 0;
        secret[1] |= 1;
        let length = match scheme.key_type() {
            KeyType::EcP384 => 48,
            KeyType::EcP521 => 66,
            _ => 32,
        };
        SigningKey::from_secret_bytes(scheme, &secret[..length]).unwrap()
    })
}

fn encoding() -> impl Strategy<Value = SignatureEncoding> {
    prop_oneof![Just(SignatureEncoding::Der), Just(SignatureEncoding::Fixed)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_verifies_and_no_changed_bit_or_length_does(
        key in signing_key(),
        message in prop::collection::vec(any::<u8>(), 0..300),
        cut in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
        encoding in encoding(),
    ) {
        let signature = key.sign(Message::Parts(&[&message]), encoding).unwrap();
        let verifying = Registry::rustcrypto().prepare(key.scheme(), key.public_key()).unwrap();
        let (head, tail) = message.split_at(cut.index(message.len() + 1));
        prop_assert_eq!(verifying.verify(Message::Parts(&[head, tail]), &signature, encoding), Ok(()));

        let mut changed = signature.clone();
        let bit = bit.index(8 * signature.len());
        changed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verifying.verify(Message::Parts(&[&message]), &changed, encoding).is_err());
        let short = &signature[..cut.index(signature.len())];
        prop_assert!(verifying.verify(Message::Parts(&[&message]), short, encoding).is_err());
        prop_assert!(verifying.verify(Message::Parts(&[&message, b"x"]), &signature, encoding).is_err());
    }

    #[test]
    fn a_private_key_survives_being_written_and_read(key in signing_key()) {
        let read = SigningKey::from_pkcs8_der(&key.to_pkcs8_der()).unwrap();
        prop_assert_eq!(read.public_key(), key.public_key());
    }

    #[test]
    fn a_public_key_with_a_changed_bit_is_refused_or_another_key(
        key in signing_key(),
        bit in any::<prop::sample::Index>(),
    ) {
        let mut der = key.public_key().spki_der().to_vec();
        let bit = bit.index(8 * der.len());
        der[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = PublicKey::from_spki_der(&der) {
            prop_assert_ne!(read.key_id(), key.public_key().key_id());
            prop_assert_eq!(&PublicKey::from_spki_der(read.spki_der()).unwrap(), &read);
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        key in signing_key(),
        encoding in encoding(),
    ) {
        let wrapped = support::tlv(support::SEQUENCE, &[&bytes]);
        for der in [&bytes, &wrapped] {
            let _ = PublicKey::from_spki_der(der);
            let _ = PublicKey::from_pem(der);
            let _ = SigningKey::from_pkcs8_der(der);
            let _ = SigningKey::from_pkcs8_pem(der);
            for &key_type in KeyType::ALL {
                let _ = Scheme::from_algorithm_identifier(der, key_type);
            }
            let verifying = Registry::rustcrypto().prepare(key.scheme(), key.public_key()).unwrap();
            prop_assert!(verifying.verify(Message::Parts(&[]), der, encoding).is_err());
        }
        let _ = PublicKey::from_spki_der(&support::spki(&format!("{}{}", support::EC, support::P256), &bytes));
        let _ = PublicKey::from_spki_der(&support::spki(&format!("{}0500", support::RSA), &wrapped));
    }
}
