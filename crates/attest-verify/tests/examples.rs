//! Every example of the project, and its tampered twin, through the library.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use stella_attest_verify::{
    Artifact, Attestation, Binding, Certificate, Digest, Policy, PublicKey, Registry, Report, TrustSnapshot, UnixTime,
    Verdict, Verifier,
};
use toml::Table;

const AT: &str = "2026-11-23T00:00:00Z";

struct Example {
    directory: PathBuf,
    expect: Table,
}

impl Example {
    fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let mut examples: Vec<Self> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("expect.toml").is_file())
            .map(|directory| {
                let expect = fs::read_to_string(directory.join("expect.toml")).unwrap().parse().unwrap();
                Self { directory, expect }
            })
            .collect();
        examples.sort_by(|a, b| a.directory.cmp(&b.directory));
        examples
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.expect.get(key).map(|value| value.as_str().unwrap())
    }

    fn file(&self, key: &str) -> Option<Vec<u8>> {
        self.text(key).map(|name| fs::read(self.directory.join(name)).unwrap())
    }

    fn trust(&self) -> TrustSnapshot {
        let mut builder = TrustSnapshot::builder();
        if let Some(name) = self.text("trust") {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stella-cli/trust").join(name);
            builder = builder.trusted_root(&fs::read(root).unwrap()).unwrap();
        }
        if let Some(pem) = self.file("anchor") {
            builder = builder.anchor(Certificate::from_pem(&pem).unwrap());
        }
        if let Some(pem) = self.file("intermediate") {
            builder = builder.intermediate(Certificate::from_pem(&pem).unwrap());
        }
        if let Some(pem) = self.file("key") {
            builder = builder.key(PublicKey::from_pem(&pem).unwrap());
        }
        builder.build().unwrap()
    }

    fn policy(&self) -> Policy {
        match (self.text("identity"), self.text("issuer"), self.file("key")) {
            (Some(identity), Some(issuer), _) => Policy::require_signer(identity).issued_by(issuer),
            (Some(identity), None, _) => Policy::require_signer(identity),
            (None, _, Some(pem)) => Policy::require_key(PublicKey::from_pem(&pem).unwrap().key_id()),
            (None, _, None) => panic!("{} says neither identity nor key", self.directory.display()),
        }
    }

    fn binding(&self, case: Option<&Table>) -> Binding {
        let artifact = case.and_then(|case| case.get("artifact")).map(|name| name.as_str().unwrap());
        match artifact.or(self.text("artifact")) {
            Some(name) => Artifact::of_bytes(&fs::read(self.directory.join(name)).unwrap()).into(),
            None => self.text("digest").unwrap().parse::<Digest>().unwrap().into(),
        }
    }

    fn judge(&self, attestation: &str, binding: Binding) -> Report {
        let bytes = fs::read(self.directory.join(attestation)).unwrap();
        Verifier::new(&Registry::rustcrypto(), &self.trust(), self.policy()).verify(
            &Attestation::from_json(&bytes).unwrap(),
            binding,
            UnixTime::parse_rfc3339(AT).unwrap(),
        )
    }
}

#[test]
fn every_example_is_verified() {
    let examples = Example::all();
    assert!(examples.len() >= 5, "only {} examples", examples.len());
    for example in examples {
        let report = example.judge(example.text("attestation").unwrap(), example.binding(None));
        assert_eq!(report.verdict(), Verdict::Verified, "{}: {}", example.directory.display(), report.to_json());
        assert!(report.code().is_none());
        let verified = report.into_verified().unwrap();
        if let Some(wanted) = example.text("predicate_type") {
            assert_eq!(verified.statement().unwrap().predicate_type(), wanted);
        }
    }
}

#[test]
fn every_tampered_twin_is_refused_with_its_code_and_a_remedy() {
    for example in Example::all() {
        let mut cases = 0;
        for (name, case) in example.expect.iter().filter_map(|(name, value)| Some((name, value.as_table()?))) {
            let attestation =
                case.get("attestation").map_or(example.text("attestation").unwrap(), |v| v.as_str().unwrap());
            let report = example.judge(attestation, example.binding(Some(case)));
            let label = format!("{} {name}: {}", example.directory.display(), report.to_json());
            assert_eq!(report.code().unwrap().as_str(), case["code"].as_str().unwrap(), "{label}");
            assert_eq!(i64::from(report.code().unwrap().exit_status()), case["exit"].as_integer().unwrap(), "{label}");
            assert!(!report.remedy().unwrap().commands().is_empty(), "{label}");
            assert!(report.verified_statement().is_none(), "{label}");
            assert!(report.into_verified().is_err());
            cases += 1;
        }
        assert!(cases > 0, "{} has no tampered twin", example.directory.display());
    }
}
