//! Properties of everything that has an inverse or a bound.

use proptest::prelude::*;
use stella_vocabulary::text::{Bounded, Escaped};
use stella_vocabulary::{Code, UnixTime, base64, hex, pem};

/// 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const NAMEABLE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

proptest! {
    #[test]
    fn base64_is_read_back_in_all_four_forms(bytes: Vec<u8>) {
        let padded = base64::encode(&bytes);
        let url_unpadded = base64::encode_url_unpadded(&bytes);
        prop_assert_eq!(base64::decode_standard(&padded).unwrap(), bytes.clone());
        let url_padded = padded.replace('+', "-").replace('/', "_");
        for text in [padded.as_str(), padded.trim_end_matches('='), &url_padded, &url_unpadded] {
            prop_assert_eq!(base64::decode(text).unwrap(), bytes.clone());
        }
    }

    #[test]
    fn whatever_base64_is_accepted_is_the_only_text_of_its_form(text in "[A-Za-d/+_=-]{0,9}|\\PC{0,6}") {
        match base64::decode(&text) {
            Ok(bytes) => {
                let url_safe = text.contains(['-', '_']);
                let mut again = if url_safe { base64::encode_url_unpadded(&bytes) } else { base64::encode(&bytes) };
                again.truncate(again.trim_end_matches('=').len());
                while text.contains('=') && again.len() % 4 != 0 {
                    again.push('=');
                }
                prop_assert_eq!(again, text);
            }
            Err(error) => prop_assert!(!error.to_string().chars().any(char::is_control)),
        }
    }

    #[test]
    fn hex_is_read_back(bytes: Vec<u8>) {
        prop_assert_eq!(hex::decode(&hex::encode(&bytes)), Some(bytes.clone()));
        prop_assert_eq!(hex::decode(&hex::encode(&bytes).to_uppercase()), Some(bytes));
    }

    #[test]
    fn pem_is_read_back(der: Vec<u8>) {
        let block = pem::parse_one(pem::encode("PUBLIC KEY", &der).as_bytes(), &["PUBLIC KEY"]).unwrap();
        prop_assert_eq!(block.label(), "PUBLIC KEY");
        prop_assert_eq!(block.into_der(), der);
    }

    #[test]
    fn pem_never_panics(pieces in prop::collection::vec(prop::sample::select(vec![
        "-----BEGIN A-----", "-----END A-----", "-----", "\n", "\r", "YWJj", "=", " ", "\u{e9}",
        "-----BEGIN PRIVATE KEY-----",
    ]), 0..20)) {
        let input = pieces.concat();
        let one = pem::parse_one(input.as_bytes(), &["A"]);
        let all = pem::parse_all(input.as_bytes(), &["A"]);
        // Whatever is one block is also a list of one.
        if let Ok(block) = one {
            prop_assert_eq!(all, Ok(vec![block]));
        }
    }

    #[test]
    fn every_nameable_instant_is_read_back(seconds in NAMEABLE) {
        let at = UnixTime::from_seconds(seconds);
        prop_assert_eq!(UnixTime::parse_rfc3339(&at.to_string()), Ok(at));
    }

    #[test]
    fn every_instant_prints_in_a_bounded_way(seconds: i64) {
        prop_assert!(UnixTime::from_seconds(seconds).to_string().len() <= 21);
    }

    #[test]
    fn reading_an_instant_never_panics(text in "[0-9TZ:.+-]{0,30}|\\PC{0,30}") {
        if let Ok(at) = UnixTime::parse_rfc3339(&text) {
            prop_assert!(NAMEABLE.contains(&at.seconds()));
        }
    }

    #[test]
    fn escaped_text_has_no_control_and_bounded_text_keeps_its_bound(text: String, limit in 0_usize..40) {
        let escaped = Escaped(&text).to_string();
        prop_assert!(!escaped.chars().any(char::is_control));
        let bounded = Bounded(&text, limit).to_string();
        prop_assert!(bounded.chars().count() <= limit);
        let kept = bounded.strip_suffix('…').unwrap_or(&bounded);
        prop_assert!(escaped.starts_with(kept));
        prop_assert_eq!(bounded == escaped, escaped.chars().count() <= limit);
    }

    #[test]
    fn a_text_that_is_no_code_is_not_parsed(text in "[a-z0-9]{1,8}\\.[a-z_]{1,12}") {
        let known = Code::ALL.iter().copied().find(|code| code.as_str() == text);
        prop_assert_eq!(Code::parse(&text), known);
    }
}
