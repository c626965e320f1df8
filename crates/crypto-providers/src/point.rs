//! Numbers of the curves that the strict layer compares encodings with. No arithmetic happens here.

use crate::KeyType;

/// The order n of each NIST curve, big-endian in the width of a field element. SP 800-186 §3.2.1.
const P256_ORDER: [u8; 32] = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const P384_ORDER: [u8; 48] =
    hex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");
const P521_ORDER: [u8; 66] = hex(concat!(
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa",
    "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
));

/// The order of the group of a curve; its length is that of a field element. `None` for keys that are no such curve.
pub(crate) fn order(key_type: KeyType) -> Option<&'static [u8]> {
    match key_type {
        KeyType::EcP256 => Some(&P256_ORDER),
        KeyType::EcP384 => Some(&P384_ORDER),
        KeyType::EcP521 => Some(&P521_ORDER),
        KeyType::Ed25519 | KeyType::Rsa => None,
    }
}

/// Big-endian numbers of equal width.
pub(crate) fn in_range(number: &[u8], order: &[u8]) -> bool {
    number < order && number.iter().any(|&byte| byte != 0)
}

/// Numbers of Edwards curve 25519, little-endian. RFC 8032 §5.1.
pub(crate) mod edwards25519 {
    use super::hex;

    /// 2^255 - 19.
    const FIELD: [u8; 32] = hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    /// 2^252 + 27742317777372353535851937790883648493.
    const ORDER: [u8; 32] = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    const ONE: [u8; 32] = hex("0100000000000000000000000000000000000000000000000000000000000000");
    const MINUS_ONE: [u8; 32] = hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    /// The second coordinate of every point whose order divides 8, in every encoding below 2^255: 0 (order 4), 1 (the
    /// neutral element), -1 (order 2), the two of order 8, and then 0 and 1 once more with the field's prime added.
    const SMALL_ORDER: [[u8; 32]; 7] = [
        [0; 32],
        ONE,
        MINUS_ONE,
        hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        FIELD,
        hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// The second coordinate and whether the sign of the first is set.
    fn split(point: &[u8; 32]) -> ([u8; 32], bool) {
        let mut y = *point;
        let sign = y[31] & 0x80 != 0;
        y[31] &= 0x7f;
        (y, sign)
    }

    fn below(number: &[u8; 32], bound: &[u8; 32]) -> bool {
        number.iter().rev().lt(bound.iter().rev())
    }

    /// RFC 8032 §5.1.3: y below the prime, and no sign where x is zero, which is where y is 1 or -1.
    pub(crate) fn is_canonical(point: &[u8; 32]) -> bool {
        let (y, sign) = split(point);
        below(&y, &FIELD) && !(sign && (y == ONE || y == MINUS_ONE))
    }

    /// Whether these bytes encode, in whatever way, a point of an order that divides 8.
    pub(crate) fn is_small_order(point: &[u8; 32]) -> bool {
        let (y, _) = split(point);
        SMALL_ORDER.contains(&y)
    }

    /// RFC 8032 §5.1.7 step 1: "decode the second half as an integer S, in the range 0 <= s < L".
    pub(crate) fn is_reduced(scalar: &[u8; 32]) -> bool {
        below(scalar, &ORDER)
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use ed25519_dalek::VerifyingKey;

        #[test]
        fn the_list_of_small_orders_holds_what_curve_arithmetic_finds_and_nothing_else() {
            let mut small = 0;
            for y in SMALL_ORDER {
                for sign in [0, 0x80] {
                    let mut point = y;
                    point[31] |= sign;
                    assert!(is_small_order(&point));
                    assert!(VerifyingKey::from_bytes(&point).unwrap().is_weak(), "{point:02x?}");
                    small += usize::from(is_canonical(&point));
                }
            }
            assert_eq!(small, 8, "there are eight points whose order divides 8");
            for offset in 2..19 {
                let mut point = FIELD;
                point[0] += offset;
                assert!(!is_small_order(&point));
                if let Ok(key) = VerifyingKey::from_bytes(&point) {
                    assert!(!key.is_weak());
                }
            }
        }

        #[test]
        fn a_coordinate_is_canonical_up_to_one_below_the_prime() {
            let mut below_prime = FIELD;
            below_prime[0] -= 1;
            assert!(is_canonical(&below_prime));
            assert!(!is_canonical(&FIELD));
            assert!(is_canonical(&ONE));
            let mut negative_zero = ONE;
            negative_zero[31] |= 0x80;
            assert!(!is_canonical(&negative_zero));
            assert!(!is_canonical(&[0xff; 32]));
        }

        #[test]
        fn a_scalar_is_reduced_up_to_one_below_the_order() {
            let mut below_order = ORDER;
            below_order[0] -= 1;
            assert!(is_reduced(&below_order));
            assert!(is_reduced(&[0; 32]));
            assert!(!is_reduced(&ORDER));
            let mut above = ORDER;
            above[0] += 1;
            assert!(!is_reduced(&above));
        }
    }
}

/// Reads a constant when compiling.
const fn hex<const N: usize>(text: &str) -> [u8; N] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => panic!("a constant is written in lower-case hexadecimal digits"),
        }
    }
    let text = text.as_bytes();
    assert!(text.len() == 2 * N);
    let mut bytes = [0; N];
    let mut i = 0;
    while i < N {
        bytes[i] = digit(text[2 * i]) << 4 | digit(text[2 * i + 1]);
        i += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_in_range_from_one_to_one_below_the_order() {
        for key_type in [KeyType::EcP256, KeyType::EcP384, KeyType::EcP521] {
            let order = order(key_type).unwrap();
            let mut number = alloc::vec![0; order.len()];
            assert!(!in_range(&number, order));
            *number.last_mut().unwrap() = 1;
            assert!(in_range(&number, order));
            assert!(!in_range(order, order));
            let mut below = order.to_vec();
            *below.last_mut().unwrap() -= 1;
            assert!(in_range(&below, order));
            assert!(!in_range(&alloc::vec![0xff; order.len()], order));
        }
    }

    #[cfg(feature = "rustcrypto")]
    #[test]
    fn the_orders_are_those_of_the_curves() {
        use ecdsa::elliptic_curve::Curve;
        assert_eq!(p256::NistP256::ORDER.to_be_bytes().as_ref(), P256_ORDER);
        assert_eq!(p384::NistP384::ORDER.to_be_bytes().as_ref(), P384_ORDER);
        assert!(p521::NistP521::ORDER.to_be_bytes().as_ref().ends_with(&P521_ORDER));
    }
}
