//! Which keys could have made an ECDSA signature. SEC 1 §4.1.6.
//!
//! A hint for whoever looks for a signer among many: it says where to look, and never that a signature is good. What is found is verified like
//! anything else.

use alloc::vec::Vec;

use p256::elliptic_curve::ff::{Field, PrimeField};
use p256::elliptic_curve::group::CurveAffine;
use p256::elliptic_curve::ops::{MulByGeneratorVartime, MulVartime, Reduce};
use p256::elliptic_curve::point::DecompressPoint;
use p256::elliptic_curve::sec1::{ModulusSize, ToSec1Point};
use p256::elliptic_curve::subtle::Choice;
use p256::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, ProjectivePoint, Scalar};

use crate::ecdsa_encoding::FixedSignature;
use crate::{KeyType, Message, Scheme, SignatureEncoding, point, spki};

/// The keys under which an ECDSA signature verifies: two at most, and no others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PossibleSigners {
    /// SubjectPublicKeyInfo of each key in each of its forms.
    forms: Vec<Vec<u8>>,
}

impl PossibleSigners {
    /// The keys that could have made `signature` over `message` by `scheme`. It costs about as much as verifying one signature.
    ///
    /// `None` if that cannot be told: the scheme is not ECDSA, the message is a digest by another function, or the signature is one of the few
    /// (one in 2^32) that more than two keys could have made. No key at all is possible for a signature that [`VerifyingKey`](crate::VerifyingKey)
    /// refuses whatever the key is.
    ///
    /// The same for every provider: nothing is asked of any.
    #[must_use]
    pub fn of(scheme: Scheme, message: Message<'_>, signature: &[u8], encoding: SignatureEncoding) -> Option<Self> {
        let curve = scheme.key_type();
        let order = point::order(curve)?;
        let digest = message.digest(scheme.hash()?)?;
        let Ok(fixed) = FixedSignature::read(signature, encoding, order) else { return Some(Self::default()) };
        let (r, s) = fixed.as_bytes().split_at(order.len());
        // r is a coordinate reduced by the order, which is a little less than the prime of the field: only a small r has two origins. The
        // difference is below 2^225, 2^190 and 2^261.
        if r.iter().take(order.len() / 8).all(|byte| *byte == 0) {
            return None;
        }
        let recover = match curve {
            KeyType::EcP256 => recover::<p256::NistP256>,
            KeyType::EcP384 => recover::<p384::NistP384>,
            KeyType::EcP521 => recover::<p521::NistP521>,
            KeyType::Ed25519 | KeyType::Rsa => return None,
        };
        let points = recover(digest.as_bytes(), r, s);
        Some(Self { forms: points.iter().filter_map(|point| spki::encode(curve, point)).collect() })
    }

    /// SubjectPublicKeyInfo in DER of each possible key: once with the point uncompressed, once compressed (RFC 5480 §2.2).
    pub fn spki_forms(&self) -> impl Iterator<Item = &[u8]> {
        self.forms.iter().map(Vec::as_slice)
    }

    /// Whether the key with this SubjectPublicKeyInfo in DER is possible.
    #[must_use]
    pub fn includes(&self, spki_der: &[u8]) -> bool {
        self.spki_forms().any(|form| form == spki_der)
    }
}

/// The encoded points Q with r·Q = ±s·R - z·G, where R has the coordinate r.
fn recover<C>(digest: &[u8], r: &[u8], s: &[u8]) -> Vec<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: DecompressPoint<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let scalar = |bytes: &[u8]| {
        let mut field = FieldBytes::<C>::default();
        field.iter_mut().rev().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
        field
    };
    let (r_bytes, s_bytes) = (scalar(r), scalar(s));
    // FIPS 186-5 §6.4.1: the leftmost bits of a longer digest. Hashes are whole bytes, as are the orders they are longer than.
    let digest = digest.get(..digest.len().min(r.len())).unwrap_or(digest);
    let z = <Scalar<C> as Reduce<FieldBytes<C>>>::reduce(&scalar(digest));
    let r = Option::<Scalar<C>>::from(Scalar::<C>::from_repr(r_bytes));
    let s = Option::<Scalar<C>>::from(Scalar::<C>::from_repr(s_bytes));
    let point = Option::<AffinePoint<C>>::from(AffinePoint::<C>::decompress(&r_bytes, Choice::from(0)));
    let inverse = r.and_then(|r| Option::<Scalar<C>>::from(Field::invert(&r)));
    let (Some(s), Some(point), Some(inverse)) = (s, point, inverse) else { return Vec::new() };
    let of_point = ProjectivePoint::<C>::from(point).mul_vartime(&(s * inverse));
    let of_generator = ProjectivePoint::<C>::mul_by_generator_vartime(&(z * inverse));
    [of_point - of_generator, -of_point - of_generator]
        .into_iter()
        .map(Into::<AffinePoint<C>>::into)
        .filter(|key| !bool::from(key.is_identity()))
        .flat_map(|key| [false, true].map(|compress| key.to_sec1_point(compress).as_bytes().to_vec()))
        .collect()
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::{Registry, Signer, SigningKey};

    const MESSAGE: Message<'static> = Message::Parts(&[b"who was it?"]);

    fn key(scheme: Scheme, number: u8) -> SigningKey {
        let width = point::order(scheme.key_type()).map_or(32, <[u8]>::len);
        let mut secret = alloc::vec![0; width];
        secret[width - 1] = number;
        SigningKey::from_secret_bytes(scheme, &secret).expect("it is below the order")
    }

    #[test]
    fn the_signer_is_one_of_two_with_every_curve_and_hash() {
        for &scheme in SigningKey::SCHEMES.iter().filter(|scheme| scheme.hash().is_some()) {
            let (signer, other) = (key(scheme, 7), key(scheme, 8));
            for encoding in [SignatureEncoding::Der, SignatureEncoding::Fixed] {
                let signature = signer.sign(MESSAGE, encoding).unwrap();
                let possible = PossibleSigners::of(scheme, MESSAGE, &signature, encoding).unwrap();
                assert!(possible.includes(signer.public_key().spki_der()), "{scheme}");
                assert!(!possible.includes(other.public_key().spki_der()), "{scheme}");
                assert_eq!(possible.spki_forms().count(), 4, "{scheme}");
            }
        }
    }

    #[test]
    fn every_possible_signer_is_one_by_the_ordinary_check_and_may_be_written_compressed() {
        let registry = Registry::rustcrypto();
        for scheme in [Scheme::EcdsaP256Sha256, Scheme::EcdsaP384Sha384, Scheme::EcdsaP521Sha512] {
            let signature = key(scheme, 9).sign(MESSAGE, SignatureEncoding::Der).unwrap();
            let possible = PossibleSigners::of(scheme, MESSAGE, &signature, SignatureEncoding::Der).unwrap();
            for form in possible.spki_forms() {
                let found = crate::PublicKey::from_spki_der(form).unwrap();
                let prepared = registry.prepare(scheme, &found).unwrap();
                prepared.verify(MESSAGE, &signature, SignatureEncoding::Der).unwrap();
            }
        }
    }

    #[test]
    fn a_signature_of_another_message_leads_to_other_keys() {
        let scheme = Scheme::EcdsaP256Sha256;
        let signer = key(scheme, 7);
        let signature = signer.sign(MESSAGE, SignatureEncoding::Der).unwrap();
        let other = Message::Parts(&[b"another message"]);
        let possible = PossibleSigners::of(scheme, other, &signature, SignatureEncoding::Der).unwrap();
        assert!(!possible.includes(signer.public_key().spki_der()));
    }

    #[test]
    fn what_no_key_could_have_made_leads_to_none_and_what_several_could_have_is_not_told() {
        let scheme = Scheme::EcdsaP256Sha256;
        let of = |r: [u8; 32]| {
            let signature = [r, [1; 32]].concat();
            PossibleSigners::of(scheme, MESSAGE, &signature, SignatureEncoding::Fixed)
        };
        // Half of all numbers are no coordinate of a point.
        let mut no_point = [0x11; 32];
        let found = (0..=255u8).find(|last| {
            no_point[31] = *last;
            of(no_point) == Some(PossibleSigners::default())
        });
        assert!(found.is_some());
        assert_eq!(of([0; 32]), Some(PossibleSigners::default()));
        assert_eq!(of([0xff; 32]), Some(PossibleSigners::default()));
        let mut small = [0; 32];
        small[31] = 5;
        assert_eq!(of(small), None);
        assert_eq!(PossibleSigners::of(Scheme::Ed25519, MESSAGE, &[1; 64], SignatureEncoding::Fixed), None);
    }
}
