//! The embedded store: the suite of every store, and what it survives.
//!
//! Each run that breaks things prints `points tested / acknowledged changes / lost / half-applied / audit failures`. Sizes of the runs:
//! `STELLA_KILL_STRIDE` (1 stops at every system call), `STELLA_FLIPS` (bits for each page).
#![cfg(all(feature = "sqlite", unix))]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods)] // Tests have a clock and an environment.

mod child;
mod crowding;
mod damage;
mod hindered;
mod interrupted;
#[path = "../suite/mod.rs"]
mod suite;
mod upgrade;
mod world;

suite::every_case!(crate::world::Home::new);
