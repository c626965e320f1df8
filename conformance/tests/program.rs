//! The program as somebody runs it: arguments, output, exit status.
#![allow(clippy::unwrap_used, reason = "helpers of tests: what cannot be read here is a failed test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(name)
}

fn conformance(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_conformance")).args(arguments).output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn a_suite_that_passes_exits_with_0_and_tells_its_counts_in_json() {
    let path = testdata("merkle");
    let output = conformance(&["merkle", path.to_str().unwrap(), "--json"]);
    assert_eq!(status(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "stella.conformance/1");
    assert_eq!((&document["false_accepts"], &document["false_rejects"]), (&0.into(), &0.into()));
    assert!(document["passed"].as_u64().unwrap() > 100);
}

#[test]
fn a_failure_that_no_deviation_lists_exits_with_1() {
    let directory = tempfile::tempdir().unwrap();
    let suite = directory.path().join("proofs.json");
    // An inclusion proof for a tree of one leaf whose root is another hash, said to be good.
    std::fs::write(
        &suite,
        r#"[{"id": "bad", "kind": "inclusion", "leafIdx": 0, "treeSize": 1, "proof": null, "wantErr": false,
            "leafHash": "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=", "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}]"#,
    )
    .unwrap();
    let output = conformance(&["merkle", suite.to_str().unwrap()]);
    assert_eq!(status(&output), 1);
    assert!(String::from_utf8_lossy(&output.stdout).contains("UNEXPECTED false-reject: bad"));

    let deviations = directory.path().join("deviations.toml");
    std::fs::write(
        &deviations,
        "[[deviation]]\nsuite = 'merkle'\nfeature = 'x'\nreason = 'y'\ncases = ['b*']\noutcome = 'false-reject'\n",
    )
    .unwrap();
    let listed = ["merkle", suite.to_str().unwrap(), "--deviations", deviations.to_str().unwrap()];
    assert_eq!(status(&conformance(&listed)), 0);
}

#[test]
fn a_suite_without_cases_or_of_an_unknown_name_exits_with_2() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(status(&conformance(&["merkle", directory.path().to_str().unwrap()])), 2);
    assert_eq!(status(&conformance(&["no-such-suite", directory.path().to_str().unwrap()])), 2);
}
