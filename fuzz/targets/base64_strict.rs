//! The strict base64 reader agrees with one written here from RFC 4648, and no two texts of one form have one value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_fuzz::check_reason;
use stella_vocabulary::base64;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fuzz_target!(|data: &[u8]| {
    // Any bytes: each of the four forms reads back as what was written.
    for alphabet in [STANDARD, URL_SAFE] {
        for padded in [true, false] {
            let text = encode(data, alphabet, padded);
            assert_eq!(base64::decode(&text).as_deref(), Ok(data), "{text}");
        }
    }
    assert_eq!(base64::encode(data), encode(data, STANDARD, true));
    assert_eq!(base64::encode_url_unpadded(data), encode(data, URL_SAFE, false));

    // Any text.
    let Ok(text) = std::str::from_utf8(data) else { return };
    let forms = [(STANDARD, true), (STANDARD, false), (URL_SAFE, true), (URL_SAFE, false)];
    let expected = forms.iter().find_map(|(alphabet, padded)| decode(text, alphabet, *padded));
    let found = base64::decode(text);
    if let Err(error) = &found {
        check_reason(error);
    }
    assert_eq!(found.as_ref().ok(), expected.as_ref(), "{text:?}: {found:?}");
    match base64::decode_standard(text) {
        Ok(bytes) => assert_eq!(Some(bytes), decode(text, STANDARD, true)),
        Err(error) => {
            check_reason(&error);
            assert_eq!(decode(text, STANDARD, true), None);
        }
    }
    if let Some(bytes) = expected {
        assert_eq!(base64::decode_bounded(text, bytes.len()).as_ref(), Ok(&bytes));
        if let Some(less) = bytes.len().checked_sub(1) {
            assert!(base64::decode_bounded(text, less).is_err());
        }
    }
});

fn encode(bytes: &[u8], alphabet: &[u8; 64], padded: bool) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for symbol in 0..4 {
            if symbol <= group.len() {
                text.push(char::from(alphabet[(bits >> (18 - 6 * symbol)) as usize & 63]));
            } else if padded {
                text.push('=');
            }
        }
    }
    text
}

/// RFC 4648 has one text for a value in each form, so a text is right if it is the one its symbols lead to.
fn decode(text: &str, alphabet: &[u8; 64], padded: bool) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0_u32, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::try_from(alphabet.iter().position(|symbol| *symbol == byte)?).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (encode(&bytes, alphabet, padded) == text).then_some(bytes)
}
