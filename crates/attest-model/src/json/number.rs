//! Integers, straight from their text.

/// The integer that `text` spells: no fraction, no exponent, no leading zeros, no plus sign, not `-0`.
pub(super) fn unsigned(text: &str) -> Option<u64> {
    is_integer(text).then(|| text.parse().ok()).flatten()
}

/// As [`unsigned`], with a minus sign allowed.
pub(super) fn signed(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (is_integer(digits) && text != "-0").then(|| text.parse().ok()).flatten()
}

fn is_integer(text: &str) -> bool {
    match text.as_bytes() {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}
