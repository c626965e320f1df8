//! A provider of one's own, and the kit that examines it: `cargo run -p stella-crypto-providers --features kit --example custom_provider`.

#![allow(clippy::print_stdout, reason = "an example prints")]
use std::sync::Arc;

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use stella_crypto_providers::{
    Message, PreparedKey, Provider, ProviderError, PublicKey, Registry, RustCrypto, Scheme, kit,
};

/// Ed25519 by another library. Whatever strictness there has to be is above it already; the equation is all it computes.
struct Dalek;

impl Provider for Dalek {
    fn name(&self) -> &str {
        "dalek"
    }

    fn version(&self) -> &str {
        "3"
    }

    fn schemes(&self) -> &[Scheme] {
        &[Scheme::Ed25519]
    }

    fn prepare(&self, _: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        let bytes = key.raw().try_into().map_err(|_| ProviderError::Unsupported)?;
        Ok(Box::new(Prepared(VerifyingKey::from_bytes(&bytes).map_err(|_| ProviderError::Unsupported)?)))
    }
}

struct Prepared(VerifyingKey);

impl PreparedKey for Prepared {
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        let Message::Parts(parts) = message else { return Err(ProviderError::Unsupported) };
        let signature = Signature::from_slice(signature).map_err(|_| ProviderError::Mismatch)?;
        self.0.verify(&parts.concat(), &signature).map_err(|_| ProviderError::Mismatch)
    }
}

pub(crate) fn main() {
    // Published answers, good and bad ones; then every one of them against another provider, with bits changed.
    for examination in [kit::examine(Arc::new(Dalek)), kit::compare(Arc::new(Dalek), Arc::new(RustCrypto))] {
        println!("{examination}");
        assert!(examination.passed(), "do not rely on it");
    }
    // Only now is it asked: for its schemes, and by name in reports.
    let mut registry = Registry::empty();
    registry.register(Arc::new(Dalek)).expect("nobody else is there");
    println!("{} serves {:?}", Dalek.name(), registry.provider_for(Scheme::Ed25519).map(|by| by.schemes()));
}
