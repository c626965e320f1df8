//! `stella trust log`.

use crate::harness::Home;

fn with_history() -> Home {
    let home = Home::solo();
    let (root, key) = (home.root("release-root"), home.key("release-2026"));
    home.run_with(&["trust-anchors", "add", "--cert", &root, "--name", "release-root", "--reason", "first root"])
        .ended(0);
    home.run_with(&[
        "trust-anchors",
        "add-key",
        "--key",
        &key,
        "--name",
        "release-2026",
        "--expires",
        "2030-01-01T00:00:00Z",
    ])
    .ended(0);
    home.run_with(&["trust-anchors", "remove", "release-root", "--reason", "INC-4711: wrong root"]).ended(0);
    home
}

#[test]
fn every_entry_says_who_did_what_when_and_why() {
    let home = with_history();
    let said = home.run("trust log").ended(0);
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].starts_with("ENTRY  TIME"), "{}", said.out);
    assert!(lines[1].starts_with("0 ") && lines[1].contains("store.create"), "{}", said.out);
    assert!(
        lines[4].contains("alice") && lines[4].contains("anchor.remove") && lines[4].contains("anchor release-root")
    );
    assert!(lines[4].contains("solo") && lines[4].ends_with("INC-4711: wrong root"), "{}", said.out);
    assert!(said.field("head").starts_with("4 "));
    assert_eq!(home.run("trust log -q").ended(0).out.lines().count(), 1);
    let verbose = home.run("trust log -v").ended(0);
    assert!(verbose.out.contains("  leaf hash: ") && verbose.out.contains("  key: none: a name was given"));
}

#[test]
fn entries_are_picked_by_number_and_by_object() {
    let home = with_history();
    let numbers = |arguments: &str| -> Vec<u64> {
        let document = home.run(arguments).ended(0).json();
        document["entries"].as_array().unwrap().iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers("trust log -o json"), [0, 1, 2, 3]);
    assert_eq!(numbers("trust log --from 2 -o json"), [2, 3]);
    assert_eq!(numbers("trust log --object release-root -o json"), [1, 3]);
    assert_eq!(numbers("trust log --object key/release-2026 -o json"), [2]);
    assert_eq!(numbers("trust log --from 2 --object release-root -o json"), [3]);
    let said = home.run("trust log --object release-rot").complained("store.not_found", 4);
    assert!(said.err.contains("such as release-root"), "{}", said.err);
}

#[test]
fn a_document_has_the_entries_as_they_were_logged() {
    let home = with_history();
    let document = home.run("trust log -o json").ended(0).json();
    assert_eq!(document["schema"], "stella.trust-log/1");
    assert_eq!((&document["store"], &document["head"]["size"]), (&"test".into(), &4.into()));
    let last = &document["entries"][3];
    assert_eq!(last["object"], serde_json::json!({"kind": "anchor", "id": "release-root"}));
    assert_eq!(last["entry"]["schema"], "stella.trust-entry/1");
    assert_eq!(last["reason"], last["entry"]["reason"]);
    assert!(document["checkpoint"].as_str().unwrap().starts_with("stella-trust-store/test\n4\n"));
    let lines = home.run("trust log -o ndjson").ended(0);
    assert_eq!(lines.out.lines().count(), 4);
    assert!(lines.out.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn an_audit_says_against_what_it_compared() {
    let home = with_history();
    let said = home.run("trust log --verify").ended(0);
    assert_eq!(said.field("verified"), "4 entries, every signature over a request, and the state after each");
    assert_eq!(said.field("compared with"), "the checkpoint in the store only");
    assert!(said.field("warning").contains("keep a checkpoint elsewhere"));

    let note = home.run("trust log --signed-checkpoint").ended(0).out;
    let kept = home.room.file("kept.txt", &note);
    home.run("trust-anchors reinstate release-root --reason undo").ended(0);
    let said = home.run_with(&["trust", "log", "--checkpoint", &kept]).ended(0);
    assert_eq!(said.field("compared with"), "a checkpoint from outside over 4 entries, which the log continues");
    assert!(said.lines("warning").next().is_none());
    let document = home.run_with(&["trust", "log", "--verify", "--checkpoint", &kept, "-o", "json"]).ended(0).json();
    let state = &document["audit"]["state"];
    let audit = serde_json::json!({
        "witness": "outside", "witness_size": 4, "entries": 5, "state": state, "seen_size": 5,
    });
    assert_eq!(document["audit"], audit);
    // Where it was never seen, one is told.
    assert!(said.field("seen before").starts_with("5 "), "{}", said.out);
    std::fs::remove_dir_all(home.room.path("state")).unwrap();
    let said = home.run("trust log --verify").ended(0);
    assert!(said.field("seen before").starts_with("nothing: "), "{}", said.out);
}

#[test]
fn a_checkpoint_that_is_none_or_of_another_store_is_refused() {
    let home = with_history();
    let other = Home::bare();
    other.run("init --empty --name other").ended(0);
    let foreign = home.room.file("foreign.txt", other.run("trust log --signed-checkpoint").ended(0).out);
    home.run_with(&["trust", "log", "--checkpoint", &foreign]).complained("tlog.origin_mismatch", 1);
    // The same name and another key.
    let twin = Home::solo();
    let forged = home.room.file("forged.txt", twin.run("trust log --signed-checkpoint").ended(0).out);
    home.run_with(&["trust", "log", "--checkpoint", &forged]).complained("tlog.checkpoint_signature_invalid", 1);
    let nonsense = home.room.file("nonsense.txt", "nonsense");
    home.run_with(&["trust", "log", "--checkpoint", &nonsense]).complained("tlog.checkpoint_malformed", 1);
    let empty = home.room.file("empty.txt", "");
    home.run_with(&["trust", "log", "--checkpoint", &empty]).complained("input.empty", 2);
}

#[test]
fn a_cut_tail_is_found_with_a_checkpoint_from_outside_only_b212() {
    let home = with_history();
    let trust = home.directory().join("trust");
    let old = home.room.path("old");
    copy(&trust, &old);
    home.run("trust-anchors reinstate release-root --reason undo").ended(0);
    let kept = home.room.file("kept.txt", home.run("trust log --signed-checkpoint").ended(0).out);
    std::fs::remove_dir_all(&trust).unwrap();
    copy(&old, &trust);
    // This machine has seen more of it.
    home.run("trust log --verify").complained("store.rollback_detected", 6);
    std::fs::remove_dir_all(home.room.path("state")).unwrap();
    // Another machine has not.
    assert_eq!(home.run("trust log --verify").ended(0).field("compared with"), "the checkpoint in the store only");
    std::fs::remove_dir_all(home.room.path("state")).unwrap();
    home.run_with(&["trust", "log", "--checkpoint", &kept]).complained("audit.truncated", 6);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::create_dir(to).unwrap();
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o700)).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn without_a_store_there_is_no_log() {
    let home = Home::bare();
    for arguments in ["trust log", "trust log --verify", "trust diff 0 1", "trust lint", "trust bisect --attestation x"]
    {
        let said = home.run(arguments).complained("store.not_found", 4);
        assert!(said.err.contains("; try: stella init"), "{}", said.err);
    }
}
