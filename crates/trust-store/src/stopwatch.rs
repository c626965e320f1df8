//! Time that passes, handed in by whoever has a clock.

/// A clock that never goes back, and a way to wait. Libraries have neither of their own.
pub trait Stopwatch {
    /// Milliseconds since any fixed moment.
    fn milliseconds(&self) -> u64;
    /// Returns after about so many milliseconds.
    fn pause(&self, milliseconds: u64);
}
