//! What is wrong with a path, in the parts that a report shows.

use alloc::string::{String, ToString};

use stella_vocabulary::{Code, Reason};

use super::text::work_noun;
use super::{ChainError, ListFault, ProfileRule};
use crate::name_constraints::Subtree;

impl Reason for ChainError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmUnavailable { error, .. } => error.code(),
            Self::AnchorNotValid { .. } => Code::TrustAnchorNotValid,
            Self::Blocked { .. } => Code::X509Revoked,
            Self::OcspResponseUntrusted { .. } => Code::X509OcspUntrusted,
            Self::RevocationListUntrusted { .. } => Code::X509CrlUntrusted,
            Self::RevocationUnknown { .. } => Code::X509RevocationUnknown,
            Self::BudgetExceeded { .. } => Code::X509PathBudgetExceeded,
            Self::Expired { .. } => Code::X509Expired,
            Self::ExtendedKeyUsageMissing { .. } | Self::ExtendedKeyUsageNotExclusive { .. } => Code::X509EkuMissing,
            Self::KeyRefused { error, .. } => error.code(),
            Self::KeyUsage { .. } | Self::LeafIsAuthority => Code::X509KeyUsage,
            Self::LeafIsAnchor { .. } | Self::UnknownIssuer { .. } => Code::X509UnknownIssuer,
            Self::NameConstraintUnsupported { .. } => Code::X509NameConstraintUnsupported,
            Self::NameConstraintViolation { .. } => Code::X509NameConstraintViolation,
            Self::NameMalformed { .. } => Code::X509NameMalformed,
            Self::NotAnAuthority { .. } => Code::X509NotACa,
            Self::NotYetValid { .. } => Code::X509NotYetValid,
            Self::NothingJudged => Code::TimeNoTrustedTime,
            Self::Revoked { .. } => Code::X509Revoked,
            Self::PathLengthExceeded { .. } => Code::X509PathLenExceeded,
            Self::PathTooDeep { .. } => Code::X509PathTooDeep,
            Self::NoValidPolicy { .. } | Self::PolicyMappingOfAny { .. } => Code::X509PolicyUnsupported,
            Self::ProfileViolation { .. } => Code::X509ProfileViolation,
            Self::SerialInvalid { .. } => Code::X509SerialInvalid,
            Self::SignatureAlgorithmMismatch { .. } => Code::X509SignatureAlgorithmMismatch,
            Self::SignatureAlgorithmUnsupported { .. } => Code::SigAlgorithmUnsupported,
            Self::SignatureAlgorithmWeak { .. } => Code::X509SignatureAlgorithmWeak,
            Self::SignatureInvalid { .. } => Code::X509SignatureInvalid,
            Self::SignatureNotJudged { error, .. } => error.code(),
            Self::UnknownCriticalExtension { .. } => Code::X509UnknownCriticalExtension,
            Self::ValidityInverted { .. } => Code::X509ValidityInverted,
            Self::VersionUnsupported { .. } => Code::X509VersionUnsupported,
        }
    }

    fn place(&self) -> Option<String> {
        self.certificate().map(|cert| alloc::format!("certificate {cert}"))
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnavailable { error, .. } => error.found(),
            Self::AnchorNotValid { at, .. } => Some(at.to_string()),
            Self::Expired { not_after, .. } => Some(not_after.to_string()),
            Self::ExtendedKeyUsageMissing { found, .. } if found.is_empty() => Some("none".into()),
            Self::ExtendedKeyUsageMissing { found, .. }
            | Self::ExtendedKeyUsageNotExclusive { found, .. }
            | Self::KeyUsage { found, .. } => Some(found.clone()),
            Self::KeyRefused { error, .. } => error.found(),
            Self::LeafIsAnchor { anchor } => Some(alloc::format!("trust anchor {anchor}")),
            Self::LeafIsAuthority => Some("an authority".into()),
            Self::NameConstraintUnsupported { form, .. } => Some((*form).into()),
            Self::NameConstraintViolation { name, .. } | Self::NameMalformed { name, .. } => Some(name.clone()),
            Self::NotYetValid { not_before, .. } => Some(not_before.to_string()),
            Self::PathLengthExceeded { found, .. } => Some(found.to_string()),
            Self::Revoked { cause, revoked_at, .. } => Some(alloc::format!("revoked at {revoked_at} as {cause}")),
            Self::OcspResponseUntrusted { fault, .. } => Some(fault.sentence().into()),
            Self::RevocationListUntrusted { fault, .. } => Some(fault.sentence().into()),
            Self::RevocationUnknown { gap, .. } => Some(gap.sentence().into()),
            Self::SerialInvalid { serial, .. } => Some(serial.clone()),
            Self::SignatureAlgorithmUnsupported { error, .. } | Self::SignatureAlgorithmWeak { error, .. } => {
                error.found()
            }
            Self::UnknownCriticalExtension { oid, .. } => Some(oid.clone()),
            Self::UnknownIssuer { subject, .. } => Some(subject.clone()),
            Self::VersionUnsupported { version, .. } => Some(version.to_string()),
            Self::Blocked { by, .. } => Some(by.sentence().into()),
            Self::BudgetExceeded { .. }
            | Self::NotAnAuthority { .. }
            | Self::NothingJudged
            | Self::PathTooDeep { .. }
            | Self::NoValidPolicy { .. }
            | Self::PolicyMappingOfAny { .. }
            | Self::ProfileViolation { .. }
            | Self::SignatureAlgorithmMismatch { .. }
            | Self::SignatureInvalid { .. }
            | Self::SignatureNotJudged { .. }
            | Self::ValidityInverted { .. } => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnavailable { error, .. } => error.expected(),
            Self::AnchorNotValid { window, .. } => Some(alloc::format!("a time in {window}")),
            Self::Blocked { .. } | Self::Revoked { .. } => Some("a certificate in force".into()),
            Self::OcspResponseUntrusted { .. } => {
                Some("a response of the authority, or of whom it has put in its place".into())
            }
            Self::RevocationListUntrusted { issuer, .. } => {
                Some(alloc::format!("a current revocation list of {issuer}"))
            }
            Self::RevocationUnknown { issuer, .. } => {
                Some(alloc::format!("a current revocation list or OCSP response of {issuer}"))
            }
            Self::BudgetExceeded { work, limit } => Some(alloc::format!("at most {limit} {}", work_noun(*work))),
            Self::Expired { at, .. } => Some(alloc::format!("not before {at}")),
            Self::ExtendedKeyUsageMissing { required, .. } => Some(required.clone()),
            Self::ExtendedKeyUsageNotExclusive { required, .. } => {
                Some(alloc::format!("{required} alone and critical"))
            }
            Self::KeyRefused { error, .. } => error.expected(),
            Self::KeyUsage { required, .. } => Some((*required).into()),
            Self::LeafIsAuthority => Some("an end entity".into()),
            Self::NameConstraintViolation { subtree, constraint, .. } => Some(match subtree {
                Subtree::Excluded => alloc::format!("nothing in {constraint}"),
                Subtree::Permitted => alloc::format!("a name in {constraint}"),
            }),
            Self::NoValidPolicy { .. } => Some("an acceptable certificate policy in every certificate".into()),
            Self::NotAnAuthority { .. } => Some("basicConstraints with cA".into()),
            Self::NotYetValid { at, .. } => Some(alloc::format!("not after {at}")),
            Self::PathLengthExceeded { limit, .. } => Some(alloc::format!("at most {limit}")),
            Self::PathTooDeep { limit } => Some(alloc::format!("at most {limit} certificates")),
            Self::ProfileViolation { rule, .. } => Some(rule.to_string()),
            Self::SerialInvalid { .. } => Some("a positive number of at most 20 octets".into()),
            Self::SignatureAlgorithmUnsupported { error, .. } | Self::SignatureAlgorithmWeak { error, .. } => {
                error.expected()
            }
            Self::UnknownIssuer { issuer, authority_key, .. } => Some(match authority_key {
                Some(key) => alloc::format!("{issuer}, key identifier {key}"),
                None => issuer.clone(),
            }),
            Self::VersionUnsupported { .. } => Some("3".into()),
            Self::LeafIsAnchor { .. }
            | Self::NameConstraintUnsupported { .. }
            | Self::NameMalformed { .. }
            | Self::NothingJudged
            | Self::PolicyMappingOfAny { .. }
            | Self::SignatureAlgorithmMismatch { .. }
            | Self::SignatureInvalid { .. }
            | Self::SignatureNotJudged { .. }
            | Self::UnknownCriticalExtension { .. }
            | Self::ValidityInverted { .. } => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::AnchorNotValid { .. } => Some("RFC 5937 §3.2"),
            Self::Blocked { .. } | Self::Revoked { .. } => Some("RFC 5280 §6.1.3(a)(3)"),
            Self::RevocationListUntrusted { fault, .. } => Some(match fault {
                ListFault::KeyUsage => "RFC 5280 §6.3.3(f)",
                _ => "RFC 5280 §6.3.3(g)",
            }),
            Self::OcspResponseUntrusted { .. } => Some("RFC 6960 §4.2.2.2"),
            Self::RevocationUnknown { .. } => Some("RFC 5280 §6.3.3"),
            Self::Expired { .. } | Self::NotYetValid { .. } => Some("RFC 5280 §6.1.3(a)(2)"),
            Self::ExtendedKeyUsageMissing { .. } => Some("RFC 5280 §4.2.1.12"),
            Self::ExtendedKeyUsageNotExclusive { .. } => Some("RFC 3161 §2.3"),
            Self::KeyRefused { error, .. } => error.clause(),
            Self::KeyUsage { .. } => Some("RFC 5280 §4.2.1.3"),
            Self::LeafIsAnchor { .. } => Some("RFC 5280 §6.1"),
            Self::LeafIsAuthority => Some("RFC 5280 §4.2.1.9"),
            Self::NameConstraintUnsupported { .. } => Some("RFC 5280 §4.2.1.10"),
            Self::NameConstraintViolation { .. } => Some("RFC 5280 §6.1.3(b)(c)"),
            Self::NameMalformed { .. } => Some("RFC 5280 §4.2.1.6"),
            Self::NotAnAuthority { .. } => Some("RFC 5280 §6.1.4(k)"),
            Self::PathLengthExceeded { .. } => Some("RFC 5280 §6.1.4(l)(m)"),
            Self::NoValidPolicy { .. } => Some("RFC 5280 §6.1.5(g)"),
            Self::PolicyMappingOfAny { .. } => Some("RFC 5280 §6.1.4(a)"),
            Self::ProfileViolation { rule, .. } => Some(match rule {
                ProfileRule::AuthoritySubjectEmpty => "RFC 5280 §4.1.2.6",
                ProfileRule::CertificateSigningWithoutAuthority | ProfileRule::PathLengthWithoutAuthority => {
                    "RFC 5280 §4.2.1.9"
                }
                ProfileRule::AnyExtendedKeyUsage | ProfileRule::OtherExtendedKeyUsage(_) => "CA/B BR §7.1.2.7.10",
                ProfileRule::CommonNameNotAlternative => "CA/B BR §7.1.4.3",
                ProfileRule::ExtensionInRoot(_) => "CA/B BR §7.1.2.1",
                ProfileRule::ExtensionMissing(_) => "CA/B BR §7.1.2.7",
                ProfileRule::KeyIdentifierOfRoot => "CA/B BR §7.1.2.1.3",
                ProfileRule::KeyUsageOfSigningKey(_) => "RFC 9881 §5",
                ProfileRule::ModulusLength => "CA/B BR §6.1.5",
                ProfileRule::IssuerEmpty => "RFC 5280 §4.1.2.4",
                ProfileRule::KeyIdentifierMissing(_) => "RFC 5280 §4.2.1.1 and §4.2.1.2",
                _ => "RFC 5280 §4.2.1",
            }),
            Self::SerialInvalid { .. } => Some("RFC 5280 §4.1.2.2"),
            Self::SignatureAlgorithmMismatch { .. } => Some("RFC 5280 §4.1.1.2"),
            Self::SignatureInvalid { .. } => Some("RFC 5280 §6.1.3(a)(1)"),
            Self::UnknownCriticalExtension { .. } => Some("RFC 5280 §4.2"),
            Self::UnknownIssuer { .. } => Some("RFC 5280 §6.1.3(a)(4)"),
            Self::ValidityInverted { .. } => Some("RFC 5280 §4.1.2.5"),
            Self::VersionUnsupported { .. } => Some("RFC 5280 §4.1.2.1"),
            Self::AlgorithmUnavailable { .. }
            | Self::BudgetExceeded { .. }
            | Self::NothingJudged
            | Self::PathTooDeep { .. }
            | Self::SignatureAlgorithmUnsupported { .. }
            | Self::SignatureAlgorithmWeak { .. }
            | Self::SignatureNotJudged { .. } => None,
        }
    }

    fn certificate(&self) -> Option<usize> {
        match self {
            Self::AlgorithmUnavailable { cert, .. }
            | Self::AnchorNotValid { cert, .. }
            | Self::Expired { cert, .. }
            | Self::ExtendedKeyUsageMissing { cert, .. }
            | Self::ExtendedKeyUsageNotExclusive { cert, .. }
            | Self::KeyRefused { cert, .. }
            | Self::KeyUsage { cert, .. }
            | Self::NameConstraintUnsupported { cert, .. }
            | Self::NameConstraintViolation { cert, .. }
            | Self::NameMalformed { cert, .. }
            | Self::NotAnAuthority { cert }
            | Self::NotYetValid { cert, .. }
            | Self::PathLengthExceeded { cert, .. }
            | Self::PolicyMappingOfAny { cert }
            | Self::Blocked { cert, .. }
            | Self::OcspResponseUntrusted { cert, .. }
            | Self::RevocationListUntrusted { cert, .. }
            | Self::RevocationUnknown { cert, .. }
            | Self::Revoked { cert, .. }
            | Self::ProfileViolation { cert, .. }
            | Self::SerialInvalid { cert, .. }
            | Self::SignatureAlgorithmMismatch { cert }
            | Self::SignatureAlgorithmUnsupported { cert, .. }
            | Self::SignatureAlgorithmWeak { cert, .. }
            | Self::SignatureInvalid { cert, .. }
            | Self::SignatureNotJudged { cert, .. }
            | Self::UnknownCriticalExtension { cert, .. }
            | Self::UnknownIssuer { cert, .. }
            | Self::ValidityInverted { cert }
            | Self::VersionUnsupported { cert, .. } => Some(*cert),
            Self::NoValidPolicy { cert, required_by } => Some(required_by.unwrap_or(*cert)),
            Self::LeafIsAnchor { .. } | Self::LeafIsAuthority => Some(0),
            Self::BudgetExceeded { .. } | Self::NothingJudged | Self::PathTooDeep { .. } => None,
        }
    }
}
