//! Where to ask about the issuer; nothing here ever asks. RFC 5280 §4.2.2.1.

use alloc::sync::Arc;

use der::Tag;

use super::Known;
use crate::general_name;
use crate::oid::Oid;
use crate::tlv::{Elements, Fault, FaultKind};

pub(super) fn read_access(value: &mut Elements<'_>, buffer: &Arc<[u8]>, _: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "authorityInfoAccess";
    let mut descriptions = value.sequence(FIELD)?;
    if descriptions.is_finished() {
        return Err(descriptions.fault(FaultKind::Malformed));
    }
    while !descriptions.is_finished() {
        let mut description = descriptions.sequence(FIELD)?;
        Oid::from_element(&description.expect(Tag::ObjectIdentifier, FIELD)?, FIELD)?;
        general_name::read(&description.any(FIELD)?, buffer, FIELD)?;
        description.finish()?;
    }
    Ok(())
}
