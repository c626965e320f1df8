//! Who founded a store is written down when it is made, and compared whenever it is opened.

use std::fs;
use std::process::Command;

use crate::harness::Home;

fn fingerprint(home: &Home) -> String {
    home.run("config get store_fingerprint").ended(0).out.trim_end().to_string()
}

/// Puts the store of `other` in the place of that of `home`, on a machine that has seen neither.
fn replace(home: &Home, other: &Home) {
    let trust = home.directory().join("trust");
    fs::remove_dir_all(&trust).unwrap();
    fs::remove_dir_all(home.room.path("state")).unwrap();
    assert!(Command::new("cp").arg("-a").args([&other.directory().join("trust"), &trust]).status().unwrap().success());
}

#[test]
fn init_prints_the_fingerprint_and_writes_it_down() {
    let home = Home::bare();
    let said = home.run("init --name test").ended(0);
    assert_eq!(said.field("fingerprint"), fingerprint(&home));
    assert!(said.field("fingerprint").starts_with("sha256:"));
    let shown = home.run("config show -o json").ended(0).json();
    let settings = shown["settings"].as_array().unwrap();
    let shown = settings.iter().find(|setting| setting["name"] == "store_fingerprint").unwrap();
    assert_eq!((&shown["value"], &shown["origin"]), (&fingerprint(&home).into(), &"file".into()));
    // It is the leaf hash of the first entry.
    let entry = home.run("trust log --from 0 --verbose").ended(0);
    assert!(entry.out.contains(&fingerprint(&home)["sha256:".len()..]), "{}", entry.out);
    let other = Home::bare();
    let document = other.run("init --name test -o json").ended(0).json();
    assert_eq!(document["fingerprint"], fingerprint(&other));
    assert_ne!(fingerprint(&home), fingerprint(&other));
}

#[test]
fn a_store_of_another_founder_is_refused_where_it_was_never_seen() {
    let [home, other] = [Home::solo(), Home::solo()];
    let root = home.root("release");
    replace(&home, &other);
    for command in [
        "trust-anchors list".to_string(),
        "trust log".to_string(),
        "trust log --verify".to_string(),
        format!("trust-anchors add --cert {root}"),
        "init".to_string(),
    ] {
        let said = home.run(&command).complained("audit.broken", 6);
        assert!(said.err.contains("stella config set store_fingerprint"), "{command}: {}", said.err);
    }
    home.run(&format!("config set store_fingerprint {}", fingerprint(&other))).ended(0);
    home.run("trust-anchors list").ended(0);
    home.run("trust log --verify").ended(0);
}

#[test]
fn a_store_that_an_option_names_is_not_compared_with_that_of_the_home() {
    let [home, other] = [Home::solo(), Home::solo()];
    let url = format!("file:{}", other.directory().join("trust").display());
    home.run(&format!("trust-anchors list --store {url}")).ended(0);
    // The own one is, however it is named.
    replace(&home, &other);
    let url = format!("file:{}", home.directory().join("trust").display());
    home.run(&format!("trust-anchors list --store {url}")).complained("audit.broken", 6);
}

#[test]
fn a_store_that_is_made_elsewhere_is_found_again() {
    let home = Home::bare();
    let elsewhere = home.room.path("100% ours/trust");
    let url = format!("file:{}", elsewhere.display().to_string().replace('%', "%25"));
    home.run_with(&["init", "--empty", "--store", &url]).ended(0);
    assert!(elsewhere.join("store").exists());
    home.run("trust-anchors list").ended(0);
    fs::rename(&elsewhere, home.room.path("away")).unwrap();
    home.run("trust-anchors list").complained("store.not_found", 4);
}

#[test]
fn an_init_that_ended_before_the_settings_is_finished_by_the_next() {
    let home = Home::bare();
    home.run("init --name test").ended(0);
    let written = fingerprint(&home);
    fs::remove_file(home.directory().join("config.toml")).unwrap();
    assert_eq!(home.run("init").ended(0).field("entry"), "2");
    assert_eq!(fingerprint(&home), written);
    home.run("init").complained("usage.conflict", 2);
    // A store of somebody else is not taken for one's own.
    let other = Home::bare();
    let url = format!("file:{}", home.directory().join("trust").display());
    other.run(&format!("init --store {url}")).complained("usage.conflict", 2);
}

#[test]
fn what_is_no_fingerprint_is_refused() {
    let home = Home::solo();
    for text in ["sha256:00", "00", "sha512:", &fingerprint(&home)[7..]] {
        home.run(&format!("config set store_fingerprint {text}")).complained("config.invalid", 2);
    }
    home.run("trust-anchors list").ended(0);
}
