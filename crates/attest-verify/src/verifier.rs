//! The pipeline: attestation, subject, trust, policy and instant in; report out. A pure function of its arguments.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::{Artifact, Attestation, Statement};
use stella_crypto_providers::Registry;
use stella_trust_store::TrustSnapshot;
use stella_vocabulary::{UnixTime, hex};

use crate::binding::Binding;
use crate::check::{Check, CheckId, Checks, Status};
use crate::policy::Policy;
use crate::remedy::{self, Missing};
use crate::report::{Inputs, Report, Signer, TriedPath, TrustedTime};
use crate::steps::material::{self, Claim};
use crate::steps::path::SignerPath;
use crate::steps::{identity, log, path, signature, statement, timestamp, window};
use crate::trust::PreparedTrust;

/// A registry, a trust snapshot and a policy, made ready to judge any number of attestations.
///
/// Keys of the snapshot are prepared when first used and then kept, and a link between two certificates of the snapshot is verified once.
/// `Send` and `Sync`; nothing it holds changes a verdict.
pub struct Verifier {
    pub(crate) registry: Registry,
    pub(crate) trust: PreparedTrust,
    pub(crate) policy: Policy,
    policy_digest: String,
}

impl Verifier {
    /// Prepares `trust` for use with `registry` under `policy`.
    #[must_use]
    pub fn new(registry: &Registry, trust: &TrustSnapshot, policy: Policy) -> Self {
        Self {
            registry: registry.clone(),
            trust: PreparedTrust::new(registry, trust),
            policy_digest: policy.digest().to_string(),
            policy,
        }
    }

    /// The policy applied.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Judges `attestation` as of the instant `at`, and holds it against `subject`.
    ///
    /// Runs the checks in the order of [`CheckId`]. A check that builds on one that did not pass is skipped and says because of what;
    /// all others run, so that a report names every independent fault. The payload is parsed only after its signature has verified.
    ///
    /// Where a bare envelope carries several signing certificates, each signature is judged on its own and the best outcome reported.
    ///
    /// # Left to the caller
    /// Whether the content of the predicate is what it should be; and, with [`Binding::SubjectsAsListed`], any comparison with an artifact.
    #[must_use]
    pub fn verify(&self, attestation: &Attestation, subject: impl Into<Binding>, at: UnixTime) -> Report {
        let binding = subject.into();
        let mut best: Option<Report> = None;
        for claim in material::claims(attestation, &self.policy) {
            let report = Run::new(self, attestation, &binding, at).judge(&claim);
            if report.cause.is_none() {
                return report;
            }
            // The one that came further explains more; the first of equals stays, so that the order of signatures decides nothing else.
            if best.as_ref().is_none_or(|held| passed(held) < passed(&report)) {
                best = Some(report);
            }
        }
        best.unwrap_or_else(|| Run::new(self, attestation, &binding, at).judge(&Claim::Keys { hint: None }))
    }
}

fn passed(report: &Report) -> usize {
    report.checks.iter().filter(|check| check.status() == Status::Pass).count()
}

/// One attestation being judged: the fixed inputs, and what has been found out so far.
pub(crate) struct Run<'a> {
    pub(crate) verifier: &'a Verifier,
    pub(crate) attestation: &'a Attestation,
    pub(crate) binding: &'a Binding,
    pub(crate) at: UnixTime,
    pub(crate) checks: Checks,
    pub(crate) paths: Vec<TriedPath>,
    pub(crate) times: Vec<TrustedTime>,
    pub(crate) notes: Vec<String>,
    pub(crate) signer: Signer,
    pub(crate) missing: Missing,
    pub(crate) statement: Option<Statement>,
}

impl<'a> Run<'a> {
    fn new(verifier: &'a Verifier, attestation: &'a Attestation, binding: &'a Binding, at: UnixTime) -> Self {
        Self {
            verifier,
            attestation,
            binding,
            at,
            checks: Checks::default(),
            paths: Vec::new(),
            times: Vec::new(),
            notes: Vec::new(),
            signer: Signer::default(),
            missing: Missing::Unknown,
            statement: None,
        }
    }

    fn judge(mut self, claim: &Claim<'_>) -> Report {
        // Steps 1 and 2: usable keys, and the signature by one of them.
        let material = material::establish(&mut self, claim);
        let signed = signature::verify(&mut self, material.as_ref(), claim);

        // Steps 3 and 4: evidence of time and log. It needs no verified signature, so its faults are reported beside those of the signature.
        timestamp::verify_all(&mut self, claim);
        let logs = log::verify_all(&mut self, material.as_ref(), &signed);

        // Steps 5 and 6: which instants count, and path or key window at each of them.
        let signer_path = match &material {
            Some(material::Material::Certificates { certificates, .. }) => path::verify(&mut self, certificates),
            Some(material::Material::Keys) => {
                window::verify(&mut self, &signed);
                None
            }
            None => None,
        };
        log::verify_threshold(&mut self, &logs, signer_path.as_ref());

        // Steps 7 and 8: the statement and its subject.
        statement::verify(&mut self);

        // Steps 9 and 10: who signed, and what the policy wants said.
        if let Some(material::Material::Certificates { certificates, .. }) = &material {
            identity::verify(&mut self, certificates.first(), signer_path.as_ref());
        }
        statement::verify_predicate_type(&mut self);
        self.report()
    }

    /// The instants at which path and keys must hold: every trusted time, or without one the instant being judged.
    pub(crate) fn instants(&self) -> Vec<UnixTime> {
        if self.times.is_empty() {
            return alloc::vec![self.at];
        }
        let mut instants: Vec<UnixTime> = self.times.iter().map(TrustedTime::time).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    pub(crate) fn artifact(&self) -> Option<&'a Artifact> {
        match self.binding {
            Binding::Artifact(artifact) => Some(artifact),
            Binding::SubjectsAsListed => None,
        }
    }

    fn report(mut self) -> Report {
        for name in self.verifier.policy.waived() {
            self.notes.push(format!("the policy waives: {name}"));
        }
        let attestation = self.attestation.id();
        let cause = self.checks.cause();
        let checks = self.checks.into_vec();
        let remedy = cause.and_then(|index| checks.get(index)).and_then(Check::code).map(|code| {
            remedy::for_refusal(&remedy::Facts {
                code,
                attestation: &attestation.to_string(),
                signer: &self.signer,
                missing: self.missing,
            })
        });
        let trust = &self.verifier.trust;
        Report {
            at: self.at,
            attestation,
            form: self.attestation.form(),
            signer: self.signer,
            inputs: Inputs {
                envelope: format!("sha256:{}", hex::encode(&self.attestation.source_digest())),
                subject: match self.binding {
                    Binding::Artifact(artifact) => artifact.digests().first().map(ToString::to_string),
                    Binding::SubjectsAsListed => None,
                },
                trust_size: trust.size,
                trust_root: format!("sha256:{}", hex::encode(&trust.root)),
                policy: self.verifier.policy_digest.clone(),
            },
            cause,
            checks,
            paths: self.paths,
            trusted_times: self.times,
            notes: self.notes,
            remedy,
            statement: self.statement,
        }
    }

    /// Skips `id` if one of `needs` did not pass. Returns whether it did.
    pub(crate) fn skipped(&mut self, id: CheckId, needs: &[CheckId]) -> bool {
        match self.checks.blocker(needs) {
            Some(blocker) => {
                self.checks.skip(id, blocker);
                true
            }
            None => false,
        }
    }
}

/// Whether the signer stands under a public authority.
pub(crate) fn is_public(verifier: &Verifier, path: Option<&SignerPath>) -> bool {
    path.and_then(|path| verifier.trust.domains.get(path.domain)).is_some_and(|domain| domain.is_public())
}
