//! The trust decisions a verification relies on, as an immutable, digested snapshot.
//!
//! A [`TrustSnapshot`] holds public keys and [`TrustDomain`]s: the store's own domain, to which authorities and logs are added
//! one by one, and one more for every Sigstore trusted root that was imported. Everything in it has been looked at: material
//! that could never be relied on is refused while the snapshot is built, never passed over. [`TrustSnapshot::root`] is the
//! digest of all of it, so that a report can say which trust it used.
//!
//! A snapshot can also be the fold of a log. [`ledger`] says what the entries of such a log mean, who may add which, and how an audit finds what was
//! changed; a [`LogStore`] keeps them, in memory or, with the feature `fs`, in files.
//!
//! What depends on the instant is judged by the verification: certificate validity, and every [`Window`].
//!
//! [`Window`]: stella_vocabulary::Window
//!
//! ```
//! use stella_trust_store::TrustSnapshot;
//! use stella_vocabulary::{Code, Reason};
//!
//! let refused = TrustSnapshot::builder().anchors_from_pem(b"no certificate").unwrap_err();
//! assert_eq!(refused.code(), Code::PemMalformed);
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(any(feature = "fetch", all(feature = "fs", unix)))]
extern crate std;

mod anchor_entry;
mod authority;
mod builder;
mod claims;
mod domain;
mod entry;
mod error;
pub mod exchange;
#[cfg(feature = "fetch")]
pub mod fetch;
mod identity_pattern;
mod issuer_entry;
mod key_details;
mod key_entry;
pub mod key_file;
pub mod ledger;
pub mod lint;
mod log_store;
mod set_aside;
mod snapshot;
mod soundness;
#[cfg(any(feature = "fetch", all(feature = "fs", unix)))]
mod stopwatch;
mod trusted_root;

pub use crate::anchor_entry::AnchorEntry;
pub use crate::authority::{CertificateAuthority, TimestampAuthority};
pub use crate::builder::TrustSnapshotBuilder;
pub use crate::domain::{DomainKind, TrustDomain};
pub use crate::error::{AuthorityFlaw, TrustError, WindowFlaw};
pub use crate::identity_pattern::identity_fits;
pub use crate::issuer_entry::{IdentityFit, IssuerEntry, IssuerStanding};
pub use crate::key_entry::KeyEntry;
#[cfg(all(feature = "fs", unix))]
pub use crate::log_store::fs;
pub use crate::log_store::{Damage, Head, LinkKind, LogStore, MemoryLog, StoreError, Visit, Visitor, check_sizes};
pub use crate::set_aside::{AsideAnchor, AsideKey, Block, WhyAside};
pub use crate::snapshot::{SnapshotOrigin, TrustSnapshot};
#[cfg(any(feature = "fetch", all(feature = "fs", unix)))]
pub use crate::stopwatch::Stopwatch;
pub use crate::trusted_root::TrustedRoot;
