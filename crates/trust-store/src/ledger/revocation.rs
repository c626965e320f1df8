//! Revocations, and the table that says which signatures survive one.

use core::cmp::Ordering;

use stella_vocabulary::{Code, Position, UnixTime, Window};

use super::error::LedgerError;
use super::fields::Fields;
use super::json::{Json, name_of};
use super::limits::check_instant;
use super::scope::Extent;

/// Why something was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevocationCause {
    /// Its owner has stopped working.
    Ceased,
    /// Somebody else may have used it.
    Compromised,
    /// Another one took its place.
    Superseded,
    /// Nobody said; judged like a compromise.
    Unspecified,
}

const CAUSES: [(RevocationCause, &str); 4] = [
    (RevocationCause::Ceased, "ceased"),
    (RevocationCause::Compromised, "compromised"),
    (RevocationCause::Superseded, "superseded"),
    (RevocationCause::Unspecified, "unspecified"),
];

impl RevocationCause {
    /// Its name: `ceased`, `compromised`, `superseded`, `unspecified`.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(&CAUSES, &self)
    }

    /// Whether signatures from before cannot be relied on either.
    #[must_use]
    pub fn taints_the_past(self) -> bool {
        matches!(self, Self::Compromised | Self::Unspecified)
    }
}

/// That something is no longer trusted, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Why.
    pub cause: RevocationCause,
    /// From when on signatures may be somebody else's, as far as is known (`--compromised-since`). Never later than `revoked_at`, nor
    /// in the future when it is logged.
    pub invalid_since: Option<UnixTime>,
    /// From when on it counts for nothing.
    pub revoked_at: UnixTime,
}

impl Revocation {
    pub(super) fn check(&self) -> Result<(), LedgerError> {
        check_instant("the time of revocation", self.revoked_at)?;
        let Some(since) = self.invalid_since else { return Ok(()) };
        check_instant("the time of compromise", since)?;
        self.check_since(self.revoked_at)
    }

    /// Whether nobody says at `at` that the compromise is still to come. A year too late lets through what came after it.
    pub(super) fn check_since(&self, at: UnixTime) -> Result<(), LedgerError> {
        match self.invalid_since {
            Some(since) if since > at => Err(LedgerError::CompromiseLate { since, latest: at }),
            _ => Ok(()),
        }
    }

    /// Whether `self` in place of `old` lets more signatures through, under one policy or the other.
    pub(super) fn extent_from(&self, old: &Self) -> Extent {
        let extent = |policy| match self.limit(policy).cmp(&old.limit(policy)) {
            Ordering::Equal => Extent::Same,
            Ordering::Less => Extent::Narrower,
            Ordering::Greater => Extent::Wider,
        };
        extent(ProvenBefore::Accept).and(extent(ProvenBefore::Refuse))
    }

    /// Whether any signature may count, under one policy or the other.
    pub(super) fn lets_any_through(&self) -> bool {
        self.limit(ProvenBefore::Accept).or(self.limit(ProvenBefore::Refuse)).is_some()
    }

    /// Before when signatures count that are proven to be older; `None` if none does. Every limit is later than none.
    fn limit(&self, proven_before: ProvenBefore) -> Option<UnixTime> {
        match (self.cause.taints_the_past(), proven_before) {
            (false, _) => Some(self.revoked_at),
            // Whatever it says of the compromise, nothing counts from the revocation on.
            (true, ProvenBefore::Accept) => self.invalid_since.map(|since| since.min(self.revoked_at)),
            (true, ProvenBefore::Refuse) => None,
        }
    }

    pub(super) fn to_json(self) -> Json<'static> {
        Json::object([
            ("cause", Json::text(self.cause.name())),
            ("invalid_since", Json::optional(self.invalid_since, Json::Time)),
            ("revoked_at", Json::Time(self.revoked_at)),
        ])
    }

    pub(super) fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            cause: fields.one_of("cause", &CAUSES)?,
            invalid_since: fields.optional_time("invalid_since")?,
            revoked_at: fields.time("revoked_at")?,
        })
    }
}

/// What is known about the time of a signature.
#[derive(Clone, Copy, Debug)]
pub enum TimeEvidence<'t> {
    /// Evidence is there and does not verify; the code is that of the evidence.
    Invalid(Code),
    /// No trusted time, and the policy takes long-lived keys at their word: judged as of the given instant.
    JudgedAt(UnixTime),
    /// No trusted time, and the policy needs one.
    Missing,
    /// Trusted times, at least one.
    Trusted(&'t [UnixTime]),
}

/// What a policy thinks of signatures by a compromised key that are proven to be older than the compromise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvenBefore {
    /// They count (`accept_proven_before = true`).
    Accept,
    /// They do not.
    Refuse,
}

/// Judges a signature time against the window and revocation of a key; the code of the refusal is the error.
///
/// The table "Time" of section 9 of the catalogue: every trusted time must fit; a superseded or ceased key counts before
/// `revoked_at`; a compromised one for nothing, unless the policy accepts times before `invalid_since`. A revocation is named
/// before the window.
///
/// # Errors
/// The code of the refusal.
pub fn judge(
    window: Window,
    revocation: Option<&Revocation>,
    evidence: TimeEvidence<'_>,
    proven_before: ProvenBefore,
) -> Result<(), Code> {
    let times = match evidence {
        TimeEvidence::Invalid(code) => return Err(code),
        TimeEvidence::Missing | TimeEvidence::Trusted([]) => return Err(Code::TimeNoTrustedTime),
        TimeEvidence::Trusted(times) => times,
        TimeEvidence::JudgedAt(at) => return judge_now(window, revocation, at),
    };
    if let Some(revocation) = revocation {
        let limit = revocation.limit(proven_before);
        if !limit.is_some_and(|limit| times.iter().all(|time| *time < limit)) {
            return Err(Code::KeyRevoked);
        }
    }
    times.iter().try_for_each(|time| match window.position(*time) {
        Position::Inside => Ok(()),
        Position::Before => Err(Code::KeyNotYetTrusted),
        Position::After => Err(Code::KeyExpiredAtSigning),
    })
}

fn judge_now(window: Window, revocation: Option<&Revocation>, at: UnixTime) -> Result<(), Code> {
    if revocation.is_some_and(|revocation| revocation.cause.taints_the_past() || at >= revocation.revoked_at) {
        return Err(Code::KeyRevoked);
    }
    match window.position(at) {
        Position::Inside => Ok(()),
        Position::Before => Err(Code::KeyNotYetTrusted),
        Position::After => Err(Code::KeyExpired),
    }
}
