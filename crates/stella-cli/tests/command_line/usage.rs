//! Command lines that cannot be understood, and help.

use crate::harness::{stella, stella_with};

#[test]
fn a_command_line_that_cannot_be_understood_is_one_line() {
    for (arguments, hint) in [
        ("", "one of verify, attest"),
        ("verify", "one of attestation, cert-chain"),
        ("verify attestaton x", "'attestation'"),
        ("verify attestation x --idenity y", "'--identity'"),
        ("verify attestation", "--help"),
        ("verify attestation x --issuer y", "--identity"),
        ("verify attestation x --key k --identity i", "--identity"),
        ("verify attestation x --key k --issuer i", "--issuer"),
        ("verify artifact --key k --issuer i", "--issuer"),
        ("attest show", "--help"),
        ("version -o yaml", "json"),
        ("-q -v version", "--quiet"),
    ] {
        let said = stella(arguments).complained("usage.conflict", 2);
        assert!(said.err.contains(hint), "{arguments}: {}", said.err);
        assert!(said.err.contains(" --help\n"), "{arguments}: {}", said.err);
    }
}

#[test]
fn an_empty_restriction_is_no_restriction_and_refused() {
    for (option, command) in [
        ("--identity", "attestation"),
        ("--issuer", "attestation"),
        ("--predicate-type", "attestation"),
        ("--require", "artifact"),
    ] {
        let said = stella_with(&["verify", command, option, ""]).complained("usage.conflict", 2);
        assert!(said.err.contains(option), "{}", said.err);
    }
}

#[test]
fn help_goes_to_standard_output_with_examples() {
    for (arguments, expected) in [
        ("--help", "stella verify attestation"),
        ("help", "Commands:"),
        ("verify --help", "cert-chain"),
        ("verify attestation --help", "Examples:"),
        ("verify cert-chain --help", "--intermediate"),
        ("attest show --help", "UNVERIFIED"),
        ("explain --help", "stella explain x509.expired"),
    ] {
        let said = stella(arguments).ended(0);
        assert!(said.out.contains(expected), "{arguments}: {}", said.out);
        assert_eq!(said.err, "");
    }
}

#[test]
fn an_id_needs_a_store_and_is_told_so() {
    for id in ["0123456789abcdef", "sha256:01234567", &format!("sha256:{}", "0".repeat(64))] {
        stella(&format!("verify attestation --attestation {id}")).complained("store.not_found", 4);
    }
    for id in ["sha256:0123", "0123abc", "DEADBEEF", "SHA256:0123456789abcdef", &"0".repeat(65)] {
        stella(&format!("verify attestation --attestation {id}")).complained("usage.digest_invalid", 2);
    }
}

#[test]
fn the_commands_of_the_runbook_end_as_written() {
    for arguments in ["crypto providers list --algorithms", "explain dsse.signature_invalid", "version"] {
        stella(arguments).ended(0);
    }
}
