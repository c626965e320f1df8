//! What is wrong with a path, in one sentence.

use core::fmt;

use super::{ChainError, Missing};
use crate::budget::Work;
use crate::name_constraints::Subtree;

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmUnavailable { cert, error } => {
                write!(f, "the signature on certificate {cert} could not be checked: {error}")
            }
            Self::AnchorNotValid { cert, window, at } => {
                write!(f, "the trust anchor, certificate {cert}, counts in {window}, judged at {at}")
            }
            Self::Blocked { cert, by } => write!(f, "certificate {cert} is blocked here: {}", by.sentence()),
            Self::BudgetExceeded { work, limit } => {
                write!(f, "the search for a path was ended after {limit} {}", work_noun(*work))
            }
            Self::Expired { cert, not_after, at } => {
                write!(f, "certificate {cert} expired at {not_after}, judged at {at}")
            }
            Self::ExtendedKeyUsageMissing { cert, required, found } if found.is_empty() => {
                write!(f, "certificate {cert} names no purpose, {required} is required")
            }
            Self::ExtendedKeyUsageMissing { cert, required, found } => {
                write!(f, "certificate {cert} is for {found}, {required} is required")
            }
            Self::ExtendedKeyUsageNotExclusive { cert, required, found } => {
                write!(f, "certificate {cert} is for {found}, {required} alone and critical is required")
            }
            Self::KeyRefused { cert, error } => write!(f, "the key of certificate {cert} is refused: {error}"),
            Self::KeyUsage { cert, required, found } => {
                write!(f, "the key of certificate {cert} is for {found}, {required} is required")
            }
            Self::LeafIsAnchor { anchor } => {
                write!(
                    f,
                    "the signing certificate is itself trust anchor {anchor}, and anchors only issue certificates"
                )
            }
            Self::LeafIsAuthority => f.write_str("the signing certificate is that of an authority"),
            Self::NameConstraintUnsupported { cert, by, form } => {
                write!(
                    f,
                    "certificate {by} constrains names of the form {form}, which certificate {cert} has and which is not supported"
                )
            }
            Self::NameConstraintViolation { cert, by, form, name, subtree, constraint } => {
                let relation = match subtree {
                    Subtree::Excluded => "is excluded by",
                    Subtree::Permitted => "is not permitted by",
                };
                write!(f, "the {form} {name} of certificate {cert} {relation} certificate {by}: {constraint}")
            }
            Self::NameMalformed { cert, field, form, name } => {
                write!(f, "the {form} \"{name}\" in {field} of certificate {cert} is not well formed")
            }
            Self::Revoked { cert, object, .. } => write!(f, "certificate {cert} was revoked: {object}"),
            Self::NotAnAuthority { cert } => write!(f, "certificate {cert} may not issue certificates"),
            Self::NotYetValid { cert, not_before, at } => {
                write!(f, "certificate {cert} is valid from {not_before}, judged at {at}")
            }
            Self::NothingJudged => f.write_str("there is no instant to judge the certificates at"),
            Self::PathLengthExceeded { cert, limit, found } => {
                write!(f, "certificate {cert} allows {limit} intermediates below it, there are {found}")
            }
            Self::PathTooDeep { limit } => write!(f, "the path has more than {limit} certificates"),
            Self::NoValidPolicy { cert, required_by } => {
                match required_by {
                    Some(by) => write!(f, "certificate {by} requires a certificate policy, and ")?,
                    None => f.write_str("a certificate policy is required, and ")?,
                }
                write!(f, "none that is acceptable is left at certificate {cert}")
            }
            Self::PolicyMappingOfAny { cert } => {
                write!(f, "certificate {cert} maps a certificate policy from or to anyPolicy")
            }
            Self::ProfileViolation { cert, rule } => write!(f, "certificate {cert} breaks a rule: {rule}"),
            Self::OcspResponseUntrusted { cert, responder, fault } => {
                write!(
                    f,
                    "the OCSP response of {responder} for certificate {cert} does not count: {}",
                    fault.sentence()
                )
            }
            Self::RevocationListUntrusted { cert, issuer, fault } => {
                write!(f, "the revocation list of {issuer} for certificate {cert} does not count: {}", fault.sentence())
            }
            Self::RevocationUnknown { cert, issuer, gap } => {
                write!(f, "nobody says whether certificate {cert}, issued by {issuer}, is revoked: {}", gap.sentence())
            }
            Self::SerialInvalid { cert, serial } => write!(f, "the serial number of certificate {cert} is {serial}"),
            Self::SignatureAlgorithmMismatch { cert } => {
                write!(f, "certificate {cert} names two different signature algorithms")
            }
            Self::SignatureAlgorithmUnsupported { cert, error } | Self::SignatureAlgorithmWeak { cert, error } => {
                write!(f, "the signature on certificate {cert} is refused: {error}")
            }
            Self::SignatureInvalid { cert, subject, issuer } => {
                write!(f, "the signature on certificate {cert} ({subject}) is not that of its issuer ({issuer})")
            }
            Self::SignatureNotJudged { cert, error } => {
                write!(f, "the signature on certificate {cert} could not be checked: {error}")
            }
            Self::UnknownCriticalExtension { cert, oid } => {
                write!(f, "certificate {cert} has the critical extension {oid}, which is not known")
            }
            Self::UnknownIssuer { cert, subject, issuer, authority_key, missing } => {
                match missing {
                    Missing::Anchor => write!(f, "no trust anchor issued certificate {cert} ({subject}): {issuer}")?,
                    Missing::Intermediate => {
                        write!(f, "the issuer of certificate {cert} ({subject}) is missing: {issuer}")?
                    }
                    Missing::OtherKey => {
                        write!(
                            f,
                            "the key that signed certificate {cert} ({subject}) is not the one known for {issuer}"
                        )?;
                    }
                }
                authority_key.iter().try_for_each(|key| write!(f, ", key identifier {key}"))
            }
            Self::ValidityInverted { cert } => write!(f, "the validity of certificate {cert} ends before it starts"),
            Self::VersionUnsupported { cert, version } => {
                write!(f, "certificate {cert} has version {version}, only 3 is accepted")
            }
        }
    }
}

pub(super) fn work_noun(work: Work) -> &'static str {
    match work {
        Work::Candidates => "possible issuers",
        Work::NameConstraintComparisons => "comparisons of names with constraints",
        Work::SignatureChecks => "signature checks",
        Work::SignatureEffort => "units of work on signatures",
    }
}
