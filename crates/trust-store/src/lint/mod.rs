//! What is odd about a store: objects that count for nothing, for too much, or not for long.
//!
//! A pure function of the state and an instant. It repeats no rule of the store; what it finds is allowed, and somebody should look at it.
//!
//! ```
//! # use std::sync::Arc;
//! # use stella_crypto_providers::{Registry, Scheme, SigningKey};
//! # use stella_trust_store::MemoryLog;
//! # use stella_trust_store::ledger::{Actor, Founding, Id, Ledger, Occasion, Person};
//! # use stella_vocabulary::UnixTime;
//! use stella_trust_store::lint::{Rule, Severity, Surroundings, lint};
//!
//! # let key = Arc::new(SigningKey::from_secret_bytes(Scheme::Ed25519, &[7; 32])?);
//! # let founding = Founding { store: Id::new("example")?, quorum: 2, approvers: Vec::new() };
//! # let at = UnixTime::parse_rfc3339("2026-01-17T09:00:00Z")?;
//! # let occasion = Occasion { actor: Actor::unsigned(Person::new("alice")?), at, reason: "a store".into() };
//! let ledger = Ledger::create(MemoryLog::new(), &Registry::rustcrypto(), key, founding, &occasion)?;
//! let findings = lint(ledger.state(), at, &Surroundings::default());
//! assert_eq!((findings[0].rule, findings[0].severity), (Rule::Solo, Severity::Info));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod broad;
mod cover;
mod decisions;
mod ending;
mod finding;
mod grant;
mod objects;
mod rotation;
mod shadowed;
mod vacuous;

pub use finding::{Finding, Rule, Severity};
pub use grant::{Grant, grants};
pub use rotation::SignedAt;

use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use self::objects::Objects;
use crate::TrustedRoot;
use crate::ledger::TrustState;

/// What is known besides the store itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// When attestations were signed, and by which key: they show which gap between two keys matters.
    pub attestations: &'a [SignedAt],
    /// Public authorities besides those whose trusted roots are in the store.
    pub public: &'a [TrustedRoot],
}

/// Looks at a store as of an instant. Emergency changes in force are named and not looked into.
///
/// The gravest findings come first, then by rule and object; equal states give equal lists.
#[must_use]
pub fn lint(state: &TrustState, at: UnixTime, surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let objects = Objects::of(state, at);
    let mut findings = Vec::new();
    broad::look(&objects, surroundings.public, &mut findings);
    decisions::look(&objects, &mut findings);
    ending::look(&objects, &mut findings);
    rotation::look(&objects, surroundings.attestations, &mut findings);
    shadowed::look(&objects, &mut findings);
    vacuous::look(&objects, &mut findings);
    findings.sort();
    findings
}
