//! Trust in the forms of others, and of other stores.
//!
//! What somebody else trusts is read here and becomes [`Change`](crate::ledger::Change)s, which go the way of every change: the ledger says who has to
//! agree, and nothing counts before. Four forms are read: Sigstore trusted roots ([`trusted_root`]), PEM bundles ([`pem_bundle`]), public
//! keys as `cosign` writes them ([`public_keys`]), and the trust store of Notation with its policy ([`notation`]). What of them cannot be said here
//! is refused, or left out and named in [`Import::notes`]; nothing is ever taken with fewer limits than it had.
//!
//! [`TrustExport`] is the way between two stores that do not see each other: one signed file, and [`TrustExport::difference_from`] says what it would change.

mod difference;
mod error;
mod export;
mod import;
mod naming;
mod notation;
mod pem_bundle;
mod public_keys;
mod trusted_root;

pub use self::difference::{Difference, KeptBack, KeptBackReason};
pub use self::error::{ExchangeError, ExportFlaw};
pub use self::export::{EXPORT_PAYLOAD_TYPE, TrustExport};
pub use self::import::{Import, ImportNote, ImportTerms};
pub use self::notation::{NotationFile, notation};
pub use self::pem_bundle::pem_bundle;
pub use self::public_keys::public_keys;
pub use self::trusted_root::trusted_root;
