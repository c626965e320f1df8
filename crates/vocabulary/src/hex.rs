//! Hexadecimal text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// Bytes that print as lower-case hexadecimal without separators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        // A key id or hash is written at once: digit by digit, a report spends more on them than on its checks.
        for bytes in self.0.chunks(text.len() / 2) {
            let mut length = 0;
            for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
                pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]]);
                length += 2;
            }
            f.write_str(core::str::from_utf8(&text[..length]).expect("digits are ASCII"))?;
        }
        Ok(())
    }
}

/// Lower-case hexadecimal of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{}", Hex(bytes));
    text
}

/// The bytes that `text` spells: an even number of digits in either case and nothing else; otherwise `None`.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    Some(bytes)
}

/// The `N` bytes that `text` spells in lower case; anything else is `None`.
pub fn decode_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if !odd.is_empty() || pairs.len() != N {
        return None;
    }
    let mut bytes = [0; N];
    let mut foreign = 0;
    // Without a branch inside: logs hold two hashes in each of a million entries.
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (VALUES[usize::from(*high)], VALUES[usize::from(*low)]);
        foreign |= high | low;
        *byte = high << 4 | low & 0xf;
    }
    (foreign < FOREIGN).then_some(bytes)
}

/// What a symbol that is no lower-case digit is worth.
const FOREIGN: u8 = 0x10;
static VALUES: [u8; 256] = {
    let mut values = [FOREIGN; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

fn digit(symbol: u8) -> Option<u8> {
    match symbol {
        b'0'..=b'9' => Some(symbol - b'0'),
        b'a'..=b'f' => Some(symbol - b'a' + 10),
        b'A'..=b'F' => Some(symbol - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_letter_cases_are_read_and_lower_case_is_written() {
        assert_eq!(decode("00fFA0").as_deref(), Some(&[0x00, 0xff, 0xa0][..]));
        assert_eq!(encode(&[0x00, 0xff, 0xa0]), "00ffa0");
        assert_eq!(decode("").as_deref(), Some(&[][..]));
    }

    #[test]
    fn bytes_of_any_number_come_back() {
        for length in [1, 31, 32, 33, 64, 65, 200] {
            let bytes: Vec<u8> = (0..length).collect();
            assert_eq!(decode(&encode(&bytes)), Some(bytes), "{length}");
        }
    }

    #[test]
    fn a_known_number_of_bytes_is_read_in_lower_case_alone() {
        assert_eq!(decode_exact("00ffa0"), Some([0x00, 0xff, 0xa0]));
        assert_eq!(decode_exact::<0>(""), Some([]));
        for byte in 0..=255 {
            assert_eq!(decode_exact(&encode(&[byte])), Some([byte]));
        }
        for text in ["", "00", "00ffa", "00ffa0a", "00ffa000", "00fFa0", "00fga0", "00ff 0", "é0ffa"] {
            assert_eq!(decode_exact::<3>(text), None, "{text}");
        }
    }

    #[test]
    fn anything_but_pairs_of_digits_is_refused() {
        for text in ["0", "0g", "0x00", " 00", "00 ", "+1", "é", "٠٠"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
