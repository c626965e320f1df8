//! Registries. OCI distribution spec v1.1.
//!
//! The only part of this crate that opens sockets. Every answer is bounded in time and size, and is believed only as far as its digest
//! goes; only where a tag leads is the registry's to say. There is no proxy, no cookie and no compression.
//!
//! ureq speaks HTTP here, and not the one GET of `stella_trust_store::fetch`: a registry is written to, redirects, wants tokens and is
//! asked many things over one connection. What is safe about the other is kept: addresses are checked before they are connected to, TLS
//! is always verified and judged at the caller's instant, and redirects are followed here, by rules, and not in the client.

mod access;
mod address;
mod attach;
mod challenge;
mod client;
mod failure;
mod link;
mod read;
mod tls;
mod url;

pub use self::access::{Access, AccessError, Credentials};
pub use self::failure::FetchFailure;
pub use self::read::{Registry, RegistryError};
