//! The built-in provider: RustCrypto and dalek, pure Rust.

use alloc::boxed::Box;

use ecdsa::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, ProjectivePoint, array::ArraySize};
use ecdsa::{EcdsaCurve, Signature, SignatureSize, hazmat};
use ed25519_dalek::ed25519::signature::MultipartVerifier;
use rsa::BoxedUint;
use sha2::{Sha256, Sha384, Sha512};

use crate::scheme::Padding;
use crate::spki::Material;
use crate::{HashAlgorithm, Message, PreparedKey, Provider, ProviderError, PublicKey, Scheme};

/// The provider `rustcrypto`: every scheme of this library, verified in pure Rust.
///
/// RSA is verified only. Signing with RSA is left to other providers as long as the arithmetic here is not proof
/// against timing (RUSTSEC-2023-0071).
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Provider for RustCrypto {
    fn name(&self) -> &str {
        "rustcrypto"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn schemes(&self) -> &[Scheme] {
        Scheme::ALL
    }

    fn signing_schemes(&self) -> &[Scheme] {
        crate::SigningKey::SCHEMES
    }

    fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        let row = scheme.row();
        let hash = scheme.hash();
        match (key.material(), hash) {
            (Material::P256(point), Some(hash)) => {
                Ok(Box::new(Ecdsa::<p256::NistP256> { point: point.to_projective(), hash }))
            }
            (Material::P384(point), Some(hash)) => {
                Ok(Box::new(Ecdsa::<p384::NistP384> { point: point.to_projective(), hash }))
            }
            (Material::P521(point), Some(hash)) => {
                Ok(Box::new(Ecdsa::<p521::NistP521> { point: point.to_projective(), hash }))
            }
            (Material::Ed25519(point), None) => Ok(Box::new(Ed25519 { point: *point })),
            (Material::Rsa(rsa), Some(hash)) => {
                let modulus = key.rsa_modulus().ok_or(ProviderError::Failed)?;
                let modulus = BoxedUint::from_be_slice_vartime(modulus);
                let key = rsa::PublicKey::new_with_size_limits(modulus, BoxedUint::from(rsa.exponent), 2048..=8192)
                    .map_err(|_| ProviderError::Unsupported)?;
                Ok(Box::new(Rsa { key, padding: row.padding, hash }))
            }
            _ => Err(ProviderError::Unsupported),
        }
    }
}

struct Ecdsa<C: CurveArithmetic> {
    point: ProjectivePoint<C>,
    hash: HashAlgorithm,
}

impl<C> PreparedKey for Ecdsa<C>
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: Send + Sync,
    ProjectivePoint<C>: Send + Sync,
    SignatureSize<C>: ArraySize,
    FieldBytesSize<C>: ArraySize,
{
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        let digest = message.digest(self.hash).ok_or(ProviderError::Unsupported)?;
        let signature = Signature::<C>::from_slice(signature).map_err(|_| ProviderError::Mismatch)?;
        hazmat::verify_prehashed::<C>(&self.point, digest.as_bytes(), &signature).map_err(|_| ProviderError::Mismatch)
    }
}

struct Ed25519 {
    point: ed25519_dalek::VerifyingKey,
}

impl PreparedKey for Ed25519 {
    /// The equation without cofactor: R is recomputed and compared as bytes.
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        let Message::Parts(parts) = message else { return Err(ProviderError::Unsupported) };
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| ProviderError::Mismatch)?;
        self.point.multipart_verify(parts, &signature).map_err(|_| ProviderError::Mismatch)
    }
}

struct Rsa {
    key: rsa::PublicKey,
    padding: Padding,
    hash: HashAlgorithm,
}

impl PreparedKey for Rsa {
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        let digest = message.digest(self.hash).ok_or(ProviderError::Unsupported)?;
        let digest = digest.as_bytes();
        let verified = match (self.padding, self.hash) {
            (Padding::Pss, HashAlgorithm::Sha256) => self.key.pss_verify_prehash::<Sha256>(digest, signature),
            (Padding::Pss, HashAlgorithm::Sha384) => self.key.pss_verify_prehash::<Sha384>(digest, signature),
            (Padding::Pss, HashAlgorithm::Sha512) => self.key.pss_verify_prehash::<Sha512>(digest, signature),
            (_, HashAlgorithm::Sha256) => self.key.pkcs1v15_verify_prehash::<Sha256>(digest, signature),
            (_, HashAlgorithm::Sha384) => self.key.pkcs1v15_verify_prehash::<Sha384>(digest, signature),
            (_, HashAlgorithm::Sha512) => self.key.pkcs1v15_verify_prehash::<Sha512>(digest, signature),
        };
        verified.map_err(|_| ProviderError::Mismatch)
    }
}
