//! The subtrees an authority may or may not issue into, as they stand in its certificate. RFC 5280 §4.2.1.10.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Known;
use crate::general_name::{self, GeneralName};
use crate::tlv::{Element, Elements, Fault, FaultKind, constructed};

/// The bases of the subtrees; at least one list is not empty.
#[derive(Clone, Debug)]
pub(crate) struct NameConstraints {
    pub(crate) permitted: Vec<GeneralName>,
    pub(crate) excluded: Vec<GeneralName>,
    /// What comparing a name with all of them costs beyond their number, because some are long.
    pub(crate) long_bases: usize,
}

/// A comparison of up to so many bytes counts as one, a longer one as several: names may be as long as the certificate. Those in use
/// stay below.
pub(crate) const COMPARED_AT_ONCE: usize = 128;

const FIELD: &str = "nameConstraints";

pub(super) fn read(value: &mut Elements<'_>, buffer: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    let mut constraints = value.sequence(FIELD)?;
    // "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence."
    if constraints.is_finished() {
        return Err(constraints.fault(FaultKind::Malformed));
    }
    let permitted = subtrees(constraints.optional(constructed(0), FIELD)?, buffer)?;
    let excluded = subtrees(constraints.optional(constructed(1), FIELD)?, buffer)?;
    constraints.finish()?;
    let long_bases = permitted.iter().chain(&excluded).map(|base| base.length() / COMPARED_AT_ONCE).sum();
    known.name_constraints = Some(NameConstraints { permitted, excluded, long_bases });
    Ok(())
}

fn subtrees(list: Option<Element<'_>>, buffer: &Arc<[u8]>) -> Result<Vec<GeneralName>, Fault> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let mut subtrees = list.open(FIELD)?;
    if subtrees.is_finished() {
        return Err(subtrees.fault(FaultKind::Malformed));
    }
    let mut bases = Vec::with_capacity(1);
    while !subtrees.is_finished() {
        let mut subtree = subtrees.sequence(FIELD)?;
        bases.push(general_name::read(&subtree.any(FIELD)?, buffer, FIELD)?);
        // "Within this profile, the minimum and maximum fields are not used with any name forms, thus, the minimum MUST be
        // zero, and maximum MUST be absent." Whoever uses them means something that is not implemented.
        subtree.finish().map_err(|fault| Fault { kind: FaultKind::Malformed, ..fault })?;
    }
    Ok(bases)
}
