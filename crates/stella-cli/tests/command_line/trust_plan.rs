//! `stella trust plan`, `--dry-run` and `stella trust diff`.

use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;

use crate::harness::Home;

/// An attestation signed by the key of that label, without evidence of the time.
fn attestation(home: &Home, label: &str) -> String {
    let statement = statement::provenance("release.txt", label.as_bytes(), "https://ci.example/builder").to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256(label));
    home.room.file(&format!("by-{label}.json"), envelope.to_json())
}

fn add_key(home: &Home, label: &str) -> String {
    let key = home.key(label);
    home.run_with(&["trust-anchors", "add-key", "--key", &key, "--name", label, "--expires", "2099-01-01T00:00:00Z"])
        .ended(0);
    key
}

#[test]
fn a_plan_shows_what_would_newly_fail_and_changes_nothing() {
    let home = Home::solo();
    add_key(&home, "release");
    add_key(&home, "other");
    let (one, two) = (attestation(&home, "release"), attestation(&home, "other"));
    let said = home
        .run_with(&["trust", "plan", "--attestation", &one, &two, "--", "trust-anchors", "remove", "release"])
        .ended(0);
    assert_eq!(said.field("dry run"), "key release would be removed");
    assert_eq!(said.field("effect"), "tightening");
    assert_eq!(said.field("newly fails"), one);
    assert!(said.field("  after").starts_with("rejected["), "{}", said.out);
    assert_eq!(said.field("unchanged"), "1 verified");
    assert_eq!(said.field("newly accepted in principle"), "nothing");
    assert_eq!(said.field("undo"), "stella trust-anchors reinstate release --reason TEXT");
    assert!(said.out.ends_with("nothing was changed\n"), "{}", said.out);
    assert!(home.run("trust log -q").ended(0).field("head").starts_with("3 "));
}

#[test]
fn a_plan_shows_what_would_newly_verify_and_what_it_accepts_in_principle() {
    let home = Home::solo();
    let one = attestation(&home, "release");
    let key = home.key("release");
    let words = ["trust-anchors", "add-key", "--key", &key, "--name", "release", "--expires", "2099-01-01T00:00:00Z"];
    let mut plan = vec!["trust", "plan", "-o", "json", "--attestation", &one, "--"];
    plan.extend(words);
    let document = home.run_with(&plan).ended(0).json();
    assert_eq!((&document["schema"], &document["dry_run"]), (&"stella.change/1".into(), &true.into()));
    let preview = &document["preview"];
    assert_eq!(preview["effects"], serde_json::json!(["loosening"]));
    assert_eq!(preview["attestations"]["judged"], 1);
    let moved = &preview["attestations"]["newly_verified"][0];
    assert_eq!((&moved["before"]["verdict"], &moved["after"]["verdict"]), (&"rejected".into(), &"verified".into()));
    let accepts = &preview["accepts"][0];
    assert!(accepts["who"].as_str().unwrap().starts_with("the holder of the key sha256:"));
    assert!(accepts["limits"][0].as_str().unwrap().contains("2099-01-01T00:00:00Z"));
    // The same behind the command.
    let mut direct = words.to_vec();
    direct.extend(["--dry-run", "-o", "json", "--attestation", &one]);
    assert_eq!(home.run_with(&direct).ended(0).json()["preview"], *preview);
}

#[test]
fn an_authority_without_limits_is_an_over_grant() {
    let home = Home::solo();
    let root = home.root("release-root");
    let said = home.run_with(&["trust", "plan", "--", "trust-anchors", "add", "--cert", &root]).ended(0);
    assert!(said.field("newly accepted in principle").starts_with("whoever the authority \""), "{}", said.out);
    assert_eq!(said.field("  limit"), "none");
    assert!(said.field("  warn[over-broad]").contains("has no scope"), "{}", said.out);
    assert!(said.field("attestations").starts_with("none given"), "{}", said.out);
    let limited = ["trust-anchors", "add", "--cert", &root, "--identity", "https://ci.example/*", "--dry-run"];
    let said = home.run_with(&limited).ended(0);
    assert_eq!(said.field("  limit"), "identities: https://ci.example/*");
    assert!(!said.out.contains("over-broad"), "{}", said.out);
}

#[test]
fn a_plan_says_who_has_to_agree() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let said = home.run_with(&["trust", "plan", "--", "stella", "trust-anchors", "add", "--cert", &root]).ended(0);
    assert_eq!(said.field("effect"), "loosening");
    assert_eq!(said.field("needs"), "the agreement of 2 persons");
    assert_eq!(said.field("may approve"), "alice, bob, carol");
    assert!(home.run("trust log -q").ended(0).field("head").starts_with("1 "));
}

#[test]
fn what_changes_no_trust_cannot_be_planned() {
    let home = Home::solo();
    for words in
        ["trust-anchors list", "trust lint", "trust plan -- trust-anchors list", "explain x509.expired", "version"]
    {
        let said = home.run(&format!("trust plan -- {words}")).complained("usage.conflict", 2);
        assert!(said.err.contains("does not change trust"), "{}", said.err);
    }
    // A command that is wrong in itself says so.
    let said = home.run("trust plan -- trust-anchors remov x").complained("usage.conflict", 2);
    assert!(said.err.contains("remove"), "{}", said.err);
    home.run("trust plan -- trust-anchors remove nobody").complained("store.not_found", 4);
    home.run("trust plan").complained("usage.conflict", 2);
    let said = home.run("trust plan -o json -- trust-anchors remove nobody").ended(4);
    assert_eq!(said.json()["code"], "store.not_found");
}

#[test]
fn attestations_are_for_dry_runs_alone() {
    let home = Home::solo();
    add_key(&home, "release");
    let one = attestation(&home, "release");
    home.run_with(&["trust-anchors", "remove", "release", "--reason", "x", "--attestation", &one])
        .complained("usage.conflict", 2);
}

#[test]
fn a_difference_names_objects_members_and_consequences() {
    let home = Home::solo();
    add_key(&home, "release");
    let one = attestation(&home, "release");
    home.run("trust-anchors change release --until 2030-01-01T00:00:00Z --reason shorter").ended(0);
    home.run("trust-anchors remove release --reason over").ended(0);
    let said = home.run_with(&["trust", "diff", "1", "3", "--attestation", &one]).ended(0);
    assert!(said.field("first").starts_with("after entry 1, as of "));
    assert_eq!(said.field("changed"), "key release");
    assert_eq!(said.field("  standing"), "active -> removed");
    assert_eq!(said.field("  terms.window.until"), "2099-01-01T00:00:00Z -> 2030-01-01T00:00:00Z");
    assert_eq!(said.field("newly fails"), one);
    // And back in time.
    let said = home.run("trust diff 1 0").ended(0);
    assert_eq!(said.field("not there any more"), "key release");
    assert_eq!(
        home.run("trust diff 2 2").ended(0).out.lines().filter(|line| *line == "nothing is different").count(),
        1
    );

    let document = home.run("trust diff 0 3 -o json").ended(0).json();
    assert_eq!(document["schema"], "stella.trust-diff/1");
    assert_eq!(document["changes"][0]["change"], "added");
    assert_eq!(document["objects"][0]["after"]["standing"], "removed");
    home.run("trust diff 0 9").complained("store.not_found", 4);
    home.run("trust diff 0 tomorrow").complained("usage.date_invalid", 2);
}
