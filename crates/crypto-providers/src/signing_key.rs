//! A private key in memory that signs.

use alloc::vec::Vec;
use core::fmt;

use ecdsa::elliptic_curve::{CurveArithmetic, FieldBytesSize, array::ArraySize};
use ecdsa::{EcdsaCurve, SignatureSize, hazmat};
use ed25519_dalek::ed25519::signature::MultipartSigner;
use sha2::{Sha256, Sha384, Sha512};
use stella_vocabulary::pem;
use zeroize::Zeroizing;

use crate::ecdsa_encoding::to_der;
use crate::pkcs8::{self, PrivateNumber};
use crate::{
    CryptoError, HashAlgorithm, KeyError, KeyFlaw, KeyType, Message, PublicKey, Scheme, SignError, SignatureEncoding,
    Signer, spki,
};

/// A private key in memory: ECDSA with deterministic nonces (RFC 6979 §3.2), or Ed25519.
///
/// The secret is wiped when the key is dropped and never shown by `Debug`.
///
/// ```
/// use stella_crypto_providers::{Message, Registry, Scheme, SignatureEncoding, Signer, SigningKey};
///
/// let key = SigningKey::from_secret_bytes(Scheme::EcdsaP256Sha256, &[7; 32])?;
/// let message = Message::Parts(&[b"in two ", b"parts"]);
/// let signature = key.sign(message, SignatureEncoding::Der)?;
///
/// let verifying = Registry::rustcrypto().prepare(key.scheme(), key.public_key())?;
/// verifying.verify(Message::Parts(&[b"in two parts"]), &signature, SignatureEncoding::Der)?;
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct SigningKey {
    scheme: Scheme,
    public_key: PublicKey,
    secret: Secret,
}

/// Each wipes itself when dropped.
enum Secret {
    P256(ecdsa::SigningKey<p256::NistP256>),
    P384(ecdsa::SigningKey<p384::NistP384>),
    P521(ecdsa::SigningKey<p521::NistP521>),
    Ed25519(ed25519_dalek::SigningKey),
}

const LABEL: &str = "PRIVATE KEY";

impl SigningKey {
    /// The schemes a key in memory can sign with. RSA is not among them (RUSTSEC-2023-0071).
    pub const SCHEMES: &'static [Scheme] = &[
        Scheme::EcdsaP256Sha256,
        Scheme::EcdsaP256Sha384,
        Scheme::EcdsaP256Sha512,
        Scheme::EcdsaP384Sha256,
        Scheme::EcdsaP384Sha384,
        Scheme::EcdsaP384Sha512,
        Scheme::EcdsaP521Sha256,
        Scheme::EcdsaP521Sha384,
        Scheme::EcdsaP521Sha512,
        Scheme::Ed25519,
    ];

    /// Reads PKCS#8 in DER, not encrypted. RFC 5958, RFC 5915, RFC 8410. The scheme is the usual one of the key:
    /// [`Scheme::for_key`].
    ///
    /// # Errors
    /// [`KeyError`] if it is not such a key, if a public key inside belongs to another, or if the key is one this
    /// type cannot sign with.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let PrivateNumber { key_type, number, public } = pkcs8::read(der)?;
        let key = Self::from_secret_bytes(usual(key_type), number)?;
        if public.is_some_and(|public| public != key.public_key.raw()) {
            return Err(KeyFlaw::PublicKeyDiffers.into());
        }
        Ok(key)
    }

    /// Reads one PEM block labelled `PRIVATE KEY`. RFC 7468 §10.
    ///
    /// # Errors
    /// As [`SigningKey::from_pkcs8_der`], and [`KeyError::Pem`] for the text.
    pub fn from_pkcs8_pem(text: &[u8]) -> Result<Self, KeyError> {
        Self::from_pkcs8_der(&Zeroizing::new(pem::parse_one(text, &[LABEL])?.into_der()))
    }

    /// Takes the secret itself: for ECDSA the private number in big-endian, as long as a field element; for Ed25519
    /// the seed of 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if it is zero, too large or of another length, [`KeyError::AlgorithmUnsupported`] for
    /// a scheme that is not one of [`SigningKey::SCHEMES`].
    pub fn from_secret_bytes(scheme: Scheme, secret: &[u8]) -> Result<Self, KeyError> {
        let out_of_range = |_| KeyError::from(KeyFlaw::PrivateNumber);
        if crate::point::order(scheme.key_type()).is_some_and(|order| order.len() != secret.len()) {
            return Err(KeyFlaw::PrivateNumber.into());
        }
        let secret = match scheme.key_type() {
            KeyType::EcP256 => Secret::P256(ecdsa::SigningKey::from_slice(secret).map_err(out_of_range)?),
            KeyType::EcP384 => Secret::P384(ecdsa::SigningKey::from_slice(secret).map_err(out_of_range)?),
            KeyType::EcP521 => Secret::P521(ecdsa::SigningKey::from_slice(secret).map_err(out_of_range)?),
            KeyType::Ed25519 => {
                let seed: &[u8; 32] = secret.try_into().map_err(|_| KeyError::from(KeyFlaw::PrivateNumber))?;
                Secret::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed))
            }
            KeyType::Rsa => return Err(KeyError::AlgorithmUnsupported { algorithm: scheme.name().into() }),
        };
        let spki = spki::encode(scheme.key_type(), &secret.public()).ok_or(KeyFlaw::Der)?;
        Ok(Self { scheme, public_key: PublicKey::from_spki_der(&spki)?, secret })
    }

    /// The same key for another scheme of its type: an elliptic curve with another hash.
    ///
    /// # Errors
    /// [`CryptoError::AlgorithmMismatch`] if the scheme is for another type of key.
    pub fn with_scheme(self, scheme: Scheme) -> Result<Self, CryptoError> {
        if self.public_key.permits(scheme) {
            Ok(Self { scheme, ..self })
        } else {
            Err(CryptoError::AlgorithmMismatch { scheme, key: self.public_key.key_type() })
        }
    }

    /// PKCS#8 in DER, not encrypted; for elliptic curves with the public key inside, as RFC 5915 §3 recommends.
    ///
    /// # Left to the caller
    /// The bytes are the secret: wiping and protecting them.
    pub fn to_pkcs8_der(&self) -> Vec<u8> {
        let number = self.secret.number();
        pkcs8::write(self.public_key.key_type(), &number, self.public_key.raw())
    }
}

fn usual(key_type: KeyType) -> Scheme {
    match key_type {
        KeyType::EcP256 => Scheme::EcdsaP256Sha256,
        KeyType::EcP384 => Scheme::EcdsaP384Sha384,
        KeyType::EcP521 => Scheme::EcdsaP521Sha512,
        KeyType::Ed25519 => Scheme::Ed25519,
        KeyType::Rsa => Scheme::RsaPkcs1Sha256,
    }
}

impl Secret {
    fn public(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P521(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
        }
    }

    fn number(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::P256(key) => Zeroizing::new(key.to_bytes()).to_vec(),
            Self::P384(key) => Zeroizing::new(key.to_bytes()).to_vec(),
            Self::P521(key) => Zeroizing::new(key.to_bytes()).to_vec(),
            Self::Ed25519(key) => Zeroizing::new(key.to_bytes()).to_vec(),
        })
    }
}

impl Signer for SigningKey {
    fn scheme(&self) -> Scheme {
        self.scheme
    }

    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn sign(&self, message: Message<'_>, encoding: SignatureEncoding) -> Result<Vec<u8>, SignError> {
        let fixed = match &self.secret {
            Secret::P256(key) => sign_ecdsa(key, self.scheme, message)?,
            Secret::P384(key) => sign_ecdsa(key, self.scheme, message)?,
            Secret::P521(key) => sign_ecdsa(key, self.scheme, message)?,
            Secret::Ed25519(key) => return sign_ed25519(key, message),
        };
        Ok(match encoding {
            SignatureEncoding::Der => to_der(&fixed),
            SignatureEncoding::Fixed => fixed,
        })
    }
}

/// The nonce comes from the key and the digest by HMAC with the scheme's own hash. RFC 6979 §3.2.
fn sign_ecdsa<C>(key: &ecdsa::SigningKey<C>, scheme: Scheme, message: Message<'_>) -> Result<Vec<u8>, SignError>
where
    C: EcdsaCurve + CurveArithmetic,
    SignatureSize<C>: ArraySize,
    FieldBytesSize<C>: ArraySize,
{
    let hash = scheme.hash().ok_or(SignError::Failed)?;
    let digest = message.digest(hash).ok_or_else(|| unsuitable(scheme, message))?;
    let (number, digest) = (key.as_nonzero_scalar(), digest.as_bytes());
    let (signature, _) = match hash {
        HashAlgorithm::Sha256 => hazmat::sign_prehashed_rfc6979::<C, Sha256>(number, digest, &[]),
        HashAlgorithm::Sha384 => hazmat::sign_prehashed_rfc6979::<C, Sha384>(number, digest, &[]),
        HashAlgorithm::Sha512 => hazmat::sign_prehashed_rfc6979::<C, Sha512>(number, digest, &[]),
    };
    Ok(signature.to_bytes().to_vec())
}

fn sign_ed25519(key: &ed25519_dalek::SigningKey, message: Message<'_>) -> Result<Vec<u8>, SignError> {
    let Message::Parts(parts) = message else { return Err(unsuitable(Scheme::Ed25519, message)) };
    let signature = key.try_multipart_sign(parts).map_err(|_| SignError::Failed)?;
    Ok(signature.to_bytes().to_vec())
}

fn unsuitable(scheme: Scheme, message: Message<'_>) -> SignError {
    match message {
        Message::Prehashed { hash, .. } => SignError::PrehashUnsuitable { scheme, hash },
        Message::Parts(_) => SignError::Failed,
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {})", self.scheme, self.public_key.key_id())
    }
}
