//! What another trust would change: the same attestations, policy and instant under two snapshots.
//!
//! ```
//! use stella_attest_verify::preview::{Evidence, Movement, Preview};
//! use stella_attest_verify::{Attestation, Binding, Certificate, Policy, Registry, TrustSnapshot, UnixTime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = include_bytes!("../../../../examples/private-pki/root.pem");
//! # let intermediate = include_bytes!("../../../../examples/private-pki/intermediate.pem");
//! # let bytes = include_bytes!("../../../../examples/private-pki/attestation.json");
//! let with_anchor = TrustSnapshot::builder()
//!     .anchor(Certificate::from_pem(root)?)
//!     .intermediate(Certificate::from_pem(intermediate)?)
//!     .build()?;
//! let without = TrustSnapshot::builder().intermediate(Certificate::from_pem(intermediate)?).build()?;
//! let attestation = Attestation::from_json(bytes)?;
//! let evidence = [Evidence { attestation: &attestation, binding: &Binding::SubjectsAsListed }];
//! let at = UnixTime::parse_rfc3339("2026-06-01T00:00:00Z")?;
//!
//! let registry = Registry::rustcrypto();
//! let preview = Preview::new(&registry, &with_anchor, &without, Policy::require_signer("https://ci.example/builder"));
//! let comparison = preview.compare(evidence, at);
//! assert_eq!(comparison.moved[0].movement, Movement::NewlyRefused);
//! assert_eq!(comparison.moved[0].after.code().map(|code| code.as_str()), Some("x509.unknown_issuer"));
//! # Ok(())
//! # }
//! ```

mod affected;
mod compare;
mod outcome;

pub use affected::Affected;
pub use compare::{Comparison, Evidence, Moved, Movement, Preview, Unmoved};
pub use outcome::Outcome;
