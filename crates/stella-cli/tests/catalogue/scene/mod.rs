//! Items about a store. Their `scene.toml` says what is done to a store before, what then succeeds, and what is refused, step by step.
//!
//! Every scene plays in a room of its own: the store is `home`, keys and certificates are made by the test kit, and steps that are no
//! command of the program (`flip`, `cut`, `link` …) do what somebody with access to the files could do.

mod files;
mod lists;
mod maze;
mod play;
mod serve;
mod step;

use std::path::Path;

use serde_json::Value;
use stella_vocabulary::Code;

use crate::item::Item;
use play::Room;

/// One item about a store.
pub(crate) struct Scene {
    pub(crate) id: String,
    /// Tests of a library that refuse the same: path of the file, and name of the test.
    pub(crate) library: Vec<(String, String)>,
    before: Vec<String>,
    pub(crate) good: Vec<String>,
    pub(crate) bads: Vec<Bad>,
}

/// What must be refused.
pub(crate) struct Bad {
    change: String,
    steps: Vec<String>,
    run: String,
    pub(crate) code: Code,
    exit: i64,
    place: String,
    /// What holds afterwards.
    then: Vec<String>,
}

impl Scene {
    /// Whether the item of that id is a scene.
    pub(crate) fn is_one(id: &str) -> bool {
        Item::root().join(id).join("scene.toml").exists()
    }

    /// Reads the item `id`.
    pub(crate) fn read(id: &str) -> Self {
        let text = std::fs::read_to_string(Item::root().join(id).join("scene.toml")).unwrap();
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{id}: {error}"));
        only(&table, &["library", "before", "good", "bad"], id);
        let bads = table.get("bad").and_then(toml::Value::as_array).into_iter().flatten().map(|bad| {
            let bad = bad.as_table().unwrap();
            only(bad, &["change", "steps", "run", "code", "exit", "where", "then"], id);
            let text = |name: &str| bad.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            Bad {
                change: text("change"),
                steps: lines(bad, "steps"),
                run: text("run"),
                code: Code::parse(&text("code")).unwrap_or_else(|| panic!("{id}: {} is no code", text("code"))),
                exit: bad["exit"].as_integer().unwrap(),
                place: text("where"),
                then: lines(bad, "then"),
            }
        });
        let library = lines(&table, "library").into_iter().map(|line| {
            let (file, test) = line.split_once(' ').unwrap_or_else(|| panic!("{id}: {line}"));
            (file.to_owned(), test.to_owned())
        });
        Self {
            id: id.to_owned(),
            library: library.collect(),
            before: lines(&table, "before"),
            good: lines(&table, "good"),
            bads: bads.collect(),
        }
    }

    /// Everything that is wrong with it; nothing, if it behaves.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let room = Room::new();
        for step in self.before.iter().chain(&self.good) {
            if let Err(fault) = room.play(step) {
                // A scene whose good steps fail proves nothing by its bad ones.
                return vec![format!("{} good: {step}: {fault}", self.id)];
            }
        }
        for bad in &self.bads {
            if let Err(fault) = self.refused(bad) {
                faults.push(format!("{} ({}): {fault}", self.id, bad.change));
            }
        }
        faults.extend(self.library.iter().filter_map(|(file, test)| missing(file, test)));
        faults
    }

    fn refused(&self, bad: &Bad) -> Result<(), String> {
        if bad.exit != i64::from(bad.code.exit_status()) {
            return Err(format!("exit status {} declared", bad.exit));
        }
        if bad.run.is_empty() {
            // Only somebody who embeds the library, or a hostile server, can bring it about; the tests that are named do.
            return Ok(());
        }
        // Twice from the beginning: a refused command may well have written something, such as a request.
        for format in ["json", "text"] {
            let room = Room::new();
            for step in self.before.iter().chain(&bad.steps) {
                room.play(step).map_err(|fault| format!("{step}: {fault}"))?;
            }
            let output = room.stella(&format!("{} --output {format}", bad.run));
            let told = output.told();
            output.is_printable()?;
            if output.status.map(i64::from) != Some(bad.exit) {
                return Err(format!("exit status instead of {}: {told}", bad.exit));
            }
            if format == "json" {
                let document: Value =
                    serde_json::from_str(&output.stdout).map_err(|error| format!("{error}: {told}"))?;
                let at = document.to_string();
                if document["code"] != bad.code.as_str() || !document["schema"].is_string() || !at.contains(&bad.place)
                {
                    return Err(format!("JSON: {told}"));
                }
            } else {
                let says = format!("error[{}]: ", bad.code);
                let lines = || output.stdout.lines().chain(output.stderr.lines());
                if !lines().any(|line| line.contains(&says)) || !lines().all(|line| line.len() <= 2048) {
                    return Err(format!("text: {told}"));
                }
            }
            for step in &bad.then {
                room.play(step).map_err(|fault| format!("then {step}: {fault}"))?;
            }
        }
        Ok(())
    }
}

fn lines(table: &toml::Table, name: &str) -> Vec<String> {
    let values = table.get(name).and_then(toml::Value::as_array).into_iter().flatten();
    values.map(|line| line.as_str().unwrap().to_owned()).collect()
}

fn only(table: &toml::Table, known: &[&str], id: &str) {
    for name in table.keys() {
        assert!(known.contains(&name.as_str()), "{id}: unknown setting {name}");
    }
}

/// A test that is named and is not there.
fn missing(file: &str, test: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    (!text.contains(&format!("fn {test}("))).then(|| format!("no test {test} in {file}"))
}
