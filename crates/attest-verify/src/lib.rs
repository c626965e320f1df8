//! Attestation, subject, trust, policy and time in; report out. One pure function, and the one dependency of an embedder.
//!
//! ```
//! use stella_attest_verify::{Attestation, Certificate, Digest, Policy, Registry, TrustSnapshot, UnixTime, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = include_bytes!("../../../examples/private-pki/root.pem");
//! # let bytes = include_bytes!("../../../examples/private-pki/attestation.json");
//! # let artifact = include_bytes!("../../../examples/private-pki/release.txt");
//! # let intermediate = include_bytes!("../../../examples/private-pki/intermediate.pem");
//! let registry = Registry::rustcrypto();
//! let trust = TrustSnapshot::builder()
//!     .anchor(Certificate::from_pem(root)?)
//!     .intermediate(Certificate::from_pem(intermediate)?)
//!     .build()?; // bad material is refused here
//! let policy = Policy::require_signer("https://ci.example/builder") // no default
//!     .predicate_type("https://slsa.dev/provenance/v1");
//! let evidence = Attestation::from_json(bytes)?; // not a document is not a verdict
//! let at = UnixTime::parse_rfc3339("2026-06-01T00:00:00Z")?;
//! let report = Verifier::new(&registry, &trust, policy).verify(&evidence, &Digest::sha256(artifact), at);
//! let verified = report.into_verified()?; // a refusal still carries the report
//! assert_eq!(verified.statement().map(|s| s.predicate_type()), Some("https://slsa.dev/provenance/v1"));
//! # Ok(())
//! # }
//! ```
//!
//! The library reads no clock, no disk, no network and no environment. What it decides follows from its arguments alone, and the report
//! names the digest of each of them.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod authority;
mod binding;
pub mod bisect;
mod check;
mod considered;
mod digested;
mod fact;
pub mod identity;
mod near_path;
mod path;
mod path_finder;
mod policy;
pub mod preview;
mod refused;
mod remedy;
mod report;
mod report_json;
mod revocation;
mod run;
mod scope;
mod steps;
mod tally;
mod trust;
mod verified;
mod verifier;

pub use binding::Binding;
pub use check::{Check, CheckId, Status};
pub use near_path::{Difference, Likeness, NearCertificate};
pub use path_finder::{FoundPaths, PathFinder};
pub use policy::{Policy, PolicyError, Requirement};
pub use refused::{NearMiss, Refused};
pub use remedy::Remedy;
pub use report::{
    Inputs, PathCertificate, PathFinding, PathPurpose, Report, Signer, TimeSource, TriedPath, TrustedTime, Verdict,
};
pub use tally::Remembered;
pub use verified::{Refusal, VerifiedAttestation};
pub use verifier::Verifier;

pub use stella_attest_model::{
    Artifact, ArtifactHasher, Attestation, AttestationId, Digest, DigestAlgorithm, DocumentError, Form, Limits,
    Statement,
};
pub use stella_chain_verify::Certificate;
pub use stella_crypto_providers::{KeyId, Profile, PublicKey, Registry};
pub use stella_trust_store::{TrustError, TrustSnapshot};
pub use stella_vocabulary::{Code, Reason, UnixTime, Window};

/// The Rust code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
