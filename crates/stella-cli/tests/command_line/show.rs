//! `stella attest show`.

use crate::harness::{example, expected, stella};

#[test]
fn every_view_says_that_nothing_was_verified() {
    for name in [
        "slsa-provenance/bundle.json",
        "slsa-provenance/tampered.json",
        "private-key/attestation.json",
        "message-signature/bundle.json",
    ] {
        let file = example(name);
        for rest in ["", "--details", "-q", "-o table", "-o table --details"] {
            let said = stella(&format!("attest show {file} {rest}")).ended(0);
            assert!(said.out.contains("UNVERIFIED"), "{name} {rest}: {}", said.out);
            assert!(!said.out.replace("UNVERIFIED", "").contains("VERIFIED"), "{name} {rest}: {}", said.out);
        }
        for rest in ["", "--details"] {
            assert_eq!(stella(&format!("attest show {file} {rest} -o json")).ended(0).json()["status"], "unverified");
        }
    }
}

#[test]
fn every_fact_is_a_name_and_a_value_on_one_line() {
    let said = stella(&format!("attest show --attestation {}", example("slsa-provenance/bundle.json"))).ended(0);
    assert!(said.field("attestation").starts_with("sha256:"));
    assert_eq!(said.field("predicate type"), expected("slsa-provenance", "predicate_type"));
    assert_eq!(said.field("signer"), expected("slsa-provenance", "identity"));
    assert_eq!(said.field("issuer"), expected("slsa-provenance", "issuer"));
    assert_eq!(said.field("algorithm"), "ecdsa-p256-sha256");
    assert!(said.field("timestamp").contains("claimed"), "{}", said.out);
    assert!(said.field("subject").contains(&expected("slsa-provenance", "digest")), "{}", said.out);
}

#[test]
fn details_add_signature_certificate_and_log_entry() {
    let file = example("slsa-provenance/bundle.json");
    let said = stella(&format!("attest show {file} --details")).ended(0);
    for section in ["signature", "certificate", "log entry"] {
        assert!(said.out.contains(&format!("\n{section} (UNVERIFIED):\n")), "{section}: {}", said.out);
    }
    let document = stella(&format!("attest show {file} --details -o json")).ended(0).json();
    assert!(document["details"].as_array().unwrap().len() >= 3);
    let said = stella(&format!("attest show {} --details", example("github-attestation/bundle.json"))).ended(0);
    assert!(said.out.contains("\ntimestamp (UNVERIFIED):\n"), "{}", said.out);
}

#[test]
fn the_id_is_the_same_as_in_the_verdict() {
    let file = example("private-key/attestation.json");
    let shown = stella(&format!("attest show {file}")).ended(0);
    let judged = stella(&format!("verify attestation {file} --key {}", example("private-key/key.pub")));
    assert_eq!(shown.field("attestation"), judged.field("attestation"));
}
