//! Homes in which nothing can be written: what only reads works and says what it could not keep, what writes is refused. Fault F07.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;

use crate::harness::{Home, Said};

fn attestation(home: &Home, label: &str) -> String {
    let name = format!("{label}.txt");
    let statement = statement::provenance(&name, name.as_bytes(), "https://ci.example/builder").to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256("release"));
    home.room.file(&format!("{label}.json"), envelope.to_json())
}

/// Takes the right to write from everything below a directory, or gives it back.
fn writable(path: &Path, yes: bool) {
    let is_directory = path.is_dir();
    let set = |mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mode = if is_directory { 0o700 } else { 0o600 };
    set(if yes { mode } else { mode & 0o500 });
    if is_directory {
        fs::read_dir(path).unwrap().for_each(|entry| writable(&entry.unwrap().path(), yes));
    }
}

/// Runs the program without the right of root to write everywhere.
fn unprivileged(home: &Home, arguments: &str) -> Said {
    let mut program = Command::new("setpriv");
    program.args(["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]);
    program.arg(env!("CARGO_BIN_EXE_stella")).args(arguments.split_whitespace()).env_clear();
    program.env("STELLA_HOME", home.directory()).env("XDG_STATE_HOME", home.room.path("state"));
    program.env("STELLA_PERSON", "alice").env("PATH", std::env::var("PATH").unwrap());
    Said::from(program.current_dir(home.room.path(".")).output().unwrap())
}

#[test]
fn a_home_that_cannot_be_written_is_read_and_says_what_was_not_kept_f07() {
    let home = Home::solo();
    let key = home.key("release");
    home.run(&format!("trust-anchors add-key --key {key} --name release --expires 2099-01-01T00:00:00Z")).ended(0);
    let file = attestation(&home, "kept");
    home.run(&format!("attest import {file}")).ended(0);
    let id = home.run("attest list -o json").ended(0).json()["attestations"][0]["attestation"].clone();
    let id = id.as_str().unwrap();
    let (other, artifact) = (attestation(&home, "other"), home.room.file("artifact", "kept.txt"));
    let root = home.root("another");
    if !Command::new("setpriv").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("NOT RUN: there is no setpriv");
        return;
    }
    writable(&home.directory(), false);
    let mut silent = Vec::new();
    for arguments in [
        format!("attest show {id}"),
        format!("attest integrity-check {id}"),
        "attest list".to_owned(),
        "attest logs".to_owned(),
        "attest status".to_owned(),
        "trust-anchors list".to_owned(),
        "trust-anchors show release".to_owned(),
        "trust log --verify".to_owned(),
        "keys list".to_owned(),
        "config show".to_owned(),
    ] {
        silent.push(unprivileged(&home, &arguments).ended(0));
    }
    assert!(silent[0].out.contains(id), "{}", silent[0].out);
    for arguments in [
        format!("verify attestation --attestation {id}"),
        format!("verify attestation --attestation {file}"),
        format!("verify artifact --artifact {artifact}"),
    ] {
        let said = unprivileged(&home, &arguments).ended(0);
        assert!(said.err.starts_with("warning[store."), "{arguments}: {}", said.err);
        assert!(said.err.lines().all(|line| line.contains("; try: ")), "{arguments}: {}", said.err);
    }
    for arguments in [
        format!("attest import {other}"),
        format!("trust-anchors add --cert {root} --name another"),
        "trust-anchors remove release --reason x".to_owned(),
        "keys generate --algorithm ed25519 --validity 365d --name signer --no-passphrase".to_owned(),
        "verify all".to_owned(),
    ] {
        let said = unprivileged(&home, &arguments);
        let code = if said.err.contains("store.permissions") { "store.permissions" } else { "store.read_only" };
        said.complained(code, 6);
    }
    writable(&home.directory(), true);
    // Nothing was half done.
    home.run("store check").ended(0);
    home.run(&format!("attest import {other}")).ended(0);
}
