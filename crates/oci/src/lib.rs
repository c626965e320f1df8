//! Attestations of container images.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
