//! The strict layer above every provider.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::fmt;

use crate::ecdsa_encoding::FixedSignature;
use crate::point::{self, edwards25519};
use crate::provider::{PreparedKey, Provider, ProviderError};
use crate::{
    HashOutput, KeyId, KeyType, Memo, MemoKey, Message, PublicKey, Scheme, SignatureEncoding, SignatureError,
    VerifiedBy,
};

/// A public key made ready for one scheme by the provider of a [`Registry`](crate::Registry).
///
/// Signatures are checked here as far as that is possible without arithmetic, so that every provider gives the same
/// verdict.
pub struct VerifyingKey {
    scheme: Scheme,
    key: PublicKey,
    provider: Arc<dyn Provider>,
    prepared: Box<dyn PreparedKey>,
    memo: Option<Arc<dyn Memo>>,
}

impl VerifyingKey {
    pub(crate) fn new(
        scheme: Scheme,
        key: PublicKey,
        provider: Arc<dyn Provider>,
        prepared: Box<dyn PreparedKey>,
        memo: Option<Arc<dyn Memo>>,
    ) -> Self {
        Self { scheme, key, provider, prepared, memo }
    }

    /// The scheme signatures are judged by.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The id of the key.
    pub fn key_id(&self) -> KeyId {
        self.key.key_id()
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The name of the provider that does the arithmetic.
    pub fn provider(&self) -> &str {
        self.provider.name()
    }

    /// Verifies `signature` over `message`.
    ///
    /// ECDSA signatures must be in the announced `encoding` and no other; s in the upper half of its range is
    /// accepted, as FIPS 186-5 has it, so the bytes of a signature never identify it. Ed25519 is verified by the
    /// equation without cofactor.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`] if the signature is well formed and wrong, [`SignatureError::ProviderFailed`] if
    /// nobody could tell, the others if it could not be a signature of this key at all.
    pub fn verify(
        &self,
        message: Message<'_>,
        signature: &[u8],
        encoding: SignatureEncoding,
    ) -> Result<(), SignatureError> {
        self.verify_saying_how(message, signature, encoding).map(|_| ())
    }

    /// As [`verify`](Self::verify), and says whether it was computed, or known to the [`Memo`] of the registry.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_saying_how(
        &self,
        message: Message<'_>,
        signature: &[u8],
        encoding: SignatureEncoding,
    ) -> Result<VerifiedBy, SignatureError> {
        self.check_prehash(message)?;
        match self.scheme.key_type() {
            KeyType::Ed25519 => {
                check_ed25519(signature)?;
                self.ask(message, signature, signature, encoding)
            }
            KeyType::Rsa => {
                check_rsa(signature, self.key.rsa_modulus().unwrap_or(&[]))?;
                self.ask(message, signature, signature, encoding)
            }
            curve @ (KeyType::EcP256 | KeyType::EcP384 | KeyType::EcP521) => {
                let order = point::order(curve).unwrap_or(&[]);
                let fixed = FixedSignature::read(signature, encoding, order)?;
                self.ask(message, fixed.as_bytes(), signature, encoding)
            }
        }
    }

    fn check_prehash(&self, message: Message<'_>) -> Result<(), SignatureError> {
        match message {
            Message::Parts(_) => Ok(()),
            Message::Prehashed { hash, digest }
                if self.scheme.hash() == Some(hash) && digest.len() == hash.output_len() =>
            {
                Ok(())
            }
            Message::Prehashed { hash, .. } => Err(SignatureError::PrehashUnsuitable { scheme: self.scheme, hash }),
        }
    }

    /// Asks the memo for the signature as it was `given`, and otherwise the provider for it as it was `read`.
    fn ask(
        &self,
        message: Message<'_>,
        read: &[u8],
        given: &[u8],
        encoding: SignatureEncoding,
    ) -> Result<VerifiedBy, SignatureError> {
        let Some(memo) = &self.memo else {
            return self.compute(message, read).map(|()| VerifiedBy::Provider);
        };
        // Memo and provider need the same digest: the message is gone through once.
        let digest: Option<HashOutput> = self.scheme.hash().and_then(|hash| message.digest(hash));
        let message = match &digest {
            Some(digest) => Message::Prehashed { hash: digest.algorithm(), digest: digest.as_bytes() },
            None => message,
        };
        let key = MemoKey::of(self.scheme, &self.key_id(), message, given, encoding);
        if key.is_some_and(|key| memo.recall(&key)) {
            return Ok(VerifiedBy::Memo);
        }
        self.compute(message, read)?;
        key.iter().for_each(|key| memo.remember(key));
        Ok(VerifiedBy::Provider)
    }

    fn compute(&self, message: Message<'_>, signature: &[u8]) -> Result<(), SignatureError> {
        self.prepared.verify(message, signature).map_err(|error| match error {
            ProviderError::Mismatch => SignatureError::Invalid { scheme: self.scheme },
            ProviderError::Failed | ProviderError::Unsupported => {
                SignatureError::ProviderFailed { provider: self.provider.name().to_string() }
            }
        })
    }
}

/// The checks of RFC 8032 §5.1.7 that need no arithmetic, and the refusal of a first half of small order.
fn check_ed25519(signature: &[u8]) -> Result<(), SignatureError> {
    let wrong_length = || SignatureError::WrongLength { found: signature.len(), expected: 64 };
    let (point, scalar) = signature.split_first_chunk::<32>().ok_or_else(wrong_length)?;
    let scalar: &[u8; 32] = scalar.try_into().map_err(|_| wrong_length())?;
    if !edwards25519::is_reduced(scalar) {
        return Err(SignatureError::Malleable);
    }
    if !edwards25519::is_canonical(point) {
        return Err(SignatureError::NonCanonicalPoint);
    }
    if edwards25519::is_small_order(point) {
        return Err(SignatureError::SmallOrder);
    }
    Ok(())
}

/// RFC 8017 §8.1.2 and §8.2.2 step 1, and §5.2.2 step 1.
fn check_rsa(signature: &[u8], modulus: &[u8]) -> Result<(), SignatureError> {
    if signature.len() != modulus.len() {
        return Err(SignatureError::WrongLength { found: signature.len(), expected: modulus.len() });
    }
    if signature >= modulus {
        return Err(SignatureError::NotReduced);
    }
    Ok(())
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({}, {}, {})", self.scheme, self.key_id(), self.provider())
    }
}
