//! OCI image layouts: the only part of this crate that touches files. Unix only.

mod attach;
mod directory;
mod layout;

pub use self::layout::Layout;
