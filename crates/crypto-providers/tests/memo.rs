//! A memo saves arithmetic and changes no verdict.

#![cfg(feature = "rustcrypto")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use stella_crypto_providers::{
    HashAlgorithm, KeyType, Memo, MemoKey, Message, PreparedKey, Provider, ProviderError, PublicKey, Registry,
    RustCrypto, Scheme, SignatureEncoding, Signer, SigningKey, VerifiedBy,
};

#[derive(Default)]
struct Kept(Mutex<BTreeSet<MemoKey>>);

impl Memo for Kept {
    fn recall(&self, key: &MemoKey) -> bool {
        self.0.lock().unwrap().contains(key)
    }

    fn remember(&self, key: &MemoKey) {
        self.0.lock().unwrap().insert(*key);
    }
}

/// Says yes to everything, which no memo may.
struct Credulous;

impl Memo for Credulous {
    fn recall(&self, _: &MemoKey) -> bool {
        true
    }

    fn remember(&self, _: &MemoKey) {}
}

/// Counts what is computed, and computes it.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

struct CountingKey(Box<dyn PreparedKey>, Arc<AtomicUsize>);

impl Provider for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn schemes(&self) -> &[Scheme] {
        Scheme::ALL
    }

    fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        Ok(Box::new(CountingKey(RustCrypto.prepare(scheme, key)?, Arc::clone(&self.0))))
    }
}

impl PreparedKey for CountingKey {
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.verify(message, signature)
    }
}

fn key_of(scheme: Scheme, seed: u8) -> SigningKey {
    let length = match scheme.key_type() {
        KeyType::EcP384 => 48,
        KeyType::EcP521 => 66,
        _ => 32,
    };
    let mut secret = vec![seed; length];
    secret[0] = 0;
    secret[1] |= 1;
    SigningKey::from_secret_bytes(scheme, &secret).unwrap()
}

#[test]
fn what_was_found_good_is_computed_once_under_every_scheme() {
    for &scheme in SigningKey::SCHEMES {
        let counting = Counting::default();
        let mut registry = Registry::empty();
        registry.register(Arc::new(counting.clone())).unwrap();
        let registry = registry.with_memo(Arc::new(Kept::default()));
        let key = key_of(scheme, 7);
        let signature = key.sign(Message::Parts(&[b"message"]), SignatureEncoding::Der).unwrap();
        let check = |parts: &[&[u8]]| {
            let verifying = registry.prepare(scheme, key.public_key()).unwrap();
            verifying.verify_saying_how(Message::Parts(parts), &signature, SignatureEncoding::Der)
        };
        assert_eq!(check(&[b"message"]), Ok(VerifiedBy::Provider), "{scheme}");
        assert_eq!(check(&[b"mess", b"age"]), Ok(VerifiedBy::Memo), "{scheme}");
        assert_eq!(counting.0.load(Ordering::Relaxed), 1, "{scheme}");
        assert!(check(&[b"another"]).is_err());
        assert!(check(&[b"another"]).is_err());
        assert_eq!(counting.0.load(Ordering::Relaxed), 3, "what was refused is never remembered, under {scheme}");
    }
}

#[test]
fn a_digest_and_the_message_that_it_is_of_are_one_question() {
    let registry = Registry::rustcrypto().with_memo(Arc::new(Kept::default()));
    let key = key_of(Scheme::EcdsaP256Sha256, 9);
    let signature = key.sign(Message::Parts(&[b"message"]), SignatureEncoding::Fixed).unwrap();
    let verifying = registry.prepare(key.scheme(), key.public_key()).unwrap();
    let digest = HashAlgorithm::Sha256.hash(&[b"message"]);
    let prehashed = Message::Prehashed { hash: HashAlgorithm::Sha256, digest: digest.as_bytes() };
    assert_eq!(verifying.verify_saying_how(prehashed, &signature, SignatureEncoding::Fixed), Ok(VerifiedBy::Provider));
    let parts = Message::Parts(&[b"message"]);
    assert_eq!(verifying.verify_saying_how(parts, &signature, SignatureEncoding::Fixed), Ok(VerifiedBy::Memo));
}

#[test]
fn strictness_comes_before_the_memo() {
    let registry = Registry::rustcrypto().with_memo(Arc::new(Credulous));
    let key = key_of(Scheme::EcdsaP256Sha256, 3);
    let verifying = registry.prepare(key.scheme(), key.public_key()).unwrap();
    let refused = |signature: &[u8]| {
        verifying.verify(Message::Parts(&[b"message"]), signature, SignatureEncoding::Der).unwrap_err()
    };
    // r is zero; trailing bytes; not DER at all.
    refused(&[0x30, 6, 2, 1, 0, 2, 1, 1]);
    refused(&[0x30, 6, 2, 1, 1, 2, 1, 1, 0]);
    refused(b"");
    let wrong_hash = Message::Prehashed { hash: HashAlgorithm::Sha512, digest: &[0; 64] };
    assert!(verifying.verify(wrong_hash, &[0x30, 6, 2, 1, 1, 2, 1, 1], SignatureEncoding::Der).is_err());
    let ed25519 = key_of(Scheme::Ed25519, 3);
    let verifying = registry.prepare(Scheme::Ed25519, ed25519.public_key()).unwrap();
    assert!(verifying.verify(Message::Parts(&[b"message"]), &[0; 64], SignatureEncoding::Der).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a memo was filled with before, the verdict on anything is the one without it.
    #[test]
    fn no_memo_of_good_signatures_accepts_anything_that_is_refused_without_it(
        scheme in (0..SigningKey::SCHEMES.len()).prop_map(|index| SigningKey::SCHEMES[index]),
        other in (0..SigningKey::SCHEMES.len()).prop_map(|index| SigningKey::SCHEMES[index]),
        message in prop::collection::vec(any::<u8>(), 0..64),
        change in any::<prop::sample::Index>(),
        kind in 0..6_u8,
        fixed in any::<bool>(),
    ) {
        let memo = Arc::new(Kept::default());
        let (with, without) = (Registry::rustcrypto().with_memo(memo), Registry::rustcrypto());
        let encoding = if fixed { SignatureEncoding::Fixed } else { SignatureEncoding::Der };
        let key = key_of(scheme, 5);
        let signature = key.sign(Message::Parts(&[&message]), encoding).unwrap();
        let filling = with.prepare(scheme, key.public_key()).unwrap();
        prop_assert_eq!(filling.verify(Message::Parts(&[&message]), &signature, encoding), Ok(()));

        let (mut asked, mut about, mut encoded, mut by) = (signature.clone(), message.clone(), encoding, (scheme, key));
        match kind {
            0 => {
                let bit = change.index(8 * asked.len());
                asked[bit / 8] ^= 1 << (bit % 8);
            }
            1 => asked.truncate(change.index(asked.len())),
            2 => about.push(change.index(256) as u8),
            3 => encoded = if fixed { SignatureEncoding::Der } else { SignatureEncoding::Fixed },
            4 => by = (other, key_of(other, 5)),
            _ => by = (scheme, key_of(scheme, 6)),
        }
        let verdict = |registry: &Registry| {
            let verifying = registry.prepare(by.0, by.1.public_key()).unwrap();
            verifying.verify(Message::Parts(&[&about]), &asked, encoded)
        };
        prop_assert_eq!(verdict(&with), verdict(&without));
        prop_assert_eq!(verdict(&with), verdict(&without));
    }
}
