//! `stella init`, and where it puts things.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::harness::{Home, Said, program};

fn mode(path: impl AsRef<std::path::Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_home_is_made_for_its_owner_alone_and_says_what_to_compare() {
    let home = Home::bare();
    let said = home.run("init --name release-team").ended(0);
    assert_eq!(said.field("store"), "release-team");
    assert!(said.field("mode").starts_with("solo: "), "{}", said.out);
    assert!(said.field("store key").starts_with("sha256:"));
    assert_eq!(said.lines("trusted root").count(), 2);
    assert!(said.field("checkpoint").starts_with("stella-trust-store/release-team 3 "));
    assert!(said.out.contains("Nobody approves changes until approvers are enrolled"), "{}", said.out);
    for directory in ["", "trust", "keys", "policies"] {
        assert_eq!(mode(home.directory().join(directory)), 0o700, "{directory}");
    }
    for file in ["config.toml", "keys/checkpoint.pem", "trust/store"] {
        assert_eq!(mode(home.directory().join(file)), 0o600, "{file}");
    }
    // What was seen is remembered elsewhere.
    assert!(fs::read_dir(home.room.path("state/stella/seen")).unwrap().count() > 0);
}

#[test]
fn every_store_has_a_name_and_a_key_of_its_own() {
    let [one, two] = [Home::bare(), Home::bare()].map(|home| home.run("init -o json").ended(0).json());
    assert_ne!(one["store"], two["store"]);
    assert_ne!(one["store_key"], two["store_key"]);
    assert_eq!(one["schema"], "stella.init/1");
    assert_eq!(one["mode"], "solo");
    assert_eq!(one["head"]["size"], 3);
}

#[test]
fn a_second_init_is_refused_and_changes_nothing() {
    let home = Home::solo();
    let before = home.run("trust-anchors list -o json").json();
    let said = home.run("init --name other").complained("usage.conflict", 2);
    assert!(said.err.contains("the store test with 1 entries"), "{}", said.err);
    assert_eq!(home.run("trust-anchors list -o json").json()["root"], before["root"]);
}

#[test]
fn an_interrupted_init_is_run_again_and_ends_as_if_nothing_had_happened() {
    // Whatever was not made yet is made; what was made is kept.
    type Interruption = fn(&Home);
    let interruptions: [(&str, Interruption); 5] = [
        ("before the log", |home| fs::remove_dir_all(home.directory().join("trust")).unwrap()),
        ("before the key", |home| {
            fs::remove_dir_all(home.directory().join("trust")).unwrap();
            fs::remove_dir_all(home.directory().join("keys")).unwrap();
        }),
        ("before the identity of the log", |home| {
            fs::remove_dir_all(home.directory().join("trust")).unwrap();
            fs::create_dir(home.directory().join("trust")).unwrap();
            fs::set_permissions(home.directory().join("trust"), fs::Permissions::from_mode(0o700)).unwrap();
        }),
        ("in the middle of writing the key", |home| {
            fs::remove_dir_all(home.directory().join("trust")).unwrap();
            let keys = home.directory().join("keys");
            fs::rename(keys.join("checkpoint.pem"), keys.join("checkpoint.pem.new")).unwrap();
        }),
        ("before the trusted roots", |_| {}),
    ];
    for (name, interrupt) in interruptions {
        let home = Home::solo();
        fs::remove_file(home.directory().join("config.toml")).unwrap();
        fs::remove_dir_all(home.room.path("state")).unwrap();
        interrupt(&home);
        let said = home.run("init").ended(0);
        assert_eq!(said.lines("trusted root").count(), 2, "{name}: {}", said.out);
        home.run("init").complained("usage.conflict", 2);
        home.run("trust-anchors list").ended(0);
    }
}

#[test]
fn the_first_approvers_are_fixed_and_have_a_fingerprint_that_depends_on_nothing_else() {
    let documents = [Home::bare(), Home::bare()].map(|home| {
        let people = ["bob", "alice"].map(|person| format!("--approver {person}={}", home.approver(person).1));
        home.run(&format!("init -o json {}", people.join(" "))).ended(0).json()
    });
    let [one, two] = &documents;
    assert_eq!(one["mode"], "quorum");
    assert_eq!(one["approvers"].as_array().unwrap().len(), 2);
    assert_eq!(one["approvers_fingerprint"], two["approvers_fingerprint"]);
    assert_ne!(one["store_key"], two["store_key"]);
    // More trust is theirs to decide from the beginning.
    assert_eq!(one["trusted_roots"].as_array().unwrap().len(), 0);
}

#[test]
fn bad_beginnings_are_refused_before_anything_is_made() {
    let home = Home::bare();
    let (private, public) = home.approver("alice");
    for (arguments, code, status) in [
        ("--name Release".to_string(), "store.id_invalid", 2 + 4),
        ("--name ../../x".to_string(), "store.id_invalid", 6),
        ("--approver alice".to_string(), "usage.conflict", 2),
        (format!("--approver Alice={public}"), "store.id_invalid", 6),
        (format!("--approver alice={public}"), "policy.threshold_invalid", 1),
        (format!("--approver alice={private}"), "key.private_key_supplied", 1),
        (format!("--approver alice={public} --quorum 1"), "policy.threshold_invalid", 1),
        ("--approver alice=nowhere.pub".to_string(), "input.not_regular_file", 2),
    ] {
        home.run(&format!("init {arguments}")).complained(code, status);
        assert!(!home.directory().exists(), "{arguments}");
    }
}

#[test]
fn a_home_behind_a_symbolic_link_is_its_real_directory_and_a_store_that_is_a_link_is_refused() {
    let home = Home::solo();
    let link = home.room.path("link");
    symlink(home.directory(), &link).unwrap();
    let output = home.program().env("STELLA_HOME", &link).args(["trust-anchors", "list"]).output().unwrap();
    Said::from(output).ended(0);
    let moved = home.room.path("moved");
    fs::rename(home.directory().join("trust"), &moved).unwrap();
    symlink(&moved, home.directory().join("trust")).unwrap();
    home.run("trust-anchors list").complained("store.symlink_refused", 6);
    let url = format!("file:{}", home.directory().join("trust").display());
    home.run(&format!("trust-anchors list --store {url}")).complained("store.symlink_refused", 6);
}

#[test]
fn a_store_that_others_could_have_changed_is_refused_with_the_command_that_helps() {
    for name in ["", "trust", "trust/store"] {
        let home = Home::solo();
        let path = home.directory().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode(&path) | 0o020)).unwrap();
        let said = home.run("trust-anchors list").complained("store.permissions", 6);
        assert!(said.err.contains("; try: chmod "), "{}", said.err);
        let command = said.err.trim_end().rsplit_once("; try: ").unwrap().1.to_string();
        assert!(std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success());
        home.run("trust-anchors list").ended(0);
    }
}

#[test]
fn a_key_that_others_can_read_signs_nothing() {
    let home = Home::solo();
    let key = home.directory().join("keys/checkpoint.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let root = home.root("readable");
    home.run(&format!("trust-anchors add --cert {root}")).complained("store.permissions", 6);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    home.run(&format!("trust-anchors add --cert {root}")).ended(0);
    fs::remove_file(&key).unwrap();
    home.run("trust-anchors remove readable --reason x").complained("store.read_only", 6);
    // Reading needs no key.
    home.run("trust-anchors list").ended(0);
}

#[test]
fn an_older_copy_of_the_store_is_noticed() {
    let home = Home::solo();
    let copy = home.room.path("copy");
    let (from, to) = (home.directory().join("trust"), copy.clone());
    let cp = |from: &std::path::Path, to: &std::path::Path| {
        assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
    };
    cp(&from, &to);
    let root = home.root("later");
    home.run(&format!("trust-anchors add --cert {root}")).ended(0);
    fs::remove_dir_all(&from).unwrap();
    cp(&copy, &from);
    let said = home.run("trust-anchors list").complained("store.rollback_detected", 6);
    assert!(said.err.contains("stella store restore --accept-rollback"), "{}", said.err);
    home.run(&format!("trust-anchors add --cert {root}")).complained("store.rollback_detected", 6);
    // Not even a new beginning makes it forget.
    fs::remove_dir_all(&from).unwrap();
    home.run("init --name again").complained("store.not_found", 4);
    assert!(!from.exists());
}

#[test]
fn what_was_seen_is_not_kept_in_the_home_where_there_is_a_better_place() {
    let home = Home::bare();
    let output = home.program().env_remove("XDG_STATE_HOME").args(["init", "--empty"]).output().unwrap();
    Said::from(output).ended(0);
    assert!(home.directory().join("seen").is_dir());
    assert_eq!(mode(home.directory().join("seen")), 0o700);
    let other = Home::solo();
    assert!(!other.directory().join("seen").exists());
}

#[test]
fn without_a_home_there_is_no_store_and_one_says_so() {
    let said = Said::from(program().args(["init"]).output().unwrap()).complained("config.invalid", 2);
    assert!(said.err.contains("--home"), "{}", said.err);
    Said::from(program().args(["trust-anchors", "list"]).output().unwrap()).complained("store.not_found", 4);
    let home = Home::bare();
    let said = home.run("trust-anchors list").complained("store.not_found", 4);
    assert!(said.err.ends_with("; try: stella init\n"), "{}", said.err);
    assert!(!home.directory().exists());
}

#[test]
fn a_store_that_another_process_holds_is_told_with_the_process() {
    use std::os::fd::AsFd;

    let home = Home::solo();
    let lock = fs::OpenOptions::new().read(true).write(true).open(home.directory().join("trust/lock")).unwrap();
    assert_eq!(lock.metadata().unwrap().nlink(), 1);
    rustix::fs::flock(lock.as_fd(), rustix::fs::FlockOperation::LockExclusive).unwrap();
    let root = home.root("waiting");
    let said = home.run(&format!("trust-anchors add --cert {root}")).complained("store.locked", 10);
    assert!(said.err.contains("process "), "{}", said.err);
    // Readers wait for nobody.
    home.run("trust-anchors list").ended(0);
}

#[test]
fn of_many_that_begin_at_once_one_makes_the_store_and_its_key_fits() {
    let home = Home::bare();
    let children: Vec<_> = (0..8)
        .map(|_| {
            let mut command = home.program();
            command.args(["init", "--empty"]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let ended: Vec<Said> = children.into_iter().map(|child| Said::from(child.wait_with_output().unwrap())).collect();
    assert_eq!(ended.iter().filter(|said| said.status == 0).count(), 1, "{ended:?}");
    assert!(ended.iter().all(|said| said.status == 0 || said.err.starts_with("error[usage.conflict]")), "{ended:?}");
    let root = home.root("after");
    home.run(&format!("trust-anchors add --cert {root}")).ended(0);
}

#[test]
fn the_home_of_a_user_that_is_not_there_is_not_made() {
    let home = Home::bare();
    let nowhere = home.room.path("nowhere");
    let run = |arguments: &[&str]| {
        let mut command = home.program();
        command.env_remove("XDG_STATE_HOME").env("HOME", &nowhere);
        Said::from(command.args(arguments).output().unwrap())
    };
    run(&["init", "--empty"]).ended(0);
    run(&["trust-anchors", "list"]).ended(0);
    assert!(!nowhere.exists());
    assert!(home.directory().join("seen").is_dir());
}
