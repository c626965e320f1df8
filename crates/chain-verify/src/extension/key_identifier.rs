//! Which key is certified, and which key certified it: hints that order the search. RFC 5280 §4.2.1.1 and §4.2.1.2.

use alloc::sync::Arc;

use der::Tag;

use super::Known;
use crate::general_name;
use crate::tlv::{self, Elements, Fault, FaultKind, constructed, primitive};

pub(super) fn read_subject(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "subjectKeyIdentifier";
    known.subject_key = Some(value.expect(Tag::OctetString, FIELD)?.contents_range());
    Ok(())
}

pub(super) fn read_authority(value: &mut Elements<'_>, buffer: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "authorityKeyIdentifier";
    let mut identifier = value.sequence(FIELD)?;
    known.authority_key = identifier.optional(primitive(0), FIELD)?.map(|key| key.contents_range());
    let issuer = identifier.optional(constructed(1), FIELD)?;
    let serial = identifier.optional(primitive(2), FIELD)?;
    if let Some(issuer) = &issuer {
        general_name::read_all(issuer.open(FIELD)?, buffer, FIELD)?;
    }
    if let Some(serial) = &serial {
        tlv::integer(serial, FIELD)?;
    }
    // "authorityCertIssuer and authorityCertSerialNumber MUST both be present or both be absent" (appendix A.2).
    if issuer.is_some() != serial.is_some() {
        return Err(identifier.fault(FaultKind::Malformed));
    }
    known.authority_certificate = issuer.is_some();
    identifier.finish()
}
