//! What goes out: whether it arrived, and documents that other programs can rely on.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::attestation::verify;
use crate::harness::{example, program, stella};

fn good() -> String {
    format!(
        "verify attestation {} --key {} --at 2026-09-01T00:00:00Z",
        example("private-key/attestation.json"),
        example("private-key/key.pub")
    )
}

#[test]
fn a_verdict_that_cannot_be_written_is_no_success() {
    stella(&good()).ended(0);
    for rest in ["", " -q", " -o json", " -v"] {
        let output = program()
            .args((good() + rest).split_whitespace())
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(6));
        assert!(output.stderr.starts_with(b"error[output.write_failed]: "));
    }
}

#[test]
fn a_closed_standard_output_is_no_success() {
    for redirection in [">&-", "| true; exit ${PIPESTATUS[0]}"] {
        // Without a wait, the reader of the pipe may still be there when the program writes.
        let slow = if redirection == ">&-" { "" } else { "sleep 0.5; " };
        let script = format!("({slow}exec {} {}) {redirection}", env!("CARGO_BIN_EXE_stella"), good());
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(6), "{script}: {err}");
        assert!(err.starts_with("error[output.write_failed]: "), "{err}");
        assert_eq!(err.matches('\n').count(), 1, "{err}");
    }
}

#[test]
fn output_to_the_null_device_is_delivered() {
    let script = format!("{} {} > /dev/null", env!("CARGO_BIN_EXE_stella"), good());
    assert_eq!(Command::new("sh").args(["-c", &script]).status().unwrap().code(), Some(0));
}

#[test]
fn help_that_cannot_be_written_is_no_success_either() {
    for arguments in ["--help", "--version", "version", "completions bash", "explain"] {
        let output = program()
            .args(arguments.split_whitespace())
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(output.code(), Some(6), "{arguments}");
    }
}

pub(crate) fn schema(name: &str) -> jsonschema::Validator {
    let path = format!("{}/../../docs/schema/{name}", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
pub(crate) fn assert_valid(validator: &jsonschema::Validator, document: &Value) {
    let faults: Vec<String> =
        validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{document:#}");
}

#[test]
fn every_report_is_valid_against_its_schema() {
    let report = schema("stella.report-1.schema.json");
    for name in [
        "slsa-provenance",
        "npm-provenance-v0.1",
        "message-signature",
        "github-attestation",
        "private-pki",
        "private-key",
    ] {
        for file in ["bundle.json", "attestation.json", "tampered.json"] {
            if fs::exists(example(&format!("{name}/{file}"))).unwrap() {
                for format in ["json", "ndjson"] {
                    let document = verify(name, file, &["-o", format]).json();
                    assert_valid(&report, &document);
                    // Members are only ever added; these are promised.
                    assert_eq!(document["schema"], "stella.report/1");
                }
            }
        }
    }
    let document =
        stella(&format!("verify attestation {} -o json", example("slsa-provenance/bundle.json"))).ended(1).json();
    assert_valid(&report, &document);
    assert_eq!(document["remedy"]["commands"][0][0], "stella");
}

#[test]
fn no_member_of_a_report_is_there_twice() {
    // A parser that keeps the last of two members would not notice; the strict one of this project refuses them.
    for name in ["slsa-provenance", "npm-provenance-v0.1", "github-attestation", "private-pki", "private-key"] {
        let file = if name.starts_with("private") { "attestation.json" } else { "bundle.json" };
        let said = verify(name, file, &["-o", "json"]).ended(0);
        stella_attest_model::json::Document::parse(said.out.as_bytes(), &stella_attest_model::Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}\n{}", said.out));
    }
}

#[test]
fn every_error_is_valid_against_its_schema() {
    let error = schema("stella.error-1.schema.json");
    for (arguments, code) in [
        ("verify attestation no/such/file -o json", "input.not_regular_file"),
        ("verify attestation 0123456789abcdef -o json", "store.not_found"),
        ("verify nonsense -o json", "usage.conflict"),
        ("-o json", "usage.conflict"),
        ("explain nonsense -o json", "usage.conflict"),
        ("version --at now -o ndjson", "usage.date_invalid"),
    ] {
        let said = stella(arguments);
        assert_ne!(said.status, 0);
        assert!(said.err.starts_with(&format!("error[{code}]: ")), "{}", said.err);
        assert_eq!(said.json()["code"], code);
        assert_valid(&error, &said.json());
    }
}
