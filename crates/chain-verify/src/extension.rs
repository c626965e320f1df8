//! The extensions of a certificate: read once, each known one by its row of the [`table`].

pub(crate) mod authority;
pub(crate) mod basic_constraints;
pub(crate) mod distribution_point;
pub(crate) mod extended_key_usage;
pub(crate) mod key_identifier;
pub(crate) mod key_usage;
pub(crate) mod name_constraints;
pub(crate) mod policy;
pub(crate) mod table;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use der::Tag;

use self::basic_constraints::BasicConstraints;
use self::distribution_point::DistributionPoint;
use self::extended_key_usage::ExtendedKeyUsage;
use self::key_usage::KeyUsage;
use self::name_constraints::NameConstraints;
use self::table::ExtensionRule;
use crate::certificate_error::CertificateError;
use crate::general_name::GeneralName;
use crate::oid::Oid;
use crate::tlv::{self, Elements, FaultKind};

/// One extension as it stands in the certificate. RFC 5280 §4.1.2.9.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Extension<'a> {
    pub(crate) oid: Oid<'a>,
    /// Whether a verifier that does not know the extension must refuse the certificate.
    pub critical: bool,
    /// The contents of `extnValue`: the DER of the extension's own type, header included.
    pub value: &'a [u8],
}

impl Extension<'_> {
    /// The object identifier, dotted decimal.
    pub fn oid(&self) -> String {
        self.oid.dotted()
    }
}

/// Where an extension lies, and its row of the table if we know it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) oid: Range<usize>,
    pub(crate) critical: bool,
    pub(crate) value: Range<usize>,
    pub(crate) rule: Option<&'static ExtensionRule>,
}

impl Slot {
    /// Whether it is the extension with this name in the table.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.rule.is_some_and(|rule| rule.name == name)
    }
}

/// What the known extensions say, as far as a path is judged by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) authority_key: Option<Range<usize>>,
    /// Whether `authorityKeyIdentifier` also, or only, names a certificate of the issuer.
    pub(crate) authority_certificate: bool,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    /// At least one.
    pub(crate) distribution_points: Option<Vec<DistributionPoint>>,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(crate) inhibit_any_policy: Option<u32>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) name_constraints: Option<NameConstraints>,
    /// Contents of each OBJECT IDENTIFIER, at least one.
    pub(crate) policies: Option<Vec<Range<usize>>>,
    pub(crate) policy_constraints: Option<policy::PolicyConstraints>,
    pub(crate) policy_mappings: Vec<policy::PolicyMapping>,
    pub(crate) subject_alt_names: Vec<GeneralName>,
    pub(crate) subject_key: Option<Range<usize>>,
    /// Whether a certificate policy has a qualifier of a kind that is not known.
    pub(crate) unknown_qualifier: bool,
}

/// The extensions of one certificate in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) slots: Vec<Slot>,
    pub(crate) known: Known,
}

/// Most extensions in one certificate. Fulcio's leaves have about 30; finding duplicates is quadratic.
const MAX_EXTENSIONS: usize = 256;

/// Reads `Extensions` from the contents of the SEQUENCE at `range` of `buffer`.
pub(crate) fn read_all(buffer: &Arc<[u8]>, range: Range<usize>) -> Result<Extensions, CertificateError> {
    const FIELD: &str = "extensions";
    let start = range.start;
    let mut elements = Elements::new(buffer.get(range).unwrap_or(&[]), start, FIELD)?;
    if elements.is_finished() {
        return Err(elements.fault(FaultKind::Malformed).into());
    }
    let mut all = Extensions { slots: Vec::with_capacity(10), known: Known::default() };
    while !elements.is_finished() {
        let mut extension = elements.sequence(FIELD)?;
        let identifier = extension.expect(Tag::ObjectIdentifier, FIELD)?;
        let oid = Oid::from_element(&identifier, FIELD)?;
        // An explicit FALSE is not DER (X.690 §11.5) but common, harmless and signed as it stands.
        let critical = match extension.optional(Tag::Boolean, FIELD)? {
            Some(critical) => tlv::boolean(&critical, FIELD)?,
            None => false,
        };
        let value = extension.expect(Tag::OctetString, FIELD)?;
        extension.finish()?;

        if all.slots.iter().any(|slot| buffer.get(slot.oid.clone()) == Some(oid.as_bytes())) {
            return Err(CertificateError::DuplicateExtension { oid: oid.dotted(), offset: identifier.start });
        }
        if all.slots.len() >= MAX_EXTENSIONS {
            return Err(elements.fault(FaultKind::Malformed).into());
        }
        let rule = table::find(oid);
        if let Some(rule) = rule {
            let read = |known: &mut Known| {
                let mut contents = value.open(rule.name)?;
                (rule.read)(&mut contents, buffer, known)?;
                contents.finish()
            };
            read(&mut all.known).map_err(|fault| match fault.kind {
                FaultKind::Malformed => {
                    CertificateError::ExtensionMalformed { oid: oid.dotted(), name: rule.name, offset: fault.offset }
                }
                _ => fault.into(),
            })?;
        }
        all.slots.push(Slot { oid: identifier.contents_range(), critical, value: value.contents_range(), rule });
    }
    Ok(all)
}
