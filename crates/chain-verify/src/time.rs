//! The two ways a certificate writes an instant. RFC 5280 §4.1.2.5.

use der::Tag;
use stella_vocabulary::UnixTime;

use crate::tlv::{Element, Fault, FaultKind};

/// Reads a `Time`: UTCTime `YYMMDDHHMMSSZ` up to 2049, GeneralizedTime `YYYYMMDDHHMMSSZ` from 2050 on (and before 1950,
/// which no UTCTime can say). Seconds are required, fractions and other zones than `Z` are refused.
pub(crate) fn parse(element: &Element<'_>, field: &'static str) -> Result<UnixTime, Fault> {
    let at = parse_either(element, field)?;
    // "CAs MUST always encode certificate validity dates through the year 2049 as UTCTime" (§4.1.2.5).
    let is_early =
        |century: &[u8]| matches!(century, [b'1', b'9', b'5'..=b'9', _, ..] | [b'2', b'0', b'0'..=b'4', _, ..]);
    if element.tag == Tag::GeneralizedTime && is_early(element.contents) {
        return Err(element.fault(FaultKind::Time, field));
    }
    Ok(at)
}

/// As [`parse`], but GeneralizedTime may say any year.
pub(crate) fn parse_either(element: &Element<'_>, field: &'static str) -> Result<UnixTime, Fault> {
    let malformed = element.fault(FaultKind::Time, field);
    let (year, rest) = match (element.tag, element.contents) {
        (Tag::UtcTime, [a, b, rest @ ..]) if rest.len() == 11 => {
            let year = two_digits(*a, *b).ok_or(malformed)?;
            // "Where YY is greater than or equal to 50, the year SHALL be interpreted as 19YY" (§4.1.2.5.1).
            (if year >= 50 { 1900 } else { 2000 } + i32::from(year), rest)
        }
        (Tag::GeneralizedTime, [a, b, c, d, rest @ ..]) if rest.len() == 11 => {
            let century = two_digits(*a, *b).ok_or(malformed)?;
            let year = i32::from(century) * 100 + i32::from(two_digits(*c, *d).ok_or(malformed)?);
            (year, rest)
        }
        (Tag::UtcTime | Tag::GeneralizedTime, _) => return Err(malformed),
        _ => return Err(element.fault(FaultKind::Malformed, field)),
    };
    let [mo, nth, d, ay, h, our, mi, nute, s, econd, b'Z'] = rest else { return Err(malformed) };
    let pair = |a: &u8, b: &u8| two_digits(*a, *b).ok_or(malformed);
    UnixTime::from_civil(year, pair(mo, nth)?, pair(d, ay)?, pair(h, our)?, pair(mi, nute)?, pair(s, econd)?)
        .ok_or(malformed)
}

fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(tag: Tag, text: &str) -> Result<i64, FaultKind> {
        let element = Element { tag, contents: text.as_bytes(), start: 0, contents_start: 2 };
        parse(&element, "notAfter").map(UnixTime::seconds).map_err(|fault| fault.kind)
    }

    #[test]
    fn utc_time_spans_1950_to_2049() {
        assert_eq!(parsed(Tag::UtcTime, "700101000000Z"), Ok(0));
        assert_eq!(parsed(Tag::UtcTime, "500101000000Z"), Ok(-631_152_000));
        assert_eq!(parsed(Tag::UtcTime, "491231235959Z"), Ok(2_524_607_999));
    }

    #[test]
    fn generalized_time_starts_with_2050() {
        assert_eq!(parsed(Tag::GeneralizedTime, "20500101000000Z"), Ok(2_524_608_000));
        assert_eq!(parsed(Tag::GeneralizedTime, "20491231235959Z"), Err(FaultKind::Time));
        assert_eq!(parsed(Tag::GeneralizedTime, "99991231235959Z"), Ok(253_402_300_799));
    }

    #[test]
    fn other_spellings_of_an_instant_are_refused() {
        for text in [
            "240230000000Z",
            "230229000000Z",
            "240101240000Z",
            "240101006000Z",
            "240101000060Z",
            "240001000000Z",
            "2401010000Z",
            "240101000000",
            "240101000000+0000",
            "240101000000.5Z",
            "24010100000AZ",
            "",
        ] {
            assert_eq!(parsed(Tag::UtcTime, text), Err(FaultKind::Time), "{text}");
        }
        for text in ["20600230000000Z", "20600101000000.5Z", "20600101000000+0100", "206001010000Z", "20600101000000"] {
            assert_eq!(parsed(Tag::GeneralizedTime, text), Err(FaultKind::Time), "{text}");
        }
    }

    #[test]
    fn the_29th_of_february_exists_in_leap_years() {
        assert_eq!(parsed(Tag::UtcTime, "240229000000Z"), Ok(1_709_164_800));
    }

    #[test]
    fn something_that_is_no_time_is_malformed() {
        assert_eq!(parsed(Tag::OctetString, "240101000000Z"), Err(FaultKind::Malformed));
    }
}
