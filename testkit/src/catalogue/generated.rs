//! Inputs that are too large to keep.

use crate::{
    bundle::Version,
    dsse::{Envelope, IN_TOTO, Signature},
    json::{self, Value},
    sigstore::Evidence,
    statement::{self, STATEMENT_V1},
};

use super::{archive, certificate, certified_names, path, scene};

/// 16 MiB, the limit of a document.
const DOCUMENT: usize = 16 << 20;
/// 12 MiB, the limit of a payload.
const PAYLOAD: usize = 12 << 20;

/// The input called `recipe` in an `expect.toml`; `None` for one that is not made of bytes alone, such as a directory.
pub fn generate(recipe: &str) -> Option<Vec<u8>> {
    let (name, number) = match recipe.rsplit_once(' ') {
        Some((name, number)) => (name, number.parse::<usize>().ok()?),
        None => (recipe, 0),
    };
    Some(match name {
        "document of the limit and" => document(DOCUMENT + number).into_bytes(),
        "payload of the limit and" => scene::signed(payload_of(PAYLOAD + number)).into_bytes(),
        "predicate of MiB" => scene::signed(payload_of(number << 20)).into_bytes(),
        "gzip bomb of MiB" => archive::gzip_bomb((number << 23) / 13),
        "PEM fragments of KiB" => repeated("-----BEGIN ", number << 10),
        "PEM beginnings of KiB" => repeated("-----BEGIN PUBLIC KEY-----\n", number << 10),
        "levels" => scene::envelope_with(|envelope| envelope["ignored"] = Value::Null)
            .replacen("null", &nested(number.saturating_sub(1)), 1)
            .into_bytes(),
        "levels of payload" => {
            let payload = scene::statement_with(|statement| statement["predicate"]["value"] = Value::Null).to_string();
            // The predicate is on the second level.
            scene::signed(payload.replacen("null", &nested(number.saturating_sub(2)), 1)).into_bytes()
        }
        "members" => scene::envelope_with(|envelope| envelope["ignored"] = members(number)).into_bytes(),
        "members of predicate" => {
            let statement = scene::statement_with(|statement| statement["predicate"] = members(number));
            scene::signed(statement.to_string()).into_bytes()
        }
        "signatures" => signatures(number).into_bytes(),
        "subjects" => scene::signed(subjects(number).to_string()).into_bytes(),
        "log entries" => log_entries(number).into_bytes(),
        "timestamps" => timestamps(number).into_bytes(),
        "certificate of levels" => certificate::nested_certificate(number).into_bytes(),
        "certificate with an attribute of KiB" => certificate::named_at_length(number).into_bytes(),
        "names against as many constraints" => certified_names::many_names(number).into_bytes(),
        "alternative names" => certified_names::many_alternatives(number).into_bytes(),
        "policies mapped on levels" => path::mapped_policies(number).into_bytes(),
        _ => return None,
    })
}

/// An in-toto envelope around `payload`, whatever it is, by the key that the items trust.
pub fn sign_payload(payload: &[u8]) -> Vec<u8> {
    scene::signed(payload).into_bytes()
}

/// The good envelope, with white space behind it up to `length`.
fn document(length: usize) -> String {
    let mut text = scene::signed(scene::payload());
    text.extend(core::iter::repeat_n(' ', length.saturating_sub(text.len())));
    text
}

/// The good statement, with free text in its predicate up to `length`.
fn payload_of(length: usize) -> Vec<u8> {
    let text = scene::statement_with(|statement| statement["predicate"]["text"] = json::text("")).to_string();
    let filler = "x".repeat(length.saturating_sub(text.len()));
    scene::replaced(&text, "\"text\":\"\"", &format!("\"text\":\"{filler}\"")).into_bytes()
}

fn repeated(piece: &str, length: usize) -> Vec<u8> {
    piece.bytes().cycle().take(length).collect()
}

fn nested(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

fn members(number: usize) -> Value {
    let names: Vec<String> = (0..number).map(|index| format!("{index:06}")).collect();
    json::object(names.iter().map(|name| (name.as_str(), Value::from(0))))
}

/// The trusted signature last, behind others that are no signatures of anybody.
fn signatures(number: usize) -> String {
    let mut envelope = Envelope::new(IN_TOTO, &scene::payload());
    let mut sig = scene::stranger().sign(b"something else");
    for index in 1..number {
        let last = sig.len() - 1;
        sig[last] = sig[last].wrapping_add(u8::from(index % 2 == 0));
        envelope.signatures.push(Signature { keyid: None, sig: sig.clone(), certificate_pem: None });
    }
    scene::text(&envelope.signed_by(&scene::signer()).to_value())
}

/// The artifact is the last subject.
fn subjects(number: usize) -> Value {
    use sha2::{Digest as _, Sha256};
    let names: Vec<String> = (1..number).map(|index| format!("file {index}")).collect();
    let digests: Vec<[u8; 32]> = names.iter().map(|name| Sha256::digest(name).into()).collect();
    let artifact: [u8; 32] = Sha256::digest(scene::ARTIFACT).into();
    let mut subjects: Vec<(&str, &[u8])> =
        names.iter().zip(&digests).map(|(name, digest)| (name.as_str(), digest.as_slice())).collect();
    subjects.push(("artifact.txt", &artifact));
    statement::statement(
        STATEMENT_V1,
        &subjects,
        statement::SLSA_PROVENANCE_V1,
        statement::slsa_predicate(scene::BUILDER),
    )
}

fn log_entries(number: usize) -> String {
    let mut bundle = scene::bundle(Version::V03);
    let entry = bundle.entries.first().cloned();
    bundle.entries = core::iter::repeat_n(entry, number).flatten().collect();
    bundle.to_json()
}

fn timestamps(number: usize) -> String {
    let evidence = [Evidence::InclusionProof, Evidence::Promise, Evidence::Sct, Evidence::Timestamp];
    let mut bundle = scene::sigstore().ceremony().evidence(&evidence).sign_statement(&scene::statement());
    let token = bundle.timestamps.first().cloned();
    bundle.timestamps = core::iter::repeat_n(token, number).flatten().collect();
    bundle.to_json()
}
