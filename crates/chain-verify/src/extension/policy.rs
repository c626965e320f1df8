//! Certificate policies as they stand in a certificate. RFC 5280 §4.2.1.4, .5, .11, .14. What follows from them is in `policies.rs`.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use der::Tag;
use der::asn1::ObjectIdentifier;

use super::Known;
use crate::oid::Oid;
use crate::tlv::{self, Elements, Fault, FaultKind, primitive};

/// `policyConstraints`: after how many more certificates something holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PolicyConstraints {
    pub(crate) require_explicit_policy: Option<u32>,
    pub(crate) inhibit_policy_mapping: Option<u32>,
}

/// A policy of the issuer's domain that the issuer takes for one of the subject's: contents of two OBJECT IDENTIFIERs.
#[derive(Clone, Debug)]
pub(crate) struct PolicyMapping {
    pub(crate) issuer: Range<usize>,
    pub(crate) subject: Range<usize>,
}

pub(super) fn read_policies(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "certificatePolicies";
    let mut policies = value.sequence(FIELD)?;
    if policies.is_finished() {
        return Err(policies.fault(FaultKind::Malformed));
    }
    let mut all = Vec::with_capacity(1);
    while !policies.is_finished() {
        let mut policy = policies.sequence(FIELD)?;
        let identifier = policy.expect(Tag::ObjectIdentifier, FIELD)?;
        Oid::from_element(&identifier, FIELD)?;
        all.push(identifier.contents_range());
        if !policy.is_finished() {
            let qualifiers = read_qualifiers(policy.sequence(FIELD)?)?;
            known.unknown_qualifier |= qualifiers == Qualifiers::SomeUnknown;
        }
        policy.finish()?;
    }
    known.policies = Some(all);
    Ok(())
}

/// Whether every qualifier is of a kind that RFC 5280 §4.2.1.4 defines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Qualifiers {
    AllKnown,
    SomeUnknown,
}

/// `id-qt-cps` and `id-qt-unotice`: texts for people, on which nothing depends.
const KNOWN_QUALIFIERS: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1"), ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.2")];

fn read_qualifiers(mut qualifiers: Elements<'_>) -> Result<Qualifiers, Fault> {
    const FIELD: &str = "certificatePolicies";
    if qualifiers.is_finished() {
        return Err(qualifiers.fault(FaultKind::Malformed));
    }
    let mut found = Qualifiers::AllKnown;
    while !qualifiers.is_finished() {
        let mut qualifier = qualifiers.sequence(FIELD)?;
        let kind = Oid::from_element(&qualifier.expect(Tag::ObjectIdentifier, FIELD)?, FIELD)?;
        if !KNOWN_QUALIFIERS.iter().any(|known| kind.is(known)) {
            found = Qualifiers::SomeUnknown;
        }
        qualifier.opaque(FIELD)?;
        qualifier.finish()?;
    }
    Ok(found)
}

pub(super) fn read_mappings(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "policyMappings";
    let mut mappings = value.sequence(FIELD)?;
    if mappings.is_finished() {
        return Err(mappings.fault(FaultKind::Malformed));
    }
    while !mappings.is_finished() {
        let mut mapping = mappings.sequence(FIELD)?;
        let (issuer, subject) =
            (mapping.expect(Tag::ObjectIdentifier, FIELD)?, mapping.expect(Tag::ObjectIdentifier, FIELD)?);
        Oid::from_element(&issuer, FIELD)?;
        Oid::from_element(&subject, FIELD)?;
        mapping.finish()?;
        let (issuer, subject) = (issuer.contents_range(), subject.contents_range());
        known.policy_mappings.push(PolicyMapping { issuer, subject });
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
    let inhibit = constraints.optional(primitive(1), FIELD)?;
    let inhibit_policy_mapping = inhibit.map(|skip| tlv::small_integer(&skip, FIELD)).transpose()?;
    constraints.finish()?;
    known.policy_constraints = Some(PolicyConstraints { require_explicit_policy, inhibit_policy_mapping });
    Ok(())
}

pub(super) fn read_inhibit_any(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "inhibitAnyPolicy";
    known.inhibit_any_policy = Some(tlv::small_integer(&value.expect(Tag::Integer, FIELD)?, FIELD)?);
    Ok(())
}
