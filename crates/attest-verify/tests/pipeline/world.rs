//! One accepted attestation of each kind, and what every report has to satisfy whatever the verdict.

use std::sync::OnceLock;

use stella_attest_model::json::Document;
use stella_attest_verify::{
    Artifact, Attestation, Binding, Certificate, Check, CheckId, Code, Limits, Policy, PublicKey, Registry, Report,
    Status, TrustSnapshot, UnixTime, Verdict, Verifier,
};
use stella_testkit::authority::Authority;
use stella_testkit::bundle::{Bundle, Content, Signer};
use stella_testkit::certificate::{CertificateBuilder, SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::json::Value;
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::{IDENTITY, OIDC_ISSUER, SIGNED_AT, Sigstore};
use stella_testkit::statement;
use stella_testkit::trusted_root::TrustedRoot;

/// The artifact that everything here is signed for.
pub(crate) const ARTIFACT: &[u8] = b"release 1.0.0\n";

/// Stands in every predicate, and so in no report that is not verified.
pub(crate) const CANARY: &str = "https://canary.example/builder";

pub(crate) const PREDICATE_TYPE: &str = statement::SLSA_PROVENANCE_V1;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// The deployment that most tests sign with.
pub(crate) fn sigstore() -> &'static Sigstore {
    static SIGSTORE: OnceLock<Sigstore> = OnceLock::new();
    SIGSTORE.get_or_init(|| Sigstore::new("pipeline"))
}

/// Another deployment, which shares no key with the first.
pub(crate) fn other_sigstore() -> &'static Sigstore {
    static SIGSTORE: OnceLock<Sigstore> = OnceLock::new();
    SIGSTORE.get_or_init(|| Sigstore::new("another pipeline"))
}

pub(crate) fn statement() -> Value {
    statement::provenance("release.txt", ARTIFACT, CANARY)
}

pub(crate) fn after(at: UnixTime, seconds: i64) -> UnixTime {
    at.checked_add(seconds).unwrap()
}

pub(crate) fn signed_at() -> UnixTime {
    SIGNED_AT
}

/// A bundle with certificate, SCT, promise and proof.
pub(crate) fn bundle() -> Bundle {
    sigstore().ceremony().sign_statement(&statement())
}

pub(crate) fn envelope_of(bundle: &Bundle) -> &Envelope {
    match &bundle.content {
        Content::Dsse(envelope) => envelope,
        _ => panic!("a message signature has no envelope"),
    }
}

pub(crate) fn envelope_mut(bundle: &mut Bundle) -> &mut Envelope {
    match &mut bundle.content {
        Content::Dsse(envelope) => envelope,
        _ => panic!("a message signature has no envelope"),
    }
}

/// The leaf of a bundle, PEM, as log entries quote it.
pub(crate) fn leaf_pem(bundle: &Bundle) -> String {
    match &bundle.signer {
        Signer::Certificates(chain) => to_pem(&chain[0]),
        _ => panic!("a key has no certificate"),
    }
}

pub(crate) fn flip(bytes: &mut [u8], index: usize) {
    bytes[index] ^= 1;
}

/// What a verification is given besides the attestation.
pub(crate) struct Case {
    pub(crate) trust: TrustSnapshot,
    pub(crate) policy: Policy,
    pub(crate) binding: Binding,
    pub(crate) at: UnixTime,
    pub(crate) registry: Registry,
}

impl Case {
    /// The trusted root of [`sigstore`], and a policy that names its signer and predicate type.
    pub(crate) fn sigstore() -> Self {
        Self::root(&sigstore().trusted_root())
    }

    /// The same with another trusted root.
    pub(crate) fn root(root: &TrustedRoot) -> Self {
        Self::trusting(TrustSnapshot::builder().trusted_root(root.to_json().as_bytes()).unwrap().build().unwrap())
    }

    pub(crate) fn trusting(trust: TrustSnapshot) -> Self {
        Self {
            trust,
            policy: sigstore_policy().predicate_type(PREDICATE_TYPE),
            binding: Artifact::of_bytes(ARTIFACT).into(),
            at: after(SIGNED_AT, DAY),
            registry: Registry::rustcrypto(),
        }
    }

    /// These keys, any of which may sign.
    pub(crate) fn keys(keys: &[&TestKey]) -> Self {
        let builder = keys.iter().fold(TrustSnapshot::builder(), |b, key| b.key(key.public_key().clone()));
        Self::trusting(builder.build().unwrap()).policy(Policy::require_trusted_signer())
    }

    pub(crate) fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    pub(crate) fn at(mut self, at: UnixTime) -> Self {
        self.at = at;
        self
    }

    pub(crate) fn binding(mut self, binding: impl Into<Binding>) -> Self {
        self.binding = binding.into();
        self
    }

    pub(crate) fn judge(&self, bundle: &Bundle) -> Report {
        self.judge_json(&bundle.to_json())
    }

    pub(crate) fn judge_envelope(&self, envelope: &Envelope) -> Report {
        self.judge_json(&envelope.to_json())
    }

    /// Judges, and checks what holds for every report.
    pub(crate) fn judge_json(&self, json: &str) -> Report {
        let attestation = Attestation::from_json(json.as_bytes()).unwrap();
        let verifier = Verifier::new(&self.registry, &self.trust, self.policy.clone());
        let report = verifier.verify(&attestation, &self.binding, self.at);
        assert_is_sound(&report);
        report
    }
}

pub(crate) fn sigstore_policy() -> Policy {
    Policy::require_signer(IDENTITY).issued_by(OIDC_ISSUER)
}

fn assert_is_sound(report: &Report) {
    let json = report.to_json();
    let parsed: Value = serde_json::from_str(&json).unwrap();
    // Ours also refuses a member that is there twice.
    Document::parse(json.as_bytes(), &Limits::default()).unwrap();
    let verified = report.verdict() == Verdict::Verified;
    let all_pass = !report.checks().is_empty() && report.checks().iter().all(|check| check.status() == Status::Pass);
    assert_eq!(verified, all_pass, "{json}");
    assert_eq!(verified, report.code().is_none(), "{json}");
    assert_eq!(verified, report.remedy().is_none(), "{json}");
    assert_eq!(verified, report.also().is_empty() && report.cause().is_none(), "{json}");
    for check in report.checks() {
        let judged = matches!(check.status(), Status::Fail | Status::Inconclusive);
        assert_eq!(judged, check.code().is_some(), "{json}");
        assert_eq!(check.status() == Status::Skipped, check.because().is_some(), "{json}");
        if let Some(because) = check.because() {
            let cause = report
                .checks()
                .iter()
                .find(|cause| cause.id() == because && matches!(cause.status(), Status::Fail | Status::Inconclusive));
            assert!(
                cause.is_some(),
                "{} is skipped because of {because:?}, which did not fail: {json}",
                check.id().as_str()
            );
        }
    }
    if !verified {
        assert!(report.verified_statement().is_none());
        assert!(parsed["statement"].is_null(), "{json}");
        assert!(!json.contains(CANARY) && !report.to_string().contains(CANARY), "{json}");
        assert_ne!(report.code().unwrap().exit_status(), 0);
    }
    assert!(report.to_string().len() <= 2048);
}

#[track_caller]
pub(crate) fn assert_verified(report: Report) {
    assert_eq!(report.verdict(), Verdict::Verified, "{report}\n{}", report.to_json());
    assert!(report.into_verified().is_ok());
}

/// Rejected, with this check as its cause.
#[track_caller]
pub(crate) fn assert_refused(report: Report, id: CheckId, code: Code) {
    let cause = report.cause().map(|check| (check.id(), check.code().unwrap()));
    assert_eq!(cause, Some((id, code)), "{report}\n{}", report.to_json());
    assert_eq!(report.verdict(), Verdict::Rejected);
    let refusal = report.into_verified().unwrap_err();
    assert_eq!(refusal.code(), code);
}

/// Not judged, with this check as its cause.
#[track_caller]
pub(crate) fn assert_indeterminate(report: Report, id: CheckId, code: Code) {
    let cause = report.cause().map(|check| (check.id(), check.code().unwrap()));
    assert_eq!(cause, Some((id, code)), "{report}\n{}", report.to_json());
    assert_eq!(report.verdict(), Verdict::Indeterminate);
    assert!(report.into_verified().is_err());
}

pub(crate) fn check(report: &Report, id: CheckId) -> &Check {
    report
        .checks()
        .iter()
        .find(|check| check.id() == id)
        .unwrap_or_else(|| panic!("{id:?} is not in {}", report.to_json()))
}

/// A private authority with one intermediate, both known, and the certificate of one signer.
pub(crate) struct PrivatePki {
    pub(crate) root: Authority,
    pub(crate) intermediate: Authority,
    pub(crate) key: TestKey,
}

pub(crate) const BUILDER: &str = "https://ci.example/private";

impl PrivatePki {
    pub(crate) fn new() -> Self {
        let root = Authority::root("private root");
        let intermediate = root.intermediate("private intermediate");
        Self { root, intermediate, key: TestKey::p256("private builder") }
    }

    pub(crate) fn leaf(&self) -> CertificateBuilder {
        self.intermediate.signer_leaf(&self.key, &SubjectAltName::Uri(BUILDER.to_owned()))
    }

    /// An envelope by the holder of `leaf`, which travels in it.
    pub(crate) fn sign(&self, leaf: &CertificateBuilder) -> Envelope {
        let pem = to_pem(&leaf.sign(self.intermediate.key()));
        Envelope::new(IN_TOTO, statement().to_string().as_bytes()).signed_with_certificate(&self.key, &pem)
    }

    pub(crate) fn case(&self) -> Case {
        let trust = TrustSnapshot::builder()
            .anchor(certificate(self.root.certificate()))
            .intermediate(certificate(self.intermediate.certificate()));
        Case::trusting(trust.build().unwrap()).policy(Policy::require_signer(BUILDER))
    }
}

pub(crate) fn certificate(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

pub(crate) fn public(key: &TestKey) -> PublicKey {
    key.public_key().clone()
}

/// An envelope over the statement, without a signature.
pub(crate) fn unsigned() -> Envelope {
    Envelope::new(IN_TOTO, statement().to_string().as_bytes())
}
