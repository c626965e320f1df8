//! JSON values with sorted members, so that what is written here is the same bytes every time, and nearly RFC 8785.
//!
//! Canonical for what the fixtures hold: ASCII member names, no fractions.

pub use serde_json::Value;

/// An object.
pub fn object<'n>(members: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    let mut members: Vec<(&str, Value)> = members.into_iter().collect();
    members.sort_by_key(|(name, _)| *name);
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A string.
pub fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// An array.
pub fn array(items: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(items.into_iter().collect())
}

/// An indented form that ends in a line feed, for files people read.
pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
