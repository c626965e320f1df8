//! `stella store restore`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::Home;

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Puts a copy of the store back that was made before `change`.
fn rolled_back(home: &Home, change: impl FnOnce(&Home)) -> PathBuf {
    let (trust, old) = (home.directory().join("trust"), home.room.path("old"));
    copy(&trust, &old);
    change(home);
    fs::remove_dir_all(&trust).unwrap();
    copy(&old, &trust);
    home.run("trust-anchors list").complained("store.rollback_detected", 6);
    trust
}

fn add_root(home: &Home) {
    let root = home.root("later");
    home.run(&format!("trust-anchors add --cert {root}"));
}

#[test]
fn an_older_store_is_taken_only_with_a_word_and_a_reason_and_the_log_says_so() {
    let home = Home::solo();
    rolled_back(&home, add_root);
    let said = home.run("store restore").complained("store.rollback_detected", 6);
    assert!(said.err.contains("--accept-rollback"), "{}", said.err);
    home.run("store restore --accept-rollback").complained("usage.reason_invalid", 2);
    home.run_with(&["store", "restore", "--accept-rollback", "--reason", "a\nb"]).complained("usage.reason_invalid", 2);
    home.run("trust-anchors list").complained("store.rollback_detected", 6);

    let said = home.run("store restore --accept-rollback --reason lost").ended(0);
    assert!(said.field("warning").contains("revocations among them"), "{}", said.out);
    assert_eq!(said.field("entry"), "1");
    assert_eq!(home.run("trust-anchors list -o json").ended(0).json()["size"], 2);
    // Once is enough, and the new history is remembered in its turn.
    home.run("store restore --accept-rollback --reason again").complained("usage.conflict", 2);
    rolled_back(&home, add_root);
}

#[test]
fn a_restored_store_goes_on_and_its_log_holds() {
    let home = Home::solo();
    rolled_back(&home, add_root);
    let document = home.run("store restore --accept-rollback --reason lost -o json").ended(0).json();
    assert_eq!(document["schema"], "stella.restore/1");
    assert_eq!((&document["seen"]["size"], &document["found"]["size"]), (&2.into(), &1.into()));
    add_root(&home);
    assert_eq!(home.run("trust-anchors show later -o json").ended(0).json()["history"].as_array().unwrap().len(), 1);
}

#[test]
fn where_others_decide_they_decide_about_this_too() {
    let home = Home::quorum();
    let [alice, bob, mallory] = ["alice", "bob", "mallory"].map(|person| home.approver(person).0);
    rolled_back(&home, |home| {
        let issuing = home.root("issuing");
        home.run(&format!("trust-anchors add-intermediate --cert {issuing}")).ended(0);
    });
    let restore = "store restore --accept-rollback --reason lost";
    let said = home.run(&format!("{restore} --approver-key {alice}")).ended(3);
    assert_eq!(said.field("missing"), "1 person of bob, carol");
    assert_eq!(said.field("requested"), "store.restore (the store)");
    // Nothing is forgotten before they agree.
    home.run("trust-anchors list").complained("store.rollback_detected", 6);
    home.run(restore).complained("approval.required", 3);
    home.run(&format!("{restore} --approver-key {mallory}")).complained("approval.not_authorized", 3);
    home.run(&format!("{restore} --approver-key {alice}")).complained("approval.self", 3);
    home.run("trust-anchors list").complained("store.rollback_detected", 6);

    let said = home.run(&format!("{restore} --approver-key {bob}")).ended(0);
    assert!(said.field("restored").starts_with("the store with "), "{}", said.out);
    home.run("trust-anchors list").ended(0);
}

#[test]
fn a_store_that_is_not_older_is_not_restored() {
    let home = Home::solo();
    home.run("store restore --accept-rollback --reason lost").complained("usage.conflict", 2);
    Home::bare().run("store restore --accept-rollback --reason lost").complained("store.not_found", 4);
    // What is damaged is not older.
    fs::write(home.directory().join("trust/store"), "nonsense").unwrap();
    home.run("store restore --accept-rollback --reason lost").complained("store.corrupt", 6);
}

#[test]
fn another_store_in_its_place_is_noticed_and_can_be_taken() {
    let home = Home::solo();
    let other = Home::solo();
    fs::remove_dir_all(home.directory().join("trust")).unwrap();
    copy(&other.directory().join("trust"), &home.directory().join("trust"));
    home.run("trust-anchors list").complained("store.rollback_detected", 6);
    // Its key is another one, too.
    fs::copy(other.directory().join("keys/checkpoint.pem"), home.directory().join("keys/checkpoint.pem")).unwrap();
    // And so is its founder, who is named on purpose.
    home.run("store restore --accept-rollback --reason moved").complained("audit.broken", 6);
    let fingerprint = other.run("config get store_fingerprint").ended(0).out;
    home.run(&format!("config set store_fingerprint {fingerprint}")).ended(0);
    home.run("store restore --accept-rollback --reason moved").ended(0);
    home.run("trust-anchors list").ended(0);
}

#[test]
fn an_older_store_is_noticed_however_its_place_is_spelled() {
    let home = Home::solo();
    let trust = rolled_back(&home, add_root);
    let (room, link) = (home.room.path("."), home.room.path("link"));
    std::os::unix::fs::symlink(home.directory(), &link).unwrap();
    for url in [
        format!("file:{}", trust.display()),
        format!("file:{}/trust", link.display()),
        format!("file:{}/home/../home/trust", room.display()),
        format!("file://localhost{}", trust.display().to_string().replace("trust", "%74rust")),
    ] {
        home.run(&format!("trust-anchors list --store {url}")).complained("store.rollback_detected", 6);
    }
}
