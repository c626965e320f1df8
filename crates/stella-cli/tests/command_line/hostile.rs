//! Text from certificates, envelopes and file names that tries to look like something else (catalogue B235, B236). The harness asserts of
//! every run that no raw control character comes out.

use stella_testkit::authority::Authority;
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::dsse::Envelope;
use stella_testkit::key::TestKey;
use stella_testkit::statement;

use crate::harness::{Room, example, stella, stella_with};

const IN_TOTO: &str = "application/vnd.in-toto+json";
const AT: &str = "2026-09-01T00:00:00Z";

/// Escape sequences of terminals, a forged line, reordered and invisible text.
const HOSTILE: &str =
    "\u{1b}]8;;https://evil.example\u{7}x\u{1b}[2J\u{9b}1A\nVERIFIED sha256:000000000000\u{202e}\u{200b}";

#[test]
fn a_hostile_identity_neither_moves_the_cursor_nor_forges_a_line() {
    let room = Room::new();
    let root = Authority::root(&format!("root {HOSTILE}"));
    let key = TestKey::p256("a hostile builder");
    let identity = SubjectAltName::Uri(format!("https://ci.example/{}", "\u{1b}[31m'; id #\n"));
    let pem = to_pem(&root.signer_leaf(&key, &identity).sign(root.key()));
    let payload = statement::provenance("x", b"x", "https://ci.example").to_string();
    let attestation =
        room.file("a.json", Envelope::new(IN_TOTO, payload.as_bytes()).signed_with_certificate(&key, &pem).to_json());
    let anchor = room.file("root.pem", root.pem());
    let leaf = room.file("leaf.pem", &pem);
    for command in [
        format!("verify attestation {attestation} --anchor {anchor} --at {AT} --verbose"),
        format!("verify attestation {attestation} --at {AT} --verbose"),
        format!("verify attestation {attestation} --at {AT} -o json"),
        format!("verify attestation {attestation} --at {AT} -o table"),
        format!("verify cert-chain --cert {leaf} --anchor {anchor} --at {AT} --verbose"),
        format!("verify cert-chain --cert {leaf} --at {AT} -o json"),
        format!("verify cert --cert {leaf} --show-expiry --at {AT}"),
        format!("attest show {attestation} --details"),
        format!("attest show {attestation} --details -o json"),
        format!("attest show {attestation} --details -o table"),
    ] {
        let said = stella(&command);
        let forged = said.out.lines().skip(1).any(|line| line.starts_with("VERIFIED"));
        assert!(!forged, "{command}: {}", said.out);
        if command.contains("-o json") {
            said.json();
        }
    }
}

#[test]
fn hostile_names_in_a_statement_are_escaped() {
    let room = Room::new();
    let key = TestKey::ed25519("a hostile signer");
    let payload = statement::provenance(HOSTILE, b"x", HOSTILE).to_string();
    let attestation = room.file("a.json", Envelope::new(IN_TOTO, payload.as_bytes()).signed_by(&key).to_json());
    let public = room.file("key.pub", key.public_pem());
    for rest in ["", "-o json", "-o table", "--verbose"] {
        let said = stella(&format!("verify attestation {attestation} --key {public} --at {AT} {rest}"));
        assert!(!said.out.lines().skip(1).any(|line| line.starts_with("VERIFIED")), "{}", said.out);
        stella(&format!("attest show {attestation} --details {rest}"));
    }
}

#[test]
fn hostile_file_names_and_arguments_are_escaped() {
    let attestation = example("private-key/attestation.json");
    for arguments in [
        vec!["verify", "attestation", HOSTILE],
        vec!["verify", "attestation", &attestation, "--key", HOSTILE],
        vec!["verify", "attestation", &attestation, "--digest", HOSTILE],
        vec!["verify", "attestation", &attestation, "--at", HOSTILE],
        vec!["verify", "attestation", &attestation, "--identity", HOSTILE, "--issuer", HOSTILE],
        vec![
            "verify",
            "attestation",
            &attestation,
            "--predicate-type",
            HOSTILE,
            "--key",
            &example("private-key/key.pub"),
        ],
        vec!["explain", HOSTILE],
        vec![HOSTILE],
        vec!["verify", HOSTILE],
        vec!["version", &format!("--{HOSTILE}")],
        vec!["completions", HOSTILE],
    ] {
        let said = stella_with(&arguments);
        assert_ne!(said.status, 0, "{arguments:?}");
        assert!(said.err.len() <= 2048, "{arguments:?}");
        let json: Vec<&str> = arguments.iter().copied().chain(["-o", "json"]).collect();
        stella_with(&json).json();
    }
}
