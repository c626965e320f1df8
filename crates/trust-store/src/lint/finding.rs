//! What a finding says.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use crate::ledger::ObjectRef;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Attestations are refused, or anybody's accepted, now or within days.
    Fail,
    /// It will hurt unless somebody acts.
    Warn,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Its name: `fail`, `warn`, `info`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Info => "info",
            Self::Warn => "warn",
        }
    }
}

/// What was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A change that one person made for some hours is in force.
    Emergency,
    /// Window or certificate ends within 30 days.
    Expiring,
    /// An intermediate that leads to no anchor.
    Orphan,
    /// Something is trusted for everything, or a pattern fits everything.
    OverBroad,
    /// A public authority, which certifies anybody, is trusted as if it were a private one.
    PublicAsPrivate,
    /// Losing one approver would leave too few for the quorum.
    QuorumTight,
    /// A change request that is about to expire, or waits for nothing but its execution.
    RequestWaiting,
    /// Windows of keys that follow each other leave a time without any.
    RotationGap,
    /// Whatever an object accepts, another accepts as well.
    Shadowed,
    /// One person decides about everything.
    Solo,
    /// Keys were fetched and nobody has approved them.
    Staged,
    /// An object that nothing, or nothing new, can fit.
    Vacuous,
}

impl Rule {
    /// All of them, by name.
    pub const ALL: &'static [Self] = &[
        Self::Emergency,
        Self::Expiring,
        Self::Orphan,
        Self::OverBroad,
        Self::PublicAsPrivate,
        Self::QuorumTight,
        Self::RequestWaiting,
        Self::RotationGap,
        Self::Shadowed,
        Self::Solo,
        Self::Staged,
        Self::Vacuous,
    ];

    /// Its id: `emergency`, `expiring`, `orphan`, `over-broad`, `public-as-private`, `quorum-tight`, `request-waiting`,
    /// `rotation-gap`, `shadowed`, `solo`, `staged`, `vacuous`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Expiring => "expiring",
            Self::Orphan => "orphan",
            Self::OverBroad => "over-broad",
            Self::PublicAsPrivate => "public-as-private",
            Self::QuorumTight => "quorum-tight",
            Self::RequestWaiting => "request-waiting",
            Self::RotationGap => "rotation-gap",
            Self::Shadowed => "shadowed",
            Self::Solo => "solo",
            Self::Staged => "staged",
            Self::Vacuous => "vacuous",
        }
    }
}

/// Something to look at. Ordered by severity, the gravest first, then by rule, object and text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// What was looked for.
    pub rule: Rule,
    /// The object; `None` for the store as a whole or a group of keys.
    pub object: Option<ObjectRef>,
    /// One sentence.
    pub summary: String,
    /// What it was concluded from, as name and value.
    pub facts: Vec<(&'static str, String)>,
    /// One sentence that says what helps.
    pub remedy: String,
    /// Commands that help, each as its words. `FILE` and words in capitals are for the reader to fill in.
    pub commands: Vec<Vec<String>>,
}

impl Finding {
    pub(super) fn new(rule: Rule, severity: Severity, object: Option<ObjectRef>, summary: String) -> Self {
        Self { severity, rule, object, summary, facts: Vec::new(), remedy: String::new(), commands: Vec::new() }
    }

    pub(super) fn fact(mut self, name: &'static str, value: impl Display) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    pub(super) fn remedy(mut self, remedy: &str) -> Self {
        self.remedy = remedy.to_string();
        self
    }

    pub(super) fn command(mut self, words: &[&str]) -> Self {
        self.commands.push(words.iter().map(|word| (*word).to_string()).collect());
        self
    }
}
