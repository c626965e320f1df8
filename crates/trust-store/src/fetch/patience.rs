//! How long to wait before asking again.

use stella_vocabulary::UnixTime;

/// Longest wait that is understood, in seconds; every total time is shorter.
const LONGEST: u64 = 365 * 86_400;

/// Whether the server may answer otherwise when it is asked again. RFC 9110 §15.6, RFC 6585 §4.
pub(super) fn is_worth_another_try(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// Milliseconds before the try after `tries`: what the server asked for, or a pause that doubles; and on top up to as much again as
/// the pause, so that not all machines come back at once.
pub(super) fn pause(tries: u8, first: u64, asked: Option<u64>, jitter: u64) -> u64 {
    let doubled = first.checked_shl(u32::from(tries.saturating_sub(1))).unwrap_or(u64::MAX);
    let spread = mix(jitter.wrapping_add(u64::from(tries))).checked_rem(doubled).unwrap_or(0);
    let least = asked.map_or(doubled, |seconds| seconds.saturating_mul(1000));
    least.saturating_add(spread)
}

/// SplitMix64, the finalizer. Nothing about it needs to be secret.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `Retry-After` in seconds from `at` on: a number, or a date (RFC 9110 §10.2.3).
pub(super) fn retry_after(text: &str, at: UnixTime) -> Option<u64> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(LONGEST).min(LONGEST));
    }
    let seconds = date(text)?.seconds().saturating_sub(at.seconds());
    Some(u64::try_from(seconds).unwrap_or(0).min(LONGEST))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the one form that servers may send. The day of the week is not looked at.
fn date(text: &str) -> Option<UnixTime> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = (1_u8..).zip(MONTHS).find(|(_, known)| *known == name)?.0;
    let year = words.next()?.parse().ok()?;
    let mut clock = words.next()?.splitn(3, ':').map(|part| part.parse::<u8>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    match (words.next(), words.next()) {
        (Some("GMT"), None) => UnixTime::from_civil(year, month, day, hour, minute, second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ_between_machines() {
        for jitter in 0..100 {
            assert!((500..1000).contains(&pause(1, 500, None, jitter)));
            assert!((1000..2000).contains(&pause(2, 500, None, jitter)));
            assert!((7000..7500).contains(&pause(1, 500, Some(7), jitter)));
        }
        assert_ne!(pause(1, 500, None, 1), pause(1, 500, None, 2));
        assert_eq!(pause(1, 0, None, 1), 0);
        assert_eq!(pause(3, u64::MAX, Some(u64::MAX), 1), u64::MAX);
    }

    #[test]
    fn a_server_asks_for_time_in_seconds_or_by_date() {
        let at = UnixTime::parse_rfc3339("1994-11-06T08:49:07Z").unwrap();
        assert_eq!(retry_after("120", at), Some(120));
        assert_eq!(retry_after("99999999999999999999999", at), Some(LONGEST));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", at), Some(30));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:00 GMT", at), Some(0));
        for other in [
            "",
            "soon",
            "-1",
            "1.5",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 99 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(retry_after(other, at), None, "{other}");
        }
    }
}
