//! DSSE envelopes, in-toto statements and Sigstore bundles as typed, bounded, **unverified** documents.
//!
//! Everything here is a pure function of bytes and [`Limits`]. What comes out has the right shape; nobody has vouched
//! for it yet: methods named `unverified_…`, `…_hint` and `claimed_…` give what only a verified signature makes worth
//! believing. The payload of an envelope is decoded once and not looked into before its signature has been verified.
//!
//! ```
//! use stella_attest_model::{Artifact, Attestation, Digest, Limits, Statement};
//!
//! let bytes = br#"{"payloadType": "application/vnd.in-toto+json", "payload": "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiMmNmMjRkYmE1ZmIwYTMwZTI2ZTgzYjJhYzViOWUyOWUxYjE2MWU1YzFmYTc0MjVlNzMwNDMzNjI5MzhiOTgyNCJ9fV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL2V4YW1wbGUuY29tL3Rlc3QvdjEifQ==", "signatures": [{"sig": "c2lnbmF0dXJl"}]}"#;
//! let attestation = Attestation::from_json(bytes)?;
//! let envelope = attestation.envelope().expect("no message signature");
//! let pae = envelope.pae();
//! let [header, payload] = pae.parts();
//! // … verify a signature over header and payload; only then:
//! let statement = Statement::from_payload(payload, &Limits::default())?;
//! let artifact = Artifact::from_digest(Digest::sha256(b"hello"));
//! assert_eq!(statement.match_subject(&artifact)?, 0);
//! # let _ = header;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | document | type | standard |
//! |---|---|---|
//! | any of the two below | [`Attestation`] | |
//! | DSSE envelope | [`Envelope`], [`Pae`] | DSSE v1 |
//! | Sigstore bundle | [`Bundle`], [`LogEntry`], [`MessageSignature`] | Sigstore bundle v0.1, v0.2, v0.3 |
//! | in-toto statement | [`Statement`], [`Subject`] | in-toto Statement v0.1, v1 |
//! | a new one | [`NewStatement`], [`predicate`] | in-toto Statement v1, and the specifications of its predicates |
//! | JSON | [`json::Document`] | RFC 8259, RFC 8785 |
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod artifact;
mod attestation;
mod attestation_id;
mod bundle;
mod bytes;
mod digest;
mod document_error;
mod envelope;
pub mod json;
mod limits;
mod log_entry;
mod material;
mod message_signature;
mod new_statement;
mod pae;
pub mod predicate;
mod shown;
mod statement;
mod statement_error;
mod subject;

pub use crate::artifact::{Artifact, ArtifactError, ArtifactHasher};
pub use crate::attestation::{Attestation, Form};
pub use crate::attestation_id::{AttestationId, IdError, IdPrefix};
pub use crate::bundle::{Bundle, BundleVersion, Content};
pub use crate::digest::{Digest, DigestAlgorithm, DigestError, Strength};
pub use crate::document_error::DocumentError;
pub use crate::envelope::{Envelope, EnvelopeSignature};
pub use crate::limits::Limits;
pub use crate::log_entry::{InclusionProof, LogEntry};
pub use crate::material::KeyMaterial;
pub use crate::message_signature::MessageSignature;
pub use crate::new_statement::{NewStatement, NewSubject};
pub use crate::pae::Pae;
pub use crate::statement::{Statement, StatementVersion};
pub use crate::statement_error::StatementError;
pub use crate::subject::Subject;
