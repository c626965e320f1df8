//! Hexadecimal text.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// Bytes that print as lower-case hexadecimal without separators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        use fmt::Write as _;
        for byte in self.0 {
            f.write_char(DIGITS[usize::from(byte >> 4)])?;
            f.write_char(DIGITS[usize::from(byte & 0xf)])?;
        }
        Ok(())
    }
}

/// Lower-case hexadecimal of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    Hex(bytes).to_string()
}

/// The bytes that `text` spells: an even number of digits in either case and nothing else; otherwise `None`.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
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
    fn anything_but_pairs_of_digits_is_refused() {
        for text in ["0", "0g", "0x00", " 00", "00 ", "+1", "é", "٠٠"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
