//! Whether the subject may issue certificates. RFC 5280 §4.2.1.9.

use alloc::sync::Arc;

use der::Tag;

use super::Known;
use crate::tlv::{self, Elements, Fault};

/// The `basicConstraints` of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BasicConstraints {
    /// What the subject may do.
    pub role: Role,
    /// How many intermediates that are not self-issued may follow on the way down to the leaf; `None` is any number. Means nothing for an end entity.
    pub path_length: Option<u32>,
}

/// What `cA` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// `cA` is set: the subject issues certificates.
    Authority,
    /// `cA` is not set.
    EndEntity,
}

pub(super) fn read(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "basicConstraints";
    let mut constraints = value.sequence(FIELD)?;
    // An explicit FALSE is common and means what it says.
    let role = match constraints.optional(Tag::Boolean, FIELD)? {
        Some(authority) if tlv::boolean(&authority, FIELD)? => Role::Authority,
        _ => Role::EndEntity,
    };
    let path_length = match constraints.optional(Tag::Integer, FIELD)? {
        // Without `cA` it means nothing; that it must not be there is a rule of the profile.
        Some(length) => Some(tlv::small_integer(&length, FIELD)?),
        None => None,
    };
    constraints.finish()?;
    known.basic_constraints = Some(BasicConstraints { role, path_length });
    Ok(())
}
