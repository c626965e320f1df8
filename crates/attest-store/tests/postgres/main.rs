//! The store in PostgreSQL, on a server that the tests start themselves. Without one, each test says that it was left out.
//!
//! Each run that breaks things prints `points tested / acknowledged changes / lost / half-applied / audit failures`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods)] // Tests have a clock and an environment.

mod answers;
mod connecting;
mod crowding;
mod damage;
mod fail_over;
mod kills;
mod log;
mod nodes;
mod runs;
#[path = "../suite/mod.rs"]
mod suite;
mod world;

suite::every_case!(crate::world::Schema::new);
