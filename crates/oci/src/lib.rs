//! Attestations of container images: read from, and attached in, OCI image layout directories and registries.
//!
//! Nothing here is judged. What comes out are documents whose bytes have the digest that the image names them by, and a
//! list of what is attached and could not be read, each with its code. Whether an attestation is about the image, and
//! whether to believe it, is for `stella-attest-verify` to say: its subject must be [`Image::digest`].
//!
//! ```no_run
//! use stella_oci::{Layout, Limits, Pick};
//!
//! let layout = Layout::open("images".as_ref())?;
//! let image = layout.find(&Pick::Tag("v1".into()))?;
//! let attached = layout.attached(&image, &Limits::default())?;
//! for found in attached.attestations() {
//!     println!("{} of {}", found.attestation().id(), image.digest());
//! }
//! for left_out in attached.left_out() {
//!     println!("{}: {}", left_out.place(), left_out.why());
//! }
//! # Ok::<(), stella_oci::OciError>(())
//! ```
//!
//! | where | type | standard |
//! |---|---|---|
//! | a directory | [`Layout`] | OCI image spec v1.1, "Image Layout" |
//! | a registry | [`registry::Registry`] | OCI distribution spec v1.1, with the referrers tag schema |
//! | which of the two | [`Reference`] | |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod attached;
mod descriptor;
mod digest;
mod error;
mod fs;
mod limits;
mod manifest;
mod media_type;
mod new_referrer;
mod reference;
pub mod registry;

pub use crate::attached::{Attached, FoundAttestation, How, LeftOut};
pub use crate::descriptor::{Descriptor, Image};
pub use crate::digest::BlobDigest;
pub use crate::error::OciError;
pub use crate::fs::Layout;
pub use crate::limits::Limits;
pub use crate::new_referrer::{Added, NewReferrer};
pub use crate::reference::{Pick, Reference, RegistryReference, Transport};
