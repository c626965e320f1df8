//! The outcome of one verification: `stella.report/1`.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_attest_model::{AttestationId, Form, Statement};
use stella_chain_verify::{Certificate, ChainError};
use stella_vocabulary::{Code, Reason, UnixTime, hex};

use crate::check::{Check, CheckId, Status};
use crate::considered::{self, Considered};
use crate::remedy::Remedy;
use crate::tally::Remembered;
use crate::trust::Witness;
use crate::verified::{Refusal, VerifiedAttestation};

/// What a verification came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It could not be decided, which is no acceptance.
    Indeterminate,
    /// Judged, and refused.
    Rejected,
    /// Every planned check passed.
    Verified,
}

impl Verdict {
    /// The word used in `stella.report/1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Indeterminate => "indeterminate",
            Self::Rejected => "rejected",
            Self::Verified => "verified",
        }
    }
}

/// Who signed, as far as it was found out. On a refusal this is whose signature it *would* be.
#[derive(Clone, Debug, Default)]
pub struct Signer {
    pub(crate) identities: Vec<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) algorithm: Option<&'static str>,
}

impl Signer {
    /// The identity the policy asked for, if the certificate holds it, else the first of its names.
    #[must_use]
    pub fn identity(&self) -> Option<&str> {
        self.identities.first().map(String::as_str)
    }

    /// All names of the signing certificate: e-mail addresses, URIs, DNS names.
    #[must_use]
    pub fn identities(&self) -> &[String] {
        &self.identities
    }

    /// The identity provider that vouched for the identity (Fulcio's issuer extension).
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The key id, `sha256:` and the hash of the canonical SPKI. The first one, where several keys signed.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What the trust snapshot calls the key.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The name of the signature scheme, such as `ecdsa-p256-sha256`.
    #[must_use]
    pub const fn algorithm(&self) -> Option<&'static str> {
        self.algorithm
    }
}

/// An instant that a trusted party put on the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedTime {
    pub(crate) time: UnixTime,
    pub(crate) source: TimeSource,
    pub(crate) name: String,
    pub(crate) witness: Witness,
}

impl TrustedTime {
    /// The instant.
    #[must_use]
    pub const fn time(&self) -> UnixTime {
        self.time
    }

    /// What kind of evidence it comes from.
    #[must_use]
    pub const fn source(&self) -> TimeSource {
        self.source
    }

    /// What the trust snapshot calls the log or the authority.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Kinds of evidence that carry a trusted time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TimeSource {
    /// A transparency log's signed promise (SET).
    LogPromise,
    /// An RFC 3161 token.
    Timestamp,
}

impl TimeSource {
    /// The word used in `stella.report/1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogPromise => "log-promise",
            Self::Timestamp => "rfc3161",
        }
    }
}

/// One certificate of a path, for display. Its texts are made when asked for, since a verdict seldom needs them.
#[derive(Clone, Debug)]
pub struct PathCertificate(pub(crate) Certificate);

impl PathCertificate {
    /// The subject, in the form of RFC 4514, escaped; empty if the certificate has none.
    #[must_use]
    pub fn subject(&self) -> String {
        self.0.subject().to_string()
    }

    /// The issuer, likewise.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.0.issuer().to_string()
    }

    /// The serial number, lower-case hex.
    #[must_use]
    pub fn serial(&self) -> String {
        hex::encode(self.0.serial())
    }

    /// First instant of validity.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        self.0.not_before()
    }

    /// Last instant of validity.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        self.0.not_after()
    }

    /// SHA-256 of the certificate, lower-case hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(&self.0.fingerprint())
    }
}

/// Why a certificate of a path was refused. Its texts are made when asked for, as those of [`PathCertificate`].
#[derive(Clone, Debug)]
pub struct PathFinding(pub(crate) ChainError);

impl PathFinding {
    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code()
    }

    /// Which certificate; 0 is the leaf. `None` if it is about no single one.
    #[must_use]
    pub fn certificate(&self) -> Option<usize> {
        self.0.certificate()
    }

    /// One sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        self.0.to_string()
    }

    /// What it holds.
    #[must_use]
    pub fn found(&self) -> Option<String> {
        self.0.found()
    }

    /// What would have passed.
    #[must_use]
    pub fn expected(&self) -> Option<String> {
        self.0.expected()
    }

    /// The clause of the standard.
    #[must_use]
    pub fn clause(&self) -> Option<&'static str> {
        self.0.clause()
    }
}

/// A path of certificates that was tried.
#[derive(Clone, Debug)]
pub struct TriedPath {
    /// Which evidence it belongs to: the signer, or the time-stamping authority.
    pub purpose: PathPurpose,
    /// Leaf first.
    pub certificates: Vec<PathCertificate>,
    /// What the trust snapshot calls the anchor, if the path reached one.
    pub anchor: Option<String>,
    /// Empty exactly when the path was accepted.
    pub findings: Vec<PathFinding>,
}

/// What a path was tried for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathPurpose {
    /// The signing certificate.
    Signer,
    /// The certificate of a time-stamping authority.
    Timestamp,
}

impl PathPurpose {
    /// The word used in `stella.report/1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Timestamp => "timestamp",
        }
    }
}

/// A digest of everything a verification was given, so that it can be repeated.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// SHA-256 of the document as it was read, `sha256:…`.
    pub envelope: String,
    /// The artifact's digest, `algorithm:hex`; `None` if nothing was compared with an artifact.
    pub subject: Option<String>,
    /// How many entries the trust snapshot has.
    pub trust_size: u64,
    /// The Merkle root of the trust snapshot, `sha256:…`.
    pub trust_root: String,
    /// The id of the store whose log the snapshot was taken of; `None` if it was not.
    pub trust_store: Option<String>,
    /// The sequence number of the latest entry of that log that the snapshot takes in.
    pub trust_entry: Option<u64>,
    /// The digest of the policy, `sha256:…`.
    pub policy: String,
}

/// Everything one verification found out, also on a refusal. Its JSON form is normative.
#[derive(Debug)]
pub struct Report {
    pub(crate) at: UnixTime,
    pub(crate) attestation: AttestationId,
    pub(crate) form: Form,
    pub(crate) signer: Signer,
    pub(crate) inputs: Inputs,
    pub(crate) checks: Vec<Check>,
    pub(crate) paths: Vec<TriedPath>,
    pub(crate) trusted_times: Vec<TrustedTime>,
    pub(crate) notes: Vec<String>,
    pub(crate) cause: Option<usize>,
    pub(crate) remedy: Option<Remedy>,
    /// Set only after its envelope's signature has verified; reachable only through a [`VerifiedAttestation`].
    pub(crate) statement: Option<Statement>,
    pub(crate) considered: Considered,
    pub(crate) remembered: Option<Remembered>,
}

impl Report {
    /// The verdict. [`Verdict::Verified`] exactly when every planned check passed, a signature and the trust in its signer among them.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.cause() {
            None if self.is_complete() && self.checks.iter().all(|check| check.status() == Status::Pass) => {
                Verdict::Verified
            }
            None => Verdict::Indeterminate,
            Some(check) if check.status() == Status::Inconclusive => Verdict::Indeterminate,
            Some(_) => Verdict::Rejected,
        }
    }

    /// Whether the checks without which nothing is verified were planned at all, so that a step which says nothing accepts nothing.
    fn is_complete(&self) -> bool {
        let planned = |any_of: &[CheckId]| self.checks.iter().any(|check| any_of.contains(&check.id()));
        planned(&[CheckId::EnvelopeSignature, CheckId::MessageSignature])
            && planned(&[CheckId::ChainPath, CheckId::KeyWindow])
    }

    /// The code of the root cause: of the first check, in the fixed order, that did not pass. `None` when verified.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.cause().and_then(Check::code)
    }

    /// The check that explains a refusal.
    #[must_use]
    pub fn cause(&self) -> Option<&Check> {
        self.cause.and_then(|index| self.checks.get(index))
    }

    /// Codes of further findings, in the order of the checks, each once.
    #[must_use]
    pub fn also(&self) -> Vec<Code> {
        let cause = self.code();
        let mut also = Vec::new();
        for code in self.checks.iter().filter_map(Check::code) {
            if Some(code) != cause && !also.contains(&code) {
                also.push(code);
            }
        }
        also
    }

    /// The instant that was judged.
    #[must_use]
    pub const fn at(&self) -> UnixTime {
        self.at
    }

    /// The id of the attestation.
    #[must_use]
    pub const fn attestation(&self) -> &AttestationId {
        &self.attestation
    }

    /// The form the attestation came in.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Who signed, as far as it was found out; trustworthy only when the verdict is `verified`.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The digests of everything that was given.
    #[must_use]
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Every planned check, in the order in which they ran.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Every path of certificates that was tried.
    #[must_use]
    pub fn paths(&self) -> &[TriedPath] {
        &self.paths
    }

    /// The instants that trusted parties put on the signature. Empty if it was judged at [`at`](Self::at) alone.
    #[must_use]
    pub fn trusted_times(&self) -> &[TrustedTime] {
        &self.trusted_times
    }

    /// What a reader must know besides the checks: what was not compared, what the policy waived.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What mends a refusal.
    #[must_use]
    pub const fn remedy(&self) -> Option<&Remedy> {
        self.remedy.as_ref()
    }

    /// How many of the signatures were known to be good before; `None` where no memo was used.
    ///
    /// Apart from this, a report is the same with a memo and without.
    #[must_use]
    pub const fn remembered(&self) -> Option<Remembered> {
        self.remembered
    }

    /// What of the trust the outcome depended on, sorted, each once; not part of the JSON document. Meant to be kept with the outcome, and held
    /// against a change of trust by [`Affected`](crate::preview::Affected).
    ///
    /// - `anchor/sha256:…`, `intermediate/sha256:…`: the certificate with this SHA-256, where a path has it and the attestation did not bring it;
    /// - `key/sha256:…`: a key that signed, or that stands in a path of signer or clock;
    /// - `issuer/…`: the issuer of the store, by its id, that the signer is or whose key signed;
    /// - `log/sha256:…`: the log that an entry names, by its log id;
    /// - `authority/…`: the time-stamping authority, by its name, that made a token;
    /// - `name/sha256:…`: a name under which an issuer of one of the attestation's certificates is looked for, by its
    ///   [digest](stella_chain_verify::Name::digest).
    ///
    /// Of a refusal, what was looked at for it; and `key/*`, `issuer/*`, `authority/*` or `*` where it depends on all of these, or on everything:
    /// nobody signed that is known, say. `limit/keys` and `limit/paths` say that the outcome came near a limit of work.
    #[must_use]
    pub fn dependencies(&self) -> Vec<String> {
        considered::dependencies(self)
    }

    /// The statement, if the verdict is `verified`: the view for whoever renders a report without consuming it.
    #[must_use]
    pub fn verified_statement(&self) -> Option<&Statement> {
        self.statement.as_ref().filter(|_| self.verdict() == Verdict::Verified)
    }

    /// The JSON document `stella.report/1`, in one line, without a line break at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::report_json::render(self)
    }

    /// The only way to a verified predicate.
    ///
    /// # Errors
    /// [`Refusal`], which still carries this report, unless the verdict is [`Verdict::Verified`].
    pub fn into_verified(self) -> Result<VerifiedAttestation, Refusal> {
        match self.verdict() {
            Verdict::Verified => Ok(VerifiedAttestation { report: self }),
            Verdict::Rejected | Verdict::Indeterminate => Err(Refusal { report: Box::new(self) }),
        }
    }
}

/// The verdict line: outcome, and on a refusal the code and the cause.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause() {
            None => write!(f, "{}", self.verdict().as_str()),
            Some(check) => {
                write!(f, "{}", self.verdict().as_str())?;
                if let Some(code) = check.code() {
                    write!(f, "[{code}]")?;
                }
                if let Some(summary) = check.summary() {
                    write!(f, ": {summary}")?;
                }
                match (check.found(), check.expected()) {
                    (Some(found), Some(expected)) => write!(f, ": found {found}, expected {expected}"),
                    (Some(found), None) => write!(f, ": found {found}"),
                    (None, Some(expected)) => write!(f, ": expected {expected}"),
                    (None, None) => Ok(()),
                }
            }
        }
    }
}
