//! Where the entries of the trust log are kept. Nothing here knows what an entry says.

mod error;
mod memory;
mod store;

pub use self::error::{Damage, LinkKind, StoreError};
pub use self::memory::MemoryLog;
pub use self::store::{Head, LogStore, Visit, Visitor};
