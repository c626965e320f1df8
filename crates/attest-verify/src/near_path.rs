//! What a trust snapshot knows that is nearly the issuer which is missing.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, ChainError, Diagnosis};
use stella_trust_store::{AnchorEntry, AsideAnchor};
use stella_vocabulary::{UnixTime, Window};

use crate::report::{PathCertificate, TriedPath};
use crate::trust::PreparedTrust;

/// Most certificates that are named.
const MAX_NEAR: usize = 8;

/// A certificate that is nearly the issuer which is missing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NearCertificate {
    /// The certificate.
    pub certificate: PathCertificate,
    /// What the store calls it, if it is an anchor with a name.
    pub name: Option<String>,
    /// What it has in common with the one that is missing.
    pub likeness: Likeness,
    /// Why it is not the one.
    pub difference: Difference,
}

/// What a certificate has in common with the one that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The key identifier; its subject is another.
    Key,
    /// The subject.
    Name,
    /// Both.
    NameAndKey,
}

impl Likeness {
    /// The name in documents: `key`, `name`, `name-and-key`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Name => "name",
            Self::NameAndKey => "name-and-key",
        }
    }
}

/// Why a certificate is not the one that is missing, as far as can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The store has it, and it does not count: removed, revoked, staged, or asked for.
    Aside(String),
    /// It is no longer valid.
    Expired(UnixTime),
    /// It has another name.
    Name,
    /// It is not valid yet.
    NotYetValid(UnixTime),
    /// It has another key, or did not sign.
    OtherKey,
    /// Its owner trusts it in another window.
    OutsideWindow(Window),
}

impl Difference {
    /// The name in documents: `aside`, `expired`, `name`, `not-yet-valid`, `other-key`, `outside-window`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Aside(_) => "aside",
            Self::Expired(_) => "expired",
            Self::Name => "name",
            Self::NotYetValid(_) => "not-yet-valid",
            Self::OtherKey => "other-key",
            Self::OutsideWindow(_) => "outside-window",
        }
    }

    /// In words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Aside(why) => alloc::format!("the store has it, and it does not count: {why}"),
            Self::Expired(at) => alloc::format!("it expired at {at}"),
            Self::Name => "it has another name".to_string(),
            Self::NotYetValid(at) => alloc::format!("it is valid from {at}"),
            Self::OtherKey => "it has another key, or did not sign".to_string(),
            Self::OutsideWindow(window) => alloc::format!("it is trusted in {window}"),
        }
    }
}

/// Looks through everything the snapshot knows, what was set aside included.
pub(crate) fn near_certificates(
    trust: &PreparedTrust,
    diagnosis: &Diagnosis,
    tried: &[TriedPath],
    at: &[UnixTime],
) -> Vec<NearCertificate> {
    let Some(place) = diagnosis.place() else { return Vec::new() };
    let ends_there = |path: &&TriedPath| {
        path.certificates.len() > place.cert
            && path.findings.iter().any(|finding| {
                matches!(&finding.0, ChainError::UnknownIssuer { cert, issuer, .. } if *cert == place.cert && *issuer == place.issuer)
            })
    };
    let Some(path) = tried.iter().find(ends_there) else { return Vec::new() };
    let Some(child) = path.certificates.get(place.cert).map(|certificate| &certificate.0) else { return Vec::new() };
    let authorities = trust
        .domains
        .iter()
        .flat_map(|domain| domain.signers.iter().chain(domain.clocks.iter().map(|clock| &clock.authority)));
    let counting = authorities.flat_map(|authority| authority.known()).map(|(one, entry)| (one, entry, None));
    let aside = trust.snapshot.aside_anchors().iter();
    let aside =
        aside.map(|aside: &AsideAnchor| (aside.entry().certificate(), Some(aside.entry()), Some(aside.why().name())));
    let mut near: Vec<NearCertificate> = Vec::new();
    for (certificate, entry, why) in counting.chain(aside) {
        let Some(likeness) = likeness(child, certificate) else { continue };
        if certificate == child || near.iter().any(|other| other.certificate.0 == *certificate) {
            continue;
        }
        let difference = difference(certificate, entry, why, likeness, at);
        let name = entry.and_then(|entry| {
            entry.store_id().map(ToString::to_string).or_else(|| entry.label().map(ToString::to_string))
        });
        near.push(NearCertificate { certificate: PathCertificate(certificate.clone()), name, likeness, difference });
        if near.len() >= MAX_NEAR {
            break;
        }
    }
    near
}

fn likeness(child: &Certificate, other: &Certificate) -> Option<Likeness> {
    let name = child.issuer().matches(other.subject());
    let key = matches!(
        (child.authority_key_identifier(), other.subject_key_identifier()),
        (Some(wanted), Some(found)) if wanted == found
    );
    match (name, key) {
        (true, true) => Some(Likeness::NameAndKey),
        (true, false) => Some(Likeness::Name),
        (false, true) => Some(Likeness::Key),
        (false, false) => None,
    }
}

fn difference(
    certificate: &Certificate,
    entry: Option<&AnchorEntry>,
    why_aside: Option<&str>,
    likeness: Likeness,
    at: &[UnixTime],
) -> Difference {
    let window = entry.map(AnchorEntry::window).filter(|window| !at.iter().all(|at| window.contains(*at)));
    if let Some(why) = why_aside {
        Difference::Aside(why.to_string())
    } else if likeness == Likeness::Key {
        Difference::Name
    } else if at.iter().any(|at| *at > certificate.not_after()) {
        Difference::Expired(certificate.not_after())
    } else if at.iter().any(|at| *at < certificate.not_before()) {
        Difference::NotYetValid(certificate.not_before())
    } else if let Some(window) = window {
        Difference::OutsideWindow(window)
    } else {
        Difference::OtherKey
    }
}
