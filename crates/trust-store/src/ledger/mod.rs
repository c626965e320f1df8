//! What the trust log says, and what it means.
//!
//! An [`Entry`] says who did what, when and why, and names the hash of everything in the store after it. The entries from the
//! first on, taken in by [`TrustState::apply`], are the state; there is no other place where trust is kept, so nothing can
//! change without an entry, and [`Ledger::snapshot_at`] gives yesterday's trust as readily as today's.
//!
//! The rules of who may change what are part of the fold: an entry that breaks them is no entry. Less trust takes one person,
//! more trust a quorum of distinct persons who sign one [`ChangeRequest`], as soon as enough approvers are enrolled for that.
//!
//! ```
//! use std::sync::Arc;
//! use stella_crypto_providers::{Registry, Scheme, SigningKey};
//! use stella_trust_store::MemoryLog;
//! use stella_trust_store::ledger::{Actor, Founding, Id, Ledger, Occasion, Person, Witness};
//! use stella_vocabulary::UnixTime;
//!
//! let registry = Registry::rustcrypto();
//! let key = Arc::new(SigningKey::from_secret_bytes(Scheme::Ed25519, &[7; 32])?);
//! let founding = Founding { store: Id::new("example")?, quorum: 2, approvers: Vec::new() };
//! let occasion = Occasion {
//!     actor: Actor::unsigned(Person::new("alice")?),
//!     at: UnixTime::parse_rfc3339("2026-01-17T09:00:00Z")?,
//!     reason: "first store of the release team".into(),
//! };
//! let ledger = Ledger::create(MemoryLog::new(), &registry, key, founding, &occasion)?;
//! assert!(ledger.snapshot(occasion.at)?.is_empty());
//! let kept_elsewhere = ledger.checkpoint()?;
//! assert_eq!(ledger.verify(kept_elsewhere.as_deref())?.witness, Witness::Outside { size: 1 });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod act;
#[cfg(all(feature = "fs", unix))]
mod ahead;
mod audit;
mod change;
mod checkpoint;
mod effect;
mod entry;
mod error;
mod fields;
mod history;
mod holders;
mod id;
mod json;
#[allow(clippy::module_inception, reason = "the ledger itself is the one idea of that file")]
mod ledger;
mod limits;
mod material;
mod object;
mod object_hashes;
mod plan;
mod planned;
pub(crate) mod portable;
mod purl;
mod reading;
mod record;
mod request;
mod revocation;
mod rules;
mod scope;
mod signatures;
mod snapshot;
mod snapshots;
mod state;
mod state_hash;
mod tally;

pub use self::audit::{Audit, Witness, verify};
pub use self::change::Change;
pub use self::effect::{Authority, Effect};
pub use self::entry::{Action, Actor, Entry, RequestSignature};
pub use self::error::{AuditFlaw, LedgerError};
pub use self::history::{Difference, More, Point, differences};
pub use self::id::{Id, Person};
pub use self::ledger::{Committed, Founder, Founding, Ledger, Occasion, Opening, Rollback};
pub use self::object::{
    Emergency, Ended, Mode, Object, ObjectKind, ObjectRef, Record, StagedKeys, Standing, StoreRecord,
};
pub use self::planned::{Planned, PlannedStep};
pub use self::purl::PurlPattern;
pub use self::record::{
    AnchorRecord, ApproverRecord, CertificateIdentity, IntermediateRecord, IssuerRecord, KeyRecord, Tier,
    TrustedRootRecord,
};
pub use self::request::{
    ChangeRequest, Decision, OpenRequest, REQUEST_LIFETIME, REQUEST_PAYLOAD_TYPE, Vote, request_envelope,
};
pub use self::revocation::{ProvenBefore, Revocation, RevocationCause, TimeEvidence, judge};
pub use self::rules::{EMERGENCY_LIFETIME, REQUEST_MAX_LIFETIME};
pub use self::scope::{Scope, Terms};
pub use self::snapshots::Snapshots;
pub use self::state::TrustState;
pub use self::tally::RequestStatus;
