//! Finds and judges X.509 paths under an explicit policy, time and budget, keeping every path tried.
//!
//! [`Certificate`] reads strict DER and keeps the bytes that were signed. A [`Pool`] of [`Anchor`]s and known intermediates is
//! prepared once; [`Pool::search`] looks for a path from a leaf to an anchor and returns a [`VerifiedChain`], or every
//! [`TriedPath`] with what is wrong with it. RFC 5280 §6, RFC 5937, RFC 9618.
//!
//! ```
//! use stella_chain_verify::{Certificate, ChainPolicy, Pool, Purpose};
//! use stella_crypto_providers::Registry;
//! use stella_vocabulary::{Reason, UnixTime};
//!
//! # fn example(leaf: &[u8], chain: &[Vec<u8>], anchor: &[u8]) -> Result<(), Box<dyn core::error::Error>> {
//! let anchor = stella_chain_verify::Anchor::new(Certificate::from_der(anchor)?);
//! let pool = Pool::new(&Registry::rustcrypto(), vec![anchor], vec![]);
//!
//! let leaf = Certificate::from_der(leaf)?;
//! let extra = chain.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>()?;
//! let at = [UnixTime::parse_rfc3339("2026-01-17T09:00:00Z")?];
//! match pool.search(&leaf, &extra, &at, &ChainPolicy::new(Purpose::code_signing())).into_result() {
//!     Ok(verified) => drop(verified.leaf_public_key()),
//!     Err(refused) => eprintln!("{}: {refused}", refused.code()),
//! }
//! # Ok(())
//! # }
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod anchor;
mod budget;
mod certificate;
mod certificate_error;
mod chain_builder;
mod chain_error;
mod directory_string;
mod explanation;
mod extension;
mod general_name;
mod link;
mod name;
mod name_constraints;
mod name_limits;
mod name_syntax;
mod oid;
mod outcome;
mod peer_name;
mod policies;
mod pool;
mod purpose;
mod revocation;
mod rules;
mod search;
mod time;
mod tlv;
mod web_pki;

pub use crate::anchor::{Anchor, AnchorTerms};
pub use crate::budget::{Budget, Spent, Work};
pub use crate::certificate::{Certificate, MAX_CERTIFICATE_BYTES, MAX_CERTIFICATES};
pub use crate::certificate_error::CertificateError;
pub use crate::chain_builder::{ChainBuilder, ChainRefusal};
pub use crate::chain_error::{ChainError, ListFault, Missing, ProfileRule, ResponderFault, RevocationGap};
pub use crate::explanation::{Break, Diagnosis, Explanation};
pub use crate::extension::Extension;
pub use crate::extension::basic_constraints::{BasicConstraints, Role};
pub use crate::extension::key_usage::{KeyUsage, KeyUse};
pub use crate::general_name::GeneralName;
pub use crate::name::Name;
pub use crate::name_constraints::Subtree;
pub use crate::name_limits::{NameLimitError, NameLimits};
pub use crate::outcome::{Reach, Refused, Search, TriedPath, VerifiedChain, Wanted};
pub use crate::peer_name::{PeerName, PeerNameError};
pub use crate::policies::{InitialPolicies, ValidPolicies};
pub use crate::pool::Pool;
pub use crate::purpose::{ChainPolicy, IssuerUsage, KeyIdentifiers, Profile, Purpose};
pub use crate::revocation::block_list::{BlockList, Blocked};
pub use crate::revocation::list::{MAX_REVOCATION_LIST_BYTES, RevocationList, RevocationReason};
pub use crate::revocation::list_error::RevocationListError;
pub use crate::revocation::response::{MAX_OCSP_RESPONSE_BYTES, OcspResponse};
pub use crate::revocation::response_error::OcspResponseError;
pub use crate::revocation::{Revocation, UnknownStatus};
