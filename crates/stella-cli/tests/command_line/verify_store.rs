//! The verify commands over a trust store: its trust, its limits, its policy, and its past.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Home, example, expected};

const AT: &str = "--at 2026-06-01T00:00:00Z";

fn private(file: &str) -> String {
    example(&format!("private-pki/{file}"))
}

fn verify(home: &Home, more: &str) -> crate::harness::Said {
    let (attestation, artifact) = (private("attestation.json"), private("release.txt"));
    home.run(&format!("verify attestation --attestation {attestation} --artifact {artifact} {AT} {more}"))
}

/// A store with the root of the private authority, added with these options.
fn anchored(options: &str) -> Home {
    let home = Home::solo();
    let (root, middle) = (private("root.pem"), private("intermediate.pem"));
    home.run(&format!("trust-anchors add --cert {root} --name release-root {options}")).ended(0);
    home.run(&format!("trust-anchors add-intermediate --cert {middle}")).ended(0);
    home
}

fn policy(home: &Home, text: &str) {
    let path = home.directory().join("policies/default.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn the_store_is_the_trust_and_report_and_text_name_its_entry() {
    let home = anchored("");
    let report = verify(&home, "-o json").ended(0).json();
    assert_eq!(report["inputs"]["trust"]["store"], "test");
    assert_eq!(report["inputs"]["trust"]["entry"], 2);
    let text = verify(&home, "--verbose").ended(0);
    let source = text.lines("trusted").next().unwrap();
    assert!(source.starts_with("store test at entry 2, "), "{source}");
    assert!(text.out.contains("anchor release-root"), "{}", text.out);
    // An empty store trusts nobody, also not what is built in.
    let report = verify(&Home::solo(), "-o json").ended(1).json();
    assert_eq!(report["code"], "x509.unknown_issuer");
    // Without one, nothing is as if there were one.
    let report = verify(&Home::bare(), "-o json").ended(1).json();
    assert_eq!(report["inputs"]["trust"].get("store"), None);
}

#[test]
fn what_is_outside_the_scope_of_an_anchor_is_refused_b194() {
    let kind = expected("private-pki", "predicate_type");
    verify(&anchored(&format!("--predicate-type {kind}")), "").ended(0);
    verify(&anchored("--identity https://ci.example/*"), "").ended(0);
    let home = anchored("--predicate-type https://spdx.dev/Document");
    let said = verify(&home, "").ended(1);
    assert!(said.out.contains("error[policy.anchor_scope]"), "{}", said.out);
    assert!(said.out.contains("stella trust-anchors show release-root"), "{}", said.out);
    // Nor does naming the identity, or giving the certificate again, widen anything.
    let identity = expected("private-pki", "identity");
    let report = verify(&home, &format!("--identity {identity} -o json")).ended(1).json();
    assert_eq!(report["code"], "policy.anchor_scope");
    let report = verify(&home, &format!("--anchor {} -o json", private("root.pem"))).ended(1).json();
    assert_eq!(report["code"], "policy.anchor_scope");
}

#[test]
fn a_revoked_anchor_is_refused_and_yesterdays_trust_is_one_option_away() {
    let home = anchored("");
    home.run("trust-anchors revoke release-root --compromised-since 2026-01-01T00:00:00Z --reason stolen").ended(0);
    let report = verify(&home, "-o json").ended(1).json();
    assert_eq!(report["code"], "x509.revoked");
    assert_eq!(verify(&home, "-o json --trust-at 2").ended(0).json()["inputs"]["trust"]["entry"], 2);
    let said = home.run(&format!("verify cert-chain --attestation {} {AT} -o json", private("attestation.json")));
    assert_eq!(said.ended(1).json()["code"], "x509.revoked");
    verify(&home, "--trust-at 99").complained("store.not_found", 4);
    verify(&Home::bare(), "--trust-at 0").complained("store.not_found", 4);
    // Giving it again brings nothing back.
    let report = verify(&home, &format!("--anchor {} -o json", private("root.pem"))).ended(1).json();
    assert_eq!(report["code"], "x509.revoked");
}

#[test]
fn a_key_of_the_store_signs_and_one_that_was_revoked_does_not() {
    let home = Home::solo();
    let key = example("private-key/key.pem");
    let key = if fs::exists(&key).unwrap() {
        key
    } else {
        example(&format!("private-key/{}", expected("private-key", "key")))
    };
    home.run(&format!("trust-anchors add-key --key {key} --name builder --expires 2050-01-01T00:00:00Z")).ended(0);
    let file = example(&format!("private-key/{}", expected("private-key", "attestation")));
    let verify = |more: &str| home.run(&format!("verify attestation --attestation {file} {AT} -o json {more}"));
    let report = verify("").ended(0).json();
    assert_eq!(report["signer"]["label"], "builder");
    home.run("trust-anchors revoke builder --compromised-since 2026-01-01T00:00:00Z --reason stolen").ended(0);
    assert_eq!(verify("").ended(1).json()["code"], "key.revoked");
    assert_eq!(verify(&format!("--key {key}")).ended(1).json()["code"], "key.revoked");
}

#[test]
fn the_policy_of_the_store_counts_unless_somebody_names_the_signer() {
    let home = anchored("");
    policy(&home, "signer = \"trusted\"\nrequire_time = 1\n");
    let report = verify(&home, "-o json").ended(1).json();
    assert_eq!(report["code"], "time.no_trusted_time");
    let text = verify(&home, "--verbose");
    assert!(text.lines("trusted").any(|source| source.contains("default.toml")), "{}", text.out);
    verify(&home, &format!("--identity {}", expected("private-pki", "identity"))).ended(0);
    let own = home.room.file("own.toml", "signer = \"trusted\"\nalgorithms = [\"ecdsa-p256-sha256\"]\n");
    verify(&home, &format!("--policy {own}")).ended(0);
    let other = home.room.file("other.toml", "signer = \"trusted\"\nalgorithms = [\"ed25519\"]\n");
    assert_eq!(
        verify(&home, &format!("--policy {other} -o json")).ended(1).json()["code"],
        "sig.algorithm_unsupported"
    );
}

#[test]
fn a_policy_that_cannot_be_meant_is_refused_b199_b200() {
    let home = anchored("");
    for (text, code) in [
        ("signer = \"trusted\"\nrequrie_log = 1\n", "config.unknown_key"),
        ("signer = \"trusted\"\nalgorithms = []\n", "config.invalid"),
        ("signer = \"trusted\"\nlevel = \"skip\"\n", "config.invalid"),
    ] {
        policy(&home, text);
        verify(&home, "").complained(code, 2);
        let file = home.room.file("policy.toml", text);
        verify(&home, &format!("--policy {file}")).complained(code, 2);
    }
}

#[test]
fn a_public_signer_is_trusted_as_an_issuer_of_the_store_or_by_name() {
    let home = Home::bare();
    home.run("init --name test").ended(0);
    let file = example("slsa-provenance/bundle.json");
    let file = if fs::exists(&file).unwrap() {
        file
    } else {
        example(&format!("slsa-provenance/{}", expected("slsa-provenance", "attestation")))
    };
    let verify = |more: &str| home.run(&format!("verify attestation --attestation {file} -o json {more}")).json();
    assert_eq!(verify("")["code"], "policy.issuer_required");
    let (identity, issuer) = (expected("slsa-provenance", "identity"), expected("slsa-provenance", "issuer"));
    assert_eq!(verify(&format!("--identity {identity} --issuer {issuer}"))["verdict"], "verified");
    home.run_with(&[
        "issuer",
        "add",
        "builder",
        "--name",
        "Builder",
        "--identity",
        &identity,
        "--oidc-issuer",
        &issuer,
        "--reason",
        "a test",
    ])
    .ended(0);
    let report = verify("");
    assert_eq!(report["code"], "key.not_approved");
    assert_eq!(report["remedy"]["commands"][1][3], "builder");
}

#[test]
fn an_anchor_that_was_taken_out_is_named_with_the_command_that_takes_it_back() {
    let kind = expected("private-pki", "predicate_type");
    let home = anchored(&format!("--predicate-type {kind}"));
    home.run("trust-anchors remove release-root --reason test").ended(0);
    let said = verify(&home, "").ended(1);
    let command = "  stella trust-anchors reinstate release-root --reason TEXT";
    assert!(said.out.lines().any(|line| line == command), "{}", said.out);
    let accepts = format!("everything that anchor release-root certifies, within its limits: predicate type {kind}");
    assert_eq!(said.field("would newly accept"), accepts);
    assert!(!said.out.contains("trust-anchors add --cert"), "{}", said.out);
    home.run(command.trim_start().strip_prefix("stella ").unwrap()).ended(0);
    verify(&home, "").ended(0);
    // An authority that was never there is not one that was taken out.
    assert!(!verify(&Home::solo(), "").ended(1).out.contains("reinstate"));
}
