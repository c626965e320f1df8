//! What is wrong with a path.

use alloc::string::{String, ToString};
use core::fmt;

use stella_crypto_providers::{CryptoError, KeyError, SchemeError, SignatureError};
use stella_vocabulary::hex::Hex;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, UnixTime, Window};

use crate::budget::Work;
use crate::certificate::Certificate;
use crate::name::Name;
use crate::name_constraints::Subtree;

/// One thing that is wrong with a path. `cert` is the index in the path: 0 is the leaf, the anchor is last.
///
/// Texts from certificates are escaped and cut to 200 characters.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ChainError {
    /// No provider for the signature on this certificate, or the provider failed: not judged.
    AlgorithmUnavailable {
        /// Whose signature could not be checked.
        cert: usize,
        /// Why.
        error: CryptoError,
    },
    /// The anchor is outside its own validity or outside the window its owner set.
    AnchorNotValid {
        /// The anchor.
        cert: usize,
        /// The window it is outside of.
        window: Window,
        /// The instant judged.
        at: UnixTime,
    },
    /// The search was ended before every path was tried: not judged.
    BudgetExceeded {
        /// What was used up.
        work: Work,
        /// How much there was.
        limit: usize,
    },
    /// The certificate is no longer valid. RFC 5280 §6.1.3(a)(2).
    Expired {
        /// Which certificate.
        cert: usize,
        /// The last second of its validity.
        not_after: UnixTime,
        /// The instant judged.
        at: UnixTime,
    },
    /// The certificate is not for the purpose. RFC 5280 §4.2.1.12.
    ExtendedKeyUsageMissing {
        /// Which certificate.
        cert: usize,
        /// The purpose, dotted decimal.
        required: String,
        /// The purposes it names, dotted decimal; empty if it names none.
        found: String,
    },
    /// The purpose must be named alone, in an extension marked critical. RFC 3161 §2.3.
    ExtendedKeyUsageNotExclusive {
        /// Which certificate.
        cert: usize,
        /// The purpose, dotted decimal.
        required: String,
        /// The purposes it names, dotted decimal.
        found: String,
    },
    /// The key of the certificate may not be used: malformed, too weak, of an unknown kind.
    KeyRefused {
        /// Which certificate.
        cert: usize,
        /// Why.
        error: KeyError,
    },
    /// The key may not do what it is needed for. RFC 5280 §4.2.1.3.
    KeyUsage {
        /// Which certificate.
        cert: usize,
        /// What it is needed for.
        required: &'static str,
        /// What it may do.
        found: String,
    },
    /// The leaf is itself an anchor. Anchors issue certificates; to trust the key of a signer, trust the key.
    LeafIsAnchor {
        /// Index of the anchor.
        anchor: usize,
    },
    /// The certificate of an authority was used to sign. RFC 5280 §4.2.1.9.
    LeafIsAuthority,
    /// A name and a constraint of a form that is not implemented. RFC 5280 §4.2.1.10.
    NameConstraintUnsupported {
        /// Whose name.
        cert: usize,
        /// Whose constraint.
        by: usize,
        /// The form of the name.
        form: &'static str,
    },
    /// A name outside of what an authority above may issue. RFC 5280 §6.1.3(b) and (c).
    NameConstraintViolation {
        /// Whose name.
        cert: usize,
        /// Whose constraint.
        by: usize,
        /// The form of the name.
        form: &'static str,
        /// The name.
        name: String,
        /// Which list the constraint stands in.
        subtree: Subtree,
        /// The constraint; the first of its form if no permitted one fits.
        constraint: String,
    },
    /// A name or a constraint that is not well formed. RFC 5280 §4.2.1.6 and §4.2.1.10.
    NameMalformed {
        /// Which certificate.
        cert: usize,
        /// Where the name stands.
        field: &'static str,
        /// Its form.
        form: &'static str,
        /// The name.
        name: String,
    },
    /// The issuer may not issue: no basicConstraints, or `cA` is not set. RFC 5280 §6.1.4(k).
    NotAnAuthority {
        /// Which certificate.
        cert: usize,
    },
    /// The certificate is not valid yet. RFC 5280 §6.1.3(a)(2).
    NotYetValid {
        /// Which certificate.
        cert: usize,
        /// The first second of its validity.
        not_before: UnixTime,
        /// The instant judged.
        at: UnixTime,
    },
    /// No instant was given to judge at.
    NothingJudged,
    /// More intermediates below the certificate than it allows. RFC 5280 §6.1.4(l) and (m).
    PathLengthExceeded {
        /// Which certificate.
        cert: usize,
        /// Its pathLenConstraint.
        limit: u32,
        /// The intermediates below it that are not self-issued.
        found: usize,
    },
    /// The path is longer than the budget allows, and no shorter one was found.
    PathTooDeep {
        /// Certificates a path may have.
        limit: usize,
    },
    /// An explicit certificate policy is required, which is not supported. RFC 5280 §4.2.1.11.
    PolicyUnsupported {
        /// Which certificate requires it.
        cert: usize,
    },
    /// Something RFC 5280 requires of certificates.
    ProfileViolation {
        /// Which certificate.
        cert: usize,
        /// What is required.
        rule: ProfileRule,
    },
    /// The serial number is zero, negative or longer than 20 octets. RFC 5280 §4.1.2.2.
    SerialInvalid {
        /// Which certificate.
        cert: usize,
        /// The number in hexadecimal.
        serial: String,
    },
    /// The algorithm inside the signed part is not the one beside the signature. RFC 5280 §4.1.1.2.
    SignatureAlgorithmMismatch {
        /// Which certificate.
        cert: usize,
    },
    /// The signature algorithm is not known, or is not one for signatures on certificates.
    SignatureAlgorithmUnsupported {
        /// Which certificate.
        cert: usize,
        /// Why.
        error: SchemeError,
    },
    /// Signed with a hash function that no longer holds: MD2, MD4, MD5 or SHA-1.
    SignatureAlgorithmWeak {
        /// Which certificate.
        cert: usize,
        /// Which algorithm.
        error: SchemeError,
    },
    /// The signature on the certificate is not its issuer's. RFC 5280 §6.1.3(a)(1).
    SignatureInvalid {
        /// Which certificate.
        cert: usize,
        /// Its subject.
        subject: String,
        /// Its issuer.
        issuer: String,
    },
    /// The provider failed at the signature on this certificate: not judged.
    SignatureNotJudged {
        /// Which certificate.
        cert: usize,
        /// Why.
        error: SignatureError,
    },
    /// A critical extension we do not know. RFC 5280 §4.2.
    UnknownCriticalExtension {
        /// Which certificate.
        cert: usize,
        /// Dotted decimal.
        oid: String,
    },
    /// The path breaks here: nobody trusted or supplied issued this certificate.
    UnknownIssuer {
        /// The last certificate of the path.
        cert: usize,
        /// Its subject.
        subject: String,
        /// The issuer that is missing.
        issuer: String,
        /// The key identifier of the issuer in hexadecimal, if the certificate names it.
        authority_key: Option<String>,
        /// What is missing.
        missing: Missing,
    },
    /// The validity ends before it starts. RFC 5280 §4.1.2.5.
    ValidityInverted {
        /// Which certificate.
        cert: usize,
    },
    /// Version 1 or 2, which have no extensions to judge by, or one unknown. RFC 5280 §4.1.2.1.
    VersionUnsupported {
        /// Which certificate.
        cert: usize,
        /// The version as people count.
        version: u32,
    },
}

/// What would close the gap at which a path breaks. A guess for people; nothing depends on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Missing {
    /// A trusted root: the last certificate is self-issued, or it is an intermediate, or its issuer calls itself a root.
    Anchor,
    /// A certificate between the leaf and an anchor.
    Intermediate,
    /// An issuer of the right name is there with another key than the one that signed: most often the key was replaced.
    OtherKey,
}

/// What RFC 5280 requires of certificates beyond what decides about trust.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProfileRule {
    /// Authorities have a subject. RFC 5280 §4.1.2.6.
    AuthoritySubjectEmpty,
    /// keyCertSign is for authorities. RFC 5280 §4.2.1.9.
    CertificateSigningWithoutAuthority,
    /// This extension must not be critical.
    ExtensionCritical(&'static str),
    /// This extension must be critical.
    ExtensionNotCritical(&'static str),
    /// This extension is for authorities.
    ExtensionOutsideAuthority(&'static str),
    /// Every certificate has an issuer. RFC 5280 §4.1.2.4.
    IssuerEmpty,
    /// Authorities carry this key identifier. RFC 5280 §4.2.1.1 and §4.2.1.2.
    KeyIdentifierMissing(&'static str),
}

impl fmt::Display for ProfileRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthoritySubjectEmpty => f.write_str("an authority must have a subject"),
            Self::CertificateSigningWithoutAuthority => f.write_str("keyCertSign is for authorities"),
            Self::ExtensionCritical(name) => write!(f, "{name} must not be critical"),
            Self::ExtensionNotCritical(name) => write!(f, "{name} must be critical"),
            Self::ExtensionOutsideAuthority(name) => write!(f, "{name} is for authorities"),
            Self::IssuerEmpty => f.write_str("the issuer must not be empty"),
            Self::KeyIdentifierMissing(name) => write!(f, "an authority must have {name}"),
        }
    }
}

impl ChainError {
    pub(crate) fn unknown_issuer(certificate: &Certificate, cert: usize, missing: Missing) -> Self {
        Self::UnknownIssuer {
            cert,
            subject: shown(certificate.subject()),
            issuer: shown(certificate.issuer()),
            authority_key: certificate.authority_key_identifier().map(shown_bytes),
            missing,
        }
    }

    pub(crate) fn signature_invalid(certificate: &Certificate, cert: usize) -> Self {
        Self::SignatureInvalid { cert, subject: shown(certificate.subject()), issuer: shown(certificate.issuer()) }
    }

    /// Lower is told first: what breaks the path, then what nobody can mend without another certificate, then time.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::BudgetExceeded { .. } | Self::LeafIsAnchor { .. } | Self::NothingJudged => 0,
            Self::AlgorithmUnavailable { .. }
            | Self::PathTooDeep { .. }
            | Self::SignatureAlgorithmUnsupported { .. }
            | Self::SignatureAlgorithmWeak { .. }
            | Self::SignatureInvalid { .. }
            | Self::SignatureNotJudged { .. }
            | Self::UnknownIssuer { .. } => 1,
            Self::KeyRefused { .. } => 2,
            Self::VersionUnsupported { .. } => 3,
            Self::SignatureAlgorithmMismatch { .. } => 4,
            Self::SerialInvalid { .. } => 5,
            Self::ValidityInverted { .. } => 6,
            Self::UnknownCriticalExtension { .. } => 7,
            Self::NotAnAuthority { .. } => 8,
            Self::LeafIsAuthority => 9,
            Self::KeyUsage { .. } => 10,
            Self::ExtendedKeyUsageMissing { .. } | Self::ExtendedKeyUsageNotExclusive { .. } => 11,
            Self::PathLengthExceeded { .. } => 12,
            Self::NameMalformed { .. } => 13,
            Self::NameConstraintUnsupported { .. } | Self::NameConstraintViolation { .. } => 14,
            Self::PolicyUnsupported { .. } => 15,
            Self::ProfileViolation { .. } => 16,
            Self::AnchorNotValid { .. } | Self::Expired { .. } | Self::NotYetValid { .. } => 17,
        }
    }
}

fn shown(name: &Name) -> String {
    if name.is_empty() { "(empty)".into() } else { Bounded(&name.to_string(), 200).to_string() }
}

/// At most 32 bytes in hexadecimal.
pub(crate) fn shown_bytes(bytes: &[u8]) -> String {
    let (head, rest) = bytes.split_at(bytes.len().min(32));
    let more = if rest.is_empty() { "" } else { "…" };
    alloc::format!("{}{more}", Hex(head))
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmUnavailable { cert, error } => {
                write!(f, "the signature on certificate {cert} could not be checked: {error}")
            }
            Self::AnchorNotValid { cert, window, at } => {
                write!(f, "the trust anchor, certificate {cert}, counts in {window}, judged at {at}")
            }
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
            Self::NotAnAuthority { cert } => write!(f, "certificate {cert} may not issue certificates"),
            Self::NotYetValid { cert, not_before, at } => {
                write!(f, "certificate {cert} is valid from {not_before}, judged at {at}")
            }
            Self::NothingJudged => f.write_str("there is no instant to judge the certificates at"),
            Self::PathLengthExceeded { cert, limit, found } => {
                write!(f, "certificate {cert} allows {limit} intermediates below it, there are {found}")
            }
            Self::PathTooDeep { limit } => write!(f, "the path has more than {limit} certificates"),
            Self::PolicyUnsupported { cert } => {
                write!(f, "certificate {cert} requires an explicit certificate policy, which is not supported")
            }
            Self::ProfileViolation { cert, rule } => write!(f, "certificate {cert} breaks a rule: {rule}"),
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

fn work_noun(work: Work) -> &'static str {
    match work {
        Work::Candidates => "possible issuers",
        Work::NameConstraintComparisons => "comparisons of names with constraints",
        Work::SignatureChecks => "signature checks",
    }
}

impl core::error::Error for ChainError {}

impl Reason for ChainError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmUnavailable { error, .. } => error.code(),
            Self::AnchorNotValid { .. } => Code::TrustAnchorNotValid,
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
            Self::PathLengthExceeded { .. } => Code::X509PathLenExceeded,
            Self::PathTooDeep { .. } => Code::X509PathTooDeep,
            Self::PolicyUnsupported { .. } => Code::X509PolicyUnsupported,
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
            Self::SerialInvalid { serial, .. } => Some(serial.clone()),
            Self::SignatureAlgorithmUnsupported { error, .. } | Self::SignatureAlgorithmWeak { error, .. } => {
                error.found()
            }
            Self::UnknownCriticalExtension { oid, .. } => Some(oid.clone()),
            Self::UnknownIssuer { subject, .. } => Some(subject.clone()),
            Self::VersionUnsupported { version, .. } => Some(version.to_string()),
            Self::BudgetExceeded { .. }
            | Self::NotAnAuthority { .. }
            | Self::NothingJudged
            | Self::PathTooDeep { .. }
            | Self::PolicyUnsupported { .. }
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
            | Self::PolicyUnsupported { .. }
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
            Self::PolicyUnsupported { .. } => Some("RFC 5280 §4.2.1.11"),
            Self::ProfileViolation { rule, .. } => Some(match rule {
                ProfileRule::AuthoritySubjectEmpty => "RFC 5280 §4.1.2.6",
                ProfileRule::CertificateSigningWithoutAuthority => "RFC 5280 §4.2.1.9",
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
            | Self::PolicyUnsupported { cert }
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
            Self::LeafIsAnchor { .. } | Self::LeafIsAuthority => Some(0),
            Self::BudgetExceeded { .. } | Self::NothingJudged | Self::PathTooDeep { .. } => None,
        }
    }
}
