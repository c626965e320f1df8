//! What kind of refusal it is, for whoever has to mend it.

use alloc::string::String;

use stella_vocabulary::{Reason, UnixTime};

use crate::certificate::Certificate;
use crate::chain_error::{ChainError, Missing, shown, shown_bytes};
use crate::outcome::{Reach, TriedPath};

/// What kind of refusal it is. A guess for people, made from the path that got closest; nothing depends on it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// The path is whole, and the anchor at its end does not vouch for it: its window or validity, the names, purposes, policies or length that
    /// it allows.
    AnchorConstraint {
        /// Index of the anchor in the path.
        cert: usize,
    },
    /// The path is whole and signed, and nothing but the time is wrong: it was valid, and a signature made then is good if somebody trusted
    /// says when it was made.
    ExpiredNow {
        /// The first second at which every certificate was valid.
        from: UnixTime,
        /// The last one.
        until: UnixTime,
    },
    /// A certificate between the leaf and an anchor was not given.
    MissingIntermediate(Break),
    /// The path is whole and signed, and will be valid.
    NotYetValid {
        /// The first second at which every certificate is valid.
        from: UnixTime,
        /// The last one.
        until: UnixTime,
    },
    /// There is an issuer of the right name with another key: most often the authority changed its key.
    OtherKey {
        /// Where the path breaks.
        at: Break,
        /// The key identifier of the certificate that was found instead, in hexadecimal, if it has one.
        found_key: Option<String>,
    },
    /// None of these: the finding says it all.
    Other,
    /// The path ends at an authority that nobody vouches for.
    RootNotTrusted(Break),
}

/// The place at which a path breaks. Texts from certificates are escaped and cut to 200 characters, key identifiers to 32 bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Break {
    /// The index of the last certificate of the path.
    pub cert: usize,
    /// Its subject.
    pub subject: String,
    /// Its own key identifier in hexadecimal, if it has one.
    pub subject_key: Option<String>,
    /// The issuer that is missing.
    pub issuer: String,
    /// The key identifier of the issuer in hexadecimal, if the certificate names it.
    pub authority_key: Option<String>,
}

impl Break {
    fn after(certificate: &Certificate, cert: usize) -> Self {
        Self {
            cert,
            subject: shown(certificate.subject()),
            subject_key: certificate.subject_key_identifier().map(shown_bytes),
            issuer: shown(certificate.issuer()),
            authority_key: certificate.authority_key_identifier().map(shown_bytes),
        }
    }
}

impl Diagnosis {
    /// The name in documents: `anchor-constraint`, `expired-now`, `missing-intermediate`, `not-yet-valid`, `other-key`, `other`,
    /// `root-not-trusted`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AnchorConstraint { .. } => "anchor-constraint",
            Self::ExpiredNow { .. } => "expired-now",
            Self::MissingIntermediate(_) => "missing-intermediate",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::OtherKey { .. } => "other-key",
            Self::Other => "other",
            Self::RootNotTrusted(_) => "root-not-trusted",
        }
    }

    /// Where the path breaks, if it does.
    pub fn place(&self) -> Option<&Break> {
        match self {
            Self::MissingIntermediate(at) | Self::RootNotTrusted(at) | Self::OtherKey { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Of the path that explains a refusal best, and the finding that does.
    pub(crate) fn of(path: &TriedPath, best: &ChainError) -> Self {
        if let ChainError::UnknownIssuer { cert, missing, .. } = best {
            let Some(certificate) = path.certificates.get(*cert) else { return Self::Other };
            let at = Break::after(certificate, *cert);
            return match missing {
                Missing::Anchor => Self::RootNotTrusted(at),
                Missing::Intermediate => Self::MissingIntermediate(at),
                Missing::OtherKey => {
                    let found = path.certificates.get(cert.saturating_add(1));
                    let found_key = found.and_then(Certificate::subject_key_identifier).map(shown_bytes);
                    Self::OtherKey { at, found_key }
                }
            };
        }
        if path.reach != Reach::Anchored {
            return Self::Other;
        }
        if let Some(by_time) = by_time(path) {
            return by_time;
        }
        let anchor = path.certificates.len().saturating_sub(1);
        if is_by(best, anchor) { Self::AnchorConstraint { cert: anchor } } else { Self::Other }
    }
}

/// Whether time is all that is wrong, and there is an instant at which it is right.
fn by_time(path: &TriedPath) -> Option<Diagnosis> {
    let mut late = true;
    for finding in &path.findings {
        match finding {
            ChainError::Expired { .. } => {}
            ChainError::NotYetValid { .. } => late = false,
            // The window that the owner of an anchor set is a decision, its validity is not.
            ChainError::AnchorNotValid { at, .. } => {
                let anchor = path.certificates.last()?;
                if *at < anchor.not_before() {
                    late = false;
                } else if *at <= anchor.not_after() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let from = path.certificates.iter().map(Certificate::not_before).max()?;
    let until = path.certificates.iter().map(Certificate::not_after).min()?;
    (from <= until).then_some(if late {
        Diagnosis::ExpiredNow { from, until }
    } else {
        Diagnosis::NotYetValid { from, until }
    })
}

/// Whether the anchor, with this index, is the one who does not allow it.
fn is_by(finding: &ChainError, anchor: usize) -> bool {
    match finding {
        ChainError::NameConstraintUnsupported { by, .. } | ChainError::NameConstraintViolation { by, .. } => {
            *by == anchor
        }
        ChainError::NoValidPolicy { required_by, .. } => *required_by == Some(anchor),
        other => other.certificate() == Some(anchor),
    }
}
