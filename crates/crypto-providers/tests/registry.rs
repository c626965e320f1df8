//! Exactly one provider for each scheme, and no provider below the strict layer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use stella_crypto_providers::{
    KeyType, Message, PreparedKey, Provider, ProviderError, PublicKey, Registry, Scheme, SignatureEncoding,
};
use stella_vocabulary::Reason;

/// Says the same to everything.
struct Parrot {
    name: &'static str,
    schemes: &'static [Scheme],
    answer: Result<(), ProviderError>,
}

impl Provider for Parrot {
    fn name(&self) -> &str {
        self.name
    }

    fn version(&self) -> &str {
        "1"
    }

    fn schemes(&self) -> &[Scheme] {
        self.schemes
    }

    fn prepare(&self, _: Scheme, _: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        if self.answer == Err(ProviderError::Unsupported) {
            return Err(ProviderError::Unsupported);
        }
        Ok(Box::new(Says(self.answer)))
    }
}

struct Says(Result<(), ProviderError>);

impl PreparedKey for Says {
    fn verify(&self, _: Message<'_>, _: &[u8]) -> Result<(), ProviderError> {
        self.0
    }
}

const BOTH: &[Scheme] = &[Scheme::EcdsaP256Sha256, Scheme::Ed25519];

fn parrot(name: &'static str, schemes: &'static [Scheme], answer: Result<(), ProviderError>) -> Arc<dyn Provider> {
    Arc::new(Parrot { name, schemes, answer })
}

/// RFC 8032 §7.1, test 1.
fn ed25519() -> PublicKey {
    let raw = support::hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    PublicKey::from_spki_der(&support::spki(support::ED25519, &raw)).unwrap()
}

#[test]
fn a_second_provider_of_one_name_or_scheme_is_a_conflict_and_changes_nothing() {
    let mut registry = Registry::empty();
    registry.register(parrot("first", &[Scheme::Ed25519], Ok(()))).unwrap();
    for rival in [
        parrot("first", &[Scheme::EcdsaP256Sha256], Ok(())),
        parrot("second", BOTH, Ok(())),
        parrot("twice", &[Scheme::RsaPssSha256, Scheme::RsaPssSha256], Ok(())),
    ] {
        assert_eq!(registry.register(rival).unwrap_err().code().as_str(), "crypto.provider_conflict");
    }
    assert_eq!(registry.providers().len(), 1);
    assert!(registry.provider_for(Scheme::EcdsaP256Sha256).is_none());
    registry.register(parrot("second", &[Scheme::EcdsaP256Sha256], Ok(()))).unwrap();
    assert_eq!(registry.provider_for(Scheme::EcdsaP256Sha256).unwrap().name(), "second");
}

#[test]
fn a_provider_takes_the_place_of_another_by_name_and_clones_stay_as_they_were() {
    let mut registry = Registry::empty();
    registry.register(parrot("old", BOTH, Ok(()))).unwrap();
    let before = registry.clone();
    assert_eq!(
        registry.replace("other", parrot("new", BOTH, Ok(()))).unwrap_err().code().as_str(),
        "crypto.provider_conflict"
    );
    registry.replace("old", parrot("new", &[Scheme::Ed25519], Ok(()))).unwrap();
    assert_eq!(registry.provider_for(Scheme::Ed25519).unwrap().name(), "new");
    assert!(registry.provider_for(Scheme::EcdsaP256Sha256).is_none());
    assert_eq!(before.provider_for(Scheme::Ed25519).unwrap().name(), "old");
    assert_eq!(format!("{before:?}"), r#"{"old"}"#);
}

#[test]
fn a_scheme_without_provider_is_unavailable_and_a_key_of_another_type_a_mismatch() {
    let key = ed25519();
    assert_eq!(key.key_type(), KeyType::Ed25519);
    let refusal = Registry::empty().prepare(Scheme::Ed25519, &key).unwrap_err();
    assert_eq!(refusal.code().as_str(), "crypto.algorithm_unavailable");
    assert!(refusal.to_string().contains("ed25519"));
    let refusal = Registry::empty().prepare(Scheme::EcdsaP256Sha256, &key).unwrap_err();
    assert_eq!(refusal.code().as_str(), "key.algorithm_mismatch");
}

#[test]
fn a_provider_that_breaks_is_never_taken_for_a_verdict() {
    let mut registry = Registry::empty();
    registry.register(parrot("broken", BOTH, Err(ProviderError::Failed))).unwrap();
    let key = registry.prepare(Scheme::Ed25519, &ed25519()).unwrap();
    let mut signature = [0; 64];
    signature[0] = 3;
    let refusal = key.verify(Message::Parts(&[]), &signature, SignatureEncoding::Fixed).unwrap_err();
    assert_eq!(refusal.code().as_str(), "crypto.provider_failed");

    registry.replace("broken", parrot("useless", BOTH, Err(ProviderError::Unsupported))).unwrap();
    let refusal = registry.prepare(Scheme::Ed25519, &ed25519()).unwrap_err();
    assert_eq!(refusal.code().as_str(), "crypto.provider_failed");
}

#[test]
fn a_provider_that_accepts_everything_does_not_make_a_malformed_signature_pass() {
    let mut registry = Registry::empty();
    registry.register(parrot("yes", BOTH, Ok(()))).unwrap();
    let key = registry.prepare(Scheme::Ed25519, &ed25519()).unwrap();
    let verify = |signature: &[u8]| {
        key.verify(Message::Parts(&[]), signature, SignatureEncoding::Fixed).map_err(|error| error.code().as_str())
    };
    let mut signature = [0; 64];
    signature[0] = 3;
    assert_eq!(verify(&signature), Ok(()));
    assert_eq!(verify(&signature[1..]), Err("sig.malformed"));
    signature[63] = 0xff;
    assert_eq!(verify(&signature), Err("sig.malleable"));
    assert_eq!(verify(&[0; 64]), Err("sig.small_order"));
    assert_eq!(key.provider(), "yes");
    assert_eq!(key.key_id(), ed25519().key_id());
}

#[test]
fn keys_and_registries_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Registry>();
    shared::<PublicKey>();
    shared::<stella_crypto_providers::VerifyingKey>();
    #[cfg(feature = "rustcrypto")]
    shared::<stella_crypto_providers::SigningKey>();
}

#[cfg(feature = "rustcrypto")]
#[test]
fn the_built_in_provider_serves_every_scheme_and_signs_with_all_but_rsa() {
    let registry = Registry::rustcrypto();
    for &scheme in Scheme::ALL {
        let provider = registry.provider_for(scheme).unwrap();
        assert_eq!(provider.name(), "rustcrypto");
        assert_eq!(provider.signing_schemes().contains(&scheme), scheme.key_type() != KeyType::Rsa);
    }
}
