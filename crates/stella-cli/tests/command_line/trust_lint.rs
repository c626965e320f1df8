//! `stella trust lint`.

use crate::harness::Home;

#[test]
fn findings_come_with_their_facts_and_what_helps() {
    let home = Home::solo();
    let root = home.root("release-root");
    home.run_with(&["trust-anchors", "add", "--cert", &root, "--name", "release-root"]).ended(0);
    let said = home.run("trust lint").ended(0);
    assert!(said.first_line().starts_with("warn[over-broad]: anchor release-root has no scope"), "{}", said.out);
    assert_eq!(said.field("  accepts"), "any identity, any predicate type, any artifact");
    assert!(
        said.lines("  command").any(|line| line.starts_with("stella trust-anchors change release-root ")),
        "{}",
        said.out
    );
    assert!(said.out.contains("info[solo]: one person decides"), "{}", said.out);
    assert_eq!(said.field("findings"), "0 fail, 1 warn, 1 info");
    let table = home.run("trust lint -o table").ended(0);
    assert!(table.first_line().starts_with("SEVERITY  RULE"), "{}", table.out);
}

#[test]
fn a_grave_finding_is_exit_status_1_and_others_are_not() {
    let home = Home::solo();
    let (old, new) = (home.key("release-2025"), home.key("release-2026"));
    let add = |key: &str, name: &str, window: &[&str]| {
        let mut words = vec!["trust-anchors", "add-key", "--key", key, "--name", name];
        words.extend(window);
        home.run_with(&words).ended(0);
    };
    add(&old, "release-2025", &["--expires", "2030-01-01T00:00:00Z"]);
    add(&new, "release-2026", &["--from", "2030-01-04T00:00:00Z", "--expires", "2032-01-01T00:00:00Z"]);
    let said = home.run("trust lint --at 2029-06-01T00:00:00Z").ended(0);
    assert!(
        said.first_line().starts_with("warn[rotation-gap]: the keys of release leave a gap of 3 days"),
        "{}",
        said.out
    );
    let said = home.run("trust lint --at 2030-01-02T00:00:00Z").ended(1);
    assert!(said.first_line().starts_with("fail[rotation-gap]"), "{}", said.out);

    let document = home.run("trust lint --at 2030-01-02T00:00:00Z -o json").ended(1).json();
    assert_eq!((&document["schema"], &document["counts"]["fail"]), (&"stella.trust-lint/1".into(), &1.into()));
    let finding = &document["findings"][0];
    assert_eq!((&finding["rule"], &finding["severity"]), (&"rotation-gap".into(), &"fail".into()));
    assert_eq!(finding["facts"][0], serde_json::json!({"name": "from", "value": "2030-01-01T00:00:00Z"}));
    let lines = home.run("trust lint --at 2030-01-02T00:00:00Z -o ndjson").ended(1);
    assert!(lines.out.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn the_public_authorities_that_are_built_in_are_known() {
    let home = Home::bare();
    home.run("init --name test").ended(0);
    assert_eq!(home.run("trust lint").ended(0).field("findings"), "0 fail, 0 warn, 1 info");
}
