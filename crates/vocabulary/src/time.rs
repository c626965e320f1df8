//! Instants.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;

use crate::text::Bounded;
use crate::{Code, Reason};

/// An instant: seconds since 1970-01-01T00:00:00 UTC, without leap seconds.
///
/// Prints as RFC 3339 (`2026-01-17T09:00:00Z`); an instant outside the years 0 to 9999, which RFC 3339 cannot name, as
/// `@` and its seconds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UnixTime(i64);

/// Why a text is not an instant.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TimeError {
    /// A month 13, a 30 February, an hour 24, a second 60, or a year before 0 or after 9999 once the zone is taken
    /// away.
    OutOfRange {
        /// The text, bounded.
        text: String,
    },
    /// Not of the form `2026-01-17T09:00:00Z`.
    Syntax {
        /// The text, bounded.
        text: String,
    },
    /// A date and time without `Z` or an offset: another instant in every zone.
    ZoneMissing {
        /// The text, bounded.
        text: String,
    },
}

const SECONDS_PER_DAY: i64 = 86_400;
/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z.
const LAST: i64 = 253_402_300_799;

impl UnixTime {
    /// The instant so many seconds after (or before) 1970-01-01T00:00:00 UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00 UTC.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The instant with this UTC calendar date (proleptic Gregorian) and time of day.
    ///
    /// `None` unless the year is 0 to 9999, the day exists, and the time is 00:00:00 to 23:59:59. There is no second 60:
    /// Unix time cannot name a leap second, and taking it for a neighbour would move a boundary.
    pub fn from_civil(year: i32, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        if !(0..=9999).contains(&year) || day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let time_of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Some(Self(days_from_civil(i64::from(year), i64::from(month), i64::from(day)) * SECONDS_PER_DAY + time_of_day))
    }

    /// Reads a date and time with a zone, RFC 3339 §5.6; fractions of a second are cut off.
    ///
    /// # Errors
    /// [`TimeError`]; its code is `usage.date_invalid`, right for a command line. A document reader has a code of its
    /// own for instants and names that instead.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        let bounded = || Bounded(text, TEXT_SHOWN).to_string();
        let mut rest = Cursor(text.as_bytes());
        let fields = rest.date_and_time().ok_or_else(|| TimeError::Syntax { text: bounded() })?;
        let offset = match rest.offset() {
            Offset::Missing => return Err(TimeError::ZoneMissing { text: bounded() }),
            Offset::Malformed => return Err(TimeError::Syntax { text: bounded() }),
            Offset::OutOfRange => return Err(TimeError::OutOfRange { text: bounded() }),
            Offset::Seconds(seconds) => seconds,
        };
        let [year, month, day, hour, minute, second] = fields;
        // Two digits each, so the narrowing loses nothing; `u8::MAX` is no valid field in any case.
        let narrow = |field: u16| u8::try_from(field).unwrap_or(u8::MAX);
        Self::from_civil(i32::from(year), narrow(month), narrow(day), narrow(hour), narrow(minute), narrow(second))
            .and_then(|local| local.checked_add(-offset))
            .filter(|at| (FIRST..=LAST).contains(&at.0))
            .ok_or_else(|| TimeError::OutOfRange { text: bounded() })
    }

    /// The instant so many seconds later (or earlier); `None` on overflow.
    pub fn checked_add(self, seconds: i64) -> Option<Self> {
        self.0.checked_add(seconds).map(Self)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !(FIRST..=LAST).contains(&self.0) {
            return write!(f, "@{}", self.0);
        }
        let (year, month, day) = civil_from_days(self.0.div_euclid(SECONDS_PER_DAY));
        let second_of_day = self.0.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        let mut text = *b"0000-00-00T00:00:00Z";
        // Digit by digit: formatting six numbers takes as long as hashing a kilobyte, and every entry of a log has a time.
        for (end, digits, number) in
            [(4, 4, year), (7, 2, month), (10, 2, day), (13, 2, hour), (16, 2, minute), (19, 2, second)]
        {
            let mut rest = number;
            for place in text.iter_mut().take(end).rev().take(digits) {
                // The remainder of ten is a digit.
                *place = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        f.write_str(core::str::from_utf8(&text).expect("digits and signs are ASCII"))
    }
}

fn days_in_month(year: i32, month: u8) -> Option<u8> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_FROM_MARCH_0: i64 = 719_468;
const DAYS_PER_ERA: i64 = 146_097;

/// Years are counted from March, so that the leap day is the last of a year, and in eras of 400 years, after which the
/// calendar repeats. Months from March have 31, 30, 31, 30, 31 days again and again, which `(153 m + 2) / 5` sums up.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_MARCH_0
}

/// The inverse of [`days_from_civil`], for days of the years 0 to 9999.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_FROM_MARCH_0;
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    // Take the leap days out (one per 1,461 days but not per 36,524, and the last of the era), and years are 365 days.
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

/// The bytes not read yet.
struct Cursor<'a>(&'a [u8]);

enum Offset {
    Malformed,
    Missing,
    OutOfRange,
    /// To be subtracted from the local time.
    Seconds(i64),
}

impl Cursor<'_> {
    fn date_and_time(&mut self) -> Option<[u16; 6]> {
        let year = self.digits(4)?;
        self.one_of(b"-")?;
        let month = self.digits(2)?;
        self.one_of(b"-")?;
        let day = self.digits(2)?;
        self.one_of(b"Tt")?;
        let hour = self.digits(2)?;
        self.one_of(b":")?;
        let minute = self.digits(2)?;
        self.one_of(b":")?;
        let second = self.digits(2)?;
        if self.one_of(b".").is_some() {
            self.digits(1)?;
            while self.digits(1).is_some() {}
        }
        Some([year, month, day, hour, minute, second])
    }

    fn offset(&mut self) -> Offset {
        if self.0.is_empty() {
            return Offset::Missing;
        }
        let offset = match self.one_of(b"Zz+-") {
            Some(b'Z' | b'z') => Some((1, 0, 0)),
            Some(sign) => {
                self.hours_and_minutes().map(|(hours, minutes)| (if sign == b'+' { 1 } else { -1 }, hours, minutes))
            }
            None => None,
        };
        match offset {
            Some((sign, hours, minutes)) if self.0.is_empty() => {
                if hours > 23 || minutes > 59 {
                    return Offset::OutOfRange;
                }
                Offset::Seconds(sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
            }
            _ => Offset::Malformed,
        }
    }

    fn hours_and_minutes(&mut self) -> Option<(u16, u16)> {
        let hours = self.digits(2)?;
        self.one_of(b":")?;
        Some((hours, self.digits(2)?))
    }

    /// A number of exactly `count` digits, at most four.
    fn digits(&mut self, count: usize) -> Option<u16> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.0 = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
    }

    fn one_of(&mut self, accepted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        if !accepted.contains(first) {
            return None;
        }
        self.0 = rest;
        Some(*first)
    }
}

/// More than any instant needs, and little enough for one line.
const TEXT_SHOWN: usize = 64;

impl TimeError {
    fn text(&self) -> &str {
        match self {
            Self::OutOfRange { text } | Self::Syntax { text } | Self::ZoneMissing { text } => text,
        }
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text();
        match self {
            Self::OutOfRange { .. } => write!(f, "no such date or time of day: `{text}`"),
            Self::Syntax { .. } => write!(f, "not a date and time: `{text}`"),
            Self::ZoneMissing { .. } => write!(f, "date and time without a zone: `{text}`"),
        }
    }
}

impl core::error::Error for TimeError {}

impl Reason for TimeError {
    fn code(&self) -> Code {
        Code::UsageDateInvalid
    }

    fn found(&self) -> Option<String> {
        Some(format!("`{}`", self.text()))
    }

    fn expected(&self) -> Option<String> {
        Some("a date and time with a zone, such as `2026-01-17T09:00:00Z`".to_owned())
    }

    fn clause(&self) -> Option<&'static str> {
        Some("RFC 3339 §5.6")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<i64, TimeError> {
        UnixTime::parse_rfc3339(text).map(UnixTime::seconds)
    }

    fn shown(seconds: i64) -> String {
        UnixTime::from_seconds(seconds).to_string()
    }

    #[test]
    fn known_instants_are_read_and_printed() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-17T09:00:00Z", 1_768_640_400),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("1969-12-31T23:59:59Z", -1),
            ("1900-03-01T00:00:00Z", -2_203_891_200),
            ("0000-01-01T00:00:00Z", FIRST),
            ("9999-12-31T23:59:59Z", LAST),
        ] {
            assert_eq!(parse(text), Ok(seconds), "{text}");
            assert_eq!(shown(seconds), text);
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut expected = days_from_civil(1600, 1, 1);
        for year in 1600..2000_i32 {
            for month in 1..=12_u8 {
                for day in 1..=days_in_month(year, month).unwrap() {
                    let civil = (i64::from(year), i64::from(month), i64::from(day));
                    assert_eq!(days_from_civil(civil.0, civil.1, civil.2), expected);
                    assert_eq!(civil_from_days(expected), civil);
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn instants_that_rfc_3339_cannot_name_print_as_seconds() {
        assert_eq!(shown(LAST + 1), "@253402300800");
        assert_eq!(shown(FIRST - 1), "@-62167219201");
        assert_eq!(shown(i64::MIN), "@-9223372036854775808");
        assert_eq!(shown(i64::MAX), "@9223372036854775807");
    }

    #[test]
    fn offsets_are_taken_away_and_fractions_cut_off() {
        assert_eq!(parse("1970-01-01T01:30:00+01:30"), Ok(0));
        assert_eq!(parse("1969-12-31T16:00:00-08:00"), Ok(0));
        assert_eq!(parse("1970-01-01t00:00:00.999999999999z"), Ok(0));
        assert_eq!(parse("1969-12-31T23:59:59.9-00:00"), Ok(-1));
    }

    #[test]
    fn a_zone_is_required() {
        for text in ["2026-01-17T09:00:00", "2026-01-17T09:00:00.5"] {
            assert!(matches!(parse(text), Err(TimeError::ZoneMissing { .. })), "{text}");
        }
    }

    #[test]
    fn days_and_times_that_do_not_exist_are_refused() {
        for text in [
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2016-12-31T23:59:60Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+00:60",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert!(matches!(parse(text), Err(TimeError::OutOfRange { .. })), "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-01-17",
            "2026-01-17 09:00:00Z",
            "2026-01-17T09:00Z",
            "2026-01-17T09:00:00.Z",
            "2026-01-17T09:00:00ZZ",
            "2026-01-17T09:00:00+1:00",
            "2026-01-17T09:00:00+0100",
            "10000-01-01T00:00:00Z",
            "-001-01-01T00:00:00Z",
            "+026-01-01T00:00:00Z",
            "2026-1-17T09:00:00Z",
            "1768640400",
            "２026-01-17T09:00:00Z",
        ] {
            assert!(matches!(parse(text), Err(TimeError::Syntax { .. })), "{text}");
        }
    }

    #[test]
    fn errors_are_bounded_and_show_no_control_character() {
        let error = parse(&"\u{1b}x".repeat(10_000)).unwrap_err();
        assert_eq!(error.code(), Code::UsageDateInvalid);
        for said in [error.to_string(), error.found().unwrap()] {
            assert!(said.chars().count() < 120 && !said.chars().any(char::is_control), "{said}");
        }
    }

    #[test]
    fn adding_never_wraps() {
        assert_eq!(UnixTime::from_seconds(i64::MAX).checked_add(1), None);
        assert_eq!(UnixTime::from_seconds(1).checked_add(-2), Some(UnixTime::from_seconds(-1)));
    }
}
