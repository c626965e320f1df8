//! What mends a refusal: the least that would help, and what it would newly accept.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use stella_vocabulary::Code;

use crate::report::Signer;

/// What mends a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    summary: String,
    commands: Vec<Vec<String>>,
    accepts: Option<String>,
    reference: String,
}

impl Remedy {
    /// One sentence for people.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Commands to run, each as its words. A word in capitals stands for something only the reader knows.
    #[must_use]
    pub fn commands(&self) -> &[Vec<String>] {
        &self.commands
    }

    /// What these commands would newly accept; `None` if they do not loosen trust.
    #[must_use]
    pub fn accepts(&self) -> Option<&str> {
        self.accepts.as_deref()
    }

    /// The page of the code in the reference documentation.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }
}

/// The facts of a refusal that its remedy is made of.
pub(crate) struct Facts<'a> {
    pub(crate) code: Code,
    pub(crate) attestation: &'a str,
    pub(crate) signer: &'a Signer,
    pub(crate) missing: Missing,
    pub(crate) about: &'a About,
    pub(crate) taken_out: &'a [TakenOut],
}

/// What of the store a refusal is about, by the ids that commands take.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    /// An issuer.
    pub(crate) issuer: Option<String>,
    /// The key id of a key.
    pub(crate) key: Option<String>,
    /// An anchor or a key.
    pub(crate) object: Option<String>,
    /// A change request.
    pub(crate) request: Option<String>,
}

/// An anchor that was taken out of the store, with the name of the authority that is missing.
#[derive(Clone, Debug)]
pub(crate) struct TakenOut {
    pub(crate) id: String,
    /// What it could be used for, in words.
    pub(crate) limits: String,
}

/// What a path of certificates lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Anchor,
    Intermediate,
    Unknown,
}

pub(crate) fn for_refusal(facts: &Facts<'_>) -> Remedy {
    let id = facts.attestation;
    let (summary, commands, accepts): (&str, Vec<Vec<&str>>, Option<String>) = match facts.code {
        Code::DsseSignatureInvalid | Code::SigInvalid | Code::SigMalformed | Code::SigOutOfRange => (
            "the attestation was modified after signing, or signed with another key: find out what changed, then have it made again",
            vec![
                vec!["stella", "attest", "integrity-check", id],
                vec!["stella", "attest", "create", "--subject", "DIGEST", "--type", "TYPE", "--force"],
            ],
            None,
        ),
        Code::DsseKeyUnknown => (
            "if the key is the right one, add it to the trusted keys for as long as it is meant to sign",
            vec![vec!["stella", "trust-anchors", "add-key", "--key", "FILE", "--expires", "DATE"]],
            Some("every attestation signed with that key within its window".to_string()),
        ),
        Code::KeyRevoked | Code::X509Revoked => (
            "what signed was revoked: look at when and why, and have the artifact built and attested anew with a key in force; nothing that a \
             stolen key may have signed is to be signed again unseen",
            match &facts.about.object {
                Some(object) => vec![vec!["stella", "trust-anchors", "show", object]],
                None => vec![vec!["stella", "trust-anchors", "list"]],
            },
            None,
        ),
        Code::KeyNotApproved => not_approved(id, facts.about),
        Code::PolicyAnchorScope => (
            "what signed is trusted for something else: look at its scope, and ask for a wider one only if it is meant to sign this",
            match (&facts.about.object, &facts.about.issuer) {
                (Some(object), _) => vec![vec!["stella", "trust-anchors", "show", object]],
                (None, Some(issuer)) => vec![vec!["stella", "issuer", "show", issuer]],
                (None, None) => vec![vec!["stella", "trust-anchors", "list"]],
            },
            None,
        ),
        Code::KeyExpiredAtSigning | Code::KeyExpired | Code::KeyNotYetTrusted => (
            "have the attestation signed again with a key that is trusted now; an old key helps only for signatures proven to be older than its end",
            vec![vec!["stella", "attest", "resign", id]],
            None,
        ),
        Code::X509UnknownIssuer if !facts.taken_out.is_empty() => taken_out(facts.taken_out),
        Code::X509UnknownIssuer => match facts.missing {
            Missing::Intermediate => (
                "an intermediate certificate is missing: add it, which helps to find the path and gives no trust of its own",
                vec![vec!["stella", "trust-anchors", "add-intermediate", "--cert", "FILE"]],
                None,
            ),
            Missing::Anchor | Missing::Unknown => (
                "the path ends at an authority that is not trusted: if it should be, add it, limited to what it is meant to sign",
                vec![vec![
                    "stella",
                    "trust-anchors",
                    "add",
                    "--cert",
                    "FILE",
                    "--predicate-type",
                    "TYPE",
                    "--identity",
                    "IDENTITY",
                ]],
                Some("everything that this authority certifies, within the limits given".to_string()),
            ),
        },
        Code::X509Expired | Code::TimeNoTrustedTime | Code::TimeOutsideCertificateValidity => (
            "sign it again with a valid certificate, or bring evidence of when it was signed",
            vec![
                vec!["stella", "verify", "cert", "--attestation", id, "--show-expiry"],
                vec!["stella", "attest", "resign", id],
            ],
            None,
        ),
        Code::PolicyIssuerRequired => {
            let identity = facts.signer.identity().unwrap_or("IDENTITY");
            let issuer = facts.signer.issuer().unwrap_or("ISSUER");
            (
                "say who may sign; the names shown are those of the certificate, so compare them with what you expect before you use them",
                vec![vec![
                    "stella",
                    "verify",
                    "attestation",
                    "--attestation",
                    id,
                    "--identity",
                    identity,
                    "--issuer",
                    issuer,
                ]],
                Some(format!("attestations signed by {identity}, vouched for by {issuer}")),
            )
        }
        Code::IdentityMismatch | Code::IdentityIssuerMismatch => (
            "somebody else signed: look at who that is, and ask for trust in them only if they are meant to sign",
            vec![
                vec!["stella", "attest", "show", id, "--details"],
                vec!["stella", "issuer", "show", "ID"],
                vec!["stella", "issuer", "trust", "ID", "--reason", "TEXT"],
            ],
            Some("everything that this issuer signs, once the request is approved".to_string()),
        ),
        Code::CryptoAlgorithmUnavailable => (
            "no provider of this build computes this algorithm",
            vec![vec!["stella", "crypto", "providers", "list", "--algorithms"]],
            None,
        ),
        Code::SigAlgorithmUnsupported | Code::X509SignatureAlgorithmWeak | Code::KeyTooWeak => (
            "the algorithm is not one to rely on here: look at what the profile permits, and have it signed again with one of these",
            vec![vec!["stella", "crypto", "profile", "show"], vec!["stella", "attest", "resign", id]],
            None,
        ),
        Code::IntotoSubjectMismatch | Code::BundleMessageDigestMismatch | Code::IntotoDigestConflict => (
            "the attestation is about another artifact: compare the digests, and fetch the artifact or the attestation that belongs to it",
            vec![vec!["stella", "attest", "show", id, "--details"]],
            None,
        ),
        Code::IntotoArtifactMissing => (
            "give the artifact that was signed",
            vec![vec!["stella", "verify", "attestation", "--attestation", id, "--artifact", "FILE"]],
            None,
        ),
        Code::PolicyPredicateTypeMismatch => (
            "this attestation says something else than was asked for: look for one of the required type",
            vec![vec!["stella", "attest", "show", id, "--details"]],
            None,
        ),
        Code::TlogLogUnknown | Code::TimeTsaUntrusted => (
            "the evidence comes from a log or time-stamping authority that is not trusted: verify against the trusted root of the instance that issued it",
            vec![vec!["stella", "verify", "attestation", "--attestation", id, "--trusted-root", "FILE"]],
            Some(
                "signatures, log entries and times of every authority in that file, for this one verification"
                    .to_string(),
            ),
        ),
        _ => (
            "look up what this code means and what usually causes it",
            vec![vec!["stella", "explain", facts.code.as_str()]],
            None,
        ),
    };
    Remedy {
        summary: summary.to_string(),
        commands: commands.into_iter().map(|words| words.into_iter().map(ToString::to_string).collect()).collect(),
        accepts,
        reference: facts.code.reference(),
    }
}

type Words<'a> = (&'static str, Vec<Vec<&'a str>>, Option<String>);

/// The missing authority was there before. That it has the name says nothing about its key, so it is looked at first.
fn taken_out(removed: &[TakenOut]) -> Words<'_> {
    let commands = removed.iter().flat_map(|TakenOut { id, .. }| {
        [
            vec!["stella", "trust-anchors", "show", id],
            vec!["stella", "trust-anchors", "reinstate", id, "--reason", "TEXT"],
        ]
    });
    let accepted =
        removed.iter().map(|TakenOut { id, limits }| format!("everything that anchor {id} certifies, {limits}"));
    (
        "the store knows an authority of that name, and it was taken out: look at who did that and why, and take it back only if it is to be \
         trusted again",
        commands.collect(),
        Some(accepted.collect::<Vec<_>>().join("; ")),
    )
}

/// What would make a known key or issuer count, and for what. Each takes a second person.
fn not_approved<'a>(attestation: &'a str, about: &'a About) -> Words<'a> {
    if let Some(request) = &about.request {
        return (
            "somebody has asked for trust in this key, and nobody has approved it yet",
            vec![
                vec!["stella", "approvals", "show", request],
                vec!["stella", "approvals", "approve", request, "--key", "FILE"],
            ],
            Some("every attestation signed with that key, within what the request says".to_string()),
        );
    }
    match (&about.issuer, &about.object, &about.key) {
        // Staged keys have no entry of their own.
        (Some(issuer), None, Some(key)) => (
            "the key was fetched for its issuer and not approved: compare it with what the issuer publishes, then ask for trust in it",
            vec![
                vec!["stella", "issuer", "show", issuer],
                vec!["stella", "trust-anchors", "add-key", "--key", "FILE", "--issuer", issuer, "--expires", "DATE"],
            ],
            Some(format!("every attestation signed with {key}, within what issuer {issuer} is trusted for")),
        ),
        (Some(issuer), _, _) => (
            "the store knows who signed, and does not trust them: ask for trust in them only if they are meant to sign",
            vec![
                vec!["stella", "issuer", "show", issuer],
                vec!["stella", "issuer", "trust", issuer, "--reason", "TEXT"],
            ],
            Some(format!("everything that issuer {issuer} signs within its scope, once the request is approved")),
        ),
        (None, Some(object), _) => (
            "the store knows the key and does not trust it: look at why before anything else",
            vec![vec!["stella", "trust-anchors", "show", object]],
            None,
        ),
        (None, None, _) => (
            "the store knows who signed, and does not trust them: look at who that is",
            vec![vec!["stella", "attest", "show", attestation, "--details"]],
            None,
        ),
    }
}
