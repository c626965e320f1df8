//! A cursor into a document, and its readers.

use alloc::string::ToString;
use core::fmt;

use stella_vocabulary::Code;
use stella_vocabulary::text::Bounded;

use super::error::{Error, ErrorKind};
use super::number;
use super::place::Place;
use super::tape::Document;

/// The type of a value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// `[…]`
    Array,
    /// `true` or `false`
    Bool,
    /// `null`
    Null,
    /// A number of any form.
    Number,
    /// `{…}`
    Object,
    /// `"…"`
    String,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Array => "an array",
            Self::Bool => "a boolean",
            Self::Null => "null",
            Self::Number => "a number",
            Self::Object => "an object",
            Self::String => "a string",
        })
    }
}

/// A value in a document: a cursor that is cheap to copy.
#[derive(Clone, Copy)]
pub struct Value<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    pub(super) slot: u32,
}

impl<'d, 'a> Value<'d, 'a> {
    /// Its type.
    pub fn kind(self) -> Kind {
        self.document.kind(self.slot)
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Its source bytes: quotes, brackets and white space inside included.
    pub fn raw(self) -> &'a [u8] {
        self.raw_text().as_bytes()
    }

    /// Its source text: quotes, brackets and white space inside included.
    pub fn raw_text(self) -> &'a str {
        self.document.raw(self.slot)
    }

    /// Where it is. Costs a walk from the root.
    pub fn place(self) -> Place {
        self.document.place(self.slot)
    }

    /// The elements of an array.
    ///
    /// # Errors
    /// `json.wrong_type`.
    pub fn as_array(self) -> Result<Array<'d, 'a>, Error> {
        if self.kind() == Kind::Array { Ok(Array { value: self }) } else { Err(self.wrong_type("an array")) }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// `json.wrong_type`.
    pub fn as_bool(self) -> Result<bool, Error> {
        if self.kind() == Kind::Bool { Ok(self.raw_text() == "true") } else { Err(self.wrong_type("a boolean")) }
    }

    /// A signed integer, never through `f64`: `1.0` and `1e3` are not integers.
    ///
    /// # Errors
    /// `json.wrong_type`, `json.number_out_of_range`.
    pub fn as_i64(self) -> Result<i64, Error> {
        self.expect(Kind::Number, SIGNED)?;
        number::signed(self.raw_text()).ok_or_else(|| self.out_of_range(SIGNED))
    }

    /// A signed integer written as a number or as a string, as Protobuf's JSON form does for `int64`.
    ///
    /// # Errors
    /// As [`Value::as_i64`].
    pub fn as_i64_text(self) -> Result<i64, Error> {
        number::signed(self.number_text(SIGNED)?).ok_or_else(|| self.out_of_range(SIGNED))
    }

    /// A string without C0 and C1 control characters and DEL, of at most `limit` bytes: a name that is shown and
    /// compared.
    ///
    /// # Errors
    /// `json.wrong_type`, `json.control_character`, `input.too_large`.
    pub fn as_identifier(self, limit: usize) -> Result<&'d str, Error> {
        let text = self.as_str()?;
        if text.len() > limit {
            return Err(Error::new(ErrorKind::IdentifierTooLong { found: text.len(), limit }, self.place()));
        }
        match text.chars().find(|character| character.is_control()) {
            Some(found) => Err(Error::new(ErrorKind::ControlCharacter { found }, self.place())),
            None => Ok(text),
        }
    }

    /// The members of an object.
    ///
    /// # Errors
    /// `json.wrong_type`.
    pub fn as_object(self) -> Result<Object<'d, 'a>, Error> {
        if self.kind() == Kind::Object { Ok(Object { value: self }) } else { Err(self.wrong_type("an object")) }
    }

    /// A string, unescaped.
    ///
    /// # Errors
    /// `json.wrong_type`.
    pub fn as_str(self) -> Result<&'d str, Error> {
        self.expect(Kind::String, "a string")?;
        Ok(self.document.string(self.slot))
    }

    /// An unsigned integer, never through `f64`: `1.0` and `1e3` are not integers.
    ///
    /// # Errors
    /// `json.wrong_type`, `json.number_out_of_range`.
    pub fn as_u64(self) -> Result<u64, Error> {
        self.expect(Kind::Number, UNSIGNED)?;
        number::unsigned(self.raw_text()).ok_or_else(|| self.out_of_range(UNSIGNED))
    }

    /// An unsigned integer written as a number or as a string, as Protobuf's JSON form does for `uint64`.
    ///
    /// # Errors
    /// As [`Value::as_u64`].
    pub fn as_u64_text(self) -> Result<u64, Error> {
        number::unsigned(self.number_text(UNSIGNED)?).ok_or_else(|| self.out_of_range(UNSIGNED))
    }

    /// The member `name`, if this is an object that has it.
    pub fn member(self, name: &str) -> Option<Self> {
        self.as_object().ok()?.member(name)
    }

    /// The error of a value that is a number, or spells one, but not one of those `expected`.
    pub fn out_of_range(self, expected: &'static str) -> Error {
        let found = Bounded(self.raw_text(), 100).to_string();
        Error::new(ErrorKind::NumberOutOfRange { found, expected }, self.place())
    }

    /// The error of a value of another type than the one `expected`.
    pub fn wrong_type(self, expected: &'static str) -> Error {
        Error::new(ErrorKind::WrongType { found: self.kind(), expected }, self.place())
    }

    fn expect(self, kind: Kind, expected: &'static str) -> Result<(), Error> {
        if self.kind() == kind { Ok(()) } else { Err(self.wrong_type(expected)) }
    }

    fn number_text(self, expected: &'static str) -> Result<&'d str, Error> {
        match self.kind() {
            Kind::Number => Ok(self.raw_text()),
            Kind::String => Ok(self.document.string(self.slot)),
            _ => Err(self.wrong_type(expected)),
        }
    }
}

impl fmt::Debug for Value<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&self.raw_text()).finish()
    }
}

const SIGNED: &str = "an integer of 64 bits";
const UNSIGNED: &str = "an unsigned integer of 64 bits";

/// An array.
#[derive(Clone, Copy, Debug)]
pub struct Array<'d, 'a> {
    value: Value<'d, 'a>,
}

impl<'d, 'a> Array<'d, 'a> {
    /// The array as a value.
    pub fn value(self) -> Value<'d, 'a> {
        self.value
    }

    /// The number of elements; known without looking at them.
    pub fn len(self) -> usize {
        self.value.document.slot(self.value.slot).size() as usize
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The elements in order.
    pub fn iter(self) -> Elements<'d, 'a> {
        Elements { document: self.value.document, slot: self.value.slot.saturating_add(2), left: self.len() }
    }
}

impl<'d, 'a> IntoIterator for Array<'d, 'a> {
    type Item = Value<'d, 'a>;
    type IntoIter = Elements<'d, 'a>;

    fn into_iter(self) -> Elements<'d, 'a> {
        self.iter()
    }
}

/// The elements of an array.
#[derive(Clone, Debug)]
pub struct Elements<'d, 'a> {
    document: &'d Document<'a>,
    slot: u32,
    left: usize,
}

impl<'d, 'a> Iterator for Elements<'d, 'a> {
    type Item = Value<'d, 'a>;

    fn next(&mut self) -> Option<Value<'d, 'a>> {
        self.left = self.left.checked_sub(1)?;
        let value = Value { document: self.document, slot: self.slot };
        self.slot = self.document.after(self.slot);
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Elements<'_, '_> {}

/// An object. Its member names are distinct.
#[derive(Clone, Copy, Debug)]
pub struct Object<'d, 'a> {
    value: Value<'d, 'a>,
}

impl<'d, 'a> Object<'d, 'a> {
    /// The object as a value.
    pub fn value(self) -> Value<'d, 'a> {
        self.value
    }

    /// The number of members; known without looking at them.
    pub fn len(self) -> usize {
        self.value.document.slot(self.value.slot).size() as usize
    }

    /// Whether there is no member.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The member `name`; names are case sensitive.
    pub fn member(self, name: &str) -> Option<Value<'d, 'a>> {
        self.members().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The members in the order of the document.
    pub fn members(self) -> Members<'d, 'a> {
        Members { document: self.value.document, slot: self.value.slot.saturating_add(2), left: self.len() }
    }

    /// The member `name` unless it is `null`, which in Protobuf's JSON form says the same as its absence.
    pub fn optional(self, name: &str) -> Option<Value<'d, 'a>> {
        self.member(name).filter(|value| !value.is_null())
    }

    /// The member `name`; its absence is reported under `code`, at the place of the object.
    ///
    /// # Errors
    /// `code`.
    pub fn required(self, name: &'static str, code: Code) -> Result<Value<'d, 'a>, Error> {
        self.member(name).ok_or_else(|| Error::new(ErrorKind::Missing { name, code }, self.value.place()))
    }
}

/// The members of an object.
#[derive(Clone, Debug)]
pub struct Members<'d, 'a> {
    document: &'d Document<'a>,
    slot: u32,
    left: usize,
}

impl<'d, 'a> Iterator for Members<'d, 'a> {
    type Item = (&'d str, Value<'d, 'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let name = self.document.string(self.slot);
        let value = Value { document: self.document, slot: self.slot.saturating_add(1) };
        self.slot = self.document.after(value.slot);
        Some((name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Members<'_, '_> {}
