//! DSSE envelopes of SLSA builders, each with the builder's certificate inside the signature object and no log proof.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use stella_attest_verify::{Artifact, Attestation, Binding, Digest, Policy, PublicKey, TrustSnapshot, UnixTime};
use stella_crypto_providers::SignatureEncoding;
use stella_trust_store::KeyEntry;
use stella_vocabulary::{Code, Reason};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::evidence::{self, Part};
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};
use crate::suites::google_cloud_build;

/// The verification summaries in the suite are by this key.
const SUMMARY_KEY: &str = "vsa_signing_public_key.pem";

/// Envelopes of SLSA builders.
#[derive(Debug)]
pub(crate) struct SlsaProvenance;

/// One envelope and what an independent library found in it.
#[derive(Deserialize)]
struct Row {
    path: String,
    cert: bool,
    family: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    signature_ok: Option<bool>,
    chain_ok_at_not_before: Option<bool>,
    not_before: Option<String>,
    not_after: Option<String>,
    #[serde(default)]
    san: Vec<String>,
    oidc_issuer: Option<String>,
    artifact_sha256: Option<String>,
}

impl Suite for SlsaProvenance {
    fn name(&self) -> &'static str {
        "slsa-provenance"
    }

    fn about(&self) -> &'static str {
        "DSSE envelopes of SLSA builders, at the time of their certificates"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let (table, directory) = if input.path.is_file() {
            (input.path.to_path_buf(), input.path.parent().unwrap_or(Path::new(".")))
        } else {
            (input.path.join("dsse-cases.json"), input.path)
        };
        let public_good = input.trust.public_good()?;
        let trust = evidence::snapshot(&public_good, None)
            .map_err(|refused| SuiteError::new(format!("the public-good root: {refused}")))?;
        for row in files::read_json::<Vec<Row>>(&table)? {
            let document = files::read(&directory.join("dsse").join(&row.path))?;
            if row.cert {
                Signed { row: &row, document: &document, trust: &trust }.judge(input, sink)?;
            } else if row.family == "vsa" {
                let key = files::read(&directory.join(SUMMARY_KEY))?;
                sink.judge(row.case("", Expected::Accept), || {
                    verify_by_key(input, &public_good, &key, &row, &document)
                });
            } else {
                sink.judge(row.case("", Expected::Accept), || Observed::of(Attestation::from_json(&document)));
            }
        }
        google_cloud_build::run(input, directory, sink)?;
        skip_policy(directory, sink)
    }
}

/// An envelope with a certificate.
struct Signed<'a> {
    row: &'a Row,
    document: &'a [u8],
    trust: &'a TrustSnapshot,
}

impl Signed<'_> {
    fn judge(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let row = self.row;
        let (start, end) = (row.instant(row.not_before.as_deref())?, row.instant(row.not_after.as_deref())?);
        let after = end.checked_add(1).ok_or_else(|| SuiteError::new(format!("{}: year out of range", row.path)))?;
        let good = row.signature_ok == Some(true) && row.chain_ok_at_not_before == Some(true);
        let expected = if good { Expected::Accept } else { Expected::Reject(Reasons::Any) };
        sink.judge(row.case("", expected), || self.verify(input, self.document, start));
        if !good {
            return Ok(());
        }
        let expired = Expected::Reject(Reasons::OneOf(vec![Code::X509Expired]));
        sink.judge(row.case("#after", expired), || self.verify(input, self.document, after));
        for (suffix, part) in [
            ("#other-payload", Part::Payload),
            ("#other-payload-type", Part::PayloadType),
            ("#other-signature", Part::Signature),
        ] {
            if let Some(document) = evidence::spoiled(self.document, part) {
                let expected = Expected::Reject(evidence::other_content_reasons());
                sink.judge(row.case(suffix, expected), || self.verify(input, &document, start));
            }
        }
        Ok(())
    }

    /// Nothing but the certificate says when the signature was made, so the instant is given and the evidence of it waived.
    fn verify(&self, input: &Input<'_>, document: &[u8], at: UnixTime) -> Observed {
        let row = self.row;
        let policy = match (row.san.first(), &row.oidc_issuer) {
            (Some(identity), Some(issuer)) => Policy::require_signer(identity.as_str()).issued_by(issuer.as_str()),
            _ => Policy::danger_any_signer(),
        };
        let policy = policy
            .predicate_type(row.predicate_type.as_str())
            .danger_without_log()
            .danger_without_trusted_time()
            .danger_without_certificate_timestamp();
        let artifact = row.artifact_sha256.as_ref().and_then(|hex| format!("sha256:{hex}").parse::<Digest>().ok());
        let artifact = artifact.map(Artifact::from_digest).or_else(|| evidence::first_subject(self.document));
        let binding = artifact.map_or(Binding::SubjectsAsListed, Binding::Artifact);
        evidence::verify(input, self.trust, &policy, document, binding, at)
    }
}

impl Row {
    fn case(&self, suffix: &str, expected: Expected) -> Case {
        let signer = if self.cert { "certificate" } else { "none" };
        Case::new(format!("{}{suffix}", self.path), expected)
            .in_group(&self.family)
            .tagged([format!("signer:{signer}"), format!("family:{}", self.family)])
    }

    fn instant(&self, text: Option<&str>) -> Result<UnixTime, SuiteError> {
        let wrong = |why: &str| SuiteError::new(format!("{}: {why}", self.path));
        UnixTime::parse_rfc3339(text.ok_or_else(|| wrong("no validity"))?).map_err(|error| wrong(&error.to_string()))
    }
}

/// Its subjects have digests of a kind that only their publisher knows, so there is nothing to hold them against. The signature is written as
/// r‖s, which is a property of the key's owner: an encoding is never guessed.
fn verify_by_key(input: &Input<'_>, trusted_root: &[u8], key: &[u8], row: &Row, document: &[u8]) -> Observed {
    let refused = |reason: &dyn Reason| Observed::refused(reason);
    let key = match PublicKey::from_pem(key) {
        Ok(key) => key,
        Err(error) => return refused(&error),
    };
    let policy = Policy::require_key(key.key_id())
        .predicate_type(row.predicate_type.as_str())
        .danger_without_log()
        .danger_without_trusted_time();
    let entry = KeyEntry::new(key).with_encoding(SignatureEncoding::Fixed);
    match evidence::snapshot(trusted_root, Some(entry)) {
        Ok(trust) => evidence::verify(input, &trust, &policy, document, Binding::SubjectsAsListed, input.at),
        Err(refused) => refused,
    }
}

/// The table of policy rules is only counted.
fn skip_policy(directory: &Path, sink: &mut Sink) -> Result<(), SuiteError> {
    let path = directory.join("policy-cases.json");
    if !path.is_file() {
        return Ok(());
    }
    let why = "rules on source, tag and builder need the artifacts, which the suite leaves out";
    for number in 0..rows(&files::read_json(&path)?) {
        sink.skip(Case::new(format!("policy/{number}"), Expected::Undecided(why.to_owned())).in_group("policy"), why);
    }
    Ok(())
}

/// How many cases a table lists, all together or under the name of each test.
fn rows(table: &Value) -> usize {
    match table {
        Value::Array(rows) => rows.len(),
        Value::Object(tests) => tests.values().filter_map(Value::as_array).map(Vec::len).sum(),
        _ => 0,
    }
}
