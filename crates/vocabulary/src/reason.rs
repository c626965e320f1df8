//! What every refusal and error can say about itself.

use alloc::string::String;

use crate::Code;

/// What every refusal and error of this workspace can say about itself.
///
/// `Display` says what was wrong in one sentence without the code, bounded and free of control characters
/// (see [`crate::text::Bounded`]). The answers below are the parts of that sentence, for reports; they are bounded and
/// escaped in the same way.
pub trait Reason: core::error::Error {
    /// The registered code; it decides the exit status and the reference page.
    fn code(&self) -> Code;

    /// Where: a JSON path with line and column, `certificate 0`, `signature 1`, or a byte offset.
    fn place(&self) -> Option<String> {
        None
    }

    /// What was there.
    fn found(&self) -> Option<String> {
        None
    }

    /// What should have been there.
    fn expected(&self) -> Option<String> {
        None
    }

    /// The clause that was broken, such as `RFC 5280 §6.1.3(a)(2)`.
    fn clause(&self) -> Option<&'static str> {
        None
    }

    /// The certificate concerned; 0 is the leaf.
    fn certificate(&self) -> Option<usize> {
        None
    }
}
