//! What the items have in common: one signer with a key, one fake Sigstore, one artifact, one instant.

use stella_vocabulary::hex;

use super::item::Item;
use crate::{
    bundle::{Bundle, Content, Signer, Version},
    dsse::{Envelope, IN_TOTO},
    json::{self, Value},
    key::TestKey,
    sigstore::{IDENTITY, OIDC_ISSUER, Sigstore},
    statement,
};

/// When everything is judged.
pub(super) const AT: &str = "2026-06-01T00:00:00Z";
/// What the statements are about, kept as `artifact.txt`.
pub(super) const ARTIFACT: &[u8] = b"stella catalogue artifact\n";
/// Another artifact, kept as `other.txt`.
pub(super) const OTHER_ARTIFACT: &[u8] = b"another artifact\n";
/// Who built the artifact, as the predicate says.
pub(super) const BUILDER: &str = "https://ci.example/builder";

/// The key that the items trust.
pub(super) fn signer() -> TestKey {
    TestKey::p256("stella catalogue signer TEST KEY")
}

/// A second key that some items trust.
pub(super) fn second_signer() -> TestKey {
    TestKey::p256("stella catalogue second signer TEST KEY")
}

/// A key that no item trusts.
pub(super) fn stranger() -> TestKey {
    TestKey::p256("stella catalogue stranger TEST KEY")
}

/// How a key is named: `sha256:` and the hash of its SubjectPublicKeyInfo.
pub(super) fn fingerprint(key: &TestKey) -> String {
    format!("sha256:{}", hex::encode(&key.spki_sha256()))
}

/// The statement about the artifact.
pub(super) fn statement() -> Value {
    statement::provenance("artifact.txt", ARTIFACT, BUILDER)
}

/// The statement after `edit`.
pub(super) fn statement_with(edit: impl FnOnce(&mut Value)) -> Value {
    let mut statement = statement();
    edit(&mut statement);
    sorted(&statement)
}

/// The statement as text.
pub(super) fn payload() -> Vec<u8> {
    statement().to_string().into_bytes()
}

/// An in-toto envelope around `payload` by the trusted key.
pub(super) fn envelope(payload: impl AsRef<[u8]>) -> Envelope {
    Envelope::new(IN_TOTO, payload.as_ref()).signed_by(&signer())
}

/// An in-toto envelope around `payload` by the trusted key, as text.
pub(super) fn signed(payload: impl AsRef<[u8]>) -> String {
    text(&envelope(payload).to_value())
}

/// The envelope around the statement, as text, after `edit` has changed what is outside of the payload.
pub(super) fn envelope_with(edit: impl FnOnce(&mut Value)) -> String {
    let mut value = envelope(payload()).to_value();
    edit(&mut value);
    text(&value)
}

/// An item that is verified with `key.pub` and `artifact.txt`.
pub(super) fn key_item(id: &'static str) -> Item {
    Item::new(id)
        .file("key.pub", signer().public_pem())
        .file("artifact.txt", ARTIFACT)
        .run("key", "key.pub")
        .run("artifact", "artifact.txt")
        .run("at", AT)
}

/// As [`key_item`], with a good envelope.
pub(super) fn envelope_item(id: &'static str) -> Item {
    key_item(id).good(signed(payload()))
}

/// The fake Sigstore that the items trust.
pub(super) fn sigstore() -> Sigstore {
    Sigstore::new("stella catalogue sigstore TEST KEY")
}

/// A bundle of the statement.
pub(super) fn bundle(version: Version) -> Bundle {
    sigstore().ceremony().version(version).sign_statement(&statement())
}

/// A bundle of the statement after `edit`, as text.
pub(super) fn bundle_with(version: Version, edit: impl FnOnce(&mut Value)) -> String {
    let mut value = bundle(version).to_value();
    edit(&mut value);
    text(&value)
}

/// An item that is verified with `trusted_root.json`, an identity, its issuer, and `artifact.txt`.
pub(super) fn sigstore_item(id: &'static str) -> Item {
    Item::new(id)
        .file("trusted_root.json", sigstore().trusted_root().to_json())
        .file("artifact.txt", ARTIFACT)
        .run("trusted_root", "trusted_root.json")
        .run("identity", IDENTITY)
        .run("issuer", OIDC_ISSUER)
        .run("artifact", "artifact.txt")
        .run("at", AT)
}

/// As [`sigstore_item`], with a good bundle of version 0.3.
pub(super) fn bundle_item(id: &'static str) -> Item {
    sigstore_item(id).good(text(&bundle(Version::V03).to_value()))
}

/// A bundle of the envelope by the trusted key, which it names by its fingerprint.
pub(super) fn key_bundle() -> Bundle {
    Bundle {
        version: Version::V03,
        content: Content::Dsse(envelope(payload())),
        signer: Signer::KeyHint(fingerprint(&signer())),
        entries: Vec::new(),
        timestamps: Vec::new(),
    }
}

/// Compact JSON with sorted members, whatever order they were added in.
pub(super) fn text(value: &Value) -> String {
    sorted(value).to_string()
}

/// `value` with the members of its objects sorted.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => json::array(items.iter().map(sorted)),
        Value::Object(members) => {
            json::object(members.iter().map(|(name, value)| (name.as_str(), sorted(value))).collect::<Vec<_>>())
        }
        other => other.clone(),
    }
}

/// Removes the member `name` of an object.
pub(super) fn remove(value: &mut Value, name: &str) {
    if let Value::Object(members) = value {
        members.remove(name);
    }
}

/// `text` with the first `from` replaced by `to`.
///
/// # Panics
/// If there is none: the fixture would not be the bad one.
pub(super) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} does not occur");
    text.replacen(from, to, 1)
}
