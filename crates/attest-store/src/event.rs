//! The journal: what happened, in the order in which it was written down.

use stella_attest_model::AttestationId;
use stella_vocabulary::{Code, UnixTime};

/// What an event is about. The names are those of `attest logs --filter`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum EventKind {
    /// Something failed that is none of the others.
    Error,
    /// Documents were taken in.
    Import,
    /// An attestation was made, or made again.
    Signing,
    /// The trust log got entries.
    TrustChange,
    /// An attestation was judged.
    Verification,
}

impl EventKind {
    /// All of them, in the order of their names.
    pub const ALL: &'static [Self] = &[Self::Error, Self::Import, Self::Signing, Self::TrustChange, Self::Verification];

    /// The name: `error`, `import`, `signing`, `trust-change`, `verification`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Import => "import",
            Self::Signing => "signing",
            Self::TrustChange => "trust-change",
            Self::Verification => "verification",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// How bad an event is. A filter by level takes that level and those above it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// It went as it should.
    Info,
    /// It went, and somebody should know something.
    Warning,
    /// It was refused, or failed.
    Error,
}

impl Level {
    /// All of them, the mildest first.
    pub const ALL: &'static [Self] = &[Self::Info, Self::Warning, Self::Error];

    /// The name: `info`, `warning`, `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.name() == name)
    }
}

/// Something to write into the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewEvent {
    /// When it happened, by the caller's clock.
    pub at: UnixTime,
    /// What it is about.
    pub kind: EventKind,
    /// How bad it is.
    pub level: Level,
    /// The code of the refusal or failure.
    pub code: Option<Code>,
    /// The attestation concerned.
    pub attestation: Option<AttestationId>,
    /// How long it took, in microseconds.
    pub duration: Option<u64>,
    /// One line for people; at most 2 KiB are kept.
    pub summary: String,
    /// Named values beside it, such as the trust entry or the signer; at most 16, sorted by name, each at most 1 KiB.
    pub details: Vec<(String, String)>,
}

/// An entry of the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Its place in the journal, growing, with gaps where older events were removed.
    pub sequence: u64,
    /// What happened.
    pub event: NewEvent,
}

/// Which events are asked for: those that fit every member that is set. The default fits all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EventFilter {
    /// Of one of these kinds; of any if it is empty.
    pub kinds: Vec<EventKind>,
    /// At least as bad.
    pub level: Option<Level>,
    /// With this code.
    pub code: Option<Code>,
    /// About this attestation.
    pub attestation: Option<AttestationId>,
    /// At or after this instant.
    pub since: Option<UnixTime>,
    /// Before this instant.
    pub until: Option<UnixTime>,
}

/// How much of the journal is kept. Attestations are never removed by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retention {
    /// Events before this instant go.
    pub before: Option<UnixTime>,
    /// Of the rest, so many of the latest stay.
    pub most: Option<u64>,
}
