//! `stella trust-anchors list`, `show`, `change`, `remove`, `revoke` and `reinstate`, where one person decides.

use serde_json::Value;

use crate::harness::Home;

fn anchors(home: &Home, arguments: &str) -> Vec<Value> {
    let document = home.run(&format!("trust-anchors list -o json {arguments}")).ended(0).json();
    assert_eq!(document["schema"], "stella.trust-anchors/1");
    document["trust_anchors"].as_array().unwrap().clone()
}

fn status(home: &Home, id: &str, arguments: &str) -> String {
    let anchors = anchors(home, arguments);
    let found = anchors.iter().find(|anchor| anchor["id"] == id).unwrap_or_else(|| panic!("{id} in {anchors:?}"));
    found["status"].as_str().unwrap().to_string()
}

/// A store with a root and a key.
fn with_root_and_key() -> Home {
    let home = Home::solo();
    let (root, key) = (home.root("release-root"), home.key("release-key"));
    home.run(&format!("trust-anchors add --cert {root}")).ended(0);
    home.run(&format!("trust-anchors add-key --key {key} --name release-key --expires 2050-01-01T00:00:00Z")).ended(0);
    home
}

#[test]
fn a_list_is_sorted_and_says_the_same_in_every_form() {
    let home = with_root_and_key();
    let listed = anchors(&home, "");
    let ids: Vec<&str> = listed.iter().map(|anchor| anchor["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["release-root", "release-key"]);
    let lines = home.run("trust-anchors list -o ndjson").ended(0).out;
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(serde_json::from_str::<Value>(lines.lines().next().unwrap()).unwrap(), listed[0]);
    let text = home.run("trust-anchors list").ended(0);
    assert_eq!(text.first_line(), "store: test at entry 2");
    let table = home.run("trust-anchors list -o table").ended(0).out;
    assert!(table.starts_with("KIND "), "{table}");
    assert!(text.out.contains(&table), "{}", text.out);
    assert_eq!(anchors(&home, "--kind key").len(), 1);
    assert_eq!(anchors(&home, "--kind trusted-root").len(), 0);
}

#[test]
fn an_empty_list_says_what_to_do() {
    let said = Home::solo().run("trust-anchors list").ended(0);
    assert!(said.out.contains("stella trust-anchors add --cert FILE"), "{}", said.out);
}

#[test]
fn what_ends_is_marked_by_window_and_by_certificate() {
    let home = with_root_and_key();
    // The key ends with 2049, the certificates of the test kit with 2059.
    for (at, key, root, words) in [
        ("2049-11-30T00:00:00Z", "active", "active", "active"),
        ("2049-12-02T00:00:00Z", "expiring", "active", "EXPIRING: 30 days left"),
        ("2049-12-24T23:59:59Z", "expiring", "active", "EXPIRING: 7 days left"),
        ("2049-12-25T00:00:00Z", "expiring", "active", "EXPIRING, URGENT: 7 days left"),
        ("2049-12-31T23:59:59Z", "expiring", "active", "EXPIRING, URGENT: 1 second left"),
        ("2050-01-01T00:00:00Z", "expired", "active", "EXPIRED 2050-01-01T00:00:00Z"),
        ("2059-12-30T00:00:00Z", "expired", "expiring", "EXPIRING, URGENT: 2 days left"),
        ("2060-01-01T00:00:00Z", "expired", "expiring", "EXPIRING, URGENT: 1 second left"),
        ("2060-01-01T00:00:01Z", "expired", "expired", "EXPIRED 2060-01-01T00:00:01Z"),
        ("2019-12-31T23:59:59Z", "active", "not-yet-valid", "not before 2020-01-01T00:00:00Z"),
    ] {
        assert_eq!(status(&home, "release-key", &format!("--at {at}")), key, "{at}");
        assert_eq!(status(&home, "release-root", &format!("--at {at}")), root, "{at}");
        let said = home.run(&format!("trust-anchors list --at {at}")).ended(0);
        assert!(said.out.contains(words), "{at}: {}", said.out);
    }
    assert_eq!(anchors(&home, "--at 2049-12-24T23:59:59Z")[1]["urgency"], "soon");
    assert_eq!(anchors(&home, "--at 2049-12-25T00:00:00Z")[1]["urgency"], "urgent");
    assert_eq!(anchors(&home, "--at 2049-12-25T00:00:00Z --expiring-within 7d").len(), 1);
    assert_eq!(anchors(&home, "--at 2049-12-24T00:00:00Z --expiring-within 7d").len(), 0);
    home.run("trust-anchors list --expiring-within soon").complained("usage.date_invalid", 2);
}

#[test]
fn the_command_that_undoes_a_change_undoes_it() {
    let home = with_root_and_key();
    for (arguments, changed, restored) in [
        ("remove release-root --reason test", "removed", "active"),
        ("revoke release-key --reason test", "revoked", "active"),
        ("revoke release-root --cause superseded --reason test", "revoked", "active"),
    ] {
        let id = arguments.split(' ').nth(1).unwrap();
        let said = home.run(&format!("trust-anchors {arguments}")).ended(0);
        assert_eq!(status(&home, id, ""), changed);
        let undo = said.field("undo").strip_prefix("stella ").unwrap().replace("TEXT", "undone");
        let undone = home.run(&undo).ended(0);
        assert_eq!(status(&home, id, ""), restored);
        // And back again.
        let again = undone.field("undo").strip_prefix("stella ").unwrap().replace("TEXT", "again");
        home.run(&again).ended(0);
        assert_eq!(status(&home, id, ""), changed);
        home.run(&undo).ended(0);
    }
}

#[test]
fn terms_are_changed_and_changed_back_by_the_command_that_is_given() {
    let home = with_root_and_key();
    let terms = |id: &str| {
        let anchors = anchors(&home, "");
        let found = anchors.iter().find(|anchor| anchor["id"] == id).unwrap();
        (
            found["scope"].clone(),
            found["window"].clone(),
            found["label"].clone(),
            found["hint"].clone(),
            found["encoding"].clone(),
        )
    };
    for (id, options) in [
        ("release-root", "--until 2040-01-01T00:00:00Z --predicate-type a --predicate-type b --label Root"),
        ("release-root", "--identity https://ci.example/* --oidc-issuer https://id.example --purl pkg:oci/acme/*"),
        ("release-root", "--name-constraint dns:acme.example --exclude-name dns:evil.acme.example --max-path-length 1"),
        ("release-root", "--eku 1.3.6.1.5.5.7.3.3 --algorithm ecdsa-p384-sha384 --from 2024-01-01T00:00:00Z"),
        ("release-key", "--until 2030-01-01T00:00:00Z --hint release-1 --encoding fixed"),
    ] {
        let before = terms(id);
        let said = home.run(&format!("trust-anchors change {id} {options}")).ended(0);
        let after = terms(id);
        assert_ne!(before, after, "{options}");
        let undo = said.field("undo").strip_prefix("stella ").unwrap().replace("TEXT", "undone").replace('\'', "");
        let undone = home.run(&undo).ended(0);
        assert_eq!(terms(id), before, "{undo}");
        let again = undone.field("undo").strip_prefix("stella ").unwrap().replace("TEXT", "again").replace('\'', "");
        home.run(&again).ended(0);
        assert_eq!(terms(id), after, "{again}");
    }
}

#[test]
fn changes_that_make_no_sense_are_refused() {
    let home = with_root_and_key();
    let intermediate = home.root("issuing");
    home.run(&format!("trust-anchors add-intermediate --cert {intermediate}")).ended(0);
    let size = home.run("trust-anchors list -o json").json()["size"].clone();
    for (arguments, code, status) in [
        ("change release-root", "usage.conflict", 2),
        ("change release-root --clear predicate-typ", "usage.conflict", 2),
        ("change release-root --hint x", "usage.conflict", 2),
        ("change issuing --until 2030-01-01T00:00:00Z", "usage.conflict", 2),
        ("change release-root --until 2030-01-01", "usage.date_invalid", 2),
        ("change release-root --from 2030-01-01T00:00:00Z --until 2030-01-01T00:00:00Z", "usage.date_invalid", 2),
        ("change release-root --algorithm md5", "usage.conflict", 2),
        ("change release-root --eku codeSigning", "usage.conflict", 2),
        ("change release-root --purl oci/acme", "config.invalid", 2),
        ("change release-root --name-constraint acme.example", "config.invalid", 2),
        ("change release-root --exclude-name ip:10.0.0.1/8", "config.invalid", 2),
        ("remove release-root", "usage.reason_invalid", 2),
        ("revoke release-root", "usage.reason_invalid", 2),
        ("reinstate release-root --reason x", "usage.conflict", 2),
        ("remove nothing-of-this-name --reason x", "store.not_found", 4),
        (
            "revoke release-key --cause superseded --compromised-since 2026-01-01T00:00:00Z --reason x",
            "usage.conflict",
            2,
        ),
        ("revoke release-key --compromised-since yesterday --reason x", "usage.date_invalid", 2),
        ("remove release-root --reason x --trust-at 1", "usage.conflict", 2),
        ("remove release-root --reason x --emergency 1h --expires-in 1d", "usage.conflict", 2),
    ] {
        home.run(&format!("trust-anchors {arguments}")).complained(code, status);
    }
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], size);
}

#[test]
fn a_reason_is_one_line_that_people_can_read() {
    let home = with_root_and_key();
    for reason in ["", "  ", "a\nb", "a\u{1b}[2J", &"x".repeat(1 << 16)] {
        let said = home.run_with(&["trust-anchors", "remove", "release-root", "--reason", reason]);
        said.complained("usage.reason_invalid", 2);
    }
    let said =
        home.run_with(&["trust-anchors", "remove", "release-root", "--reason", "INC-4711: né à Zürich"]).ended(0);
    assert_eq!(said.field("removed"), "anchor release-root");
    let shown = home.run("trust-anchors show release-root").ended(0);
    assert!(shown.out.contains("anchor.remove by alice: INC-4711: né à Zürich\n"), "{}", shown.out);
}

#[test]
fn an_object_is_found_by_id_key_id_and_beginning_and_a_near_miss_is_named() {
    let home = with_root_and_key();
    let listed = anchors(&home, "");
    let fingerprint = listed[0]["fingerprint"].as_str().unwrap();
    let key_id = listed[0]["key_id"].as_str().unwrap();
    let hex = fingerprint.strip_prefix("sha256:").unwrap();
    for name in [
        "release-root",
        "anchor/release-root",
        fingerprint,
        key_id,
        &fingerprint[..17],
        hex,
        &hex[..8],
        &hex.to_uppercase()[..12],
    ] {
        let shown = home.run(&format!("trust-anchors show {name}")).ended(0);
        assert_eq!(shown.field("id"), "release-root", "{name}");
    }
    for name in [&hex[..7], "release-roto", "key/release-root", "sha256:zz"] {
        home.run(&format!("trust-anchors show {name}")).complained("store.not_found", 4);
    }
    let said = home.run("trust-anchors show release-roto").complained("store.not_found", 4);
    assert!(said.err.contains("such as release-root"), "{}", said.err);
    // One id may be that of an anchor and of a key.
    let key = home.key("other");
    home.run(&format!("trust-anchors add-key --key {key} --name release-root --expires 2050-01-01T00:00:00Z")).ended(0);
    let said = home.run("trust-anchors show release-root").complained("usage.conflict", 2);
    assert!(said.err.contains("anchor/release-root, key/release-root"), "{}", said.err);
    let said = home.run("trust-anchors remove anchor/release-root --reason x").ended(0);
    assert_eq!(said.field("undo"), "stella trust-anchors reinstate anchor/release-root --reason TEXT");
}

#[test]
fn one_is_shown_with_its_history() {
    let home = with_root_and_key();
    home.run("trust-anchors change release-key --until 2030-01-01T00:00:00Z --reason shorter").ended(0);
    home.run_as("bob", "trust-anchors revoke release-key --compromised-since 2026-01-01T00:00:00Z --reason stolen")
        .ended(0);
    let shown = home.run("trust-anchors show release-key -o json").ended(0).json();
    assert_eq!(shown["schema"], "stella.trust-anchor/1");
    let actions: Vec<&str> =
        shown["history"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["key.add", "key.change", "key.revoke"]);
    assert_eq!(shown["history"][2]["person"], "bob");
    assert_eq!(shown["trust_anchor"]["revocation"]["cause"], "compromised");
    let text = home.run("trust-anchors show release-key").ended(0);
    assert_eq!(text.field("compromised since"), "2026-01-01T00:00:00Z");
    // As it was before.
    let before = home.run("trust-anchors show release-key --trust-at 3 -o json").ended(0).json();
    assert_eq!(before["history"].as_array().unwrap().len(), 2);
    assert_eq!(before["trust_anchor"]["status"], "active");
}

#[test]
fn trust_of_the_past_is_shown_by_entry_and_by_instant() {
    let home = with_root_and_key();
    assert_eq!(anchors(&home, "--trust-at 0").len(), 0);
    assert_eq!(anchors(&home, "--trust-at 1").len(), 1);
    assert_eq!(anchors(&home, "--trust-at 2").len(), 2);
    assert_eq!(anchors(&home, "--trust-at 2100-01-01T00:00:00Z").len(), 2);
    for (moment, code, status) in [
        ("3", "store.not_found", 4),
        ("2020-01-01T00:00:00Z", "store.not_found", 4),
        ("2020-01-01", "usage.date_invalid", 2),
        ("-1", "usage.conflict", 2),
        ("99999999999999999999999", "usage.date_invalid", 2),
    ] {
        home.run(&format!("trust-anchors list --trust-at {moment}")).complained(code, status);
    }
}

#[test]
fn a_change_says_its_entry_its_checkpoint_and_that_nobody_approved() {
    let home = Home::solo();
    let root = home.root("release-root");
    let said = home.run(&format!("trust-anchors add --cert {root} --reason first")).ended(0);
    assert_eq!(said.field("entry"), "1");
    assert!(said.field("checkpoint").starts_with("stella-trust-store/test 2 "));
    assert_eq!(said.field("approved by"), "nobody (solo store)");
    let document = home.run("trust-anchors remove release-root --reason over -o json").ended(0).json();
    assert_eq!(document["schema"], "stella.change/1");
    assert_eq!(document["action"], "anchor.remove");
    assert_eq!((&document["first"], &document["last"], &document["head"]["size"]), (&2.into(), &2.into(), &3.into()));
    assert_eq!(document["objects"][0]["status"], "removed");
    assert_eq!(document["undo"][0][1], "trust-anchors");
    assert!(document["checkpoint"].as_str().unwrap().starts_with("stella-trust-store/test\n3\n"));
}

#[test]
fn another_label_is_shown_with_the_one_before() {
    let home = Home::solo();
    let root = home.root("staging");
    home.run(&format!("trust-anchors add --cert {root} --name staging --label staging")).ended(0);
    for more in ["--dry-run", ""] {
        let said = home.run(&format!("trust-anchors change staging --label release {more}")).ended(0);
        assert_eq!((said.field("label"), said.field("label before")), ("release", "staging"), "{more}");
    }
    let said = home.run("trust-anchors change staging --until 2090-01-01T00:00:00Z").ended(0);
    assert!(said.lines("label before").next().is_none());
}

#[test]
fn who_speaks_next_about_artifacts_is_told_before_something_is_taken_away() {
    let home = Home::solo();
    for (name, purl) in [("pay", "pkg:oci/pay/app"), ("all", "pkg:oci/**")] {
        let root = home.root(name);
        home.run(&format!("trust-anchors add --cert {root} --name {name} --purl {purl}")).ended(0);
    }
    let said = home.run("trust-anchors remove pay --reason x --dry-run").ended(0);
    assert_eq!(said.field("next in line"), "nobody for pkg:oci/pay/app, except by a pattern that is as specific");
    let document = home.run("trust-anchors remove all --reason x --dry-run -o json").ended(0).json();
    assert_eq!(document["preview"]["kept_claims"], serde_json::json!(["pkg:oci/**"]));
    let document = home.run("trust-anchors change pay --label x --dry-run -o json").ended(0).json();
    assert_eq!(document["preview"]["kept_claims"], serde_json::json!([]));
}
