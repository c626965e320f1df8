//! What is wrong with a path.

mod reason;
mod text;

use alloc::string::{String, ToString};
use core::fmt;

use stella_crypto_providers::{CryptoError, KeyError, SchemeError, SignatureError};
use stella_vocabulary::hex::Hex;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{UnixTime, Window};

use crate::budget::Work;
use crate::certificate::Certificate;
use crate::name::Name;
use crate::name_constraints::Subtree;
use crate::revocation::block_list::Blocked;

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
    /// The key or certificate is on the local list of those that must not be used.
    Blocked {
        /// Which certificate.
        cert: usize,
        /// By what it is known there.
        by: Blocked,
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
    /// A certificate policy is required, and the path is valid for none that is acceptable. RFC 5280 §6.1.3(f) and §6.1.5(g).
    NoValidPolicy {
        /// Where the last policy was lost; the leaf if those that are left are not acceptable.
        cert: usize,
        /// Which certificate requires one; `None` if it is the caller.
        required_by: Option<usize>,
    },
    /// An OCSP response that would say whether the certificate is revoked is not signed by somebody who may. RFC 6960 §4.2.2.2.
    OcspResponseUntrusted {
        /// Which certificate the response is about.
        cert: usize,
        /// Who answered.
        responder: String,
        /// What is wrong with it.
        fault: ResponderFault,
    },
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
    /// A policy mapping from or to anyPolicy, which means nothing. RFC 5280 §6.1.4(a).
    PolicyMappingOfAny {
        /// Which certificate.
        cert: usize,
    },
    /// Something RFC 5280 requires of certificates.
    ProfileViolation {
        /// Which certificate.
        cert: usize,
        /// What is required.
        rule: ProfileRule,
    },
    /// The certificate is on a revocation list of its authority, or its key was revoked by whoever searches. A search does not find this out by
    /// itself.
    Revoked {
        /// The certificate.
        cert: usize,
        /// What was revoked, as its owner calls it.
        object: String,
        /// Why.
        cause: &'static str,
        /// Since when.
        revoked_at: UnixTime,
    },
    /// A revocation list that would say whether the certificate is revoked is not signed by somebody who may. RFC 5280 §6.3.3(f), (g).
    RevocationListUntrusted {
        /// Which certificate the list is about.
        cert: usize,
        /// The issuer of the list.
        issuer: String,
        /// What is wrong with it.
        fault: ListFault,
    },
    /// No current revocation list says whether the certificate is revoked. RFC 5280 §6.3.3.
    RevocationUnknown {
        /// Which certificate.
        cert: usize,
        /// Its issuer.
        issuer: String,
        /// What was found instead.
        gap: RevocationGap,
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

/// Why a revocation list does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ListFault {
    /// The key of its issuer may not sign revocation lists (`cRLSign`). RFC 5280 §4.2.1.3.
    KeyUsage,
    /// No trusted certificate of its issuer is at hand whose key signed it.
    Signature,
    /// Its signature algorithm is not known, too weak, or has no provider.
    SignatureAlgorithm,
}

impl ListFault {
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::KeyUsage => "the key that signed it is not for revocation lists",
            Self::Signature => "no trusted certificate of its issuer has the key that signed it",
            Self::SignatureAlgorithm => "its signature algorithm cannot be used",
        }
    }
}

/// Why an OCSP response does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponderFault {
    /// The certificate of the responder is outside its validity, or breaks another rule for end entities.
    CertificateNotValid,
    /// It does not carry the nonce that was asked for, so it may be an answer to another question.
    Nonce,
    /// The certificate of the responder is not for OCSP (`OCSPSigning`).
    NotDelegated,
    /// The authority that issued the certificate asked about did not issue that of the responder with the same key.
    NotIssuedByAuthority,
    /// The certificate of the responder is revoked.
    Revoked,
    /// The key of the responder did not sign it.
    Signature,
    /// Its signature algorithm is not known, too weak, or has no provider.
    SignatureAlgorithm,
    /// Nobody says whether the certificate of the responder is revoked, and it does not say that nobody needs to.
    StatusUnknown,
    /// No certificate of the responder is at hand.
    Unidentified,
}

impl ResponderFault {
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::CertificateNotValid => "the certificate of the responder is not valid",
            Self::Nonce => "it does not carry the nonce that was asked for",
            Self::NotDelegated => "the certificate of the responder is not for OCSP signing",
            Self::NotIssuedByAuthority => {
                "the certificate of the responder is not issued by the authority that it speaks for"
            }
            Self::Revoked => "the certificate of the responder is revoked",
            Self::Signature => "it is not signed with the key of the responder",
            Self::SignatureAlgorithm => "its signature algorithm cannot be used",
            Self::StatusUnknown => "nobody says whether the certificate of the responder is revoked",
            Self::Unidentified => "no certificate of the responder is at hand",
        }
    }
}

/// What is there instead of a list that covers a certificate, the nearest of all lists looked at.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum RevocationGap {
    /// No list of its issuer at all.
    Missing,
    /// Only a list for other certificates, or other distribution points.
    OtherScope,
    /// Only a list with a critical extension that is not known, or one that breaks the profile.
    Unusable,
    /// Only a list from after the instant judged.
    NotYetValid,
    /// Only a list past its next update, or too old.
    Stale,
    /// Lists for some reasons for revocation, not for all.
    SomeReasons,
    /// The OCSP responder of the authority does not know the certificate. RFC 6960 §2.2.
    UnknownToResponder,
}

impl RevocationGap {
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "there is no revocation list of its issuer, and no OCSP response",
            Self::OtherScope => "the revocation lists of its issuer are about other certificates",
            Self::Unusable => {
                "the revocation list or OCSP response has an unknown critical extension or lacks a required one"
            }
            Self::NotYetValid => "the revocation list or OCSP response is newer than the instant judged",
            Self::Stale => "the revocation list or OCSP response is out of date",
            Self::SomeReasons => "the revocation lists are not about all reasons",
            Self::UnknownToResponder => "the OCSP responder does not know it",
        }
    }
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
    /// Leaves are not for any purpose. Baseline Requirements §7.1.2.7.10.
    AnyExtendedKeyUsage,
    /// Authorities have a subject. RFC 5280 §4.1.2.6.
    AuthoritySubjectEmpty,
    /// keyCertSign is for authorities. RFC 5280 §4.2.1.9.
    CertificateSigningWithoutAuthority,
    /// The common name repeats a host name or address of the alternative names, letter by letter. Baseline Requirements §7.1.4.3.
    CommonNameNotAlternative,
    /// This extension must not be critical.
    ExtensionCritical(&'static str),
    /// Roots do not carry this extension. Baseline Requirements §7.1.2.1.
    ExtensionInRoot(&'static str),
    /// This extension must be there. Baseline Requirements §7.1.2.7.
    ExtensionMissing(&'static str),
    /// This extension must be critical.
    ExtensionNotCritical(&'static str),
    /// This extension is for authorities.
    ExtensionOutsideAuthority(&'static str),
    /// Every certificate has an issuer. RFC 5280 §4.1.2.4.
    IssuerEmpty,
    /// Authorities carry this key identifier, and what they issue names it. RFC 5280 §4.2.1.1 and §4.2.1.2.
    KeyIdentifierMissing(&'static str),
    /// The authority key identifier of a root is its own subject key identifier and nothing else. Baseline Requirements §7.1.2.1.3.
    KeyIdentifierOfRoot,
    /// Keys of ML-DSA sign and do nothing else; this use is another one. RFC 9881 §5.
    KeyUsageOfSigningKey(&'static str),
    /// The length of an RSA modulus is a multiple of 8 bits. Baseline Requirements §6.1.5.
    ModulusLength,
    /// Servers and clients are not for this purpose as well. Baseline Requirements §7.1.2.7.10.
    OtherExtendedKeyUsage(&'static str),
    /// pathLenConstraint is for authorities. RFC 5280 §4.2.1.9.
    PathLengthWithoutAuthority,
}

impl fmt::Display for ProfileRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyExtendedKeyUsage => f.write_str("a leaf must not be for any purpose"),
            Self::AuthoritySubjectEmpty => f.write_str("an authority must have a subject"),
            Self::CertificateSigningWithoutAuthority => f.write_str("keyCertSign is for authorities"),
            Self::CommonNameNotAlternative => f.write_str("the common name must be one of the alternative names"),
            Self::ExtensionCritical(name) => write!(f, "{name} must not be critical"),
            Self::ExtensionInRoot(name) => write!(f, "a root must not have {name}"),
            Self::ExtensionMissing(name) => write!(f, "{name} must be there"),
            Self::ExtensionNotCritical(name) => write!(f, "{name} must be critical"),
            Self::ExtensionOutsideAuthority(name) => write!(f, "{name} is for authorities"),
            Self::IssuerEmpty => f.write_str("the issuer must not be empty"),
            Self::KeyIdentifierMissing(name) => write!(f, "it must have {name}"),
            Self::KeyIdentifierOfRoot => {
                f.write_str("the authorityKeyIdentifier of a root must be its subjectKeyIdentifier and nothing else")
            }
            Self::KeyUsageOfSigningKey(name) => write!(f, "{name} is not for keys of ML-DSA, which only sign"),
            Self::ModulusLength => f.write_str("the length of an RSA modulus must be a multiple of 8 bits"),
            Self::PathLengthWithoutAuthority => f.write_str("pathLenConstraint is for authorities"),
            Self::OtherExtendedKeyUsage(name) => write!(f, "{name} must not stand beside another purpose"),
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
            // A fault of the certificate, whether or not there is a provider for such keys.
            Self::KeyRefused { .. } | Self::ProfileViolation { rule: ProfileRule::KeyUsageOfSigningKey(_), .. } => 2,
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
            Self::NoValidPolicy { .. } | Self::PolicyMappingOfAny { .. } => 15,
            Self::ProfileViolation { .. } => 16,
            Self::AnchorNotValid { .. }
            | Self::Blocked { .. }
            | Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::OcspResponseUntrusted { .. }
            | Self::RevocationListUntrusted { .. }
            | Self::RevocationUnknown { .. }
            | Self::Revoked { .. } => 17,
        }
    }
}

pub(crate) fn shown(name: &Name) -> String {
    if name.is_empty() { "(empty)".into() } else { Bounded(&name.beginning(), 200).to_string() }
}

/// At most 32 bytes in hexadecimal.
pub(crate) fn shown_bytes(bytes: &[u8]) -> String {
    let (head, rest) = bytes.split_at(bytes.len().min(32));
    let more = if rest.is_empty() { "" } else { "…" };
    alloc::format!("{}{more}", Hex(head))
}

impl core::error::Error for ChainError {}
