//! Step 2: the signature, over the pre-authentication encoding of an envelope or over the artifact of a message signature.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use stella_attest_model::{Artifact, Digest, Envelope, EnvelopeSignature, MessageSignature, Pae};
use stella_crypto_providers::{HashAlgorithm, Message, SignatureEncoding, SignatureError, VerifiedBy, VerifyingKey};
use stella_vocabulary::{Code, Reason};

use crate::check::CheckId;
use crate::considered;
use crate::policy::SignerRule;
use crate::refused::{NearMiss, Refused};
use crate::run::Run;
use crate::steps::aside;
use crate::steps::material::{Claim, Material};
use crate::trust::{PreparedTrust, TrustedKey, hint_digest, names_key};

/// How many pairs of signature and key one verification tries. 32 signatures under 32 keys each without a hint fit; what is larger needs hints.
const CANDIDATES: usize = 1024;

/// How many keys the search for a near miss tries, and how many of them where each stands for several signature checks.
const NEAR_MISS_KEYS: usize = 16;
const NEAR_MISS_UNNAMED_KEYS: usize = 4;

/// The largest payload, in bytes, and the most signatures for which near misses are searched: each costs a hash of the payload and a
/// signature check. Statements of real builds are some KiB and have one signature.
const NEAR_MISS_PAYLOAD: usize = 1 << 20;
const NEAR_MISS_SIGNATURES: usize = 4;

/// Payload types in use, tried when a signature does not verify under the one that the envelope names.
const PAYLOAD_TYPES: [&str; 4] =
    ["application/vnd.in-toto+json", "application/json", "text/plain", "application/vnd.dsse+json"];

/// Verifies the signature. Returns the indices of the snapshot's keys that signed, in the order of the signatures.
pub(crate) fn verify(run: &mut Run<'_>, material: Option<&Material>, claim: &Claim<'_>) -> Vec<usize> {
    match (run.attestation.envelope(), run.attestation.message_signature()) {
        (Some(envelope), _) => verify_envelope(run, envelope, material, claim),
        (None, Some(message)) => verify_message(run, message, material, claim),
        (None, None) => Vec::new(),
    }
}

fn verify_envelope(
    run: &mut Run<'_>,
    envelope: &Envelope,
    material: Option<&Material>,
    claim: &Claim<'_>,
) -> Vec<usize> {
    let id = CheckId::EnvelopeSignature;
    if run.skipped(id, &[CheckId::MaterialKey]) {
        return Vec::new();
    }
    match (material, claim) {
        (None, _) => Vec::new(),
        (
            Some(Material::Certificates { keys, .. }),
            Claim::Certificates { signature, .. } | Claim::CertificatePem { signature, .. },
        ) => {
            verify_by_certificate(run, envelope, keys, *signature);
            Vec::new()
        }
        (Some(Material::Certificates { keys, .. }), Claim::Keys { .. }) => {
            verify_by_certificate(run, envelope, keys, 0);
            Vec::new()
        }
        (Some(Material::Keys), claim) => {
            let hint = if let Claim::Keys { hint } = claim { *hint } else { None };
            verify_by_keys(run, envelope, hint)
        }
    }
}

fn verify_by_certificate(run: &mut Run<'_>, envelope: &Envelope, keys: &[VerifyingKey], index: usize) {
    let id = CheckId::EnvelopeSignature;
    let (Some(signature), Some(usual)) = (envelope.signatures().get(index), keys.first()) else { return };
    let Some(signed) = run.signed else { return };
    let mut by = None;
    let outcome = by_any(keys, |key| {
        by = Some(signed.verify(key, signature.sig(), SignatureEncoding::Der)?);
        Ok::<_, SignatureError>(())
    });
    match outcome {
        Err(None) => {}
        Ok(key) => {
            by.into_iter().for_each(|by| run.remembered.add(by));
            run.signer.algorithm = Some(key.scheme().name());
            let evidence = vec![
                ("signature", index.into()),
                ("key", key.key_id().into()),
                ("algorithm", key.scheme().name().into()),
            ];
            run.checks.pass(id, evidence);
        }
        Err(Some(error)) if error.code() == Code::SigInvalid => {
            let near_miss =
                keys.iter().find_map(|key| near_miss(envelope, key, signature.sig(), SignatureEncoding::Der));
            run.checks
                .fail(id, &Refused::SignatureInvalid { signature: index, key: usual.key_id().to_string(), near_miss });
        }
        Err(Some(error)) => run.checks.fail(id, &error),
    }
}

/// The first of `keys` that verifies, or why the first of them, the usual one, does not.
fn by_any<'k, E>(
    keys: impl IntoIterator<Item = &'k VerifyingKey>,
    mut verify: impl FnMut(&VerifyingKey) -> Result<(), E>,
) -> Result<&'k VerifyingKey, Option<E>> {
    let mut usual = None;
    for key in keys {
        match verify(key) {
            Ok(()) => return Ok(key),
            Err(error) => {
                usual.get_or_insert(error);
            }
        }
    }
    Err(usual)
}

/// Counts the distinct trusted keys that signed. A key that signed twice counts once, whatever the signatures look like, since keys are
/// told apart by the hash of their canonical form (DSSE v1 protocol, "Verifying").
fn verify_by_keys(run: &mut Run<'_>, envelope: &Envelope, bundle_hint: Option<&str>) -> Vec<usize> {
    let id = CheckId::EnvelopeSignature;
    let given = run.given;
    let candidates = permitted_keys(run);
    let threshold = threshold(run);
    let Some(encoding) = run.signed else { return Vec::new() };
    let mut signed: Vec<usize> = Vec::new();
    let mut tried = 0_usize;
    let mut closest: Option<(usize, usize, SignatureError)> = None;
    let mut unavailable = None;
    for (index, signature) in envelope.signatures().iter().enumerate() {
        let hint = signature.keyid_hint().or(bundle_hint);
        for key in candidates.in_likely_order(&given.trust, hint) {
            let Some(entry) = given.trust.key(key) else { continue };
            tried += 1;
            if tried > CANDIDATES {
                run.checks.fail(id, &Refused::TooManyCandidates { limit: CANDIDATES });
                return Vec::new();
            }
            let prepared = match entry.verifying_key(&given.registry) {
                Ok(prepared) => prepared,
                Err(error) => {
                    unavailable.get_or_insert_with(|| error.clone());
                    continue;
                }
            };
            match encoding.verify(prepared, signature.sig(), entry.entry.encoding()) {
                Ok(by) => {
                    run.remembered.add(by);
                    if !signed.contains(&key) {
                        signed.push(key);
                    }
                    break;
                }
                Err(error) => {
                    let named = hint.is_some_and(|hint| entry.is_named_by(hint));
                    // What is reported is the failure with the key that the signature names, or without a hint the first one tried.
                    if closest.is_none() || named {
                        closest = Some((index, key, error));
                    }
                }
            }
        }
    }
    if tried > considered::FEW_KEYS {
        run.considered.open.push(considered::MANY_KEYS);
    }
    describe_key_signer(run, &signed);
    if signed.len() >= threshold {
        let mut evidence = vec![("distinct keys", signed.len().into()), ("threshold", threshold.into())];
        for key in signed.iter().filter_map(|key| given.trust.key(*key)) {
            evidence.push(("key", key.id().into()));
            if let Some(id) = key.entry.store_id() {
                evidence.push(("entry", alloc::format!("key {id}").into()));
            }
        }
        run.checks.pass(id, evidence);
        return signed;
    }
    if let Some(error) = unavailable {
        // A key that nothing computes with may be the one that signed, whatever came of the others.
        run.checks.fail(id, &error);
        return signed;
    }
    if !signed.is_empty() {
        run.checks.fail(id, &Refused::ThresholdNotMet { found: signed.len(), required: threshold });
        return signed;
    }
    if threshold > 1 && closest.is_none() {
        run.checks.fail(id, &Refused::ThresholdNotMet { found: 0, required: threshold });
        return signed;
    }
    fail_unsigned(run, envelope, bundle_hint, closest, candidates.count(&given.trust));
    Vec::new()
}

/// No trusted key signed: says whether the signature names one that it should have verified with, or none that is known.
fn fail_unsigned(
    run: &mut Run<'_>,
    envelope: &Envelope,
    bundle_hint: Option<&str>,
    closest: Option<(usize, usize, SignatureError)>,
    candidates: usize,
) {
    let id = CheckId::EnvelopeSignature;
    let given = run.given;
    if let Some(refused) = by_key_aside(run, envelope, bundle_hint) {
        run.checks.fail(id, &refused);
        return;
    }
    let Some((index, key, error)) = closest else {
        run.checks.fail(id, &Refused::KeyUnknown { hints: hints(envelope, bundle_hint), tried: candidates });
        return;
    };
    let Some(entry) = given.trust.key(key) else { return };
    let signature = envelope.signatures().get(index);
    let hint = signature.and_then(EnvelopeSignature::keyid_hint).or(bundle_hint);
    let sig = signature.map_or(&[][..], EnvelopeSignature::sig);
    if hint.is_none() && !policy_names_keys(run) {
        // Nothing says that it should have verified with the key that was tried first, unless it verifies over something else.
        let refused = match near_miss_of_any(run, envelope, sig) {
            Some((key, near_miss)) => Refused::SignatureInvalid { signature: index, key, near_miss: Some(near_miss) },
            None => Refused::KeyUnknown { hints: hints(envelope, bundle_hint), tried: candidates },
        };
        run.checks.fail(id, &refused);
        return;
    }
    if hint.is_some_and(|hint| !entry.is_named_by(hint)) {
        let contradicts = hint.and_then(hint_digest).is_some_and(|digest| digest != entry.id().as_bytes().as_slice());
        if run.attestation.bundle().is_some() && contradicts && !is_looked_up(run) {
            run.checks.fail(
                id,
                &Refused::KeyMaterialMismatch {
                    found: alloc::format!("a public key named {}", hint.unwrap_or_default()),
                    expected: "the key that the verifier was given",
                },
            );
            return;
        }
        if run.attestation.bundle().is_none() || contradicts || is_looked_up(run) {
            run.checks.fail(id, &Refused::KeyUnknown { hints: hints(envelope, bundle_hint), tried: candidates });
            return;
        }
    }
    if error.code() != Code::SigInvalid {
        run.checks.fail(id, &error);
        return;
    }
    let near_miss = entry
        .verifying_key(&given.registry)
        .ok()
        .and_then(|prepared| near_miss(envelope, prepared, sig, entry.entry.encoding()))
        .or_else(|| other_trusted_key(run, sig));
    run.checks.fail(id, &Refused::SignatureInvalid { signature: index, key: entry.id().to_string(), near_miss });
}

/// How many distinct keys have to sign.
pub(crate) fn threshold(run: &Run<'_>) -> usize {
    match &run.given.policy.signer {
        SignerRule::Keys { threshold, .. } => *threshold,
        _ => 1,
    }
}

/// Whether the policy says whose keys are meant: some keys, or those of one issuer.
fn policy_names_keys(run: &Run<'_>) -> bool {
    matches!(run.given.policy.signer, SignerRule::Keys { .. } | SignerRule::Issuer { .. })
}

/// Whether keys are those of a store, and not given for this verification.
pub(crate) fn is_looked_up(run: &Run<'_>) -> bool {
    run.given.trust.snapshot.origin().is_some() && !matches!(run.given.policy.signer, SignerRule::Keys { .. })
}

/// Says which key that does not count made one of the signatures, if one did.
fn by_key_aside(run: &mut Run<'_>, envelope: &Envelope, bundle_hint: Option<&str>) -> Option<Refused> {
    if run.given.trust.snapshot.aside_keys().is_empty() {
        return None;
    }
    let signed = run.signed?;
    envelope.signatures().iter().take(NEAR_MISS_SIGNATURES).find_map(|signature| {
        let hint = signature.keyid_hint().or(bundle_hint);
        aside::explain(run, hint, |key, encoding| signed.verify(key, signature.sig(), encoding).is_ok())
    })
}

/// The keys that the policy lets sign, by their positions.
enum Candidates {
    All,
    Only(Vec<usize>),
}

/// The keys of the snapshot that the policy lets sign.
fn permitted_keys(run: &Run<'_>) -> Candidates {
    let trust = &run.given.trust;
    match &run.given.policy.signer {
        SignerRule::Keys { keys: wanted, .. } => {
            let mut positions: Vec<usize> = wanted.iter().filter_map(|id| trust.position(id)).collect();
            positions.sort_unstable();
            Candidates::Only(positions)
        }
        // Looked up for this issuer alone, whatever the signature calls its key (catalogue B231).
        SignerRule::Issuer { id } => {
            let mut positions = trust.keys_of(id);
            positions.sort_unstable();
            Candidates::Only(positions)
        }
        SignerRule::Anyone | SignerRule::Identity { .. } | SignerRule::Trusted => Candidates::All,
    }
}

impl Candidates {
    fn contains(&self, key: usize) -> bool {
        match self {
            Self::All => true,
            Self::Only(positions) => positions.binary_search(&key).is_ok(),
        }
    }

    /// How many there are, those that were compromised not counted where any key may sign.
    fn count(&self, trust: &PreparedTrust) -> usize {
        match self {
            Self::All => trust.key_count(),
            Self::Only(positions) => positions.len(),
        }
    }

    /// The keys that a hint names first. A hint orders, it never excludes.
    fn in_likely_order<'k>(
        &'k self,
        trust: &'k PreparedTrust,
        hint: Option<&str>,
    ) -> impl Iterator<Item = usize> + use<'k> {
        let mut named = hint.map(|hint| trust.named(hint)).unwrap_or_default();
        named.retain(|key| self.contains(*key));
        let (all, only) = match self {
            Self::All => (0..trust.known_keys(), &[][..]),
            Self::Only(positions) => (0..0, positions.as_slice()),
        };
        let first = named.clone();
        first.into_iter().chain(all.chain(only.iter().copied()).filter(move |key| named.binary_search(key).is_err()))
    }
}

fn hints(envelope: &Envelope, bundle_hint: Option<&str>) -> Vec<String> {
    let own = envelope.signatures().iter().filter_map(EnvelopeSignature::keyid_hint);
    own.chain(bundle_hint).map(ToString::to_string).collect()
}

pub(crate) fn describe_key_signer(run: &mut Run<'_>, signed: &[usize]) {
    let Some(key) = signed.first().and_then(|key| run.given.trust.key(*key)) else { return };
    run.signer.key = Some(key.id().to_string());
    run.signer.label = key.entry.label().map(ToString::to_string);
    run.signer.algorithm = key.verifying_key(&run.given.registry).ok().map(|prepared| prepared.scheme().name());
}

/// What else the signature verifies over, for the message only: nothing found here is ever accepted.
fn near_miss(
    envelope: &Envelope,
    key: &VerifyingKey,
    signature: &[u8],
    encoding: SignatureEncoding,
) -> Option<NearMiss> {
    let payload = envelope.unverified_payload();
    if payload.len() > NEAR_MISS_PAYLOAD || envelope.signatures().len() > NEAR_MISS_SIGNATURES {
        return None;
    }
    if key.verify(Message::Parts(&[payload]), signature, encoding).is_ok() {
        return Some(NearMiss::BarePayload);
    }
    PAYLOAD_TYPES
        .iter()
        .filter(|other| **other != envelope.payload_type())
        .find(|other| key.verify(Message::Parts(&Pae::new(other, payload).parts()), signature, encoding).is_ok())
        .map(|other| NearMiss::OtherPayloadType((*other).to_string()))
}

/// The same with the first few keys, where none is named. Returns the key's id.
fn near_miss_of_any(run: &Run<'_>, envelope: &Envelope, signature: &[u8]) -> Option<(String, NearMiss)> {
    let given = run.given;
    let entries = (0..given.trust.key_count()).filter_map(|key| given.trust.key(key));
    entries.take(NEAR_MISS_UNNAMED_KEYS).find_map(|entry| {
        let prepared = entry.verifying_key(&given.registry).ok()?;
        let found = near_miss(envelope, prepared, signature, entry.entry.encoding())?;
        Some((entry.id().to_string(), found))
    })
}

fn other_trusted_key(run: &Run<'_>, signature: &[u8]) -> Option<NearMiss> {
    let permitted = permitted_keys(run);
    let signed = run.signed?;
    let given = run.given;
    let fits = |key: &TrustedKey<'_>| {
        key.verifying_key(&given.registry)
            .is_ok_and(|prepared| signed.verify(prepared, signature, key.entry.encoding()).is_ok())
    };
    let others = (0..given.trust.key_count()).filter(|key| !permitted.contains(*key)).take(NEAR_MISS_KEYS);
    others.filter_map(|key| given.trust.key(key)).find(fits).map(|key| NearMiss::OtherTrustedKey(key.id().to_string()))
}

fn verify_message(
    run: &mut Run<'_>,
    message: &MessageSignature,
    material: Option<&Material>,
    claim: &Claim<'_>,
) -> Vec<usize> {
    verify_message_digest(run, message);
    let id = CheckId::MessageSignature;
    if run.skipped(id, &[CheckId::MaterialKey, CheckId::MessageDigest]) {
        return Vec::new();
    }
    let given = run.given;
    match material {
        None => Vec::new(),
        Some(Material::Certificates { keys, .. }) => {
            // Only schemes whose digest of the artifact is known can be judged; without any, the usual one says what is needed.
            let judged: Vec<&VerifyingKey> =
                keys.iter().filter(|key| digest_for(run.artifact(), key).is_ok()).collect();
            let judged = if judged.is_empty() { keys.iter().take(1).collect() } else { judged };
            let mut by = None;
            let outcome = by_any(judged, |key| {
                let artifact = run.artifact();
                by = Some(verify_over_artifact(artifact, key, message.signature(), SignatureEncoding::Der)?);
                Ok::<_, OverArtifact>(())
            });
            match outcome {
                Ok(key) => {
                    by.into_iter().for_each(|by| run.remembered.add(by));
                    run.signer.algorithm = Some(key.scheme().name());
                    run.checks.pass(id, vec![("key", key.key_id().into()), ("algorithm", key.scheme().name().into())]);
                }
                Err(None) => {}
                Err(Some(OverArtifact::Missing(needed))) => run.checks.fail(id, &Refused::from(needed)),
                Err(Some(OverArtifact::Signature(error))) => run.checks.fail(id, &error),
            }
            Vec::new()
        }
        Some(Material::Keys) => {
            let hint = if let Claim::Keys { hint } = claim { *hint } else { None };
            let candidates = permitted_keys(run);
            let mut first_error = None;
            let mut unavailable = None;
            for (tried, key) in candidates.in_likely_order(&given.trust, hint).take(CANDIDATES).enumerate() {
                let Some(entry) = given.trust.key(key) else { continue };
                let prepared = match entry.verifying_key(&given.registry) {
                    Ok(prepared) => prepared,
                    Err(error) => {
                        unavailable.get_or_insert(error);
                        continue;
                    }
                };
                match verify_over_artifact(run.artifact(), prepared, message.signature(), entry.entry.encoding()) {
                    Ok(by) => {
                        run.remembered.add(by);
                        if tried > considered::FEW_KEYS {
                            run.considered.open.push(considered::MANY_KEYS);
                        }
                        describe_key_signer(run, &[key]);
                        // There is one signature, so there is one signer.
                        let required = threshold(run);
                        if required > 1 {
                            run.checks.fail(id, &Refused::ThresholdNotMet { found: 1, required });
                            return vec![key];
                        }
                        run.checks
                            .pass(id, vec![("key", entry.id().into()), ("algorithm", prepared.scheme().name().into())]);
                        return vec![key];
                    }
                    Err(error) => {
                        first_error.get_or_insert((key, error));
                    }
                }
            }
            match unavailable {
                // A key that nothing computes with may be the one that signed.
                Some(error) => run.checks.fail(id, error),
                None => fail_message(run, message, hint, first_error, candidates.count(&given.trust)),
            }
            Vec::new()
        }
    }
}

fn fail_message(
    run: &mut Run<'_>,
    message: &MessageSignature,
    hint: Option<&str>,
    first: Option<(usize, OverArtifact)>,
    tried: usize,
) {
    let id = CheckId::MessageSignature;
    let artifact = run.artifact();
    let aside = aside::explain(run, hint, |key, encoding| {
        verify_over_artifact(artifact, key, message.signature(), encoding).is_ok()
    });
    if let Some(refused) = aside {
        run.checks.fail(id, &refused);
        return;
    }
    match first {
        None => {
            let hints = hint.map(ToString::to_string).into_iter().collect();
            run.checks.fail(id, &Refused::KeyUnknown { hints, tried });
        }
        Some((_, OverArtifact::Missing(needed))) => run.checks.fail(id, &Refused::from(needed)),
        Some((key, OverArtifact::Signature(error))) => {
            let known = run.given.trust.key(key).map(TrustedKey::id);
            match (hint, known) {
                (Some(hint), Some(known)) if hint_digest(hint).is_some() && !names_key(hint, known.as_bytes()) => {
                    if is_looked_up(run) {
                        run.checks.fail(id, &Refused::KeyUnknown { hints: vec![hint.to_string()], tried });
                        return;
                    }
                    let found = alloc::format!("a public key named {hint}");
                    run.checks.fail(
                        id,
                        &Refused::KeyMaterialMismatch { found, expected: "the key that the verifier was given" },
                    );
                }
                _ => run.checks.fail(id, &error),
            }
        }
    }
}

/// The digest in a message signature is a hint, but one that contradicts the artifact shows that the bundle belongs to another.
fn verify_message_digest(run: &mut Run<'_>, message: &MessageSignature) {
    let id = CheckId::MessageDigest;
    let (Some(claimed), Some(artifact)) = (message.claimed_digest(), run.artifact()) else { return };
    let Some(own) = artifact.digests().iter().find(|digest| digest.algorithm() == claimed.algorithm()) else { return };
    if own == claimed {
        run.checks.pass(id, vec![("digest", own.to_string().into())]);
    } else {
        run.checks.fail(id, &Refused::MessageDigestMismatch { claimed: *claimed, artifact: *own });
    }
}

/// What of the artifact is not at hand.
#[derive(Clone, Copy)]
enum Lacking {
    /// Its bytes, which this scheme signs.
    Bytes(&'static str),
    /// Its digest by this hash.
    Digest(&'static str),
}

impl From<Lacking> for Refused {
    fn from(lacking: Lacking) -> Self {
        match lacking {
            Lacking::Bytes(scheme) => Self::ArtifactNotDigestible { scheme },
            Lacking::Digest(needed) => Self::ArtifactMissing { needed },
        }
    }
}

enum OverArtifact {
    Missing(Lacking),
    Signature(SignatureError),
}

fn verify_over_artifact(
    artifact: Option<&Artifact>,
    key: &VerifyingKey,
    signature: &[u8],
    encoding: SignatureEncoding,
) -> Result<VerifiedBy, OverArtifact> {
    let (hash, digest) = digest_for(artifact, key).map_err(OverArtifact::Missing)?;
    key.verify_saying_how(Message::Prehashed { hash, digest: digest.as_bytes() }, signature, encoding)
        .map_err(OverArtifact::Signature)
}

/// The artifact's digest that `key` signs, or what is lacking.
fn digest_for<'a>(artifact: Option<&'a Artifact>, key: &VerifyingKey) -> Result<(HashAlgorithm, &'a Digest), Lacking> {
    // Pure Ed25519 has no hash of its own choosing: it signs the message and not a digest of it.
    let hash = key.scheme().hash().ok_or(Lacking::Bytes(key.scheme().name()))?;
    artifact
        .and_then(|artifact| artifact.digests().iter().find(|digest| digest.algorithm().name() == hash.name()))
        .map(|digest| (hash, digest))
        .ok_or(Lacking::Digest(hash.name()))
}
