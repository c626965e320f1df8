//! Attestations that are kept: signatures remembered, and what a change of trust would do to them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;

use crate::harness::Home;

/// Attestations about several artifacts, signed by the key of that label, one a line.
fn attestations(home: &Home, label: &str, count: usize) -> String {
    let lines = (0..count).map(|number| {
        let name = format!("{label}-{number}.txt");
        let statement = statement::provenance(&name, name.as_bytes(), "https://ci.example/builder").to_string();
        let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256(label));
        let value: serde_json::Value = serde_json::from_str(&envelope.to_json()).unwrap();
        format!("{value}\n")
    });
    home.room.file(&format!("by-{label}.jsonl"), lines.collect::<String>())
}

fn add_key(home: &Home, label: &str) {
    let key = home.key(label);
    home.run_with(&["trust-anchors", "add-key", "--key", &key, "--name", label, "--expires", "2099-01-01T00:00:00Z"])
        .ended(0);
}

/// A home with five attestations by one key, three by another and two by a stranger, all of them judged.
fn judged() -> Home {
    let home = Home::solo();
    for (label, count) in [("release", 5), ("other", 3), ("stranger", 2)] {
        if label != "stranger" {
            add_key(&home, label);
        }
        home.run_with(&["attest", "import", &attestations(&home, label, count)]).ended(0);
    }
    home.run("verify all --jobs 2 -q").ended(1);
    home
}

#[test]
fn a_plan_judges_only_what_the_change_can_touch() {
    let home = judged();
    let said = home.run("trust plan -- trust-anchors remove release").ended(0);
    assert_eq!(
        said.field("kept"),
        "10 attestations: 3 cannot change by their latest reports, 7 judged again",
        "the refusals of a stranger's signature depend on every key"
    );
    assert_eq!(said.field("newly fails"), "5 of those kept");
    assert_eq!(said.lines("  attestation").count(), 5);
    assert!(said.field("    after").starts_with("rejected["), "{}", said.out);
    assert_eq!(said.field("newly verifies"), "0 of those kept");
    let kept = &home.run("trust-anchors remove release --dry-run -o json").ended(0).json()["preview"]["kept"];
    assert_eq!((&kept["cannot_change"], &kept["judged"]), (&3.into(), &7.into()));
    assert_eq!(kept["newly_refused"]["count"], 5);
    assert_eq!(kept["newly_refused"]["examples"][0]["before"]["verdict"], "verified");
    // An authority more is nothing to attestations without certificates, and accepts nobody who is kept.
    let root = home.root("release-root");
    let said = home.run_with(&["trust", "plan", "--", "trust-anchors", "add", "--cert", &root]).ended(0);
    assert_eq!(said.field("kept"), "10 attestations: 10 cannot change by their latest reports, 0 judged again");
    // The key of the stranger: two would verify.
    let key = home.key("stranger");
    let words = ["trust", "plan", "--", "trust-anchors", "add-key", "--key", &key, "--expires", "2099-01-01T00:00:00Z"];
    let said = home.run_with(&words).ended(0);
    assert_eq!(said.field("newly verifies"), "2 of those kept");
    assert_eq!(said.field("kept"), "10 attestations: 8 cannot change by their latest reports, 2 judged again");
}

#[test]
fn what_was_judged_under_another_trust_or_never_is_judged_again() {
    let home = judged();
    add_key(&home, "third");
    home.run_with(&["attest", "import", &attestations(&home, "third", 1)]).ended(0);
    let said = home.run("trust plan -- trust-anchors remove release").ended(0);
    assert_eq!(said.field("kept"), "11 attestations: 0 cannot change by their latest reports, 11 judged again");
    assert_eq!(said.field("newly fails"), "5 of those kept");
}

#[test]
fn attestations_that_are_given_are_judged_in_place_of_those_that_are_kept() {
    let home = judged();
    let given = attestations(&home, "other", 1);
    let words = ["trust", "plan", "--attestation", &given, "--", "trust-anchors", "remove", "release"];
    let said = home.run_with(&words).ended(0);
    assert_eq!(said.field("unchanged"), "1 verified");
    assert_eq!(said.lines("kept").count(), 0);
}

#[test]
fn a_change_is_found_for_an_attestation_by_its_id() {
    let home = judged();
    home.run("trust-anchors remove release --reason gone").ended(0);
    let refused = home.run("trust plan -o json -- trust-anchors reinstate release --reason back").ended(0).json();
    let moved = &refused["preview"]["kept"]["newly_verified"]["examples"][0]["attestation"];
    let said = home.run_with(&["trust", "bisect", "--attestation", moved.as_str().unwrap()]).ended(0);
    assert!(said.out.contains("gone"), "{}", said.out);
}

/// The first attestation of the store that verifies.
fn verified(home: &Home) -> String {
    let listed = home.run("attest list -o json").ended(0).json();
    let ids = listed["attestations"].as_array().unwrap().iter().map(|one| one["attestation"].as_str().unwrap());
    ids.map(str::to_owned).find(|id| home.run_with(&["verify", "attestation", id, "-q"]).status == 0).unwrap()
}

#[test]
fn signatures_are_remembered_under_a_secret_of_the_home() {
    let home = judged();
    let id = verified(&home);
    let secret = home.directory().join("keys/memo.secret");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&secret), 0o600);
    let report = |words: &[&str]| {
        let mut all = vec!["verify", "attestation", &id, "-o", "json"];
        all.extend(words);
        home.run_with(&all).ended(0).json()
    };
    assert_eq!(report(&[])["remembered"], serde_json::json!({"signatures": 1, "of": 1}));
    assert_eq!(report(&["--no-memo"]).get("remembered"), None);
    let said = home.run_with(&["verify", "attestation", &id, "--verbose"]).ended(0);
    assert_eq!(said.field("remembered"), "1 of 1 signatures");
    // Under another secret, nothing that is there is believed; it is computed, and then remembered.
    fs::write(&secret, format!("{}\n", "ab".repeat(32))).unwrap();
    assert_eq!(report(&[])["remembered"]["signatures"], 0);
    assert_eq!(report(&[])["remembered"]["signatures"], 1);
    // A secret that others can read is none; the verdict stands.
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let said = home.run_with(&["verify", "attestation", &id, "-o", "json"]).ended(0);
    assert_eq!(said.json().get("remembered"), None);
    assert!(said.err.starts_with("warning[store.permissions]: "), "{}", said.err);
}

/// Instants far enough from now that a report is of one of them or of the other.
const AT: &str = "2027-01-01T00:00:00Z";

#[test]
fn what_changed_is_judged_again_and_comes_to_the_same_as_judging_everything() {
    let home = judged();
    home.run(&format!("verify all --at {AT} -q")).ended(1);
    let (root, stranger) = (home.root("release-root"), home.key("stranger"));
    let add_stranger = format!("trust-anchors add-key --key {stranger} --name stranger --expires 2099-01-01T00:00:00Z");
    for (change, judged) in [
        // What the key signed, and refusals that depend on every key.
        ("trust-anchors remove release --reason gone".to_owned(), 7),
        // An authority more is nothing to attestations without certificates.
        (format!("trust-anchors add --cert {root}"), 0),
        ("trust-anchors reinstate release --reason back".to_owned(), 7),
        (add_stranger, 2),
        // A label stands in the report.
        ("trust-anchors change other --label another".to_owned(), 3),
        ("trust-anchors revoke other --reason stolen --compromised-since 2020-01-01T00:00:00Z".to_owned(), 3),
    ] {
        home.run(&change).ended(0);
        let some = home.run(&format!("verify all --changed --at {AT} -o json"));
        let some = some.json();
        assert_eq!((&some["judged"], &some["stand"]), (&judged.into(), &(10 - judged).into()), "{change}: {some}");
        // Once more there is nothing left to judge.
        let again = home.run(&format!("verify all --changed --at {AT} -o json")).json();
        assert_eq!((&again["judged"], &again["by_code"]), (&0.into(), &some["by_code"]), "{change}: {again}");
        let all = home.run(&format!("verify all --at {AT} -o json")).json();
        assert_eq!(some["by_code"], all["by_code"], "{change}");
        assert_eq!((&some["verified"], &some["code"]), (&all["verified"], &all["code"]));
    }
}

#[test]
fn what_changed_is_judged_at_the_instant_of_its_report_and_what_is_new_now() {
    let home = judged();
    home.run(&format!("verify all --at {AT} -q")).ended(1);
    home.run_with(&["attest", "import", &attestations(&home, "third", 1)]).ended(0);
    home.run("trust-anchors remove release --reason gone").ended(0);
    let said = home.run("verify all --changed -o json").ended(1).json();
    assert_eq!((&said["judged"], &said["stand"], &said["otherwise"]), (&8.into(), &3.into(), &6.into()), "{said}");
    let said = home.run("verify all --changed").ended(1);
    assert_eq!(said.field("judged").split(' ').next(), Some("0"));
    assert!(said.first_line().starts_with("REJECTED 3 of 11 attestations verified"), "{}", said.out);
    home.run(&format!("verify all --changed --join {}", "0".repeat(32))).ended(2);
    // Another policy is another question.
    let other = home.key("other");
    let said = home.run_with(&["verify", "all", "--changed", "--key", &other, "-o", "json"]).json();
    assert_eq!((&said["judged"], &said["verified"]), (&11.into(), &3.into()), "{said}");
    let event = home.run("attest logs --filter verification --limit 1 -o ndjson").ended(0).json();
    assert!(event["summary"].as_str().unwrap().starts_with("verified what changed: 11 judged"), "{event}");
}
