//! The fixtures of the catalogue in the tree are those that the generator writes, and there are no others.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stella_testkit::catalogue;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/catalogue")
}

/// Every file below an item's directory; `items.toml` and what scenes do is written by hand.
fn found() -> BTreeMap<String, Vec<u8>> {
    fn walk(path: &Path, name: &str, out: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{name}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), out);
            } else if name.contains('/') && !name.ends_with("/scene.toml") {
                out.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(&directory(), "", &mut out);
    out
}

#[test]
fn the_fixtures_in_the_tree_are_those_that_the_generator_writes() {
    let found = found();
    let mut made = BTreeMap::new();
    for file in catalogue::files() {
        assert!(made.insert(file.path.clone(), file.contents).is_none(), "{} is made twice", file.path);
    }
    let differ: Vec<&String> =
        made.iter().filter(|(path, made)| found.get(*path) != Some(made)).map(|(path, _)| path).collect();
    let extra: Vec<&String> = found.keys().filter(|path| !made.contains_key(*path)).collect();
    assert!(
        differ.is_empty() && extra.is_empty(),
        "out of date: {differ:?}, not made by anything: {extra:?}; run `cargo run -p stella-testkit -- catalogue tests/catalogue`"
    );
}

#[test]
fn every_bad_input_that_is_kept_differs_from_its_good_one() {
    let found = found();
    for (path, contents) in &found {
        let Some((item, name)) = path.split_once('/') else { continue };
        if name.starts_with("bad.") && name.ends_with(".json") {
            assert_ne!(Some(contents), found.get(&format!("{item}/good.json")), "{path}");
        }
    }
}
