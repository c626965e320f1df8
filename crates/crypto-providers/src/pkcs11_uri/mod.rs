//! PKCS#11 URIs: which object in which token, through which module. RFC 7512.

mod error;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

pub use self::error::Pkcs11UriError;

/// The longest URI, in bytes. The token's own names have at most 32 bytes each; what is longer are paths, and 4,096 is the longest of those.
const LONGEST: usize = 4096;
/// The longest key identifier, in bytes. Tokens in the field use 1 to 32.
const LONGEST_ID: usize = 255;
const SCHEME: &str = "pkcs11:";

/// A PKCS#11 URI, read strictly: every attribute is one of RFC 7512, in its own component, at most once.
///
/// An attribute that is absent says nothing; one that is empty says that the token's own is empty. A PIN is never part of one: `pin-value` is
/// refused, because what stands in a URI also stands in process lists, histories of shells and logs (RFC 7512 §7).
///
/// ```
/// use stella_crypto_providers::{Pkcs11Attribute, Pkcs11Uri};
///
/// let uri: Pkcs11Uri = "pkcs11:token=Release%20keys;id=%01%a7?module-path=/usr/lib/softhsm/libsofthsm2.so".parse()?;
/// assert_eq!(uri.text(Pkcs11Attribute::Token), Some("Release keys"));
/// assert_eq!(uri.id(), Some(&[0x01, 0xa7][..]));
/// assert!("pkcs11:token=a?pin-value=1234".parse::<Pkcs11Uri>().is_err());
/// # Ok::<(), stella_crypto_providers::Pkcs11UriError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pkcs11Uri {
    texts: BTreeMap<Pkcs11Attribute, String>,
    id: Option<Vec<u8>>,
    library_version: Option<(u8, u8)>,
    object_type: Option<Pkcs11ObjectType>,
    slot_id: Option<u64>,
}

/// An attribute that is text, in the order in which a URI is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Pkcs11Attribute {
    /// `token`: the label of the token.
    Token,
    /// `manufacturer` of the token.
    Manufacturer,
    /// `model` of the token.
    Model,
    /// `serial` number of the token.
    Serial,
    /// `slot-description`.
    SlotDescription,
    /// `slot-manufacturer`.
    SlotManufacturer,
    /// `library-description`.
    LibraryDescription,
    /// `library-manufacturer`.
    LibraryManufacturer,
    /// `object`: the label of the object.
    Object,
    /// `module-path`: the file with the module. In the query.
    ModulePath,
    /// `module-name`: the module without directory, prefix and ending. In the query.
    ModuleName,
    /// `pin-source`: where the PIN is to be read. In the query.
    PinSource,
}

impl Pkcs11Attribute {
    const ALL: [Self; 12] = [
        Self::Token,
        Self::Manufacturer,
        Self::Model,
        Self::Serial,
        Self::SlotDescription,
        Self::SlotManufacturer,
        Self::LibraryDescription,
        Self::LibraryManufacturer,
        Self::Object,
        Self::ModulePath,
        Self::ModuleName,
        Self::PinSource,
    ];

    /// The name in a URI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Manufacturer => "manufacturer",
            Self::Model => "model",
            Self::Serial => "serial",
            Self::SlotDescription => "slot-description",
            Self::SlotManufacturer => "slot-manufacturer",
            Self::LibraryDescription => "library-description",
            Self::LibraryManufacturer => "library-manufacturer",
            Self::Object => "object",
            Self::ModulePath => "module-path",
            Self::ModuleName => "module-name",
            Self::PinSource => "pin-source",
        }
    }

    const fn component(self) -> Component {
        match self {
            Self::ModulePath | Self::ModuleName | Self::PinSource => Component::Query,
            _ => Component::Path,
        }
    }
}

/// The `type` of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Pkcs11ObjectType {
    /// `cert`.
    Certificate,
    /// `data`.
    Data,
    /// `private`.
    Private,
    /// `public`.
    Public,
    /// `secret-key`.
    SecretKey,
}

impl Pkcs11ObjectType {
    const ALL: [Self; 5] = [Self::Certificate, Self::Data, Self::Private, Self::Public, Self::SecretKey];

    /// The name in a URI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "cert",
            Self::Data => "data",
            Self::Private => "private",
            Self::Public => "public",
            Self::SecretKey => "secret-key",
        }
    }
}

/// The two components of a URI, each with attributes and separators of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Component {
    Path,
    Query,
}

impl Component {
    /// Which characters stand for themselves, besides those that no URI has to escape. RFC 7512 §2.3.
    const fn plain(self) -> &'static [u8] {
        match self {
            Self::Path => b":[]@!$'()*+,=&",
            Self::Query => b":[]@!$'()*+,=/?|",
        }
    }
}

impl Pkcs11Uri {
    /// Whether `text` begins like a PKCS#11 URI: whoever wrote that meant no file.
    pub fn is_one(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    }

    /// An attribute that is text; `None` if it is absent.
    pub fn text(&self, attribute: Pkcs11Attribute) -> Option<&str> {
        self.texts.get(&attribute).map(String::as_str)
    }

    /// The identifier of the object (`CKA_ID`), as bytes.
    pub fn id(&self) -> Option<&[u8]> {
        self.id.as_deref()
    }

    /// The version of the library, major and minor.
    pub fn library_version(&self) -> Option<(u8, u8)> {
        self.library_version
    }

    /// What kind of object it is.
    pub fn object_type(&self) -> Option<Pkcs11ObjectType> {
        self.object_type
    }

    /// The number of the slot. It may be another one after the next start of the machine.
    pub fn slot_id(&self) -> Option<u64> {
        self.slot_id
    }

    /// The same with this attribute.
    #[must_use]
    pub fn with(mut self, attribute: Pkcs11Attribute, value: &str) -> Self {
        self.texts.insert(attribute, value.into());
        self
    }

    /// The same with this identifier of the object.
    #[must_use]
    pub fn with_id(mut self, id: &[u8]) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The same with this kind of object.
    #[must_use]
    pub fn with_object_type(mut self, object_type: Pkcs11ObjectType) -> Self {
        self.object_type = Some(object_type);
        self
    }

    /// Reads one attribute of a component.
    fn take(&mut self, component: Component, attribute: &str) -> Result<(), Pkcs11UriError> {
        let (name, value) =
            attribute.split_once('=').ok_or(Pkcs11UriError::NotAnAttribute { length: attribute.len() })?;
        if component == Component::Query && name == "pin-value" {
            return Err(Pkcs11UriError::PinInUri);
        }
        let bytes = unescape(value, component).ok_or_else(|| Pkcs11UriError::Escape { attribute: name.into() })?;
        let invalid = || Pkcs11UriError::Value { attribute: name.into() };
        let repeated = || Pkcs11UriError::Repeated { attribute: name.into() };
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).map_err(|_| invalid())?;
            if text.chars().any(char::is_control) { Err(invalid()) } else { Ok(text) }
        };
        let known = Pkcs11Attribute::ALL.into_iter().find(|known| known.name() == name);
        let before = match (component, name) {
            (of, _) if known.is_some_and(|known| known.component() == of) => {
                let Some(known) = known else { return Err(invalid()) };
                self.texts.insert(known, text(bytes)?).is_some()
            }
            (Component::Path, "id") if bytes.len() > LONGEST_ID => return Err(invalid()),
            (Component::Path, "id") => self.id.replace(bytes).is_some(),
            (Component::Path, "library-version") => {
                let text = text(bytes)?;
                let (major, minor) = text.split_once('.').unwrap_or((&text, "0"));
                let version = digits(major).zip(digits(minor)).ok_or_else(invalid)?;
                self.library_version.replace(version).is_some()
            }
            (Component::Path, "slot-id") => self.slot_id.replace(digits(&text(bytes)?).ok_or_else(invalid)?).is_some(),
            (Component::Path, "type") => {
                let text = text(bytes)?;
                let found = Pkcs11ObjectType::ALL.into_iter().find(|known| known.name() == text);
                self.object_type.replace(found.ok_or_else(invalid)?).is_some()
            }
            _ => return Err(Pkcs11UriError::Unknown { attribute: name.into() }),
        };
        if before { Err(repeated()) } else { Ok(()) }
    }
}

/// Decimal digits and nothing else, of a number that fits.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Resolves `%` and two hex digits. `None` for a character that has to be written like that and is not.
fn unescape(value: &str, component: Component) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = value.bytes();
    let mut out = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => (digit(bytes.next()?)? << 4) | digit(bytes.next()?)?,
            byte if is_plain(byte, component) => byte,
            _ => return None,
        });
    }
    Some(out)
}

/// RFC 3986 §2.3 "unreserved", and what the component allows.
fn is_plain(byte: u8, component: Component) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || component.plain().contains(&byte)
}

impl FromStr for Pkcs11Uri {
    type Err = Pkcs11UriError;

    fn from_str(text: &str) -> Result<Self, Pkcs11UriError> {
        if text.len() > LONGEST {
            return Err(Pkcs11UriError::TooLong { found: text.len(), limit: LONGEST });
        }
        if !Self::is_one(text) {
            return Err(Pkcs11UriError::Scheme);
        }
        let rest = text.get(SCHEME.len()..).unwrap_or_default();
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let mut uri = Self::default();
        // `pkcs11:` alone is a URI that fits every object.
        for attribute in path.split(';').filter(|_| !path.is_empty()) {
            uri.take(Component::Path, attribute)?;
        }
        for attribute in query.into_iter().flat_map(|query| query.split('&')) {
            uri.take(Component::Query, attribute)?;
        }
        Ok(uri)
    }
}

/// Writes one attribute, with whatever has to go before it.
fn write(f: &mut fmt::Formatter<'_>, between: &str, name: &str, value: &[u8], component: Component) -> fmt::Result {
    write!(f, "{between}{name}=")?;
    for &byte in value {
        // Bytes of an identifier mean no letters.
        if name != "id" && is_plain(byte, component) {
            write!(f, "{}", char::from(byte))?;
        } else {
            write!(f, "%{byte:02x}")?;
        }
    }
    Ok(())
}

/// The one form in which this library writes the URI; reads back as the same.
impl fmt::Display for Pkcs11Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        let mut between = "";
        let mut path = |f: &mut fmt::Formatter<'_>, name: &str, value: &[u8]| {
            write(f, core::mem::replace(&mut between, ";"), name, value, Component::Path)
        };
        for (attribute, value) in self.texts.iter().filter(|(known, _)| known.component() == Component::Path) {
            path(f, attribute.name(), value.as_bytes())?;
        }
        if let Some(id) = &self.id {
            path(f, "id", id)?;
        }
        if let Some(object_type) = self.object_type {
            path(f, "type", object_type.name().as_bytes())?;
        }
        if let Some(slot) = self.slot_id {
            path(f, "slot-id", alloc::format!("{slot}").as_bytes())?;
        }
        if let Some((major, minor)) = self.library_version {
            path(f, "library-version", alloc::format!("{major}.{minor}").as_bytes())?;
        }
        let mut between = "?";
        for (attribute, value) in self.texts.iter().filter(|(known, _)| known.component() == Component::Query) {
            write(f, core::mem::replace(&mut between, "&"), attribute.name(), value.as_bytes(), Component::Query)?;
        }
        Ok(())
    }
}
