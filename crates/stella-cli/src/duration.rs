//! Durations as people write them.

use stella_vocabulary::{Code, UnixTime};

use crate::complaint::Complaint;

/// Seconds of `90s`, `30m`, `4h`, `7d`, `2w`.
///
/// # Errors
/// `usage.date_invalid`.
pub(crate) fn parse(text: &str) -> Result<i64, Complaint> {
    const UNITS: [(&str, i64); 5] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];
    let parsed = UNITS.iter().find_map(|(unit, seconds)| {
        let count = text.strip_suffix(unit)?;
        let digits = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        count.parse::<i64>().ok().filter(|count| digits && *count > 0)?.checked_mul(*seconds)
    });
    parsed.ok_or_else(|| {
        Complaint::new(Code::UsageDateInvalid, "this is not a duration")
            .found(text)
            .expected("a number and its unit, such as 90s, 30m, 4h, 7d or 2w")
            .remedy("write it like 4h")
    })
}

/// The instant that lies so much later, if it can be written down: the last year of RFC 3339 is 9999.
///
/// # Errors
/// `usage.date_invalid`.
pub(crate) fn after(text: &str, from: UnixTime) -> Result<UnixTime, Complaint> {
    let end = from.checked_add(parse(text)?).filter(|end| UnixTime::parse_rfc3339(&end.to_string()).is_ok());
    end.ok_or_else(|| {
        Complaint::new(Code::UsageDateInvalid, "this ends after the year 9999").found(text).remedy("write it like 365d")
    })
}

/// As [`parse`] takes it, in the largest unit that leaves no rest.
pub(crate) fn exact(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3600), ("m", 60)];
    let unit = units.into_iter().find(|(_, unit)| seconds % unit == 0).unwrap_or(("s", 1));
    format!("{}{}", seconds / unit.1, unit.0)
}

/// The largest unit that fits, in words: `3 days`, `1 hour`.
pub(crate) fn rough(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{exact, parse, rough};

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("4h", 14_400), ("7d", 604_800), ("2w", 1_209_600)] {
            assert_eq!(parse(text).unwrap(), seconds);
            assert_eq!(parse(&exact(seconds)).unwrap(), seconds);
        }
        for text in
            ["", "4", "h", "-4h", "+4h", "4 h", "0h", "4y", "1h30m", "99999999999999999999d", "9999999999999999w"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_exact_duration_is_short() {
        assert_eq!([90, 1800, 14_400, 604_800].map(exact), ["90s", "30m", "4h", "7d"]);
    }

    #[test]
    fn a_rough_duration_names_one_unit() {
        assert_eq!(
            [0, 59, 60, 7200, 172_799, 172_800].map(rough),
            ["0 seconds", "59 seconds", "1 minute", "2 hours", "47 hours", "2 days"]
        );
    }
}
