//! The ledger over a log in files, while things go wrong.
//!
//! Sizes of the runs: `STELLA_KILL_STRIDE` (1 kills at every step), `STELLA_CRASH_STATES`, `STELLA_FAULT_STRIDE` (1 lets every write
//! and sync fail), `STELLA_APPENDS` (per process), `STELLA_RACE_ROUNDS`. Each run that breaks things prints `points tested /
//! acknowledged changes / lost / half-applied / audit failures`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods)] // Tests have a clock and an environment.

mod children;
#[path = "../shared/disk.rs"]
#[allow(dead_code, reason = "shared with the tests of the log alone")]
mod disk;
mod failures;
mod kills;
#[path = "../shared/layer.rs"]
#[allow(dead_code, reason = "shared with the tests of the log alone")]
mod layer;
mod leftovers;
mod power_loss;
#[path = "../shared/process.rs"]
mod process;
mod processes;
mod races;
#[path = "../shared/run.rs"]
mod run;
mod script;
#[path = "../ledger/world.rs"]
#[allow(dead_code, reason = "shared with the tests of the ledger alone")]
mod world;
