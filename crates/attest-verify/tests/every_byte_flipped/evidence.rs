//! Accepted evidence, and what of it nothing authenticates.

use std::fs;
use std::path::{Path, PathBuf};

use stella_attest_verify::{
    Artifact, Attestation, Binding, Certificate, Digest, Policy, PublicKey, Registry, Report, TrustSnapshot, UnixTime,
    Verifier,
};
use stella_testkit::bundle::Version;
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::{self, Evidence as Kind, Sigstore};
use stella_testkit::statement;

use crate::spans::Spans;
use crate::token;

const AT: &str = "2026-11-23T00:00:00Z";
const ARTIFACT: &[u8] = b"every byte of this artifact's evidence is flipped\n";

const DIGEST_ALGORITHMS: &str = "RFC 5652 §5.1: a list for readers of one pass, outside of what is signed; the signed attributes and the signer say what counts";
const HINT: &str = "DSSE: a key id is a hint, which orders the keys that are tried and excludes none";
const LEFT_OUT: &str = "under another name the evidence is not there, as if its owner had left it out; what remains is as much as is asked for";
const UNKNOWN_MEMBER: &str = "a member that DSSE does not name: ignored, never shown, never signed";

/// A document that verifies.
pub(crate) struct Evidence {
    pub(crate) name: String,
    pub(crate) document: Vec<u8>,
    /// Places where a flip may be accepted, and why nothing follows from them.
    pub(crate) open: Vec<(&'static str, &'static str)>,
    verifier: Verifier,
    binding: Binding,
}

impl Evidence {
    fn new(name: &str, document: Vec<u8>, trust: &TrustSnapshot, policy: Policy, binding: Binding) -> Self {
        let verifier = Verifier::new(&Registry::rustcrypto(), trust, policy);
        Self { name: name.to_owned(), document, open: Vec::new(), verifier, binding }
    }

    fn open(mut self, open: &[(&'static str, &'static str)]) -> Self {
        self.open.extend_from_slice(open);
        self
    }

    /// The report on `document`, if that is an attestation at all.
    pub(crate) fn judge(&self, document: &[u8]) -> Option<Report> {
        let attestation = Attestation::from_json(document).ok()?;
        Some(self.verifier.verify(&attestation, &self.binding, UnixTime::parse_rfc3339(AT).unwrap()))
    }

    /// The place of the byte `at`; within a timestamp, together with the part of the token it lies in.
    pub(crate) fn place(&self, at: usize, spans: &Spans) -> String {
        let place = spans.place(at);
        if !place.ends_with(".signedTimestamp") || place.starts_with("name of") {
            return place;
        }
        let text = spans.bytes(&place);
        let text = core::str::from_utf8(&self.document[text.start + 1..text.end - 1]).unwrap();
        let symbol = at - spans.bytes(&place).start - 1;
        let bytes = symbol * 6 / 8..=(symbol * 6 + 5) / 8;
        let part = token::part(&stella_vocabulary::base64::decode(text).unwrap(), &bytes);
        part.map_or(place.clone(), |part| format!("{place}: {part}"))
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

fn read(example_name: &str, file: &str) -> Vec<u8> {
    fs::read(example(example_name).join(file)).unwrap()
}

pub(crate) fn private_pki() -> Evidence {
    let file = |name| read("private-pki", name);
    let trust = TrustSnapshot::builder()
        .anchor(Certificate::from_pem(&file("root.pem")).unwrap())
        .intermediate(Certificate::from_pem(&file("intermediate.pem")).unwrap())
        .build()
        .unwrap();
    let policy = Policy::require_signer("https://ci.example/builder").predicate_type(statement::SLSA_PROVENANCE_V1);
    let binding = Artifact::of_bytes(&file("release.txt")).into();
    Evidence::new("private-pki", file("attestation.json"), &trust, policy, binding)
}

pub(crate) fn private_key() -> Evidence {
    let file = |name| read("private-key", name);
    let key = PublicKey::from_pem(&file("key.pub")).unwrap();
    let policy = Policy::require_key(key.key_id()).predicate_type(statement::SLSA_PROVENANCE_V1);
    let trust = TrustSnapshot::builder().key(key).build().unwrap();
    let binding = Artifact::of_bytes(&file("release.txt")).into();
    Evidence::new("private-key", file("attestation.json"), &trust, policy, binding)
}

/// Two signatures, of which the second is by a key that nobody here knows.
pub(crate) fn hinted() -> Evidence {
    let [key, stranger] = ["flipped signer", "flipped stranger"].map(TestKey::p256);
    let statement = statement::provenance("artifact", ARTIFACT, "https://ci.example/builder").to_string();
    let mut document = Envelope::new(IN_TOTO, statement.as_bytes())
        .signed_with_hint(&key, "release key")
        .signed_with_hint(&stranger, "another key")
        .to_value();
    document["comment"] = "not a member of an envelope".into();
    let trust = TrustSnapshot::builder().key(key.public_key().clone()).build().unwrap();
    let policy = Policy::require_key(key.public_key().key_id());
    let document = format!("{document:#}\n").into_bytes();
    Evidence::new("hinted", document, &trust, policy, Artifact::of_bytes(ARTIFACT).into()).open(&[
        ("$.comment", UNKNOWN_MEMBER),
        ("name of $.comment", UNKNOWN_MEMBER),
        ("$.signatures[0].keyid", HINT),
        ("name of $.signatures[0].keyid", HINT),
        ("$.signatures[1].keyid", HINT),
        ("name of $.signatures[1].keyid", HINT),
        (
            "$.signatures[1].sig",
            "one signature by a trusted key is enough, and this one is by a key that nobody here trusts",
        ),
    ])
}

fn made(name: &str, version: Version, evidence: &[Kind]) -> Evidence {
    let sigstore = Sigstore::new("flipped sigstore TEST KEY");
    let statement = statement::provenance("artifact", ARTIFACT, "https://ci.example/builder");
    let bundle = sigstore.ceremony().version(version).evidence(evidence).sign_statement(&statement);
    let trust =
        TrustSnapshot::builder().trusted_root(sigstore.trusted_root().to_json().as_bytes()).unwrap().build().unwrap();
    let policy = Policy::require_signer(sigstore::IDENTITY).issued_by(sigstore::OIDC_ISSUER);
    Evidence::new(name, bundle.to_json().into_bytes(), &trust, policy, Artifact::of_bytes(ARTIFACT).into())
}

pub(crate) fn made_bundle() -> Evidence {
    let kinds = [Kind::InclusionProof, Kind::Promise, Kind::Sct, Kind::Timestamp];
    made("made bundle", Version::V03, &kinds).open(&[
        ("name of $.verificationMaterial.timestampVerificationData", LEFT_OUT),
        ("name of $.verificationMaterial.timestampVerificationData.rfc3161Timestamps", LEFT_OUT),
        ("name of $.verificationMaterial.tlogEntries[0].inclusionPromise", LEFT_OUT),
        ("name of $.verificationMaterial.tlogEntries[0].inclusionPromise.signedEntryTimestamp", LEFT_OUT),
        (
            "$.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp: digestAlgorithms",
            DIGEST_ALGORITHMS,
        ),
        (
            "$.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp: certificates",
            "the trusted root knows the authority's certificate, and the token signs the hash of it; a broken copy is passed over",
        ),
    ])
}

pub(crate) fn made_bundle_v01() -> Evidence {
    made("made bundle v0.1", Version::V01, &[Kind::InclusionProof, Kind::Promise, Kind::Sct]).open(&[
        ("name of $.verificationMaterial.tlogEntries[0].inclusionProof", LEFT_OUT),
        (
            "$.verificationMaterial.x509CertificateChain.certificates[1].rawBytes",
            "an intermediate only helps to find a path; the trusted root has it, too, and a broken copy is passed over",
        ),
    ])
}

fn public(name: &str, root: &str, attestation: &str) -> Evidence {
    let expect: toml::Table = String::from_utf8(read(name, "expect.toml")).unwrap().parse().unwrap();
    let text = |key: &str| expect.get(key).map(|value| value.as_str().unwrap());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stella-cli/trust").join(root);
    let trust = TrustSnapshot::builder().trusted_root(&fs::read(root).unwrap()).unwrap().build().unwrap();
    let policy = Policy::require_signer(text("identity").unwrap()).issued_by(text("issuer").unwrap());
    let binding = match text("artifact") {
        Some(artifact) => Artifact::of_bytes(&read(name, artifact)).into(),
        None => text("digest").unwrap().parse::<Digest>().unwrap().into(),
    };
    Evidence::new(name, read(name, attestation), &trust, policy, binding)
}

pub(crate) fn public_message_signature() -> Evidence {
    public("message-signature", "trusted_root.public-good.json", "bundle.json").open(&[
        ("$.mediaType", "a version says how a bundle is written, and this one is written as two versions allow"),
        (
            "$.messageSignature.messageDigest.algorithm",
            "the digest is a hint: the signature is verified over the artifact. One by SHA-3 is not compared with anything",
        ),
        ("name of $.messageSignature.messageDigest", "the digest is a hint, and may be missing"),
    ])
}

pub(crate) fn public_provenance() -> Evidence {
    public("slsa-provenance", "trusted_root.public-good.json", "bundle.json")
        .open(&[("name of $.verificationMaterial.timestampVerificationData", "there are no timestamps in it")])
}

pub(crate) fn other_public_attestation() -> Evidence {
    public("github-attestation", "trusted_root.github.json", "bundle.json").open(&[(
        "$.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp: digestAlgorithms",
        DIGEST_ALGORITHMS,
    )])
}
