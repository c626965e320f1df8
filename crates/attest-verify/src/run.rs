//! One attestation being judged: what was given, and what has been found out so far.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::{Artifact, Attestation, Statement, StatementError};
use stella_crypto_providers::Registry;
use stella_trust_store::SnapshotOrigin;
use stella_trust_store::ledger::Emergency;
use stella_vocabulary::{UnixTime, hex};

use crate::authority::PathBudget;
use crate::binding::Binding;
use crate::check::{Check, CheckId, Checks};
use crate::considered::{self, Considered};
use crate::digested::Digested;
use crate::policy::Policy;
use crate::remedy::{self, About, Missing, TakenOut};
use crate::report::{Inputs, Report, Signer, TriedPath, TrustedTime};
use crate::tally::Remembered;
use crate::trust::PreparedTrust;

/// What a verifier was made of: the same for every attestation it judges.
pub(crate) struct Given {
    pub(crate) registry: Registry,
    pub(crate) trust: PreparedTrust,
    pub(crate) policy: Policy,
    pub(crate) policy_digest: String,
}

/// One attestation being judged: the fixed inputs, and what has been found out so far.
pub(crate) struct Run<'a> {
    pub(crate) given: &'a Given,
    pub(crate) attestation: &'a Attestation,
    pub(crate) binding: &'a Binding,
    /// The envelope's encoding, shared by all ways in which it may have been signed; `None` for a message signature.
    pub(crate) signed: Option<&'a Digested<'a>>,
    pub(crate) at: UnixTime,
    pub(crate) checks: Checks,
    pub(crate) paths: Vec<TriedPath>,
    pub(crate) times: Vec<TrustedTime>,
    pub(crate) notes: Vec<String>,
    pub(crate) signer: Signer,
    pub(crate) missing: Missing,
    /// What of the store a refusal is about.
    pub(crate) about: About,
    /// Anchors that would have been above the certificates.
    pub(crate) taken_out: Vec<TakenOut>,
    pub(crate) path_budget: PathBudget,
    pub(crate) statement: Option<Statement>,
    /// The statement, read as soon as its signature had verified, where what anchors are trusted for depends on it.
    pub(crate) peeked: Option<Result<Statement, StatementError>>,
    /// The trusted issuers of the snapshot, by their positions, that the signer may be.
    pub(crate) issuers: Vec<usize>,
    pub(crate) considered: Considered,
    pub(crate) remembered: Remembered,
}

impl<'a> Run<'a> {
    /// One of `claims` ways in which the attestation may have been signed; all of them together share one budget.
    pub(crate) fn new(
        given: &'a Given,
        attestation: &'a Attestation,
        binding: &'a Binding,
        signed: Option<&'a Digested<'a>>,
        at: UnixTime,
        claims: usize,
    ) -> Self {
        let mut considered = Considered::default();
        if claims > 1 {
            // Which of them explains a refusal best may change with anything.
            considered.open.push(considered::ANYTHING);
        }
        Self {
            given,
            attestation,
            binding,
            signed,
            at,
            checks: Checks::default(),
            paths: Vec::new(),
            times: Vec::new(),
            notes: Vec::new(),
            signer: Signer::default(),
            missing: Missing::Unknown,
            about: About::default(),
            taken_out: Vec::new(),
            issuers: Vec::new(),
            peeked: None,
            path_budget: PathBudget::share(claims),
            statement: None,
            considered,
            remembered: Remembered::default(),
        }
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

    /// Says of what the verdict rests on that one person alone put it in force.
    pub(crate) fn note_emergency(&mut self, emergency: &Emergency) {
        let Emergency { id, person, until, .. } = emergency;
        let note = format!("trusted by emergency {id} of {person} until {until}, approved by nobody");
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Notes which keys of the snapshot signed, by their positions.
    pub(crate) fn consider_keys(&mut self, signed: &[usize]) {
        let entries = signed.iter().filter_map(|key| self.given.trust.key(*key));
        self.considered.keys.extend(entries.map(|key| (key.id(), key.entry.issuer().cloned())));
    }

    /// Notes which issuers of the snapshot the signer is.
    pub(crate) fn consider_issuers(&mut self) {
        let all = self.given.trust.snapshot.issuers();
        let entries = self.issuers.iter().filter_map(|position| all.get(*position));
        self.considered.issuers.extend(entries.map(|issuer| issuer.id().clone()));
    }

    /// Puts down everything that was found out.
    pub(crate) fn into_report(mut self) -> Report {
        for name in self.given.policy.waived() {
            self.notes.push(format!("the policy waives: {name}"));
        }
        self.considered.logs.extend(self.attestation.log_entries().iter().map(|entry| entry.log_id().to_vec()));
        if !self.attestation.timestamps().is_empty() {
            self.considered.open.push(considered::ANY_AUTHORITY);
        }
        if self.path_budget.is_used() {
            self.considered.open.push(considered::MANY_PATHS);
        }
        let attestation = self.attestation.id();
        let cause = self.checks.cause();
        if cause.is_some() {
            // The signer may be anybody, so what the statement says is not repeated as a fact.
            self.checks.withhold(&[CheckId::StatementStructure, CheckId::SubjectMatch, CheckId::PolicyPredicateType]);
        }
        let checks = self.checks.into_vec();
        let remedy = cause.and_then(|index| checks.get(index)).and_then(Check::code).map(|code| {
            remedy::for_refusal(&remedy::Facts {
                code,
                attestation: &attestation.to_string(),
                signer: &self.signer,
                missing: self.missing,
                about: &self.about,
                taken_out: &self.taken_out,
            })
        });
        let trust = &self.given.trust;
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
                trust_size: trust.snapshot.size(),
                trust_root: format!("sha256:{}", hex::encode(&trust.snapshot.root())),
                trust_store: trust.snapshot.origin().map(|origin| origin.store().to_string()),
                trust_entry: trust.snapshot.origin().map(SnapshotOrigin::entry),
                policy: self.given.policy_digest.clone(),
            },
            cause,
            checks,
            paths: self.paths,
            trusted_times: self.times,
            notes: self.notes,
            remedy,
            statement: self.statement,
            considered: self.considered,
            remembered: self.given.registry.memo().map(|_| self.remembered),
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
