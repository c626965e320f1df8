//! `stella verify cert-chain` and `stella verify cert`.

use stella_testkit::certificate::name;
use stella_testkit::key::TestKey;
use stella_testkit::revocation;
use stella_vocabulary::UnixTime;

use crate::harness::{Room, example, stella};

const AT: &str = "--at 2026-09-01T00:00:00Z";

#[test]
fn a_path_is_shown_as_a_tree_from_the_anchor_down() {
    let bundle = example("slsa-provenance/bundle.json");
    let said = stella(&format!("verify cert-chain --attestation {bundle} {AT}")).ended(0);
    assert!(said.first_line().starts_with("VERIFIED sha256:"), "{}", said.out);
    assert!(said.field("judged at").contains("trusted time: log-promise"), "{}", said.out);
    let tree: Vec<&str> = said.out.lines().filter(|line| line.contains("sigstore")).collect();
    assert!(tree.iter().any(|line| line.contains("└─ ")), "{}", said.out);
}

#[test]
fn a_missing_intermediate_and_an_untrusted_root_are_told_apart() {
    let (leaf, intermediate, root) =
        (example("private-pki/leaf.pem"), example("private-pki/intermediate.pem"), example("private-pki/root.pem"));
    let base = format!("verify cert-chain --cert {leaf} {AT}");
    stella(&format!("{base} --intermediate {intermediate} --anchor {root}")).ended(0);

    let said = stella(&format!("{base} --anchor {root}")).ended(1);
    assert!(said.first_line().contains("error[x509.unknown_issuer]"), "{}", said.out);
    assert!(said.field("missing").starts_with("intermediate missing: "), "{}", said.out);

    let said = stella(&format!("{base} --intermediate {intermediate}")).ended(1);
    assert!(said.first_line().contains("error[x509.unknown_issuer]"), "{}", said.out);
    assert!(said.field("missing").starts_with("root not trusted: "), "{}", said.out);

    let said = stella(&format!("{base} --intermediate {intermediate} -o json")).ended(1);
    assert_eq!(said.json()["schema"], "stella.chain/1");
    assert_eq!(said.json()["missing"], "anchor");
    assert_eq!(said.json()["code"], "x509.unknown_issuer");
}

#[test]
fn an_expired_certificate_breaks_the_path_at_its_place() {
    let (leaf, intermediate, root) =
        (example("private-pki/leaf.pem"), example("private-pki/intermediate.pem"), example("private-pki/root.pem"));
    let base = format!("verify cert-chain --cert {leaf} --intermediate {intermediate} --anchor {root} --at");
    let said = stella(&format!("{base} 2999-01-01T00:00:00Z")).ended(1);
    assert!(said.first_line().contains("error[x509.expired]"), "{}", said.out);
    let said = stella(&format!("{base} 1999-01-01T00:00:00Z")).ended(1);
    assert!(said.first_line().contains("error[x509.not_yet_valid]"), "{}", said.out);
}

#[test]
fn the_validity_is_shown_with_the_time_left_and_the_trusted_time() {
    let bundle = example("slsa-provenance/bundle.json");
    let said = stella(&format!("verify cert --attestation {bundle} --show-expiry {AT}")).ended(0);
    assert!(said.first_line().starts_with("VALID sha256:"), "{}", said.out);
    assert!(said.field("time left").starts_with("none, expired "), "{}", said.out);
    assert!(said.field("trusted time").ends_with(", inside the validity"), "{}", said.out);
    assert!(said.field("identity").starts_with("https://github.com/"), "{}", said.out);
    assert!(said.field("note").starts_with("UNVERIFIED: "), "{}", said.out);
}

#[test]
fn the_validity_includes_both_of_its_ends() {
    let leaf = example("private-pki/leaf.pem");
    let said = stella(&format!("verify cert --cert {leaf} -o json {AT}"));
    let document = said.json();
    let (from, until) = (document["not_before"].as_str().unwrap(), document["not_after"].as_str().unwrap());
    for inside in [from, until] {
        stella(&format!("verify cert --cert {leaf} --at {inside}")).ended(0);
    }
    let said = stella(&format!("verify cert --cert {leaf} --show-expiry --at 2999-01-01T00:00:00Z")).ended(1);
    assert!(said.first_line().contains("error[x509.expired]"), "{}", said.out);
    let said = stella(&format!("verify cert --cert {leaf} --show-expiry --at 1999-01-01T00:00:00Z")).ended(1);
    assert!(said.first_line().contains("error[x509.not_yet_valid]"), "{}", said.out);
    assert!(said.field("time left").starts_with("not yet valid, begins in "), "{}", said.out);
}

#[test]
fn evidence_that_does_not_hold_tells_no_time() {
    for (attestation, at, code) in [
        // The log entry is about another payload.
        ("slsa-provenance/tampered.json", AT, "tlog.entry_mismatch"),
        ("npm-provenance-v0.1/tampered.json", AT, "tlog.set_invalid"),
        ("slsa-provenance/bundle.json", "--at 2020-01-01T00:00:00Z", "time.in_future"),
    ] {
        for command in ["cert", "cert-chain"] {
            stella(&format!("verify {command} --attestation {} {at}", example(attestation))).complained(code, 1);
        }
    }
    stella(&format!("verify cert --attestation {} {AT}", example("message-signature/bundle.json"))).ended(0);
}

#[test]
fn a_time_put_on_bytes_that_the_certificate_did_not_sign_tells_nothing() {
    let read = std::fs::read_to_string(example("github-attestation/bundle.json")).unwrap();
    let mut bundle: serde_json::Value = serde_json::from_str(&read).unwrap();
    stella(&format!("verify cert --attestation {} {AT}", example("github-attestation/bundle.json"))).ended(0);
    // The token is over the signature, which stays as it is; what it was a signature of does not.
    bundle["dsseEnvelope"]["payload"] = "e30=".into();
    let folder = Room::new();
    let file = folder.file("bundle.json", bundle.to_string());
    for command in ["verify cert", "verify cert-chain"] {
        stella(&format!("{command} --attestation {file} {AT}")).complained("dsse.signature_invalid", 1);
    }
}

#[test]
fn an_attestation_without_a_certificate_is_told() {
    let attestation = example("private-key/attestation.json");
    for command in ["cert", "cert-chain"] {
        let said = stella(&format!("verify {command} --attestation {attestation}"));
        let said = said.complained("bundle.certificate_missing", 1);
        assert!(said.err.contains(&format!("try: stella attest show {attestation} --details")), "{}", said.err);
    }
}

#[test]
fn a_remedy_is_the_same_command_with_one_file_more() {
    let (leaf, intermediate, root) =
        (example("private-pki/leaf.pem"), example("private-pki/intermediate.pem"), example("private-pki/root.pem"));
    let base = format!("verify cert-chain --cert {leaf}");
    let said = stella(&format!("{base} {AT} --anchor {root} --purpose code-signing")).ended(1);
    let expected = format!("stella {base} --intermediate FILE --anchor {root} --purpose code-signing {AT}");
    assert_eq!(said.field("remedy"), expected);
    let said = stella(&format!("{base} {AT} --intermediate {intermediate}")).ended(1);
    assert_eq!(said.field("remedy"), format!("stella {base} --intermediate {intermediate} --anchor FILE {AT}"));

    // A list of another authority says nothing about the leaf, and another list would.
    let room = Room::new();
    let list = room.file("other.crl", other_list());
    let said = stella(&format!("{base} {AT} --intermediate {intermediate} --anchor {root} --crl {list}")).ended(1);
    assert!(said.first_line().contains("error[x509.revocation_unknown]"), "{}", said.out);
    let expected = format!("stella {base} --intermediate {intermediate} --anchor {root} --crl {list} FILE {AT}");
    assert_eq!(said.field("remedy"), expected);
}

/// The list of an authority that has nothing to do with anything.
fn other_list() -> Vec<u8> {
    let key = TestKey::p256("other authority of the command line TEST KEY");
    let [from, until] = ["2026-08-31T00:00:00Z", "2026-09-30T00:00:00Z"].map(|at| UnixTime::parse_rfc3339(at).unwrap());
    revocation::list(&name(key.label()), &key, from, until, &[])
}

#[test]
fn a_certificate_and_an_attestation_at_once_are_a_conflict() {
    stella("verify cert --cert a.pem --attestation b.json").complained("usage.conflict", 2);
    for command in ["verify cert", "verify cert-chain"] {
        let said = stella(command).complained("usage.conflict", 2);
        assert!(said.err.contains("--attestation") && said.err.contains("--cert"), "{}", said.err);
    }
}
