//! Deterministic test keys: the secret is the SHA-256 of a label, so everybody knows it. Never trust one.

use sha2::{Digest as _, Sha256};
use stella_crypto_providers::{KeyType, Message, PublicKey, Scheme, SignatureEncoding, Signer as _, SigningKey};

use crate::der;

/// What every label is prefixed with before it is hashed.
const SEED_PREFIX: &str = "stella TEST KEY, never trust: ";

/// A signing key anyone can derive again from its label.
pub struct TestKey {
    label: String,
    scheme: Scheme,
    signing: SigningKey,
}

impl TestKey {
    /// The key of `label` under `scheme`: ECDSA (deterministic, RFC 6979) or Ed25519.
    ///
    /// # Panics
    /// If `scheme` cannot sign here (RSA).
    pub fn new(scheme: Scheme, label: &str) -> Self {
        let secret = secret(scheme, label);
        let signing = SigningKey::from_secret_bytes(scheme, &secret).expect("the scheme is ECDSA or Ed25519");
        Self { label: label.to_owned(), scheme, signing }
    }

    /// The key of `label` on P-256, signing with SHA-256.
    pub fn p256(label: &str) -> Self {
        Self::new(Scheme::EcdsaP256Sha256, label)
    }

    /// The key of `label` on P-384, signing with SHA-384.
    pub fn p384(label: &str) -> Self {
        Self::new(Scheme::EcdsaP384Sha384, label)
    }

    /// The Ed25519 key of `label`.
    pub fn ed25519(label: &str) -> Self {
        Self::new(Scheme::Ed25519, label)
    }

    /// The label the key was derived from.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How the key signs.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The key as the product signs with it.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        self.signing.public_key()
    }

    /// The public half, DER of its SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        self.public_key().spki_der()
    }

    /// The public half as `PUBLIC KEY` PEM.
    pub fn public_pem(&self) -> String {
        stella_vocabulary::pem::encode("PUBLIC KEY", self.spki())
    }

    /// SHA-256 of the SubjectPublicKeyInfo: key id, and log id of Rekor v1 and of CT logs.
    pub fn spki_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.spki()).into()
    }

    /// SHA-1-free subject key identifier: the first 20 bytes of SHA-256 of the SPKI (RFC 7093 §2 method 1, over the SPKI).
    pub fn key_identifier(&self) -> [u8; 20] {
        let mut out = [0; 20];
        out.copy_from_slice(&self.spki_sha256()[..20]);
        out
    }

    /// A signature over `message`; ECDSA as ASN.1 DER.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.sign_as(message, SignatureEncoding::Der)
    }

    /// A signature over `message` in the encoding asked for.
    pub fn sign_as(&self, message: &[u8], encoding: SignatureEncoding) -> Vec<u8> {
        self.signing.sign(Message::Parts(&[message]), encoding).expect("a test key signs any message")
    }

    /// The other signature over `message` by a key on P-256, in DER: `(r, n - s)` holds wherever `(r, s)` does, and takes no secret.
    ///
    /// # Panics
    /// If the key is on no P-256.
    pub fn sign_twin(&self, message: &[u8]) -> Vec<u8> {
        assert_eq!(self.scheme, Scheme::EcdsaP256Sha256, "a key on P-256");
        let fixed = self.sign_as(message, SignatureEncoding::Fixed);
        let (r, s) = fixed.split_at(32);
        der::sequence([der::integer_from_bytes(r), der::integer_from_bytes(&negated(s))])
    }

    /// The `AlgorithmIdentifier` that X.509 and CMS write for signatures of this key.
    pub fn signature_algorithm(&self) -> Vec<u8> {
        der::algorithm(signature_oid(self.scheme))
    }

    /// The `AlgorithmIdentifier` of the hash that CMS writes for this key.
    pub fn digest_algorithm(&self) -> Vec<u8> {
        der::algorithm(match self.scheme.hash().map(|hash| hash.name()) {
            Some("sha384") => "2.16.840.1.101.3.4.2.2",
            Some("sha512") | None => "2.16.840.1.101.3.4.2.3", // RFC 8419 §2.3: Ed25519 goes with SHA-512
            Some(_) => "2.16.840.1.101.3.4.2.1",
        })
    }
}

fn signature_oid(scheme: Scheme) -> &'static str {
    match scheme.hash().map(|hash| hash.name()) {
        Some("sha256") => "1.2.840.10045.4.3.2",
        Some("sha384") => "1.2.840.10045.4.3.3",
        Some(_) => "1.2.840.10045.4.3.4",
        None => "1.3.101.112",
    }
}

/// The order of P-256 minus `s` (SEC 2 §2.4.2).
fn negated(s: &[u8]) -> [u8; 32] {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let mut out = [0; 32];
    let mut borrow = 0_i16;
    for index in (0..32).rev() {
        let difference = i16::from(ORDER[index]) - i16::from(s[index]) - borrow;
        borrow = i16::from(difference < 0);
        out[index] = difference.rem_euclid(256).to_le_bytes()[0];
    }
    out
}

fn secret(scheme: Scheme, label: &str) -> Vec<u8> {
    let length = match scheme.key_type() {
        KeyType::EcP384 => 48,
        KeyType::EcP521 => 66,
        _ => 32,
    };
    let mut out = Vec::new();
    for counter in 0_u8..3 {
        let mut hash = Sha256::new();
        hash.update(SEED_PREFIX);
        hash.update(label);
        hash.update([0, counter]);
        out.extend_from_slice(&hash.finalize());
    }
    out.truncate(length);
    if scheme.key_type() == KeyType::EcP521 {
        out[0] = 0; // 521 bits in 66 bytes: keep the number below the group order
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_label_gives_the_same_key_and_signature() {
        let (a, b) = (TestKey::p256("a label"), TestKey::p256("a label"));
        assert_eq!(a.spki(), b.spki());
        assert_eq!(a.sign(b"message"), b.sign(b"message"));
        assert_ne!(a.spki(), TestKey::p256("another label").spki());
    }
}
