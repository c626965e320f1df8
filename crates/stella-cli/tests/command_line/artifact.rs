//! `stella verify artifact`.

use stella_testkit::catalogue;

use crate::harness::{Room, example, expected, stella};

const AT: &str = "--at 2026-09-01T00:00:00Z";

fn given() -> String {
    format!("--key {} {AT}", example("private-key/key.pub"))
}

fn digest() -> String {
    expected("private-key", "digest")
}

#[test]
fn one_verified_attestation_will_do() {
    let (good, bad) = (example("private-key/attestation.json"), example("private-key/tampered.json"));
    let said =
        stella(&format!("verify artifact --digest {} --attestation {good} {bad} {}", digest(), given())).ended(0);
    assert!(said.first_line().starts_with("VERIFIED sha256:"), "{}", said.out);
    assert_eq!(said.field("attestations"), "1 of 2 attestations verified");
    assert!(said.out.contains("\nREJECTED sha256:"), "{}", said.out);
}

#[test]
fn without_a_verified_attestation_the_artifact_is_refused() {
    let bad = example("private-key/tampered.json");
    for attestations in [String::new(), format!("--attestation {bad}")] {
        let said = stella(&format!("verify artifact --digest {} {attestations} {}", digest(), given())).ended(1);
        assert!(said.first_line().contains("error[policy.no_attestations]"), "{}", said.out);
        // What to do is said of the artifact where there is no attestation that it could be said of.
        assert!(said.lines("remedy").next().is_some(), "{}", said.out);
        assert_eq!(said.out.contains("\n  stella attest import FILE\n"), attestations.is_empty(), "{}", said.out);
    }
    let again = format!("  stella verify artifact --digest {} --attestation FILE", digest());
    let said = stella(&format!("verify artifact --digest {} {}", digest(), given())).ended(1);
    assert!(said.out.lines().any(|line| line == again), "{}", said.out);
}

#[test]
fn what_could_not_be_decided_is_not_refused() {
    let room = Room::new();
    let document = catalogue::generate("names against as many constraints 2048").unwrap();
    let undecided = room.file("names.json", String::from_utf8(document).unwrap());
    let anchor = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/catalogue/B146/root.pem");
    stella(&format!("verify attestation {undecided} --anchor {anchor} {AT}")).ended(6);
    let base = format!("verify artifact --digest {} {AT} --anchor {anchor} --attestation {undecided}", digest());
    let said = stella(&base).ended(6);
    assert!(said.first_line().starts_with("INDETERMINATE sha256:"), "{}", said.out);
    assert!(said.first_line().contains("error[x509.path_budget_exceeded]"), "{}", said.out);
    assert_eq!(stella(&format!("{base} -o json")).ended(6).json()["verdict"], "indeterminate");
    // One that verifies decides.
    let good = example("private-key/attestation.json");
    stella(&format!("{base} {good} --key {}", example("private-key/key.pub"))).ended(0);
}

#[test]
fn an_attestation_said_twice_is_judged_once_and_too_many_are_refused() {
    let room = Room::new();
    let line = |number: usize| {
        format!("{{\"payloadType\":\"t{number}\",\"payload\":\"\",\"signatures\":[{{\"sig\":\"AAAA\"}}]}}\n")
    };
    let same = room.file("same.jsonl", line(0).repeat(20_000));
    let base = format!("verify artifact --digest {} {AT} -o json --attestation", digest());
    let said = stella(&format!("{base} {same} {same}")).ended(1);
    assert_eq!(said.json()["reports"].as_array().unwrap().len(), 1);

    let many = room.file("many.jsonl", (0..10_001).map(line).collect::<String>());
    let said = stella(&format!("{base} {many}")).ended(2);
    assert_eq!(said.json()["code"], "input.too_large");
}

#[test]
fn each_required_type_must_be_among_the_verified() {
    let good = example("private-key/attestation.json");
    let held = "https://slsa.dev/provenance/v1";
    let base = format!("verify artifact --digest {} --attestation {good} {} --require", digest(), given());
    stella(&format!("{base} {held}")).ended(0);
    for wanted in ["https://example.com/other/v1".to_string(), format!("{held} https://example.com/other/v1")] {
        let said = stella(&format!("{base} {wanted}")).ended(1);
        assert!(said.first_line().contains("error[policy.predicate_type_mismatch]"), "{}", said.out);
        assert_eq!(said.field("missing type"), "https://example.com/other/v1");
    }
}

#[test]
fn lines_of_attestations_are_judged_one_by_one() {
    let room = Room::new();
    let read = |name: &str| std::fs::read_to_string(example(name)).unwrap().replace('\n', "");
    let lines = format!("{}\n{}\n", read("private-key/attestation.json"), read("private-key/tampered.json"));
    let file = room.file("all.jsonl", lines);
    let said =
        stella(&format!("verify artifact --digest {} --attestation {file} {} -o json", digest(), given())).ended(0);
    let document = said.json();
    assert_eq!(document["schema"], "stella.artifact/1");
    assert_eq!(document["verdict"], "verified");
    assert_eq!(document["reports"].as_array().unwrap().len(), 2);

    let said =
        stella(&format!("verify artifact --digest {} --attestation {file} {} -o ndjson", digest(), given())).ended(0);
    let schemas: Vec<_> = said
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["schema"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(schemas, ["stella.report/1", "stella.report/1", "stella.artifact/1"]);

    let said = stella(&format!("verify attestation --attestation {file} {}", given())).complained("usage.conflict", 2);
    assert!(said.err.contains("found 2 attestations"), "{}", said.err);
}

#[test]
fn the_table_has_a_row_for_each() {
    let (good, bad) = (example("private-key/attestation.json"), example("private-key/tampered.json"));
    let said =
        stella(&format!("verify artifact --digest {} --attestation {good} {bad} {} -o table", digest(), given()))
            .ended(0);
    assert_eq!(said.out.lines().count(), 4, "{}", said.out);
    assert!(said.out.lines().nth(1).unwrap().starts_with("ATTESTATION "), "{}", said.out);
}

#[test]
fn an_artifact_has_to_be_named() {
    stella("verify artifact --attestation x.json").complained("usage.conflict", 2);
}
