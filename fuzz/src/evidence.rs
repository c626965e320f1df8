//! Evidence that verifies: the examples of the project, and what the test kit signs.

use serde_json::Value;
use stella_attest_verify::{
    Artifact, Attestation, Binding, Certificate, Digest, Policy, PublicKey, Registry, Report, TrustSnapshot, UnixTime,
    Verifier,
};
use stella_testkit::{
    bundle::Version,
    key::TestKey,
    sigstore::{EntryKind, Evidence, IDENTITY, OIDC_ISSUER, Sigstore},
    statement,
    tsa::{Certificates, TimestampAuthority, Token},
};

/// Evidence together with everything needed to judge it.
pub struct Golden {
    /// What to call it.
    pub name: &'static str,
    /// Those of one group share trust, policy and artifact.
    pub group: &'static str,
    /// The attestation.
    pub json: Value,
    /// Trust and policy under which it verifies.
    pub verifier: Verifier,
    /// What it is about.
    pub binding: Binding,
    /// The instant at which it verifies.
    pub at: UnixTime,
}

const ARTIFACT: &[u8] = b"what the fuzz targets sign";
const PUBLIC_GOOD: &[u8] = include_bytes!("../../crates/stella-cli/trust/trusted_root.public-good.json");
const GITHUB: &[u8] = include_bytes!("../../crates/stella-cli/trust/trusted_root.github.json");

macro_rules! example {
    ($path:literal) => {
        include_bytes!(concat!("../../examples/", $path))
    };
}

impl Golden {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::public(
                "github-attestation",
                GITHUB,
                example!("github-attestation/bundle.json"),
                Policy::require_signer("https://github.com/neverendingsupport/slsa-attestations/.github/workflows/attest.yml@9f6d9dc1bfc02986955721eb15f89ad618f1cedb")
                    .issued_by("https://token.actions.githubusercontent.com"),
                digest("sha256:138280fd3302b9706596621761945a1ae958f93a15e4372ddae4fc00a93b09a2"),
            ),
            Self::public(
                "message-signature",
                PUBLIC_GOOD,
                example!("message-signature/bundle.json"),
                Policy::require_signer("appu@google.com").issued_by("https://accounts.google.com"),
                Artifact::of_bytes(example!("message-signature/artifact.txt")).into(),
            ),
            Self::public(
                "npm-provenance-v0.1",
                PUBLIC_GOOD,
                example!("npm-provenance-v0.1/bundle.json"),
                Policy::require_signer("https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main")
                    .issued_by("https://token.actions.githubusercontent.com"),
                digest("sha512:90f223f992e4c88dd068cd2a5fc57f9d2b30798343dd6e38f29c240e04ba090ef831f84490847c4e82b9232c78e8a258463b1e55c0f7469f730265008fa6633f"),
            ),
            Self::public(
                "slsa-provenance",
                PUBLIC_GOOD,
                example!("slsa-provenance/bundle.json"),
                Policy::require_signer("https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml@refs/tags/v0.0.1")
                    .issued_by("https://token.actions.githubusercontent.com"),
                Artifact::of_bytes(example!("slsa-provenance/MODULE.bazel")).into(),
            ),
            Self::private_key(),
            Self::private_pki(),
        ];
        all.extend(Self::made());
        all
    }

    /// Judges `attestation` as if it were this one.
    pub fn judge(&self, attestation: &Attestation) -> Report {
        self.verifier.verify(attestation, &self.binding, self.at)
    }

    fn new(name: &'static str, json: &[u8], trust: &TrustSnapshot, policy: Policy, binding: Binding) -> Self {
        let json = serde_json::from_slice(json).expect("an example is JSON");
        let verifier = Verifier::new(&Registry::rustcrypto(), trust, policy);
        let at = UnixTime::parse_rfc3339("2026-11-23T00:00:00Z").expect("an instant");
        let golden = Self { name, group: name, json, verifier, binding, at };
        let attestation = Attestation::from_json(golden.json.to_string().as_bytes()).expect("an example can be read");
        let report = golden.judge(&attestation);
        assert_eq!(report.code(), None, "{name}: {}", report.to_json());
        golden
    }

    fn public(name: &'static str, root: &[u8], json: &[u8], policy: Policy, binding: Binding) -> Self {
        let trust = TrustSnapshot::builder().trusted_root(root).expect("a trusted root").build().expect("trust");
        Self::new(name, json, &trust, policy, binding)
    }

    fn private_key() -> Self {
        let key = PublicKey::from_pem(example!("private-key/key.pub")).expect("a key");
        let policy = Policy::require_key(key.key_id());
        let trust = TrustSnapshot::builder().key(key).build().expect("trust");
        let artifact = Artifact::of_bytes(example!("private-key/release.txt"));
        Self::new("private-key", example!("private-key/attestation.json"), &trust, policy, artifact.into())
    }

    fn private_pki() -> Self {
        let read = |pem: &[u8]| Certificate::from_pem(pem).expect("a certificate");
        let trust = TrustSnapshot::builder()
            .anchor(read(example!("private-pki/root.pem")))
            .intermediate(read(example!("private-pki/intermediate.pem")))
            .build()
            .expect("trust");
        let policy = Policy::require_signer("https://ci.example/builder");
        let artifact = Artifact::of_bytes(example!("private-pki/release.txt"));
        Self::new("private-pki", example!("private-pki/attestation.json"), &trust, policy, artifact.into())
    }

    /// One of every shape of bundle, under one deployment, so that parts of one can be put into another.
    fn made() -> Vec<Self> {
        use Evidence::{InclusionProof, Promise, Sct, Timestamp};
        let sigstore = Sigstore::new("fuzz");
        let trust = TrustSnapshot::builder()
            .trusted_root(sigstore.trusted_root().to_json().as_bytes())
            .expect("a trusted root")
            .build()
            .expect("trust");
        let statement = statement::provenance("artifact", ARTIFACT, "https://ci.example/builder");
        let artifact: Binding = Artifact::of_bytes(ARTIFACT).into();
        let policy = || Policy::require_signer(IDENTITY).issued_by(OIDC_ISSUER);
        let ceremony = || sigstore.ceremony();
        let made = [
            ("v0.3", ceremony().sign_statement(&statement)),
            ("v0.2", ceremony().version(Version::V02).sign_statement(&statement)),
            ("v0.1", ceremony().version(Version::V01).evidence(&[Promise, Sct]).sign_statement(&statement)),
            ("intoto", ceremony().entry_kind(EntryKind::Intoto).sign_statement(&statement)),
            ("timestamp", ceremony().evidence(&[InclusionProof, Sct, Timestamp]).sign_statement(&statement)),
            ("all", ceremony().evidence(&[InclusionProof, Promise, Sct, Timestamp]).sign_statement(&statement)),
            ("message", ceremony().sign_artifact(ARTIFACT)),
            ("other signer's key", ceremony().key(TestKey::p384("fuzz other leaf")).sign_statement(&statement)),
        ];
        made.into_iter()
            .map(|(name, bundle)| {
                let golden = Self::new(name, bundle.to_json().as_bytes(), &trust, policy(), artifact.clone());
                Self { group: "made", ..golden }
            })
            .collect()
    }
}

/// A time-stamp authority, and all the responses it ever gave: each with something the others have not.
pub fn timestamps() -> (TimestampAuthority, Vec<Vec<u8>>) {
    let authority = TimestampAuthority::new("fuzz tsa");
    let at = |seconds: i64| UnixTime::from_seconds(1_768_640_400 + seconds);
    let plain = Token::new(b"message", at(0));
    let tokens = [
        plain.clone(),
        Token { nonce: Some(u64::MAX), serial: 8, ..Token::new(b"another", at(60)) },
        Token { certificates: Certificates::Omitted, ..plain },
    ];
    let responses = tokens.iter().map(|token| authority.respond(token)).collect();
    (authority, responses)
}

fn digest(text: &str) -> Binding {
    text.parse::<Digest>().expect("a digest").into()
}
