//! Policies in files: who may sign, what they must say, and how much evidence there must be.

use std::path::Path;

use stella_attest_verify::{Code, KeyId, Policy, PolicyError, Reason};
use stella_vocabulary::hex;
use stella_vocabulary::text::Bounded;
use toml::{Table, Value};

use crate::complaint::Complaint;
use crate::near_miss;

/// Every key that a policy may have, sorted. One that is not among them is refused: it was meant to ask for something.
const KEYS: [&str; 15] = [
    "accept_proven_before",
    "algorithms",
    "identity",
    "issuer",
    "keys",
    "level",
    "predicate_types",
    "require_artifact",
    "require_certificate_timestamp",
    "require_log",
    "require_time",
    "signer",
    "store_issuer",
    "threshold",
    "version",
];

/// Reads the policy in `bytes`, which came from the file `path`.
///
/// A policy can ask for more than the defaults and for nothing less, but for signatures proven to be older than a compromise. It says exactly one of:
/// `signer = "trusted"`, `identity` with `issuer`, `store_issuer`, or `keys` with or without `threshold`.
///
/// # Errors
/// `config.unknown_key`, and `config.invalid` for a value that cannot be meant: an empty list, a level other than `strict`, two answers to
/// the question who may sign, or none.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Policy, Complaint> {
    let text = std::str::from_utf8(bytes).map_err(|_| not_toml("bytes that are no UTF-8").in_file(path))?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        not_toml(error.message()).place(format!("{}, line {line}", path.display()))
    })?;
    let reader = Reader { path, table: &table };
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(reader.unknown(unknown));
    }
    if let Some(version) = table.get("version")
        && version.as_integer() != Some(1)
    {
        return Err(reader.invalid("version", "1"));
    }
    if let Some(level) = table.get("level")
        && level.as_str() != Some("strict")
    {
        return Err(reader.invalid("level", "\"strict\": no policy skips what it asks for"));
    }
    let mut policy = reader.signer()?;
    for uri in reader.texts("predicate_types")? {
        policy = policy.predicate_type(uri);
    }
    for name in reader.texts("algorithms")? {
        policy = policy.algorithm(name).map_err(|error| reader.refused("algorithms", &error))?;
    }
    if let Some(count) = reader.count("require_log")? {
        policy = policy.logs(count);
    }
    if let Some(count) = reader.count("require_time")? {
        policy = policy.trusted_times(count);
    }
    if let Some(count) = reader.count("require_certificate_timestamp")? {
        policy = policy.certificate_timestamps(count);
    }
    if reader.flag("require_artifact")? {
        policy = policy.require_artifact();
    }
    if reader.flag("accept_proven_before")? {
        policy = policy.danger_accept_proven_before_compromise();
    }
    Ok(policy)
}

fn not_toml(found: &str) -> Complaint {
    Complaint::new(Code::ConfigInvalid, "this is not a policy")
        .found(found)
        .expected("TOML")
        .remedy("stella explain config.invalid")
}

struct Reader<'a> {
    path: &'a Path,
    table: &'a Table,
}

impl<'a> Reader<'a> {
    /// Who may sign.
    fn signer(&self) -> Result<Policy, Complaint> {
        let answers = ["signer", "identity", "store_issuer", "keys"];
        let given: Vec<&str> = answers.into_iter().filter(|key| self.table.contains_key(*key)).collect();
        let [given] = given.as_slice() else {
            let found = if given.is_empty() { "none of them".to_string() } else { given.join(" and ") };
            return Err(Complaint::new(Code::ConfigInvalid, "a policy says who may sign, once")
                .in_file(self.path)
                .found(found)
                .expected(format!("one of {}", answers.join(", ")))
                .remedy("write signer = \"trusted\", or name identity and issuer, store_issuer, or keys"));
        };
        for (key, belongs_to) in [("issuer", "identity"), ("threshold", "keys")] {
            if self.table.contains_key(key) && *given != belongs_to {
                return Err(self.invalid(key, &format!("{belongs_to} beside it")));
            }
        }
        match *given {
            "identity" => {
                let identity = self.text("identity")?;
                // A name alone says little: somebody has to vouch for it (catalogue B193).
                if !self.table.contains_key("issuer") {
                    return Err(self.invalid("identity", "issuer beside it"));
                }
                Ok(Policy::require_signer(identity).issued_by(self.text("issuer")?))
            }
            "store_issuer" => Ok(Policy::require_issuer(self.text("store_issuer")?)),
            "keys" => {
                let ids =
                    self.texts("keys")?.into_iter().map(|text| self.key_id(text)).collect::<Result<Vec<_>, _>>()?;
                let threshold = self.count("threshold")?.unwrap_or(1);
                Policy::require_keys(usize::from(threshold), ids).map_err(|error| self.refused("threshold", &error))
            }
            _ if self.text("signer")? == "trusted" => Ok(Policy::require_trusted_signer()),
            _ => Err(self.invalid("signer", "\"trusted\"")),
        }
    }

    fn key_id(&self, text: &str) -> Result<KeyId, Complaint> {
        let bytes = text.strip_prefix("sha256:").and_then(hex::decode);
        let id = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        id.map(KeyId::from_bytes).ok_or_else(|| self.invalid("keys", "key ids: sha256: and 64 hex digits each"))
    }

    fn text(&self, key: &str) -> Result<&'a str, Complaint> {
        let text = self.table.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.invalid(key, "a text in quotes"))
    }

    /// A list of texts. An empty one would forbid everything or, read wrongly, permit everything: it is refused (catalogue B200).
    fn texts(&self, key: &str) -> Result<Vec<&'a str>, Complaint> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let list = value.as_array().filter(|list| !list.is_empty());
        let texts = list.and_then(|list| {
            list.iter().map(|one| one.as_str().filter(|text| !text.trim().is_empty())).collect::<Option<Vec<_>>>()
        });
        texts.ok_or_else(|| self.invalid(key, "a list of one text or more, such as [\"…\"]"))
    }

    fn count(&self, key: &str) -> Result<Option<u8>, Complaint> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let count = value.as_integer().and_then(|count| u8::try_from(count).ok()).filter(|count| *count > 0);
        count.map(Some).ok_or_else(|| self.invalid(key, "a number from 1 to 255"))
    }

    fn flag(&self, key: &str) -> Result<bool, Complaint> {
        let Some(value) = self.table.get(key) else { return Ok(false) };
        value.as_bool().ok_or_else(|| self.invalid(key, "true or false"))
    }

    fn invalid(&self, key: &str, expected: &str) -> Complaint {
        let found = self.table.get(key).map(ToString::to_string).unwrap_or_default();
        Complaint::new(Code::ConfigInvalid, format!("{key} of the policy cannot have this value"))
            .in_file(self.path)
            .found(Bounded(&found, 100).to_string())
            .expected(expected)
            .remedy("stella explain config.invalid")
    }

    fn refused(&self, key: &str, error: &PolicyError) -> Complaint {
        let complaint = self.invalid(key, &error.expected().unwrap_or_default());
        match error.found() {
            Some(found) => complaint.found(found),
            None => complaint,
        }
    }

    fn unknown(&self, key: &str) -> Complaint {
        let complaint = Complaint::new(Code::ConfigUnknownKey, "a policy has no such key")
            .in_file(self.path)
            .found(Bounded(key, 100).to_string());
        match near_miss::closest(key, KEYS) {
            Some(meant) => complaint.expected(format!("perhaps {meant}")).remedy(format!("write {meant}")),
            None => complaint
                .expected(format!("one of {}", KEYS.join(", ")))
                .remedy("leave out what this version does not know"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policy, Complaint> {
        parse(Path::new("policy.toml"), text.as_bytes())
    }

    const KEY: &str = "sha256:0101010101010101010101010101010101010101010101010101010101010101";

    #[test]
    fn every_key_changes_the_policy() {
        let trusted = read("signer = \"trusted\"").unwrap();
        assert_eq!(trusted, Policy::require_trusted_signer());
        assert_eq!(read("version = 1\nlevel = \"strict\"\nsigner = \"trusted\"").unwrap(), trusted);
        for more in [
            "accept_proven_before = true",
            "algorithms = [\"ed25519\"]",
            "predicate_types = [\"https://slsa.dev/provenance/v1\"]",
            "require_artifact = true",
            "require_certificate_timestamp = 1",
            "require_log = 1",
            "require_time = 2",
        ] {
            assert_ne!(read(&format!("signer = \"trusted\"\n{more}")).unwrap(), trusted, "{more}");
        }
        let signed = read("identity = \"a@b.example\"\nissuer = \"https://idp.example\"").unwrap();
        assert_eq!(signed, Policy::require_signer("a@b.example").issued_by("https://idp.example"));
        assert_eq!(read("store_issuer = \"acme\"").unwrap(), Policy::require_issuer("acme"));
        assert_eq!(read(&format!("keys = [\"{KEY}\"]")).unwrap(), Policy::require_key(KeyId::from_bytes([1; 32])));
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_one_that_was_meant_is_named_b199() {
        for (text, meant) in [
            ("signer = \"trusted\"\nrequire_tlog = 1", "require_log"),
            ("signer = \"trusted\"\nrequrie_log = 1", "require_log"),
            ("signer = \"trusted\"\nalgorithm = [\"ed25519\"]", "algorithms"),
        ] {
            let complaint = read(text).unwrap_err();
            assert_eq!(complaint.code(), Code::ConfigUnknownKey, "{text}");
            assert!(complaint.line().contains(meant), "{}", complaint.line());
        }
        assert_eq!(read("signer = \"trusted\"\n[nested]\nx = 1").unwrap_err().code(), Code::ConfigUnknownKey);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_b200() {
        for text in [
            "",
            "algorithms = []",
            "signer = \"trusted\"\nalgorithms = []",
            "signer = \"trusted\"\nalgorithms = [\"none\"]",
            "signer = \"trusted\"\nalgorithms = \"ed25519\"",
            "signer = \"trusted\"\npredicate_types = []",
            "signer = \"trusted\"\npredicate_types = [\"\"]",
            "signer = \"trusted\"\nlevel = \"skip\"",
            "signer = \"trusted\"\nlevel = \"audit\"",
            "signer = \"skip\"",
            "signer = \"anyone\"",
            "signer = \"trusted\"\nstore_issuer = \"acme\"",
            "identity = \"a@b.example\"",
            "issuer = \"https://idp.example\"",
            "identity = \"\"\nissuer = \"\"",
            "keys = []",
            "keys = [\"sha256:00\"]",
            "signer = \"trusted\"\nthreshold = 1",
            "signer = \"trusted\"\nrequire_log = 0",
            "signer = \"trusted\"\nrequire_log = true",
            "signer = \"trusted\"\nrequire_log = 256",
            "signer = \"trusted\"\nrequire_artifact = \"yes\"",
            "signer = \"trusted\"\nversion = 2",
            "signer = trusted",
        ] {
            assert_eq!(read(text).unwrap_err().code(), Code::ConfigInvalid, "{text}");
        }
        assert_eq!(read(&format!("keys = [\"{KEY}\"]\nthreshold = 2")).unwrap_err().code(), Code::ConfigInvalid);
    }
}
