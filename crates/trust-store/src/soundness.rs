//! What material must be like before any instant is known: the checks behind "bad material is refused here".

use alloc::string::ToString;

use stella_chain_verify::{Certificate, KeyUse, Role};
use stella_vocabulary::Window;

use crate::error::{AuthorityFlaw, WindowFlaw};

/// Critical extensions that path validation acts on. One of another kind in an authority would refuse every path through it.
const UNDERSTOOD: [&str; 9] = [
    "2.5.29.15", // keyUsage
    "2.5.29.17", // subjectAltName
    "2.5.29.19", // basicConstraints
    "2.5.29.30", // nameConstraints
    "2.5.29.32", // certificatePolicies
    "2.5.29.33", // policyMappings
    "2.5.29.36", // policyConstraints
    "2.5.29.37", // extKeyUsage
    "2.5.29.54", // inhibitAnyPolicy
];

/// Whether `certificate` can be an anchor: an authority with a usable key and nothing critical that we do not understand.
/// Its dates are left for the verification, which has an instant.
pub(crate) fn check_anchor(certificate: &Certificate) -> Result<(), AuthorityFlaw> {
    check_authority(certificate)?;
    if let Err(error) = certificate.public_key() {
        return Err(AuthorityFlaw::Key(error));
    }
    let unknown = certificate
        .extensions()
        .filter(|extension| extension.critical)
        .map(|extension| extension.oid())
        .find(|oid| !UNDERSTOOD.contains(&oid.as_str()));
    match unknown {
        Some(oid) => Err(AuthorityFlaw::UnknownCriticalExtension { oid }),
        None => Ok(()),
    }
}

/// Whether `certificate` may issue certificates. RFC 5280 §6.1.4(k) and (n).
pub(crate) fn check_authority(certificate: &Certificate) -> Result<(), AuthorityFlaw> {
    if certificate.basic_constraints().is_none_or(|constraints| constraints.role != Role::Authority) {
        return Err(AuthorityFlaw::NotAnAuthority);
    }
    match certificate.key_usage() {
        Some(usage) if !usage.contains(KeyUse::CertificateSigning) => {
            Err(AuthorityFlaw::KeyUsage { found: usage.to_string() })
        }
        _ => Ok(()),
    }
}

/// Whether any instant can lie in `window`.
pub(crate) fn check_window(window: Window) -> Result<(), WindowFlaw> {
    if window.is_empty() { Err(WindowFlaw::Empty { window }) } else { Ok(()) }
}
