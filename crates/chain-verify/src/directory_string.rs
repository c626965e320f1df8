//! The characters of an attribute value, and their form for comparison.

use core::char::ToLowercase;
use core::iter::Peekable;
use core::slice::ChunksExact;
use core::str::Chars;

use der::Tag;

/// The text of a string type; `None` if it is no string, or not one of its type.
///
/// TeletexString is read as Latin-1, as every implementation does, although T.61 says otherwise.
pub(crate) fn characters(tag: Tag, value: &[u8]) -> Option<Characters<'_>> {
    match tag {
        Tag::Utf8String => core::str::from_utf8(value).ok().map(|text| Characters::Utf8(text.chars())),
        Tag::PrintableString | Tag::Ia5String | Tag::VisibleString | Tag::NumericString if value.is_ascii() => {
            Some(Characters::Latin(value.iter()))
        }
        Tag::TeletexString => Some(Characters::Latin(value.iter())),
        Tag::BmpString if value.len().is_multiple_of(2) => {
            let surrogates = value.chunks_exact(2).any(|pair| matches!(pair, [0xd8..=0xdf, _]));
            (!surrogates).then(|| Characters::Bmp(value.chunks_exact(2)))
        }
        _ => None,
    }
}

/// Iterator over the characters of a value.
#[derive(Clone)]
pub(crate) enum Characters<'a> {
    Bmp(ChunksExact<'a, u8>),
    Latin(core::slice::Iter<'a, u8>),
    Utf8(Chars<'a>),
}

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::Bmp(pairs) => pairs.next().map(|pair| match pair {
                [high, low] => char::from_u32(u32::from(u16::from_be_bytes([*high, *low]))).unwrap_or('\u{fffd}'),
                _ => '\u{fffd}',
            }),
            Self::Latin(bytes) => bytes.next().map(|byte| char::from(*byte)),
            Self::Utf8(chars) => chars.next(),
        }
    }
}

/// Characters prepared for comparison: lower case, without leading and trailing spaces, inner runs of spaces as one.
/// RFC 5280 §7.1, RFC 4518 §2.6.1.
pub(crate) struct Folded<'a> {
    characters: Peekable<Characters<'a>>,
    lower: Option<ToLowercase>,
    started: bool,
}

impl<'a> Folded<'a> {
    pub(crate) fn new(characters: Characters<'a>) -> Self {
        Self { characters: characters.peekable(), lower: None, started: false }
    }
}

impl Iterator for Folded<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(character) = self.lower.as_mut().and_then(Iterator::next) {
            return Some(character);
        }
        let mut spaces = false;
        while self.characters.next_if(|character| character.is_whitespace()).is_some() {
            spaces = true;
        }
        let next = self.characters.peek().copied()?;
        if spaces && self.started {
            return Some(' ');
        }
        self.started = true;
        self.characters.next();
        let mut lower = next.to_lowercase();
        let first = lower.next();
        self.lower = Some(lower);
        first
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn folded(tag: Tag, value: &[u8]) -> Option<String> {
        characters(tag, value).map(|text| Folded::new(text).collect())
    }

    #[test]
    fn case_and_spaces_fold_and_the_string_type_does_not_matter() {
        assert_eq!(folded(Tag::Utf8String, "  Straße  \t A ".as_bytes()).as_deref(), Some("straße a"));
        assert_eq!(folded(Tag::PrintableString, b"Test  CA").as_deref(), Some("test ca"));
        assert_eq!(folded(Tag::BmpString, b"\0T\0e\0s\0t\0 \0C\0A").as_deref(), Some("test ca"));
        assert_eq!(folded(Tag::TeletexString, b"K\xf6ln").as_deref(), Some("köln"));
        assert_eq!(folded(Tag::Utf8String, b"   ").as_deref(), Some(""));
    }

    #[test]
    fn what_is_not_text_of_its_type_does_not_fold() {
        assert_eq!(folded(Tag::Utf8String, b"\xff"), None);
        assert_eq!(folded(Tag::PrintableString, b"\xe4"), None);
        assert_eq!(folded(Tag::BmpString, b"\0"), None);
        assert_eq!(folded(Tag::BmpString, b"\xd8\x00"), None);
        assert_eq!(folded(Tag::OctetString, b"a"), None);
    }
}
