//! `stella explain`, `completions` and `man`.

use std::fs;

use crate::harness::{Room, stella};

#[test]
fn a_code_is_explained_with_causes_and_remedies() {
    let said = stella("explain x509.expired").ended(0);
    assert_eq!(said.first_line(), "x509.expired");
    assert_eq!(said.field("exit status"), "1");
    assert!(said.out.contains("\nusual causes:\n  - ") && said.out.contains("\nremedies:\n  - "), "{}", said.out);
    let document = stella("explain X509.EXPIRED -o json").ended(0).json();
    assert_eq!(document["code"], "x509.expired");
    assert_eq!(document["exit_status"], 1);
}

#[test]
fn every_code_and_every_family_is_listed() {
    let count = stella_vocabulary::Code::ALL.len();
    assert_eq!(stella("explain -o json").ended(0).json()["codes"].as_array().unwrap().len(), count);
    assert_eq!(stella("explain").ended(0).out.lines().count(), count + 1);
    let said = stella("explain tlog").ended(0);
    assert!(said.out.lines().skip(1).all(|line| line.starts_with("tlog.")), "{}", said.out);
}

#[test]
fn a_near_miss_is_suggested() {
    for (typed, meant) in [
        ("x509.expird", "x509.expired"),
        ("signature_invalid", ".signature_invalid"),
        ("tlg", "tlog"),
        ("x509-expired", "x509.expired"),
    ] {
        let said = stella(&format!("explain {typed}")).complained("usage.conflict", 2);
        assert!(said.err.contains(meant), "{}", said.err);
    }
    stella("explain something-else-altogether").complained("usage.conflict", 2);
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = stella(&format!("completions {shell}")).ended(0);
        assert!(said.out.contains("cert-chain"), "{shell}");
    }
    stella("completions tcsh").complained("usage.conflict", 2);
}

#[test]
fn a_manual_page_is_written_for_every_command() {
    let room = Room::new();
    let directory = room.path("deep/man1");
    let said = stella(&format!("man {}", directory.display())).ended(0);
    assert!(said.lines("written").count() > 10, "{}", said.out);
    let page = fs::read_to_string(directory.join("stella-verify-attestation.1")).unwrap();
    for expected in [".TH stella-verify-attestation 1", "\\-\\-trusted\\-root", "\\-\\-at", "STELLA_OFFLINE"] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
    stella("man /dev/null/x").complained("output.write_failed", 6);
}
