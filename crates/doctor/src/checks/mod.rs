//! The checks that come with the library.

mod clock;
mod crypto;
mod keys;
mod log;
mod store;
mod transparency;
mod trust;
mod verification;

use std::sync::Arc;

use crate::check::Check;

pub use clock::ClockSkew;
pub use crypto::{CertificateChains, HardwareKeys, ProfileRules};
pub use keys::{KeyExpiration, SigningHealth};
pub use log::{ConfigHealth, LogConnectivity, TrustLog};
pub use store::{EvidenceIntegrity, MemoHealth, StoreHealth, StoreSchema, StoreSpace};
pub use transparency::CheckpointConsistency;
pub use trust::{IssuerFreshness, Permissions, TrustRules};
pub use verification::VerificationHealth;

/// All of them, in the order in which causes come before what follows from them.
#[must_use]
pub fn all() -> Vec<Arc<dyn Check>> {
    let mut all: Vec<Arc<dyn Check>> = vec![
        Arc::new(ConfigHealth),
        Arc::new(TrustLog),
        Arc::new(StoreHealth),
        Arc::new(StoreSchema),
        Arc::new(StoreSpace),
        Arc::new(MemoHealth),
        Arc::new(EvidenceIntegrity),
        Arc::new(Permissions),
        Arc::new(ClockSkew),
        Arc::new(HardwareKeys),
        Arc::new(KeyExpiration),
    ];
    for profile in ProfileRules::ALL {
        all.push(Arc::new(profile));
    }
    all.push(Arc::new(SigningHealth));
    for rules in TrustRules::ALL {
        all.push(Arc::new(rules));
    }
    let rest: [Arc<dyn Check>; 5] = [
        Arc::new(VerificationHealth),
        Arc::new(IssuerFreshness),
        Arc::new(CertificateChains),
        Arc::new(CheckpointConsistency),
        Arc::new(LogConnectivity),
    ];
    all.extend(rest);
    all
}

/// So much time, in words.
pub(crate) fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
