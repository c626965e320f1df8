//! Why evidence was refused, where the reason is this crate's own and not one of the floors below.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_attest_model::Digest;
use stella_crypto_providers::ProfileError;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, UnixTime, Window};

/// The longest text quoted from evidence in a message, in characters.
const QUOTED: usize = 200;

/// How many names are listed in a message before the rest is only counted (catalogue B148).
const LISTED: usize = 10;

/// What else a signature turned out to be, when it is not a signature over the envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NearMiss {
    /// It verifies over the bare payload: the signer left out the pre-authentication encoding.
    BarePayload,
    /// It verifies under another payload type: the type was changed after signing, or the signer named another one.
    OtherPayloadType(String),
    /// It verifies with another key of the trust snapshot, which this policy does not ask for.
    OtherTrustedKey(String),
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BarePayload => f.write_str(
                "it does verify over the bare payload, so the signer left out the DSSE pre-authentication encoding",
            ),
            Self::OtherPayloadType(found) => {
                write!(f, "it does verify with the payload type {}", Bounded(found, QUOTED))
            }
            Self::OtherTrustedKey(key) => {
                write!(f, "it does verify with the trusted key {key}, which the policy does not ask for")
            }
        }
    }
}

/// Evidence judged and refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The policy does not permit the scheme of the signature.
    AlgorithmNotPermitted {
        /// The scheme.
        found: &'static str,
        /// Those that are permitted.
        expected: Vec<String>,
    },
    /// The crypto profile of the policy does not permit the scheme, or not with a key of this size, or not at that time.
    AlgorithmOutsideProfile {
        /// What the profile says.
        error: ProfileError,
        /// Whose signature it is: `the signature`, or a certificate of the path.
        of: String,
    },
    /// A message signature is made over the artifact, and no artifact was given.
    ArtifactMissing {
        /// The hash that is needed of the artifact, such as `sha256`.
        needed: &'static str,
    },
    /// A message signature by a scheme that signs the artifact itself, of which only digests are kept: not judged.
    ArtifactNotDigestible {
        /// The scheme.
        scheme: &'static str,
    },
    /// The policy insists on an artifact, and none was given.
    ArtifactNotGiven,
    /// A self-signed certificate of an authority inside the bundle. Roots come from the trust snapshot only.
    ChainContainsRoot {
        /// Its place in the chain; 0 is the leaf.
        cert: usize,
    },
    /// None of the certificate's names is the identity asked for.
    IdentityMismatch {
        /// The names in the certificate.
        found: Vec<String>,
        /// The identity asked for.
        expected: String,
    },
    /// The identity was vouched for by another issuer, or by none.
    IssuerMismatch {
        /// The issuer in the certificate.
        found: Option<String>,
        /// The issuer asked for.
        expected: String,
    },
    /// The signer holds a certificate of a public authority, and the policy does not say who of its customers is meant.
    IssuerRequired {
        /// The names in the certificate.
        identities: Vec<String>,
        /// The issuer in the certificate.
        issuer: Option<String>,
    },
    /// The key's window in the trust snapshot has ended, and nothing proves that the signature is older.
    KeyExpired {
        /// Whose window it is: `key sha256:…`, or `issuer acme`.
        key: String,
        /// Its window.
        window: Window,
        /// The instant being judged.
        at: UnixTime,
    },
    /// A trusted time lies at or after the end of the key's window.
    KeyExpiredAtSigning {
        /// Whose window it is: `key sha256:…`, or `issuer acme`.
        key: String,
        /// Its window.
        window: Window,
        /// The trusted time.
        time: UnixTime,
    },
    /// The key or signer is known to the store and does not count: staged, asked for, taken out, or of an issuer that is not trusted.
    KeyNotApproved {
        /// Who, such as `key sha256:…` or `issuer acme`.
        what: String,
        /// What the store says about it, such as `staged`.
        status: String,
    },
    /// The key was revoked, and the revocation covers this signature.
    KeyRevoked {
        /// The key.
        key: String,
        /// What the store calls it, if it does.
        entry: Option<String>,
        /// Why.
        cause: &'static str,
        /// Since when.
        revoked_at: UnixTime,
    },
    /// The key material that the attestation brings and the one the policy asks for are of different kinds, or different keys.
    KeyMaterialMismatch {
        /// What the attestation brings.
        found: String,
        /// What the policy asks for.
        expected: &'static str,
    },
    /// The key's window in the trust snapshot begins later than the instant that counts.
    KeyNotYetTrusted {
        /// Whose window it is: `key sha256:…`, or `issuer acme`.
        key: String,
        /// Its window.
        window: Window,
        /// The trusted time, or the instant being judged.
        time: UnixTime,
    },
    /// No signature names a key of the trust snapshot, and none verifies with one.
    KeyUnknown {
        /// The hints in the signatures.
        hints: Vec<String>,
        /// How many keys were tried.
        tried: usize,
    },
    /// Fewer distinct logs hold a verified entry than the policy needs.
    LogThreshold {
        /// How many do.
        found: usize,
        /// How many are needed.
        required: usize,
    },
    /// The digest that a message signature claims is not the digest of the artifact.
    MessageDigestMismatch {
        /// The claimed digest.
        claimed: Digest,
        /// The artifact's.
        artifact: Digest,
    },
    /// A trusted time is needed, and there is none.
    NoTrustedTime {
        /// The end of the signing certificate's validity, if there is a certificate.
        not_after: Option<UnixTime>,
        /// The instant being judged.
        at: UnixTime,
    },
    /// A trusted time lies outside the signing certificate's validity.
    OutsideCertificateValidity {
        /// The trusted time.
        time: UnixTime,
        /// Where it comes from.
        source: String,
        /// The certificate's validity.
        validity: Window,
    },
    /// The signature is outside of what an anchor, a key or an issuer of the store is trusted for.
    OutOfScope {
        /// Who is trusted for less, such as `anchor release-root`.
        holder: String,
        /// What is limited, such as `predicate type`.
        limit: &'static str,
        /// What the signature has.
        found: String,
        /// What the scope holds.
        expected: String,
    },
    /// The payload type is none that names its subjects, so nothing could bind it to an artifact.
    PayloadTypeUnsupported {
        /// The payload type.
        found: String,
    },
    /// The statement has another predicate type than the policy asks for.
    PredicateTypeMismatch {
        /// The statement's.
        found: String,
        /// The ones that would do.
        expected: Vec<String>,
    },
    /// A certificate transparency log claims to have seen the certificate later than the instant being judged. RFC 6962 §5.2.
    SctInFuture {
        /// The log's time.
        time: UnixTime,
        /// The instant being judged.
        at: UnixTime,
    },
    /// Fewer logs than needed have timestamped the signing certificate.
    SctThreshold {
        /// How many did.
        found: usize,
        /// How many are needed.
        required: usize,
    },
    /// A signature does not verify over the envelope with the key it should.
    SignatureInvalid {
        /// Which signature, counted from 0.
        signature: usize,
        /// The key tried.
        key: String,
        /// What the signature turned out to be instead.
        near_miss: Option<NearMiss>,
    },
    /// Fewer distinct keys signed than needed.
    ThresholdNotMet {
        /// How many did.
        found: usize,
        /// How many are needed.
        required: usize,
    },
    /// A trusted time is later than the instant being judged.
    TimeInFuture {
        /// The time.
        time: UnixTime,
        /// Where it comes from.
        source: String,
        /// The instant being judged.
        at: UnixTime,
    },
    /// Fewer distinct sources gave a trusted time than needed.
    TimeThreshold {
        /// How many did.
        found: usize,
        /// How many are needed.
        required: usize,
    },
    /// More signatures would have to be computed than the budget of one verification allows.
    TooManyCandidates {
        /// The budget.
        limit: usize,
    },
    /// The time lies outside the validity of the time-stamping certificate or one above it.
    TsaCertExpired {
        /// The time stated.
        time: UnixTime,
        /// The certificate's validity, where known.
        detail: String,
    },
    /// The time lies outside the window in which the trust snapshot believes the authority that signed.
    TsaOutsideValidity {
        /// The time stated.
        time: UnixTime,
        /// The authority's window.
        window: Window,
    },
    /// No time-stamping authority of the trust snapshot made this token.
    TsaUntrusted {
        /// What was missing.
        detail: String,
    },
}

impl Reason for Refused {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmNotPermitted { .. } | Self::AlgorithmOutsideProfile { .. } => Code::SigAlgorithmUnsupported,
            Self::ArtifactMissing { .. } => Code::IntotoArtifactMissing,
            Self::ArtifactNotDigestible { .. } => Code::CryptoAlgorithmUnavailable,
            Self::ArtifactNotGiven => Code::IntotoArtifactMissing,
            Self::ChainContainsRoot { .. } => Code::BundleChainContainsRoot,
            Self::IdentityMismatch { .. } => Code::IdentityMismatch,
            Self::IssuerMismatch { .. } => Code::IdentityIssuerMismatch,
            Self::IssuerRequired { .. } => Code::PolicyIssuerRequired,
            Self::KeyExpired { .. } => Code::KeyExpired,
            Self::KeyExpiredAtSigning { .. } => Code::KeyExpiredAtSigning,
            Self::KeyMaterialMismatch { .. } => Code::BundleKeyMaterialMismatch,
            Self::KeyNotApproved { .. } => Code::KeyNotApproved,
            Self::KeyRevoked { .. } => Code::KeyRevoked,
            Self::OutOfScope { .. } => Code::PolicyAnchorScope,
            Self::KeyNotYetTrusted { .. } => Code::KeyNotYetTrusted,
            Self::KeyUnknown { .. } => Code::DsseKeyUnknown,
            Self::LogThreshold { .. } => Code::TlogThresholdNotMet,
            Self::MessageDigestMismatch { .. } => Code::BundleMessageDigestMismatch,
            Self::NoTrustedTime { .. } => Code::TimeNoTrustedTime,
            Self::OutsideCertificateValidity { .. } => Code::TimeOutsideCertificateValidity,
            Self::PayloadTypeUnsupported { .. } => Code::DssePayloadTypeUnsupported,
            Self::PredicateTypeMismatch { .. } => Code::PolicyPredicateTypeMismatch,
            Self::SctInFuture { .. } | Self::SctThreshold { .. } => Code::X509SctInvalid,
            Self::SignatureInvalid { .. } => Code::DsseSignatureInvalid,
            Self::ThresholdNotMet { .. } => Code::DsseThresholdNotMet,
            Self::TimeInFuture { .. } => Code::TimeInFuture,
            Self::TimeThreshold { .. } => Code::TimeThresholdNotMet,
            Self::TooManyCandidates { .. } => Code::DsseTooManySignatures,
            Self::TsaCertExpired { .. } => Code::TimeTsaCertExpired,
            Self::TsaOutsideValidity { .. } => Code::TimeTsaOutsideValidity,
            Self::TsaUntrusted { .. } => Code::TimeTsaUntrusted,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::SignatureInvalid { signature, .. } => Some(format!("signature {signature}")),
            Self::ChainContainsRoot { cert } => Some(format!("certificate {cert}")),
            Self::KeyNotApproved { what, .. } => Some(what.clone()),
            Self::KeyRevoked { key, entry, .. } => Some(entry.clone().unwrap_or_else(|| format!("key {key}"))),
            Self::OutOfScope { holder, .. } => Some(holder.clone()),
            _ => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AlgorithmNotPermitted { found, .. } => Some((*found).to_string()),
            Self::AlgorithmOutsideProfile { error, of } => error.found().map(|found| format!("{found} in {of}")),
            Self::ArtifactMissing { .. } => Some("no such artifact".to_string()),
            Self::ArtifactNotDigestible { scheme } => Some((*scheme).to_string()),
            Self::ArtifactNotGiven => Some("no artifact".to_string()),
            Self::ChainContainsRoot { .. } => Some("a self-signed authority".to_string()),
            Self::IdentityMismatch { found, .. } => Some(listed(found)),
            Self::IssuerMismatch { found, .. } => {
                Some(found.as_deref().map_or_else(|| "no issuer".to_string(), quoted))
            }
            Self::IssuerRequired { identities, issuer } => Some(match issuer {
                Some(issuer) => format!("{} issued by {}", listed(identities), quoted(issuer)),
                None => listed(identities),
            }),
            Self::KeyExpired { at, .. } => Some(at.to_string()),
            Self::KeyExpiredAtSigning { time, .. }
            | Self::KeyNotYetTrusted { time, .. }
            | Self::SctInFuture { time, .. } => Some(time.to_string()),
            Self::KeyMaterialMismatch { found, .. } => Some(quoted(found)),
            Self::KeyNotApproved { status, .. } => Some(format!("status {status}")),
            Self::KeyRevoked { cause, revoked_at, .. } => Some(format!("revoked at {revoked_at} as {cause}")),
            Self::OutOfScope { limit, found, .. } => Some(format!("{limit} {found}")),
            Self::KeyUnknown { hints, .. } => Some(if hints.is_empty() {
                "signatures without a key hint".to_string()
            } else {
                format!("key hints {}", listed(hints))
            }),
            Self::LogThreshold { found, .. }
            | Self::SctThreshold { found, .. }
            | Self::ThresholdNotMet { found, .. }
            | Self::TimeThreshold { found, .. } => Some(found.to_string()),
            Self::MessageDigestMismatch { claimed, .. } => Some(claimed.to_string()),
            Self::NoTrustedTime { .. } => Some("none".to_string()),
            Self::OutsideCertificateValidity { time, source, .. } | Self::TimeInFuture { time, source, .. } => {
                Some(format!("{time} ({})", quoted(source)))
            }
            Self::PayloadTypeUnsupported { found } | Self::PredicateTypeMismatch { found, .. } => Some(quoted(found)),
            Self::SignatureInvalid { .. } => Some("a signature over something else".to_string()),
            Self::TooManyCandidates { limit } => Some(format!("more than {limit} combinations of signature and key")),
            Self::TsaCertExpired { time, .. } | Self::TsaOutsideValidity { time, .. } => Some(time.to_string()),
            Self::TsaUntrusted { detail } => Some(quoted(detail)),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::AlgorithmNotPermitted { expected, .. } => Some(listed(expected)),
            Self::AlgorithmOutsideProfile { error, .. } => error.expected(),
            Self::ArtifactMissing { needed } => Some(format!("the artifact or its {needed} digest")),
            Self::ArtifactNotDigestible { .. } => Some("a scheme that signs a digest of the artifact".to_string()),
            Self::ArtifactNotGiven => Some("the artifact or a digest of it".to_string()),
            Self::ChainContainsRoot { .. } => Some("leaf and intermediates only".to_string()),
            Self::IdentityMismatch { expected, .. } | Self::IssuerMismatch { expected, .. } => Some(quoted(expected)),
            Self::IssuerRequired { .. } => Some("a policy that names identity and issuer".to_string()),
            Self::KeyExpired { window, .. }
            | Self::KeyExpiredAtSigning { window, .. }
            | Self::KeyNotYetTrusted { window, .. }
            | Self::TsaOutsideValidity { window, .. } => Some(format!("within {window}")),
            Self::KeyMaterialMismatch { expected, .. } => Some((*expected).to_string()),
            Self::KeyNotApproved { .. } => Some("an approved key or issuer".to_string()),
            Self::KeyRevoked { .. } => Some("a key in force".to_string()),
            Self::OutOfScope { expected, .. } => Some(expected.clone()),
            Self::KeyUnknown { tried: 0, .. } => {
                Some("a signature by a trusted key, of which there is none".to_string())
            }
            Self::KeyUnknown { tried: 1, .. } => Some("a signature by the one trusted key".to_string()),
            Self::KeyUnknown { tried, .. } => Some(format!("a signature by one of {tried} trusted keys")),
            Self::LogThreshold { required, .. } => Some(format!("entries of {required} distinct logs")),
            Self::MessageDigestMismatch { artifact, .. } => Some(artifact.to_string()),
            Self::NoTrustedTime { .. } => Some("a timestamp, or a log's signed promise".to_string()),
            Self::OutsideCertificateValidity { validity, .. } => Some(format!("within {validity}")),
            Self::PayloadTypeUnsupported { .. } => Some("application/vnd.in-toto+json".to_string()),
            Self::PredicateTypeMismatch { expected, .. } => Some(listed(expected)),
            Self::SctThreshold { required, .. } => Some(format!("timestamps of {required} distinct logs")),
            Self::SignatureInvalid { key, .. } => Some(format!("a signature over the envelope by {key}")),
            Self::ThresholdNotMet { required, .. } => Some(format!("{required} distinct keys")),
            Self::SctInFuture { at, .. } | Self::TimeInFuture { at, .. } => Some(format!("not after {at}")),
            Self::TimeThreshold { required, .. } => Some(format!("{required} distinct sources")),
            Self::TooManyCandidates { .. } => Some("key hints that name the signing keys".to_string()),
            Self::TsaCertExpired { detail, .. } => Some(quoted(detail)),
            Self::TsaUntrusted { .. } => Some("a token of a time-stamping authority in the trust snapshot".to_string()),
        }
    }

    fn clause(&self) -> Option<&'static str> {
        Some(match self {
            Self::AlgorithmOutsideProfile { error, .. } => return error.clause(),
            Self::KeyUnknown { .. } | Self::SignatureInvalid { .. } | Self::ThresholdNotMet { .. } => {
                "DSSE v1 protocol, \"Verifying\""
            }
            Self::PayloadTypeUnsupported { .. } => "in-toto Envelope v1 \"payloadType\"",
            Self::PredicateTypeMismatch { .. } => "in-toto Statement v1 \"predicateType\"",
            Self::OutsideCertificateValidity { .. } => "RFC 5280 §6.1.3(a)(2)",
            Self::SctInFuture { .. } => "RFC 6962 §5.2",
            Self::SctThreshold { .. } => "RFC 6962 §3.3",
            Self::TsaUntrusted { .. } | Self::TsaCertExpired { .. } => "RFC 3161 §2.3",
            _ => return None,
        })
    }

    fn certificate(&self) -> Option<usize> {
        match self {
            Self::ChainContainsRoot { cert } => Some(*cert),
            Self::IdentityMismatch { .. } | Self::IssuerMismatch { .. } | Self::OutsideCertificateValidity { .. } => {
                Some(0)
            }
            _ => None,
        }
    }
}

impl core::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmNotPermitted { .. } => f.write_str("the policy does not permit this signature scheme"),
            Self::AlgorithmOutsideProfile { error, .. } => error.fmt(f),
            Self::ArtifactMissing { .. } => {
                f.write_str("a message signature is made over the artifact, and no artifact was given")
            }
            Self::ArtifactNotDigestible { scheme } => {
                write!(
                    f,
                    "a message signature by {scheme} is made over the artifact itself, of which only digests are kept"
                )
            }
            Self::ArtifactNotGiven => f.write_str("the policy asks for an artifact, and none was given"),
            Self::ChainContainsRoot { cert } => {
                write!(f, "certificate {cert} of the bundle is a self-signed authority")
            }
            Self::IdentityMismatch { .. } => f.write_str("the certificate was issued to somebody else"),
            Self::IssuerMismatch { .. } => f.write_str("the signer's identity was vouched for by another issuer"),
            Self::IssuerRequired { .. } => {
                f.write_str("the authority certifies anybody, and nothing says which signer is meant")
            }
            Self::KeyExpired { key, .. } => {
                write!(f, "trust in {key} has ended, and nothing proves the signature older")
            }
            Self::KeyExpiredAtSigning { key, .. } => {
                write!(f, "the signature was made after trust in {key} had ended")
            }
            Self::KeyMaterialMismatch { .. } => {
                f.write_str("the attestation brings other key material than the policy asks for")
            }
            Self::KeyNotApproved { what, status } => {
                write!(f, "{what} is known to the store and does not count: {status}")
            }
            Self::KeyRevoked { key, .. } => write!(f, "key {key} has been revoked, and that covers this signature"),
            Self::OutOfScope { holder, limit, .. } => write!(f, "{holder} is trusted for another {limit}"),
            Self::KeyNotYetTrusted { key, .. } => write!(f, "the signature was made before trust in {key} began"),
            Self::KeyUnknown { hints, tried } if hints.is_empty() && *tried > 0 => {
                f.write_str("no signature is by a trusted key, or the envelope was changed after signing")
            }
            Self::KeyUnknown { .. } => f.write_str("no signature is by a trusted key"),
            Self::LogThreshold { .. } => f.write_str("too few transparency logs hold this signature"),
            Self::MessageDigestMismatch { .. } => f.write_str("the bundle was made for another artifact"),
            Self::NoTrustedTime { not_after: Some(not_after), at } if not_after < at => {
                write!(
                    f,
                    "the signing certificate expired at {not_after}, and nothing trusted says when the signature was made"
                )
            }
            Self::NoTrustedTime { .. } => f.write_str("nothing trusted says when the signature was made"),
            Self::OutsideCertificateValidity { .. } => {
                f.write_str("the signature was made outside the validity of the signing certificate")
            }
            Self::PayloadTypeUnsupported { .. } => {
                f.write_str("the payload type does not name its subjects, so it cannot be bound to an artifact")
            }
            Self::PredicateTypeMismatch { .. } => f.write_str("the statement has another predicate type"),
            Self::SctInFuture { .. } => f.write_str("a certificate timestamp lies in the future of this verification"),
            Self::SctThreshold { .. } => {
                f.write_str("too few certificate transparency logs have seen the signing certificate")
            }
            Self::SignatureInvalid { signature, near_miss, .. } => {
                write!(f, "signature {signature} does not verify over the envelope")?;
                match near_miss {
                    Some(near_miss) => write!(f, "; {near_miss}"),
                    None => f.write_str("; payload, payload type or signature were changed after signing"),
                }
            }
            Self::ThresholdNotMet { .. } => f.write_str("too few distinct trusted keys signed"),
            Self::TimeInFuture { .. } => f.write_str("a trusted time lies in the future of this verification"),
            Self::TimeThreshold { .. } => f.write_str("too few distinct sources say when the signature was made"),
            Self::TooManyCandidates { .. } => f.write_str("too many signatures to try each of them with every key"),
            Self::TsaCertExpired { .. } => {
                f.write_str("the timestamp was made outside the validity of the time-stamping certificate")
            }
            Self::TsaOutsideValidity { .. } => {
                f.write_str("the timestamp lies outside the time in which its authority is trusted")
            }
            Self::TsaUntrusted { .. } => f.write_str("no trusted time-stamping authority made this timestamp"),
        }
    }
}

fn quoted(text: impl AsRef<str>) -> String {
    Bounded(text.as_ref(), QUOTED).to_string()
}

pub(crate) fn listed(names: &[String]) -> String {
    let mut out = String::new();
    for (index, name) in names.iter().take(LISTED).enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        // Ten names of 100 characters each stay well below the 2 KiB of one message.
        out.push_str(&Bounded(name, QUOTED / 2).to_string());
    }
    if names.len() > LISTED {
        out.push_str(&format!(" and {} more", names.len() - LISTED));
    }
    if out.is_empty() { "nothing".to_string() } else { out }
}
