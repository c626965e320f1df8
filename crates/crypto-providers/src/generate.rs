//! New keys from the randomness of the caller.

use alloc::string::String;
use core::fmt;

use stella_vocabulary::{Code, Reason};
use zeroize::Zeroizing;

use crate::{KeyType, Message, Registry, Scheme, SignatureEncoding, Signer, SigningKey};

/// The source of randomness gave nothing, or not all that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoRandomness;

/// How often a number out of range is drawn again. A source that is random gives one in range nearly always at the first time (P-256: all
/// but once in 2^32), so one that does not in so many is broken.
const DRAWS: usize = 16;

/// What a new key signs to show that it can.
const CHECKED: &[u8] = b"a key that was just made";

impl SigningKey {
    /// Makes a new key. `random` fills the whole slice from a source fit for keys, such as the system's, or says that it cannot.
    ///
    /// The source is asked twice for 32 bytes first, and one that repeats itself is not used. The private number is drawn uniformly from
    /// its range by drawing again (FIPS 186-5 §A.2.2). The new key then signs, and the signature is verified.
    ///
    /// # Errors
    /// [`GenerateError`]; never a weak key.
    pub fn generate(
        scheme: Scheme,
        random: &mut dyn FnMut(&mut [u8]) -> Result<(), NoRandomness>,
    ) -> Result<Self, GenerateError> {
        if !Self::SCHEMES.contains(&scheme) {
            return Err(GenerateError::AlgorithmUnavailable { scheme });
        }
        check_source(random)?;
        let key = draw(scheme, random)?;
        let key = key.with_scheme(scheme).map_err(|_| GenerateError::Inconsistent { scheme })?;
        check_pair(&key)?;
        Ok(key)
    }
}

/// A source that is stuck, such as one that leaves the bytes as they were, gives the same twice.
fn check_source(random: &mut dyn FnMut(&mut [u8]) -> Result<(), NoRandomness>) -> Result<(), GenerateError> {
    let mut draw = || {
        let mut bytes = [0; 32];
        random(&mut bytes).map(|()| bytes).map_err(|NoRandomness| GenerateError::NoRandomness)
    };
    let (first, second) = (draw()?, draw()?);
    if first == second || first == [0; 32] || second == [0; 32] {
        return Err(GenerateError::RandomnessStuck);
    }
    Ok(())
}

fn draw(
    scheme: Scheme,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), NoRandomness>,
) -> Result<SigningKey, GenerateError> {
    let length = match scheme.key_type() {
        KeyType::EcP384 => 48,
        KeyType::EcP521 => 66,
        _ => 32,
    };
    let mut secret = Zeroizing::new(alloc::vec![0; length]);
    for _ in 0..DRAWS {
        random(&mut secret).map_err(|NoRandomness| GenerateError::NoRandomness)?;
        if secret.iter().all(|byte| *byte == 0) {
            return Err(GenerateError::RandomnessStuck);
        }
        // 521 bits in 66 bytes: of the first, only the last bit is part of the number.
        if let (KeyType::EcP521, Some(first)) = (scheme.key_type(), secret.first_mut()) {
            *first &= 1;
        }
        if let Ok(key) = SigningKey::from_secret_bytes(scheme, &secret) {
            return Ok(key);
        }
    }
    Err(GenerateError::RandomnessStuck)
}

fn check_pair(key: &SigningKey) -> Result<(), GenerateError> {
    let inconsistent = GenerateError::Inconsistent { scheme: key.scheme() };
    let message = Message::Parts(&[CHECKED]);
    let signature = key.sign(message, SignatureEncoding::Fixed).map_err(|_| inconsistent)?;
    let verifying = Registry::rustcrypto().prepare(key.scheme(), key.public_key()).map_err(|_| inconsistent)?;
    verifying.verify(message, &signature, SignatureEncoding::Fixed).map_err(|_| inconsistent)
}

/// Why there is no new key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum GenerateError {
    /// Keys in memory do not sign by this scheme.
    AlgorithmUnavailable {
        /// The scheme.
        scheme: Scheme,
    },
    /// The new key made a signature that does not verify: this machine computes wrongly.
    Inconsistent {
        /// The scheme.
        scheme: Scheme,
    },
    /// The source of randomness failed.
    NoRandomness,
    /// The source of randomness gave the same twice, nothing but zeros, or again and again numbers out of range.
    RandomnessStuck,
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmUnavailable { scheme } => write!(f, "keys in memory do not sign by {scheme}"),
            Self::Inconsistent { scheme } => write!(f, "a new key made a {scheme} signature that does not verify"),
            Self::NoRandomness => f.write_str("there were no random numbers to make a key from"),
            Self::RandomnessStuck => f.write_str("the random numbers to make a key from are not random"),
        }
    }
}

impl core::error::Error for GenerateError {}

impl Reason for GenerateError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmUnavailable { .. } => Code::CryptoAlgorithmUnavailable,
            Self::Inconsistent { .. } => Code::CryptoProviderFailed,
            Self::NoRandomness | Self::RandomnessStuck => Code::InternalRandom,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnavailable { .. } => Some("ECDSA or Ed25519; RSA signs in a token".into()),
            Self::NoRandomness | Self::RandomnessStuck => Some("random numbers of the operating system".into()),
            Self::Inconsistent { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source for tests: SHA-256 over a counter.
    fn counting(seed: u8) -> impl FnMut(&mut [u8]) -> Result<(), NoRandomness> {
        let mut counter = 0u64;
        move |bytes| {
            for chunk in bytes.chunks_mut(32) {
                counter += 1;
                let block = crate::HashAlgorithm::Sha256.hash(&[&[seed], &counter.to_be_bytes()]);
                chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
            }
            Ok(())
        }
    }

    #[test]
    fn every_scheme_that_signs_has_new_keys_and_each_is_another() {
        for &scheme in SigningKey::SCHEMES {
            let mut random = counting(7);
            let one = SigningKey::generate(scheme, &mut random).unwrap();
            let other = SigningKey::generate(scheme, &mut random).unwrap();
            assert_eq!(one.scheme(), scheme);
            assert_ne!(one.public_key().key_id(), other.public_key().key_id());
        }
    }

    #[test]
    fn a_source_that_fails_at_any_call_gives_no_key() {
        for fails_at in 0..3 {
            let mut call = 0;
            let mut good = counting(1);
            let made = SigningKey::generate(Scheme::EcdsaP256Sha256, &mut |bytes| {
                call += 1;
                if call > fails_at { Err(NoRandomness) } else { good(bytes) }
            });
            let error = made.unwrap_err();
            assert_eq!((error, error.code()), (GenerateError::NoRandomness, Code::InternalRandom), "{fails_at}");
        }
    }

    #[test]
    fn a_source_that_is_stuck_gives_no_key() {
        let mut zeros = |bytes: &mut [u8]| {
            bytes.fill(0);
            Ok(())
        };
        let mut untouched = |_: &mut [u8]| Ok(());
        let mut same = |bytes: &mut [u8]| {
            bytes.fill(0x5a);
            Ok(())
        };
        for source in [&mut zeros as &mut dyn FnMut(&mut [u8]) -> _, &mut untouched, &mut same] {
            let error = SigningKey::generate(Scheme::Ed25519, source).unwrap_err();
            assert_eq!(error, GenerateError::RandomnessStuck);
        }
        // Good at first, and then all bits are set: beyond the order of every curve.
        for scheme in [Scheme::EcdsaP256Sha256, Scheme::EcdsaP384Sha384, Scheme::EcdsaP521Sha512] {
            let (mut call, mut good) = (0, counting(3));
            let made = SigningKey::generate(scheme, &mut |bytes| {
                call += 1;
                if call <= 2 {
                    return good(bytes);
                }
                bytes.fill(0xff);
                Ok(())
            });
            assert_eq!(made.unwrap_err(), GenerateError::RandomnessStuck, "{scheme}");
        }
    }

    #[test]
    fn rsa_is_not_made_here() {
        let error = SigningKey::generate(Scheme::RsaPssSha256, &mut counting(1)).unwrap_err();
        assert_eq!(error.code(), Code::CryptoAlgorithmUnavailable);
    }
}
