//! The names of a subjectAltName or a name constraint. RFC 5280 §4.2.1.6.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use der::Tag;
use stella_vocabulary::text::Bounded;

use crate::name::{self, Name};
use crate::oid::Oid;
use crate::tlv::{Element, Elements, Fault, FaultKind, constructed, primitive};

/// `id-on-SmtpUTF8Mailbox`.
const SMTP_UTF8_MAILBOX: &str = "1.3.6.1.5.5.7.8.9";

/// One `GeneralName`, as it stands in the certificate: syntax is judged when a path is judged.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GeneralName {
    /// A distinguished name.
    DirectoryName(Name),
    /// A host name or wildcard, ASCII.
    DnsName(String),
    /// 4 or 16 bytes of address; 8 or 32 bytes of address and mask in a name constraint.
    IpAddress(Vec<u8>),
    /// A name of a type defined elsewhere, such as Fulcio's user name `1.3.6.1.4.1.57264.1.7`.
    OtherName {
        /// Dotted decimal.
        type_id: String,
        /// The DER inside the explicit tag `[0]`, header included.
        value: Vec<u8>,
    },
    /// An object identifier, dotted decimal.
    RegisteredId(String),
    /// An e-mail address, ASCII.
    Rfc822Name(String),
    /// A form nobody uses: x400Address (3) or ediPartyName (5).
    Unsupported {
        /// The number of the context-specific tag.
        tag: u8,
    },
    /// A URI, ASCII.
    Uri(String),
}

impl GeneralName {
    /// What the form is called in RFC 5280.
    pub fn form(&self) -> &'static str {
        match self {
            Self::DirectoryName(_) => "directoryName",
            Self::DnsName(_) => "dNSName",
            Self::IpAddress(_) => "iPAddress",
            Self::OtherName { .. } => "otherName",
            Self::RegisteredId(_) => "registeredID",
            Self::Rfc822Name(_) => "rfc822Name",
            Self::Unsupported { tag: 3 } => "x400Address",
            Self::Unsupported { .. } => "ediPartyName",
            Self::Uri(_) => "uniformResourceIdentifier",
        }
    }

    /// The text of an internationalised e-mail address, `SmtpUTF8Mailbox`; `None` for other names, and for one that cannot be read.
    /// RFC 9598 §3.
    pub(crate) fn utf8_mailbox(&self) -> Option<Option<&str>> {
        match self {
            Self::OtherName { type_id, value } if type_id == SMTP_UTF8_MAILBOX => {
                let mut elements = Elements::new(value, 0, "SmtpUTF8Mailbox").ok()?;
                let text = elements.expect(Tag::Utf8String, "SmtpUTF8Mailbox").ok();
                Some(text.and_then(|text| core::str::from_utf8(text.contents).ok()))
            }
            _ => None,
        }
    }

    /// Bytes, as far as a comparison may have to look at them.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::DirectoryName(name) => name.der().len(),
            Self::DnsName(text) | Self::RegisteredId(text) | Self::Rfc822Name(text) | Self::Uri(text) => text.len(),
            Self::IpAddress(bytes) | Self::OtherName { value: bytes, .. } => bytes.len(),
            Self::Unsupported { .. } => 0,
        }
    }
}

/// The name alone, escaped and cut to 200 characters.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DirectoryName(name) => Bounded(&name.beginning(), 200).fmt(f),
            Self::DnsName(text) | Self::RegisteredId(text) | Self::Rfc822Name(text) | Self::Uri(text) => {
                Bounded(text, 200).fmt(f)
            }
            Self::IpAddress(bytes) => write_address(bytes, f),
            Self::OtherName { type_id, .. } => write!(f, "other name of type {}", Bounded(type_id, 100)),
            Self::Unsupported { .. } => f.write_str(self.form()),
        }
    }
}

/// Reads `GeneralNames`: at least one. `buffer` holds the whole certificate, offsets of the elements are offsets in it.
pub(crate) fn read_all(
    mut names: Elements<'_>,
    buffer: &Arc<[u8]>,
    field: &'static str,
) -> Result<Vec<GeneralName>, Fault> {
    if names.is_finished() {
        return Err(names.fault(FaultKind::Malformed));
    }
    let mut all = Vec::with_capacity(1);
    while !names.is_finished() {
        all.push(read(&names.any(field)?, buffer, field)?);
    }
    Ok(all)
}

/// Reads one `GeneralName`.
pub(crate) fn read(element: &Element<'_>, buffer: &Arc<[u8]>, field: &'static str) -> Result<GeneralName, Fault> {
    let malformed = element.fault(FaultKind::Malformed, field);
    const OTHER: Tag = constructed(0);
    const EMAIL: Tag = primitive(1);
    const DNS: Tag = primitive(2);
    const X400: Tag = constructed(3);
    const DIRECTORY: Tag = constructed(4);
    const EDI: Tag = constructed(5);
    const URI: Tag = primitive(6);
    const IP: Tag = primitive(7);
    const REGISTERED: Tag = primitive(8);
    match element.tag {
        OTHER => {
            let mut other = element.open(field)?;
            let type_id = Oid::from_element(&other.expect(Tag::ObjectIdentifier, field)?, field)?.dotted();
            let explicit = other.expect(constructed(0), field)?;
            other.finish()?;
            let mut inner = explicit.open(field)?;
            inner.opaque(field)?;
            inner.finish()?;
            Ok(GeneralName::OtherName { type_id, value: explicit.contents.into() })
        }
        EMAIL => ia5(element, field).map(GeneralName::Rfc822Name),
        DNS => ia5(element, field).map(GeneralName::DnsName),
        X400 => Ok(GeneralName::Unsupported { tag: 3 }),
        DIRECTORY => {
            // CHOICE types are tagged explicitly, whatever the module says (X.680 §31.2.7).
            let mut inner = element.open(field)?;
            let directory_name = inner.any(field)?;
            inner.finish()?;
            name::check(&directory_name, field)?;
            Ok(GeneralName::DirectoryName(Name::in_buffer(buffer, directory_name.range())))
        }
        EDI => Ok(GeneralName::Unsupported { tag: 5 }),
        URI => ia5(element, field).map(GeneralName::Uri),
        IP => Ok(GeneralName::IpAddress(element.contents.into())),
        REGISTERED => Oid::from_element(element, field).map(|oid| GeneralName::RegisteredId(oid.dotted())),
        _ => Err(malformed),
    }
}

/// IA5String without NUL, which other implementations have taken for the end of the name.
fn ia5(element: &Element<'_>, field: &'static str) -> Result<String, Fault> {
    match core::str::from_utf8(element.contents) {
        Ok(text) if text.is_ascii() && !text.contains('\0') => Ok(text.into()),
        _ => Err(element.fault(FaultKind::Name, field)),
    }
}

fn write_address(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use core::net::{Ipv4Addr, Ipv6Addr};
    let (address, mask) = match bytes.len() {
        8 | 32 => bytes.split_at(bytes.len() / 2),
        _ => (bytes, [].as_slice()),
    };
    for (at, part) in [address, mask].into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        if at > 0 {
            f.write_str("/")?;
        }
        if let Ok(v4) = <[u8; 4]>::try_from(part) {
            fmt::Display::fmt(&Ipv4Addr::from(v4), f)?;
        } else if let Ok(v6) = <[u8; 16]>::try_from(part) {
            fmt::Display::fmt(&Ipv6Addr::from(v6), f)?;
        } else {
            write!(f, "{} bytes", part.len())?;
        }
    }
    Ok(())
}
