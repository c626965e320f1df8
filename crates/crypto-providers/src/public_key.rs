//! Public keys, checked once when they are read.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::{fmt, hash};

use stella_vocabulary::pem;

use crate::scheme::Padding;
use crate::spki::{self, Material, RsaUse};
use crate::{HashAlgorithm, KeyError, KeyType, Scheme};

/// A public key that passed every check of this library, and its canonical SubjectPublicKeyInfo.
///
/// Points lie on their curve and are not the neutral element, Ed25519 keys are canonical and not of small order, RSA
/// moduli have 2,048 to 8,192 bits and exponents are odd from 65,537 to 2^32. Cloning is cheap.
#[derive(Clone)]
pub struct PublicKey {
    inner: Arc<Inner>,
}

struct Inner {
    spki: Vec<u8>,
    /// How many bytes at the end of `spki` are the key itself.
    raw_len: usize,
    key_id: KeyId,
    material: Material,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER, header included. RFC 5280 §4.1.2.7, RFC 5480, RFC 8410, RFC 3279 §2.3.1,
    /// RFC 4055 §1.2.
    ///
    /// Compressed points are put into the uncompressed form and parameters of RSASSA-PSS into their usual one, so that one key has one
    /// form. An RSA key restricted to PSS keeps its restriction and shares its id with the same numbers unrestricted: whoever holds the one
    /// holds the other, and must not count twice.
    ///
    /// # Errors
    /// [`KeyError`]; sizes are judged before any arithmetic.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let spki::Parsed { spki, raw_len, material } = spki::parse(der)?;
        let key_id = match material {
            Material::Rsa(_) => {
                let raw = spki.get(spki.len().saturating_sub(raw_len)..).unwrap_or_default();
                KeyId::of_spki(&spki::unrestricted_rsa(raw))
            }
            _ => KeyId::of_spki(&spki),
        };
        Ok(Self { inner: Arc::new(Inner { spki, raw_len, key_id, material }) })
    }

    /// Reads one PEM block labelled `PUBLIC KEY`. RFC 7468 §13.
    ///
    /// # Errors
    /// [`KeyError::Pem`] for the text, with `key.private_key_supplied` if it is a private key, and those of
    /// [`PublicKey::from_spki_der`].
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        Self::from_spki_der(pem::parse_one(text, &[LABEL])?.der())
    }

    /// The canonical SubjectPublicKeyInfo in DER.
    pub fn spki_der(&self) -> &[u8] {
        &self.inner.spki
    }

    /// One PEM block labelled `PUBLIC KEY`.
    pub fn to_pem(&self) -> String {
        pem::encode(LABEL, self.spki_der())
    }

    /// The key id: SHA-256 of [`PublicKey::spki_der`]; of an RSA key restricted to PSS, that of the form without the restriction.
    pub fn key_id(&self) -> KeyId {
        self.inner.key_id
    }

    /// The type of the key.
    pub fn key_type(&self) -> KeyType {
        self.inner.material.key_type()
    }

    /// Bits in the RSA modulus, or in the field of the curve: 256, 384, 521; 255 for Ed25519.
    pub fn bits(&self) -> usize {
        match self.material() {
            Material::P256(_) => 256,
            Material::P384(_) => 384,
            Material::P521(_) => 521,
            Material::Ed25519(_) => 255,
            Material::Rsa(rsa) => rsa.bits,
        }
    }

    /// The key without its algorithm: an uncompressed point (SEC 1 §2.3.3), the 32 bytes of an Ed25519 key, or
    /// `RSAPublicKey` in DER.
    pub fn raw(&self) -> &[u8] {
        let start = self.inner.spki.len().saturating_sub(self.inner.raw_len);
        self.inner.spki.get(start..).unwrap_or(&[])
    }

    /// Whether the key may be used with the scheme: their types agree, and an RSA key restricted to PSS (RFC 4055
    /// §1.2) is used within its restriction.
    pub fn permits(&self, scheme: Scheme) -> bool {
        if scheme.key_type() != self.key_type() {
            return false;
        }
        match self.material() {
            Material::Rsa(rsa) => match rsa.restriction {
                RsaUse::Any => true,
                RsaUse::AnyPss => scheme.row().padding == Padding::Pss,
                RsaUse::Only(only) => scheme == only,
            },
            _ => true,
        }
    }

    /// The RSA exponent; `None` for other keys.
    pub fn rsa_exponent(&self) -> Option<u64> {
        match self.material() {
            Material::Rsa(rsa) => Some(rsa.exponent),
            _ => None,
        }
    }

    /// The RSA modulus, big-endian without leading zeros; `None` for other keys.
    pub fn rsa_modulus(&self) -> Option<&[u8]> {
        match self.material() {
            Material::Rsa(rsa) => self.raw().get(rsa.modulus.clone()),
            _ => None,
        }
    }

    pub(crate) fn material(&self) -> &Material {
        &self.inner.material
    }
}

const LABEL: &str = "PUBLIC KEY";

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki_der() == other.spki_der()
    }
}

impl Eq for PublicKey {}

impl hash::Hash for PublicKey {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.spki_der().hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {} bits, {})", self.key_type(), self.bits(), self.key_id())
    }
}

/// The name of a key: SHA-256 of its canonical SubjectPublicKeyInfo in DER. Shown as `sha256:` and 64 hexadecimal
/// digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// Takes the 32 bytes of an id read elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of_spki(spki: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(HashAlgorithm::Sha256.hash(&[spki]).as_bytes());
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", stella_vocabulary::hex::Hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
