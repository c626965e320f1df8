//! The floor under a verification: exactly the signatures that it checked, done again with the bare primitives.
//!
//! A [`Recorder`] stands in for the provider during one verification and writes down every signature it is asked about. [`Floor`] is that
//! list with the keys decoded beforehand; running it hashes the same messages and solves the same equations with `p256`, `p384` and
//! `sha2` directly, without anything of ours in between.

pub mod trust_log;

use std::sync::{Arc, Mutex};

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256, Sha384};
use stella_crypto_providers::{
    HashAlgorithm, Message, PreparedKey, Provider, ProviderError, PublicKey, Registry, RustCrypto, Scheme,
};

/// One signature that a verification checked.
#[derive(Clone)]
struct Seen {
    scheme: Scheme,
    point: Vec<u8>,
    message: Recorded,
    signature: Vec<u8>,
}

#[derive(Clone)]
enum Recorded {
    Message(Vec<u8>),
    Digest(Vec<u8>),
}

/// A provider that does what RustCrypto does and remembers what it was asked.
#[derive(Clone, Default)]
pub struct Recorder {
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Recorder {
    /// A registry with this provider alone.
    ///
    /// # Panics
    /// Never: the registry is empty before.
    #[must_use]
    pub fn registry(&self) -> Registry {
        let mut registry = Registry::empty();
        registry.register(Arc::new(self.clone())).expect("an empty registry has no conflict");
        registry
    }

    /// The signatures recorded since the last call.
    ///
    /// # Panics
    /// If a verification panicked while it was recorded, or used a scheme that the floor does not know.
    #[must_use]
    pub fn take(&self) -> Floor {
        let seen = std::mem::take(&mut *self.seen.lock().expect("no recording has panicked"));
        Floor { checks: seen.into_iter().map(Check::new).collect() }
    }
}

impl Provider for Recorder {
    fn name(&self) -> &str {
        "recorder"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn schemes(&self) -> &[Scheme] {
        RustCrypto.schemes()
    }

    fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        let inner = RustCrypto.prepare(scheme, key)?;
        Ok(Box::new(RecordedKey { scheme, point: key.raw().to_vec(), inner, recorder: self.clone() }))
    }
}

struct RecordedKey {
    scheme: Scheme,
    point: Vec<u8>,
    inner: Box<dyn PreparedKey>,
    recorder: Recorder,
}

impl PreparedKey for RecordedKey {
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        let recorded = match message {
            Message::Parts(parts) => Recorded::Message(parts.concat()),
            Message::Prehashed { digest, .. } => Recorded::Digest(digest.to_vec()),
            _ => return Err(ProviderError::Unsupported),
        };
        let seen =
            Seen { scheme: self.scheme, point: self.point.clone(), message: recorded, signature: signature.to_vec() };
        self.recorder.seen.lock().map_err(|_| ProviderError::Failed)?.push(seen);
        self.inner.verify(message, signature)
    }
}

/// The signatures of one verification, ready to be checked again.
pub struct Floor {
    checks: Vec<Check>,
}

impl Floor {
    /// How many signatures there are.
    #[must_use]
    pub fn signatures(&self) -> usize {
        self.checks.len()
    }

    /// How many bytes are hashed for them.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.checks
            .iter()
            .map(|check| match &check.message {
                Recorded::Message(message) => message.len(),
                Recorded::Digest(_) => 0,
            })
            .sum()
    }

    /// Checks them all with the bare primitives.
    ///
    /// # Panics
    /// If one does not verify: then what was recorded was not an accepted verification.
    pub fn run(&self) {
        for check in &self.checks {
            assert!(check.holds(), "a recorded signature does not verify");
        }
    }
}

struct Check {
    hash: HashAlgorithm,
    message: Recorded,
    equation: Equation,
}

enum Equation {
    P256(Box<p256::ecdsa::VerifyingKey>, p256::ecdsa::Signature),
    P384(Box<p384::ecdsa::VerifyingKey>, p384::ecdsa::Signature),
}

impl Check {
    fn new(seen: Seen) -> Self {
        let equation = match seen.scheme.key_type() {
            stella_crypto_providers::KeyType::EcP256 => Equation::P256(
                Box::new(p256::ecdsa::VerifyingKey::from_sec1_bytes(&seen.point).expect("a recorded key was used")),
                p256::ecdsa::Signature::from_slice(&seen.signature).expect("a recorded signature was used"),
            ),
            stella_crypto_providers::KeyType::EcP384 => Equation::P384(
                Box::new(p384::ecdsa::VerifyingKey::from_sec1_bytes(&seen.point).expect("a recorded key was used")),
                p384::ecdsa::Signature::from_slice(&seen.signature).expect("a recorded signature was used"),
            ),
            other => panic!("the floor has no primitive for {}", other.name()),
        };
        let hash = seen.scheme.hash().expect("ECDSA schemes have a hash");
        Self { hash, message: seen.message, equation }
    }

    fn holds(&self) -> bool {
        match (&self.message, self.hash) {
            (Recorded::Digest(digest), _) => self.equation.holds(digest),
            (Recorded::Message(message), HashAlgorithm::Sha256) => self.equation.holds(&Sha256::digest(message)),
            (Recorded::Message(message), HashAlgorithm::Sha384) => self.equation.holds(&Sha384::digest(message)),
            (Recorded::Message(_), other) => panic!("the floor has no {}", other.name()),
        }
    }
}

impl Equation {
    fn holds(&self, digest: &[u8]) -> bool {
        match self {
            Self::P256(key, signature) => key.verify_prehash(digest, signature).is_ok(),
            Self::P384(key, signature) => key.verify_prehash(digest, signature).is_ok(),
        }
    }
}
