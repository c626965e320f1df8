//! Runs of bytes that mean nothing to the grammar, passed over several at a time.

/// The next quote, backslash or control character at or after `start`, or the end.
#[inline(always)]
pub(super) fn plain(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    // Most strings end here.
    for _ in 0..4 {
        match special_in_word(bytes, at) {
            Some(8) => at += 8,
            Some(before) => return at + before,
            None => break,
        }
    }
    plain_long(bytes, at)
}

#[inline(never)]
fn plain_long(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    // The compiler makes vector instructions of a block without a branch inside: 16 GB/s of base64 where words made 6.
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<64>()) {
        if block.iter().fold(false, |found, byte| found | is_special(*byte)) {
            break;
        }
        at += block.len();
    }
    while let Some(before) = special_in_word(bytes, at) {
        at += before;
        if before < 8 {
            return at;
        }
    }
    while bytes.get(at).is_some_and(|byte| !is_special(*byte)) {
        at += 1;
    }
    at
}

fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// How many of the next eight bytes come before a quote, backslash or control character; `None` near the end.
fn special_in_word(bytes: &[u8], at: usize) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;
    let word = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    // A byte has its high bit set if it, or a lower byte, is one of the three: what is too small for its subtrahend
    // borrows, and bytes of 0x80 and more are taken out.
    let quote = (word ^ (LOW * b'"' as u64)).wrapping_sub(LOW);
    let backslash = (word ^ (LOW * b'\\' as u64)).wrapping_sub(LOW);
    let special = (quote | backslash | word.wrapping_sub(LOW * 0x20)) & !word & HIGH;
    Some((special.trailing_zeros() / 8) as usize)
}

/// The next byte at or after `start` that is not white space, or the end.
#[inline]
pub(super) fn white_space(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    // Compact documents have none, in others it is mostly indentation.
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
        while bytes.get(at..).is_some_and(|rest| rest.starts_with(b"        ")) {
            at += 8;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_is_told_apart_at_every_distance() {
        for length in [1_usize, 7, 8, 9, 31, 33, 63, 64, 95, 96, 97, 200] {
            for byte in 0..=255 {
                for at in [0, length / 2, length - 1] {
                    let mut bytes = alloc::vec![b'a'; length];
                    bytes[at] = byte;
                    let expected = if is_special(byte) { at } else { length };
                    assert_eq!(plain(&bytes, 0), expected, "{byte:#x} at {at} of {length}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_run_ends_at_its_first_special_byte(bytes: Vec<u8>, start in 0_usize..40) {
            let is_end = |at: &usize| bytes.get(*at).is_none_or(|byte| is_special(*byte));
            prop_assert_eq!(plain(&bytes, start), (start..).find(is_end).unwrap());
        }

        #[test]
        fn white_space_ends_at_its_first_other_byte(text in "[ \n]{0,40}[ \n\t\ra]{0,20}", start in 0_usize..40) {
            let is_end = |at: &usize| text.as_bytes().get(*at).is_none_or(|byte| !b" \t\n\r".contains(byte));
            prop_assert_eq!(white_space(text.as_bytes(), start), (start..).find(is_end).unwrap());
        }
    }
}
