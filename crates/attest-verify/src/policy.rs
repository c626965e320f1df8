//! What a caller asks of an attestation: who may have signed it, what it must say, and how much evidence it must bring.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_attest_model::Digest;
use stella_crypto_providers::{KeyId, Profile, Scheme};
use stella_trust_store::ledger::ProvenBefore;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

/// How much of one kind of evidence a verification needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// As much as the signer's authority publishes: one, if the trusted root that it came in names a source of this evidence, else none. Keys and
    /// authorities that were trusted piece by piece publish nothing. For times, customers of any trusted root need one, named source or not.
    AsPublished,
    /// At least so many, from distinct sources (logs or time authorities), and no less than with [`AsPublished`](Self::AsPublished).
    AtLeast(u8),
    /// None. What is present must still be valid. Only reachable through a method called `danger_…`.
    Waived,
}

/// Whether the signer's authority has a source of one kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Published,
    None,
}

impl Source {
    pub(crate) fn published_if(published: bool) -> Self {
        if published { Self::Published } else { Self::None }
    }
}

impl Requirement {
    /// How many are needed of an authority with such a source. A number never asks for less than saying nothing: only `danger_…` does.
    pub(crate) fn needed(self, source: Source) -> usize {
        let published = usize::from(source == Source::Published);
        match self {
            Self::AsPublished => published,
            Self::AtLeast(count) => usize::from(count).max(published),
            Self::Waived => 0,
        }
    }
}

/// Who may have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignerRule {
    /// Whoever the trust snapshot names: its keys, and its private authorities. Never the customers of a public authority.
    Trusted,
    /// A certificate with exactly this identity among its subject alternative names.
    Identity { identity: String },
    /// An issuer of the store: its keys, and the holders of its certificate identities.
    Issuer { id: String },
    /// Holders of these keys, at least `threshold` distinct ones.
    Keys { keys: BTreeSet<KeyId>, threshold: usize },
    /// Anybody with a certificate of a trusted authority.
    Anyone,
}

/// The rules one verification applies. There is no default policy: who may sign has to be said.
///
/// ```
/// use stella_attest_verify::Policy;
/// let policy = Policy::require_signer("https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main")
///     .issued_by("https://token.actions.githubusercontent.com")
///     .predicate_type("https://slsa.dev/provenance/v1");
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) signer: SignerRule,
    pub(crate) issuer: Option<String>,
    pub(crate) predicate_types: BTreeSet<String>,
    pub(crate) algorithms: BTreeSet<Scheme>,
    /// What limits schemes, keys and links of the path, whatever `algorithms` says.
    pub(crate) profile: Profile,
    pub(crate) logs: Requirement,
    pub(crate) times: Requirement,
    pub(crate) certificate_timestamps: Requirement,
    pub(crate) artifact: ArtifactRule,
    pub(crate) proven_before: ProvenBefore,
}

/// Whether a statement has to be held against an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArtifactRule {
    /// If one is given.
    AsGiven,
    /// Always: without one, nothing is verified.
    Required,
}

impl Policy {
    fn new(signer: SignerRule) -> Self {
        Self {
            signer,
            issuer: None,
            predicate_types: BTreeSet::new(),
            algorithms: BTreeSet::new(),
            profile: Profile::International,
            logs: Requirement::AsPublished,
            times: Requirement::AsPublished,
            certificate_timestamps: Requirement::AsPublished,
            artifact: ArtifactRule::AsGiven,
            proven_before: ProvenBefore::Refuse,
        }
    }

    /// The signer's certificate must hold exactly `identity` (an e-mail address, URI or DNS name) among its subject alternative names.
    ///
    /// Compared byte by byte; the common name of the subject is never an identity. Under a public authority, whose customers are
    /// anybody, [`issued_by`](Self::issued_by) has to be said too; without it such a signer is refused with `policy.issuer_required`.
    #[must_use]
    pub fn require_signer(identity: impl Into<String>) -> Self {
        Self::new(SignerRule::Identity { identity: identity.into() })
    }

    /// The identity provider (OIDC issuer URL) that must have vouched for the signer's identity, compared byte by byte.
    ///
    /// Only certificates have an issuer: with this, no signature by a bare key is accepted.
    #[must_use]
    pub fn issued_by(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The signature must be by this key, which must also be in the trust snapshot.
    #[must_use]
    pub fn require_key(key: KeyId) -> Self {
        Self::new(SignerRule::Keys { keys: BTreeSet::from([key]), threshold: 1 })
    }

    /// At least `threshold` distinct keys of `keys` must have signed. A key listed twice counts once.
    ///
    /// # Errors
    /// [`PolicyError::ThresholdInvalid`] if `threshold` is 0 or larger than the number of distinct keys.
    pub fn require_keys(threshold: usize, keys: impl IntoIterator<Item = KeyId>) -> Result<Self, PolicyError> {
        let keys: BTreeSet<KeyId> = keys.into_iter().collect();
        if threshold == 0 || threshold > keys.len() {
            return Err(PolicyError::ThresholdInvalid { threshold, keys: keys.len() });
        }
        Ok(Self::new(SignerRule::Keys { keys, threshold }))
    }

    /// The signature must be by an issuer of the trust snapshot, named by the id it has in the store: by one of its keys, or with a certificate
    /// that holds one of its identities and was vouched for as the store says.
    ///
    /// Keys are looked up among those of that issuer alone, whatever name the signature gives its key (catalogue B231).
    #[must_use]
    pub fn require_issuer(id: impl Into<String>) -> Self {
        Self::new(SignerRule::Issuer { id: id.into() })
    }

    /// Any signer whom the trust snapshot names: one of its keys, a certificate under one of its private authorities, or one of a public authority
    /// that holds an identity of a trusted issuer of the snapshot.
    ///
    /// Any other certificate of a public authority, whose customers are anybody, is refused: with `policy.issuer_required` if the snapshot
    /// has no issuers, else with what does not fit.
    #[must_use]
    pub fn require_trusted_signer() -> Self {
        Self::new(SignerRule::Trusted)
    }

    /// Accepts whoever holds a certificate of a trusted authority, also of a public one that certifies everybody, or a trusted key.
    ///
    /// For inspection only: a verdict under this policy says that *somebody* signed.
    #[must_use]
    pub fn danger_any_signer() -> Self {
        Self::new(SignerRule::Anyone)
    }

    /// The statement must have this predicate type, compared byte by byte. Said several times, any one of them will do.
    #[must_use]
    pub fn predicate_type(mut self, uri: impl Into<String>) -> Self {
        self.predicate_types.insert(uri.into());
        self
    }

    /// The signature must be by this scheme, such as `ecdsa-p256-sha256`. Said several times, any one of them will do; never said, any scheme will that is not
    /// too weak to be relied on.
    ///
    /// # Errors
    /// [`PolicyError::AlgorithmUnknown`] for a name that is none.
    pub fn algorithm(mut self, name: &str) -> Result<Self, PolicyError> {
        let scheme =
            Scheme::from_name(name).ok_or_else(|| PolicyError::AlgorithmUnknown { found: name.to_string() })?;
        self.algorithms.insert(scheme);
        Ok(self)
    }

    /// Permits nothing that this crypto profile does not, whatever [`Policy::algorithm`] asks for: neither the keys that sign, nor a link of the
    /// certificate path. Judged at every trusted time of the signature, or without one at the instant of verification. Said again, the later one counts.
    ///
    /// # Left to the caller
    /// The keys of third parties: what logs, issuers of certificate timestamps and time-stamping authorities sign is not held to the profile.
    #[must_use]
    pub fn within_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Whether any scheme and key is permitted that can be relied on at all.
    pub(crate) fn permits_all_algorithms(&self) -> bool {
        self.algorithms.is_empty() && self.profile == Profile::International
    }

    /// Needs verified entries of at least `count` distinct transparency logs.
    #[must_use]
    pub fn logs(mut self, count: u8) -> Self {
        self.logs = Requirement::AtLeast(count);
        self
    }

    /// Needs verified times of at least `count` distinct sources.
    #[must_use]
    pub fn trusted_times(mut self, count: u8) -> Self {
        self.times = Requirement::AtLeast(count);
        self
    }

    /// Needs at least `count` valid signed certificate timestamps of distinct logs in the signer's certificate.
    ///
    /// Only certificates have any: with a `count` above 0, no signature by a bare key is accepted.
    #[must_use]
    pub fn certificate_timestamps(mut self, count: u8) -> Self {
        self.certificate_timestamps = Requirement::AtLeast(count);
        self
    }

    /// Refuses a verification that is given no artifact ([`Binding::SubjectsAsListed`](crate::Binding::SubjectsAsListed)) with
    /// `intoto.artifact_missing`, so that a policy can insist on what a caller might forget.
    #[must_use]
    pub fn require_artifact(mut self) -> Self {
        self.artifact = ArtifactRule::Required;
        self
    }

    /// Accepts an attestation without a log entry, also where the signer's authority publishes to logs. An entry that is present must be valid.
    #[must_use]
    pub fn danger_without_log(mut self) -> Self {
        self.logs = Requirement::Waived;
        self
    }

    /// Accepts an attestation that nobody has timed, judged at the instant of verification. A time that is present must be valid.
    #[must_use]
    pub fn danger_without_trusted_time(mut self) -> Self {
        self.times = Requirement::Waived;
        self
    }

    /// Accepts a certificate without signed certificate timestamps.
    #[must_use]
    pub fn danger_without_certificate_timestamp(mut self) -> Self {
        self.certificate_timestamps = Requirement::Waived;
        self
    }

    /// Also accepts signatures by keys and certificates that were compromised, if every trusted time of the signature lies before the compromise as far as
    /// the store knows its instant (`--compromised-since`). Catalogue section 9, `accept_proven_before`.
    #[must_use]
    pub fn danger_accept_proven_before_compromise(mut self) -> Self {
        self.proven_before = ProvenBefore::Accept;
        self
    }

    /// Whether something is asked for that only a signing certificate holds. A bare key must not slip past it.
    pub(crate) fn needs_certificate(&self) -> bool {
        matches!(self.signer, SignerRule::Identity { .. })
            || self.issuer.is_some()
            || matches!(self.certificate_timestamps, Requirement::AtLeast(1..))
    }

    /// What this policy leaves unchecked on purpose, for the report.
    pub(crate) fn waived(&self) -> Vec<&'static str> {
        let mut waived = Vec::new();
        if self.signer == SignerRule::Anyone {
            waived.push("signer identity");
        }
        if self.proven_before == ProvenBefore::Accept {
            waived.push("compromise of a key after its signatures");
        }
        for (requirement, name) in [
            (self.logs, "log entry"),
            (self.times, "trusted time"),
            (self.certificate_timestamps, "certificate timestamp"),
        ] {
            if requirement == Requirement::Waived {
                waived.push(name);
            }
        }
        waived
    }

    /// SHA-256 of the canonical text of the rules, so that a report names the policy it applied.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::sha256(self.to_string().as_bytes())
    }
}

/// The canonical text of the rules, one a line, every value length-prefixed so that no two policies share a text.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "stella.policy/1")?;
        match &self.signer {
            SignerRule::Anyone => writeln!(f, "signer anyone")?,
            SignerRule::Identity { identity } => writeln!(f, "identity {} {identity}", identity.len())?,
            SignerRule::Issuer { id } => writeln!(f, "store-issuer {} {id}", id.len())?,
            SignerRule::Keys { keys, threshold } => {
                writeln!(f, "threshold {threshold}")?;
                for key in keys {
                    writeln!(f, "key {key}")?;
                }
            }
            SignerRule::Trusted => writeln!(f, "signer trusted")?,
        }
        if let Some(issuer) = &self.issuer {
            writeln!(f, "issuer {} {issuer}", issuer.len())?;
        }
        for uri in &self.predicate_types {
            writeln!(f, "predicate-type {} {uri}", uri.len())?;
        }
        for scheme in &self.algorithms {
            writeln!(f, "algorithm {}", scheme.name())?;
        }
        if self.profile != Profile::International {
            writeln!(f, "profile {}", self.profile)?;
        }
        for (name, requirement) in
            [("logs", self.logs), ("times", self.times), ("certificate-timestamps", self.certificate_timestamps)]
        {
            match requirement {
                Requirement::AsPublished => writeln!(f, "{name} as-published")?,
                Requirement::AtLeast(count) => writeln!(f, "{name} {count}")?,
                Requirement::Waived => writeln!(f, "{name} waived")?,
            }
        }
        if self.artifact == ArtifactRule::Required {
            writeln!(f, "artifact required")?;
        }
        if self.proven_before == ProvenBefore::Accept {
            writeln!(f, "proven-before accepted")?;
        }
        Ok(())
    }
}

/// A policy that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// No signature scheme has this name.
    AlgorithmUnknown {
        /// The name.
        found: String,
    },
    /// A threshold of 0 would accept anything, and one above the number of distinct keys nothing.
    ThresholdInvalid {
        /// The threshold asked for.
        threshold: usize,
        /// How many distinct keys were given.
        keys: usize,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmUnknown { found } => write!(f, "{} is no signature scheme", Bounded(found, 100)),
            Self::ThresholdInvalid { threshold, keys } => {
                write!(f, "a threshold of {threshold} cannot be met by {keys} distinct keys in any meaningful way")
            }
        }
    }
}

impl core::error::Error for PolicyError {}

impl Reason for PolicyError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmUnknown { .. } => Code::ConfigInvalid,
            Self::ThresholdInvalid { .. } => Code::PolicyThresholdInvalid,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnknown { found } => Some(Bounded(found, 100).to_string()),
            Self::ThresholdInvalid { threshold, .. } => Some(threshold.to_string()),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnknown { .. } => {
                Some("the name of a scheme, as in `stella crypto providers list`".to_string())
            }
            Self::ThresholdInvalid { keys, .. } => Some(format!("1 to {keys}")),
        }
    }
}
