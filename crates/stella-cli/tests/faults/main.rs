//! The program itself, killed and hindered in the middle of every command that changes trust, or what is kept of attestations.
//!
//! Sizes of the runs: `STELLA_KILL_STRIDE` (1 kills at every numbered step), `STELLA_RACE_ROUNDS`. Steps are system calls, numbered
//! by `strace`; where there is none, or it may not trace, the program is killed after longer and longer delays.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods)] // Tests have a clock and an environment.
#![cfg(unix)]

#[path = "../command_line/harness.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod harness;
mod hindered;
mod kept;
mod killed;
mod killer;
mod races;
mod reading;
mod scene;
