//! `stella verify attestation`.

use crate::harness::{Room, Said, example, expected, stella, stella_with};

const AT: &str = "2026-09-01T00:00:00Z";

/// Arguments that verify an example, without the attestation and the artifact.
pub(crate) fn trust_of(name: &str) -> Vec<String> {
    let mut arguments: Vec<String> = vec!["--at".into(), AT.into()];
    match name {
        "private-key" => arguments.extend(["--key".into(), example("private-key/key.pub")]),
        "private-pki" => {
            for option in ["anchor", "intermediate"] {
                arguments.extend([format!("--{option}"), example(&format!("private-pki/{}", expected(name, option)))]);
            }
            arguments.extend(["--identity".into(), expected(name, "identity")]);
        }
        _ => {
            for option in ["identity", "issuer"] {
                arguments.extend([format!("--{option}"), expected(name, option)]);
            }
        }
    }
    arguments
}

pub(crate) fn verify(name: &str, attestation: &str, more: &[&str]) -> Said {
    let attestation = example(&format!("{name}/{attestation}"));
    let trust = trust_of(name);
    let mut arguments = vec!["verify", "attestation", "--attestation", &attestation];
    arguments.extend(trust.iter().map(String::as_str));
    arguments.extend(more);
    stella_with(&arguments)
}

#[test]
fn real_attestations_verify_against_their_artifacts() {
    for name in [
        "slsa-provenance",
        "npm-provenance-v0.1",
        "message-signature",
        "github-attestation",
        "private-pki",
        "private-key",
    ] {
        let digest = expected(name, "digest");
        let attestation = expected(name, "attestation");
        let said = verify(name, &attestation, &["--digest", &digest]).ended(0);
        assert!(said.first_line().starts_with("VERIFIED sha256:"), "{name}: {}", said.out);
        assert_eq!(said.err, "", "{name}");
        assert!(said.out.contains("\nalgorithm: "), "{name}: {}", said.out);
        assert!(
            said.out.contains("\n✓ envelope.signature") || said.out.contains("\n✓ message.signature"),
            "{name}: {}",
            said.out
        );
        assert!(!said.out.contains('✗'), "{name}: {}", said.out);
    }
}

#[test]
fn every_fact_of_a_verified_attestation_is_on_a_line_of_its_own() {
    let artifact = example("slsa-provenance/MODULE.bazel");
    let said = verify("slsa-provenance", "bundle.json", &["--artifact", &artifact]).ended(0);
    assert_eq!(said.field("signer"), expected("slsa-provenance", "identity"));
    assert_eq!(said.field("issuer"), expected("slsa-provenance", "issuer"));
    assert_eq!(said.field("predicate type"), expected("slsa-provenance", "predicate_type"));
    assert_eq!(said.field("artifact"), expected("slsa-provenance", "digest"));
    assert_eq!(said.field("algorithm"), "ecdsa-p256-sha256");
    assert!(said.field("trusted time").contains("Z (log-promise, "), "{}", said.out);
    assert!(said.field("trust").contains(" entries, root sha256:"), "{}", said.out);
    assert!(said.field("subject").contains("sha256:"), "{}", said.out);
    assert_eq!(said.field("judged at"), AT);
}

#[test]
fn tampered_twins_are_refused_with_code_cause_and_remedy() {
    for (name, file, code) in [
        ("slsa-provenance", "tampered.json", "dsse.signature_invalid"),
        ("npm-provenance-v0.1", "tampered.json", "tlog.set_invalid"),
        ("github-attestation", "tampered.json", "dsse.signature_invalid"),
        ("private-pki", "tampered.json", "dsse.signature_invalid"),
        ("private-key", "tampered.json", "dsse.signature_invalid"),
    ] {
        let said = verify(name, file, &[]).ended(1);
        assert!(said.first_line().starts_with("REJECTED sha256:"), "{name}: {}", said.out);
        assert!(said.first_line().contains(&format!("  error[{code}]: ")), "{name}: {}", said.out);
        assert!(!said.field("cause").is_empty(), "{name}");
        assert!(!said.field("remedy").is_empty(), "{name}");
        assert!(said.field("reference").starts_with(&format!("stella explain {code} (docs/codes.md#")), "{name}");
        assert!(said.out.contains('✗'), "{name}: {}", said.out);
        // Nobody is shown the content of a refused attestation as if it were true.
        assert!(!said.out.contains("\nsubject: ") && !said.out.contains("\npredicate type: "), "{name}: {}", said.out);

        let said = verify(name, file, &["-o", "json"]).ended(1);
        let report = said.json();
        assert_eq!(report["schema"], "stella.report/1", "{name}");
        assert_eq!(report["verdict"], "rejected", "{name}");
        assert_eq!(report["code"], code, "{name}");
        assert!(report["statement"].is_null(), "{name}");
        assert!(report["remedy"]["summary"].is_string(), "{name}");
    }
}

#[test]
fn a_near_miss_is_named() {
    let said = verify("private-pki", "tampered.json", &[]).ended(1);
    assert!(said.field("cause").contains("bare payload"), "{}", said.out);
}

#[test]
fn the_artifact_of_a_message_signature_is_needed_and_compared() {
    let good = example("message-signature/artifact.txt");
    let bad = example("message-signature/artifact.tampered.txt");
    verify("message-signature", "bundle.json", &["--artifact", &good]).ended(0);
    let said = verify("message-signature", "bundle.json", &["--artifact", &bad]).ended(1);
    assert!(said.first_line().contains("error[bundle.message_digest_mismatch]"), "{}", said.out);
    let said = verify("message-signature", "bundle.json", &[]).ended(1);
    assert!(said.first_line().contains("error[intoto.artifact_missing]"), "{}", said.out);
}

#[test]
fn another_artifact_is_refused() {
    let other = example("slsa-provenance/MODULE.tampered.bazel");
    let said = verify("slsa-provenance", "bundle.json", &["--artifact", &other]).ended(1);
    assert!(said.first_line().contains("error[intoto.subject_mismatch]"), "{}", said.out);
}

#[test]
fn without_an_artifact_the_output_says_that_nothing_was_compared() {
    let said = verify("slsa-provenance", "bundle.json", &[]).ended(0);
    assert_eq!(said.field("artifact"), "nothing was compared with an artifact");
}

#[test]
fn under_a_public_authority_the_signer_has_to_be_named() {
    let bundle = example("slsa-provenance/bundle.json");
    let said = stella(&format!("verify attestation --attestation {bundle} --at {AT}")).ended(1);
    assert!(said.first_line().contains("error[policy.issuer_required]"), "{}", said.out);
    // Whose signature it would be, and the command that would accept it, to be read before it is copied.
    assert_eq!(said.field("signer"), expected("slsa-provenance", "identity"));
    let command = said.out.lines().find(|line| line.starts_with("  stella verify attestation")).unwrap();
    assert!(command.contains(&format!("--attestation {bundle} --identity https://github.com/")), "{command}");
    assert!(said.field("would newly accept").contains(&expected("slsa-provenance", "identity")));

    let identity = expected("slsa-provenance", "identity");
    let said = stella(&format!("verify attestation {bundle} --identity {identity} --at {AT}")).ended(1);
    assert!(said.first_line().contains("error[policy.issuer_required]"), "{}", said.out);
}

#[test]
fn another_identity_and_another_issuer_are_refused() {
    let bundle = example("slsa-provenance/bundle.json");
    let (identity, issuer) = (expected("slsa-provenance", "identity"), expected("slsa-provenance", "issuer"));
    for (identity, issuer, code) in [
        ("https://github.com/acme/app", issuer.as_str(), "identity.mismatch"),
        // A prefix, and one character more, are other identities (catalogue B192).
        (&identity[..identity.len() - 1], &issuer, "identity.mismatch"),
        (&format!("{identity}0"), &issuer, "identity.mismatch"),
        (&identity, "https://accounts.example.com", "identity.issuer_mismatch"),
    ] {
        let said =
            stella(&format!("verify attestation {bundle} --identity {identity} --issuer {issuer} --at {AT}")).ended(1);
        assert!(said.first_line().contains(&format!("error[{code}]")), "{}", said.out);
    }
}

#[test]
fn another_predicate_type_is_refused_and_one_of_several_will_do() {
    let wanted = expected("slsa-provenance", "predicate_type");
    verify("slsa-provenance", "bundle.json", &["--predicate-type", &wanted]).ended(0);
    verify("slsa-provenance", "bundle.json", &["--predicate-type", "https://a.example/x", "--predicate-type", &wanted])
        .ended(0);
    let said = verify("slsa-provenance", "bundle.json", &["--predicate-type", "https://a.example/x"]).ended(1);
    assert!(said.first_line().contains("error[policy.predicate_type_mismatch]"), "{}", said.out);
}

#[test]
fn a_private_authority_is_trusted_only_when_it_is_given() {
    let attestation = example("private-pki/attestation.json");
    let (root, intermediate) = (example("private-pki/root.pem"), example("private-pki/intermediate.pem"));
    let base = format!("verify attestation --attestation {attestation} --at {AT}");
    stella(&format!("{base} --anchor {root} --intermediate {intermediate}")).ended(0);

    let said = stella(&base).ended(1);
    assert!(said.first_line().contains("error[x509.unknown_issuer]"), "{}", said.out);

    // An intermediate gives no trust of its own.
    let said = stella(&format!("{base} --intermediate {intermediate}")).ended(1);
    assert!(said.first_line().contains("error[x509.unknown_issuer]"), "{}", said.out);
    assert!(said.out.contains("--anchor FILE"), "{}", said.out);
}

#[test]
fn a_public_authority_is_no_anchor() {
    let room = Room::new();
    let bundle = example("slsa-provenance/bundle.json");
    let roots = std::fs::read(format!("{}/trust/trusted_root.public-good.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let roots: serde_json::Value = serde_json::from_slice(&roots).unwrap();
    for authority in roots["certificateAuthorities"].as_array().unwrap() {
        for certificate in authority["certChain"]["certificates"].as_array().unwrap() {
            let base64 = certificate["rawBytes"].as_str().unwrap();
            let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
            let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
            let anchor = room.file("anchor.pem", pem);
            for more in ["", "--identity somebody@example.com --issuer https://example.com"] {
                stella(&format!("verify attestation {bundle} --anchor {anchor} {more} --at {AT}"))
                    .complained("usage.conflict", 2);
            }
            // Also where the trusted root that names it is not in use.
            let other = format!("{}/trust/trusted_root.staging.json", env!("CARGO_MANIFEST_DIR"));
            stella(&format!("verify attestation {bundle} --anchor {anchor} --trusted-root {other} --at {AT}"))
                .complained("usage.conflict", 2);
        }
    }
}

#[test]
fn a_key_verifies_what_it_signed_and_an_unknown_key_does_not() {
    let attestation = example("private-key/attestation.json");
    let said = stella(&format!("verify attestation {attestation} --at {AT}")).ended(1);
    assert!(said.first_line().contains("error[dsse.key_unknown]"), "{}", said.out);
    assert!(said.out.contains("--key FILE"), "{}", said.out);
    let key = example("private-key/key.pub");
    let said = stella(&format!("verify attestation {attestation} --key {key} --at {AT}")).ended(0);
    assert_eq!(said.field("algorithm"), "ed25519");
}

#[test]
fn the_trusted_root_given_replaces_the_ones_built_in() {
    let bundle = example("slsa-provenance/bundle.json");
    let (identity, issuer) = (expected("slsa-provenance", "identity"), expected("slsa-provenance", "issuer"));
    let trust = |name: &str| format!("{}/trust/trusted_root.{name}.json", env!("CARGO_MANIFEST_DIR"));
    let base = format!("verify attestation {bundle} --identity {identity} --issuer {issuer} --at {AT} --trusted-root");
    stella(&format!("{base} {}", trust("public-good"))).ended(0);
    stella(&format!("{base} {}", trust("staging"))).ended(1);
}

#[test]
fn verbose_shows_evidence_paths_and_trust_and_quiet_the_verdict_only() {
    let said = verify("slsa-provenance", "bundle.json", &["--verbose"]).ended(0);
    assert!(said.out.contains("└─ "), "{}", said.out);
    assert!(
        said.lines("trusted").any(|line| line.starts_with("built-in trusted root sigstore public-good of 2026-")),
        "{}",
        said.out
    );
    assert!(said.out.lines().any(|line| line.starts_with("    key: sha256:")), "{}", said.out);

    let said = verify("slsa-provenance", "bundle.json", &["-q"]).ended(0);
    assert_eq!(said.out.lines().count(), 1);
    for more in [&["-q"][..], &["-q", "--explain"]] {
        let said = verify("slsa-provenance", "tampered.json", more).ended(1);
        assert_eq!(said.out.lines().count(), 1);
    }
}

#[test]
fn explain_adds_the_page_of_the_code() {
    let said = verify("slsa-provenance", "tampered.json", &["--explain"]).ended(1);
    assert!(said.out.contains("\ndsse.signature_invalid\n"), "{}", said.out);
    assert!(said.out.contains("\nusual causes:\n"), "{}", said.out);
}

#[test]
fn attest_verify_is_the_same_command() {
    let attestation = example("private-key/attestation.json");
    let rest = format!("{attestation} --key {} --at {AT}", example("private-key/key.pub"));
    let (one, other) = (stella(&format!("attest verify {rest}")), stella(&format!("verify attestation {rest}")));
    assert_eq!(one.ended(0).out, other.ended(0).out);
}

#[test]
fn an_attestation_made_later_than_the_instant_judged_is_refused() {
    let bundle = example("slsa-provenance/bundle.json");
    let (identity, issuer) = (expected("slsa-provenance", "identity"), expected("slsa-provenance", "issuer"));
    let said = stella(&format!(
        "verify attestation {bundle} --identity {identity} --issuer {issuer} --at 2020-01-01T00:00:00Z"
    ))
    .ended(1);
    assert!(said.first_line().contains("error[time.in_future]"), "{}", said.out);
}
