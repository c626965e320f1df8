//! `config.toml`: the settings that one may write down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stella_vocabulary::Code;
use stella_vocabulary::text::Bounded;
use toml::Value;

use crate::complaint::Complaint;
use crate::near_miss;
use crate::private_file::{self, Secrecy};

/// What can be set in the file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(clippy::enum_variant_names, reason = "one of them is about a key")]
pub(crate) enum Key {
    ApproverKey,
    CryptoProfile,
    FetchAllowAddresses,
    FetchCaFile,
    JournalKeepDays,
    JournalKeepEvents,
    Offline,
    Person,
    Pkcs11Module,
    RequestLifetime,
    SigningKey,
    Store,
    StoreFingerprint,
}

impl Key {
    pub(crate) const ALL: [Self; 13] = [
        Self::ApproverKey,
        Self::CryptoProfile,
        Self::FetchAllowAddresses,
        Self::FetchCaFile,
        Self::JournalKeepDays,
        Self::JournalKeepEvents,
        Self::Offline,
        Self::Person,
        Self::Pkcs11Module,
        Self::RequestLifetime,
        Self::SigningKey,
        Self::Store,
        Self::StoreFingerprint,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ApproverKey => "approver_key",
            Self::CryptoProfile => "crypto.profile",
            Self::FetchAllowAddresses => "fetch_allow_addresses",
            Self::FetchCaFile => "fetch_ca_file",
            Self::JournalKeepDays => "journal.keep_days",
            Self::JournalKeepEvents => "journal.keep_events",
            Self::Offline => "offline",
            Self::Person => "person",
            Self::Pkcs11Module => "pkcs11.module",
            Self::RequestLifetime => "request_lifetime",
            Self::SigningKey => "signing.key",
            Self::Store => "store",
            Self::StoreFingerprint => "store_fingerprint",
        }
    }

    /// What it is for, as one line of the file that `stella init` writes.
    const fn about(self) -> &'static str {
        match self {
            Self::ApproverKey => {
                "The private key that your requests and approvals are signed with. Instead of --approver-key."
            }
            Self::CryptoProfile => "Which algorithms are permitted: international, fips, eidas, gost or sm.",
            Self::FetchAllowAddresses => {
                "Addresses of your own network that keys of issuers may be fetched from, beside public ones; with commas."
            }
            Self::FetchCaFile => "Authorities (PEM) that may certify servers of issuers, beside those of the web.",
            Self::JournalKeepDays => "Events of the journal that are older go. Attestations are never removed.",
            Self::JournalKeepEvents => "Of the journal, so many of the latest events stay.",
            Self::Offline => "Never use a network. Also --offline and STELLA_OFFLINE.",
            Self::Person => "Who you are in the trust log. Also STELLA_PERSON; else your login name.",
            Self::Pkcs11Module => {
                "The module that leads to tokens, where a PKCS#11 URI names none. Also STELLA_PKCS11_MODULE."
            }
            Self::RequestLifetime => "How long a change request waits for approval. Instead of --expires-in.",
            Self::SigningKey => "The key of the home that signs if no other is named. Also stella keys activate.",
            Self::Store => "Where the trust store is, if not in the home. Also --store and STELLA_STORE.",
            Self::StoreFingerprint => "The first entry of that store: another store in its place is refused.",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::ApproverKey => "\"/path/to/approver.pem\"",
            Self::CryptoProfile => "\"international\"",
            Self::FetchAllowAddresses => "\"10.20.0.0/16, fd00:20::/32\"",
            Self::FetchCaFile => "\"/path/to/authorities.pem\"",
            Self::JournalKeepDays => "400",
            Self::JournalKeepEvents => "1000000",
            Self::Offline => "true",
            Self::Person => "\"alice@example.org\"",
            Self::Pkcs11Module => "\"/usr/lib/softhsm/libsofthsm2.so\"",
            Self::RequestLifetime => "\"7d\"",
            Self::SigningKey => "\"release-2027\"",
            Self::Store => "\"file:/srv/stella/trust\"",
            Self::StoreFingerprint => "\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"",
        }
    }

    /// # Errors
    /// `config.unknown_key`.
    pub(crate) fn parse(name: &str) -> Result<Self, Complaint> {
        Self::ALL.into_iter().find(|key| key.name() == name).ok_or_else(|| unknown(name))
    }
}

/// The file, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigFile {
    /// Its path; `None` if there is none to look for.
    pub(crate) path: Option<PathBuf>,
    values: BTreeMap<Key, Value>,
}

/// A member of the file, and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) key: Key,
    pub(crate) path: &'a Path,
    value: &'a Value,
}

impl ConfigFile {
    /// Reads it, if it is there.
    ///
    /// # Errors
    /// `config.invalid`, `config.unknown_key`, and those of a file that others could have written.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Complaint> {
        match private_file::read(path, Secrecy::Readable)? {
            Some(bytes) => Self::parse(path, &bytes).map(Some),
            None => Ok(None),
        }
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Complaint> {
        let invalid = |what: &str| {
            Complaint::new(Code::ConfigInvalid, "this is not a configuration file").found(what).expected("TOML")
        };
        let text = std::str::from_utf8(bytes).map_err(|_| invalid("bytes that are no UTF-8").in_file(path))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            invalid(error.message()).place(format!("{}, line {line}", path.display()))
        })?;
        let values = members(table)
            .into_iter()
            .map(|(name, value)| Key::parse(&name).map(|key| (key, value)).map_err(|complaint| complaint.in_file(path)))
            .collect::<Result<_, _>>()?;
        Ok(Self { path: Some(path.to_path_buf()), values })
    }

    /// A file with one member.
    pub(crate) fn with(path: &Path, key: Key, value: Value) -> Self {
        Self { path: Some(path.to_path_buf()), values: BTreeMap::from([(key, value)]) }
    }

    pub(crate) fn member(&self, key: Key) -> Option<Member<'_>> {
        let path = self.path.as_deref()?;
        self.values.get(&key).map(|value| Member { key, path, value })
    }
}

impl<'a> Member<'a> {
    pub(crate) fn text(&self) -> Result<&'a str, Complaint> {
        self.value.as_str().ok_or_else(|| self.invalid("a text in quotes"))
    }

    pub(crate) fn flag(&self) -> Result<bool, Complaint> {
        self.value.as_bool().ok_or_else(|| self.invalid("true or false"))
    }

    /// A count, from 1.
    pub(crate) fn count(&self) -> Result<u64, Complaint> {
        let count = self.value.as_integer().and_then(|count| u64::try_from(count).ok()).filter(|count| *count > 0);
        count.ok_or_else(|| self.invalid("a whole number, at least 1"))
    }

    fn invalid(&self, expected: &str) -> Complaint {
        Complaint::new(Code::ConfigInvalid, format!("{} cannot have this value", self.key.name()))
            .in_file(self.path)
            .found(Bounded(&self.value.to_string(), 100).to_string())
            .expected(expected)
            .remedy(format!("stella config set {} {}", self.key.name(), self.key.example()))
    }
}

/// The members of the file, those of a table under a name with a dot: `[journal]` and `keep_days` are `journal.keep_days`.
fn members(table: toml::Table) -> Vec<(String, Value)> {
    let is_table =
        |name: &str| Key::ALL.iter().any(|key| key.name().strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
    let mut members = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) if is_table(&name) => {
                members.extend(inner.into_iter().map(|(inner, value)| (format!("{name}.{inner}"), value)));
            }
            value => members.push((name, value)),
        }
    }
    members
}

/// The file as `stella init` writes it: every setting, none of them made.
pub(crate) fn template() -> String {
    let mut text = String::from(
        "# Settings of stella. Options and environment variables win over this file; `stella config show` tells.\n",
    );
    for key in Key::ALL {
        text.push_str(&format!("\n# {}\n#{} = {}\n", key.about(), key.name(), key.example()));
    }
    text
}

/// The text of the file with another value for `key`; comments and everything else stay.
///
/// # Errors
/// `config.invalid` if that cannot be done line by line.
pub(crate) fn edited(path: &Path, text: &str, key: Key, value: &Value) -> Result<String, Complaint> {
    let line = format!("{} = {value}", key.name());
    let is_member = |candidate: &str| {
        candidate.trim_start().strip_prefix(key.name()).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut lines: Vec<&str> = text.lines().collect();
    let commented = format!("#{} =", key.name());
    match lines.iter().position(|known| is_member(known)) {
        Some(index) => lines[index] = &line,
        None => match lines.iter().position(|known| known.starts_with(&commented)) {
            Some(index) => lines.insert(index + 1, &line),
            None => lines.push(&line),
        },
    }
    let edited = format!("{}\n", lines.join("\n"));
    // Whatever the file looked like, this must be the only change.
    let mut expected = ConfigFile::parse(path, text.as_bytes())?.values;
    expected.insert(key, value.clone());
    match ConfigFile::parse(path, edited.as_bytes()) {
        Ok(found) if found.values == expected => Ok(edited),
        _ => Err(Complaint::new(Code::ConfigInvalid, "this file cannot be changed line by line")
            .in_file(path)
            .expected("one setting a line")
            .remedy(format!("write `{line}` into it with an editor"))),
    }
}

fn unknown(name: &str) -> Complaint {
    let known = Key::ALL.map(Key::name);
    let complaint = Complaint::new(Code::ConfigUnknownKey, "there is no such setting").found(name);
    match near_miss::closest(name, known) {
        Some(meant) => complaint.expected(meant),
        None => complaint.expected(format!("one of {}", known.join(", "))),
    }
    .remedy("stella config show")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ConfigFile, Complaint> {
        ConfigFile::parse(Path::new("config.toml"), text.as_bytes())
    }

    #[test]
    fn the_template_makes_no_setting_and_reads_back() {
        assert!(parse(&template()).unwrap().values.is_empty());
        let uncommented: String = template()
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(""))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(parse(&uncommented).unwrap().values.len(), Key::ALL.len(), "{uncommented}");
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_one_that_was_meant_is_named() {
        let complaint = parse("persno = \"alice\"").unwrap_err();
        assert_eq!(complaint.code(), Code::ConfigUnknownKey);
        assert!(complaint.line().contains("expected person"), "{}", complaint.line());
        assert_eq!(
            parse("[store]\nurl = 1").unwrap().member(Key::Store).unwrap().text().unwrap_err().code(),
            Code::ConfigInvalid
        );
        assert!(parse("a\nb").unwrap_err().line().contains("line 1"));
        assert_eq!(parse("person = 1\nperson = 2").unwrap_err().code(), Code::ConfigInvalid);
    }

    #[test]
    fn setting_a_value_keeps_comments_and_the_other_settings() {
        let path = Path::new("config.toml");
        let once = edited(path, &template(), Key::Person, &Value::from("alice")).unwrap();
        assert!(once.contains("#person = \"alice@example.org\"\nperson = \"alice\"\n"), "{once}");
        let twice = edited(path, &once, Key::Person, &Value::from("bob")).unwrap();
        assert!(twice.contains("\nperson = \"bob\"\n") && !twice.contains("\"alice\""), "{twice}");
        let other = "store = \"\"\"\nperson = 1\"\"\"\n";
        assert_eq!(edited(path, other, Key::Person, &Value::from("bob")).unwrap_err().code(), Code::ConfigInvalid);
    }
}
