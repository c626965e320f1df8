//! Stretches of time in which a key or certificate counts.

use core::fmt;

use crate::UnixTime;

/// A stretch of time with optional bounds; the start always belongs to it.
///
/// Key windows of the trust store are half-open `[from, until)`; certificate validity and the windows of a Sigstore
/// trusted root include their end (RFC 5280 §4.1.2.5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Window {
    from: Option<UnixTime>,
    until: Option<UnixTime>,
    end: End,
}

/// Whether the last instant named by a [`Window`] belongs to it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum End {
    /// The instant `until` is already outside.
    Exclusive,
    /// The instant `until` is still inside.
    Inclusive,
}

/// Where an instant lies relative to a [`Window`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Position {
    /// Later than the window.
    After,
    /// Earlier than the window.
    Before,
    /// Within the window.
    Inside,
}

impl Window {
    /// The window without bounds.
    pub const fn always() -> Self {
        Self { from: None, until: None, end: End::Exclusive }
    }

    /// `[from, until)`; a missing bound is no bound.
    pub const fn half_open(from: Option<UnixTime>, until: Option<UnixTime>) -> Self {
        Self { from, until, end: End::Exclusive }
    }

    /// `[from, until]`; a missing bound is no bound.
    pub const fn closed(from: Option<UnixTime>, until: Option<UnixTime>) -> Self {
        // Without a last instant there is nothing to include, and equal windows shall compare equal.
        let end = if until.is_some() { End::Inclusive } else { End::Exclusive };
        Self { from, until, end }
    }

    /// Whether `at` lies in the window.
    pub fn contains(self, at: UnixTime) -> bool {
        self.position(at) == Position::Inside
    }

    /// Where `at` lies. Of an empty window, instants from its start on are after it.
    pub fn position(self, at: UnixTime) -> Position {
        if self.from.is_some_and(|from| at < from) {
            return Position::Before;
        }
        let ended = self.until.is_some_and(|until| match self.end {
            End::Exclusive => at >= until,
            End::Inclusive => at > until,
        });
        if ended { Position::After } else { Position::Inside }
    }

    /// Whether no instant lies in the window: it ends before it starts.
    pub fn is_empty(self) -> bool {
        match (self.from, self.until, self.end) {
            (Some(from), Some(until), End::Exclusive) => until <= from,
            (Some(from), Some(until), End::Inclusive) => until < from,
            _ => false,
        }
    }

    /// The first instant inside, if there is a bound.
    pub fn from(self) -> Option<UnixTime> {
        self.from
    }

    /// The bound at the end, if there is one; [`Window::end`] says whether it is inside.
    pub fn until(self) -> Option<UnixTime> {
        self.until
    }

    /// Whether `until` is inside; [`End::Exclusive`] where there is no such bound.
    pub fn end(self) -> End {
        self.end
    }
}

/// Interval notation with RFC 3339 instants: `[2024-01-01T00:00:00Z, …)`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.from {
            Some(from) => write!(f, "[{from}, ")?,
            None => f.write_str("(…, ")?,
        }
        match (self.until, self.end) {
            (Some(until), End::Exclusive) => write!(f, "{until})"),
            (Some(until), End::Inclusive) => write!(f, "{until}]"),
            (None, _) => f.write_str("…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const START: UnixTime = UnixTime::from_seconds(100);
    const STOP: UnixTime = UnixTime::from_seconds(200);

    fn position(window: Window, seconds: i64) -> Position {
        window.position(UnixTime::from_seconds(seconds))
    }

    #[test]
    fn the_start_is_inside_and_the_second_before_is_not() {
        for window in [Window::half_open(Some(START), Some(STOP)), Window::closed(Some(START), Some(STOP))] {
            assert_eq!(position(window, 99), Position::Before);
            assert_eq!(position(window, 100), Position::Inside);
        }
    }

    #[test]
    fn a_half_open_window_ends_before_its_last_instant() {
        let window = Window::half_open(Some(START), Some(STOP));
        assert_eq!(position(window, 199), Position::Inside);
        assert_eq!(position(window, 200), Position::After);
    }

    #[test]
    fn a_closed_window_ends_with_its_last_instant() {
        let window = Window::closed(Some(START), Some(STOP));
        assert_eq!(position(window, 200), Position::Inside);
        assert_eq!(position(window, 201), Position::After);
    }

    #[test]
    fn a_missing_bound_is_no_bound() {
        for at in [i64::MIN, 0, i64::MAX] {
            assert_eq!(position(Window::always(), at), Position::Inside);
        }
        assert_eq!(position(Window::half_open(None, Some(STOP)), i64::MIN), Position::Inside);
        assert_eq!(position(Window::closed(Some(START), None), i64::MAX), Position::Inside);
        assert_eq!(Window::closed(Some(START), None), Window::half_open(Some(START), None));
    }

    #[test]
    fn an_empty_window_holds_no_instant() {
        for window in [Window::half_open(Some(START), Some(START)), Window::closed(Some(STOP), Some(START))] {
            assert!(window.is_empty());
            assert!([i64::MIN, 99, 100, 101, 200, i64::MAX].iter().all(|&at| position(window, at) != Position::Inside));
        }
        assert!(!Window::closed(Some(START), Some(START)).is_empty());
        assert!(Window::closed(Some(START), Some(START)).contains(START));
    }

    #[test]
    fn windows_print_as_intervals() {
        assert_eq!(Window::always().to_string(), "(…, …)");
        assert_eq!(Window::half_open(Some(START), None).to_string(), "[1970-01-01T00:01:40Z, …)");
        assert_eq!(Window::closed(Some(START), Some(STOP)).to_string(), "[1970-01-01T00:01:40Z, 1970-01-01T00:03:20Z]");
        assert_eq!(Window::half_open(None, Some(STOP)).to_string(), "(…, 1970-01-01T00:03:20Z)");
    }
}
