//! The log in files: what it does, and what it survives.
//!
//! Sizes of the runs: `STELLA_KILL_STRIDE` (1 kills at every step), `STELLA_KILL_ROUNDS`, `STELLA_CRASH_STATES`,
//! `STELLA_APPENDS` (per process), `STELLA_RACE_ROUNDS`. Each run that breaks things prints `points tested / acknowledged
//! changes / lost / half-applied / audit failures`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods)] // Tests have a clock and an environment.

mod behaviour;
mod children;
mod damage;
#[path = "../shared/disk.rs"]
mod disk;
mod faults;
mod guards;
mod kills;
#[path = "../shared/layer.rs"]
mod layer;
mod power_loss;
#[path = "../shared/process.rs"]
mod process;
mod processes;
#[path = "../shared/run.rs"]
mod run;
mod workload;
