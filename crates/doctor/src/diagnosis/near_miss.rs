//! What would have made it verify.

use stella_attest_verify::{Code, Registry, Report};
use stella_crypto_providers::{Profile, Scheme};

use crate::cause::Mending;

/// What kind of near miss it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NearKind {
    /// The authority is known under this name, with another key.
    AuthorityRotated,
    /// The authority is known, and does not count, or not now, or not for this.
    AuthorityKnown,
    /// It verifies over the text of the payload in base64.
    Base64Text,
    /// It verifies over the bare payload.
    BarePayload,
    /// A key that is known and does not count made the signature.
    KeyKnown,
    /// It verifies under another payload type.
    OtherPayloadType,
    /// A trusted key other than the one that is named made the signature.
    OtherKey,
    /// Which provider computes the algorithm, or which profile permits it.
    Provider,
}

impl NearKind {
    /// The name, such as `authority-rotated`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorityKnown => "authority-known",
            Self::AuthorityRotated => "authority-rotated",
            Self::BarePayload => "bare-payload",
            Self::Base64Text => "base64-text",
            Self::KeyKnown => "key-known",
            Self::OtherKey => "other-key",
            Self::OtherPayloadType => "other-payload-type",
            Self::Provider => "provider",
        }
    }
}

/// What would have made it verify, or what it turned out to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NearMiss {
    /// What kind it is.
    pub kind: NearKind,
    /// One sentence.
    pub what: String,
    /// What mends it, where that is known by name.
    pub mending: Option<Mending>,
}

/// Who computes the algorithm that was refused, and which profiles permit it.
pub(super) fn of_provider(registry: &Registry, report: &Report) -> Option<NearMiss> {
    if !matches!(report.code(), Some(Code::CryptoAlgorithmUnavailable | Code::SigAlgorithmUnsupported)) {
        return None;
    }
    let name = report.cause().and_then(|cause| cause.found()).or(report.signer().algorithm())?;
    let what = match Scheme::from_name(name) {
        Some(scheme) => {
            let provider = registry.provider_for(scheme).map(|provider| provider.name().to_owned());
            let permitting: Vec<&str> = Profile::ALL
                .iter()
                .filter(|profile| profile.permits(scheme, usize::MAX, report.at()).is_ok())
                .map(|profile| profile.name())
                .collect();
            let computed = provider.map_or("nobody here computes it".to_owned(), |name| format!("{name} computes it"));
            format!("{}: {computed}; permitted by the profiles {}", scheme.name(), permitting.join(", "))
        }
        None => {
            let foreign =
                Profile::ALL.iter().flat_map(|profile| profile.foreign()).find(|foreign| foreign.name() == name)?;
            format!("{}: computed by {}", foreign.name(), foreign.provided_by())
        }
    };
    Some(NearMiss { kind: NearKind::Provider, what, mending: None })
}
