//! Step 1: the certificates or keys that the attestation brings, and whether they can be used at all.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use stella_attest_model::{Attestation, BundleVersion, EnvelopeSignature, KeyMaterial};
use stella_chain_verify::Certificate;
use stella_crypto_providers::{HashAlgorithm, KeyType, PublicKey, Scheme, VerifyingKey};

use crate::check::CheckId;
use crate::policy::{Policy, SignerRule};
use crate::refused::Refused;
use crate::run::Run;
use crate::steps::signature::is_looked_up;

/// By what an attestation says that it was signed. Nothing of it is trusted.
pub(crate) enum Claim<'a> {
    /// By the key of the first of these certificates: DER, leaf first. `signature` is its place among the envelope's signatures.
    Certificates { certificates: Vec<Cow<'a, [u8]>>, signature: usize },
    /// By PEM certificates in a signature of a bare envelope.
    CertificatePem { pem: &'a str, signature: usize },
    /// By a key that the verifier is expected to know.
    Keys { hint: Option<&'a str> },
}

impl Claim<'_> {
    /// The bytes of the one signature that evidence of time and log speaks of; `None` where no single one is meant.
    pub(crate) fn signature_bytes<'a>(&self, attestation: &'a Attestation) -> Option<&'a [u8]> {
        if let Some(message) = attestation.message_signature() {
            return Some(message.signature());
        }
        let signatures = attestation.envelope()?.signatures();
        match self {
            Self::Certificates { signature, .. } | Self::CertificatePem { signature, .. } => {
                signatures.get(*signature).map(EnvelopeSignature::sig)
            }
            Self::Keys { .. } => signatures.first().map(EnvelopeSignature::sig),
        }
    }
}

/// What signatures are verified with.
pub(crate) enum Material {
    /// The key of a certificate, not yet trusted.
    ///
    /// A certificate says with which key but not with which hash its subject signs: `keys` holds the key under each scheme in use for it,
    /// the usual one first.
    Certificates { certificates: Vec<Certificate>, keys: Vec<VerifyingKey> },
    /// Keys of the trust snapshot.
    Keys,
}

/// Every way in which the attestation may have been signed, each to be judged on its own. Usually one.
pub(crate) fn claims<'a>(attestation: &'a Attestation, policy: &Policy) -> Vec<Claim<'a>> {
    if let Some(bundle) = attestation.bundle() {
        return match bundle.key_material() {
            KeyMaterial::Certificates(certificates) => alloc::vec![Claim::Certificates {
                certificates: certificates.iter().map(|der| Cow::Borrowed(der.as_slice())).collect(),
                signature: 0,
            }],
            KeyMaterial::PublicKeyHint(hint) => alloc::vec![Claim::Keys { hint: Some(hint.as_str()) }],
            // A kind of material that this pipeline does not know names no key, so nothing can be verified with it.
            _ => alloc::vec![Claim::Keys { hint: None }],
        };
    }
    let mut claims = Vec::new();
    if !matches!(policy.signer, SignerRule::Keys { .. }) {
        let signatures = attestation.envelope().map_or(&[][..], |envelope| envelope.signatures());
        for (signature, pem) in signatures.iter().map(EnvelopeSignature::unverified_certificate_pem).enumerate() {
            if let Some(pem) = pem {
                claims.push(Claim::CertificatePem { pem, signature });
            }
        }
    }
    // Signatures do not cover each other: anybody may add one with a certificate to an envelope that a trusted key signed.
    let by_key = matches!(policy.signer, SignerRule::Trusted | SignerRule::Anyone | SignerRule::Issuer { .. })
        && attestation.envelope().is_some_and(|envelope| envelope.signatures().len() > claims.len());
    if claims.is_empty() || by_key {
        claims.push(Claim::Keys { hint: None });
    }
    claims
}

/// Parses what `claim` brings and prepares its key.
pub(crate) fn establish(run: &mut Run<'_>, claim: &Claim<'_>) -> Option<Material> {
    let policy = &run.given.policy.signer;
    let certificates = match claim {
        Claim::Keys { hint } => return establish_keys(run, *hint),
        Claim::CertificatePem { pem, .. } => Certificate::from_pem_all(pem.as_bytes()),
        Claim::Certificates { certificates, .. } => {
            certificates.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>()
        }
    };
    let certificates = match certificates {
        Ok(certificates) => certificates,
        Err(error) => {
            run.checks.fail(CheckId::MaterialKey, &error);
            return None;
        }
    };
    run.considered.certificates.clone_from(&certificates);
    if let SignerRule::Keys { .. } = policy {
        run.checks.fail(
            CheckId::MaterialKey,
            &Refused::KeyMaterialMismatch {
                found: "a signing certificate".to_string(),
                expected: "a signature by one of the keys that the policy names",
            },
        );
        return None;
    }
    if let Some(cert) = misplaced_root(run, &certificates) {
        run.checks.fail(CheckId::MaterialKey, &Refused::ChainContainsRoot { cert });
        return None;
    }
    let leaf = certificates.first()?;
    describe_signer(run, leaf);
    let public = match leaf.public_key() {
        Ok(public) => public,
        Err(error) => {
            run.checks.fail(CheckId::MaterialKey, &error);
            return None;
        }
    };
    run.signer.key = Some(public.key_id().to_string());
    let schemes = schemes_in_use(&public);
    run.signer.algorithm = schemes.first().map(|scheme| scheme.name());
    match schemes.iter().map(|scheme| run.given.registry.prepare(*scheme, &public)).collect::<Result<Vec<_>, _>>() {
        Ok(keys) => {
            run.checks.pass(
                CheckId::MaterialKey,
                alloc::vec![("key", public.key_id().into()), ("key type", public.key_type().name().into())],
            );
            Some(Material::Certificates { certificates, keys })
        }
        Err(error) => {
            run.checks.fail(CheckId::MaterialKey, &error);
            None
        }
    }
}

/// The usual scheme of the key's type, and for curves that are paired with a longer hash also SHA-256: the bundles of CPython releases from 2022
/// into 2024 are signed with P-384 and SHA-256.
fn schemes_in_use(public: &PublicKey) -> Vec<Scheme> {
    let mut schemes = alloc::vec![Scheme::for_key(public)];
    if matches!(public.key_type(), KeyType::EcP384 | KeyType::EcP521) {
        schemes.extend(Scheme::with_hash(public.key_type(), HashAlgorithm::Sha256));
    }
    schemes
}

fn establish_keys(run: &mut Run<'_>, hint: Option<&str>) -> Option<Material> {
    let policy = &run.given.policy;
    if policy.needs_certificate() {
        run.checks.fail(
            CheckId::MaterialKey,
            &Refused::KeyMaterialMismatch {
                found: hint.map_or_else(
                    || "a signature without a certificate".to_string(),
                    |hint| alloc::format!("a public key named {hint}"),
                ),
                expected: "a signing certificate that holds the identity, issuer or timestamps asked for",
            },
        );
        return None;
    }
    if run.attestation.bundle().is_some()
        && run.given.trust.known_keys() == 0
        && run.given.trust.snapshot.aside_keys().is_empty()
        && !is_looked_up(run)
    {
        run.checks.fail(
            CheckId::MaterialKey,
            &Refused::KeyMaterialMismatch {
                found: alloc::format!("a public key named {}", hint.unwrap_or("nothing")),
                expected: "that key, given by the verifier",
            },
        );
        return None;
    }
    run.checks.pass(CheckId::MaterialKey, alloc::vec![("keys", run.given.trust.key_count().into())]);
    Some(Material::Keys)
}

/// The names in the certificate, the one that the policy asks for first.
fn describe_signer(run: &mut Run<'_>, leaf: &Certificate) {
    run.signer.identities = crate::identity::names(leaf);
    if let SignerRule::Identity { identity, .. } = &run.given.policy.signer
        && let Some(index) = run.signer.identities.iter().position(|name| name == identity)
    {
        run.signer.identities.swap(0, index);
    }
    run.signer.issuer = crate::identity::issuer(leaf);
}

/// The first root in a bundle's chain that has no business there: a bundle must not name its own anchor.
///
/// One exception, for what npm and GitHub's early builders wrote: a bundle of version 0.1 may repeat a root of the trust snapshot, byte by
/// byte, as the last certificate of a chain in order. It tells the verifier nothing that it does not know, and is not used.
fn misplaced_root(run: &Run<'_>, certificates: &[Certificate]) -> Option<usize> {
    let version = run.attestation.bundle()?.version();
    let cert = certificates.iter().skip(1).position(is_root)? + 1;
    let repeated = version == BundleVersion::V01
        && cert + 1 == certificates.len()
        && certificates
            .windows(2)
            .all(|pair| matches!(pair, [child, issuer] if child.issuer().matches(issuer.subject())))
        && certificates.get(cert).is_some_and(|root| is_anchor(run, root));
    (!repeated).then_some(cert)
}

fn is_anchor(run: &Run<'_>, certificate: &Certificate) -> bool {
    let mut anchors =
        run.given.trust.domains.iter().flat_map(|domain| &domain.signers).flat_map(|authority| authority.anchors());
    anchors.any(|anchor| anchor.certificate().der() == certificate.der())
}

/// A self-issued certificate that names no other key as its issuer's. (A key roll-over certificate is self-issued, too, but names the old key.)
fn is_root(certificate: &Certificate) -> bool {
    certificate.is_self_issued()
        && match (certificate.authority_key_identifier(), certificate.subject_key_identifier()) {
            (Some(authority), Some(subject)) => authority == subject,
            (None, _) => true,
            (Some(_), None) => false,
        }
}
