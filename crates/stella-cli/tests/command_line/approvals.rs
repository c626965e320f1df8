//! `stella approvals …`: who agrees to more trust, and what becomes of it. Catalogue B214 to B223.

use std::fs;

use serde_json::json;
use stella_vocabulary::base64;

use crate::harness::{Home, Said};

/// A store of which alice, bob and carol decide, and their keys.
struct Team {
    home: Home,
    alice: String,
    bob: String,
    carol: String,
}

impl Team {
    fn new() -> Self {
        let home = Home::quorum();
        let [alice, bob, carol] = ["alice", "bob", "carol"].map(|person| home.approver(person).0);
        Self { home, alice, bob, carol }
    }

    /// Asks for a key, signed as alice; gives the id of the request.
    fn request(&self, label: &str) -> String {
        self.ask(&self.add_key(label))
    }

    fn add_key(&self, label: &str) -> String {
        let key = self.home.key(label);
        format!("trust-anchors add-key --key {key} --name {label} --expires 2099-01-01T00:00:00Z --reason asked")
    }

    fn ask(&self, command: &str) -> String {
        let said = self.home.run(&format!("{command} --approver-key {}", self.alice)).ended(3);
        said.field("request").to_string()
    }

    fn approve(&self, id: &str, key: &str) -> Said {
        self.home.run(&format!("approvals approve {id} --key {key}"))
    }

    /// The same refusal in text and in JSON, and nothing is logged.
    #[track_caller]
    fn refused(&self, arguments: &str, code: &str, status: i32) {
        let before = self.size();
        self.home.run(arguments).complained(code, status);
        let document = self.home.run(&format!("{arguments} -o json")).ended(status).json();
        assert_eq!((&document["schema"], &document["code"]), (&json!("stella.error/1"), &json!(code)));
        assert_eq!(self.size(), before, "{arguments}");
    }

    fn size(&self) -> serde_json::Value {
        self.home.run("trust-anchors list -o json").ended(0).json()["size"].clone()
    }

    fn is_active(&self, id: &str) -> bool {
        let list = self.home.run("trust-anchors list -o json").ended(0).json();
        list["trust_anchors"].as_array().unwrap().iter().any(|one| one["id"] == id && one["status"] == "active")
    }
}

#[test]
fn two_persons_agree_and_the_last_agreement_makes_the_change() {
    let team = Team::new();
    let id = team.request("release");
    let shown = team.home.run(&format!("approvals show {id}")).ended(0);
    assert_eq!(shown.field("state"), "pending");
    assert_eq!(shown.field("action"), "key.add");
    assert_eq!(shown.field("object"), "key release");
    assert_eq!(shown.field("agreed"), "alice");
    assert_eq!(shown.field("missing"), "1 person of bob, carol");
    assert_eq!(shown.field("effect"), "more trust");
    assert!(!team.is_active("release"));

    let said = team.approve(&id, &team.bob).ended(0);
    assert_eq!(said.first_line(), format!("approved: request {id} (key.add, key release)"));
    assert_eq!(said.field("state"), "executed by entry 3");
    assert_eq!(said.field("added"), "key release");
    assert_eq!(said.field("entry"), "2 to 3");
    assert!(said.field("checkpoint").starts_with("stella-trust-store/team 4 "), "{}", said.out);
    assert_eq!(said.field("approved by"), "alice, bob");
    assert_eq!(said.field("undo"), "stella trust-anchors remove release --reason TEXT");
    assert!(team.is_active("release"));
    team.home.run("trust log --verify").ended(0);
}

#[test]
fn an_approval_is_one_json_document() {
    let team = Team::new();
    let id = team.request("release");
    let document = team.home.run(&format!("approvals approve {id} --key {} -o json", team.carol)).ended(0).json();
    assert_eq!(document["schema"], "stella.approval/1");
    assert_eq!((&document["did"], &document["state"]), (&json!("approved"), &json!("executed")));
    assert_eq!((&document["executed"], &document["approved_by"]), (&json!(true), &json!(["alice", "carol"])));
    assert_eq!(document["objects"][0]["id"], "release");
    assert_eq!((&document["first"], &document["last"], &document["head"]["size"]), (&json!(2), &json!(3), &json!(4)));
    assert_eq!(document["undo"][0][2], "remove");
    let shown = team.home.run(&format!("approvals show {id} -o json")).ended(0).json();
    assert_eq!((&shown["schema"], &shown["state"]), (&json!("stella.approval-request/1"), &json!("executed")));
    assert_eq!(shown["envelope"]["signatures"].as_array().unwrap().len(), 2);
}

#[test]
fn a_request_that_nobody_signed_needs_two_others() {
    let team = Team::new();
    team.home.run_as("dave", &team.add_key("release")).ended(3);
    let said = team.approve("r-1", &team.bob).ended(0);
    assert_eq!(said.field("state"), "partially approved");
    assert_eq!(said.field("missing"), "1 person of alice, carol");
    assert!(said.out.contains("nothing has changed yet"), "{}", said.out);
    assert!(!team.is_active("release"));
    let shown = team.home.run("approvals list -o json").ended(0).json();
    assert_eq!(shown["requests"][0]["state"], "partially-approved");
    assert_eq!(shown["requests"][0]["missing"], json!({"have": 1, "need": 2, "who": ["alice", "carol"]}));
    assert_eq!(team.approve("r-1", &team.carol).ended(0).field("approved by"), "bob, carol");
    assert!(team.is_active("release"));
}

#[test]
fn nothing_that_loosens_happens_without_approval_b214_b221_b222() {
    let team = Team::new();
    team.approve(&team.request("release"), &team.bob).ended(0);
    let root = team.home.root("root");
    let (_, dave) = team.home.approver("dave");
    let before = team.home.run("trust-anchors list -o table").out;
    for loosening in [
        format!("trust-anchors add --cert {root}"),
        team.add_key("other"),
        "trust-anchors change release --until 2099-06-01T00:00:00Z".to_string(),
        format!("approvers add dave --key {dave}"),
        "approvers remove carol --reason gone".to_string(),
        "approvers quorum 3".to_string(),
    ] {
        let said = team.home.run_as("dave", &loosening).ended(3);
        assert!(said.err.starts_with("error[approval.required]: "), "{loosening}: {}", said.err);
        let document = team.home.run_as("dave", &format!("{loosening} -o json")).ended(3).json();
        assert_eq!(
            (&document["schema"], &document["code"]),
            (&json!("stella.change-request/1"), &json!("approval.required"))
        );
        assert_eq!(team.home.run("trust-anchors list -o table").out, before, "{loosening}");
    }
    // What was revoked does not come back by one person either.
    team.home.run("trust-anchors revoke release --reason stolen").ended(0);
    team.ask("trust-anchors reinstate release --reason found");
    assert!(!team.is_active("release"));
}

#[test]
fn whoever_asks_does_not_approve_b215() {
    let team = Team::new();
    let id = team.request("release");
    team.refused(&format!("approvals approve {id} --key {}", team.alice), "approval.self", 3);
    // By person, not by key: another key of the same person is no other person.
    let (second, public) = team.home.approver("alice-laptop");
    let enrol = team.ask(&format!("approvers add alice --key {public} --id alice-laptop"));
    team.approve(&enrol, &team.bob).ended(0);
    team.refused(&format!("approvals approve {id} --key {second}"), "approval.self", 3);
}

#[test]
fn one_person_counts_once_with_however_many_keys_b216() {
    let team = Team::new();
    let (second, public) = team.home.approver("bob-laptop");
    let enrol = team.ask(&format!("approvers add bob --key {public} --id bob-laptop"));
    assert!(
        team.home
            .run(&format!("approvers add bob --key {public} --id twice --dry-run"))
            .out
            .contains("still counts once")
    );
    team.approve(&enrol, &team.carol).ended(0);
    team.home.run_as("dave", &team.add_key("release")).ended(3);
    let id = team.home.run("approvals list -o json").json()["requests"][0]["request"].as_str().unwrap().to_string();
    assert_eq!(team.approve(&id, &team.bob).ended(0).field("state"), "partially approved");
    for key in [&team.bob, &second] {
        team.refused(&format!("approvals approve {id} --key {key}"), "approval.not_distinct", 3);
    }
    assert!(!team.is_active("release"));
}

#[test]
fn an_envelope_is_signed_on_another_machine() {
    let team = Team::new();
    let id = team.request("release");
    let envelope = team.home.run(&format!("approvals show {id} --envelope")).ended(0).out;
    let file = team.home.room.file("request.json", &envelope);
    // No home, no store: only the envelope and the key.
    let elsewhere = Home::bare();
    let said = elsewhere.run(&format!("approvals sign {file} --key {}", team.bob)).ended(0);
    assert!(said.err.contains(&format!("signed: request {id} of store team")), "{}", said.err);
    let signed = team.home.room.file("signed.json", &said.out);
    elsewhere.run(&format!("approvals sign {signed} --key {}", team.bob)).complained("approval.not_distinct", 3);
    let done = team.home.run(&format!("approvals approve {id} --envelope {signed}")).ended(0);
    assert_eq!(done.field("approved by"), "alice, bob");
    assert!(team.is_active("release"));
    team.home.run("trust log --verify").ended(0);
}

#[test]
fn a_request_without_signature_is_signed_on_another_machine_too() {
    let team = Team::new();
    team.home.run_as("dave", &team.add_key("release")).ended(3);
    let mut envelope = team.home.run("approvals show r-1 --envelope").ended(0).out;
    for key in [&team.bob, &team.carol] {
        let file = team.home.room.file("request.json", &envelope);
        envelope = team.home.run(&format!("approvals sign {file} --key {key}")).ended(0).out;
    }
    let file = team.home.room.file("signed.json", &envelope);
    team.home.run(&format!("approvals approve r-1 --envelope {file}")).ended(0);
    assert!(team.is_active("release"));
}

#[test]
fn an_edited_request_or_a_signature_over_other_bytes_is_refused_b217() {
    let team = Team::new();
    let id = team.request("release");
    let envelope = team.home.run(&format!("approvals show {id} --envelope")).ended(0).json();
    let payload = base64::decode(envelope["payload"].as_str().unwrap()).unwrap();
    let edited = String::from_utf8(payload).unwrap().replace("2099-01-01", "2199-01-01");
    let mut forged = envelope.clone();
    forged["payload"] = json!(base64::encode(edited.as_bytes()));
    let file = team.home.room.file("edited.json", forged.to_string());
    // Bob signs what was edited, alice's signature is over what was asked.
    let signed = team.home.run(&format!("approvals sign {file} --key {}", team.bob)).ended(0).out;
    let file = team.home.room.file("signed.json", &signed);
    team.refused(&format!("approvals approve {id} --envelope {file}"), "approval.digest_mismatch", 3);
    // Bob's signature over something else, under the right bytes.
    let mut moved = envelope.clone();
    let other: serde_json::Value = serde_json::from_str(&signed).unwrap();
    moved["signatures"] = other["signatures"].clone();
    let file = team.home.room.file("moved.json", moved.to_string());
    team.refused(&format!("approvals approve {id} --envelope {file}"), "approval.digest_mismatch", 3);
    // The envelope of another request.
    let second = team.request("other");
    let file = team.home.room.file("right.json", envelope.to_string());
    team.refused(&format!("approvals approve {second} --envelope {file}"), "approval.digest_mismatch", 3);
    assert!(!team.is_active("release"));
}

#[test]
fn a_request_is_stale_once_its_object_has_changed_b218() {
    let team = Team::new();
    team.approve(&team.request("release"), &team.bob).ended(0);
    let id = team.ask("trust-anchors change release --until 2199-01-01T00:00:00Z --reason longer");
    // Tightening takes one person, and is another object to be asked about.
    team.home.run("trust-anchors change release --until 2098-01-01T00:00:00Z --reason shorter").ended(0);
    team.refused(&format!("approvals approve {id} --key {}", team.bob), "approval.stale", 3);
    assert!(team.home.run(&format!("approvals show {id}")).ended(0).field("state").starts_with("stale: "));
}

#[test]
fn a_request_that_is_over_decided_or_of_another_store_is_refused_b219() {
    let team = Team::new();
    let id = team.request("release");
    let envelope = team.home.run(&format!("approvals show {id} --envelope")).ended(0).out;
    let file = team.home.room.file("request.json", &envelope);
    let signed = team.home.run(&format!("approvals sign {file} --key {}", team.bob)).ended(0).out;
    let signed = team.home.room.file("signed.json", &signed);
    // Judged as of a time when it is over.
    team.refused(
        &format!("approvals approve {id} --key {} --at 2199-01-01T00:00:00Z", team.bob),
        "approval.expired",
        3,
    );
    team.refused(&format!("approvals sign {file} --key {} --at 2199-01-01T00:00:00Z", team.bob), "approval.expired", 3);
    assert_eq!(team.home.run(&format!("approvals show {id} --at 2199-01-01T00:00:00Z")).field("state"), "expired");
    let open = team.home.run("approvals list --at 2199-01-01T00:00:00Z").ended(0);
    assert!(open.out.starts_with("nothing waits for approval"), "{}", open.out);

    // The same envelope again, after it was executed.
    team.home.run(&format!("approvals approve {id} --envelope {signed}")).ended(0);
    for again in [
        format!("approvals approve {id} --envelope {signed}"),
        format!("approvals approve {id} --key {}", team.carol),
        format!("approvals execute {id}"),
        format!("approvals reject {id} --key {}", team.carol),
    ] {
        team.refused(&again, "approval.replayed", 3);
    }
    // In a store with another name, with a request of the same id.
    let other = Home::bare();
    let mut arguments = vec!["init".to_string(), "--empty".into(), "--name".into(), "other".into()];
    for person in ["alice", "bob"] {
        arguments.extend(["--approver".to_string(), format!("{person}={}", other.approver(person).1)]);
    }
    other.run_with(&arguments).ended(0);
    other.run(&format!("{} --approver-key {}", team.add_key("release"), team.alice)).ended(3);
    other.run(&format!("approvals approve {id} --envelope {signed}")).complained("approval.wrong_store", 3);
}

#[test]
fn an_approver_who_was_taken_out_does_not_count_any_more_b220() {
    let team = Team::new();
    let id = team.request("release");
    // Revoking takes one person; alice's agreement does not count any more.
    let said = team.home.run("approvers revoke alice --reason stolen").ended(0);
    assert!(said.out.contains("does not count any more"), "{}", said.out);
    let said = team.approve(&id, &team.bob).ended(0);
    assert_eq!(said.field("state"), "partially approved");
    team.refused(&format!("approvals execute {id}"), "approval.not_authorized", 3);
    team.refused(&format!("approvals approve {id} --key {}", team.alice), "approval.not_authorized", 3);
    assert!(!team.is_active("release"));
    // Two that count make it.
    assert_eq!(team.approve(&id, &team.carol).ended(0).field("state"), "executed by entry 5");
}

#[test]
fn a_key_that_was_never_enrolled_approves_nothing() {
    let team = Team::new();
    let id = team.request("release");
    let (mallory, _) = team.home.approver("mallory");
    team.refused(&format!("approvals approve {id} --key {mallory}"), "approval.not_authorized", 3);
    team.refused(&format!("approvals reject {id} --key {mallory}"), "approval.not_authorized", 3);
}

#[test]
fn nobody_lowers_the_quorum_alone_and_two_do_b221() {
    let team = Team::new();
    let id = team.ask("approvers quorum 3");
    assert_eq!(team.approve(&id, &team.bob).ended(0).field("state"), "partially approved");
    assert_eq!(team.approve(&id, &team.carol).ended(0).field("changed"), "quorum of 3 persons");
    let id = team.ask("approvers quorum 2");
    assert_eq!(team.approve(&id, &team.bob).ended(0).field("state"), "partially approved");
    assert_eq!(team.home.run("approvers list").field("quorum"), "3 of 3");
    assert_eq!(team.approve(&id, &team.carol).ended(0).field("undo"), "stella approvers quorum 3 --reason TEXT");
    assert_eq!(team.home.run("approvers list -o json").json()["quorum"], 2);
    for quorum in ["1", "0", "4"] {
        team.refused(&format!("approvers quorum {quorum}"), "policy.threshold_invalid", 1);
    }
}

#[test]
fn one_refusal_is_enough_and_the_own_request_can_be_taken_back() {
    let team = Team::new();
    let id = team.request("release");
    let said = team.home.run_as("bob", &format!("approvals reject {id} --key {} --reason no", team.bob)).ended(0);
    assert_eq!(said.field("state"), "rejected by entry 2");
    team.refused(&format!("approvals approve {id} --key {}", team.carol), "approval.replayed", 3);
    team.home.run_as("dave", &team.add_key("other")).ended(3);
    let id = team.home.run("approvals list -o json").json()["requests"][0]["request"].as_str().unwrap().to_string();
    // Somebody else needs a key; whoever asked does not, unless it is an approver.
    team.home.run_as("bob", &format!("approvals reject {id}")).complained("usage.conflict", 2);
    let document = team.home.run_as("dave", &format!("approvals reject {id} -o json")).ended(0).json();
    assert_eq!((&document["did"], &document["state"]), (&json!("rejected"), &json!("rejected")));
    let all = team.home.run("approvals list --all").ended(0).out;
    assert_eq!(all.matches("rejected").count(), 2, "{all}");
    assert!(team.home.run("approvals list").out.starts_with("nothing waits"));
}

#[test]
fn a_reason_is_one_plain_line_b223() {
    let team = Team::new();
    let id = team.request("release");
    let long = "x".repeat(1025);
    let huge = "x".repeat(100 << 10);
    for reason in ["", " ", "two\nlines", "a\u{1b}[2Jb", "a\u{202e}b", &long, &huge] {
        let before = team.size();
        let commands: [Vec<&str>; 3] = [
            vec!["approvals", "approve", &id, "--key", &team.bob, "--reason", reason],
            vec!["approvals", "reject", &id, "--key", &team.bob, "--reason", reason],
            vec!["approvers", "quorum", "3", "--approver-key", &team.alice, "--reason", reason],
        ];
        for command in commands {
            team.home.run_with(&command).complained("usage.reason_invalid", 2);
            let json: Vec<&str> = command.iter().copied().chain(["-o", "json"]).collect();
            assert_eq!(team.home.run_with(&json).ended(2).json()["code"], "usage.reason_invalid");
        }
        assert_eq!(team.size(), before);
    }
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let team = Team::new();
    team.request("release");
    let said = team.home.run("approvals show r-2");
    assert!(said.err.contains("such as r-1"), "{}", said.err);
    said.complained("store.not_found", 4);
    team.home.run("approvals approve r-1").complained("usage.conflict", 2);
    Home::bare().run("approvals list").complained("store.not_found", 4);
    assert!(Home::solo().run("approvals list --all").ended(0).out.contains("no change was ever requested"));
}

#[test]
fn a_solo_store_lets_one_person_decide_and_says_so() {
    let home = Home::solo();
    let key = home.key("release");
    let said = home.run(&format!("trust-anchors add-key --key {key} --expires 2099-01-01T00:00:00Z")).ended(0);
    assert_eq!(said.field("approved by"), "nobody (solo store)");
    // Approvers come one by one, until they are as many as have to agree.
    let (alices, alice) = home.approver("alice");
    let (bob, bobs) = home.approver("bob");
    let said = home.run(&format!("approvers add alice --key {alice}")).ended(0);
    assert_eq!(said.field("warning"), "one person still decides alone: 1 of 2 approvers are enrolled");
    let said = home.run(&format!("approvers add bob --key {bobs}")).ended(0);
    assert!(said.field("warning").contains("there is no way back"), "{}", said.out);
    assert_eq!(home.run("approvers list").ended(0).field("mode"), "quorum");
    home.run("approvers quorum 2 --reason same").ended(2);
    let other = home.key("other");
    home.run(&format!("trust-anchors add-key --key {other} --expires 2099-01-01T00:00:00Z --approver-key {alices}"))
        .ended(3);
    home.run(&format!("approvals approve r-4 --key {bob}")).ended(0);
}

#[test]
fn approvers_are_listed_and_enrolled_by_public_keys_only() {
    let team = Team::new();
    let list = team.home.run("approvers list -o json").ended(0).json();
    assert_eq!(
        (&list["schema"], &list["mode"], &list["quorum"]),
        (&json!("stella.approvers/1"), &json!("quorum"), &json!(2))
    );
    let persons: Vec<_> = list["approvers"].as_array().unwrap().iter().map(|one| one["person"].clone()).collect();
    assert_eq!(persons, ["alice", "bob", "carol"]);
    let private = &team.alice;
    let said = team.home.run(&format!("approvers add dave --key {private}"));
    assert!(!said.err.contains(fs::read_to_string(private).unwrap().lines().nth(1).unwrap()));
    said.complained("key.private_key_supplied", 1);
    let alice = team.home.room.path("alice.pub");
    team.home.run(&format!("approvers add dave --key {}", alice.display())).complained("store.duplicate_key", 6);
    let (_, dave) = team.home.approver("dave");
    team.home.run(&format!("approvers add Dave --key {dave}")).complained("store.id_invalid", 6);
}
