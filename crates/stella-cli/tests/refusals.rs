//! The refusals that an on-call engineer meets most, each with its own code: through the library, as JSON, and as text.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use stella_attest_verify::{Artifact, Attestation, Certificate, Policy, Registry, TrustSnapshot, UnixTime, Verifier};
use stella_testkit::authority::Authority;
use stella_testkit::certificate::{CertificateBuilder, SubjectAltName, to_pem};
use stella_testkit::der;
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;

const SIGNER: &str = "https://ci.example/builder";
const ARTIFACT: &[u8] = b"release";
const AT: &str = "2026-06-01T00:00:00Z";

/// What is judged: everything right, until a test changes one thing.
struct Question {
    root: Authority,
    leaf: CertificateBuilder,
    key: TestKey,
    issuer: Authority,
    trusted: Authority,
    artifact: Vec<u8>,
    identity: String,
}

impl Question {
    fn new() -> Self {
        let root = Authority::root("refusals root");
        let issuer = root.intermediate("refusals intermediate");
        let key = TestKey::p256("refusals signer");
        let leaf = issuer.signer_leaf(&key, &SubjectAltName::Uri(SIGNER.to_owned()));
        let trusted = Authority::root("refusals root");
        Self { root, leaf, key, issuer, trusted, artifact: ARTIFACT.to_vec(), identity: SIGNER.to_owned() }
    }

    fn attestation(&self) -> String {
        let payload = statement::provenance("release", ARTIFACT, SIGNER).to_string();
        let leaf = self.leaf.sign(self.issuer.key());
        Envelope::new(IN_TOTO, payload.as_bytes()).signed_with_certificate(&self.key, &to_pem(&leaf)).to_json()
    }

    /// The code of the refusal, or `verified`, by all three ways; they have to agree.
    fn outcome(&self) -> String {
        let library = self.by_library();
        let directory = tempfile::tempdir().unwrap();
        self.write(directory.path());
        let (status, json) = self.by_program(directory.path(), &["-o", "json"]);
        let report: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(report["schema"], "stella.report/1");
        let code = report["code"].as_str().unwrap_or("verified");
        assert_eq!(code, library, "the program and the library differ");
        assert_eq!(status == 0, code == "verified", "exit {status} for {code}");
        if code != "verified" {
            assert!(report["statement"].is_null(), "content of a refused attestation is shown");
            assert!(!report["remedy"]["summary"].as_str().unwrap().is_empty());
            assert!(!report["remedy"]["commands"].as_array().unwrap().is_empty());
        }
        let (text_status, text) = self.by_program(directory.path(), &[]);
        assert_eq!(text_status, status);
        let first = text.lines().next().unwrap();
        if code == "verified" {
            assert!(first.starts_with("VERIFIED "), "{text}");
        } else {
            assert!(first.starts_with("REJECTED ") && first.contains(&format!("error[{code}]: ")), "{text}");
            assert!(text.lines().any(|line| line.starts_with("cause: ")), "{text}");
            assert!(text.lines().any(|line| line.starts_with("remedy: ")), "{text}");
        }
        library
    }

    fn by_library(&self) -> String {
        let trust = TrustSnapshot::builder()
            .anchor(Certificate::from_der(self.trusted.certificate()).unwrap())
            .intermediate(Certificate::from_der(self.issuer.certificate()).unwrap())
            .build()
            .unwrap();
        let attestation = Attestation::from_json(self.attestation().as_bytes()).unwrap();
        let report = Verifier::new(&Registry::rustcrypto(), &trust, Policy::require_signer(&self.identity)).verify(
            &attestation,
            Artifact::of_bytes(&self.artifact),
            UnixTime::parse_rfc3339(AT).unwrap(),
        );
        report.code().map_or_else(|| "verified".to_owned(), |code| code.to_string())
    }

    fn write(&self, directory: &Path) {
        for (name, content) in [
            ("attestation.json", self.attestation().into_bytes()),
            ("root.pem", self.trusted.pem().into_bytes()),
            ("intermediate.pem", self.issuer.pem().into_bytes()),
            ("release", self.artifact.clone()),
        ] {
            std::fs::write(directory.join(name), content).unwrap();
        }
    }

    fn by_program(&self, directory: &Path, more: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_stella"))
            .args(["verify", "attestation", "--attestation", "attestation.json", "--artifact", "release"])
            .args(["--anchor", "root.pem", "--intermediate", "intermediate.pem", "--at", AT])
            .args(["--identity", &self.identity])
            .args(more)
            .current_dir(directory)
            .output()
            .unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }
}

#[test]
fn what_is_right_is_verified() {
    assert_eq!(Question::new().outcome(), "verified");
}

#[test]
fn another_artifact_is_a_subject_mismatch() {
    let question = Question { artifact: b"another release".to_vec(), ..Question::new() };
    assert_eq!(question.outcome(), "intoto.subject_mismatch");
}

#[test]
fn another_identity_is_an_identity_mismatch() {
    let question = Question { identity: "https://ci.example/builde".to_owned(), ..Question::new() };
    assert_eq!(question.outcome(), "identity.mismatch");
}

#[test]
fn another_root_is_an_unknown_issuer() {
    let question = Question { trusted: Authority::root("somebody else"), ..Question::new() };
    assert_ne!(question.root.certificate(), question.trusted.certificate());
    assert_eq!(question.outcome(), "x509.unknown_issuer");
}

#[test]
fn an_expired_certificate_without_a_trusted_time_is_expired() {
    let mut question = Question::new();
    let time = |text| UnixTime::parse_rfc3339(text).unwrap();
    question.leaf = question.leaf.validity(time("2026-01-01T00:00:00Z"), time("2026-05-31T23:59:59Z"));
    assert_eq!(question.outcome(), "x509.expired");
    question.leaf = question.leaf.validity(time("2026-01-01T00:00:00Z"), time(AT));
    assert_eq!(question.outcome(), "verified", "the last second of the validity belongs to it");
}

#[test]
fn an_algorithm_that_nothing_computes_is_unsupported() {
    let mut question = Question::new();
    // Ed448, RFC 8410 §3: 1.3.101.113 and a key of 57 bytes.
    let algorithm = der::algorithm("1.3.101.113");
    question.leaf.spki = der::sequence([algorithm, der::bit_string(&[7; 57])]);
    assert_eq!(question.outcome(), "sig.algorithm_unsupported");
}
