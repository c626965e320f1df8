//! Extensions of revocation lists and OCSP responses, which are written like those of certificates.

use alloc::string::String;
use alloc::vec::Vec;

use der::Tag;

use crate::oid::Oid;
use crate::tlv::{self, Element, Fault, FaultKind};

/// Most extensions in one place; finding duplicates is quadratic.
const MAX_EXTENSIONS: usize = 32;

/// One `Extension`.
pub(super) struct RawExtension<'a> {
    pub(super) oid: Oid<'a>,
    pub(super) critical: bool,
    pub(super) value: Element<'a>,
}

/// Why extensions cannot be read.
pub(super) enum ExtensionsFault {
    Der(Fault),
    /// The same one twice.
    Duplicate {
        oid: String,
        offset: usize,
    },
}

impl From<Fault> for ExtensionsFault {
    fn from(fault: Fault) -> Self {
        Self::Der(fault)
    }
}

/// Reads `Extensions`: at least one, none twice.
pub(super) fn read_extensions<'a>(
    list: &Element<'a>,
    field: &'static str,
) -> Result<Vec<RawExtension<'a>>, ExtensionsFault> {
    let mut elements = list.open(field)?;
    if elements.is_finished() {
        return Err(elements.fault(FaultKind::Malformed).into());
    }
    let mut all: Vec<RawExtension<'a>> = Vec::new();
    while !elements.is_finished() {
        let mut extension = elements.sequence(field)?;
        let identifier = extension.expect(Tag::ObjectIdentifier, field)?;
        let oid = Oid::from_element(&identifier, field)?;
        let critical = match extension.optional(Tag::Boolean, field)? {
            Some(critical) => tlv::boolean(&critical, field)?,
            None => false,
        };
        let value = extension.expect(Tag::OctetString, field)?;
        extension.finish()?;
        if all.iter().any(|other| other.oid == oid) {
            return Err(ExtensionsFault::Duplicate { oid: oid.dotted(), offset: identifier.start });
        }
        if all.len() >= MAX_EXTENSIONS {
            return Err(elements.fault(FaultKind::Malformed).into());
        }
        all.push(RawExtension { oid, critical, value });
    }
    Ok(all)
}
