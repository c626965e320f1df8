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
    fn anything_but_pairs_of_digits_is_refused() {
        for text in ["0", "0g", "0x00", " 00", "00 ", "+1", "é", "٠٠"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
