//! Bounds on what people write into the log.

use alloc::string::String;

use stella_vocabulary::{End, UnixTime, Window};

use super::error::LedgerError;

/// Longest reason, in bytes: a paragraph, not a log file.
const REASON_BYTES: usize = 1024;
/// Longest label, name, pattern or URL, in bytes.
const TEXT_BYTES: usize = 1024;
/// Most entries of one list in a scope or issuer.
const LIST: usize = 1024;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what RFC 3339 can write and people can read.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// Whether somebody can read `reason` as a reason: one line that is neither empty nor endless and shows what it holds.
pub(super) fn check_reason(reason: &str) -> Result<(), LedgerError> {
    let flaw = if reason.trim().is_empty() {
        "it is empty"
    } else if reason.len() > REASON_BYTES {
        "it is longer than 1024 bytes"
    } else if !is_plain(reason) {
        "it has control or invisible characters"
    } else {
        return Ok(());
    };
    Err(LedgerError::ReasonInvalid { flaw })
}

/// Whether `text` may be a label, name, pattern or URL.
pub(super) fn check_text(what: &'static str, text: &str) -> Result<(), LedgerError> {
    let fits = !text.trim().is_empty() && text.len() <= TEXT_BYTES && is_plain(text);
    if fits { Ok(()) } else { Err(LedgerError::TextInvalid { what }) }
}

pub(super) fn check_texts(what: &'static str, texts: &[String]) -> Result<(), LedgerError> {
    if texts.len() > LIST {
        return Err(LedgerError::TextInvalid { what });
    }
    texts.iter().try_for_each(|text| check_text(what, text))
}

pub(super) fn check_instant(what: &'static str, at: UnixTime) -> Result<(), LedgerError> {
    if (FIRST..=LAST).contains(&at.seconds()) { Ok(()) } else { Err(LedgerError::DateInvalid { what, found: at }) }
}

/// Whether `window` has bounds that can be written and an instant inside. It may lie in the past.
pub(super) fn check_window(window: Window) -> Result<(), LedgerError> {
    // The log writes half-open windows only: the last second of another one would be lost in it.
    if window.end() == End::Inclusive {
        return Err(LedgerError::WindowClosed { window });
    }
    for bound in [window.from(), window.until()].into_iter().flatten() {
        check_instant("a bound of the window", bound)?;
    }
    if window.is_empty() { Err(LedgerError::WindowEmpty { window }) } else { Ok(()) }
}

/// Whether `text` shows all it holds: what has to be escaped to be shown is refused.
fn is_plain(text: &str) -> bool {
    use core::fmt::Write as _;

    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return true;
    }
    /// Compares what is written with the text, piece by piece.
    struct Same<'a>(&'a str);
    impl core::fmt::Write for Same<'_> {
        fn write_str(&mut self, piece: &str) -> core::fmt::Result {
            self.0 = self.0.strip_prefix(piece).ok_or(core::fmt::Error)?;
            Ok(())
        }
    }
    write!(Same(text), "{}", stella_vocabulary::text::Escaped(text)).is_ok()
}

#[cfg(test)]
mod tests {
    use stella_vocabulary::{Code, Reason as _};

    use super::*;

    #[test]
    fn a_reason_is_one_plain_line_of_at_most_a_kibibyte_b223() {
        let longest = "x".repeat(1024);
        for good in ["INC-4711: rotated key of the release builder", "né à Zürich", &longest] {
            assert!(check_reason(good).is_ok(), "{good}");
        }
        let huge = "x".repeat(1 << 20);
        for bad in ["", "  \t", "a\nb", "a\u{1b}[2J", "a\u{202e}b", "a\u{200b}b", &huge, &"x".repeat(1025)] {
            assert_eq!(check_reason(bad).unwrap_err().code(), Code::UsageReasonInvalid);
        }
    }

    #[test]
    fn a_window_ends_after_it_begins_and_before_the_year_10000_b206() {
        let at = |seconds| Some(UnixTime::from_seconds(seconds));
        assert!(check_window(Window::half_open(at(10), at(11))).is_ok());
        assert!(check_window(Window::closed(at(10), None)).is_ok());
        for window in [
            Window::half_open(at(10), at(10)),
            Window::half_open(at(11), at(10)),
            Window::half_open(None, at(LAST + 1)),
            Window::half_open(at(FIRST - 1), None),
            Window::closed(at(10), at(11)),
        ] {
            assert_eq!(check_window(window).unwrap_err().code(), Code::UsageDateInvalid);
        }
    }
}
