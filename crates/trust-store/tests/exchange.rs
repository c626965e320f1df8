//! Trust in the forms of others, and of other stores.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

#[path = "exchange/export.rs"]
mod export;
#[path = "exchange/forms.rs"]
mod forms;
#[path = "exchange/notation.rs"]
mod notation;
#[allow(dead_code, reason = "each of the tests uses another part of it")]
#[path = "ledger/world.rs"]
mod world;
