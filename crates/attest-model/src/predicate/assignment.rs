//! `key=value`, taken apart.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One step of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Element(usize),
    Member(String),
}

/// Why a path is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PathError {
    ControlCharacter,
    EmptyName,
    Index,
    NoEquals,
}

/// A path and the text behind the first `=` that no backslash stands before.
///
/// A path is names with dots between them, and `[0]` behind a name for an element of a list. A backslash takes the meaning from the
/// character behind it: `builder\.id` is one name.
pub(super) fn parse(text: &str) -> Result<(Vec<Step>, &str), PathError> {
    let (mut steps, mut name) = (Vec::new(), None::<String>);
    let mut characters = text.char_indices();
    // A name follows: at the beginning, and behind a dot.
    let mut wants_name = true;
    while let Some((at, character)) = characters.next() {
        match character {
            '=' | '.' | '[' => {
                match name.take() {
                    Some(name) => steps.push(Step::Member(name)),
                    None if wants_name => return Err(PathError::EmptyName),
                    None => {}
                }
                wants_name = character == '.';
                match character {
                    '=' => return Ok((steps, text.get(at.saturating_add(1)..).unwrap_or_default())),
                    '[' => {
                        let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
                        let (digits, _) = rest.split_once(']').ok_or(PathError::Index)?;
                        let index = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
                        steps.push(Step::Element(index.ok_or(PathError::Index)?));
                        for _ in 0..=digits.len() {
                            characters.next();
                        }
                    }
                    _ => {}
                }
            }
            _ if !wants_name && name.is_none() => return Err(PathError::Index),
            _ => {
                let character = match character {
                    '\\' => characters.next().map_or('\\', |(_, escaped)| escaped),
                    other => other,
                };
                if character.is_control() {
                    return Err(PathError::ControlCharacter);
                }
                name.get_or_insert_with(String::new).push(character);
                wants_name = true;
            }
        }
    }
    Err(PathError::NoEquals)
}

/// The path as it would be typed.
pub(super) fn shown(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Element(index) => text.push_str(&alloc::format!("[{index}]")),
            Step::Member(name) => {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(&name.to_string());
            }
        }
    }
    text
}
