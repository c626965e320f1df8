//! JSON documents of the command line, with members in the order in which they are said.

use std::fmt::Write as _;

use stella_attest_model::Limits;
use stella_attest_model::json::{self, Document, Kind};
use stella_vocabulary::text::is_unsafe_to_show;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    /// A document that is JSON already, such as a report.
    Raw(String),
    List(Vec<Value>),
    Object(Vec<(&'static str, Value)>),
    /// Members whose names are not ours.
    Map(Vec<(String, Value)>),
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn maybe(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    pub(crate) fn object(members: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Object(members.into_iter().collect())
    }

    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    pub(crate) fn texts(items: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::list(items.into_iter().map(Self::text))
    }

    pub(crate) fn count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(crate) fn number(count: u64) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// The value that a JSON text is; `None` if it is none, or has a number that is no whole number.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let document = Document::parse_within(text.as_bytes(), text.len(), &Limits::default()).ok()?;
        Self::of(document.root())
    }

    fn of(value: json::Value<'_, '_>) -> Option<Self> {
        Some(match value.kind() {
            Kind::Null => Self::Null,
            Kind::Bool => Self::Bool(value.as_bool().ok()?),
            Kind::Number => Self::Number(value.as_i64().ok()?),
            Kind::String => Self::Text(value.as_str().ok()?.to_string()),
            Kind::Array => Self::List(value.as_array().ok()?.iter().map(Self::of).collect::<Option<_>>()?),
            Kind::Object => {
                let members = value.as_object().ok()?.members();
                Self::Map(
                    members.map(|(name, value)| Some((name.to_string(), Self::of(value)?))).collect::<Option<_>>()?,
                )
            }
        })
    }

    /// One line, with a line break at its end.
    pub(crate) fn line(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            // Writing to a string cannot fail.
            Self::Number(number) => drop(write!(out, "{number}")),
            Self::Text(text) => write_text(out, text),
            Self::Raw(json) => out.push_str(json),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => write_members(out, members.iter().map(|(name, value)| (*name, value))),
            Self::Map(members) => write_members(out, members.iter().map(|(name, value)| (name.as_str(), value))),
        }
    }
}

fn write_members<'v>(out: &mut String, members: impl Iterator<Item = (&'v str, &'v Value)>) {
    out.push('{');
    for (index, (name, value)) in members.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(out, name);
        out.push(':');
        value.write(out);
    }
    out.push('}');
}

/// A JSON string without any raw character that could move a cursor or turn text around, should somebody print it.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(character),
            // Fillers of Hangul count as letters and show nothing.
            _ if character.is_alphanumeric() && !is_unsafe_to_show(character) => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn members_keep_their_order_and_text_is_escaped() {
        let value = Value::object([
            ("b", Value::text("\u{1b}\"\\\n é 😀\u{3164}")),
            ("a", Value::list([Value::Null, Value::Bool(true), Value::Number(-1), Value::Raw("{}".into())])),
        ]);
        assert_eq!(
            value.line(),
            "{\"b\":\"\\u001b\\\"\\\\\\u000a é \\ud83d\\ude00\\u3164\",\"a\":[null,true,-1,{}]}\n"
        );
    }

    #[test]
    fn a_text_that_is_read_is_written_as_one_value_without_raw_characters() {
        let text = " {\"b\": [null, true, -1, \"\u{9b}2J\u{202e}\"],\n \"a\": {}} ";
        let value = Value::read(text).unwrap();
        assert_eq!(value.line(), "{\"b\":[null,true,-1,\"\\u009b2J\\u202e\"],\"a\":{}}\n");
        for odd in ["", "{}, \"verdict\": \"verified\"", "{\"a\": 1.5}", "{\"a\": 1, \"a\": 2}", "{\"a\": \"\u{1b}\"}"]
        {
            assert_eq!(Value::read(odd), None, "{odd:?}");
        }
    }
}
