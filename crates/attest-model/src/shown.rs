//! Text of a document in the answers of an error.

use alloc::string::{String, ToString};

use stella_vocabulary::text::Bounded;

/// `text` as an answer to "what was found": never empty, bounded and escaped.
pub(crate) fn found(text: &str) -> String {
    if text.is_empty() { "an empty text".to_string() } else { Bounded(text, 150).to_string() }
}
