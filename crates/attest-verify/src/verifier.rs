//! The pipeline: attestation, subject, trust, policy and instant in; report out. A pure function of its arguments.

use alloc::string::ToString;
use alloc::vec::Vec;

use stella_attest_model::Attestation;
use stella_crypto_providers::Registry;
use stella_trust_store::TrustSnapshot;
use stella_vocabulary::UnixTime;

use crate::binding::Binding;
use crate::check::Status;
use crate::considered;
use crate::digested::Digested;
use crate::policy::Policy;
use crate::report::Report;
use crate::run::{Given, Run};
use crate::steps::material::{self, Claim, Material};
use crate::steps::{identity, log, path, scope, signature, statement, timestamp, window};
use crate::trust::PreparedTrust;

/// A registry, a trust snapshot and a policy, made ready to judge any number of attestations.
///
/// Keys of the snapshot are prepared when first used and then kept, and a link between two certificates of the snapshot is verified once.
/// `Send` and `Sync`; nothing it holds changes a verdict.
pub struct Verifier {
    given: Given,
}

impl Verifier {
    /// Prepares `trust` for use with `registry` under `policy`.
    #[must_use]
    pub fn new(registry: &Registry, trust: &TrustSnapshot, policy: Policy) -> Self {
        Self {
            given: Given {
                registry: registry.clone(),
                trust: PreparedTrust::new(registry, trust),
                policy_digest: policy.digest().to_string(),
                policy,
            },
        }
    }

    /// The policy applied.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.given.policy
    }

    /// Judges `attestation` as of the instant `at`, and holds it against `subject`.
    ///
    /// Runs the checks in the order of [`CheckId`](crate::CheckId). A check that builds on one that did not pass is skipped and says because of what;
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
        let claims = material::claims(attestation, &self.given.policy);
        let signed = attestation.envelope().map(|envelope| Digested::new(envelope.pae()));
        let run = |claims| Run::new(&self.given, attestation, &binding, signed.as_ref(), at, claims);
        for claim in &claims {
            let report = judge(run(claims.len()), claim);
            if report.cause.is_none() {
                return report;
            }
            // The one that came further explains more; the first of equals stays, so that the order of signatures decides nothing else.
            if best.as_ref().is_none_or(|held| passed(held) < passed(&report)) {
                best = Some(report);
            }
        }
        best.unwrap_or_else(|| judge(run(1), &Claim::Keys { hint: None }))
    }
}

fn passed(report: &Report) -> usize {
    report.checks.iter().filter(|check| check.status() == Status::Pass).count()
}

/// The steps in their order.
fn judge(mut run: Run<'_>, claim: &Claim<'_>) -> Report {
    // Steps 1 and 2: usable keys, and the signature by one of them.
    if matches!(claim, Claim::Keys { .. }) {
        run.considered.open.push(considered::ANY_KEY);
    }
    let material = material::establish(&mut run, claim);
    let signed = signature::verify(&mut run, material.as_ref(), claim);

    run.consider_keys(&signed);

    // Steps 3 and 4: evidence of time and log. It needs no verified signature, so its faults are reported beside those of the signature.
    timestamp::verify_all(&mut run, claim);
    let logs = log::verify_all(&mut run, material.as_ref(), &signed);

    // Steps 5 and 6: which instants count, and path or key window at each of them.
    let mut holding = Vec::new();
    let signer_path = match &material {
        Some(Material::Certificates { certificates, .. }) => path::verify(&mut run, certificates, &logs),
        Some(Material::Keys) => {
            holding = window::verify(&mut run, &signed);
            None
        }
        None => {
            path::skip(&mut run, claim);
            None
        }
    };
    if let Some(path) = &signer_path {
        run.remembered.add_path(&path.chain);
    }
    log::verify_threshold(&mut run, &logs, signer_path.as_ref());

    // Steps 7 and 8: the statement and its subject.
    statement::verify(&mut run);

    // Steps 9 and 10: who signed, and what the policy wants said.
    if !matches!(claim, Claim::Keys { .. }) {
        let leaf = match &material {
            Some(Material::Certificates { certificates, .. }) => certificates.first(),
            Some(Material::Keys) | None => None,
        };
        identity::verify(&mut run, leaf, signer_path.as_ref());
    }
    scope::verify_path(&mut run, signer_path.as_ref());
    let within = scope::verify_keys(&mut run, holding);
    let given = run.given;
    let keys = within.iter().filter_map(|key| given.trust.key(*key)?.entry.emergency());
    let anchor = signer_path.as_ref().and_then(|path| path.entry?.emergency());
    keys.chain(anchor).for_each(|emergency| run.note_emergency(emergency));
    scope::verify_algorithms(&mut run, &within, signer_path.as_ref());
    statement::verify_predicate_type(&mut run);
    run.consider_issuers();
    run.considered.chain = signer_path.map(|path| path.chain);
    run.into_report()
}
