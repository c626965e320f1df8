//! Canonical JSON of entries and objects: a small tree that prints itself by RFC 8785, and readers of members.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;

use stella_attest_model::{Limits, json};
use stella_vocabulary::{Code, TimeError, UnixTime, Window, base64};

use super::error::LedgerError;
use super::id::{Id, Person};
use crate::entry::write_string;

/// What can be written. Member names are ASCII, so their byte order is the order of RFC 8785; numbers are below 2^53.
#[derive(Clone, Debug)]
pub(super) enum Json {
    List(Vec<Json>),
    Null,
    Number(u64),
    /// In the order of the names.
    Object(Vec<(&'static str, Json)>),
    /// What is canonical already.
    Raw(String),
    Text(String),
}

impl Json {
    pub(super) fn object<const N: usize>(members: [(&'static str, Json); N]) -> Self {
        let mut members = Vec::from(members);
        members.sort_unstable_by_key(|(name, _)| *name);
        Self::Object(members)
    }

    pub(super) fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    pub(super) fn bytes(bytes: &[u8]) -> Self {
        Self::Text(base64::encode(bytes))
    }

    pub(super) fn hash(hash: &[u8; 32]) -> Self {
        Self::Text(stella_vocabulary::hex::encode(hash))
    }

    pub(super) fn optional<T: ToString>(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::text)
    }

    pub(super) fn list<T>(values: &[T], each: impl Fn(&T) -> Json) -> Self {
        Self::List(values.iter().map(each).collect())
    }

    pub(super) fn texts<T: ToString>(values: &[T]) -> Self {
        Self::list(values, |value| Self::text(value.to_string()))
    }

    /// `{"from":…,"until":…}`, half-open.
    pub(super) fn window(window: Window) -> Self {
        Self::object([("from", Self::optional(window.from())), ("until", Self::optional(window.until()))])
    }

    /// The same object with one more member.
    pub(super) fn with(mut self, name: &'static str, value: Json) -> Self {
        if let Self::Object(members) = &mut self {
            let place = members.partition_point(|(known, _)| *known < name);
            members.insert(place, (name, value));
        }
        self
    }

    pub(super) fn to_text(&self) -> String {
        let mut out = String::with_capacity(1024);
        self.write(&mut out);
        out
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.to_text().into_bytes()
    }

    /// Depth is that of the types here, which do not nest by input.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            // Writing to a `String` cannot fail.
            Self::Number(number) => drop(write!(out, "{number}")),
            Self::Raw(json) => out.push_str(json),
            Self::Text(text) => write_string(out, text),
            Self::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(out, name);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Members of an object that was read. What is missing is reported as a broken log: nobody else writes these documents.
#[derive(Clone, Copy)]
pub(super) struct Fields<'d, 'a>(json::Object<'d, 'a>);

/// Longest list inside an object of the store.
const MAX_LIST: usize = 10_000;

impl<'d, 'a> Fields<'d, 'a> {
    pub(super) fn new(value: json::Value<'d, 'a>) -> Result<Self, LedgerError> {
        Ok(Self(value.as_object()?))
    }

    pub(super) fn value(self, name: &'static str) -> Result<json::Value<'d, 'a>, LedgerError> {
        Ok(self.0.required(name, Code::AuditBroken)?)
    }

    pub(super) fn present(self, name: &'static str) -> Result<Option<json::Value<'d, 'a>>, LedgerError> {
        Ok(Some(self.value(name)?).filter(|value| !value.is_null()))
    }

    pub(super) fn object(self, name: &'static str) -> Result<Self, LedgerError> {
        Self::new(self.value(name)?)
    }

    pub(super) fn text(self, name: &'static str) -> Result<&'d str, LedgerError> {
        Ok(self.value(name)?.as_str()?)
    }

    pub(super) fn optional_text(self, name: &'static str) -> Result<Option<String>, LedgerError> {
        Ok(self.present(name)?.map(json::Value::as_str).transpose()?.map(ToString::to_string))
    }

    pub(super) fn id(self, name: &'static str) -> Result<Id, LedgerError> {
        Id::new(self.text(name)?)
    }

    pub(super) fn optional_id(self, name: &'static str) -> Result<Option<Id>, LedgerError> {
        self.present(name)?.map(|value| Id::new(value.as_str()?)).transpose()
    }

    pub(super) fn person(self, name: &'static str) -> Result<Person, LedgerError> {
        Person::new(self.text(name)?)
    }

    pub(super) fn number(self, name: &'static str) -> Result<u64, LedgerError> {
        Ok(self.value(name)?.as_u64()?)
    }

    pub(super) fn optional_number(self, name: &'static str) -> Result<Option<u64>, LedgerError> {
        Ok(self.present(name)?.map(json::Value::as_u64).transpose()?)
    }

    pub(super) fn time(self, name: &'static str) -> Result<UnixTime, LedgerError> {
        Ok(instant(self.text(name)?)?)
    }

    pub(super) fn optional_time(self, name: &'static str) -> Result<Option<UnixTime>, LedgerError> {
        self.present(name)?.map(|value| Ok(instant(value.as_str()?)?)).transpose()
    }

    pub(super) fn window(self, name: &'static str) -> Result<Window, LedgerError> {
        let bounds = self.object(name)?;
        Ok(Window::half_open(bounds.optional_time("from")?, bounds.optional_time("until")?))
    }

    pub(super) fn bytes(self, name: &'static str) -> Result<Vec<u8>, LedgerError> {
        Ok(base64::decode_standard(self.text(name)?)?)
    }

    pub(super) fn hash(self, name: &'static str) -> Result<[u8; 32], LedgerError> {
        let text = self.text(name)?;
        let bytes = stella_vocabulary::hex::decode(text).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or(LedgerError::Unreadable { what: "a hash" })
    }

    pub(super) fn optional_hash(self, name: &'static str) -> Result<Option<[u8; 32]>, LedgerError> {
        if self.present(name)?.is_none() { Ok(None) } else { self.hash(name).map(Some) }
    }

    pub(super) fn list<T>(
        self,
        name: &'static str,
        each: impl Fn(json::Value<'d, 'a>) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        let list = self.value(name)?.as_array()?;
        if list.len() > MAX_LIST {
            return Err(LedgerError::Unreadable { what: "a list of this length" });
        }
        list.iter().map(each).collect()
    }

    pub(super) fn texts(self, name: &'static str) -> Result<Vec<String>, LedgerError> {
        self.list(name, |value| Ok(value.as_str()?.to_string()))
    }

    /// The value of a member that has one of a few names.
    pub(super) fn one_of<T: Copy>(self, name: &'static str, all: &[(T, &str)]) -> Result<T, LedgerError> {
        let found = self.text(name)?;
        let known = all.iter().find(|(_, known)| *known == found).map(|(value, _)| *value);
        known.ok_or(LedgerError::Unreadable { what: name })
    }
}

fn instant(text: &str) -> Result<UnixTime, TimeError> {
    UnixTime::parse_rfc3339(text)
}

/// The name that `value` has in `all`.
pub(super) fn name_of<T: PartialEq>(all: &[(T, &'static str)], value: &T) -> &'static str {
    all.iter().find(|(known, _)| known == value).map_or("unknown", |(_, name)| *name)
}

/// Reads one document and hands its members to `read`.
pub(super) fn parse<T>(
    bytes: &[u8],
    read: impl FnOnce(Fields<'_, '_>) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let document = json::Document::parse(bytes, &Limits::default())?;
    read(Fields::new(document.root())?)
}
