//! What the fuzz targets share: evidence that verifies, and what must hold of every error and of everything printed.

pub mod evidence;
pub mod input;
pub mod memory;
pub mod revocable;
pub mod shown;
pub mod store;

pub use input::Input;
pub use shown::{check_reason, check_shown};
