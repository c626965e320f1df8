//! SubjectPublicKeyInfo around the numbers of a key.

use alloc::vec::Vec;

/// `AlgorithmIdentifier`s in DER. RFC 5480 §2.1, RFC 8410 §3, RFC 3279 §2.3.1.
const P256: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
const P521: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23";
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// A curve of the forms read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// Bytes of a coordinate, SEC 1 §2.3.5.
    pub(super) fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// Around a point in the form of SEC 1 §2.3.3. Whether it is a point of the curve is not looked at.
pub(super) fn of_point(curve: Curve, point: &[u8]) -> Vec<u8> {
    let algorithm = match curve {
        Curve::P256 => P256,
        Curve::P384 => P384,
        Curve::P521 => P521,
    };
    wrap(algorithm, point)
}

/// Around the bytes of an Ed25519 key.
pub(super) fn of_ed25519(key: &[u8]) -> Vec<u8> {
    wrap(ED25519, key)
}

/// Around modulus and exponent: big-endian magnitudes without leading zeros, not empty.
pub(super) fn of_rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let mut numbers = Vec::with_capacity(modulus.len().saturating_add(16));
    for number in [modulus, exponent] {
        let sign: &[u8] = if number.first().is_some_and(|first| *first >= 0x80) { &[0] } else { &[] };
        element(&mut numbers, 0x02, &[sign, number]);
    }
    let mut key = Vec::with_capacity(numbers.len().saturating_add(8));
    element(&mut key, 0x30, &[&numbers]);
    wrap(RSA, &key)
}

fn wrap(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let mut bits = Vec::with_capacity(key.len().saturating_add(8));
    element(&mut bits, 0x03, &[&[0], key]);
    let mut spki = Vec::with_capacity(bits.len().saturating_add(32));
    element(&mut spki, 0x30, &[algorithm, &bits]);
    spki
}

/// Appends one element of DER; the length in its shortest form.
fn element(out: &mut Vec<u8>, tag: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let octets = length.to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            // Eight at most.
            out.push(0x80 | u8::try_from(octets.len().saturating_sub(zeros)).unwrap_or_default());
            out.extend(octets.iter().skip(zeros));
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
}
