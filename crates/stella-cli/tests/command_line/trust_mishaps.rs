//! What goes wrong around changes of trust: nothing of others is lost, and the words lead on.

use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::{Command, Stdio};

use crate::harness::{Home, Said};

/// A store in which two persons decide, and both have to agree.
fn pair() -> Home {
    let home = Home::bare();
    let [alice, bob] = ["alice", "bob"].map(|person| home.approver(person).1);
    let said = home.run(&format!("init --name pair --approver alice={alice} --approver bob={bob}")).ended(0);
    assert!(said.field("warning").starts_with("all 2 approvers have to agree"), "{}", said.out);
    home
}

#[test]
fn an_export_replaces_a_regular_file_and_nothing_else() {
    let home = Home::solo();
    let room = |name: &str| home.room.path(name).to_str().unwrap().to_string();
    let (pipe, link, plain) = (room("pipe"), room("link"), room("plain"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(&plain, "old").unwrap();
    symlink(&plain, &link).unwrap();
    for target in [&pipe, &link, &room("."), "/dev/null"] {
        let said = home.run(&format!("trust export --out {target}")).complained("output.write_failed", 6);
        assert!(said.err.contains("a regular file, which is replaced"), "{}", said.err);
    }
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(fs::read_to_string(&plain).unwrap(), "old");
    let said = home.run(&format!("trust export --out {}", room("none/x"))).complained("output.write_failed", 6);
    assert!(said.err.contains("no such directory") && !said.err.contains("stella init"), "{}", said.err);

    // What somebody else has beside it stays.
    fs::write(room("plain.new"), "precious").unwrap();
    home.run(&format!("trust export --out {plain}")).ended(0);
    assert!(fs::read_to_string(&plain).unwrap().starts_with('{'));
    assert_eq!(fs::read_to_string(room("plain.new")).unwrap(), "precious");
    let left = fs::read_dir(home.room.path(".")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_str().unwrap().starts_with(".plain")));
}

#[test]
fn a_key_of_the_settings_that_is_of_no_use_stops_no_change_that_needs_none() {
    let (solo, quorum) = (Home::solo(), Home::quorum());
    for home in [&solo, &quorum] {
        let root = home.root("release-root");
        home.run(&format!("trust-anchors add-intermediate --cert {root}")).ended(0);
        let said = home.run("config set approver_key nope.pem").ended(0);
        assert!(said.field("warning").starts_with("there is no file /"), "{}", said.out);
        let said = home.run("trust-anchors remove release-root --reason x").ended(0);
        assert!(said.err.is_empty() || said.err.starts_with("warning[input."), "{}", said.err);
    }
    // Whoever asks others, or names a key, wants to use it.
    let other = quorum.root("other");
    for arguments in
        [format!("trust-anchors add --cert {other}"), "approvers revoke bob --approver-key nope.pem".into()]
    {
        let said = quorum.run(&arguments).complained("input.not_regular_file", 2);
        assert!(said.err.contains("nope.pem"), "{}", said.err);
    }
    quorum.run("approvers revoke carol --reason stolen").ended(0);
}

#[test]
fn a_path_in_a_setting_counts_from_where_it_was_said() {
    let home = Home::bare();
    let (key, _) = home.approver("alice");
    let name = std::path::Path::new(&key);
    let mut command = home.program();
    command.current_dir(name.parent().unwrap()).args(["config", "set", "approver_key"]).arg(name.file_name().unwrap());
    let said = Said::from(command.output().unwrap()).ended(0);
    assert!(said.lines("warning").next().is_none(), "{}", said.out);
    let found = home.run("config get approver_key").ended(0).out;
    assert_eq!(fs::canonicalize(found.trim_end()).unwrap(), fs::canonicalize(name).unwrap());
}

#[test]
fn settings_that_cannot_be_meant_are_refused_or_warned_of() {
    let home = Home::quorum();
    let said = home.run("config set request_lifetime 300d").complained("usage.date_invalid", 2);
    assert!(said.err.contains("try: stella config set request_lifetime 30d"), "{}", said.err);
    let said = home.run("config set fetch_allow_addresses 10.0.0.0/8,0.0.0.0/0").ended(0);
    assert!(said.field("warning").starts_with("every address is allowed"), "{}", said.out);
    // An editor refuses nothing; and a change that asks nobody does not care.
    let config = home.directory().join("config.toml");
    let text = fs::read_to_string(&config).unwrap() + "request_lifetime = \"300d\"\n";
    fs::write(&config, text).unwrap();
    let root = home.root("release-root");
    let said = home.run_as("dave", &format!("trust-anchors add --cert {root}")).complained("usage.date_invalid", 2);
    assert!(said.err.contains("try: stella config set request_lifetime 30d"), "{}", said.err);
    home.run_as("dave", "approvers revoke carol --reason x").ended(0);
}

#[test]
fn where_nobody_can_be_spared_the_way_to_take_a_key_away_is_printed_and_works() {
    let home = pair();
    for command in ["revoke", "remove"] {
        let said =
            home.run(&format!("approvers {command} bob --reason stolen")).complained("policy.threshold_invalid", 1);
        assert!(said.err.contains("stella approvers add bob --key FILE"), "{}", said.err);
        assert!(said.err.contains(&format!("stella approvers {command} bob-")), "{}", said.err);
        assert!(said.err.contains("found 1 person left"), "{}", said.err);
    }
    let [alice, bob] = ["alice", "bob"].map(|person| home.approver(person).0);
    let (_, second) = home.approver("bob-second");
    home.run(&format!("approvers add bob --key {second} --reason x --approver-key {alice}")).ended(3);
    home.run(&format!("approvals approve r-1 --key {bob}")).ended(0);
    let list = home.run("approvers list").ended(0).out;
    let first = list.lines().find(|line| line.contains("bob")).unwrap().split_whitespace().next().unwrap().to_string();
    home.run(&format!("approvers revoke {first} --reason stolen")).ended(0);
}

#[test]
fn what_waits_for_a_restore_names_the_command_that_works() {
    let home = pair();
    let [alice, bob] = ["alice", "bob"].map(|person| home.approver(person).0);
    let (trust, old) = (home.directory().join("trust"), home.room.path("old"));
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
    };
    copy(&trust, &old);
    let root = home.root("release-root");
    home.run(&format!("trust-anchors add --cert {root} --approver-key {alice}")).ended(3);
    fs::remove_dir_all(&trust).unwrap();
    copy(&old, &trust);
    let restore = "stella store restore --accept-rollback --reason TEXT --approver-key FILE";
    let said = home.run(&format!("store restore --accept-rollback --reason lost --approver-key {alice}")).ended(3);
    assert_eq!(said.field("approve"), restore);
    assert!(said.err.ends_with(&format!("try: {restore}\n")), "{}", said.err);
    for command in ["list", "show r-1", &format!("approve r-1 --key {bob}")] {
        let said = home.run(&format!("approvals {command}")).complained("store.rollback_detected", 6);
        assert!(said.err.ends_with(&format!("{restore}\n")), "{}", said.err);
    }
    home.run(&restore.replace("stella ", "").replace("FILE", &bob)).ended(0);
}

#[test]
fn a_change_that_was_made_and_could_not_be_told_of_says_so() {
    let home = Home::solo();
    let root = home.root("release-root");
    let into_nothing = |arguments: &str| {
        let mut command = home.program();
        command.args(arguments.split_whitespace());
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        Said::from(output).complained("output.write_failed", 6)
    };
    let said = into_nothing(&format!("trust-anchors add --cert {root}"));
    assert!(said.err.contains("the change was made (entry 1)"), "{}", said.err);
    assert!(said.err.ends_with("stella trust log --from 1\n"), "{}", said.err);
    assert!(!into_nothing("trust-anchors list").err.contains("was made"));
    // One line, and no word of what did not arrive.
    into_nothing("trust export --out -");
}

#[test]
fn a_request_where_nobody_is_enrolled_says_who_has_to_be_first() {
    let home = Home::solo();
    home.run("issuer add acme --url https://acme.example/keys").ended(0);
    let said = home.run("issuer trust acme --reason x").ended(3);
    let way =
        "enrol 2 persons besides alice: stella approvers add PERSON --key FILE; then: stella approvals approve r-";
    assert!(said.field("approve").starts_with(way), "{}", said.out);
    let id = said.field("request").to_string();
    for person in ["bob", "carol"] {
        let key = home.approver(person).1;
        home.run(&format!("approvers add {person} --key {key} --reason x")).ended(0);
    }
    for person in ["bob", "carol"] {
        let key = home.approver(person).0;
        home.run(&format!("approvals approve {id} --key {key}")).ended(0);
    }
    assert!(home.run("issuer show acme").ended(0).out.contains("trusted"));
}

#[test]
fn a_decided_request_says_how_it_was_decided() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let [alice, bob] = ["alice", "bob"].map(|person| home.approver(person).0);
    home.run(&format!("trust-anchors add --cert {root} --approver-key {alice}")).ended(3);
    home.run(&format!("approvals reject r-1 --key {alice} --reason no")).ended(0);
    let said = home.run(&format!("approvals approve r-1 --key {bob}")).complained("approval.replayed", 3);
    assert!(said.err.contains("found rejected by entry 2"), "{}", said.err);
    assert_eq!(said.err.matches("request r-1").count(), 1, "{}", said.err);
}

#[test]
fn limits_that_fit_nothing_are_warned_of() {
    let home = Home::solo();
    let root = home.root("release-root");
    let add = "trust-anchors add --dry-run --reason x --cert";
    for (option, warning) in [
        ("--predicate-type https://slsa.dev/*", "is compared as it stands"),
        ("--identity **", "fits no name at all"),
        ("--identity https://ci.example/x --oidc-issuer *", "fits only names of one part"),
    ] {
        let said = home.run(&format!("{add} {root} {option}")).ended(0);
        assert!(said.lines("warning").any(|line| line.contains(warning)), "{option}: {}", said.out);
    }
    let said = home.run(&format!("{add} {root} --identity https://ci.example/*")).ended(0);
    assert!(!said.out.contains("fits"), "{}", said.out);
    let said = home.run("issuer add acme --identity x@y.example --oidc-issuer **").ended(0);
    assert!(said.lines("warning").any(|line| line.contains("--oidc-issuer ** fits no name")), "{}", said.out);
}

#[test]
fn a_dry_run_takes_no_reason_or_duration_that_the_command_refuses() {
    let home = Home::quorum();
    let root = home.root("release-root");
    let add = ["trust-anchors", "add", "--dry-run", "--cert", &root];
    for reason in ["", " ", "a\nb", "\u{1b}[2J", "\u{202e}x"] {
        home.run_with(&[&add[..], &["--reason", reason]].concat()).complained("usage.reason_invalid", 2);
    }
    for duration in ["0", "7x", "99999999999999999999d", "31d"] {
        home.run_with(&[&add[..], &["--expires-in", duration]].concat()).complained("usage.date_invalid", 2);
    }
}

#[test]
fn a_text_that_is_none_names_its_option_and_its_bounds() {
    let home = Home::solo();
    let root = home.root("release-root");
    let long = "x".repeat(1025);
    for (option, text) in [("--label", "a\nb"), ("--label", ""), ("--predicate-type", &long), ("--identity", "\u{7}")] {
        let said = home.run_with(&["trust-anchors", "add", "--cert", &root, option, text]);
        let said = said.complained("config.invalid", 2);
        assert!(said.err.contains(&format!(" in {option}: expected 1 to 1024 bytes")), "{}", said.err);
    }
}

#[test]
fn what_is_given_in_the_wrong_form_is_named_as_what_it_is() {
    let home = Home::solo();
    let key = fs::read(home.key("release")).unwrap();
    let marked = home.room.file("marked.pub", [b"\xef\xbb\xbf".as_slice(), &key].concat());
    let add = "trust-anchors add-key --expires 2099-01-01T00:00:00Z --key";
    let said = home.run(&format!("{add} {marked}")).complained("pem.malformed", 1);
    assert!(said.err.contains("byte order mark"), "{}", said.err);
    let said = home.run(&format!("trust import {marked}")).complained("usage.conflict", 2);
    assert!(said.err.contains("--fingerprint"), "{}", said.err);
    let said = home.run("trust-anchors import").complained("usage.conflict", 2);
    assert!(said.err.contains("--pem") && said.err.contains("--notation"), "{}", said.err);
    // The one in the store already, and the one that was to be added, each said once.
    let key = home.key("release");
    home.run(&format!("{add} {key} --name k1")).ended(0);
    let said = home.run(&format!("{add} {key} --name k1new"));
    assert!(said.err.contains("k1new"), "{}", said.err);
    // A bare key has no name of its own.
    let other = home.key("other");
    let said =
        home.run(&format!("trust-anchors import --pem {other} --until 2099-01-01T00:00:00Z --reason x")).ended(0);
    assert!(said.field("added").starts_with("key key-"), "{}", said.out);
}
