//! Names of objects and of persons.

use alloc::string::ToString;
use alloc::sync::Arc;
use core::fmt;

use stella_vocabulary::text::Bounded;

use super::error::LedgerError;

/// Longest id, in characters (catalogue limit "id length").
const MAX_CHARACTERS: usize = 128;

/// The name of an object of the store: `[a-z0-9][a-z0-9._-]{0,127}`.
///
/// Small letters of ASCII alone: an id is typed in a hurry, compared by eye, and shown in terminals.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// Its first 16 bytes, and zeros where there are fewer: they compare as the text does, and nearly always settle it. A store
    /// compares ids millions of times while it is opened, and following a pointer for each took a quarter of that.
    beginning: [u64; 2],
    text: Arc<str>,
}

impl Id {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`LedgerError::IdInvalid`].
    pub fn new(text: &str) -> Result<Self, LedgerError> {
        if is_name(text, "._-") { Ok(Self::made(text)) } else { Err(invalid(text)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A name that this module makes itself, of small letters, digits and hyphens.
    pub(super) fn made(text: &str) -> Self {
        let mut beginning = [[0; 8]; 2];
        let places = beginning.as_flattened_mut().iter_mut();
        places.zip(text.bytes()).for_each(|(place, byte)| *place = byte);
        Self { beginning: beginning.map(u64::from_be_bytes), text: Arc::from(text) }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.text).finish()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The name of a person: `[a-z0-9][a-z0-9._@+-]{0,127}`, so that a mail address fits.
///
/// Two persons are distinct when their names are; capital letters and letters beyond ASCII, which would let one person have two
/// names that look alike, are refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(Arc<str>);

impl Person {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`LedgerError::IdInvalid`].
    pub fn new(text: &str) -> Result<Self, LedgerError> {
        if is_name(text, "._@+-") { Ok(Self(Arc::from(text))) } else { Err(invalid(text)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_name(text: &str, marks: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= MAX_CHARACTERS
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || marks.as_bytes().contains(&byte))
}

fn invalid(text: &str) -> LedgerError {
    LedgerError::IdInvalid { found: Bounded(text, 100).to_string() }
}

#[cfg(test)]
mod tests {
    use stella_vocabulary::{Code, Reason as _};

    use super::*;

    #[test]
    fn ids_are_small_letters_digits_dots_lines_and_at_most_128_of_them_b201() {
        let long = "a".repeat(128);
        for good in ["a", "0", "release-root.2026_a", &long] {
            assert_eq!(Id::new(good).unwrap().as_str(), good);
        }
        let too_long = "a".repeat(129);
        let bad = ["", "../../x", "/etc/passwd", "a/b", "a\0", "CON", "Release", "-a", ".a", "rеlease", "a b", "a@b"];
        for bad in bad.into_iter().chain([too_long.as_str()]) {
            assert_eq!(Id::new(bad).unwrap_err().code(), Code::StoreIdInvalid, "{bad}");
        }
    }

    #[test]
    fn ids_sort_like_their_texts() {
        let long = "a".repeat(16);
        let texts = [
            "",
            "a",
            "a-",
            "a.",
            "a0",
            "aa",
            "b",
            &long,
            &"a".repeat(17),
            &(long.clone() + "-"),
            &(long.clone() + "b"),
        ];
        for left in texts {
            for right in texts {
                assert_eq!(Id::made(left).cmp(&Id::made(right)), left.cmp(right), "{left} {right}");
            }
        }
    }

    #[test]
    fn a_person_may_be_a_mail_address_and_has_one_spelling() {
        assert_eq!(Person::new("alice+ops@example.org").unwrap().as_str(), "alice+ops@example.org");
        for bad in ["Alice", "аlice", "alice ", "@alice", ""] {
            assert!(Person::new(bad).is_err(), "{bad}");
        }
    }
}
