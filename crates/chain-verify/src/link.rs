//! Whether one certificate was signed with the key of another: keys prepared once, links of a pool verified once.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicU8, Ordering};

use once_cell::race::OnceBox;
use stella_crypto_providers::{
    CryptoError, HashAlgorithm, Message, PublicKey, Registry, Scheme, SchemeError, SignatureEncoding, SignatureError,
    VerifiedBy, VerifyingKey,
};

use crate::certificate::Certificate;

/// Why a link does not hold, or could not be judged.
#[derive(Clone, Debug)]
pub(crate) enum LinkFault {
    /// The signature is not by this key.
    OtherKey,
    /// The algorithm is not known, or its parameters are wrong.
    Unsupported(SchemeError),
    /// The provider failed.
    ProviderFailed(SignatureError),
    /// No provider, or the provider refuses the key.
    Unavailable(CryptoError),
    /// MD2, MD4, MD5 or SHA-1.
    Weak(SchemeError),
}

/// The scheme by which a key of the issuer would have signed `child`: the algorithm of the certificate and the type of the key
/// must agree.
pub(crate) fn scheme_of(child: &Certificate, issuer_key: &PublicKey) -> Result<Scheme, LinkFault> {
    scheme_from(child.outer_algorithm_der(), issuer_key)
}

/// The scheme of an AlgorithmIdentifier, header included, for this key.
pub(crate) fn scheme_from(algorithm: &[u8], key: &PublicKey) -> Result<Scheme, LinkFault> {
    Scheme::from_algorithm_identifier(algorithm, key.key_type()).map_err(|error| match error {
        SchemeError::KeyMismatch { .. } => LinkFault::OtherKey,
        SchemeError::Weak { .. } => LinkFault::Weak(error),
        _ => LinkFault::Unsupported(error),
    })
}

/// Verifies the signature on `child`, over the bytes that were signed.
pub(crate) fn verify(child: &Certificate, key: &VerifyingKey) -> Result<VerifiedBy, LinkFault> {
    verify_signed(child.tbs_der(), child.signature(), key)
}

/// Verifies a signature of the kind that stands in certificates and lists.
pub(crate) fn verify_signed(tbs: &[u8], signature: &[u8], key: &VerifyingKey) -> Result<VerifiedBy, LinkFault> {
    // Without effect on algorithms other than ECDSA, which have one encoding. RFC 5480, RFC 3279 §2.2.3.
    match key.verify_saying_how(Message::Parts(&[tbs]), signature, SignatureEncoding::Der) {
        Ok(by) => Ok(by),
        Err(error @ SignatureError::ProviderFailed { .. }) => Err(LinkFault::ProviderFailed(error)),
        Err(_) => Err(LinkFault::OtherKey),
    }
}

/// The key of a pool certificate, prepared at first use for each scheme it can sign with.
#[derive(Default)]
pub(crate) struct PreparedKeys {
    /// By hash, and for RSA by padding: SHA-256, -384, -512, then PSS. Ed25519 uses the first place.
    places: [OnceBox<VerifyingKey>; 6],
}

impl PreparedKeys {
    pub(crate) fn with(
        &self,
        registry: &Registry,
        scheme: Scheme,
        key: &PublicKey,
        verify: impl FnOnce(&VerifyingKey) -> Result<VerifiedBy, LinkFault>,
    ) -> Result<VerifiedBy, LinkFault> {
        let place = self.places.get(place_of(scheme));
        if let Some(prepared) = place.and_then(OnceBox::get).filter(|prepared| prepared.scheme() == scheme) {
            return verify(prepared);
        }
        let prepared = registry.prepare(scheme, key).map_err(unprepared)?;
        let own = Box::new(prepared);
        match place.map(|place| (place, place.set(own))) {
            Some((place, Ok(()))) => place.get().map_or(Err(LinkFault::OtherKey), verify),
            // Whoever comes second uses its own key, which is of the scheme asked for whatever has taken the place.
            Some((_, Err(own))) => verify(&own),
            None => Err(LinkFault::OtherKey),
        }
    }
}

/// A key that does not permit the scheme cannot have signed.
pub(crate) fn unprepared(error: CryptoError) -> LinkFault {
    match error {
        CryptoError::AlgorithmMismatch { .. } => LinkFault::OtherKey,
        _ => LinkFault::Unavailable(error),
    }
}

fn place_of(scheme: Scheme) -> usize {
    let hash = match scheme.hash() {
        None | Some(HashAlgorithm::Sha256) => 0,
        Some(HashAlgorithm::Sha384) => 1,
        Some(_) => 2,
    };
    let padding = match scheme {
        Scheme::RsaPssSha256 | Scheme::RsaPssSha384 | Scheme::RsaPssSha512 => 3,
        _ => 0,
    };
    hash + padding
}

/// What is known about a link between two certificates of a pool.
#[derive(Default)]
pub(crate) struct Remembered(AtomicU8);

const HOLDS: u8 = 1;
const FAILS: u8 = 2;

impl Remembered {
    // Relaxed: the value stands for itself, and computing it twice gives the same.
    pub(crate) fn load(&self) -> Option<Result<VerifiedBy, LinkFault>> {
        match self.0.load(Ordering::Relaxed) {
            HOLDS => Some(Ok(VerifiedBy::Memo)),
            FAILS => Some(Err(LinkFault::OtherKey)),
            _ => None,
        }
    }

    /// Keeps what cannot change; a provider that failed may work the next time.
    pub(crate) fn store(&self, result: &Result<VerifiedBy, LinkFault>) {
        match result {
            Ok(_) => self.0.store(HOLDS, Ordering::Relaxed),
            Err(LinkFault::OtherKey) => self.0.store(FAILS, Ordering::Relaxed),
            Err(_) => {}
        }
    }
}
