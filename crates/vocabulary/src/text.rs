//! Text from outside, made safe to show.

use core::fmt::{self, Write as _};

/// Text in which nothing can move the cursor, hide, reorder or start a new line: such characters print as `\u{1b}`.
///
/// Escaped are the C0 and C1 controls (line breaks and tabs too), DEL, line and paragraph separators, bidirectional
/// controls, zero-width and other invisible characters. Letters of every script and emoji print as they are. A
/// backslash is untouched, so a text that spells `\u{1b}` itself looks the same: this is for eyes, not for reading
/// back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, hidden)) = rest.char_indices().find(|&(_, character)| is_unsafe_to_show(character)) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            write!(f, "{}", hidden.escape_unicode())?;
            rest = tail.get(hidden.len_utf8()..).unwrap_or("");
        }
        f.write_str(rest)
    }
}

/// [`Escaped`] text of at most so many characters; where something was left out, the last one is `…`.
///
/// Counted is what is printed, so an escape counts as its six or more characters; it is printed whole or not at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounded<'a>(pub &'a str, pub usize);

impl fmt::Display for Bounded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Enough characters fit if the whole text does; at most `1 + limit` characters are looked at.
        if fitting(self.0, self.1).is_none() {
            return Escaped(self.0).fmt(f);
        }
        let Some(room) = self.1.checked_sub(1) else { return Ok(()) };
        let kept = fitting(self.0, room).and_then(|cut| self.0.get(..cut)).unwrap_or(self.0);
        Escaped(kept).fmt(f)?;
        f.write_char('…')
    }
}

/// Where `text` must be cut, in bytes, so that it prints in at most `limit` characters; `None` if all of it fits.
fn fitting(text: &str, limit: usize) -> Option<usize> {
    let mut left = limit;
    for (at, character) in text.char_indices() {
        let width = if is_unsafe_to_show(character) { character.escape_unicode().count() } else { 1 };
        match left.checked_sub(width) {
            Some(rest) => left = rest,
            None => return Some(at),
        }
    }
    None
}

/// Whether `character` would not show, or would change how its neighbours show.
#[must_use]
pub fn is_unsafe_to_show(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul fillers, Khmer inherent vowels, Mongolian
        // separators.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        // Zero-width space, joiners and direction marks; separators and embeddings; word joiner, isolates, deprecated
        // formats.
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // Hangul filler, byte order mark, half-width filler, interlinear annotations.
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        // Shorthand and musical formatting, tags and supplementary variation selectors.
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn terminal_controls_print_as_escapes() {
        assert_eq!(Escaped("a\u{1b}[31mb\u{7f}\u{9b}c").to_string(), r"a\u{1b}[31mb\u{7f}\u{9b}c");
        assert_eq!(Escaped("\u{1b}]8;;x\u{7}").to_string(), r"\u{1b}]8;;x\u{7}");
    }

    #[test]
    fn a_line_break_cannot_forge_a_second_line() {
        assert_eq!(Escaped("x\r\nverified\u{2028}\u{85}").to_string(), r"x\u{d}\u{a}verified\u{2028}\u{85}");
    }

    #[test]
    fn bidirectional_and_invisible_characters_print_as_escapes() {
        for hidden in "\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{ad}\u{61c}\u{2060}\u{e0041}\u{3164}".chars() {
            let shown = Escaped(&hidden.to_string()).to_string();
            assert_eq!(shown, format!("\\u{{{:x}}}", u32::from(hidden)));
        }
    }

    #[test]
    fn letters_of_every_script_emoji_and_backslashes_are_untouched() {
        for text in ["", "plain", "שלום عربى", "日本語 🎉", r"C:\dir\u{1b}", "café"] {
            assert_eq!(Escaped(text).to_string(), text);
        }
    }

    #[test]
    fn bounded_text_keeps_what_fits_and_marks_what_was_cut() {
        assert_eq!(Bounded("abcd", 4).to_string(), "abcd");
        assert_eq!(Bounded("abcde", 4).to_string(), "abc…");
        assert_eq!(Bounded("日本語です", 3).to_string(), "日本…");
        assert_eq!(Bounded("abc", 1).to_string(), "…");
        assert_eq!(Bounded("abc", 0).to_string(), "");
        assert_eq!(Bounded("", 0).to_string(), "");
    }

    #[test]
    fn an_escape_is_never_cut_in_two() {
        assert_eq!(Bounded("a\u{1b}b", 8).to_string(), r"a\u{1b}b");
        assert_eq!(Bounded("a\u{1b}bc", 8).to_string(), r"a\u{1b}…");
        assert_eq!(Bounded("a\u{1b}bc", 7).to_string(), "a…");
    }
}
