//! Private keys of approvers: who else can read the file, what is in it, and what opens it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::harness::{Home, Said};

/// `openssl genpkey -algorithm ed25519`, then `openssl pkcs8 -topk8` with the passphrase `correct horse` and PBKDF2, or scrypt.
const PBKDF2: &str = include_str!("private_keys/ed25519.pbkdf2.pem");
const SCRYPT: &str = include_str!("private_keys/ed25519.scrypt.pem");
const PUBLIC: &str = include_str!("private_keys/ed25519.pub.pem");
const PASSPHRASE: &str = "correct horse";

/// A store of which alice and the holder of the encrypted key decide, and a request of alice that waits.
fn waiting() -> (Home, String) {
    let home = Home::bare();
    let (alice, public) = home.approver("alice");
    let holder = home.room.file("holder.pub", PUBLIC);
    let approvers = ["--approver".to_string(), format!("alice={public}"), "--approver".into(), format!("bob={holder}")];
    let init = ["init", "--empty", "--name", "team"].map(ToString::to_string);
    home.run_with(&[&init[..], &approvers[..]].concat()).ended(0);
    let key = home.key("release");
    home.run(&format!("trust-anchors add-key --key {key} --expires 2099-01-01T00:00:00Z --approver-key {alice}"))
        .ended(3);
    (home, alice)
}

fn secret(home: &Home, name: &str, content: &str) -> String {
    let path = home.room.file(name, content);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn approve(home: &Home, key: &str, passphrase: Option<&str>) -> Said {
    let mut program = home.program();
    if let Some(passphrase) = passphrase {
        program.env("STELLA_KEY_PASSPHRASE", passphrase);
    }
    Said::from(program.args(["approvals", "approve", "r-1", "--key", key]).output().unwrap())
}

#[test]
fn an_encrypted_key_is_opened_by_the_passphrase_of_the_environment() {
    for form in [PBKDF2, SCRYPT] {
        let (home, _) = waiting();
        let key = secret(&home, "bob.key", form);
        approve(&home, &key, Some("wrong")).complained("key.malformed", 1);
        approve(&home, &key, Some("")).complained("key.malformed", 1);
        assert_eq!(approve(&home, &key, Some(PASSPHRASE)).ended(0).field("approved by"), "alice, bob");
    }
}

#[test]
fn an_encrypted_key_is_opened_by_a_passphrase_file_that_nobody_else_reads() {
    let (home, _) = waiting();
    let key = secret(&home, "bob.key", PBKDF2);
    let file = secret(&home, "passphrase", &format!("{PASSPHRASE}\n"));
    let command = format!("approvals approve r-1 --key {key} --passphrase-file {file}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    home.run(&command).complained("store.permissions", 6);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    home.run(&command).ended(0);
}

#[test]
fn without_a_passphrase_and_a_terminal_nothing_is_asked() {
    let (home, _) = waiting();
    let key = secret(&home, "bob.key", PBKDF2);
    // `setsid` leaves the program without a terminal, as a job of a build has none.
    let words = ["setsid", "-w", env!("CARGO_BIN_EXE_stella"), "approvals", "approve", "r-1", "--key", &key];
    let mut program = std::process::Command::new("/usr/bin/env");
    program.args(words).env_clear().env("PATH", "/usr/bin:/bin");
    for (name, value) in home.program().get_envs() {
        program.env(name, value.unwrap_or_default());
    }
    Said::from(program.output().unwrap()).complained("usage.conflict", 2);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let (home, alice) = waiting();
    for mode in [0o644, 0o640, 0o604, 0o660, 0o602] {
        fs::set_permissions(&alice, fs::Permissions::from_mode(mode)).unwrap();
        approve(&home, &alice, None).complained("store.permissions", 6);
    }
    fs::set_permissions(&alice, fs::Permissions::from_mode(0o600)).unwrap();
    let link = home.room.path("link.key");
    symlink(&alice, &link).unwrap();
    approve(&home, link.to_str().unwrap(), None).complained("store.symlink_refused", 6);
    let twin = home.room.path("twin.key");
    fs::hard_link(&alice, &twin).unwrap();
    approve(&home, &alice, None).complained("store.symlink_refused", 6);
    fs::remove_file(&twin).unwrap();
    let directory = home.room.path("directory");
    fs::create_dir(&directory).unwrap();
    assert_ne!(approve(&home, directory.to_str().unwrap(), None).status, 0);
    approve(&home, "nowhere.key", None).complained("input.not_regular_file", 2);
    // A path that is relative to where one is.
    approve(&home, "alice.key", None).complained("approval.self", 3);
}

#[test]
fn what_is_no_private_key_is_refused_and_never_repeated_b029() {
    let (home, alice) = waiting();
    let inner = fs::read_to_string(&alice).unwrap().lines().nth(1).unwrap().to_string();
    let block = |label: &str, content: &str| format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n");
    for (content, code, status) in [
        (PUBLIC.to_string(), "pem.malformed", 1),
        (block("EC PRIVATE KEY", &inner), "pem.malformed", 1),
        (block("OPENSSH PRIVATE KEY", &inner), "pem.malformed", 1),
        (block("PRIVATE KEY", &inner.replace('M', "*")), "pem.malformed", 1),
        (block("PRIVATE KEY", &inner[..inner.len() - 4]), "key.malformed", 1),
        (block("ENCRYPTED PRIVATE KEY", &inner), "key.malformed", 1),
        (block("PRIVATE KEY", &inner).repeat(2), "pem.multiple_objects", 1),
        (inner.clone(), "pem.malformed", 1),
        (" \n".to_string(), "input.empty", 2),
    ] {
        let path = secret(&home, "bad.key", &content);
        let said = approve(&home, &path, Some(PASSPHRASE));
        assert!(!said.err.contains(&inner[8..20]) && !said.err.contains(PASSPHRASE), "{}", said.err);
        said.complained(code, status);
    }
}
