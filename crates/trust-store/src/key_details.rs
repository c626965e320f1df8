//! Sigstore's `PublicKeyDetails`: how the key of a log is written, and how it signs.

use alloc::vec::Vec;

use stella_crypto_providers::{KeyError, KeyType, PublicKey, Scheme};

/// How the bytes of a key are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// PKCS#1 `RSAPublicKey`.
    Pkcs1,
    /// `SubjectPublicKeyInfo`.
    Spki,
}

/// One value of the enumeration.
pub(crate) struct KeyDetails {
    name: &'static str,
    form: Form,
    scheme: Scheme,
    /// RSA: the size that the name promises.
    bits: Option<usize>,
}

const fn spki(name: &'static str, scheme: Scheme) -> KeyDetails {
    KeyDetails { name, form: Form::Spki, scheme, bits: None }
}

const fn rsa(name: &'static str, scheme: Scheme, bits: usize) -> KeyDetails {
    KeyDetails { name, form: Form::Spki, scheme, bits: Some(bits) }
}

const fn pkcs1(name: &'static str, scheme: Scheme) -> KeyDetails {
    KeyDetails { name, form: Form::Pkcs1, scheme, bits: None }
}

/// `sigstore_common.proto`, `PublicKeyDetails`, with the deprecated names that trusted roots still hold. Left out are those that
/// no provider implements: prehashed Ed25519, LMS, ML-DSA.
static TABLE: [KeyDetails; 17] = [
    pkcs1("PKCS1_RSA_PKCS1V5", Scheme::RsaPkcs1Sha256),
    pkcs1("PKCS1_RSA_PSS", Scheme::RsaPssSha256),
    spki("PKIX_ECDSA_P256_HMAC_SHA_256", Scheme::EcdsaP256Sha256),
    spki("PKIX_ECDSA_P256_SHA_256", Scheme::EcdsaP256Sha256),
    spki("PKIX_ECDSA_P384_SHA_256", Scheme::EcdsaP384Sha256),
    spki("PKIX_ECDSA_P384_SHA_384", Scheme::EcdsaP384Sha384),
    spki("PKIX_ECDSA_P521_SHA_256", Scheme::EcdsaP521Sha256),
    spki("PKIX_ECDSA_P521_SHA_512", Scheme::EcdsaP521Sha512),
    spki("PKIX_ED25519", Scheme::Ed25519),
    spki("PKIX_RSA_PKCS1V5", Scheme::RsaPkcs1Sha256),
    rsa("PKIX_RSA_PKCS1V15_2048_SHA256", Scheme::RsaPkcs1Sha256, 2048),
    rsa("PKIX_RSA_PKCS1V15_3072_SHA256", Scheme::RsaPkcs1Sha256, 3072),
    rsa("PKIX_RSA_PKCS1V15_4096_SHA256", Scheme::RsaPkcs1Sha256, 4096),
    spki("PKIX_RSA_PSS", Scheme::RsaPssSha256),
    rsa("PKIX_RSA_PSS_2048_SHA256", Scheme::RsaPssSha256, 2048),
    rsa("PKIX_RSA_PSS_3072_SHA256", Scheme::RsaPssSha256, 3072),
    rsa("PKIX_RSA_PSS_4096_SHA256", Scheme::RsaPssSha256, 4096),
];

impl KeyDetails {
    pub(crate) fn from_name(name: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.name == name)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Reads `rawBytes`.
    pub(crate) fn read_key(&self, raw: &[u8]) -> Result<PublicKey, KeyError> {
        match self.form {
            Form::Pkcs1 => PublicKey::from_spki_der(&spki_of_pkcs1(raw)),
            Form::Spki => PublicKey::from_spki_der(raw),
        }
    }

    /// Whether `key` is of the kind promised.
    pub(crate) fn fits(&self, key: &PublicKey) -> bool {
        key.key_type() == self.scheme.key_type()
            && key.permits(self.scheme)
            && self.bits.is_none_or(|bits| key.key_type() == KeyType::Rsa && key.bits() == bits)
    }
}

/// `SubjectPublicKeyInfo` with `rsaEncryption` around an `RSAPublicKey`. RFC 8017 §A.1, RFC 3279 §2.3.1.
fn spki_of_pkcs1(key: &[u8]) -> Vec<u8> {
    const RSA_ENCRYPTION: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    let mut bits = Vec::with_capacity(key.len().saturating_add(1));
    bits.push(0);
    bits.extend_from_slice(key);
    let mut inner = RSA_ENCRYPTION.to_vec();
    inner.extend(element(3, &bits));
    element(0x30, &inner)
}

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len().saturating_add(6));
    out.push(tag);
    let length = contents.len();
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        out.push(short);
    } else {
        let digits = length.to_be_bytes();
        let digits = digits.iter().skip_while(|digit| **digit == 0).copied();
        let digits: Vec<u8> = digits.collect();
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
        out.extend(digits);
    }
    out.extend_from_slice(contents);
    out
}
