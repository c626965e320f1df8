//! What a verification came to, as a store keeps it; and what belongs together.

use stella_attest_model::AttestationId;
use stella_attest_verify::Verdict;
use stella_vocabulary::{Code, UnixTime};

/// The latest verification of an attestation. A store keeps one for each attestation; the journal tells of those before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReportRecord {
    /// Which attestation.
    pub attestation: AttestationId,
    /// The arrival whose document was judged.
    pub arrival: u64,
    /// The instant that was judged at.
    pub at: UnixTime,
    /// When it was judged, by the caller's clock.
    pub made: UnixTime,
    /// What it came to.
    pub verdict: Verdict,
    /// The root cause of a refusal.
    pub code: Option<Code>,
    /// The trust snapshot: the root in `inputs.trust` of the report, `sha256:…`.
    pub trust: String,
    /// The sequence number of the latest trust entry it took in, if it was taken of a store.
    pub trust_entry: Option<u64>,
    /// The policy: `inputs.policy` of the report, `sha256:…`.
    pub policy: String,
    /// What of the trust the outcome depended on: `anchor/…`, `issuer/…`, `key/…` and so on, sorted, each once.
    pub dependencies: Vec<String>,
    /// The report, `stella.report/1`; `None` where it can be had again by judging at `at` with the same trust and policy.
    pub json: Option<String>,
}

/// What two attestations have to do with each other.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum LinkKind {
    /// The later one says the same as the earlier one, under a new signature.
    Resigned,
}

impl LinkKind {
    /// The name: `resigned`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resigned => "resigned",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        (name == Self::Resigned.name()).then_some(Self::Resigned)
    }
}

/// That two attestations belong together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Link {
    /// The earlier one.
    pub from: AttestationId,
    /// The later one.
    pub to: AttestationId,
    /// How.
    pub kind: LinkKind,
    /// Since when.
    pub at: UnixTime,
}
