//! The purposes of the key. RFC 5280 §4.2.1.12.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use der::Tag;

use super::Known;
use crate::oid::Oid;
use crate::tlv::{Elements, Fault, FaultKind};

/// Where the purposes lie in the certificate: contents of each OBJECT IDENTIFIER, at least one.
#[derive(Clone, Debug)]
pub(crate) struct ExtendedKeyUsage(pub(crate) Vec<Range<usize>>);

pub(super) fn read(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "extKeyUsage";
    let mut purposes = value.sequence(FIELD)?;
    if purposes.is_finished() {
        return Err(purposes.fault(FaultKind::Malformed));
    }
    let mut all = Vec::with_capacity(1);
    while !purposes.is_finished() {
        let purpose = purposes.expect(Tag::ObjectIdentifier, FIELD)?;
        Oid::from_element(&purpose, FIELD)?;
        all.push(purpose.contents_range());
    }
    known.extended_key_usage = Some(ExtendedKeyUsage(all));
    Ok(())
}
