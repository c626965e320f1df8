//! Provenance documents of Google Cloud Build: envelopes in shape, but most of their signatures are over the bare payload.
//!
//! Every signature is taken out on its own and held against the published keys as DSSE says. Only the key called `provenanceSigner` signs the
//! pre-authentication encoding, so only its signatures may verify.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use stella_attest_model::{Attestation, Envelope, Limits};
use stella_crypto_providers::{PublicKey, SignatureEncoding};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::files;
use crate::signatures::{public_keys, verify_envelope};
use crate::sink::Sink;
use crate::suite::{Input, SuiteError};

/// How the one key that signs as DSSE says is called in key ids.
const DSSE_SIGNER: &str = "/provenanceSigner/";

/// One document.
#[derive(Deserialize)]
struct Row {
    id: String,
    expected: String,
}

/// Runs the table beside `dsse-cases.json`, if there is one.
pub(crate) fn run(input: &Input<'_>, directory: &Path, sink: &mut Sink) -> Result<(), SuiteError> {
    let table = directory.join("gcb-cases.json");
    if !table.is_file() {
        return Ok(());
    }
    let documents = directory.join("gcb");
    let keys = public_keys(&documents.join("public-keys"))?;
    for row in files::read_json::<Vec<Row>>(&table)? {
        let document = files::read(&documents.join(&row.id))?;
        let case = |suffix: &str, expected| Case::new(format!("gcb/{}{suffix}", row.id), expected).in_group("gcb");
        // Around the envelopes is a document of another kind, some of them not even JSON.
        let whole = case("", Expected::Reject(Reasons::Any));
        sink.judge(whole, || Observed::of(Attestation::from_json(&document)));
        for (number, (envelope, signature)) in signatures(&document).into_iter().enumerate() {
            let by_dsse_signer = signature["keyid"].as_str().is_some_and(|keyid| keyid.contains(DSSE_SIGNER));
            let expected = if by_dsse_signer && row.expected == "accept" {
                Expected::Accept
            } else {
                Expected::Reject(Reasons::Any)
            };
            let case = case(&format!("#signature-{number}"), expected);
            sink.judge(case, || verify_one(input, &keys, &envelope, &signature));
        }
    }
    Ok(())
}

/// Every signature of every envelope in the document.
fn signatures(document: &[u8]) -> Vec<(Value, Value)> {
    let document: Value = serde_json::from_slice(document).unwrap_or_default();
    let provenances = document["provenance_summary"]["provenance"].as_array().cloned().unwrap_or_default();
    let envelopes = provenances.into_iter().map(|provenance| provenance["envelope"].clone());
    envelopes
        .flat_map(|envelope| {
            let signatures = envelope["signatures"].as_array().cloned().unwrap_or_default();
            signatures.into_iter().map(move |signature| (envelope.clone(), signature))
        })
        .collect()
}

fn verify_one(input: &Input<'_>, keys: &[PublicKey], envelope: &Value, signature: &Value) -> Observed {
    let alone = json!({
        "payloadType": envelope["payloadType"],
        "payload": envelope["payload"],
        "signatures": [signature],
    });
    match Envelope::from_json(alone.to_string().as_bytes(), &Limits::default()) {
        Ok(envelope) => verify_envelope(input, &envelope, keys, SignatureEncoding::Der),
        Err(error) => Observed::refused(&error),
    }
}
