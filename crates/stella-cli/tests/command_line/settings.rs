//! `stella config …`, and which of several sayings counts.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::harness::{Home, Room, Said, example, program};

fn setting(document: &Value, name: &str) -> (String, String, String) {
    let settings = document["settings"].as_array().unwrap();
    let found = settings.iter().find(|setting| setting["name"] == name).unwrap();
    let text = |member: &str| found[member].as_str().unwrap_or_default().to_string();
    (text("value"), text("origin"), text("detail"))
}

fn show(home: &Home, environment: &[(&str, &str)], arguments: &[&str]) -> Value {
    let mut command = home.program();
    command.env_remove("STELLA_PERSON").envs(environment.iter().copied());
    let output = command.args(["config", "show", "-o", "json"]).args(arguments).output().unwrap();
    Said::from(output).ended(0).json()
}

#[test]
fn options_beat_the_environment_which_beats_the_file_which_beats_the_default() {
    let home = Home::bare();
    let of = |environment: &[(&str, &str)], arguments: &[&str], name: &str| {
        let (value, origin, detail) = setting(&show(&home, environment, arguments), name);
        (value, format!("{origin} {detail}"))
    };
    let (value, origin) = of(&[], &[], "store");
    assert!(value.starts_with("file:/") && value.ends_with("/home/trust"), "{value}");
    assert_eq!(origin, "default trust in the home");
    home.run("config set store file:/srv/one").ended(0);
    let (value, origin) = of(&[], &[], "store");
    assert_eq!(value, "file:/srv/one");
    assert!(origin.starts_with("file /") && origin.ends_with("/home/config.toml"), "{origin}");
    let environment = [("STELLA_STORE", "file:///srv/two")];
    assert_eq!(of(&environment, &[], "store"), ("file:/srv/two".into(), "environment STELLA_STORE".into()));
    let option = ["--store", "file:/srv/three"];
    assert_eq!(of(&environment, &option, "store"), ("file:/srv/three".into(), "option --store".into()));

    assert_eq!(of(&[], &[], "offline"), ("false".into(), "default built in".into()));
    home.run("config set offline true").ended(0);
    assert!(of(&[], &[], "offline").1.starts_with("file /"));
    assert_eq!(of(&[("STELLA_OFFLINE", "0")], &[], "offline").0, "false");
    assert_eq!(of(&[("STELLA_OFFLINE", "0")], &["--offline"], "offline").0, "true");

    assert_eq!(of(&[("LOGNAME", "ACME\\Bob")], &[], "person"), ("acme-bob".into(), "default login name".into()));
    assert!(of(&[], &[], "person").0.starts_with("uid-"));
    home.run("config set person carol@example.org").ended(0);
    assert_eq!(of(&[("LOGNAME", "bob")], &[], "person").0, "carol@example.org");
    assert_eq!(of(&[("STELLA_PERSON", "dave")], &[], "person").0, "dave");
}

#[test]
fn a_setting_is_written_for_its_owner_alone_and_read_back() {
    let home = Home::bare();
    home.run("config set request_lifetime 3d").ended(0);
    let file = home.directory().join("config.toml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(home.run("config get request_lifetime").ended(0).out, "3d\n");
    assert_eq!(home.run("config get person -o json").ended(0).json()["origin"], "environment");
    home.run("config get approver_key").complained("config.invalid", 2);
    let shown = home.run("config show").ended(0).out;
    let line = shown.lines().find(|line| line.starts_with("request_lifetime ")).unwrap();
    assert_eq!(line.split_whitespace().nth(1), Some("3d"), "{line}");
}

#[test]
fn what_cannot_be_a_setting_is_refused_and_not_written() {
    let home = Home::bare();
    for (arguments, code) in [
        ("config set persn alice", "config.unknown_key"),
        ("config get persn", "config.unknown_key"),
        ("config set person Alice", "config.invalid"),
        ("config set offline perhaps", "config.invalid"),
        ("config set store postgres://db/stella", "config.invalid"),
        ("config set store file:relative", "config.invalid"),
        ("config set request_lifetime soon", "usage.date_invalid"),
        ("config show --config nowhere.toml", "config.invalid"),
    ] {
        home.run(arguments).complained(code, 2);
    }
    assert!(!home.directory().exists());
}

#[test]
fn a_bad_file_is_named_with_the_line_and_keeps_only_those_from_work_who_need_it() {
    let home = Home::solo();
    for (text, code, place) in [
        ("\n\nperson = ", "config.invalid", "line 3"),
        ("persn = \"alice\"", "config.unknown_key", "expected person"),
        ("person = 7", "config.invalid", "found 7"),
        ("[person]\nname = \"alice\"", "config.invalid", "config.toml"),
        ("store = \"/srv\"", "config.invalid", "file:"),
        ("offline = \"yes\"", "config.invalid", "true or false"),
    ] {
        fs::write(home.directory().join("config.toml"), text).unwrap();
        let output = home.program().env_remove("STELLA_PERSON").args(["trust-anchors", "list"]).output().unwrap();
        let said = Said::from(output).complained(code, 2);
        assert!(said.err.contains(place), "{text}: {}", said.err);
        home.run("explain x509.expired").ended(0);
    }
    // One bad value is mended by writing a good one.
    home.run("config set offline true").ended(0);
    home.run("trust-anchors list").ended(0);
}

#[test]
fn a_file_that_others_could_have_written_is_not_believed() {
    let home = Home::solo();
    let file = home.directory().join("config.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let said = home.run("trust-anchors list").complained("store.permissions", 6);
    assert!(said.err.contains("; try: chmod 600 "), "{}", said.err);
}

#[test]
fn a_relative_path_in_the_file_counts_from_the_file() {
    let home = Home::bare();
    fs::create_dir(home.directory()).unwrap();
    fs::set_permissions(home.directory(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(home.directory().join("config.toml"), "approver_key = \"keys/alice.pem\"\n").unwrap();
    let value = home.run("config get approver_key").ended(0).out;
    assert!(value.ends_with("/home/keys/alice.pem\n"), "{value}");
}

#[test]
fn where_there_is_no_home_it_does_not_matter_who_could_make_one() {
    let room = Room::new();
    let data = room.path(".local/share");
    std::fs::create_dir_all(&data).expect("a directory");
    for directory in [data.as_path(), data.parent().expect("a parent")] {
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o775)).expect("a mode");
    }
    let run = |words: &[&str]| Said::from(program().env("HOME", room.path("")).args(words).output().expect("it runs"));
    let (attestation, key) = (example("private-key/attestation.json"), example("private-key/key.pub"));
    run(&["verify", "attestation", "--attestation", &attestation, "--key", &key, "--at", "2026-06-01T00:00:00Z"])
        .ended(0);
    // A home that others could change is another matter.
    run(&["init"]).complained("store.permissions", 6);
}
