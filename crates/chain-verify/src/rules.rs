//! What every certificate of a path must satisfy, by its place in the path. RFC 5280 §4 and §6.1, cheapest first, no signatures.
//!
//! Name constraints are in `name_constraints.rs`; which extension is enforced where is in `extension/table.rs`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;
use stella_vocabulary::{UnixTime, Window};

use crate::anchor::{Anchor, AnchorTerms};
use crate::certificate::Certificate;
use crate::chain_error::{ChainError, ProfileRule, shown_bytes};
use crate::extension::key_usage::KeyUse;
use crate::extension::table::{Criticality, Effect, Holder};
use crate::general_name::GeneralName;
use crate::name_syntax;
use crate::purpose::{ChainPolicy, IssuerUsage, KeyIdentifiers, Leaf, LeafUsage, Purpose, Rules};
use crate::web_pki;

/// Longest serial number. RFC 5280 §4.1.2.2: "Conforming CAs MUST NOT use serialNumber values longer than 20 octets."
const MAX_SERIAL_BYTES: usize = 20;

/// id-ml-dsa-44, id-ml-dsa-65, id-ml-dsa-87. RFC 9881 §2.
const ML_DSA: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
];
pub(crate) const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
pub(crate) const EXTENDED_KEY_USAGE: &str = "extKeyUsage";

/// Purposes that do not go together with being a server or client.
const SIGNING_PURPOSES: [(ObjectIdentifier, &str); 3] = [
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3"), "codeSigning"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8"), "timeStamping"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9"), "OCSPSigning"),
];

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
    let start = findings.len();
    judge_any(leaf, place, policy, at, findings);
    let purpose = &policy.purpose;
    if policy.key_identifiers == KeyIdentifiers::Required {
        judge_authority_key_identifier(leaf, 0, findings);
    }
    if let (Some(wanted), Some(found)) = (purpose.key_use, leaf.key_usage())
        && !found.contains(wanted)
    {
        findings.push(ChainError::KeyUsage { cert: 0, required: wanted.name(), found: found.to_string() });
    }
    if purpose.leaf == Leaf::Signer {
        if leaf.is_authority() {
            findings.push(ChainError::LeafIsAuthority);
        }
        judge_signer_key_usage(leaf, purpose, findings);
    }
    if purpose.leaf == Leaf::Subscriber && leaf.is_authority() && !policy.is_web_pki() {
        findings.push(ChainError::LeafIsAuthority);
    }
    judge_leaf_purpose(leaf, purpose, findings);
    if policy.is_web_pki() {
        web_pki::judge_leaf(leaf, findings);
    }
    forget_profile(policy, start, findings);
    // Asked for by name, so it is not forgotten.
    if purpose.leaf == Leaf::Subscriber || policy.is_web_pki() {
        judge_other_purposes(leaf, findings);
    }
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
    let start = findings.len();
    if place.anchor.is_some_and(|anchor| !anchor.terms().bind_constraints()) {
        if let Err(error) = issuer.key() {
            findings.push(ChainError::KeyRefused { cert, error: error.clone() });
        }
        judge_validity(issuer, place, at, findings);
        return;
    }
    judge_any(issuer, place, policy, at, findings);
    let says_so = place.anchor.is_some_and(|anchor| anchor.terms() == AnchorTerms::StatedConstraints);
    if !(issuer.is_authority() || (says_so && issuer.basic_constraints().is_none())) {
        findings.push(ChainError::NotAnAuthority { cert });
    }
    if let Some(usage) = issuer.key_usage().filter(|usage| !usage.contains(KeyUse::CertificateSigning)) {
        findings.push(ChainError::KeyUsage {
            cert,
            required: KeyUse::CertificateSigning.name(),
            found: usage.to_string(),
        });
    }
    judge_issuer_purpose(issuer, place, &policy.purpose, findings);
    if issuer.subject().is_empty() {
        findings.push(ChainError::ProfileViolation { cert, rule: ProfileRule::AuthoritySubjectEmpty });
    }
    if policy.key_identifiers == KeyIdentifiers::Required {
        judge_key_identifiers(issuer, cert, findings);
    }
    if policy.is_web_pki() && place.anchor.is_some() && issuer.is_self_issued() {
        web_pki::judge_root(issuer, cert, findings);
    }
    forget_profile(policy, start, findings);
}

/// Where only path validation counts, what an authority should not have issued is no finding.
fn forget_profile(policy: &ChainPolicy, start: usize, findings: &mut Vec<ChainError>) {
    if policy.rules != Rules::PathAlone {
        return;
    }
    let mut at = 0;
    findings.retain(|finding| {
        at += 1;
        at <= start || !matches!(finding, ChainError::ProfileViolation { .. } | ChainError::SerialInvalid { .. })
    });
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
}

/// What holds for every certificate of the path.
fn judge_any(
    certificate: &Certificate,
    place: Place<'_>,
    policy: &ChainPolicy,
    at: &[UnixTime],
    findings: &mut Vec<ChainError>,
) {
    let cert = place.cert;
    if certificate.version() != 3 {
        findings.push(ChainError::VersionUnsupported { cert, version: certificate.version() });
    }
    judge_signing_key(certificate, cert, findings);
    if let Err(error) = certificate.key() {
        findings.push(ChainError::KeyRefused { cert, error: error.clone() });
    }
    judge_validity(certificate, place, at, findings);
    judge_extensions(certificate, cert, policy, findings);
    if policy.is_web_pki() {
        web_pki::judge_key(certificate, cert, findings);
    }
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

/// RFC 9881 §5: a key of ML-DSA is for signatures alone.
fn judge_signing_key(certificate: &Certificate, cert: usize, findings: &mut Vec<ChainError>) {
    const OTHER_USES: [KeyUse; 5] = [
        KeyUse::KeyEncipherment,
        KeyUse::DataEncipherment,
        KeyUse::KeyAgreement,
        KeyUse::EncipherOnly,
        KeyUse::DecipherOnly,
    ];
    let other = certificate.key_usage().and_then(|usage| OTHER_USES.into_iter().find(|other| usage.contains(*other)));
    if let Some(other) = other
        && certificate.key_algorithm().is_some_and(|algorithm| ML_DSA.iter().any(|known| algorithm.is(known)))
    {
        let rule = ProfileRule::KeyUsageOfSigningKey(other.name());
        findings.push(ChainError::ProfileViolation { cert, rule });
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
    let is_bound = place.anchor.is_none_or(|anchor| anchor.terms().bind_validity());
    if is_bound && not_before > not_after {
        findings.push(ChainError::ValidityInverted { cert });
        return;
    }
    if let Some(anchor) = place.anchor {
        let own = if is_bound { Window::closed(Some(not_before), Some(not_after)) } else { Window::always() };
        let windows = [own, anchor.window()];
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
fn judge_extensions(certificate: &Certificate, cert: usize, policy: &ChainPolicy, findings: &mut Vec<ChainError>) {
    let authority = certificate.is_authority();
    for slot in certificate.extension_slots() {
        // Critical means "process it or refuse", so knowing how to read it is not enough.
        let acts =
            slot.rule.is_some_and(|rule| rule.effect != Effect::None || rule.criticality == Criticality::MustNot);
        // §4.2.1.4: "If this extension is critical, the path validation software MUST be able to interpret this extension (including
        // the optional qualifier), or MUST reject the certificate."
        let acts = acts && !(certificate.known().unknown_qualifier && slot.is("certificatePolicies"));
        if slot.critical && !acts {
            findings.push(ChainError::UnknownCriticalExtension { cert, oid: certificate.oid_of(slot).dotted() });
        }
        let Some(rule) = slot.rule else { continue };
        let must = match rule.criticality {
            Criticality::Either | Criticality::MustNot => false,
            // Baseline Requirements §7.1.2.10.8: "SHOULD".
            Criticality::Must => !(policy.is_web_pki() && rule.effect == Effect::Names),
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
    let limits_path = certificate.basic_constraints().is_some_and(|constraints| constraints.path_length.is_some());
    if !authority && limits_path {
        findings.push(ChainError::ProfileViolation { cert, rule: ProfileRule::PathLengthWithoutAuthority });
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
fn judge_issuer_purpose(issuer: &Certificate, place: Place<'_>, purpose: &Purpose, findings: &mut Vec<ChainError>) {
    let Some(required) = &purpose.usage else { return };
    let fits = match issuer.purposes() {
        None => purpose.issuer_usage != IssuerUsage::Required || place.anchor.is_some(),
        Some(mut purposes) => purposes.any(|found| {
            found.is(required) || (purpose.issuer_usage == IssuerUsage::Any && found.is(&ANY_EXTENDED_KEY_USAGE))
        }),
    };
    if !fits {
        let (cert, required, found) = (place.cert, required.to_string(), found_purposes(issuer));
        findings.push(ChainError::ExtendedKeyUsageMissing { cert, required, found });
    }
}

/// Baseline Requirements §7.1.2.7.10: a key that speaks for a server signs neither code nor times nor the status of certificates.
pub(crate) fn judge_other_purposes(leaf: &Certificate, findings: &mut Vec<ChainError>) {
    let other = leaf
        .purposes()
        .into_iter()
        .flatten()
        .find_map(|found| SIGNING_PURPOSES.iter().find(|(purpose, _)| found.is(purpose)).map(|(_, name)| *name));
    findings.extend(other.map(|name| {
        let rule = ProfileRule::OtherExtendedKeyUsage(name);
        ChainError::ProfileViolation { cert: 0, rule }
    }));
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
    judge_authority_key_identifier(issuer, cert, findings);
}

fn judge_authority_key_identifier(certificate: &Certificate, cert: usize, findings: &mut Vec<ChainError>) {
    // "There is one exception; where a CA distributes its public key in the form of a self-signed certificate, the authority
    // key identifier MAY be omitted."
    if certificate.authority_key_identifier().is_none() && !certificate.is_self_issued() {
        let rule = ProfileRule::KeyIdentifierMissing("authorityKeyIdentifier");
        findings.push(ChainError::ProfileViolation { cert, rule });
    }
}
