//! The command that undoes a change is printed with it, and works as it stands.

use std::process::Command;

use stella_testkit::authority::Authority;

use crate::harness::{Home, Said};

/// Runs a line as a shell would, with `stella` being the program.
fn paste(home: &Home, line: &str) -> Said {
    let program = home.program();
    let line = line.strip_prefix("stella ").unwrap();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("exec {} {line}", program.get_program().to_str().unwrap()));
    shell.env_clear().current_dir(home.room.path("."));
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    Said::from(shell.output().unwrap())
}

fn objects(home: &Home) -> Vec<serde_json::Value> {
    let [anchors, approvers] =
        ["trust-anchors list -o json", "approvers list -o json"].map(|command| home.run(command).ended(0).json());
    [&anchors["trust_anchors"], &approvers["approvers"]]
        .iter()
        .flat_map(|list| list.as_array().cloned().unwrap_or_default())
        .collect()
}

#[test]
fn every_undo_can_be_pasted_and_the_change_after_it_too() {
    let home = Home::solo();
    let root = home.root("root");
    let key = home.key("one");
    let below = home.room.file("below.pem", Authority::root("root").intermediate("below").pem());
    let (_, alice) = home.approver("alice");
    for change in [
        format!("trust-anchors add --cert {root} --name root"),
        format!("trust-anchors add-intermediate --cert {below} --name below"),
        format!("trust-anchors add-key --key {key} --name one --expires 2090-01-01T00:00:00Z"),
        "trust-anchors import --built-in".to_string(),
        "trust-anchors change root --label it's --predicate-type https://slsa.dev/provenance/v1".to_string(),
        "trust-anchors change root --label=--odd".to_string(),
        "trust-anchors change root --clear label --until 2080-01-01T00:00:00Z".to_string(),
        "trust-anchors change one --hint=-h --encoding fixed".to_string(),
        "trust-anchors change one --clear hint".to_string(),
        "trust-anchors remove below".to_string(),
        "trust-anchors revoke one --compromised-since 2026-01-01T00:00:00Z".to_string(),
        "trust-anchors reinstate one".to_string(),
        format!("approvers add alice --key {alice} --id alice-1"),
        "approvers remove alice".to_string(),
    ] {
        let before = objects(&home);
        let said = home.run(&format!("{change} --reason test")).ended(0);
        let undo: Vec<&str> = said.lines("undo").collect();
        assert!(!undo.is_empty(), "{change}: {}", said.out);
        for line in &undo {
            let said = paste(&home, line);
            assert_eq!(said.status, 0, "{change}\n{line}\n{}{}", said.out, said.err);
        }
        if !change.contains(" add") && !change.contains(" import") {
            assert_eq!(objects(&home), before, "{change}: {undo:?}");
        }
        // On with the list; what was added and undone is added again.
        let again = home.run(&format!("{change} --reason again"));
        let reinstated = said.lines("added").next().is_some() && again.status != 0;
        if reinstated {
            let id = said.field("added").split(' ').nth(1).unwrap();
            home.run(&format!("trust-anchors reinstate {id} --reason again")).ended(0);
        }
    }
}

#[test]
fn a_removed_approver_comes_back_with_the_key_that_the_store_knows_and_a_revoked_one_does_not() {
    let home = Home::solo();
    let (_, alice) = home.approver("alice");
    home.run(&format!("approvers add alice --key {alice} --id alice-1")).ended(0);
    let key = home.run("approvers list -o json").json()["approvers"][0]["key_id"].clone();
    let said = home.run("approvers remove alice").ended(0);
    assert_eq!(said.field("undo"), "stella approvers add alice --id alice-1 --reason TEXT");
    paste(&home, said.field("undo")).ended(0);
    let listed = home.run("approvers list -o json").json();
    assert_eq!((&listed["approvers"][0]["status"], &listed["approvers"][0]["key_id"]), (&"active".into(), &key));
    // The id of a key is no name for somebody else, nor is every id one of a key.
    home.run("approvers remove alice").ended(0);
    home.run("approvers add mallory --id alice-1").complained("usage.conflict", 2);
    home.run("approvers add alice --id alice-2").complained("usage.conflict", 2);
    home.run("approvers add alice").ended(2);

    home.run("approvers add alice --id alice-1").ended(0);
    let said = home.run("approvers revoke alice --reason stolen").ended(0);
    assert_eq!(
        said.field("undo"),
        "none, a revoked key never approves again; enrol another: stella approvers add alice --key FILE"
    );
    home.run("approvers add alice --id alice-1").complained("store.duplicate_key", 6);
}

#[test]
fn no_undo_gives_more_trust_than_there_was() {
    let home = Home::solo();
    let (key, gone) = (home.key("one"), home.key("gone"));
    for (name, key) in [("one", &key), ("gone", &gone)] {
        home.run(&format!("trust-anchors add-key --key {key} --name {name} --expires 2090-01-01T00:00:00Z")).ended(0);
    }
    // What was revoked before is revoked like that again.
    home.run("trust-anchors revoke one --cause superseded --revoked-at 2026-01-01T00:00:00Z --reason x").ended(0);
    let before = objects(&home);
    let said = home.run("trust-anchors revoke one --cause compromised --reason x").ended(0);
    paste(&home, said.field("undo")).ended(0);
    assert_eq!(objects(&home), before);
    // What was removed before stays out of use.
    home.run("trust-anchors remove gone --reason x").ended(0);
    let said = home.run("trust-anchors revoke gone --reason x").ended(0);
    assert_eq!(said.field("undo"), "none, key gone was removed before, and no command makes it that again");
    // An issuer that was never trusted is not trusted.
    home.run("issuer add acme --reason x").ended(0);
    let said = home.run("issuer distrust acme --reason x").ended(0);
    assert_eq!(said.field("undo"), "none, issuer acme was pending before, and no command makes it that again");
}
