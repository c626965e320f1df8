//! Reading the members of entries and objects.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::{Limits, json};
use stella_transparency::merkle::Hash;
use stella_vocabulary::{Code, UnixTime, Window, base64};

use super::error::LedgerError;
use super::id::{Id, Person};

/// What is read from a document of its own.
pub(super) trait Document: Sized {
    /// What it calls itself in its member `schema`.
    const SCHEMA: &'static str;
    /// What it is, with its article.
    const WHAT: &'static str;

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError>;
}

/// Reads a document as its writer wrote it, or else says what is wrong with it. It need not be canonical.
pub(super) fn parse<D: Document>(bytes: &[u8]) -> Result<D, LedgerError> {
    if let Some(document) = as_written(bytes) {
        return Ok(document);
    }
    let document = json::Document::parse(bytes, &Limits::default())?;
    let mut fields = Parsed::new(document.root())?;
    // Before all else: a newer version may mean something else by anything.
    if fields.text("schema")? != D::SCHEMA {
        return Err(LedgerError::SchemaTooNew { what: D::WHAT });
    }
    D::read(&mut fields)
}

/// The short way, for documents whose members are all in their places and have nothing to unescape.
pub(super) fn as_written<D: Document>(bytes: &[u8]) -> Option<D> {
    let mut written = Written(json::InOrder::new(core::str::from_utf8(bytes).ok()?));
    let document = written.members(|fields| D::read(fields)).ok()?;
    written.0.is_at_end().then_some(document)
}

/// Where the members of an object are read. Readers ask for them in their canonical order.
///
/// What is missing is reported as a broken log: nobody else writes these documents.
pub(super) trait Fields<'t>: Sized {
    fn text(&mut self, name: &'static str) -> Result<&'t str, LedgerError>;

    /// `None` for `null`.
    fn optional_text(&mut self, name: &'static str) -> Result<Option<&'t str>, LedgerError>;

    fn number(&mut self, name: &'static str) -> Result<u64, LedgerError>;

    fn optional_number(&mut self, name: &'static str) -> Result<Option<u64>, LedgerError>;

    fn optional_object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<Option<T>, LedgerError>;

    fn texts<T>(
        &mut self,
        name: &'static str,
        each: impl FnMut(&'t str) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError>;

    fn objects<T>(
        &mut self,
        name: &'static str,
        each: impl FnMut(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError>;

    fn object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError>;

    fn string(&mut self, name: &'static str) -> Result<String, LedgerError> {
        self.text(name).map(ToString::to_string)
    }

    fn optional_string(&mut self, name: &'static str) -> Result<Option<String>, LedgerError> {
        Ok(self.optional_text(name)?.map(ToString::to_string))
    }

    fn strings(&mut self, name: &'static str) -> Result<Vec<String>, LedgerError> {
        self.texts(name, |text| Ok(text.to_string()))
    }

    fn id(&mut self, name: &'static str) -> Result<Id, LedgerError> {
        Id::new(self.text(name)?)
    }

    fn optional_id(&mut self, name: &'static str) -> Result<Option<Id>, LedgerError> {
        self.optional_text(name)?.map(Id::new).transpose()
    }

    fn person(&mut self, name: &'static str) -> Result<Person, LedgerError> {
        Person::new(self.text(name)?)
    }

    fn time(&mut self, name: &'static str) -> Result<UnixTime, LedgerError> {
        Ok(UnixTime::parse_rfc3339(self.text(name)?)?)
    }

    fn optional_time(&mut self, name: &'static str) -> Result<Option<UnixTime>, LedgerError> {
        Ok(self.optional_text(name)?.map(UnixTime::parse_rfc3339).transpose()?)
    }

    fn window(&mut self, name: &'static str) -> Result<Window, LedgerError> {
        self.object(name, |bounds| Ok(Window::half_open(bounds.optional_time("from")?, bounds.optional_time("until")?)))
    }

    fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, LedgerError> {
        Ok(base64::decode_standard(self.text(name)?)?)
    }

    fn hash(&mut self, name: &'static str) -> Result<Hash, LedgerError> {
        read_hash(self.text(name)?)
    }

    fn optional_hash(&mut self, name: &'static str) -> Result<Option<Hash>, LedgerError> {
        self.optional_text(name)?.map(read_hash).transpose()
    }

    /// Whether the members that come next are these; they are passed over then. `false` may also mean that nobody looked.
    fn passes(&mut self, members: &str) -> bool;

    /// The canonical form of any value.
    fn canonical(&mut self, name: &'static str) -> Result<String, LedgerError>;

    /// The value of a member that has one of a few names.
    fn one_of<T: Copy>(&mut self, name: &'static str, all: &[(T, &str)]) -> Result<T, LedgerError> {
        let found = self.text(name)?;
        let known = all.iter().find(|(_, known)| *known == found).map(|(value, _)| *value);
        known.ok_or(LedgerError::Unreadable { what: name })
    }
}

pub(super) fn read_hash(text: &str) -> Result<Hash, LedgerError> {
    stella_vocabulary::hex::decode_exact(text).ok_or(LedgerError::Unreadable { what: "a hash" })
}

/// Members of a document that was parsed as a whole: in any order, and whatever is wrong is named with its place.
#[derive(Clone, Copy)]
pub(super) struct Parsed<'d, 'a>(json::Object<'d, 'a>);

/// Longest list inside an object of the store.
const MAX_LIST: usize = 10_000;

impl<'d, 'a> Parsed<'d, 'a> {
    pub(super) fn new(value: json::Value<'d, 'a>) -> Result<Self, LedgerError> {
        Ok(Self(value.as_object()?))
    }

    fn value(&self, name: &'static str) -> Result<json::Value<'d, 'a>, LedgerError> {
        Ok(self.0.required(name, Code::AuditBroken)?)
    }

    fn present(&self, name: &'static str) -> Result<Option<json::Value<'d, 'a>>, LedgerError> {
        Ok(Some(self.value(name)?).filter(|value| !value.is_null()))
    }

    fn list<T>(
        &self,
        name: &'static str,
        each: impl FnMut(json::Value<'d, 'a>) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        let list = self.value(name)?.as_array()?;
        if list.len() > MAX_LIST {
            return Err(LedgerError::Unreadable { what: "a list of this length" });
        }
        list.iter().map(each).collect()
    }
}

impl<'d> Fields<'d> for Parsed<'d, '_> {
    fn text(&mut self, name: &'static str) -> Result<&'d str, LedgerError> {
        Ok(self.value(name)?.as_str()?)
    }

    fn optional_text(&mut self, name: &'static str) -> Result<Option<&'d str>, LedgerError> {
        Ok(self.present(name)?.map(json::Value::as_str).transpose()?)
    }

    fn number(&mut self, name: &'static str) -> Result<u64, LedgerError> {
        Ok(self.value(name)?.as_u64()?)
    }

    fn optional_number(&mut self, name: &'static str) -> Result<Option<u64>, LedgerError> {
        Ok(self.present(name)?.map(json::Value::as_u64).transpose()?)
    }

    fn object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        read(&mut Self(self.value(name)?.as_object()?))
    }

    fn optional_object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<Option<T>, LedgerError> {
        self.present(name)?.map(|value| read(&mut Self(value.as_object()?))).transpose()
    }

    fn texts<T>(
        &mut self,
        name: &'static str,
        mut each: impl FnMut(&'d str) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        self.list(name, |value| each(value.as_str()?))
    }

    fn objects<T>(
        &mut self,
        name: &'static str,
        mut each: impl FnMut(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        self.list(name, |value| each(&mut Self(value.as_object()?)))
    }

    fn passes(&mut self, _: &str) -> bool {
        false
    }

    fn canonical(&mut self, name: &'static str) -> Result<String, LedgerError> {
        let canonical = json::canonical(self.value(name)?)?;
        String::from_utf8(canonical).map_err(|_| LedgerError::Unreadable { what: name })
    }
}

/// Members in their canonical order and nothing else, read in one pass: how the store writes them. Any error only means that
/// [`Parsed`] has to look.
struct Written<'t>(json::InOrder<'t>);

#[cold]
fn otherwise() -> LedgerError {
    LedgerError::NotCanonical
}

impl<'t> Written<'t> {
    fn members<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, LedgerError>) -> Result<T, LedgerError> {
        self.0.open(b'{').ok_or_else(otherwise)?;
        let value = read(self)?;
        if self.0.close(b'}') { Ok(value) } else { Err(otherwise()) }
    }

    fn list<T>(
        &mut self,
        name: &'static str,
        mut each: impl FnMut(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        self.0.name(name).and_then(|()| self.0.open(b'[')).ok_or_else(otherwise)?;
        let mut list = Vec::new();
        while !self.0.close(b']') {
            if list.len() >= MAX_LIST {
                return Err(otherwise());
            }
            self.0.element().ok_or_else(otherwise)?;
            list.push(each(self)?);
        }
        Ok(list)
    }
}

impl<'t> Fields<'t> for Written<'t> {
    fn text(&mut self, name: &'static str) -> Result<&'t str, LedgerError> {
        self.0.name(name).and_then(|()| self.0.text()).ok_or_else(otherwise)
    }

    fn optional_text(&mut self, name: &'static str) -> Result<Option<&'t str>, LedgerError> {
        self.0.name(name).ok_or_else(otherwise)?;
        if self.0.null() { Ok(None) } else { self.0.text().map(Some).ok_or_else(otherwise) }
    }

    fn number(&mut self, name: &'static str) -> Result<u64, LedgerError> {
        self.0.name(name).and_then(|()| self.0.number()).ok_or_else(otherwise)
    }

    fn optional_number(&mut self, name: &'static str) -> Result<Option<u64>, LedgerError> {
        self.0.name(name).ok_or_else(otherwise)?;
        if self.0.null() { Ok(None) } else { self.0.number().map(Some).ok_or_else(otherwise) }
    }

    fn object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.0.name(name).ok_or_else(otherwise)?;
        self.members(read)
    }

    fn optional_object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<Option<T>, LedgerError> {
        self.0.name(name).ok_or_else(otherwise)?;
        if self.0.null() { Ok(None) } else { self.members(read).map(Some) }
    }

    fn texts<T>(
        &mut self,
        name: &'static str,
        mut each: impl FnMut(&'t str) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        self.list(name, |written| each(written.0.text().ok_or_else(otherwise)?))
    }

    fn objects<T>(
        &mut self,
        name: &'static str,
        mut each: impl FnMut(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        self.list(name, |written| written.members(&mut each))
    }

    fn passes(&mut self, members: &str) -> bool {
        self.0.passes(members)
    }

    /// Only requests hold one, and nobody has a million of them.
    fn canonical(&mut self, _: &'static str) -> Result<String, LedgerError> {
        Err(otherwise())
    }
}
