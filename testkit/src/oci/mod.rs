//! Container images and what is attached to them: in layout directories, in a small registry of one's own, and in Debian's.
//!
//! Written from the OCI image and distribution specifications 1.1, and sharing nothing with the code under test.

mod debian;
mod document;
mod layout;
mod registry;

pub use debian::DebianRegistry;
pub use document::{Blob, Described, Image, envelope_about, index, referrer, signer};
pub use layout::LayoutMaker;
pub use registry::{Asked, Lists, Login, Registry, answer};
