//! An item of `tests/catalogue`: its runs, and what is expected of them.

use std::path::{Path, PathBuf};

use stella_vocabulary::Code;

/// Every setting that an `expect.toml` may hold.
const SETTINGS: [&str; 27] = [
    "absent",
    "anchor",
    "artifact",
    "at",
    "attestation",
    "change",
    "code",
    "command",
    "digest",
    "exit",
    "generate",
    "identity",
    "intermediate",
    "issuer",
    "key",
    "keys",
    "layer",
    "only",
    "payload",
    "predicate_type",
    "shows",
    "signer",
    "stdin",
    "stack",
    "threshold",
    "trusted_root",
    "where",
];

/// One item.
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) goods: Vec<Run>,
    pub(crate) bads: Vec<Bad>,
}

/// One verification: settings by name.
#[derive(Clone)]
pub(crate) struct Run {
    /// `B042 good 1`, for messages.
    pub(crate) name: String,
    pub(crate) directory: PathBuf,
    settings: toml::Table,
}

/// A verification that must be refused.
pub(crate) struct Bad {
    pub(crate) run: Run,
    pub(crate) code: Code,
    pub(crate) layer: String,
    pub(crate) place: String,
    pub(crate) exit: i64,
}

impl Item {
    /// The directory of all items.
    pub(crate) fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/catalogue")
    }

    /// The ids of all items that there are, sorted.
    pub(crate) fn ids() -> Vec<String> {
        let mut ids: Vec<String> = std::fs::read_dir(Self::root())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        ids.sort();
        ids
    }

    /// Reads the item `id`.
    pub(crate) fn read(id: &str) -> Self {
        let directory = Self::root().join(id);
        let mut base: toml::Table = std::fs::read_to_string(directory.join("expect.toml")).unwrap().parse().unwrap();
        let [goods, bads] = ["good", "bad"].map(|name| match base.remove(name) {
            Some(toml::Value::Array(tables)) => tables,
            Some(_) => panic!("{id}: {name} is no list"),
            None => Vec::new(),
        });
        let run = |name: String, over: Option<&toml::Value>| {
            let mut settings = base.clone();
            if let Some(toml::Value::Table(over)) = over {
                for name in over.get("without").and_then(toml::Value::as_array).into_iter().flatten() {
                    settings.remove(name.as_str().unwrap());
                }
                settings
                    .extend(over.iter().filter(|(name, _)| *name != "without").map(|(a, b)| (a.clone(), b.clone())));
            }
            for name in settings.keys() {
                assert!(SETTINGS.contains(&name.as_str()), "{id}: unknown setting {name}");
            }
            Run { name: format!("{id} {name}"), directory: directory.clone(), settings }
        };
        let bads = bads.iter().enumerate().map(|(index, table)| {
            let run = run(format!("bad {}", index + 1), Some(table));
            let name = format!("{} ({})", run.name, run.text("change").unwrap());
            let code = run.text("code").unwrap();
            Bad {
                code: Code::parse(code).unwrap_or_else(|| panic!("{name}: {code} is not in the registry")),
                layer: run.text("layer").unwrap().to_owned(),
                place: run.text("where").unwrap().to_owned(),
                exit: run.number("exit").unwrap(),
                run: Run { name, ..run },
            }
        });
        let mut all = vec![run("good 1".to_owned(), None)];
        all.extend(goods.iter().enumerate().map(|(index, table)| run(format!("good {}", index + 2), Some(table))));
        Self { id: id.to_owned(), goods: all, bads: bads.collect() }
    }
}

impl Run {
    /// The text called `name`.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(|value| value.as_str().unwrap())
    }

    /// The number called `name`.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.settings.get(name).map(|value| value.as_integer().unwrap())
    }

    /// The list called `name`; empty if there is none.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let list = self.settings.get(name).and_then(toml::Value::as_array);
        list.into_iter().flatten().map(|item| item.as_str().unwrap()).collect()
    }

    /// Whether only the library can be asked: no command has a threshold.
    pub(crate) fn is_for_the_library_alone(&self) -> bool {
        self.text("only") == Some("library")
    }

    /// The file called `name`, `generated` being the one that was made for this run.
    pub(crate) fn file(&self, name: &str, generated: Option<&Path>) -> Option<PathBuf> {
        match self.text(name)? {
            "generated" => Some(generated.unwrap().to_path_buf()),
            file => Some(self.directory.join(file)),
        }
    }
}
