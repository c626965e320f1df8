//! `stella trust-anchors …` where others have to agree to more trust.

use crate::harness::{Home, example, expected};

#[test]
fn more_trust_becomes_a_request_with_exit_status_3() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let said = home.run_as("dave", &format!("trust-anchors add --cert {root} --reason new")).ended(3);
    assert!(said.err.starts_with("error[approval.required]: "), "{}", said.err);
    assert_eq!(said.err.matches('\n').count(), 1);
    assert_eq!(said.field("requested"), "anchor.add (anchor release-root)");
    assert_eq!(said.field("request"), "r-1");
    assert_eq!(said.field("missing"), "2 persons of alice, bob, carol");
    assert_eq!(said.field("approve"), "stella approvals approve r-1 --key FILE");
    assert_eq!(said.field("entry"), "1");
    assert!(!home.run("trust-anchors list").ended(0).out.contains("release-root"));
}

#[test]
fn a_request_signed_with_the_key_of_an_approver_counts_for_that_person() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let (key, _) = home.approver("bob");
    let document = home.run(&format!("trust-anchors add --cert {root} --approver-key {key} -o json")).ended(3).json();
    assert_eq!(document["schema"], "stella.change-request/1");
    assert_eq!(document["code"], "approval.required");
    assert_eq!(document["missing"], serde_json::json!({"have": 1, "need": 2, "who": ["alice", "carol"]}));
    assert_eq!(document["envelope"]["payloadType"], "application/vnd.stella.trust-change.v1+json");
    assert_eq!(document["envelope"]["signatures"].as_array().unwrap().len(), 1);
    assert_eq!(document["undo"], serde_json::json!([]));
    // The key may be named once and for all.
    home.run(&format!("config set approver_key {key}")).ended(0);
    let other = home.root("other");
    let said = home.run(&format!("trust-anchors add --cert {other}")).ended(3);
    assert_eq!(said.field("missing"), "1 person of alice, carol");
}

#[test]
fn a_key_of_nobody_who_decides_signs_no_request() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let (key, _) = home.approver("mallory");
    home.run(&format!("trust-anchors add --cert {root} --approver-key {key}")).complained("approval.not_authorized", 3);
    home.run(&format!("trust-anchors add --cert {root} --approver-key {root}"));
    home.run(&format!("trust-anchors add --cert {root} --approver-key nowhere.key"));
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
}

#[test]
fn the_name_of_an_approver_alone_asks_for_nothing() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let said = home.run(&format!("trust-anchors add --cert {root}")).complained("approval.not_authorized", 3);
    assert!(said.err.contains("--approver-key FILE"), "{}", said.err);
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
}

#[test]
fn less_trust_takes_one_person() {
    let home = Home::quorum();
    let issuing = home.root("issuing");
    // An intermediate gives no trust at all.
    let said = home.run_as("dave", &format!("trust-anchors add-intermediate --cert {issuing}")).ended(0);
    assert_eq!(said.field("approved by"), "dave alone (one person may do this)");
    home.run("trust-anchors remove issuing --reason over").ended(0);
}

#[test]
fn an_emergency_is_short_alone_and_visible() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let (key, _) = home.approver("alice");
    let add = format!("trust-anchors add --cert {root} --reason INC-1 --approver-key {key}");
    for (duration, code) in [("25h", "usage.date_invalid"), ("1", "usage.date_invalid"), ("0h", "usage.date_invalid")] {
        home.run(&format!("{add} --emergency {duration}")).complained(code, 2);
    }
    let said = home.run(&format!("{add} --emergency 4h")).ended(0);
    assert!(said.field("emergency").starts_with("anchor release-root added until "), "{}", said.out);
    assert!(said.field("approved by").starts_with("nobody: alice alone"), "{}", said.out);
    let list = home.run("trust-anchors list").ended(0);
    assert!(list.out.contains("EMERGENCY until "), "{}", list.out);
    // Not twice for one object.
    home.run("trust-anchors remove release-root --reason over").ended(0);
    assert!(!home.run("trust-anchors list").out.contains("EMERGENCY"));
    let said = home.run(&format!("{add} --emergency 4h")).complained("approval.required", 3);
    assert!(said.err.contains("the emergency is refused: anchor release-root is removed"), "{}", said.err);
    assert!(said.err.contains("leave --emergency out"), "{}", said.err);
}

#[test]
fn an_emergency_where_others_decide_takes_the_key_of_an_approver() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let add = format!("trust-anchors add --cert {root} --reason INC-1 --emergency 4h");
    let size = || home.run("trust-anchors list -o json").json()["size"].as_u64().unwrap();
    // Neither by the name of nobody in particular, nor by that of an approver, nor by somebody else's key.
    for who in ["zz", "alice"] {
        let said = home.run_as(who, &add).complained("approval.not_authorized", 3);
        assert!(said.err.contains("--approver-key FILE"), "{}", said.err);
    }
    let (mallory, _) = home.approver("mallory");
    home.run(&format!("{add} --approver-key {mallory}")).complained("approval.not_authorized", 3);
    assert_eq!(size(), 1);
    // It is the emergency of whoever the key belongs to, whatever name they give.
    let (bob, _) = home.approver("bob");
    let said = home.run_as("zz", &format!("{add} --approver-key {bob}")).ended(0);
    assert_eq!(said.field("approved by"), "nobody: bob alone, for some hours");
    // The settings may name the key.
    home.run(&format!("config set approver_key {bob}")).ended(0);
    for name in ["second", "third"] {
        let root = home.root(name);
        home.run(&format!("trust-anchors add --cert {root} --emergency 4h")).ended(0);
    }
    let root = home.root("fourth");
    let said = home.run(&format!("trust-anchors add --cert {root} --emergency 4h")).complained("approval.required", 3);
    assert!(said.err.contains("3 of bob are in force"), "{}", said.err);
}

#[test]
fn a_verdict_by_an_emergency_says_whose_it_is() {
    let home = Home::quorum();
    let (alice, _) = home.approver("alice");
    let [key, file] =
        ["key", "attestation"].map(|part| example(&format!("private-key/{}", expected("private-key", part))));
    let add = format!("trust-anchors add-key --key {key} --name builder --expires 2050-01-01T00:00:00Z");
    let until = home.run(&format!("{add} --emergency 4h --approver-key {alice}")).ended(0);
    let until = until.field("emergency").rsplit_once(' ').unwrap().1;
    let note = format!("trusted by emergency e-1 of alice until {until}, approved by nobody");
    let verify = format!("verify attestation --attestation {file}");
    let said = home.run(&format!("{verify} -v")).ended(0);
    assert!(said.lines("note").any(|line| line == note), "{}", said.out);
    let report = home.run(&format!("{verify} -o json")).ended(0).json();
    assert!(report["notes"].as_array().unwrap().contains(&note.into()), "{}", report["notes"]);
}

#[test]
fn an_emergency_is_not_for_issuers() {
    let home = Home::quorum();
    let (key, _) = home.approver("alice");
    let add = format!("issuer add evil --emergency 1h --approver-key {key}");
    let said = home.run(&add).complained("usage.conflict", 2);
    assert!(said.err.contains("an emergency is for keys and certificates"), "{}", said.err);
    assert!(!said.err.contains("issuer trust"), "{}", said.err);
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
}

#[test]
fn an_emergency_can_be_ended_by_the_command_that_is_given() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let (key, _) = home.approver("alice");
    let said = home.run(&format!("trust-anchors add --cert {root} --emergency 4h --approver-key {key}")).ended(0);
    assert_eq!(said.field("emergency id"), "e-1");
    let undo = said.field("undo").strip_prefix("stella ").unwrap().replace("TEXT", "approved");
    assert_eq!(home.run(&undo).ended(0).field("ended"), "emergency e-1");
    assert!(!home.run("trust-anchors list").out.contains("EMERGENCY"));
    home.run(&undo).complained("store.not_found", 4);
    home.run("store end-emergency e-2").complained("store.not_found", 4);
}

#[test]
fn a_request_waits_as_long_as_was_said_and_not_for_ever() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let add = format!("trust-anchors add --cert {root}");
    for bad in ["31d", "never", "1x"] {
        home.run(&format!("{add} --expires-in {bad}")).complained("usage.date_invalid", 2);
    }
    home.run_as("dave", &format!("{add} --expires-in 30d")).ended(3);
}

#[test]
fn several_changes_are_several_requests_and_all_of_them_are_named() {
    let home = Home::quorum();
    let said = home.run_as("dave", "trust-anchors import --built-in").ended(3);
    assert_eq!(said.lines("request").collect::<Vec<_>>(), ["r-1", "r-2"]);
    assert!(said.err.contains("request r-1, r-2"), "{}", said.err);
    let document = home.run_as("dave", "trust-anchors import --built-in -o json").ended(3).json();
    assert_eq!(document["requests"].as_array().unwrap().len(), 2);
}

#[test]
fn a_dry_run_says_who_would_have_to_agree() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let said = home.run(&format!("trust-anchors add --cert {root} --dry-run")).ended(0);
    assert_eq!(said.field("needs"), "the agreement of 2 persons");
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
}
