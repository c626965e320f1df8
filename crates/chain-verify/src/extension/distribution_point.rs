//! Where revocation lists are said to be: nothing here ever asks there, but it says which list is meant. RFC 5280 §4.2.1.13, §4.2.1.15.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Known;
use crate::general_name::{self, GeneralName};
use crate::name::{self, Name};
use crate::tlv::{self, Element, Elements, Fault, FaultKind, constructed, primitive};

const FIELD: &str = "cRLDistributionPoints";

/// One `DistributionPoint`.
#[derive(Clone, Debug)]
pub(crate) struct DistributionPoint {
    pub(crate) name: Option<PointName>,
    pub(crate) reasons: Option<Reasons>,
    /// At least one name if it is there.
    pub(crate) list_issuer: Option<Vec<GeneralName>>,
}

/// A `DistributionPointName`.
#[derive(Clone, Debug)]
pub(crate) enum PointName {
    Full(Vec<GeneralName>),
    /// Contents of the relative distinguished name: what follows the name of the issuer of the list.
    Relative(Vec<u8>),
}

/// A set of reasons: `ReasonFlags` without its unused bit, most significant bit first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reasons(u16);

impl Reasons {
    pub(crate) const NONE: Self = Self(0);
    /// keyCompromise (1) to aACompromise (8).
    pub(crate) const ALL: Self = Self(0x7f80);

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

pub(super) fn read(value: &mut Elements<'_>, buffer: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    known.distribution_points = Some(read_all(value, buffer)?);
    Ok(())
}

pub(super) fn read_freshest(value: &mut Elements<'_>, buffer: &Arc<[u8]>, _: &mut Known) -> Result<(), Fault> {
    read_all(value, buffer).map(drop)
}

pub(crate) fn read_all(value: &mut Elements<'_>, buffer: &Arc<[u8]>) -> Result<Vec<DistributionPoint>, Fault> {
    let mut points = value.sequence(FIELD)?;
    if points.is_finished() {
        return Err(points.fault(FaultKind::Malformed));
    }
    let mut all = Vec::with_capacity(1);
    while !points.is_finished() {
        let mut point = points.sequence(FIELD)?;
        let name = point.optional(constructed(0), FIELD)?.map(|name| read_name(&name, buffer, FIELD)).transpose()?;
        let reasons = point.optional(primitive(1), FIELD)?.map(|flags| read_reasons(&flags, FIELD)).transpose()?;
        let list_issuer = match point.optional(constructed(2), FIELD)? {
            Some(names) => Some(general_name::read_all(names.open(FIELD)?, buffer, FIELD)?),
            None => None,
        };
        // "While each of these fields is optional, a DistributionPoint MUST NOT consist of only the reasons field."
        if name.is_none() && list_issuer.is_none() {
            return Err(point.fault(FaultKind::Malformed));
        }
        point.finish()?;
        all.push(DistributionPoint { name, reasons, list_issuer });
    }
    Ok(all)
}

/// Reads `[0] DistributionPointName`, tagged explicitly because it is a CHOICE.
pub(crate) fn read_name(element: &Element<'_>, buffer: &Arc<[u8]>, field: &'static str) -> Result<PointName, Fault> {
    let mut choice = element.open(field)?;
    let chosen = choice.any(field)?;
    choice.finish()?;
    if chosen.tag == constructed(0) {
        return Ok(PointName::Full(general_name::read_all(chosen.open(field)?, buffer, field)?));
    }
    if chosen.tag != constructed(1) {
        return Err(chosen.fault(FaultKind::Malformed, field));
    }
    // Held to the rules for names by putting it into one.
    let alone = name::of_parts(&[], chosen.contents);
    let mut whole = Elements::new(&alone, chosen.start, field)?;
    name::check(&whole.any(field)?, field).map_err(|fault| Fault { offset: chosen.start, ..fault })?;
    Ok(PointName::Relative(chosen.contents.into()))
}

/// Reads `ReasonFlags`.
pub(crate) fn read_reasons(element: &Element<'_>, field: &'static str) -> Result<Reasons, Fault> {
    let (_, bytes) = tlv::bit_string(element, field)?;
    let bits = match bytes {
        [first] => u16::from(*first) << 8,
        [first, second] => u16::from_be_bytes([*first, *second]),
        _ => return Err(element.fault(FaultKind::Malformed, field)),
    };
    Ok(Reasons(bits).and(Reasons::ALL))
}

impl PointName {
    /// The names it stands for, below `base`.
    pub(crate) fn names(&self, base: Option<&Name>) -> Vec<GeneralName> {
        match (self, base) {
            (Self::Full(names), _) => names.clone(),
            (Self::Relative(rdn), Some(base)) => alloc::vec![GeneralName::DirectoryName(base.with_rdn(rdn))],
            (Self::Relative(_), None) => Vec::new(),
        }
    }
}

/// Whether both stand for the same place or directory entry.
pub(crate) fn is_same(ours: &GeneralName, theirs: &GeneralName) -> bool {
    match (ours, theirs) {
        (GeneralName::DirectoryName(ours), GeneralName::DirectoryName(theirs)) => ours.matches(theirs),
        (ours, theirs) => ours == theirs,
    }
}

/// An implicitly tagged BOOLEAN, FALSE if it is not there.
pub(crate) fn flag(elements: &mut Elements<'_>, number: u32, field: &'static str) -> Result<bool, Fault> {
    elements.optional(primitive(number), field)?.map_or(Ok(false), |element| tlv::boolean(&element, field))
}
