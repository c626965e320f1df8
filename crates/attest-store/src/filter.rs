//! Which attestations are asked for.

use stella_attest_model::Digest;
use stella_vocabulary::UnixTime;

/// Which arrivals are asked for: those that fit every member that is set. The default fits all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// Attestations about this digest.
    pub subject: Option<Digest>,
    /// With this predicate type, exactly.
    pub predicate_type: Option<String>,
    /// Whose signing certificate has this as its first name, exactly.
    pub identity: Option<String>,
    /// Whose signing certificate names this identity provider, exactly.
    pub issuer: Option<String>,
    /// Whose signing certificate holds the key with this id, or whose signatures hint at this text.
    pub key: Option<String>,
    /// That arrived at or after this instant.
    pub since: Option<UnixTime>,
    /// That arrived before this instant.
    pub until: Option<UnixTime>,
    /// Which documents of an attestation.
    pub documents: Documents,
}

/// Which documents of an attestation are meant.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Documents {
    /// Every one.
    #[default]
    All,
    /// The first that arrived.
    First,
}
