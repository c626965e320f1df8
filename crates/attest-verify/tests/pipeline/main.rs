//! The whole pipeline through the library, on fixtures made at test time: for each check the smallest input that passes, the same
//! with one thing wrong, and the boundary.
#![allow(clippy::unwrap_used)]

mod chains;
mod checks;
mod domains;
mod key_signatures;
mod key_windows;
mod logs;
mod messages;
mod near_misses;
mod paths;
mod profiles;
mod removal;
mod reports;
mod revocations;
mod scopes;
mod signers;
mod statements;
mod store;
mod store_issuers;
mod store_keys;
mod timestamps;
mod verdicts;
mod world;
