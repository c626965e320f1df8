//! The verify commands need no network and open no socket (catalogue F39).

use std::fs;
use std::process::Command;

use crate::harness::{Room, Said, example, expected, stella};

fn commands() -> Vec<String> {
    let bundle = example("slsa-provenance/bundle.json");
    let (identity, issuer) = (expected("slsa-provenance", "identity"), expected("slsa-provenance", "issuer"));
    let at = "--at 2026-09-01T00:00:00Z";
    vec![
        format!("verify attestation {bundle} --identity {identity} --issuer {issuer} {at} --verbose"),
        format!("verify cert-chain --attestation {bundle} {at}"),
        format!("verify cert --attestation {bundle} --show-expiry {at}"),
        format!("attest show {bundle} --details"),
    ]
}

fn works(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

#[test]
fn without_a_network_everything_is_said_just_the_same() {
    if !works("unshare", &["-rn", "true"]) {
        eprintln!("not shown here: this system does not let a test take the network away");
        return;
    }
    for command in commands() {
        let output = Command::new("unshare")
            .args(["-rn", env!("CARGO_BIN_EXE_stella")])
            .args(command.split_whitespace())
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .output()
            .unwrap();
        let (without, with) = (Said::from(output), stella(&command).ended(0));
        assert_eq!((without.status, without.out), (with.status, with.out), "{command}");
    }
}

#[test]
fn no_socket_is_opened() {
    if !works("strace", &["-o", "/dev/null", "true"]) {
        eprintln!("not shown here: this system does not let a test trace system calls");
        return;
    }
    let room = Room::new();
    for command in commands() {
        let trace = room.path("trace");
        let status = Command::new("strace")
            .args(["-f", "-e", "trace=network", "-o", trace.to_str().unwrap(), env!("CARGO_BIN_EXE_stella")])
            .args(command.split_whitespace())
            .output()
            .unwrap()
            .status;
        assert_eq!(status.code(), Some(0), "{command}");
        let calls = fs::read_to_string(&trace).unwrap();
        assert!(!calls.contains("socket(") && !calls.contains("connect("), "{command}: {calls}");
    }
}
