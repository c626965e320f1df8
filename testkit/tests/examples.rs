//! The examples of the tree: what is made here is up to date, and every twin is one change away from its original.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use stella_testkit::examples;
use stella_vocabulary::Code;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

fn cases() -> Vec<(PathBuf, toml::Table)> {
    let mut cases: Vec<_> = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| {
            let text = std::fs::read_to_string(path.join("expect.toml")).unwrap();
            (path, text.parse().unwrap())
        })
        .collect();
    cases.sort_by(|(a, _), (b, _)| a.cmp(b));
    cases
}

fn text<'t>(table: &'t toml::Table, name: &str) -> Option<&'t str> {
    table.get(name).map(|value| value.as_str().unwrap())
}

/// Paths of the values in which two documents differ; members or elements missing on one side count as one.
fn differences(a: &Value, b: &Value, path: &str, out: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (name, value) in a {
                differences(value, &b[name], &format!("{path}/{name}"), out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{path}/{index}"), out);
            }
        }
        _ if a == b => {}
        _ => out.push(path.to_owned()),
    }
}

#[test]
fn the_made_examples_in_the_tree_are_those_the_generator_writes() {
    for file in examples::files() {
        let found = std::fs::read(directory().join(&file.path)).unwrap();
        assert!(
            found == file.contents,
            "{} is out of date; run `cargo run -p stella-testkit -- examples examples`",
            file.path
        );
    }
}

#[test]
fn every_twin_is_one_change_away_from_its_original() {
    let cases = cases();
    assert_eq!(cases.len(), 6);
    for (path, expect) in cases {
        let refusals: Vec<_> = expect.iter().filter_map(|(_, value)| value.as_table()).collect();
        assert!(!refusals.is_empty(), "{path:?}");
        for refusal in refusals {
            let code = Code::parse(text(refusal, "code").unwrap()).unwrap();
            assert_eq!(refusal["exit"].as_integer(), Some(i64::from(code.exit_status())));
            let document =
                |name| -> Value { serde_json::from_slice(&std::fs::read(path.join(name)).unwrap()).unwrap() };
            let [good, bad] =
                [text(&expect, "attestation").unwrap(), text(refusal, "attestation").unwrap()].map(document);
            let mut found = Vec::new();
            differences(&good, &bad, "", &mut found);
            // A twin that keeps its attestation has another artifact.
            let artifact = text(refusal, "artifact");
            let expected = usize::from(text(&expect, "attestation") != text(refusal, "attestation"));
            assert_eq!(found.len(), expected, "{path:?} {found:?}");
            assert!(expected == 1 || artifact != text(&expect, "artifact"));
            if let Some(artifact) = artifact {
                assert!(path.join(artifact).is_file());
            }
        }
    }
}

#[test]
fn the_artifact_of_an_example_has_the_digest_it_says() {
    use sha2::Digest as _;
    for (path, expect) in cases() {
        let Some(artifact) = text(&expect, "artifact") else { continue };
        let bytes = std::fs::read(path.join(artifact)).unwrap();
        let digest = stella_vocabulary::hex::encode(&sha2::Sha256::digest(bytes));
        assert_eq!(text(&expect, "digest"), Some(format!("sha256:{digest}").as_str()), "{path:?}");
    }
}
