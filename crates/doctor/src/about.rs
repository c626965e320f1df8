//! What is said about a check before it runs.

use std::time::Duration;

use crate::trouble::Facility;

/// What a check is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Category {
    /// Attestations and the evidence in them.
    Attestation,
    /// Verifying and signing.
    Attestor,
    /// Settings.
    Config,
    /// Algorithms, certificates, hardware.
    Crypto,
    /// A check of whoever embeds this library, or of a program.
    Custom,
    /// Issuers.
    Issuer,
    /// Whether what is kept is what was written.
    Security,
    /// The store of attestations.
    Store,
    /// The trust store.
    Trust,
}

impl Category {
    /// All of them, by name.
    pub const ALL: &'static [Self] = &[
        Self::Attestation,
        Self::Attestor,
        Self::Config,
        Self::Crypto,
        Self::Custom,
        Self::Issuer,
        Self::Security,
        Self::Store,
        Self::Trust,
    ];

    /// The name in lower case, such as `attestor`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attestation => "attestation",
            Self::Attestor => "attestor",
            Self::Config => "config",
            Self::Crypto => "crypto",
            Self::Custom => "custom",
            Self::Issuer => "issuer",
            Self::Security => "security",
            Self::Store => "store",
            Self::Trust => "trust",
        }
    }

    /// The category with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.name() == name)
    }
}

/// How much it matters that a check fails.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It will hurt unless somebody acts.
    Warn,
    /// Something does not work, or is not to be relied on.
    Fail,
}

impl Severity {
    /// All of them, the mildest first.
    pub const ALL: &'static [Self] = &[Self::Info, Self::Warn, Self::Fail];

    /// The name: `info`, `warn`, `fail`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    /// The severity with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|severity| severity.name() == name)
    }
}

/// How long somebody is ready to wait.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Depth {
    /// What takes next to no time, whatever the size of the store.
    Quick,
    /// What takes seconds.
    #[default]
    Usual,
    /// Everything, also what reads the whole store.
    Full,
}

/// What is known about a check without running it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct About {
    /// The id, dotted, in lower case: `check.attestor.key-expiration`.
    pub id: String,
    /// Other ids under which it can be asked for.
    pub aliases: Vec<String>,
    /// What it is about.
    pub category: Category,
    /// How much a failure matters.
    pub severity: Severity,
    /// One line: what is looked at.
    pub summary: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What it cannot do without.
    pub needs: Vec<Facility>,
    /// Named limits, such as `fail` and `at most 7 days`.
    pub thresholds: Vec<(&'static str, String)>,
    /// How long it may take.
    pub timeout: Duration,
    /// How much longer is waited for it to stop what it has started itself.
    pub grace: Duration,
    /// From which depth on it is asked.
    pub depth: Depth,
    /// Which other checks tell more.
    pub related: Vec<String>,
}

impl About {
    /// A check with a time limit of 30 seconds, asked at the usual depth.
    #[must_use]
    pub fn new(id: &str, category: Category, severity: Severity, summary: &str) -> Self {
        Self {
            id: id.to_owned(),
            aliases: Vec::new(),
            category,
            severity,
            summary: summary.to_owned(),
            tags: Vec::new(),
            needs: Vec::new(),
            thresholds: Vec::new(),
            timeout: Duration::from_secs(30),
            grace: Duration::ZERO,
            depth: Depth::Usual,
            related: Vec::new(),
        }
    }

    /// Another id for it.
    #[must_use]
    pub fn alias(mut self, id: &str) -> Self {
        self.aliases.push(id.to_owned());
        self
    }

    /// Words to find it by.
    #[must_use]
    pub fn tags(mut self, tags: &[&str]) -> Self {
        self.tags.extend(tags.iter().map(ToString::to_string));
        self
    }

    /// What it cannot do without.
    #[must_use]
    pub fn needs(mut self, facilities: &[Facility]) -> Self {
        self.needs.extend_from_slice(facilities);
        self
    }

    /// A named limit.
    #[must_use]
    pub fn threshold(mut self, name: &'static str, limit: &str) -> Self {
        self.thresholds.push((name, limit.to_owned()));
        self
    }

    /// How long it may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How much longer is waited for it to stop what it has started itself, which it does when its time is over.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// From which depth on it is asked.
    #[must_use]
    pub fn depth(mut self, depth: Depth) -> Self {
        self.depth = depth;
        self
    }

    /// Checks that tell more.
    #[must_use]
    pub fn related(mut self, ids: &[&str]) -> Self {
        self.related.extend(ids.iter().map(ToString::to_string));
        self
    }

    /// Whether somebody who says `id` means this check.
    #[must_use]
    pub fn is_called(&self, id: &str) -> bool {
        self.id == id || self.aliases.iter().any(|alias| alias == id)
    }
}
