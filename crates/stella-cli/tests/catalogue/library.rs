//! The same verification through the library.

use std::path::Path;

use stella_attest_verify::{
    Artifact, Attestation, Binding, Digest, KeyId, Limits, Policy, PublicKey, Reason, Registry, Report, TrustSnapshot,
    UnixTime, Verdict, Verifier,
};
use stella_trust_store::key_file;
use stella_vocabulary::Code;

use crate::item::Run;

/// What the library made of a run.
pub(crate) enum Outcome {
    /// No verdict: input or settings were refused.
    Refused { code: Code, place: Option<String>, message: String },
    /// A verdict.
    Judged(Box<Report>),
}

type Stopped = Box<dyn Reason>;

/// Judges `run`. The attestations of a JSON Lines input must all verify; the first that does not is returned.
pub(crate) fn judge(run: &Run, generated: Option<&Path>) -> Outcome {
    attempt(run, generated).map(|report| Outcome::Judged(Box::new(report))).unwrap_or_else(|reason| Outcome::Refused {
        code: reason.code(),
        place: reason.place(),
        message: reason.to_string(),
    })
}

fn attempt(run: &Run, generated: Option<&Path>) -> Result<Report, Stopped> {
    let read = |name: &str| run.file(name, generated).map(|path| std::fs::read(path).unwrap());
    let mut trust = TrustSnapshot::builder();
    if let Some(json) = read("trusted_root") {
        trust = trust.trusted_root(&json).map_err(boxed)?;
    }
    if let Some(pem) = read("anchor") {
        trust = trust.anchors_from_pem(&pem).map_err(boxed)?;
    }
    if let Some(pem) = read("intermediate") {
        trust = trust.intermediates_from_pem(&pem).map_err(boxed)?;
    }
    let mut keys: Vec<KeyId> = Vec::new();
    for file in run.list("keys") {
        let key = public_key(&std::fs::read(run.directory.join(file)).unwrap())?;
        keys.push(key.key_id());
        trust = trust.key(key);
    }
    if let Some(pem) = read("key") {
        let key = public_key(&pem)?;
        keys.push(key.key_id());
        trust = trust.key(key);
    }
    let trust = trust.build().map_err(boxed)?;
    let policy = policy(run, keys)?;
    let attestations = match (read("attestation"), run.text("command")) {
        (Some(bytes), Some("artifact")) => Attestation::parse_lines(&bytes, &Limits::default()).map_err(boxed)?,
        (Some(bytes), _) => vec![Attestation::from_json(&bytes).map_err(boxed)?],
        (None, _) => panic!("{}: no attestation", run.name),
    };
    let binding = match (run.text("digest"), read("artifact")) {
        (Some(digest), _) => Binding::from(digest.parse::<Digest>().map_err(boxed)?),
        (None, Some(artifact)) => Binding::from(Artifact::of_bytes(&artifact)),
        (None, None) => Binding::SubjectsAsListed,
    };
    let at = UnixTime::parse_rfc3339(run.text("at").unwrap()).unwrap();
    let verifier = Verifier::new(&Registry::rustcrypto(), &trust, policy);
    let mut reports: Vec<Report> =
        attestations.iter().map(|attestation| verifier.verify(attestation, &binding, at)).collect();
    let refused = reports.iter().position(|report| report.verdict() != Verdict::Verified).unwrap_or(0);
    Ok(reports.swap_remove(refused))
}

fn policy(run: &Run, keys: Vec<KeyId>) -> Result<Policy, Stopped> {
    let mut policy = match (run.number("threshold"), run.text("identity"), run.text("issuer")) {
        (Some(threshold), ..) => {
            let threshold = usize::try_from(threshold).unwrap();
            Policy::require_keys(threshold, keys).map_err(boxed)?
        }
        (None, Some(identity), Some(issuer)) => Policy::require_signer(identity).issued_by(issuer),
        (None, Some(identity), None) => Policy::require_signer(identity),
        (None, None, _) if run.text("signer") == Some("trusted") => Policy::require_trusted_signer(),
        (None, None, _) => keys.first().map_or_else(Policy::require_trusted_signer, |key| Policy::require_key(*key)),
    };
    if let Some(uri) = run.text("predicate_type") {
        policy = policy.predicate_type(uri);
    }
    Ok(policy)
}

fn public_key(file: &[u8]) -> Result<PublicKey, Stopped> {
    // PEM has codes of its own for what is wrong with it.
    if !file.starts_with(b"{") {
        return PublicKey::from_pem(file).map_err(boxed);
    }
    key_file::read_public_key(file).map(|named| named.key).map_err(boxed)
}

fn boxed(reason: impl Reason + 'static) -> Stopped {
    Box::new(reason)
}
