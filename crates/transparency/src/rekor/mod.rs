//! Bodies of Rekor entries, and the binding of an entry to one signed document.
//!
//! A log vouches for whatever it was given. That *this* envelope, signature and certificate were logged follows only from comparing
//! them with the entry's body, and most published bypasses of log verification are a comparison that was left out.

mod binding;
mod body;

pub use self::binding::{Signed, SignedContent, Verifier};
pub use self::body::{EntryBody, EntryKind};
