//! The declared generator of every test key, certificate, attestation and bundle in this tree.
//!
//! All secrets are the SHA-256 of a label that starts with `stella TEST KEY, never trust`, all signatures are deterministic
//! (RFC 6979, Ed25519), and all dates are fixed: authorities from 2020 to 2060, short-lived leaves around
//! [`sigstore::SIGNED_AT`]. The same call gives the same bytes on every machine and in every year.
//!
//! Nothing here is shared with the code under test except the signing primitive: the DER writer, the Merkle tree, the log
//! entries and the tokens are written from the standards, so that a misreading there cannot hide here.

pub mod authority;
pub mod bundle;
pub mod catalogue;
pub mod certificate;
pub mod ct_log;
pub mod der;
pub mod dsse;
pub mod examples;
pub mod json;
pub mod key;
pub mod maze;
pub mod merkle;
pub mod oci;
pub mod oid;
pub mod population;
#[cfg(unix)]
pub mod postgres;
pub mod rekor;
pub mod revocation;
pub mod rotation;
pub mod sigstore;
pub mod softhsm;
pub mod statement;
pub mod trusted_root;
pub mod tsa;
