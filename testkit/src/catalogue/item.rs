//! One item of the catalogue: its files, and what to expect of them.

use core::fmt::Write as _;

use stella_vocabulary::Code;

use crate::examples::File;

/// Which part of the workspace refuses an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The documents: what is refused is no attestation, or its payload no statement.
    AttestModel,
    /// The pipeline: the attestation was judged, and refused.
    AttestVerify,
    /// A public key that cannot be one.
    CryptoProviders,
    /// What only the command line sees: files, and arguments.
    StellaCli,
    /// Material that no trust can be built on.
    TrustStore,
}

impl Layer {
    /// The directory of the crate.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AttestModel => "attest-model",
            Self::AttestVerify => "attest-verify",
            Self::CryptoProviders => "crypto-providers",
            Self::StellaCli => "stella-cli",
            Self::TrustStore => "trust-store",
        }
    }
}

/// The value of a setting.
#[derive(Clone, Debug)]
pub(super) enum Setting {
    List(Vec<String>),
    Number(u64),
    Text(String),
}

impl From<&str> for Setting {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Setting {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Setting {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl<const N: usize> From<[&str; N]> for Setting {
    fn from(texts: [&str; N]) -> Self {
        Self::List(texts.into_iter().map(str::to_owned).collect())
    }
}

type Settings = Vec<(&'static str, Setting)>;

/// One item: what to run, and what must and must not verify.
pub(super) struct Item {
    id: &'static str,
    files: Vec<File>,
    run: Settings,
    goods: Vec<Settings>,
    bads: Vec<Bad>,
}

/// One input that must be refused.
pub(super) struct Bad {
    code: &'static str,
    layer: Layer,
    place: String,
    change: String,
    settings: Settings,
    attestation: Option<Vec<u8>>,
}

impl Bad {
    /// A refusal with `code`, whose place holds `place`, after `change`.
    pub(super) fn new(code: &'static str, layer: Layer, place: &str, change: &str) -> Self {
        Self {
            code,
            layer,
            place: place.to_owned(),
            change: change.to_owned(),
            settings: Vec::new(),
            attestation: None,
        }
    }

    /// A document that is no attestation.
    pub(super) fn document(code: &'static str, place: &str, change: &str, attestation: impl AsRef<[u8]>) -> Self {
        Self::new(code, Layer::AttestModel, place, change).attestation(attestation)
    }

    /// An attestation that is judged and refused.
    pub(super) fn judged(code: &'static str, place: &str, change: &str, attestation: impl AsRef<[u8]>) -> Self {
        Self::new(code, Layer::AttestVerify, place, change).attestation(attestation)
    }

    /// An attestation with this content, kept as `bad.N.json`.
    pub(super) fn attestation(mut self, contents: impl AsRef<[u8]>) -> Self {
        self.attestation = Some(contents.as_ref().to_vec());
        self
    }

    /// Runs with another value of `name` than the item.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Setting>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// Runs with a `name` that the test makes by the recipe `recipe`.
    pub(super) fn generated(self, name: &'static str, recipe: &str) -> Self {
        self.with("generate", recipe).with(name, "generated")
    }
}

impl Item {
    /// The item `id`, without anything.
    pub(super) fn new(id: &'static str) -> Self {
        Self { id, files: Vec::new(), run: Vec::new(), goods: Vec::new(), bads: Vec::new() }
    }

    /// Keeps a file.
    pub(super) fn file(mut self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        let path = format!("{}/{name}", self.id);
        self.files.push(File { path, contents: contents.as_ref().to_vec() });
        self
    }

    /// Runs everything of this item with `name` set to `value`.
    pub(super) fn run(mut self, name: &'static str, value: impl Into<Setting>) -> Self {
        self.run.push((name, value.into()));
        self
    }

    /// Keeps `good.json` and runs with it.
    pub(super) fn good(self, contents: impl AsRef<[u8]>) -> Self {
        self.file("good.json", contents).run("attestation", "good.json")
    }

    /// One more input that must verify, kept as `good.N.json`.
    pub(super) fn also_good(mut self, contents: impl AsRef<[u8]>) -> Self {
        let name = format!("good.{}.json", self.goods.len() + 2);
        self.goods.push(vec![("attestation", name.as_str().into())]);
        self.file(&name, contents)
    }

    /// Settings besides the item's own under which it must verify, too.
    pub(super) fn also_good_with(mut self, settings: Settings) -> Self {
        self.goods.push(settings);
        self
    }

    /// One more input that must be refused.
    pub(super) fn bad(mut self, mut bad: Bad) -> Self {
        if let Some(contents) = bad.attestation.take() {
            let name = format!("bad.{}.json", self.bads.len() + 1);
            bad.settings.insert(0, ("attestation", name.as_str().into()));
            self = self.file(&name, contents);
        }
        self.bads.push(bad);
        self
    }

    /// Several more inputs that must be refused.
    pub(super) fn bads(self, bads: impl IntoIterator<Item = Bad>) -> Self {
        bads.into_iter().fold(self, Self::bad)
    }

    /// The files, `expect.toml` last.
    pub(super) fn into_files(self) -> Vec<File> {
        let mut text = String::from("# Made by `stella-testkit catalogue`; change the generator, not this file.\n");
        write_settings(&mut text, &self.run);
        for good in &self.goods {
            text.push_str("\n[[good]]\n");
            write_settings(&mut text, good);
        }
        for bad in &self.bads {
            text.push_str("\n[[bad]]\n");
            write_settings(&mut text, &bad.settings);
            let exit = Code::parse(bad.code).map_or(0, Code::exit_status);
            let settings: Settings = vec![
                ("change", bad.change.as_str().into()),
                ("code", bad.code.into()),
                ("layer", bad.layer.as_str().into()),
                ("where", bad.place.as_str().into()),
                ("exit", u64::from(exit).into()),
            ];
            write_settings(&mut text, &settings);
        }
        let mut files = self.files;
        files.push(File { path: format!("{}/expect.toml", self.id), contents: text.into_bytes() });
        files
    }
}

fn write_settings(text: &mut String, settings: &Settings) {
    for (name, value) in settings {
        let value = match value {
            Setting::List(items) => {
                format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", "))
            }
            Setting::Number(number) => number.to_string(),
            Setting::Text(item) => quoted(item),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name} = {value}");
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            other => {
                let _ = write!(out, "\\U{:08x}", u32::from(other));
            }
        }
    }
    out.push('"');
    out
}
