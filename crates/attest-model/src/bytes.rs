//! Bytes in JSON strings.

use alloc::vec::Vec;

use stella_vocabulary::{Base64Error, base64};

use crate::DocumentError;
use crate::json::Value;

/// The bytes of a base64 string in either alphabet, at most `limit` of them; `what` is their name in the plural or as a
/// whole.
pub(crate) fn read(value: Value<'_, '_>, what: &'static str, limit: usize) -> Result<Vec<u8>, DocumentError> {
    base64::decode_bounded(value.as_str()?, limit).map_err(|error| match error {
        Base64Error::TooLong { decoded, limit } => {
            DocumentError::TooLarge { place: value.place(), what, found: decoded, limit }
        }
        error => DocumentError::Base64 { place: value.place(), error },
    })
}

/// The 32 bytes of a canonical text in the standard alphabet with padding, without allocation: an inclusion proof has
/// some twenty of them. `None` is not an error but "ask [`read`]", which knows the other forms and says what is wrong.
pub(crate) fn read_32(text: &str) -> Option<[u8; 32]> {
    let symbols: &[u8; 43] = text.strip_suffix('=')?.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    let mut groups = symbols.chunks_exact(4);
    for (group, out) in groups.by_ref().zip(bytes.chunks_mut(3)) {
        let bits = group.iter().try_fold(0_u32, |bits, symbol| Some(bits << 6 | sextet(*symbol)?))?;
        out.copy_from_slice(bits.to_be_bytes().get(1..)?);
    }
    // Three symbols are left, and the last two of their eighteen bits say nothing.
    let bits = groups.remainder().iter().try_fold(0_u32, |bits, symbol| Some(bits << 6 | sextet(*symbol)?))?;
    if bits & 0b11 != 0 {
        return None;
    }
    let [_, _, high, low] = (bits >> 2).to_be_bytes();
    *bytes.last_chunk_mut()? = [high, low];
    Some(bytes)
}

fn sextet(symbol: u8) -> Option<u32> {
    let value = match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;
    use stella_vocabulary::base64;

    use super::*;

    proptest! {
        #[test]
        fn the_short_cut_reads_what_the_strict_reader_reads(hash: [u8; 32]) {
            prop_assert_eq!(read_32(&base64::encode(&hash)), Some(hash));
        }

        #[test]
        fn the_short_cut_reads_nothing_that_the_strict_reader_refuses(
            hash: [u8; 32],
            at in 0_usize..44,
            symbol in "[A-Za-z0-9+/=_ -]",
        ) {
            let mut text = base64::encode(&hash);
            text.replace_range(at..=at, &symbol);
            let strict = base64::decode_standard(&text).ok();
            prop_assert_eq!(read_32(&text).map(|bytes| bytes.to_vec()), strict.filter(|bytes| bytes.len() == 32));
        }

        #[test]
        fn the_short_cut_ignores_texts_of_other_lengths(text in "[A-Za-z0-9+/]{0,42}=?") {
            prop_assert_eq!(read_32(&text), None);
        }
    }

    #[test]
    fn bits_that_say_nothing_must_be_zero() {
        let canonical = base64::encode(&[0; 32]);
        let mut other = String::from(&canonical[..42]);
        other.push_str("B=");
        assert_eq!(read_32(&canonical), Some([0; 32]));
        assert_eq!(read_32(&other), None);
    }
}
