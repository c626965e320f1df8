//! DSSE and in-toto: the vector of the specification, the examples in its texts, envelopes and files signed by several tools.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use stella_attest_model::{Attestation, Envelope, Limits, Pae, Statement};
use stella_crypto_providers::{HashAlgorithm, KeyType, Message, PublicKey, Scheme, SignatureEncoding, VerifyingKey};
use stella_vocabulary::{Code, base64};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::evidence::{self, Part};
use crate::files;
use crate::signatures::{is_key, public_keys, verify_envelope};
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Envelopes and statements.
#[derive(Debug)]
pub(crate) struct DsseIntoto;

impl Suite for DsseIntoto {
    fn name(&self) -> &'static str {
        "dsse-intoto"
    }

    fn about(&self) -> &'static str {
        "the DSSE vector, in-toto examples, signed envelopes and files"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        specification(input, sink)?;
        examples(input, sink)?;
        let rekor = input.path.join("rekor");
        if rekor.is_dir() {
            envelopes(input, &rekor, sink)?;
            signed_files(input, &rekor.join("client-algos"), sink)?;
        }
        legacy(&input.path.join("legacy-in-toto"), sink)
    }
}

/// The one vector of the specification.
#[derive(Deserialize)]
struct Vector {
    payload_utf8: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    pae_utf8: String,
    key: VectorKey,
    envelope: Value,
}

#[derive(Deserialize)]
struct VectorKey {
    x_decimal: String,
    y_decimal: String,
}

fn specification(input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
    let path = input.path.join("dsse-spec-vector.json");
    if !path.is_file() {
        return Ok(());
    }
    let vector: Vector = files::read_json(&path)?;
    let case =
        |suffix: &str, expected| Case::new(format!("dsse-spec-vector#{suffix}"), expected).in_group("specification");
    sink.judge(case("pae", Expected::Accept), || {
        if Pae::new(&vector.payload_type, vector.payload_utf8.as_bytes()).to_vec() == vector.pae_utf8.as_bytes() {
            Observed::Accepted
        } else {
            Observed::Refused(Code::DsseSignatureInvalid, "the pre-authentication encoding differs".into())
        }
    });
    let key = p256_key(&vector.key.x_decimal, &vector.key.y_decimal)?;
    let document = vector.envelope.to_string().into_bytes();
    let verify = |document: &[u8]| match Envelope::from_json(document, &Limits::default()) {
        Ok(envelope) => verify_envelope(input, &envelope, std::slice::from_ref(&key), SignatureEncoding::Fixed),
        Err(error) => Observed::refused(&error),
    };
    sink.judge(case("signature", Expected::Accept), || verify(&document));
    for (suffix, part) in [("other-payload", Part::Payload), ("other-payload-type", Part::PayloadType)] {
        let spoiled = evidence::spoiled(&document, part).unwrap_or_default();
        sink.judge(case(suffix, Expected::Reject(Reasons::OneOf(vec![Code::SigInvalid]))), || verify(&spoiled));
    }
    Ok(())
}

/// An example of the texts.
#[derive(Deserialize)]
struct Example {
    id: String,
    complete: bool,
    doc: Value,
}

fn examples(input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
    let path = input.path.join("intoto-spec-examples.json");
    if !path.is_file() {
        return Ok(());
    }
    for example in files::read_json::<Vec<Example>>(&path)? {
        let case = Case::new(&example.id, Expected::Accept).in_group("examples");
        if !example.complete {
            let open = Expected::Undecided("the example holds placeholders".to_owned());
            sink.judge(Case { expected: open, ..case }, || parsed(&example.doc));
        } else if example.doc.get("_type").is_some() {
            sink.judge(case, || parsed(&example.doc));
        } else if example.doc.get("payloadType").is_some() {
            let document = example.doc.to_string();
            sink.judge(case, || Observed::of(Attestation::from_json(document.as_bytes())));
        } else {
            sink.skip(case, "neither a statement nor an envelope");
        }
    }
    Ok(())
}

/// Reads a statement, and holds what the model tells of it against the document.
fn parsed(document: &Value) -> Observed {
    let statement = match Statement::from_payload(document.to_string().as_bytes(), &Limits::default()) {
        Ok(statement) => statement,
        Err(error) => return Observed::refused(&error),
    };
    let lost = |what: &str| Observed::Refused(Code::IntotoMalformed, format!("the model lost {what}"));
    if document["predicateType"] != statement.predicate_type() {
        return lost("the predicate type");
    }
    let predicate = statement.predicate_json().map(serde_json::from_str::<Value>).transpose();
    if predicate.ok().flatten().as_ref() != document.get("predicate") {
        return lost("the predicate");
    }
    let subjects = document["subject"].as_array().map_or(&[][..], Vec::as_slice);
    let same = subjects.len() == statement.subjects().len()
        && subjects.iter().zip(statement.subjects()).all(|(told, read)| {
            let digests = told["digest"].as_object().map_or(0, serde_json::Map::len);
            told["name"].as_str() == read.name()
                && digests == read.digests().len() + read.other_digests().len()
                && read.digests().iter().all(|digest| {
                    let text = digest.to_string();
                    text.split_once(':').is_some_and(|(name, hex)| told["digest"][name] == json!(hex))
                })
        });
    if same { Observed::Accepted } else { lost("a subject") }
}

/// Every signature of an envelope is by one key of the directory, and each by another one.
fn envelopes(input: &Input<'_>, directory: &Path, sink: &mut Sink) -> Result<(), SuiteError> {
    let keys = public_keys(directory)?;
    for path in files::list(directory, |name| !is_key(name))? {
        let document = files::read(&path)?;
        let name = files::name_of(&path);
        let verify = |document: &[u8]| match Envelope::from_json(document, &Limits::default()) {
            Ok(envelope) => verify_envelope(input, &envelope, &keys, SignatureEncoding::Der),
            Err(error) => Observed::refused(&error),
        };
        let case = |suffix: &str, expected| Case::new(format!("rekor/{name}{suffix}"), expected).in_group("rekor");
        sink.judge(case("", Expected::Accept), || verify(&document));
        for (suffix, part) in [
            ("#other-payload", Part::Payload),
            ("#other-payload-type", Part::PayloadType),
            ("#other-signature", Part::Signature),
        ] {
            if let Some(spoiled) = evidence::spoiled(&document, part) {
                let expected = Expected::Reject(Reasons::OneOf(vec![Code::SigInvalid]));
                sink.judge(case(suffix, expected), || verify(&spoiled));
            }
        }
    }
    Ok(())
}

/// `FILE.ALGORITHM.sig` over `FILE`, by the key of that algorithm.
fn signed_files(input: &Input<'_>, directory: &Path, sink: &mut Sink) -> Result<(), SuiteError> {
    if !directory.is_dir() {
        return Ok(());
    }
    let keys = public_keys(directory)?;
    for path in files::list(directory, |name| name.ends_with(".sig"))? {
        let name = files::name_of(&path);
        let mut words = name.split('.');
        let (Some(file), Some(algorithm)) = (words.next(), words.next()) else { continue };
        let case = |suffix: &str, expected| {
            Case::new(format!("rekor/client-algos/{name}{suffix}"), expected)
                .in_group("files")
                .tagged([format!("algorithm:{algorithm}")])
        };
        let (message, signature) = (files::read(&directory.join(file))?, files::read(&path)?);
        let verify = |scheme: Option<Scheme>, key_type: KeyType, message: &[u8]| {
            let Some(key) = keys.iter().find(|key| key.key_type() == key_type) else {
                return Observed::Refused(Code::DsseKeyUnknown, "no key of that type beside the file".into());
            };
            let verifying = input.registry.prepare(scheme.unwrap_or_else(|| Scheme::for_key(key)), key);
            let verify = |key: VerifyingKey| key.verify(Message::Parts(&[message]), &signature, SignatureEncoding::Der);
            match verifying {
                Ok(key) => Observed::of(verify(key)),
                Err(error) => Observed::refused(&error),
            }
        };
        let (scheme, key_type) = match algorithm {
            "ec" => (None, KeyType::EcP256),
            "ed25519" => (None, KeyType::Ed25519),
            "rsa" => (None, KeyType::Rsa),
            "rsa512" => (Scheme::with_hash(KeyType::Rsa, HashAlgorithm::Sha512), KeyType::Rsa),
            "ed25519ph" => {
                sink.skip(case("", Expected::Accept), "Ed25519ph is no scheme of this project");
                let plain = Expected::Reject(Reasons::OneOf(vec![Code::SigInvalid]));
                sink.judge(case("#as-ed25519", plain), || verify(None, KeyType::Ed25519, &message));
                continue;
            }
            _ => {
                sink.skip(case("", Expected::Accept), format!("nobody has said what `{algorithm}` is"));
                continue;
            }
        };
        sink.judge(case("", Expected::Accept), || verify(scheme, key_type, &message));
        let other = Expected::Reject(Reasons::OneOf(vec![Code::SigInvalid]));
        sink.judge(case("#other-message", other), || verify(scheme, key_type, b"another message"));
    }
    Ok(())
}

/// Layouts and links from before DSSE: none of our documents, so a clear refusal is right.
fn legacy(directory: &Path, sink: &mut Sink) -> Result<(), SuiteError> {
    if !directory.is_dir() {
        return Ok(());
    }
    for path in files::list(directory, |name| name.ends_with(".layout") || name.ends_with(".link"))? {
        let document = files::read(&path)?;
        let case = Case::new(format!("legacy-in-toto/{}", files::name_of(&path)), Expected::Reject(Reasons::Any));
        sink.judge(case.in_group("legacy"), || Observed::of(Attestation::from_json(&document)));
    }
    Ok(())
}

/// A P-256 key from the coordinates that the specification gives as decimal numbers.
fn p256_key(x: &str, y: &str) -> Result<PublicKey, SuiteError> {
    /// `SubjectPublicKeyInfo` of a P-256 key up to the coordinates of its uncompressed point. RFC 5480 §2.
    const HEADER: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    let wrong = |why: &str| SuiteError::new(format!("key of the DSSE vector: {why}"));
    let mut spki = base64::decode(HEADER).map_err(|error| wrong(&error.to_string()))?;
    for decimal in [x, y] {
        spki.extend(bytes_of_decimal(decimal).ok_or_else(|| wrong("a coordinate is no number of 256 bits"))?);
    }
    PublicKey::from_spki_der(&spki).map_err(|error| wrong(&error.to_string()))
}

/// 32 bytes, the most significant first.
fn bytes_of_decimal(decimal: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    for digit in decimal.chars() {
        let mut carry = digit.to_digit(10)?;
        for byte in bytes.iter_mut().rev() {
            let value = u32::from(*byte) * 10 + carry;
            *byte = (value & 0xff) as u8;
            carry = value >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::bytes_of_decimal;

    #[test]
    fn a_decimal_number_becomes_256_bits_or_nothing() {
        let mut expected = [0; 32];
        expected[30..].copy_from_slice(&[1, 1]);
        assert_eq!(bytes_of_decimal("257"), Some(expected));
        assert_eq!(bytes_of_decimal(&"9".repeat(80)), None);
        assert_eq!(bytes_of_decimal("1x"), None);
    }
}
