//! One planned step of a verification, and the record of all of them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::{Code, Reason};

use crate::fact::Facts;

/// What came of one planned check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Judged, and refused.
    Fail,
    /// Could not be judged (no provider, budget used up). Fails closed.
    Inconclusive,
    /// Judged, and accepted.
    Pass,
    /// Not judged, because a check it builds on did not pass.
    Skipped,
}

impl Status {
    /// The word used in `stella.report/1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Pass => "pass",
            Self::Skipped => "skipped",
        }
    }
}

/// The checks a verification can plan, in the order in which they run (catalogue rule 5: signature, evidence of time and log, path and
/// key window, statement, artifact, identity, policy). The first that fails gives the report its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CheckId {
    /// The certificates and keys that the attestation brings can be used at all.
    MaterialKey,
    /// The claimed digest of a message signature is the digest of the artifact.
    MessageDigest,
    /// The envelope's signature, over the pre-authentication encoding, by a usable key.
    EnvelopeSignature,
    /// The message signature, over the artifact.
    MessageSignature,
    /// One RFC 3161 token: imprint, signature, authority.
    TimeTimestamp,
    /// A log entry speaks of this very envelope, signature and key.
    LogEntry,
    /// The log's signed promise (SET) for an entry.
    LogPromise,
    /// An entry's inclusion proof and the checkpoint it leads to.
    LogInclusion,
    /// Enough trusted times, none in the future.
    TimeTrusted,
    /// A path of certificates leads to a trust anchor, every signature in it verified.
    ChainPath,
    /// Every certificate of the path is within its validity at every instant that counts.
    ChainValidity,
    /// The path is allowed to serve this purpose: key usage, extended key usage.
    ChainPurpose,
    /// Basic constraints, path length, name constraints, critical extensions, key strength.
    ChainConstraints,
    /// Signed certificate timestamps inside the signing certificate.
    ChainSct,
    /// The key's window in the trust snapshot holds every instant that counts.
    KeyWindow,
    /// Entries of enough distinct logs.
    LogThreshold,
    /// The payload is a statement of a known type, within limits.
    StatementStructure,
    /// A subject of the statement is the artifact.
    SubjectMatch,
    /// The signer is the one the policy names.
    IdentitySubject,
    /// The identity was vouched for by the issuer that the policy names.
    IdentityIssuer,
    /// The policy says who may sign under this authority.
    PolicySigner,
    /// Anchor, key and issuer are trusted for this: their scope in the store holds the signature.
    PolicyScope,
    /// The signature is by a scheme that the policy permits.
    PolicyAlgorithm,
    /// The statement's predicate type is one that the policy asks for.
    PolicyPredicateType,
}

impl CheckId {
    /// The dotted id used in `stella.report/1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaterialKey => "material.key",
            Self::MessageDigest => "message.digest",
            Self::EnvelopeSignature => "envelope.signature",
            Self::MessageSignature => "message.signature",
            Self::TimeTimestamp => "time.timestamp",
            Self::LogEntry => "log.entry",
            Self::LogPromise => "log.promise",
            Self::LogInclusion => "log.inclusion",
            Self::TimeTrusted => "time.trusted",
            Self::ChainPath => "chain.path",
            Self::ChainValidity => "chain.validity",
            Self::ChainPurpose => "chain.purpose",
            Self::ChainConstraints => "chain.constraints",
            Self::ChainSct => "chain.sct",
            Self::KeyWindow => "key.window",
            Self::LogThreshold => "log.threshold",
            Self::StatementStructure => "statement.structure",
            Self::SubjectMatch => "subject.match",
            Self::IdentitySubject => "identity.subject",
            Self::IdentityIssuer => "identity.issuer",
            Self::PolicySigner => "policy.signer",
            Self::PolicyScope => "policy.scope",
            Self::PolicyAlgorithm => "policy.algorithm",
            Self::PolicyPredicateType => "policy.predicate_type",
        }
    }
}

/// One planned check with what came of it.
#[derive(Clone, Debug)]
pub struct Check {
    pub(crate) id: CheckId,
    pub(crate) status: Status,
    pub(crate) code: Option<Code>,
    pub(crate) summary: Option<String>,
    pub(crate) clause: Option<&'static str>,
    pub(crate) place: Option<String>,
    pub(crate) found: Option<String>,
    pub(crate) expected: Option<String>,
    pub(crate) certificate: Option<usize>,
    pub(crate) because: Option<CheckId>,
    pub(crate) evidence: Facts,
}

impl Check {
    pub(crate) fn passed(id: CheckId, evidence: Facts) -> Self {
        Self {
            id,
            status: Status::Pass,
            code: None,
            summary: None,
            clause: None,
            place: None,
            found: None,
            expected: None,
            certificate: None,
            because: None,
            evidence,
        }
    }

    pub(crate) fn failed(id: CheckId, reason: &dyn Reason) -> Self {
        let code = reason.code();
        Self {
            status: if code.is_indeterminate() { Status::Inconclusive } else { Status::Fail },
            code: Some(code),
            summary: Some(reason.to_string()),
            clause: reason.clause(),
            place: reason.place(),
            found: reason.found(),
            expected: reason.expected(),
            certificate: reason.certificate(),
            ..Self::passed(id, Vec::new())
        }
    }

    pub(crate) fn skipped(id: CheckId, because: CheckId) -> Self {
        Self { status: Status::Skipped, because: Some(because), ..Self::passed(id, Vec::new()) }
    }

    /// Judged and not accepted, or not judged for a reason of its own.
    fn is_refused(&self) -> bool {
        matches!(self.status, Status::Fail | Status::Inconclusive)
    }

    /// Which check this is.
    #[must_use]
    pub const fn id(&self) -> CheckId {
        self.id
    }

    /// What came of it.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Why it did not pass. `None` exactly when it passed or was skipped.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        self.code
    }

    /// One sentence on why it did not pass.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }

    /// The clause of the standard that was not met, such as `RFC 5280 §6.1.3(a)(2)`.
    #[must_use]
    pub const fn clause(&self) -> Option<&'static str> {
        self.clause
    }

    /// Where in the evidence: a JSON path, a signature or token index, a byte offset.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What the evidence holds.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// What would have passed.
    #[must_use]
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// The certificate concerned; 0 is the leaf.
    #[must_use]
    pub const fn certificate(&self) -> Option<usize> {
        self.certificate
    }

    /// The check on whose account this one was skipped.
    #[must_use]
    pub const fn because(&self) -> Option<CheckId> {
        self.because
    }

    /// Named facts that the check established, in a fixed order. A name may come several times. Their texts are made when asked for.
    pub fn evidence(&self) -> impl ExactSizeIterator<Item = (&'static str, String)> + '_ {
        self.evidence.iter().map(|(name, fact)| (*name, fact.to_string()))
    }
}

/// The growing record of one verification.
#[derive(Debug)]
pub(crate) struct Checks {
    done: Vec<Check>,
}

impl Default for Checks {
    fn default() -> Self {
        // A bundle with a log entry and a token comes to 20 checks.
        Self { done: Vec::with_capacity(20) }
    }
}

impl Checks {
    pub(crate) fn pass(&mut self, id: CheckId, evidence: Facts) {
        self.done.push(Check::passed(id, evidence));
    }

    pub(crate) fn fail(&mut self, id: CheckId, reason: &dyn Reason) {
        self.done.push(Check::failed(id, reason));
    }

    pub(crate) fn fail_with(&mut self, id: CheckId, reason: &dyn Reason, evidence: Facts) {
        self.done.push(Check { evidence, ..Check::failed(id, reason) });
    }

    pub(crate) fn skip(&mut self, id: CheckId, because: CheckId) {
        self.done.push(Check::skipped(id, because));
    }

    /// The place of the check that gives the report its code: the first that did not pass and was not merely skipped.
    ///
    /// With one exception. Where the log or the time-stamping authority is unknown and the signer's authority is unknown as well, the whole
    /// instance is, and the authority is what a reader has to decide about (catalogue B078).
    pub(crate) fn cause(&self) -> Option<usize> {
        let first = self.done.iter().position(Check::is_refused)?;
        let stranger = |check: &Check| matches!(check.code, Some(Code::TlogLogUnknown | Code::TimeTsaUntrusted));
        let authority = self.done.iter().position(|check| check.code == Some(Code::X509UnknownIssuer));
        Some(authority.filter(|_| self.done.get(first).is_some_and(stranger)).unwrap_or(first))
    }

    /// Whether every refusal among `ids` has one of `codes`.
    pub(crate) fn fail_only_with(&self, ids: &[CheckId], codes: &[Code]) -> bool {
        let mut refused = self.done.iter().filter(|check| ids.contains(&check.id) && check.is_refused());
        refused.all(|check| check.code.is_some_and(|code| codes.contains(&code)))
    }

    /// The first of `ids` that did not pass, so that a check which builds on them is skipped because of it.
    pub(crate) fn blocker(&self, ids: &[CheckId]) -> Option<CheckId> {
        self.done.iter().find(|check| ids.contains(&check.id) && check.status != Status::Pass).map(|check| {
            // A skipped check passes its own cause on, so that every chain of skips names its origin.
            check.because.unwrap_or(check.id)
        })
    }

    /// Whether this check ran and passed.
    pub(crate) fn has_passed(&self, id: CheckId) -> bool {
        self.done.iter().any(|check| check.id == id && check.status == Status::Pass)
    }

    /// Takes the facts back that these checks established.
    pub(crate) fn withhold(&mut self, ids: &[CheckId]) {
        for check in self.done.iter_mut().filter(|check| ids.contains(&check.id)) {
            check.evidence.clear();
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Check> {
        self.done
    }
}
