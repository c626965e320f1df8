//! The one table of extensions: who may carry them, how critical they are, who reads them and who acts on them.
//!
//! A critical extension that is not in this table refuses the path. Adding a row means adding what acts on it.

use alloc::sync::Arc;

use der::asn1::ObjectIdentifier;

use super::{
    Known, authority, basic_constraints, distribution_point, extended_key_usage, key_identifier, key_usage,
    name_constraints, policy,
};
use crate::general_name;
use crate::oid::Oid;
use crate::tlv::{Elements, Fault};

/// Reads the contents of `extnValue` into [`Known`]; what is left over afterwards is an error of the caller's.
pub(crate) type Read = fn(&mut Elements<'_>, &Arc<[u8]>, &mut Known) -> Result<(), Fault>;

/// One row.
#[derive(Debug)]
pub(crate) struct ExtensionRule {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) name: &'static str,
    pub(crate) read: Read,
    pub(crate) holder: Holder,
    pub(crate) criticality: Criticality,
    pub(crate) effect: Effect,
}

/// Who may carry the extension.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Holder {
    Anyone,
    /// Only certificates with `cA` set.
    Authority,
}

/// Whether the extension is marked critical.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Criticality {
    Either,
    Must,
    MustInAuthority,
    MustNot,
    /// Critical if the subject is empty, for then it is the only name. RFC 5280 §4.2.1.6.
    MustWithEmptySubject,
}

/// Which part of the judgement acts on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// Only which issuer is tried first.
    Hint,
    /// Nothing in a path depends on it, but it must be readable; refused if critical.
    None,
    /// The rules for every certificate of a path (`rules.rs`).
    Rules,
    /// The names below (`name_constraints.rs`).
    Names,
    /// Certificate policies (`policies.rs`).
    Policies,
}

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// Ordered by how often they occur, since they are searched in order.
static TABLE: [ExtensionRule; 15] = [
    ExtensionRule {
        oid: oid("2.5.29.15"),
        name: "keyUsage",
        read: key_usage::read,
        holder: Holder::Anyone,
        criticality: Criticality::Either,
        effect: Effect::Rules,
    },
    ExtensionRule {
        oid: oid("2.5.29.37"),
        name: "extKeyUsage",
        read: extended_key_usage::read,
        holder: Holder::Anyone,
        criticality: Criticality::Either,
        effect: Effect::Rules,
    },
    ExtensionRule {
        oid: oid("2.5.29.14"),
        name: "subjectKeyIdentifier",
        read: key_identifier::read_subject,
        holder: Holder::Anyone,
        criticality: Criticality::MustNot,
        effect: Effect::Hint,
    },
    ExtensionRule {
        oid: oid("2.5.29.35"),
        name: "authorityKeyIdentifier",
        read: key_identifier::read_authority,
        holder: Holder::Anyone,
        criticality: Criticality::MustNot,
        effect: Effect::Hint,
    },
    ExtensionRule {
        oid: oid("2.5.29.17"),
        name: "subjectAltName",
        read: read_subject_alt_name,
        holder: Holder::Anyone,
        criticality: Criticality::MustWithEmptySubject,
        effect: Effect::Names,
    },
    ExtensionRule {
        oid: oid("2.5.29.19"),
        name: "basicConstraints",
        read: basic_constraints::read,
        holder: Holder::Anyone,
        criticality: Criticality::MustInAuthority,
        effect: Effect::Rules,
    },
    ExtensionRule {
        oid: oid("1.3.6.1.5.5.7.1.1"),
        name: "authorityInfoAccess",
        read: authority::read_access,
        holder: Holder::Anyone,
        criticality: Criticality::MustNot,
        effect: Effect::None,
    },
    ExtensionRule {
        oid: oid("2.5.29.32"),
        name: "certificatePolicies",
        read: policy::read_policies,
        holder: Holder::Anyone,
        criticality: Criticality::Either,
        effect: Effect::Policies,
    },
    ExtensionRule {
        oid: oid("2.5.29.30"),
        name: "nameConstraints",
        read: name_constraints::read,
        holder: Holder::Authority,
        criticality: Criticality::Must,
        effect: Effect::Names,
    },
    ExtensionRule {
        oid: oid("2.5.29.36"),
        name: "policyConstraints",
        read: policy::read_constraints,
        holder: Holder::Authority,
        criticality: Criticality::Must,
        effect: Effect::Policies,
    },
    ExtensionRule {
        oid: oid("2.5.29.33"),
        name: "policyMappings",
        read: policy::read_mappings,
        holder: Holder::Authority,
        criticality: Criticality::Either,
        effect: Effect::Policies,
    },
    ExtensionRule {
        oid: oid("2.5.29.54"),
        name: "inhibitAnyPolicy",
        read: policy::read_inhibit_any,
        holder: Holder::Authority,
        criticality: Criticality::Must,
        effect: Effect::Policies,
    },
    ExtensionRule {
        oid: oid("2.5.29.18"),
        name: "issuerAltName",
        read: read_issuer_alt_name,
        holder: Holder::Anyone,
        criticality: Criticality::Either,
        effect: Effect::None,
    },
    // Processed where revocation is asked for, which a search does not know: critical ones refuse the path.
    ExtensionRule {
        oid: oid("2.5.29.31"),
        name: "cRLDistributionPoints",
        read: distribution_point::read,
        holder: Holder::Anyone,
        criticality: Criticality::Either,
        effect: Effect::None,
    },
    ExtensionRule {
        oid: oid("2.5.29.46"),
        name: "freshestCRL",
        read: distribution_point::read_freshest,
        holder: Holder::Anyone,
        criticality: Criticality::MustNot,
        effect: Effect::None,
    },
];

/// The row of `oid`.
pub(crate) fn find(oid: Oid<'_>) -> Option<&'static ExtensionRule> {
    TABLE.iter().find(|rule| oid.is(&rule.oid))
}

fn read_subject_alt_name(value: &mut Elements<'_>, buffer: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    known.subject_alt_names = general_name::read_all(value.sequence("subjectAltName")?, buffer, "subjectAltName")?;
    Ok(())
}

fn read_issuer_alt_name(value: &mut Elements<'_>, buffer: &Arc<[u8]>, _: &mut Known) -> Result<(), Fault> {
    general_name::read_all(value.sequence("issuerAltName")?, buffer, "issuerAltName").map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_has_one_row() {
        for (at, rule) in TABLE.iter().enumerate() {
            assert!(TABLE.iter().skip(at + 1).all(|other| other.oid != rule.oid && other.name != rule.name));
        }
    }

    #[test]
    fn what_must_be_critical_has_an_effect() {
        for rule in &TABLE {
            if matches!(rule.criticality, Criticality::Must | Criticality::MustInAuthority) {
                assert_ne!(rule.effect, Effect::None, "{}", rule.name);
                assert_ne!(rule.effect, Effect::Hint, "{}", rule.name);
            }
        }
    }
}
