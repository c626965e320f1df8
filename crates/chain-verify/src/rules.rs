//! What every certificate of a path must satisfy, by its place in the path. RFC 5280 §4 and §6.1, cheapest first, no signatures.
//!
//! Name constraints are in `name_constraints.rs`; which extension is enforced where is in `extension/table.rs`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;
use stella_vocabulary::{UnixTime, Window};

use crate::anchor::Anchor;
use crate::certificate::Certificate;
use crate::chain_error::{ChainError, ProfileRule, shown_bytes};
use crate::extension::key_usage::KeyUse;
use crate::extension::table::{Criticality, Effect, Holder};
use crate::general_name::GeneralName;
use crate::name_syntax;
use crate::purpose::{ChainPolicy, KeyIdentifiers, Leaf, LeafUsage, Purpose};

/// Longest serial number. RFC 5280 §4.1.2.2: "Conforming CAs MUST NOT use serialNumber values longer than 20 octets."
const MAX_SERIAL_BYTES: usize = 20;

const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const EXTENDED_KEY_USAGE: &str = "extKeyUsage";

/// Where a certificate stands in the path.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Its index; 0 is the leaf.
    pub(crate) cert: usize,
    /// The anchor it is, if it ends the path.
    pub(crate) anchor: Option<&'a Anchor>,
}

/// Judges the leaf.
pub(crate) fn judge_leaf(leaf: &Certificate, policy: &ChainPolicy, at: &[UnixTime], findings: &mut Vec<ChainError>) {
    let place = Place { cert: 0, anchor: None };
    judge_any(leaf, place, at, findings);
    let purpose = &policy.purpose;
    if purpose.leaf == Leaf::Signer {
        if leaf.is_authority() {
            findings.push(ChainError::LeafIsAuthority);
        }
        judge_signer_key_usage(leaf, purpose, findings);
    }
    judge_leaf_purpose(leaf, purpose, findings);
    judge_policies(leaf, 0, 0, findings);
}

/// Judges a certificate that issued another one, be it the anchor or not, as far as that does not depend on what is below it.
pub(crate) fn judge_issuer(
    issuer: &Certificate,
    place: Place<'_>,
    policy: &ChainPolicy,
    at: &[UnixTime],
    findings: &mut Vec<ChainError>,
) {
    let cert = place.cert;
    judge_any(issuer, place, at, findings);
    if !issuer.is_authority() {
        findings.push(ChainError::NotAnAuthority { cert });
    }
    if let Some(usage) = issuer.key_usage().filter(|usage| !usage.contains(KeyUse::CertificateSigning)) {
        findings.push(ChainError::KeyUsage {
            cert,
            required: KeyUse::CertificateSigning.name(),
            found: usage.to_string(),
        });
    }
    judge_issuer_purpose(issuer, cert, &policy.purpose, findings);
    if issuer.subject().is_empty() {
        findings.push(ChainError::ProfileViolation { cert, rule: ProfileRule::AuthoritySubjectEmpty });
    }
    if policy.key_identifiers == KeyIdentifiers::Required {
        judge_key_identifiers(issuer, cert, findings);
    }
}

/// Judges how much of the path is below a certificate that issued another one. `intermediates_below` says how many certificates between
/// it and the leaf are not self-issued.
pub(crate) fn judge_length_below(
    issuer: &Certificate,
    cert: usize,
    intermediates_below: usize,
    findings: &mut Vec<ChainError>,
) {
    let limit = issuer.basic_constraints().and_then(|constraints| constraints.path_length);
    if let Some(limit) = limit.filter(|limit| usize::try_from(*limit).is_ok_and(|limit| intermediates_below > limit)) {
        findings.push(ChainError::PathLengthExceeded { cert, limit, found: intermediates_below });
    }
    judge_policies(issuer, cert, intermediates_below.saturating_add(1), findings);
}

/// Certificate policies are not processed, so the set of valid ones is empty, and requiring one refuses the path: RFC 5280 §6.1.4(i)
/// and §6.1.5(a), (b), (g). The requirement begins after so many certificates; `below` of them follow, self-issued ones not counted.
fn judge_policies(certificate: &Certificate, cert: usize, below: usize, findings: &mut Vec<ChainError>) {
    let constraints = certificate.known().policy_constraints;
    let Some(skip) = constraints.and_then(|constraints| constraints.require_explicit_policy) else { return };
    if usize::try_from(skip).is_ok_and(|skip| skip <= below) {
        findings.push(ChainError::PolicyUnsupported { cert });
    }
}

/// What holds for every certificate of the path.
fn judge_any(certificate: &Certificate, place: Place<'_>, at: &[UnixTime], findings: &mut Vec<ChainError>) {
    let cert = place.cert;
    if certificate.version() != 3 {
        findings.push(ChainError::VersionUnsupported { cert, version: certificate.version() });
    }
    if let Err(error) = certificate.key() {
        findings.push(ChainError::KeyRefused { cert, error: error.clone() });
    }
    judge_validity(certificate, place, at, findings);
    judge_extensions(certificate, cert, findings);
    if certificate.inner_algorithm_der() != certificate.outer_algorithm_der() {
        findings.push(ChainError::SignatureAlgorithmMismatch { cert });
    }
    if certificate.issuer().is_empty() {
        findings.push(ChainError::ProfileViolation { cert, rule: ProfileRule::IssuerEmpty });
    }
    judge_names(certificate, cert, findings);
    // Roots were made before the rule; nothing depends on the number of an anchor.
    if place.anchor.is_none() && !serial_is_valid(certificate.serial()) {
        findings.push(ChainError::SerialInvalid { cert, serial: shown_bytes(certificate.serial()) });
    }
}

fn serial_is_valid(serial: &[u8]) -> bool {
    // Minimal DER, so zero is one octet, and a leading zero only keeps the number positive; it counts as an octet
    // nonetheless, as it does in the encoding.
    let positive = serial.first().is_some_and(|first| first & 0x80 == 0) && serial != [0];
    positive && serial.len() <= MAX_SERIAL_BYTES
}

/// Each bound is part of the validity, and every instant must lie within it. One finding is enough.
fn judge_validity(certificate: &Certificate, place: Place<'_>, at: &[UnixTime], findings: &mut Vec<ChainError>) {
    let cert = place.cert;
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if not_before > not_after {
        findings.push(ChainError::ValidityInverted { cert });
        return;
    }
    if let Some(anchor) = place.anchor {
        let windows = [Window::closed(Some(not_before), Some(not_after)), anchor.window()];
        let outside =
            |at: &UnixTime| windows.into_iter().find(|window| !window.contains(*at)).map(|window| (window, *at));
        if let Some((window, at)) = at.iter().find_map(outside) {
            findings.push(ChainError::AnchorNotValid { cert, window, at });
        }
        return;
    }
    if let Some(at) = at.iter().copied().find(|at| *at < not_before) {
        findings.push(ChainError::NotYetValid { cert, not_before, at });
    } else if let Some(at) = at.iter().copied().find(|at| *at > not_after) {
        findings.push(ChainError::Expired { cert, not_after, at });
    }
}

/// Applies the columns of the table of extensions.
fn judge_extensions(certificate: &Certificate, cert: usize, findings: &mut Vec<ChainError>) {
    let authority = certificate.is_authority();
    for slot in certificate.extension_slots() {
        // Critical means "process it or refuse", so knowing how to read it is not enough.
        let acts =
            slot.rule.is_some_and(|rule| rule.effect != Effect::None || rule.criticality == Criticality::MustNot);
        if slot.critical && !acts {
            findings.push(ChainError::UnknownCriticalExtension { cert, oid: certificate.oid_of(slot).dotted() });
        }
        let Some(rule) = slot.rule else { continue };
        let must = match rule.criticality {
            Criticality::Either | Criticality::MustNot => false,
            Criticality::Must => true,
            Criticality::MustInAuthority => authority,
            Criticality::MustWithEmptySubject => certificate.subject().is_empty(),
        };
        let broken = if must && !slot.critical {
            Some(ProfileRule::ExtensionNotCritical(rule.name))
        } else if slot.critical && rule.criticality == Criticality::MustNot {
            Some(ProfileRule::ExtensionCritical(rule.name))
        } else if rule.holder == Holder::Authority && !authority {
            Some(ProfileRule::ExtensionOutsideAuthority(rule.name))
        } else {
            None
        };
        findings.extend(broken.map(|rule| ChainError::ProfileViolation { cert, rule }));
    }
    if !authority && certificate.key_usage().is_some_and(|usage| usage.contains(KeyUse::CertificateSigning)) {
        let rule = ProfileRule::CertificateSigningWithoutAuthority;
        findings.push(ChainError::ProfileViolation { cert, rule });
    }
}

/// The syntax of alternative names and of the bases of name constraints. One finding a list is enough.
fn judge_names(certificate: &Certificate, cert: usize, findings: &mut Vec<ChainError>) {
    let malformed = |field, name: &GeneralName| ChainError::NameMalformed {
        cert,
        field,
        form: name.form(),
        name: name.to_string(),
    };
    let bad_name = certificate.subject_alt_names().iter().find(|name| match name {
        GeneralName::DnsName(name) => !name_syntax::is_dns_name(name),
        GeneralName::IpAddress(address) => !matches!(address.len(), 4 | 16),
        GeneralName::Rfc822Name(address) => name_syntax::mailbox(address).is_none(),
        GeneralName::Uri(uri) => !name_syntax::is_uri(uri),
        _ => false,
    });
    findings.extend(bad_name.map(|name| malformed("subjectAltName", name)));
    let Some(constraints) = &certificate.known().name_constraints else { return };
    let bad_base = constraints.permitted.iter().chain(&constraints.excluded).find(|base| match base {
        GeneralName::DnsName(base) => !name_syntax::is_dns_constraint(base),
        GeneralName::IpAddress(base) => name_syntax::network(base).is_none(),
        GeneralName::Rfc822Name(base) => !name_syntax::is_email_constraint(base),
        GeneralName::Uri(base) => !name_syntax::is_uri_constraint(base),
        _ => false,
    });
    findings.extend(bad_base.map(|base| malformed("nameConstraints", base)));
}

fn judge_signer_key_usage(leaf: &Certificate, purpose: &Purpose, findings: &mut Vec<ChainError>) {
    let Some(usage) = leaf.key_usage() else { return };
    // RFC 5280 §4.2.1.12 names both bits as consistent with time stamping, only digitalSignature with code signing.
    let enough = usage.contains(KeyUse::DigitalSignature)
        || (purpose.leaf_usage == LeafUsage::CriticalAlone && usage.contains(KeyUse::ContentCommitment));
    if !enough {
        let required = KeyUse::DigitalSignature.name();
        findings.push(ChainError::KeyUsage { cert: 0, required, found: usage.to_string() });
    }
}

fn judge_leaf_purpose(leaf: &Certificate, purpose: &Purpose, findings: &mut Vec<ChainError>) {
    let Some(required) = &purpose.usage else { return };
    let named = leaf.purposes().is_some_and(|mut purposes| purposes.any(|found| found.is(required)));
    let any = || leaf.purposes().is_some_and(|mut purposes| purposes.any(|found| found.is(&ANY_EXTENDED_KEY_USAGE)));
    let fits = match purpose.leaf_usage {
        LeafUsage::IfPresent => named || leaf.purposes().is_none() || any(),
        LeafUsage::Named | LeafUsage::CriticalAlone => named,
    };
    if !fits {
        let (required, found) = (required.to_string(), found_purposes(leaf));
        findings.push(ChainError::ExtendedKeyUsageMissing { cert: 0, required, found });
        return;
    }
    if purpose.leaf_usage == LeafUsage::CriticalAlone {
        let alone = leaf.purposes().is_some_and(|purposes| purposes.count() == 1);
        let is_critical_usage = |slot: &crate::extension::Slot| {
            slot.critical && slot.rule.is_some_and(|rule| rule.name == EXTENDED_KEY_USAGE)
        };
        if !alone || !leaf.extension_slots().iter().any(is_critical_usage) {
            let (required, found) = (required.to_string(), found_purposes(leaf));
            findings.push(ChainError::ExtendedKeyUsageNotExclusive { cert: 0, required, found });
        }
    }
}

/// An issuer that names purposes passes on only those: not in RFC 5280, but what every public authority and verifier does.
fn judge_issuer_purpose(issuer: &Certificate, cert: usize, purpose: &Purpose, findings: &mut Vec<ChainError>) {
    let (Some(required), Some(mut purposes)) = (&purpose.usage, issuer.purposes()) else { return };
    if !purposes.any(|found| found.is(required) || found.is(&ANY_EXTENDED_KEY_USAGE)) {
        let (required, found) = (required.to_string(), found_purposes(issuer));
        findings.push(ChainError::ExtendedKeyUsageMissing { cert, required, found });
    }
}

/// At most eight purposes, for a message.
fn found_purposes(certificate: &Certificate) -> String {
    let mut found = String::new();
    for (at, purpose) in certificate.purposes().into_iter().flatten().enumerate() {
        match at {
            0 => {}
            8 => {
                found.push_str(", …");
                break;
            }
            _ => found.push_str(", "),
        }
        found.push_str(&purpose.dotted());
    }
    found
}

fn judge_key_identifiers(issuer: &Certificate, cert: usize, findings: &mut Vec<ChainError>) {
    if issuer.subject_key_identifier().is_none() {
        let rule = ProfileRule::KeyIdentifierMissing("subjectKeyIdentifier");
        findings.push(ChainError::ProfileViolation { cert, rule });
    }
    // "There is one exception; where a CA distributes its public key in the form of a self-signed certificate, the authority
    // key identifier MAY be omitted."
    if issuer.authority_key_identifier().is_none() && !issuer.is_self_issued() {
        let rule = ProfileRule::KeyIdentifierMissing("authorityKeyIdentifier");
        findings.push(ChainError::ProfileViolation { cert, rule });
    }
}
