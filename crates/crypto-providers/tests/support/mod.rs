//! Writing keys by hand.
#![allow(dead_code, unreachable_pub, reason = "every test program uses its own part of this")]

#[cfg(feature = "rustcrypto")]
use stella_crypto_providers::{PublicKey, Registry, Scheme, VerifyingKey};

pub const BIT_STRING: u8 = 0x03;
pub const INTEGER: u8 = 0x02;
pub const OCTET_STRING: u8 = 0x04;
pub const SEQUENCE: u8 = 0x30;

pub const EC: &str = "06072a8648ce3d0201";
pub const ED25519: &str = "06032b6570";
pub const P256: &str = "06082a8648ce3d030107";
pub const P384: &str = "06052b81040022";
pub const P521: &str = "06052b81040023";
pub const RSA: &str = "06092a864886f70d010101";
pub const RSA_PSS: &str = "06092a864886f70d01010a";

pub fn hex(text: &str) -> Vec<u8> {
    let even = if text.len().is_multiple_of(2) { text.to_owned() } else { format!("0{text}") };
    stella_vocabulary::hex::decode(&even).unwrap()
}

pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let mut out = vec![tag];
    match contents.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length @ 0x80..=0xff => out.extend([0x81, length as u8]),
        length @ 0x100..=0xffff => out.extend([0x82, (length >> 8) as u8, length as u8]),
        length => out.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    out.extend(contents);
    out
}

/// `algorithm` is the contents of the AlgorithmIdentifier, in hexadecimal digits.
pub fn spki(algorithm: &str, raw: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&hex(algorithm)]), &tlv(BIT_STRING, &[&[0], raw])])
}

pub fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let digits = &magnitude[magnitude.iter().take_while(|byte| **byte == 0).count()..];
    match digits.first() {
        Some(first) if *first < 0x80 => tlv(INTEGER, &[digits]),
        _ => tlv(INTEGER, &[&[0], digits]),
    }
}

pub fn rsa_raw(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[&unsigned(modulus), &unsigned(exponent)])
}

pub fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    spki(&format!("{RSA}0500"), &rsa_raw(modulus, exponent))
}

/// 2^(bits - 1) + 1: no modulus anybody would use, and an odd number of exactly this many bits.
pub fn modulus_of(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0; bits.div_ceil(8)];
    modulus[0] = 1 << ((bits - 1) % 8);
    *modulus.last_mut().unwrap() |= 1;
    modulus
}

#[cfg(feature = "rustcrypto")]
pub fn prepared(scheme: Scheme, der: &[u8]) -> VerifyingKey {
    Registry::rustcrypto().prepare(scheme, &PublicKey::from_spki_der(der).unwrap()).unwrap()
}
