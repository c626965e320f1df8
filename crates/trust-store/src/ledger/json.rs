//! Canonical JSON of entries and objects: a small tree of borrowed values that prints itself by RFC 8785.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use stella_attest_model::json::write_canonical_string;
use stella_transparency::merkle::Hash;
use stella_vocabulary::hex::Hex;
use stella_vocabulary::{UnixTime, Window, base64};

/// What can be written. Member names are ASCII, so their byte order is the order of RFC 8785; numbers are below 2^53.
#[derive(Clone, Debug)]
pub(super) enum Json<'v> {
    /// In base64.
    Bytes(&'v [u8]),
    /// In hexadecimal.
    Hash(&'v Hash),
    List(Vec<Json<'v>>),
    Null,
    Number(u64),
    /// The members of an object as they are written.
    Members(&'static str),
    /// In the order of the names.
    Object(Vec<(&'static str, Json<'v>)>),
    /// What is canonical already.
    Raw(&'v str),
    Text(Cow<'v, str>),
    Time(UnixTime),
}

impl<'v> Json<'v> {
    /// Members in any order.
    pub(super) fn object<const N: usize>(members: [(&'static str, Self); N]) -> Self {
        let mut sorted = Vec::with_capacity(N.saturating_add(ROOM));
        sorted.extend(members);
        sorted.sort_unstable_by_key(|(name, _)| *name);
        Self::Object(sorted)
    }

    pub(super) fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn optional<T>(value: Option<T>, each: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, each)
    }

    pub(super) fn optional_text(value: Option<&'v String>) -> Self {
        Self::optional(value, Self::text)
    }

    pub(super) fn list<T>(values: &'v [T], each: impl Fn(&'v T) -> Self) -> Self {
        Self::List(values.iter().map(each).collect())
    }

    pub(super) fn texts(values: &'v [String]) -> Self {
        Self::list(values, Self::text)
    }

    /// `{"from":…,"until":…}`, half-open.
    pub(super) fn window(window: Window) -> Self {
        let bound = |bound| Self::optional(bound, Self::Time);
        Self::object([("from", bound(window.from())), ("until", bound(window.until()))])
    }

    /// The same object with one more member.
    pub(super) fn with(mut self, name: &'static str, value: Self) -> Self {
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
            Self::Bytes(bytes) => {
                out.push('"');
                base64::encode_onto(out, bytes);
                out.push('"');
            }
            // Writing to a `String` cannot fail.
            Self::Hash(hash) => drop(write!(out, "\"{}\"", Hex(*hash))),
            Self::Members(members) => {
                out.push('{');
                out.push_str(members);
                out.push('}');
            }
            Self::Null => out.push_str("null"),
            Self::Number(number) => drop(write!(out, "{number}")),
            Self::Raw(json) => out.push_str(json),
            Self::Text(text) => write_canonical_string(out, text),
            Self::Time(at) => drop(write!(out, "\"{at}\"")),
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
                    out.push_str(if index > 0 { ",\"" } else { "\"" });
                    // Names of members are written in this program, and have nothing to escape.
                    out.push_str(name);
                    out.push_str("\":");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Room for members that are added: the standing of a record and its revocation.
const ROOM: usize = 2;

/// The name that `value` has in `all`.
pub(super) fn name_of<T: PartialEq>(all: &[(T, &'static str)], value: &T) -> &'static str {
    all.iter().find(|(known, _)| known == value).map_or("unknown", |(_, name)| *name)
}
