//! in-toto statements.

use sha2::{Digest as _, Sha256};
use stella_vocabulary::hex;

use crate::json::{self, Value};

/// `_type` of in-toto Statement v1.
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
/// `_type` of in-toto Statement v0.1.
pub const STATEMENT_V01: &str = "https://in-toto.io/Statement/v0.1";
/// SLSA provenance v1.
pub const SLSA_PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";

/// A statement with one subject, the SHA-256 of `artifact`, and a small SLSA provenance v1 predicate.
pub fn provenance(name: &str, artifact: &[u8], builder: &str) -> Value {
    statement(STATEMENT_V1, &[(name, &Sha256::digest(artifact))], SLSA_PROVENANCE_V1, slsa_predicate(builder))
}

/// A statement about subjects given as name and SHA-256.
pub fn statement(kind: &str, subjects: &[(&str, &[u8])], predicate_type: &str, predicate: Value) -> Value {
    let subjects = subjects.iter().map(|(name, sha256)| {
        let digest = json::object([("sha256", json::text(&hex::encode(sha256)))]);
        json::object([("digest", digest), ("name", json::text(name))])
    });
    json::object([
        ("_type", json::text(kind)),
        ("predicate", predicate),
        ("predicateType", json::text(predicate_type)),
        ("subject", json::array(subjects)),
    ])
}

/// A SLSA provenance v1 predicate of `builder`.
pub fn slsa_predicate(builder: &str) -> Value {
    json::object([
        (
            "buildDefinition",
            json::object([
                ("buildType", json::text("https://ci.example/build/v1")),
                ("externalParameters", json::object([("ref", json::text("refs/tags/v1.0.0"))])),
            ]),
        ),
        ("runDetails", json::object([("builder", json::object([("id", json::text(builder))]))])),
    ])
}
