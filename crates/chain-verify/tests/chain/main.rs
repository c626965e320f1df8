//! Certificates made on the spot from fixed keys and dates, and what becomes of them.
#![allow(
    clippy::unwrap_used,
    clippy::cloned_ref_to_slice_refs,
    reason = "tests; `&[name]` reads better than its alternative"
)]

mod builder;
mod constraints;
mod cost;
mod diagnosis;
mod explanation;
mod mazes;
mod ocsp;
mod parsing;
mod paths;
mod policies;
mod profiles;
mod properties;
mod revocation;
