//! Object identifiers, as the contents octets of their DER encoding, and how to show one.

use alloc::string::{String, ToString};
use core::fmt::Write;

pub(crate) const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
pub(crate) const DIFFIE_HELLMAN: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01];
pub(crate) const DIFFIE_HELLMAN_X942: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3e, 0x02, 0x01];
pub(crate) const EC_DIFFIE_HELLMAN: &[u8] = &[0x2b, 0x81, 0x04, 0x01, 0x0c];
pub(crate) const EC_MQV: &[u8] = &[0x2b, 0x81, 0x04, 0x01, 0x0d];
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
pub(crate) const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
pub(crate) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
pub(crate) const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
pub(crate) const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
pub(crate) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
pub(crate) const ED448: &[u8] = &[0x2b, 0x65, 0x71];
pub(crate) const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
pub(crate) const P192: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01];
pub(crate) const P224: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x21];
pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
pub(crate) const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
pub(crate) const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
pub(crate) const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
pub(crate) const RSA_MD2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x02];
pub(crate) const RSA_MD4: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x03];
pub(crate) const RSA_MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04];
pub(crate) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
pub(crate) const RSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
pub(crate) const RSA_SHA1_OIW: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1d];
pub(crate) const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
pub(crate) const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
pub(crate) const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
pub(crate) const SECP256K1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x0a];
pub(crate) const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
pub(crate) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
pub(crate) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
pub(crate) const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
pub(crate) const X448: &[u8] = &[0x2b, 0x65, 0x6f];

const NAMES: &[(&[u8], &str)] = &[
    (DSA, "DSA"),
    (DIFFIE_HELLMAN, "Diffie-Hellman"),
    (DIFFIE_HELLMAN_X942, "Diffie-Hellman"),
    (EC_DIFFIE_HELLMAN, "ECDH"),
    (EC_MQV, "ECMQV"),
    (ECDSA_SHA1, "ECDSA with SHA-1"),
    (ED25519, "Ed25519"),
    (ED448, "Ed448"),
    (P192, "P-192"),
    (P224, "P-224"),
    (RSA_ENCRYPTION, "RSA encryption"),
    (RSA_MD2, "RSA with MD2"),
    (RSA_MD4, "RSA with MD4"),
    (RSA_MD5, "RSA with MD5"),
    (RSA_PSS, "RSASSA-PSS"),
    (RSA_SHA1, "RSA with SHA-1"),
    (RSA_SHA1_OIW, "RSA with SHA-1"),
    (SECP256K1, "secp256k1"),
    (SHA1, "SHA-1"),
    (X25519, "X25519"),
    (X448, "X448"),
];

/// A name people know with the dotted form, or the dotted form alone; at most about 100 characters.
pub(crate) fn describe(contents: &[u8]) -> String {
    let dotted = dotted(contents);
    match NAMES.iter().find(|(oid, _)| *oid == contents) {
        Some((_, name)) => alloc::format!("{name} ({dotted})"),
        None => dotted,
    }
}

fn dotted(contents: &[u8]) -> String {
    const UNREADABLE: &str = "an unreadable object identifier";
    // Longest in use are about 20 octets; 24 keep the text short.
    if contents.is_empty() || contents.len() > 24 || contents.last().is_some_and(|octet| octet & 0x80 != 0) {
        return UNREADABLE.to_string();
    }
    let mut text = String::new();
    let mut arc: u64 = 0;
    for &octet in contents {
        if arc >> 57 != 0 {
            return UNREADABLE.to_string();
        }
        arc = (arc << 7) | u64::from(octet & 0x7f);
        if octet & 0x80 != 0 {
            continue;
        }
        // X.690 §8.19.4: the first subidentifier holds two arcs.
        let written = if text.is_empty() {
            let root = (arc / 40).min(2);
            write!(text, "{root}.{}", arc.saturating_sub(root * 40))
        } else {
            write!(text, ".{arc}")
        };
        if written.is_err() {
            return UNREADABLE.to_string();
        }
        arc = 0;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_shown_in_dotted_form() {
        assert_eq!(dotted(P256), "1.2.840.10045.3.1.7");
        assert_eq!(dotted(RSA_PSS), "1.2.840.113549.1.1.10");
        assert_eq!(dotted(SHA256), "2.16.840.1.101.3.4.2.1");
        assert_eq!(describe(SECP256K1), "secp256k1 (1.3.132.0.10)");
    }

    #[test]
    fn a_cut_or_huge_identifier_is_called_unreadable() {
        assert_eq!(dotted(&[0x2a, 0x86]), "an unreadable object identifier");
        assert_eq!(dotted(&[0xff; 12]), "an unreadable object identifier");
        assert_eq!(dotted(&[]), "an unreadable object identifier");
    }
}
