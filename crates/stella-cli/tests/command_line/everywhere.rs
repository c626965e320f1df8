//! Options that every command takes.

use crate::harness::{Said, example, program, stella, stella_reading};

#[test]
fn the_instant_to_judge_at_has_a_zone() {
    for bad in ["yesterday", "2026-01-17", "2026-01-17T09:00:00", "2026-13-17T09:00:00Z"] {
        stella(&format!("version --at {bad}")).complained("usage.date_invalid", 2);
    }
    stella("version --at 2026-01-17T09:00:00+01:00").ended(0);
}

#[test]
fn format_is_another_name_of_output() {
    for option in ["-o json", "--output json", "--format json", "--format=json", "-ojson", "-o ndjson"] {
        let said = stella(&format!("version {option}")).ended(0);
        assert_eq!(said.json()["schema"], "stella.version/1");
    }
}

#[test]
fn marks_are_ascii_where_the_locale_or_the_terminal_cannot_show_others() {
    let attestation = example("private-key/attestation.json");
    let key = example("private-key/key.pub");
    for (name, value) in [("LANG", "C"), ("LC_ALL", "POSIX"), ("TERM", "dumb")] {
        let output = program()
            .env(name, value)
            .args(["verify", "attestation", &attestation, "--key", &key, "--at", "2026-09-01T00:00:00Z"])
            .output()
            .unwrap();
        let said = Said::from(output).ended(0);
        assert!(said.out.contains("\nok   envelope.signature"), "{}", said.out);
        assert!(said.out.is_ascii(), "{}", said.out);
    }
}

#[test]
fn output_that_is_piped_has_no_colour() {
    let said = stella("explain x509.expired").ended(0);
    assert!(!said.out.contains('\u{1b}'));
}

#[test]
fn offline_can_be_said_by_option_and_environment() {
    stella("version --offline").ended(0);
    for value in ["1", "0", "true", "no", ""] {
        let output = program().env("STELLA_OFFLINE", value).arg("version").output().unwrap();
        Said::from(output).ended(0);
    }
}

#[test]
fn the_version_tells_providers_trust_and_limits() {
    let said = stella("version").ended(0);
    assert_eq!(said.first_line(), format!("stella {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(said.lines("trusted root").count(), 2);
    let document = stella("version -o json").ended(0).json();
    let digests: Vec<&str> =
        document["trusted_roots"].as_array().unwrap().iter().map(|root| root["digest"].as_str().unwrap()).collect();
    let notice = std::fs::read_to_string(format!("{}/trust/NOTICE.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for root in document["trusted_roots"].as_array().unwrap() {
        assert!(notice.contains(root["date"].as_str().unwrap()), "{root}");
    }
    for digest in digests {
        assert!(notice.contains(digest.strip_prefix("sha256:").unwrap()), "{digest}");
    }
    assert_eq!(document["limits"]["json_depth"], 64);
}

#[test]
fn providers_are_listed_with_their_algorithms() {
    let said = stella("crypto providers list --algorithms").ended(0);
    for name in ["rustcrypto", "ecdsa-p256-sha256", "ed25519", "rsa-pkcs1-sha256"] {
        assert!(said.out.contains(name), "{}", said.out);
    }
    let document = stella("crypto providers list --algorithms -o json").ended(0).json();
    assert_eq!(document["schema"], "stella.providers/1");
    assert!(document["providers"][0]["algorithms"].as_array().unwrap().len() >= 10);
    assert!(stella("crypto providers list").ended(0).out.lines().count() < said.out.lines().count());
}

#[test]
fn standard_input_serves_as_attestation_or_artifact() {
    let attestation = std::fs::read(example("private-key/attestation.json")).unwrap();
    let artifact = std::fs::read(example("private-key/release.txt")).unwrap();
    let rest = format!("--key {} --at 2026-09-01T00:00:00Z", example("private-key/key.pub"));
    stella_reading(&format!("verify attestation --attestation - {rest}"), &attestation).ended(0);
    stella_reading(&format!("attest verify - {rest}"), &attestation).ended(0);
    let file = example("private-key/attestation.json");
    stella_reading(&format!("verify attestation --attestation {file} --artifact - {rest}"), &artifact).ended(0);
    stella_reading(&format!("verify attestation --attestation - --artifact - {rest}"), &attestation)
        .complained("usage.conflict", 2);
}

#[test]
fn every_provider_passes_the_self_test() {
    let said = stella("self-test").ended(0);
    assert!(said.field("provider").ends_with(", passed"), "{}", said.out);
    assert!(said.field("ed25519").starts_with("as published, "), "{}", said.out);
    assert_eq!(stella("self-test -q").ended(0).out.lines().count(), said.lines("provider").count());
    let document = stella("self-test -o json").ended(0).json();
    assert_eq!((&document["schema"], &document["passed"]), (&"stella.self-test/1".into(), &true.into()));
    for algorithm in document["providers"][0]["algorithms"].as_array().unwrap() {
        assert!(algorithm["accepted"].as_u64() > Some(0) && algorithm["refused"].as_u64() > Some(0), "{algorithm}");
    }
}
