//! Signed notes, checkpoints, log responses and certificate timestamps.

use serde_json::{Value, json};
use stella_attest_model::{Attestation, LogEntry};
use stella_crypto_providers::{HashAlgorithm, PublicKey, Scheme};
use stella_transparency::rekor::EntryBody;
use stella_transparency::{Checkpoint, CtLogSet, Log, LogSet, SignedNote};
use stella_trust_store::TrustSnapshot;
use stella_vocabulary::{Code, Window, base64, hex};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::certificates;
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Notes and what logs answer.
#[derive(Debug)]
pub(crate) struct TlogNotes;

impl Suite for TlogNotes {
    fn name(&self) -> &'static str {
        "tlog-notes"
    }

    fn about(&self) -> &'static str {
        "signed notes, checkpoints, Rekor responses, embedded certificate timestamps"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        notes(input, sink)?;
        checkpoints(input, sink)?;
        responses(input, sink)?;
        certificate_timestamps(input, sink)
    }
}

/// Examples of the C2SP texts: the name of a file says which text it is from.
fn notes(input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
    let directory = input.path.join("c2sp");
    if !directory.is_dir() {
        return Ok(());
    }
    for path in files::list(&directory, |name| name.ends_with(".txt"))? {
        let text = files::read_text(&path)?;
        let name = files::name_of(&path);
        let case = Case::new(format!("c2sp/{name}"), Expected::Accept).in_group("c2sp");
        if text.contains("[...]") {
            sink.skip(case, "abbreviated in the text it comes from");
        } else if name.starts_with("tlog-checkpoint") || name.starts_with("tlog-cosignature") {
            sink.judge(case, || Observed::of(Checkpoint::parse(&text)));
        } else if name.starts_with("signed-note") {
            sink.judge(case, || Observed::of(SignedNote::parse(&text)));
        } else {
            sink.skip(case, "neither a note nor a checkpoint");
        }
    }
    Ok(())
}

/// `valid*` must parse, `error_*` must not.
fn checkpoints(input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
    let directory = input.path.join("checkpoints");
    if !directory.is_dir() {
        return Ok(());
    }
    for path in files::list(&directory, |name| name.ends_with(".txt"))? {
        let text = files::read_text(&path)?;
        let name = files::name_of(&path);
        let expected = if name.starts_with("error_") {
            Expected::Reject(Reasons::OneOf(vec![Code::TlogCheckpointMalformed, Code::TlogCheckpointSignatureInvalid]))
        } else {
            Expected::Accept
        };
        let case = Case::new(format!("checkpoints/{name}"), expected).in_group("checkpoints");
        sink.judge(case, || Observed::of(Checkpoint::parse(&text)));
    }
    Ok(())
}

/// Entries as a log answers, verified by its key as far as the entry brings a promise or a proof.
fn responses(input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
    let directory = input.path.join("rekor-responses");
    if !directory.is_dir() {
        return Ok(());
    }
    let logs = LogSet::new(input.registry, known_logs(input)?);
    for path in files::list(&directory, |name| name.ends_with(".json"))? {
        let response: Value = files::read_json(&path)?;
        let Some(entry) = as_bundle_entry(&response) else {
            return Err(SuiteError::new(format!("{}: not a log response", path.display())));
        };
        let kind = entry["kindVersion"]["kind"].as_str().unwrap_or_default().to_owned();
        // Kinds about which a bundle can be: any other says nothing that this project could bind to an attestation.
        let expected = match kind.as_str() {
            "dsse" | "hashedrekord" | "intoto" => Expected::Accept,
            _ => Expected::Reject(Reasons::OneOf(vec![Code::TlogKindUnsupported])),
        };
        let case = Case::new(format!("rekor-responses/{}", files::name_of(&path)), expected)
            .in_group("rekor-responses")
            .tagged([format!("kind:{kind}")]);
        sink.judge(case, || verify_entry(&logs, &entry));
    }
    Ok(())
}

/// The logs of every trusted root.
fn known_logs(input: &Input<'_>) -> Result<Vec<Log>, SuiteError> {
    let mut logs: Vec<Log> = Vec::new();
    for root in input.trust.trusted_roots()? {
        let snapshot = TrustSnapshot::builder().trusted_root(&root).and_then(|builder| builder.build());
        let snapshot = snapshot.map_err(|error| SuiteError::new(format!("trusted root: {error}")))?;
        for log in snapshot.domains().iter().flat_map(|domain| domain.logs()) {
            if logs.iter().all(|known| known.log_id() != log.log_id()) {
                logs.push(log.clone());
            }
        }
    }
    Ok(logs)
}

/// The `TransparencyLogEntry` of a bundle from what Rekor answers: version 2 answers with one, version 1 with other names and hexadecimal.
fn as_bundle_entry(response: &Value) -> Option<Value> {
    if response.get("canonicalizedBody").is_some() {
        return Some(response.clone());
    }
    let answer = response.as_object()?.values().next()?;
    let body: Value = serde_json::from_slice(&base64::decode(answer["body"].as_str()?).ok()?).ok()?;
    let bytes = |hex_text: &Value| Some(base64::encode(&hex::decode(hex_text.as_str()?)?));
    let mut entry = json!({
        "logIndex": answer["logIndex"].to_string(),
        "logId": {"keyId": bytes(&answer["logID"])?},
        "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
        "integratedTime": answer["integratedTime"].to_string(),
        "inclusionPromise": {"signedEntryTimestamp": answer["verification"]["signedEntryTimestamp"]},
        "canonicalizedBody": answer["body"],
    });
    let proof = &answer["verification"]["inclusionProof"];
    if proof.is_object() {
        let hashes: Option<Vec<String>> = proof["hashes"].as_array()?.iter().map(bytes).collect();
        entry["inclusionProof"] = json!({
            "logIndex": proof["logIndex"].to_string(),
            "treeSize": proof["treeSize"].to_string(),
            "rootHash": bytes(&proof["rootHash"])?,
            "hashes": hashes?,
            "checkpoint": {"envelope": proof["checkpoint"]},
        });
    }
    Some(entry)
}

fn verify_entry(logs: &LogSet, entry: &Value) -> Observed {
    let version = if entry.get("inclusionPromise").is_some() { "+json;version=0.1" } else { ".v0.3+json" };
    // Around an entry there has to be a bundle; nobody looks at the rest of this one.
    let bundle = json!({
        "mediaType": format!("application/vnd.dev.sigstore.bundle{version}"),
        "verificationMaterial": {"publicKey": {"hint": "none"}, "tlogEntries": [entry]},
        "messageSignature": {"signature": "AA=="},
    });
    let attestation = match Attestation::from_json(bundle.to_string().as_bytes()) {
        Ok(attestation) => attestation,
        Err(error) => return Observed::refused(&error),
    };
    let Some(entry) = attestation.log_entries().first() else {
        return Observed::Refused(Code::BundleShapeInvalid, "the entry is lost".into());
    };
    match verify_evidence(logs, entry) {
        Ok(()) => Observed::Accepted,
        Err(refused) => refused,
    }
}

fn verify_evidence(logs: &LogSet, entry: &LogEntry) -> Result<(), Observed> {
    let refused = |error| Observed::refused(&error);
    EntryBody::parse(entry).map_err(refused)?;
    if entry.inclusion_promise().is_some() {
        logs.verify_promise(entry).map_err(refused)?;
    }
    if entry.inclusion_proof().is_some() {
        logs.verify_inclusion(entry).map_err(refused)?;
    }
    Ok(())
}

/// A certificate with embedded timestamps, beside its authority's and the log's key.
fn certificate_timestamps(input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
    let directory = input.path.join("sct");
    if !directory.is_dir() {
        return Ok(());
    }
    let read = |name: &str| files::read(&directory.join(name));
    let (leaf, issuer, key) = (read("cert-ct-embedded.pem")?, read("ca-cert.pem")?, read("ct-server-key-public.pem")?);
    let without = read("cert.pem")?;
    let mut judge = |name: &str, expected: Expected, leaf: &[u8], issuer: &[u8]| {
        let case = Case::new(format!("sct/{name}"), expected).in_group("sct");
        sink.judge(case, || verify_timestamps(input, leaf, issuer, &key).unwrap_or_else(|refused| refused));
    };
    let rejected = || Expected::Reject(Reasons::OneOf(vec![Code::X509SctInvalid]));
    judge("cert-ct-embedded.pem", Expected::Accept, &leaf, &issuer);
    judge("cert-ct-embedded.pem#other-issuer", rejected(), &leaf, &leaf);
    judge("cert.pem", rejected(), &without, &issuer);
    Ok(())
}

fn verify_timestamps(input: &Input<'_>, leaf: &[u8], issuer: &[u8], key: &[u8]) -> Result<Observed, Observed> {
    let certificate = |pem: &[u8]| certificates::first(pem).map_err(|error| Observed::refused(&error));
    let key = PublicKey::from_pem(key).map_err(|error| Observed::refused(&error))?;
    let log_id = HashAlgorithm::Sha256.hash(&[key.spki_der()]).as_ref().to_vec();
    let scheme = Scheme::for_key(&key);
    let log = Log::new("ct-server".to_owned(), log_id, key, scheme, Window::always());
    let logs = CtLogSet::new(input.registry, vec![log]);
    let timestamps = logs
        .verify_embedded(certificate(leaf)?.der(), certificate(issuer)?.spki_der())
        .map_err(|error| Observed::refused(&error))?;
    if timestamps.is_empty() {
        return Err(Observed::Refused(Code::X509SctInvalid, "the certificate has no timestamp".into()));
    }
    for timestamp in timestamps {
        timestamp.map_err(|error| Observed::refused(&error))?;
    }
    Ok(Observed::Accepted)
}
