//! What must hold of everything printed.

use std::fmt::Display;

use stella_vocabulary::{Code, Reason};

/// Longest text of an error: a sentence with a few quotes, each of at most 200 characters, and a path.
const LONGEST: usize = 4096;

/// Every part of an error can be shown: it has a code of the registry, and texts that are bounded and harmless.
pub fn check_reason(error: &dyn Reason) {
    assert_eq!(Code::parse(error.code().as_str()), Some(error.code()));
    assert_ne!(error.code().exit_status(), 0, "{} would count as success", error.code());
    let text = error.to_string();
    assert!(!text.is_empty(), "{} says nothing", error.code());
    check_shown(&text);
    for part in [error.place(), error.found(), error.expected(), error.clause().map(str::to_owned)] {
        check_shown(part.as_deref().unwrap_or_default());
    }
}

/// The text is of a length that fits in a report, and holds nothing that moves the cursor, hides, reorders or starts a new line.
pub fn check_shown(text: impl Display) {
    let text = text.to_string();
    assert!(text.chars().count() <= LONGEST, "a text of {} bytes: {:.300}", text.len(), text.escape_unicode());
    check_harmless(&text);
}

/// As [`check_shown`], whatever the length.
pub fn check_harmless(text: &str) {
    let bad = text.chars().find(|character| is_harmful(*character));
    assert_eq!(bad.map(char::escape_unicode).map(|escape| escape.to_string()), None, "{text:?}");
}

/// Controls (Unicode `Cc`), line and paragraph separators (`Zl`, `Zp`), the characters with the property `Bidi_Control`, those of
/// zero width that join or part, tags, and interlinear annotations. Written from the Unicode Character Database.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 // Bidi_Control
            | 0x2028 | 0x2029
            | 0x00ad | 0x180e | 0x200b..=0x200d | 0x2060..=0x2064 | 0xfeff
            | 0xfff9..=0xfffb | 0xe0001 | 0xe0020..=0xe007f)
}
