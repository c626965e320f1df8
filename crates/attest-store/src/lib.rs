//! Where attestations are kept, with what became of them: arrivals, reports, the journal, remembered signature results, and work that many
//! nodes share.
//!
//! [`AttestationStore`] is the trait. Two forms pass one suite of tests: the embedded one, SQLite beside segment files (feature `sqlite`,
//! the default), and PostgreSQL for many nodes (feature `postgres`).
//!
//! Everything that is read back is checked again: a document against its SHA-256, an arrival against the chain of all arrivals. Nothing
//! here decides whether an attestation is to be believed; what is indexed are the claims of the documents themselves.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod arrival;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod body;
mod error;
mod event;
mod facts;
mod filter;
mod memo;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod packed;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod records;
mod report_record;
#[cfg(all(feature = "sqlite", unix))]
pub mod sqlite;
mod store;
mod work;

pub use arrival::{Added, Arrival, ArrivalsHead, Incoming};
pub use error::StoreError;
pub use event::{Event, EventFilter, EventKind, Level, NewEvent, Retention};
pub use facts::Facts;
pub use filter::{Documents, Filter};
pub use memo::{MemoSecret, StoreMemo};
pub use report_record::{Link, LinkKind, ReportRecord};
pub use store::{About, AttestationStore, Flaw, OperationId, Progress};
pub use work::{Finished, RunId, RunPlan, RunState, Share};
