//! Certificate policies: read strictly, and supported as far as nobody requires one. RFC 5280 §4.2.1.4, .5, .11, .14.

use alloc::sync::Arc;

use der::Tag;

use super::Known;
use crate::oid::Oid;
use crate::tlv::{self, Elements, Fault, FaultKind, primitive};

/// `policyConstraints`: after how many more certificates something holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PolicyConstraints {
    pub(crate) require_explicit_policy: Option<u32>,
}

pub(super) fn read_policies(value: &mut Elements<'_>, _: &Arc<[u8]>, _: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "certificatePolicies";
    let mut policies = value.sequence(FIELD)?;
    if policies.is_finished() {
        return Err(policies.fault(FaultKind::Malformed));
    }
    while !policies.is_finished() {
        let mut policy = policies.sequence(FIELD)?;
        Oid::from_element(&policy.expect(Tag::ObjectIdentifier, FIELD)?, FIELD)?;
        if !policy.is_finished() {
            read_qualifiers(policy.sequence(FIELD)?)?;
        }
        policy.finish()?;
    }
    Ok(())
}

fn read_qualifiers(mut qualifiers: Elements<'_>) -> Result<(), Fault> {
    const FIELD: &str = "certificatePolicies";
    if qualifiers.is_finished() {
        return Err(qualifiers.fault(FaultKind::Malformed));
    }
    while !qualifiers.is_finished() {
        let mut qualifier = qualifiers.sequence(FIELD)?;
        Oid::from_element(&qualifier.expect(Tag::ObjectIdentifier, FIELD)?, FIELD)?;
        qualifier.opaque(FIELD)?;
        qualifier.finish()?;
    }
    Ok(())
}

pub(super) fn read_mappings(value: &mut Elements<'_>, _: &Arc<[u8]>, _: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "policyMappings";
    let mut mappings = value.sequence(FIELD)?;
    if mappings.is_finished() {
        return Err(mappings.fault(FaultKind::Malformed));
    }
    while !mappings.is_finished() {
        let mut mapping = mappings.sequence(FIELD)?;
        Oid::from_element(&mapping.expect(Tag::ObjectIdentifier, FIELD)?, FIELD)?;
        Oid::from_element(&mapping.expect(Tag::ObjectIdentifier, FIELD)?, FIELD)?;
        mapping.finish()?;
    }
    Ok(())
}

pub(super) fn read_constraints(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "policyConstraints";
    let mut constraints = value.sequence(FIELD)?;
    // "Conforming CAs MUST NOT issue certificates where policy constraints is an empty sequence."
    if constraints.is_finished() {
        return Err(constraints.fault(FaultKind::Malformed));
    }
    let require = constraints.optional(primitive(0), FIELD)?;
    let require_explicit_policy = require.map(|skip| tlv::small_integer(&skip, FIELD)).transpose()?;
    if let Some(skip) = constraints.optional(primitive(1), FIELD)? {
        tlv::small_integer(&skip, FIELD)?;
    }
    constraints.finish()?;
    known.policy_constraints = Some(PolicyConstraints { require_explicit_policy });
    Ok(())
}

pub(super) fn read_inhibit_any(value: &mut Elements<'_>, _: &Arc<[u8]>, _: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "inhibitAnyPolicy";
    tlv::small_integer(&value.expect(Tag::Integer, FIELD)?, FIELD).map(drop)
}
